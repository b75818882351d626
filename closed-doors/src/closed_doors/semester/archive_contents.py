"""What an archive of a course holds: all of its folder, but what can be made anew and what is no file of the course."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from closed_doors.classroom.class_plan import ClassPlan
from closed_doors.core.errors import CourseError
from closed_doors.core.layout import Layout
from closed_doors.nbgrader.gradebook_writer import Gradebook
from closed_doors.nbgrader.receipts import as_nbgrader_keeps_it, came_here, read_receipts
from closed_doors.nbgrader.settings import Settings

LEFT_OUT = frozenset(
    ("build", "dist", "node_modules", "scratch", "venv")
)  # right in the course: made anew from the rest
CACHES = frozenset(("__pycache__", ".ipynb_checkpoints"))
_SQLITE_SIDES = ("-journal", "-shm", "-wal")


@dataclass(frozen=True, slots=True)
class Arrival:
    """When work came whose time only the file system knows: a restored file is as old as its restoring.

    Attributes:
        received: in UTC without a zone, in ISO 8601.
    """

    student: str
    assignment: str
    received: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into an archive.

    Attributes:
        files: by path from the course's folder.
        links: what is left out because it points elsewhere.
        gradebook: the path from the course's folder under which the gradebook goes, and its file; None without one.
    """

    files: dict[str, Path]
    links: list[str]
    gradebook: tuple[str, Path] | None


def find_contents(settings: Settings, with_gradebook: bool = True) -> Contents:
    """Return what there is to archive.

    Args:
        settings: the course.
        with_gradebook: whether the gradebook is part of it.

    Raises:
        CourseError: the gradebook is in no file.
    """
    root, links = settings.root, []
    files: dict[str, Path] = {}
    for path in _files(root):
        name = str(path.relative_to(root))
        if path.is_symlink() or not path.is_file():
            links.append(name)
        else:
            files[name] = path
    gradebook = _gradebook(settings) if with_gradebook else None
    if gradebook is not None:
        for name in (gradebook[0], *(f"{gradebook[0]}{side}" for side in _SQLITE_SIDES)):
            files.pop(name, None)
    return Contents(dict(sorted(files.items())), links, gradebook)


def find_arrivals(settings: Settings) -> list[Arrival]:
    """Return when work arrived of which no record says it."""
    return [one for name in Layout(settings.root).assignments() for one in _arrivals(settings, name)]


def _arrivals(settings: Settings, assignment: str) -> Iterator[Arrival]:
    listed = read_receipts(settings.root)
    work = [(s, folder) for s, folder in settings.students(assignment) if listed.of(s, assignment) is None]
    if not work:
        return
    try:
        plan = ClassPlan(settings, assignment, (), Gradebook(settings.db_url, assignment))
    except CourseError:  # a master that can't be graded: the work's time counts all the same
        plan = None
    for student, folder in work:
        if plan is None:
            at = as_nbgrader_keeps_it(came_here(folder.glob("*.ipynb")))
        else:
            task = plan.task(student, folder)
            at = task.arrival.at if task.new_work else None  # else the gradebook has noted it
        if at is not None:
            yield Arrival(student, assignment, at.isoformat())


def _files(root: Path) -> Iterator[Path]:
    """Yield files and links below a course's folder; a folder right in it may lie on another disk."""
    for path in sorted(root.iterdir()):
        if path.name in LEFT_OUT or path.name.startswith("."):
            continue
        if path.is_dir():
            yield from _below(path)
        else:
            yield path


def _below(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        there = sorted(entries, key=lambda entry: entry.name)
    for entry in there:
        if entry.name in CACHES:
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _below(Path(entry.path))
        else:
            yield Path(entry.path)


def _gradebook(settings: Settings) -> tuple[str, Path] | None:
    url = sa.make_url(settings.db_url)
    if not url.drivername.startswith("sqlite"):
        raise CourseError(
            f"The gradebook is in a {url.get_backend_name()} database, which its own tool archives (pg_dump). Run this "
            "with --without-gradebook, and keep both."
        )
    path = Path(url.database or "")
    if not path.is_file():
        return None
    inside = path.resolve().is_relative_to(settings.root)
    return (str(path.resolve().relative_to(settings.root)) if inside else "gradebook.db"), path
