"""The grading version is raised where a mark changes: this file holds some marks, and reminds of it."""

import json
from pathlib import Path

import pytest

from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.version import GRADING_VERSION
from support.small_notebooks import graded

NOTED = Path(__file__).with_name("marks_by_version.json")
ANSWERS = {
    "right": "def f(x):\n    return 2 * x",
    "right, with a loop": "def f(x):\n    return sum(x for _ in range(2))",
    "right, as an array": "def f(x):\n    return np.array(2) * x",
    "right, with float32": "def f(x):\n    return np.float32(2) * x",
    "right, and prints": "def f(x):\n    print(x)\n    return 2 * x",
    "right, and warns": "import warnings\ndef f(x):\n    warnings.warn('attention')\n    return 2 * x",
    "wrong": "def f(x):\n    return x",
    "wrong for one case": "def f(x):\n    return 2 * x if x != 5 else 0",
    "wrong type": "def f(x):\n    return str(2 * x)",
    "nan": "def f(x):\n    return float('nan')",
    "changes its argument": "def f(x):\n    if isinstance(x, list):\n        x.clear()\n    return 2 * x",
    "raises": "def f(x):\n    raise KeyError(x)",
    "ends the process": "import os\ndef f(x):\n    os._exit(0)",
    "not written": "def f(x):\n    raise NotImplementedError()",
    "not defined": "g = 1",
    "syntax error": "def f(x)\n    return 2 * x",
    "equal to everything": "class E:\n    def __eq__(self, other): return True\ndef f(x):\n    return E()",
    "keeps state": "calls = []\ndef f(x):\n    calls.append(x)\n    return 2 * x if len(calls) < 3 else 0",
}
TESTS = '''
def test_shown():
    """Le double de 3."""
    assert f(3) == 6


@weight(2)
def test_list():
    """Le double d'une liste, qui reste la même."""
    given = [1, 2]
    assert f(given) == [1, 2, 1, 2]
    assert given == [1, 2]


### BEGIN HIDDEN TESTS
@pytest.mark.parametrize("n", [0, 5, -2])
def test_others(n):
    """Le double d'autres nombres."""
    np.testing.assert_allclose(f(n), 2 * n)
### END HIDDEN TESTS
'''


@pytest.mark.timeout(300)
def test_a_changed_mark_raises_the_version(zygote: Zygote) -> None:
    """These answers earn what is noted for this version: if they do not, raise GRADING_VERSION and note the marks."""
    marks = {what: graded(zygote, answer, f"import pytest\n{TESTS}", 8).earned for what, answer in ANSWERS.items()}
    noted = json.loads(NOTED.read_text(encoding="utf-8"))
    assert {"version": GRADING_VERSION, "marks": marks} == noted, (
        f"Work that is graded already would earn other marks: raise GRADING_VERSION, and write to {NOTED.name}:\n"
        + json.dumps({"version": GRADING_VERSION + 1, "marks": marks}, indent=1)
    )
