"""The supervisor's side: owns a zygote, has one submission graded at a time, and holds every deadline.

    supervisor ── zygote (warm, never runs anything)
        │            ├─ opened zygote (the lesson's opening cells have run)
        │            │    └─ keeper ─ worker         (sandbox: the student's cells, and their forks)
        │            └─ keeper ─ stage ── examiner   (sandbox: the instructor's cells; asks the worker)
        ├─ leash to each keeper: letting go of it kills the sandbox
        └─ records from the examiner, on a connection that the worker never held

Nothing here imports NumPy or torch, and no byte of a student's is decoded in this process but through the examiner.
"""

import atexit
import contextlib
import copy
import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from checks.render import render
from checks.report import CellReport
from grading.bridge.channel import Channel, ChannelClosedError, DeadlineError
from grading.errors import ExecutionError
from grading.execution.verdict import CellVerdict, Diagnosis, Graded, verdict_from_plain
from grading.notebook.plan import Role, Step, opening, trusted_imports
from grading.sandbox.jail import make_mountpoint
from grading.sandbox.limits import Limits
from grading.sandbox.probe import Protection, require

START_S = 120.0
SETUP_S = 30.0
FAREWELL_S = 5.0
PLAIN_S = 20.0  # time for the plain way of grading (see `examiner`), after which the careful one begins
MOST_STAGES = 4
STAGE_LIMITS = Limits(memory_mib=2048, processes=1024, cpu_s=600)  # of all its examiners together
OUT_OF_TIME = "Le temps accordé au travail ({:g} s) est épuisé : note à revoir."
FIRST_UID, UIDS = 200_000, 100_000
ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "OMP_THREAD_LIMIT": "1",  # whatever a notebook asks for: the threads would wait for each other on few processors
    "OPENBLAS_NUM_THREADS": "1",
    "PATH": "/usr/bin:/bin",
    "PYTHONHASHSEED": "0",  # the order of a set is then the same in every run
}
LAUNCH = (
    "import os\nos.environ['MPLCONFIGDIR'] = {config!r}\n"
    "from grading.execution.zygote import main\nmain({descriptor}, {mountpoint!r})\n"
)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long grading may take, in seconds."""

    cell_s: float = 10.0
    submission_s: float = 60.0


class Line:
    """A connection to a process of ours that answers one request after another."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.lock = threading.Lock()

    def ask(self, *request: Any, descriptors: tuple[int, ...] = (), seconds: float = START_S) -> Any:
        """Send a request and return what comes back.

        Raises:
            ExecutionError: the process is gone, or does not answer; it is let go of.
        """
        with self.lock:
            try:
                deadline = time.monotonic() + seconds
                self.channel.send(*request, descriptors=descriptors, deadline=deadline)
                return self.channel.receive(deadline)[1]
            except (ChannelClosedError, DeadlineError, OSError) as error:
                self.channel.close()
                raise ExecutionError("A process that sandboxes or examiners are forked from is gone.") from error

    @property
    def alive(self) -> bool:
        """Whether it still answers."""
        return self.channel.socket.fileno() >= 0


class Forge(Line):
    """A line to a process that sandboxes are forked from.

    Args:
        channel: the connection.
        uids: user ids for sandboxes, none of which another running one has.
    """

    def __init__(self, channel: Channel, uids: Iterator[int]) -> None:
        super().__init__(channel)
        self._uids = uids

    def spawn(self, role: str, limits: Limits, files: Sequence[Path], channels: Sequence[Channel]) -> "Leash":
        """Have a sandbox forked; it gets copies of `channels`, which are closed here."""
        ours, theirs = Channel.pair()
        try:
            self.ask(
                "spawn",
                role,
                next(self._uids),
                list(astuple(limits)),
                [str(file) for file in files],
                descriptors=(theirs.fileno(), *(channel.fileno() for channel in channels)),
                seconds=SETUP_S,
            )
        except ExecutionError:
            ours.close()
            raise
        finally:
            for channel in (theirs, *channels):
                channel.close()
        return Leash(ours)


@dataclass(frozen=True, slots=True)
class Opened:
    """A fork of the zygote in which the lesson's opening cells have run (see `grading.execution.zygote`).

    Attributes:
        forge: makes workers.
        outputs: what each of the cells has shown.
    """

    forge: Forge
    outputs: list[list[dict[str, Any]]]


class Zygote:
    """A warm process to fork sandboxes from; use it in a `with` block."""

    def __init__(self) -> None:
        self._mountpoint = make_mountpoint()
        uids = (FIRST_UID + number % UIDS for number in itertools.count(os.getpid() * 64))
        ours, theirs = Channel.pair()
        config = Path(os.environ.get("MPLCONFIGDIR") or Path.home() / ".cache" / "matplotlib")
        self._process = subprocess.Popen(
            [sys.executable, "-s", "-P", "-"],  # -I would ignore PYTHONHASHSEED
            env=ENVIRONMENT,
            cwd="/",
            stdin=subprocess.PIPE,
            pass_fds=[theirs.fileno()],
        )
        assert self._process.stdin is not None
        code = LAUNCH.format(config=str(config), descriptor=theirs.fileno(), mountpoint=str(self._mountpoint))
        self._process.stdin.write(code.encode())
        self._process.stdin.close()
        theirs.close()
        self._uids = uids
        self._forge = Forge(ours, uids)
        self._protection: Protection | None = None
        self._warmed: set[object] = set()
        self._opened: dict[object, Opened | None] = {}
        self._stages: dict[object, Stage] = {}
        self._staging = threading.Lock()
        self.pid = self._process.pid

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
            match self._forge.channel.receive(time.monotonic() + START_S):
                case ["ready", user, str() as obstacle, cgroup, 1]:
                    return Protection(user, obstacle, cgroup)
                case ["ready", _, _, _, threads]:
                    raise ExecutionError(f"The process to fork from has {threads} threads; its forks would hang.")
        except (ChannelClosedError, DeadlineError) as error:
            self.close()
            raise ExecutionError("The warm grading process did not start; its own message stands above.") from error
        raise ExecutionError("The warm grading process did not say that it is ready.")

    def warm(self, steps: Sequence[Step]) -> None:
        """Have what the instructor's cells import imported, once for all later sandboxes, and the lesson cells read.

        A module that can't be imported is left to the cell that asks for it.

        Raises:
            ExecutionError: the process is gone, or the import started a thread, after which forks could hang.
        """
        modules = trusted_imports(steps)
        lesson = tuple(step.source for step in steps if step.role is Role.LESSON)
        if (modules, lesson) not in self._warmed:
            if self._forge.ask("warm", list(modules), list(lesson)) != 1:
                raise ExecutionError(f"Importing {', '.join(modules)} starts threads, and forks would hang.")
            self._warmed.add((modules, lesson))

    def opened(self, steps: Sequence[Step], files: Sequence[Path]) -> Opened | None:
        """Return the opened zygote of an assignment, made at its first submission.

        None where the opening can't be shared, or where this submission has a cell of the student's own before its end.
        """
        lesson = tuple(step.source for step in opening(steps))
        if not lesson or any(step.is_own for step in steps[: len(lesson)]):
            return None
        key = (lesson, trusted_imports(steps), tuple(files))
        with self._staging:
            known = self._opened.get(key)
            if key not in self._opened or (known is not None and not known.forge.alive):
                while len(self._opened) >= MOST_STAGES:
                    if (oldest := self._opened.pop(next(iter(self._opened)))) is not None:
                        oldest.forge.channel.close()
                known = self._opened[key] = self._open(lesson, files)
            return known

    def _open(self, lesson: Sequence[str], files: Sequence[Path]) -> Opened | None:
        ours, theirs = Channel.pair()
        try:
            request = (list(lesson), [str(file) for file in files])
            self._forge.ask("open", *request, descriptors=(theirs.fileno(),))
        finally:
            theirs.close()
        try:
            return Opened(Forge(ours, self._uids), ours.receive(time.monotonic() + START_S)[1])
        except (ChannelClosedError, DeadlineError):
            ours.close()
            return None

    def stage(self, steps: Sequence[Step], files: Sequence[Path], diagnosis: bytes = b"") -> "Stage":
        """Return the stage of an assignment, set up at its first submission."""
        key = (tuple(step.source for step in steps if step.role is not Role.ANSWER), tuple(files), diagnosis)
        with self._staging:
            stage = self._stages.get(key)
            if stage is None or not stage.alive:
                while len(self._stages) >= MOST_STAGES:
                    self._stages.pop(next(iter(self._stages))).close()
                ours, theirs = Channel.pair()
                leash = self._forge.spawn("stage", STAGE_LIMITS, files, [theirs])
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
        """How many processes stay between submissions: opened ones, and of each stage the keeper and its inmate."""
        return 2 * len(self._stages) + sum(opened is not None for opened in self._opened.values())

    def close(self) -> None:
        """End the zygote and every sandbox that it made."""
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
        with contextlib.suppress(OSError):
            self._mountpoint.rmdir()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()


_warm: Zygote | None = None
_warming = threading.Lock()


def warm_zygote() -> Zygote:
    """Return this process's zygote, a new one where the last has died; it ends with the process."""
    global _warm
    with _warming:
        if _warm is None or not _warm.alive:
            _warm = Zygote()
        return _warm


@atexit.register
def close_warm_zygote() -> None:
    """End this process's zygote and every sandbox that it made, if there is one."""
    global _warm
    with _warming:
        if _warm is not None:
            _warm.close()
        _warm = None


class Stage:
    """The supervisor's hold on an assignment's stage (see `grading.execution.stage`)."""

    def __init__(self, leash: "Leash", channel: Channel, steps: Sequence[Step], diagnosis: bytes) -> None:
        leash.wait_until_ready()
        self._leash = leash
        self._line = Line(channel)
        lesson = opening(steps)
        others = [step for step in steps if step.role is not Role.ANSWER]
        cells = ([[step.filename, step.source] for step in cells] for cells in (lesson, others))
        self._line.ask("stage", *cells, diagnosis)

    def examine(self, job: Channel, worker: Channel) -> int:
        """Have an examiner forked; it gets the two connections, which are closed here. Return its number."""
        try:
            return int(self._line.ask("examine", descriptors=(job.fileno(), worker.fileno())))
        finally:
            job.close()
            worker.close()

    def end(self, examiner: int) -> float:
        """End an examiner and return its processor time, in seconds."""
        with contextlib.suppress(ExecutionError):  # the stage has died, and its examiners with it
            return float(self._line.ask("end", examiner))
        return 0.0

    def close(self) -> None:
        """End the stage and its examiners."""
        self._line.channel.close()
        self._leash.end()

    @property
    def alive(self) -> bool:
        """Whether it still answers."""
        return self._line.alive


class Leash:
    """The hold on one sandbox: what its keeper says, and its life."""

    def __init__(self, channel: Channel) -> None:
        self._socket = channel.socket
        self._lines = self._socket.makefile("r", encoding="utf-8")
        self.cpu_s = 0.0

    def wait_until_ready(self) -> None:
        """Return when the sandbox is complete.

        Raises:
            ExecutionError: it could not be set up.
        """
        self._socket.settimeout(SETUP_S)
        record = self._next()
        if "ready" not in record:
            raise ExecutionError(f"A sandbox could not be set up: {record.get('error', 'its keeper died')}")

    def end(self) -> None:
        """Kill the sandbox and everything in it, and wait until it is gone."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(1)  # the keeper sees the end of the stream, and can still report
        with contextlib.suppress(OSError):
            self._socket.settimeout(FAREWELL_S)
        self.cpu_s = float(self._next().get("cpu_s", 0.0))
        self._lines.close()  # it shares the socket, which stays open until both are closed
        self._socket.close()

    def _next(self) -> dict[str, Any]:
        try:
            return dict(json.loads(next(self._lines)))
        except (StopIteration, OSError, ValueError):
            return {}


def grade(
    zygote: Zygote,
    steps: Sequence[Step],
    deadlines: Deadlines | None = None,
    limits: Limits | None = None,
    files: Sequence[Path] = (),
    diagnosis: bytes = b"",
) -> Graded:
    """Grade one submission behind closed doors.

    Args:
        zygote: where the sandboxes come from.
        steps: the rebuilt notebook's code cells (see `grading.notebook.plan`).
        deadlines: how long it may take.
        limits: what each sandbox may use.
        files: the assignment's own files, which notebooks may read.
        diagnosis: what is known of wrong answers: the content of the notebook's diagnosis file.

    Raises:
        SandboxError: this machine can't close student code in.
        ExecutionError: grading failed for a reason that is not the student's; there is no mark.
    """
    require(zygote.protection)
    zygote.warm(steps)
    deadlines, limits = deadlines or Deadlines(), limits or Limits()
    attempt = partial(_attempt, zygote, steps, deadlines, limits, files, diagnosis)
    graded, last_word = attempt(careful=False)
    if last_word:
        return graded
    again, _ = attempt(careful=True)
    return _with_hidden_verdicts(graded, again) if graded.sealed else again


def _with_hidden_verdicts(first: Graded, second: Graded) -> Graded:
    """Return what was sealed before hidden tests began, with the second try's hidden verdicts."""
    merged = replace(second, outputs=first.outputs, verdicts={}, cpu_s=first.cpu_s + second.cpu_s)
    merged.remarks = first.remarks if second.complete else [*first.remarks, second.remarks[-1]]
    for index, verdict in second.verdicts.items():
        known = first.verdicts[index].report.criteria if index in first.verdicts else ()
        sealed = {criterion.name: criterion for criterion in known if not criterion.hidden}
        criteria = tuple(c if c.hidden else sealed.get(c.name, c) for c in verdict.report.criteria)
        report = CellReport(criteria, verdict.report.points)
        merged.verdicts[index] = CellVerdict(index, report.earned, report, render(report)).diagnosed(verdict.diagnosis)
    return merged


def _attempt(
    zygote: Zygote,
    steps: Sequence[Step],
    deadlines: Deadlines,
    limits: Limits,
    files: Sequence[Path],
    diagnosis: bytes,
    careful: bool,
) -> tuple[Graded, bool]:
    """Grade a submission in new sandboxes; return whether that is the last word, or to be done again carefully."""
    stage = zygote.stage(steps, files, diagnosis)
    opened = zygote.opened(steps, files)
    shown = copy.deepcopy(opened.outputs) if opened is not None else []
    job, examiner_job = Channel.pair()
    to_worker, worker_end = Channel.pair()
    with contextlib.ExitStack() as cleanup:
        for channel in (job, examiner_job, to_worker):
            cleanup.callback(channel.close)
        worker = (opened or zygote).forge.spawn("worker", limits, files, [worker_end])
        cleanup.callback(worker.end)
        examiner = stage.examine(examiner_job, to_worker)
        cleanup.pop_all()
    graded = Graded(protection=zygote.protection.tier)
    graded.outputs = {step.index: outputs for step, outputs in zip(steps, shown, strict=False)}
    try:
        worker.wait_until_ready()
        deadline = time.monotonic() + (deadlines.submission_s if careful else min(deadlines.submission_s, PLAIN_S))
        job.send("grade", deadlines.cell_s, plain_steps(steps), careful, len(shown), deadline=deadline)
        last_word = _collect(job, graded, deadline)
    except DeadlineError:
        last_word = careful or graded.complete
        if not graded.complete and careful:
            graded.remarks.append(OUT_OF_TIME.format(deadlines.submission_s))
    except ChannelClosedError as error:
        raise ExecutionError("The examiner ended before its last verdict; the submission has no mark.") from error
    finally:
        job.close()
        worker.end()
        graded.cpu_s = worker.cpu_s + stage.end(examiner)
    return graded, last_word


def _collect(job: Channel, graded: Graded, deadline: float) -> bool:
    """Take the examiner's records in; return whether they are the last word."""
    while True:
        match job.receive(deadline):
            case ["outputs", int() as index, list() as outputs]:
                graded.outputs[index] = outputs
            case ["verdict", list() as data]:
                verdict = verdict_from_plain(data)
                graded.verdicts[verdict.index] = verdict
            case ["remark", str() as text]:
                graded.remarks.append(text)
            case ["broken", int() as index, str() as text]:
                raise ExecutionError(f"Cell {index + 1} of the master itself fails: {text}")
            case ["judged"]:
                graded.complete = True
            case ["diagnosis", int() as index, str() as name, str() as hint]:
                graded.verdicts[index] = graded.verdicts[index].diagnosed(Diagnosis(name, hint))
            case ["done"]:
                return True
            case ["sealed"]:
                graded.sealed = True
            case ["again"]:
                return False
            case record:
                raise ExecutionError(f"An unknown record came from the examiner: {record[0]!r}")


def plain_steps(steps: Sequence[Step]) -> list[list[Any]]:
    """Return steps as data that can be sent."""
    return [[s.index, s.role.value, s.source, s.grade_id, s.points, s.public, list(s.student_names)] for s in steps]
