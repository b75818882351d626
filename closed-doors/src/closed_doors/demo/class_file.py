"""The demo class as data: who hands in what and which mark it must earn (examples/<assignment>/class.toml)."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

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
    expected: float | None
    refusal: str | None
    manual: ManualMark | None
    hands_in: str | None
    edits: tuple[dict[str, str], ...]


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


def read_class(folder: Path) -> DemoClass:
    """Read examples/<assignment>/class.toml.

    Raises:
        CourseError: the file is missing, is not TOML, or lacks a key.
    """
    path = folder / "class.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return DemoClass(
            folder=folder,
            assignment=table["assignment"],
            due=table["due"] if isinstance(table["due"], datetime) else datetime.fromisoformat(table["due"]),
            manual_cell=table["manual_cell"],
            students=tuple(_student(entry) for entry in table["student"]),
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, ValueError) as error:
        raise CourseError(f"{path} is not a readable demo class: {type(error).__name__}: {error}") from error


def _student(entry: dict[str, Any]) -> DemoStudent:
    return DemoStudent(
        id=entry["id"],
        first_name=entry["first_name"],
        last_name=entry["last_name"],
        submitted=datetime.fromisoformat(entry["submitted"]),
        remark=entry["remark"],
        expected=entry.get("expected"),
        refusal=entry.get("refusal"),
        manual=ManualMark(**entry["manual"]) if "manual" in entry else None,
        hands_in=entry.get("hands_in"),
        edits=tuple(entry.get("edits", ())),
    )
