"""Explains the error that a result causes in the check itself: it is not the one that the student reads.

The test uses the result (converts it, unpacks it, takes a part of it) and Python or NumPy refuses, in words that do not
speak of the student's code. The sentence here says what was needed, and what came.
"""

import ast
import re
from types import FrameType, FunctionType, ModuleType

from .catalogues import say
from .failure import Failure
from .missed_comparison import no_gradient, returned_none
from .name_of_call import call_of
from .report import Explained, Kind
from .values_as_text import as_array, clean, short, type_name

_UNPACKING = re.compile("values to unpack|cannot unpack|over a 0-d tensor")
_ONE_NUMBER = re.compile(
    "only (length|size)-1 arrays|array of size 1|only 0-dimensional arrays|elements? cannot be converted to Scalar"
    "|only one element tensors|truth value of an array|Boolean value of Tensor with"
)
_SHAPES = re.compile(
    "broadcast|shape|size of tensor|dimension|too many indices|out of (bounds|range)|must match the size|invalid index"
)
_TOO_MANY_ARGUMENTS = re.compile(r"takes (?:from \d+ to )?(\d+) positional arguments? but (\d+) (?:was|were) given")
_MISSING_ARGUMENTS = re.compile(r"missing \d+ required (?:positional|keyword-only) arguments?: (.*)")
_UNEXPECTED_ARGUMENT = re.compile(r"got an unexpected keyword argument ('\w+')")
_ARGUMENT_TWICE = re.compile(r"got multiple values for argument ('\w+')")
_CONVERSIONS = (TypeError, ValueError, RuntimeError)
MOST_NAMES = 2


def wrong_arguments(failure: Failure) -> Explained | None:
    """Return what to say of a call that Python refuses for want of the right parameters; None of anything else."""
    if failure.raised_by_student or not isinstance(failure.error, TypeError):
        return None
    if why := _wrong_call(str(failure.error)):
        return Kind.RAISED, say("result.cannot_be_called", call=call_of(failure), why=why)
    return None


def _wrong_call(error: str) -> str:
    """Say what is wrong with a call that Python refuses; empty for another error."""
    if found := _TOO_MANY_ARGUMENTS.search(error):
        return say("result.too_many_arguments", count=int(found[1]), given=int(found[2]))
    if found := _MISSING_ARGUMENTS.search(error):
        return say("result.missing_arguments", names=found[1].replace(" and ", say("text.and")))
    if found := _UNEXPECTED_ARGUMENT.search(error):
        return say("result.unexpected_argument", name=found[1])
    if found := _ARGUMENT_TWICE.search(error):
        return say("result.argument_twice", name=found[1])
    return ""


def unpacked(failure: Failure) -> Explained | None:
    """Return what to say of a test that takes several results and does not get that many; else None."""
    error = failure.error
    if failure.raised_by_student or not isinstance(error, TypeError | ValueError) or not _UNPACKING.search(str(error)):
        return None
    if "NoneType" in str(error):
        return returned_none(failure)
    for node in failure.at_line():
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=elements)]) if len(elements) > 1:
                return Kind.WRONG_TYPE, say("result.several_values", call=call_of(failure), wanted=len(elements))
    return None


def unusable_result(failure: Failure) -> Explained:
    """Say that the check could not use the result, and what it is."""
    text, call = str(failure.error), call_of(failure)
    if "'NoneType'" in text or uses_none(failure):
        return _none(failure)
    if isinstance(failure.error, AttributeError):
        what, name = type_name(failure.error.obj), clean(failure.error.name or "", 60)
        return Kind.WRONG_TYPE, say("result.no_attribute", call=call, type=what, name=name)
    obtained = _obtained(failure)
    if isinstance(failure.error, _CONVERSIONS) and _ONE_NUMBER.search(text):
        counted = re.search(r"Tensor with (\d+) elements", text)
        count = say("result.numbers", number=int(counted[1])) if counted else say("result.several_numbers")
        return Kind.WRONG_SHAPE, say("result.one_number", call=call, obtained=obtained or count)
    parts = {"obtained": say("result.obtained", obtained=obtained) if obtained else "", "source": _source(failure)}
    if isinstance(failure.error, IndexError) or _SHAPES.search(text):
        return Kind.WRONG_SHAPE, say("result.shape", call=call, **parts)
    return Kind.WRONG_TYPE, say("result.unusable", call=call, **parts)


def _none(failure: Failure) -> Explained:
    """Explain a None that the test has used: a gradient that is not there, or a forgotten return."""
    grads = (isinstance(node, ast.Attribute) and node.attr == "grad" for node in failure.at_line())
    return no_gradient(failure) if any(grads) else returned_none(failure)


def uses_none(failure: Failure) -> bool:
    """Whether the test's line that failed uses a single value, and that is None."""
    values = _values_used(failure)
    return len(values) == 1 and values[0][1] is None


def _obtained(failure: Failure) -> str:
    """Describe the values that the test's line that failed used, where they are known."""
    values = _values_used(failure)
    if len(values) == 1:
        return described(values[0][1])
    return say("result.together").join(f"{name} = {described(value)}" for name, value in values[:MOST_NAMES])


def _values_used(failure: Failure) -> list[tuple[str, object]]:
    if not failure.in_cell:
        return []
    frame = failure.in_cell[-1][0]
    names = {node.id for node in failure.at_line() if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return [(name, frame.f_locals[name]) for name in sorted(names) if name in _results(frame)]


def _results(frame: FrameType) -> list[str]:
    """Return the test's local names that mean a value, and not a function, a class or a module."""
    code = frame.f_code
    if code.co_name == "<module>":
        return []
    return [
        name
        for name, value in frame.f_locals.items()
        if not isinstance(value, FunctionType | ModuleType | type) and not name.startswith("__")
    ]


def described(value: object) -> str:
    """Describe a value by its type and shape, or write it where it is simple."""
    array = as_array(value)
    if array is None:
        return type_name(value)
    if array.ndim == 0:
        return short(value)
    return say("result.array", type=type_name(value), count=int(array.size), shape=str(tuple(array.shape)))


def _source(failure: Failure) -> str:
    """Return the visible test's line that failed."""
    statements = [node for node in failure.at_line() if isinstance(node, ast.stmt)]
    simple = [node for node in statements if not hasattr(node, "body")]
    return say("result.source", source=clean(ast.unparse(simple[-1]), 100)) if simple else ""
