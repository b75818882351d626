"""What is to be graded of a class: whose work is new or changed, and when each arrived. Nothing is written."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from closed_doors.classroom.fingerprint import environment
from closed_doors.classroom.grade_submission import Submission
from closed_doors.classroom.read_submissions import find_students, read_assignment, read_work
from closed_doors.classroom.submission_folder import work_files
from closed_doors.core.errors import CourseError
from closed_doors.grading.verdict.verdict import Status
from closed_doors.grading.verdict.verdict_file import read_verdict
from closed_doors.nbgrader.arrival import Arrival, Noted, find_arrival
from closed_doors.nbgrader.gradebook_reader import Earlier, StudentMarks, deadline
from closed_doors.nbgrader.gradebook_structure import (
    Differences,
    Place,
    differences,
    graded_shapes,
    master_shapes,
    names_back,
)
from closed_doors.nbgrader.gradebook_writer import Gradebook
from closed_doors.nbgrader.receipts import Line, as_nbgrader_keeps_it, read_receipts
from closed_doors.nbgrader.renamed_cells import with_new_names
from closed_doors.nbgrader.settings import Settings
from closed_doors.notebook.cell import cells_of
from closed_doors.notebook.json_files import parse

MOST_KEPT_BYTES = 16 << 20  # of work that has been looked at and is about to be graded: the rest is read again


@dataclass(frozen=True, slots=True)
class Task:
    """One student's work, to be graded.

    Attributes:
        submission: what was handed in, its cells called as they are now.
        content: a hash of what was handed in.
        fingerprint: of that, the tests and the environment.
        arrival: when it came, as the gradebook keeps time.
        new_work: whether it differs from what was graded before; so does the first of all.
    """

    submission: Submission
    content: str
    fingerprint: str
    arrival: Arrival
    new_work: bool = True


class ClassPlan:
    """The work of a class for one assignment, and what is known of it.

    Args:
        settings: the course.
        name: the assignment.
        students: only these; all when empty.
        gradebook: what was graded before.

    Raises:
        CourseError: there is no work, or something can't be read.
    """

    def __init__(self, settings: Settings, name: str, students: tuple[str, ...], gradebook: Gradebook) -> None:
        self._settings = settings
        self._gradebook = gradebook
        self.assignment = read_assignment(settings, name)
        self._tests = self.assignment.digest
        self.environment = environment(self.assignment.libraries)
        self.folders = find_students(settings, name, students)
        self._receipts = read_receipts(settings.root)
        masters = [(notebook, parse(data)) for notebook, data in self.assignment.masters]
        self.shapes = master_shapes(masters)
        self.renamed_before = gradebook.renamed()
        there = {(name, cell.grade_id) for name, master in masters for cell in cells_of(master) if cell.grade_id}
        back = names_back(self.renamed_before, there)
        self.renamed: Mapping[Place, str] = {
            place: back.get((place[0], new), new) for place, new in self.renamed_before.items() if place not in there
        }
        self.marks: dict[str, StudentMarks] = gradebook.marks()
        self.set_aside = {
            student: {(place[0], back.get(place, place[1])): given for place, given in theirs.items()}
            for student, theirs in gradebook.set_aside().items()
        }
        self._earlier: dict[str, Earlier] = gradebook.earlier()
        self._due = gradebook.due()
        self._extensions = gradebook.extensions()
        self._read: dict[str, Task] = {}

    def differences(self) -> Differences:
        """Return how the graded cells of source/ differ from those in the gradebook."""
        return differences(graded_shapes(self._gradebook.structure()), self.shapes)

    def todo(self) -> list[tuple[str, Path]]:
        """Return whose work is new, changed, or has lost what grading made of it."""
        self._read = {}
        room, found = MOST_KEPT_BYTES, []
        for student, folder in self.folders:
            task = self.task(student, folder)
            if task.fingerprint != self._known(student).fingerprint or self._is_gone(student):
                found.append((student, folder))
                room -= sum(len(data) for _, data in task.submission.notebooks)
                if room > 0:
                    self._read[student] = task
        return found

    def task(self, student: str, folder: Path) -> Task:
        """Return one student's work, as it was read when the class was looked through, or is now."""
        return self._read.pop(student, None) or self._task(student, folder)

    def _task(self, student: str, folder: Path) -> Task:
        submission = read_work(self._settings, self.assignment, student, folder)
        content = submission.digest
        fingerprint = hashlib.sha256(f"{content} {self._tests} {self.environment}".encode()).hexdigest()
        before = self._known(student)
        noted = Noted(
            listed=as_nbgrader_keeps_it(self._receipts.of(student, self.assignment.name)),
            same_content=before.received if before.content == content else None,
            recorded=before.recorded if self.is_graded_elsewhere(student) else None,
        )
        files = list(folder.glob("*.ipynb")) or work_files(folder)
        arrival = find_arrival(noted, folder, files, before.deadline or self._deadline(student))
        return Task(self._with_new_names(submission), content, fingerprint, arrival, before.content != content)

    def strangers(self) -> list[Line]:
        """Return the lines of received.csv that fit nobody's work."""
        students = {*self.marks, *(student for student, _ in self._settings.students(self.assignment.name))}
        assignments = sorted(path.name for path in self._settings.folder("source", ".", "x").parent.glob("*/"))
        return list(self._receipts.strangers(self.assignment.name, students, assignments))

    def to_come(self) -> list[tuple[str, str]]:
        """Return whose work received.csv puts into the future, with why a person should look."""
        lines = self._receipts.to_come(self.assignment.name, datetime.now(UTC))
        return [
            (
                line.student,
                f"received.csv, line {line.number}, says {line.received:%Y-%m-%d %H:%M} UTC, which is to come",
            )
            for line in lines
        ]

    def is_noted(self, student: str) -> bool:
        """Whether it is noted which work a student's marks come from."""
        return self._known(student).content is not None

    def is_graded_elsewhere(self, student: str) -> bool:
        """Whether nbgrader alone graded the work: its time of arrival is then the course's only record."""
        marks = self.marks.get(student)
        if self.is_noted(student) or marks is None:
            return False
        cells = [cell for book in marks.notebooks.values() for cell in book.cells.values()]
        return any(cell.automatic is not None or cell.manual is not None for cell in cells)

    def _deadline(self, student: str) -> datetime | None:
        return deadline(self._due, None, self._extensions.get(student))

    def _known(self, student: str) -> Earlier:
        return self._earlier.get(student, Earlier())

    def _with_new_names(self, submission: Submission) -> Submission:
        """Return the work with its cells called as they are now; its digest stays that of the file."""
        if not self.renamed:
            return submission
        notebooks = []
        for name, data in submission.notebooks:
            names = {old: new for (notebook, old), new in self.renamed.items() if notebook == name}
            notebooks.append((name, with_new_names(data, names)))
        return replace(submission, notebooks=tuple(notebooks))

    def _is_gone(self, student: str) -> bool:
        """Whether something that grading wrote was removed since, or can't be read."""
        folder = self._settings.folder("autograded", student, self.assignment.name)
        for name, _ in self.assignment.masters:
            try:
                found = read_verdict(self._settings.root, self.assignment.name, student, name)
            except CourseError:
                return True
            if found is None or (found.status is Status.GRADED and not (folder / f"{name}.ipynb").exists()):
                return True
        return False
