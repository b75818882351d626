"""Who is in the gradebook: enters, renames and removes people, and grants them more time, without loading nbgrader."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from closed_doors.core.errors import GradebookError
from closed_doors.nbgrader import desk_tables
from closed_doors.nbgrader import gradebook_tables as tables
from closed_doors.nbgrader.final_marks import Lateness, Settled, settle
from closed_doors.nbgrader.gradebook_database import Database

Person = tuple[str, str, str, str]  # id, first name, last name, e-mail address
_OURS_BY_STUDENT = (tables.extended, tables.set_aside, tables.job, desk_tables.request)


@dataclass(frozen=True, slots=True)
class PersonRows:
    """How many rows of the gradebook are about one person.

    Attributes:
        assignments: whose work is there, by name.
        grades: of graded cells.
        comments: that a person wrote.
    """

    assignments: tuple[str, ...] = ()
    grades: int = 0
    comments: int = 0


def enter_students(url: str, people: Sequence[Person]) -> bool:
    """Enter people who are not in the gradebook, and names that have changed.

    Args:
        url: the gradebook, as a SQLAlchemy URL.
        people: whom to enter.

    Returns:
        False where there is no gradebook yet: nbgrader has to make it.

    Raises:
        GradebookError: the gradebook can't be written to; nothing is entered.
    """
    columns = tables.student.c
    with Database(url).transaction() as db:
        if not sa.inspect(db).has_table(tables.student.name):
            return False
        stored = db.execute(sa.select(columns.id, columns.first_name, columns.last_name, columns.email))
        known = {row[0]: tuple(row) for row in stored}
        rows = [
            {"id": one[0], "first_name": one[1], "last_name": one[2], "email": one[3]}
            for one in people
            if known.get(one[0]) != one
        ]
        fresh = [row for row in rows if row["id"] not in known]
        if fresh:
            db.execute(sa.insert(tables.student), fresh)
        for row in rows:
            if row["id"] in known:
                db.execute(sa.update(tables.student).where(columns.id == row["id"]).values(row))
    return True


def read_people(url: str) -> dict[str, Person]:
    """Return everybody whom the gradebook knows, by id; nobody where it is new."""
    columns = tables.student.c
    with Database(url).transaction() as db:
        if not sa.inspect(db).has_table(tables.student.name):
            return {}
        rows = db.execute(sa.select(columns.id, columns.first_name, columns.last_name, columns.email))
        return {row[0]: (row[0], row[1] or "", row[2] or "", row[3] or "") for row in rows}


def read_extensions(url: str) -> dict[tuple[str, str], datetime]:
    """Return until when people may hand in who were granted more time, by assignment and student, in UTC."""
    table = tables.extended
    with Database(url).transaction() as db:
        if not sa.inspect(db).has_table(table.name):
            return {}
        return {(row[0], row[1]): row[2] for row in db.execute(sa.select(table))}


def grant(url: str, assignment: str, granted: Sequence[tuple[str, datetime | None]], rules: Lateness) -> list[Settled]:
    """Let students hand in until another time than the due date, and bring their penalties to what follows.

    It counts whether they have handed in or not, and whatever the due date is when work is graded.

    Args:
        url: the gradebook, as a SQLAlchemy URL.
        assignment: nbgrader's name for it.
        granted: students, each with the time, in UTC without a zone; None takes it back.
        rules: what decides about lateness.

    Returns:
        Whose rows changed, for `note_arrivals`.

    Raises:
        GradebookError: the gradebook can't be written to; nothing is changed.
    """
    table, submission = tables.extended, tables.submission
    with Database(url).transaction() as db:
        table.create(db, checkfirst=True)
        number = db.execute(sa.select(tables.assignment.c.id).where(tables.assignment.c.name == assignment)).scalar()
        for student, until in granted:
            db.execute(sa.delete(table).where((table.c.assignment == assignment) & (table.c.student_id == student)))
            if until is None:
                mine = (submission.c.assignment_id == number) & (submission.c.student_id == student)
                db.execute(sa.update(submission).where(mine).values(extension=None))
            else:
                db.execute(sa.insert(table).values(assignment=assignment, student_id=student, until=until))
        return settle(db, assignment, rules, [student for student, _ in granted])


def rows_about(url: str, student: str) -> PersonRows:
    """Return what the gradebook holds of a person."""
    submission, submitted = tables.submission, tables.submitted
    with Database(url).transaction() as db:
        if not sa.inspect(db).has_table(submission.name):
            return PersonRows()
        mine = _notebooks_of(student)
        names = sa.select(tables.assignment.c.name).join(
            submission, submission.c.assignment_id == tables.assignment.c.id
        )
        works = db.execute(names.where(submission.c.student_id == student).order_by(tables.assignment.c.name)).scalars()
        in_mine = submitted.c.id.in_(mine)
        grades = (
            sa.select(sa.func.count())
            .select_from(tables.grade)
            .join(submitted, submitted.c.id == tables.grade.c.notebook_id)
        )
        comments = (
            sa.select(sa.func.count())
            .select_from(tables.comment)
            .join(submitted, submitted.c.id == tables.comment.c.notebook_id)
        )
        written = tables.comment.c.manual_comment.is_not(None)
        return PersonRows(
            tuple(works),
            db.execute(grades.where(in_mine)).scalar_one(),
            db.execute(comments.where(in_mine & written)).scalar_one(),
        )


def rename_student(url: str, old: str, new: str) -> None:
    """Give a person another id; everything that the gradebook holds goes along.

    Raises:
        GradebookError: the id is somebody else's, or the gradebook can't be written to; nothing is changed.
    """
    with Database(url).transaction() as db:
        _move(db, old, new)


def anonymise_student(url: str, student: str, pseudonym: str) -> None:
    """Keep a person's marks under another id; names, addresses, comments and what was noted of the work go.

    Raises:
        GradebookError: the gradebook can't be written to; nothing is changed.
    """
    with Database(url).transaction() as db:
        _overwrite_what_goes(db)
        mine = _notebooks_of(student)
        db.execute(
            sa.update(tables.comment)
            .where(tables.comment.c.notebook_id.in_(mine))
            .values(manual_comment=None, auto_comment=None)
        )
        there = sa.inspect(db).get_table_names()
        for table, where in (
            (desk_tables.log, desk_tables.log.c.notebook_id.in_(mine)),
            (desk_tables.request, desk_tables.request.c.student_id == student),
        ):
            if table.name in there:
                db.execute(sa.delete(table).where(where))
        if tables.set_aside.name in there:
            aside = tables.set_aside
            db.execute(sa.update(aside).where(aside.c.student_id == student).values(manual_comment=None))
        _move(db, student, pseudonym)
        nobody = {"first_name": None, "last_name": None, "email": None}
        db.execute(sa.update(tables.student).where(tables.student.c.id == pseudonym).values(nobody))


def remove_student(url: str, student: str) -> None:
    """Take every row about a person out.

    Raises:
        GradebookError: the gradebook can't be written to; nothing is changed.
    """
    submission = tables.submission
    with Database(url).transaction() as db:
        _overwrite_what_goes(db)
        there = sa.inspect(db).get_table_names()
        mine, works = _notebooks_of(student), sa.select(submission.c.id).where(submission.c.student_id == student)
        for table, where in (
            *((desk, desk.c.notebook_id.in_(mine)) for desk in desk_tables.BY_NOTEBOOK),
            (desk_tables.share, desk_tables.share.c.submission_id.in_(works)),
            (tables.answer, tables.answer.c.notebook_id.in_(mine)),
            (tables.given_penalty, tables.given_penalty.c.notebook_id.in_(mine)),
            (tables.comment, tables.comment.c.notebook_id.in_(mine)),
            (tables.grade, tables.grade.c.notebook_id.in_(mine)),
            (tables.graded, tables.graded.c.submission_id.in_(works)),
            (tables.submitted, tables.submitted.c.assignment_id.in_(works)),
            (submission, submission.c.student_id == student),
            *((ours, ours.c.student_id == student) for ours in _OURS_BY_STUDENT),
            (tables.student, tables.student.c.id == student),
        ):
            if table.name in there:
                db.execute(sa.delete(table).where(where))


def _move(db: sa.Connection, old: str, new: str) -> None:
    """Give rows another owner: a new person is entered first, and the old one taken out last, for the sake of keys."""
    people = tables.student
    if db.execute(sa.select(people.c.id).where(people.c.id == new)).first() is not None:
        raise GradebookError(f"The gradebook has a student {new!r} already.")
    values = db.execute(sa.select(people).where(people.c.id == old)).mappings().first()
    if values is None:
        raise GradebookError(f"The gradebook has no student {old!r}.")
    db.execute(sa.insert(people).values({**values, "id": new}))
    there = sa.inspect(db).get_table_names()
    for table in (tables.submission, *_OURS_BY_STUDENT):
        if table.name in there:
            db.execute(sa.update(table).where(table.c.student_id == old).values(student_id=new))
    db.execute(sa.delete(people).where(people.c.id == old))


def _overwrite_what_goes(db: sa.Connection) -> None:
    """Let SQLite leave nothing of deleted rows in its file."""
    if db.dialect.name == "sqlite":
        db.exec_driver_sql("PRAGMA secure_delete = ON")


def _notebooks_of(student: str) -> sa.Select[tuple[str]]:
    submission, submitted = tables.submission, tables.submitted
    return (
        sa.select(submitted.c.id)
        .join(submission, submission.c.id == submitted.c.assignment_id)
        .where(submission.c.student_id == student)
    )
