"""Locks that end with the process that holds them, however it ends."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from closed_doors.core.errors import CourseError
from closed_doors.core.ownership import give_to_folder, make_folder

MODE = 0o644
_LOOK_S = 0.05


@contextmanager
def only_one(
    path: Path,
    busy: str,
    waiting: Callable[[str], None] | None = None,
    patience_s: float = 0.0,
    shared: bool = False,
) -> Iterator[None]:
    """Let one process at a time into the block.

    Args:
        path: the lock's file; it stays, and an empty one holds nobody up.
        busy: what is said where another process is inside.
        waiting: told `busy` before this one waits for its turn; without it, this one gives up.
        patience_s: for how long it tries before it gives up.
        shared: let others in that share it, and nobody who does not.

    Raises:
        CourseError: another process is inside, or the file can't be made.
    """
    try:
        descriptor = _open(path)
    except OSError as error:
        raise CourseError(
            f"{path} can't be written ({error.strerror}): this command writes to that folder. See to the rights of "
            "both."
        ) from error
    try:
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        if not _tried(descriptor, patience_s, kind):
            if waiting is None:
                raise CourseError(busy)
            waiting(busy)
            fcntl.flock(descriptor, kind)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def if_free(path: Path) -> Iterator[bool]:
    """Let one process at a time into the block; the others are told at once that they are not it.

    Args:
        path: the lock's file, as `only_one` has it.

    Yields:
        Whether nobody else is inside.

    Raises:
        OSError: the file can't be made.
    """
    descriptor = _open(path)
    try:
        yield _tried(descriptor, 0.0)
    finally:
        os.close(descriptor)


def _tried(descriptor: int, patience_s: float, kind: int = fcntl.LOCK_EX) -> bool:
    """Whether the lock could be had without waiting longer than this."""
    until = time.monotonic() + patience_s
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(_LOOK_S)
        else:
            return True


def _open(path: Path) -> int:
    """Open the file, made where it is missing; another account's, which only that may write, will do."""
    make_folder(path.parent)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, MODE)
    except PermissionError:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    give_to_folder(path, shared=True)
    return descriptor
