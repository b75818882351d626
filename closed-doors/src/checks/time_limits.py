"""Limits the time of a block or a call, on any machine and in any thread.

In the main thread, interrupting is a signal handler's business, which sees where the code is: it interrupts nothing
once the block is left. Unix's timer wakes it, even during a call that waits; where there is none (Windows), a thread
that keeps watch. Another thread has no signals: the watching thread puts the exception there.
"""

import _thread
import contextlib
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Protocol

RETRY_S = 0.01
FAREWELL_STEP_S = 0.001
LONGEST_FAREWELL_S = 10.0  # CPython may give an exception meant for this thread to one that it has just begun to start
WATCHDOG_SIGNAL = signal.SIGTERM  # raised in this process only, where there is no alarm


class TimeLimitExceeded(BaseException):
    """The tested code has exceeded its time."""


class Waker(Protocol):
    """Wakes a handler from time to time, in the main thread."""

    def start(self, handler: Callable[[int, FrameType | None], None], wait: float) -> None:
        """Begin, after this time."""

    def again(self, wait: float) -> None:
        """Wake again, after this time."""

    def stop(self) -> None:
        """Put back what was there before."""


@contextlib.contextmanager
def _nothing() -> Iterator[None]:
    yield


def time_limit(seconds: float) -> contextlib.AbstractContextManager[None]:
    """Interrupt the block when it has used up its time, in the main thread; elsewhere, limit nothing.

    The interruption is repeated: code that swallows every exception in its loop lets it pass at last. None comes once
    the block is left.

    Args:
        seconds: its time, by a clock on the wall.

    Raises:
        TimeLimitExceeded: in the block, when that time is used up.
    """
    if threading.current_thread() is not threading.main_thread():
        return _nothing()
    return _Limit(time.monotonic() + seconds, _Alarm() if _has_timer() else _Watchdog())


def call_within(action: Callable[[], None], seconds: float) -> None:
    """Call `action`, and interrupt it when it has used up its time, in any thread.

    Outside of the main thread, a call that waits in C code (time.sleep) is only interrupted when it returns.

    Args:
        action: what is called.
        seconds: its time, by a clock on the wall.

    Raises:
        TimeLimitExceeded: that time is used up.
    """
    if threading.current_thread() is threading.main_thread():
        with time_limit(seconds):
            action()
        return
    pursuit = _Pursuit(time.monotonic() + seconds)
    # Python delivers a deposited exception after a call or at a loop's turn only: none comes between the action's end
    # and `left`, and at most one, deposited before `left` was set, comes after it.
    try:
        pursuit.start()
        action()
    finally:
        pursuit.left = True
        try:
            pursuit.settle()
        except TimeLimitExceeded:
            pursuit.settle()


def _left(deadline: float) -> float:
    """Return the time that is left until this moment; 0 when it is past."""
    return max(deadline - time.monotonic(), 0.0)


def _has_timer() -> bool:
    return hasattr(signal, "setitimer") and hasattr(signal, "SIGALRM")


class _Limit:
    """A block with a time limit, in the main thread."""

    def __init__(self, deadline: float, waker: Waker) -> None:
        self._deadline = deadline
        self._waker = waker

    def __enter__(self) -> None:
        self._waker.start(self._look, max(_left(self._deadline), 1e-6))

    def __exit__(self, *_: object) -> None:
        self._waker.stop()

    def _look(self, _signal: int, frame: FrameType | None) -> None:
        if _at_the_edge(frame):
            return
        left = _left(self._deadline)
        self._waker.again(left or RETRY_S)
        if not left:
            raise TimeLimitExceeded


_EDGES = frozenset({_Limit.__enter__.__code__, _Limit.__exit__.__code__})


def _at_the_edge(frame: FrameType | None) -> bool:
    """Whether the block has not begun, or is ending: an interruption would leave it with nothing put back."""
    while frame is not None:
        if frame.f_code in _EDGES:
            return True
        frame = frame.f_back
    return False


def _put_back(number: int, handler: "signal._HANDLER") -> None:
    """Put a handler back; signal.signal first calls ours for signals that have come already."""
    signal.signal(number, signal.SIG_DFL if handler is None else handler)  # None: not set from Python


class _Alarm:
    """Unix's timer; one that was running goes on, and rings in its time."""

    def start(self, handler: Callable[[int, FrameType | None], None], wait: float) -> None:
        self._handler = handler
        self._previous = signal.signal(signal.SIGALRM, self._ring)
        delay, self._interval = signal.setitimer(signal.ITIMER_REAL, 0)
        self._previous_due = time.monotonic() + delay if delay else math.inf
        self.again(wait)

    def again(self, wait: float) -> None:
        signal.setitimer(signal.ITIMER_REAL, min(wait, self._previous_wait()), RETRY_S)

    def stop(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        _put_back(signal.SIGALRM, self._previous)
        if not math.isinf(self._previous_due):
            signal.setitimer(signal.ITIMER_REAL, self._previous_wait(), self._interval)

    def _previous_wait(self) -> float:
        return max(self._previous_due - time.monotonic(), 1e-6)

    def _ring(self, number: int, frame: FrameType | None) -> None:
        if time.monotonic() >= self._previous_due:
            self._previous_due = time.monotonic() + self._interval if self._interval else math.inf
            if callable(self._previous):
                self._previous(number, frame)
        self._handler(number, frame)


class _Watchdog:
    """A watching thread that has a signal come in the main thread, where there is no timer."""

    def start(self, handler: Callable[[int, FrameType | None], None], wait: float) -> None:
        self._wait = wait
        self._looks = 0
        self._handler = handler
        self._stopped = threading.Event()
        self._previous = signal.signal(WATCHDOG_SIGNAL, self._ring)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        with contextlib.suppress(RuntimeError):  # a Python in a browser has no threads, hence no limits
            self._thread.start()

    def again(self, wait: float) -> None:
        self._wait = wait

    def stop(self) -> None:
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join()
        _put_back(WATCHDOG_SIGNAL, self._previous)

    def _watch(self) -> None:
        while not self._stopped.wait(self._wait):
            self._wait = RETRY_S
            self._looks += 1
            _thread.interrupt_main(WATCHDOG_SIGNAL)

    def _ring(self, number: int, frame: FrameType | None) -> None:
        if self._looks:
            self._looks = 0
            self._handler(number, frame)
        elif callable(self._previous):
            self._previous(number, frame)
        elif self._previous == signal.SIG_DFL:  # somebody else's signal means what it meant
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)


class _Pursuit:
    """A watching thread that puts TimeLimitExceeded into the thread that made it.

    The exception may come between any two instructions of the thread that is watched: its means to stop are as plain as
    can be, without a lock that this thread could leave closed.
    """

    def __init__(self, deadline: float) -> None:
        self.left = False
        self._deadline = deadline
        self._target = threading.get_ident()
        self._gate = threading.Lock()
        self._finished = True

    def start(self) -> None:
        """Begin to watch."""
        self._gate.acquire()
        self._finished = False
        try:
            _thread.start_new_thread(self._watch, ())
        except RuntimeError:
            self._finished = True

    def settle(self) -> None:
        """Cease to watch: nothing more is put there, and what has not come yet is taken back."""
        if self._gate.locked():
            self._gate.release()
        latest = time.monotonic() + LONGEST_FAREWELL_S
        while not self._finished and time.monotonic() < latest:
            time.sleep(FAREWELL_STEP_S)
        _deposit(self._target, None)

    def _watch(self) -> None:
        try:
            while not self._gate.acquire(timeout=_left(self._deadline) or RETRY_S):
                if not self.left and not _left(self._deadline):
                    _deposit(self._target, TimeLimitExceeded)
        finally:
            self._finished = True


def _deposit(thread: int, kind: type[BaseException] | None) -> None:
    """Let another thread raise this exception, or take back the one that waits (None)."""
    with contextlib.suppress(ImportError, AttributeError):  # a Python that isn't CPython limits nothing there
        import ctypes

        error = None if kind is None else ctypes.py_object(kind)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), error)
