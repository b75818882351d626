"""The header and the footer that a course puts around its notebooks are the instructor's."""

import nbformat
import pytest

from closed_doors.classroom.read_submissions import read_assignment
from closed_doors.core.errors import HostError
from closed_doors.nbgrader.settings import read_settings
from closed_doors.notebook.json_files import parse
from closed_doors.notebook.plan import Role, plan
from closed_doors.notebook.rebuild import rebuild
from support.courses import ASSIGNMENT, RIGHT, SmallCourse, master

SETTING = 'c.IncludeHeaderFooter.header = "source/header.ipynb"\n'


def test_a_submissions_header_is_the_masters(course: SmallCourse) -> None:
    """Its cells run as the lesson, once, and are no cells of the student's own."""
    header = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("import math"), nbformat.v4.new_markdown_cell("#")]
    )
    nbformat.write(header, course.root / "source" / "header.ipynb")
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(SETTING)
    submitted = master()
    submitted.cells[1].source = RIGHT
    submitted.cells = [*header.cells, *submitted.cells]
    ((_, data),) = read_assignment(read_settings(course.root), ASSIGNMENT).masters
    rebuilt = rebuild(parse(data), submitted)
    steps = plan(parse(data), rebuilt.notebook)
    assert [step.role for step in steps] == [Role.LESSON, Role.LESSON, Role.ANSWER, Role.GRADING]
    assert not any(step.is_own for step in steps)
    assert not rebuilt.findings


def test_a_header_that_is_missing_is_named(course: SmallCourse) -> None:
    """Nobody is graded without the cells that the course says come first."""
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(SETTING)
    with pytest.raises(HostError, match=r"source/header\.ipynb"):
        read_assignment(read_settings(course.root), ASSIGNMENT)
