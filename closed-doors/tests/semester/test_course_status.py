"""`course status` says what is true of each assignment, step by step, and which command comes next."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from closed_doors.cli.main import main
from closed_doors.nbgrader.api import NbgraderCourse
from closed_doors.nbgrader.settings import read_settings
from closed_doors.pages.feedback.class_pages import ClassFeedback
from support.courses import ASSIGNMENT, HALF, RIGHT, TESTS, SmallCourse, master
from support.grading_run import autograde, course_marks

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")


def run(*words: str) -> str:
    done = CliRunner().invoke(main, list(words))
    assert done.exit_code == 0, done.output
    return done.stdout


def status(course: SmallCourse, *names: str) -> tuple[Any, ...]:
    (one,) = json.loads(run("--root", str(course.root), "status", "--json"))
    assert one["assignment"] == ASSIGNMENT
    return tuple(one[name] for name in names)


def test_each_step_names_the_next(course: SmallCourse) -> None:
    """From release to marks: counts are those of the class, and the command is the one that goes on."""
    stock = NbgraderCourse(course.root)
    assert status(course, "released", "command") == (None, f"course release {ASSIGNMENT}")
    stock.generate_assignment(ASSIGNMENT)
    assert status(course, "received", "next", "command") == (0, "wait", None)
    stock.set_due_date(ASSIGNMENT, (datetime.now(UTC) - timedelta(days=1)).isoformat())
    assert status(course, "next") == ("collect",)
    course.submit("anna", RIGHT)
    course.submit("bea", HALF).write_bytes(b"{")
    assert status(course, "received", "graded", "to_grade", "next") == (2, 0, 2, "autograde")
    autograde(course)
    assert status(course, "graded", "to_grade", "to_look_at", "next") == (1, 0, 1, "mark")
    assert status(course, "command") == ("course desk",)
    for student in ("anna", "bea"):
        course_marks(course, "question", student, 1.0)
    course_marks(course, "verification", "bea", 0.0)
    assert status(course, "to_mark", "stale_pages", "command") == (0, 2, f"course feedback {ASSIGNMENT}")
    ClassFeedback(read_settings(course.root), ASSIGNMENT).make()
    assert status(course, "stale_pages", "next", "command") == (
        0,
        "hand_out",
        f"nbgrader release_feedback {ASSIGNMENT}",
    )
    (course.root / "moodle" / ASSIGNMENT).mkdir(parents=True)
    assert status(course, "command") == (f"course moodle export {ASSIGNMENT}",)
    course_marks(course, "question", "anna", 2.0)
    assert status(course, "stale_pages", "next") == (1, "feedback")
    course.set_master(master(TESTS.replace("[10, -6]", "[10, -7]")))
    assert status(course, "to_grade", "next") == (2, "autograde")
    shown = run("--root", str(course.root), "status")
    assert f"{ASSIGNMENT}\u00a0: corriger  (course autograde {ASSIGNMENT})" in shown


def test_help_is_whole_and_the_version_is_said() -> None:
    """No line of the list of commands is cut off."""
    for words in ((), ("moodle",), ("student",)):
        assert "..." not in run(*words, "--help").split("Commands:")[1]
    assert run("--version").startswith("course, version ")
