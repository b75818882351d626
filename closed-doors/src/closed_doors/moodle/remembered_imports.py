"""What imports leave for later ones and for exports, in the course's folder moodle/ (never in git).

moodle/students.json is the class; moodle/<assignment>/import.json says which student each participant is and what was
imported; moodle/<assignment>/worksheet.csv is the last grading worksheet, as it came; moodle/<assignment>/earlier/
holds work that newer work took the place of.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec

from closed_doors.core.errors import MoodleError
from closed_doors.core.files import replace
from closed_doors.moodle.participants import SAID, Roster, Student

FOLDER = "moodle"
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
        self._class = root / FOLDER / "students.json"
        self._record = self.folder / "import.json"
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
