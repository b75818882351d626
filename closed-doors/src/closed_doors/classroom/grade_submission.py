"""What workers get and give: bytes and plain data, so that a worker may be a thread here or a machine elsewhere.

A worker knows neither the gradebook nor a folder of the course. It gets an assignment and one student's notebooks, and
gives back executed notebooks and verdicts.
"""

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache

import msgspec

from closed_doors.classroom.fingerprint import environment
from closed_doors.core.assignment_files import NO_FILES, AssignmentFiles
from closed_doors.core.errors import SubmissionError
from closed_doors.grading.clocks.deadlines import Deadlines
from closed_doors.grading.one_notebook import Grader, grade_notebook
from closed_doors.grading.verdict.remark import Remark, RemarkCode, refusal
from closed_doors.grading.verdict.verdict import Status, Verdict
from closed_doors.notebook.cell import Role, cell_of
from closed_doors.notebook.hidden_regions import Stubs
from closed_doors.notebook.ingest import parse_submission
from closed_doors.notebook.json_files import parse, serialise
from closed_doors.notebook.recognise import names_defined


@dataclass(frozen=True, slots=True)
class Assignment:
    """An assignment as workers need it.

    Attributes:
        masters: the instructor's notebooks, solutions and hidden tests in place, by name.
        files: what their code may import and read besides libraries.
        deadlines: how long a submission may take.
        diagnoses: what is known of wrong answers, by the name of the master.
        stubs: what students find where a solution stood.
        libraries: what their code imports besides; their versions decide marks too.
        grade_the_rest: whether cells that the master's own solution misses are left to a person.
        inside: the grade_ids of grading cells that run in the student's process.
    """

    name: str
    masters: tuple[tuple[str, bytes], ...]
    files: AssignmentFiles = NO_FILES
    deadlines: Deadlines = field(default_factory=Deadlines)
    diagnoses: tuple[tuple[str, bytes], ...] = ()
    stubs: Stubs = field(default_factory=Stubs)
    libraries: tuple[str, ...] = ()
    grade_the_rest: bool = False
    inside: tuple[str, ...] = ()

    @property
    def language(self) -> str:
        """What TAs and students read in."""
        return self.files.language

    @property
    def digest(self) -> str:
        """A hash of the tests and of all else that decides a mark or a hint, but the environment."""
        how = f"{self.deadlines} {self.language} {self.stubs} {self.grade_the_rest} {self.inside}"
        head = f"{how} {len(self.masters)} {self.files.digest}"
        found = hashlib.sha256(head.encode())
        for name, data in (*self.masters, *self.diagnoses):
            found.update(f"{name}\\0{len(data)}\\0".encode() + data)
        return found.hexdigest()


@dataclass(frozen=True, slots=True)
class Submission:
    """What one student handed in.

    Attributes:
        notebooks: content by the name of the master; one that is missing was not handed in.
        refused: why a file can't be read, by the name of the master.
        remarks: what became of files that are not as expected, by the name of the master.
    """

    student: str
    notebooks: tuple[tuple[str, bytes], ...]
    refused: tuple[tuple[str, Remark], ...] = ()
    remarks: tuple[tuple[str, Remark], ...] = ()

    @property
    def digest(self) -> str:
        """A hash of the content."""
        found = hashlib.sha256()
        for name, data in self.notebooks:
            found.update(f"{name}\\0{len(data)}\\0".encode() + data)
        found.update(repr((self.refused, self.remarks)).encode("utf-8", "replace"))
        return found.hexdigest()


@dataclass(frozen=True, slots=True)
class GradedNotebook:
    """One notebook, graded.

    Attributes:
        verdict: what was found.
        checksums: nbgrader's checksum of each answer, by grade_id.
        autograded: the notebook that TAs open; None where there is none.
        wall_s: how long its grading took, in seconds; 0 where it was not graded.
        cpu_s: processor time of that, in seconds.
        has_own_code: whether the student has defined something in a cell that the master does not have.
    """

    verdict: Verdict
    checksums: dict[str, str] = field(default_factory=dict)
    autograded: bytes | None = None
    wall_s: float = 0.0
    cpu_s: float = 0.0
    has_own_code: bool = False

    @property
    def name(self) -> str:
        """The name of its master."""
        return self.verdict.notebook


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
        remarks = tuple(remark for about, remark in submission.remarks if about == name)
        verdict = Verdict(assignment=assignment.name, student=submission.student, notebook=name, remarks=remarks)
        if name in there:
            notebooks.append(_graded(assignment, verdict, there[name]))
        elif name in refused:
            notebooks.append(_without_mark(verdict, Status.UNREADABLE, refused[name]))
        else:
            reason = Remark(RemarkCode.NOTEBOOK_NOT_HANDED_IN, arguments={"notebook": name})
            notebooks.append(_without_mark(verdict, Status.MISSING, reason))
    return GradedSubmission(submission.student, tuple(notebooks), environment(assignment.libraries))


def _graded(assignment: Assignment, verdict: Verdict, data: bytes) -> GradedNotebook:
    try:
        submitted = parse_submission(data, f"{verdict.notebook}.ipynb")
        found = grade_notebook(grader_of(assignment, verdict.notebook), submitted, verdict.remarks)
    except SubmissionError as error:
        return _without_mark(verdict, Status.UNREADABLE, refusal(error))
    except Exception as error:  # one submission never stops a class
        reason = Remark(RemarkCode.GRADING_FAILED, arguments={"error": f"{type(error).__name__}: {error}"})
        return _without_mark(verdict, Status.FAILED, reason)
    return GradedNotebook(
        msgspec.structs.replace(verdict, remarks=found.remarks, cells=found.cells, judged_alone=found.judged_alone),
        found.checksums,
        serialise(found.notebook),
        found.wall_s,
        found.cpu_s,
        any(cell_of(cell).role is Role.OWN and names_defined(cell) for cell in found.notebook["cells"]),
    )


def _without_mark(verdict: Verdict, status: Status, reason: Remark) -> GradedNotebook:
    return GradedNotebook(msgspec.structs.replace(verdict, status=status, reason=reason))


@lru_cache(maxsize=8)
def grader_of(assignment: Assignment, name: str) -> Grader:
    """Return how a notebook is graded, read once a process."""
    master, diagnosis = parse(dict(assignment.masters)[name]), dict(assignment.diagnoses).get(name, b"")
    how = assignment.deadlines, assignment.stubs, assignment.grade_the_rest, assignment.inside
    return Grader(master, assignment.files, diagnosis, *how)
