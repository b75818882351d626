"""Time limits: on any platform, in any thread, and never after the block."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from checks import time_limits
from checks.time_limits import TimeLimitExceeded, call_within, time_limit


def endless() -> None:
    """Run until something else ends it."""
    while True:
        pass


def stubborn(stop: Callable[[], bool]) -> None:
    """Swallow every exception, until told to let the next one pass."""
    while True:
        try:
            while True:
                pass
        except BaseException:
            if stop():
                raise


def in_thread(action: Callable[[], None]) -> list[BaseException]:
    """Run in a thread of its own, and return what it raised."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            action()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return raised


def without_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be a platform that lacks Unix's timer; the real one stays, for the test's own time limit."""
    monkeypatch.setattr(time_limits, "_has_timer", lambda: False)


@pytest.fixture(params=["alarm", "watchdog"])
def main_thread(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways of the main thread: with the timer of Unix, and where there is none."""
    if request.param == "watchdog":
        without_timer(monkeypatch)


@pytest.mark.usefixtures("main_thread")
def test_an_endless_block_is_stopped() -> None:
    """With a timer and without one, the block ends and nothing of the limit is left."""
    handlers, threads = (signal.getsignal(14), signal.getsignal(signal.SIGTERM)), set(threading.enumerate())
    with pytest.raises(TimeLimitExceeded), time_limit(0.05):
        endless()
    assert (signal.getsignal(14), signal.getsignal(signal.SIGTERM)) == handlers
    assert set(threading.enumerate()) <= threads


@pytest.mark.usefixtures("main_thread")
def test_a_block_that_swallows_the_first_is_asked_again() -> None:
    """The interruption is repeated until one passes."""
    swallowed = iter([False, False, True])
    with pytest.raises(TimeLimitExceeded), time_limit(0.05):
        stubborn(lambda: next(swallowed))


def test_another_thread_is_stopped_too() -> None:
    """No signal reaches it: the exception is deposited, and repeated."""
    swallowed = iter([False, False, True])
    (raised,) = in_thread(lambda: call_within(lambda: stubborn(lambda: next(swallowed)), 0.05))
    assert isinstance(raised, TimeLimitExceeded)


def test_what_ends_in_time_is_left_alone() -> None:
    """Results and errors of the action's own come through, in both kinds of threads."""
    seen: list[int] = []
    call_within(lambda: seen.append(1), 60)
    assert in_thread(lambda: call_within(lambda: seen.append(2), 60)) == []
    assert seen == [1, 2]
    (raised,) = in_thread(lambda: call_within(lambda: [].pop(), 60))
    assert isinstance(raised, IndexError)


RACE = """
import random, signal, sys, threading, time
from checks.time_limits import TimeLimitExceeded, call_within
if {without_timer}:
    del signal.setitimer, signal.SIGALRM
sys.setswitchinterval(1e-5)
caught = escaped = 0

def race():
    global caught, escaped
    for _ in range(400):
        limit = random.uniform(0.0005, 0.002)
        end = time.monotonic() + limit * random.uniform(0.9, 1.3)
        def busy():
            while time.monotonic() < end:
                pass
        try:
            try:
                call_within(busy, limit)
            except TimeLimitExceeded:
                caught += 1
            sum(x for x in range(300))
        except TimeLimitExceeded:
            escaped += 1

if {other_thread}:
    thread = threading.Thread(target=race)
    thread.start()
    thread.join()
else:
    race()
print(caught > 0, escaped)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("without_timer", "other_thread"), [(False, False), (True, False), (True, True)])
def test_no_tick_escapes_its_block(without_timer: bool, other_thread: bool) -> None:
    """Blocks that end just when their time does, hundreds of times: what interrupts one never comes after it."""
    program = RACE.format(without_timer=without_timer, other_thread=other_thread)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout == "True 0\n", done


def test_a_tick_while_the_block_ends_is_too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """The alarm rings when the block has ended and its timer is being put away: nothing is raised, all is put back."""
    put_back = time_limits._put_back

    def ring_and_put_back(number: int, handler: "signal._HANDLER") -> None:
        monkeypatch.setattr(time_limits, "_left", lambda _: 0.0)
        signal.raise_signal(number)
        put_back(number, handler)

    monkeypatch.setattr(time_limits, "_put_back", ring_and_put_back)
    handler = signal.getsignal(signal.SIGALRM)
    with time_limit(600):
        pass
    assert signal.getsignal(signal.SIGALRM) is handler


def test_an_exception_deposited_while_the_action_ends_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """In another thread it comes at the next instruction, when the action is over: it goes no further."""
    settle = time_limits._Pursuit.settle
    late = iter([True])

    def deposit_and_settle(pursuit: time_limits._Pursuit) -> None:
        if next(late, False):
            time_limits._deposit(threading.get_ident(), TimeLimitExceeded)
        settle(pursuit)

    monkeypatch.setattr(time_limits._Pursuit, "settle", deposit_and_settle)
    done: list[int] = []

    def action() -> None:
        time.sleep(0.2)  # the watchdog has started
        done.append(1)

    assert in_thread(lambda: call_within(action, 600)) == []
    assert (done, next(late, None)) == ([1], None)


def test_a_watchdog_that_is_lost_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where its thread ends before it has begun, the call goes on and returns."""
    monkeypatch.setattr(time_limits, "LONGEST_FAREWELL_S", 0.05)
    monkeypatch.setattr(time_limits._Pursuit, "_watch", lambda _: None)
    assert in_thread(lambda: call_within(lambda: None, 600)) == []


def test_an_inner_limit_does_not_prolong_the_outer() -> None:
    """The outer block's time runs on while an inner one, with more time, is at work."""
    with pytest.raises(TimeLimitExceeded), time_limit(0.05), time_limit(600):
        endless()


def test_an_outer_limit_goes_on_after_an_inner_one() -> None:
    """What an inner block took is not given to the outer block once more."""

    def block() -> None:
        with contextlib.suppress(TimeLimitExceeded), time_limit(0.05):
            endless()
        endless()

    with pytest.raises(TimeLimitExceeded), time_limit(0.3):
        block()


def test_a_timer_that_was_set_before_keeps_its_hour() -> None:
    """Somebody else's alarm rings when it should have, not later by what the block took."""
    signal.setitimer(signal.ITIMER_REAL, 60)
    try:
        with time_limit(30):
            time.sleep(0.1)
        assert signal.getitimer(signal.ITIMER_REAL)[0] <= 59.9
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def test_somebody_elses_signal_keeps_its_meaning(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that is told to end during a check without a timer hears it."""
    without_timer(monkeypatch)
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: heard.append(number))
    try:
        with time_limit(60):
            os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert heard == [signal.SIGTERM]


def test_without_threads_nothing_is_limited_and_all_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python in a browser can start no thread: the check runs, without a limit."""

    def refuse(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    without_timer(monkeypatch)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    with time_limit(0.001):
        assert time_limits.RETRY_S
