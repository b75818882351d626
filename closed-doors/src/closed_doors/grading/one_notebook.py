"""One notebook from what was handed in to what TAs open: rebuild, plan, grade, fill, disarm.

It is the only way: for a class, and for nbgrader's own button.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from closed_doors.core.errors import ExecutionError
from closed_doors.core.wording import DEFAULT_LANGUAGE, wording
from closed_doors.grading.processes.supervisor import Deadlines, grade
from closed_doors.grading.processes.zygote_handle import warm_zygote
from closed_doors.grading.verdict.autograded_notebook import disarm, fill, put_on_top
from closed_doors.grading.verdict.remark import Remark, RemarkCode
from closed_doors.grading.verdict.verdict import CellVerdict
from closed_doors.grading.verdict.verdict_file import cell_verdicts
from closed_doors.notebook.cell import cells_of
from closed_doors.notebook.json_files import Notebook
from closed_doors.notebook.plan import plan
from closed_doors.notebook.rebuild import rebuild

FINDINGS = {
    "missing": RemarkCode.MISSING_CELL,
    "duplicated": RemarkCode.DUPLICATED_CELL,
    "unknown": RemarkCode.UNKNOWN_CELL,
}


@dataclass(frozen=True, slots=True)
class Grader:
    """How the submissions of one notebook are graded.

    Attributes:
        master: the instructor's notebook, solutions and hidden tests in place.
        files: the assignment's own files, which notebooks may read.
        diagnosis: what is known of wrong answers: the content of the notebook's diagnosis file.
        deadlines: how long a submission may take.
        language: what the autograded notebook is written in.
    """

    master: Notebook
    files: Sequence[Path] = ()
    diagnosis: bytes = b""
    deadlines: Deadlines = field(default_factory=Deadlines)
    language: str = DEFAULT_LANGUAGE


@dataclass(frozen=True, slots=True)
class OneGraded:
    """One notebook, graded.

    Attributes:
        notebook: what TAs open.
        cells: the verdicts of its grading cells.
        remarks: what a person should look at.
        checksums: nbgrader's checksum of each answer, by grade_id.
        wall_s: how long its grading took, in seconds.
        cpu_s: processor time of that, in seconds.
    """

    notebook: Notebook
    cells: tuple[CellVerdict, ...]
    remarks: tuple[Remark, ...]
    checksums: dict[str, str]
    wall_s: float
    cpu_s: float


def grade_notebook(grader: Grader, submitted: Notebook) -> OneGraded:
    """Grade what was handed in.

    Args:
        grader: how.
        submitted: the notebook, as `parse_submission` reads it.

    Raises:
        SandboxError: this machine can't close student code in.
        ExecutionError: grading failed twice for a reason that is not the student's; there is no mark.
    """
    try:
        return _graded(grader, submitted)
    except ExecutionError:  # once more: a machine out of breath is no verdict
        return _graded(grader, submitted)


def _graded(grader: Grader, submitted: Notebook) -> OneGraded:
    rebuilt = rebuild(grader.master, submitted)
    notebook = rebuilt.notebook
    steps = plan(grader.master, notebook)
    started = time.monotonic()
    graded = grade(
        warm_zygote(),
        steps,
        grader.deadlines,
        files=grader.files,
        diagnosis=grader.diagnosis,
        solved=plan(grader.master, grader.master),
    )
    wall_s = time.monotonic() - started
    remarks = (*(Remark(FINDINGS[found.what], found.grade_id) for found in rebuilt.findings), *graded.remarks)
    cells = cell_verdicts(notebook, graded)
    checksums = {cell.grade_id: cell.checksum for cell in cells_of(notebook) if cell.is_answer}
    words = wording(grader.language)
    fill(notebook, graded, words)
    disarm(notebook)
    put_on_top(notebook, remarks, words)
    return OneGraded(notebook, cells, remarks, checksums, wall_s, graded.cpu_s)
