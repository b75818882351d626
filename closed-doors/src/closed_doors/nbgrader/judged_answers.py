"""Which answers a graded cell judges: a mark by hand fits as long as they are the same, and what the cell is worth.

What a mark was given for is kept as a text of at most 64 characters, as long as the gradebook's column.
"""

import hashlib
from collections.abc import Iterable, Mapping

from closed_doors.nbgrader.gradebook_structure import Place
from closed_doors.notebook.cell import cells_of
from closed_doors.notebook.json_files import Notebook

_HASH = 40


def judged_answers(masters: Iterable[tuple[str, Notebook]]) -> dict[Place, tuple[str, ...]]:
    """Return the grade_ids of the answers that each graded cell judges.

    An answer that a person marks is judged by itself; tests judge the answers between the tests before and them, and
    all answers above where there are none.
    """
    found: dict[Place, tuple[str, ...]] = {}
    for name, notebook in masters:
        above: list[str] = []
        since: list[str] = []
        for cell in cells_of(notebook):
            if cell.is_answer:
                above.append(cell.grade_id)
                since.append(cell.grade_id)
            if not cell.is_graded and not cell.is_task:
                continue
            if cell.is_answer:
                found[name, cell.grade_id] = (cell.grade_id,)
            else:
                found[name, cell.grade_id] = tuple(since or above)
                since = []
    return found


def answers_digest(checksums: Mapping[Place, str], notebook: str, answers: Iterable[str]) -> str:
    """Return a hash of answers, from the checksum of each."""
    return hashlib.sha256(" ".join(checksums.get((notebook, cell), "") for cell in answers).encode()).hexdigest()


def given_for(digest: str, points: float) -> str:
    """Return what a mark by hand is given for: the answers, and what the cell is worth."""
    return f"{digest[:_HASH]} {points:g}"


def fits(before: str, now: str) -> bool:
    """Whether a mark that was given for one thing fits another; what was noted without points says nothing of them."""
    return before == now if " " in before else now.startswith(before[:_HASH])
