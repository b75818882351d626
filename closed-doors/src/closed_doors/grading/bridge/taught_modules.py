"""What tests ask of Python's and matplotlib's modules about the student's work, answered by the student's process.

`inspect.getsource(f)` gives the text that was handed in; `plt.gca()` the figure that the student's code has drawn.
"""

import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps

from closed_doors.grading.bridge.examiner_side import Bridge
from closed_doors.grading.bridge.remote_objects import Remote, StudentType, bridge_of, remote_of
from closed_doors.grading.bridge.special_methods import TOLD_BY

FIGURES = ("gca", "gcf", "get_fignums")
_ASKS_FIGURES = re.compile(rf"\b({'|'.join(FIGURES)})\b")
_ASKS_TYPES = re.compile(r"\btype\(")
_getsource, _getsourcelines = inspect.getsource, inspect.getsourcelines


def teach_modules() -> None:
    """Have modules of Python's answer for objects that live in the student's process."""
    vars(inspect).update(getsource=_source, getsourcelines=_source_lines)
    for module, names in TOLD_BY.items():
        known = vars(importlib.import_module(module))
        known.update({name: _telling(name, known[name]) for name in names})


def _telling(name: str, own: Callable[..., object]) -> Callable[..., object]:
    @wraps(own)
    def told(value: object, *args: object, **kwargs: object) -> object:
        if (theirs := remote_of(value)) is None:
            return own(value, *args, **kwargs)
        found = bridge_of(theirs).apply(name, theirs, *([kwargs] if kwargs else []))
        return tuple(found) if name == "fields" else found

    return told


def names_for(source: str) -> dict[str, object]:
    """Return what stands under names of Python's own in a grading cell that asks for the types of objects."""
    return {"type": StudentType} if _ASKS_TYPES.search(source) and "(type)" not in source else {}


def _source(value: object) -> str:
    if inspect.ismethod(value) and isinstance(value.__self__, Remote):  # one that Python finds for itself, as __init__
        owner = object.__getattribute__(value.__self__, "_link")[0]
        return str(owner.source_named(f"{type(value.__self__).__name__}.{value.__name__}"))
    if not isinstance(value, Remote):
        return _getsource(value)  # type: ignore[arg-type]
    bridge = object.__getattribute__(value, "_link")[0]
    text: str = bridge.source(value)
    return text


def _source_lines(value: object) -> tuple[list[str], int]:
    if not isinstance(getattr(value, "__self__", value) if inspect.ismethod(value) else value, Remote):
        return _getsourcelines(value)  # type: ignore[arg-type]
    return _source(value).splitlines(keepends=True), 1


@contextmanager
def student_figures(source: str, bridge: Bridge) -> Iterator[None]:
    """Let pyplot's current figure and axes be the student's, for a cell that asks for them."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None or not _ASKS_FIGURES.search(source):
        yield
        return

    def asking(name: str, own: Callable[[], object]) -> Callable[[], object]:
        return lambda: bridge.figure(name) if bridge.figure("get_fignums") else own()

    before = {name: getattr(pyplot, name) for name in FIGURES}
    for name, own in before.items():
        setattr(pyplot, name, asking(name, own))
    try:
        yield
    finally:
        for name, own in before.items():
            setattr(pyplot, name, own)
