"""What a cell's text says of it: the names that it defines, and what is still to be written there."""

import ast
import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import FrameType, TracebackType

from .catalogues import say

UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)  # what ast.parse raises, by what a cell holds

RUN_IN_THE_NOTEBOOK = ("%%time", "%%capture", "%%prun")


@dataclass(frozen=True, slots=True)
class DefiningCell:
    """A cell that defines a function that is asked for, and what came of its last run.

    Attributes:
        source: its text, as Python.
        error: the type of the error that stopped it; empty where nothing did.
        text: that error's message.
        line: the line of the cell where the error came from, from 1; 0 where it is not known.
        magic: the command that keeps what the cell defines to itself, such as %%timeit; empty where none does.
    """

    source: str
    error: str = ""
    text: str = ""
    line: int = 0
    magic: str = ""


def cut_off(source: str, seconds: float | None) -> DefiningCell:
    """Return a cell whose run did not come to its end.

    Args:
        source: its text, as Python.
        seconds: the time that it exceeded; None where it stopped the program.
    """
    if seconds is None:
        return DefiningCell(source, "SystemExit", say("cell.ended_program"))
    return DefiningCell(source, "TimeoutError", say("cell.out_of_time", seconds=float(seconds)))


@functools.lru_cache(maxsize=64)
def parsed(source: str) -> ast.Module:
    """Return a cell's tree, empty where it is no Python; others use it too: do not change it."""
    try:
        return ast.parse(source)
    except UNREADABLE:
        return ast.Module([], [])


def names_defined(source: str, before_line: int | None = None) -> set[str]:
    """Return the global names that a cell defines.

    Args:
        source: the cell's text, as Python.
        before_line: count only statements that end before this line; all of them without it.
    """
    tree = parsed(source)
    done = [node for node in tree.body if before_line is None or (node.end_lineno or node.lineno) < before_line]
    return {name for statement in done for name in names_bound(statement)}


def probable_names(source: str) -> set[str]:
    """Return the names that a cell would define, even where a syntax error keeps it from being read whole."""
    if names := names_defined(source):
        return names
    return {name for line in source.splitlines() if (name := _begun(line))}


def below_cell_magic(written: str) -> str | None:
    """Return the Python below a command such as %%time, on the same line; None where the cell has none."""
    if not written.lstrip().startswith("%%"):
        return None
    blank, _, rest = written.partition("%%")
    return f"{blank}\n{rest.partition(chr(10))[2]}"


def cell_magic(written: str) -> str:
    """Return the command that a cell begins with, such as %%timeit; empty where what it defines stays all the same."""
    words = written.split(maxsplit=1)
    return words[0] if words and words[0].startswith("%%") and words[0] not in RUN_IN_THE_NOTEBOOK else ""


def only_a_stub(source: str, line: int) -> bool:
    """Whether the function that holds this line has no statement but `raise NotImplementedError()`."""
    functions = [
        node
        for node in ast.walk(parsed(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    if not functions:
        return True
    innermost = max(functions, key=lambda node: node.lineno)
    return len([node for node in innermost.body if not _says_nothing(node) and not _calls_super(node)]) <= 1


def _calls_super(node: ast.stmt) -> bool:
    """Whether it is `super().__init__()`, which an exercise on a class gives beforehand."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super"))))):
            return True
    return False


def error_text(error: BaseException) -> str:
    """Return the message of an error that stopped a cell, on one line."""
    return str(error.msg) if isinstance(error, SyntaxError) else " ".join(str(error).split())


def error_line(error: BaseException, namespace: dict[str, object]) -> int:
    """Return the line of the cell where an error came from, or passed through; 0 where it is not known.

    Args:
        error: what stopped the cell.
        namespace: the notebook's global names.
    """
    if isinstance(error, SyntaxError) and error.lineno:
        return error.lineno
    frames = _frames(error.__traceback__)
    return next((line for line, frame in frames if frame.f_globals is namespace and _is_cell(frame)), 0)


def _frames(traceback: TracebackType | None) -> Iterator[tuple[int, FrameType]]:
    while traceback is not None:
        yield traceback.tb_lineno, traceback.tb_frame
        traceback = traceback.tb_next


def _is_cell(frame: FrameType) -> bool:
    return frame.f_code.co_name == "<module>" or str(frame.f_code.co_name).startswith("<cell line")


def _says_nothing(node: ast.stmt) -> bool:
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def names_bound(statement: ast.stmt) -> set[str]:
    """Return the names that a statement binds, without going into functions and classes."""
    names: set[str] = set()
    nodes: list[ast.AST] = [statement]
    while nodes:  # no recursion: a statement may be as deep as Python can read
        node = nodes.pop()
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
                continue
            case ast.Lambda():
                continue
            case ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
            case ast.alias(name=name, asname=asname):
                names.add(asname or name.split(".")[0])
        nodes += ast.iter_child_nodes(node)
    return names


def _begun(line: str) -> str:
    """Return the name that a line without indentation begins to define, such as `def name(`."""
    for word in ("def ", "class ", "async def "):
        if line.startswith(word):
            name = line[len(word) :].replace(":", "(").split("(")[0].strip()
            return name if name.isidentifier() else ""
    return ""


def first_cause(cells: Mapping[str, DefiningCell], name: str) -> tuple[DefiningCell, str]:
    """Return the failed cell that a missing name comes from, and the name that this cell was to define.

    A cell that stops for want of a name leads to the one that was to define it, where that one stopped too.
    """
    seen = {name}
    while (missing := _missing_name(cells[name])) and missing not in seen and missing in cells:
        if not cells[missing].error:
            break
        name = missing
        seen.add(name)
    return cells[name], name


def _missing_name(cell: DefiningCell) -> str:
    found = re.search(r"name '(\w+)' is not defined", cell.text) if cell.error == "NameError" else None
    return found[1] if found else ""


def source_with(cells: Iterable[DefiningCell], line: int, text: str) -> str:
    """Return the text of the first cell that has this text on this line; empty where none has."""
    for cell in cells:
        lines = cell.source.splitlines()
        if 0 < line <= len(lines) and lines[line - 1].strip() == text:
            return cell.source
    return ""


def why_it_failed(cell: DefiningCell, name: str, with_text: bool = True) -> str:
    """Say, in a sentence, that the cell that defines a name has stopped, where and why."""
    why = reason(cell, with_text)
    if cell.line:
        return say("cell.stopped_at", name=name, line=cell.line, why=why)
    return say("cell.stopped", name=name, why=why)


def reason(cell: DefiningCell, with_text: bool = True) -> str:
    """Say in few words what stopped a cell."""
    detail = f"{cell.error}, {cell.text}" if with_text and cell.text else cell.error
    match cell.error:
        case "NotImplementedError":
            return say("cell.left_over")
        case "SyntaxError" | "IndentationError" | "TabError":
            return say("cell.syntax", detail=detail)
        case "NameError":
            return say("cell.name", detail=detail)
        case "ModuleNotFoundError" | "ImportError":
            return say("cell.import", detail=detail)
    return detail
