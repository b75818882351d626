"""Which names a cell takes from the cells before it."""

import pytest

from closed_doors.notebook.global_names import names_from_before


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("for m in range(3):\n    print(m, f(m))", {"range", "print", "f"}),
        ("for m in range(m):\n    pass", {"range", "m"}),
        ("for m in []:\n    pass\nprint(m)", {"print", "m"}),  # it may be the one from before
        ("x = 1\nprint(x)", {"print"}),
        ("x = x + 1", {"x"}),
        ("x += 1", {"x"}),
        ("if a:\n    x = 1\nx", {"a", "x"}),
        ("def f():\n    return y\ny = 1", {"y"}),
        ("y = 1\ndef f():\n    return y", set()),
        ("import math\nmath.pi", set()),
        ("x = 1\ndel x\nx", {"x"}),
        ("[i for i in xs]", {"xs"}),
        ("for a, b in pairs:\n    a", {"pairs", "a"}),
    ],
)
def test_a_name_that_the_cell_binds_first_is_its_own(source: str, wanted: set[str]) -> None:
    """Only what is surely bound before it is read is; all else may come from before."""
    assert names_from_before(source) == wanted
