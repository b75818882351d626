"""Runs the instructor's cells in the examiner: plain Python in one namespace, as a notebook would."""

import ast
import builtins
import contextlib
import functools
import io
import linecache
from collections.abc import MutableMapping
from types import CodeType

from checks.cells import UNREADABLE
from checks.collect import hidden_lines
from closed_doors.notebook.global_names import bound_names as bound_names
from closed_doors.notebook.global_names import defined_names as defined_names
from closed_doors.notebook.global_names import free_names as free_names
from closed_doors.notebook.global_names import names_from_before
from closed_doors.notebook.global_names import used_names as used_names


def new_namespace() -> dict[str, object]:
    """Return the global names that a fresh notebook starts with."""
    from IPython.core.interactiveshell import InteractiveShell  # a tenth of a second, and only sandboxes run cells
    from IPython.display import display

    return {
        "__name__": "__main__",
        "__builtins__": builtins,
        "display": display,
        "get_ipython": InteractiveShell.instance,
    }


@functools.lru_cache(maxsize=8192)
def python_of(source: str) -> str:
    """Return a cell as plain Python, its magics turned into calls; one that is no Python either way, as it is."""
    try:
        ast.parse(source)
    except SyntaxError:
        from IPython.core.inputtransformer2 import TransformerManager  # as above: few cells have magics

        with contextlib.suppress(*UNREADABLE):  # its indentation is broken
            return str(TransformerManager().transform_cell(source))
    except UNREADABLE:
        pass
    return source


@functools.lru_cache(maxsize=8192)
def runnable(source: str) -> str:
    """Return a cell of the instructor's as plain Python; one that is no Python as a cell that raises what is wrong."""
    python = python_of(source)
    try:
        ast.parse(python)
    except SyntaxError as error:
        lines_above = "\n" * ((error.lineno or 1) - 1)
        return f"{lines_above}raise {type(error).__name__}({error.msg!r})"
    return python


def run_cell(
    source: str,
    namespace: dict[str, object],
    filename: str,
    names: MutableMapping[str, object] | None = None,
    errors: io.StringIO | None = None,
) -> object:
    """Run a cell and return its last expression's value; what it prints is dropped.

    Args:
        source: plain Python (see `runnable`).
        namespace: its global names.
        filename: what tracebacks call it.
        names: what its own statements bind and look names up in, where that is more than the namespace.
        errors: takes what it writes on stderr.
    """
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    body, last = compiled(source, filename)
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(errors if errors is not None else io.StringIO()),
    ):
        exec(body, namespace, names)  # noqa: S102  (the instructor's code)
        return eval(last, namespace, names) if last is not None else None  # noqa: S307


@functools.lru_cache(maxsize=8192)
def compiled(source: str, filename: str) -> tuple[CodeType, CodeType | None]:
    """Return a cell's code, and that of its last expression apart."""
    tree = ast.parse(source, filename)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    value = compile(ast.Expression(last.value), filename, "eval") if isinstance(last, ast.Expr) else None
    return compile(tree, filename, "exec"), value


def hidden_names(source: str, known: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return the global names of a cell that a hidden region defines, or that are made of such names; imports are none.

    Args:
        source: the cell, in plain Python.
        known: such names of earlier cells.
    """
    shown, hidden = shown_and_hidden(source)
    secret = set(known).difference(*(bound for bound, _ in shown)) | hidden
    for _ in shown:  # what is made of them, at most as far as there are statements
        secret |= frozenset().union(*(bound for bound, used in shown if used & secret))
    return frozenset(secret)


@functools.cache
def shown_and_hidden(source: str) -> tuple[tuple[tuple[frozenset[str], frozenset[str]], ...], frozenset[str]]:
    """Return what a cell's statements bind and use, in pairs, and what those in hidden regions bind; no imports."""
    lines = hidden_lines(source.splitlines(keepends=True))
    shown, hidden = [], frozenset[str]()
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            continue
        text = ast.unparse(node)
        if lines.isdisjoint(_lines_of(node)):
            shown.append((bound_names(text), used_names(text)))
        else:
            hidden |= bound_names(text)
    return tuple(shown), hidden


def _lines_of(node: ast.stmt) -> range:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    first = min((each.lineno for each in decorators), default=node.lineno)
    return range(min(first, node.lineno), (node.end_lineno or node.lineno) + 1)


@functools.lru_cache(maxsize=8192)
def has_named_criteria(source: str) -> bool:
    """Whether a grading cell judges by `run_tests`; one of bare asserts, or with its own run_tests, is one as a whole.

    Args:
        source: the cell, in plain Python.
    """
    functions = (node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    called = any(isinstance(function, ast.Name) and function.id == "run_tests" for function in functions)
    return called and "run_tests" not in defined_names(source)


def touches_hidden(cell: str, known: frozenset[str]) -> bool:
    """Whether a grading cell holds hidden tests, or uses what hidden regions define.

    Args:
        cell: its text.
        known: the names that hidden regions of earlier cells define (see `hidden_names`).
    """
    held = hidden_lines(cell.splitlines(keepends=True))
    return bool(held) or bool(names_from_before(runnable(cell)) & known)


def is_hidden_whole(cell: str, known: frozenset[str]) -> bool:
    """Whether all of a grading cell is judged among the hidden tests; arguments as for `touches_hidden`."""
    return not has_named_criteria(runnable(cell)) and touches_hidden(cell, known)


def may_end_with_a_number(source: str) -> bool:
    """Whether a cell's last line may be a number, which is what the cell then earns; a library's assertion is none.

    Args:
        source: the cell, in plain Python.
    """
    body = ast.parse(source).body
    if not body or not isinstance(body[-1], ast.Expr):
        return False
    match body[-1].value:
        case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="testing"), attr=name)):
            return not name.startswith("assert_")
        case ast.Constant(value=value):
            return isinstance(value, int | float)
        case _:
            return True
