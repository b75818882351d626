"""Names the call of the student's code that a failure is about, as the grading cell writes it."""

import ast
import builtins
import functools
from collections.abc import Iterator
from types import FrameType, FunctionType

from .catalogues import say
from .failure import Failure, tree_of
from .values_as_text import as_array, clean

# A class whose objects stand for what a student wrote in another process says so by this attribute.
STANDS_FOR_STUDENT = "__checks_student__"
_PLAIN_FUNCTIONS = frozenset(
    {"abs", "all", "any", "bool", "float", "int", "len", "list", "max", "min", "round", "set", "sorted", "sum", "tuple"}
)
_PLAIN_METHODS = frozenset({"all", "any", "dim", "item", "max", "mean", "min", "numel", "size", "sum", "tolist"})
LONGEST_EVALUATED = 60
UNKNOWN = object()


def call_of(failure: Failure) -> str:
    """Return the call of the student's code that a failure is about, with its simple arguments: `create_mask(3)`."""
    for call, value, frame in _calls_of_students(failure):
        return _written_call(call, value, frame)
    if failure.student:
        return clean(failure.student[0][0].f_code.co_name, 60)
    return say("missed.your_code")


def given_to_call(failure: Failure) -> dict[str, object]:
    """Return the values of the names that `call_of` writes, where they are numbers or arrays of the test's own."""
    for call, _, frame in _calls_of_students(failure):
        arguments = [*call.args, *(word.value for word in call.keywords)]
        unknown = [argument for argument in arguments if simple_text(argument, frame) is None]
        names = {node.id: node for argument in unknown for node in ast.walk(argument) if isinstance(node, ast.Name)}
        values = {name: evaluated(node, frame) for name, node in names.items()}
        return {name: value for name, value in values.items() if as_array(value) is not None}
    return {}


def function_of(failure: Failure) -> str:
    """Return the name of the student's function that the failure came from."""
    if failure.student:
        return clean(failure.student[-1][0].f_code.co_name, 60)
    return call_of(failure).split("(", 1)[0]


def evaluated(node: ast.expr, frame: FrameType) -> object:
    """Return the value of an expression of the grading cell, where nothing of the student's is called; else None."""
    if not all(_is_harmless(part, frame) for part in ast.walk(node) if isinstance(part, ast.Call)):
        return None
    try:
        return eval(  # noqa: S307  (a line of the grading cell, no student's code)
            compile(ast.Expression(node), "<test>", "eval"), frame.f_globals, dict(frame.f_locals)
        )
    except Exception:
        return None


def called_again(node: ast.expr, failure: Failure) -> object:
    """Return what a direct call of the student's code, written in a visible test, gives again; else UNKNOWN.

    The value that missed the test is gone. Code that does not answer twice alike may give another.
    """
    if failure.hidden or not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return UNKNOWN
    frame = failure.in_cell[-1][0]
    function = frame.f_locals.get(node.func.id, frame.f_globals.get(node.func.id))
    arguments = [*node.args, *(word.value for word in node.keywords)]
    if not isinstance(function, FunctionType) or not _is_foreign(function, failure, frame.f_globals):
        return UNKNOWN  # in another process, one call more could change what later tests find
    if any(isinstance(argument, ast.Starred) or simple_text(argument, frame) is None for argument in arguments):
        return UNKNOWN
    named = {word.arg: evaluated(word.value, frame) for word in node.keywords if word.arg}
    try:
        return function(*(evaluated(argument, frame) for argument in node.args), **named)
    except Exception:
        return UNKNOWN


def simple_text(node: ast.expr, frame: FrameType) -> str | None:
    """Return an expression's value as Python, where it takes few characters; else None."""
    value = evaluated(node, frame)
    return repr(value) if is_simple(value) else None


def is_simple(value: object) -> bool:
    """Whether it is a value of Python that takes few characters."""
    return isinstance(value, bool | int | float | str | tuple) and len(repr(value)) < LONGEST_EVALUATED


def _is_harmless(call: ast.Call, frame: FrameType) -> bool:
    """Whether it is len(x), x.sum() or the like, on values of Python, NumPy or PyTorch."""
    match call.func:
        case ast.Name(id=name) if name in _PLAIN_FUNCTIONS:
            known = frame.f_locals.get(name, frame.f_globals.get(name, getattr(builtins, name)))
            return known is getattr(builtins, name)
        case ast.Attribute(value=ast.Name(id=name), attr=method) if method in _PLAIN_METHODS:
            value = frame.f_locals.get(name, frame.f_globals.get(name))
            return type(value).__module__.split(".")[0] in ("numpy", "torch")
    return False


def _calls_before(frame: FrameType, line: int) -> Iterator[ast.Call]:
    """Yield the calls `name(…)` and `name.method(…)` that the frame's function has, up to this line."""
    first = frame.f_code.co_firstlineno
    calls, ends = _calls_of(tree_of(frame.f_code.co_filename))
    line = ends.get(line, line)  # pytest.raises fails on leaving its block
    yield from (call for call in calls if first <= call.lineno <= line)


@functools.lru_cache(maxsize=16)
def _calls_of(tree: ast.Module) -> tuple[list[ast.Call], dict[int, int]]:
    """Return a cell's calls, in order, and the last line of each `with` block, by the line where it begins."""
    nodes = list(ast.walk(tree))
    calls = [node for node in nodes if isinstance(node, ast.Call) and _caller(node)]
    ends = {node.lineno: node.end_lineno or node.lineno for node in nodes if isinstance(node, ast.With)}
    return sorted(calls, key=lambda node: (node.lineno, -node.col_offset)), ends


def _calls_of_students(failure: Failure) -> Iterator[tuple[ast.Call, object, FrameType]]:
    """Yield the calls of the student's code, the last one first, with what is called and the frame that calls it."""
    for frame, line in reversed(failure.in_cell):
        for call in reversed(list(_calls_before(frame, line))):
            name = _caller(call)
            value = frame.f_locals.get(name, frame.f_globals.get(name))
            if _is_foreign(value, failure, frame.f_globals):
                yield call, value, frame


def _caller(call: ast.Call) -> str:
    """Return the name that is called, or whose method is; empty where the call is written otherwise."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id=name)):
            return name
    return ""


def _is_foreign(value: object, failure: Failure, namespace: dict[str, object]) -> bool:
    """Whether it is a function, a class or an object of the student's, as the grading cell sees them."""
    if getattr(type(value), STANDS_FOR_STUDENT, None) is True:
        return True
    if isinstance(value, FunctionType):
        return not failure.is_of_the_tests(value.__code__.co_filename) and value.__globals__ is namespace
    kind = value if isinstance(value, type) else type(value)
    return kind.__module__ == namespace.get("__name__") or getattr(kind, STANDS_FOR_STUDENT, None) is True


def _written_call(call: ast.Call, value: object, frame: FrameType) -> str:
    name = _name_of(value, call, frame.f_globals)
    if isinstance(call.func, ast.Attribute):
        name = f"{name if isinstance(value, type) else type(value).__name__}.{call.func.attr}"
    arguments = [simple_text(argument, frame) or ast.unparse(argument) for argument in call.args]
    arguments += [f"{word.arg}={simple_text(word.value, frame) or ast.unparse(word.value)}" for word in call.keywords]
    return clean(f"{name}({', '.join(arguments)})", 120)


def _name_of(value: object, call: ast.Call, namespace: dict[str, object]) -> str:
    """Return the notebook's name for a value of the student's, where the test calls it otherwise too."""
    elsewhere = getattr(type(value), STANDS_FOR_STUDENT, None) is True  # asking it would be a call
    if not elsewhere and isinstance(value, FunctionType | type) and value.__name__.isidentifier():
        return value.__name__
    return next((name for name, other in namespace.items() if other is value), _caller(call))
