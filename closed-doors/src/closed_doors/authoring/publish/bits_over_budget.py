"""Masters whose marks alone can tell more of hidden tests than a page may.

In what detail a page tells of hidden criteria is grading's to choose, and it chooses one that fits. The mark of the
whole is told in any case, so where it has too many values only the author can help.
"""

from collections.abc import Collection, Iterator

from closed_doors.authoring.leak_scan.finding import Finding, Place
from closed_doors.grading.verdict.hidden_bits import BUDGET_BITS, details, hidden_cells, most_bits
from closed_doors.notebook.json_files import Notebook
from closed_doors.notebook.plan import plan

REMEDY = (
    "share fewer points (a mark out of 20 always fits), or give hidden criteria whole or half points, "
    "so that fewer marks are possible"
)


def bits_over_budget(master: Notebook, file: str, inside: Collection[str] = ()) -> Iterator[Finding]:
    """Yield the master, with the figure, if its mark alone can tell more of hidden tests than is promised.

    Args:
        master: the instructor's notebook, solutions in place, its markers nbgrader's.
        file: what messages call it.
        inside: the grade_ids of grading cells that run in the student's process.
    """
    cells = hidden_cells(plan(master, master, inside))
    bits = most_bits(cells, details(cells))
    if bits > BUDGET_BITS:
        points = sum(cell.points for cell in cells)
        reason = (
            f"whoever hands in can read up to {bits:.1f} bits of the hidden tests off the mark alone, "
            f"and {BUDGET_BITS:g} are promised: cells with hidden tests share {points:g} points"
        )
        yield Finding(Place(file), reason, REMEDY)
