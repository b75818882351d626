"""Finds the exercise's `raise NotImplementedError()` that are still there where a right function is written already.

Grading runs each cell, and the function holds; but running everything at once stops at that line.
"""

import ast
from collections.abc import Iterator

from .catalogues import say
from .cells import only_a_stub, parsed
from .history import History, Run
from .notebook_file import SavedNotebook


def left_over_advice(history: History, saved: SavedNotebook | None, run: Run, name: str) -> Iterator[str]:
    """Say where one is still there, a sentence a place.

    Args:
        history: the runs.
        saved: the notebook, where it was saved after the definition.
        run: the run that defined the function, without an error.
        name: the function.
    """
    for line in unreachable_raises(run.source):
        yield say("left_over.after_return", name=name, line=line)
    below = _between(saved, run, history.current_id) if saved is not None else ()
    stops = _run_since(history, run) if saved is None else (n for text in below for n in raises_at_top_level(text))
    for line in stops:
        yield say("left_over.stops_a_cell", name=name, line=line)
    for line in (line for text in below for line in _stub_of(text, name)):
        yield say("left_over.defines_again", name=name, line=line)


def raises_at_top_level(source: str) -> list[int]:
    """Return the lines of a cell where it stops the cell itself."""
    return [node.lineno for node in parsed(source).body if _is_left_over(node)]


def unreachable_raises(source: str) -> list[int]:
    """Return the lines of a cell where it follows a return, and nothing reaches it."""
    blocks = [
        block
        for node in ast.walk(parsed(source))
        for field in ("body", "orelse", "finalbody")
        if isinstance(block := getattr(node, field, None), list)
    ]
    return sorted(
        statement.lineno
        for block in blocks
        for place, statement in enumerate(block)
        if _is_left_over(statement) and any(isinstance(earlier, ast.Return) for earlier in block[:place])
    )


def _run_since(history: History, run: Run) -> Iterator[int]:
    """Yield the lines where cells that ran since have stopped, where the interface tells cells apart."""
    later = history.runs[history.runs.index(run) + 1 :]
    latest = history.latest_of_each_cell()
    for other in later:
        if other.cell_id not in (None, run.cell_id) and other in latest and other.line in _stops(other):
            yield other.line


def _stops(run: Run) -> list[int]:
    return raises_at_top_level(run.source) if run.error == NotImplementedError.__name__ else []


def _between(saved: SavedNotebook, run: Run, check: str | None) -> tuple[str, ...]:
    """Return the texts of the file's cells between the definition and the check."""
    start, here = saved.position(run.cell_id), saved.position(check)
    return () if start is None else tuple(cell.source for cell in saved.cells[start + 1 : here])


def _stub_of(source: str, name: str) -> Iterator[int]:
    """Yield the line of a function of this name that is not written."""
    for node in parsed(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == name and _is_left_over(node.body[-1]):
            line = node.body[-1].lineno
            if only_a_stub(source, line):
                yield line


def _is_left_over(node: ast.stmt) -> bool:
    match node:
        case ast.Raise(exc=ast.Name(id="NotImplementedError") | ast.Call(func=ast.Name(id="NotImplementedError"))):
            return True
    return False
