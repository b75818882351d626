"""Grades a class: one reader, many workers, one writer.

    submitted/ ─plan→ tasks ─pool→ graded ─write→ autograded/, verdicts/ ─commit→ gradebook

The files of a batch are written before its transaction is committed, and a submission counts as done by what the
gradebook says. So a run that is killed, at whatever moment, is carried on by the next one, and ends where an
undisturbed run ends. At most a few submissions a slot are in memory at a time.

Results may be held for a person to look at what they do to final marks; they are recorded all at once, or not at all.
"""

import contextlib
import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from closed_doors.classroom.class_plan import ClassPlan, Task
from closed_doors.classroom.class_summary import Summary
from closed_doors.classroom.grade_submission import GradedSubmission
from closed_doors.classroom.held_results import HeldResults
from closed_doors.classroom.kept_proofs import refusals_of
from closed_doors.classroom.local_pool import Pool
from closed_doors.classroom.mark_preview import Move, compare, expected_marks, with_new_names
from closed_doors.classroom.misplaced_work import misplaced_work
from closed_doors.classroom.results_writer import entry, write_files
from closed_doors.classroom.running_server import RunningServer
from closed_doors.classroom.unwritten_answers import UnwrittenAnswers
from closed_doors.core.errors import CourseError, ExecutionError, RefusedMasterError
from closed_doors.core.progress import Progress, silent
from closed_doors.core.wording import wording
from closed_doors.nbgrader.arrival import put_timestamp
from closed_doors.nbgrader.final_marks import NEVER_LATE, Lateness, bring_up_to_date, lateness, note_arrivals, settle
from closed_doors.nbgrader.gradebook_restructure import Restructuring, restructure
from closed_doors.nbgrader.gradebook_structure import Differences, Place, Structure
from closed_doors.nbgrader.gradebook_writer import Entry, Gradebook
from closed_doors.nbgrader.judged_answers import judged_answers
from closed_doors.nbgrader.settings import Settings
from closed_doors.notebook.json_files import parse

AHEAD = 3  # submissions in memory for each slot
BATCH, BATCH_S = 50, 2.0
LOOK_S = 1.0


class Hold(Enum):
    """Which results wait for a person's word."""

    NOTHING = "nothing"
    FALLS = "marks that fall, although the student handed in nothing else"
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked of a run.

    Attributes:
        students: only these; all when empty.
        force: grade again what is unchanged.
        record: write files and grades; without it, marks are only compared.
        hold: what is graded and not recorded until `Run.record_held`.
    """

    students: tuple[str, ...] = ()
    force: bool = False
    record: bool = True
    hold: Hold = Hold.NOTHING


class Run:
    """One run over one assignment of a course.

    Args:
        settings: the course.
        name: the assignment.
        options: what is asked.
    """

    def __init__(self, settings: Settings, name: str, options: Options) -> None:
        if settings.open_doors:
            raise CourseError(
                "nbgrader_config.py sets ClosedDoors.open_doors, and this command grades behind closed doors only: "
                "take the line out, or use `nbgrader autograde`."
            )
        self._settings = settings
        self._options = options
        self._rules: Lateness = lateness(settings)
        self._gradebook = Gradebook(settings.db_url, name, self._rules)
        self._plan = ClassPlan(settings, name, options.students, self._gradebook)
        self.assignment = self._plan.assignment
        masters = [(notebook, parse(data)) for notebook, data in self.assignment.masters]
        self._judged = judged_answers(masters)
        self._unwritten = UnwrittenAnswers(masters, self.assignment.stubs, self._judged)
        self._cells = [place for place, shape in self._plan.shapes.items() if not shape.task]
        self._held = HeldResults()
        self.differences: Differences = self._plan.differences()

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, *_: object) -> None:
        """Forget what is held still: those marks stay as they are."""
        self._held.clear()

    @property
    def is_known(self) -> bool:
        """Whether the gradebook has the assignment with the graded cells and the points of source/."""
        return not self.differences

    @property
    def has_marks(self) -> bool:
        """Whether anybody's work is in the gradebook."""
        return bool(self._plan.marks)

    def structure(self) -> Structure:
        """Return the assignment's cells as the gradebook has them."""
        return self._gradebook.structure()

    def renamed_before(self) -> Mapping[Place, str]:
        """Return the new names of cells that were renamed in earlier runs, by notebook and old name."""
        return self._plan.renamed_before

    def look_again(self) -> None:
        """Read the assignment's cells from the gradebook once more."""
        self.differences = self._plan.differences()

    def rename(self, renamed: Mapping[Place, str]) -> None:
        """Take cells that have another name now for what they were, in marks and in what students handed in."""
        before = {(book, old): renamed.get((book, name), name) for (book, old), name in self._plan.renamed.items()}
        self._plan.renamed = {**before, **renamed}
        self._plan.marks = {name: with_new_names(marks, renamed) for name, marks in self._plan.marks.items()}

    def plan(self) -> tuple[list[tuple[str, Path]], int]:
        """Return whose work is to be graded, and how many are unchanged; nothing is written."""
        todo = self._plan.folders if self._options.force else self._plan.todo()
        return todo, len(self._plan.folders) - len(todo)

    def require_proof(self, server: RunningServer | None = None) -> list[tuple[str, str]]:
        """Have each master prove itself on this machine, and return the cells that are left to a person, with why.

        Args:
            server: where it does so; this process by default.

        Raises:
            RefusedMasterError: a master's own solution does not earn its points, and the rest is not to be graded.
        """
        found = [
            (name, refusal)
            for name, _ in self.assignment.masters
            for refusal in (
                refusals_of(self._settings.root, self.assignment, name, self._options.record)
                if server is None
                else server.refusals(self.assignment, name)
            )
        ]
        if any(not refusal.cell or not self.assignment.grade_the_rest for _, refusal in found):
            raise RefusedMasterError([f"{name}.ipynb, {refusal.said()}" for name, refusal in found])
        return [(f"{name}.ipynb", refusal.said()) for name, refusal in found]

    def grade(
        self, todo: Sequence[tuple[str, Path]], pool: AbstractContextManager[Pool], progress: Progress = silent
    ) -> Summary:
        """Grade and record what is not held; each batch is whole in the gradebook or not there.

        Raises:
            CourseError: recording failed, or no worker is left; what was recorded stays.
        """
        summary, started, words = Summary(), time.monotonic(), wording(self.assignment.language)
        progress(0, len(todo))
        writer = _Writer(self._settings, self._plan, self._gradebook)
        try:
            with pool as workers, contextlib.closing(self._results(todo, workers)) as results:
                for done, (task, graded) in enumerate(results, start=1):
                    found = entry(task, graded, self._cells, self._judged, self.assignment.language)
                    move = self._move(graded.student, found, task.new_work)
                    summary.note(task, graded, move, words)
                    summary.note_unwritten(self._unwritten.paid(found))
                    if self._options.record and not self._is_held(move):
                        writer.add(task, graded, found)
                    elif self._options.record:
                        summary.held.append(graded.student)
                        self._held.add(task, graded)
                    progress(done, len(todo))
        finally:
            writer.flush()
        summary.seconds = time.monotonic() - started
        return summary

    def close(self, summary: Summary) -> None:
        """Bring everybody's marks to what follows from due dates, extensions and the rule, graded now or not.

        Args:
            summary: of the run so far; the marks of all others are added.
        """
        graded = {move.student for move in summary.moves}
        unchanged = {student: folder for student, folder in self._plan.folders if student not in graded}
        settles = self._options.record and self._options.hold is not Hold.EVERYTHING
        if settles:
            self._note_unchanged(unchanged)
        as_graded = replace(self._rules, newer=NEVER_LATE.newer)
        for student in self._plan.marks.keys() - graded:
            rules = as_graded if student in unchanged else self._rules
            summary.moves.append(self._move(student, None, new_work=False, rules=rules))
        summary.strangers = self._plan.strangers()
        summary.arrivals += self._plan.to_come()
        summary.misplaced = misplaced_work(self._settings, self.assignment.name)
        if settles:
            bring_up_to_date(self._settings, self.assignment.name)

    def _note_unchanged(self, folders: Mapping[str, Path]) -> None:
        """Note beside works that they are what was graded, wherever their folders were copied from."""
        for student, folder in folders.items():
            if student in self._plan.marks:
                put_timestamp(folder, self._plan.marks[student].received)

    def record_held(self, restructuring: Restructuring | None = None) -> None:
        """Record what was held, in one transaction.

        Args:
            restructuring: the cells that the assignment gets first, where they are others than before.

        Raises:
            CourseError: nothing of it is in the gradebook.
        """
        name = self.assignment.name
        with self._gradebook.transaction() as db:
            if restructuring is not None:
                restructure(db, name, restructuring)
            for batch in _batches(self._held):
                entries = [
                    entry(task, graded, self._cells, self._judged, self.assignment.language) for task, graded in batch
                ]
                self._gradebook.write_in(db, entries)
            changed = settle(db, name, self._rules)
            for task, graded in self._held:
                _write_files(self._settings, self._plan, task, graded)
        note_arrivals(self._settings, name, changed)
        self._held.clear()

    def _is_held(self, move: Move) -> bool:
        if self._options.hold is Hold.FALLS:
            return move.change < 0 and not move.new_work
        return self._options.hold is Hold.EVERYTHING

    def _move(self, student: str, found: Entry | None, new_work: bool, rules: Lateness | None = None) -> Move:
        """Return how a final mark moves from what the gradebook says now."""
        before = self._plan.marks.get(student)
        if found is not None and found.fingerprint is None:  # grading failed: there is no mark to compare
            before = None
        aside = self._plan.set_aside.get(student, {})
        after = expected_marks(self._plan.marks.get(student), found, self._plan.shapes, aside)
        return compare(before, (rules or self._rules).applied(self.assignment.name, after), new_work)

    def _results(
        self, todo: Sequence[tuple[str, Path]], pool: Pool
    ) -> Generator[tuple[Task, GradedSubmission], None, None]:
        """Keep the workers busy, and yield what they give back as it comes."""
        shared = pool.share(self.assignment)
        waiting = iter(todo)
        running: dict[Future[GradedSubmission], Task] = {}
        while True:
            while len(running) < AHEAD * pool.slots and (next_one := next(waiting, None)) is not None:
                task = self._plan.task(*next_one)
                running[pool.submit(shared, task.submission)] = task
            if not running:
                return
            ready, _ = wait(running, LOOK_S, FIRST_COMPLETED)
            if not ready:
                pool.check()
            for future in ready:
                yield running.pop(future), _given_back(future, self._plan.environment)


class _Writer:
    """Collects results, and records them in batches."""

    def __init__(self, settings: Settings, plan: ClassPlan, gradebook: Gradebook) -> None:
        self._settings = settings
        self._plan = plan
        self._gradebook = gradebook
        self._batch: list[Entry] = []
        self._since = time.monotonic()

    def add(self, task: Task, graded: GradedSubmission, found: Entry) -> None:
        _write_files(self._settings, self._plan, task, graded)
        self._batch.append(found)
        if len(self._batch) >= BATCH or time.monotonic() - self._since > BATCH_S:
            self.flush()

    def flush(self) -> None:
        batch, self._batch = self._batch, []
        self._since = time.monotonic()
        if batch:
            self._gradebook.write(batch)


def _write_files(settings: Settings, plan: ClassPlan, task: Task, graded: GradedSubmission) -> None:
    try:
        write_files(settings, plan.assignment, graded, task.arrival.at)
    except OSError as error:
        raise CourseError(
            f"The results of {graded.student} can't be written: {error.strerror} ({error.filename}). What was "
            "recorded before stays; mend the folder or make room, then run again to go on."
        ) from error


def _given_back(future: "Future[GradedSubmission]", environment: str) -> GradedSubmission:
    try:
        graded = future.result()
    except (BrokenExecutor, CancelledError, OSError) as error:
        raise ExecutionError(
            f"A worker was lost ({type(error).__name__}: {error}). What was graded is recorded; run again to go on."
        ) from error
    if graded.environment != environment:
        raise ExecutionError(
            "A worker runs another version of the course, of Python or of a library than this machine, so its "
            "marks could differ: install the same requirements.lock everywhere, then run again."
        )
    return graded


def _batches(held: Iterable[tuple[Task, GradedSubmission]]) -> Iterable[list[tuple[Task, GradedSubmission]]]:
    batch = []
    for one in held:
        batch.append(one)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
