"""Rebuilds a submission on its master: the notebook is the instructor's, only the answers are the student's.

From the student come the sources of solution cells and of cells without a grade_id, which keep their place. Everything
else comes from the master: locked and grading cells, metadata, tags, points, kernelspec, order. So a deleted test cell
is back, a duplicated one is there once, and a changed one is as it was.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass

from closed_doors.core.wording import say
from closed_doors.notebook.cell import cell_of
from closed_doors.notebook.json_files import JsonObject, Notebook

Own = dict[str | None, list[JsonObject]]  # the cells that the student added, by the grade_id that they stand after


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a submission lacks or has too much of; `what` is one of missing, duplicated, unknown."""

    what: str
    grade_id: str


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The notebook to execute, and what had to be mended on the way."""

    notebook: Notebook
    findings: tuple[Finding, ...]


def rebuild(master: Notebook, submitted: Notebook) -> Rebuilt:
    """Put a student's answers and own cells into the master.

    Args:
        master: the instructor's notebook, solutions and hidden tests in place (nbformat 4).
        submitted: the notebook handed in; nothing in it is trusted but cell types and sources.

    Returns:
        A new notebook; neither argument is modified. Of a duplicated answer, the last one counts, as in nbgrader.
    """
    known = {grade_id: cell for cell in master["cells"] if (grade_id := _grade_id(cell))}
    answers: dict[str, str] = {}
    own: Own = {}
    findings = []
    anchor: str | None = None
    for cell in submitted["cells"]:
        grade_id = _grade_id(cell)
        if grade_id is None:
            own.setdefault(anchor, []).append(cell)
        elif grade_id not in known:
            findings.append(Finding("unknown", grade_id))
            own.setdefault(anchor, []).append(cell)
        else:
            if grade_id in answers:
                findings.append(Finding("duplicated", grade_id))
            answers[grade_id] = str(cell["source"])
            anchor = grade_id
    findings += [Finding("missing", grade_id) for grade_id in known if grade_id not in answers]
    notebook = type(master)(master | {"cells": list(_merged(master["cells"], answers, own))})
    return Rebuilt(notebook, tuple(findings))


def _merged(cells: list[JsonObject], answers: dict[str, str], own: Own) -> Iterator[JsonObject]:
    ids = (f"own-{number}" for number in range(sum(map(len, own.values()))))
    yield from (_fresh(cell, next(ids)) for cell in own.get(None, ()))
    for cell in cells:
        grade_id = _grade_id(cell)
        kept = copy.deepcopy(cell)
        if grade_id and cell_of(cell).is_answer:
            kept["source"] = answers.get(grade_id, _instead(cell["cell_type"]))
        yield kept
        if grade_id:
            yield from (_fresh(extra, next(ids)) for extra in own.get(grade_id, ()))


def _instead(kind: str) -> str:
    """Return what stands where an answer is missing: never the master's solution."""
    match kind:
        case "code":
            return f"{say('notebook.missing_code')}\nraise NotImplementedError()"
        case "markdown":
            return say("notebook.missing_text")
    return ""


def _fresh(cell: JsonObject, cell_id: str) -> JsonObject:
    """Return a student's own cell with nothing of its metadata."""
    kind = cell["cell_type"] if cell["cell_type"] in ("code", "markdown") else "raw"
    fresh: JsonObject = {"cell_type": kind, "id": cell_id, "metadata": {}, "source": str(cell["source"])}
    if kind == "code":
        fresh |= {"execution_count": None, "outputs": []}
    return type(cell)(fresh)


def _grade_id(cell: JsonObject) -> str | None:
    """Return the id of a cell that nbgrader knows, None for a cell of the student's own."""
    return cell_of(cell).grade_id or None
