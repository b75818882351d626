"""What students see of a grading cell, for code of theirs that comes after it and reads what the cell has bound."""

import ast
import functools

from checks.collect import hidden_lines
from closed_doors.notebook.global_names import bound_names, names_from_before
from closed_doors.notebook.syntax_trees import tree_of


@functools.lru_cache(maxsize=8192)
def read_from_before(source: str) -> frozenset[str]:
    """Return the global names that a cell takes from the cells before it; none of one that is no Python."""
    try:
        return names_from_before(ast.unparse(tree_of(source) or ast.Module([], [])))
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # whatever a student has handed in
        return frozenset()


@functools.lru_cache(maxsize=8192)
def bound_values(source: str) -> frozenset[str]:
    """Return the global names that a grading cell binds otherwise than by imports and definitions, where all see it."""
    return frozenset().union(*(_bound(node) for node in _shown(source)))


@functools.lru_cache(maxsize=8192)
def visible_until(source: str, names: frozenset[str]) -> str:
    """Return a grading cell as students see it, up to the last of its statements that binds one of some names.

    All that stands before runs too, as it does in a notebook: an assert that fails there ends it.

    Args:
        source: the cell.
        names: those that are read later.

    Returns:
        Plain Python; nothing where it binds none of them, but by an import or a definition.
    """
    body = _shown(source)
    binding = [place for place, node in enumerate(body) if not names.isdisjoint(_bound(node))]
    return "\n".join(map(ast.unparse, body[: binding[-1] + 1])) if binding else ""


def _shown(source: str) -> list[ast.stmt]:
    hidden = hidden_lines(source.splitlines(keepends=True))
    shown = [line for number, line in enumerate(source.splitlines(), start=1) if number not in hidden]
    return (tree_of("\n".join(shown)) or ast.Module([], [])).body


def _bound(node: ast.stmt) -> frozenset[str]:
    defining = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return frozenset() if isinstance(node, defining) else bound_names(ast.unparse(node))
