"""The worker's side of callbacks: what stands in student code for objects that stayed with a test."""

import inspect
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache

from closed_doors.grading.bridge.special_methods import NAMES, names_of
from closed_doors.grading.protocol.codec import TestObject
from closed_doors.grading.protocol.wire import Foreign

Ask = Callable[[int, str, tuple[object, ...], dict[str, object]], Foreign]
lock = threading.RLock()


class TheTests:
    """An object of the test's: whatever is done with it is done where it is."""

    def __init__(self, ask: Ask, theirs: TestObject) -> None:
        object.__setattr__(self, "_ask", (ask, theirs.number))
        object.__setattr__(self, "__name__", theirs.name)
        object.__setattr__(self, "__doc__", theirs.doc)
        if theirs.parameters is not None:
            kinds = list(inspect._ParameterKind)
            signature = inspect.Signature([inspect.Parameter(name, kinds[kind]) for name, kind in theirs.parameters])
            object.__setattr__(self, "__signature__", signature)

    def __getattr__(self, name: str) -> object:
        if name.startswith("_"):
            raise AttributeError(name)
        return asked(self, "getattr", name)

    def __setattr__(self, name: str, value: object) -> None:
        asked(self, "setattr", name, value)

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


def number_of(value: TheTests) -> int:
    """Return the number of an object of the test's."""
    number: int = object.__getattribute__(value, "_ask")[1]
    return number


def asked(value: TheTests, name: str, *args: object, **kwargs: object) -> Foreign:
    """Ask for something to be done with an object of the test's, and return the result."""
    ask, number = object.__getattribute__(value, "_ask")
    with lock:
        return ask(number, name, args, kwargs)


@lru_cache(maxsize=256)
def kind_of(able: int) -> type[TheTests]:
    """Return the type of what stands for objects with these special methods."""
    found = {name: _method(name) for name in names_of(able) if name in NAMES and name != "__hash__"}
    if "__eq__" in found:
        found["__hash__"] = TheTests.__hash__
    return type("TheTests", (TheTests,), found)


def _method(name: str) -> Callable[..., object]:
    def method(self: TheTests, *args: object, **kwargs: object) -> object:
        return asked(self, name, *args, **kwargs)

    return method


@contextmanager
def patched(names: tuple[str, ...], ask: Ask) -> Iterator[None]:
    """Let some builtins be those that the test has put in their place."""
    import builtins

    def instead(name: str) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            with lock:
                return ask(0, name, args, kwargs)

        return call

    before = {name: getattr(builtins, name) for name in names}
    for name in names:
        setattr(builtins, name, instead(name))
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(builtins, name, value)
