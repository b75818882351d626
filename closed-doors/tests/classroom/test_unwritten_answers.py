"""A cell that pays for what nobody has written is named at the end of a run."""

import nbformat

from support.courses import RIGHT, SmallCourse, master
from support.grading_run import command

STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
TESTS = '''
def test_anything():
    """Il y a quelque chose."""
    assert 1 + 1 == 2
def test_double():
    """Le double de 2 est 4."""
    assert double(2) == 4
run_tests(points=4)
'''


def test_points_for_nothing_are_said(course: SmallCourse) -> None:
    """With how many works and how many points; a written answer is never among them."""
    course.set_master(master(TESTS))
    for student in ("alice", "bruno"):
        course.submit(student, STUB)
    course.submit("chloé", RIGHT)
    ready, console = command(course)
    ready.autograde((), force=False, dry_run=False)
    assert course.grades()["alice", "verification"] == (2.0, None, 0)
    said = console.export_text()
    assert "Paid for answers that nobody has written" in said
    assert "petit.ipynb, verification: 2 works, up to 2 points" in said


def test_an_answer_in_a_cell_below_the_stub_is_written(course: SmallCourse) -> None:
    """Who leaves the stub alone, and writes the function in a cell of their own, is not paid for nothing."""
    path = course.submit("alice", STUB)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(2, nbformat.v4.new_code_cell(RIGHT))
    nbformat.write(notebook, path)
    ready, console = command(course)
    ready.autograde((), force=False, dry_run=False)
    assert course.grades()["alice", "verification"] == (4.0, None, 0)
    assert "nobody has written" not in console.export_text()


def test_nothing_is_said_where_nothing_is_paid(course: SmallCourse) -> None:
    """An untouched work that earns nothing is no reason to look at a test."""
    course.submit("alice", STUB)
    course.submit("chloé", RIGHT)
    ready, console = command(course)
    ready.autograde((), force=False, dry_run=False)
    assert "nobody has written" not in console.export_text()
