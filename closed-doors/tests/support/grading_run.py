"""One run of the class-wide driver, as the command line starts it."""

import io
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from functools import cache

from nbgrader.api import Gradebook
from rich.console import Console

from closed_doors.classroom.class_run import Options, Run
from closed_doors.classroom.class_summary import Summary
from closed_doors.classroom.local_pool import Pool
from closed_doors.cli.autograde_console import Command
from closed_doors.nbgrader.settings import read_settings
from support.courses import ASSIGNMENT, SmallCourse


@cache
def _slots() -> Pool:
    return Pool(ThreadPoolExecutor(2), 2, "two slots of this process")


def warm_pool() -> AbstractContextManager[Pool]:
    """Offer two slots that stay warm from test to test."""
    return nullcontext(_slots())


def autograde(
    course: SmallCourse, options: Options | None = None, pool: AbstractContextManager[Pool] | None = None
) -> Summary:
    """Grade what is new and return what became of it."""
    run = Run(read_settings(course.root), ASSIGNMENT, options or Options())
    todo, unchanged = run.plan()
    summary = run.grade(todo, pool or warm_pool()) if todo else Summary()
    summary.unchanged = unchanged
    return summary


def command(course: SmallCourse, scheduler: str | None = None) -> tuple[Command, Console]:
    """Return the command and the console that it writes on."""
    console = Console(record=True, width=200, file=io.StringIO())
    return Command(course.layout, ASSIGNMENT, 2, scheduler, console), console


def course_marks(course: SmallCourse, cell: str, student: str, points: float | None) -> None:
    """Give points by hand for any graded cell, as a TA does in formgrader."""
    with Gradebook(read_settings(course.root).db_url) as gradebook:
        grade = gradebook.find_grade(cell, ASSIGNMENT, ASSIGNMENT, student)
        grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.db.commit()
