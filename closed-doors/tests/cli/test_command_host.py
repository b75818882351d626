"""Commands that run in the warm process beside a server, and those that must not."""

import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from closed_doors.cli.command_host import Request, _Call, _Host, installed
from closed_doors.cli.entry import SOCKET, python
from closed_doors.core.local_sockets import connected
from support.courses import ASSIGNMENT, ENDLESS, HALF, SmallCourse
from support.served import COURSE, Served, wait_for

# A course writes down whose child the command is.
NOTED = """
import os, pathlib, sys
if sys.argv[1:2] == ["autograde"] or "autograde" in sys.argv[3:4]:
    parent = pathlib.Path(f"/proc/{os.getppid()}/cmdline").read_bytes()
    pathlib.Path(__file__).with_name("who").write_text(f"{os.environ.get('MINE')} {b'cli.command_host' in parent}")
"""
# Who listens is the account that calls `listen`.
STRANGER = """
import os, socket, sys
here = socket.socket(socket.AF_UNIX)
here.bind(sys.argv[1])
os.setuid(65534)
here.listen()
print("there", flush=True)
taken, _ = here.accept()
print(len(taken.recv(100)), flush=True)
"""
ENTRY = (sys.executable, "-c", "from closed_doors.cli.entry import main; main()")
INTERRUPTED = 130, "Interrupted. What was graded is recorded; run again to go on.\n"
slow = pytest.mark.slow


@pytest.fixture
def served(registered: SmallCourse, tmp_path: Path) -> Iterator[Served]:
    shutil.copytree(registered.root, tmp_path / "course")
    exchange = tmp_path / "exchange"
    (exchange / COURSE / "inbound").mkdir(parents=True)
    with (tmp_path / "course" / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.Exchange.root = {str(exchange)!r}\n{NOTED}")
    found = Served(SmallCourse(tmp_path / "course"), exchange, tmp_path / "serve.log")
    yield found
    found.kill()


def started(served: Served) -> None:
    """Start a server, and wait until commands are taken."""
    served.start()
    wait_for(lambda: takes_commands(served.root), served.log)


def takes_commands(root: Path) -> bool | None:
    try:
        connected(root, SOCKET, 2.0).close()
    except OSError:
        return None
    return True


def autograde(root: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [*ENTRY, "autograde", *options]
    return subprocess.run(
        command, cwd=root, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def said(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in done.stdout.splitlines() if "graded in" not in line]


@slow
@pytest.mark.timeout(600)
def test_a_command_is_the_same_in_the_warm_process(served: Served) -> None:
    """Folder, environment, streams, exit status, marks and files are those of a command that runs by itself."""
    served.course.submit("bruno", HALF)
    here, lost = autograde(served.root, ASSIGNMENT, MINE="1"), autograde(served.root, "autre")
    wanted = served.course.everything(), served.course.verdicts()
    assert (served.root / "who").read_text() == "1 False"
    started(served)
    assert (served.root / SOCKET).stat().st_mode & 0o777 == 0o600
    there, lost_there = autograde(served.root, ASSIGNMENT, "--force", MINE="2"), autograde(served.root, "autre")
    assert (served.root / "who").read_text() == "2 True"
    assert (served.course.everything(), served.course.verdicts()) == wanted
    assert (there.returncode, said(there), there.stderr) == (here.returncode, said(here), here.stderr)
    assert (lost_there.returncode, lost_there.stdout, lost_there.stderr) == (lost.returncode, lost.stdout, lost.stderr)
    assert lost.stderr
    for option, environment in (("--jobs=1", {}), ("--dry-run", {"PYTHONNODEBUGRANGES": "1"})):
        assert autograde(served.root, ASSIGNMENT, option, **environment).returncode == 0
        assert (served.root / "who").read_text() == "None False"
    served.kill()
    wait_for(lambda: None if (served.root / SOCKET).exists() else True, served.log)
    assert autograde(served.root, ASSIGNMENT, "--force").returncode == 0
    assert (served.course.everything(), served.course.verdicts()) == wanted


def ended(served: Served, end: Callable[[subprocess.Popen[bytes]], None]) -> tuple[int, str]:
    """Do something while a command grades in the warm process; return its exit status and what it said."""
    (served.root / "who").unlink(missing_ok=True)
    command = [*ENTRY, "--root", str(served.root), "autograde", ASSIGNMENT]
    begun = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    wait_for(lambda: (served.root / "who").exists() or None, served.log)
    time.sleep(1)  # it has read the configuration, and grades for longer
    end(begun)
    _, error = begun.communicate(timeout=60)
    assert (served.root / "who").read_text() == "None True"
    return begun.returncode, error.decode()


@slow
@pytest.mark.timeout(600)
def test_what_the_caller_is_told_the_command_is_told(served: Served) -> None:
    """Ctrl-C ends a command that grades there as it ends one here, and so does the server's end; others are taken."""
    served.course.submit("chloe", ENDLESS)
    started(served)
    assert ended(served, lambda command: command.send_signal(signal.SIGINT)) == INTERRUPTED
    status, _ = ended(served, lambda _: served.kill())
    assert status in (1, 130)  # it was told, or had seen that nobody answers
    started(served)
    served.course.submit("chloe", HALF)
    assert autograde(served.root, ASSIGNMENT, "--dry-run").returncode == 0
    assert (served.root / "who").read_text() == "None True"


def stay(write: int) -> None:
    """Be a command that goes on until it is told to end."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.write(write, b"there")
    time.sleep(600)


def test_a_command_whose_caller_is_gone_ends() -> None:
    """It is told to, once: the end of its connection, which can be read for ever, is not looked at again."""
    read, write = os.pipe()
    process = multiprocessing.get_context("fork").Process(target=stay, args=(write,))
    process.start()
    os.close(write)
    with open(read, "rb") as there:
        assert there.read(5) == b"there"
    ours, theirs = socket.socketpair(socket.AF_UNIX)  # after the fork: nobody else holds its ends
    host = _Host([], installed(), calls=[_Call(ours, process)])
    theirs.close()
    host._round(serves=False)
    assert host.calls[0].is_alone
    host._round(serves=False)  # waits for its end
    assert (process.exitcode, host.calls) == (-signal.SIGTERM, [])


def request() -> Request:
    return Request([], "/", {}, 0o77, [os.getegid(), *sorted(os.getgroups())], python(), [("utf-8", "strict")] * 3)


@pytest.mark.parametrize(
    ("change", "seen", "taken"),
    [
        ({}, None, True),
        ({}, frozenset({("another.py", 1)}), False),
        ({"groups": [-1]}, None, False),
        ({"python": [sys.version, "/usr/bin/python3"]}, None, False),
        ({"encodings": []}, None, False),
    ],
)
def test_what_could_be_another_command_is_not_taken(
    change: dict[str, object], seen: frozenset[tuple[str, int]] | None, taken: bool
) -> None:
    """Code or libraries that have changed since, other groups or another Python: the caller runs it itself."""
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with ours, theirs:
        host = _Host([], installed() if seen is None else seen)
        assert host._can_run(ours, msgspec.structs.replace(request(), **change)) is taken


@pytest.mark.skipif(os.geteuid() != 0, reason="another account listens")
def test_another_accounts_socket_is_told_nothing(registered: SmallCourse, tmp_path: Path) -> None:
    """Whoever may write to a course's folder can put a socket there: no command, environment or terminal goes to it."""
    root = tmp_path / "course"
    shutil.copytree(registered.root, root)
    command = [sys.executable, "-c", STRANGER, SOCKET]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as stranger:
        assert stranger.stdout is not None
        assert stranger.stdout.readline() == "there\n"
        assert autograde(root, "autre").returncode == 1
        assert stranger.stdout.readline() == "0\n"
