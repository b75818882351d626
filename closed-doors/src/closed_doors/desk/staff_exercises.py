"""A student's exercises as the staff reads them: every criterion, hidden ones too, beside answer and figures."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from checks.report import Criterion
from closed_doors.core.errors import CourseError
from closed_doors.desk.marking_desk import MarkingDesk
from closed_doors.desk.questions import Question
from closed_doors.desk.written_answers import Part, masked_text, name_mask, read_parts
from closed_doors.grading.verdict.verdict_file import read_verdict


@dataclass(frozen=True, slots=True)
class StaffExercise:
    """One graded cell of one student.

    Attributes:
        criteria: as the verdict has them; none where a person marks.
        parts: the answer; None where it can't be read.
    """

    question: Question
    criteria: tuple[Criterion, ...]
    parts: tuple[Part, ...] | None

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
    mask, questions = name_mask(kept), desk.questions(assignment)
    criteria: dict[tuple[str, str], tuple[Criterion, ...]] = {}
    for notebook in dict.fromkeys(question.place.notebook for question in questions):
        try:
            verdict = read_verdict(desk.settings.root, assignment, student, notebook)
        except CourseError:
            continue
        for cell in verdict.cells if verdict else ():
            criteria[notebook, cell.grade_id] = tuple(_masked(one, mask) for one in cell.criteria)
    return [
        StaffExercise(
            question,
            criteria.get((question.place.notebook, question.place.cell), ()),
            read_parts(desk.settings, question, student, desk.words, kept),
        )
        for question in questions
    ]


def _masked(one: Criterion, mask: re.Pattern[str] | None) -> Criterion:
    return replace(one, message=masked_text(one.message, mask), printed=masked_text(one.printed, mask))
