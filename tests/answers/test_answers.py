"""Grading tells right answers from wrong ones, whatever their style, through the real grading path."""

import pytest

from grading.execution.supervisor import Zygote
from tests.answers.answers import Answer, graded, read_answers

ANSWERS = read_answers()


@pytest.mark.parametrize("answer", [answer for answer in ANSWERS if answer.right], ids=str)
def test_a_right_answer_earns_everything(answer: Answer, zygote: Zygote) -> None:
    """Every criterion of the exercise is met."""
    report = graded(zygote, answer)
    assert [(criterion.name, criterion.message) for criterion in report.criteria if not criterion.passed] == []
    assert report.earned == report.points


@pytest.mark.parametrize("answer", [answer for answer in ANSWERS if not answer.right], ids=str)
def test_a_wrong_answer_misses_what_its_label_names(answer: Answer, zygote: Zygote) -> None:
    """At least the criteria that the misconception concerns are missed."""
    missed = {criterion.name for criterion in graded(zygote, answer).criteria if not criterion.passed}
    assert missed >= set(answer.fails)
    assert answer.fails
