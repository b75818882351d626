"""Finds what an assignment hands out: the one function that decides what exists for a student (promise 4).

The files beside the notebooks are those that `nbgrader generate_assignment` copies. Of the course's own packages, the
modules are those that the notebooks import once solutions and hidden tests are taken out of them, and what these
import in turn. A module that defines what the assignment itself asks for is never handed out.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.util import find_spec
from pathlib import Path

from checks.catalogues import as_handed_out
from closed_doors.core.assignment_files import OWN_PLACE, AssignmentFiles, Files
from closed_doors.core.errors import MasterError, ProfileError
from closed_doors.core.profile import Profile, read_profile
from closed_doors.nbgrader.settings import Settings, read_settings
from closed_doors.notebook.cell import cell_of
from closed_doors.notebook.hidden_regions import SOLUTION, Stubs
from closed_doors.notebook.imports import definitions, imported_modules
from closed_doors.notebook.json_files import JsonObject, parse

SPEAKING = f"{OWN_PLACE}/catalogues.py"  # what reads the catalogue that comes with it: the course's language alone
STUB = Stubs(code="pass")  # whatever the course's stub is, it imports nothing
NEVER_COPIED = "*.ipynb"
IGNORED = (".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback")  # nbgrader's default


@dataclass(frozen=True, slots=True)
class Given:
    """A module that is handed out although somebody's solution defines the same names.

    Attributes:
        module: its path in the zip.
        names: what it defines of the answers.
        assignment: whose answers they are.
    """

    module: str
    names: tuple[str, ...]
    assignment: str


def handed_out(root: Path, assignment: str, language: str | None = None) -> AssignmentFiles:
    """Return what exists for a student of an assignment, and what the instructor's cells may import besides.

    Args:
        root: the course's folder.
        assignment: its name.
        language: that students read; what course.toml says, where it is not given.

    Raises:
        ProfileError: course.toml is wrong, or names a package that is nowhere.
        MasterError: the notebooks import a module that defines what students are to write.
    """
    settings, profile = read_settings(root), read_profile(root)
    language = language or profile.language
    folder = settings.folder("source", ".", assignment)
    materials = tuple((inside, path.read_bytes()) for inside, path in _materials(settings, folder))
    cells = _code_cells(settings, folder)
    helpers = [data.decode("utf-8", "replace") for path, data in materials if path.endswith(".py")]
    packages = {name: _package_folder(settings.root, name) for name in (*profile.packages.own, OWN_PLACE)}
    shown = imported_files([*map(STUB.handed_out, cells), *helpers], packages)
    every = imported_files([*(cell["source"] for cell in cells), *helpers], packages)
    modules = tuple((path, file.read_bytes()) for path, file in sorted(shown.items()))
    if SPEAKING in shown:
        catalogue, content = as_handed_out(language)
        modules = (*modules, (f"{OWN_PLACE}/{catalogue}", content))
    if own := list(answers_given(modules, {assignment: answers(settings, profile, assignment)})):
        raise MasterError(_refusal(own[0], folder))
    return AssignmentFiles(
        modules=modules,
        materials=materials,
        reserved=tuple((path, file.read_bytes()) for path, file in sorted(every.items()) if path not in shown),
        packages=profile.packages.own,
        language=language,
    )


def answers(settings: Settings, profile: Profile, assignment: str) -> frozenset[str]:
    """Return the functions and classes that an assignment asks students to write."""
    cells = map(cell_of, _code_cells(settings, settings.folder("source", ".", assignment)))
    found: set[str] = set().union(*(_answers_of(cell.source) for cell in cells if cell.is_answer))
    facts = profile.assignments.get(assignment)
    return frozenset(found.difference(facts.given if facts else ()))


def answers_given(modules: Files, asked: dict[str, frozenset[str]]) -> Iterator[Given]:
    """Yield where modules define what assignments ask for.

    Args:
        modules: their content by path.
        asked: the answers by assignment.
    """
    for path, data in modules:
        if not path.endswith(".py"):
            continue
        defined = definitions(data.decode("utf-8", "replace"))
        for assignment, names in asked.items():
            if both := tuple(name for name in defined if name in names):
                yield Given(path, both, assignment)


def imported_files(sources: Iterable[str], packages: Mapping[str, Path]) -> dict[str, Path]:
    """Return the modules of some packages that code imports, directly or not, by their path beside the notebook.

    Args:
        sources: the code.
        packages: the folder of each package.
    """
    found: dict[str, Path] = {}
    waiting = [name for source in sources for name in imported_modules(source)]
    while waiting:
        name = waiting.pop()
        for module in _with_parents(name):
            path = _file_of(module, packages)
            if path is None:
                continue
            package = module.split(".")[0]
            inside = f"{package}/{path.relative_to(packages[package]).as_posix()}"
            if inside not in found:
                found[inside] = path
                within = module if path.name == "__init__.py" else module.rpartition(".")[0]
                waiting += imported_modules(path.read_text(encoding="utf-8"), within)
    return found


def _refusal(given: Given, folder: Path) -> str:
    names = ", ".join(given.names)
    return (
        f"The notebooks of {folder} import {given.module}, which defines {names}: students are to write that, and "
        f"could import it. Move it to a module that they do not import, or allow it in course.toml: [assignments."
        f"{given.assignment}] given = [{', '.join(repr(name) for name in given.names)}]."
    )


def _materials(settings: Settings, folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield what nbgrader copies beside a notebook, in order; it follows links to files, and none to folders."""
    ignored = (*settings.config.CourseDirectory.get("ignore", IGNORED), NEVER_COPIED)
    for name, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if not _is_ignored(Path(name, each), ignored))
        for each in sorted(files):
            path = Path(name, each)
            if not _is_ignored(path, ignored) and path.is_file():
                yield path.relative_to(folder).as_posix(), path


def _is_ignored(path: Path, patterns: Iterable[str]) -> bool:
    """Say what nbgrader says of a path: a pattern is for the name alone, and `*` leaves out names with a dot before."""
    dotted = path.name.startswith(".")
    return any(fnmatchcase(path.name, each) and (each.startswith(".") or not dotted) for each in patterns)


def _code_cells(settings: Settings, folder: Path) -> list[JsonObject]:
    """Return the code cells of an assignment's masters, with nbgrader's own markers."""
    masters = (settings.delimiters.normalised(parse(path.read_bytes())) for path in sorted(folder.glob("*.ipynb")))
    return [cell for master in masters for cell in master["cells"] if cell["cell_type"] == "code"]


def _answers_of(source: str) -> set[str]:
    """Return what an answer cell defines, with a line of its solution in it at least."""
    begin, end = SOLUTION
    lines = source.splitlines()
    written = set() if begin in source else set(range(1, len(lines) + 1))
    inside = False
    for number, line in enumerate(lines, start=1):
        if begin in line or end in line:
            inside = begin in line
        elif inside:
            written.add(number)
    return {name for name, where in definitions(source).items() if written.intersection(where)}


def _package_folder(root: Path, name: str) -> Path:
    """Return where a package lies: in the course itself, else where it is installed."""
    for folder in (root / "src" / name, root / name):
        if folder.is_dir():
            return folder
    spec = find_spec(name)  # finds it without importing it
    if spec is None or not spec.submodule_search_locations:
        raise ProfileError(
            f"{root / 'course.toml'}, key packages.own: expected packages under {root}, {root / 'src'} or installed "
            f"here, got {name!r}."
        )
    return Path(next(iter(spec.submodule_search_locations)))


def _with_parents(name: str) -> Iterator[str]:
    """Yield a module and the packages that Python imports before it."""
    parts = name.split(".")
    return (".".join(parts[:count]) for count in range(1, len(parts) + 1))


def _file_of(module: str, packages: Mapping[str, Path]) -> Path | None:
    package, *rest = module.split(".")
    if package not in packages:
        return None
    base = packages[package].joinpath(*rest)
    candidates = (base / "__init__.py", base.with_suffix(".py")) if rest else (base / "__init__.py",)
    return next((path for path in candidates if path.is_file()), None)
