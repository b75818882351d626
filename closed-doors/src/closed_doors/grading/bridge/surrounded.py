"""The student's side of what a test changes around its code: it is there for as long as a call takes."""

import importlib
import os
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from closed_doors.grading.bridge.called_back import Ask, patched
from closed_doors.grading.bridge.draws import restore
from closed_doors.grading.protocol.codec import decode
from closed_doors.grading.protocol.messages import Surroundings
from closed_doors.grading.protocol.wire import Foreign

_GONE = object()


@contextmanager
def surrounded(around: Surroundings, read: Callable[[bytes], Foreign], ask: Ask) -> Iterator[None]:
    """Put what a test has changed in place.

    Args:
        around: what it has changed.
        read: decodes what the examiner sends.
        ask: calls back.
    """
    if around.draws:
        restore(decode(around.draws))  # type: ignore[arg-type]
    with ExitStack() as stack:
        if around.filters:
            stack.enter_context(_filtered(*read(around.filters)))
        if around.variables:
            stack.enter_context(_variables(around.variables))
        for place, data in around.replaced.items():
            module, _, name = place.partition(":")
            stack.enter_context(_replaced(module, name, read(data)))
        if around.patched:
            stack.enter_context(patched(around.patched, ask))
        yield


@contextmanager
def _replaced(module: str, name: str, value: object) -> Iterator[None]:
    place = importlib.import_module(module)
    before = vars(place).get(name, _GONE)
    setattr(place, name, value)
    try:
        yield
    finally:
        if before is _GONE:
            delattr(place, name)
        else:
            setattr(place, name, before)


@contextmanager
def _variables(changed: dict[str, str | None]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in changed}
    _set(changed)
    try:
        yield
    finally:
        _set(before)


def _set(variables: dict[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@contextmanager
def _filtered(new: list[list[Foreign]], keep: bool) -> Iterator[None]:
    with warnings.catch_warnings():
        if not keep:
            warnings.resetwarnings()
        for action, message, module, category, line in reversed(new):
            warnings.filterwarnings(action, lineno=line, category=category)
            first = warnings.filters[0]
            warnings.filters[0] = (first[0], _pattern(message), first[2], _pattern(module), first[4])  # type: ignore[index]
        yield


def _pattern(text: str | None) -> "re.Pattern[str] | None":
    return None if text is None else re.compile(text, re.IGNORECASE)
