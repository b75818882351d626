"""`course mutate`: mutants of an assignment's solutions, graded; those that survive are printed."""

from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from closed_doors.authoring.quality.equivalent_mutants import FILE_NAME, Equivalent, read_equivalents
from closed_doors.authoring.quality.grade_mutants import Tried, grade_mutants, list_mutants, score
from closed_doors.authoring.quality.grade_one_answer import chosen, read_exercises
from closed_doors.authoring.quality.make_mutants import Mutant
from closed_doors.cli.console import echo_json
from closed_doors.cli.quality_console import answer_grader
from closed_doors.core.layout import Layout

_COUNTS: dict[str, Callable[[Sequence[Tried]], object]] = {
    "mutants": len,
    "killed": lambda tried: sum(each.killed for each in tried),
    "equivalent": lambda tried: sum(each.equivalent and not each.killed for each in tried),
    "survive": lambda tried: sum(each.survives for each in tried),
    "score": lambda tried: f"{100 * score(tried):.1f} %",
}


def mutate(
    layout: Layout,
    assignment: str,
    answers: Path | None,
    names: Sequence[str],
    jobs: int | None,
    console: Console,
    dry_run: bool,
    as_json: bool = False,
) -> bool:
    """Grade the mutants of an assignment's solutions, and print those that survive.

    Args:
        layout: the course.
        assignment: which one.
        answers: the collection beside which equivalent mutants are listed; the course's own by default.
        names: exercises; all by default.
        jobs: mutants graded at a time.
        console: where to print.
        dry_run: list the mutants, and grade none.
        as_json: print mutants as JSON on standard output too.

    Returns:
        Whether every mutant is killed or explained, and every explanation is needed.

    Raises:
        CourseError: the assignment or an exercise is not there; the list can't be read; the master's solution is wrong.
    """
    exercises = chosen(read_exercises(layout, layout.require(assignment)), names)
    listed = read_equivalents((answers or layout.answers) / assignment / FILE_NAME)
    if dry_run:
        mutants = list_mutants(exercises)
        for mutant in mutants:
            _print_mutant(console, mutant)
        console.print(f"{len(mutants)} mutants. Nothing was graded.")
        if as_json:
            echo_json([_plain(mutant) for mutant in mutants])
        return True
    listed = [equivalent for equivalent in listed if not names or equivalent.exercise in exercises]
    summary = grade_mutants(exercises, listed, answer_grader(layout, jobs, console))
    if as_json:
        echo_json([_plain(one.mutant) | {"survives": one.survives, "killed": one.killed} for one in summary.tried])
    console.print(_table(assignment, list(exercises), summary.tried))
    _print_survivors(console, summary.tried)
    _print_stale(console, summary.stale)
    if summary.is_clean:
        console.print("\nEvery mutant is killed, or listed as equivalent with its reason.")
    return summary.is_clean


def _plain(mutant: Mutant) -> dict[str, object]:
    return {
        "exercise": mutant.exercise,
        "where": mutant.where,
        "operator": mutant.operator,
        "diff": list(mutant.diff),
    }


def _table(assignment: str, exercises: list[str], tried: Sequence[Tried]) -> Table:
    table = Table(title=f"{assignment}: mutants of the solutions", title_justify="left", show_footer=True)
    table.add_column("exercise", "together")
    for heading, count in _COUNTS.items():
        table.add_column(heading, str(count(tried)), justify="right")
    for name in exercises:
        own = [each for each in tried if each.mutant.exercise == name]
        table.add_row(name, *(str(count(own)) for count in _COUNTS.values()))
    return table


def _print_survivors(console: Console, tried: Sequence[Tried]) -> None:
    for each in tried:
        if each.failure:
            console.print(f"could not be graded: {each.failure}", markup=False)
        if each.failure or each.survives:
            _print_mutant(console, each.mutant)


def _print_stale(console: Console, stale: Sequence[tuple[Equivalent, str]]) -> None:
    for equivalent, why in stale:
        console.print(f"\nlisted as equivalent in {FILE_NAME}, but {why}: {equivalent.exercise}, {equivalent.where}")
        console.print(f"  - {equivalent.before}\n  + {equivalent.after}", markup=False)


def _print_mutant(console: Console, mutant: Mutant) -> None:
    console.print(f"\n{mutant.exercise}, {mutant.where} ({mutant.operator})", markup=False)
    for line in mutant.diff:
        console.print(f"  {line}", markup=False, soft_wrap=True)
