"""Which names a cell takes from the cells before it."""

import pytest

from closed_doors.notebook.global_names import names_changed, names_from_before


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


@pytest.mark.parametrize(
    ("source", "changed"),
    [
        ("xs.append(1)\nys.sort()\nprint(zs)", {"xs", "ys"}),
        ("d['a'] = 1\ndel e['a']\na[0][1] += 2", {"d", "e", "a"}),
        ("person.age = 3\ntable.loc[0, 'b'] = 7\ntable2.drop('a', inplace=True)", {"person", "table", "table2"}),
        ("for i in range(3):\n    if i:\n        xs.append(i)", {"xs"}),
        ("for d['k'] in ks: pass", {"d"}),
        ("x = 1\ny = d['a'] + p.age\ntable.head()\ntable.drop('a', inplace=False)", set()),
        ("def f(xs):\n    xs.append(1)\nclass A:\n    a[0] = 1\ng = lambda: xs.pop()", set()),
    ],
)
def test_what_a_cell_changes_in_place(source: str, changed: set[str]) -> None:
    """It is what an element, an attribute or a method says so of, as the cell itself runs."""
    assert names_changed(source) == changed
