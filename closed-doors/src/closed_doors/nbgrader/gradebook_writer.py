"""Writes a class's grades into nbgrader's gradebook, many at a time, in nbgrader's own tables.

nbgrader opens the gradebook five times a submission. This commits a batch of submissions in one transaction: either all
of a submission's grades are in it, or none. What formgrader, `nbgrader export` and `nbgrader db` read is what `nbgrader
autograde` would have written. Tables of our own say which submission, tests and environment the grades of a student
come from, so that they are not graded twice, and which answers, so that a mark by hand is known to fit still.

nbgrader itself is not loaded (see `gradebook_tables`).
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from closed_doors.core.errors import GradebookError
from closed_doors.nbgrader.final_marks import NEVER_LATE, Lateness, Settled, settle
from closed_doors.nbgrader.gradebook_database import Database
from closed_doors.nbgrader.gradebook_reader import (
    NO_RESPONSE,
    Earlier,
    StudentMarks,
    anybody_in,
    earlier_in,
    extensions_in,
    marks_in,
)
from closed_doors.nbgrader.gradebook_structure import Place, Structure, renamed_in, set_aside_in, structure_in
from closed_doors.nbgrader.gradebook_tables import answer as _answer
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
from closed_doors.nbgrader.gradebook_tables import task_points as _task_points
from closed_doors.nbgrader.judged_answers import fits, given_for


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
        answers: a digest of the answers that each graded cell judges, by notebook and grade_id.
        notes: how an answer was graded, where that is to be said beside it, by notebook and grade_id.
        with_own_code: the notebooks in which the student has defined something in a cell that the master does not have.
    """

    student: str
    received: datetime | None
    content: str
    fingerprint: str | None
    grades: Mapping[tuple[str, str], CellGrade]
    checksums: Mapping[tuple[str, str], str]
    answers: Mapping[tuple[str, str], str] = field(default_factory=dict)
    notes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    with_own_code: frozenset[str] = frozenset()


class Gradebook:
    """The gradebook of a course, for one assignment; it is connected to while it is used only.

    Args:
        url: SQLAlchemy's name for the database (SQLite or PostgreSQL).
        assignment: nbgrader's name for it.
        rules: what decides about lateness; nothing is ever late without.
        students: only what it holds of these is read; of everybody where it is None.

    Raises:
        GradebookError: the database can't be opened.
    """

    def __init__(
        self, url: str, assignment: str, rules: Lateness = NEVER_LATE, students: Collection[str] | None = None
    ) -> None:
        self._students = students
        self._rules = rules
        self._name = assignment
        self._database = Database(url)

    def due(self) -> datetime | None:
        """Return the assignment's due date, in UTC without a zone; None where there is none."""
        with self.transaction() as db:
            if not sa.inspect(db).has_table(_assignment.name):
                return None
            return db.execute(sa.select(_assignment.c.duedate).where(_assignment.c.name == self._name)).scalar()

    def set_due(self, due: datetime | None) -> list[Settled]:
        """Set the assignment's due date, in UTC without a zone, and the penalties that follow.

        Returns:
            Whose rows changed, for `note_arrivals`.

        Raises:
            GradebookError: the gradebook does not know the assignment, or can't be written to.
        """
        with self.transaction() as db:
            known = sa.inspect(db).has_table(_assignment.name)
            where = _assignment.c.name == self._name
            if not known or db.execute(sa.select(_assignment.c.id).where(where)).first() is None:
                raise GradebookError(
                    f"The gradebook does not know {self._name} yet: nbgrader generate_assignment or the first "
                    "course autograde enters it."
                )
            db.execute(sa.update(_assignment).where(where).values(duedate=due))
            return settle(db, self._name, self._rules)

    def extensions(self) -> dict[str, datetime]:
        """Return until when students may hand in who have been granted more time."""
        with self.transaction() as db:
            return extensions_in(db, self._name, self._students)

    def structure(self) -> Structure:
        """Return the assignment's notebooks and cells; none where it is unknown."""
        with self.transaction() as db:
            return structure_in(db, self._name)

    def renamed(self) -> dict[Place, str]:
        """Return the new names of cells that were renamed after work was graded, by notebook and old name."""
        with self.transaction() as db:
            return renamed_in(db, self._name)

    def set_aside(self) -> dict[str, dict[Place, tuple[float | None, float]]]:
        """Return what people gave for cells that were taken out since, by student and cell."""
        with self.transaction() as db:
            return set_aside_in(db, self._name, self._students)

    def earlier(self) -> dict[str, Earlier]:
        """Return how work came to be graded before, by student."""
        with self.transaction() as db:
            return earlier_in(db, self._name, self._students)

    def marks(self) -> dict[str, StudentMarks]:
        """Return the marks as they stand in the gradebook."""
        with self.transaction() as db:
            return marks_in(db, self._name, self._students)

    def has_marks(self) -> bool:
        """Whether anybody's work is in the gradebook."""
        with self.transaction() as db:
            return anybody_in(db, self._name)

    def write(self, entries: Sequence[Entry]) -> None:
        """Record a batch in one transaction.

        Manual points and comments are kept. A cell that has manual points is marked for a person to look at again
        where they may not fit any more: the answers that it judges, its automatic points or what it is worth have
        changed; of a task, whose answer may stand anywhere, the work.

        Raises:
            GradebookError: nothing of the batch is recorded.
        """
        with self.transaction() as db:
            self.write_in(db, entries)

    def write_in(self, db: sa.Connection, entries: Sequence[Entry]) -> None:
        """Do what `write` does, in a transaction that is open."""
        for table in (_graded, _answer):
            table.create(db, checkfirst=True)
        _Batch(db, self._name).write(entries)
        settle(db, self._name, self._rules, [entry.student for entry in entries])

    def transaction(self) -> AbstractContextManager[sa.Connection]:
        """Yield a connection; all that is done with it is done at the end of the block, or nothing.

        Raises:
            GradebookError: the database can't be used.
        """
        return self._database.transaction("What was recorded before stays; the rest is graded by the next run.")


class _Batch:
    """One transaction's work: find or make the rows of each submission, then fill them in."""

    def __init__(self, db: sa.Connection, assignment: str) -> None:
        self._db = db
        self._assignment_id = db.execute(
            sa.select(_assignment.c.id).where(_assignment.c.name == assignment)
        ).scalar_one()
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
        places = {number: (notebook, name) for notebook, name, _, number in self._cells}
        self._worth = {
            places[number]: float(points)
            for table in (_points, _task_points)
            for number, points in db.execute(sa.select(table.c.id, table.c.max_score).where(table.c.id.in_(places)))
        }
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
        known = set(self._db.execute(sa.select(_student.c.id).where(_student.c.id.in_(students))).scalars())
        self._insert(_student, [{"id": student} for student in students if student not in known])
        submissions = self._submissions(entries)
        notebooks = self._submitted_notebooks(submissions)
        self._grades(entries, notebooks)
        self._comments(entries, notebooks)
        self._remember(entries, submissions, notebooks)

    def _submissions(self, entries: Sequence[Entry]) -> dict[str, str]:
        """Return the id of each student's submission, made where there is none."""
        query = sa.select(_submission.c.student_id, _submission.c.id).where(
            _submission.c.assignment_id == self._assignment_id,
            _submission.c.student_id.in_([entry.student for entry in entries]),
        )
        found: dict[str, str] = {student: number for student, number in self._db.execute(query)}  # noqa: C416  (as above)
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
            [{"row": found[entry.student], "timestamp": entry.received} for entry in entries if entry.student in found],
        )
        return found | {str(row["student_id"]): str(row["id"]) for row in rows}

    def _submitted_notebooks(self, submissions: Mapping[str, str]) -> dict[tuple[str, str], str]:
        """Return the id of each student's row for each notebook of the assignment, made where there is none."""
        owners = {number: student for student, number in submissions.items()}
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
        columns = (_grade.c.id, _grade.c.auto_score, _grade.c.manual_score, _grade.c.needs_manual_grade)
        query = sa.select(_grade.c.notebook_id, _grade.c.cell_id, *columns).where(
            _grade.c.notebook_id.in_(notebooks.values())
        )
        found = {(row.notebook_id, row.cell_id): StoredGrade(*row[2:]) for row in self._db.execute(query)}
        known = self._known_answers(entries, notebooks)
        fresh, changed = [], []
        for entry in entries:
            for notebook, name, kind, cell in self._cells:
                if kind not in ("GradeCell", "TaskCell"):
                    continue
                place = notebooks[entry.student, notebook], cell
                given, stored = self._given(entry, notebook, name), found.get(place)
                same = known.same(entry, place[0], name, self._given_for(entry, (notebook, name)), kind == "TaskCell")
                values = {"auto_score": given.score, "needs_manual_grade": needs_person(given, stored, same)}
                if stored is None:
                    fresh.append({"notebook_id": place[0], "cell_id": cell, **values})
                elif kind == "GradeCell" or stored.manual is not None:  # a task waits for a person until it is marked
                    changed.append({"row": stored.number, **values})
        self._insert(_grade, fresh)
        self._update(_grade, changed)

    def _given(self, entry: Entry, notebook: str, name: str) -> CellGrade:
        """Return what grading gave; what it says nothing of is a person's, unless nothing was written."""
        given = entry.grades.get((notebook, name))
        return given or CellGrade(0.0 if self._untouched(entry, notebook, name) else None)

    def _given_for(self, entry: Entry, place: Place) -> str | None:
        """Return what a mark by hand of a cell is given for; None where nothing is known of its answers."""
        answers = entry.answers.get(place)
        return None if answers is None else given_for(answers, self._worth.get(place, 0.0))

    def _known_answers(self, entries: Sequence[Entry], notebooks: Mapping[tuple[str, str], str]) -> "_KnownAnswers":
        query = sa.select(_answer.c.notebook_id, _answer.c.cell, _answer.c.digest).where(
            _answer.c.notebook_id.in_(notebooks.values())
        )
        digests = {(number, cell): digest for number, cell, digest in self._db.execute(query)}
        works = (
            sa.select(_submission.c.student_id, _graded.c.content)
            .join_from(_graded, _submission, _submission.c.id == _graded.c.submission_id)
            .where(
                _submission.c.assignment_id == self._assignment_id,
                _submission.c.student_id.in_([entry.student for entry in entries]),
            )
        )
        contents: dict[str, str] = {student: content for student, content in self._db.execute(works)}  # noqa: C416
        return _KnownAnswers(digests, contents)

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
                text = NO_RESPONSE if untouched else entry.notes.get((notebook, name))
                if place not in found:
                    fresh.append({"notebook_id": place[0], "cell_id": cell, "auto_comment": text})
                else:
                    changed.append({"row": found[place], "auto_comment": text})
        self._insert(_comment, fresh)
        self._update(_comment, changed)

    def _untouched(self, entry: Entry, notebook: str, name: str) -> bool:
        checksum = entry.checksums.get((notebook, name))
        return checksum is not None and checksum == self._checksums.get((notebook, name))

    def _remember(
        self,
        entries: Sequence[Entry],
        submissions: Mapping[str, str],
        notebooks: Mapping[tuple[str, str], str],
    ) -> None:
        """Note what the grades come from."""
        numbers = list(submissions.values())
        self._db.execute(sa.delete(_graded).where(_graded.c.submission_id.in_(numbers)))
        rows = [
            {
                "submission_id": submissions[entry.student],
                "content": entry.content,
                "fingerprint": entry.fingerprint,
                "received": entry.received,
            }
            for entry in entries
        ]
        self._insert(_graded, rows)
        self._db.execute(sa.delete(_answer).where(_answer.c.notebook_id.in_(notebooks.values())))
        answers = [
            {"notebook_id": notebooks[entry.student, notebook], "cell": cell, "digest": digest}
            for entry in entries
            for notebook, cell in entry.answers
            if (digest := self._given_for(entry, (notebook, cell))) is not None
        ]
        self._insert(_answer, answers)

    def _insert(self, table: sa.Table, rows: Sequence[Mapping[str, object]]) -> None:
        if rows:
            self._db.execute(sa.insert(table), rows)

    def _update(self, table: sa.Table, rows: Sequence[Mapping[str, object]]) -> None:
        """Update rows by their id, given under the key "row"."""
        if rows:
            self._db.execute(sa.update(table).where(table.c.id == sa.bindparam("row")), rows)


@dataclass(frozen=True, slots=True)
class StoredGrade:
    """What the gradebook holds of one graded cell of one student."""

    number: str
    automatic: float | None
    manual: float | None
    pending: bool


@dataclass(frozen=True, slots=True)
class _KnownAnswers:
    """What was handed in when the stored grades were given.

    Attributes:
        given_for: what the mark of a graded cell was given for, by submitted notebook and grade_id.
        contents: of the whole work, by student.
    """

    given_for: Mapping[tuple[str, str], str]
    contents: Mapping[str, str]

    def same(self, entry: Entry, number: str, cell: str, now: str | None, task: bool) -> bool:
        """Whether a cell's answers and worth are those of then.

        Where that was not noted, all the work counts; so it does of a task, whose answer may stand in any cell.
        """
        before = self.given_for.get((number, cell))
        same_work = self.contents.get(entry.student) == entry.content
        if before is None:
            return same_work
        return now is not None and fits(before, now) and (same_work or not task)


def needs_person(given: CellGrade, stored: StoredGrade | None, same_answers: bool) -> bool:
    """Whether a person has to look: a mark by hand stands as long as the answer and its automatic points do."""
    if stored is None or stored.manual is None:
        return given.look or given.score is None
    if same_answers and stored.automatic == given.score:
        return stored.pending
    return True
