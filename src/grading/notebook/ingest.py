"""Reads a notebook that anybody may have written: a regular file, of bounded size, holding bounded JSON.

What comes out holds cell types, sources and grade_ids, and nothing else of the file.
"""

import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from grading.errors import SubmissionError

CELL_TYPES = ("code", "markdown", "raw")
REMEDY = "Demandez à l'étudiant de rendre à nouveau le notebook, enregistré depuis Jupyter."


@dataclass(frozen=True, slots=True)
class Caps:
    """How large a submitted notebook may be."""

    file_mib: int = 20
    cells: int = 1000
    depth: int = 40
    source_characters: int = 1_000_000


def read_submission(path: Path, root: Path, caps: Caps | None = None) -> NotebookNode:
    """Return what counts of a submitted notebook: its cells' types, sources and grade_ids.

    Args:
        path: the file handed in, under `root`.
        root: the folder of all submissions; neither the file nor a folder between the two may be a link.
        caps: how large it may be.

    Raises:
        SubmissionError: the file is not a notebook that can be graded.
    """
    caps = caps or Caps()
    data = _parsed(_read(path, root, caps), path, caps)
    cells = data.get("cells") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(cells, list) or data.get("nbformat") != 4:
        raise _refused(path, "ce n'est pas un notebook au format 4 (un objet JSON avec une liste de cellules)")
    if len(cells) > caps.cells:
        raise _refused(path, f"il contient {len(cells)} cellules, et {caps.cells} sont permises")
    return NotebookNode(
        nbformat=4,
        nbformat_minor=5,
        metadata=NotebookNode(),
        cells=[_cell(cell, number, path, caps) for number, cell in enumerate(cells, start=1)],
    )


def _read(path: Path, root: Path, caps: Caps) -> bytes:
    """Read a file of which no link leads away; a pipe or a device is refused before it is read."""
    try:
        folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        *folders, name = path.relative_to(root).parts
        for part in folders:
            outer, folder = folder, _open(part, os.O_DIRECTORY, folder)
            os.close(outer)
        descriptor = _open(name, os.O_NONBLOCK, folder)
        os.close(folder)
    except OSError as error:
        raise _refused(path, f"il ne peut pas être ouvert sans suivre de lien ({error.strerror})") from error
    about = os.fstat(descriptor)
    if not stat.S_ISREG(about.st_mode) or about.st_nlink > 1:
        os.close(descriptor)
        raise _refused(path, "ce n'est pas un fichier ordinaire (lien, dossier, tube ou périphérique)")
    with os.fdopen(descriptor, "rb") as file:
        data = file.read((caps.file_mib << 20) + 1)
    if len(data) > caps.file_mib << 20:
        raise _refused(path, f"il dépasse {caps.file_mib} Mio")
    return data


def _open(name: str, flags: int, folder: int) -> int:
    return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | flags, dir_fd=folder)


def _parsed(data: bytes, path: Path, caps: Caps) -> Any:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(path, "ce n'est pas du texte en UTF-8") from error
    if _depth(text) > caps.depth:
        raise _refused(path, f"ses données sont imbriquées sur plus de {caps.depth} niveaux")
    try:
        return json.loads(text)
    except ValueError as error:  # an integer of too many digits is one too
        raise _refused(path, f"ce n'est pas du JSON ({str(error)[:100]})") from error


def _depth(text: str) -> int:
    """Return how deeply brackets are nested outside of strings; the JSON reader itself would overflow its stack."""
    depth = deepest = 0
    in_string = escaped = False
    for character in text:
        if in_string:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_string = False
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _cell(cell: Any, number: int, path: Path, caps: Caps) -> NotebookNode:
    if not isinstance(cell, dict):
        raise _refused(path, f"sa cellule {number} n'en est pas une")
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise _refused(path, f"le texte de sa cellule {number} n'en est pas un")
    if len(source) > caps.source_characters:
        raise _refused(path, f"le texte de sa cellule {number} dépasse {caps.source_characters} caractères")
    source = source.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\x00", "")
    kind = cell.get("cell_type")
    metadata = NotebookNode()
    if grade_id := _grade_id(cell.get("metadata")):
        metadata["nbgrader"] = NotebookNode(grade_id=grade_id)
    return NotebookNode(cell_type=kind if kind in CELL_TYPES else "raw", source=source, metadata=metadata)


def _grade_id(metadata: Any) -> str:
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = marks.get("grade_id") if isinstance(marks, dict) else None
    return grade_id if isinstance(grade_id, str) else ""


def _refused(path: Path, why: str) -> SubmissionError:
    return SubmissionError(f"Le fichier {path.name} ne peut pas être corrigé : {why}. {REMEDY}")
