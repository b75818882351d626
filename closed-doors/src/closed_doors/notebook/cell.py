"""One cell of a notebook, and the only reader of what nbgrader notes of it in its metadata."""

import hashlib
import math
from collections.abc import Collection, Mapping
from enum import Enum

import msgspec

from closed_doors.notebook.json_files import JsonObject, Notebook, joined

DEMO_TAG = "demo"
OWN_ID = "own-"  # how the id of a cell that a student added begins, once the notebook is rebuilt


class Role(Enum):
    """Whose a cell is, and what grading does with it if it is code."""

    ANSWER = "answer"  # the student's: runs in the worker only
    LESSON = "lesson"  # the instructor's: runs on both sides
    GRADING = "grading"  # the instructor's, and gives points by its tests: runs in the examiner only
    TASK = "task"  # the instructor's words, whose work is done in cells that the student adds
    OWN = "own"  # the student's: a cell of a rebuilt notebook that is not the master's


class Cell(msgspec.Struct, frozen=True):
    """One cell.

    Attributes:
        kind: code, markdown or raw.
        source: its text.
        grade_id: nbgrader's name for it; empty where it has none.
        stated_points: what its metadata say that it is worth; None where they say no number.
        is_graded: whether it gives points, by its tests or by a person.
        is_answer: whether students write in it.
        is_locked: whether the metadata say that students can't change it.
        is_task: whether it describes a task.
        tags: its tags.
        is_known: whether nbgrader has noted anything of it.
        cell_id: nbformat's own name for it.
    """

    kind: str
    source: str
    grade_id: str = ""
    stated_points: float | None = None
    is_graded: bool = False
    is_answer: bool = False
    is_locked: bool = False
    is_task: bool = False
    tags: tuple[str, ...] = ()
    is_known: bool = False
    cell_id: str = ""

    @property
    def role(self) -> Role:
        """Whose it is."""
        if not self.is_known:  # what stands in the master is the instructor's, marked or not
            return Role.OWN if self.cell_id.startswith(OWN_ID) else Role.LESSON
        if self.is_answer:
            return Role.ANSWER
        if self.is_graded:
            return Role.GRADING
        return Role.TASK if self.is_task else Role.LESSON

    @property
    def points(self) -> float:
        """What it is worth."""
        return self.stated_points or 0.0

    @property
    def is_code(self) -> bool:
        """Whether it is executed."""
        return self.kind == "code"

    @property
    def is_demo(self) -> bool:
        """Whether it is a demonstration of the lesson's, which grading leaves out."""
        return DEMO_TAG in self.tags

    @property
    def checksum(self) -> str:
        """Nbgrader's checksum, by which it knows that nothing was written in an answer."""
        locked = not self.is_answer and (self.is_graded or self.is_locked)
        parts = [self.source, self.kind, str(self.is_graded), str(self.is_answer), str(locked), self.grade_id]
        if self.is_graded:
            parts.append(str(self.points))
        return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()


def cell_of(cell: Mapping[str, object]) -> Cell:
    """Return a cell of a notebook, from anybody: what has another shape than it should is as if it were not there."""
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    marks = nbgrader_metadata(cell)
    known = marks if isinstance(marks, dict) else {}
    return Cell(
        kind=_text(cell.get("cell_type")),
        source=_text(cell.get("source")),
        grade_id=_grade_id(known),
        stated_points=_number(known.get("points")),
        is_graded=bool(known.get("grade")),
        is_answer=bool(known.get("solution")),
        is_locked=bool(known.get("locked")),
        is_task=bool(known.get("task")),
        tags=tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list | tuple) else (),
        is_known=bool(known),
        cell_id=_text(cell.get("id")),
    )


def cells_of(notebook: Notebook) -> list[Cell]:
    """Return the cells of a notebook, in order."""
    return [cell_of(cell) for cell in notebook["cells"]]


class _Marks(msgspec.Struct):
    grade_id: str = ""


class _Metadata(msgspec.Struct):
    nbgrader: _Marks = msgspec.field(default_factory=_Marks)


class _Named(msgspec.Struct):
    cell_type: str
    source: str | list[str]
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


class _Notebook(msgspec.Struct):
    cells: list[_Named]


_NAMED = msgspec.json.Decoder(_Notebook)


def cells_called(grade_ids: Collection[str], notebook: bytes) -> list[tuple[str, str]]:
    """Return kind and text of the cells of these names, in order, without reading the rest of a notebook's file.

    Raises:
        ValueError: it is no notebook.
    """
    cells = _NAMED.decode(notebook).cells
    return [(cell.cell_type, _text(cell.source)) for cell in cells if cell.metadata.nbgrader.grade_id in grade_ids]


def answers_of(notebook: Notebook) -> list[Cell]:
    """Return the cells of a notebook that students write in, in order."""
    marked = ((nbgrader_metadata(cell), cell) for cell in notebook["cells"])
    return [cell_of(cell) for marks, cell in marked if isinstance(marks, dict) and marks.get("solution")]


def grade_id_of(cell: Mapping[str, object]) -> str:
    """Return nbgrader's name for a cell; empty where it has none."""
    marks = nbgrader_metadata(cell)
    return _grade_id(marks) if isinstance(marks, dict) else ""


def _grade_id(marks: Mapping[object, object]) -> str:
    name = marks.get("grade_id")
    return name if isinstance(name, str) else ""


def nbgrader_metadata(cell: Mapping[str, object]) -> object:
    """Return what stands in a cell where nbgrader keeps its own, whatever it is; None where nothing does."""
    metadata = cell.get("metadata")
    return metadata.get("nbgrader") if isinstance(metadata, dict) else None


def metadata_naming(grade_id: str) -> JsonObject:
    """Return the metadata of a cell that say its grade_id and nothing else; empty where it has none."""
    return {"nbgrader": {"grade_id": grade_id}} if grade_id else {}


def _text(value: object) -> str:
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return joined(value)
    return value if isinstance(value, str) else ""


def _number(value: object) -> float | None:
    """Return a number of points; nbgrader's own forms have written some as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
