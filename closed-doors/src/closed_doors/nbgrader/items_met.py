"""What the points of a mark by hand come from: the items of the scheme, met and missed, for the student to read."""

import json
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from closed_doors.nbgrader import desk_tables as ours
from closed_doors.nbgrader import gradebook_tables as tables


@dataclass(frozen=True, slots=True)
class ItemMark:
    """One item of the scheme and what an answer has of it, in points."""

    label: str
    points: float
    earned: float

    @property
    def met(self) -> bool:
        """Whether nothing is missing; of what takes points off, whether it does not."""
        return self.earned >= self.points if self.points >= 0 else self.earned == 0


@dataclass(frozen=True, slots=True)
class MarkedBy:
    """The items of one mark.

    Attributes:
        free: the mark that a person gave regardless of them; None where they make it.
    """

    items: tuple[ItemMark, ...]
    free: float | None

    def makes(self, score: float | None) -> bool:
        """Whether this is where a mark comes from: formgrader may have given another since."""
        if score is None:
            return False
        points = max(sum(item.earned for item in self.items), 0.0) if self.free is None else self.free
        return abs(points - score) < 1e-9


def items_met_in(
    db: sa.Connection, assignment: str, students: Collection[str] | None = None
) -> dict[tuple[str, str, str], MarkedBy]:
    """Return what marks come from, by student, notebook and cell; nothing where the desk was never used.

    Args:
        db: the gradebook.
        assignment: nbgrader's name for it.
        students: only these; all where it is None.
    """
    if not sa.inspect(db).has_table(ours.marking.name):
        return {}
    item = ours.item
    scheme: dict[tuple[str, str], list[tuple[str, str, float]]] = {}
    for row in db.execute(sa.select(item).where(item.c.assignment == assignment).order_by(item.c.position)):
        scheme.setdefault((row.notebook, row.cell), []).append((row.key, row.label, row.points))
    found = {}
    for row in db.execute(_markings(assignment).where(tables.one_of(tables.submission.c.student_id, students))):
        met = json.loads(row.met)
        items = scheme.get((row.notebook, row.cell), ())
        marks = tuple(ItemMark(label, points, points * met.get(key, 0.0)) for key, label, points in items)
        if marks:
            found[row.student_id, row.notebook, row.cell] = MarkedBy(marks, row.free)
    return found


def _markings(assignment: str) -> tables.Query:
    marking, submitted, submission, notebook = ours.marking, tables.submitted, tables.submission, tables.notebook
    query: tables.Query = (
        sa.select(
            *(submission.c.student_id, notebook.c.name.label("notebook"), marking.c.cell),
            *(marking.c.met, marking.c.free),
        )
        .join_from(marking, submitted, submitted.c.id == marking.c.notebook_id)
        .join(submission, submission.c.id == submitted.c.assignment_id)
        .join(notebook, notebook.c.id == submitted.c.notebook_id)
        .join(tables.assignment, tables.assignment.c.id == submission.c.assignment_id)
        .where((tables.assignment.c.name == assignment) & (marking.c.version > 0))
    )
    return query
