"""What a probe of a student's code gave, as plain facets that two answers can be compared by.

A probe is an expression that calls the student's functions with fixed inputs. What it gives has three facets:

    value       numbers with a shape, a text, nothing, an error: what the answer says
    container   array, tensor, list, number: what it says it in
    changes     whether an argument was changed

Values are equal up to rounding and whatever their type: a mask of booleans is a mask of ones and zeros.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

RELATIVE, ABSOLUTE = 2e-4, 2e-6
MOST_NUMBERS = 4096
DIGITS = 6
ERROR, NONE, NUMBERS, TEXT, MANY, OBJECT = "error", "none", "numbers", "text", "many", "object"


def value_of(result: Any) -> list[Any]:
    """Return the value facet of what a probe gave, as data that JSON can hold."""
    if result is None:
        return [NONE]
    if isinstance(result, str):
        return [TEXT, result[:200]]
    if (array := _array(result)) is not None:
        if array.size > MOST_NUMBERS:
            return [OBJECT]
        if array.dtype.kind in "US":
            return [TEXT, list(array.shape), [str(item)[:20] for item in array.ravel()]]
        return [NUMBERS, list(array.shape), [_short(float(number)) for number in array.ravel()]]
    if isinstance(result, list | tuple) and len(result) <= MOST_NUMBERS:
        return [MANY, [value_of(item) for item in result]]
    return [OBJECT]


def error_value(error: BaseException) -> list[Any]:
    """Return the value facet of a probe that raised."""
    kind = next((each for each in type(error).__mro__ if each.__module__ == "builtins"), Exception)
    return [ERROR, kind.__name__]


def container_of(result: Any) -> str:
    """Return the container facet of what a probe gave."""
    if result is None or isinstance(result, str):
        return ""
    if isinstance(result, bool | int | float | np.generic):
        return "number"
    if isinstance(result, np.ndarray):
        return "text" if result.dtype.kind in "US" else "array"
    if _is_tensor(result):
        return "tensor"
    if isinstance(result, list | tuple):
        inside = sorted({container_of(item) for item in result[:MOST_NUMBERS]})
        return f"{type(result).__name__}({', '.join(inside)})"
    return "object"


def alike(one: list[Any], other: list[Any]) -> bool:
    """Whether two value facets say the same."""
    if one[0] != other[0]:
        return False
    if one[0] == NUMBERS:
        return bool(one[1] == other[1] and np.allclose(_numbers(one), _numbers(other), RELATIVE, ABSOLUTE, True))
    if one[0] == MANY:
        return len(one[1]) == len(other[1]) and all(map(alike, one[1], other[1]))
    return one == other


def coarse(value: list[Any], expects_error: bool) -> list[Any]:
    """Return a value facet without what tells one code from another but not one idea from another.

    Args:
        value: the facet.
        expects_error: whether a right answer raises here; what an answer returns instead is then arbitrary. Elsewhere
            the type of an error is.
    """
    if expects_error:
        return value if value[0] in (ERROR, NONE, OBJECT) else [OBJECT, "result"]
    return [ERROR] if value[0] == ERROR else value


def packed(value: Any) -> Any:
    """Return a value facet read from a file with its numbers as arrays, ready to be compared often."""
    if value[0] == NUMBERS:
        return [NUMBERS, value[1], np.array([math.nan if n is None else float(n) for n in value[2]])]
    if value[0] == MANY:
        return [MANY, [packed(item) for item in value[1]]]
    return value


def same_inputs(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether inputs still hold what they held."""
    return all(_same(before[name], after[name]) for name in before)


def copies(namespace: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return copies of the inputs among these names: arrays, tensors and lists."""
    found = {}
    for name in names:
        value = namespace.get(name)
        if isinstance(value, np.ndarray | list):
            found[name] = value.copy()
        elif _is_tensor(value):
            found[name] = value.detach().clone()  # type: ignore[union-attr]
    return found


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list):
        return bool(one == other)
    if not isinstance(one, np.ndarray):
        one, other = one.detach(), other.detach()
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    return bool(((one == other) | ((one != one) & (other != other))).all())


def _numbers(value: list[Any]) -> Any:
    numbers = value[2]
    if isinstance(numbers, np.ndarray):
        return numbers
    return packed(value)[2]


def _array(result: Any) -> np.ndarray | None:
    """Return plain numbers, however they are held, as an array; None where they are something else."""
    try:
        if isinstance(result, np.ndarray | np.generic):
            return np.asarray(result)
        if _is_tensor(result):
            dense = result.detach().cpu()
            return np.asarray(dense.float() if str(dense.dtype) == "torch.bfloat16" else dense)
        if isinstance(result, bool | int | float):
            return np.asarray(result)
        if isinstance(result, list | tuple) and result and _plain(result):
            return np.array(result)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        return None
    return None


def _plain(items: Any) -> bool:
    """Whether nested lists hold nothing but Python's own numbers."""
    if isinstance(items, list | tuple):
        return all(map(_plain, items))
    return isinstance(items, bool | int | float | np.generic)


def _is_tensor(value: Any) -> bool:
    return type(value).__module__ == "torch" and hasattr(value, "detach")


def _short(number: float) -> float | str | None:
    """Return a number that JSON can hold, with as many digits as are compared."""
    if math.isnan(number):
        return None
    if math.isinf(number):
        return "inf" if number > 0 else "-inf"
    short = float(f"{number:.{DIGITS}g}")
    return int(short) if short == int(short) and abs(short) < 1e6 else short
