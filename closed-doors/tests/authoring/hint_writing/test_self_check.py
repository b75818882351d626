"""What `course hints` says of a file: who would get the hint of its own idea, known or left out."""

import json
from pathlib import Path

import pytest

from closed_doors.authoring.hint_writing.self_check import left_out, tried
from closed_doors.core.profile import Naming
from support.hints import known

NAMING = Naming(answer="-answer", check="-check")
CALLS = ["f(1)", "f(2)", "f(3)", "f(4)"]
SHOWN = {  # by answer: its idea, and what it gives to the calls
    "twice": ("doubled", [2, 4, 6, 8]),
    "shifted": ("doubled", [2, 4, 6, 7]),
    "negative": ("sign", [-1, -2, -3, -4]),
}


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    folder = tmp_path / "answers" / "petit" / "one"
    for kind, names in (("right", ["plain"]), ("wrong", [*SHOWN, "rare"])):
        (folder / kind).mkdir(parents=True)
        for name in names:
            (folder / kind / f"{name}.py").write_text("def f(n):\n    return n\n")
    rows = [
        f'[[misconceptions]]\nid = "{idea}"\nhint = "Relisez."\nanswers = {[n for n in SHOWN if SHOWN[n][0] == idea]}'
        for idea in ("doubled", "sign")
    ]
    text = "\n".join([f"[probes]\nvalues = {CALLS}", *rows, '[left_out]\nrare = "nobody does this"'])
    (folder / "misconceptions.toml").write_text(text.replace("'", '"'))
    return folder.parent


def written(shown: dict[str, tuple[str, list[float]]]) -> bytes:
    """A file that knows these answers by their names, each with its idea."""
    data = json.loads(known({name: row for name, (_, row) in shown.items()}, CALLS, [1, 2, 3, 4], check="one-check"))
    (exercise,) = data["exercises"]
    for answer, idea in zip(exercise["known"], exercise["ideas"], strict=True):
        answer["idea"] = idea["id"] = shown[answer["name"]][0]
        for n, probe in enumerate(exercise["probes"]):  # what two answers give is one value
            answer["facets"][0][n] = probe["values"].index(probe["values"][answer["facets"][0][n]])
    return json.dumps(data).encode()


def test_an_answer_is_known_by_another_of_its_idea(answers: Path) -> None:
    """Left out, a variant of a known answer gets its hint, and the only one of its kind none."""
    found = left_out(written(SHOWN), answers, NAMING)
    assert (found.shared, found.right, found.alone, found.false) == (2, 2, 1, [])


def test_a_false_hint_is_named(answers: Path) -> None:
    """An answer that gives what another idea's gives would be told that one."""
    mistaken = SHOWN | {"negative": ("sign", [2, 4, 6, 1])}
    found = left_out(written(mistaken), answers, NAMING)
    assert found.false == ["  one negative (sign): doubled"]
    assert list(found.lines())[1] == "left out: 3 in all, 1 would get a hint, 1 a false one"


def test_known_and_left_out_are_both_said(answers: Path) -> None:
    """The command counts the answers that are recognised, of all that there are, and then leaves each out."""
    said = list(tried(written(SHOWN), answers, NAMING))
    assert said[0] == "one: 3 of 4 wrong answers get their hint"
    assert said[-3] == "left out: 2 answers whose misconception another shows, 2 would get its hint"
    assert said[-1] == "left out: 0 more would be told where alone they are wrong"
