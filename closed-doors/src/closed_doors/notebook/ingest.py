"""Reads a notebook that anybody may have written: a regular file, of bounded size, holding bounded JSON.

What comes out holds cell types, sources, grade_ids, ids, and the pictures of texts as they were handed in (see
`closed_doors.notebook.pictures`), and nothing else of the file.
"""

import json
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from closed_doors.core.errors import SubmissionError
from closed_doors.notebook.json_files import Notebook, joined
from closed_doors.notebook.outputs_left_out import TooLargeError, without_outputs

CELL_TYPES = ("code", "markdown", "raw")
LONGEST_ID = 64  # as nbformat has it
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)  # never backtracks, whatever the text
_BRACKET = re.compile(r"[\[\]{}]")
REMEDY = "Demandez à l'étudiant de rendre à nouveau le notebook, enregistré depuis Jupyter."


_IN_TEXT = re.compile(
    r"""data:([a-zA-Z0-9.+/-]{1,60});base64,([A-Za-z0-9+/=]++)(?=[)"'\s>])""",  # of a picture in a link or an img
)
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Caps:
    """How large a submitted notebook may be.

    Attributes:
        file_mib: any file that is handed in.
        kept_mib: a notebook without its saved outputs.
        cells: how many.
        depth: of its data.
        values: strings, lists and numbers of a notebook without its saved outputs.
        source_characters: of a cell, its pictures left out.
    """

    file_mib: int = 100
    kept_mib: int = 30
    cells: int = 1000
    depth: int = 40
    values: int = 600_000
    source_characters: int = 1_000_000


def read_bytes(path: Path, root: Path, caps: Caps | None = None) -> bytes:
    """Return the content of a file that anybody may have put there.

    Args:
        path: the file handed in, under `root`.
        root: the folder of all submissions; neither the file nor a folder between the two may be a link.
        caps: how large it may be.

    Raises:
        SubmissionError: it is not a regular file of its own, or too large.
    """
    return b"".join(_pieces(path, root, caps or Caps()))


def read_notebook(path: Path, root: Path, caps: Caps | None = None) -> bytes:
    """Return a notebook that anybody may have put there, without its saved outputs; see `read_bytes`.

    Raises:
        SubmissionError: it is not a regular file of its own, or too large.
    """
    caps = caps or Caps()
    return left_of(_pieces(path, root, caps), path.name, caps)


def left_of(pieces: Iterable[bytes], name: str, caps: Caps | None = None) -> bytes:
    """Return what is left of a notebook's bytes without its saved outputs.

    Raises:
        SubmissionError: that is too large.
    """
    caps = caps or Caps()
    try:
        return without_outputs(pieces, caps.kept_mib << 20)
    except TooLargeError as error:
        raise _refused(name, str(error)) from error


def _pieces(path: Path, root: Path, caps: Caps) -> Iterator[bytes]:
    try:
        descriptor = _open_below(root, path.relative_to(root).parts)
    except OSError as error:
        raise _refused(path.name, f"il ne peut pas être ouvert sans suivre de lien ({error.strerror})") from error
    about = os.fstat(descriptor)
    if not stat.S_ISREG(about.st_mode) or about.st_nlink > 1:
        os.close(descriptor)
        raise _refused(path.name, "ce n'est pas un fichier ordinaire (lien, dossier, tube ou périphérique)")
    left = caps.file_mib << 20
    with os.fdopen(descriptor, "rb") as file:
        while piece := file.read(_PIECE):
            left -= len(piece)
            if left < 0:
                raise _refused(path.name, f"il dépasse {caps.file_mib} Mio")
            yield piece


def parse_submission(data: bytes, name: str, caps: Caps | None = None) -> Notebook:
    """Return what counts of a submitted notebook: its cells' types, sources and grade_ids.

    Args:
        data: the file's content, with or without its saved outputs.
        name: the file's name, for messages.
        caps: how large it may be.

    Raises:
        SubmissionError: the file is not a notebook that can be graded.
    """
    caps = caps or Caps()
    data = left_of((data,), name, caps)
    content = _parsed(data, name, caps)
    cells = content.get("cells") if isinstance(content, dict) else None
    if not isinstance(content, dict) or not isinstance(cells, list) or content.get("nbformat") != 4:
        raise _refused(name, "ce n'est pas un notebook au format 4 (un objet JSON avec une liste de cellules)")
    if len(cells) > caps.cells:
        raise _refused(name, f"il contient {len(cells)} cellules, et {caps.cells} sont permises")
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [_cell(cell, number, name, caps) for number, cell in enumerate(cells, start=1)],
    }


def _open_below(root: Path, parts: tuple[str, ...]) -> int:
    """Open a file of which no link leads away; a pipe or a device is opened without waiting for it."""
    *folders, name = parts
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in folders:
            outer, folder = folder, _open(part, os.O_DIRECTORY, folder)
            os.close(outer)
        return _open(name, os.O_NONBLOCK, folder)
    finally:
        os.close(folder)


def _open(name: str, flags: int, folder: int) -> int:
    return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | flags, dir_fd=folder)


def _parsed(data: bytes, name: str, caps: Caps) -> Any:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(name, "ce n'est pas du texte en UTF-8") from error
    bare = _STRING.sub('"', text)
    if _depth(bare) > caps.depth:
        raise _refused(name, f"ses données sont imbriquées sur plus de {caps.depth} niveaux")
    if bare.count(",") + bare.count("[") + bare.count("{") > caps.values:
        raise _refused(name, f"il contient plus de {caps.values} valeurs")
    try:
        return json.loads(text)
    except ValueError as error:  # an integer of too many digits is one too
        raise _refused(name, f"ce n'est pas du JSON ({str(error)[:100]})") from error


def _depth(bare: str) -> int:
    """Return how deeply brackets are nested, strings left out; the JSON reader itself would overflow its stack."""
    depth = deepest = 0
    for bracket in _BRACKET.finditer(bare):
        depth += 1 if bracket[0] in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _cell(cell: Any, number: int, name: str, caps: Caps) -> dict[str, Any]:
    if not isinstance(cell, dict):
        raise _refused(name, f"sa cellule {number} n'en est pas une")
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = joined(source)
    if not isinstance(source, str):
        raise _refused(name, f"le texte de sa cellule {number} n'en est pas un")
    kept: dict[str, Any] = {"cell_type": cell.get("cell_type"), "source": "", "metadata": {}}
    if kept["cell_type"] not in CELL_TYPES:
        kept["cell_type"] = "raw"
    if kept["cell_type"] != "code":
        source, pictures = _without_pictures(source)
        pictures |= _attachments(cell.get("attachments"))
        if pictures:
            kept["attachments"] = pictures
    if len(source) > caps.source_characters:
        raise _refused(name, f"le texte de sa cellule {number} dépasse {caps.source_characters} caractères")
    kept["source"] = source.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\x00", "")
    if grade_id := _grade_id(cell.get("metadata")):
        kept["metadata"] = {"nbgrader": {"grade_id": grade_id}}
    if isinstance(cell.get("id"), str):
        kept["id"] = cell["id"][:LONGEST_ID]
    return kept


def _without_pictures(source: str) -> tuple[str, dict[str, dict[str, str]]]:
    """Return a text in which pictures written out in it are named as attachments, and these."""
    pictures: dict[str, dict[str, str]] = {}

    def taken(found: re.Match[str]) -> str:
        name = f"dans-le-texte-{len(pictures) + 1}"
        pictures[name] = {found[1].lower(): found[2]}
        return f"attachment:{name}"

    return _IN_TEXT.sub(taken, source), pictures


def _attachments(given: Any) -> dict[str, dict[str, str]]:
    """Return the pictures that hang on a cell, by name and kind."""
    found: dict[str, dict[str, str]] = {}
    for name, bundle in given.items() if isinstance(given, dict) else ():
        if isinstance(bundle, dict):
            found[name] = {
                kind: joined(data)
                for kind, data in bundle.items()
                if isinstance(data, str) or (isinstance(data, list) and all(isinstance(line, str) for line in data))
            }
    return found


def _grade_id(metadata: Any) -> str:
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = marks.get("grade_id") if isinstance(marks, dict) else None
    return grade_id if isinstance(grade_id, str) else ""


def _refused(name: str, why: str) -> SubmissionError:
    return SubmissionError(f"Le fichier {name} ne peut pas être corrigé : {why}. {REMEDY}")
