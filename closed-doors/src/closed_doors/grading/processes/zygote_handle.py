"""The supervisor's zygote: started once, asked to import, to open a lesson, to make stages and workers."""

import atexit
import os
import pwd
import secrets
import select
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from closed_doors.core.assignment_files import AssignmentFiles
from closed_doors.core.errors import ExecutionError, SandboxError
from closed_doors.grading.processes.alone_or_among_others import Company
from closed_doors.grading.processes.file_trees import file_trees
from closed_doors.grading.processes.launch import ENVIRONMENT
from closed_doors.grading.processes.process_handles import FAREWELL_S, START_S, Forge, Stage
from closed_doors.grading.protocol import messages
from closed_doors.grading.protocol.channel import Channel, ChannelClosedError, DeadlineError, Expected
from closed_doors.grading.protocol.messages import OpenLesson, WarmUp
from closed_doors.grading.sandbox.limits import Limits
from closed_doors.grading.sandbox.self_test import Protection
from closed_doors.grading.verdict.verdict import Graded
from closed_doors.notebook.plan import Role, Step, opening, trusted_imports

MOST_STAGES = 4
COPYING = 2  # processes that copy the image's files
MOST_OPENED = 2 * MOST_STAGES  # some submissions need one in which only modules are imported
READY, WARMED = Expected(messages.Ready), Expected(messages.Warmed)
OPENING, OPENED = Expected(messages.Opening), Expected(messages.Opened)
STAGE_LIMITS = Limits(memory_mib=2048, processes=1024, open_files=4096, cpu_s=600)  # of all its examiners together
FIRST_UID, UIDS = 200_000, 1 << 30
LAUNCH = (
    "from closed_doors.grading.processes.launch import main\n"
    "main({descriptor}, {copying}, {config!r}, {kept!r}, {warm!r})\n"
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A fork of the zygote in which the lesson's opening cells have run (see `closed_doors.grading.processes.zygote`).

    Attributes:
        forge: makes workers.
        outputs: what each of the cells has shown.
    """

    forge: Forge
    outputs: list[list[dict[str, object]]]


class Zygote:
    """A warm process to fork sandboxes from; use it in a `with` block.

    Args:
        warm: modules of libraries that it imports before anything is asked of it.

    Raises:
        SandboxError: this account may not run the interpreter.
    """

    def __init__(self, warm: Sequence[str] = ()) -> None:
        uids = iter(_drawn_uid, 0)
        ours, theirs = Channel.pair()
        config = Path(os.environ.get("MPLCONFIGDIR") or Path.home() / ".cache" / "matplotlib")
        ended, copying = os.pipe()
        self._copying = os.fdopen(ended)
        kept = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "closed-doors")
        values = {"descriptor": theirs.fileno(), "copying": copying, "warm": list(warm)}
        code = LAUNCH.format(config=str(config), kept=str(kept), **values)
        try:
            self._process = _started(code, theirs.fileno(), copying)
        except SandboxError:
            ours.close()
            self._copying.close()
            raise
        finally:
            theirs.close()
            os.close(copying)
        self._uids = uids
        self._forge = Forge(ours, uids)
        self._protection: Protection | None = None
        self._warmed: set[object] = set()
        self._opened: dict[object, Opened | None] = {}
        self._stages: dict[object, Stage] = {}
        self._staging = threading.Lock()
        self.proving = threading.Lock()
        self.many = False  # whether many submissions come
        self.company = Company()
        self.proofs: dict[object, Graded] = {}  # what masters' own solutions have earned (see `supervisor`)
        self.pid = self._process.pid

    def wait_for_image(self) -> None:
        """Wait until it runs on its image, where making that takes every processor, and other work would hold it up."""
        if len(os.sched_getaffinity(0)) <= COPYING:
            select.select([self._copying], [], [], START_S)

    @property
    def protection(self) -> Protection:
        """What protects this machine; waits until the zygote is ready.

        Raises:
            ExecutionError: the process did not start.
        """
        with self._forge.lock:
            if self._protection is None:
                self._protection = self._wait_until_ready()
            return self._protection

    def _wait_until_ready(self) -> Protection:
        try:
            ready = self._forge.channel.receive(READY, time.monotonic() + START_S)
        except (ChannelClosedError, DeadlineError) as error:
            self.close()
            raise ExecutionError("The warm grading process did not start; its own message stands above.") from error
        if ready.threads != 1:
            raise ExecutionError(f"The process to fork from has {ready.threads} threads; its forks would hang.")
        return Protection(ready.user, ready.obstacle, ready.cgroup)

    def warm(self, steps: Sequence[Step], files: AssignmentFiles) -> None:
        """Have the libraries that the instructor's cells import imported, once for all, and the lesson cells read.

        A module that can't be imported is left to the cell that asks for it. The course's own modules are left out:
        which of them exist depends on the assignment.

        Raises:
            ExecutionError: the process is gone, or the import started a thread, after which forks could hang.
        """
        modules = tuple(name for name in trusted_imports(steps) if not _is_of(files, name))
        lesson = tuple(step.source for step in steps if step.role is Role.LESSON)
        if (modules, lesson) not in self._warmed:
            if self._forge.ask(WarmUp(modules, lesson, self.many), WARMED).threads != 1:
                raise ExecutionError(f"Importing {', '.join(modules)} starts threads, and forks would hang.")
            self._warmed.add((modules, lesson))

    def opened(self, steps: Sequence[Step], files: AssignmentFiles) -> Opened | None:
        """Return the opened zygote of an assignment, made at its first submission.

        Where the opening can't be shared, or where this submission has a cell of the student's own before its end, it
        has only imported the course's own modules. None where there is nothing to share at all.
        """
        lesson = tuple(step.source for step in opening(steps))
        imports = trusted_imports(steps)
        shared = lesson if not any(step.is_own for step in steps[: len(lesson)]) else ()
        known = self._known_opened(shared, imports, files) if shared else None
        if known is None and any(_is_of(files, name) for name in imports):
            known = self._known_opened((), imports, files)
        return known

    def _known_opened(self, lesson: tuple[str, ...], imports: tuple[str, ...], files: AssignmentFiles) -> Opened | None:
        tree = file_trees(files).student
        key = (lesson, imports, tree)  # all imports: what the zygote learns later, an earlier fork of it lacks
        with self._staging:
            known = self._opened.get(key)
            if key not in self._opened or (known is not None and not known.forge.alive):
                while len(self._opened) >= MOST_OPENED:
                    if (oldest := self._opened.pop(next(iter(self._opened)))) is not None:
                        oldest.forge.channel.close()
                modules = tuple(name for name in imports if _is_of(files, name))
                known = self._opened[key] = self._open(OpenLesson(lesson, modules, str(tree), files.language))
            return known

    def _open(self, request: OpenLesson) -> Opened | None:
        ours, theirs = Channel.pair()
        try:
            self._forge.ask(request, OPENING, descriptors=(theirs.fileno(),))
        except ExecutionError:
            ours.close()
            raise
        finally:
            theirs.close()
        try:
            return Opened(Forge(ours, self._uids), ours.receive(OPENED, time.monotonic() + START_S).outputs)
        except (ChannelClosedError, DeadlineError):
            ours.close()
            return None

    def stage(self, steps: Sequence[Step], files: AssignmentFiles, diagnosis: bytes = b"") -> Stage:
        """Return the stage of an assignment, set up at its first submission."""
        key = (tuple(step.source for step in steps if step.role is not Role.ANSWER), file_trees(files), diagnosis)
        with self._staging:
            stage = self._stages.get(key)
            if stage is not None and not stage.alive:
                stage.close()
                stage = None
            if stage is None:
                while len(self._stages) >= MOST_STAGES:
                    self._stages.pop(next(iter(self._stages))).close()
                ours, theirs = Channel.pair()
                try:
                    leash = self._forge.spawn("stage", STAGE_LIMITS, files, [theirs])
                except ExecutionError:
                    ours.close()
                    raise
                stage = self._stages[key] = Stage(leash, ours, steps, diagnosis)
            return stage

    @property
    def forge(self) -> Forge:
        """What makes sandboxes in which nothing has run yet."""
        return self._forge

    @property
    def alive(self) -> bool:
        """Whether the process is still there."""
        return self._process.poll() is None

    @property
    def resident_count(self) -> int:
        """How many processes stay between submissions: opened ones and stages."""
        return len(self._stages) + sum(opened is not None for opened in self._opened.values())

    def close(self) -> None:
        """End the zygote and every sandbox that it made."""
        self._copying.close()
        for stage in self._stages.values():
            stage.close()
        for opened in self._opened.values():
            if opened is not None:
                opened.forge.channel.close()
        self._forge.channel.close()
        if self._protection is None:
            self._process.kill()  # nothing was forked from it yet
        try:
            self._process.wait(FAREWELL_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()


def _drawn_uid() -> int:
    """Return a user id that no other sandbox has, and that says nothing of how many there were before."""
    return FIRST_UID + secrets.randbelow(UIDS)


def _is_of(files: AssignmentFiles, module: str) -> bool:
    """Whether a module is the course's own, which only one assignment may have."""
    return module.split(".")[0] in files.importable


_warm: Zygote | None = None
_warming = threading.Lock()


def warm_zygote(warm: Sequence[str] = ()) -> Zygote:
    """Return this process's zygote, a new one where the last has died; it ends with the process.

    Args:
        warm: modules of libraries that a new one imports beforehand: nothing but time depends on it.
    """
    global _warm
    with _warming:
        if _warm is None or not _warm.alive:
            _warm = Zygote(warm)
        return _warm


def dismiss_warm_zygote() -> None:
    """End this process's zygote, if there is one, while the caller goes on; the process waits for that at its end."""
    global _warm
    with _warming:
        leaving, _warm = _warm, None
    if leaving is not None:
        threading.Thread(target=leaving.close, name="farewell").start()


@atexit.register
def close_warm_zygote() -> None:
    """End this process's zygote and every sandbox that it made, if there is one."""
    global _warm
    with _warming:
        if _warm is not None:
            _warm.close()
        _warm = None


def _started(code: str, *descriptors: int) -> subprocess.Popen[bytes]:
    """Start a Python that has some descriptors and runs code, of which its command line tells nothing.

    Raises:
        SandboxError: this account may not run it; the message says what stands in the way.
    """
    try:
        process = subprocess.Popen(
            [sys.executable, "-s", "-P", "-"],
            env=ENVIRONMENT,
            cwd="/",
            stdin=subprocess.PIPE,
            pass_fds=descriptors,
        )
    except PermissionError as error:
        raise SandboxError(
            f"The account {_account()} may not run {sys.executable}, which every sandbox starts from"
            f"{_obstacle(Path(sys.executable))}, so nothing was graded. Install Python and the environment where this "
            "account may read them, such as /opt, or let it read them there (`chmod a+rx` on each folder of the path)."
        ) from error
    assert process.stdin is not None
    with process.stdin as stream:
        stream.write(code.encode())
    return process


def _account() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _obstacle(program: Path) -> str:
    """Return what of a program's path, or of the path that it is a link to, an account may not pass."""
    try:
        target = program.resolve()
    except OSError:
        target = program
    folders = (folder for path in (program, target) for folder in reversed(path.parents))
    closed = next((folder for folder in folders if not os.access(folder, os.X_OK, effective_ids=True)), None)
    return f": it may not enter {closed}" if closed else ""
