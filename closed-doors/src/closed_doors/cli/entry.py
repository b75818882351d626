"""The `course` command: run by a process that is warm already where a server runs for the course, else by this one.

Importing what grades a class takes half a second, so nothing of it is imported here. What is run there is the same
command, with the same arguments, streams, folder, environment and account (`closed_doors.cli.command_host`).
"""

import json
import os
import signal
import socket
import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from closed_doors.core.local_sockets import connected

SOCKET = ".serve-commands.sock"
HOSTED = ("autograde", "regrade")
ELSEWHERE = ("-j", "--jobs", "--scheduler")  # grades somewhere else than in the server
NUMBER = struct.Struct("!i")  # what the two say to each other, but for the request itself
REFUSED, TAKEN = 0, 1
ANSWER_S = 10.0  # it answers in a tenth of a second, where the machine is not busy
ENDED = "The course's server has ended, and this command with it. What was graded is recorded; run again to go on."


def main() -> None:
    """Run the command line."""
    status = _hosted(sys.argv[1:])
    if status is None:
        from closed_doors.cli.main import main as here

        here(prog_name="course")
    sys.exit(status)


def _hosted(arguments: Sequence[str]) -> int | None:
    """Have a command run where a server's warm process waits; return its exit status, None where none took it."""
    try:
        folder = _served_folder(arguments)
        if folder is None:
            return None
        with connected(folder, SOCKET, ANSWER_S) as connection:
            if owner_of(connection) != os.geteuid():
                return None
            _send(connection, arguments)
            if not read_number(connection):
                return None
            connection.settimeout(None)
            return _waited_for(connection)
    except OSError:
        return None


def _served_folder(arguments: Sequence[str]) -> Path | None:
    """Return the folder whose server may run a command; None where it can't, or there is none."""
    first, rest = os.curdir, list(arguments)
    if rest[:1] == ["--root"] and len(rest) > 1:
        first, rest = rest[1], rest[2:]
    elif rest and rest[0].startswith("--root="):
        first, rest = rest[0].removeprefix("--root="), rest[1:]
    if not rest or rest[0] not in HOSTED or any(each.startswith(ELSEWHERE) for each in rest):
        return None
    here = Path(first).resolve()
    return next((folder for folder in (here, *here.parents) if (folder / SOCKET).exists()), None)


def owner_of(connection: socket.socket) -> int:
    """Return the account of the process at the other end."""
    _, user, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return int(user)


def read_number(connection: socket.socket) -> int | None:
    """Return a number from the other end; None where it has gone."""
    data = b""
    while len(data) < NUMBER.size:
        more = connection.recv(NUMBER.size - len(data))
        if not more:
            return None
        data += more
    return int(NUMBER.unpack(data)[0])


def python() -> list[str]:
    """Return what has to be the same for a command to be the same in another process, besides its request."""
    return [sys.version, sys.executable, *(f"{key}={os.environ[key]}" for key in sorted(os.environ) if "PYTHON" in key)]


def _send(connection: socket.socket, arguments: Sequence[str]) -> None:
    mask = os.umask(0o077)
    os.umask(mask)
    request = {
        "arguments": list(arguments),
        "folder": str(Path.cwd()),
        "environment": dict(os.environ),
        "umask": mask,
        "groups": [os.getegid(), *sorted(os.getgroups())],
        "python": python(),
        "encodings": [[stream.encoding, stream.errors] for stream in (sys.stdin, sys.stdout, sys.stderr)],
    }
    data = json.dumps(request).encode()
    socket.send_fds(connection, [NUMBER.pack(len(data))], [0, 1, 2])
    connection.sendall(data)


def _waited_for(connection: socket.socket) -> int:
    """Return how a command ended; what a terminal tells this process, it is told too."""

    def tell(number: int, _: FrameType | None) -> None:
        connection.sendall(NUMBER.pack(number))

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, tell)
    status = read_number(connection)
    if status is None:
        print(ENDED, file=sys.stderr)  # noqa: T201
        return 1
    return status if status >= 0 else 128 - status
