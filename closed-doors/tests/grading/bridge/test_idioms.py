"""Tests written as people write them are graded right from outside, or refused by name before a student is."""

import contextlib
import io
from functools import cache
from pathlib import Path

import pytest

from closed_doors.grading.clocks.deadlines import Deadlines
from closed_doors.grading.master_proof import Refusal, refusals
from closed_doors.grading.processes.supervisor import prove
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.verdict.verdict import Graded
from closed_doors.notebook.plan import Step, plan
from support.idioms import IDIOMS, IDIOMS_APART, LESSON, REFUSED
from support.small_notebooks import Small

POINTS = 2


def _steps(pairs: dict[str, tuple[str, str]]) -> tuple[list[Step], dict[str, int]]:
    small, places = Small().lesson(LESSON), {}
    for name, (answer, tests) in pairs.items():
        if answer:
            small.answer(answer)
        places[name] = len(small.master.cells)
        small.grading(tests, POINTS)
    return plan(small.master, small.master), places


@cache
def _proved(zygote: Zygote, apart: bool) -> tuple[Graded, dict[str, int]]:
    steps, places = _steps(IDIOMS_APART if apart else IDIOMS)
    return prove(zygote, steps, Deadlines(30, 300)), places


@cache
def _refused(zygote: Zygote) -> dict[str, Refusal]:
    steps, places = _steps({name: (answer, tests) for name, (answer, tests, _) in REFUSED.items()})
    found = {refusal.number - 1: refusal for refusal in refusals(steps, prove(zygote, steps, Deadlines(30, 300)))}
    return {name: found[place] for name, place in places.items() if place in found}


@pytest.mark.parametrize("name", [*IDIOMS, *IDIOMS_APART])
def test_a_solution_earns_everything(zygote: Zygote, name: str) -> None:
    """What passes in an ordinary kernel passes behind closed doors."""
    graded, places = _proved(zygote, name in IDIOMS_APART)
    verdict = graded.verdicts[places[name]]
    assert verdict.earned == (1 if name == "partial credit" else POINTS), verdict.traces


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_idioms_pass_in_an_ordinary_namespace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list holds nothing that an ordinary kernel would not take."""
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {"__name__": "elsewhere"}
    exec(LESSON, namespace)
    for name, (answer, tests) in (IDIOMS | IDIOMS_APART).items():
        if any(word in tests for word in ("getsource", "__main__", "unittest.main")):
            continue
        with contextlib.redirect_stdout(io.StringIO()):
            exec(answer, namespace)
            exec(tests, namespace)
        assert name


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_decided_is_refused(zygote: Zygote, name: str) -> None:
    """A cell that asks for identity, frames or references is named, with its line and what to write instead."""
    refusal = _refused(zygote)[name]
    assert refusal.line > 0
    assert REFUSED[name][2] in refusal.said()
