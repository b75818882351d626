"""What a mark depends on besides the submission and the assignment: the grader's version, Python's, the libraries'."""

import functools
import hashlib
import importlib.metadata
import platform
import sys
from collections.abc import Iterable

from closed_doors.core.assignment_files import OWN_PLACE, AssignmentFiles
from closed_doors.grading.version import GRADING_VERSION
from closed_doors.notebook.cell import cells_of
from closed_doors.notebook.imports import imported_modules
from closed_doors.notebook.json_files import parse

ALWAYS = ("IPython", "numpy")  # every submission meets these, whatever its master imports


@functools.cache
def environment(libraries: tuple[str, ...]) -> str:
    """Return a hash that is the same on all machines where the same work earns the same marks.

    Args:
        libraries: names that code imports, from `imported_libraries`.
    """
    found = hashlib.sha256(f"{GRADING_VERSION} {platform.python_version()}".encode())
    for library in libraries:
        found.update(f"{library} {_version(library)}\0".encode())
    return found.hexdigest()


def imported_libraries(masters: Iterable[tuple[str, bytes]], files: AssignmentFiles) -> tuple[str, ...]:
    """Return the libraries that an assignment's own code imports: the standard library and the course's left out.

    Args:
        masters: the instructor's notebooks by name.
        files: what else the assignment has.
    """
    sources = [cell.source for _, data in masters for cell in cells_of(parse(data)) if cell.is_code]
    for path, data in (*files.modules, *files.materials, *files.reserved):
        if path.endswith(".py") and not path.startswith(f"{OWN_PLACE}/"):
            sources.append(data.decode("utf-8", "replace"))
    names = {name.split(".")[0] for source in sources for name in imported_modules(source)}
    return tuple(sorted(names.union(ALWAYS) - sys.stdlib_module_names - files.importable - {OWN_PLACE, ""}))


def _version(library: str) -> str:
    """Return the version of what provides a top-level name; empty where nothing does."""
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        providers = importlib.metadata.packages_distributions().get(library, ())  # slow, and seldom needed
        return " ".join(f"{name} {importlib.metadata.version(name)}" for name in sorted(set(providers)))
