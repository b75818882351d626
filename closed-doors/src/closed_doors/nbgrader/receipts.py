"""When work was received, by the server's word and never by the student's: received.csv in the course's folder.

Whoever takes work in (the course's own commands, a script, an instructor) enters the time there. What counts for work
that is not listed: see `arrival`.

    student_id,assignment_id,received
    alice,masque_causal,2026-10-12T23:58:03+02:00

People edit this file in spreadsheets: blanks around a cell, empty lines, the case of headings and names, the
spelling of accents, semicolons or tabs and a byte order mark don't matter. Which lines fit nobody's work is said
(`Receipts.strangers`).
"""

import csv
import io
import os
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from closed_doors.core.errors import LayoutError
from closed_doors.core.files import replace

NAME = "received.csv"
TIMESTAMP = "timestamp.txt"  # nbgrader's own note of it, beside the work
COLUMNS = ("student_id", "assignment_id", "received")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of received.csv: who, what and when, in UTC."""

    number: int
    student: str
    assignment: str
    received: datetime


class Receipts(dict[tuple[str, str], datetime]):
    """The times of received.csv, in UTC, by student and assignment as they are written there.

    Of several lines for the same work the last one counts.
    """

    def __init__(self, lines: Iterable[Line] = ()) -> None:
        self._lines = list(lines)
        super().__init__({(line.student, line.assignment): line.received for line in self._lines})
        self._folded = {(_key(line.student), _key(line.assignment)): line.received for line in self._lines}

    def of(self, student: str, assignment: str) -> datetime | None:
        """Return when a student's work was received, in UTC; None where no line says it.

        A line whose names are written so goes before one that has them in another case.
        """
        return self.get((student, assignment)) or self._folded.get((_key(student), _key(assignment)))

    def strangers(self, assignment: str, students: Collection[str], assignments: Collection[str]) -> Iterator[Line]:
        """Yield the lines that fit nobody: an unknown student of this assignment, or an assignment that is not there.

        Args:
            assignment: which one is looked at; lines for others that exist are not.
            students: who has handed in, or is in the class.
            assignments: all of the course.
        """
        people = {_key(student) for student in students}
        known = {_key(name) for name in assignments}
        for line in self._lines:
            named = _key(line.assignment)
            if named not in known or (named == _key(assignment) and _key(line.student) not in people):
                yield line


def read_receipts(root: Path) -> Receipts:
    """Return what received.csv says; nothing where there is no such file.

    Raises:
        LayoutError: a line can't be read.
    """
    path = root / NAME
    if not path.exists():
        return Receipts()
    text = _decoded(path.read_bytes())
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    there = ((number, [cell.strip() for cell in row]) for number, row in enumerate(rows, start=1))
    filled = ((number, row) for number, row in there if any(row))
    header = [cell.casefold() for cell in next(filled, (0, []))[1]]
    if not set(COLUMNS) <= set(header):
        raise LayoutError(f"{path} must begin with the line {','.join(COLUMNS)!r}.")
    places = [header.index(name) for name in COLUMNS]
    return Receipts(_line(path, number, [*row, *[""] * len(header)], places) for number, row in filled)


def write_receipts(root: Path, received: Mapping[tuple[str, str], datetime]) -> None:
    """Enter times into received.csv; what it holds of others stays."""
    _write(root, {**read_receipts(root), **received})


def listed_students(root: Path) -> set[str]:
    """Return whose work received.csv says something of, as they are written there."""
    return {student for student, _ in read_receipts(root)}


def rename_in_receipts(root: Path, student: str, new: str | None) -> None:
    """Give a student's lines another id, or take them out.

    Args:
        root: the course's folder.
        student: as it is written in the file.
        new: the other id; None takes the lines out.
    """
    known = read_receipts(root)
    if all(owner != student for owner, _ in known):
        return
    theirs = {(new, name): moment for (owner, name), moment in known.items() if owner == student and new is not None}
    _write(root, {key: moment for key, moment in known.items() if key[0] != student} | theirs)


def _write(root: Path, received: Mapping[tuple[str, str], datetime]) -> None:
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    rows.writerows((*key, moment.astimezone(UTC).isoformat()) for key, moment in sorted(received.items()))
    replace(root / NAME, text.getvalue().encode())


def came_here(files: Iterable[Path]) -> datetime | None:
    """Return when the last of these files came to this machine, in UTC; None where there is no file."""
    moments = []
    for path in files:
        try:
            moments.append(os.lstat(path).st_ctime)
        except OSError:
            continue
    return datetime.fromtimestamp(max(moments), UTC).replace(microsecond=0) if moments else None


def as_timestamp(moment: datetime) -> bytes:
    """Return the content of nbgrader's timestamp.txt."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC\n".encode()


def as_nbgrader_keeps_it(moment: datetime | None) -> datetime | None:
    """Return a time in UTC without its zone and to the second, as the gradebook and timestamp.txt hold it."""
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0) if moment else None


def _line(path: Path, number: int, row: list[str], places: list[int]) -> Line:
    student, assignment, received = (row[place] for place in places)
    try:
        moment = datetime.fromisoformat(received.removesuffix("UTC").strip() + "+00:00" * received.endswith("UTC"))
        if moment.tzinfo is None:
            raise ValueError("it has no UTC offset")
    except ValueError as error:
        raise LayoutError(
            f"{path}, line {number}: {received!r} is not a time such as 2026-10-12T23:58:03+02:00 ({error})."
        ) from error
    return Line(number, student, assignment, moment.astimezone(UTC))


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _key(name: str) -> str:
    """Return a name as it is compared: without its case, its accents in one spelling."""
    return unicodedata.normalize("NFC", name.casefold())


def _delimiter(text: str) -> str:
    """Return what stands between cells: a spreadsheet writes semicolons where commas are decimal, or tabs."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=header.count)
