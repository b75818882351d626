"""What a worksheet shows of Moodle's limits is said before it is uploaded."""

import pytest

from closed_doors.moodle.csv_files import Table
from closed_doors.moodle.worksheet import as_worksheet
from closed_doors.moodle.worksheet_limits import limits

FRENCH = ("Identifiant", "Nom complet", "Note", "Note maximale", "La note peut être modifiée")
ENGLISH = ("Identifier", "Full name", "Grade", "Maximum Grade", "Grade can be changed")


def said(header: tuple[str, ...], *rows: tuple[str, ...], known: tuple[str, ...] = ()) -> str:
    return " ".join(limits(as_worksheet(Table(header, rows), "w.csv"), known))


@pytest.mark.parametrize(("header", "language"), [(FRENCH, "French"), (ENGLISH, "English")])
def test_the_language_is_named_and_no_more_where_all_is_well(header: tuple[str, ...], language: str) -> None:
    """Moodle finds columns by headings of the interface's language."""
    text = said(header, ("Participant 1", "A", "", "20", "Oui"), known=("1",))
    assert text.startswith(f"Upload it with Moodle's pages in {language}")
    assert text.count(".") == 1


@pytest.mark.parametrize("state", ["Marking workflow state", "État du flux d’évaluation"])
def test_a_workflow_is_noticed(state: str) -> None:
    """Marks are hidden until their state says otherwise."""
    assert "marking workflow" in said((*FRENCH, state), ("Participant 1", "A", "", "20", "Oui", "Publié"))


def test_lines_that_are_missing_or_closed_are_counted() -> None:
    """A filter leaves participants out; a locked grade keeps its line; names may be hidden."""
    rows = (("Participant 1", "", "20", "Non"), ("Participant 2", "", "20", "Oui"))
    text = said((FRENCH[0], *FRENCH[2:]), *rows, known=("1", "2", "30", "4"))
    assert "no line for 2 participants whose work was imported (4, 30)" in text
    assert "1 grades can't be changed" in text
    assert "Names are hidden" in text
