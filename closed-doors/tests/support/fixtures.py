"""Fixtures of all tests, here and of courses that use the grader: a pytest plugin (`-p support.fixtures`)."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from closed_doors.grading.processes.zygote_handle import Zygote
from support.courses import HALF, RIGHT, WRONG, SmallCourse, make_course
from support.postgresql import mortal_postgresql, postgresql
from support.slurm import slurm

__all__ = ["mortal_postgresql", "postgresql", "slurm"]


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    """A warm process that forks real sandboxes."""
    with Zygote() as warm:
        yield warm


@pytest.fixture(scope="session")
def registered(tmp_path_factory: pytest.TempPathFactory) -> SmallCourse:
    return make_course(tmp_path_factory.mktemp("small") / "course")


@pytest.fixture
def course(registered: SmallCourse, tmp_path: Path) -> SmallCourse:
    """A course without a submission."""
    shutil.copytree(registered.root, tmp_path / "course")
    return SmallCourse(tmp_path / "course")


@pytest.fixture
def class_of_four(course: SmallCourse) -> SmallCourse:
    """A course with right, half right and wrong work, and something that is no notebook."""
    course.submit("alice", RIGHT)
    course.submit("bruno", HALF)
    course.submit("chloé d'Arc", WRONG)
    course.submit("damien", RIGHT).write_bytes(b"{")
    return course
