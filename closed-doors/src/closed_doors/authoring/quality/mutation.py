"""`course mutate`: every mutant of the master's solutions is graded, and should lose points."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from closed_doors.authoring.quality.bench import Result, Task
from closed_doors.authoring.quality.equivalents import FILE_NAME, Equivalent, read_equivalents
from closed_doors.authoring.quality.mutants import Mutant, mutants_of
from closed_doors.authoring.quality.trial import Exercise, read_exercises
from closed_doors.cli.quality_console import bench_for, chosen, require_solved
from closed_doors.core.layout import Layout


@dataclass(frozen=True, slots=True)
class Tried:
    """One mutant, graded.

    Attributes:
        killed: whether it misses a criterion.
        equivalent: whether it is listed as being right too.
        failure: why grading itself failed; empty where it did not.
    """

    mutant: Mutant
    killed: bool
    equivalent: bool
    failure: str = ""

    @property
    def survives(self) -> bool:
        """Whether nobody has noticed it, and nobody has said why."""
        return not self.killed and not self.equivalent and not self.failure


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of the mutants.

    Attributes:
        tried: all of them.
        stale: listed as equivalent, but killed, or made by no operator any more; with what is wrong.
    """

    tried: tuple[Tried, ...]
    stale: tuple[tuple[Equivalent, str], ...]

    @property
    def score(self) -> float:
        """The share of mutants killed, of those that are not equivalent; from 0 to 1."""
        return score(self.tried)

    @property
    def is_clean(self) -> bool:
        """Whether every mutant is killed or explained, and every explanation is needed."""
        return not self.stale and not any(each.survives or each.failure for each in self.tried)


def score(tried: Sequence[Tried]) -> float:
    """Return the share of mutants killed, of those that are not equivalent; 1 where there is none."""
    counted = [each for each in tried if each.killed or not each.equivalent]
    return sum(each.killed for each in counted) / len(counted) if counted else 1.0


def mutate(
    layout: Layout,
    assignment: str,
    answers: Path | None,
    names: Sequence[str],
    jobs: int | None,
    console: Console,
    dry_run: bool,
) -> Summary:
    """Grade the mutants of an assignment's solutions, print those that survive, and return what became of all.

    Args:
        layout: the course.
        assignment: which one.
        answers: the collection beside which equivalent mutants are listed; the course's own by default.
        names: exercises; all by default.
        jobs: mutants graded at a time.
        console: where to print.
        dry_run: list the mutants, and grade none.

    Raises:
        CourseError: the assignment or an exercise is not there; the list can't be read; the master's solution is wrong.
    """
    exercises = chosen(read_exercises(layout, layout.require(assignment)), names)
    listed = read_equivalents((answers or layout.answers) / assignment / FILE_NAME)
    listed = [equivalent for equivalent in listed if not names or equivalent.exercise in exercises]
    tasks = [(e, mutant) for e in exercises.values() for mutant in mutants_of(e.name, e.solution, e.modules)]
    if dry_run:
        for _, mutant in tasks:
            _print_mutant(console, mutant)
        console.print(f"{len(tasks)} mutants. Nothing was graded.")
        return Summary((), ())
    summary = _summary(_graded(exercises, tasks, layout, jobs, console), listed)
    _print(console, assignment, list(exercises), summary)
    return summary


def _graded(
    exercises: dict[str, Exercise],
    tasks: list[tuple[Exercise, Mutant]],
    layout: Layout,
    jobs: int | None,
    console: Console,
) -> list[tuple[Mutant, Result]]:
    solutions = [Task(exercise, exercise.solution, patient=True) for exercise in exercises.values()]
    answers = [Task(exercise, mutant.source) for exercise, mutant in tasks]
    results = bench_for(layout, jobs, console).grade("Grading mutants", solutions + answers)
    for exercise, result in zip(exercises.values(), results, strict=False):
        require_solved(exercise, result)
    return [(mutant, result) for (_, mutant), result in zip(tasks, results[len(solutions) :], strict=True)]


def _summary(graded: list[tuple[Mutant, Result]], listed: list[Equivalent]) -> Summary:
    equivalent = {each.key for each in listed}
    tried = tuple(
        Tried(mutant, _is_killed(result), mutant.key in equivalent, result.failure) for mutant, result in graded
    )
    killed = {each.mutant.key: each.killed for each in sorted(tried, key=lambda each: each.killed)}
    stale = [(each, "no such mutant") for each in listed if each.key not in killed]
    stale += [(each, "the tests kill it") for each in listed if killed.get(each.key)]
    return Summary(tried, tuple(stale))


def _is_killed(result: Result) -> bool:
    if result.failure:
        return False
    return result.report is None or not all(criterion.passed for criterion in result.report.criteria)


def _print(console: Console, assignment: str, exercises: list[str], summary: Summary) -> None:
    table = Table(title=f"{assignment}: mutants of the solutions", title_justify="left", show_footer=True)
    table.add_column("exercise", "together")
    rows = [[each for each in summary.tried if each.mutant.exercise == name] for name in exercises]
    columns: dict[str, Callable[[Sequence[Tried]], object]] = {
        "mutants": len,
        "killed": lambda tried: sum(each.killed for each in tried),
        "equivalent": lambda tried: sum(each.equivalent and not each.killed for each in tried),
        "survive": lambda tried: sum(each.survives for each in tried),
        "score": lambda tried: f"{100 * score(tried):.1f} %",
    }
    for heading, count in columns.items():
        table.add_column(heading, str(count(summary.tried)), justify="right")
    for name, tried in zip(exercises, rows, strict=True):
        table.add_row(name, *(str(count(tried)) for count in columns.values()))
    console.print(table)
    for each in summary.tried:
        if each.survives:
            _print_mutant(console, each.mutant)
        elif each.failure:
            console.print(f"could not be graded: {each.failure}", markup=False)
            _print_mutant(console, each.mutant)
    for equivalent, why in summary.stale:
        console.print(f"\nlisted as equivalent in {FILE_NAME}, but {why}: {equivalent.exercise}, {equivalent.where}")
        console.print(f"  - {equivalent.before}\n  + {equivalent.after}", markup=False)
    if summary.is_clean:
        console.print("\nEvery mutant is killed, or listed as equivalent with its reason.")


def _print_mutant(console: Console, mutant: Mutant) -> None:
    console.print(f"\n{mutant.exercise}, {mutant.where} ({mutant.operator})", markup=False)
    for line in mutant.diff:
        console.print(f"  {line}", markup=False, soft_wrap=True)
