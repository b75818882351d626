"""Sockets in a course's folder, by way of the folder: a socket's own path may have 107 bytes, and a folder's more."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def connected(folder: Path, name: str, seconds: float) -> socket.socket:
    """Connect to a socket.

    Args:
        folder: where it lies.
        name: what it is called there.
        seconds: how long connecting, and each answer after that, may take.

    Raises:
        OSError: nobody listens there.
    """
    found = socket.socket(socket.AF_UNIX)
    try:
        found.settimeout(seconds)
        with _short(folder) as place:
            found.connect(f"{place}/{name}")
    except OSError:
        found.close()
        raise
    return found


@contextmanager
def private_place(folder: Path, name: str) -> Iterator[str]:
    """Give the path to bind a socket to, and keep everybody else from connecting, from the start.

    Args:
        folder: where it is to lie.
        name: what it is called there; whatever lies there is not touched.
    """
    mask = os.umask(0o177)
    try:
        with _short(folder) as place:
            yield f"{place}/{name}"
    finally:
        os.umask(mask)


@contextmanager
def _short(folder: Path) -> Iterator[str]:
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)
