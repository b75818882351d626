"""Reads a notebook that anybody may have written: a regular file, of bounded size, holding bounded JSON.

What comes out holds cell types, sources, grade_ids, ids, and the pictures of texts as they were handed in (see
`closed_doors.notebook.pictures`), and nothing else of the file.
"""

import itertools
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from closed_doors.core.errors import SubmissionError
from closed_doors.notebook.cell import grade_id_of, metadata_naming
from closed_doors.notebook.json_files import JsonObject, Notebook, joined
from closed_doors.notebook.outputs_left_out import TooLargeError, without_outputs
from closed_doors.notebook.pictures import Attachments

CELL_TYPES = ("code", "markdown", "raw")
LONGEST_ID = 64  # as nbformat has it
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)  # never backtracks, whatever the text
_BRACKET = re.compile(r"[\[\]{}]")


_IN_TEXT = re.compile(
    r"""data:([a-zA-Z0-9.+/-]{1,60});base64,([A-Za-z0-9+/=]++)(?=[)"'\s>])""",  # of a picture in a link or an img
)
_PIECE = 1 << 20
SMALL = 1 << 19  # bytes: too few for more values than a notebook may hold


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
    pieces = iter(pieces)
    first, second = next(pieces, b""), next(pieces, b"")
    if not second and len(first) <= SMALL:
        return _small_without_outputs(first)
    return _cut(itertools.chain((first, second), pieces), name, caps or Caps())


def _small_without_outputs(data: bytes) -> bytes:
    """Do what `without_outputs` does, faster; what can't be read is left as it is."""
    try:
        content: object = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return data
    cells = content.get("cells") if isinstance(content, dict) else None
    for cell in cells if isinstance(cells, list) else ():
        if isinstance(cell, dict) and "outputs" in cell:
            cell["outputs"] = []
    return json.dumps(content).encode()


def _cut(pieces: Iterable[bytes], name: str, caps: Caps) -> bytes:
    try:
        return without_outputs(pieces, caps.kept_mib << 20)
    except TooLargeError as error:
        raise SubmissionError(error.code, file=name, most=error.most) from error


def _pieces(path: Path, root: Path, caps: Caps) -> Iterator[bytes]:
    try:
        descriptor = _open_below(root, path.relative_to(root).parts)
    except OSError as error:
        raise SubmissionError("link", file=path.name, error=error.strerror or "") from error
    about = os.fstat(descriptor)
    if not stat.S_ISREG(about.st_mode) or about.st_nlink > 1:
        os.close(descriptor)
        raise SubmissionError("not_a_file", file=path.name)
    left = caps.file_mib << 20
    with os.fdopen(descriptor, "rb") as file:
        while piece := file.read(_PIECE):
            left -= len(piece)
            if left < 0:
                raise SubmissionError("too_large", file=path.name, most=caps.file_mib)
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
    content = _parsed(data if len(data) <= SMALL else _cut((data,), name, caps), name, caps)
    cells = content.get("cells") if isinstance(content, dict) else None
    if not isinstance(content, dict) or not isinstance(cells, list) or content.get("nbformat") != 4:
        raise SubmissionError("not_a_notebook", file=name)
    if len(cells) > caps.cells:
        raise SubmissionError("too_many_cells", file=name, found=len(cells), most=caps.cells)
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


def _parsed(data: bytes, name: str, caps: Caps) -> object:
    text = _text(data, name)
    bare = _STRING.sub('"', text)
    if _depth(bare) > caps.depth:
        text = _text(_cut((data,), name, caps), name)  # a small notebook still has its saved outputs
        bare = _STRING.sub('"', text)
        if _depth(bare) > caps.depth:
            raise SubmissionError("too_deep", file=name, most=caps.depth)
    if bare.count(",") + bare.count("[") + bare.count("{") > caps.values:
        raise SubmissionError("too_many_values", file=name, most=caps.values)
    try:
        content: object = json.loads(text)
    except ValueError as error:  # an integer of too many digits is one too
        raise SubmissionError("not_json", file=name, error=str(error)[:100]) from error
    return content


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SubmissionError("not_utf8", file=name) from error


def _depth(bare: str) -> int:
    """Return how deeply brackets are nested, strings left out; the JSON reader itself would overflow its stack."""
    depth = deepest = 0
    for bracket in _BRACKET.finditer(bare):
        depth += 1 if bracket[0] in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _cell(cell: object, number: int, name: str, caps: Caps) -> JsonObject:
    if not isinstance(cell, dict):
        raise SubmissionError("not_a_cell", file=name, number=number)
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = joined(source)
    if not isinstance(source, str):
        raise SubmissionError("not_a_text", file=name, number=number)
    kept: JsonObject = {
        "cell_type": cell.get("cell_type"),
        "source": "",
        "metadata": metadata_naming(grade_id_of(cell)),
    }
    if kept["cell_type"] not in CELL_TYPES:
        kept["cell_type"] = "raw"
    pictures: Attachments = {}
    if kept["cell_type"] != "code":
        source, pictures = _without_pictures(source)
    if "attachment:" in source or kept["cell_type"] != "code":  # a text that became code by a slip keeps its own
        pictures |= _attachments(cell.get("attachments"))
    if pictures:
        kept["attachments"] = pictures
    if len(source) > caps.source_characters:
        raise SubmissionError("source_too_long", file=name, number=number, most=caps.source_characters)
    kept["source"] = source.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\x00", "")
    if isinstance(cell.get("id"), str):
        kept["id"] = cell["id"][:LONGEST_ID]
    return kept


def _without_pictures(source: str) -> tuple[str, Attachments]:
    """Return a text in which pictures written out in it are named as attachments, and these."""
    pictures: Attachments = {}

    def taken(found: re.Match[str]) -> str:
        name = f"in-the-text-{len(pictures) + 1}"
        pictures[name] = {found[1].lower(): found[2]}
        return f"attachment:{name}"

    return _IN_TEXT.sub(taken, source), pictures


def _attachments(given: object) -> Attachments:
    """Return the pictures that hang on a cell, by name and kind."""
    found: Attachments = {}
    for name, bundle in given.items() if isinstance(given, dict) else ():
        if isinstance(bundle, dict):
            found[name] = {
                kind: joined(data)
                for kind, data in bundle.items()
                if isinstance(data, str) or (isinstance(data, list) and all(isinstance(line, str) for line in data))
            }
    return found
