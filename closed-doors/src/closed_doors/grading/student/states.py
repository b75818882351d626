"""The examiner's handles on the worker's processes, each of which is one state of the student's notebook."""

import time
from typing import Any

from closed_doors.grading.protocol.channel import Channel, ChannelClosedError, DeadlineError

FORK_S = 5.0


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
            self._channel.send("fork", descriptors=(theirs.fileno(),), deadline=deadline)
            match self._channel.receive(deadline):
                case ["forked", int() as pid] if pid > 0:
                    return State(ours, pid, self._living)
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
            self._channel.send("end", child._pid, deadline=deadline)
            self._channel.receive(deadline)
        except (ChannelClosedError, DeadlineError):
            return

    def run(self, source: str, seconds: float) -> list[Any]:
        """Run a cell here; return its outputs as the worker gives them.

        Raises:
            DeadlineError: it did not end in time.
            ChannelClosedError: the process ended, or its reply is unreadable.
        """
        outputs = self._try(seconds, "run", source)
        if outputs is None:
            raise ChannelClosedError("the worker's reply is unreadable")
        return outputs

    def define(self, source: str, asked: set[str], seconds: float) -> list[Any] | None:
        """Run a cell like `run`; return None, and don't, where it may change what the asked names mean."""
        return self._try(seconds, "define", source, sorted(asked))

    def _try(self, seconds: float, *request: Any) -> list[Any] | None:
        deadline = time.monotonic() + seconds
        self._channel.send(*request, deadline=deadline)
        match self._channel.receive(deadline):
            case ["ran", bool(), list() as outputs]:
                return outputs
            case ["held"]:
                return None
        raise ChannelClosedError("the worker's reply is unreadable")

    @property
    def channel(self) -> Channel:
        """The connection to the process, for whoever asks it questions."""
        return self._channel

    def host_student_cells(self) -> None:
        """Let the first state, pid 1, run student cells itself; it is not to sweep afterwards."""
        try:
            self._channel.send("host", deadline=time.monotonic() + FORK_S)
        except (ChannelClosedError, DeadlineError):
            return  # the next request says so

    def sweep(self) -> None:
        """End every process of the sandbox that is no state in use; to be asked of the first state, pid 1."""
        deadline = time.monotonic() + FORK_S
        try:
            self._channel.send("sweep", sorted(self._living), deadline=deadline)
            self._channel.receive(deadline)
        except (ChannelClosedError, DeadlineError):
            return

    def close(self) -> None:
        """Let the process go; it ends when it next looks for a request."""
        self._living.discard(self._pid)
        self._channel.close()
