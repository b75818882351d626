"""Final marks before and after: who rises, who falls, and why."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType

from closed_doors.nbgrader.gradebook_reader import CellMark, NotebookMarks, StudentMarks
from closed_doors.nbgrader.gradebook_structure import Place, Shape
from closed_doors.nbgrader.gradebook_writer import Entry

DAY_S, HOUR_S = 86_400, 3_600


@dataclass(frozen=True, slots=True)
class Parts:
    """What a final mark is made of, in points."""

    automatic: float
    by_hand: float
    penalty: float
    total: float
    maximum: float


@dataclass(frozen=True, slots=True)
class Move:
    """One student's final mark, before and after.

    Attributes:
        before: None where there was none.
        cells: the grade_ids whose automatic points differ.
        reasons: why the mark differs, in words.
        new_work: whether the student handed in something else than what was graded.
    """

    student: str
    before: Parts | None
    after: Parts
    cells: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    new_work: bool = False

    @property
    def change(self) -> float:
        """By how much the final mark rises; negative where it falls."""
        return 0.0 if self.before is None else round(self.after.total - self.before.total, 6)

    @property
    def matters(self) -> bool:
        """Whether a mark that was there is another one now, or made of other points."""
        return self.before is not None and (self.before != self.after or bool(self.cells))


def parts(marks: StudentMarks) -> Parts:
    """Return what a student's final mark is made of."""
    cells = [cell for book in marks.notebooks.values() for cell in book.cells.values()]
    by_hand = sum((cell.manual or 0.0) + (cell.extra if cell.manual is not None else 0.0) for cell in cells)
    automatic = sum(cell.score for cell in cells) - by_hand
    penalty = sum(book.penalty for book in marks.notebooks.values())
    return Parts(*(round(value, 6) for value in (automatic, by_hand, penalty, marks.score, marks.maximum)))


def compare(before: StudentMarks | None, after: StudentMarks, new_work: bool = False) -> Move:
    """Return how a student's final mark moves.

    Args:
        before: the marks as they stand; None where there are none.
        after: the marks as they would be.
        new_work: whether the student handed in something else than what was graded.
    """
    if before is None:
        return Move(after.student, None, parts(after), reasons=("graded for the first time",), new_work=new_work)
    old, new = _automatic(before), _automatic(after)
    cells = tuple(place[1] for place in new if place in old and old[place] != new[place])
    reasons = []
    if cells:
        reasons.append(f"{'new work' if new_work else 'other points from the tests'}: {', '.join(cells)}")
    reasons += [f"taken out: {place[1]}" for place in old if place not in new]
    reasons += [f"added: {place[1]}" for place in new if place not in old]
    reasons += _worth(_cells(before), _cells(after))
    now, then = parts(after), parts(before)
    if now.penalty != then.penalty or before.received != after.received:
        reasons.append(_lateness(after))
    return Move(after.student, then, now, cells, tuple(reasons), new_work)


def expected_marks(
    before: StudentMarks | None,
    entry: Entry | None,
    shapes: Mapping[Place, Shape],
    aside: Mapping[Place, tuple[float | None, float]] = MappingProxyType({}),
) -> StudentMarks:
    """Return the marks that the gradebook will hold, lateness left aside.

    Args:
        before: what it holds now; None where nothing.
        entry: what grading found; None where the work is not graded again.
        shapes: the graded cells that there will be.
        aside: what a person gave for cells that were taken out, points and points on top: it comes back with them.
    """
    known = {} if before is None else _cells(before)
    there = {} if before is None else before.notebooks
    books = {name: NotebookMarks(given=there[name].given if name in there else None) for name, _ in shapes}
    for place, shape in shapes.items():
        mark = known.get(place, CellMark(shape.points, None, *aside.get(place, (None, 0.0)), True))
        automatic = mark.automatic
        if entry is not None and not shape.task:
            given = entry.grades.get(place)
            automatic = given.score if given else None
        books[place[0]].cells[place[1]] = replace(mark, maximum=shape.points, automatic=automatic)
    marks = before or StudentMarks(entry.student if entry else "")
    return replace(marks, received=entry.received if entry else marks.received, notebooks=books)


def with_new_names(marks: StudentMarks, renamed: Mapping[Place, str]) -> StudentMarks:
    """Return marks by the new names of cells, given by notebook and old name."""
    books = {
        name: replace(book, cells={renamed.get((name, cell), cell): mark for cell, mark in book.cells.items()})
        for name, book in marks.notebooks.items()
    }
    return replace(marks, notebooks=books)


def as_plain(move: Move) -> dict[str, object]:
    """Return a move as plain data, for `--json`."""
    return {
        "student": move.student,
        "before": None if move.before is None else asdict(move.before),
        "after": asdict(move.after),
        "change": move.change,
        "cells": list(move.cells),
        "reasons": list(move.reasons),
    }


def _cells(marks: StudentMarks) -> dict[Place, CellMark]:
    return {(name, cell): mark for name, book in marks.notebooks.items() for cell, mark in book.cells.items()}


def _automatic(marks: StudentMarks) -> dict[Place, float]:
    """Return the automatic points by cell; what nothing was written in and what waits for a person has none."""
    return {place: mark.automatic or 0.0 for place, mark in _cells(marks).items()}


def _worth(before: Mapping[Place, CellMark], after: Mapping[Place, CellMark]) -> list[str]:
    """Return which cells are worth another number of points, those apart for which a person has given some."""
    changed = [place for place in after if place in before and before[place].maximum != after[place].maximum]
    by_hand = [place[1] for place in changed if after[place].manual is not None]
    others = [place[1] for place in changed if after[place].manual is None]
    confirm = f"worth other points now: {', '.join(by_hand)}, and the mark by hand waits to be confirmed"
    return [confirm] * bool(by_hand) + [f"worth other points now: {', '.join(others)}"] * bool(others)


def _lateness(marks: StudentMarks) -> str:
    if not marks.late_s:
        return "lateness: in time"
    days, rest = divmod(marks.late_s, DAY_S)
    return f"lateness: {days:.0f} d {rest / HOUR_S:.1f} h late"


def alike(moves: Collection[Move], everybody: int) -> Move | None:
    """Return one move that stands for all, where the same happens to everybody; None otherwise."""
    found = list(moves)
    if len(found) < 2 or len(found) != everybody:
        return None
    first = found[0]
    same = all(
        (m.change, m.after.maximum, m.reasons) == (first.change, first.after.maximum, first.reasons) for m in found
    )
    return first if same else None
