"""Work in submitted/ that is graded for nobody, because it does not lie in a student's folder of an assignment."""

import os
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from closed_doors.core.layout import Layout
from closed_doors.nbgrader.settings import IGNORED, Settings
from closed_doors.notebook.which_notebook import SUFFIX

ALIKE = 0.8  # of two names, where one may be a slip of the other
_STUDENT, _ASSIGNMENT = "<student>", "<assignment>"


def misplaced_work(settings: Settings, assignment: str) -> list[tuple[str, str]]:
    """Return what may be work on an assignment and lies in the wrong place, with what is wrong about it.

    Nothing where the course has folders of another structure than nbgrader's own.
    """
    submitted = settings.folder("submitted", _STUDENT, _ASSIGNMENT).parent.parent
    if settings.folder("submitted", _STUDENT, _ASSIGNMENT) != submitted / _STUDENT / _ASSIGNMENT:
        return []
    known = Layout(settings.root).assignments()
    found = list(_looked_through(submitted, assignment, known))
    return sorted((path.relative_to(settings.root).as_posix(), why) for path, why in found)


def _looked_through(submitted: Path, assignment: str, known: list[str]) -> Iterator[tuple[Path, str]]:
    right = f"{submitted.name}/{_STUDENT}/{assignment}/"
    for path, is_folder in _entries(submitted):
        if not is_folder:
            if _may_be_work(path.name):
                yield path, f"it lies in no student's folder: work is taken from {right}"
        elif path.name == assignment:
            yield path, f"it is named as the assignment and not as a student: work is taken from {right}"
        else:
            yield from _of_one_student(path, assignment, known)


def _of_one_student(folder: Path, assignment: str, known: list[str]) -> Iterator[tuple[Path, str]]:
    right = f"{folder.parent.name}/{folder.name}/{assignment}/"
    there = dict(_entries(folder))
    for path, is_folder in there.items():
        if not is_folder and _may_be_work(path.name):
            yield path, f"it lies in no assignment's folder: work is taken from {right}"
        elif (
            is_folder and folder / assignment not in there and path.name not in known and _alike(path.name, assignment)
        ):
            yield path, f"no assignment has this name: work is taken from {right}"


def _alike(name: str, assignment: str) -> bool:
    return bool(get_close_matches(name.casefold(), [assignment.casefold()], cutoff=ALIKE))


def _entries(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Yield what is in a folder, and whether each is a folder; not what people don't see."""
    try:
        with os.scandir(folder) as there:
            found = sorted((entry.name, entry.is_dir()) for entry in there)
    except OSError:
        return
    yield from ((folder / name, is_folder) for name, is_folder in found if not name.startswith(IGNORED))


def _may_be_work(name: str) -> bool:
    return SUFFIX in name.casefold() or name.casefold().endswith(".zip")
