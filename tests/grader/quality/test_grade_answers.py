"""Answers are graded many at a time, and what ran out of time only because of that has a second chance."""

from contextlib import nullcontext

import pytest

from checks.report import CellReport, Criterion, Kind
from closed_doors.authoring.quality.grade_answers import AnswerGrader, Result, Task
from closed_doors.authoring.quality.grade_one_answer import read_exercises
from closed_doors.core.layout import Layout
from closed_doors.grading.clocks.deadlines import Deadlines

SLOW = """
import time

def create_local_mask(n):
    time.sleep({seconds})
    return np.eye(n) + np.eye(n, k=-1)
"""


def report(kind: Kind) -> CellReport:
    return CellReport((Criterion("test_a", "a", 1.0, False, kind),), 1.0)


def test_running_out_of_time_is_told_from_being_wrong() -> None:
    """A criterion that was not judged in time, or no verdict at all; a failure of ours is neither."""
    assert Result(report(Kind.TOO_SLOW)).ran_out_of_time
    assert Result(None).ran_out_of_time
    assert not Result(report(Kind.WRONG_VALUES)).ran_out_of_time
    assert not Result(None, "no sandbox").ran_out_of_time


@pytest.mark.slow
def test_results_come_in_order_and_patience_is_for_those_who_ask(repository: Layout) -> None:
    """An answer that never ends is graded twice where it should have ended, and each time alone the second time."""
    exercise = read_exercises(repository, "masque_causal")["exercice-1"]
    said: list[tuple[str, int]] = []
    shown: list[tuple[int, int]] = []

    class Listening(AnswerGrader):
        def _results(self, what, tasks, jobs):
            said.append((what, len(tasks)))
            return super()._results(what, tasks, jobs)

    endless = SLOW.format(seconds=60)
    tasks = [Task(exercise, endless, patient=True), Task(exercise, "x = 1"), Task(exercise, endless)]
    tasks.append(Task(exercise, exercise.solution))
    grader = Listening(Deadlines(10, 20), 3, lambda _: nullcontext(lambda *how_far: shown.append(how_far)))
    results = grader.grade("Grading", tasks)
    assert [result.ran_out_of_time for result in results] == [True, False, True, False]
    assert results[3].missed(["test_example", "test_shape", "test_any_length"]) == ()
    assert said == [("Grading", 4), ("Grading again, one at a time", 1)]
    assert shown == [(1, 4), (2, 4), (3, 4), (4, 4), (1, 1)]
