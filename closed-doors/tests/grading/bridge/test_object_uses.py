"""An object of the student's decides only where the master's own solution does: to say yes to all pays nothing."""

import pytest

from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.verdict.verdict import CellVerdict
from support.small_notebooks import SETUP, Small

SAY_YES = """
class {name}:
    def __init__(self, *_): self.x = self
    def __eq__(self, other): return True
    def __hash__(self): return 0
    def __sub__(self, other): return 0.0
    __rsub__ = __mul__ = __rmul__ = __add__ = __radd__ = __truediv__ = __pow__ = __sub__
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __contains__ = __lt__
    def __abs__(self): return 0.0
    def __float__(self): return 0.0
    def __bool__(self): return True
    def __len__(self): return 3
    def __array__(self, *_, **__): return np.zeros(3)
"""
NUMBER = "def f(x): return 2 * x"
TESTS = {
    "==": "assert f(3) == 6",
    "!=": "assert not f(3) != 6",
    "swapped": "assert 6 == f(3)",
    "a difference": "assert abs(f(3) - 6) < 1e-9",
    "another difference": "assert abs(6 - f(3)) < 1e-9",
    "an order": "assert f(3) > 5 and 5 < f(3)",
    "NumPy": "np.testing.assert_allclose(f(3), 6)",
    "math": "import math\nassert math.isclose(f(3), 6)",
    "in": "assert f(3) in (6, 7)",
    "a product": "assert f(3) * 0 == 0 and f(3) / 6 == 1",
}


def _verdict(zygote: Zygote, answer: str, solution: str, tests: str) -> CellVerdict:
    (verdict,) = (
        Small().lesson(SETUP).answer(answer, solution).grading(tests).grade(zygote, prove=True).verdicts.values()
    )
    return verdict


@pytest.mark.parametrize("kind", TESTS)
def test_an_object_that_is_equal_to_everything_earns_nothing(zygote: Zygote, kind: str) -> None:
    """Where the solution gives a number, an object can't stand for it, however it compares."""
    answer = SAY_YES.format(name="Yes") + "def f(x): return Yes()"
    assert _verdict(zygote, answer, NUMBER, TESTS[kind]).earned == 0


def test_the_name_of_an_asked_class_does_not_help_elsewhere(zygote: Zygote) -> None:
    """A class that one line of the tests lets decide decides in that line only."""
    solution = "class Money:\n    def __init__(self, n): self.n = n\n    def __eq__(self, o): return self.n == o.n\n"
    solution += "def total(x): return 2 * x"
    answer = SAY_YES.format(name="Money") + "def total(x): return Money()"
    assert _verdict(zygote, answer, solution, "assert Money(2) == Money(2)\nassert total(3) == 6").earned == 0
    assert _verdict(zygote, solution, solution, "assert Money(2) == Money(2)\nassert total(3) == 6").earned == 2


def test_a_librarys_object_is_no_judge(zygote: Zygote) -> None:
    """What only calls itself a number of some library decides nothing: its type is none that the exercise asks for."""
    solution = "import sympy\ndef f(x): return sympy.Integer(2 * x)"
    answer = SAY_YES.format(name="Integer") + "def f(x): return Integer()"
    assert _verdict(zygote, answer, solution, "assert f(3) == 6").earned == 0


def test_a_mask_earns_nothing_where_the_solution_gives_none(zygote: Zygote) -> None:
    """NumPy takes masked values for right: a mask stays only where the master's own solution gives one."""
    solution, hidden = "def f(n): return np.arange(n)", "def f(n): return np.ma.masked_all(n)"
    tests = "np.testing.assert_allclose(f(3), [0, 1, 2])"
    assert _verdict(zygote, hidden, solution, tests).earned == 0
    masked = "def f(n): return np.ma.masked_less(np.arange(n), 1)"
    tests = "assert list(f(3).mask) == [True, False, False]"
    assert _verdict(zygote, masked, masked, tests).earned == 2


SWALLOWS = "class Timer:\n    def __enter__(self): return self\n    def __exit__(self, *_): return {answer}\n"


def test_a_context_manager_ends_no_error_that_the_solutions_does_not(zygote: Zygote) -> None:
    """Whoever swallows the test's own assertions earns nothing by it; whoever is asked to end an error may."""
    right, wrong = SWALLOWS.format(answer="False"), SWALLOWS.format(answer="True")
    tests = "with Timer():\n    assert f(3) == 6"
    assert _verdict(zygote, f"{wrong}\ndef f(x): return 0", f"{right}\n{NUMBER}", tests).earned == 0
    assert _verdict(zygote, f"{right}\n{NUMBER}", f"{right}\n{NUMBER}", tests).earned == 2
    asked = "with Timer():\n    raise ValueError"
    assert _verdict(zygote, wrong, wrong, asked).earned == 2
    assert _verdict(zygote, right, wrong, asked).earned == 0


def test_a_class_that_extends_a_number_decides_nothing_where_none_is_asked_for(zygote: Zygote) -> None:
    """It counts as the number that it is made of."""
    answer = "class Yes(float):\n    def __eq__(self, other): return True\n    __hash__ = None\ndef f(x): return Yes(1)"
    assert _verdict(zygote, answer, NUMBER, "assert f(3) == 6").earned == 0
    assert _verdict(zygote, answer.replace("Yes(1)", "Yes(6)"), NUMBER, "assert f(3) == 6").earned == 2


PAIR = """
class Pair:
    def __init__(self, x, y): self.x, self.y = x, y
    def __add__(self, other): return Pair(self.x + other.x, self.y + other.y)
    def __eq__(self, other): return (self.x, self.y) == (other.x, other.y)
    def size(self): return self.x + self.y
"""
LIAR = """
class Pair:
    def __init__(self, x, y): pass
    def __add__(self, other): return Pair(0, 0)
    def __eq__(self, other): return True
    def size(self): return Pair(0, 0)
"""
CASES = "Pair(1, 2) + Pair(1, 1), Pair(2, 3)", "Pair(3, 4).size(), 7"
ONE_LINE = {
    "a helper": "def check(got, want): assert got == want\ncheck({})\ncheck({})",
    "a loop": "for got, want in [({}), ({})]:\n    assert got == want",
    "unittest": "import unittest\nfor case in [({}), ({})]:\n    unittest.TestCase().assertEqual(*case)",
}


@pytest.mark.parametrize("kind", ONE_LINE)
def test_an_object_decides_about_objects_where_they_are_compared_with_numbers_too(zygote: Zygote, kind: str) -> None:
    """One line that compares the objects of a class, and numbers as well, lets them decide about objects only."""
    tests = ONE_LINE[kind].format(*CASES)
    assert _verdict(zygote, PAIR, PAIR, tests).earned == 2
    assert _verdict(zygote, LIAR, PAIR, tests).earned == 0


def test_an_object_decides_for_one_caller_of_a_helper(zygote: Zygote) -> None:
    """Another line of the test that calls the same helper is another place."""
    tests = (
        "def check(got, want): assert got == want\ncheck(Pair(1, 2) + Pair(1, 1), Pair(2, 3))\ncheck(both(), [1, 2])"
    )
    solution, answer = PAIR + "def both(): return [1, 2]", LIAR + "def both(): return Pair(0, 0)"
    assert _verdict(zygote, solution, solution, tests).earned == 2
    assert _verdict(zygote, answer, solution, tests).earned == 0
