"""Grading tells right answers from wrong ones, whatever their style, through the real grading path."""

import pytest

from grading.execution.supervisor import Zygote
from tests.answers.answers import COURSE, Answer, all_answers, exercises_of, graded

ANSWERS = all_answers()


def name_of(answer: Answer) -> str:
    return f"{answer.assignment}/{answer}"


@pytest.mark.parametrize("answer", [answer for answer in ANSWERS if answer.right], ids=name_of)
def test_a_right_answer_earns_everything(answer: Answer, zygote: Zygote) -> None:
    """Every criterion of the exercise is met."""
    report = graded(zygote, answer)
    assert [(criterion.name, criterion.message) for criterion in report.criteria if not criterion.passed] == []
    assert report.earned == report.points


@pytest.mark.parametrize("answer", [answer for answer in ANSWERS if not answer.right], ids=name_of)
def test_a_wrong_answer_misses_what_its_label_names(answer: Answer, zygote: Zygote) -> None:
    """At least the criteria that the misconception concerns are missed."""
    missed = {criterion.name for criterion in graded(zygote, answer).criteria if not criterion.passed}
    assert missed >= set(answer.fails)
    assert answer.fails


@pytest.mark.parametrize("assignment", COURSE.assignments())
def test_every_exercise_has_answers_of_both_kinds(assignment: str) -> None:
    """Each exercise has at least 8 right answers and 15 wrong ones, all labelled."""
    for exercise in exercises_of(assignment):
        there = [answer for answer in ANSWERS if (answer.assignment, answer.exercise) == (assignment, exercise)]
        assert sum(answer.right for answer in there) >= 8, exercise
        assert sum(not answer.right for answer in there) >= 15, exercise
        assert all(answer.label for answer in there), exercise
