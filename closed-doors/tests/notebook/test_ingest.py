"""Files that anybody may have written, read without harm."""

import json
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest

from closed_doors.core.errors import SubmissionError
from closed_doors.notebook.ingest import Caps, parse_submission, read_bytes
from closed_doors.notebook.rebuild import rebuild


def notebook(**changes: Any) -> dict[str, Any]:
    cell = {"cell_type": "code", "source": "x = 1", "metadata": {"nbgrader": {"grade_id": "a", "points": 99}}}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell], **changes}


def read(tmp_path: Path, content: object) -> Any:
    path = tmp_path / "eleve" / "devoir" / "n.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return parse_submission(read_bytes(path, tmp_path), path.name)


def test_only_types_sources_and_names_are_kept(tmp_path: Path) -> None:
    """Points, outputs, attachments and ids of a submission go no further."""
    cell = {**notebook()["cells"][0], "outputs": [1], "attachments": {"a": {}}, "id": "x"}
    (kept,) = read(tmp_path, notebook(cells=[cell]))["cells"]
    assert kept == {"cell_type": "code", "source": "x = 1", "metadata": {"nbgrader": {"grade_id": "a"}}, "id": "x"}


@pytest.mark.parametrize("source", ["é = 1\nb", ["é = 1\n", "b"], "é = 1\r\nb", "é = 1\n\x00b"])
def test_sources_are_read_in_every_honest_form(tmp_path: Path, source: object) -> None:
    """Text, a list of lines, Windows line ends, a byte order mark."""
    raw = json.dumps(notebook(cells=[{"cell_type": "code", "source": source, "metadata": {}}]))
    (cell,) = read(tmp_path, b"\xef\xbb\xbf" + raw.encode())["cells"]
    assert cell["source"] == "é = 1\nb"
    (own,) = rebuild(nbformat.v4.new_notebook(), read(tmp_path, raw.encode())).notebook.cells
    assert own["source"] == "é = 1\nb"


REFUSED = {
    "empty": b"",
    "truncated": b'{"cells": [',
    "bad UTF-8": b'{"cells": "\xff\xfe"}',
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "deep after escaped quotes": b'["\\\\", "\\"", ' + b"[" * 100 + b"]" * 100 + b"]",
    "a string without an end": b'{"cells": "' + b'\\"' * 1_000_000 + b"\\",
    "huge integer": b'{"nbformat": ' + b"9" * 10_000 + b"}",
    "not an object": b"[]",
    "format 3": notebook(nbformat=3),
    "cells not a list": notebook(cells={"a": 1}),
    "a cell that is none": notebook(cells=[1]),
    "a source that is none": notebook(cells=[{"cell_type": "code", "source": {"a": 1}}]),
    "too many cells": notebook(cells=[{"source": ""}] * 1001),
    "a source too long": notebook(cells=[{"source": "x" * 1_000_001}]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_notebook_is_refused_in_french(tmp_path: Path, case: str) -> None:
    """The message names the file, what is wrong with it, and what to do."""
    with pytest.raises(SubmissionError, match=r"n\.ipynb ne peut pas être corrigé\s: .*Demandez à l'étudiant"):
        read(tmp_path, REFUSED[case])


def test_a_file_too_large_is_not_read_to_its_end(tmp_path: Path) -> None:
    """The cap holds before anything is parsed."""
    path = tmp_path / "n.ipynb"
    path.write_bytes(b" " * ((1 << 20) + 1))
    with pytest.raises(SubmissionError, match="dépasse 1\u00a0Mio"):
        read_bytes(path, tmp_path, Caps(file_mib=1))


@pytest.mark.parametrize("kind", ["symlink", "folder symlink", "hard link", "pipe", "folder", "device"])
def test_only_a_regular_file_of_its_own_is_read(tmp_path: Path, kind: str) -> None:
    """Links to other people's files, pipes, folders and devices are refused, and none of them hangs."""
    secret = tmp_path / "secret" / "n.ipynb"
    secret.parent.mkdir()
    secret.write_text(json.dumps(notebook()))
    root = tmp_path / "submitted"
    path = root / "eleve" / "n.ipynb"
    root.mkdir()
    if kind == "folder symlink":
        path.parent.symlink_to(secret.parent)
    else:
        path.parent.mkdir()
    match kind:
        case "symlink":
            path.symlink_to(secret)
        case "hard link":
            os.link(secret, path)
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "device":
            path.symlink_to("/dev/zero")
    with pytest.raises(SubmissionError):
        read_bytes(path, root)
