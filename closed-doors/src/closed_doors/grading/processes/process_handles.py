"""The supervisor's holds on its processes: a line to ask on, a forge of sandboxes, a leash, a stage."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from typing import Literal

from closed_doors.core.assignment_files import AssignmentFiles
from closed_doors.core.errors import ExecutionError
from closed_doors.grading.processes.file_trees import file_trees
from closed_doors.grading.protocol.channel import Channel, ChannelClosedError, DeadlineError, Expected, M
from closed_doors.grading.protocol.messages import (
    EndExaminer,
    Examine,
    ExaminerEnded,
    Examining,
    Message,
    SetStage,
    Spawn,
    Spawned,
    Staged,
    StagedCell,
)
from closed_doors.grading.sandbox.limits import Limits
from closed_doors.notebook import plan
from closed_doors.notebook.json_files import JsonObject

START_S = 120.0
SETUP_S = 30.0
FAREWELL_S = 5.0
SPAWNED, STAGED, EXAMINING, ENDED = Expected(Spawned), Expected(Staged), Expected(Examining), Expected(ExaminerEnded)
Role = Literal["worker", "stage"]


class Line:
    """A connection to a process of ours that answers one request after another."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.lock = threading.Lock()

    def ask(
        self, request: Message, expected: Expected[M], descriptors: tuple[int, ...] = (), seconds: float = START_S
    ) -> M:
        """Send a request and return what comes back.

        Raises:
            ExecutionError: the process is gone, or does not answer; it is let go of.
        """
        with self.lock, self._letting_go():
            deadline = time.monotonic() + seconds
            self.channel.send(request, descriptors=descriptors, deadline=deadline)
            return self.channel.receive(expected, deadline)

    def begin(self, request: Message) -> None:
        """Send the first request, before anybody asks anything.

        Raises:
            ExecutionError: as for `ask`.
        """
        with self._letting_go():
            self.channel.send(request, deadline=time.monotonic() + START_S)

    def begun(self, expected: Expected[M]) -> M:
        """Return the answer to the first request.

        Raises:
            ExecutionError: as for `ask`.
        """
        with self._letting_go():
            return self.channel.receive(expected, time.monotonic() + START_S)

    @contextlib.contextmanager
    def _letting_go(self) -> Iterator[None]:
        try:
            yield
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

    def spawn(self, role: Role, limits: Limits, files: AssignmentFiles, channels: Sequence[Channel]) -> "Leash":
        """Have a sandbox forked for an assignment; it gets copies of `channels`, which are closed here."""
        trees = file_trees(files)
        tree = trees.student if role == "worker" else trees.instructor
        ours, theirs = Channel.pair()
        try:
            spawned = self.ask(
                Spawn(role, next(self._uids), astuple(limits), str(tree), files.language),
                SPAWNED,
                descriptors=(theirs.fileno(), *(channel.fileno() for channel in channels)),
                seconds=SETUP_S,
            )
        except ExecutionError:
            ours.close()
            raise
        finally:
            for channel in (theirs, *channels):
                channel.close()
        return Leash(ours, spawned.pid)


class Leash:
    """The hold on one sandbox: what it and its keeper say, and its life.

    Args:
        channel: the connection to them.
        pid: the number of its first process here; 0 where there is none.
    """

    def __init__(self, channel: Channel, pid: int) -> None:
        self.pid = pid
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
            why = record.get("error", "it ended before it was ready")
            raise ExecutionError(f"A sandbox could not be set up: {why}")

    def end(self) -> None:
        """Kill the sandbox and everything in it, and wait until it is gone."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(1)  # the keeper sees the end of the stream, and can still report
        with contextlib.suppress(OSError):
            self._socket.settimeout(FAREWELL_S)
        self.cpu_s = float(self._next().get("cpu_s", 0.0))
        self._lines.close()  # it shares the socket, which stays open until both are closed
        self._socket.close()

    def _next(self) -> JsonObject:
        try:
            return dict(json.loads(next(self._lines)))
        except (StopIteration, OSError, ValueError):
            return {}


class Stage:
    """The supervisor's hold on an assignment's stage (see `closed_doors.grading.examiner.stage`).

    It is set up while the supervisor goes on; the first examiner waits for it.
    """

    def __init__(self, leash: "Leash", channel: Channel, steps: Sequence[plan.Step], diagnosis: bytes) -> None:
        self._leash = leash
        self._line = Line(channel)
        lesson = plan.opening(steps)
        others = [step for step in steps if step.role is not plan.Role.ANSWER]
        self._setting = threading.Lock()
        self._is_set = False
        with contextlib.suppress(ExecutionError):  # `_wait_until_set` says why
            self._line.begin(SetStage(_staged(lesson), _staged(others), diagnosis))

    def examine(self, job: Channel, worker: Channel) -> int:
        """Have an examiner forked; it gets the two connections, which are closed here. Return its number.

        Raises:
            ExecutionError: the stage could not be set up, or has died.
        """
        try:
            self._wait_until_set()
            return self._line.ask(Examine(), EXAMINING, descriptors=(job.fileno(), worker.fileno())).pid
        finally:
            job.close()
            worker.close()

    def _wait_until_set(self) -> None:
        with self._setting:
            if self._is_set:
                return
            self._is_set = True
            try:
                self._leash.wait_until_ready()
            except ExecutionError:
                self._line.channel.close()
                raise
            self._line.begun(STAGED)

    def end(self, examiner: int) -> float:
        """End an examiner and return its processor time, in seconds."""
        with contextlib.suppress(ExecutionError):  # the stage has died, and its examiners with it
            return self._line.ask(EndExaminer(examiner), ENDED).cpu_s
        return 0.0

    def close(self) -> None:
        """End the stage and its examiners."""
        self._line.channel.close()
        self._leash.end()

    @property
    def pid(self) -> int:
        """Its number here."""
        return self._leash.pid

    @property
    def alive(self) -> bool:
        """Whether it still answers."""
        return self._line.alive


def _staged(steps: Sequence[plan.Step]) -> tuple[StagedCell, ...]:
    return tuple(StagedCell(step.filename, step.source) for step in steps)
