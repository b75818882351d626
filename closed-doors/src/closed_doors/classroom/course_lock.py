"""One run at a time over a course: two writers would undo each other's work."""

from collections.abc import Iterator
from contextlib import contextmanager

from closed_doors.core.locks import only_one
from closed_doors.nbgrader.settings import Settings

LOCK = ".autograde.lock"
BUSY = "Another run is grading this course; wait for it to end, or stop it."
WRITING_S = 5.0  # a server that grades as work comes holds the course for a fraction of this


@contextmanager
def only_run(settings: Settings) -> Iterator[None]:
    """Refuse to grade where another run is at it; a server that is writing is waited for.

    Raises:
        CourseError: another run holds the course, or its folder can't be written to.
    """
    with only_one(settings.root / LOCK, BUSY, patience_s=WRITING_S):
        yield


@contextmanager
def only_writer(settings: Settings) -> Iterator[None]:
    """Let one writer of a server into the block, once a run that holds the course has ended, and no other.

    Raises:
        CourseError: the course's folder can't be written to.
    """
    with only_one(settings.root / LOCK, BUSY, waiting=lambda _: None):
        yield


@contextmanager
def with_other_writers(settings: Settings) -> Iterator[None]:
    """Let a server write one student's work, once a run that holds the course has ended; servers may do so together.

    Raises:
        CourseError: the course's folder can't be written to.
    """
    with only_one(settings.root / LOCK, BUSY, waiting=lambda _: None, shared=True):
        yield
