"""Finds a cell's tests: its own only, in order, with their parameters."""

import inspect
import itertools
import linecache
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from .catalogues import say

BEGIN_HIDDEN, END_HIDDEN = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"
_WEIGHT = "__checks_weight__"

Test = Callable[..., object]
T = TypeVar("T", bound=Test)


@dataclass(frozen=True, slots=True)
class CollectedTest:
    """A test that was found in the cell, ready to be run."""

    function: Test
    name: str
    text: str
    weight: float
    hidden: bool
    cases: tuple[dict[str, object], ...]


def weight(value: float) -> Callable[[T], T]:
    """Give a criterion a relative weight (1 by default).

    Args:
        value: the weight, above zero.

    Raises:
        ValueError: the weight is not above zero.
    """
    if not value > 0:
        raise ValueError(say("report.weight", value=str(value)))

    def decorate(function: T) -> T:
        setattr(function, _WEIGHT, float(value))
        return function

    return decorate


def collect(namespace: Mapping[str, object], filename: str) -> list[CollectedTest]:
    """Return the functions test_… of `namespace` that are written in the cell `filename`."""
    found = []
    for name, value in list(namespace.items()):
        if name.startswith("test_") and inspect.isfunction(value):
            code = inspect.unwrap(value).__code__
            if code.co_filename == filename:
                found.append((code.co_firstlineno, name, value))
    hidden = hidden_lines(linecache.getlines(filename))
    return [
        CollectedTest(
            function=function,
            name=name,
            text=_text(name, function),
            weight=getattr(function, _WEIGHT, 1.0),
            hidden=not hidden.isdisjoint(_lines(function)),
            cases=tuple(_cases(function)),
        )
        for _, name, function in sorted(found, key=lambda entry: entry[0])
    ]


def _lines(function: Test) -> range:
    """Return the numbers of a test's lines: a single hidden one hides all of it."""
    code = inspect.unwrap(function).__code__
    lines = [line for *_, line in code.co_lines() if line]
    return range(code.co_firstlineno, max(lines, default=code.co_firstlineno) + 1)


def hidden_lines(lines: list[str]) -> set[int]:
    """Return the numbers (from 1) of the lines that stand in a region of hidden tests."""
    found: set[int] = set()
    inside = False
    for number, line in enumerate(lines, start=1):
        if BEGIN_HIDDEN in line:
            inside = True
        elif END_HIDDEN in line:
            inside = False
        elif inside:
            found.add(number)
    return found


def _text(name: str, function: Test) -> str:
    document = inspect.getdoc(function)
    return " ".join(document.split("\n\n", 1)[0].split()) if document else name.removeprefix("test_").replace("_", " ")


def _cases(function: Test) -> Iterator[dict[str, object]]:
    """Yield the sets of arguments that the test's @pytest.mark.parametrize give; one, empty, without any."""
    marks = [mark for mark in getattr(function, "pytestmark", ()) if mark.name == "parametrize"]
    for combination in itertools.product(*(_parameter_sets(mark.args) for mark in marks)):
        yield {name: value for parameters in combination for name, value in parameters.items()}


def _parameter_sets(args: tuple[Any, ...]) -> list[dict[str, object]]:
    names, values = args[0], args[1]
    if isinstance(names, str):
        names = [name.strip() for name in names.split(",")]
    sets = []
    for value in values:
        given_by_param = type(value).__name__ == "ParameterSet"  # pytest.param(…)
        row = value.values if given_by_param else (value,) if len(names) == 1 else value
        sets.append(dict(zip(names, row, strict=True)))
    return sets
