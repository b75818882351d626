"""Which answers a graded cell judges: a mark by hand fits as long as they stay what they were."""

import hashlib
from collections.abc import Iterable, Mapping

from closed_doors.nbgrader.gradebook_structure import Place
from closed_doors.notebook.cell import cells_of
from closed_doors.notebook.json_files import Notebook


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
