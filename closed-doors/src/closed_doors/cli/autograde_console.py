"""`course autograde` and `course regrade`: what they say on the way and at the end."""

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from closed_doors.classroom.class_run import Hold, Options, Run
from closed_doors.classroom.class_summary import Summary
from closed_doors.classroom.course_lock import only_run
from closed_doors.classroom.local_pool import Pool, default_slots, expect, local_pool
from closed_doors.classroom.running_server import running_server
from closed_doors.cli.console import PlainConsole
from closed_doors.cli.marks_preview_console import print_json, show_moves
from closed_doors.cli.progress_bar import progress_bar
from closed_doors.core.errors import CourseError
from closed_doors.core.layout import Layout
from closed_doors.nbgrader.gradebook_restructure import Restructuring
from closed_doors.nbgrader.gradebook_structure import find_renamed
from closed_doors.nbgrader.settings import Settings, read_settings

MOST_ROWS = 40


class Command:
    """One call of the command line.

    Args:
        layout: the course.
        assignment: which one; an unknown one is refused with the nearest name.
        jobs: submissions at a time on this machine; by default, two more than processors.
        scheduler: a Dask scheduler's address; this machine by default.
        console: where to print; the terminal by default.
        as_json: print what happened as JSON on standard output too; then the rest goes to standard error.
        grade_the_rest: leave cells that the master's own solution misses to a person, and grade all others.
    """

    def __init__(
        self,
        layout: Layout,
        assignment: str,
        jobs: int | None = None,
        scheduler: str | None = None,
        console: Console | None = None,
        as_json: bool = False,
        grade_the_rest: bool = False,
    ) -> None:
        self._json = as_json
        self._structure: list[str] = []
        self._assignment = layout.require(assignment)
        self._settings = read_settings(layout.root)
        if grade_the_rest:
            self._settings = replace(self._settings, grade_the_rest=True)
        self._jobs = jobs or default_slots()
        self._scheduler = scheduler
        self._server = None if jobs or scheduler else running_server(layout.root)
        self._console = console or PlainConsole(highlight=False, stderr=as_json)

    def autograde(self, students: tuple[str, ...], force: bool, dry_run: bool, yes: bool = False) -> None:
        """Grade what is new or changed; exit with 1 where something needs a person.

        A mark that would fall although the student handed in nothing else is recorded after a person's yes only.
        """
        hold = Hold.NOTHING if yes or dry_run else Hold.FALLS
        options = Options(students, force, record=not dry_run, hold=hold)
        with _run_alone(self._settings, dry_run), _interruptible(), self._ready(options) as run:
            todo, unchanged = run.plan()
            if dry_run:
                self._say_what_would_be_graded(todo, unchanged)
            summary = self._graded(run, todo)
            summary.unchanged = unchanged
            run.close(summary)
            if summary.changes or dry_run:
                self._show(summary)
            self._ask_about_held(run, summary)
        self._close(summary, recorded=not dry_run)

    def regrade(self, students: tuple[str, ...], dry_run: bool, yes: bool = False) -> None:
        """Grade everybody again, show whose final marks move, and record it all at once."""
        options = Options(students, force=True, record=not dry_run, hold=Hold.EVERYTHING)
        with (
            _run_alone(self._settings, dry_run),
            _interruptible(),
            Run(self._settings, self._assignment, options) as run,
        ):
            wanted = self._restructuring(run, students)
            todo, _ = run.plan()
            summary = self._graded(run, todo)
            run.close(summary)
            self._show(summary)
            recorded = not dry_run and (yes or not summary.falls or self._confirmed(len(summary.falls), unasked=True))
            if recorded:
                run.record_held(wanted)
                summary.held.clear()
        self._close(summary, recorded, "regrade")

    def _ready(self, options: Options) -> Run:
        run = Run(self._settings, self._assignment, options)
        if run.has_marks and run.differences.of_cells:
            there = "; ".join(run.differences.sentences({}))
            raise CourseError(
                f"source/{self._assignment} has other graded cells than those that work was graded with ({there}). "
                f"`course regrade {self._assignment} --dry-run` shows what that does to the marks, "
                f"`course regrade {self._assignment}` does it."
            )
        if not run.is_known and options.record:
            self._register(run)
        return run

    def _register(self, run: Run) -> None:
        self._console.print(f"Entering the cells of source/{self._assignment} into the gradebook …")
        from closed_doors.nbgrader.api import NbgraderCourse  # loads nbgrader: two seconds, once an assignment

        NbgraderCourse(self._settings.root).register(self._assignment)
        run.look_again()

    def _restructuring(self, run: Run, students: tuple[str, ...]) -> Restructuring | None:
        """Return what the assignment's cells are to become, where they are others than in the gradebook."""
        if run.is_known:
            return None
        if not run.has_marks:
            self._register(run)
            return None
        if students:
            raise CourseError(
                f"source/{self._assignment} has other graded cells or points than the gradebook, which concerns "
                "everybody: run it without --student."
            )
        from closed_doors.nbgrader.api import NbgraderCourse  # as above

        target = NbgraderCourse(self._settings.root).structure(self._assignment)
        renamed = find_renamed(run.structure(), target, run.renamed_before())
        run.rename(renamed)
        self._structure = run.differences.sentences(renamed)
        self._list(
            f"source/{self._assignment} differs from what work was graded with", [("", s) for s in self._structure]
        )
        return Restructuring(target, renamed)

    def _say_what_would_be_graded(self, todo: Sequence[tuple[str, Path]], unchanged: int) -> None:
        for student, _ in todo:
            self._console.print(f"would grade {student}", markup=False)
        self._console.print(f"{len(todo)} to grade, {unchanged} unchanged.")

    def _show(self, summary: Summary) -> None:
        show_moves(self._console, summary.changes, sum(move.before is not None for move in summary.moves))

    def _ask_about_held(self, run: Run, summary: Summary) -> None:
        """Record marks that fall, where somebody says so."""
        if not summary.held:
            return
        if self._confirmed(len(summary.held), unasked=False):
            run.record_held()
            summary.held.clear()

    def _confirmed(self, falling: int, unasked: bool) -> bool:
        """Ask on a terminal; return `unasked` where nobody can answer."""
        if not self._console.is_terminal or not sys.stdin.isatty():
            return unasked
        return click.confirm(f"{falling} final marks fall. Record them?", default=False, err=True)

    def _graded(self, run: Run, todo: Sequence[tuple[str, Path]]) -> Summary:
        if not todo:
            return Summary()
        if self._server is not None and not self._server.fits(run.assignment):
            self._server = None
        if not self._scheduler and self._server is None:
            expect(len(todo))
        left_out = [] if self._scheduler else run.require_proof(self._server)
        for cell in left_out:
            self._console.print(f"Left to a person: {': '.join(cell)}", markup=False, soft_wrap=True)
        with progress_bar(self._console, "Grading") as progress:
            summary = run.grade(todo, self._pool(), progress)
        summary.left_out = left_out
        return summary

    def _pool(self) -> AbstractContextManager[Pool]:
        if self._server is not None:
            return self._server.pool()
        if self._scheduler is None:
            return local_pool(self._jobs)
        from closed_doors.classroom.dask_pool import dask_pool  # loads Dask: a second

        return dask_pool(self._scheduler, self._settings.root, self._say)

    def _say(self, text: str) -> None:
        self._console.print(text, markup=False, soft_wrap=True)

    def _close(self, summary: Summary, recorded: bool, verb: str = "autograde") -> None:
        if self._json:
            print_json(self._assignment, summary, recorded, self._structure)
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
        self._list(
            "Cells without a mark: the master's own solution misses them, a person has to mark them", summary.left_out
        )
        self._list("Missed by everybody in this run: look at the test first", summary.missed_by_everybody)
        self._list("Paid for answers that nobody has written: look at the test", summary.paid_unwritten)
        self._list("To look at", summary.to_look_at)
        self._list("Times of arrival that a person should check", summary.arrivals)
        self._list("Refused, as no notebook that can be graded", summary.refused)
        self._list("Failed, for a reason that is not the student's; there is no mark", summary.failed)
        strangers = [(f"line {line.number}", f"{line.student}, {line.assignment}") for line in summary.strangers]
        self._list("received.csv: lines that fit nobody's work", strangers)
        self._list("Graded for nobody, because of where it lies", summary.misplaced)
        if summary.held:
            self._list(
                "Not recorded, because the mark would fall and the work is the same", [(s, "") for s in summary.held]
            )
            self._console.print(f"To record them: course {verb} {self._assignment} --yes")
        elif not recorded:
            self._console.print("Nothing was written.")
        if summary.failed or summary.held:
            sys.exit(1)

    def _list(self, title: str, rows: Sequence[tuple[str, str]]) -> None:
        if not rows:
            return
        self._console.print(f"{title}:")
        for student, why in sorted(rows)[:MOST_ROWS]:
            said = ": ".join(part for part in (student, why) if part)
            self._console.print(f"  {said}", markup=False, soft_wrap=True)
        if len(rows) > MOST_ROWS:
            self._console.print(f"  … and {len(rows) - MOST_ROWS} more; verdicts/ says it of each.")


def _run_alone(settings: Settings, dry_run: bool) -> AbstractContextManager[None]:
    """Keep other runs away, unless nothing is written."""
    return nullcontext() if dry_run else only_run(settings)


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
