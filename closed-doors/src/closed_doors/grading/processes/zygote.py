"""The zygote: a warm process that imports everything once, runs nothing, and forks sandboxes.

It is started with a neutral environment and reads what to run from its standard input, so that neither its
environment nor its command line tells a student's code anything. It holds no test, no submission and no mark; it is
single-threaded and runs no tensor operation, after which the forks of a process can hang. It keeps the sandboxes that
it made (see `closed_doors.grading.sandbox.keeper`). When its supervisor goes, it goes, and they before it.

An OPENED zygote is a fork of it, one an assignment, in which the lesson's opening cells have run: those that stand
before all work of the student and are the same for everybody. It makes workers, which then need not run them. The cells
are the instructor's, and run as the instructor, outside of a sandbox. Where they leave anything behind but values, a
thread or a file, or fail, there is no opened zygote, and each worker runs them itself.

What it can be asked stands in `protocol.messages`. A sandbox's leash comes first among the descriptors of a Spawn, then
its connection. The zygote itself imports none of the course's own modules: what it holds, every sandbox holds.
"""

import contextlib
import gc
import importlib
import os
import random
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from checks.capture import TimeLimitExceeded, time_limit
from checks.catalogues import speak
from closed_doors.grading.bridge.find_autograd import load_autograd
from closed_doors.grading.processes.file_trees import MATERIALS, PACKAGES
from closed_doors.grading.processes.placed_modules import placed_modules
from closed_doors.grading.protocol.channel import Channel, ChannelClosedError, Expected, close_all
from closed_doors.grading.protocol.messages import (
    Opened,
    Opening,
    OpenLesson,
    Ready,
    Spawn,
    Spawned,
    Warmed,
    WarmUp,
)
from closed_doors.grading.protocol.tensor_values import make_repeatable
from closed_doors.grading.sandbox import cgroup, libc_calls
from closed_doors.grading.sandbox.image import MOUNTPOINT, complete, held
from closed_doors.grading.sandbox.jail import Confinement, close_all_but
from closed_doors.grading.sandbox.keeper import Keeper
from closed_doors.grading.sandbox.libc_calls import die_with
from closed_doors.grading.sandbox.limits import Limits
from closed_doors.grading.sandbox.rootfs import HOME, Room, interpreter_folders
from closed_doors.grading.sandbox.self_test import probe
from closed_doors.grading.sandbox.syscall_filter import program
from closed_doors.notebook.sanitise_outputs import clean_output

if TYPE_CHECKING:  # loaded once the modules that take long are
    from closed_doors.grading.student.notebook_shell import NotebookShell

REQUESTS: Expected[WarmUp | OpenLesson | Spawn] = Expected(WarmUp, OpenLesson, Spawn)
LESSON_S = 10.0  # for one lesson cell
IMPORT_S = 60.0  # for what an assignment's own cells import; meanwhile nobody attends to the sandboxes
WARM_MODULES = (
    "checks.runner",
    "numpy.testing",
    "pytest",
    "closed_doors.grading.examiner.stage",
    "closed_doors.grading.student.worker",
)


def main(descriptor: int, rest: int, obstacle: str, warm: Sequence[str]) -> NoReturn:
    """Serve the supervisor at the other end of `descriptor` until it is gone.

    Args:
        descriptor: the connection.
        rest: the process that is copying the rest of the image (see `closed_doors.grading.sandbox.image`).
        obstacle: why there is no image; empty where there is one.
        warm: modules that are imported first.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's to handle
    channel = Channel.adopt(descriptor)
    if obstacle:
        channel.send(Ready(None, obstacle, None, _threads()))
        os._exit(0)
    cgroup.sweep()
    gc.disable()  # while nothing but imports runs, there is nothing to collect
    _import_core()
    complete(rest)
    protection = probe()
    shell = _warm_up(warm)
    program()
    rooms = interpreter_folders()
    _settle()
    channel.send(Ready(protection.user, protection.obstacle, protection.cgroup, _threads()))
    _serve(channel, Ground(shell, rooms, random.getstate()))
    os._exit(0)


@dataclass(frozen=True, slots=True)
class Ground:
    """What every fork starts from.

    Attributes:
        shell: the notebook.
        folders: what a sandbox sees of the machine.
        draws: the state of `random`, which Python seeds anew in each fork.
    """

    shell: "NotebookShell"
    folders: tuple[Path, ...]
    draws: tuple[object, ...]


def _serve(channel: Channel, ground: Ground) -> None:
    with Keeper() as keeper, contextlib.suppress(ChannelClosedError):
        while True:
            keeper.attend(channel.fileno())
            request, descriptors = channel.receive_with_descriptors(REQUESTS, 3)
            match request:
                case WarmUp():
                    _import(request.modules)
                    for source in request.lesson:
                        ground.shell.learn(source)
                    if request.many:
                        libc_calls.collapse_pages()
                    channel.send(Warmed(_threads()))
                case OpenLesson():
                    parent, pid = os.getpid(), os.fork()
                    if pid == 0:
                        _open(request, descriptors, ground, parent)
                    keeper.watch(pid)
                    close_all(descriptors)
                    channel.send(Opening(pid))
                case Spawn():
                    channel.send(Spawned(_spawn(request, descriptors, ground, keeper)))


def _open(request: OpenLesson, descriptors: list[int], ground: Ground, parent: int) -> NoReturn:
    """Become an opened zygote, or end where the opening can't be shared."""
    try:
        die_with(parent)
        close_all_but(descriptors)
        channel = Channel.adopt(descriptors[0])
        tree = held(request.tree)
        speak(request.language)
        with placed_modules(tree, HOME):
            for name in request.modules:
                with contextlib.suppress(Exception):  # left to the cell that asks for it
                    importlib.import_module(name)
            outputs = _run_lesson(ground.shell, request.lesson, tree / MATERIALS)
        if outputs is not None and _threads() == 1:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # whatever a cell made of it: the keeper waits for children
            gc.freeze()
            channel.send(Opened(outputs))
            _serve(channel, replace(ground, draws=random.getstate()))
    finally:
        os._exit(0)


def _run_lesson(shell: "NotebookShell", lesson: Sequence[str], materials: Path) -> list[list[dict[str, object]]] | None:
    """Run lesson cells where the assignment's files lie; return their outputs, None where they fail or leave a file."""
    random.seed(0)
    outputs = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(materials, folder, dirs_exist_ok=True)
        before = sorted(folder.rglob("*"))
        os.chdir(folder)
        for source in lesson:
            with time_limit(LESSON_S):
                ran = shell.run(source)
            if not ran.ok:
                return None
            outputs.append([cleaned for output in ran.outputs if (cleaned := clean_output(output)) is not None])
        if Path.cwd() != folder or sorted(folder.rglob("*")) != before:
            return None
        os.chdir("/")
    return outputs


def _import_core() -> None:
    for name in WARM_MODULES:
        importlib.import_module(name)


def _warm_up(warm: Sequence[str] = ()) -> "NotebookShell":
    """Import what notebooks use, and go once through what is slow the first time: a figure, a traceback."""
    _import_core()
    for name in warm:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    from closed_doors.grading.student.notebook_shell import NotebookShell

    shell = NotebookShell.start()
    before = set(shell.user_ns)
    for source in ("1 / 0", "import matplotlib.pyplot as plt; plt.plot([0, 1]); plt.show()", "%timeit -n1 -r1 pass"):
        shell.run(source)
    for name in set(shell.user_ns) - before:
        del shell.user_ns[name]
    shell.execution_count = 1
    _seed()
    return shell


def _import(modules: Sequence[str]) -> None:
    """Import what an assignment's own cells import, where it is not there yet."""
    missing = [name for name in modules if name not in sys.modules]
    if missing:
        gc.disable()
        with contextlib.suppress(TimeLimitExceeded), time_limit(IMPORT_S):
            for name in missing:
                with contextlib.suppress(Exception):
                    importlib.import_module(name)
        _seed()  # one of them may draw
        _settle()


def _settle() -> None:
    """Make what was imported cheap to fork, and leave it out of later collections: they would copy every page of it."""
    load_autograd()
    libc_calls.keep_huge_pages()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)  # short-lived processes with memory limits of their own seldom need it
    gc.enable()


def _seed() -> None:
    """Let code that draws without a seed draw the same in every run."""
    import numpy as np

    random.seed(0)
    np.random.seed(0)
    make_repeatable()


def _installed(packages: Iterable[str]) -> tuple[Path, ...]:
    """Return the folders of this interpreter in which packages of these names lie, or could be taken to."""
    places = [Path(entry) for entry in sys.path if entry]
    return tuple(path for name in packages for place in places if (path := place / name).is_dir())


def _spawn(request: Spawn, descriptors: list[int], ground: Ground, keeper: Keeper) -> int:
    from closed_doors.grading.examiner.stage import serve
    from closed_doors.grading.student.worker import work

    leash, connection = descriptors

    def inside() -> None:
        speak(request.language)
        if request.role == "worker":
            work(Channel.adopt(connection), ground.shell, ground.draws)
        else:
            serve(Channel.adopt(connection))

    tree = held(request.tree)
    packages = sorted((tree / PACKAGES).iterdir())
    room = Room(
        ground.folders,
        hidden=_installed(path.name for path in packages),
        packages=tuple(path for path in packages if any(path.iterdir())),
        materials=tree / MATERIALS,
    )
    confinement = Confinement(inside, (connection,), Limits(*request.limits), room, request.uid, Path(MOUNTPOINT))
    pid = keeper.confine(confinement, socket.socket(fileno=leash))
    os.close(connection)
    return pid


def _threads() -> int:
    return sum(1 for _ in Path("/proc/self/task").iterdir())
