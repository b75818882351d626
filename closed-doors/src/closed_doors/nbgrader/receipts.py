"""When work was received, by the server's word and never by the student's: received.csv in the course's folder.

Whoever takes work in (the course's own commands, a script, an instructor) enters the time there. What counts for work
that is not listed: see `arrival`.

    student_id,assignment_id,received
    alice,masque_causal,2026-10-12T23:58:03+02:00

People edit this file in spreadsheets: blanks around a cell, empty lines, the case of headings and names, the
spelling of accents, semicolons or tabs and a byte order mark don't matter. Which lines fit nobody's work is said
(`Receipts.strangers`).
"""

import codecs
import csv
import io
import os
import threading
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from closed_doors.core.errors import LayoutError
from closed_doors.core.files import replace

NAME = "received.csv"
TIMESTAMP = "timestamp.txt"  # nbgrader's own note of it, beside the work
ENDS = (b"\n", b"\r")
ADDING_S = 0.01
MOST_KNOWN = 8  # courses
AHEAD = timedelta(hours=1)  # by which the clocks of servers may differ
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

    def with_lines(self, lines: Iterable[Line]) -> "Receipts":
        """Return what is said with more lines at the end."""
        more = Receipts(lines)
        found = Receipts()
        found._lines = self._lines + more._lines
        found._folded = {**self._folded, **more._folded}
        found.update(self)
        found.update(more)
        return found

    def of(self, student: str, assignment: str) -> datetime | None:
        """Return when a student's work was received, in UTC; None where no line says it.

        A line whose names are written so goes before one that has them in another case.
        """
        return self.get((student, assignment)) or self._folded.get((_key(student), _key(assignment)))

    def strangers(self, assignment: str, students: Collection[str], assignments: Collection[str]) -> Iterator[Line]:
        """Yield the lines that fit nobody: an unknown student of this assignment, or an assignment that is not there.

        So does a line that would say something else of a student than one before it, which has the names as they are.

        Args:
            assignment: which one is looked at; lines for others that exist are not.
            students: who has handed in, or is in the class.
            assignments: all of the course.
        """
        people = {_key(student) for student in students}
        known = {_key(name) for name in assignments}
        for line in self._lines:
            named = _key(line.assignment)
            if named not in known or (
                named == _key(assignment)
                and (_key(line.student) not in people or self._is_overruled(line, students, assignment))
            ):
                yield line

    def _is_overruled(self, line: Line, students: Collection[str], assignment: str) -> bool:
        """Whether a line is a later word on work that another line names as it is written."""
        if line.student in students and line.assignment == assignment:
            return False
        written = (one for one in students if _key(one) == _key(line.student) and (one, assignment) in self)
        return any(
            self[one, assignment] != line.received and self._place(one, assignment) < line.number for one in written
        )

    def _place(self, student: str, assignment: str) -> int:
        """Return the number of the last line that has these names as they are."""
        return max(one.number for one in self._lines if (one.student, one.assignment) == (student, assignment))

    def to_come(self, assignment: str, now: datetime) -> Iterator[Line]:
        """Yield the lines of an assignment that give a time which is still to come: a slip, and a large penalty."""
        for line in self._lines:
            if _key(line.assignment) == _key(assignment) and line.received > now + AHEAD:
                yield line


@dataclass(frozen=True, slots=True)
class _Known:
    """What received.csv said when it was last read, byte for byte."""

    data: bytes
    receipts: Receipts


_known: OrderedDict[Path, _Known] = OrderedDict()
_lock = threading.Lock()


def read_receipts(root: Path) -> Receipts:
    """Return what received.csv says; nothing where there is no such file.

    A server asks several times a work, so what has not changed since is not parsed again, nor are lines before those
    that were added. The result is everybody's who asks: nobody changes it.

    Raises:
        LayoutError: a line can't be read.
    """
    path = root / NAME
    if not path.exists():
        return Receipts()
    data = _settled(path)
    with _lock:
        before = _known.get(path)
        if before is None or before.data != data:
            before = _Known(data, _parsed(path, data, before))
            _known[path] = before
        _known.move_to_end(path)
        while len(_known) > MOST_KNOWN:
            _known.popitem(last=False)
    return before.receipts


def _settled(path: Path) -> bytes:
    """Read the file; a last line that is being added just now is waited for."""
    data = path.read_bytes()
    while data and not data.endswith(ENDS):
        time.sleep(ADDING_S)
        before, data = data, path.read_bytes()
        if data == before:  # people's editors leave the last line so
            break
    return data


def _parsed(path: Path, data: bytes, before: _Known | None) -> Receipts:
    """Return what the file says, where it only has more lines than before with the help of what it said then."""
    if before is not None and _is_grown(before.data, data):
        head = before.data[: before.data.index(b"\n") + 1]
        above = before.data.count(b"\n") - 1
        return before.receipts.with_lines(_all_lines(path, head + data[len(before.data) :], above))
    return Receipts(_all_lines(path, data))


def _is_grown(before: bytes, data: bytes) -> bool:
    """Whether all of the file was as it is, and lines were added; cells that go over lines are left alone."""
    return (
        before.isascii()
        and before.startswith(COLUMNS[0].encode())
        and before.endswith(b"\n")
        and data.startswith(before)
        and b'"' not in data
    )


def _all_lines(path: Path, data: bytes, above: int = 0) -> list[Line]:
    """Return the lines of a file, or of its first one and those that come after so many others."""
    text = _decoded(data)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    there = ((number, [cell.strip() for cell in row]) for number, row in enumerate(rows, start=1))
    filled = ((number, row) for number, row in there if any(row))
    header = [cell.casefold() for cell in next(filled, (0, []))[1]]
    if not set(COLUMNS) <= set(header):
        raise LayoutError(f"{path} must begin with the line {','.join(COLUMNS)!r}.")
    places = [header.index(name) for name in COLUMNS]
    return [_line(path, above + number, [*row, *[""] * len(header)], places) for number, row in filled]


def write_receipts(root: Path, received: Mapping[tuple[str, str], datetime]) -> None:
    """Enter times into received.csv; what it holds of others stays."""
    _write(root, {**read_receipts(root), **received})


def add_receipt(root: Path, student: str, assignment: str, received: datetime) -> None:
    """Enter one time into received.csv: as one more line at its end, where that can't be misread; else as ever.

    Raises:
        OSError: the file can't be written; it is as it was.
    """
    path = root / NAME
    text = io.StringIO(newline="")
    csv.writer(text).writerow((student, assignment, received.astimezone(UTC).isoformat()))
    line = text.getvalue().encode()
    try:
        added = _is_ours(path.read_bytes(), line) and _add(path, line)
    except (FileNotFoundError, PermissionError):
        added = False
    if not added:
        write_receipts(root, {(student, assignment): received})


def _is_ours(data: bytes, line: bytes) -> bool:
    """Whether a file has the form that is written here, so that one more line is one more line."""
    header = ",".join(COLUMNS).encode()
    return (
        data.startswith((header + b"\r\n", header + b"\n"))
        and data.endswith(b"\n")
        and ((data + line).isascii() and b'"' not in data + line)
    )


def _add(path: Path, line: bytes) -> bool:
    """Add a line in one step; whether that was done."""
    with path.open("ab", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        written = file.write(line)
        if written != len(line):  # the disk is full
            file.truncate(size)
            return False
    return True


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
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # "Unicode text" of a spreadsheet
        return data.decode("utf-16", "replace")
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
