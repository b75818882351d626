"""Work in submitted/ that lies in nobody's folder."""

import unicodedata

import pytest

from closed_doors.classroom.misplaced_work import misplaced_work
from closed_doors.classroom.read_submissions import find_students
from closed_doors.core.errors import LayoutError
from closed_doors.nbgrader.settings import read_settings
from support.courses import ASSIGNMENT, RIGHT, SmallCourse


def test_what_is_graded_for_nobody_is_named(course: SmallCourse) -> None:
    """A notebook beside students' folders, beside assignments', in a misspelt one, or with both names swapped."""
    course.submit("alice", RIGHT)
    for place in (
        "seul.ipynb",
        "bruno/petit.ipynb.txt",
        "chloé/Petit/petit.ipynb",
        f"{ASSIGNMENT}/damien/petit.ipynb",
        "alice/petti/petit.ipynb",
        "emma/autre_devoir/autre.ipynb",
        ".cache/petit.ipynb",
        "lisez-moi.txt",
    ):
        path = course.root / "submitted" / unicodedata.normalize("NFC", place)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    found = dict(misplaced_work(read_settings(course.root), ASSIGNMENT))
    assert list(found) == [
        "submitted/bruno/petit.ipynb.txt",
        "submitted/chloé/Petit",
        "submitted/petit",
        "submitted/seul.ipynb",
    ]
    assert found["submitted/chloé/Petit"].endswith("work is taken from submitted/chloé/petit/")


def test_where_nobody_has_handed_in_the_message_says_what_lies_there(course: SmallCourse) -> None:
    """An instructor who has put work into the wrong folder reads which, and where it belongs."""
    path = course.root / "submitted" / "alice" / f"{ASSIGNMENT}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    with pytest.raises(LayoutError, match=r"submitted/alice/petit\.ipynb: .* taken from submitted/alice/petit/"):
        find_students(read_settings(course.root), ASSIGNMENT)
