"""The attacks that `course attack` tries are real: they pay where no door is closed, and leave answers as they were."""

import ast
import json
import re
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec

import pytest

from closed_doors.authoring.quality.attacks import Attack, attacks
from closed_doors.authoring.quality.grade_one_answer import Exercise
from closed_doors.authoring.quality.labelled_answers import Answer
from closed_doors.authoring.quality.twins import pairs_of
from closed_doors.core.assignment_files import NO_FILES
from closed_doors.notebook.plan import Role, Step

LESSON = "import numpy as np\nfrom checks import run_tests"
CHECK = """
def test_twice():
    given = np.arange(1.0, 5.0)
    expected = 2 * np.arange(1.0, 5.0)
    np.testing.assert_array_equal(double(given), expected)

def test_from_the_argument():
    given = np.arange(1.0, 5.0)
    np.testing.assert_array_equal(double(given), 2 * given)

def test_equal():
    given = np.arange(1.0, 5.0)
    assert np.array_equal(double(given), 2 * np.arange(1.0, 5.0))

def test_all_equal():
    assert (double(np.arange(1.0, 5.0)) == 2 * np.arange(1.0, 5.0)).all()

earned = run_tests(points=4)
"""
EXERCISE = Exercise("e", "e-reponse", 1, "def double(x):\n    return 2 * x", (Step(1, Role.GRADING, CHECK),), NO_FILES)
WRONG = "def double(x):\n    return 1 * x"
# What an ordinary notebook does with an answer cell and the cell that checks it.
KERNEL = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for source in json.loads(sys.stdin.read()):
    shell.run_cell(source)
sys.__stdout__.write(f"\\nEARNED {shell.user_ns.get('earned')!r}\\n")
sys.__stdout__.flush()
__import__("os")._exit(0)
"""
PAY = {
    "arguments zeroed first",
    "equal to everything",
    "expected values looked for",
    "libraries patched",
    "names of the tests defined",
}


def earned_with_open_doors(source: str) -> float:
    text = json.dumps([LESSON, source, CHECK])
    done = subprocess.run([sys.executable, "-c", KERNEL], input=text, capture_output=True, text=True, timeout=120)
    said = [line.removeprefix("EARNED ") for line in done.stdout.splitlines() if line.startswith("EARNED ")]
    return float(ast.literal_eval(said[-1])) if said and said[-1] != "None" else 0.0


@pytest.mark.parametrize("attack", [each for each in attacks() if each.name in PAY], ids=lambda each: each.name)
def test_an_attack_pays_where_no_door_is_closed(attack: Attack) -> None:
    """In one process with the tests it earns what the answer as it is does not."""
    assert earned_with_open_doors(attack.added_to(WRONG, EXERCISE, ["course"])) > 0


def test_the_answer_as_it_is_earns_nothing() -> None:
    """So that what an attack earns is the attack's."""
    assert earned_with_open_doors(WRONG) == 0


def test_every_attack_is_code_that_says_what_it_does() -> None:
    """There are many kinds, each compiles below an answer, and no two have one name."""
    every = attacks()
    assert len(every) >= 20
    assert len({each.name for each in every}) == len(every) == len({each.code for each in every})
    for each in every:
        assert each.what
        compile(each.added_to(WRONG, EXERCISE, ["course"]), each.name, "exec")


def test_modules_of_the_grader_that_are_attacked_exist() -> None:
    """An attack on a module that was renamed would attack nothing, and seem to pay nothing."""
    named = {name for each in attacks() for name in re.findall(r'modules\.get\("(closed_doors[^"]*)"\)', each.code)}
    assert named
    for name in named:
        assert find_spec(name), name
    side = import_module("closed_doors.grading.bridge.worker_side")
    assert {"Value", "Raised", "OutOfTime", "Stop"} <= vars(side).keys()


def test_a_sample_is_chosen_by_its_seed_and_covers_all() -> None:
    """The same seed gives the same pairs; each attack and each exercise comes about as often as any other."""
    answers = [Answer("a", f"e{n % 3}", False, f"w{n}", "", (), "x = 1") for n in range(30)]
    chosen = pairs_of(answers, attacks(), sample=66, seed=4)
    assert list(map(str, chosen)) == list(map(str, pairs_of(answers, attacks(), sample=66, seed=4)))
    assert list(map(str, chosen)) != list(map(str, pairs_of(answers, attacks(), sample=66, seed=5)))
    assert {pair.attack.name for pair in chosen} == {each.name for each in attacks()}
    counts = [sum(pair.answer.exercise == f"e{n}" for pair in chosen) for n in range(3)]
    assert max(counts) - min(counts) <= 2
    assert [pair.answer.exercise for pair in chosen] == sorted(pair.answer.exercise for pair in chosen)
    assert len(pairs_of(answers, attacks())) == 30 * len(attacks())
