"""The examiner's handles on the worker's processes, each of which is one state of the student's notebook."""

import time

from closed_doors.grading.protocol.channel import Channel, ChannelClosedError, DeadlineError, Expected
from closed_doors.grading.protocol.messages import (
    Define,
    EndFork,
    Fork,
    Forked,
    ForkEnded,
    Held,
    Host,
    Ran,
    Run,
    Sweep,
    Swept,
)

FORK_S = 20.0
GUARD = 4.0  # times the time that a cell may use: how long it may take on a busy machine
FORKED, ENDED, SWEPT = Expected(Forked), Expected(ForkEnded), Expected(Swept)
RAN = Expected(Ran)
RAN_OR_HELD: Expected[Ran | Held] = Expected(Ran, Held)


class State:
    """A process of the worker that waits at one point of the notebook.

    Args:
        channel: the connection to it.
        pid: its number in the worker's sandbox.
        living: the numbers of all states that are in use.
    """

    def __init__(self, channel: Channel, pid: int, living: set[int]) -> None:
        self._channel = channel
        self._pid = pid
        self._living = living
        living.add(pid)

    def fork(self) -> "State":
        """Return a copy of this state, to run a cell or to answer in.

        Raises:
            ChannelClosedError: the state is gone, or does not answer.
        """
        ours, theirs = Channel.pair()
        try:
            deadline = time.monotonic() + FORK_S
            self._channel.send(Fork(), descriptors=(theirs.fileno(),), deadline=deadline)
            if (forked := self._channel.receive(FORKED, deadline)).pid > 0:
                return State(ours, forked.pid, self._living)
        except DeadlineError as error:
            ours.close()
            raise ChannelClosedError("a state of the notebook does not answer") from error
        except ChannelClosedError:
            ours.close()
            raise
        finally:
            theirs.close()
        ours.close()
        raise ChannelClosedError("a state of the notebook does not fork")

    def end(self, child: "State") -> None:
        """Kill a fork of this state; a state that does not obey is left to its sandbox's limits."""
        child.close()
        try:
            deadline = time.monotonic() + FORK_S
            self._channel.send(EndFork(child._pid), deadline=deadline)
            self._channel.receive(ENDED, deadline)
        except (ChannelClosedError, DeadlineError):
            return

    def run(self, source: str, seconds: float) -> Ran:
        """Run a cell here; return what the worker says of it.

        Raises:
            DeadlineError: it did not end in time.
            ChannelClosedError: the process ended, or its reply is unreadable.
        """
        deadline = time.monotonic() + GUARD * seconds
        self._channel.send(Run(source, seconds), deadline=deadline)
        return _in_time(self._channel.receive(RAN, deadline))

    def define(self, source: str, asked: set[str], seconds: float) -> Ran | None:
        """Run a cell like `run`; return None, and don't, where it may change what the asked names mean."""
        deadline = time.monotonic() + GUARD * seconds
        self._channel.send(Define(source, tuple(sorted(asked)), seconds), deadline=deadline)
        reply = self._channel.receive(RAN_OR_HELD, deadline)
        return _in_time(reply) if isinstance(reply, Ran) else None

    @property
    def channel(self) -> Channel:
        """The connection to the process, for whoever asks it questions."""
        return self._channel

    def host_student_cells(self) -> None:
        """Let the first state, pid 1, run student cells itself; it is not to sweep afterwards."""
        try:
            self._channel.send(Host(), deadline=time.monotonic() + FORK_S)
        except (ChannelClosedError, DeadlineError):
            return  # the next request says so

    def sweep(self) -> None:
        """End every process of the sandbox that is no state in use; to be asked of the first state, pid 1."""
        deadline = time.monotonic() + FORK_S
        try:
            self._channel.send(Sweep(tuple(sorted(self._living))), deadline=deadline)
            self._channel.receive(SWEPT, deadline)
        except (ChannelClosedError, DeadlineError):
            return

    def close(self) -> None:
        """Let the process go; it ends when it next looks for a request."""
        self._living.discard(self._pid)
        self._channel.close()


def _in_time(ran: Ran) -> Ran:
    if not ran.in_time:
        raise DeadlineError
    return ran
