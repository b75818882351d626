"""Grading tells right answers from wrong ones, whatever their style, through the real grading path."""

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from checks.report import CellReport
from grading.execution.supervisor import Zygote
from tests.answers.answers import Answer, graded, read_answers

ANSWERS = read_answers()


@pytest.fixture(scope="session")
def reports(request: pytest.FixtureRequest, zygote: Zygote) -> Iterator[dict[Answer, "Future[CellReport]"]]:
    """What the checks say of each answer that is tested, graded side by side."""
    asked = (item.callspec.params.get("answer") for item in request.session.items if hasattr(item, "callspec"))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {answer: pool.submit(graded, zygote, answer) for answer in asked if isinstance(answer, Answer)}


@pytest.mark.timeout(600)  # the first one waits for a share of all the others
@pytest.mark.parametrize("answer", [answer for answer in ANSWERS if answer.right], ids=str)
def test_a_right_answer_earns_everything(answer: Answer, reports: dict[Answer, "Future[CellReport]"]) -> None:
    """Every criterion of the exercise is met."""
    report = reports[answer].result()
    assert [(criterion.name, criterion.message) for criterion in report.criteria if not criterion.passed] == []
    assert report.earned == report.points


@pytest.mark.timeout(600)
@pytest.mark.parametrize("answer", [answer for answer in ANSWERS if not answer.right], ids=str)
def test_a_wrong_answer_misses_what_its_label_names(
    answer: Answer, reports: dict[Answer, "Future[CellReport]"]
) -> None:
    """At least the criteria that the misconception concerns are missed."""
    missed = {criterion.name for criterion in reports[answer].result().criteria if not criterion.passed}
    assert missed >= set(answer.fails)
    assert answer.fails
