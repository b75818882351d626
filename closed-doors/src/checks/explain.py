"""Turns a test's failure into a sentence for the student: which function, what was expected, what came.

An exception is a clue, never the sentence: one that the check has raised by itself is not the student's.
"""

import ast
import re
import sys
from collections.abc import Mapping
from types import FrameType, MappingProxyType

from .catalogues import say
from .cells import DefiningCell, first_cause, source_with, why_it_failed
from .expected_errors import NothingRaised
from .failure import Failure
from .missed_comparison import compared_masks, compared_values, explain_comparison, no_gradient, returned_none, shapes
from .name_of_call import UNKNOWN, call_of, called_again, evaluated, function_of, given_to_call, is_simple
from .near_names import near_name
from .report import Explained, Kind
from .time_limits import TimeLimitExceeded
from .unusable_results import unpacked, unusable_result, uses_none, wrong_arguments
from .values_as_text import clean, short, summary_of, type_name

__all__ = ["DefiningCell", "UnusableValueError", "compared_masks", "explain", "without_details"]

UNKNOWN_CELLS: Mapping[str, DefiningCell] = MappingProxyType({})
_SIZES = re.compile(r"\bshape\b|\.(ndim|size)\b|\.(dim|numel|size)\(")
MOST_VALUES = 3
ABOUT_VALUES = frozenset((Kind.WRONG_VALUES, Kind.WRONG_SHAPE, Kind.RAISED, Kind.NOT_RAISED, Kind.TOO_SLOW))


class UnusableValueError(TypeError):
    """A value that the check can neither read nor compare; its message tells the student so."""


def without_details(kind: Kind) -> str:
    """Return what is said of a kind where nothing more may be: of a hidden test, or where nothing more is known."""
    return say(f"kind.{kind.value}")


def explain(
    error: BaseException,
    filename: str,
    hidden: bool,
    limit_s: float,
    cells: Mapping[str, DefiningCell] = UNKNOWN_CELLS,
) -> Explained:
    """Say what happened to a test that failed.

    Args:
        error: the exception that came out of the test.
        filename: the file name of the grading cell.
        hidden: of a hidden test, the message holds no value, no argument, and no text of an error.
        limit_s: the test's time, in seconds.
        cells: the cells that define the student's functions, by name, and what stopped them; what the caller knows of
            them before any hidden test.

    Returns:
        The kind of failure, and the message.
    """
    failure = Failure.of(error, filename, hidden)
    kind, message = _explained(failure, limit_s, cells)
    if kind is Kind.INTERNAL:
        return kind, message
    if not hidden:
        return kind, message + _given(failure) if kind in ABOUT_VALUES else message
    if kind is Kind.CELL_FAILED and not failure.raised_by_student:
        return kind, message  # what stopped a cell was known before any hidden test ran
    if getattr(error, "said_to_student", False):
        return kind, without_details(Kind.FAILED)
    if kind in (Kind.RAISED, Kind.CELL_FAILED):
        return Kind.RAISED, say("missed.raised_hidden", error=_builtin_name(error))
    if kind is Kind.TOO_SLOW:
        return kind, say("missed.too_slow_hidden", seconds=float(limit_s))
    return kind, without_details(kind)


def _explained(failure: Failure, limit_s: float, cells: Mapping[str, DefiningCell]) -> Explained:
    error = failure.error
    if isinstance(error, TimeLimitExceeded):
        return Kind.TOO_SLOW, say(
            "missed.too_slow", call=call_of(failure), seconds=float(limit_s), place=_place(failure)
        )
    if not failure.in_cell:  # it never came to the test's own code, let alone to the student's
        return Kind.INTERNAL, without_details(Kind.INTERNAL)
    if getattr(error, "said_to_student", False):
        return Kind.RAISED, say("missed.unusable", call=call_of(failure), why=str(error))
    if isinstance(error, UnusableValueError):
        return Kind.WRONG_TYPE, say("missed.unusable", call=call_of(failure), why=str(error))
    if isinstance(error, ModuleNotFoundError) and _is_a_stand_in(error.name):
        return Kind.INTERNAL, say("missed.not_counted", why=_message(error))
    if isinstance(error, NameError) and (missing := _missing(failure, cells)):
        return missing
    if failure.is_a_stub:
        return _unfinished(failure, cells)
    if failure.raised_by_student:
        return _raised(failure)
    return _of_the_test(failure)


def _of_the_test(failure: Failure) -> Explained:
    """Explain an exception that came from the grading cell: a comparison that was missed, or an unusable result."""
    error = failure.error
    if isinstance(error, NothingRaised) or any(base.__name__ == "OutcomeException" for base in type(error).__mro__):
        return _not_raised(failure)  # raises, pytest.raises
    if compared := compared_values(failure):
        return explain_comparison(failure, *compared)
    if isinstance(error, AssertionError):
        return _assertion(failure)
    if isinstance(error, RuntimeError) and re.search("not require grad|inplace operation", str(error)):
        return no_gradient(failure)
    if isinstance(error, ImportError):
        return Kind.INTERNAL, without_details(Kind.INTERNAL)
    return unpacked(failure) or wrong_arguments(failure) or unusable_result(failure)


def _missing(failure: Failure, cells: Mapping[str, DefiningCell]) -> Explained | None:
    """Say why a name is missing: the cell that defines it has stopped, or it is not written yet."""
    quoted = re.search(r"name '(\w+)' is not defined", _message(failure.error))
    name = getattr(failure.error, "name", None) or (quoted[1] if quoted else "")
    cell = cells.get(name)
    if cell is not None and cell.error:
        cause, asked = first_cause(cells, name)
        if _lacks_what_stands_in(cause):
            return Kind.INTERNAL, say("missed.not_counted", why=cause.text)
        return Kind.CELL_FAILED, why_it_failed(cause, asked)
    if failure.raised_by_student:
        return None
    if cell is not None and cell.magic:
        return Kind.NOT_DEFINED, say("missed.kept_by_magic", name=name, magic=clean(cell.magic, 30))
    if name and (near := near_name(name, cells)):
        return Kind.NOT_DEFINED, say("missed.nearly_defined", name=name, near=clean(near, 60))
    if name:
        return Kind.NOT_DEFINED, say("missed.not_defined", name=name)
    return Kind.NOT_DEFINED, say("missed.not_defined_asked")


def _unfinished(failure: Failure, cells: Mapping[str, DefiningCell]) -> Explained:
    """Say that a function is not written yet, or that what said so is still to be deleted."""
    name = function_of(failure)
    line, source, function = failure.place or (0, "", name)
    likely = [cells[known] for known in (function, name) if known in cells]
    if failure.is_only_a_stub(source_with((*likely, *cells.values()), line, source)):
        return Kind.NOT_WRITTEN, say("missed.not_written", name=name)
    return Kind.RAISED, say("missed.left_over", call=call_of(failure), line=line)


def _not_raised(failure: Failure) -> Explained:
    expected = re.search(r"DID NOT RAISE (?:<class ')?(?:\w+\.)*(\w+)", str(failure.error))
    name = expected[1] if expected else say("missed.some_error")
    if isinstance(failure.error, NothingRaised):
        name = failure.error.expected
    return Kind.NOT_RAISED, say("missed.not_raised", call=call_of(failure), error=name)


def _assertion(failure: Failure) -> Explained:
    text = str(failure.error)
    frame = failure.in_cell[-1][0]
    condition = next((node.test for node in failure.at_line() if isinstance(node, ast.Assert)), None)
    kind = Kind.FAILED
    match condition:
        case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), *_]):
            value = frame.f_locals.get(name)
            if value is None:
                return returned_none(failure)
            call = text or call_of(failure)
            return Kind.WRONG_TYPE, say("missed.wrong_type", call=call, obtained=type_name(value))
        case ast.Compare(left=ast.Attribute(attr="grad"), ops=[ast.IsNot()]) if not text:
            return no_gradient(failure)
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
            kind = Kind.WRONG_SHAPE if _SIZES.search(ast.unparse(left)) else kind
            if not text and (explained := _equality(failure, kind, left, right)):
                return explained
    if text:
        return kind, clean(text, 400)
    if uses_none(failure):
        return returned_none(failure)
    if condition is None:
        return kind, say("missed.condition", call=call_of(failure), values="")
    written, values = ast.unparse(condition), _values(condition, frame)
    return kind, say("missed.condition_said", call=call_of(failure), condition=written, values=values)


def _equality(failure: Failure, kind: Kind, left: ast.expr, right: ast.expr) -> Explained | None:
    """Return both sides of an equality that was missed, where they take few characters."""
    frame, call = failure.in_cell[-1][0], call_of(failure)
    again, wanted = called_again(left, failure), evaluated(right, frame)
    obtained = evaluated(left, frame) if again is UNKNOWN else again
    if again is None and wanted is not None:
        return returned_none(failure)
    if isinstance(obtained, tuple) and isinstance(wanted, tuple) and "shape" in ast.unparse(left):
        return kind, shapes(call, tuple(wanted), tuple(obtained))
    if not (is_simple(obtained) and is_simple(wanted)) or obtained == wanted:
        return None
    if isinstance(obtained, float) or isinstance(wanted, float):
        return kind, say("missed.floats", call=call, expected=short(wanted), obtained=short(obtained))
    return kind, say("missed.values", call=call, expected=repr(wanted), obtained=repr(obtained))


def _values(condition: ast.expr, frame: FrameType) -> str:
    """Return what the parts of a condition were, where they are simple: the left of a comparison, and names."""
    parts: list[ast.expr] = [node for node in ast.walk(condition) if isinstance(node, ast.Name)]
    if isinstance(condition, ast.Compare) and not isinstance(condition.left, ast.Name):
        parts.insert(0, condition.left)
    shown: dict[str, object] = {}
    for part in parts:
        value = evaluated(part, frame)
        if value is not None and not callable(value) and not hasattr(value, "__path__"):
            shown.setdefault(ast.unparse(part), value)
    known = list(shown.items())[:MOST_VALUES]
    return "".join(say("missed.name_is", name=clean(name, 60), value=short(value)) for name, value in known)


def _given(failure: Failure) -> str:
    """Return the values of the names in the call that a failure is about."""
    known = list(given_to_call(failure).items())[:MOST_VALUES]
    return "".join(_name_is(clean(name, 60), value) for name, value in known)


def _name_is(name: str, value: object) -> str:
    if summary := summary_of(value):
        return say("missed.name_is_large", name=name, value=summary)
    return say("missed.name_is", name=name, value=short(value))


def _raised(failure: Failure) -> Explained:
    error = failure.error
    name = clean(type(error).__name__, 60)
    if isinstance(error, RecursionError):
        return Kind.RAISED, say("missed.endless", call=call_of(failure), place=_place(failure))
    message, place = _message(error), _place(failure)
    return Kind.RAISED, say("missed.raised", call=call_of(failure), error=name, message=message, place=place)


def _is_a_stand_in(name: str | None) -> bool:
    """Whether a library is missing here, and a module in its place says so (JupyterLite)."""
    return getattr(sys.modules.get(name or ""), "__stand_in__", False) is True


def _lacks_what_stands_in(cell: DefiningCell) -> bool:
    """Whether a cell has stopped for want of such a library, and not of a module that is nowhere."""
    missing = cell.error == ModuleNotFoundError.__name__ and not cell.text.startswith("No module named")
    return missing and any(getattr(type(one), "__stand_in__", False) is True for one in list(sys.modules.values()))


def _builtin_name(error: BaseException) -> str:
    """Return Python's error that the student's derives from: a free name could carry a secret."""
    return next((kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"), "Exception")


def _message(error: BaseException) -> str:
    try:
        return clean(" ".join(str(error).split()), 300) or say("text.no_message")
    except Exception:  # the __str__ of a student's own exception may do anything
        return say("text.unreadable")


def _place(failure: Failure) -> str:
    """Return the line of the student's code where the error came from, with its text."""
    line, source, function = failure.place or (0, "", "")
    if not source:
        return ""
    if not function.isidentifier() or function in call_of(failure):
        return say("missed.place", line=line, source=clean(source, 100))
    return say("missed.place_inside", line=line, function=clean(function, 60), source=clean(source, 100))
