"""What of a hints file goes to students: what can't be guessed, is sure, and asks no hidden input."""

import json
from pathlib import Path

from checks.public_hints import hints_for
from closed_doors.authoring.hint_writing.public_hints_file import ROOM, is_made_from, public_hints
from closed_doors.grading.bridge.asked_inputs import digest_of
from closed_doors.grading.protocol.codec import encode
from support.hints import HINT, known

NONE_HIDDEN: frozenset[bytes] = frozenset()
CALLS = [f"f({n})" for n in range(ROOM)]
RIGHT = [float(n) for n in range(ROOM)]
WRONG = [-n for n in RIGHT]
TABLE = known({"sign": WRONG}, CALLS, RIGHT)


def functions(table: bytes, hidden: frozenset[bytes] = NONE_HIDDEN) -> list[dict[str, object]]:
    rows = json.loads(public_hints(table, hidden))["functions"]
    assert isinstance(rows, list)
    return rows


def test_outputs_of_the_wrong_answer_open_its_hint(tmp_path: Path) -> None:
    """In a notebook with that function, and in none with a right one."""
    path = tmp_path / "pistes.json"
    path.write_bytes(public_hints(TABLE, NONE_HIDDEN))
    assert hints_for({"f": lambda n: -n}, {"f"}, path) == (f"Piste\u00a0: {HINT}",)
    assert hints_for({"f": lambda n: n}, {"f"}, path) == ()
    assert HINT not in path.read_text(encoding="utf-8")


def test_too_few_numbers_could_be_guessed() -> None:
    """One number less than the rule asks for, and the function has no hints."""
    assert functions(TABLE)
    assert functions(known({"sign": WRONG[1:]}, CALLS[1:], RIGHT[1:])) == []


def test_an_answer_that_gives_too_few_numbers_has_no_hash() -> None:
    """Where a wrong answer gives nan, nothing needs guessing."""
    assert functions(known({"sign": [float("nan"), *WRONG[1:]]}, CALLS, RIGHT)) == []


def test_two_ideas_with_the_same_outputs_have_no_hash() -> None:
    """Doubt gives no hint."""
    assert functions(known({"sign": WRONG, "other": WRONG}, CALLS, RIGHT)) == []


def test_what_rounds_to_a_right_answer_has_no_hash() -> None:
    """A right answer would open it."""
    assert functions(known({"near": [n + 3e-5 for n in RIGHT]}, CALLS, RIGHT)) == []


def test_a_hidden_input_is_left_out() -> None:
    """The call that hidden tests alone make is not in the file, though the hints file has it."""
    calls, right = [*CALLS, "f(777)"], [*RIGHT, 777.0]
    table = known({"sign": [-n for n in right]}, calls, right)
    hidden = digest_of([encode(777)])
    assert "f(777)" in str(functions(table))
    assert "f(777)" not in str(functions(table, frozenset({hidden})))


def test_another_hints_file_is_noticed() -> None:
    """The salt is made of it: the same file gives the same bytes, another one other hashes."""
    data = public_hints(TABLE, NONE_HIDDEN)
    assert data == public_hints(TABLE, NONE_HIDDEN)
    assert is_made_from(data, TABLE)
    assert not is_made_from(data, TABLE + b" ")
