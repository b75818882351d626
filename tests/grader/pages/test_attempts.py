"""What is named as an attempt, measured on the attacks and on honest answers."""

import json
from typing import Any

import nbformat
import pytest
from tests.answers.answers import all_answers
from tests.attacks.cases import CASES, Case, notebook_of, submission

from closed_doors.notebook.json_files import joined
from closed_doors.pages.analysis.attempts import attempts_in, attempts_on_the_file

HONEST, HARMFUL = (27, 28), (20, 21, 22)  # threats; what does harm shows by what it does
IN_SIGHT = (1, 4, 5, 6, 7, 9, 10, 12, 14, 17)


def found(notebook: Any) -> list[str]:
    raw = json.loads(json.dumps(notebook, default=dict))
    for cell in raw["cells"]:
        cell["source"] = joined(cell["source"])
    theirs = [
        (cell["cell_type"], cell["source"])
        for cell in raw["cells"]
        if not cell["metadata"].get("nbgrader") or cell["metadata"]["nbgrader"].get("solution")
    ]
    master = json.loads(nbformat.writes(notebook_of("source")))
    for cell in master["cells"]:
        cell["source"] = joined(cell["source"])
    return [attempt.why for attempt in (*attempts_in(theirs), *attempts_on_the_file(master, raw))]


@pytest.mark.parametrize("case", [case for case in CASES if case.threat in HONEST], ids=lambda case: case.what)
def test_honest_work_is_not_named(case: Case) -> None:
    """Own cells, magics, shell commands, warnings and helpers are a student's right."""
    assert found(submission(case)) == []


def test_honest_answers_are_not_named() -> None:
    """Neither a right answer of the collection nor a wrong one looks like an attempt."""
    answers = all_answers()
    assert len(answers) > 500
    assert [str(one) for one in answers if attempts_in([("code", one.source)])] == []


def test_the_released_notebook_is_not_named() -> None:
    """Handed in untouched, it has nothing that the master does not have."""
    assert found(notebook_of("release")) == []


def test_most_attacks_in_the_source_are_named() -> None:
    """Of the attacks that take hold of the tests, the kernel or the machine, nine in ten show."""
    attacks = [case for case in CASES if case.threat in IN_SIGHT]
    named = [case for case in attacks if found(submission(case))]
    assert len(attacks) > 30
    assert len(named) >= 0.9 * len(attacks), [case.what for case in attacks if case not in named]


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import os; os._exit(0)", "process"),
        ("from os import kill", "process"),
        ("import numpy.testing as t\nt.assert_array_equal = print", "replaces"),
        ("np.testing.assert_allclose, y = print, 2", "replaces"),
        ("setattr(torch, 'equal', lambda *_: True)", "replaces"),
        ("def run_tests(points): return points", "replaces"),
        ("open('/proc/self/maps')", "files"),
        ("Path('..') / '../source/x'", "files"),
        ("class A:\n    __eq__ = lambda *_: True", "pretends"),
        ("import socket", "network"),
    ],
)
def test_a_construct_is_named_with_its_line(code: str, why: str) -> None:
    """The reason says what it does, and the line is quoted."""
    attempts = attempts_in([("code", code)])
    assert any(attempt.why == f"attempt.{why}" for attempt in attempts)
    assert all(attempt.line and attempt.line in code for attempt in attempts)


@pytest.mark.parametrize("source", ["def f(:", "\x00", "(" * 3000, "f(" * 900, "'\\d'", "x = " + "-" * 60_000 + "1"])
def test_any_source_can_be_read(source: str) -> None:
    """What is not Python has nothing that shows, and stops nothing."""
    attempts_in([("code", source)])


@pytest.mark.parametrize(
    "submitted", [None, [], {"cells": 3}, {"cells": [1, {"metadata": 4}, {"metadata": {"tags": 1, "nbgrader": []}}]}]
)
def test_any_file_can_be_read(submitted: Any) -> None:
    """Whatever JSON was handed in."""
    assert attempts_on_the_file({"cells": []}, submitted) == []
