"""How far a command is: a bar on a terminal, a line now and then elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from closed_doors.core.progress import Progress

QUIET_S = 10.0  # between two lines, where there is no terminal to draw a bar on


@contextmanager
def progress_bar(console: Console, what: str) -> Iterator[Progress]:
    """Show how far a piece of work is until it is done.

    Args:
        console: where to.
        what: what is being done, such as "Grading".

    Yields:
        What is to be told how much is done.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=None, rate="")
        started = said = time.monotonic()

        def tell(done: int, total: int) -> None:
            nonlocal said
            now = time.monotonic()
            rate = done / max(now - started, 1e-3)
            bar.update(task, completed=done, total=total, rate=f"{rate:.1f}/s")
            if bar.disable and done and now - said > QUIET_S:
                said = now
                left = (total - done) / rate
                console.print(f"{what}: {done} of {total}, {rate:.1f} a second, {left:.0f} s to go")

        yield tell
