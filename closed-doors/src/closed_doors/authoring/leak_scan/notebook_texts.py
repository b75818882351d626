"""The texts of a released notebook, cell by cell, and what nbgrader would never have left in it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import TypeGuard

from closed_doors.authoring.leak_scan.finding import Contents, Place
from closed_doors.notebook.cell import Role, cell_of, nbgrader_metadata
from closed_doors.notebook.json_files import Notebook
from closed_doors.notebook.where_feedback_is import is_last_words

Object = dict[str, object]  # of JSON


TOP = frozenset(("cells", "metadata", "nbformat", "nbformat_minor"))
METADATA = {
    "kernelspec": frozenset(("display_name", "language", "name")),
    "language_info": frozenset(
        ("codemirror_mode", "file_extension", "mimetype", "name", "nbconvert_exporter", "pygments_lexer", "version")
    ),
}
CELL = frozenset(("attachments", "cell_type", "execution_count", "id", "metadata", "outputs", "source"))
CELL_METADATA = frozenset(("deletable", "editable", "jupyter", "nbgrader", "tags"))
FOLDED = frozenset(("source_hidden",))
NBGRADER = frozenset(
    ("cell_type", "checksum", "grade", "grade_id", "locked", "points", "schema_version", "solution", "task")
)
NO_PLACE = "take it out of the master"


def add_notebook(contents: Contents, place: Place, data: bytes, master: Notebook | None) -> None:
    """Add a notebook to the contents of a folder.

    Args:
        contents: what is added to.
        place: the notebook's file.
        data: its content.
        master: the master that it was generated from; None where there is none of that name.
    """
    if master is None:
        contents.refuse(place, "a notebook without a master of that name", "remove it")
    try:
        notebook: object = json.loads(data)
    except (ValueError, RecursionError):
        notebook = None
    cells = notebook.get("cells") if _is_object(notebook) else None
    if not _is_object(notebook) or not isinstance(cells, list) or not all(map(_is_object, cells)):
        contents.refuse(place, "not a notebook: its JSON can't be read", "generate it anew")
        contents.texts.append((place, data.decode("utf-8", "replace"), False))
        return
    _NotebookReader(contents, replace(place, part="metadata")).about(notebook)
    known_ids = {cell_of(cell).grade_id for cell in master["cells"]} if master else set()
    for number, cell in enumerate(cells, start=1):
        at = replace(place, cell=cell_of(cell).grade_id, number=number)
        _NotebookReader(contents, at).cell(cell, known_ids)


class _NotebookReader:
    """Reads one cell, or what stands around the cells.

    Args:
        contents: what is added to.
        place: where that is.
    """

    def __init__(self, contents: Contents, place: Place) -> None:
        self._contents = contents
        self._place = place

    def about(self, notebook: Object) -> None:
        """Read what a notebook says beside its cells."""
        self._strangers(replace(self._place, part=""), notebook, TOP, "the notebook")
        about = notebook.get("metadata", {})
        self._strangers(self._place, about, frozenset(METADATA), "the notebook's metadata")
        for name, known in METADATA.items():
            self._strangers(self._place, _part(notebook, "metadata").get(name, {}), known, name)
        self._texts("metadata", {key: value for key, value in notebook.items() if key != "cells"})

    def cell(self, cell: Object, known_ids: set[str]) -> None:
        """Read a cell."""
        known = cell_of(cell)
        self._strangers(self._place, cell, CELL, "the cell")
        inside = replace(self._place, part="metadata")
        self._strangers(inside, cell.get("metadata", {}), CELL_METADATA, "the cell's metadata")
        self._strangers(inside, _part(cell, "metadata").get("jupyter", {}), FOLDED, "Jupyter's metadata")
        self._strangers(inside, nbgrader_metadata(cell) or {}, NBGRADER, "nbgrader's metadata")
        self._texts("source", cell.get("source", ""))
        self._texts("metadata", [cell.get("metadata"), str(cell.get("id", ""))])
        self._texts("unknown fields", [value for key, value in cell.items() if key not in CELL])
        self._outputs(cell)
        for name, content in _part(cell, "attachments").items():
            self._attachment(f"attachment {name}", content)
        if known_ids and self._place.cell not in known_ids and not is_last_words(cell):
            self._refuse("", "a cell that the master does not have", "generate the release anew")
        if known.role is Role.GRADING and not (known.is_locked and _part(cell, "metadata").get("editable") is False):
            self._refuse("metadata", "a grading cell that students can edit", "lock it in the master")

    def _outputs(self, cell: Object) -> None:
        remedy = "clear the outputs and release again"
        if outputs := cell.get("outputs"):
            count = len(outputs) if isinstance(outputs, list) else 1
            self._refuse("outputs", f"{count} outputs; a release has none", remedy)
            self._texts("outputs", outputs)
        if cell.get("execution_count") is not None:
            self._refuse("execution count", "an execution count; a release has none", remedy)

    def _attachment(self, part: str, content: object) -> None:
        """Note an attached picture, which a person must look at; anything else attached has no place there."""
        for kind in content if _is_object(content) and content else ("of no kind",):
            if kind.startswith("image/"):
                self._contents.images.append(replace(self._place, part=part))
            else:
                self._refuse(part, f"an attachment that is not a picture ({kind})", NO_PLACE)

    def _strangers(self, place: Place, found: object, known: frozenset[str], what: str) -> None:
        if not _is_object(found):
            self._contents.refuse(place, f"{what} is not what a notebook has there", NO_PLACE)
            return
        for key in sorted(set(found) - known):
            self._contents.refuse(place, f"{key!r} in {what}: a release has no such field", NO_PLACE)

    def _texts(self, part: str, value: object) -> None:
        for text in _texts(value):
            if text.strip():
                self._contents.texts.append((replace(self._place, part=part), text, False))

    def _refuse(self, part: str, reason: str, remedy: str) -> None:
        self._contents.refuse(replace(self._place, part=part), reason, remedy)


def _is_object(value: object) -> TypeGuard[Object]:
    return isinstance(value, dict)


def _part(value: Object, key: str) -> Object:
    """Return an object inside another; an empty one where there is something else."""
    part = value.get(key)
    return part if _is_object(part) else {}


def _texts(value: object) -> Iterator[str]:
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
