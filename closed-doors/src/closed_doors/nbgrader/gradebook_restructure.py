"""Gives an assignment other cells after work was graded, which nbgrader refuses: marks by hand stay where they can.

What happens to each cell:

- the same name: its points and kind become the new ones, its grades stay until the work is graded again;
- a new name and nothing else, or a name that it had before: its grades and comments follow it, and students' notebooks
  may keep the old name;
- taken out: its grades go; marks and comments by hand are set aside, and come back if the cell ever does;
- added: everybody whose work is in the gradebook gets a grade that waits.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from closed_doors.nbgrader import gradebook_tables as tables
from closed_doors.nbgrader.desk_tables import forget_works, rename_cell
from closed_doors.nbgrader.gradebook_structure import (
    NotebookStructure,
    Place,
    Structure,
    names_back,
    renamed_in,
)

GRADED = ("GradeCell", "TaskCell")
COMMENTED = ("SolutionCell", "TaskCell")


@dataclass(frozen=True, slots=True)
class Restructuring:
    """What an assignment is to become.

    Attributes:
        target: its notebooks and cells.
        renamed: the new names of cells that only have another name, by notebook and old name.
    """

    target: Structure
    renamed: Mapping[Place, str]


def restructure(db: sa.Connection, assignment: str, wanted: Restructuring) -> None:
    """Bring an assignment's cells to what is wanted, by a connection that is open."""
    for table in (tables.renamed, tables.set_aside, tables.answer):
        table.create(db, checkfirst=True)
    work = _Restructure(db, assignment)
    work.rename(wanted.renamed)
    work.give_names_back(wanted.target)
    for name in sorted(work.notebooks.keys() - wanted.target.keys()):
        work.drop_notebook(name)
    for name, book in wanted.target.items():
        work.fit_notebook(name, book)
    work.fill_in()


class _Restructure:
    """One transaction's work on the cells of one assignment."""

    def __init__(self, db: sa.Connection, assignment: str) -> None:
        self._db = db
        self._name = assignment
        self._id = db.execute(
            sa.select(tables.assignment.c.id).where(tables.assignment.c.name == assignment)
        ).scalar_one()
        book = tables.notebook.c
        rows = db.execute(sa.select(book.name, book.id).where(book.assignment_id == self._id))
        self.notebooks: dict[str, str] = {name: number for name, number in rows}  # noqa: C416  (a result is no mapping)

    def rename(self, renamed: Mapping[Place, str]) -> None:
        """Give cells their new names, and remember the old ones, which students' notebooks have."""
        known = renamed_in(self._db, self._name)
        table = tables.renamed
        for (notebook, old), new in renamed.items():
            for cells in (tables.cell, tables.source):
                place = (cells.c.notebook_id == self.notebooks[notebook]) & (cells.c.name == old)
                self._db.execute(sa.update(cells).where(place).values(name=new))
            works = sa.select(tables.submitted.c.id).where(tables.submitted.c.notebook_id == self.notebooks[notebook])
            rename_cell(self._db, self._name, notebook, works, (old, new))
            mine = (table.c.assignment == self._name) & (table.c.notebook == notebook)
            self._db.execute(sa.delete(table).where(mine & (table.c.old == new)))  # renamed back
            self._db.execute(sa.update(table).where(mine & (table.c.new == old)).values(new=new))
            if (notebook, new) not in known:
                row = {"assignment": self._name, "notebook": notebook, "old": old, "new": new}
                self._db.execute(sa.insert(table).values(row))

    def give_names_back(self, target: Structure) -> None:
        """Let cells go by the names that they have again, what was set aside of them too."""
        there = {(name, cell) for name, book in target.items() for cell in book.sources}
        known, table, aside = renamed_in(self._db, self._name), tables.renamed, tables.set_aside
        for (notebook, new), old in names_back(known, there).items():
            mine = (aside.c.assignment == self._name) & (aside.c.notebook == notebook)
            under_new = mine & (aside.c.cell == new)
            if self._db.execute(sa.select(aside.c.cell).where(under_new)).first() is not None:
                self._forget([(notebook, old)])
                self._db.execute(sa.update(aside).where(under_new).values(cell=old))
            others = (table.c.assignment == self._name) & (table.c.notebook == notebook) & (table.c.new == new)
            self._db.execute(sa.update(table).where(others).values(new=old))
        for notebook, old in known.keys() & there:
            same = (table.c.assignment == self._name) & (table.c.notebook == notebook) & (table.c.old == old)
            self._db.execute(sa.delete(table).where(same))

    def drop_notebook(self, name: str) -> None:
        """Take a notebook out, with everything that was handed in of it."""
        number = self.notebooks.pop(name)
        self._drop_cells(name, [row.id for row in self._cells(number)])
        submitted = tables.submitted
        theirs = sa.select(submitted.c.id).where(submitted.c.notebook_id == number)
        self._db.execute(sa.delete(tables.answer).where(tables.answer.c.notebook_id.in_(theirs)))
        forget_works(self._db, theirs)
        self._db.execute(sa.delete(submitted).where(submitted.c.notebook_id == number))
        self._db.execute(sa.delete(tables.source).where(tables.source.c.notebook_id == number))
        self._db.execute(sa.delete(tables.notebook).where(tables.notebook.c.id == number))

    def fit_notebook(self, name: str, book: NotebookStructure) -> None:
        """Bring a notebook's cells to what is wanted; make it where there is none."""
        if name not in self.notebooks:
            self.notebooks[name] = uuid.uuid4().hex
            row = {"id": self.notebooks[name], "name": name, "assignment_id": self._id, "kernelspec": book.kernelspec}
            self._db.execute(sa.insert(tables.notebook).values(row))
        number = self.notebooks[name]
        wanted = {(cell, "TaskCell" if shape.task else "GradeCell") for cell, shape in book.graded.items()}
        wanted |= {(cell, "SolutionCell") for cell in book.solutions}
        there = {(row.name, row.type): row.id for row in self._cells(number)}
        self._drop_cells(name, [there[key] for key in there.keys() - wanted])
        for cell, kind in sorted(wanted - there.keys()):
            self._add_cell(number, cell, kind, book)
        for cell, kind in wanted & there.keys():
            if kind in GRADED:
                shape, table = book.graded[cell], _table(kind)
                values = {"max_score": shape.points, "cell_type": shape.cell_type}
                self._db.execute(sa.update(table).where(table.c.id == there[cell, kind]).values(values))
        self._sources(number, book)

    def fill_in(self) -> None:
        """Give everybody whose work is in the gradebook a row for each notebook and cell that has none."""
        for name, number in self.notebooks.items():
            submitted = self._submitted(number)
            graded = [row for row in self._cells(number) if row.type in GRADED]
            commented = [row for row in self._cells(number) if row.type in COMMENTED]
            self._missing(tables.grade, submitted, graded, {"needs_manual_grade": True})
            self._missing(tables.comment, submitted, commented, {})
            self._bring_back(name, number)

    def _submitted(self, notebook: str) -> list[str]:
        """Return the ids of what was handed in of a notebook, made where work lacks it."""
        submission, submitted = tables.submission, tables.submitted
        everybody = self._db.execute(sa.select(submission.c.id).where(submission.c.assignment_id == self._id)).scalars()
        rows = self._db.execute(
            sa.select(submitted.c.assignment_id, submitted.c.id).where(submitted.c.notebook_id == notebook)
        )
        there: dict[str, str] = {work: number for work, number in rows}  # noqa: C416  (as above)
        fresh = [
            {"id": uuid.uuid4().hex, "assignment_id": work, "notebook_id": notebook, "flagged": False}
            for work in everybody
            if work not in there
        ]
        self._insert(submitted, fresh)
        return [*there.values(), *(str(row["id"]) for row in fresh)]

    def _missing(
        self, table: sa.Table, submitted: Iterable[str], cells: Sequence[tables.Row], values: Mapping[str, object]
    ) -> None:
        query = sa.select(table.c.notebook_id, table.c.cell_id).where(table.c.cell_id.in_([row.id for row in cells]))
        there = {tuple(row) for row in self._db.execute(query)}
        fresh = [
            {"notebook_id": number, "cell_id": row.id, **values}
            for number in submitted
            for row in cells
            if (number, row.id) not in there
        ]
        self._insert(table, fresh)

    def _cells(self, notebook: str) -> Sequence[tables.Row]:
        cell = tables.cell
        return self._db.execute(
            sa.select(cell.c.id, cell.c.name, cell.c.type).where(cell.c.notebook_id == notebook)
        ).all()

    def _add_cell(self, notebook: str, name: str, kind: str, book: NotebookStructure) -> None:
        number = uuid.uuid4().hex
        row = {"id": number, "name": name, "notebook_id": notebook, "type": kind}
        self._db.execute(sa.insert(tables.cell).values(row))
        values: dict[str, object] = {"id": number}
        if kind in GRADED:
            values |= {"max_score": book.graded[name].points, "cell_type": book.graded[name].cell_type}
        self._db.execute(sa.insert(_table(kind)).values(values))

    def _drop_cells(self, notebook: str, cells: Collection[str]) -> None:
        if not cells:
            return
        self._set_aside(notebook, cells)
        for table in (tables.grade, tables.comment):
            self._db.execute(sa.delete(table).where(table.c.cell_id.in_(cells)))
        for table in (tables.points, tables.solution, tables.task_points, tables.cell):
            self._db.execute(sa.delete(table).where(table.c.id.in_(cells)))

    def _set_aside(self, notebook: str, cells: Collection[str]) -> None:
        """Keep what people gave for cells that are taken out."""
        grade, comment, cell, submission = tables.grade, tables.comment, tables.cell, tables.submission
        found: dict[tuple[str, str], dict[str, object]] = {}
        for table, given in (
            (grade, (grade.c.manual_score, grade.c.extra_credit)),
            (comment, (comment.c.manual_comment,)),
        ):
            query = (
                sa.select(submission.c.student_id, cell.c.name, *given)
                .join_from(table, cell, cell.c.id == table.c.cell_id)
                .join(tables.submitted, tables.submitted.c.id == table.c.notebook_id)
                .join(submission, submission.c.id == tables.submitted.c.assignment_id)
                .where(table.c.cell_id.in_(cells), sa.or_(*(column.is_not(None) for column in given)))
            )
            for row in self._db.execute(query).mappings():
                key = row["student_id"], row["name"]
                found.setdefault(key, {}).update({column.name: row[column.name] for column in given})
        self._forget([(notebook, name) for _, name in found])
        rows = [
            {
                "assignment": self._name,
                "notebook": notebook,
                "cell": name,
                "student_id": student,
                **{column: values.get(column) for column in ("manual_score", "extra_credit", "manual_comment")},
            }
            for (student, name), values in found.items()
        ]
        self._insert(tables.set_aside, rows)

    def _forget(self, places: Iterable[Place]) -> None:
        aside = tables.set_aside.c
        for notebook, cell in set(places):
            mine = (aside.assignment == self._name) & (aside.notebook == notebook) & (aside.cell == cell)
            self._db.execute(sa.delete(tables.set_aside).where(mine))

    def _bring_back(self, notebook: str, number: str) -> None:
        """Give back what people gave for a cell that was taken out and is there again; it waits to be confirmed."""
        aside = tables.set_aside
        mine = (aside.c.assignment == self._name) & (aside.c.notebook == notebook)
        ids = {(row.name, row.type): row.id for row in self._cells(number)}
        kept = [row for row in self._db.execute(sa.select(aside).where(mine)) if _has_room(row, ids)]
        submission, submitted = tables.submission, tables.submitted
        query = (
            sa.select(submission.c.student_id, submitted.c.id)
            .join_from(submitted, submission, submission.c.id == submitted.c.assignment_id)
            .where(submitted.c.notebook_id == number)
        )
        work: dict[str, str] = {student: theirs for student, theirs in self._db.execute(query)}  # noqa: C416  (as above)
        for row in kept:
            graded = [ids[row.cell, kind] for kind in GRADED if (row.cell, kind) in ids]
            commented = [ids[row.cell, kind] for kind in COMMENTED if (row.cell, kind) in ids]
            marks = {"manual_score": row.manual_score, "extra_credit": row.extra_credit, "needs_manual_grade": True}
            self._give(tables.grade, work.get(row.student_id), graded, marks)
            self._give(tables.comment, work.get(row.student_id), commented, {"manual_comment": row.manual_comment})
        self._forget((notebook, row.cell) for row in kept)

    def _give(self, table: sa.Table, work: str | None, cells: Collection[str], values: Mapping[str, object]) -> None:
        where = (table.c.notebook_id == work) & table.c.cell_id.in_(cells)
        self._db.execute(sa.update(table).where(where).values(**values))

    def _sources(self, notebook: str, book: NotebookStructure) -> None:
        table = tables.source
        self._db.execute(sa.delete(table).where(table.c.notebook_id == notebook))
        rows = [{"name": name, "notebook_id": notebook, **asdict(row)} for name, row in book.sources.items()]
        self._insert(table, rows)

    def _insert(self, table: sa.Table, rows: Sequence[Mapping[str, object]]) -> None:
        if rows:
            self._db.execute(sa.insert(table), rows)


def _table(kind: str) -> sa.Table:
    return {"GradeCell": tables.points, "TaskCell": tables.task_points, "SolutionCell": tables.solution}[kind]


def _has_room(row: tables.Row, cells: Collection[tuple[str, str]]) -> bool:
    """Whether there is a place again for all that a person gave for a cell."""
    marked = row.manual_score is not None or row.extra_credit is not None
    graded = any((row.cell, kind) in cells for kind in GRADED)
    commented = any((row.cell, kind) in cells for kind in COMMENTED)
    return (graded or not marked) and (commented or row.manual_comment is None)
