"""Grades many answers at a time on this machine, and says how far it is."""

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from checks.report import CellReport, Kind
from closed_doors.authoring.quality.trial import Exercise, grade_answer
from closed_doors.classroom.local_pool import local_pool
from closed_doors.core.errors import ExecutionError
from closed_doors.grading.processes.supervisor import Deadlines
from closed_doors.grading.processes.zygote_handle import warm_zygote

QUIET_S = 10.0  # between two lines, where there is no terminal to draw a bar on


@dataclass(frozen=True, slots=True)
class Task:
    """One answer to be graded.

    Attributes:
        patient: whether it is graded again, alone, where it runs out of time, which on a busy machine right ones do.
    """

    exercise: Exercise
    source: str
    patient: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one answer.

    Attributes:
        report: its criteria; None where there are none.
        failure: why grading itself failed; empty where it did not.
    """

    report: CellReport | None
    failure: str = ""

    @property
    def ran_out_of_time(self) -> bool:
        """Whether a criterion was not judged in time, or none."""
        late = self.report is not None and any(criterion.kind is Kind.TOO_SLOW for criterion in self.report.criteria)
        return late or (self.report is None and not self.failure)

    def missed(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return which of the exercise's criteria the answer misses: all, where grading ran out of time."""
        passed = {criterion.name for criterion in self.report.criteria if criterion.passed} if self.report else set()
        return tuple(name for name in names if name not in passed)


class Bench:
    """Grades answers to exercises, `jobs` at a time, in sandboxes of one warm process.

    Args:
        deadlines: how long one may take.
        jobs: how many are graded at a time.
        console: where to say how far it is.
    """

    def __init__(self, deadlines: Deadlines, jobs: int, console: Console) -> None:
        self._deadlines = deadlines
        self._jobs = jobs
        self._console = console

    def grade(self, what: str, tasks: Sequence[Task]) -> list[Result]:
        """Grade answers, and return their results in the same order.

        Those of one exercise should stand together: the process keeps the stages of a few only.

        Raises:
            SandboxError: this machine can't close student code in.
        """
        results = self._results(what, tasks, self._jobs)
        late = [n for n, task in enumerate(tasks) if task.patient and results[n].ran_out_of_time]
        if late:
            again = self._results("Grading again, one at a time", [tasks[n] for n in late], 1)
            for n, result in zip(late, again, strict=True):
                results[n] = result
        return results

    def _results(self, what: str, tasks: Sequence[Task], jobs: int) -> list[Result]:
        with local_pool(jobs) as pool, self._progress(what, len(tasks)) as step:
            futures = [pool.executor.submit(self._graded, task) for task in tasks]
            left: set[Future[Result]] = set(futures)
            while left:
                done, left = wait(left, timeout=QUIET_S, return_when=FIRST_COMPLETED)
                step(len(done))
            return [future.result() for future in futures]

    def _graded(self, task: Task) -> Result:
        try:
            return Result(grade_answer(warm_zygote(), task.exercise, task.source, self._deadlines))
        except ExecutionError as error:
            return Result(None, str(error))

    @contextmanager
    def _progress(self, what: str, total: int) -> Iterator["_Step"]:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=self._console, disable=not self._console.is_terminal, transient=True) as bar:
            yield _Step(self._console, bar, what, total)


class _Step:
    """Takes note of answers that are done: a bar on a terminal, a line now and then elsewhere."""

    def __init__(self, console: Console, bar: Progress, what: str, total: int) -> None:
        self._console = console
        self._bar = bar
        self._task = bar.add_task(what, total=total)
        self._what = what
        self._total = total
        self._done = 0
        self._said = time.monotonic()

    def __call__(self, done: int) -> None:
        self._done += done
        self._bar.update(self._task, completed=self._done)
        if self._bar.disable and time.monotonic() - self._said > QUIET_S:
            self._said = time.monotonic()
            self._console.print(f"{self._what}: {self._done} of {self._total}")
