"""Where results go: autograded/ for TAs, verdicts/ for reports, and the gradebook."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from closed_doors.classroom.class_plan import Task
from closed_doors.classroom.grade_submission import Assignment, GradedSubmission
from closed_doors.classroom.read_submissions import EXCHANGE_NOTE, read_secret
from closed_doors.core.files import replace
from closed_doors.core.wording import DEFAULT_LANGUAGE, Wording, wording
from closed_doors.grading.verdict.remark import RemarkCode
from closed_doors.grading.verdict.timings import note_timing
from closed_doors.grading.verdict.verdict import CellVerdict, Status
from closed_doors.grading.verdict.verdict_file import write_verdict
from closed_doors.nbgrader.arrival import put_timestamp
from closed_doors.nbgrader.gradebook_structure import Place
from closed_doors.nbgrader.gradebook_writer import CellGrade, Entry
from closed_doors.nbgrader.judged_answers import answers_digest
from closed_doors.nbgrader.receipts import TIMESTAMP, as_timestamp
from closed_doors.nbgrader.settings import Settings

READ_ONLY = 0o444  # as nbgrader leaves autograded notebooks


def write_files(
    settings: Settings, assignment: Assignment, graded: GradedSubmission, received: datetime | None
) -> None:
    """Write a submission's autograded notebooks, with the assignment's materials, and its verdicts.

    Args:
        settings: the course.
        assignment: what was graded.
        graded: what the worker found.
        received: when the work arrived, in UTC without a zone.

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
            replace(folder / TIMESTAMP, as_timestamp(received.replace(tzinfo=UTC)))
            put_timestamp(settings.folder("submitted", graded.student, assignment.name), received)


def entry(
    task: Task,
    graded: GradedSubmission,
    cells: Iterable[Place],
    judged: Mapping[Place, tuple[str, ...]],
    language: str = DEFAULT_LANGUAGE,
) -> Entry:
    """Return what the gradebook holds of a graded submission.

    Args:
        task: what was to be graded.
        graded: what the worker found.
        cells: notebook and grade_id of each graded cell, tasks apart.
        judged: the answers that each graded cell judges, as `judged_answers` gives them.
        language: what is said beside answers is written in.
    """
    grades: dict[Place, CellGrade] = {}
    checksums: dict[Place, str] = {}
    by_name = {notebook.name: notebook for notebook in graded.notebooks}
    for name, cell in cells:
        status = by_name[name].verdict.status
        if status is Status.MISSING:  # nbgrader's rule is 0, without a person's look
            grades[name, cell] = CellGrade(0.0)
        elif status is not Status.GRADED:
            grades[name, cell] = CellGrade(None)
    for notebook in graded.notebooks:
        for found in notebook.verdict.cells:
            grades[notebook.name, found.grade_id] = _grade(found)
        for cell, checksum in notebook.checksums.items():
            checksums[notebook.name, cell] = checksum
    failed = any(notebook.verdict.status is Status.FAILED for notebook in graded.notebooks)
    return Entry(
        student=graded.student,
        received=task.arrival.at,
        content=task.content,
        fingerprint=None if failed else task.fingerprint,
        grades=grades,
        checksums=checksums,
        answers={place: answers_digest(checksums, place[0], answers) for place, answers in judged.items()},
        notes=dict(_notes(graded, judged, wording(language))),
        with_own_code=frozenset(notebook.name for notebook in graded.notebooks if notebook.has_own_code),
    )


def _notes(
    graded: GradedSubmission, judged: Mapping[Place, tuple[str, ...]], words: Wording
) -> Iterator[tuple[Place, str]]:
    """Yield the answers that a cell has judged inside the student's process, with the sentence that says so."""
    for notebook in graded.notebooks:
        for remark in notebook.verdict.remarks:
            if remark.code is RemarkCode.CELL_INSIDE:
                for answer in judged.get((notebook.name, str(remark.cell)), ()):
                    yield (notebook.name, answer), remark.said(words)


def _grade(found: CellVerdict) -> CellGrade:
    return CellGrade(None) if found.refused else CellGrade(found.earned, look=not found.complete)
