"""The demo class as data: who hands in what and which mark it must earn (examples/<assignment>/class.toml)."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from closed_doors.core.errors import CourseError


@dataclass(frozen=True, slots=True)
class ManualMark:
    """What the TA of the demo gives to the free-text answer."""

    points: float
    comment: str


@dataclass(frozen=True, slots=True)
class DemoStudent:
    """One invented student.

    Attributes:
        expected: final mark in points; None where the work can't be graded.
        refusal: part of the reason that grading must give where `expected` is None.
        hands_in: name of a file handed in as it is, in place of a notebook.
        edits: changes of the notebook's cells, in order: {"delete": grade_id} or {"duplicate": grade_id}.
    """

    id: str
    first_name: str
    last_name: str
    submitted: datetime
    remark: str
    expected: float | None = None
    refusal: str | None = None
    manual: ManualMark | None = None
    hands_in: str | None = None
    edits: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DemoClass:
    """A class for one assignment, with its answers beside it."""

    folder: Path
    assignment: str
    due: datetime
    manual_cell: str
    students: tuple[DemoStudent, ...]

    def answers(self, student: DemoStudent) -> Path:
        """The student's answer file; it is missing where nothing was written."""
        return self.folder / "answers" / f"{student.id}.py"


class _ClassFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    assignment: str
    due: datetime
    manual_cell: str
    student: tuple[DemoStudent, ...]


def read_class(folder: Path) -> DemoClass:
    """Read examples/<assignment>/class.toml.

    Raises:
        CourseError: the file is missing, is not TOML, lacks a key or has one of another kind.
    """
    path = folder / "class.toml"
    try:
        # A time may be a text or TOML's own: msgspec's reader of TOML takes the latter only.
        found = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _ClassFile)
    except (OSError, ValueError) as error:
        raise CourseError(f"{path} is not a readable demo class: {type(error).__name__}: {error}") from error
    return DemoClass(folder, found.assignment, found.due, found.manual_cell, found.student)
