"""What workers get and give: bytes and plain data, so that a worker may be a thread here or a machine elsewhere.

A worker knows neither the gradebook nor a folder of the course. It gets an assignment and one student's notebooks, and
gives back executed notebooks and verdicts.
"""

import hashlib
import tempfile
import threading
import time
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from closed_doors.classroom.fingerprint import environment
from closed_doors.core.errors import ExecutionError, SubmissionError
from closed_doors.grading.processes.supervisor import Deadlines, grade
from closed_doors.grading.processes.zygote_handle import warm_zygote
from closed_doors.grading.verdict.autograded_notebook import disarm, fill, put_on_top
from closed_doors.grading.verdict.verdict_file import verdict_record
from closed_doors.notebook.delimiters import Stubs
from closed_doors.notebook.findings import said
from closed_doors.notebook.ingest import parse_submission
from closed_doors.notebook.json_files import Notebook, parse, serialise
from closed_doors.notebook.plan import plan
from closed_doors.notebook.rebuild import rebuild

MISSING = "Le notebook {}.ipynb n'a pas été rendu."
_folders: list[tempfile.TemporaryDirectory[str]] = []  # kept until the process ends
_unpacking = threading.Lock()


@dataclass(frozen=True, slots=True)
class Assignment:
    """An assignment as workers need it.

    Attributes:
        masters: the instructor's notebooks, solutions and hidden tests in place, by name.
        materials: the files that are handed out beside them, by name.
        deadlines: how long a submission may take.
        diagnoses: what is known of wrong answers, by the name of the master.
        stubs: what students find where a solution stood.
    """

    name: str
    masters: tuple[tuple[str, bytes], ...]
    materials: tuple[tuple[str, bytes], ...] = ()
    deadlines: Deadlines = field(default_factory=Deadlines)
    diagnoses: tuple[tuple[str, bytes], ...] = ()
    stubs: Stubs = field(default_factory=Stubs)

    @property
    def digest(self) -> str:
        """A hash of the tests and of all else that decides a mark or a hint, but the code of the course itself."""
        found = hashlib.sha256(f"{self.deadlines} {len(self.masters)}".encode())
        for name, data in (*self.masters, *self.materials, *self.diagnoses):
            found.update(f"{name}\\0{len(data)}\\0".encode() + data)
        return found.hexdigest()


@dataclass(frozen=True, slots=True)
class Submission:
    """What one student handed in.

    Attributes:
        notebooks: content by the name of the master; one that is missing was not handed in.
        refused: why a file can't be read, by the name of the master; in French.
        remarks: what became of files that are not named as expected, by the name of the master; in French.
    """

    student: str
    notebooks: tuple[tuple[str, bytes], ...]
    refused: tuple[tuple[str, str], ...] = ()
    remarks: tuple[tuple[str, str], ...] = ()

    @property
    def digest(self) -> str:
        """A hash of the content."""
        found = hashlib.sha256()
        for name, data in self.notebooks:
            found.update(f"{name}\\0{len(data)}\\0".encode() + data)
        found.update(repr(self.refused).encode())
        if self.remarks:
            found.update(repr(self.remarks).encode())
        return found.hexdigest()


@dataclass(slots=True)
class GradedNotebook:
    """One notebook, graded.

    Attributes:
        status: graded, missing (others were handed in), unreadable (not a notebook), or failed (our failure: there is
            no mark).
        reason: why it is not graded; empty where it is.
        remarks: what a person should look at, in French.
        cells: the verdicts, as `verdict_record` gives them.
        checksums: nbgrader's checksum of each answer, by grade_id.
        autograded: the notebook that TAs open; None where there is none.
        wall_s: how long its grading took, in seconds; 0 where it was not graded.
        cpu_s: processor time of that, in seconds.
    """

    name: str
    status: str = "graded"
    reason: str = ""
    remarks: list[str] = field(default_factory=list)
    cells: list[dict[str, Any]] = field(default_factory=list)
    checksums: dict[str, str] = field(default_factory=dict)
    autograded: bytes | None = None
    wall_s: float = 0.0
    cpu_s: float = 0.0


@dataclass(frozen=True, slots=True)
class GradedSubmission:
    """What a worker gives back."""

    student: str
    notebooks: tuple[GradedNotebook, ...]
    environment: str


def grade_submission(assignment: Assignment, submission: Submission) -> GradedSubmission:
    """Grade one student's work; whatever it holds, the answer comes back."""
    there, refused = dict(submission.notebooks), dict(submission.refused)
    notebooks = []
    for name, _ in assignment.masters:
        remarks = [remark for about, remark in submission.remarks if about == name]
        if name in there:
            notebooks.append(_graded(assignment, name, there[name], remarks))
        elif name in refused:
            notebooks.append(GradedNotebook(name, "unreadable", refused[name], remarks))
        else:
            notebooks.append(GradedNotebook(name, "missing", MISSING.format(name), remarks))
    return GradedSubmission(submission.student, tuple(notebooks), environment())


def _graded(assignment: Assignment, name: str, data: bytes, remarks: list[str]) -> GradedNotebook:
    found = GradedNotebook(name)
    try:
        submitted = parse_submission(data, f"{name}.ipynb")
        try:
            _grade(assignment, submitted, found, remarks)
        except ExecutionError:  # once more: a machine out of breath is no verdict
            found = GradedNotebook(name)
            _grade(assignment, submitted, found, remarks)
    except SubmissionError as error:
        return GradedNotebook(name, "unreadable", str(error))
    except Exception as error:  # one submission never stops a class
        return GradedNotebook(name, "failed", f"{type(error).__name__}: {error}")
    return found


def _grade(assignment: Assignment, submitted: Notebook, found: GradedNotebook, remarks: list[str]) -> None:
    master, files = _unpacked(assignment, found.name)
    rebuilt = rebuild(master, submitted, assignment.stubs)
    notebook = rebuilt.notebook
    diagnosis = dict(assignment.diagnoses).get(found.name, b"")
    started = time.monotonic()
    graded = grade(
        warm_zygote(),
        plan(master, notebook),
        assignment.deadlines,
        files=files,
        diagnosis=diagnosis,
        solved=plan(master, master),
    )
    found.wall_s, found.cpu_s = time.monotonic() - started, graded.cpu_s
    found.remarks = [*remarks, *said(rebuilt.findings), *graded.remarks]
    found.cells = verdict_record(notebook, graded)
    found.checksums = {
        cell["metadata"]["nbgrader"]["grade_id"]: checksum(cell)
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("solution")
    }
    fill(notebook, graded)
    disarm(notebook)
    put_on_top(notebook, found.remarks)
    found.autograded = serialise(notebook)


@lru_cache(maxsize=8)
def _unpacked(assignment: Assignment, name: str) -> tuple[Notebook, list[Path]]:
    """Return a master and the materials as files, made once a process."""
    with _unpacking:
        folder = tempfile.TemporaryDirectory(prefix="materials-")
        _folders.append(folder)
    Path(folder.name).chmod(0o755)
    files = []
    for file, data in assignment.materials:
        path = Path(folder.name, file)
        path.write_bytes(data)
        files.append(path)
    return parse(dict(assignment.masters)[name]), files


def checksum(cell: dict[str, Any]) -> str:
    """Return nbgrader's checksum of an answer, by which it knows that nothing was written in it."""
    marks = cell["metadata"]["nbgrader"]
    graded, solution = bool(marks.get("grade")), bool(marks.get("solution"))
    locked = not solution and (graded or bool(marks.get("locked")))
    parts = [cell["source"], cell["cell_type"], str(graded), str(solution), str(locked), marks["grade_id"]]
    if graded:
        parts.append(str(float(marks["points"])))
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()
