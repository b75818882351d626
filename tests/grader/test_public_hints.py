"""What goes to students of the course's hints: right names or none, nothing in the clear, no hidden input."""

import json
import re

import pytest
from tests.answers.answers import hints_of, known_of
from tests.conftest import ROOT

from checks.public_hints import hints_for
from checks.time_limits import TimeLimitExceeded, call_within
from closed_doors.authoring.hint_writing.hints_file import write_public_hints
from closed_doors.core.layout import Layout
from closed_doors.core.profile import read_profile
from closed_doors.grading.hints.matching import diagnose_rows, read_tables
from closed_doors.grading.processes.zygote_handle import Zygote

LAYOUT = Layout(ROOT)
ASSIGNMENT = "masque_causal"
PATH = LAYOUT.public_hints(ASSIGNMENT, ASSIGNMENT)
SETUP = "import numpy as np\nimport torch"
TOLD_AT_LEAST = 40  # of 93 labelled wrong answers to three exercises


def told(source: str) -> tuple[str, ...]:
    """Return what a notebook with this answer would be told, whatever test was missed."""
    names: dict[str, object] = {}
    exec(f"{SETUP}\n{source}", names)
    found: list[tuple[str, ...]] = []
    try:
        call_within(lambda: found.append(hints_for(names, set(names), PATH)), 60)
    except TimeLimitExceeded:
        return ()
    return tuple(line.removeprefix("Piste\u00a0: ") for line in found[0])


@pytest.mark.timeout(600)
@pytest.mark.filterwarnings("ignore")
def test_labelled_answers_are_told_what_grading_tells_them(capsys: pytest.CaptureFixture[str]) -> None:
    """Each wrong answer gets the hint that grading gives it, or none; right answers get none."""
    check = read_profile(ROOT).naming.check
    count = 0
    for row in json.loads(hints_of(ASSIGNMENT))["exercises"]:
        known = known_of(ASSIGNMENT)[row["check"].removesuffix(check)]
        exercise = read_tables(hints_of(ASSIGNMENT))[row["check"]]
        for answer in row["known"]:
            graded = {found.hint for found in diagnose_rows(exercise, [*map(tuple, answer["facets"])])}
            found = told(known.wrong[answer["name"]])
            assert set(found) <= graded, answer["name"]
            count += bool(found)
        for source in known.right:
            assert told(source) == ()
    capsys.readouterr()  # an answer may print
    assert count >= TOLD_AT_LEAST


@pytest.mark.parametrize("assignment", LAYOUT.assignments())
def test_nothing_stands_there_in_the_clear(assignment: str) -> None:
    """No hint, no name of one, no line of an answer, no output; only names, imports, calls and hashes."""
    text = LAYOUT.public_hints(assignment, assignment).read_text(encoding="utf-8")
    rows = json.loads(text)["functions"]
    assert rows
    assert all(row.keys() == {"name", "imports", "calls", "known"} for row in rows)
    hashes = [pair for row in rows for pair in row["known"].items()]
    assert all(re.fullmatch("[0-9a-f]{32}", tag) and re.fullmatch("[A-Za-z0-9+/]+=*", sealed) for tag, sealed in hashes)
    readable = "\n".join(line for row in rows for line in (row["name"], row["imports"], *row["calls"]))
    for exercise in known_of(assignment).values():
        assert not [each for each in exercise.misconceptions if each.hint in text or f'"{each.id}"' in text]
        sources = [*exercise.right, *exercise.wrong.values()]
        lines = {line.strip() for source in sources for line in source.splitlines() if line.startswith(" ")}
        assert not [line for line in lines if len(line) > 8 and line in readable]


def test_it_is_what_the_master_gives_and_asks_no_hidden_input(zygote: Zygote) -> None:
    """Written once more it is the same; calls of the hints file that hidden tests alone make are not in it."""
    table = hints_of(ASSIGNMENT)
    assert write_public_hints(zygote, LAYOUT, ASSIGNMENT, table) == PATH.read_bytes()
    calls = {call for row in json.loads(PATH.read_bytes())["functions"] for call in row["calls"]}
    examples = {each.call for exercise in read_tables(table).values() for each in exercise.examples}
    assert calls < examples
