"""Sockets in a course's folder: whatever its path's length, and for their own account alone."""

import os
import socket
from pathlib import Path

import pytest

from closed_doors.core.local_sockets import connected, private_place

LONG = "a-course-with-a-long-name-" * 6


def test_a_socket_below_a_long_path_is_private_and_answers(tmp_path: Path) -> None:
    """A socket's own path may have 107 bytes; a folder's name is no reason for a course to do without a server."""
    folder = tmp_path / LONG
    folder.mkdir()
    before = os.umask(0o022)
    os.umask(before)
    with socket.socket(socket.AF_UNIX) as listening:
        with private_place(folder, "s") as place:
            listening.bind(place)
        listening.listen()
        with connected(folder, "s", 10.0) as ours, listening.accept()[0] as theirs:
            ours.sendall(b"hello")
            assert theirs.recv(5) == b"hello"
    assert (folder / "s").stat().st_mode & 0o777 == 0o600
    assert os.umask(before) == before


def test_a_socket_that_nobody_listens_on_is_an_error(tmp_path: Path) -> None:
    """A server that has died leaves its socket behind; nothing of ours stays open then."""
    with pytest.raises(FileNotFoundError):
        connected(tmp_path, "s", 10.0)
    with socket.socket(socket.AF_UNIX) as dead, private_place(tmp_path, "s") as place:
        dead.bind(place)
    with pytest.raises(ConnectionRefusedError):
        connected(tmp_path, "s", 10.0)
