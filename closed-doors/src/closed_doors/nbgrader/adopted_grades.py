"""Whether a course's gradebook can be taken over, and the one thing that is noted in it then."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from closed_doors.core.errors import GradebookError
from closed_doors.nbgrader import gradebook_tables as tables
from closed_doors.nbgrader.final_marks import SAME, Lateness
from closed_doors.nbgrader.gradebook_database import Database
from closed_doors.nbgrader.gradebook_reader import GivenPenalty, StudentMarks

OURS = "closed_door_"


@dataclass(frozen=True, slots=True)
class GradedWork:
    """Work whose marks stand, although this grader has not given them.

    Attributes:
        student: nbgrader's id.
        content: see `Earlier`; so for the others.
    """

    student: str
    content: str
    fingerprint: str
    received: datetime | None


@dataclass(frozen=True, slots=True)
class StandingPenalty:
    """A penalty that nbgrader gave, and that the rule would not give now: by points, extension or due date since.

    Attributes:
        given: what stands.
        by_rule: what the rule would take off now.
    """

    student: str
    notebook: str
    given: GivenPenalty
    by_rule: float


def standing_penalties(
    rules: Lateness, assignment: str, marks: Mapping[str, StudentMarks]
) -> Iterator[StandingPenalty]:
    """Yield the stored penalties that do not follow from what is stored.

    Args:
        rules: what decides about lateness.
        assignment: nbgrader's name for it.
        marks: as they stand in the gradebook.
    """
    for student, stored in marks.items():
        right = rules.applied(assignment, stored)
        for name, book in stored.notebooks.items():
            if abs(book.penalty - right.notebooks[name].penalty) > SAME:
                given = GivenPenalty(book.before_penalty, right.late_s, book.penalty)
                yield StandingPenalty(student, name, given, right.notebooks[name].penalty)


def require_current(url: str) -> bool:
    """Return whether there is a gradebook at all.

    Raises:
        GradebookError: an earlier version of nbgrader made it, or it can't be read.
    """
    with Database(url).transaction() as db:
        look = sa.inspect(db)
        if not look.has_table(tables.assignment.name):
            return False
        for table in tables.schema.tables.values():
            if table.name.startswith(OURS):
                continue
            there = {column["name"] for column in look.get_columns(table.name)} if look.has_table(table.name) else ()
            if missing := [column.name for column in table.columns if column.name not in there]:
                raise GradebookError(
                    f"An earlier version of nbgrader made the gradebook (there is no {table.name}.{missing[0]}): "
                    "back it up, run `nbgrader db upgrade` in the course's folder, then run this again."
                )
    return True


def note_as_graded(
    url: str, assignment: str, works: Sequence[GradedWork], penalties: Sequence[StandingPenalty]
) -> None:
    """Note which work the marks of an assignment come from: it is not graded again as long as it stays the same.

    Marks, comments, times and penalties are left as they are, and so is what is noted already.

    Args:
        url: the gradebook, as a SQLAlchemy URL.
        assignment: nbgrader's name for it.
        works: whose marks stand.
        penalties: that stand.

    Raises:
        GradebookError: the gradebook can't be written to; nothing is noted.
    """
    with Database(url).transaction() as db:
        _note_works(db, assignment, works)
        _note_penalties(db, assignment, penalties)


def _note_works(db: sa.Connection, assignment: str, works: Sequence[GradedWork]) -> None:
    by_student = {work.student: work for work in works}
    submission, ours = tables.submission, tables.graded
    ours.create(db, checkfirst=True)
    known = set(db.execute(sa.select(ours.c.submission_id)).scalars())
    query = (
        sa.select(submission.c.id, submission.c.student_id)
        .join_from(submission, tables.assignment, tables.assignment.c.id == submission.c.assignment_id)
        .where(tables.assignment.c.name == assignment)
    )
    rows = [
        {
            "submission_id": number,
            "content": by_student[student].content,
            "fingerprint": by_student[student].fingerprint,
            "received": by_student[student].received,
        }
        for number, student in db.execute(query)
        if student in by_student and number not in known
    ]
    if rows:
        db.execute(sa.insert(ours), rows)


def _note_penalties(db: sa.Connection, assignment: str, penalties: Sequence[StandingPenalty]) -> None:
    if not penalties:
        return
    submission, submitted, ours = tables.submission, tables.submitted, tables.given_penalty
    ours.create(db, checkfirst=True)
    query = (
        sa.select(submitted.c.id, submission.c.student_id, tables.notebook.c.name)
        .join_from(submitted, submission, submission.c.id == submitted.c.assignment_id)
        .join(tables.notebook, tables.notebook.c.id == submitted.c.notebook_id)
        .join(tables.assignment, tables.assignment.c.id == submission.c.assignment_id)
        .where(tables.assignment.c.name == assignment)
    )
    numbers = {(student, notebook): number for number, student, notebook in db.execute(query)}
    rows = [
        {"notebook_id": numbers[one.student, one.notebook], **asdict(one.given)}
        for one in penalties
        if (one.student, one.notebook) in numbers
    ]
    db.execute(sa.delete(ours).where(ours.c.notebook_id.in_([row["notebook_id"] for row in rows])))
    db.execute(sa.insert(ours), rows)
