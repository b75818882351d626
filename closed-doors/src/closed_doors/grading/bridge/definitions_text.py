"""The text of a function or a class, from the cell that defines it."""

import ast

from closed_doors.notebook.syntax_trees import tree_of


def definition(source: str, name: str) -> str | None:
    """Return the text of the last definition of a name at a cell's top level; None where there is none."""
    tree = tree_of(source)
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    found = [node for node in (tree.body if tree else ()) if isinstance(node, kinds) and node.name == name]
    if not found:
        return None
    node = found[-1]
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return "".join(source.splitlines(keepends=True)[first - 1 : node.end_lineno]).rstrip("\n") + "\n"
