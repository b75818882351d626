"""The labelled answers of tests/answers, read and graded by `grading.quality` (see its `collection` for the files)."""

from functools import cache
from pathlib import Path

from checks.report import CellReport
from grading.execution.supervisor import Deadlines, Zygote
from grading.layout import Layout
from grading.quality.collection import Answer, read_answers
from grading.quality.trial import Exercise, grade_answer, read_exercises
from tests.conftest import ROOT

FOLDER = Path(__file__).parent
COURSE = Layout(ROOT)


@cache
def exercises_of(assignment: str) -> dict[str, Exercise]:
    """Return an assignment's exercises by name."""
    return read_exercises(COURSE, assignment)


def all_answers() -> list[Answer]:
    """Return every answer of the folder."""
    return [a for name in COURSE.assignments() for a in read_answers(FOLDER, name, list(exercises_of(name)))]


def graded(zygote: Zygote, answer: Answer) -> CellReport:
    """Return what the checks of the exercise say of the answer, the other exercises being solved."""
    report = grade_answer(zygote, exercises_of(answer.assignment)[answer.exercise], answer.source, Deadlines())
    assert report is not None, "grading ran out of time"
    return report
