"""Errors that the student's code raises, as errors of this process: by the names of their types, never the types.

A library's error is this process's own where it has loaded that library: what a test catches is what was raised.
"""

import builtins
from functools import lru_cache
from typing import TypeGuard

from closed_doors.grading.bridge.pickles import loaded_class
from closed_doors.grading.bridge.remote_objects import NAME_LENGTH
from closed_doors.grading.protocol.messages import Place, Raised

MOST_ANCESTORS = 20
LONGEST_TEXT = 1000


def error_of(raised: Raised, details: object = None) -> Exception:
    """Return the error that the student's code raised.

    Args:
        raised: what the student's process says of it.
        details: its arguments and attributes, decoded; None where they are unknown.
    """
    base = error_class(tuple(raised.lineage[:MOST_ANCESTORS]))
    error = base.__new__(base)  # some built-in errors ask for more arguments than a text
    error.args = (raised.text[:LONGEST_TEXT],)
    if type(details) is list and len(details) == 3 and type(details[0]) is tuple and type(details[1]) is dict:
        _tell(error, details[0], details[1], raised.text[:LONGEST_TEXT])
        error.__cause__ = _cause(details[2])
    error.student_place = _place(raised.place)  # type: ignore[attr-defined]
    return error


@lru_cache(maxsize=256)
def error_class(lineage: tuple[str, ...]) -> type[Exception]:
    """Return the class of errors for a lineage of names: a built-in one, or one below the next in the lineage.

    The same class each time: what `except` catches is what was raised.
    """
    known = _known(lineage[0]) if lineage else RuntimeError
    if _can_be_made(known):
        return known
    rest = lineage[1:]
    parent = error_class(rest) if rest else RuntimeError
    name = lineage[0].rpartition(".")[2]
    name = name if name.isidentifier() else parent.__name__
    if _is_no_error(known) or name == parent.__name__:
        return parent
    return type(name[:NAME_LENGTH], (parent,), {"__module__": __name__, "__checks_student__": True})


def names_of_errors(kind: type) -> tuple[str, ...]:
    """Return the names of a class of errors and of what it extends; of a library's with its module."""
    found = (each for each in kind.__mro__)
    return tuple(f"{each.__module__}.{each.__name__}" if _is_librarys(each) else each.__name__ for each in found)


def _cause(found: object) -> Exception | None:
    """Return what an error was raised from, of what came of it."""
    match found:
        case [[*names], str(text)] if names and all(type(name) is str for name in names):
            base = error_class(tuple(names[:MOST_ANCESTORS]))
            cause = base.__new__(base)
            cause.args = (text[:LONGEST_TEXT],)
            return cause
    return None


def _is_librarys(kind: type) -> bool:
    return kind.__module__ not in ("builtins", "__main__", __name__)


def _known(name: str) -> object:
    """Return the built-in class of this name, or that of a library that this process has loaded."""
    return loaded_class(name) if "." in name else getattr(builtins, name, None)


def _tell(error: Exception, args: tuple[object, ...], attributes: dict[object, object], text: str) -> None:
    """Give an error its own arguments and attributes, as long as it says the same text."""
    plain = error.args
    error.args = args
    if str(error) != text and not isinstance(error, KeyError):
        error.args = plain
    for name, value in attributes.items():
        if type(name) is str and name.isidentifier() and not name.startswith("_"):
            error.__dict__[name] = value


def _can_be_made(kind: object) -> TypeGuard[type[Exception]]:
    """Whether an error of this type can be made of a text alone; a group of errors can't."""
    return isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, BaseExceptionGroup)


def _is_no_error(kind: object) -> bool:
    """Whether this is a class that no error here is called by: BaseException, object, a group of errors."""
    if not isinstance(kind, type):
        return False
    return kind is BaseException or not issubclass(kind, BaseException) or issubclass(kind, BaseExceptionGroup)


def _place(place: Place | None) -> tuple[int, str, str] | None:
    return None if place is None else (place.line, place.source[:200], place.function[:200])
