"""Runs the instructor's cells in the examiner: plain Python in one namespace, as a notebook would."""

import ast
import builtins
import contextlib
import io
import linecache
import symtable
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display


def new_namespace() -> dict[str, Any]:
    """Return the global names that a fresh notebook starts with."""
    return {
        "__name__": "__main__",
        "__builtins__": builtins,
        "display": display,
        "get_ipython": InteractiveShell.instance,
    }


def python_of(source: str) -> str:
    """Return a cell as plain Python, its magics turned into calls."""
    try:
        ast.parse(source)
    except SyntaxError:
        return str(TransformerManager().transform_cell(source))
    return source


def run_cell(source: str, namespace: dict[str, Any], filename: str) -> Any:
    """Run a cell (plain Python, see `python_of`) and return its last expression's value; what it prints is dropped."""
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    tree = ast.parse(source, filename)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        exec(compile(tree, filename, "exec"), namespace)  # noqa: S102  (the instructor's code)
        if isinstance(last, ast.Expr):
            return eval(compile(ast.Expression(last.value), filename, "eval"), namespace)  # noqa: S307
    return None


def free_names(source: str) -> set[str]:
    """Return the global names that a cell uses and does not bind itself."""
    table = symtable.symtable(source, "cell", "exec")
    bound = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    used: set[str] = set()
    tables = [table]
    while tables:
        current = tables.pop()
        at_top = current.get_type() == "module"
        used |= {s.get_name() for s in current.get_symbols() if s.is_referenced() and (at_top or s.is_global())}
        tables += current.get_children()
    return used - bound
