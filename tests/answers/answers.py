"""The labelled answers of tests/answers, read and graded by `closed_doors.authoring.quality`."""

from functools import cache
from pathlib import Path

from tests.conftest import ROOT

from closed_doors.authoring.hint_writing.misconceptions import KnownExercise, read_known
from closed_doors.authoring.quality.grade_one_answer import Exercise, read_exercises
from closed_doors.authoring.quality.labelled_answers import Answer, read_answers
from closed_doors.core.layout import Layout
from closed_doors.grading.clocks.deadlines import Deadlines
from closed_doors.grading.processes.supervisor import grade
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.verdict.verdict import CellVerdict

FOLDER = Path(__file__).parent
COURSE = Layout(ROOT)


@cache
def exercises_of(assignment: str) -> dict[str, Exercise]:
    """Return an assignment's exercises by name."""
    return read_exercises(COURSE, assignment)


def all_answers() -> list[Answer]:
    """Return every answer of the folder."""
    return [a for name in COURSE.assignments() for a in read_answers(FOLDER, name, list(exercises_of(name)))]


@cache
def known_of(assignment: str) -> dict[str, KnownExercise]:
    """Return what is known of wrong answers to an assignment's exercises, by exercise."""
    return {known.name: known for known in read_known(FOLDER / assignment)}


@cache
def hints_of(assignment: str) -> bytes:
    """Return the content of an assignment's file of hints."""
    return COURSE.hints(assignment, assignment).read_bytes()


def graded(zygote: Zygote, answer: Answer) -> CellVerdict:
    """Return what the checks of the exercise say of the answer, the other exercises being solved; once more if late."""
    exercise = exercises_of(answer.assignment)[answer.exercise]
    steps = exercise.with_answer(answer.source)
    for _ in range(2):
        found = grade(zygote, steps, Deadlines(), files=exercise.files, diagnosis=hints_of(answer.assignment))
        if found.complete:
            break
    assert found.complete, "grading ran out of time"
    return found.verdicts[exercise.check]
