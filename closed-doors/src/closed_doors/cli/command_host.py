"""Runs commands for who calls them, in forks of a process that has imported everything already.

`course serve` keeps one beside it. Who calls is the server's own account, with the same Python and environment for it;
where code or libraries have changed since this process began, nothing is taken, and the caller runs the command itself.
"""

import contextlib
import gc
import io
import multiprocessing
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.context import ForkProcess
from pathlib import Path

import msgspec

from checks import catalogues
from closed_doors.cli.entry import ANSWER_S, NUMBER, REFUSED, SOCKET, TAKEN, owner_of, python, read_number
from closed_doors.core.errors import CourseError
from closed_doors.core.layout import Layout
from closed_doors.core.local_sockets import private_place

LARGEST = 1 << 24
STREAMS = (0, 1, 2)
STANDARD_ERROR = 2
TOLD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
Seen = frozenset[tuple[str, int]]


class Request(msgspec.Struct, frozen=True):
    """A command as it was called."""

    arguments: list[str]
    folder: str
    environment: dict[str, str]
    umask: int
    groups: list[int]
    python: list[str]
    encodings: list[tuple[str, str]]


def main(roots: Sequence[str]) -> None:
    """Take commands until standard input ends."""
    for number in TOLD:
        signal.signal(number, signal.SIG_IGN)  # who keeps this process says when it ends
    seen = installed()
    with contextlib.suppress(CourseError):  # whoever calls is told
        _warm_up(roots)
    gc.freeze()  # forks share it
    _Host(roots, seen).run()


def installed() -> Seen:
    """Return the code that is there now: this package's files, and when libraries came or went, with their times."""
    ours = (Path(__file__).parents[1], Path(catalogues.__file__).parent)
    files = (path for folder in ours for path in folder.rglob("*") if path.suffix in (".py", ".toml", ".html"))
    folders = (Path(folder) for folder in sys.path if folder.endswith("-packages") and Path(folder).is_dir())
    return frozenset((str(path), path.stat().st_mtime_ns) for path in (*files, *folders))


def _warm_up(roots: Sequence[str]) -> None:
    """Import what a command needs and read every assignment once: what was read is known by its content afterwards."""
    import sqlalchemy

    import closed_doors.cli.autograde_console
    import closed_doors.cli.main  # noqa: F401
    from closed_doors.classroom.fingerprint import environment
    from closed_doors.classroom.read_submissions import read_assignment
    from closed_doors.nbgrader.gradebook_database import close_waiting
    from closed_doors.nbgrader.settings import read_settings

    for layout in (Layout(Path(root)) for root in roots):
        sqlalchemy.make_url(read_settings(layout.root).db_url).get_dialect().import_dbapi()
        for name in layout.assignments():
            with contextlib.suppress(CourseError):
                assignment = read_assignment(read_settings(layout.root), name)
                environment(assignment.libraries)
                assignment.digest  # noqa: B018  (reads all code)
    close_waiting()


@dataclass(slots=True)
class _Call:
    """A command that runs.

    Attributes:
        connection: to whoever called it.
        process: in which it runs.
        is_alone: whether its caller is gone.
    """

    connection: socket.socket
    process: ForkProcess
    is_alone: bool = False

    def watched(self) -> list[int | socket.socket]:
        """Return what is to be looked at; not the connection of a caller that is gone, whose end is there for ever."""
        return [self.process.sentinel, *([] if self.is_alone else [self.connection])]

    def tell(self) -> None:
        """Hand on what its caller was told; a caller that is gone is one that was told to end."""
        try:
            number = read_number(self.connection)
        except OSError:
            number = None
        self.is_alone = number is None
        self.stop(number if number in TOLD else signal.SIGTERM)

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Have it end, as a terminal does."""
        if self.process.pid is not None and self.process.is_alive():
            os.kill(self.process.pid, number)

    def end(self) -> None:
        """Say how it ended."""
        self.process.join()
        status = self.process.exitcode
        with contextlib.suppress(OSError):
            self.connection.sendall(NUMBER.pack(1 if status is None else status))
        self.connection.close()


@dataclass(slots=True)
class _Host:
    roots: Sequence[str]
    seen: Seen
    listeners: list[socket.socket] = field(default_factory=list)
    calls: list[_Call] = field(default_factory=list)

    def run(self) -> None:
        self.listeners = [_listening(root) for root in self.roots]
        serves = True
        while serves or self.calls:
            serves = self._round(serves)

    def _round(self, serves: bool) -> bool:
        """Do what there is to do, and return whether commands are taken still."""
        ready = self._ready(serves)
        for listener in [each for each in self.listeners if each in ready]:
            self._take(listener)
        for call in list(self.calls):
            if call.process.sentinel in ready:
                self.calls.remove(call)
                call.end()
            elif call.connection in ready:
                call.tell()
        if serves and sys.stdin.fileno() in ready:
            self._close()
            return False
        return serves

    def _ready(self, serves: bool) -> set[object]:
        """Wait until something has happened, and return where."""
        waiting: list[int | socket.socket] = [sys.stdin.fileno(), *self.listeners] if serves else []
        with selectors.DefaultSelector() as selector:
            for each in (*waiting, *(each for call in self.calls for each in call.watched())):
                selector.register(each, selectors.EVENT_READ)
            return {key.fileobj for key, _ in selector.select()}

    def _close(self) -> None:
        for listener, root in zip(self.listeners, self.roots, strict=True):
            listener.close()
            Path(root, SOCKET).unlink(missing_ok=True)
        self.listeners.clear()
        for call in self.calls:
            call.stop()  # what would grade for it is gone

    def _take(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        connection.settimeout(ANSWER_S)
        streams: list[int] = []
        try:
            request = _received(connection, streams)
            if request is None or not self._can_run(connection, request):
                connection.sendall(NUMBER.pack(REFUSED))
                connection.close()
                return
            process = multiprocessing.get_context("fork").Process(target=self._forked, args=(request, streams))
            process.start()
            self.calls.append(_Call(connection, process))
            connection.sendall(NUMBER.pack(TAKEN))
        except OSError:
            if not any(call.connection is connection for call in self.calls):
                connection.close()
        finally:
            for stream in streams:
                os.close(stream)

    def _can_run(self, connection: socket.socket, request: Request) -> bool:
        return (
            owner_of(connection) == os.geteuid()
            and request.groups == [os.getegid(), *sorted(os.getgroups())]
            and request.python == python()
            and len(request.encodings) == len(STREAMS)
            and self.seen == installed()
        )

    def _forked(self, request: Request, streams: Sequence[int]) -> None:
        """Be the command."""
        for each in (*self.listeners, *(call.connection for call in self.calls)):
            each.close()
        _become(request, streams)
        from closed_doors.cli.main import main as command

        command(prog_name="course")


def _received(connection: socket.socket, streams: list[int]) -> Request | None:
    """Return what is called, and put its standard streams where they are to be closed; None where it is nothing."""
    head, found, _, _ = socket.recv_fds(connection, NUMBER.size, len(STREAMS))
    streams += found
    if len(head) != NUMBER.size or len(found) != len(STREAMS):
        return None
    left = int(NUMBER.unpack(head)[0])
    if not 0 < left < LARGEST:
        return None
    data = b""
    while len(data) < left:
        more = connection.recv(left - len(data))
        if not more:
            return None
        data += more
    try:
        return msgspec.json.decode(data, type=Request)
    except msgspec.MsgspecError:
        return None


def _become(request: Request, streams: Sequence[int]) -> None:
    """Let this process be as the one that called."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    for target, stream in enumerate(streams):
        os.dup2(stream, target)
        os.close(stream)
    sys.stdin, sys.stdout, sys.stderr = (_stream(number, *names) for number, names in enumerate(request.encodings))
    os.environ.clear()
    os.environ.update(request.environment)
    time.tzset()
    os.umask(request.umask)
    os.chdir(request.folder)
    sys.argv = ["course", *request.arguments]


def _stream(number: int, encoding: str, errors: str) -> io.TextIOWrapper:
    by_line = number == STANDARD_ERROR or os.isatty(number)
    raw = os.fdopen(number, "rb" if number == 0 else "wb", closefd=False)
    return io.TextIOWrapper(raw, encoding, errors, line_buffering=by_line)


def _listening(root: str) -> socket.socket:
    """Listen in a course's folder, in place of one that is dead."""
    Path(root, SOCKET).unlink(missing_ok=True)
    found = socket.socket(socket.AF_UNIX)
    with private_place(Path(root), SOCKET) as place:
        found.bind(place)
    found.listen()
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
