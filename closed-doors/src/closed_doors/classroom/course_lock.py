"""One run at a time over a course: two writers would undo each other's work."""

from collections.abc import Iterator
from contextlib import contextmanager

from closed_doors.core.locks import only_one
from closed_doors.nbgrader.settings import Settings

LOCK = ".autograde.lock"


@contextmanager
def only_run(settings: Settings) -> Iterator[None]:
    """Refuse to grade where another run is at it.

    Raises:
        CourseError: another run holds the course, or its folder can't be written to.
    """
    busy = "Another run is grading this course; wait for it to end, or stop it."
    with only_one(settings.root / LOCK, busy):
        yield
