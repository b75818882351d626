"""The list of equivalent mutants is read strictly: an entry without a reason explains nothing."""

from pathlib import Path

import pytest

from closed_doors.authoring.quality.equivalent_mutants import read_equivalents
from closed_doors.core.errors import QualityError

ENTRY = '[[mutant]]\nexercise = "e"\nwhere = "f"\nbefore = "a"\nafter = "b"\nreason = "{}"\n'


def test_entries_are_read(tmp_path: Path) -> None:
    """Where there is no file, nothing is equivalent."""
    path = tmp_path / "equivalent.toml"
    assert read_equivalents(path) == []
    path.write_text(ENTRY.format("The same number."), encoding="utf-8")
    (equivalent,) = read_equivalents(path)
    assert equivalent.key == ("e", "f", "a", "b")
    assert equivalent.reason == "The same number."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[mutant", "can't be read as TOML"),
        ('[[mutant]]\nexercise = "e"\n', "mutant 1: expected the texts exercise, where"),
        (ENTRY.format("  "), "needs a reason"),
        ("mutant = [3]\n", "mutant 1: expected"),
    ],
)
def test_what_is_no_entry_is_refused(tmp_path: Path, text: str, expected: str) -> None:
    """The message says which entry, and what was expected."""
    path = tmp_path / "equivalent.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(QualityError, match=expected):
        read_equivalents(path)
