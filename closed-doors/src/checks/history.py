"""Remembers the cells that the kernel has run: their text, what they have defined, what stopped them.

This is all that the kernel knows of a notebook. A function stays in memory when its cell has changed or failed since;
only the succession of runs can tell. Without IPython there is none, and nothing is said.
"""

import contextlib
import sys
import time
from dataclasses import dataclass, field
from typing import Any, Protocol

from .cells import DefiningCell, below_cell_magic, cell_magic, error_line, error_text, names_defined, probable_names
from .values_as_text import clean

LONGEST_ERROR = 120


class Started(Protocol):
    """What IPython says of a cell that begins."""

    raw_cell: str
    store_history: bool


class Ended(Protocol):
    """What IPython says of a cell that ends."""

    info: Started
    error_before_exec: BaseException | None
    error_in_exec: BaseException | None


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a cell.

    Attributes:
        cell_id: what the interface calls the cell by; None where it does not say.
        source: the text that was run, as Python.
        written: the cell's text.
        error, text, line: what stopped it, as in DefiningCell.
        would_define: the names that its text defines.
        defined: those that it defined before it stopped.
        at: when it ended, by time.time.
    """

    cell_id: str | None
    source: str
    written: str
    error: str
    text: str
    line: int
    would_define: frozenset[str]
    defined: frozenset[str]
    at: float

    @property
    def cell(self) -> DefiningCell:
        """The cell, as one speaks of it to the student."""
        return DefiningCell(self.source, self.error, self.text, self.line, cell_magic(self.written))


@dataclass
class History:
    """A kernel's runs, the oldest first, and the cell that is running."""

    runs: list[Run] = field(default_factory=list)
    current_id: str | None = None
    current_source: str = ""

    def begin(self, info: Started) -> None:
        """Note which cell begins."""
        with contextlib.suppress(Exception):
            self.current_id, self.current_source = getattr(info, "cell_id", None), info.raw_cell

    def end(self, result: Ended) -> None:
        """Note what came of a cell; nothing here may disturb the notebook."""
        with contextlib.suppress(Exception):
            if result.info.store_history:
                self.runs.append(_run(result))

    def defining(self, name: str) -> list[Run]:
        """Return the runs whose text defines this name."""
        return [run for run in self.runs if name in run.would_define]

    def cells(self) -> dict[str, DefiningCell]:
        """Return, for each name, the cell whose text has defined it last."""
        return {name: run.cell for run in self.runs for name in run.would_define}

    def latest_of_each_cell(self) -> list[Run]:
        """Return the last run of each cell that the interface tells apart, and all of the others."""
        named = {run.cell_id: run for run in self.runs if run.cell_id is not None}
        return [run for run in self.runs if run.cell_id is None or named[run.cell_id] is run]


history = History()


def shell() -> Any:
    """Return IPython's shell that this code runs in; None outside of a notebook."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def remember_cells() -> None:
    """Begin to remember cells, once for all, where there is a notebook."""
    with contextlib.suppress(Exception):
        events = shell().events
        if history.end not in events.callbacks["post_run_cell"]:
            events.register("pre_run_cell", history.begin)
            events.register("post_run_cell", history.end)


def typed_by_a_person() -> bool:
    """Whether an interface where somebody can answer has asked for the run, and not automatic grading."""
    with contextlib.suppress(Exception):
        return bool(shell().kernel.get_parent()["content"]["allow_stdin"])
    return False


def _run(result: Ended) -> Run:
    written = result.info.raw_cell
    source = _python(written, getattr(result.info, "transformed_cell", None))
    error = result.error_before_exec or result.error_in_exec
    line = error_line(error, shell().user_global_ns) if error is not None else 0
    would = probable_names(source)
    if error is None:
        defined = would
    else:
        defined = names_defined(source, before_line=line) if result.error_before_exec is None and line else set()
    return Run(
        cell_id=getattr(result.info, "cell_id", None),
        source=source,
        written=written,
        error=type(error).__name__ if error is not None else "",
        text=clean(error_text(error), LONGEST_ERROR) if error is not None else "",
        line=line,
        would_define=frozenset(would),
        defined=frozenset(defined),
        at=time.time(),
    )


def _python(written: str, transformed: str | None) -> str:
    """Return a cell's Python; below a command such as %%time, what that runs, on the same line."""
    if (below := below_cell_magic(written)) is not None:
        return below
    if transformed is None:
        with contextlib.suppress(Exception):
            transformed = shell().transform_cell(written)
    return transformed or written
