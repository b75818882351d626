"""Runs the instructor's cells in the examiner: plain Python in one namespace, as a notebook would."""

import ast
import builtins
import contextlib
import functools
import io
import linecache
import symtable
from types import CodeType

from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from checks.collect import hidden_lines


def new_namespace() -> dict[str, object]:
    """Return the global names that a fresh notebook starts with."""
    return {
        "__name__": "__main__",
        "__builtins__": builtins,
        "display": display,
        "get_ipython": InteractiveShell.instance,
    }


@functools.cache
def python_of(source: str) -> str:
    """Return a cell as plain Python, its magics turned into calls."""
    try:
        ast.parse(source)
    except SyntaxError:
        return str(TransformerManager().transform_cell(source))
    return source


def run_cell(source: str, namespace: dict[str, object], filename: str) -> object:
    """Run a cell (plain Python, see `python_of`) and return its last expression's value; what it prints is dropped."""
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    body, last = compiled(source, filename)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        exec(body, namespace)  # noqa: S102  (the instructor's code)
        return eval(last, namespace) if last is not None else None  # noqa: S307


@functools.cache
def compiled(source: str, filename: str) -> tuple[CodeType, CodeType | None]:
    """Return a cell's code, and that of its last expression apart."""
    tree = ast.parse(source, filename)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    value = compile(ast.Expression(last.value), filename, "eval") if isinstance(last, ast.Expr) else None
    return compile(tree, filename, "exec"), value


@functools.cache
def free_names(source: str) -> frozenset[str]:
    """Return the global names that a cell uses and does not bind itself."""
    return used_names(source) - bound_names(source)


@functools.cache
def bound_names(source: str) -> frozenset[str]:
    """Return the global names that a cell assigns, defines, imports or deletes at its top level."""
    symbols = symtable.symtable(source, "cell", "exec").get_symbols()
    return frozenset(symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported())


@functools.cache
def used_names(source: str) -> frozenset[str]:
    """Return the global names that a cell reads or deletes, whether it binds them or not."""
    used: set[str] = set()
    tables = [symtable.symtable(source, "cell", "exec")]
    while tables:
        current = tables.pop()
        at_top = current.get_type() == "module"
        used |= {s.get_name() for s in current.get_symbols() if s.is_referenced() and (at_top or s.is_global())}
        tables += current.get_children()
    deleted = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Delete))
    return frozenset(used).union(t.id for node in deleted for t in node.targets if isinstance(t, ast.Name))


@functools.cache
def hidden_names(source: str, known: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return the global names of a cell that a hidden region defines, or that are made of such names; imports are none.

    Args:
        source: the cell, in plain Python.
        known: such names of earlier cells.
    """
    lines = hidden_lines(source.splitlines(keepends=True))
    shown, secret = [], set(known)
    hidden: set[str] = set()
    for node in ast.parse(source).body:
        text = ast.unparse(node)
        if isinstance(node, ast.Import | ast.ImportFrom):
            continue
        if lines.isdisjoint(_lines_of(node)):
            shown.append((bound_names(text), used_names(text)))
        else:
            hidden |= bound_names(text)
    secret -= frozenset().union(*(bound for bound, _ in shown))
    secret |= hidden
    for _ in shown:  # what is made of them, at most as far as there are statements
        secret |= frozenset().union(*(bound for bound, used in shown if used & secret))
    return frozenset(secret)


def _lines_of(node: ast.stmt) -> range:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    first = min((each.lineno for each in decorators), default=node.lineno)
    return range(min(first, node.lineno), (node.end_lineno or node.lineno) + 1)


@functools.cache
def calls(source: str, name: str) -> bool:
    """Whether a cell calls the function of this name."""
    found = (node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return any(isinstance(function, ast.Name) and function.id == name for function in found)
