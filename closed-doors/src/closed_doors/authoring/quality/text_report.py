"""What `course quality` prints."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from closed_doors.authoring.quality.criteria_matrix import ExerciseMatrix

ENOUGH_RIGHT, ENOUGH_WRONG = 8, 15


def print_matrices(console: Console, assignment: str, matrices: Sequence[ExerciseMatrix]) -> None:
    """Print who was accepted, which criterion catches what, the criteria that decide nothing, and the problems."""
    console.print(_exercises(assignment, matrices))
    console.print(_criteria(matrices))
    silent = [(m.exercise, t.criterion.name) for m in matrices for t in m.tallies if m.share(False)[1] and not t.caught]
    helped = [(m.exercise, t.criterion.name) for m in matrices for t in m.tallies if t.caught and not t.alone]
    _list(console, "Criteria that no wrong answer misses", silent)
    _list(console, "Criteria that never decide alone (others catch the same answers)", helped)
    problems = [(str(answer), problem) for matrix in matrices for answer, problem in matrix.problems]
    if problems:
        console.print(f"\n{len(problems)} not as labelled", style="bold red")
        for name, problem in problems:
            console.print(f"  {name}: {problem}", markup=False, soft_wrap=True)
    else:
        console.print("\nEvery answer is treated as its label says.")


def _exercises(assignment: str, matrices: Sequence[ExerciseMatrix]) -> Table:
    table = Table(title=f"{assignment}: labelled answers", title_justify="left")
    table.add_column("exercise")
    for heading in ("right, accepted", "wrong, rejected"):
        table.add_column(heading, justify="right")
    table.add_column("not as labelled", justify="right")
    table.add_column("")
    for matrix in matrices:
        (accepted, right), (rejected, wrong) = matrix.share(True), matrix.share(False)
        few = right < ENOUGH_RIGHT or wrong < ENOUGH_WRONG
        note = f"few answers: {ENOUGH_RIGHT} right and {ENOUGH_WRONG} wrong tell more" if few else ""
        problems = str(len(matrix.problems) or "")
        table.add_row(matrix.exercise, f"{accepted} of {right}", f"{rejected} of {wrong}", problems, note)
    return table


def _criteria(matrices: Sequence[ExerciseMatrix]) -> Table:
    table = Table(title="\nWhat catches the wrong ones", title_justify="left")
    for heading in ("exercise", "criterion", "shown"):
        table.add_column(heading, overflow="fold")
    for heading in ("weight", "catches", "alone"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for matrix in matrices:
        for number, tally in enumerate(matrix.tallies):
            criterion = tally.criterion
            table.add_row(
                matrix.exercise if not number else "",
                criterion.name.removeprefix("test_"),
                "" if criterion.hidden else "yes",
                f"{criterion.weight:g}",
                str(tally.caught),
                str(tally.alone),
                tally.note,
                end_section=number == len(matrix.tallies) - 1,
            )
    return table


def _list(console: Console, title: str, criteria: Sequence[tuple[str, str]]) -> None:
    if not criteria:
        return
    console.print(f"\n{title}:")
    for exercise in dict.fromkeys(exercise for exercise, _ in criteria):
        names = ", ".join(name for of, name in criteria if of == exercise)
        console.print(f"  {exercise}: {names}", markup=False, soft_wrap=True)
