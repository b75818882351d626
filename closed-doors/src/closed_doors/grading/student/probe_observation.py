"""What a probe of a student's code gave, as plain facets that two answers can be compared by.

A probe is an expression that calls the student's functions with fixed inputs. What it gives has three facets:

    value       numbers with a shape, a text, nothing, an error: what the answer says
    container   array, tensor, list, number: what it says it in
    changes     whether an argument was changed

A value is its form, a short text, and its numbers, which are equal up to rounding and whatever their type: a mask of
booleans is a mask of ones and zeros.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

import numpy as np

from closed_doors.grading.protocol.tensor_values import Tensor, looks_like_tensor, widened

RELATIVE, ABSOLUTE = 2e-4, 2e-6
MOST_NUMBERS = 4096
LONGEST_FORM = 10_000
DIGITS = 6
ERROR, NONE, NUMBERS, TEXT, MANY, OBJECT = "error", "none", "numbers", "text", "many", "object"
RESULT = "result"  # of whatever kind
Plain = list[Any]  # a form and its numbers, as JSON holds them


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """What an answer says.

    Attributes:
        form: all of it but the numbers; its first word says what it is.
        numbers: in one dimension, as floats.
    """

    form: str
    numbers: np.ndarray = field(default_factory=lambda: np.empty(0))

    @classmethod
    def of_plain(cls, plain: Plain) -> "Value":
        """Return the value that `plain` wrote."""
        form, numbers = plain
        return cls(form, np.array([math.nan if number is None else float(number) for number in numbers]))

    def plain(self) -> Plain:
        """Return the value as data that JSON can hold, with as many digits as are compared."""
        return [self.form, [_short(number) for number in self.numbers.tolist()]]

    def coarse(self, expects_error: bool) -> "Value":
        """Return the value without what tells one code from another but not one idea from another.

        Args:
            expects_error: whether a right answer raises here; what an answer returns instead is then arbitrary.
        """
        return self if not expects_error or self.form.partition(" ")[0] in (ERROR, NONE, OBJECT) else Value(RESULT)

    @property
    def says_something(self) -> bool:
        """Whether it tells one answer from another: an error and nothing but nan may come of anything."""
        only_nan = bool(self.numbers.size) and bool(np.isnan(self.numbers).all())
        return self.form.partition(" ")[0] != ERROR and not only_nan


@dataclass(frozen=True, slots=True)
class Observation:
    """What one probe gave: its three facets."""

    value: Value
    container: str
    changes: bool


class Catalogue:
    """Distinct values by number, from 0, to find those again that say the same."""

    def __init__(self, values: Iterable[Value] = ()) -> None:
        self.values: list[Value] = []
        self._places: dict[tuple[str, int], list[int]] = {}
        self._rows: dict[tuple[str, int], np.ndarray] = {}
        for value in values:
            self.add(value)

    def add(self, value: Value) -> int:
        """Take in a value, and return its number."""
        key, number = (value.form, value.numbers.size), len(self.values)
        self.values.append(value)
        self._places.setdefault(key, []).append(number)
        self._rows[key] = np.vstack([*self._rows.get(key, ()), value.numbers])
        return number

    def find(self, value: Value) -> int | None:
        """Return the number of the first value that says the same; None where there is none."""
        key, numbers = (value.form, value.numbers.size), value.numbers
        if key not in self._rows:
            return None
        rows = self._rows[key]
        with np.errstate(invalid="ignore"):
            near = np.abs(rows - numbers) <= ABSOLUTE + RELATIVE * np.where(np.isfinite(numbers), np.abs(numbers), 0)
        same = (near | (rows == numbers) | (np.isnan(rows) & np.isnan(numbers))).all(axis=1)
        first = int(same.argmax())
        return self._places[key][first] if same[first] else None


def value_of(result: object) -> Value:
    """Return the value facet of what a probe gave."""
    if result is None:
        return Value(NONE)
    if isinstance(result, str):
        return Value(f"{TEXT} {result[:200]!r}")
    if (array := _array(result)) is not None:
        if array.size > MOST_NUMBERS:
            return Value(OBJECT)
        if array.dtype.kind in "US":
            return Value(f"{TEXT} {list(array.shape)} {[str(item)[:20] for item in array.ravel()]}"[:LONGEST_FORM])
        return Value(f"{NUMBERS} {list(array.shape)}", array.ravel().astype(float))
    if isinstance(result, list | tuple) and len(result) <= MOST_NUMBERS:
        inside = [value_of(item) for item in result]
        numbers = np.concatenate([[], *(value.numbers for value in inside)])
        if numbers.size <= MOST_NUMBERS:
            return Value(f"{MANY} [{', '.join(value.form for value in inside)}]"[:LONGEST_FORM], numbers)
    return Value(OBJECT)


def error_value(error: BaseException) -> Value:
    """Return the value facet of a probe that raised."""
    kind = next((each for each in type(error).__mro__ if each.__module__ == "builtins"), Exception)
    return Value(f"{ERROR} {kind.__name__}")


def container_of(result: object) -> str:
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
        kind = "list" if isinstance(result, list) else "tuple"
        return f"{kind}({', '.join(inside)})"[:LONGEST_FORM]
    return "object"


def same_inputs(before: Mapping[str, object], after: Mapping[str, object]) -> bool:
    """Whether inputs still hold what they held."""
    return all(_same(before[name], after[name]) for name in before)


def copies(namespace: Mapping[str, object], names: Iterable[str]) -> dict[str, object]:
    """Return copies of the inputs among these names: arrays, tensors and lists."""
    found: dict[str, object] = {}
    for name in names:
        value = namespace.get(name)
        if isinstance(value, np.ndarray | list):
            found[name] = value.copy()
        elif _is_tensor(value):
            found[name] = value.detach().clone()
    return found


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list):
        return bool(one == other)
    if not isinstance(one, np.ndarray):
        one, other = one.detach(), other.detach()
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    return bool(((one == other) | ((one != one) & (other != other))).all())


def _array(result: object) -> np.ndarray | None:
    """Return plain numbers or texts, however they are held, as an array; None where they are something else."""
    try:
        if isinstance(result, np.ndarray | np.generic | bool | int | float):
            array = np.asarray(result)
        elif _is_tensor(result):
            dense = result.detach().cpu()
            array = np.asarray(widened(dense))
        elif isinstance(result, list | tuple) and result and _plain(result):
            array = np.array(result)
        else:
            return None
        if array.dtype.kind == "O":  # objects that are plain numbers after all
            array = np.array(array.tolist())
    except (TypeError, ValueError, OverflowError, RuntimeError):
        return None
    return array if array.dtype.kind in "biufUS" else None


def _plain(items: object) -> bool:
    """Whether nested lists hold nothing but Python's own numbers."""
    if isinstance(items, list | tuple):
        return all(map(_plain, items))
    return isinstance(items, bool | int | float | np.generic)


def _is_tensor(value: object) -> TypeGuard[Tensor]:
    return looks_like_tensor(value)


def _short(number: float) -> float | str | None:
    if math.isnan(number):
        return None
    if math.isinf(number):
        return "inf" if number > 0 else "-inf"
    short = float(f"{number:.{DIGITS}g}")
    return int(short) if short == int(short) and abs(short) < 1e6 else short
