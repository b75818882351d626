"""What a test reads as the text of a function is the text of what the name means."""

import pytest

from closed_doors.grading.bridge.definitions_text import definition
from closed_doors.grading.processes.zygote_handle import Zygote
from support.small_notebooks import graded_bare

SUM = "def total(xs): return sum(xs)\n"
LOOP = "def slow(xs):\n    s = 0\n    for x in xs: s += x\n    return s\n"


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        ([SUM], SUM),
        ([SUM, LOOP, "total = slow"], LOOP),
        ([LOOP, SUM + "total = slow"], LOOP),
        ([SUM, "total = cache(total)"], SUM),
        ([SUM, "total: object = lambda xs: 0"], "total: object = lambda xs: 0\n"),
        ([SUM, "total = made()"], None),
        ([LOOP + "total = slow\n" + SUM], SUM),
    ],
)
def test_a_name_means_what_it_was_given_last(cells: list[str], text: str | None) -> None:
    """By a definition, or by an assignment of another name."""
    assert definition(cells, "total") == text


def test_a_text_that_is_not_the_functions_earns_nothing(zygote: Zygote) -> None:
    """Where a test forbids loops, a definition that the name has left behind is none; another name is as good."""
    tests = "import inspect\nassert total([1, 2]) == 3\nassert 'for' not in inspect.getsource(total)"
    assert graded_bare(zygote, f"{LOOP}{SUM}total = slow", SUM, tests).earned == 0
    assert graded_bare(zygote, f"{SUM.replace('total', 'add')}total = add", SUM, tests).earned == 2


def test_a_function_draws_where_the_test_sets_attributes(zygote: Zygote) -> None:
    """A cell that asks for the figure and binds an attribute has not replaced what asks for it."""
    solution = "import matplotlib.pyplot as plt\ndef draw(p): plt.gca().set_title(p.title)"
    tests = "import matplotlib.pyplot as plt\nclass Plot: pass\np = Plot()\np.title = 'x'\ndraw(p)\n"
    assert graded_bare(zygote, solution, solution, f"{tests}assert plt.gca().get_title() == 'x'").earned == 2
