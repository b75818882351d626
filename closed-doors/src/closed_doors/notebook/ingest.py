"""Reads a notebook that anybody may have written: a regular file, of bounded size, holding bounded JSON.

What comes out holds cell types, sources and grade_ids, and nothing else of the file.
"""

import json
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from closed_doors.core.errors import SubmissionError
from closed_doors.notebook.cell import cell_of, metadata_naming
from closed_doors.notebook.json_files import JsonObject, Notebook, joined

CELL_TYPES = ("code", "markdown", "raw")
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)  # never backtracks, whatever the text
_BRACKET = re.compile(r"[\[\]{}]")


@dataclass(frozen=True, slots=True)
class Caps:
    """How large a submitted notebook may be."""

    file_mib: int = 20
    cells: int = 1000
    depth: int = 40
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
    caps = caps or Caps()
    try:
        descriptor = _open_below(root, path.relative_to(root).parts)
    except OSError as error:
        raise SubmissionError("link", file=path.name, error=error.strerror or "") from error
    about = os.fstat(descriptor)
    if not stat.S_ISREG(about.st_mode) or about.st_nlink > 1:
        os.close(descriptor)
        raise SubmissionError("not_a_file", file=path.name)
    with os.fdopen(descriptor, "rb") as file:
        data = file.read((caps.file_mib << 20) + 1)
    if len(data) > caps.file_mib << 20:
        raise SubmissionError("too_large", file=path.name, most=caps.file_mib)
    return data


def parse_submission(data: bytes, name: str, caps: Caps | None = None) -> Notebook:
    """Return what counts of a submitted notebook: its cells' types, sources and grade_ids.

    Args:
        data: the file's content.
        name: the file's name, for messages.
        caps: how large it may be.

    Raises:
        SubmissionError: the file is not a notebook that can be graded.
    """
    caps = caps or Caps()
    content = _parsed(data, name, caps)
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
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SubmissionError("not_utf8", file=name) from error
    if _depth(text) > caps.depth:
        raise SubmissionError("too_deep", file=name, most=caps.depth)
    try:
        content: object = json.loads(text)
    except ValueError as error:  # an integer of too many digits is one too
        raise SubmissionError("not_json", file=name, error=str(error)[:100]) from error
    return content


def _depth(text: str) -> int:
    """Return how deeply brackets are nested outside of strings; the JSON reader itself would overflow its stack."""
    depth = deepest = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
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
    if len(source) > caps.source_characters:
        raise SubmissionError("source_too_long", file=name, number=number, most=caps.source_characters)
    source = source.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\x00", "")
    kind = cell.get("cell_type")
    metadata = metadata_naming(cell_of(cell).grade_id)
    return {"cell_type": kind if kind in CELL_TYPES else "raw", "source": source, "metadata": metadata}
