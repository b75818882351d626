"""Grades many answers at a time on this machine."""

from collections.abc import Iterable, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass

from checks.report import CellReport, Kind
from closed_doors.authoring.quality.grade_one_answer import Exercise, grade_answer
from closed_doors.classroom.local_pool import local_pool
from closed_doors.core.errors import ExecutionError, MasterError
from closed_doors.core.progress import ShowProgress
from closed_doors.grading.clocks.deadlines import Deadlines
from closed_doors.grading.processes.zygote_handle import warm_zygote


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


class AnswerGrader:
    """Grades answers to exercises, `jobs` at a time, in sandboxes of one warm process.

    Args:
        deadlines: how long one may take.
        jobs: how many are graded at a time.
        show: how it is shown how far it is.
    """

    def __init__(self, deadlines: Deadlines, jobs: int, show: ShowProgress) -> None:
        self._deadlines = deadlines
        self._jobs = jobs
        self._show = show

    @property
    def alone(self) -> "AnswerGrader":
        """A grader that grades one at a time."""
        return AnswerGrader(self._deadlines, 1, self._show)

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
        with local_pool(jobs) as pool, self._show(what) as progress:
            futures = [pool.executor.submit(self._graded, task) for task in tasks]
            for done, _ in enumerate(as_completed(futures), start=1):
                progress(done, len(tasks))
            return [future.result() for future in futures]

    def _graded(self, task: Task) -> Result:
        try:
            return Result(grade_answer(warm_zygote(), task.exercise, task.source, self._deadlines))
        except ExecutionError as error:
            return Result(None, str(error))


def require_solved(exercise: Exercise, result: Result) -> None:
    """Refuse to measure tests that the master's own solution does not pass.

    Raises:
        MasterError: it misses a criterion, or could not be graded.
    """
    missed = [criterion.name for criterion in result.report.criteria if not criterion.passed] if result.report else []
    if result.report is None or missed:
        why = f"it misses {', '.join(missed)}" if missed else result.failure or "it ran out of time"
        raise MasterError(f"The master's own solution of {exercise.name} does not earn every point: {why}.")
