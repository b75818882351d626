"""Grading tells right answers from wrong ones, whatever their style, through the real grading path."""

import pytest
from tests.answers.answers import COURSE, Answer, all_answers, exercises_of, graded, known_of

from closed_doors.authoring.hint_writing.self_check import means
from closed_doors.grading.processes.zygote_handle import Zygote

ANSWERS = all_answers()


def name_of(answer: Answer) -> str:
    return f"{answer.assignment}/{answer}"


@pytest.mark.parametrize("answer", [answer for answer in ANSWERS if answer.right], ids=name_of)
def test_a_right_answer_earns_everything(answer: Answer, zygote: Zygote) -> None:
    """Every criterion of the exercise is met, and there is no hint."""
    verdict = graded(zygote, answer)
    report = verdict.report
    assert [(criterion.name, criterion.message) for criterion in report.criteria if not criterion.passed] == []
    assert report.earned == report.points
    assert verdict.diagnosis is None


@pytest.mark.parametrize("answer", [answer for answer in ANSWERS if not answer.right], ids=name_of)
def test_a_wrong_answer_misses_what_its_label_names(answer: Answer, zygote: Zygote) -> None:
    """At least the criteria that the misconception concerns are missed, and the hint is its own."""
    verdict = graded(zygote, answer)
    missed = {criterion.name for criterion in verdict.report.criteria if not criterion.passed}
    assert missed >= set(answer.fails)
    assert answer.fails
    known = known_of(answer.assignment)[answer.exercise]
    if (own := known.misconception_of(answer.name)) is not None:
        assert verdict.diagnosis is not None
        assert means(known, verdict.diagnosis.id, own)


@pytest.mark.parametrize("assignment", COURSE.assignments())
def test_every_exercise_has_answers_of_both_kinds(assignment: str) -> None:
    """Each exercise has at least 8 right answers and 15 wrong ones, all labelled."""
    for exercise in exercises_of(assignment):
        there = [answer for answer in ANSWERS if (answer.assignment, answer.exercise) == (assignment, exercise)]
        assert sum(answer.right for answer in there) >= 8, exercise
        assert sum(not answer.right for answer in there) >= 15, exercise
        assert all(answer.label for answer in there), exercise
