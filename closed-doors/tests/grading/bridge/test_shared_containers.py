"""A test that changes what it was given sees whether that was a copy, as in a notebook."""

import numpy as np
import pytest

from closed_doors.grading.bridge.shared_containers import MOST_PARTS, SharedContainers, containers_of
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.protocol.codec import encode
from closed_doors.grading.protocol.messages import Part
from support.small_notebooks import graded_bare

CART = """
class Cart:
    def __init__(self, prices): self._prices = {kept}
    def prices(self): return {shown}
    def total(self): return sum(self._prices)
"""
CLONE = "table = {'a': [1, 2]}\nmade = clone(table)\n"
CASES = {
    "the argument itself": (
        "import copy\ndef clone(x): return copy.deepcopy(x)",
        "def clone(x): return x",
        f"{CLONE}made['b'] = 1\nassert table == {{'a': [1, 2]}}",
    ),
    "the argument, by identity": (
        "import copy\ndef clone(x): return copy.deepcopy(x)",
        "def clone(x): return x",
        f"{CLONE}assert made == table and made is not table",
    ),
    "a part of it": (
        "import copy\ndef clone(x): return copy.deepcopy(x)",
        "def clone(x): return dict(x)",
        f"{CLONE}made['a'].append(3)\nassert table == {{'a': [1, 2]}}",
    ),
    "what an object keeps": (
        CART.format(kept="list(prices)", shown="list(self._prices)"),
        CART.format(kept="list(prices)", shown="self._prices"),
        "cart = Cart([1])\ncart.prices().append(9)\nassert cart.total() == 1",
    ),
    "an argument that an object keeps": (
        CART.format(kept="list(prices)", shown="list(self._prices)"),
        CART.format(kept="prices", shown="list(self._prices)"),
        "mine = [1]\ncart = Cart(mine)\nmine.append(9)\nassert cart.total() == 1",
    ),
    "rows": (
        "def grid(n): return [[0] * n for _ in range(n)]",
        "def grid(n): return [[0] * n] * n",
        "made = grid(2)\nmade[0][0] = 1\nassert made == [[1, 0], [0, 0]]",
    ),
    "two names": ("a = [1]\nb = list(a)", "a = [1]\nb = a", "b.append(2)\nassert a == [1]"),
    "a view": (
        "def turned(a): return a[::-1].copy()",
        "def turned(a): return a[::-1]",
        "import numpy as np\na = np.arange(3)\nturned(a)[0] = 9\nassert a[2] == 2",
    ),
    "a view, added to": (
        "def flat(a): return a.reshape(-1).copy()",
        "def flat(a): return a.reshape(-1)",
        "import numpy as np\na = np.zeros((2, 2))\nf = flat(a)\nf += 1\nassert a.sum() == 0",
    ),
    "memory": (
        "def turned(a): return a[::-1].copy()",
        "def turned(a): return a[::-1]",
        "import numpy as np\na = np.arange(3)\nassert not np.shares_memory(a, turned(a))",
    ),
    "no view": (
        "def column(a): return a[:, 0]",
        "def column(a): return a[:, 0].copy()",
        "import numpy as np\na = np.zeros((2, 2))\ncolumn(a)[1] = 7\nassert a[1, 0] == 7 and column(a).base is a",
    ),
    "a part of what an object keeps": (
        "import numpy as np\nclass Grid:\n    def __init__(self, a): self.a = np.array(a)\n"
        "    def row(self, i): return self.a[i].copy()",
        "import numpy as np\nclass Grid:\n    def __init__(self, a): self.a = np.array(a)\n"
        "    def row(self, i): return self.a[i]",
        "grid = Grid([[1, 2], [3, 4]])\nwhole = grid.a\ngrid.row(0)[0] = 9\nassert grid.a[0, 0] == 1",
    ),
    "a table": (
        "def same(table): return table.copy()",
        "def same(table): return table",
        "import pandas as pd\nmine = pd.DataFrame({'a': [1]})\nmade = same(mine)\nmade.loc[0, 'a'] = 9\n"
        "assert mine.loc[0, 'a'] == 1",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_copy_is_told_from_the_object(zygote: Zygote, name: str) -> None:
    """Where the exercise asks for a copy, the object itself earns nothing."""
    solution, answer, tests = CASES[name]
    assert graded_bare(zygote, solution, solution, tests).earned == 2
    assert graded_bare(zygote, answer, solution, tests).earned == 0


@pytest.mark.parametrize("name", sorted(CASES.keys() - {"two names"}))
def test_a_copy_is_told_from_the_object_by_named_criteria(zygote: Zygote, name: str) -> None:
    """Tests in functions tell as much."""
    solution, answer, tests = CASES[name]
    body = tests.replace("\n", "\n    ")
    cell = f"from checks import run_tests\ndef test_copy():\n    {body}\nrun_tests(points=2)"
    assert graded_bare(zygote, solution, solution, cell).earned == 2
    assert graded_bare(zygote, answer, solution, cell).earned == 0


@pytest.mark.parametrize(
    "within", [(7,), (7, 0), (7, 8, 8, 8), (7, -8, 8), (7, 1 << 70, 8), (7, 0, 1 << 62), (3, 0, 8)]
)
def test_no_part_of_an_array_lies_outside_of_it(within: tuple[int, ...]) -> None:
    """Wherever an array is said to lie in another, what came is what the test gets, or a part that holds the same."""
    mine, theirs = np.arange(4), np.arange(1, 4)
    shared = SharedContainers(lambda value: encode(value))
    found = shared.take([Part(0, (), 7), Part(None, (), 8, within)], theirs, {0: mine})
    assert isinstance(found, np.ndarray)
    assert found.tolist() == [1, 2, 3]
    found[0] = 9
    assert mine.tolist() == [0, 1, 2, 3]


def test_what_a_test_changes_reaches_the_student(zygote: Zygote) -> None:
    """A list that belongs to the student's object, changed by the test, is changed there."""
    solution = "class Bag:\n    def __init__(self): self.items = []\n    def total(self): return sum(self.items)"
    tests = "bag = Bag()\nbag.items.append(5)\nbag.items += [6]\nbag.items[0] = 1\nassert bag.total() == 7"
    assert graded_bare(zygote, solution, solution, tests).earned == 2


def test_a_second_look_meets_the_student_as_the_first_did(zygote: Zygote) -> None:
    """An answer that sorts its argument, where nobody looks at that, is paid although the test changes its list."""
    solution = "seen = []\ndef largest(xs): return max(xs)"
    answer = "seen = []\ndef largest(xs):\n    xs.sort()\n    return xs[-1]"
    tests = "seen.append(largest([2, 3, 1]))\nassert seen == [3]"
    assert graded_bare(zygote, answer, solution, tests).earned == 2


def _taken(parts: list[Part], found: object, argument: object) -> object:
    shared = SharedContainers(lambda value: encode(value))
    return shared.take([Part(0, (), 7), *parts], found, {0: argument})


@pytest.mark.parametrize(
    "parts",
    [
        [Part(None, (), 7)],
        [Part(None, (0,), 7), Part(None, (5,), 7), Part(None, (-1,), 7)],
        [Part(None, (0,) * 1000, 7)],
        [Part("no such argument", (), 7), Part(None, (), 7)],
        [Part(None, (), number) for number in range(-100_000, 0)],
    ],
)
def test_whatever_is_said_changes_no_value(parts: list[Part]) -> None:
    """Containers that hold something else are not taken for the same ones, whatever the student's process says."""
    mine, theirs = [1, [2]], [[3], 4]
    assert _taken(parts, theirs, mine) == [[3], 4]
    assert mine == [1, [2]]


def test_what_holds_the_same_is_one_object() -> None:
    """In place of a copy that is said to be the argument, and holds the same, the test gets its own object."""
    mine: list[object] = [1, [2]]
    assert _taken([Part(None, (), 7)], [1, [2]], mine) is mine
    inside = _taken([Part(None, (1,), 7)], ("x", [1, [2]]), mine)
    assert isinstance(inside, tuple)
    assert inside[1] is mine


def test_nothing_is_put_into_an_object_of_the_tests() -> None:
    """Two rows of the test's that hold the same stay two rows, whatever is said of those that came."""
    mine: list[list[int]] = [[0], [0]]
    parts = [Part(0, (1,), 8), Part(None, (), 7), Part(None, (0,), 8)]
    assert _taken(parts, [[0], [0]], mine) is mine
    assert mine[0] is not mine[1]


def test_looking_for_containers_ends() -> None:
    """A list that holds itself, or too many, costs no more than any other."""
    endless: list[object] = []
    endless.append(endless)
    assert len(list(containers_of(endless))) <= MOST_PARTS
    assert len(list(containers_of([[n] for n in range(900)]))) <= MOST_PARTS
