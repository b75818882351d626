"""A master in which an answer could redefine what the instructor's cells use is refused, by cell and name."""

import nbformat
import pytest

from closed_doors.authoring.publish.names_defined_twice import names_defined_twice
from support.small_notebooks import SETUP, Small

HELPER = "def close(one, other):\n    return abs(one - other) < 1e-9"
TESTS = "def test_square():\n    assert close(square(2), 4)\nrun_tests(points=2)"
SOLUTION = "def close(one, other):\n    return one == other\n\n\ndef square(n):\n    return n * n"
PLAIN = "def square(n):\n    return n * n"


def found(small: Small) -> list[str]:
    return list(map(str, names_defined_twice(small.master, "m.ipynb")))


def unmarked(small: Small, source: str) -> Small:
    small.master.cells.append(nbformat.v4.new_code_cell(source))
    return small


def test_a_lesson_cell_and_a_solution() -> None:
    """The cell that uses the name is named with both that define it, and what to do."""
    (line,) = found(Small().lesson(SETUP).lesson(HELPER).answer(SOLUTION).grading(TESTS))
    assert line.startswith("m.ipynb, cell 4 (cell3): it uses close, which cell1 defines and the solution of cell2 too")
    assert "rename it in cell1" in line


@pytest.mark.parametrize("source", [HELPER, "from math import isclose as close", "close = lambda one, other: True"])
def test_an_unmarked_cell_and_a_solution(source: str) -> None:
    """What the unmarked cell imports or assigns is refused as well; the cell is named by its place."""
    (line,) = found(unmarked(Small().lesson(SETUP), source).answer(SOLUTION).grading(TESTS))
    assert "which cell 2 defines" in line


def test_an_earlier_grading_cell_and_a_solution() -> None:
    """What a cell of tests has defined for the next ones is the instructor's too."""
    small = Small().lesson(SETUP).answer(PLAIN).grading(f"{HELPER}\n{TESTS}")
    (line,) = found(small.answer(SOLUTION).grading(TESTS))
    assert "cell 5 (cell4)" in line


def test_a_lesson_after_the_solution() -> None:
    """The order of the two makes no difference to who could redefine it."""
    (line,) = found(Small().lesson(SETUP).answer(SOLUTION).lesson("close = 3").grading(TESTS))
    assert "which cell2 defines" in line


@pytest.mark.parametrize(
    "small",
    [
        Small().lesson(SETUP).lesson(HELPER).answer(PLAIN).grading(TESTS),
        Small().lesson(SETUP).answer(SOLUTION).grading(TESTS),
        Small().lesson(f"{SETUP}\nimport math").answer(f"import math\n{PLAIN}").grading("assert math.isclose(1, 1)"),
        Small().lesson(SETUP).answer(SOLUTION).lesson("close = abs\nclose(1)").grading("assert square(2) == 4"),
        Small().lesson(SETUP).answer(SOLUTION).grading(f"close = once(close)\n{TESTS}").grading(TESTS),
        Small().lesson(SETUP).lesson(HELPER, ("demo",)).answer(SOLUTION).grading(TESTS),
        Small().lesson(SETUP).lesson(f"{HELPER}\nclose(1, 1)").answer(SOLUTION).grading("assert square(2) == 4"),
        Small().lesson(SETUP).lesson("def (").answer(SOLUTION).grading(TESTS),
    ],
    ids=["lesson", "solution", "import", "own", "wrapped", "demo", "before", "unreadable"],
)
def test_what_can_not_be_attacked_is_kept(small: Small) -> None:
    """A name of one side only, an import of both, a cell's own, a wrapped answer, one that is used before."""
    assert found(small) == []
