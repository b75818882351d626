"""The stage: one sandbox an assignment, whose forks are the examiners.

It runs the lesson cells that stand before all work of the student, which are the same for everybody, and compiles the
grading cells. It never meets a byte of a submission; each examiner is a fork of it that grades one and ends.

What it can be asked stands in `protocol.messages`.
"""

import contextlib
import gc
import linecache
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from checks.capture import time_limit
from checks.cells import parsed
from closed_doors.grading.bridge.draws import count_seedings
from closed_doors.grading.bridge.run_as_code import watch_code
from closed_doors.grading.bridge.shared_files import clear_room, speaks_of_files
from closed_doors.grading.bridge.taught_modules import teach_modules
from closed_doors.grading.bridge.test_objects import remember_builtins
from closed_doors.grading.examiner.examination import examine
from closed_doors.grading.hints.matching import Tables, read_tables
from closed_doors.grading.protocol.channel import Channel, ChannelClosedError, Expected, close_all
from closed_doors.grading.protocol.messages import (
    EndExaminer,
    Examine,
    ExaminerEnded,
    Examining,
    SetStage,
    Staged,
    StagedCell,
)
from closed_doors.grading.sandbox.limits import bound_memory
from closed_doors.grading.sandbox.syscall_filter import protect_elders
from closed_doors.notebook.global_names import free_names, looks_at_copies
from closed_doors.notebook.instructor_code import (
    compiled,
    has_named_criteria,
    new_namespace,
    run_cell,
    runnable,
    shown_and_hidden,
)

OWN_PACKAGES = ("closed_doors", "checks")
LESSON_S = 10.0  # for one lesson cell
EXAMINER_MIB = 1024  # that one examiner may grow by: what a student's reply does to it is no other examiner's loss
SETTING = Expected(SetStage)
REQUESTS: Expected[Examine | EndExaminer] = Expected(Examine, EndExaminer)


def serve(channel: Channel) -> None:
    """Serve the supervisor until it lets go; runs as pid 1 of the stage's sandbox."""
    setting = channel.receive(SETTING)
    teach_modules()
    watch_code(cell.source for cell in (*setting.lesson, *setting.others))
    count_seedings()
    remember_builtins()
    sys.path.append("")  # the assignment's own modules lie in the working directory
    namespace = new_namespace()
    count = _run(setting.lesson, namespace)
    for cell in setting.others:
        _compile(cell)
    tables = read_tables(setting.hints)
    _read_own_sources()
    gc.freeze()
    channel.send(Staged(count))
    with contextlib.suppress(ChannelClosedError):
        while True:
            request, descriptors = channel.receive_with_descriptors(REQUESTS, 2)
            match request:
                case Examine():
                    pid = os.fork()
                    if pid == 0:
                        channel.close()
                        _examine(descriptors, namespace, count, tables)
                    close_all(descriptors)
                    channel.send(Examining(pid))
                case EndExaminer(pid=pid):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                    _, _, usage = os.wait4(pid, 0)
                    clear_room(pid)
                    channel.send(ExaminerEnded(usage.ru_utime + usage.ru_stime))


def _examine(descriptors: list[int], namespace: dict[str, object], count: int, tables: Tables) -> NoReturn:
    try:
        os.setsid()
        bound_memory(EXAMINER_MIB)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # a worker may be gone; only pid 1 is spared by itself
        protect_elders(os.getpid())
        job, worker = (Channel.adopt(descriptor) for descriptor in descriptors)
        examine(job, worker, namespace, count, tables)
    finally:
        os._exit(0)


def _run(lesson: Sequence[StagedCell], namespace: dict[str, object]) -> int:
    """Run the lesson cells up to the first that fails, which each submission then runs and reports."""
    for number, cell in enumerate(lesson):
        before = dict(namespace)
        try:
            with time_limit(LESSON_S):
                run_cell(runnable(cell.source), namespace, cell.filename)
        except BaseException:
            namespace.clear()
            namespace.update(before)
            return number
    return len(lesson)


def _read_own_sources() -> None:
    """Keep the sources of this program: libraries that note where they were called would read them in each examiner."""
    for module in list(sys.modules.values()):
        if module.__name__.partition(".")[0] in OWN_PACKAGES and (file := getattr(module, "__file__", None)):
            linecache.getlines(file)


def _compile(cell: StagedCell) -> None:
    """Find out once what each examiner asks of a cell's text."""
    with contextlib.suppress(SyntaxError):
        python = runnable(cell.source)
        free_names(python)
        looks_at_copies(python)
        shown_and_hidden(python)
        parsed(python)
        compiled(python, cell.filename)
        has_named_criteria(python)
        speaks_of_files(python)
