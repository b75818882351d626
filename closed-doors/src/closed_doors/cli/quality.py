"""`course quality`, `course mutate` and `course attack`: whether an assignment's tests can be trusted."""

import sys
from pathlib import Path

import click

from closed_doors.cli.console import PlainConsole, echo_json
from closed_doors.core.layout import find_course
from closed_doors.core.profile import read_profile
from closed_doors.core.wording import wording

_assignment = click.argument("assignment")
_exercises = click.option(
    "--exercise",
    "exercises",
    multiple=True,
    metavar="NAME",
    help="Only this one, such as exercice-2 (may be repeated).",
)
_jobs = click.option(
    "--jobs", "-j", type=click.IntRange(1), help="Answers graded at a time. Default: two more than processors."
)


@click.command()
@_assignment
@_exercises
@click.option(
    "--answers",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="A collection of labelled answers. Default: the course's own.",
)
@click.option(
    "--figure",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PATH",
    help="Where the figure goes: png, svg or pdf. Default: scratch/quality/ASSIGNMENT.png.",
)
@_jobs
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON on standard output, and nothing else there.")
@click.pass_obj
def quality(
    root: Path | None,
    assignment: str,
    exercises: tuple[str, ...],
    answers: Path | None,
    figure: Path | None,
    jobs: int | None,
    as_json: bool,
) -> None:
    """Grade labelled right and wrong answers to ASSIGNMENT, and say what its criteria let through.

    An answer is FOLDER/ASSIGNMENT/<exercise>/right/<name>.py or wrong/<name>.py: what a student writes in the answer
    cell. Exits with 1 where a right one loses points, a wrong one loses none, or one meets a criterion that its label
    says it must miss.
    """
    from closed_doors.authoring.quality.figure import draw_matrices, require_format
    from closed_doors.cli.quality_console import as_plain, measure

    layout = find_course(root)
    path = figure or layout.root / "scratch" / "quality" / f"{assignment}.png"
    require_format(path)
    console = PlainConsole(highlight=False, stderr=as_json)
    matrices = measure(layout, assignment, answers, exercises, jobs, console)
    draw_matrices(assignment, matrices, path, wording(read_profile(layout.root).language))
    console.print(f"Figure: {path}", soft_wrap=True)
    if as_json:
        echo_json([as_plain(matrix) for matrix in matrices])
    if any(matrix.problems for matrix in matrices):
        sys.exit(1)


@click.command()
@_assignment
@_exercises
@click.option(
    "--answers",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="The collection whose ASSIGNMENT/equivalent.toml lists equivalent mutants. Default: the course's own.",
)
@_jobs
@click.option("--dry-run", is_flag=True, help="List the mutants, and grade none.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON on standard output, and nothing else there.")
@click.pass_obj
def mutate(
    root: Path | None,
    assignment: str,
    exercises: tuple[str, ...],
    answers: Path | None,
    jobs: int | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Put one small mistake after another into ASSIGNMENT's solutions, and list those that the tests do not see.

    A mistake that no test could see is listed in equivalent.toml, with the reason. Exits with 1 where a mutant survives
    unexplained, or an explanation is not needed any more.
    """
    from closed_doors.cli.mutate_console import mutate as run

    if not run(
        find_course(root),
        assignment,
        answers,
        exercises,
        jobs,
        PlainConsole(highlight=False, stderr=as_json),
        dry_run,
        as_json,
    ):
        sys.exit(1)


@click.command()
@_assignment
@_exercises
@click.option(
    "--answers",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="A collection of labelled answers, of which the wrong ones are taken. Default: the course's own, if any.",
)
@click.option("--attack", "names", multiple=True, metavar="NAME", help="Only this attack (may be repeated).")
@click.option("--sample", type=click.IntRange(1), metavar="N", help="Only N pairs. Default: all.")
@click.option("--seed", type=int, default=0, help="Which N.")
@_jobs
@click.option("--list", "only_list", is_flag=True, help="List the attacks, and grade nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print what was tried as JSON, and nothing else.")
@click.pass_obj
def attack(
    root: Path | None,
    assignment: str,
    exercises: tuple[str, ...],
    answers: Path | None,
    names: tuple[str, ...],
    sample: int | None,
    seed: int,
    jobs: int | None,
    only_list: bool,
    as_json: bool,
) -> None:
    """Add attacks to the labelled wrong answers to ASSIGNMENT, and say whether one of them pays.

    An exercise that has none gets wrong answers made of the master: what is handed out, functions that return None, and
    the solution with one small mistake.

    Each wrong answer is graded as it is, and once more with each attack below it: tests' arguments changed, libraries
    patched, the solution imported, results that equal everything, forged replies and more. Exits with 1 where an answer
    earns more with an attack than without, or where grading itself failed.
    """
    from closed_doors.cli.attack_console import Choice, attack_answers

    choice = Choice(assignment, answers, exercises, names, sample, seed, jobs)
    if not attack_answers(find_course(root), choice, PlainConsole(highlight=False), only_list, as_json):
        sys.exit(1)
