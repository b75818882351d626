"""What grading found, as the file that reports read: verdicts/<student>/<assignment>/<notebook>.json.

It holds no time and no path, so that the same work gives the same bytes. It names hidden criteria: it is the staff's.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from checks.report import Criterion
from closed_doors.grading.verdict.autograded_notebook import is_autograded
from closed_doors.grading.verdict.verdict import Graded
from closed_doors.notebook.json_files import Notebook


@dataclass(frozen=True, slots=True)
class Verdicts:
    """One student's verdicts on one notebook.

    Attributes:
        cells: the verdicts of its grading cells, as `verdict_record` gives them.
        remarks: what a person should look at, in French.
    """

    assignment: str
    student: str
    notebook: str
    cells: list[dict[str, Any]]
    remarks: list[str]


def verdict_path(root: Path, assignment: str, student: str, notebook: str) -> Path:
    """Return where a course keeps the verdicts of a notebook."""
    return root / "verdicts" / student / assignment / f"{notebook}.json"


def verdict_file(verdicts: Verdicts, status: str = "graded", reason: str = "") -> bytes:
    """Return the content of a verdict file.

    Args:
        verdicts: what was found.
        status: graded, missing (others were handed in), unreadable (not a notebook that can be graded) or failed (for
            a reason of ours: no mark).
        reason: why it is not graded; empty where it is.
    """
    record = {
        "assignment": verdicts.assignment,
        "student": verdicts.student,
        "notebook": verdicts.notebook,
        "status": status,
        "reason": reason,
        "remarks": verdicts.remarks,
        "cells": verdicts.cells,
    }
    return (json.dumps(record, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def verdict_record(notebook: Notebook, graded: Graded) -> list[dict[str, Any]]:
    """Return the verdicts of a rebuilt notebook's grading cells as plain data, in order."""
    rows = []
    for index, cell in enumerate(notebook["cells"]):
        if not is_autograded(cell):
            continue
        verdict = graded.verdicts.get(index)
        marks = cell["metadata"]["nbgrader"]
        criteria = verdict.report.criteria if verdict else ()
        rows.append(
            {
                "grade_id": marks["grade_id"],
                "points": float(marks.get("points", 0)),
                "earned": verdict.earned if verdict else 0.0,
                "complete": verdict is not None,
                "criteria": [
                    {
                        "name": criterion.name,
                        "text": criterion.text,
                        "weight": criterion.weight,
                        "hidden": criterion.hidden,
                        "kind": criterion.kind.value,
                        "message": criterion.message,
                        "masks": _masks(criterion),
                    }
                    for criterion in criteria
                ],
                "diagnosis": asdict(verdict.diagnosis) if verdict and verdict.diagnosis else None,
            }
        )
    return rows


def _masks(criterion: Criterion) -> dict[str, list[str]] | None:
    """Return the masks that a visible test compared, as rows of 0 and 1."""
    if criterion.hidden or criterion.masks is None:
        return None
    return {"expected": list(criterion.masks.expected), "obtained": list(criterion.masks.obtained)}
