"""The examiner's side of callbacks: what a test passes to the student's code and can't be copied stays here.

The student's code gets something that calls back: a function can be called, a generator gives its next element, an
object of a class of the test's answers by its public attributes. It never gets the test's code, nor what that code can
see: of functions, generators and modules there are no attributes. Whatever comes with a call is the student's: plain
data, or objects that ask back. Calls are counted, and take from the test's own time.
"""

import builtins
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import TypeAlias

from closed_doors.grading.bridge.special_methods import NAMES, OPERATIONS, able
from closed_doors.grading.protocol.codec import TestObject
from closed_doors.grading.protocol.messages import CallBack
from closed_doors.grading.protocol.wire import CannotCrossError, Foreign

MOST_CALLS = 100_000  # back, in one answer
MOST_OBJECTS = 100_000
PATCHABLE = ("input", "print")
_ORIGINAL = {name: getattr(builtins, name) for name in PATCHABLE}
_OPEN = ("__main__", "_io", "io", "unittest.mock")  # modules whose objects show their public attributes
_KINDS = {
    kind: number
    for number, kind in enumerate(
        ("POSITIONAL_ONLY", "POSITIONAL_OR_KEYWORD", "VAR_POSITIONAL", "KEYWORD_ONLY", "VAR_KEYWORD")
    )
}


# What a callback does with an object of the test's is the test's own affair.
TestValue: TypeAlias = Foreign


class TestObjects:
    """The objects of one cell's tests that the student's code may call back."""

    def __init__(self) -> None:
        self._objects: list[object] = [None]  # number 0 is no object
        self._numbers: dict[int, int] = {}
        self._errors: list[BaseException] = []

    def refer(self, value: object) -> TestObject:
        """Return what crosses in an object's place.

        Raises:
            CannotCrossError: there are too many of them.
        """
        number = self._numbers.get(id(value))
        if number is None:
            if len(self._objects) > MOST_OBJECTS:
                raise CannotCrossError(type(value).__name__)
            number = self._numbers[id(value)] = len(self._objects)
            self._objects.append(value)
        name = getattr(value, "__name__", type(value).__name__)
        doc = value.__doc__ if isinstance(value, FunctionType) else None
        named = name if isinstance(name, str) else ""
        return TestObject(number, named, able(type(value)), _parameters(value), doc)

    def found(self, number: int) -> object:
        """Return the object of a number that came.

        Raises:
            LookupError: there is none.
        """
        if not 0 < number < len(self._objects):
            raise LookupError(f"no object of the test's has the number {number}")
        return self._objects[number]

    def do(self, asked: CallBack, args: list[object], kwargs: Mapping[str, object]) -> TestValue:
        """Do with an object what the student's code asks for, and return the result.

        Raises:
            AttributeError: the object does not show that.
        """
        if asked.number == 0:
            return _patched(asked.name)(*args, **kwargs)
        value: Foreign = self.found(asked.number)
        match asked.name, args:
            case "__call__", _:
                return value(*args, **kwargs)
            case "__iter__", []:
                return iter(value)
            case "__next__", []:
                return next(value)
            case "__len__", []:
                return len(value)
            case "getattr", [str(name)]:
                return getattr(value, _shown(value, name))
            case "setattr", [str(name), content]:
                setattr(value, _shown(value, name), content)
                return None
            case name, _ if name in NAMES:
                return OPERATIONS[name](value, *args)
        raise AttributeError(asked.name)

    def keep(self, error: BaseException) -> int:
        """Keep an error that a callback raised; return what stands for it."""
        self._errors.append(error)
        return len(self._errors)

    def error(self, token: int) -> BaseException | None:
        """Return the error that a token stands for, if it is one of these."""
        return self._errors[token - 1] if 0 < token <= len(self._errors) else None


def patched_builtins() -> tuple[str, ...]:
    """Return the builtins in whose place a test has put something of its own."""
    return tuple(name for name in PATCHABLE if getattr(builtins, name) is not _ORIGINAL[name])


def remember_builtins() -> None:
    """Take the builtins for those of a fresh notebook."""
    _ORIGINAL.update({name: getattr(builtins, name) for name in PATCHABLE})


def _patched(name: str) -> Callable[..., object]:
    if name not in patched_builtins():
        raise AttributeError(name)
    found: Callable[..., object] = getattr(builtins, name)
    return found


def _shown(value: object, name: str) -> str:
    """Return the name of a public attribute of an object of the test's own.

    Raises:
        AttributeError: the object is of another kind, or the name is not public.
    """
    module = type(value).__module__
    if name.startswith("_") or isinstance(value, type | FunctionType) or module not in _OPEN:
        raise AttributeError(f"{type(value).__name__!r} object has no attribute {name!r}")
    return name


def _parameters(value: object) -> list[tuple[str, int]] | None:
    """Return the names and the kinds of a function's parameters, for code that looks at them."""
    if not isinstance(value, FunctionType):
        return None
    import inspect

    return [(name, _KINDS[each.kind.name]) for name, each in inspect.signature(value).parameters.items()]
