"""Writes a class's grades into nbgrader's gradebook, many at a time, in nbgrader's own tables.

nbgrader opens the gradebook five times a submission. This commits a batch of submissions in one transaction: either all
of a submission's grades are in it, or none. What formgrader, `nbgrader export` and `nbgrader db` read is what `nbgrader
autograde` would have written. The one table of our own says which submission, tests and environment the grades of a
student come from, so that they are not graded twice.

nbgrader itself is not loaded (see `tables`).
"""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from closed_doors.nbgrader.gradebook_database import Database
from closed_doors.nbgrader.gradebook_tables import assignment as _assignment
from closed_doors.nbgrader.gradebook_tables import cell as _cell
from closed_doors.nbgrader.gradebook_tables import comment as _comment
from closed_doors.nbgrader.gradebook_tables import grade as _grade
from closed_doors.nbgrader.gradebook_tables import graded as _graded
from closed_doors.nbgrader.gradebook_tables import notebook as _notebook
from closed_doors.nbgrader.gradebook_tables import points as _points
from closed_doors.nbgrader.gradebook_tables import source as _source
from closed_doors.nbgrader.gradebook_tables import student as _student
from closed_doors.nbgrader.gradebook_tables import submission as _submission
from closed_doors.nbgrader.gradebook_tables import submitted as _submitted

NO_RESPONSE = "No response."  # nbgrader's own words, which its formgrader looks for


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the gradebook knows of a student's graded work.

    Attributes:
        content: hash of what was handed in.
        fingerprint: hash of that, the tests and the environment; None where the grading failed.
        received: when the content first arrived, in UTC.
        scores: automatic points by notebook and grade_id.
    """

    content: str | None
    fingerprint: str | None
    received: datetime | None
    scores: dict[tuple[str, str], float | None]


@dataclass(frozen=True, slots=True)
class CellGrade:
    """What one graded cell earned automatically.

    Attributes:
        score: points; None where a person has to give them.
        look: whether a person should look, although there are points.
    """

    score: float | None
    look: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One student's work, graded.

    Attributes:
        student: nbgrader's id.
        received: when it arrived, in UTC without a zone, as nbgrader keeps time.
        content: see `Earlier`.
        fingerprint: see `Earlier`.
        grades: by notebook and grade_id; a graded cell that is missing here is for a person to mark.
        checksums: nbgrader's checksum of each answer, by notebook and grade_id: an unchanged one is no response.
    """

    student: str
    received: datetime | None
    content: str
    fingerprint: str | None
    grades: Mapping[tuple[str, str], CellGrade]
    checksums: Mapping[tuple[str, str], str]


# How late work is penalised: student, score, seconds late -> points, or None for no penalty.
Penalty = Callable[[str, float, float], float | None]


def no_penalty(*_: object) -> None:
    """Take nothing off."""


class Gradebook:
    """The gradebook of a course, for one assignment; it is connected to while it is used only.

    Args:
        url: SQLAlchemy's name for the database (SQLite or PostgreSQL).
        assignment: nbgrader's name for it.
        penalty: how late work is penalised.

    Raises:
        GradebookError: the database can't be opened.
    """

    def __init__(self, url: str, assignment: str, penalty: Penalty = no_penalty) -> None:
        self._penalty = penalty
        self._name = assignment
        self._database = Database(url)

    def graded_cells(self) -> dict[tuple[str, str], float]:
        """Return the points of each graded cell by notebook and grade_id; nothing where the assignment is unknown."""
        with self._transaction() as db:
            if not sa.inspect(db).has_table("assignment"):
                return {}
            rows = db.execute(
                sa.select(_notebook.c.name, _cell.c.name, _points.c.max_score)
                .join_from(_cell, _points, _points.c.id == _cell.c.id)
                .join(_notebook, _notebook.c.id == _cell.c.notebook_id)
                .join(_assignment, _assignment.c.id == _notebook.c.assignment_id)
                .where(_assignment.c.name == self._name)
            )
            return {(notebook, cell): float(points) for notebook, cell, points in rows}

    def earlier(self) -> dict[str, Earlier]:
        """Return what was graded before, by student; the assignment must be known."""
        with self._transaction() as db:
            of_assignment = sa.select(_assignment.c.id).where(_assignment.c.name == self._name).scalar_subquery()
            query: Any = sa.select(_submission.c.student_id, sa.null(), sa.null(), sa.null())
            if sa.inspect(db).has_table(_graded.name):
                query = sa.select(
                    _submission.c.student_id, _graded.c.content, _graded.c.fingerprint, _graded.c.received
                ).join_from(_submission, _graded, _graded.c.submission_id == _submission.c.id, isouter=True)
            heads = db.execute(query.where(_submission.c.assignment_id == of_assignment)).all()
            scores: dict[str, dict[tuple[str, str], float | None]] = {row[0]: {} for row in heads}
            rows = db.execute(
                sa.select(_submission.c.student_id, _notebook.c.name, _cell.c.name, _grade.c.auto_score)
                .join_from(_grade, _submitted, _submitted.c.id == _grade.c.notebook_id)
                .join(_submission, _submission.c.id == _submitted.c.assignment_id)
                .join(_notebook, _notebook.c.id == _submitted.c.notebook_id)
                .join(_cell, _cell.c.id == _grade.c.cell_id)
                .where(_submission.c.assignment_id == of_assignment)
            )
            for student, notebook, cell, score in rows:
                scores[student][notebook, cell] = score
            return {
                student: Earlier(content, fingerprint, received, scores[student])
                for student, content, fingerprint, received in heads
            }

    def write(self, entries: Sequence[Entry]) -> None:
        """Record a batch in one transaction.

        Manual points and comments are kept; a cell that has manual points is marked for a person to look at again.

        Raises:
            GradebookError: nothing of the batch is recorded.
        """
        with self._transaction() as db:
            _graded.create(db, checkfirst=True)
            _Batch(db, self._name, self._penalty).write(entries)

    def _transaction(self) -> AbstractContextManager[sa.Connection]:
        return self._database.transaction("What was recorded before stays; the rest is graded by the next run.")


class _Batch:
    """One transaction's work: find or make the rows of each submission, then fill them in."""

    def __init__(self, db: sa.Connection, assignment: str, penalty: Penalty) -> None:
        self._db = db
        self._penalty = penalty
        self._assignment_id, self._due = db.execute(
            sa.select(_assignment.c.id, _assignment.c.duedate).where(_assignment.c.name == assignment)
        ).one()
        rows = db.execute(
            sa.select(_notebook.c.name, _notebook.c.id).where(_notebook.c.assignment_id == self._assignment_id)
        )
        self._notebooks: dict[str, str] = {name: number for name, number in rows}  # noqa: C416  (a result is no mapping)
        names = {number: name for name, number in self._notebooks.items()}
        self._cells = [
            (names[notebook], name, kind, number)
            for number, name, notebook, kind in db.execute(
                sa.select(_cell.c.id, _cell.c.name, _cell.c.notebook_id, _cell.c.type).where(
                    _cell.c.notebook_id.in_(names)
                )
            )
        ]
        self._checksums = {
            (names[notebook], name): checksum
            for name, notebook, checksum in db.execute(
                sa.select(_source.c.name, _source.c.notebook_id, _source.c.checksum).where(
                    _source.c.notebook_id.in_(names)
                )
            )
        }

    def write(self, entries: Sequence[Entry]) -> None:
        students = [entry.student for entry in entries]
        known = set(self._column(_student.c.id, _student.c.id.in_(students)))
        self._insert(_student, [{"id": student} for student in students if student not in known])
        submissions = self._submissions(entries)
        notebooks = self._submitted_notebooks(submissions)
        self._grades(entries, notebooks)
        self._comments(entries, notebooks)
        self._penalties(entries, submissions, notebooks)
        self._remember(entries, submissions)

    def _submissions(self, entries: Sequence[Entry]) -> dict[str, tuple[str, timedelta | None]]:
        """Return the id and the extension of each student's submission, made where there is none."""
        query = sa.select(_submission.c.student_id, _submission.c.id, _submission.c.extension).where(
            _submission.c.assignment_id == self._assignment_id,
            _submission.c.student_id.in_([entry.student for entry in entries]),
        )
        found = {student: (number, extension) for student, number, extension in self._db.execute(query)}
        fresh = [entry for entry in entries if entry.student not in found]
        rows = [
            {
                "id": uuid.uuid4().hex,
                "assignment_id": self._assignment_id,
                "student_id": entry.student,
                "timestamp": entry.received,
            }
            for entry in fresh
        ]
        self._insert(_submission, rows)
        self._update(
            _submission,
            [
                {"row": found[entry.student][0], "timestamp": entry.received}
                for entry in entries
                if entry.student in found
            ],
        )
        return found | {str(row["student_id"]): (str(row["id"]), None) for row in rows}

    def _submitted_notebooks(
        self, submissions: Mapping[str, tuple[str, timedelta | None]]
    ) -> dict[tuple[str, str], str]:
        """Return the id of each student's row for each notebook of the assignment, made where there is none."""
        owners = {number: student for student, (number, _) in submissions.items()}
        names = {number: name for name, number in self._notebooks.items()}
        query = sa.select(_submitted.c.assignment_id, _submitted.c.notebook_id, _submitted.c.id).where(
            _submitted.c.assignment_id.in_(owners)
        )
        found = {(owners[a], names[n]): number for a, n, number in self._db.execute(query) if n in names}
        rows = [
            {
                "id": uuid.uuid4().hex,
                "assignment_id": number,
                "notebook_id": self._notebooks[name],
                "flagged": False,
            }
            for number, student in owners.items()
            for name in self._notebooks
            if (student, name) not in found
        ]
        self._insert(_submitted, rows)
        return found | {
            (owners[str(row["assignment_id"])], names[str(row["notebook_id"])]): str(row["id"]) for row in rows
        }

    def _grades(self, entries: Sequence[Entry], notebooks: Mapping[tuple[str, str], str]) -> None:
        query = sa.select(_grade.c.notebook_id, _grade.c.cell_id, _grade.c.id, _grade.c.manual_score).where(
            _grade.c.notebook_id.in_(notebooks.values())
        )
        found = {(n, c): (number, manual) for n, c, number, manual in self._db.execute(query)}
        fresh, changed = [], []
        for entry in entries:
            for notebook, name, kind, cell in self._cells:
                if kind not in ("GradeCell", "TaskCell"):
                    continue
                place = notebooks[entry.student, notebook], cell
                number, manual = found.get(place, (None, None))
                given = entry.grades.get((notebook, name))
                if given is None:  # for a person to mark, unless nothing was written
                    given = CellGrade(0.0 if self._untouched(entry, notebook, name) else None)
                look = given.look or given.score is None or manual is not None
                values = {"auto_score": given.score, "needs_manual_grade": look}
                if number is None:
                    fresh.append({"notebook_id": place[0], "cell_id": cell, **values})
                elif kind == "GradeCell":  # a task's grade is a person's alone
                    changed.append({"row": number, **values})
        self._insert(_grade, fresh)
        self._update(_grade, changed)

    def _comments(self, entries: Sequence[Entry], notebooks: Mapping[tuple[str, str], str]) -> None:
        query = sa.select(_comment.c.notebook_id, _comment.c.cell_id, _comment.c.id).where(
            _comment.c.notebook_id.in_(notebooks.values())
        )
        found = {(n, c): number for n, c, number in self._db.execute(query)}
        fresh, changed = [], []
        for entry in entries:
            for notebook, name, kind, cell in self._cells:
                if kind not in ("SolutionCell", "TaskCell"):
                    continue
                place = notebooks[entry.student, notebook], cell
                untouched = kind == "SolutionCell" and self._untouched(entry, notebook, name)
                text = NO_RESPONSE if untouched else None
                if place not in found:
                    fresh.append({"notebook_id": place[0], "cell_id": cell, "auto_comment": text})
                else:
                    changed.append({"row": found[place], "auto_comment": text})
        self._insert(_comment, fresh)
        self._update(_comment, changed)

    def _untouched(self, entry: Entry, notebook: str, name: str) -> bool:
        checksum = entry.checksums.get((notebook, name))
        return checksum is not None and checksum == self._checksums.get((notebook, name))

    def _penalties(
        self,
        entries: Sequence[Entry],
        submissions: Mapping[str, tuple[str, timedelta | None]],
        notebooks: Mapping[tuple[str, str], str],
    ) -> None:
        rows = []
        for entry in entries:
            late = self._seconds_late(entry, submissions[entry.student][1])
            for name in self._notebooks:
                number = notebooks[entry.student, name]
                penalty = None
                if late > 0:
                    score = self._score(number)
                    penalty = self._penalty(entry.student, score, late)
                    penalty = None if penalty is None else min(max(penalty, 0.0), score)
                rows.append({"row": number, "late_submission_penalty": penalty})
        self._update(_submitted, rows)

    def _seconds_late(self, entry: Entry, extension: timedelta | None) -> float:
        if self._due is None or entry.received is None:
            return 0.0
        return float((entry.received - self._due - (extension or timedelta())).total_seconds())

    def _score(self, submitted_notebook: str) -> float:
        """Return a notebook's points as nbgrader counts them: a person's before the automatic, and extra credit."""
        points = sa.func.coalesce(_grade.c.manual_score, _grade.c.auto_score, 0.0)
        extra = sa.case(
            (sa.func.coalesce(_grade.c.manual_score, _grade.c.auto_score).is_(None), 0.0),
            else_=sa.func.coalesce(_grade.c.extra_credit, 0.0),
        )
        query = sa.select(sa.func.sum(points + extra)).where(_grade.c.notebook_id == submitted_notebook)
        return float(self._db.execute(query).scalar() or 0.0)

    def _remember(self, entries: Sequence[Entry], submissions: Mapping[str, tuple[str, timedelta | None]]) -> None:
        numbers = [submissions[entry.student][0] for entry in entries]
        self._db.execute(sa.delete(_graded).where(_graded.c.submission_id.in_(numbers)))
        rows = [
            {
                "submission_id": submissions[entry.student][0],
                "content": entry.content,
                "fingerprint": entry.fingerprint,
                "received": entry.received,
            }
            for entry in entries
        ]
        self._insert(_graded, rows)

    def _column(self, column: sa.Column[Any], condition: Any) -> Iterable[Any]:
        return self._db.execute(sa.select(column).where(condition)).scalars()

    def _insert(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            self._db.execute(sa.insert(table), rows)

    def _update(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Update rows by their id, given under the key "row"."""
        if rows:
            self._db.execute(sa.update(table).where(table.c.id == sa.bindparam("row")), rows)
