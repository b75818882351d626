"""Where every assignment stands, and what is to be done next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from closed_doors.classroom.class_plan import ClassPlan
from closed_doors.core.errors import CourseError
from closed_doors.core.layout import Layout
from closed_doors.grading.verdict.verdict import Status
from closed_doors.grading.verdict.verdict_file import read_verdict
from closed_doors.nbgrader.final_marks import read_final_marks
from closed_doors.nbgrader.gradebook_reader import CellMark, StudentMarks, read_enrolment
from closed_doors.nbgrader.gradebook_writer import Gradebook
from closed_doors.nbgrader.settings import Settings
from closed_doors.pages.feedback.class_pages import ClassFeedback


class Next(Enum):
    """What is to be done next, and with which command."""

    RELEASE = ("release", "course release {name}")
    WAIT = ("wait", "")
    COLLECT = ("collect", "course moodle import {name} …")
    AUTOGRADE = ("autograde", "course autograde {name}")
    REGRADE = ("regrade", "course regrade {name} --dry-run")
    MARK = ("mark", "course desk")
    FEEDBACK = ("feedback", "course feedback {name}")
    HAND_OUT = ("hand_out", "nbgrader release_feedback {name}")
    MEND = ("mend", "course doctor {name}")

    def command(self, name: str) -> str:
        """Return what to type."""
        return self.value[1].format(name=name)

    @property
    def code(self) -> str:
        """Its name in the wording."""
        return self.value[0]


@dataclass(frozen=True, slots=True)
class AssignmentStatus:
    """Where one assignment stands.

    Attributes:
        released: when release/ was written, in UTC; None where it was not.
        due: in UTC; None where there is no due date.
        received: how many have handed in.
        graded: how many have a mark from the tests.
        to_grade: whose work is new or changed, or was graded by other tests.
        to_mark: how many answers wait for a person.
        to_mark_works: how many works these are in.
        to_look_at: how many works grading has a remark on.
        stale_pages: how many feedback pages are missing or out of date.
        problem: why some of this can't be said; empty where it can.
        by_moodle: whether work has been imported from Moodle.
    """

    name: str
    released: datetime | None
    due: datetime | None
    received: int
    graded: int = 0
    to_grade: int = 0
    to_mark: int = 0
    to_mark_works: int = 0
    to_look_at: int = 0
    stale_pages: int = 0
    other_cells: bool = False
    problem: str = ""
    by_moodle: bool = False

    def command(self, step: Next) -> str:
        """Return what to type for a step of this assignment's."""
        if step is Next.HAND_OUT and self.by_moodle:
            return f"course moodle export {self.name}"
        return step.command(self.name)

    def next(self, now: datetime) -> Next:
        """Return what is to be done first, at a time in UTC."""
        steps = (
            (bool(self.problem), Next.MEND),
            (self.released is None, Next.RELEASE),
            (not self.received and (self.due is None or now < self.due), Next.WAIT),
            (not self.received, Next.COLLECT),
            (self.other_cells, Next.REGRADE),
            (self.to_grade > 0, Next.AUTOGRADE),
            (self.to_mark > 0, Next.MARK),
            (self.stale_pages > 0, Next.FEEDBACK),
        )
        return next((step for holds, step in steps if holds), Next.HAND_OUT)


def read_status(settings: Settings) -> list[AssignmentStatus]:
    """Return where every assignment stands; nothing is written, and no student's code is run.

    Raises:
        CourseError: the gradebook can't be read.
    """
    return [_status(settings, name) for name in Layout(settings.root).assignments()]


def _status(settings: Settings, name: str) -> AssignmentStatus:
    marks = read_final_marks(settings, name)
    work = list(settings.students(name))
    due = read_enrolment(settings.db_url, name).due
    problem, to_grade, other_cells = "", 0, False
    try:
        if work:
            plan = ClassPlan(settings, name, (), Gradebook(settings.db_url, name))
            to_grade = len(plan.todo())
            other_cells = bool(marks) and bool(plan.differences().of_cells)
    except CourseError as error:
        problem = str(error)
    pending = [sum(cell.pending for cell in _cells(one)) for one in marks.values()]
    return AssignmentStatus(
        name,
        _released(settings, name),
        due and due.replace(tzinfo=UTC),
        len(work),
        sum(any(cell.automatic is not None for cell in _cells(one)) for one in marks.values()),
        to_grade,
        sum(pending),
        sum(bool(count) for count in pending),
        sum(_has_remarks(settings, name, student, one) for student, one in marks.items()),
        len(ClassFeedback(settings, name).stale()) if marks else 0,
        other_cells,
        problem,
        (settings.root / "moodle" / name).is_dir(),
    )


def _cells(marks: StudentMarks) -> Iterator[CellMark]:
    return (cell for book in marks.notebooks.values() for cell in book.cells.values())


def _released(settings: Settings, name: str) -> datetime | None:
    files = list(settings.folder("release", ".", name).glob("*.ipynb"))
    if not files:
        return None
    return datetime.fromtimestamp(max(path.stat().st_mtime for path in files), UTC).replace(microsecond=0)


def _has_remarks(settings: Settings, name: str, student: str, marks: StudentMarks) -> bool:
    for notebook in marks.notebooks:
        try:
            verdict = read_verdict(settings.root, name, student, notebook)
        except CourseError:
            return True
        if verdict is not None and (verdict.status is not Status.GRADED or verdict.for_staff):
            return True
    return False
