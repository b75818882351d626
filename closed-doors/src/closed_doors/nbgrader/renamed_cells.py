"""Cells that were renamed after work was handed in: what students hand in has the old names."""

import json
from collections.abc import Mapping

from closed_doors.core.errors import SubmissionError
from closed_doors.notebook.cell import nbgrader_metadata
from closed_doors.notebook.ingest import parse_submission
from closed_doors.notebook.json_files import JsonObject


def with_new_names(data: bytes, renamed: Mapping[str, str]) -> bytes:
    """Return a notebook that was handed in, its cells called as they are now, and all else as it was.

    Args:
        data: the file; one that can't be graded comes back as it is.
        renamed: new names by old ones.
    """
    if not renamed:
        return data
    try:
        parse_submission(data, "")
    except SubmissionError:
        return data
    notebook = json.loads(data.decode("utf-8-sig"))
    return json.dumps(notebook, ensure_ascii=False).encode("utf-8", "replace") if _rename(notebook, renamed) else data


def _rename(notebook: JsonObject, renamed: Mapping[str, str]) -> bool:
    """Give cells their new names, and return whether any was renamed; a name that is there already stays its cell's."""
    marks = [found for cell in notebook["cells"] if (found := _marks(cell))]
    there = {one["grade_id"] for one in marks}
    done = False
    for one in marks:
        new = renamed.get(one["grade_id"])
        if new is not None and new not in there:
            one["grade_id"] = new
            done = True
    return done


def _marks(cell: JsonObject) -> JsonObject | None:
    """Return nbgrader's metadata of a cell, where they name it."""
    marks = nbgrader_metadata(cell)
    return marks if isinstance(marks, dict) and isinstance(marks.get("grade_id"), str) else None
