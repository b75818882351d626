"""Where results go: autograded/ for TAs, verdicts/ for reports, and the gradebook."""

from collections.abc import Iterable
from datetime import datetime

from closed_doors.classroom.grade_submission import Assignment, GradedSubmission, Submission
from closed_doors.classroom.submitted import EXCHANGE_NOTE, read_secret
from closed_doors.core.files import replace
from closed_doors.grading.verdict.timings import note_timing
from closed_doors.grading.verdict.verdict import Status
from closed_doors.grading.verdict.verdict_file import write_verdict
from closed_doors.nbgrader.gradebook_writer import CellGrade, Entry
from closed_doors.nbgrader.receipts import TIMESTAMP, as_nbgrader_keeps_it, as_timestamp
from closed_doors.nbgrader.settings import Settings

READ_ONLY = 0o444  # as nbgrader leaves autograded notebooks


def write_files(
    settings: Settings, assignment: Assignment, graded: GradedSubmission, received: datetime | None
) -> None:
    """Write a submission's autograded notebooks, with the assignment's materials, and its verdicts.

    Raises:
        OSError: a folder can't be written to; each file is as it was or wholly new.
    """
    folder = settings.folder("autograded", graded.student, assignment.name)
    for notebook in graded.notebooks:
        path = folder / f"{notebook.name}.ipynb"
        if notebook.autograded is None:
            path.unlink(missing_ok=True)  # of an earlier run
        else:
            replace(path, notebook.autograded, READ_ONLY)
        write_verdict(settings.root, notebook.verdict)
        if notebook.verdict.status is Status.GRADED:
            where = (settings.root, assignment.name, graded.student, notebook.name)
            note_timing(*where, notebook.wall_s, notebook.cpu_s)
    if any(notebook.autograded for notebook in graded.notebooks):
        for name, data in assignment.files.materials:
            replace(folder / name, data, READ_ONLY)
        if (secret := read_secret(settings, assignment.name, graded.student)) is not None:
            replace(folder / EXCHANGE_NOTE, secret, READ_ONLY)
        if received is not None:  # what nbgrader compares, to know whether feedback is older than the work
            replace(folder / TIMESTAMP, as_timestamp(received))


def entry(
    submission: Submission,
    graded: GradedSubmission,
    fingerprint: str,
    received: datetime | None,
    cells: Iterable[tuple[str, str]],
) -> Entry:
    """Return what the gradebook holds of a graded submission.

    Args:
        submission: what was handed in.
        graded: what the worker found.
        fingerprint: of the submission, the tests and the environment.
        received: when it arrived, in UTC.
        cells: notebook and grade_id of each graded cell.
    """
    grades: dict[tuple[str, str], CellGrade] = {}
    checksums: dict[tuple[str, str], str] = {}
    by_name = {notebook.name: notebook for notebook in graded.notebooks}
    for name, cell in cells:
        status = by_name[name].verdict.status
        if status is Status.MISSING:  # nbgrader's rule is 0, without a person's look
            grades[name, cell] = CellGrade(0.0)
        elif status is not Status.GRADED:
            grades[name, cell] = CellGrade(None)
    for notebook in graded.notebooks:
        for found in notebook.verdict.cells:
            grades[notebook.name, found.grade_id] = CellGrade(found.earned, look=not found.complete)
        for cell, checksum in notebook.checksums.items():
            checksums[notebook.name, cell] = checksum
    failed = any(notebook.verdict.status is Status.FAILED for notebook in graded.notebooks)
    return Entry(
        student=graded.student,
        received=as_nbgrader_keeps_it(received),
        content=submission.digest,
        fingerprint=None if failed else fingerprint,
        grades=grades,
        checksums=checksums,
    )
