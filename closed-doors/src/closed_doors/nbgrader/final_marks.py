"""Final marks, computed from what is stored: points, marks by hand, time of arrival, due date, extension, penalty rule.

The gradebook keeps a penalty beside each notebook, and nbgrader's own export and formgrader read it there. It is only a
copy of what follows from the rest. All that this course's commands show or hand out is computed here, and those that
may write bring the copies up to date, so that nbgrader's own agree.
"""

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa

from closed_doors.nbgrader import gradebook_tables as tables
from closed_doors.nbgrader.arrival import put_timestamp, stands_beside
from closed_doors.nbgrader.gradebook_database import Database
from closed_doors.nbgrader.gradebook_reader import StudentMarks, marks_in
from closed_doors.nbgrader.penalty_rules import Penalty, PointsADay, penalty, penalty_rule
from closed_doors.nbgrader.receipts import Receipts, as_nbgrader_keeps_it, read_receipts
from closed_doors.nbgrader.settings import Settings

SAME = 1e-6


def _is_what_was_graded(assignment: str, marks: StudentMarks) -> bool:  # noqa: ARG001  (see `Lateness.newer`)
    return False


STALE = "Penalties for lateness are as they were before."


@dataclass(frozen=True, slots=True)
class Lateness:
    """What decides about lateness, apart from what the gradebook holds.

    Attributes:
        receipts: received.csv, which goes before the time in the gradebook.
        rule: what lateness costs.
        newer: whether other work lies in the place of the one that was graded, given the assignment and the marks: the
            time in received.csv is that work's, then, and counts once it is graded.
    """

    receipts: Receipts
    rule: Penalty
    newer: Callable[[str, StudentMarks], bool] = _is_what_was_graded

    def applied(self, assignment: str, marks: StudentMarks) -> StudentMarks:
        """Return a student's marks with the time that counts and the penalties that follow."""
        listed = as_nbgrader_keeps_it(self.receipts.of(marks.student, assignment))
        if listed is not None and listed != marks.received and self.newer(assignment, marks):
            listed = None
        timed = replace(marks, received=listed or marks.received)
        books = {
            name: replace(book, penalty=self.penalty(timed, name) or 0.0) for name, book in timed.notebooks.items()
        }
        return replace(timed, notebooks=books)

    def penalty(self, marks: StudentMarks, notebook: str) -> float | None:
        """Return what is taken off a notebook; None where it is in time or the rule takes nothing."""
        book = marks.notebooks[notebook]
        given = book.given
        if given and abs(given.points - book.before_penalty) < SAME and abs(given.late_s - marks.late_s) < SAME:
            return given.penalty or None
        return penalty(self.rule, marks.student, book.before_penalty, marks.late_s)


NEVER_LATE = Lateness(Receipts(), PointsADay())


@dataclass(frozen=True, slots=True)
class Settled:
    """A student whose stored penalty or time of arrival was not what follows from the rest."""

    before: StudentMarks
    after: StudentMarks


def lateness(settings: Settings) -> Lateness:
    """Return what a course says of lateness.

    Raises:
        LayoutError: received.csv can't be read.
    """
    return Lateness(read_receipts(settings.root), penalty_rule(settings.config), partial(_is_replaced, settings))


def _is_replaced(settings: Settings, assignment: str, marks: StudentMarks) -> bool:
    """Whether a folder in submitted/ has been replaced since it was graded: grading leaves its time there if it may."""
    folder = settings.folder("submitted", marks.student, assignment)
    return (
        marks.received is not None
        and folder.is_dir()
        and os.access(folder, os.W_OK)
        and not stands_beside(folder, marks.received)
    )


def read_final_marks(
    settings: Settings, assignment: str, students: Collection[str] | None = None
) -> dict[str, StudentMarks]:
    """Return everybody's marks as they follow from what is stored, by student; nothing is written.

    Args:
        settings: the course.
        assignment: nbgrader's name for it; an unknown one has no marks.
        students: only these; all where it is None.

    Raises:
        CourseError: the gradebook or received.csv can't be read.
    """
    rules = lateness(settings)
    with Database(settings.db_url).transaction() as db:
        stored = marks_in(db, assignment, students)
    return {name: rules.applied(assignment, marks) for name, marks in stored.items()}


def bring_up_to_date(settings: Settings, assignment: str, student: str | None = None) -> list[Settled]:
    """Write the penalties and times of arrival that follow from what is stored, where others stand.

    Args:
        settings: the course.
        assignment: nbgrader's name for it.
        student: only this one.

    Returns:
        Whose rows changed.

    Raises:
        CourseError: the gradebook or received.csv can't be used; nothing is changed.
    """
    rules = lateness(settings)
    with Database(settings.db_url).transaction(STALE) as db:
        changed = settle(db, assignment, rules, None if student is None else (student,))
    note_arrivals(settings, assignment, changed)
    return changed


def note_arrivals(settings: Settings, assignment: str, changed: Iterable[Settled]) -> None:
    """Write times of arrival beside works and beside what was made of them, where nbgrader compares them.

    Whoever calls `settle` does so once its transaction has ended: formgrader would list the works as not graded. A work
    whose folder was replaced since it was graded is left so.
    """
    for one in changed:
        before, after = one.before.received, one.after.received
        folder = settings.folder("submitted", one.after.student, assignment)
        if before != after and (before is None or stands_beside(folder, before)):
            put_timestamp(folder, after)
            put_timestamp(settings.folder("autograded", one.after.student, assignment), after)


def settle(
    db: sa.Connection, assignment: str, rules: Lateness, students: Collection[str] | None = None
) -> list[Settled]:
    """Do what `bring_up_to_date` does to the gradebook, by a connection that is open.

    Returns:
        Whose rows changed, for `note_arrivals`.
    """
    changed = []
    for number, rows in _rows(db, assignment, students).items():
        stored = rows.marks
        right = rules.applied(assignment, stored)
        if right.received != stored.received:
            _write_time(db, number, right.received)
        if right.until is not None and right.due is not None:
            _write_extension(db, number, stored)
        stale = [
            {"row": row, "late_submission_penalty": due}
            for name, (row, there) in rows.penalties.items()
            if (due := rules.penalty(right, name)) != there
        ]
        if stale:
            update = sa.update(tables.submitted).where(tables.submitted.c.id == sa.bindparam("row"))
            db.execute(update, stale)
        if stale or right.received != stored.received:
            changed.append(Settled(stored, right))
    return changed


@dataclass(frozen=True, slots=True)
class _Rows:
    """One submission in the gradebook: its marks, and the row and stored penalty of each notebook."""

    marks: StudentMarks
    penalties: Mapping[str, tuple[str, float | None]]


def _rows(db: sa.Connection, assignment: str, students: Collection[str] | None) -> dict[str, _Rows]:
    """Return the submissions of an assignment by the id of their row."""
    marks = marks_in(db, assignment, students)
    if not marks:
        return {}
    submission, submitted, notebook = tables.submission, tables.submitted, tables.notebook
    query = (
        sa.select(
            *(submission.c.id, submission.c.student_id, notebook.c.name),
            *(submitted.c.id.label("row"), submitted.c.late_submission_penalty),
        )
        .join_from(submitted, submission, submission.c.id == submitted.c.assignment_id)
        .join(notebook, notebook.c.id == submitted.c.notebook_id)
        .join(tables.assignment, tables.assignment.c.id == submission.c.assignment_id)
        .where(tables.assignment.c.name == assignment, tables.one_of(submission.c.student_id, students))
    )
    found: dict[str, tuple[str, dict[str, tuple[str, float | None]]]] = {}
    for number, student, name, row, stored in db.execute(query):
        if student in marks:
            found.setdefault(number, (student, {}))[1][name] = (row, stored)
    return {number: _Rows(marks[student], penalties) for number, (student, penalties) in found.items()}


def _write_extension(db: sa.Connection, submission: str, marks: StudentMarks) -> None:
    """Let nbgrader's own table say what follows from the time that was granted, for formgrader and for its plug-ins."""
    granted = timedelta() if marks.due is None or marks.deadline is None else marks.deadline - marks.due
    if granted != marks.extension:
        table = tables.submission
        db.execute(sa.update(table).where(table.c.id == submission).values(extension=granted))


def _write_time(db: sa.Connection, submission: str, received: datetime | None) -> None:
    table = tables.submission
    db.execute(sa.update(table).where(table.c.id == submission).values(timestamp=received))
    if sa.inspect(db).has_table(tables.graded.name):
        ours = tables.graded
        db.execute(sa.update(ours).where(ours.c.submission_id == submission).values(received=received))
