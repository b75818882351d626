"""Runs a student's code: time limited, outputs kept back, figures closed.

nbgrader gives 0 to a grading cell that writes anything on stderr, be it the warning of right code: nothing that the
tested code writes there may reach the cell, by whatever way.
"""

import contextlib
import io
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import IO, Any

from .time_limits import TimeLimitExceeded, time_limit

__all__ = [
    "Interruption",
    "TimeLimitExceeded",
    "figures_closed",
    "silent_stderr",
    "standard_output",
    "time_limit",
]

STDERR_FD = 2


class Interruption:
    """Says whether the user has really interrupted the kernel, or the tested code has raised KeyboardInterrupt."""

    def __init__(self) -> None:
        self.happened = False

    @contextlib.contextmanager
    def watch(self) -> Iterator[None]:
        """Note that a signal of interruption came during the block."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def note(_signal: int, _frame: FrameType | None) -> None:
            self.happened = True
            raise KeyboardInterrupt

        previous = signal.signal(signal.SIGINT, note)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, previous)


@contextlib.contextmanager
def standard_output(limit: int) -> Iterator[io.StringIO]:
    """Keep what the block shows, up to `limit` characters; the rest is lost."""
    buffer = _CappedText(limit)
    with contextlib.redirect_stdout(buffer):
        yield buffer


@contextlib.contextmanager
def silent_stderr() -> Iterator[None]:
    """Keep back all that goes to stderr: sys.stderr, its former object, and descriptor 2."""
    stream = sys.stderr
    with contextlib.suppress(Exception):
        stream.flush()
    sink = _CappedText(0)
    with contextlib.redirect_stderr(sink), _overridden_write(stream, sink), _descriptor_elsewhere():
        yield


@contextlib.contextmanager
def _overridden_write(stream: Any, sink: io.StringIO) -> Iterator[None]:
    """Keep back what a logging handler writes that was made earlier, and holds the former sys.stderr."""
    try:
        stream.write = sink.write
    except AttributeError:  # a real file: its descriptor is turned elsewhere
        yield
        return
    try:
        yield
    finally:
        with contextlib.suppress(AttributeError):
            del stream.write


@contextlib.contextmanager
def _descriptor_elsewhere() -> Iterator[None]:
    """Turn descriptor 2 elsewhere: C code, child processes and sys.__stderr__ use it without Python."""
    try:
        saved = os.dup(STDERR_FD)
    except OSError:  # stderr is closed: there is nothing to turn elsewhere
        yield
        return
    try:
        with _nowhere() as file:
            os.dup2(file.fileno(), STDERR_FD)
            try:
                yield
            finally:
                if sys.__stderr__ is not None:
                    with contextlib.suppress(Exception):
                        sys.__stderr__.flush()
                os.dup2(saved, STDERR_FD)
    finally:
        os.close(saved)


def _nowhere() -> IO[bytes]:
    """Return a file to write to of which nothing stays."""
    try:
        return Path(os.devnull).open("wb")
    except OSError:  # there is no such file here
        return tempfile.TemporaryFile()


@contextlib.contextmanager
def figures_closed() -> Iterator[None]:
    """Close the figures that the block has opened: they would be shown under the grading cell."""
    before = _open_figures()
    try:
        yield
    finally:
        for number in _open_figures() - before:
            sys.modules["matplotlib.pyplot"].close(number)


def _open_figures() -> set[int]:
    pyplot = sys.modules.get("matplotlib.pyplot")
    return set(pyplot.get_fignums()) if pyplot else set()


class _CappedText(io.StringIO):
    """A text in memory that ceases to grow at its limit, without an error for whoever writes."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._left = limit

    def write(self, text: str) -> int:
        kept = text[: max(self._left, 0)]
        self._left -= len(kept)
        super().write(kept)
        return len(text)
