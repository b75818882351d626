"""`course autograde` and `course regrade`: what they say on the way and at the end."""

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from closed_doors.classroom.class_run import Change, Options, Run, Summary, only_run
from closed_doors.classroom.local_pool import Pool, default_slots, local_pool
from closed_doors.cli.console import PlainConsole
from closed_doors.cli.progress_bar import progress_bar
from closed_doors.core.layout import Layout
from closed_doors.nbgrader.settings import read_settings

MOST_ROWS = 40


class Command:
    """One call of the command line.

    Args:
        layout: the course.
        assignment: which one; an unknown one is refused with the nearest name.
        jobs: submissions at a time on this machine; by default, two more than processors.
        scheduler: a Dask scheduler's address; this machine by default.
        console: where to print; the terminal by default.
    """

    def __init__(
        self,
        layout: Layout,
        assignment: str,
        jobs: int | None = None,
        scheduler: str | None = None,
        console: Console | None = None,
    ) -> None:
        self._assignment = layout.require(assignment)
        self._settings = read_settings(layout.root)
        self._jobs = jobs or default_slots()
        self._scheduler = scheduler
        self._console = console or PlainConsole(highlight=False)

    def autograde(self, students: tuple[str, ...], force: bool, dry_run: bool) -> None:
        """Grade what is new or changed; exit with 1 where something failed for a reason that is not a student's."""
        if dry_run:
            self._say_what_would_be_graded(Run(self._settings, self._assignment, Options(students, force)))
            return
        with only_run(self._settings), _interruptible():
            run = self._ready(Options(students, force))
            todo, unchanged = run.plan()
            summary = self._graded(run, todo)
            summary.unchanged = unchanged
        self._close(summary)

    def regrade(self, students: tuple[str, ...], dry_run: bool) -> None:
        """Grade everybody again, and show whose automatic points differ from the gradebook's."""
        with only_run(self._settings), _interruptible():
            run = self._ready(Options(students, force=True, record=not dry_run))
            todo, _ = run.plan()
            summary = self._graded(run, todo)
        self._console.print(_changes(summary.changes))
        if dry_run:
            self._console.print("Nothing was written.")
        self._close(summary, recorded=not dry_run)

    def _ready(self, options: Options) -> Run:
        run = Run(self._settings, self._assignment, options)
        if not run.is_known and options.record:
            self._console.print(f"Entering the cells of source/{self._assignment} into the gradebook …")
            from closed_doors.nbgrader.api import NbgraderCourse  # loads nbgrader: two seconds, once an assignment

            NbgraderCourse(self._settings.root).register(self._assignment)
            run.look_again()
        return run

    def _say_what_would_be_graded(self, run: Run) -> None:
        todo, unchanged = run.plan()
        for student, _ in todo:
            self._console.print(f"would grade {student}")
        self._console.print(f"{len(todo)} to grade, {unchanged} unchanged. Nothing was written.")

    def _graded(self, run: Run, todo: Sequence[tuple[str, Path]]) -> Summary:
        if not todo:
            return Summary()
        with progress_bar(self._console, "Grading") as progress:
            return run.grade(todo, self._pool(), progress)

    def _pool(self) -> AbstractContextManager[Pool]:
        if self._scheduler is None:
            return local_pool(self._jobs)
        from closed_doors.classroom.dask_pool import dask_pool  # loads Dask: a second

        return dask_pool(self._scheduler)

    def _close(self, summary: Summary, recorded: bool = True) -> None:
        self._console.print(f"\n{self._assignment}: what became of the class")
        table = Table(show_header=False)
        table.add_column()
        table.add_column(justify="right")
        done = "graded" if recorded else "tried"
        seconds = f" in {summary.seconds:.1f} s" if summary.seconds else ""
        table.add_row(f"{done}{seconds}", str(summary.graded))
        table.add_row("unchanged", str(summary.unchanged))
        table.add_row("to look at", str(len(summary.to_look_at)))
        table.add_row("refused", str(len(summary.refused)))
        table.add_row("failed", str(len(summary.failed)))
        self._console.print(table)
        self._list("To look at", summary.to_look_at)
        self._list("Refused, as no notebook that can be graded", summary.refused)
        self._list("Failed, for a reason that is not the student's; there is no mark", summary.failed)
        if summary.failed:
            sys.exit(1)

    def _list(self, title: str, rows: Sequence[tuple[str, str]]) -> None:
        if not rows:
            return
        self._console.print(f"{title}:")
        for student, why in sorted(rows)[:MOST_ROWS]:
            self._console.print(f"  {student}: {why}", markup=False, soft_wrap=True)
        if len(rows) > MOST_ROWS:
            self._console.print(f"  … and {len(rows) - MOST_ROWS} more; verdicts/ says it of each.")


def _changes(changes: Sequence[Change]) -> Table:
    table = Table(title="Automatic points that change", title_justify="left")
    for heading in ("student", "before", "after", "", "cells"):
        table.add_column(heading, justify="right" if heading in ("before", "after") else "left")
    for change in sorted(changes, key=lambda change: (change.after - change.before, change.student)):
        difference = change.after - change.before
        arrow = "same sum" if not difference else f"{difference:+g}"
        table.add_row(change.student, f"{change.before:g}", f"{change.after:g}", arrow, ", ".join(change.cells))
    if not changes:
        table.add_row("nobody", "", "", "", "")
    return table


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let SIGTERM end a run as Ctrl-C does: what is graded is recorded, and no process stays behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        print("Interrupted. What was graded is recorded; run again to go on.", file=sys.stderr)  # noqa: T201
        sys.exit(130)
    finally:
        signal.signal(signal.SIGTERM, previous)
