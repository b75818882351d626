"""The text of a function or a class, from the cell that defines it."""

import ast
from typing import TypeAlias

from closed_doors.notebook.syntax_trees import tree_of

Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def definition(source: str, name: str) -> str | None:
    """Return the text of the last definition of a name at a cell's top level; None where there is none.

    Args:
        source: the cell.
        name: of a function or a class; of a method with its class's before it, as `__qualname__` has it.
    """
    tree = tree_of(source)
    body: list[ast.stmt] = tree.body if tree else []
    node: Definition | None = None
    for part in name.split("."):
        if (node := _last_defined(body, part)) is None:
            return None
        body = node.body
    if node is None:
        return None
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return "".join(source.splitlines(keepends=True)[first - 1 : node.end_lineno]).rstrip("\n") + "\n"


def _last_defined(body: list[ast.stmt], name: str) -> Definition | None:
    found = [node for node in body if isinstance(node, Definition) and node.name == name]
    return found[-1] if found else None
