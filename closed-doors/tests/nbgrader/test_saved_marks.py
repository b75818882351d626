"""Marks by hand under nbgrader's own button: what the answer still supports stands, by the rule of a class."""

from collections.abc import Callable

import pytest

from closed_doors.nbgrader.api import NbgraderCourse
from support.courses import ASSIGNMENT, HALF, RIGHT, SmallCourse
from support.grading_run import autograde, course_marks


def by_button(course: SmallCourse) -> None:
    assert NbgraderCourse(course.root).autograde(ASSIGNMENT, "alice") is None


@pytest.mark.timeout(300)
@pytest.mark.parametrize("first", [by_button, autograde])
def test_a_mark_that_the_answer_supports_stands(course: SmallCourse, first: Callable[[SmallCourse], object]) -> None:
    """Graded again, whoever graded first: only a mark whose answer or whose automatic points changed is looked at."""
    course.submit("alice", HALF)
    first(course)
    course_marks(course, "question", "alice", 1.5)
    course_marks(course, "verification", "alice", 3)
    by_button(course)
    assert course.grades() == {("alice", "question"): (None, 1.5, 0), ("alice", "verification"): (2.0, 3.0, 0)}
    course.submit("alice", RIGHT)
    by_button(course)
    assert course.grades() == {("alice", "question"): (None, 1.5, 0), ("alice", "verification"): (4.0, 3.0, 1)}
    course.submit("alice", RIGHT, text="Autre chose.")
    by_button(course)
    assert course.grades() == {("alice", "question"): (None, 1.5, 1), ("alice", "verification"): (4.0, 3.0, 1)}
    course_marks(course, "verification", "alice", 3)
    autograde(course)  # what the button has noted is known to the class
    assert course.grades() == {("alice", "question"): (None, 1.5, 1), ("alice", "verification"): (4.0, 3.0, 0)}
