"""received.csv as people leave it."""

import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from closed_doors.core.errors import LayoutError
from closed_doors.nbgrader.receipts import Receipts, add_receipt, read_receipts, write_receipts

MOMENT = datetime(2026, 10, 12, 21, 58, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "student_id,assignment_id,received\nalice,petit,2026-10-12T23:58:03+02:00\n",
        " Student_ID , assignment_id , RECEIVED \n\n  Alice  ,  Petit , 2026-10-12 23:58:03+02:00  \n,,\n",
        "\ufeffstudent_id;assignment_id;received\r\nalice;petit;2026-10-12T21:58:03Z\r\n;;\r\n",
        "student_id\tassignment_id\treceived\nalice\tpetit\t2026-10-12T23:58:03+02:00\n",
        "received,note,student_id,assignment_id\n2026-10-12 21:58:03 UTC,par courriel,ALICE,petit\n",
    ],
)
def test_blanks_case_and_separators_do_not_matter(tmp_path: Path, text: str) -> None:
    """What a spreadsheet or a tired person makes of the file says the same."""
    (tmp_path / "received.csv").write_text(text, encoding="utf-8")
    assert read_receipts(tmp_path).of("alice", "petit") == MOMENT


def test_an_accent_has_two_spellings(tmp_path: Path) -> None:
    """A Mac writes an accent as a sign of its own; the name is the same, in another case too."""
    mac = unicodedata.normalize("NFD", "Zoé")
    (tmp_path / "received.csv").write_text(f"student_id,assignment_id,received\n{mac},petit,2026-10-12T21:58:03Z\n")
    found = read_receipts(tmp_path)
    assert found.of(unicodedata.normalize("NFC", "zoé"), "petit") == MOMENT
    assert not list(found.strangers("petit", ["zoé"], ["petit"]))


def test_the_exact_name_goes_first(tmp_path: Path) -> None:
    """Two people whose ids differ in their case only have a line each."""
    lines = "Anna,petit,2026-10-12T23:58:03+02:00\nanna,petit,2026-10-13T00:00:00+00:00\n"
    (tmp_path / "received.csv").write_text(f"student_id,assignment_id,received\n{lines}")
    found = read_receipts(tmp_path)
    assert found.of("Anna", "petit") == MOMENT
    assert found.of("anna", "petit") == datetime(2026, 10, 13, tzinfo=UTC)


def test_lines_that_fit_nobody_are_named(tmp_path: Path) -> None:
    """A misspelt student or assignment is told with its line; other assignments of the course are not looked at."""
    keys = [("alice", "petit"), ("alise", "petit"), ("bruno", "grand"), ("bruno", "petti")]
    write_receipts(tmp_path, dict.fromkeys(keys, MOMENT))
    found = read_receipts(tmp_path).strangers("petit", ["Alice"], ["petit", "grand"])
    assert [(line.number, line.student, line.assignment) for line in found] == [
        (3, "alise", "petit"),
        (5, "bruno", "petti"),
    ]


def test_a_later_line_in_another_case_is_named(tmp_path: Path) -> None:
    """It looks like a correction, and the line with the exact names goes first: somebody has to know."""
    lines = "ALICE,petit,2026-10-11T00:00Z\nalice,petit,2026-10-12T00:00Z\nAlice,petit,2026-10-10T00:00Z\n"
    (tmp_path / "received.csv").write_text(f"student_id,assignment_id,received\n{lines}")
    found = read_receipts(tmp_path)
    assert [line.number for line in found.strangers("petit", ["alice"], ["petit"])] == [4]
    assert not list(found.strangers("petit", ["alice", "Alice", "ALICE"], ["petit"]))


def test_a_time_that_is_to_come_is_named(tmp_path: Path) -> None:
    """A slip in the year is no lateness of years in silence; clocks that differ are not reported."""
    write_receipts(tmp_path, {("alice", "petit"): MOMENT, ("bruno", "petit"): MOMENT + timedelta(days=365)})
    found = read_receipts(tmp_path)
    assert [line.student for line in found.to_come("petit", MOMENT)] == ["bruno"]
    assert not list(found.to_come("petit", MOMENT + timedelta(days=365, minutes=-10)))
    assert not list(found.to_come("grand", MOMENT))


def test_a_spreadsheets_unicode_text_is_read(tmp_path: Path) -> None:
    """Tabs, and two bytes a sign."""
    text = "student_id\tassignment_id\treceived\nzoé\tpetit\t2026-10-12T21:58:03Z\n"
    (tmp_path / "received.csv").write_bytes(text.encode("utf-16"))
    assert read_receipts(tmp_path).of("zoé", "petit") == MOMENT


@pytest.mark.parametrize("time", ["hier", "2026-10-12T23:58:03", "12/10/2026", ""])
def test_a_time_that_is_none_is_named_with_its_line(tmp_path: Path, time: str) -> None:
    """No offset, no date, nothing: the line, and what was expected."""
    (tmp_path / "received.csv").write_text(f"student_id,assignment_id,received\n\nalice,petit,{time}\n")
    with pytest.raises(LayoutError, match=r"line 3: .*2026-10-12T23:58:03\+02:00"):
        read_receipts(tmp_path)


def test_a_line_is_added_and_the_rest_stays(tmp_path: Path) -> None:
    """What is said before and after is what the whole file says; of two lines for a work the last one counts."""
    write_receipts(tmp_path, {("alice", "petit"): MOMENT, ("bruno", "petit"): MOMENT})
    before, later = read_receipts(tmp_path), MOMENT + timedelta(days=1)
    data = (tmp_path / "received.csv").read_bytes()
    add_receipt(tmp_path, "chloe", "petit", later)
    add_receipt(tmp_path, "alice", "petit", later)
    assert (tmp_path / "received.csv").read_bytes().startswith(data)
    found = read_receipts(tmp_path)
    assert [found.of(student, "petit") for student in ("alice", "Bruno", "CHLOE")] == [later, MOMENT, later]
    assert before.of("alice", "petit") == MOMENT
    assert [line.number for line in found.strangers("petit", ["alice"], ["petit"])] == [3, 4]


def test_what_people_change_above_added_lines_counts(tmp_path: Path) -> None:
    """An edit in the middle of the file is seen, although the file has only become longer at its end too."""
    write_receipts(tmp_path, {("alice", "petit"): MOMENT, ("bruno", "petit"): MOMENT})
    read_receipts(tmp_path)
    path = tmp_path / "received.csv"
    path.write_text(path.read_text().replace("alice", "zelie") + "chloe,petit,2026-10-12T21:58:03Z\n")
    found = read_receipts(tmp_path)
    assert [found.of(student, "petit") for student in ("alice", "zelie", "chloe")] == [None, MOMENT, MOMENT]


def test_a_wrong_line_that_was_added_is_named_by_its_number(tmp_path: Path) -> None:
    """Although lines before it are not parsed again."""
    write_receipts(tmp_path, {("alice", "petit"): MOMENT, ("bruno", "petit"): MOMENT})
    read_receipts(tmp_path)
    with (tmp_path / "received.csv").open("a") as file:
        file.write("chloe,petit,hier\n")
    with pytest.raises(LayoutError, match="line 4"):
        read_receipts(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "student_id;assignment_id;received\nbruno;petit;2026-10-12T21:58:03Z\n",
        "student_id,assignment_id,received\nbruno,petit,2026-10-12T21:58:03Z",
        "received,student_id,assignment_id\n2026-10-12T21:58:03Z,bruno,petit\n",
        'student_id,assignment_id,received\n"bruno",petit,2026-10-12T21:58:03Z\n',
        "student_id,assignment_id,received\nbruno,petit,2026-10-12T21:58:03Z\nzo\xe9,petit,2026-10-12T21:58:03Z\n",
        "",
    ],
)
def test_a_file_of_another_form_takes_a_time_too(tmp_path: Path, text: str) -> None:
    """Where a line more could be misread, the file is written anew, and says the same and the new time."""
    path = tmp_path / "received.csv"
    path.write_bytes(text.encode("cp1252"))
    before = read_receipts(tmp_path) if text else Receipts()
    if not text:
        path.unlink()
    add_receipt(tmp_path, "alice", "petit", MOMENT)
    assert read_receipts(tmp_path) == {**before, ("alice", "petit"): MOMENT}
