"""Hints through the real grading path: given to a failure that shows a known idea, and no channel for anything."""

import json
from typing import Any

import pytest

from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.verdict.autograded_notebook import fill
from closed_doors.grading.verdict.verdict import CellVerdict, Graded
from closed_doors.grading.verdict.verdict_file import cell_verdicts
from closed_doors.notebook.rebuild import rebuild
from support.hints import HINT, known
from support.small_notebooks import SETUP, Small

CHECK = '''
def test_three():
    """Le double de 3 est 6."""
    assert f(3) == 6
### BEGIN HIDDEN TESTS
def test_many():
    """Le double de tout nombre."""
    assert [f(n) for n in (123456789, 4)] == [246913578, 8]
### END HIDDEN TESTS
run_tests(points=2)
'''
RIGHT = "def f(x): return 2 * x"
NEGATIVE = "def f(x): return -2 * x"


SIGN = known({"sign": [-2, -10, -14]}, ["f(1)", "f(5)", "f(7)"], [2, 10, 14])


def small(answer: str) -> Small:
    return Small().lesson(SETUP).answer(answer, RIGHT).grading(CHECK)


def verdict_of(result: Graded) -> CellVerdict:
    assert result.complete
    (verdict,) = result.verdicts.values()
    return verdict


def test_a_known_idea_gets_its_hint(zygote: Zygote) -> None:
    """The verdict names the idea, its record too, and the hint stands under the failed criteria in the notebook."""
    notebook = small(NEGATIVE)
    result = notebook.grade(zygote, diagnosis=SIGN)
    verdict = verdict_of(result)
    assert verdict.diagnosis is not None
    assert verdict.diagnosis.id == "sign"
    rebuilt = rebuild(notebook.master, notebook.submitted).notebook
    assert cell_verdicts(rebuilt, result) == (verdict,)
    assert verdict.diagnosis.hint == HINT
    fill(rebuilt, result)
    text = rebuilt["cells"][2]["outputs"][0]["text"]
    assert text.index("✗") < text.index("Piste\u00a0: le signe est oublié")


def test_each_failed_cell_gets_its_own_hint(zygote: Zygote) -> None:
    """Also where the probes of one change what the other's answer remembers: each is asked as the notebook ended."""
    first, second = "n = 1\ndef f(x):\n    global n\n    n = -n\n    return 2 * n * x", "def g(x): return 2 * n * x"
    notebook = Small().lesson(SETUP).answer(first, RIGHT).grading(CHECK)
    notebook.answer(second, "def g(x): return -2 * x").grading(CHECK.replace("f(", "g(").replace("== 6", "== -6"))
    ideas = [("turns", "f", [2, -10, 14], "cell2"), ("sign", "g", [-2, -10, -14], "cell4")]
    exercises = []
    for idea, name, right, check in ideas:
        data = known({idea: [-value for value in right]}, [f"{name}({n})" for n in (1, 5, 7)], right, check=check)
        exercises += json.loads(data)["exercises"]
    result = notebook.grade(zygote, diagnosis=json.dumps({"sources": "", "exercises": exercises}).encode())
    assert result.complete
    assert [v.diagnosis and v.diagnosis.id for v in result.verdicts.values()] == ["turns", "sign"]


@pytest.mark.parametrize(
    "answer", [RIGHT, "def f(x): return 2 * x if x != 4 else 0", "def f(x): return x", "def f(x): return 1 / 0"]
)
def test_other_answers_get_none(zygote: Zygote, answer: str) -> None:
    """A right answer has no hint, nor has a wrong one that shows no known idea."""
    result = small(answer).grade(zygote, diagnosis=SIGN)
    assert verdict_of(result).diagnosis is None


def test_both_ways_give_the_same(zygote: Zygote) -> None:
    """A cell that ends the process has the work graded carefully; the other cell's verdict, hint included, is equal."""
    plain = small(NEGATIVE).grade(zygote, diagnosis=SIGN)
    careful = small(NEGATIVE).own("import os; os._exit(1)").grade(zygote, diagnosis=SIGN)
    assert careful.remarks
    assert verdict_of(careful) == verdict_of(plain)


def test_marks_do_not_depend_on_hints(zygote: Zygote) -> None:
    """Probes run after all tests: an answer that counts its calls earns the same with them and without."""
    answer = "calls = 0\ndef f(x):\n    global calls\n    calls += 1\n    return 2 * x if calls < 3 else -2 * x"
    with_hints = verdict_of(small(answer).grade(zygote, diagnosis=SIGN))
    without = verdict_of(small(answer).grade(zygote))
    assert with_hints.report == without.report
    assert with_hints.earned == without.earned


def test_probes_ask_a_process_that_no_hidden_test_has_called(zygote: Zygote) -> None:
    """Code that remembers hidden inputs can't choose a hint with them: the fork that answers probes has none."""
    answer = "seen = []\ndef f(x):\n    seen.append(x)\n    return -2 * x if 123456789 in seen or x == 3 else 0"
    verdict = verdict_of(small(answer).grade(zygote, diagnosis=SIGN))
    assert verdict.earned == 0
    assert verdict.diagnosis is None


REPLY = "import closed_doors.grading.student.worker as w\nw.run_program = lambda *_: {}\n" + NEGATIVE
HOSTILE = {
    "ends": "def f(x):\n    if x == 5:\n        import os; os._exit(0)\n    return -2 * x",
    "hangs": "def f(x):\n    if x == 5:\n        import time; time.sleep(60)\n    return -2 * x",
    "breaks": "def f(x):\n    if x == 5:\n        raise SystemExit\n    return -2 * x if x != 7 else print",
    "no list": REPLY.format("'x'"),
    "too few": REPLY.format("[]"),
    "other rows": REPLY.format("[1, 2, 3]"),
    "no numbers": REPLY.format("[['numbers []', 'x', 'number', False]] * 3"),
    "other dimensions": REPLY.format("[['numbers []', __import__('numpy').ones((1, 1)), 'number', False]] * 3"),
    "too many numbers": REPLY.format("[['numbers []', __import__('numpy').ones(5000), 'number', False]] * 3"),
    "a long form": REPLY.format("[['x' * 20000, __import__('numpy').ones(1), 'number', False]] * 3"),
    "much": REPLY.format("['x' * (1 << 20)] * 3 * 6"),
    "never ends": REPLY.format("[__import__('time').sleep(60)]"),
    "broken tools": "import numpy, math\nnumpy.abs = numpy.array = numpy.asarray = math.isnan = None\n" + NEGATIVE,
    "broken builtins": "import builtins\n" + NEGATIVE + "\nbuiltins.isinstance = builtins.sorted = None",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_whatever_probes_meet_there_are_marks(zygote: Zygote, case: str) -> None:
    """An answer that ends, hangs, breaks or lies at a probe has its verdict, and nothing to review."""
    result = small(HOSTILE[case]).grade(zygote, diagnosis=SIGN)
    assert verdict_of(result).earned == 0
    assert verdict_of(result).diagnosis is None or "broken" in case
    assert result.remarks == []


def test_a_probe_whose_setup_fails_gives_no_hint(zygote: Zygote) -> None:
    """A mistake in the diagnosis file costs the hint, never the mark."""
    broken: Any = known({"sign": [-2, -10]}, ["f(1)", "f(5)"], [2, 10], setup="1 / 0")
    assert verdict_of(small(NEGATIVE).grade(zygote, diagnosis=broken)).diagnosis is None
