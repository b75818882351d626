"""Le notebook tel qu'il est enregistré : le noyau ne voit ni l'ordre des cellules, ni ce qui n'est pas exécuté."""

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
    """Une cellule de code du fichier."""

    id: str | None
    source: str


@dataclass(frozen=True, slots=True)
class SavedNotebook:
    """Un notebook enregistré.

    Attributes:
        path: son fichier.
        at: l'heure de son enregistrement, selon time.time.
        cells: ses cellules de code, dans l'ordre.
    """

    path: Path
    at: float
    cells: tuple[SavedCell, ...]

    def position(self, cell_id: str | None) -> int | None:
        """Renvoie la place d'une cellule parmi les cellules de code ; None si elle n'y est pas."""
        if cell_id is None:
            return None
        return next((place for place, cell in enumerate(self.cells) if cell.id == cell_id), None)

    def is_newer_than(self, moment: float) -> bool:
        """Vrai si le fichier a été enregistré après ce moment, sans aucun doute."""
        return self.at > moment + SAVE_MARGIN_S


def read(path: Path) -> SavedNotebook | None:
    """Renvoie le notebook d'un fichier ; None si ce n'en est pas un."""
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
    """Renvoie le fichier du notebook où tourne ce code, si l'interface le dit ; None sinon."""
    told = os.environ.get("JPY_SESSION_NAME", "")
    with contextlib.suppress(Exception):
        told = shell().user_ns.get("__vsc_ipynb_file__", told)
    path = Path(told)
    return path if path.suffix == ".ipynb" and path.is_file() else None


def saved_notebook(history: History) -> SavedNotebook | None:
    """Renvoie le notebook enregistré s'il est sûrement celui-ci : la cellule en cours y est, sous le même nom."""
    path = path_of_this()
    notebook = read(path) if path is not None and history.current_id is not None else None
    if notebook is None or notebook.position(history.current_id) is None:
        return None
    return notebook
