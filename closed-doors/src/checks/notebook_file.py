"""The notebook as it is saved: the kernel sees neither the order of cells nor what was not run."""

import contextlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from .history import History, shell

LARGEST_BYTES = 50_000_000
SAVE_MARGIN_S = 1.0  # a save that began before a run may end after it


@dataclass(frozen=True, slots=True)
class SavedCell:
    """A code cell of the file."""

    id: str | None
    source: str


@dataclass(frozen=True, slots=True)
class SavedNotebook:
    """A saved notebook.

    Attributes:
        path: its file.
        at: when it was saved, by time.time.
        cells: its code cells, in order.
    """

    path: Path
    at: float
    cells: tuple[SavedCell, ...]

    def position(self, cell_id: str | None) -> int | None:
        """Return a cell's place among the code cells; None where it is not there."""
        if cell_id is None:
            return None
        return next((place for place, cell in enumerate(self.cells) if cell.id == cell_id), None)

    def is_newer_than(self, moment: float) -> bool:
        """Whether the file was saved after this moment, beyond doubt."""
        return self.at > moment + SAVE_MARGIN_S


def read(path: Path) -> SavedNotebook | None:
    """Return a file's notebook; None where it is none."""
    try:
        status = path.stat()
        if status.st_size > LARGEST_BYTES:
            return None
        content = json.loads(path.read_text(encoding="utf-8"))
        cells = tuple(
            SavedCell(cell.get("id"), "".join(cell["source"]))
            for cell in content["cells"]
            if cell["cell_type"] == "code"
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return SavedNotebook(path, status.st_mtime, cells)


def path_of_this() -> Path | None:
    """Return the file of the notebook that this code runs in, where the interface tells it; else None."""
    told = os.environ.get("JPY_SESSION_NAME", "")
    with contextlib.suppress(Exception):
        told = shell().user_ns.get("__vsc_ipynb_file__", told)
    path = Path(told)
    return path if path.suffix == ".ipynb" and path.is_file() else None


def saved_notebook(history: History) -> SavedNotebook | None:
    """Return the saved notebook where it is surely this one: the running cell is in it, by the same name."""
    path = path_of_this()
    notebook = read(path) if path is not None and history.current_id is not None else None
    if notebook is None or notebook.position(history.current_id) is None:
        return None
    return notebook
