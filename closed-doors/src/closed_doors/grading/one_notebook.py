"""One notebook from what was handed in to what TAs open: rebuild, plan, grade, fill, disarm.

It is the only way: for a class, and for nbgrader's own button.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from closed_doors.core.assignment_files import NO_FILES, AssignmentFiles
from closed_doors.core.errors import ExecutionError
from closed_doors.core.wording import DEFAULT_LANGUAGE, wording
from closed_doors.grading.clocks.deadlines import Deadlines
from closed_doors.grading.processes.supervisor import grade
from closed_doors.grading.processes.zygote_handle import warm_zygote
from closed_doors.grading.verdict.autograded_notebook import disarm, fill, put_on_top
from closed_doors.grading.verdict.remark import Remark, RemarkCode
from closed_doors.grading.verdict.verdict import CellVerdict
from closed_doors.grading.verdict.verdict_file import cell_verdicts
from closed_doors.notebook.cell import cells_of
from closed_doors.notebook.hidden_regions import Stubs
from closed_doors.notebook.json_files import Notebook
from closed_doors.notebook.plan import Step, plan
from closed_doors.notebook.rebuild import KnownMaster
from closed_doors.notebook.submission_findings import Finding, by_kind, listed

# By kind, the remark on one cell, and that on several.
FINDINGS = {
    "recognised": (RemarkCode.RECOGNISED_CELLS, RemarkCode.RECOGNISED_CELLS),
    "missing": (RemarkCode.MISSING_CELL, RemarkCode.MISSING_CELLS),
    "duplicated": (RemarkCode.DUPLICATED_CELL, RemarkCode.DUPLICATED_CELLS),
    "unknown": (RemarkCode.UNKNOWN_CELL, RemarkCode.UNKNOWN_CELLS),
    "beside": (RemarkCode.TEXT_BESIDE, RemarkCode.TEXT_BESIDE),
    "added": (RemarkCode.WRITTEN_IN_LESSON, RemarkCode.WRITTEN_IN_LESSON),
    "overwritten": (RemarkCode.LESSON_CHANGED, RemarkCode.LESSON_CHANGED),
    "picture": (RemarkCode.PICTURE_NOT_SHOWN, RemarkCode.PICTURE_NOT_SHOWN),
}


@dataclass(frozen=True)  # no slots: what is read of the master once is kept in it
class Grader:
    """How the submissions of one notebook are graded.

    Attributes:
        master: the instructor's notebook, solutions and hidden tests in place.
        files: what its code may import and read besides libraries.
        diagnosis: what is known of wrong answers: the content of the notebook's diagnosis file.
        deadlines: how long a submission may take.
        language: what the autograded notebook is written in.
        stubs: what students find where a solution stood.
    """

    master: Notebook
    files: AssignmentFiles = NO_FILES
    diagnosis: bytes = b""
    deadlines: Deadlines = field(default_factory=Deadlines)
    language: str = DEFAULT_LANGUAGE
    stubs: Stubs = field(default_factory=Stubs)

    @cached_property
    def known_master(self) -> KnownMaster:
        """The master, for submissions to be rebuilt on."""
        return KnownMaster(self.master, self.stubs)

    @cached_property
    def solved(self) -> list[Step]:
        """The steps of the master with its own solutions in place."""
        return plan(self.master, self.master)


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
        judged_alone: whether it was graded a second time, alone.
    """

    notebook: Notebook
    cells: tuple[CellVerdict, ...]
    remarks: tuple[Remark, ...]
    checksums: dict[str, str]
    wall_s: float
    cpu_s: float
    judged_alone: bool = False


def grade_notebook(grader: Grader, submitted: Notebook, about_files: tuple[Remark, ...] = ()) -> OneGraded:
    """Grade what was handed in.

    Args:
        grader: how.
        submitted: the notebook, as `parse_submission` reads it.
        about_files: what there is to say of the files that were handed in.

    Raises:
        SandboxError: this machine can't close student code in.
        ExecutionError: grading failed twice for a reason that is not the student's; there is no mark.
    """
    try:
        return _graded(grader, submitted, about_files)
    except ExecutionError:  # once more: a machine out of breath is no verdict
        return _graded(grader, submitted, about_files)


def _graded(grader: Grader, submitted: Notebook, about_files: tuple[Remark, ...]) -> OneGraded:
    rebuilt = grader.known_master.rebuild(submitted)
    notebook = rebuilt.notebook
    steps = plan(grader.master, notebook)
    started = time.monotonic()
    graded = grade(
        warm_zygote(),
        steps,
        grader.deadlines,
        files=grader.files,
        diagnosis=grader.diagnosis,
        solved=grader.solved,
    )
    wall_s = time.monotonic() - started
    remarks = (*about_files, *remarks_on(rebuilt.findings), *graded.remarks)
    cells = cell_verdicts(notebook, graded)
    checksums = {cell.grade_id: cell.checksum for cell in cells_of(notebook) if cell.is_answer}
    words = wording(grader.language)
    fill(notebook, graded, words)
    disarm(notebook)
    put_on_top(notebook, remarks, words)
    return OneGraded(notebook, cells, remarks, checksums, wall_s, graded.cpu_s, graded.judged_alone)


def remarks_on(findings: Iterable[Finding]) -> tuple[Remark, ...]:
    """Return what there is to say of a submission that is not as it was handed out: one remark a kind."""
    found = by_kind(findings)
    return tuple(_remark(what, found[what]) for what in FINDINGS if what in found)


def _remark(what: str, cells: list[str]) -> Remark:
    one, several = FINDINGS[what]
    if len(cells) == 1 and one is not several:
        return Remark(one, cells[0])
    return Remark(several, arguments={"cells": listed(cells)})
