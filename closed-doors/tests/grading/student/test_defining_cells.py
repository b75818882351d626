"""Cells that only define something new run before earlier cells are checked; every other cell waits."""

import os
import sys
from typing import Any

import pytest

from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.student.defining_cells import Past, names_read_later
from support.small_notebooks import SETUP, Small

DEFINES = {
    "a function": 'def g(x, y=2, *, z=None):\n    """Text."""\n    return x + y',
    "annotations": "def g(x: list[int] | None, n: int = -1) -> os.PathLike: return x",
    "two functions, a text and a constant": "'text'\ndef g(): return h()\ndef h(): return N\nN = 3",
    "a class": "class A(object):\n    'Text.'\n    n = 3\n    def m(self): return self.n\n"
    "    @staticmethod\n    def s(): return 1",
    "tests": "@weight(2)\n@pytest.mark.parametrize('n', [1, (2, None)])\ndef test_g(n): assert g(n)",
    "an import of what is there": "import os\nimport os.path as p\nfrom os import sep",
    "nothing": "# nothing",
}
DOES_MORE = {
    "a call": "print(1)",
    "a value that is computed": "x = [1]",
    "a default that is computed": "def g(x=print()): return x",
    "an annotation that is computed": "def g(x: print()): return x",
    "a decorator": "import functools\n@functools.cache\ndef g(x): return x",
    "a mark that is computed": "@weight(print())\ndef test_g(): pass",
    "a class with a decorator": "@print\nclass A: pass",
    "a class with keywords": "class A(metaclass=type): pass",
    "a class that computes": "class A:\n    n = print()",
    "a base that is computed": "class A(type('B', (), {})): pass",
    "an attribute": "os.x = 3",
    "an import of what is not there": "import this",
    "a star": "from os import *",
    "a name that a module lacks": "from os import nothing_of_this_name",
    "a relative import": "from . import x",
    "a deletion": "del f",
    "a loop": "for i in range(3): pass",
    "a magic": "%timeit 1",
    "no Python": "def g(:",
    "a null": "x = '\0'",
    "too deep": "(" * 5000,
    "a name that a function reads": "k = 3",
    "a function that a function calls": "def helper(x): return 0",
    "a built-in name that a function reads": "def sum(x): return 0",
    "another module under a name that a function reads": "import sys as os",
    "a name that is asked for": "def f(x): return 0",
}


def past(*sources: str) -> Past:
    """Return a past of these cells."""
    found = Past()
    for source in sources:
        found.add(source)
    return found


EARLIER = "def f(x):\n    def inner(y): return os.sep * k\n    return [helper(y) for y in sum(x)], inner"


def is_left_alone(source: str, *earlier: str, **namespace: Any) -> bool:
    return past(*earlier).is_left_alone_by(source, namespace, ["f"])


@pytest.mark.parametrize("case", DEFINES)
def test_a_cell_that_only_defines_something_new_changes_nothing(case: str) -> None:
    """Functions, classes, constants, and imports of what is there."""
    assert is_left_alone(DEFINES[case], EARLIER, os=os)


@pytest.mark.parametrize("case", DOES_MORE)
def test_a_cell_that_may_do_more_is_not_trusted_to_change_nothing(case: str) -> None:
    """Whatever runs at once, and whatever earlier functions, or those who ask, read."""
    assert "this" not in sys.modules
    assert not is_left_alone(DOES_MORE[case], EARLIER, os=os)


@pytest.mark.parametrize("name", ["eval", "exec", "globals", "vars", "get_ipython", "__import__"])
def test_a_function_that_may_read_anything_is_changed_by_every_cell(name: str) -> None:
    """What it reads can't be told from its text."""
    assert not is_left_alone("def g(): pass", f"def f(x): return {name}('k')")


def test_only_what_functions_read_when_they_are_called_counts() -> None:
    """A cell's own loop has run; its functions, methods and lambdas have not."""
    source = "n = k\nclass A:\n    def m(self): return a\nf = lambda x: b\ndef g(c):\n    global d\n    d = 1"
    assert names_read_later(source) == {"a", "b", "d"}


def two_exercises(first: str, second: str, own: str = "") -> Small:
    """Return a notebook of two exercises whose second answer, or a cell before it, stands after the first check."""
    notebook = Small().lesson(SETUP + "\nseen = []").answer(first, "def f(x): return 2 * x")
    test = "def test_f():\n    'f'\n    assert f([1, 2]) == 6"  # hidden: nothing that the worker sees reads f
    notebook.grading(f"### BEGIN HIDDEN TESTS\n{test}\n### END HIDDEN TESTS\nrun_tests(points=2)")
    if own:
        notebook.own(own)
    notebook.answer(second, "def g(x): return 3 * x")
    return notebook.grading("def test_g():\n    'g'\n    assert g(3) == 9\nrun_tests(points=2)")


G = "\ndef g(x): return 3 * x"
LATER = {
    "another function of the same name": ("def f(x): return 6", "def f(x): return 0" + G, 2),
    "a helper that is there too late": ("def f(x): return helper(x)", "def helper(x): return 6" + G, 0),
    "another helper": ("def helper(x): return 6\ndef f(x): return helper(x)", "def helper(x): return 0" + G, 2),
    "a built-in name": ("def f(x): return sum(x) + 3", "def sum(x): return 0" + G, 2),
    "another constant": ("k = 6\ndef f(x): return k", "k = 0" + G, 2),
    "a longer list": ("k = [1]\ndef f(x): return 6 / len(k)", "k.append(2)" + G, 2),
    "another class": ("class A:\n    n = 6\ndef f(x): return A.n", "class A:\n    n = 0" + G, 2),
    "an attribute": ("def f(x): return f.n\nf.n = 6", "f.n = 0" + G, 2),
    "a decorator that remembers": (
        "n = []\ndef note(h):\n    n.append(h)\n    return h\ndef f(x): return 6 - len(n)",
        "@note" + G,
        2,
    ),
    "the answer, too late": ("pass", "def f(x): return 6" + G, 0),
    "nothing of the kind": ("def f(x): return 6", G, 2),
}


@pytest.mark.parametrize("case", LATER)
@pytest.mark.parametrize("in_a_cell_of_its_own", [False, True])
def test_a_check_sees_the_answer_as_it_stood_there(zygote: Zygote, case: str, in_a_cell_of_its_own: bool) -> None:
    """Whatever a later cell defines or changes: the marks are those of a notebook that runs from top to bottom."""
    first, later, points = LATER[case]
    notebook = two_exercises(first, G, later) if in_a_cell_of_its_own else two_exercises(first, later)
    result = notebook.grade(zygote)
    assert result.complete
    assert [verdict.earned for verdict in result.verdicts.values()] == [points, 2]


def test_exercises_between_which_nothing_changes_are_asked_in_one_process(zygote: Zygote) -> None:
    """And in another one where a cell between them does something."""
    for own, apart in (("def h(): pass", False), ("print(1)", True)):
        notebook = Small().lesson(SETUP + "\nseen = []").answer("import os\ndef f(): return os.getpid()")
        notebook.grading("def test_f():\n    'f'\n    seen.append(f())\nrun_tests(points=2)").own(own)
        notebook.answer("def g(): return os.getpid()")
        notebook.grading(
            "def test_g():\n    'g'\n    assert (g() in seen) is not APART\nrun_tests(points=2)".replace(
                "APART", str(apart)
            )
        )
        result = notebook.grade(zygote)
        assert [verdict.earned for verdict in result.verdicts.values()] == [2, 2], own
