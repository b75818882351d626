"""The worker: runs student cells, and forks itself so that every state of the notebook can be asked questions.

On the careful way (see `examiner`) each student cell runs in a fork of the state before it. The state before stays
behind, idle, as a template: it serves where the cell dies or never ends, and it makes the forks that answer grading
cells at the point where they stand. A process therefore does one of three things: it waits as a template, it runs one
more cell, or it answers. On the plain way pid 1 runs every cell itself, and forks what answers.

Requests, each with one reply:
    fork + descriptor   -> forked, pid     the fork speaks on the descriptor
    end, pid            -> ended           kills a fork of this process
    sweep, pids         -> swept           asked of pid 1 only: kills all processes but these
    host                -> (no reply)      asked of pid 1 only: it runs student cells itself (the plain way)
    run, source         -> ran, ok, outputs
    define, source, asked -> ran, ok, outputs; or held: it has not run, as it may change what the asked names mean
    observe, probes     -> observed, rows  see closed_doors.grading.hints.probing
    get, call, …        -> see closed_doors.grading.bridge.answers

All of this shares its process with student code and is trusted by nobody; the examiner holds every deadline.
"""

import contextlib
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

from closed_doors.grading.bridge.answers import Answers
from closed_doors.grading.hints.probing import run_program
from closed_doors.grading.protocol.channel import Channel, ChannelClosedError, close_all
from closed_doors.grading.sandbox.filter import protect_elders
from closed_doors.grading.student.shell import NotebookShell

FORK_TRIES, FORK_PAUSE_S = 20, 0.02


def work(channel: Channel, shell: NotebookShell, draws: tuple[Any, ...]) -> None:
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
    answers = Answers(shell.user_ns)
    with contextlib.suppress(ChannelClosedError):
        while True:
            request, descriptors = channel.receive_with_descriptors(1)
            match request:
                case ["fork"] if descriptors:
                    pid = _fork()
                    if pid == 0:
                        channel = _become_fork(channel, descriptors[0])
                        continue
                    close_all(descriptors)
                    channel.send("forked", pid)
                case ["host"]:
                    _restore_signals()
                case ["sweep", list() as kept]:
                    _sweep(kept)
                    channel.send("swept")
                case ["end", int() as pid]:
                    _end(pid)
                    channel.send("ended")
                case ["define", str() as source, list() as asked] if not shell.only_defines(source, asked):
                    channel.send("held")
                case ["run" | "define", str() as source, *_]:
                    channel.send("ran", *shell.run(source))
                case ["observe", bytes() as probes]:
                    channel.send("observed", run_program(probes, shell.user_ns))
                case _:
                    channel.send(*answers.answer(request))


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


def _fork() -> int:
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


def _sweep(kept: list[int]) -> None:
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
