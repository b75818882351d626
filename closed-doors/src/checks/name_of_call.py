"""Nomme l'appel du code de l'étudiant dont parle un échec, tel que la cellule de test l'écrit."""

import ast
import builtins
import functools
from collections.abc import Iterator
from types import FrameType, FunctionType

from .catalogues import say
from .failure import Failure, tree_of
from .values_as_text import clean

# A class whose objects stand for what a student wrote in another process says so by this attribute.
STANDS_FOR_STUDENT = "__checks_student__"
_PLAIN_FUNCTIONS = frozenset(
    {"abs", "all", "any", "bool", "float", "int", "len", "list", "max", "min", "round", "set", "sorted", "sum", "tuple"}
)
_PLAIN_METHODS = frozenset({"all", "any", "dim", "item", "max", "mean", "min", "numel", "size", "sum", "tolist"})
LONGEST_EVALUATED = 60


def call_of(failure: Failure) -> str:
    """Renvoie l'appel du code de l'étudiant dont parle l'échec, avec ses arguments simples : « create_mask(3) »."""
    for frame, line in reversed(failure.in_cell):
        for call in reversed(list(_calls_before(frame, line))):
            name = _caller(call)
            value = frame.f_locals.get(name, frame.f_globals.get(name))
            if _is_foreign(value, failure, frame.f_globals):
                return _written_call(call, value, frame)
    if failure.student:
        return clean(failure.student[0][0].f_code.co_name, 60)
    return say("missed.your_code")


def function_of(failure: Failure) -> str:
    """Renvoie le nom de la fonction de l'étudiant où l'échec est né."""
    if failure.student:
        return clean(failure.student[-1][0].f_code.co_name, 60)
    return call_of(failure).split("(", 1)[0]


def evaluated(node: ast.expr, frame: FrameType) -> object:
    """Renvoie la valeur d'une expression de la cellule de test, si rien de l'étudiant n'est appelé ; None sinon."""
    if not all(_is_harmless(part, frame) for part in ast.walk(node) if isinstance(part, ast.Call)):
        return None
    try:
        return eval(  # noqa: S307  (l'expression est une ligne de la cellule de test, pas du code d'étudiant)
            compile(ast.Expression(node), "<test>", "eval"), frame.f_globals, dict(frame.f_locals)
        )
    except Exception:
        return None


def called_again(node: ast.expr, failure: Failure) -> object:
    """Renvoie ce que donne encore un appel direct du code de l'étudiant, écrit dans un test visible ; None sinon.

    La valeur qui a manqué le test n'est plus là. Un code qui ne répond pas deux fois de même peut en donner une autre.
    """
    if failure.hidden or not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return None
    frame = failure.in_cell[-1][0]
    function = frame.f_locals.get(node.func.id, frame.f_globals.get(node.func.id))
    arguments = [*node.args, *(word.value for word in node.keywords)]
    if not isinstance(function, FunctionType) or not _is_foreign(function, failure, frame.f_globals):
        return None  # in another process, one call more could change what later tests find
    if any(isinstance(argument, ast.Starred) or simple_text(argument, frame) is None for argument in arguments):
        return None
    named = {word.arg: evaluated(word.value, frame) for word in node.keywords if word.arg}
    try:
        return function(*(evaluated(argument, frame) for argument in node.args), **named)
    except Exception:
        return None


def simple_text(node: ast.expr, frame: FrameType) -> str | None:
    """Renvoie en Python la valeur d'une expression, si elle tient en peu de caractères ; None sinon."""
    value = evaluated(node, frame)
    return repr(value) if is_simple(value) else None


def is_simple(value: object) -> bool:
    """Vrai pour une valeur de Python qui tient en peu de caractères."""
    return isinstance(value, bool | int | float | str | tuple) and len(repr(value)) < LONGEST_EVALUATED


def _is_harmless(call: ast.Call, frame: FrameType) -> bool:
    """Vrai pour len(x), x.sum() et leurs semblables, sur des valeurs de Python, de NumPy et de PyTorch."""
    match call.func:
        case ast.Name(id=name) if name in _PLAIN_FUNCTIONS:
            known = frame.f_locals.get(name, frame.f_globals.get(name, getattr(builtins, name)))
            return known is getattr(builtins, name)
        case ast.Attribute(value=ast.Name(id=name), attr=method) if method in _PLAIN_METHODS:
            value = frame.f_locals.get(name, frame.f_globals.get(name))
            return type(value).__module__.split(".")[0] in ("numpy", "torch")
    return False


def _calls_before(frame: FrameType, line: int) -> Iterator[ast.Call]:
    """Les appels `nom(…)` et `nom.methode(…)` écrits dans la fonction du cadre, jusqu'à la ligne donnée."""
    first = frame.f_code.co_firstlineno
    calls, ends = _calls_of(tree_of(frame.f_code.co_filename))
    line = ends.get(line, line)  # pytest.raises fails on leaving its block
    yield from (call for call in calls if first <= call.lineno <= line)


@functools.lru_cache(maxsize=16)
def _calls_of(tree: ast.Module) -> tuple[list[ast.Call], dict[int, int]]:
    """Les appels d'une cellule, dans l'ordre, et la dernière ligne de chaque bloc `with`, par celle où il commence."""
    nodes = list(ast.walk(tree))
    calls = [node for node in nodes if isinstance(node, ast.Call) and _caller(node)]
    ends = {node.lineno: node.end_lineno or node.lineno for node in nodes if isinstance(node, ast.With)}
    return sorted(calls, key=lambda node: (node.lineno, -node.col_offset)), ends


def _caller(call: ast.Call) -> str:
    """Le nom qui est appelé, ou dont une méthode est appelée ; vide si l'appel s'écrit autrement."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id=name)):
            return name
    return ""


def _is_foreign(value: object, failure: Failure, namespace: dict[str, object]) -> bool:
    """Vrai pour une fonction, une classe ou un objet de l'étudiant, tels que les voit la cellule de test."""
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
    """Le nom que le notebook donne à une valeur de l'étudiant, même là où le test l'appelle autrement."""
    elsewhere = getattr(type(value), STANDS_FOR_STUDENT, None) is True  # asking it would be a call
    if not elsewhere and isinstance(value, FunctionType | type) and value.__name__.isidentifier():
        return value.__name__
    return next((name for name, other in namespace.items() if other is value), _caller(call))
