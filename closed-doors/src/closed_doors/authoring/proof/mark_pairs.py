"""Cell by cell, what a notebook earns in an ordinary kernel and behind closed doors."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from closed_doors.authoring.proof.stock_marks import StockMark, stock_marks
from closed_doors.core.errors import CourseError, ExecutionError
from closed_doors.grading.master_proof import Refusal
from closed_doors.grading.one_notebook import Grader, grade_cells, proof_of
from closed_doors.notebook.cell import Cell, Role, cells_of
from closed_doors.notebook.json_files import Notebook

SAME = 1e-6  # of a point
StockWay = Callable[[Path, str, Notebook], dict[str, StockMark]]


class Relation(Enum):
    """How what a cell earns behind closed doors stands to what it earns in an ordinary kernel."""

    EQUAL = "equal"
    REFUSED = "refused"  # by name, before a student is graded
    LOWER = "lower"
    HIGHER = "higher"


@dataclass(frozen=True, slots=True)
class MarkPair:
    """One grading cell, both ways.

    Attributes:
        notebook: the master's name.
        cell: its grade_id.
        work: "solved" or "untouched".
        points: what it is worth.
        stock: what it earns in an ordinary kernel.
        stock_error: what ended it there.
        closed: what it earns behind closed doors; None where it is not graded.
        relation: how the two stand to each other.
        reason: of a refusal, with the line and the idiom to write instead.
    """

    notebook: str
    cell: str
    work: str
    points: float
    stock: float
    stock_error: str
    closed: float | None
    relation: Relation
    reason: str = ""


def mark_pairs(folder: Path, name: str, grader: Grader, stock_way: StockWay = stock_marks) -> Iterator[MarkPair]:
    """Yield the grading cells of a master, first solved, then as it is handed out.

    Args:
        folder: the assignment's folder in source/.
        name: the master's.
        grader: how the class would be graded.
        stock_way: what runs a notebook in an ordinary kernel.

    Raises:
        HostError: Jupyter itself failed.
    """
    refusals = {refusal.cell: refusal for refusal in proof_of(grader)}
    for work, notebook in (("solved", grader.master), ("untouched", grader.stubs.untouched(grader.master))):
        stock = stock_way(folder, name, notebook)
        closed = _closed(grader, notebook)
        for cell in cells_of(grader.master):
            if cell.is_code and cell.role is Role.GRADING:
                refusal = refusals.get(cell.grade_id) or refusals.get("")
                yield _pair(name, work, cell, stock[cell.grade_id], closed.get(cell.grade_id), refusal)


def _closed(grader: Grader, notebook: Notebook) -> dict[str, float]:
    try:
        return {cell.grade_id: cell.earned for cell in grade_cells(grader, notebook) if not cell.refused}
    except ExecutionError:
        return {}
    except CourseError:
        return {}


def _pair(
    name: str, work: str, cell: Cell, stock: StockMark, closed: float | None, refusal: Refusal | None
) -> MarkPair:
    if refusal is not None or closed is None:
        relation, closed = Relation.REFUSED, None
    elif abs(closed - stock.earned) < SAME:
        relation = Relation.EQUAL
    else:
        relation = Relation.LOWER if closed < stock.earned else Relation.HIGHER
    reason = _reason(refusal, work, stock) if refusal else ""
    return MarkPair(name, cell.grade_id, work, cell.points, stock.earned, stock.error, closed, relation, reason)


def _reason(refusal: Refusal, work: str, stock: StockMark) -> str:
    """Return why a cell is refused; of a master that misses its points in an ordinary kernel too, that it does."""
    if work != "solved" or not stock.error:
        return refusal.said()
    ended = stock.error.splitlines()[-1]
    return f"{refusal.found} It ends in an ordinary kernel too ({ended}): mend the solution, or this test."
