"""Public examples of what hidden tests refuse: with what is right there, and never a hidden input."""

import json
from typing import Any

import numpy as np
import pytest

from closed_doors.grading.hints.examples import examples_of, text_of
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.student.probe_observation import error_value, value_of
from closed_doors.grading.verdict.autograded_notebook import fill
from closed_doors.grading.verdict.verdict import CellVerdict, Witness
from closed_doors.notebook.rebuild import rebuild
from support.small_notebooks import SETUP, Small

RIGHT = "def f(x):\n    return 2 * x"
CHECK = """
def test_shown():
    'Le double de 3.'
    assert f(3) == 6
### BEGIN HIDDEN TESTS
def test_many():
    'Le double de tout nombre.'
    for n in range(5, {most}):
        assert f(n) == 2 * n
### END HIDDEN TESTS
run_tests(points=2)"""


def table(calls: list[str], values: list[list[Any]], setup: str = "") -> bytes:
    """Return a hints file of one exercise: the first value of each call is right, others were seen."""
    probes = [
        {
            "part": "values",
            "call": call,
            "expects_error": False,
            "values": [value_of(value).plain() for value in seen],
            "containers": ["", "number"],
            "right": [[0], [0, 1]],
        }
        for call, seen in zip(calls, values, strict=True)
    ]
    exercise = {"check": "cell2", "setup": setup, "ideas": [], "probes": probes, "known": []}
    return json.dumps({"sources": "", "exercises": [exercise]}).encode()


def verdict(zygote: Zygote, answer: str, data: bytes, most: int = 9) -> CellVerdict:
    small = Small().lesson(SETUP).answer(answer, RIGHT).grading(CHECK.format(most=most))
    (found,) = small.grade(zygote, diagnosis=data, prove=True).verdicts.values()
    return found


LEARNT = "def f(x):\n    return {3: 6, 4: 8}.get(x, 0)"  # right where visible tests look


@pytest.mark.parametrize(("most", "shown"), [(9, "f(20)"), (21, "f(30)"), (31, None)])
def test_an_input_of_hidden_tests_is_no_example(zygote: Zygote, most: int, shown: str | None) -> None:
    """Whatever the answer's own hidden tests came to: what they ask of the solution decides, in a loop too."""
    data = table(["f(7)", "f(20)", "f(30)"], [[14, 0], [40, 0], [60, 0]])
    witness = verdict(zygote, LEARNT, data, most).witness
    assert (witness.call if witness else None) == shown


def test_an_example_says_what_is_right_and_what_came(zygote: Zygote) -> None:
    """In the verdict and under the tests; a value that nobody has seen is not quoted: it could be a hidden one."""
    data = table(["f(3)", "f(20)"], [[6], [40, 0]])
    assert verdict(zygote, LEARNT, data).witness == Witness("f(20)", "40", "0")
    assert verdict(zygote, LEARNT.replace("0)", "99)"), data).witness == Witness("f(20)", "40")
    notebook = Small().lesson(SETUP).answer(LEARNT, RIGHT).grading(CHECK.format(most=9))
    graded = notebook.grade(zygote, diagnosis=data, prove=True)
    rebuilt = rebuild(notebook.master, notebook.submitted).notebook
    fill(rebuilt, graded)
    text = rebuilt["cells"][2]["outputs"][0]["text"].replace("\u00a0", " ")
    assert "Par exemple, f(20) doit donner 40 ; votre code donne 0." in text


@pytest.mark.parametrize(
    "answer", [RIGHT, "def f(x):\n    raise NotImplementedError()", "def f(x)", "def f(x):\n    return 6"]
)
def test_most_answers_need_none(zygote: Zygote, answer: str) -> None:
    """A right answer, one that is not written, one whose cell failed, and one that is right at every example."""
    assert verdict(zygote, answer, table(["f(3)"], [[6]])).witness is None


def test_without_the_solution_nothing_is_shown(zygote: Zygote) -> None:
    """Where it is not known what hidden tests ask, any input could be theirs."""
    small = Small().lesson(SETUP).answer(LEARNT, RIGHT).grading(CHECK.format(most=9))
    (found,) = small.grade(zygote, diagnosis=table(["f(20)"], [[40, 0]])).verdicts.values()
    assert found.witness is None


def test_inputs_are_written_out() -> None:
    """An input that is made once, of what is written there, stands in the call; others make no example."""
    setup = (
        "import numpy as np\nrow = np.array([1.0, 2.0])\ntwice = 2 * row\ndrawn = np.random.rand(3)\n"
        "changed = np.zeros(2)\nchanged[0] = 1\ndef through(x):\n    return f(x)"
    )
    calls = [
        "f(row)",
        "f(twice[:1])",
        "f(drawn)",
        "f(changed)",
        "through(row)",
        "f(lambda: 1)",
    ]
    assert [each.call for each in examples_of(setup, calls)] == [
        "f(np.array([1.0, 2.0]))",
        "f((2 * np.array([1.0, 2.0]))[:1])",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.tri(2), "[[1, 0], [1, 1]]"),
        (0.5, "0.5"),
        (True, "1"),
        (np.array([np.nan, -np.inf]), "[nan, -inf]"),
        (None, "None"),
        (np.zeros((2, 0)), "[[], []]"),
        (np.zeros(100), ""),
        ("text", ""),
        ((1, "a"), ""),
    ],
)
def test_a_value_is_written_as_python_does(value: object, text: str) -> None:
    """Small numbers, in their shape; nothing where it would be long."""
    assert text_of(value_of(value)) == text


def test_an_error_is_named() -> None:
    """By its type alone."""
    assert text_of(error_value(ValueError("4711"))) == "ValueError"
