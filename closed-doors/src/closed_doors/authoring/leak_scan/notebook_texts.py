"""A released notebook as a survey: its texts cell by cell, and what nbgrader would never have left in it."""

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from closed_doors.authoring.leak_scan.finding import Finding, Place, Survey
from closed_doors.notebook.cell import Role, cell_of, nbgrader_metadata

TOP = frozenset(("cells", "metadata", "nbformat", "nbformat_minor"))
METADATA = {
    "kernelspec": frozenset(("display_name", "language", "name")),
    "language_info": frozenset(
        ("codemirror_mode", "file_extension", "mimetype", "name", "nbconvert_exporter", "pygments_lexer", "version")
    ),
}
CELL = frozenset(("attachments", "cell_type", "execution_count", "id", "metadata", "outputs", "source"))
CELL_METADATA = frozenset(("deletable", "editable", "nbgrader", "tags"))
NBGRADER = frozenset(
    ("cell_type", "checksum", "grade", "grade_id", "locked", "points", "schema_version", "solution", "task")
)
NO_PLACE = "take it out of the master"


def survey_notebook(survey: Survey, place: Place, data: bytes, master: Any | None) -> None:
    """Add a notebook to a survey.

    Args:
        survey: what is added to.
        place: the notebook's file.
        data: its content.
        master: the master that it was generated from; None where there is none of that name.
    """
    if master is None:
        survey.findings.append(Finding(place, "a notebook without a master of that name", "remove it"))
    try:
        notebook = json.loads(data)
        cells = [dict(cell, metadata=dict(cell.get("metadata", {}))) for cell in notebook["cells"]]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        survey.findings.append(Finding(place, "not a notebook: its JSON can't be read", "generate it anew"))
        survey.texts.append((place, data.decode("utf-8", "replace"), False))
        return
    _strangers(survey, place, notebook, TOP, "the notebook")
    about = notebook.get("metadata", {})
    _strangers(survey, replace(place, part="metadata"), about, frozenset(METADATA), "the notebook's metadata")
    for name, known in METADATA.items():
        _strangers(survey, replace(place, part="metadata"), about.get(name, {}), known, name)
    _add_texts(survey, replace(place, part="metadata"), {k: v for k, v in notebook.items() if k != "cells"})
    known_ids = {cell_of(cell).grade_id for cell in master["cells"]} if master else set()
    for number, cell in enumerate(cells, start=1):
        _survey_cell(survey, replace(place, cell=cell_of(cell).grade_id, number=number), cell, known_ids)


def _survey_cell(survey: Survey, place: Place, cell: dict[str, Any], known_ids: set[str]) -> None:
    def refuse(part: str, reason: str, remedy: str = NO_PLACE) -> None:
        survey.findings.append(Finding(replace(place, part=part), reason, remedy))

    _strangers(survey, place, cell, CELL, "the cell")
    _strangers(survey, replace(place, part="metadata"), cell["metadata"], CELL_METADATA, "the cell's metadata")
    _strangers(survey, replace(place, part="metadata"), nbgrader_metadata(cell) or {}, NBGRADER, "nbgrader's metadata")
    _add_texts(survey, replace(place, part="source"), cell.get("source", ""))
    _add_texts(survey, replace(place, part="metadata"), [cell["metadata"], str(cell.get("id", ""))])
    _add_texts(survey, replace(place, part="unknown fields"), [v for k, v in cell.items() if k not in CELL])
    if cell.get("outputs"):
        refuse("outputs", f"{len(cell['outputs'])} outputs; a release has none", "clear the outputs and release again")
        _add_texts(survey, replace(place, part="outputs"), cell["outputs"])
    if cell.get("execution_count") is not None:
        refuse("execution count", "an execution count; a release has none", "clear the outputs and release again")
    for name, content in (cell.get("attachments") or {}).items():
        _survey_attachment(survey, replace(place, part=f"attachment {name}"), content)
    if known_ids and place.cell not in known_ids:
        refuse("", "a cell that the master does not have", "generate the release anew")
    known = cell_of(cell)
    if known.role is Role.GRADING and not (known.is_locked and cell["metadata"].get("editable") is False):
        refuse("metadata", "a grading cell that students can edit", "lock it in the master")


def _survey_attachment(survey: Survey, place: Place, content: Any) -> None:
    for kind, value in content.items() if isinstance(content, dict) else [("", content)]:
        text = "".join(value) if isinstance(value, list) else str(value)
        if not str(kind).startswith("image/"):
            survey.texts.append((place, text, False))
        try:
            data = base64.b64decode(text, validate=False)
        except (binascii.Error, ValueError):
            data = b""
        if not str(kind).startswith("image/"):
            reason = f"an attachment that is not a picture ({kind})"
            survey.findings.append(Finding(place, reason, NO_PLACE))
        survey.files.append((place, data if data else text.encode()))


def _strangers(survey: Survey, place: Place, found: Any, known: frozenset[str], what: str) -> None:
    if not isinstance(found, dict):
        survey.findings.append(Finding(place, f"{what} is not what a notebook has there", NO_PLACE))
        return
    for key in sorted(set(found) - known):
        survey.findings.append(Finding(place, f"{key!r} in {what}: a release has no such field", NO_PLACE))


def _add_texts(survey: Survey, place: Place, value: Any) -> None:
    for text in _texts(value):
        if text.strip():
            survey.texts.append((place, text, False))


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts of JSON data, keys too; a list of lines is one text."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and value and all(isinstance(line, str) for line in value):
        yield "".join(value) if any(line.endswith("\n") for line in value) else "\n".join(value)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from _texts(item)
