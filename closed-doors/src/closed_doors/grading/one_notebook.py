"""One notebook from what was handed in to what TAs open: rebuild, plan, grade, fill, disarm.

It is the only way: for a class, and for nbgrader's own button.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from checks.report import Kind
from closed_doors.core.assignment_files import NO_FILES, AssignmentFiles
from closed_doors.core.errors import ExecutionError, RefusedMasterError, SubmissionError
from closed_doors.core.wording import wording
from closed_doors.grading.clocks.deadlines import Deadlines
from closed_doors.grading.master_proof import Refusal, refusals, refused_whole
from closed_doors.grading.processes.supervisor import grade, prove, take_as_proved
from closed_doors.grading.processes.zygote_handle import warm_zygote
from closed_doors.grading.verdict.autograded_notebook import disarm, fill, put_on_top
from closed_doors.grading.verdict.remark import Remark, RemarkCode
from closed_doors.grading.verdict.verdict import CellVerdict, Graded, refused
from closed_doors.grading.verdict.verdict_file import cell_verdicts
from closed_doors.notebook.cell import Role, answers_of, cells_of
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
        stubs: what students find where a solution stood.
        grade_the_rest: whether cells that the master's own solution misses are left to a person; without it, nobody is
            graded on such a master.
        inside: the grade_ids of grading cells that run in the student's process.
    """

    master: Notebook
    files: AssignmentFiles = NO_FILES
    diagnosis: bytes = b""
    deadlines: Deadlines = field(default_factory=Deadlines)
    stubs: Stubs = field(default_factory=Stubs)
    grade_the_rest: bool = False
    inside: tuple[str, ...] = ()

    @cached_property
    def known_master(self) -> KnownMaster:
        """The master, for submissions to be rebuilt on."""
        return KnownMaster(self.master, self.stubs, self.files.language)

    @cached_property
    def solved(self) -> list[Step]:
        """The steps of the master with its own solutions in place."""
        return plan(self.master, self.master, self.inside)


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
        RefusedMasterError: the master does not earn its own points.
        SubmissionError: none of the cells is one of the master's: nobody can say what they answer.
        ExecutionError: grading failed twice for a reason that is not the student's; there is no mark.
    """
    try:
        return _graded(grader, submitted, about_files)
    except RefusedMasterError:
        raise
    except ExecutionError:  # once more: a machine out of breath is no verdict
        return _graded(grader, submitted, about_files)


def _graded(grader: Grader, submitted: Notebook, about_files: tuple[Remark, ...]) -> OneGraded:
    left = refused_cells(proof_of(grader), grader.grade_the_rest)
    rebuilt = grader.known_master.rebuild(submitted)
    if not rebuilt.is_placed:
        raise SubmissionError("none_of_its_cells")
    notebook = rebuilt.notebook
    started = time.monotonic()
    graded = _behind_closed_doors(grader, notebook)
    leave_out(graded, notebook, left)
    wall_s = time.monotonic() - started
    remarks = (*about_files, *remarks_on(rebuilt.findings), *graded.remarks)
    cells = cell_verdicts(notebook, graded)
    checksums = {cell.grade_id: cell.checksum for cell in answers_of(notebook)}
    words = wording(grader.files.language)
    fill(notebook, graded, words)
    disarm(notebook)
    put_on_top(notebook, remarks, words)
    return OneGraded(notebook, cells, remarks, checksums, wall_s, graded.cpu_s, graded.judged_alone)


def proof_of(grader: Grader) -> tuple[Refusal, ...]:
    """Return the grading cells that the master's own solution misses behind closed doors; none of a sound master.

    Raises:
        SandboxError: this machine can't close student code in.
    """
    try:
        return tuple(refusals(grader.solved, proved(grader)))
    except ExecutionError as error:
        return (refused_whole(error),)


def proved(grader: Grader) -> Graded:
    """Return what the master's own solution earns behind closed doors: found out once.

    Raises:
        SandboxError: this machine can't close student code in.
        ExecutionError: the master can't be graded.
    """
    return prove(warm_zygote(), grader.solved, grader.deadlines, files=grader.files, diagnosis=grader.diagnosis)


def known_as_proved(grader: Grader, proof: Graded) -> None:
    """Let a master be one that has proved itself before."""
    take_as_proved(warm_zygote(), grader.solved, grader.files, proof)


def protection() -> str:
    """Return the tier of this machine's sandboxes."""
    return warm_zygote().protection.tier


def grade_cells(grader: Grader, notebook: Notebook) -> tuple[CellVerdict, ...]:
    """Grade a notebook that has the master's cells already, and return what its grading cells earned.

    Raises:
        SandboxError: this machine can't close student code in.
        ExecutionError: grading failed for a reason that is not the student's; there is no mark.
    """
    return cell_verdicts(notebook, _behind_closed_doors(grader, notebook))


def _behind_closed_doors(grader: Grader, notebook: Notebook) -> Graded:
    return grade(
        warm_zygote(),
        plan(grader.master, notebook, grader.inside),
        grader.deadlines,
        files=grader.files,
        diagnosis=grader.diagnosis,
        solved=grader.solved,
    )


def refused_cells(found: Iterable[Refusal], grade_the_rest: bool) -> dict[str, str]:
    """Return why cells are left to a person, by grade_id, of what a master's own solution misses.

    Raises:
        RefusedMasterError: nobody has said that the rest may be graded, or there is no rest.
    """
    found = tuple(found)
    whole = any(not refusal.cell for refusal in found)
    if found and (whole or not grade_the_rest):
        raise RefusedMasterError([refusal.said() for refusal in found])
    return {refusal.cell: refusal.said() for refusal in found}


def leave_out(graded: Graded, notebook: Notebook, left: Mapping[str, str]) -> None:
    """Take the marks of refused cells, and of those that fail by themselves, out of what grading gave."""
    broken = {index: why for index, verdict in graded.verdicts.items() if (why := _own_failure(verdict))}
    if not left and not broken:
        return
    for index, cell in enumerate(cells_of(notebook)):
        why = left.get(cell.grade_id) or broken.get(index, "")
        if cell.is_code and cell.role is Role.GRADING and why:
            graded.verdicts[index] = refused(cell.grade_id, cell.points, why)
            graded.remarks.append(Remark(RemarkCode.CELL_REFUSED, cell.grade_id))


def _own_failure(verdict: CellVerdict) -> str:
    """Return why a grading cell fails by itself; nothing where it does not."""
    messages = (criterion.message for criterion in verdict.criteria if criterion.kind is Kind.INTERNAL)
    return next((f"the cell itself fails: {message}" for message in messages), "")


def remarks_on(findings: Iterable[Finding]) -> tuple[Remark, ...]:
    """Return what there is to say of a submission that is not as it was handed out: one remark a kind."""
    found = by_kind(findings)
    return tuple(_remark(what, found[what]) for what in FINDINGS if what in found)


def _remark(what: str, cells: list[str]) -> Remark:
    one, several = FINDINGS[what]
    if len(cells) == 1 and one is not several:
        return Remark(one, cells[0])
    return Remark(several, arguments={"cells": listed(cells)})
