"""Which cell is whose, and what each side may know of it."""

import nbformat

from closed_doors.notebook.plan import Role, plan
from support.small_notebooks import Small


def test_what_a_test_puts_back_is_the_students_again() -> None:
    """A function that a test defines in the place of a student's, and gives back, is none of the student's cells'."""
    replaced = "kept = f\ndef f(): return 0\ntry:\n    assert g() == 0\nfinally:\n    f = kept\ndef helper(): return 1"
    small = Small().answer("def f(): return 1\ndef g(): return f()").grading(replaced)
    public = plan(small.master, small.master)[1].public
    assert "def f" not in public
    assert "def helper" in public


def test_roles_points_and_names() -> None:
    """Demos are left out; a grading cell's public part holds no hidden line; a solution's imports are trusted."""
    small = Small().lesson("import numpy as np").lesson("show()", ("demo",))
    small.answer("def f(): ...", "import math\ndef f(): return math.pi\ng = 1")
    small.grading(
        "import pytest\ndef test_a(): f()\n### BEGIN HIDDEN TESTS\ndef test_b(): f(42)\n### END HIDDEN TESTS\n"
        "run_tests()",
        points=3,
    )
    small.own("%timeit 1")
    cells = [*small.master.cells, nbformat.v4.new_code_cell("%timeit 1", id="own-0")]
    steps = plan(small.master, nbformat.v4.new_notebook(cells=cells))
    assert [step.role for step in steps] == [Role.LESSON, Role.ANSWER, Role.GRADING, Role.ANSWER]
    lesson, answer, grading, _ = steps
    assert lesson.student_names == ()
    assert answer.public == "import math"
    assert grading.points == 3
    assert grading.student_names == ("f", "g")
    assert "test_a" in grading.public
    assert "42" not in grading.public
    assert "run_tests()" not in grading.public
