"""Warnings of the student's code: noted where it runs, and given again where the test can catch them."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from closed_doors.grading.protocol.messages import Warned

MOST_WARNINGS = 200
LONGEST_WARNING = 1000


@contextmanager
def noted_warnings(encode: Callable[[object], bytes]) -> Iterator[list[Warned]]:
    """Note warnings in place of showing them, unless student code has chosen another way to show them.

    Args:
        encode: encodes a class.
    """
    found: list[Warned] = []

    def note(message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: object) -> None:
        if len(found) < MOST_WARNINGS:
            found.append(Warned(encode(category), str(message)[:LONGEST_WARNING], filename[-200:], lineno))

    place = vars(warnings)
    before, place["showwarning"] = warnings.showwarning, note
    try:
        yield found
    finally:
        if place["showwarning"] is note:
            place["showwarning"] = before


def show_again(warned: Warned, category: object) -> None:
    """Give a warning of the student's code to whoever takes warnings here.

    Args:
        warned: the warning.
        category: its class here.
    """
    kind = category if isinstance(category, type) and issubclass(category, Warning) else UserWarning
    try:
        message = kind(warned.text)
    except Exception:  # a library's may ask for more than a text
        kind, message = UserWarning, UserWarning(warned.text)
    warnings.showwarning(message, kind, warned.file, warned.line, None, "")  # reads no line of any file
