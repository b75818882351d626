"""Student code gets the time that it uses: what it waits for a busy machine does not count, a sleep does."""

import signal
import time

import pytest

from closed_doors.grading.clocks.cell_clock import OutOfTimeError, TimeBudget
from support.load import busy, on_one_processor


def compute(cpu_s: float) -> str:
    end = time.process_time() + cpu_s
    while time.process_time() < end:
        pass
    return "done"


def swallow_everything() -> None:
    while True:
        try:
            while True:
                pass
        except Exception:
            continue


@pytest.mark.parametrize("work", [lambda: compute(60), lambda: time.sleep(60), swallow_everything])
def test_code_that_uses_its_time_up_is_interrupted(work: object) -> None:
    """A computation, a sleep and a loop that swallows errors all end."""
    with pytest.raises(OutOfTimeError):
        TimeBudget(0.2).run(work)  # type: ignore[arg-type]


def test_waiting_for_a_processor_does_not_count() -> None:
    """Six other processes on the same processor take six sevenths of the time, and none of the budget."""
    with on_one_processor() as processor, busy(6, processor):
        started = time.monotonic()
        budget = TimeBudget(1.0)
        assert budget.run(lambda: compute(0.4)) == "done"
        assert time.monotonic() - started > 1.0, "the machine was not busy"
        assert budget.spent_s < 1.0


def test_no_tick_comes_after_the_code() -> None:
    """However close to its end a computation comes, the interruption is raised inside the block or not at all."""
    for tenth in range(60):
        budget = TimeBudget(0.02)
        try:
            budget.run(lambda tenth=tenth: time.sleep(0.0185 + tenth / 20_000))  # type: ignore[misc]
        except OutOfTimeError:
            continue
        finally:
            spin = time.monotonic() + 0.004
            while time.monotonic() < spin:
                pass


def test_an_alarm_that_student_code_has_set_is_no_error() -> None:
    """A handler of the student's takes the ticks; the budget says nothing then, and nothing breaks."""

    def work() -> str:
        signal.signal(signal.SIGALRM, lambda *_: None)
        time.sleep(0.3)
        return "done"

    assert TimeBudget(0.1).run(work) == "done"
