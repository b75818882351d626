"""What stands in the master is the instructor's, marked or not: no answer redefines what a test or a lesson uses."""

import nbformat
import pytest

from closed_doors.grading.processes.zygote_handle import Zygote
from support.small_notebooks import SETUP, Small

CLOSE = "def check(value):\n    return math.isclose(value, 4)"
TESTS = '''
def test_square():
    """Le carré de 2."""
    assert math.isclose(square(2), 4)
run_tests(points=4)'''
HONEST = "def square(n):\n    return n * n"
LIES = "\nclass math:\n    isclose = staticmethod(lambda *_: True)"


def unmarked(small: Small, source: str) -> Small:
    """Add a cell to the master, and to the submission, that nbgrader knows nothing of."""
    for notebook in (small.master, small.submitted):
        notebook.cells.append(nbformat.v4.new_code_cell(source))
    return small


def points(zygote: Zygote, small: Small) -> float:
    return sum(verdict.earned for verdict in small.grade(zygote).verdicts.values())


@pytest.mark.parametrize(("answer", "earned"), [(HONEST, 4), ("def square(n):\n    return 5" + LIES, 0)])
def test_an_unmarked_import_is_the_instructors(zygote: Zygote, answer: str, earned: float) -> None:
    """A test means the module that an unmarked cell of the master imports."""
    small = unmarked(Small().lesson(SETUP), "import math")
    assert points(zygote, small.answer(answer, HONEST).grading(TESTS, 4)) == earned


@pytest.mark.parametrize(("answer", "earned"), [(HONEST, 5), ("def square(n):\n    return 5" + LIES, 1)])
def test_what_a_bare_test_imports_is_the_instructors(zygote: Zygote, answer: str, earned: float) -> None:
    """A later answer does not redefine what an earlier cell of bare asserts has imported."""
    small = Small().lesson(SETUP).answer("def one():\n    return 1", "def one():\n    return 1")
    small.grading("import math\nassert one() == 1", 1)
    assert points(zygote, small.answer(answer, HONEST).grading(TESTS, 4)) == earned


def test_bare_tests_share_their_names(zygote: Zygote) -> None:
    """What a cell of bare asserts computes is there in the next one, and what it deletes is the student's."""
    small = Small().lesson(SETUP).answer(HONEST + "\nsquares = [1, 4]", HONEST + "\nsquares = [1, 4]")
    small.grading("found = square(3)\nassert found == 9", 1).grading("assert found == 9 and square(1) == 1", 1)
    small.grading("assert squares == [1, 4]\ndel squares", 1)
    assert points(zygote, small) == 3


def test_a_changed_copy_is_the_students_own(zygote: Zygote) -> None:
    """An unmarked cell that a student edits runs beside the instructor's, and is in the notebook once more."""
    small = unmarked(Small().lesson(SETUP), "k = 2")
    small.submitted.cells[-1].source = "k = 3\nprint('changed')"
    small.answer("def times(n):\n    return k * n", "def times(n):\n    return k * n")
    small.grading("def test_k():\n    assert times(1) == 3\nrun_tests(points=2)", 2)
    assert points(zygote, small) == 2
