"""The worker: runs student cells, and forks itself so that every state of the notebook can be asked questions.

On the careful way (see `examiner`) each student cell runs in a fork of the state before it. The state before stays
behind, idle, as a template: it serves where the cell dies or never ends, and it makes the forks that answer grading
cells at the point where they stand. A process therefore does one of three things: it waits as a template, it runs one
more cell, or it answers. On the plain way pid 1 runs every cell itself, and forks what answers.

What it can be asked stands in `protocol.messages`; each request but Host has one reply.

All of this shares its process with student code and is trusted by nobody; the examiner holds every deadline.
"""

import contextlib
import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from checks.cells import error_line, error_text
from closed_doors.grading.bridge.worker_side import Answers
from closed_doors.grading.clocks.cell_clock import OutOfTimeError, TimeBudget
from closed_doors.grading.protocol.channel import Channel, ChannelClosedError, Expected, close_all
from closed_doors.grading.protocol.messages import (
    QUESTIONS,
    Define,
    EndFork,
    Fork,
    Forked,
    ForkEnded,
    Held,
    Host,
    Message,
    Observe,
    Observed,
    Question,
    Ran,
    Run,
    Sweep,
    Swept,
)
from closed_doors.grading.sandbox.syscall_filter import protect_elders
from closed_doors.grading.student.answer_probes import run_program
from closed_doors.grading.student.no_network import answer_fetching_commands
from closed_doors.grading.student.notebook_shell import NotebookShell

FORK_TRIES, FORK_PAUSE_S = 20, 0.02
LONGEST_ERROR = 1000
REQUESTS: Expected[Message] = Expected(Fork, EndFork, Sweep, Host, Run, Define, Observe, *QUESTIONS)


def work(channel: Channel, shell: NotebookShell, draws: tuple[object, ...]) -> None:
    """Serve requests until the other side closes; runs as pid 1 of the worker's sandbox.

    Args:
        channel: the connection to the examiner.
        shell: the notebook.
        draws: the state that `random` starts from.
    """
    signal.signal(signal.SIGCHLD, _reap)  # orphans of closed templates come to pid 1
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    random.setstate(draws)
    sys.path.append("")  # last, as a file of the student's may have any name
    answer_fetching_commands()
    answers = Answers(shell.user_ns)
    with contextlib.suppress(ChannelClosedError):
        while True:
            request, descriptors = channel.receive_with_descriptors(REQUESTS, 1)
            match request:  # not isinstance: student code may have put something else in its place
                case Fork():
                    if (fork := _fork(channel, descriptors)) is not None:
                        channel = fork
                case Question():
                    channel.send(answers.answer(request, channel))
                case _:
                    if (reply := _done(request, shell)) is not None:
                        channel.send(reply)


def _done(request: Message, shell: NotebookShell) -> Message | None:
    """Do what is asked of the process and its notebook, and return the reply, if there is one."""
    match request:
        case Host():
            _restore_signals()
        case Sweep(kept=kept):
            _sweep(kept)
            return Swept()
        case EndFork(pid=pid):
            _end(pid)
            return ForkEnded()
        case Define(source=source, asked=asked) if not shell.only_defines(source, asked):
            return Held()
        case Run(source=source, seconds=seconds) | Define(source=source, seconds=seconds):
            return _run(shell, source, seconds)
        case Observe(program=program, seconds=seconds):
            return Observed(_observed(shell, program, seconds))
    return None


def _observed(shell: NotebookShell, program: bytes, seconds: float) -> list[object]:
    try:
        return TimeBudget(seconds).run(lambda: list(run_program(program, shell.user_ns)))
    except OutOfTimeError:
        return []


def _run(shell: NotebookShell, source: str, seconds: float) -> Ran:
    try:
        ran = TimeBudget(seconds).run(partial(shell.run, source))
    except OutOfTimeError:  # while the error was being shown
        return Ran(False, [])
    match ran.error:
        case OutOfTimeError():
            return Ran(False, [])
    if ran.error is None:
        return Ran(True, [*ran.outputs])
    return Ran(True, [*ran.outputs], *_what_stopped(ran.error, shell))


def _what_stopped(error: BaseException, shell: NotebookShell) -> tuple[str, str, int]:
    try:  # an error of the student's own may do anything, and Python's own functions may be broken
        return type(error).__name__, error_text(error)[:LONGEST_ERROR], error_line(error, shell.user_ns)
    except BaseException:
        return "Exception", "", 0


def _fork(channel: Channel, descriptors: list[int]) -> Channel | None:
    """Make a copy of this process; return its own channel in the copy, None in the original."""
    pid = _forked() if descriptors else -1
    if pid == 0:
        return _become_fork(channel, descriptors[0])
    close_all(descriptors)
    channel.send(Forked(pid))
    return None


def _become_fork(channel: Channel, descriptor: int) -> Channel:
    """Leave the template's channel for the fork's own, and its process group and signals too."""
    channel.close()
    _restore_signals()
    os.setsid()
    protect_elders(os.getpid())
    return Channel.adopt(descriptor)


def _restore_signals() -> None:
    """Give student code the signals of an ordinary process: its children are its own to wait for."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _forked() -> int:
    """Fork; return -1 where the sandbox's limit is reached and stays reached.

    Processes that a cell left behind were killed, and count until their parent, this process, has taken note.
    """
    draws = random.getstate()
    for _ in range(FORK_TRIES):
        _reap()
        try:
            pid = os.fork()
        except OSError:
            time.sleep(FORK_PAUSE_S)
            continue
        if pid == 0:
            random.setstate(draws)  # Python seeds it anew in each fork: marks would depend on chance
        return pid
    return -1


def _sweep(kept: Sequence[int]) -> None:
    """End what student cells have left running; pid 1 has run no student code, and may signal everybody."""
    running = {int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()}
    for pid in running - {os.getpid(), *kept}:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def _end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)


def _reap(*_: object) -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
