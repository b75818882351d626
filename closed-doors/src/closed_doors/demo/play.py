"""`course demo`: a whole class, from release to feedback and dashboard, in a course root of its own."""

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from closed_doors.classroom.class_run import Options, Run
from closed_doors.classroom.local_pool import default_slots, local_pool
from closed_doors.core.errors import CourseError
from closed_doors.core.layout import CONFIG_NAME, Layout
from closed_doors.core.profile import PROFILE_NAME
from closed_doors.demo.class_file import DemoClass, DemoStudent, read_class
from closed_doors.demo.make_submission import hand_in
from closed_doors.nbgrader.api import Mark, NbgraderCourse
from closed_doors.nbgrader.receipts import write_receipts
from closed_doors.nbgrader.settings import read_settings
from closed_doors.pages.dashboard.site import write_dashboard
from closed_doors.pages.feedback.class_pages import ClassFeedback

MARKER = ".course-demo"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one submission."""

    student: DemoStudent
    mark: Mark | None
    refusal: str | None

    @property
    def agrees(self) -> bool:
        """Whether the mark, or the reason for having none, is the expected one."""
        if self.student.expected is None:
            return self.refusal is not None and (self.student.refusal or "") in self.refusal
        return self.mark is not None and self.refusal is None and self.mark.score == self.student.expected


def play(
    layout: Layout, assignment: str, scratch: Path, only: Sequence[str] = (), console: Console | None = None
) -> bool:
    """Play the demo class of one assignment and print its marks.

    Args:
        layout: the course whose masters are used.
        assignment: which one; examples/<assignment>/ holds its class.
        scratch: the folder of the demo's own course root; what an earlier demo left there is removed.
        only: ids of the students to play; all of them when empty.
        console: where to print; the terminal by default.

    Returns:
        Whether every mark is the expected one.
    """
    console = console or Console(highlight=False)
    demo = read_class(layout.examples / layout.require(assignment))
    students = _chosen(demo, only)
    with _step(console, f"Course root in {scratch}"):
        _make_root(layout, assignment, scratch)
        course = NbgraderCourse(scratch)
    with _step(console, f"Release of {assignment}"):
        course.generate_assignment(assignment)
        course.set_due_date(assignment, demo.due.isoformat())
    notebook = next((scratch / "release" / assignment).glob("*.ipynb"))
    with _step(console, f"{len(students)} submissions taken in"):
        for student in students:
            hand_in(demo, student, notebook, scratch / "submitted")
            course.add_student(student.id, student.first_name, student.last_name)
        write_receipts(scratch, {(student.id, assignment): student.submitted for student in students})
    with _step(console, "Autograding behind closed doors"):
        refusals = _autograde(scratch, assignment)
    with _step(console, "Marking by hand"):
        outcomes = [_finish(course, demo, student, notebook.stem, refusals.get(student.id)) for student in students]
    with _step(console, "Feedback pages"):
        ClassFeedback(read_settings(scratch), assignment).make()
    with _step(console, "Dashboard"):
        site = write_dashboard(read_settings(scratch), assignment, scratch / "reports" / assignment)
    with _step(console, "grades.csv"):
        course.export_csv(scratch / "grades.csv")
    console.print(_table(outcomes))
    _say_where(console, scratch, site.index, outcomes)
    return all(outcome.agrees for outcome in outcomes)


def _chosen(demo: DemoClass, only: Sequence[str]) -> list[DemoStudent]:
    known = [student.id for student in demo.students]
    if unknown := sorted(set(only) - set(known)):
        raise CourseError(f"The demo class has no student {', '.join(unknown)}; it has {', '.join(known)}.")
    return [student for student in demo.students if not only or student.id in only]


def _make_root(layout: Layout, assignment: str, scratch: Path) -> None:
    """Make the demo's course root; a folder that is not an earlier demo's is never removed."""
    if scratch.exists() and any(scratch.iterdir()):
        if not (scratch / MARKER).exists():
            raise CourseError(f"{scratch} is not empty and no demo made it; name another folder with --scratch.")
        shutil.rmtree(scratch)
    scratch.mkdir(parents=True, exist_ok=True)
    (scratch / MARKER).write_text("Made by `course demo`, which removes this folder when it runs again.\n")
    for name in (CONFIG_NAME, PROFILE_NAME):
        if (layout.root / name).is_file():
            shutil.copy(layout.root / name, scratch)
    for folder in (layout.source, layout.masters):  # beside the masters lies what hints are made of
        shutil.copytree(folder / assignment, scratch / folder.name / assignment)


def _autograde(scratch: Path, assignment: str) -> dict[str, str]:
    """Grade the class as `course autograde` does; return why work was not graded, by student."""
    run = Run(read_settings(scratch), assignment, Options())
    todo, _ = run.plan()
    summary = run.grade(todo, local_pool(default_slots()))
    return dict([*summary.refused, *summary.failed])


def _finish(
    course: NbgraderCourse, demo: DemoClass, student: DemoStudent, notebook: str, refusal: str | None
) -> Outcome:
    """Enter a TA's marks, and return the mark that comes of them."""
    if refusal is None and (manual := student.manual):
        course.mark_by_hand(demo.assignment, notebook, demo.manual_cell, student.id, manual.points, manual.comment)
    return Outcome(student, course.mark(demo.assignment, student.id), refusal)


def _table(outcomes: list[Outcome]) -> Table:
    table = Table(title="Demo class: marks", title_justify="left")
    for heading in ("student", "mark", "expected", "", "remark"):
        table.add_column(heading, justify="right" if heading in ("mark", "expected") else "left")
    for outcome in outcomes:
        student = outcome.student
        expected = "—" if student.expected is None else _number(student.expected)
        notes = [student.remark]
        if outcome.refusal:
            notes.append(f"not graded: {outcome.refusal[:100]}")
        elif outcome.mark and outcome.mark.seconds_late > 0:
            notes.append(f"late by {outcome.mark.seconds_late / 3600:.1f} h")
        table.add_row(
            f"{student.first_name} {student.last_name}",
            _mark_text(outcome),
            expected,
            "✓" if outcome.agrees else "✗",
            "; ".join(notes),
        )
    return table


def _mark_text(outcome: Outcome) -> str:
    if outcome.refusal or not outcome.mark:
        return "—"
    return f"{_number(outcome.mark.score)} / {_number(outcome.mark.max_score)}"


def _number(value: float) -> str:
    return f"{value:g}".replace(".", ",")


def _say_where(console: Console, scratch: Path, dashboard: Path, outcomes: list[Outcome]) -> None:
    wrong = sum(not outcome.agrees for outcome in outcomes)
    verdict = {0: "Every mark is the expected one.", 1: "1 mark is not the expected one."}.get(
        wrong, f"{wrong} marks are not the expected ones."
    )
    console.print(f"\n{verdict} Marks: {scratch / 'grades.csv'}.", soft_wrap=True)
    console.print(f"Formgrader: cd {scratch} && ../../.venv/bin/jupyter lab", soft_wrap=True)
    console.print("The class's dashboard, with links to each student's work and feedback page, opens at:")
    console.print(f"  {dashboard.resolve().as_uri()}", soft_wrap=True)


@contextmanager
def _step(console: Console, text: str) -> Iterator[None]:
    started = time.monotonic()
    console.print(f"{text} …", end="")
    yield
    console.print(f" {time.monotonic() - started:.1f} s")
