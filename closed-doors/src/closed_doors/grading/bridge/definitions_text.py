"""The text of a function or a class, from the cell that defines it."""

import ast
from collections.abc import Iterator, Sequence
from typing import TypeAlias, TypeGuard

from closed_doors.notebook.syntax_trees import tree_of

Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def definition(sources: Sequence[str], name: str) -> str | None:
    """Return the text of what a name means after all cells; None where it can't be told.

    A name that was given to something else since its definition means that: `f = g` is the text of `g`, as is
    `f = cached(g)`; of a lambda it is the statement.

    Args:
        sources: the cells, in order.
        name: of a function or a class; of a method with its class's before it, as `__qualname__` has it.
    """
    wanted, *inner = name.split(".")
    for source, node in _backwards(sources):
        if isinstance(node, Definition) and node.name == wanted:
            return _text_within(source, node, inner)
        if _is_given_to(node, wanted):
            value = node.value
            if isinstance(value, ast.Lambda):
                return _text(source, node)
            if (other := _another_name(value)) is None:
                return None
            wanted = other
    return None


def _backwards(sources: Sequence[str]) -> Iterator[tuple[str, ast.stmt]]:
    for source in reversed(sources):
        tree = tree_of(source)
        for node in reversed(tree.body if tree else []):
            yield source, node


def _is_given_to(node: ast.stmt, name: str) -> TypeGuard[ast.Assign | ast.AnnAssign]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


def _another_name(value: ast.expr | None) -> str | None:
    match value:
        case ast.Name(id=other) | ast.Call(args=[ast.Name(id=other)]):
            return other
    return None


def _text_within(source: str, node: Definition, inner: Sequence[str]) -> str | None:
    for part in inner:
        found = [each for each in node.body if isinstance(each, Definition) and each.name == part]
        if not found:
            return None
        node = found[-1]
    return _text(source, node)


def _text(source: str, node: Definition | ast.Assign | ast.AnnAssign) -> str:
    decorators = [] if isinstance(node, ast.Assign | ast.AnnAssign) else node.decorator_list
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    return "".join(source.splitlines(keepends=True)[first - 1 : node.end_lineno]).rstrip("\n") + "\n"
