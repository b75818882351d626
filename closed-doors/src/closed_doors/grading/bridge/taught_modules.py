"""What tests ask of Python's and matplotlib's modules about the student's work, answered by the student's process.

`inspect.getsource(f)` gives the text that was handed in; `plt.gca()` the figure that the student's code has drawn.
"""

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from closed_doors.grading.bridge.examiner_side import Bridge
from closed_doors.grading.bridge.remote_objects import Remote

FIGURES = ("gca", "gcf", "get_fignums")
_ASKS_FIGURES = re.compile(rf"\b({'|'.join(FIGURES)})\b")
_getsource, _getsourcelines = inspect.getsource, inspect.getsourcelines


def teach_inspect() -> None:
    """Have inspect read the texts of functions that live in the student's process."""
    vars(inspect).update(getsource=_source, getsourcelines=_source_lines)


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
