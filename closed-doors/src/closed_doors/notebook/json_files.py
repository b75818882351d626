"""Trusted notebooks as plain data and back, in nbformat 4; loading nbformat itself takes a second."""

import json
from typing import Any

# A JSON object, in nbformat's own shape: the one place where the form of a file that others define is not typed.
JsonObject = dict[str, Any]
Notebook = JsonObject


def parse(data: bytes) -> Notebook:
    """Return the notebook of an instructor's file, each cell's source as one text."""
    notebook: Notebook = json.loads(data)
    for cell in notebook["cells"]:
        cell["source"] = joined(cell["source"])
    return notebook


def serialise(notebook: Notebook) -> bytes:
    """Return a notebook as Jupyter saves it: sorted keys, one blank of indentation."""
    return (json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode("utf-8", "replace")


def joined(text: str | list[str]) -> str:
    """Return a text that nbformat may hold as a list of lines."""
    return text if isinstance(text, str) else "".join(text)
