"""Marks by hand in `nbgrader autograde`: those that still fit the answer stand, as they do in `course autograde`."""

from collections.abc import Iterator, Mapping

import sqlalchemy as sa
from nbformat import NotebookNode

from closed_doors.nbgrader.gradebook_database import Database
from closed_doors.nbgrader.gradebook_tables import answer as _answer
from closed_doors.nbgrader.gradebook_tables import assignment as _assignment
from closed_doors.nbgrader.gradebook_tables import cell as _cell
from closed_doors.nbgrader.gradebook_tables import grade as _grade
from closed_doors.nbgrader.gradebook_tables import notebook as _notebook
from closed_doors.nbgrader.gradebook_tables import points as _points
from closed_doors.nbgrader.gradebook_tables import submission as _submission
from closed_doors.nbgrader.gradebook_tables import submitted as _submitted
from closed_doors.nbgrader.gradebook_tables import task_points as _task_points
from closed_doors.nbgrader.gradebook_writer import CellGrade, StoredGrade, needs_person
from closed_doors.nbgrader.judged_answers import answers_digest, fits, given_for, judged_answers
from closed_doors.nbgrader.preprocessors import SaveGrades
from closed_doors.nbgrader.settings import course_language, read_stubs
from closed_doors.nbgrader.submission_paths import Submitted, submitted
from closed_doors.notebook.cell import cells_of
from closed_doors.notebook.json_files import JsonObject
from closed_doors.notebook.rebuild import rebuild


class SaveMarks(SaveGrades):
    """Save automatic points as nbgrader does, and have a person look again at no mark that the answer supports.

    nbgrader alone asks for a second look at every mark by hand, each time that work is graded.
    """

    def preprocess(self, nb: NotebookNode, resources: JsonObject) -> tuple[NotebookNode, JsonObject]:
        """Save the notebook's points; nbgrader calls it once a submission, after its tests were judged."""
        work = submitted(self, resources)
        answers = self._digests(work)
        with Database(work.course.db_url).transaction() as db:
            before, known = dict(_grades(db, work)), _known(db, work)
            worth = _worth(db, work)
        now_given_for = {cell: given_for(digest, worth.get(cell, 0.0)) for cell, digest in answers.items()}
        nb, resources = super().preprocess(nb, resources)
        with Database(work.course.db_url).transaction() as db:
            for cell, now in _grades(db, work):
                stored, same = before.get(cell), cell in known and fits(known[cell], now_given_for.get(cell, ""))
                if stored is not None and stored.manual is not None:
                    look = needs_person(CellGrade(now.automatic), stored, same)
                    db.execute(sa.update(_grade).where(_grade.c.id == now.number).values(needs_manual_grade=look))
            _remember(db, work, now_given_for)
        return nb, resources

    def _digests(self, work: Submitted) -> dict[str, str]:
        """Return a digest of the answers that each graded cell judges, as they are handed in now."""
        master = work.master()
        language = course_language(work.root)
        rebuilt = rebuild(master, work.handed_in(), read_stubs(self.config), language).notebook
        checksums = {(work.notebook, cell.grade_id): cell.checksum for cell in cells_of(rebuilt) if cell.is_answer}
        judged = judged_answers([(work.notebook, master)])
        return {cell: answers_digest(checksums, name, answers) for (name, cell), answers in judged.items()}


def _grades(db: sa.Connection, work: Submitted) -> Iterator[tuple[str, StoredGrade]]:
    """Yield what the gradebook holds of each graded cell of the notebook."""
    columns = (_grade.c.id, _grade.c.auto_score, _grade.c.manual_score, _grade.c.needs_manual_grade)
    query = (
        sa.select(_cell.c.name, *columns)
        .join_from(_grade, _cell, _cell.c.id == _grade.c.cell_id)
        .where(_grade.c.notebook_id.in_(_number_of(work)))
    )
    for name, *stored in db.execute(query):
        yield name, StoredGrade(*stored)


def _worth(db: sa.Connection, work: Submitted) -> dict[str, float]:
    """Return what the gradebook says that each graded cell is worth."""
    mine = sa.select(_submitted.c.notebook_id).where(_submitted.c.id.in_(_number_of(work)))
    queries = (
        sa.select(_cell.c.name, table.c.max_score)
        .join(table, table.c.id == _cell.c.id)
        .where(_cell.c.notebook_id.in_(mine))
        for table in (_points, _task_points)
    )
    return {name: float(points) for query in queries for name, points in db.execute(query)}


def _known(db: sa.Connection, work: Submitted) -> Mapping[str, str]:
    """Return what marks were given for before, by graded cell."""
    _answer.create(db, checkfirst=True)
    query = sa.select(_answer.c.cell, _answer.c.digest).where(_answer.c.notebook_id.in_(_number_of(work)))
    return {cell: digest for cell, digest in db.execute(query)}  # noqa: C416  (a result is no mapping)


def _remember(db: sa.Connection, work: Submitted, digests: Mapping[str, str]) -> None:
    number = db.execute(_number_of(work)).scalar_one()
    db.execute(sa.delete(_answer).where(_answer.c.notebook_id == number))
    rows = [{"notebook_id": number, "cell": cell, "digest": digest} for cell, digest in digests.items()]
    if rows:
        db.execute(sa.insert(_answer), rows)


def _number_of(work: Submitted) -> sa.Select[tuple[str]]:
    """Select the gradebook's id of the submitted notebook."""
    return (
        sa.select(_submitted.c.id)
        .join_from(_submitted, _submission, _submission.c.id == _submitted.c.assignment_id)
        .join(_notebook, _notebook.c.id == _submitted.c.notebook_id)
        .join(_assignment, _assignment.c.id == _submission.c.assignment_id)
        .where(
            _assignment.c.name == work.assignment,
            _submission.c.student_id == work.student,
            _notebook.c.name == work.notebook,
        )
    )
