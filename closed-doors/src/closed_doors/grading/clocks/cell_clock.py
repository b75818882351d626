"""How long student code may take: the time that it used, not the time that it had to wait for a busy machine.

What counts is the wall clock less what the kernel says that the process stood in line for a processor. So a right
answer gets its time on a machine with ten other things to do, and a sleep counts like a computation. This runs beside
student code, which may switch it off: whoever does only meets the wider guards of the examiner and the supervisor.
"""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TypeVar

try:  # what `signal.signal` calls, without names for what was there before: they take as long as most answers
    from _signal import signal as set_handler  # type: ignore[import-not-found]
except ImportError:
    from signal import signal as set_handler

SOONEST_S = 0.01
SHORT_S = 0.05
REPEAT_S = 0.05  # code that swallows every exception lets one of them pass in the end
T = TypeVar("T")


class OutOfTimeError(BaseException):
    """The student's code has used its time."""


class TimeBudget:
    """The time that one piece of student code may use.

    Args:
        seconds: how long.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._started = time.monotonic()
        self._waited = 0.0
        _line.join()

    def run(self, work: Callable[[], T]) -> T:
        """Return what `work` returns; student code that waits for an alarm of its own has none meanwhile.

        Raises:
            OutOfTimeError: it has used its time. Nothing of this is raised once the call has ended.
        """
        global _current
        _current = self
        _listen()
        signal.setitimer(signal.ITIMER_REAL, max(self._seconds, SOONEST_S))
        try:
            return _inside(work)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    @property
    def spent_s(self) -> float:
        """The time used so far, in seconds; what passes in a moment is not worth asking the kernel about."""
        wall = time.monotonic() - self._started
        if wall < SHORT_S:
            return wall
        self._waited += _line.waited_since_asked()
        return max(0.0, wall - self._waited)

    def look(self, frame: FrameType | None) -> None:
        """Interrupt the code, where it has used its time; called at a tick, with the frame that it came upon."""
        left = self._seconds - self.spent_s
        signal.setitimer(signal.ITIMER_REAL, max(left, SOONEST_S) if left > 0 else REPEAT_S)
        while left <= 0 and frame is not None:  # a late tick must not hit whoever comes after the code
            if frame.f_code is _inside.__code__:
                raise OutOfTimeError
            frame = frame.f_back


_current: TimeBudget | None = None


def _tick(_signal: int, frame: FrameType | None) -> None:
    if _current is not None:
        _current.look(frame)


def _listen() -> None:
    try:
        set_handler(signal.SIGALRM, _tick)
    except Exception:  # student code has broken what Python's own library needs: the wider guards hold
        return


def _inside(work: Callable[[], T]) -> T:
    return work()


class _Line:
    """What is known of this process's waiting: asked for seldom, as most answers take no time."""

    def __init__(self) -> None:
        self._pid = 0
        self._waited = 0.0

    def join(self) -> None:
        """Begin anew in a process that has not asked yet: what it waited before is nobody's."""
        if self._pid != os.getpid():
            self._pid, self._waited = os.getpid(), _waited_s()

    def waited_since_asked(self) -> float:
        """Return what was waited since this was last asked: in doubt, for the student."""
        before, self._waited = self._waited, _waited_s()
        return max(self._waited - before, 0.0)


def _waited_s() -> float:
    """Return how long this process has stood in line for a processor; 0 where the kernel does not say."""
    try:
        return int(Path("/proc/self/schedstat").read_bytes().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


_line = _Line()
