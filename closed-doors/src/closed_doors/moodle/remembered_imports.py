"""What imports leave for later ones and for exports, in the course's folder moodle/ (never in git).

moodle/students.json is the class; moodle/<assignment>/import.json says which student each participant is and what was
imported; moodle/<assignment>/worksheet.csv is the last grading worksheet, as it came; moodle/<assignment>/earlier/
holds work that newer work took the place of.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from dataclasses import replace as replace_fields
from pathlib import Path
from typing import TypeVar

import msgspec

from closed_doors.core.errors import MoodleError
from closed_doors.core.files import replace
from closed_doors.moodle.participants import SAID, Roster, Student
from closed_doors.moodle.worksheet import read_worksheet

FOLDER = "moodle"
STUDENTS, RECORD = "students.json", "import.json"
PRIVATE = 0o600  # names and addresses


class _Class(msgspec.Struct, frozen=True):
    """students.json."""

    source: str
    students: tuple[Student, ...]


class _Imported(msgspec.Struct, frozen=True):
    """import.json: by participant's number the student and the name; by student the digest of the work."""

    participants: dict[str, tuple[str, str]]
    content: dict[str, str]


File = TypeVar("File", _Class, _Imported)


@dataclass(frozen=True, slots=True)
class Participant:
    """Whom a participant's number stands for, and the name that Moodle writes into file names."""

    student: str
    name: str


@dataclass(slots=True)
class Record:
    """What is known of one assignment.

    Attributes:
        participants: by number.
        content: digest of the work that was imported, by student.
    """

    participants: dict[str, Participant] = field(default_factory=dict)
    content: dict[str, str] = field(default_factory=dict)


class Store:
    """The folder moodle/ of a course, for one assignment."""

    def __init__(self, root: Path, assignment: str) -> None:
        self.folder = root / FOLDER / assignment
        self._class = root / FOLDER / STUDENTS
        self._record = self.folder / RECORD
        self.worksheet = self.folder / "worksheet.csv"

    def roster(self) -> Roster | None:
        """Return the class as the last import knew it; None where there was none."""
        found = _read(self._class, _Class)
        return Roster({student.id: student for student in found.students}, found.source) if found else None

    def record(self) -> Record:
        """Return what is known of the assignment; nothing where nothing was imported."""
        found = _read(self._record, _Imported)
        if found is None:
            return Record()
        return Record({number: Participant(*one) for number, one in found.participants.items()}, found.content)

    def merged(self, roster: Roster) -> Roster:
        """Return the class of earlier imports with this list in it; who has left the list stays.

        Raises:
            MoodleError: students are named by another column than before, so that everybody would be there twice.
        """
        before = self.roster()
        if before is None:
            return roster
        if before.students and before.source != roster.source:
            raise MoodleError(
                f"Students were named by {SAID[before.source]} so far, and would now be by {SAID[roster.source]}: "
                f"everybody would be there twice. Add --id {before.source}, with a list that has that column. To begin "
                f"anew, take {self._class} and submitted/ away."
            )
        return Roster(before.students | roster.students, roster.source, roster.left_out)

    def keep_roster(self, roster: Roster) -> None:
        """Write the class."""
        students = tuple(student for _, student in sorted(roster.students.items()))
        _write(self._class, _Class(roster.source, students))

    def keep_record(self, record: Record) -> None:
        """Write what is known of the assignment."""
        there = {number: (one.student, one.name) for number, one in sorted(record.participants.items())}
        _write(self._record, _Imported(there, dict(sorted(record.content.items()))))

    def keep_worksheet(self, data: bytes) -> None:
        """Keep the grading worksheet, for the export."""
        replace(self.worksheet, data, PRIVATE)


def mentions(root: Path, student: str) -> list[Path]:
    """Return the files of imports that name a student."""
    found = []
    if (known := _read(root / FOLDER / STUDENTS, _Class)) and any(one.id == student for one in known.students):
        found.append(root / FOLDER / STUDENTS)
    for store in _stores(root):
        record = store.record()
        if student in record.content or any(one.student == student for one in record.participants.values()):
            found.append(store.folder / RECORD)
            found += [store.worksheet] if store.worksheet.exists() else []
    return found


def rename_in_store(root: Path, student: str, new: str | None) -> None:
    """Give a student another id in what imports have left, or take the student out.

    Args:
        root: the course's folder.
        student: nbgrader's id.
        new: the other id; None takes out the student, and the lines of worksheets that are the student's.

    Raises:
        MoodleError: a file can't be read.
    """
    if known := _read(root / FOLDER / STUDENTS, _Class):
        others = [one for one in known.students if one.id != student]
        theirs = [replace_fields(one, id=new) for one in known.students if one.id == student and new is not None]
        _write(root / FOLDER / STUDENTS, _Class(known.source, (*others, *theirs)))
    for store in _stores(root):
        _rename_in_record(store, student, new)


def _rename_in_record(store: Store, student: str, new: str | None) -> None:
    record = store.record()
    theirs = {number: one for number, one in record.participants.items() if one.student == student}
    content = record.content.pop(student, None)
    if not theirs and content is None:
        return
    for number, one in theirs.items():
        if new is None:
            del record.participants[number]
        else:
            record.participants[number] = Participant(new, one.name)
    if new is not None and content is not None:
        record.content[new] = content
    store.keep_record(record)
    if new is None and theirs and store.worksheet.exists():
        _take_out(store, set(theirs))


def _take_out(store: Store, numbers: set[str]) -> None:
    sheet = read_worksheet(store.worksheet)
    gone = {row.place for row in sheet.rows if row.number in numbers}
    store.keep_worksheet(sheet.table.render(row for at, row in enumerate(sheet.table.rows) if at not in gone))


def _stores(root: Path) -> list[Store]:
    return [Store(root, path.parent.name) for path in sorted((root / FOLDER).glob(f"*/{RECORD}"))]


def digest(files: Iterable[tuple[str, bytes]]) -> str:
    """Return a hash of files by name, whatever their order."""
    found = hashlib.sha256()
    for name, data in sorted(files):
        found.update(f"{name}\0{len(data)}\0".encode("utf-8", "surrogateescape") + data)
    return found.hexdigest()


def _read(path: Path, kind: type[File]) -> File | None:
    """Return what a file of an earlier import holds; None where there is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise MoodleError(
            f"{path} can't be read ({error}). `course moodle import` writes it: move it away and import again."
        ) from error


def _write(path: Path, data: msgspec.Struct) -> None:
    text = json.dumps(msgspec.to_builtins(data), ensure_ascii=False, indent=1)
    replace(path, f"{text}\n".encode("utf-8", "replace"), PRIVATE)
