"""The stage: one sandbox an assignment, whose forks are the examiners.

It runs the lesson cells that stand before all work of the student, which are the same for everybody, and compiles the
grading cells. It never meets a byte of a submission; each examiner is a fork of it that grades one and ends.

Requests on its connection, one at a time:
    stage, lesson, others, diagnosis -> staged, count   lesson cells to run, others to compile, the content of a
                                                  diagnosis file; count of the lesson cells that ran
    examine + descriptors   -> forked, pid        the job's connection and the worker's
    end, pid                -> ended, cpu_s       kills the examiner if it still runs
"""

import contextlib
import gc
import os
import signal
from typing import Any, NoReturn

from checks.capture import time_limit
from closed_doors.grading.examiner.examination import RUN_TESTS, examine
from closed_doors.grading.hints.matching import Tables, read_tables
from closed_doors.grading.protocol.channel import Channel, ChannelClosedError, close_all
from closed_doors.grading.sandbox.filter import protect_elders
from closed_doors.notebook.cell_code import calls, compiled, free_names, new_namespace, python_of, run_cell

LESSON_S = 10.0  # for one lesson cell


def serve(channel: Channel) -> None:
    """Serve the supervisor until it lets go; runs as pid 1 of the stage's sandbox."""
    _, lesson, others, diagnosis = channel.receive()
    namespace = new_namespace()
    count = _run(lesson, namespace)
    for name, source in others:
        _compile(name, source)
    tables = read_tables(diagnosis)
    gc.freeze()
    channel.send("staged", count)
    with contextlib.suppress(ChannelClosedError):
        while True:
            request, descriptors = channel.receive_with_descriptors(2)
            match request:
                case ["examine"]:
                    pid = os.fork()
                    if pid == 0:
                        channel.close()
                        _examine(descriptors, namespace, count, tables)
                    close_all(descriptors)
                    channel.send("forked", pid)
                case ["end", int() as pid]:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                    _, _, usage = os.wait4(pid, 0)
                    channel.send("ended", usage.ru_utime + usage.ru_stime)


def _examine(descriptors: list[int], namespace: dict[str, Any], count: int, tables: Tables) -> NoReturn:
    try:
        os.setsid()
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # a worker may be gone; only pid 1 is spared by itself
        protect_elders(os.getpid())
        job, worker = (Channel.adopt(descriptor) for descriptor in descriptors)
        examine(job, worker, namespace, count, tables)
    finally:
        os._exit(0)


def _run(lesson: list[list[str]], namespace: dict[str, Any]) -> int:
    """Run the lesson cells up to the first that fails, which each submission then runs and reports."""
    for number, (name, source) in enumerate(lesson):
        before = dict(namespace)
        try:
            with time_limit(LESSON_S):
                run_cell(python_of(source), namespace, name)
        except BaseException:
            namespace.clear()
            namespace.update(before)
            return number
    return len(lesson)


def _compile(name: str, source: str) -> None:
    with contextlib.suppress(SyntaxError):
        python = python_of(source)
        free_names(python)
        compiled(python, name)
        calls(python, RUN_TESTS)
