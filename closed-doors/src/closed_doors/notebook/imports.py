"""What code imports and what it defines, read from its text."""

import ast
import functools
from collections.abc import Iterator

from closed_doors.notebook.syntax_trees import tree_of

_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")  # the fields of a statement that hold others


@functools.lru_cache(maxsize=4096)
def parse_code(source: str) -> ast.Module:
    """Parse a cell without its magics, or a module; other text is empty. The tree is shared: change none."""
    return tree_of(source) or ast.Module([], [])


@functools.lru_cache(maxsize=4096)  # a server asks for each hand-in what the same cells and modules import
def imported_modules(source: str, package: str = "") -> tuple[str, ...]:
    """Return the names of modules that code may import, wherever in it; of `from a import b`, both a and a.b.

    Args:
        source: a cell or a module.
        package: the package that it stands in, for relative imports.
    """
    return tuple(_imported(source, package))


def _imported(source: str, package: str) -> Iterator[str]:
    for node in _statements(parse_code(source)) if "import" in source else ():
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parents, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _statements(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield the statements of code, however deep they stand; not what these hold, in which no import can stand."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for block in _BLOCKS:
            waiting += getattr(node, block, ())


def module_names(source: str) -> set[str]:
    """Return the names that `import` statements at the top of code bind to modules: np, for `import numpy as np`."""
    aliases = (alias for node in parse_code(source).body if isinstance(node, ast.Import) for alias in node.names)
    return {alias.asname or alias.name.split(".")[0] for alias in aliases}


def definitions(source: str) -> dict[str, range]:
    """Return the functions and classes that code defines at its top, with the lines of each, numbered from 1."""
    return {
        node.name: range(node.lineno, (node.end_lineno or node.lineno) + 1)
        for node in parse_code(source).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
