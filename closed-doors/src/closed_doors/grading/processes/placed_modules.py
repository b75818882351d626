"""Imports an assignment's modules from where they lie now, under the names that their files will have in a sandbox.

An opened zygote runs the lesson outside of a sandbox. What it imports must look as if it had been imported inside:
tracebacks and `inspect` then find each file. And of the course's packages it must find nothing else, however they are
installed, since what it has imported every sandbox holds.
"""

import contextlib
import importlib
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder, SourceLoader
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

from closed_doors.grading.processes.file_trees import MATERIALS, PACKAGES


class _Placed(SourceLoader):
    """Reads a module from one place and says that it lies at another."""

    def __init__(self, now: Path, then: str) -> None:
        self._now, self._then = now, then

    def get_filename(self, fullname: str) -> str:  # noqa: ARG002  (importlib's signature)
        """Return where the file will be."""
        return self._then

    def get_data(self, path: str) -> bytes:
        """Return the file's content; there is no compiled copy of it."""
        if path != self._then:
            raise FileNotFoundError(path)
        return self._now.read_bytes()


class _Finder(MetaPathFinder):
    """Finds modules under one folder.

    Args:
        folder: where they lie now.
        place: where they will.
        only_here: top-level names that no other finder may look for.
    """

    def __init__(self, folder: Path, place: str, only_here: frozenset[str] = frozenset()) -> None:
        self._folder, self._place, self._only_here = folder, place, only_here

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002  (importlib's signature)
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """Return how a module is loaded; importlib calls it."""
        inside = fullname.replace(".", "/")
        for tail in ("/__init__.py", ".py"):
            file, then = self._folder / f"{inside}{tail}", f"{self._place}/{inside}{tail}"
            if file.is_file():
                parents = [f"{self._place}/{inside}"] if tail != ".py" else None
                return spec_from_file_location(
                    fullname, then, loader=_Placed(file, then), submodule_search_locations=parents
                )
        if fullname.partition(".")[0] in self._only_here:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        if (self._folder / inside).is_dir():
            spec = ModuleSpec(fullname, None, is_package=True)
            spec.submodule_search_locations = [f"{self._place}/{inside}"]
            return spec
        return None


@contextlib.contextmanager
def placed_modules(tree: Path, place: str) -> Iterator[None]:
    """Let imports find an assignment's modules, and nothing else of the course's packages.

    Args:
        tree: from `file_trees`.
        place: the folder of a sandbox in which its files will be.
    """
    own = frozenset(path.name for path in (tree / PACKAGES).iterdir())
    packages, materials = _Finder(tree / PACKAGES, place, own), _Finder(tree / MATERIALS, place)
    sys.meta_path.insert(0, packages)
    sys.meta_path.append(materials)  # last, as the working directory is: a helper may have any name
    try:
        yield
    finally:
        sys.meta_path.remove(packages)
        sys.meta_path.remove(materials)
        importlib.invalidate_caches()
