"""What grading found, as the file that reports read: verdicts/<student>/<assignment>/<notebook>.json.

It holds no time and no path, so that the same work gives the same bytes. It names hidden criteria: it is the staff's.
Its form is published in docs/verdict.schema.json, and has a version, which stands in the file.
"""

import json
from pathlib import Path

import msgspec

from closed_doors.core.errors import CourseError
from closed_doors.core.files import replace
from closed_doors.grading.verdict.remark import RemarkCode
from closed_doors.grading.verdict.verdict import VERSION, CellVerdict, Detail, Graded, Status, Verdict, not_judged
from closed_doors.notebook.cell import Role, cells_of
from closed_doors.notebook.json_files import JsonObject, Notebook


def verdict_path(root: Path, assignment: str, student: str, notebook: str) -> Path:
    """Return where a course keeps the verdicts of a notebook."""
    return root / "verdicts" / student / assignment / f"{notebook}.json"


def write_verdict(root: Path, verdict: Verdict) -> None:
    """Write the verdict file of a notebook.

    Raises:
        OSError: the disk is full or the folder can't be written to; the old file is as it was.
    """
    path = verdict_path(root, verdict.assignment, verdict.student, verdict.notebook)
    kept = msgspec.structs.replace(verdict, cells=tuple(cell.on_file for cell in verdict.cells))
    # Not msgspec's own writer: what a student's code said may hold half a surrogate pair, which it refuses.
    replace(
        path, (json.dumps(msgspec.to_builtins(kept), ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")
    )


def read_verdict(root: Path, assignment: str, student: str, notebook: str) -> Verdict | None:
    """Return what a verdict file holds; None where there is none: not graded, or graded with open doors.

    Raises:
        CourseError: it can't be read, or a later version of the grader wrote it; the message says how to renew it.
    """
    path = verdict_path(root, assignment, student, notebook)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CourseError(_unreadable(path, assignment, error)) from error
    try:
        record = _of_this_version(msgspec.json.decode(data, type=dict[str, object]))
        return msgspec.convert(record, Verdict)
    except _LaterVersionError as error:
        raise CourseError(
            f"{path} is of version {error.version}, and this version of the grader knows {VERSION}: install the later "
            f"one, or run `course autograde {assignment} --force`, which writes the file anew."
        ) from error
    except (ValueError, RecursionError) as error:  # msgspec's own errors are ValueErrors
        raise CourseError(_unreadable(path, assignment, error)) from error


def verdict_schema() -> JsonObject:
    """Return the form of a verdict file as JSON Schema."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Verdict)}


def cell_verdicts(notebook: Notebook, graded: Graded) -> tuple[CellVerdict, ...]:
    """Return the verdicts of a rebuilt notebook's grading cells, in order; one that is missing is not complete."""
    return tuple(
        graded.verdicts.get(index)
        or not_judged(cell.grade_id, cell.points, graded.details.get(cell.grade_id, Detail.EACH))
        for index, cell in enumerate(cells_of(notebook))
        if cell.role is Role.GRADING
    )


class _LaterVersionError(ValueError):
    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version


def _of_this_version(record: dict[str, object]) -> dict[str, object]:
    """Return a record in the form of today; the first form had no version, and held its remarks as sentences."""
    version = record.get("version", 0)
    if version == VERSION:
        return record
    if isinstance(version, int) and version > VERSION:
        raise _LaterVersionError(version)
    if version != 0:
        raise ValueError(f"its version is {version!r}")
    remarks, cells = record.get("remarks", []), record.get("cells", [])
    if not isinstance(remarks, list) or not isinstance(cells, list) or not all(isinstance(c, dict) for c in cells):
        raise ValueError("its remarks or cells are none")
    return record | {
        "version": VERSION,
        "status": record.get("status", Status.GRADED.value),
        "reason": _in_words(record["reason"]) if record.get("reason") else None,
        "remarks": [_in_words(remark) for remark in remarks],
        "cells": [{"shared": cell.get("points"), **cell} for cell in cells],
    }


def _in_words(sentence: object) -> dict[str, object]:
    return {"code": RemarkCode.EARLIER.value, "arguments": {"text": sentence}}


def _unreadable(path: Path, assignment: str, error: Exception) -> str:
    return f"{path} can't be read ({error}): remove it, then run `course autograde {assignment}`, which writes it anew."
