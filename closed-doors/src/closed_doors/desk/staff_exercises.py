"""A student's exercises as the staff reads them: every criterion, hidden ones too, beside answer and figures."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from checks.report import Criterion
from closed_doors.core.errors import CourseError
from closed_doors.core.wording import Wording
from closed_doors.desk.marking_desk import MarkingDesk
from closed_doors.desk.questions import Question
from closed_doors.desk.written_answers import Part, masked_text, name_mask, read_parts
from closed_doors.grading.verdict.verdict import CellVerdict
from closed_doors.grading.verdict.verdict_file import read_verdict
from closed_doors.pages.dashboard.student_page import trace_lines


@dataclass(frozen=True, slots=True)
class StaffExercise:
    """One graded cell of one student.

    Attributes:
        criteria: as the verdict has them; none where a person marks.
        parts: the answer; None where it can't be read.
        traces: where the tests of missed criteria failed, hidden ones too, in lines by the criterion's name.
    """

    question: Question
    criteria: tuple[Criterion, ...]
    parts: tuple[Part, ...] | None
    traces: Mapping[str, tuple[str, ...]]

    @property
    def title(self) -> str:
        """The heading above it."""
        return self.question.title


def read_exercises(desk: MarkingDesk, assignment: str, student: str, kept: Sequence[str]) -> list[StaffExercise]:
    """Return all that a student did in an assignment.

    Args:
        desk: the course's.
        assignment: nbgrader's name for it.
        student: nbgrader's id.
        kept: names that are to be masked wherever they stand.
    """
    questions = desk.questions(assignment)
    judged: dict[tuple[str, str], CellVerdict] = {}
    for notebook in dict.fromkeys(question.place.notebook for question in questions):
        judged |= {(notebook, cell.grade_id): cell for cell in _cells(desk, assignment, student, notebook)}
    mask = name_mask(kept)
    return [
        _exercise(
            question,
            judged.get((question.place.notebook, question.place.cell)),
            read_parts(desk.settings, question, student, desk.words, kept),
            mask,
            desk.words,
        )
        for question in questions
    ]


def _cells(desk: MarkingDesk, assignment: str, student: str, notebook: str) -> Sequence[CellVerdict]:
    """Return what a verdict file says; nothing where there is none that can be read."""
    try:
        verdict = read_verdict(desk.settings.root, assignment, student, notebook)
    except CourseError:
        return ()
    return verdict.cells if verdict else ()


def _exercise(
    question: Question,
    cell: CellVerdict | None,
    parts: tuple[Part, ...] | None,
    mask: re.Pattern[str] | None,
    words: Wording,
) -> StaffExercise:
    if cell is None:
        return StaffExercise(question, (), parts, {})
    traces = {one.criterion: tuple(masked_text(line, mask) for line in trace_lines(one, words)) for one in cell.traces}
    return StaffExercise(question, tuple(_masked(one, mask) for one in cell.criteria), parts, traces)


def _masked(one: Criterion, mask: re.Pattern[str] | None) -> Criterion:
    return replace(one, message=masked_text(one.message, mask), printed=masked_text(one.printed, mask))
