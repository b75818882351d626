"""Masters exist twice, as text (masters/) and as notebooks (source/): this keeps and checks the pair.

jupytext does the conversion. A cell's id is its grade_id, so that a notebook written anew is the same
to the byte.
"""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from closed_doors.core.errors import MasterError
from closed_doors.core.layout import Layout
from closed_doors.notebook.cell import cell_of

if TYPE_CHECKING:
    from nbformat import NotebookNode

Metadata = dict[str, object]

CELL_METADATA = ("nbgrader", "tags")
NOTEBOOK_METADATA = ("kernelspec",)
FORMAT = {"extension": ".py", "format_name": "percent"}


class Newer(Enum):
    """Which side of a pair wins when both exist and differ."""

    TEXT = "masters"
    NOTEBOOK = "source"


@dataclass(frozen=True, slots=True)
class Pair:
    """One master: its text and its notebook."""

    text: Path
    notebook: Path

    @property
    def newer(self) -> Newer:
        """The side that was saved last; the only side, where the other is missing."""
        if not self.notebook.exists():
            return Newer.TEXT
        if not self.text.exists():
            return Newer.NOTEBOOK
        text, notebook = (path.stat().st_mtime_ns for path in (self.text, self.notebook))
        return Newer.TEXT if text >= notebook else Newer.NOTEBOOK


def pairs(layout: Layout) -> list[Pair]:
    """Return every master of the course, whichever side exists."""
    names = {path.relative_to(layout.masters).with_suffix("") for path in layout.masters.glob("*/*.py")}
    names |= {path.relative_to(layout.source).with_suffix("") for path in layout.source.glob("*/*.ipynb")}
    return [
        Pair(layout.masters / name.with_suffix(".py"), layout.source / name.with_suffix(".ipynb"))
        for name in sorted(names)
    ]


def differences(pair: Pair) -> list[str]:
    """Compare a pair cell by cell: one sentence a difference, none when the two agree."""
    missing = [path for path in (pair.text, pair.notebook) if not path.exists()]
    if missing:
        return [f"{path} is missing" for path in missing]
    text, notebook = (_comparable(path) for path in (pair.text, pair.notebook))
    found = [
        f"cell {position}: {_first_line(ours)!r} in {pair.text}, {_first_line(theirs)!r} in {pair.notebook}"
        for position, (ours, theirs) in enumerate(zip(text, notebook, strict=False), start=1)
        if ours != theirs
    ]
    if len(text) != len(notebook):
        found.append(f"{len(text)} cells in {pair.text}, {len(notebook)} in {pair.notebook}")
    return found


def synchronise(pair: Pair, newer: Newer | None = None) -> Newer | None:
    """Bring a pair to the same cells, from the side that was saved last unless `newer` names one.

    Returns:
        The side that was taken, or None where the two agreed already (nothing is written then).
    """
    if not differences(pair):
        return None
    side = newer or pair.newer
    if side is Newer.TEXT:
        _write_notebook(pair)
    else:
        _write_text(pair)
    return side


def _read(path: Path) -> "NotebookNode":
    import jupytext  # loads nbformat: 0.2 s that `course --help` need not spend

    try:
        return jupytext.read(path)
    except Exception as error:
        raise MasterError(f"{path} can't be read as a notebook: {error}") from error


def _comparable(path: Path) -> list[tuple[str, str, Metadata]]:
    return [(cell.cell_type, cell.source, _only(cell.metadata, CELL_METADATA)) for cell in _read(path).cells]


def _only(metadata: Metadata, keys: tuple[str, ...]) -> Metadata:
    return {key: metadata[key] for key in keys if key in metadata}


def _first_line(cell: tuple[str, str, Metadata]) -> str:
    return cell[1].split("\n", 1)[0][:60]


def _write_notebook(pair: Pair) -> None:
    """Write the notebook from the text; a cell that has a grade_id keeps its id, whatever moved around it."""
    import jupytext

    fresh = _read(pair.text)
    fresh.metadata = _only(fresh.metadata, NOTEBOOK_METADATA)
    fresh.nbformat, fresh.nbformat_minor = 4, 5
    for position, cell in enumerate(fresh.cells):
        cell.metadata = _only(cell.metadata, CELL_METADATA)
        cell.id = cell_of(cell).grade_id or f"cell-{position}"
    pair.notebook.parent.mkdir(parents=True, exist_ok=True)
    jupytext.write(fresh, pair.notebook, fmt="ipynb")


def _write_text(pair: Pair) -> None:
    import jupytext

    notebook = _read(pair.notebook)
    notebook.metadata = _only(notebook.metadata, NOTEBOOK_METADATA)
    for cell in notebook.cells:
        cell.metadata = _only(cell.metadata, CELL_METADATA)
    pair.text.parent.mkdir(parents=True, exist_ok=True)
    jupytext.write(notebook, pair.text, fmt=FORMAT)
