"""Reads a class's marks and comments from the gradebook, all in a few queries, without loading nbgrader."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from closed_doors.nbgrader import gradebook_tables as tables
from closed_doors.nbgrader.gradebook_database import Database
from closed_doors.nbgrader.gradebook_tables import Condition, Query, Row
from closed_doors.nbgrader.items_met import MarkedBy, items_met_in

NO_RESPONSE = "No response."  # nbgrader's own words, which its formgrader looks for


@dataclass(frozen=True, slots=True)
class CellMark:
    """What one graded cell earned, in points.

    Attributes:
        maximum: what it is worth.
        automatic: what its tests gave; None where only a person can tell.
        manual: what a person gave; it goes before the automatic points.
        extra: points that a person gave on top.
        pending: whether a person has still to look.
    """

    maximum: float
    automatic: float | None
    manual: float | None
    extra: float
    pending: bool

    @property
    def score(self) -> float:
        """The points that count, as nbgrader counts them: a person's before the automatic, and extra credit."""
        given = self.automatic if self.manual is None else self.manual
        return 0.0 if given is None else given + self.extra


@dataclass(frozen=True, slots=True)
class Comment:
    """What is said of an answer.

    Attributes:
        automatic: nbgrader's "No response." where nothing was written, or how the answer was graded; mostly empty.
        manual: a person's; empty where there is none.
    """

    automatic: str
    manual: str

    @property
    def is_unanswered(self) -> bool:
        """Whether nothing was written."""
        return self.automatic == NO_RESPONSE


@dataclass(frozen=True, slots=True)
class GivenPenalty:
    """What nbgrader took off a notebook before the course was adopted: it stands while these stay what they were.

    Attributes:
        points: the points before the penalty.
        late_s: by how many seconds the work came after the deadline.
        penalty: points taken off.
    """

    points: float
    late_s: float
    penalty: float


@dataclass(slots=True)
class NotebookMarks:
    """One student's marks for one notebook, by grade_id.

    Attributes:
        penalty: points taken off for lateness.
        items: what marks by hand come from, where the marking desk gave them.
        given: what nbgrader took off before the course was adopted, where that is not what the rule gives.
    """

    cells: dict[str, CellMark] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)
    penalty: float = 0.0
    items: dict[str, MarkedBy] = field(default_factory=dict)
    given: GivenPenalty | None = None

    @property
    def maximum(self) -> float:
        """What the notebook is worth."""
        return sum(cell.maximum for cell in self.cells.values())

    @property
    def before_penalty(self) -> float:
        """The points earned, lateness left aside."""
        return sum(cell.score for cell in self.cells.values())

    @property
    def score(self) -> float:
        """The points that count."""
        return max(self.before_penalty - self.penalty, 0.0)

    @property
    def pending(self) -> bool:
        """Whether a person has still to look at a cell."""
        return any(cell.pending for cell in self.cells.values())


@dataclass(slots=True)
class StudentMarks:
    """One student's marks for an assignment.

    Attributes:
        student: nbgrader's id.
        first_name: as entered into the gradebook; empty where it is not known. So is the last name.
        received: when the work arrived, in UTC without a zone; None where nobody knows.
        due: the due date, in UTC without a zone; None where there is none.
        extension: how much longer this student may take, as nbgrader's own table has it.
        until: until when this student may hand in, as `course student extend` keeps it: it goes before the extension,
            and is never earlier than the due date.
        notebooks: by name, without its ending.
    """

    student: str
    first_name: str = ""
    last_name: str = ""
    received: datetime | None = None
    due: datetime | None = None
    extension: timedelta = timedelta()
    until: datetime | None = None
    notebooks: dict[str, NotebookMarks] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """How the student is called, the id where no name is known."""
        return f"{self.first_name} {self.last_name}".strip() or self.student

    @property
    def deadline(self) -> datetime | None:
        """Until when the student may hand in."""
        return deadline(self.due, self.extension, self.until)

    @property
    def late_s(self) -> float:
        """By how many seconds the work came after the deadline; 0 where it did not."""
        if self.received is None or self.deadline is None:
            return 0.0
        return max((self.received - self.deadline).total_seconds(), 0.0)

    @property
    def score(self) -> float:
        """The points that count, penalty included."""
        return sum(notebook.score for notebook in self.notebooks.values())

    @property
    def maximum(self) -> float:
        """What the work is worth."""
        return sum(notebook.maximum for notebook in self.notebooks.values())


def deadline(due: datetime | None, extension: timedelta | None, until: datetime | None) -> datetime | None:
    """Return until when a student may hand in; None where there is no due date.

    Args:
        due: the assignment's.
        extension: what nbgrader's own table adds to it.
        until: what `course student extend` keeps.
    """
    if due is None:
        return None
    return due + (extension or timedelta()) if until is None else max(due, until)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Who is in a class, and until when it may hand in.

    Attributes:
        due: the deadline, in UTC without a zone; None where there is none, or where the assignment is not known.
        names: first and last name of everybody whom the gradebook knows, by id.
    """

    due: datetime | None
    names: dict[str, tuple[str, str]]


def read_enrolment(url: str, assignment: str) -> Enrolment:
    """Return the class of an assignment; nobody where the gradebook is new.

    Raises:
        GradebookError: the gradebook can't be read.
    """
    with Database(url).transaction() as db:
        if not sa.inspect(db).has_table(tables.student.name):
            return Enrolment(None, {})
        due = db.execute(sa.select(tables.assignment.c.duedate).where(tables.assignment.c.name == assignment)).scalar()
        student = tables.student.c
        rows = db.execute(sa.select(student.id, student.first_name, student.last_name).order_by(student.id))
        names = {number: (first or "", last or "") for number, first, last in rows}
    return Enrolment(due, names)


def read_marks(url: str, assignment: str, student: str | None = None) -> dict[str, StudentMarks]:
    """Return the marks of everybody whose work is in the gradebook, as they stand there, penalties included.

    A stored penalty may be older than what it follows from: what counts is `final_marks.read_final_marks`.

    Args:
        url: the gradebook, as a SQLAlchemy URL.
        assignment: nbgrader's name for it; an unknown one has no marks.
        student: only this one.

    Returns:
        The marks by student, in the order of their ids.

    Raises:
        GradebookError: the gradebook can't be read.
    """
    with Database(url).transaction() as db:
        return marks_in(db, assignment, None if student is None else (student,))


def marks_in(db: sa.Connection, assignment: str, students: Collection[str] | None = None) -> dict[str, StudentMarks]:
    """Return what `read_marks` does, by a connection that is open.

    Args:
        db: the gradebook.
        assignment: nbgrader's name for it.
        students: only these; all where it is None.
    """
    if not sa.inspect(db).has_table(tables.submission.name):
        return {}
    where = (tables.assignment.c.name == assignment) & tables.one_of(tables.submission.c.student_id, students)
    until = extensions_in(db, assignment, students)
    found = {row.student_id: _student(row, until.get(row.student_id)) for row in db.execute(_submissions(where))}
    books = db.execute(_notebooks(where)).all()
    given = _given(db, None if students is None else [row.id for row in books])
    for row in books:
        found[row.student_id].notebooks[row.name] = NotebookMarks(
            penalty=row.late_submission_penalty or 0.0, given=given.get(row.id)
        )
    for row in db.execute(_grades(where)):
        found[row.student_id].notebooks[row.notebook].cells[row.cell] = _mark(row)
    for row in db.execute(_comments(where)):
        comment = Comment(row.auto_comment or "", row.manual_comment or "")
        found[row.student_id].notebooks[row.notebook].comments[row.cell] = comment
    for (student, notebook, cell), marked in items_met_in(db, assignment, students).items():
        if student in found and notebook in found[student].notebooks:
            found[student].notebooks[notebook].items[cell] = marked
    return found


def anybody_in(db: sa.Connection, assignment: str) -> bool:
    """Whether anybody's work on an assignment is in the gradebook, by a connection that is open."""
    if not sa.inspect(db).has_table(tables.submission.name):
        return False
    return db.execute(_submissions(tables.assignment.c.name == assignment).order_by(None).limit(1)).first() is not None


def extensions_in(db: sa.Connection, assignment: str, students: Collection[str] | None = None) -> dict[str, datetime]:
    """Return until when students may hand in who were granted more time, in UTC without a zone; all by default."""
    table = tables.extended
    if not sa.inspect(db).has_table(table.name):
        return {}
    where = (table.c.assignment == assignment) & tables.one_of(table.c.student_id, students)
    rows = db.execute(sa.select(table.c.student_id, table.c.until).where(where))
    return {student: until for student, until in rows}  # noqa: C416  (a result is no mapping)


def granted_in(db: sa.Connection, assignment: str, student: str) -> timedelta | None:
    """Return how much longer `course student extend` lets a student take than others; None where it says nothing."""
    until = extensions_in(db, assignment, (student,)).get(student)
    if until is None:
        return None
    due = db.execute(sa.select(tables.assignment.c.duedate).where(tables.assignment.c.name == assignment)).scalar()
    return None if due is None else max(due, until) - due


def _given(db: sa.Connection, notebooks: Collection[str] | None) -> dict[str, GivenPenalty]:
    """Return the penalties that stand from before, by submitted notebook; of all of them where it is None."""
    table = tables.given_penalty
    if not sa.inspect(db).has_table(table.name):
        return {}
    rows = db.execute(sa.select(table).where(tables.one_of(table.c.notebook_id, notebooks)))
    return {row.notebook_id: GivenPenalty(row.points, row.late_s, row.penalty) for row in rows}


def _student(row: Row, until: datetime | None) -> StudentMarks:
    name = row.first_name or "", row.last_name or ""
    return StudentMarks(row.student_id, *name, row.timestamp, row.duedate, row.extension or timedelta(), until)


def _mark(row: Row) -> CellMark:
    maximum = row.max_score if row.max_score is not None else row.task_score
    return CellMark(
        float(maximum or 0.0),
        row.auto_score,
        row.manual_score,
        float(row.extra_credit or 0.0),
        bool(row.needs_manual_grade),
    )


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the gradebook knows of how a student's work came to be graded.

    Attributes:
        content: hash of what was handed in; None where nbgrader itself graded it.
        fingerprint: hash of that, the tests and the environment; None where the grading failed.
        received: when the content first arrived, in UTC without a zone, as these tools noted it.
        recorded: the time of arrival in nbgrader's own table.
        deadline: until when the student may hand in.
    """

    content: str | None = None
    fingerprint: str | None = None
    received: datetime | None = None
    recorded: datetime | None = None
    deadline: datetime | None = None


def earlier_in(db: sa.Connection, assignment: str, students: Collection[str] | None = None) -> dict[str, Earlier]:
    """Return what was graded before, by student, by a connection that is open; of everybody by default."""
    if not sa.inspect(db).has_table(tables.submission.name):
        return {}
    submission, ours = tables.submission, tables.graded
    has_notes = sa.inspect(db).has_table(ours.name)
    noted = [ours.c.content, ours.c.fingerprint, ours.c.received] if has_notes else [sa.null()] * 3
    times = [submission.c.timestamp, submission.c.extension, tables.assignment.c.duedate]
    query: Query = sa.select(submission.c.student_id, *noted, *times)
    query = query.join_from(submission, tables.assignment, tables.assignment.c.id == submission.c.assignment_id)
    if has_notes:
        query = query.join(ours, ours.c.submission_id == submission.c.id, isouter=True)
    where = (tables.assignment.c.name == assignment) & tables.one_of(submission.c.student_id, students)
    until = extensions_in(db, assignment, students)
    return {
        name: Earlier(content, fingerprint, received, recorded, deadline(due, extension, until.get(name)))
        for name, content, fingerprint, received, recorded, extension, due in db.execute(query.where(where))
    }


def _submissions(where: Condition) -> Query:
    submission, student = tables.submission, tables.student
    return (
        sa.select(
            *(submission.c.student_id, submission.c.timestamp, submission.c.extension, tables.assignment.c.duedate),
            *(student.c.first_name, student.c.last_name),
        )
        .join_from(submission, tables.assignment, tables.assignment.c.id == submission.c.assignment_id)
        .join(student, student.c.id == submission.c.student_id)
        .where(where)
        .order_by(submission.c.student_id)
    )


def _notebooks(where: Condition) -> Query:
    book = tables.submitted.c
    columns = (tables.submission.c.student_id, tables.notebook.c.name, book.id, book.late_submission_penalty)
    return _of_notebooks(sa.select(*columns), where)


def _grades(where: Condition) -> Query:
    grade = tables.grade
    columns = (
        *(tables.submission.c.student_id, tables.notebook.c.name.label("notebook"), tables.cell.c.name.label("cell")),
        *(grade.c.auto_score, grade.c.manual_score, grade.c.extra_credit, grade.c.needs_manual_grade),
        *(tables.points.c.max_score, tables.task_points.c.max_score.label("task_score")),
    )
    query = _of_notebooks(sa.select(*columns), where).join(grade, grade.c.notebook_id == tables.submitted.c.id)
    query = query.join(tables.cell, tables.cell.c.id == grade.c.cell_id)
    query = query.join(tables.points, tables.points.c.id == tables.cell.c.id, isouter=True)
    return query.join(tables.task_points, tables.task_points.c.id == tables.cell.c.id, isouter=True)


def _comments(where: Condition) -> Query:
    comment = tables.comment
    columns = (
        *(tables.submission.c.student_id, tables.notebook.c.name.label("notebook"), tables.cell.c.name.label("cell")),
        *(comment.c.auto_comment, comment.c.manual_comment),
    )
    query = _of_notebooks(sa.select(*columns), where).join(comment, comment.c.notebook_id == tables.submitted.c.id)
    return query.join(tables.cell, tables.cell.c.id == comment.c.cell_id)


def _of_notebooks(query: Query, where: Condition) -> Query:
    return (
        query.select_from(tables.submitted)
        .join(tables.submission, tables.submission.c.id == tables.submitted.c.assignment_id)
        .join(tables.assignment, tables.assignment.c.id == tables.submission.c.assignment_id)
        .join(tables.notebook, tables.notebook.c.id == tables.submitted.c.notebook_id)
        .where(where)
    )
