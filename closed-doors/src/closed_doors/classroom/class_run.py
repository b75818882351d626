"""Grades a class: one reader, many workers, one writer.

    submitted/ ─read→ submissions ─pool→ graded ─write→ autograded/, verdicts/ ─commit→ gradebook

The files of a batch are written before its transaction is committed, and a submission counts as done by what the
gradebook says. So a run that is killed, at whatever moment, is carried on by the next one, and ends where an
undisturbed run ends. At most a few submissions a slot are in memory at a time.
"""

import contextlib
import fcntl
import hashlib
import os
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from closed_doors.classroom.fingerprint import environment
from closed_doors.classroom.grade_submission import Assignment, GradedSubmission, Submission
from closed_doors.classroom.handed_in_files import work_files
from closed_doors.classroom.local_pool import Pool
from closed_doors.classroom.results_writer import entry, write_files
from closed_doors.classroom.submitted import find_students, read_assignment, read_work
from closed_doors.core.errors import CourseError, ExecutionError
from closed_doors.core.progress import Progress, silent
from closed_doors.core.wording import wording
from closed_doors.grading.verdict.remark import explained
from closed_doors.grading.verdict.verdict import Status, Verdict
from closed_doors.grading.verdict.verdict_file import read_verdict
from closed_doors.nbgrader.gradebook_writer import Earlier, Entry, Gradebook, Penalty
from closed_doors.nbgrader.receipts import arrival, read_receipts
from closed_doors.nbgrader.settings import Settings
from closed_doors.notebook.cell import cells_of
from closed_doors.notebook.json_files import parse

LOCK = ".autograde.lock"
AHEAD = 3  # submissions in memory for each slot
BATCH, BATCH_S = 50, 2.0
LOOK_S = 1.0


@dataclass(frozen=True, slots=True)
class Change:
    """A student whose automatic points differ from those in the gradebook."""

    student: str
    before: float
    after: float
    cells: tuple[str, ...]


@dataclass(slots=True)
class Summary:
    """What a run did; only what a person should know of is kept by name, with the reason.

    Attributes:
        graded: submissions that have marks.
        unchanged: submissions that were graded before.
        to_look_at: graded, with a remark.
        refused: not a notebook that can be graded.
        failed: not graded for a reason that is not the student's.
        changes: whose automatic points differ from those before.
        seconds: how long grading took.
    """

    graded: int = 0
    unchanged: int = 0
    to_look_at: list[tuple[str, str]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Task:
    """One student's work, to be graded."""

    submission: Submission
    fingerprint: str
    received: datetime | None


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked of a run.

    Attributes:
        students: only these; all when empty.
        force: grade again what is unchanged.
        record: write files and grades; without it, marks are only compared.
    """

    students: tuple[str, ...] = ()
    force: bool = False
    record: bool = True


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
        self.assignment = read_assignment(settings, name)
        self._tests = self.assignment.digest
        self._environment = environment(self.assignment.libraries)
        self._folders = find_students(settings, name, options.students)
        self._receipts = read_receipts(settings.root)
        self._gradebook = Gradebook(settings.db_url, name, self._penalty)
        self._graded_cells = self._gradebook.graded_cells()
        self._earlier: dict[str, Earlier] = {}
        self._rule: Penalty | None = None

    @property
    def is_known(self) -> bool:
        """Whether the gradebook has the assignment with the graded cells and the points of source/."""
        return self._graded_cells == _graded_cells(self.assignment)

    def look_again(self) -> None:
        """Read the assignment's cells from the gradebook once more."""
        self._graded_cells = self._gradebook.graded_cells()

    def plan(self) -> tuple[list[tuple[str, Path]], int]:
        """Return whose work is to be graded, and how many are unchanged; nothing is written."""
        self._earlier = self._gradebook.earlier() if self._graded_cells else {}
        if self._options.force or not self._options.record:
            return self._folders, 0
        todo = []
        for student, folder in self._folders:
            if self._task(student, folder).fingerprint != self._known(student).fingerprint or self._is_gone(student):
                todo.append((student, folder))
        return todo, len(self._folders) - len(todo)

    def grade(
        self, todo: Sequence[tuple[str, Path]], pool: AbstractContextManager[Pool], progress: Progress = silent
    ) -> Summary:
        """Grade and record; each batch is whole in the gradebook or not there.

        Raises:
            CourseError: recording failed, or no worker is left; what was recorded stays.
        """
        summary, started = Summary(), time.monotonic()
        progress(0, len(todo))
        writer = _Writer(self._settings, self.assignment, self._gradebook, list(self._graded_cells))
        with pool as workers, contextlib.closing(self._results(todo, workers)) as results:
            try:
                for done, (task, graded) in enumerate(results, start=1):
                    self._note(summary, graded)
                    if self._options.record:
                        writer.add(task, graded)
                    progress(done, len(todo))
            finally:
                writer.flush()
        summary.seconds = time.monotonic() - started
        return summary

    def _results(
        self, todo: Sequence[tuple[str, Path]], pool: Pool
    ) -> Generator[tuple[Task, GradedSubmission], None, None]:
        """Keep the workers busy, and yield what they give back as it comes."""
        shared = pool.share(self.assignment)
        waiting = iter(todo)
        running: dict[Future[GradedSubmission], Task] = {}
        while True:
            while len(running) < AHEAD * pool.slots and (next_one := next(waiting, None)) is not None:
                task = self._task(*next_one)
                running[pool.submit(shared, task.submission)] = task
            if not running:
                return
            ready, _ = wait(running, LOOK_S, FIRST_COMPLETED)
            if not ready:
                pool.check()
            for future in ready:
                yield running.pop(future), self._given_back(future)

    def _given_back(self, future: "Future[GradedSubmission]") -> GradedSubmission:
        try:
            graded = future.result()
        except (BrokenExecutor, CancelledError, OSError) as error:
            raise ExecutionError(
                f"A worker was lost ({type(error).__name__}: {error}). What was graded is recorded; run again to go on."
            ) from error
        if graded.environment != self._environment:
            raise ExecutionError(
                "A worker runs another version of the course, of Python or of a library than this machine, so its "
                "marks could differ: install the same requirements.lock everywhere, then run again."
            )
        return graded

    def _task(self, student: str, folder: Path) -> Task:
        submission = read_work(self._settings, self.assignment, student, folder)
        content = submission.digest
        fingerprint = hashlib.sha256(f"{content} {self._tests} {self._environment}".encode()).hexdigest()
        return Task(submission, fingerprint, self._received(student, folder, content))

    def _received(self, student: str, folder: Path, content: str) -> datetime | None:
        """Return when the work arrived: as listed, as noted when this content was first seen, or by its ctime."""
        if listed := self._receipts.get((student, self.assignment.name)):
            return listed
        before = self._known(student)
        if before.content == content and before.received is not None:
            return before.received.replace(tzinfo=UTC)
        return arrival(folder.glob("*.ipynb")) or arrival(work_files(folder))

    def _known(self, student: str) -> Earlier:
        return self._earlier.get(student, Earlier(None, None, None, {}))

    def _is_gone(self, student: str) -> bool:
        """Whether something that grading wrote was removed since, or can't be read."""
        folder = self._settings.folder("autograded", student, self.assignment.name)
        for name, _ in self.assignment.masters:
            try:
                found = read_verdict(self._settings.root, self.assignment.name, student, name)
            except CourseError:
                return True
            if found is None or (found.status is Status.GRADED and not (folder / f"{name}.ipynb").exists()):
                return True
        return False

    def _note(self, summary: Summary, graded: GradedSubmission) -> None:
        verdicts = [notebook.verdict for notebook in graded.notebooks]
        failed, refused = self._reasons(verdicts, Status.FAILED), self._reasons(verdicts, Status.UNREADABLE)
        words = wording(self.assignment.language)
        remarks = [remark.said(words) for verdict in verdicts for remark in verdict.all_remarks]
        if failed:
            summary.failed.append((graded.student, failed[0]))
            return
        if refused:
            summary.refused.append((graded.student, refused[0]))
        else:
            summary.graded += 1
        if remarks:
            more = f" (+{len(remarks) - 1})" if len(remarks) > 1 else ""
            summary.to_look_at.append((graded.student, remarks[0] + more))
        if (change := self._change(graded)) is not None:
            summary.changes.append(change)

    def _reasons(self, verdicts: Sequence[Verdict], status: Status) -> list[str]:
        words = wording(self.assignment.language)
        return [explained(verdict.reason, words) for verdict in verdicts if verdict.status is status and verdict.reason]

    def _change(self, graded: GradedSubmission) -> Change | None:
        """Compare a student's automatic points with those in the gradebook."""
        before = self._known(graded.student).scores
        after = {(n.name, found.grade_id): found.earned for n in graded.notebooks for found in n.verdict.cells}
        cells = tuple(cell for (name, cell) in after if before.get((name, cell)) != after[name, cell])
        if not before or not cells:
            return None
        return Change(graded.student, sum(before.get(key) or 0.0 for key in after), sum(after.values()), cells)

    def _penalty(self, student: str, score: float, seconds_late: float) -> float | None:
        if self._rule is None:
            from closed_doors.nbgrader.lateness import (
                configured_penalty,
            )  # loads nbgrader: two seconds, for late work only

            self._rule = configured_penalty(self._settings.config)
        return self._rule(student, score, seconds_late)


class _Writer:
    """Collects results, and records them in batches."""

    def __init__(
        self, settings: Settings, assignment: Assignment, gradebook: Gradebook, cells: list[tuple[str, str]]
    ) -> None:
        self._settings = settings
        self._assignment = assignment
        self._gradebook = gradebook
        self._cells = cells
        self._batch: list[Entry] = []
        self._since = time.monotonic()

    def add(self, task: Task, graded: GradedSubmission) -> None:
        try:
            write_files(self._settings, self._assignment, graded, task.received)
        except OSError as error:
            raise CourseError(
                f"The results of {graded.student} can't be written: {error.strerror} ({error.filename}). What was "
                "recorded before stays; mend the folder or make room, then run again to go on."
            ) from error
        self._batch.append(entry(task.submission, graded, task.fingerprint, task.received, self._cells))
        if len(self._batch) >= BATCH or time.monotonic() - self._since > BATCH_S:
            self.flush()

    def flush(self) -> None:
        batch, self._batch = self._batch, []
        self._since = time.monotonic()
        if batch:
            self._gradebook.write(batch)


@contextmanager
def only_run(settings: Settings) -> Iterator[None]:
    """Refuse to grade where another run is at it: two writers would undo each other's work.

    Raises:
        CourseError: another run holds the course, or its folder can't be written to.
    """
    path = settings.root / LOCK
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise CourseError(
            f"{path} can't be written ({error.strerror}): grading writes to the course's folder."
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise CourseError("Another run is grading this course; wait for it to end, or stop it.") from error
    try:
        yield
    finally:
        os.close(descriptor)


def _graded_cells(assignment: Assignment) -> dict[tuple[str, str], float]:
    """Return the points of each graded cell of the masters, by notebook and grade_id."""
    return {
        (name, cell.grade_id): cell.points
        for name, data in assignment.masters
        for cell in cells_of(parse(data))
        if cell.is_graded
    }
