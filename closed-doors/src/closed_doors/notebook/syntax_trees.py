"""Cells as Python's syntax trees."""

import ast
import functools
import threading

MAGIC = ("%", "!", "?")
# Early releases of Python 3.11 count the depth of a tree for all threads together, and fail where two parse at a time.
parsing = threading.Lock()


def without_magics(source: str) -> str:
    """Return a cell's lines but IPython's own."""
    return "\n".join(line for line in source.split("\n") if not line.lstrip().startswith(MAGIC))


def tree_of(source: str) -> ast.Module | None:
    """Return the tree of a cell without its magics; None where it is no Python."""
    try:
        with parsing:
            return ast.parse(without_magics(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


@functools.lru_cache(maxsize=1024)
def texts_in(source: str) -> frozenset[str]:
    """Return the texts that stand in a cell."""
    nodes = ast.walk(tree_of(source) or ast.Module([], []))
    return frozenset(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
