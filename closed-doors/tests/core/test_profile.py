"""course.toml: every key optional, and every mistake in it named."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from closed_doors.core.errors import ProfileError
from closed_doors.core.profile import PROFILE_NAME, Profile, read_profile

# What stands in the file; the key that is named, what was expected, what came.
WRONG = {
    "unknown": ("colour = 1", "key colour", "one of language, scale", ""),
    "unknown in a table": ('[naming]\nanser = "x"', "key naming.anser", "one of answer, check", ""),
    "unknown of an assignment": ("[assignments.a]\nclose = 1", "key assignments.a.close", "closes, given", ""),
    "number": ('scale = "vingt"', "key scale", "a number above 0", "'vingt'"),
    "negative": ("scale = -1", "key scale", "a number above 0", "-1"),
    "language": ('language = "klingon"', "key language", "fr or en", "'klingon'"),
    "table": ("packages = 3", "key packages", "a table", "3"),
    "list": ('[packages]\nown = "a"', "key packages.own", "list of packages' names", "'a'"),
    "name": ('[packages]\nown = ["fine", "not fine"]', "key packages.own[1]", "list of packages' names", "'not fine'"),
    "date without a zone": (
        "[assignments.a]\ncloses = 2027-01-15T23:59:00",
        "key assignments.a.closes",
        "with its zone",
        "2027-01-15T23:59:00",
    ),
    "day": ("[assignments.a]\ncloses = 2027-01-15", "key assignments.a.closes", "with its zone", "2027-01-15"),
    "assignments": ("assignments = 3", "key assignments", "a table for each assignment", "3"),
    "outside": ('[folders]\nanswers = "../x"', "key folders.answers", "inside the course", "'../x'"),
    "same suffixes": ('[naming]\ncheck = "-reponse"', "key naming.check", "another suffix", "'-reponse'"),
    "own module warm": (
        '[packages]\nown = ["a"]\nwarm = ["a.b"]',
        "key packages.warm",
        "modules of libraries",
        "'a.b'",
    ),
    "no TOML": ("scale = [", "can't be read as TOML", "", ""),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_named(case: str, tmp_path: Path) -> None:
    """The message says the file, the key, what was expected and what came."""
    text, key, expected, came = WRONG[case]
    path = tmp_path / PROFILE_NAME
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProfileError) as caught:
        read_profile(tmp_path)
    message = str(caught.value)
    for part in (str(path), key, expected, came):
        assert part in message, message


def test_a_course_without_a_profile_has_every_default(tmp_path: Path) -> None:
    """An ordinary nbgrader course needs no file."""
    assert read_profile(tmp_path) == Profile()


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    """Each kind of key arrives with its type; dates with their zone."""
    (tmp_path / PROFILE_NAME).write_text(
        'scale = 20\n[packages]\nown = ["outils"]\nwarm = ["numpy.testing"]\n'
        "[assignments.petit]\ncloses = 2027-01-15T23:59:00+01:00\n",
        encoding="utf-8",
    )
    profile = read_profile(tmp_path)
    assert profile.scale == 20
    assert profile.packages.own == ("outils",)
    assert profile.assignments["petit"].closes == datetime(2027, 1, 15, 22, 59, tzinfo=UTC)
