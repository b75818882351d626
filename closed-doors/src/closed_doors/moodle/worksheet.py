"""Moodle's grading worksheet: who is which participant, when work arrived, and where marks go.

Relied on (assign/feedback/offline and gradingtable.php, Moodle 3.x to 5.x):

- A line's key is Identifier (Identifiant), "Participant 123" in English and "Participant123" in French: the number is
  what submissions are filed under. Moodle takes grades back by this column, Grade and Last modified (grade), found by
  their exact headings; so headings, and all cells but marks and comments, are given back as they came.
- With names hidden from graders, there is neither name nor address.
- The group column is there for group assignments only.
- Status says "… - 2 days 3 hours late" or "… - En retard de 2 jours 3 heures".
- Times are written for whoever downloaded the file: in that language, time zone and clock (see `moodle_times`).
- A grade of the French interface may be written with a comma or a point; in English "12,5" would be read as 12.
"""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from closed_doors.core.errors import MoodleError
from closed_doors.moodle.csv_files import Table, read_table
from closed_doors.moodle.participants import HEADINGS as PEOPLE
from closed_doors.moodle.people_names import shown

HEADINGS = {
    "identifier": ("identifier", "identifiant"),
    "name": ("full name", "nom complet"),
    "email": PEOPLE["email"],
    "idnumber": PEOPLE["idnumber"],
    "username": PEOPLE["username"],
    "status": ("status", "statut"),
    "group": ("group", "groupe"),
    "grade": ("grade", "note"),
    "maximum": ("maximum grade", "note maximale"),
    "open": ("grade can be changed", "la note peut être modifiée"),
    "submitted": (
        "last modified (submission)",
        "dernière modification (travail remis)",
        "dernière modification (travaux remis)",
    ),
    "graded": ("last modified (grade)", "dernière modification (note)"),
    "comment": ("feedback comments", "feedback par commentaires", "commentaires"),
}
NEEDED = ("identifier", "grade")
_SCALE = ("scale", "barème")
_NUMBER = re.compile(r"(\d+)\s*$")
_LATE = re.compile(r"(?:^|- )(\d[^-]*?) late\b|en retard de (\d[^-]*)")
_EXTENSION = re.compile(r"(?:extension granted until|prolongation accordée jusqu'au) ?: ?(.*)")


@dataclass(frozen=True, slots=True)
class Row:
    """One participant of the assignment.

    Attributes:
        place: the line's index in the table.
        number: Moodle's participant number, in digits.
        open: whether Moodle lets the grade be changed.
        submitted: when the work was last modified, in Moodle's words.
    """

    place: int
    number: str
    name: str = ""
    email: str = ""
    idnumber: str = ""
    username: str = ""
    status: str = ""
    group: str = ""
    grade: str = ""
    maximum: str = ""
    open: bool = True
    submitted: str = ""
    comment: str = ""

    @property
    def late(self) -> str:
        """How late Moodle says that the work is, in its own words; empty where it is in time."""
        found = _LATE.search(_plain(self.status))
        return (found[1] or found[2]).strip() if found else ""

    @property
    def extension(self) -> str:
        """Until when Moodle grants this participant, in its own words."""
        found = _EXTENSION.search(_plain(self.status))
        return found[1].strip() if found else ""


@dataclass(frozen=True, slots=True)
class Worksheet:
    """A grading worksheet.

    Attributes:
        table: the file, as it came.
        columns: where each of HEADINGS is; None where there is no such column.
        rows: the participants.
    """

    table: Table
    columns: dict[str, int | None]
    rows: tuple[Row, ...]


def read_worksheet(path: Path) -> Worksheet:
    """Read a grading worksheet.

    Raises:
        MoodleError: it is not one, or two lines are the same participant's.
    """
    return as_worksheet(read_table(path), str(path))


def as_worksheet(table: Table, origin: str) -> Worksheet:
    """Return a table as a grading worksheet; `origin` names it in messages."""
    columns = {field: table.column(names) for field, names in HEADINGS.items()}
    if missing := [field for field in NEEDED if columns[field] is None]:
        wanted = ", ".join(" or ".join(name.capitalize() for name in HEADINGS[field]) for field in missing)
        raise MoodleError(
            f"{origin} is not a grading worksheet: it has no column {wanted}. In Moodle, turn on the feedback type "
            "“Offline grading worksheet” and download it from the assignment's page of submissions. It has the columns "
            f"{', '.join(map(shown, table.header))}."
        )
    if columns["maximum"] is None and table.column(_SCALE) is not None:
        raise MoodleError(f"{origin} belongs to an assignment that is graded with a scale; points are needed here.")
    rows = []
    places: dict[str, int] = {}
    for place, cells in enumerate(table.rows):
        row = _row(place, cells, columns, origin)
        if row.number in places:
            raise MoodleError(
                f"{origin}: rows {places[row.number] + 1} and {place + 1} are both participant {row.number}. Download "
                "it again from Moodle."
            )
        places[row.number] = place
        rows.append(row)
    return Worksheet(table, columns, tuple(rows))


def read_number(text: str) -> float | None:
    """Return a number written with a point or a comma; None where there is none."""
    try:
        return float(text.strip().replace("\u00a0", "").replace(",", "."))
    except ValueError:
        return None


def _row(place: int, cells: tuple[str, ...], columns: dict[str, int | None], origin: str) -> Row:
    said = {field: "" if column is None else cells[column].strip() for field, column in columns.items()}
    number = _NUMBER.search(said["identifier"])
    if number is None:
        raise MoodleError(
            f"{origin}: row {place + 1} has the identifier {shown(said['identifier'])!r}, and one such as Participant "
            "123 was expected. Download it again from Moodle."
        )
    kept = {field: said[field] for field in said if field not in ("identifier", "open", "graded")}
    is_open = _plain(said["open"]) not in ("no", "non")
    return Row(place, number[1].lstrip("0") or "0", open=is_open, **kept)


def _plain(text: str) -> str:
    """Return a text in lower case, with plain spaces and apostrophes."""
    plain = unicodedata.normalize("NFC", text).casefold().replace("’", "'")
    return " ".join(plain.split())
