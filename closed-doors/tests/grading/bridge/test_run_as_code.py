"""What a test runs as code is the test's own: texts and pickles of the student's run in no process of the grader's."""

import pytest

from closed_doors.grading.processes.zygote_handle import Zygote
from support.small_notebooks import graded_bare

EQUAL = "type('Equal', (), {'__eq__': lambda self, other: True})()"
CLASS = """
class Point:
    def __init__(self, x): self.x = x
    def __eq__(self, other): return self.x == other.x
    def __repr__(self): return {text}
"""
ANYTHING = "__import__('unittest.mock').mock.ANY"
POINT = CLASS.format(text="f'Point({self.x})'")
PICKLE = """
import pickle
class Anything:
    def __reduce__(self): return eval, ({text!r},)
def stored(): return pickle.dumps(Anything())
"""


@pytest.mark.parametrize(
    ("solution", "answer", "tests"),
    [
        ("def formula(): return '1 + 2'", f"def formula(): return {EQUAL!r}", "assert eval(formula()) == 3"),
        (POINT, CLASS.format(text=repr(EQUAL)), "assert eval(repr(Point(3))) == Point(3)"),
        (
            "def program(): return 'y = 5'",
            f"def program(): return 'y = ' + {EQUAL!r}",
            "scope = {}\nexec(program(), scope)\nassert scope['y'] == 5",
        ),
        (
            "import pickle\ndef stored(): return pickle.dumps([1])",
            PICKLE.format(text=EQUAL),
            "import pickle\nassert pickle.loads(stored()) == [1]",
        ),
        (
            "import pickle\ndef stored(): return pickle.dumps([1])",
            PICKLE.format(text=EQUAL),
            "import io, pickle\nassert pickle.Unpickler(io.BytesIO(stored())).load() == [1]",
        ),
    ],
    ids=["eval", "repr", "exec", "pickle", "an Unpickler"],
)
def test_a_text_of_the_students_makes_no_object_here(zygote: Zygote, solution: str, answer: str, tests: str) -> None:
    """What is equal to everything, by a text or a pickle that a test evaluates, earns nothing; the solution does."""
    assert graded_bare(zygote, solution, solution, tests).earned == 2
    assert graded_bare(zygote, answer, solution, tests).earned == 0


HELLO = "print('Hello')\nstep = 2"
RUN = """
import io, sys
before, sys.stdout = sys.stdout, io.StringIO()
exec(In[-2])
printed, sys.stdout = sys.stdout.getvalue(), before
assert printed == 'Hello\\n'
assert any([step == 2])
"""


@pytest.mark.parametrize(
    "tests", [RUN, RUN.replace("import io", "import io as io"), RUN.replace("-2])", "-2], globals())")]
)
def test_the_text_of_a_students_cell_runs_in_the_students_notebook(zygote: Zygote, tests: str) -> None:
    """What it prints and binds is met by the test; Python's own names stay what they are."""
    assert graded_bare(zygote, HELLO, HELLO, tests).earned == 2
    for wrong in ("print('Hallo')\nstep = 2", "print('Hello')", "print('Hello')\nstep = 3\ndef any(_): return True"):
        assert graded_bare(zygote, wrong, HELLO, tests).earned == 0


def test_a_lessons_helper_runs_no_text_of_the_students(zygote: Zygote) -> None:
    """Nor does a function of the lesson's that a test calls."""
    lesson, tests = "def value_of(text): return eval(text)", "assert value_of(formula()) == 3"
    solution, answer = "def formula(): return '1 + 2'", f"def formula(): return {EQUAL!r}"
    assert graded_bare(zygote, solution, solution, tests, lesson).earned == 2
    assert graded_bare(zygote, answer, solution, tests, lesson).earned == 0


@pytest.mark.parametrize(
    "tests",
    [
        "import sympy\nassert sympy.sympify(formula()) == 4",
        "from sympy.parsing.sympy_parser import parse_expr\nassert parse_expr(formula()) == 4",
        "from sympy import lambdify, symbols\nx = symbols('x')\nassert lambdify(x, formula())(1) == 4",
        "import pandas as pd\nassert pd.eval(formula()) == 4",
        "import pandas as pd\nexpected = 4\nassert pd.DataFrame({'a': [1]}).eval(formula()) == expected",
    ],
    ids=["sympify", "parse_expr", "lambdify", "pandas.eval", "DataFrame.eval"],
)
def test_a_library_works_out_formulas_of_the_students_and_nothing_else(zygote: Zygote, tests: str) -> None:
    """Numbers, names and operators are worked out; a text that could do anything is not."""
    solution = "def formula(): return '(1 + 3) * 1'"
    assert graded_bare(zygote, solution, solution, tests).earned == 2
    for text in (ANYTHING, "@expected", f"S({ANYTHING!r})", f"timed({ANYTHING!r})"):
        assert graded_bare(zygote, f"def formula(): return {text!r}", solution, tests).earned == 0


def test_a_library_works_out_what_the_test_itself_says(zygote: Zygote) -> None:
    """Whatever it is: who wrote it is who grades."""
    tests = "import sympy\nassert sympy.sympify(\"Symbol('x').subs('x', 2)\") == two()"
    assert graded_bare(zygote, "def two(): return 2", "def two(): return 2", tests).earned == 2


def test_a_query_finds_the_names_that_the_test_binds(zygote: Zygote) -> None:
    """pandas takes a copy of what is bound around a query, and the student's names are among them."""
    solution = "import pandas as pd\nlimit = 1\ntable = pd.DataFrame({'a': [1, 2, 3]})"
    tests = "limit = 2\nassert len(table.query('a > @limit')) == 1"
    assert graded_bare(zygote, solution, solution, tests).earned == 2


YAML = "def settings(): return {text!r}"
NAMED = "a: !!python/name:unittest.mock.ANY"
CALLED = "a: !!python/object/apply:eval ['__import__(\"unittest.mock\").mock.ANY']"


@pytest.mark.parametrize("loader", ["yaml.unsafe_load(", "yaml.full_load(", "yaml.load(Loader=yaml.Loader, stream="])
def test_yaml_of_the_students_makes_plain_values_only(zygote: Zygote, loader: str) -> None:
    """Whatever loader a test takes, what names a class or calls one earns nothing."""
    tests = f"import unittest.mock, yaml\nassert {loader}settings()) == {{'a': 3}}"
    solution = YAML.format(text="a: 3")
    assert graded_bare(zygote, solution, solution, tests).earned == 2
    for text in (NAMED, CALLED):
        assert graded_bare(zygote, YAML.format(text=text), solution, tests).earned == 0


WRITES = "def save(): open('prog.txt', 'w').write({text!r})"
RUNS = {
    "run_path": "import runpy\nassert runpy.run_path('prog.txt')['x'] == 5",
    "a loader": "from importlib.machinery import SourceFileLoader as S\nassert S('m', 'prog.txt').load_module().x == 5",
    "a process": "import subprocess as s, sys\nassert s.run([sys.executable, 'prog.txt']).returncode == 0",
    "a shell": "import os, sys\nassert os.system(f'{sys.executable} prog.txt') == 0",
}


@pytest.mark.parametrize("name", RUNS)
def test_a_file_of_the_students_runs_beside_no_test(zygote: Zygote, name: str) -> None:
    """Whatever starts it, a program that the student's code has written earns nothing; not even the solution's."""
    program = WRITES.format(text="x = 5")
    assert graded_bare(zygote, program, program, f"save()\nassert open('prog.txt').read()\n{RUNS[name]}").earned == 0


def test_a_file_of_the_tests_own_runs(zygote: Zygote) -> None:
    """A module that the test writes and imports, beside files of the student's, is its own affair."""
    tests = (
        "import sys\nsys.path.insert(0, '')\nopen('own.py', 'w').write('y = 4')\nimport own\nassert read() + own.y == 9"
    )
    program = "def read(): return 5"
    assert graded_bare(zygote, program, program, tests).earned == 2


HANDED_ON = {
    "a table": "import pandas as pd\nassert list(pd.Series([formula()]).apply(eval)) == [3]",
    "NumPy": "import numpy as np\nassert np.vectorize(eval, otypes=[object])([formula()])[0] == 3",
    "a thread": "from concurrent.futures import ThreadPoolExecutor as P\nassert [*P(1).map(eval, [formula()])] == [3]",
    "an equal text": "expected = 3\nassert {'expected': 3}['expected'] == eval(formula())",
    "a module of the course's": "assert helper.value_of(formula()) == 3",
}
MODULE = """
import types
helper = types.ModuleType("helper")
exec(compile("def value_of(text): return eval(text)", "helper.py", "exec"), vars(helper))
"""


@pytest.mark.parametrize("name", HANDED_ON)
def test_whoever_runs_it_a_text_of_the_students_runs_there(zygote: Zygote, name: str) -> None:
    """A library that was handed `eval`, a module of the course's, a text that the cell happens to hold too."""
    solution, tests = "def formula(): return '1 + 1 + 1'", HANDED_ON[name]
    assert graded_bare(zygote, solution, solution, tests, MODULE).earned == 2
    for text in (EQUAL, "expected"):
        assert graded_bare(zygote, f"def formula(): return {text!r}", solution, tests, MODULE).earned == 0


RUNNERS = {
    "timeit": "import timeit\ntimeit.timeit(program(), number=1)",
    "cProfile": "import cProfile\ncProfile.run(program())",
    "code": "import code\ncode.InteractiveInterpreter(globals()).runsource(program())",
    "a debugger": "import bdb\nbdb.Bdb().run(program(), globals())",
}


@pytest.mark.parametrize("name", RUNNERS)
def test_what_runs_programs_runs_none_of_the_students(zygote: Zygote, name: str) -> None:
    """The parts of Python whose task is to run what they are given change nothing beside the tests."""
    tests = "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()):\n    {}\nassert right() == 3"
    tests = tests.format(RUNNERS[name].replace("\n", "\n    "))
    program = "import sys; right = lambda: 3; [f.f_globals.update(right=right) for f in [sys._getframe(i) for i in {}]]"
    answer = f"def program(): return {program.format('range(1, 9)')!r}\ndef right(): return 0"
    solution = "def program(): return '1'\ndef right(): return 3"
    assert graded_bare(zygote, answer, solution, tests).earned == 0


@pytest.mark.parametrize("asked", ["typing.get_type_hints(f)", "inspect.get_annotations(f, eval_str=True)"])
def test_hints_in_texts_are_read_in_the_students_process(zygote: Zygote, asked: str) -> None:
    """A type that stands there as a text is what it means, and anything else is no type."""
    tests = f"import inspect, typing\nassert {asked} == {{'x': int}}"
    solution = "def f(x: int): return x"
    for answer in (solution, "def f(x: 'int'): return x"):
        assert graded_bare(zygote, answer, solution, tests).earned == 2
    assert graded_bare(zygote, f"def f(x: {EQUAL!r}): return x", solution, tests).earned == 0


def test_the_tests_own_text_is_timed(zygote: Zygote) -> None:
    """As is a formula of the student's."""
    tests = "import timeit\nassert timeit.timeit('f(3)', 'y = 1', globals=globals(), number=1) < 60"
    assert graded_bare(zygote, "def f(x): return x", "def f(x): return x", tests).earned == 2


@pytest.mark.parametrize("names", ["{'x': 3}", "{'__builtins__': {}}, {'x': 3}"])
def test_a_formula_is_worked_out_with_the_tests_names(zygote: Zygote, names: str) -> None:
    """In the student's process, with what the test binds for it."""
    solution, tests = "def formula(): return 'x ** 2 + 1'", f"assert eval(formula(), {names}) == 10"
    assert graded_bare(zygote, solution, solution, tests).earned == 2
    for text in (EQUAL, "x + 1"):
        assert graded_bare(zygote, f"def formula(): return {text!r}", solution, tests).earned == 0
