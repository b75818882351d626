"""A master proves itself before anybody is graded on it; a cell that can't be graded takes its own marks only."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import nbgrader
from closed_doors.classroom.class_run import Options
from closed_doors.core.errors import RefusedMasterError
from closed_doors.nbgrader.api import NbgraderCourse
from support.courses import ASSIGNMENT, COMMENTS, RIGHT, WRONG, SmallCourse, cell, master
from support.grading_run import autograde, command

ODD = "xs = [1]\nassert double(xs) is xs"


@pytest.fixture
def odd(course: SmallCourse) -> SmallCourse:
    """A course with a second grading cell, which asks for what can't be told from outside."""
    notebook = master()
    notebook.cells.append(cell("code", "identite", ODD, grade=True, points=3))
    course.set_master(notebook)
    NbgraderCourse(course.root).register(ASSIGNMENT)
    course.submit("alice", RIGHT)
    course.submit("bruno", WRONG)
    return course


def test_nobody_is_graded_on_a_master_that_misses_its_own_points(odd: SmallCourse) -> None:
    """The author reads which cell, which line, the error and what to write instead; no student has a mark."""
    ready, _ = command(odd)
    with pytest.raises(RefusedMasterError) as refused:
        ready.autograde((), force=False, dry_run=False)
    (said,) = refused.value.cells
    for part in ("identite", "line 2", "assert double(xs) is xs", "AssertionError", "=="):
        assert part in said
    assert not odd.grades()


def test_the_rest_is_graded_where_somebody_says_so(odd: SmallCourse) -> None:
    """The refused cell has no mark and waits for a person, the others have theirs, and the run ends with a list."""
    with (odd.root / "nbgrader_config.py").open("a") as config:
        config.write("c.ClosedDoors.grade_the_rest = True\n")
    autograde(odd, Options())
    grades = odd.grades()
    assert grades["alice", "verification"] == (4.0, None, 0)
    assert grades["bruno", "verification"] == (0.0, None, 0)
    assert grades["alice", "identite"] == grades["bruno", "identite"] == (None, None, 1)
    ready, console = command(odd)
    ready.autograde((), force=True, dry_run=True)
    said = console.export_text()
    assert "Cells without a mark" in said
    assert "identite, line 2" in said


@pytest.mark.parametrize("mark", ["### AUTOTEST double(2)", "### HASHED AUTOTEST double(2); double(5)"])
def test_a_test_that_nbgrader_generates_is_refused(course: SmallCourse, mark: str) -> None:
    """While the gradebook does not have it: its cell would give everybody full marks."""
    notebook = master()
    notebook.cells.append(cell("code", "engendree", f"x = 1\n{mark}", grade=True, points=3))
    course.set_master(notebook)
    course.submit("alice", RIGHT)
    ready, _ = command(course)
    with pytest.raises(RefusedMasterError, match=r"engendree, line 2 .*AUTOTEST.*nbgrader writes this test"):
        ready.autograde((), force=False, dry_run=True)


def test_generated_tests_are_graded_as_the_gradebook_has_them(course: SmallCourse) -> None:
    """What nbgrader has written in the mark's place is asked of students, whoever grades."""
    notebook = master()
    notebook.cells.append(cell("code", "engendree", "x = double(21)\n### AUTOTEST x", grade=True, points=3))
    course.set_master(notebook)
    templates = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide" / "autotests.yml"
    shutil.copy(templates, course.root / "source" / ASSIGNMENT)
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", ASSIGNMENT, "--force"]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(command, cwd=course.root, check=True, capture_output=True, env={**os.environ, "PATH": path})
    course.submit("alice", RIGHT)
    course.submit("bruno", WRONG)
    autograde(course)
    grades = course.grades()
    assert grades["alice", "engendree"] == (3.0, None, 0)
    assert grades["bruno", "engendree"] == (0.0, None, 0)
    assert NbgraderCourse(course.root).autograde(ASSIGNMENT, "bruno") is None
    assert course.grades()["bruno", "engendree"] == (0.0, None, 0)


def test_nbgraders_button_leaves_a_refused_cell_to_a_person_too(course: SmallCourse) -> None:
    """Whatever the notebook is called beside its assignment."""
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write("c.ClosedDoors.grade_the_rest = True\n")
    notebook = master()
    notebook.cells.append(cell("code", "identite", ODD, grade=True, points=3))
    course.set_master(notebook)
    source = course.root / "source" / ASSIGNMENT
    (source / f"{ASSIGNMENT}.ipynb").rename(source / "autre.ipynb")
    NbgraderCourse(course.root).register(ASSIGNMENT)
    course.submit("alice", RIGHT, name="autre.ipynb")
    assert NbgraderCourse(course.root).autograde(ASSIGNMENT, "alice") is None
    assert course.grades()["alice", "verification"] == (4.0, None, 0)
    assert course.grades()["alice", "identite"] == (None, None, 1)


def test_a_cell_may_be_declared_to_run_inside(odd: SmallCourse) -> None:
    """What can't be told from outside runs in the student's process where course.toml says so, and it is said."""
    (odd.root / "course.toml").write_text(f'[assignments.{ASSIGNMENT}]\ninside = ["identite"]\n', encoding="utf-8")
    notebook = master()
    notebook.cells.append(
        cell("code", "identite", "kept = double\nassert double is kept and double(3) == 6", grade=True, points=3)
    )
    odd.set_master(notebook)
    ready, _ = command(odd)
    ready.autograde((), force=False, dry_run=False)
    grades = odd.grades()
    assert grades["alice", "identite"] == (3.0, None, 0)
    assert grades["bruno", "identite"] == (0.0, None, 0)
    (said,) = (row[2] for row in odd.rows(COMMENTS) if row[0] == "alice" and row[2])
    assert "identite" in said
    assert b"remark.cell_inside" in odd.verdicts()[f"alice/{ASSIGNMENT}/{ASSIGNMENT}.json"]
