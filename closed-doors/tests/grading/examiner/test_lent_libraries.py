"""A library that the master's solution imports is there for a test only where the student's notebook has it."""

import pytest

from closed_doors.grading.processes.zygote_handle import Zygote
from support.small_notebooks import Small

SOLUTION = "import math as m\nfrom itertools import count"
TESTS = "assert m.sqrt(4) == 2 and next(count(3)) == 3"


@pytest.mark.parametrize(
    ("written", "earned"),
    [(SOLUTION, 2), ("raise NotImplementedError()", 0), ("import math as m", 0), ("import math, itertools", 0)],
)
def test_a_test_of_imports_asks_the_students_notebook(zygote: Zygote, written: str, earned: float) -> None:
    """Work that does not import what it is asked to earns nothing, as in an ordinary kernel."""
    graded = Small().answer(written, SOLUTION).grading(TESTS).grade(zygote)
    assert [verdict.earned for verdict in graded.verdicts.values()] == [earned]


def test_a_cell_of_the_students_own_may_import(zygote: Zygote) -> None:
    """It is the notebook that has to have it, in whatever cell."""
    graded = Small().own(SOLUTION).answer("x = 1", SOLUTION).grading(TESTS).grade(zygote)
    assert [verdict.earned for verdict in graded.verdicts.values()] == [2]


def test_what_the_lesson_or_the_test_imports_is_there(zygote: Zygote) -> None:
    """A test that brings its library, or has it from the lesson, asks nobody."""
    small = Small().lesson("import math as m").answer("x = 1", SOLUTION).grading("assert m.sqrt(4) == 2")
    graded = small.grading("from itertools import count\nassert next(count(3)) == 3").grade(zygote)
    assert [verdict.earned for verdict in graded.verdicts.values()] == [2, 2]
