"""Which cells change nothing for the functions that stand before them: those that only define something new.

Grading asks a student's functions as they are where their grading cell stands. A cell after it that does nothing but
define functions, classes and constants can run first, as long as neither that grading cell nor a function before it
reads one of the names that it defines; there is then no need for a copy of the process to ask in.

This looks at honest code. Code that is not may do what it likes in its own process anyway.
"""

import ast
import functools
import symtable
import sys
from collections.abc import Iterable, Mapping

from closed_doors.notebook.instructor_code import python_of

READ_ANYTHING = frozenset({"eval", "exec", "globals", "vars", "get_ipython", "__import__"})
METHOD_KINDS = frozenset({"staticmethod", "classmethod", "property"})
_LOOKUPS = (
    ast.Constant,
    ast.Name,
    ast.Attribute,
    ast.Subscript,
    ast.Tuple,
    ast.List,
    ast.UnaryOp,
    ast.USub,
    ast.BinOp,
    ast.BitOr,
    ast.expr_context,
)


class Past:
    """The cells that a process has run so far."""

    def __init__(self) -> None:
        self._read: set[str] = set()

    def add(self, source: str) -> None:
        """Note a cell that has run, or was tried."""
        self._read |= names_read_later(source)

    def is_left_alone_by(self, source: str, namespace: Mapping[str, object], asked: Iterable[str]) -> bool:
        """Whether a cell would change nothing that the functions of these cells, or who asks them, could notice.

        Args:
            source: the cell.
            namespace: the global names as they are.
            asked: the names that will be asked for as they are now.
        """
        names = names_only_defined(source, namespace)
        return names is not None and not names.intersection(asked) and not self._read & (names | READ_ANYTHING)


@functools.cache
def names_read_later(source: str) -> frozenset[str]:
    """Return the global names that a cell's functions use when they are called."""
    try:
        tables = symtable.symtable(python_of(source), "cell", "exec").get_children()
    except Exception:  # not Python, or too deep for it: it has defined nothing
        return frozenset()
    names: set[str] = set()
    while tables:
        table = tables.pop()
        names |= {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
        tables += table.get_children()
    return frozenset(names)


def names_only_defined(source: str, namespace: Mapping[str, object]) -> frozenset[str] | None:
    """Return the names to which a cell gives a new meaning; None where it does anything else, or might."""
    try:
        body = ast.parse(python_of(source)).body
    except Exception:
        return None
    names: set[str] = set()
    for statement in body:
        defined = _defined(statement, namespace)
        if defined is None:
            return None
        names.update(defined)
    return frozenset(names)


def _defined(statement: ast.stmt, namespace: Mapping[str, object]) -> list[str] | None:
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return []
        case ast.Import() | ast.ImportFrom():
            values = _imported(statement)
            return None if values is None else [name for name, value in values if namespace.get(name) is not value]
        case ast.FunctionDef() | ast.AsyncFunctionDef() if _is_definition_only(statement):
            return [statement.name]
        case ast.ClassDef(keywords=[], decorator_list=[]) if _only_looks_up(statement.bases):
            inside = [_defined(part, namespace) for part in statement.body]
            return None if None in inside else [statement.name]
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant()):
            return [name]
    return None


def _imported(statement: ast.Import | ast.ImportFrom) -> list[tuple[str, object]] | None:
    """Return what an import binds; None where it would run code, as what it names is not there yet."""
    try:
        if isinstance(statement, ast.Import):
            tops = [(alias.asname, alias.name, alias.name.partition(".")[0]) for alias in statement.names]
            return [(asname or top, sys.modules[name if asname else top]) for asname, name, top in tops]
        module = vars(sys.modules[statement.module or ""])
        return [(alias.asname or alias.name, module[alias.name]) for alias in statement.names]
    except KeyError:
        return None


def _is_definition_only(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether reading a definition runs nothing."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    annotations = [argument.annotation for argument in every if argument is not None]
    at_once = [*arguments.defaults, *arguments.kw_defaults, *annotations, function.returns]
    return _only_looks_up(filter(None, at_once)) and all(map(_only_marks, function.decorator_list))


def _only_marks(decorator: ast.expr) -> bool:
    """Whether a decorator says what kind of method, or of test, a function is, and no more."""
    if isinstance(decorator, ast.Call):
        name = ast.unparse(decorator.func)
        return (name == "weight" or name.startswith("pytest.mark.")) and _only_looks_up(decorator.args)
    return ast.unparse(decorator) in METHOD_KINDS


def _only_looks_up(expressions: Iterable[ast.expr]) -> bool:
    """Whether expressions do nothing but read names and attributes."""
    return all(isinstance(node, _LOOKUPS) for expression in expressions for node in ast.walk(expression))
