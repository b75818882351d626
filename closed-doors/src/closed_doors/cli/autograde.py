"""`course autograde` and `course regrade`: marks for a class."""

from pathlib import Path

import click

from closed_doors.core.layout import find_course
from closed_doors.core.profile import read_profile

SERVER_SOCKET = ".serve.sock"
_assignment = click.argument("assignment")
_jobs = click.option(
    "--jobs",
    "-j",
    type=click.IntRange(1),
    help="Submissions graded at a time on this machine. Default: a running server's, or two more than processors.",
)
_scheduler = click.option(
    "--scheduler", metavar="ADDRESS", help="Grade on the workers of this Dask scheduler, such as tls://10.0.0.5:8786."
)
_yes = click.option("--yes", "-y", is_flag=True, help="Record marks that fall without asking.")
_json = click.option("--json", "as_json", is_flag=True, help="Print everybody's marks before and after as JSON.")
_rest = click.option(
    "--grade-the-rest",
    is_flag=True,
    help="Grade although the master's own solution misses some cells; a person marks those.",
)
_students = click.option("--student", "students", multiple=True, metavar="ID", help="Only this one (may be repeated).")


@click.command()
@_assignment
@_jobs
@_scheduler
@_students
@click.option("--force", is_flag=True, help="Grade again what is unchanged.")
@click.option("--dry-run", is_flag=True, help="Show what final marks would become, and write nothing.")
@_yes
@_json
@_rest
@click.pass_obj
def autograde(
    root: Path | None,
    assignment: str,
    jobs: int | None,
    scheduler: str | None,
    students: tuple[str, ...],
    force: bool,
    dry_run: bool,
    yes: bool,
    as_json: bool,
    grade_the_rest: bool,
) -> None:
    """Grade a class's submissions of ASSIGNMENT behind closed doors.

    Work that is unchanged since it was graded, under unchanged tests, is not graded again; a run that was interrupted
    is carried on. Manual marks and comments are kept. Everybody's penalty for lateness is brought to what due date,
    extensions, received.csv and the rule make it now. A mark that would fall although the student handed in nothing
    else, because a test has changed, is shown and recorded only after a yes: asked for on a terminal, or --yes. Before
    anybody is graded, the master's own solution has to earn every point: otherwise nobody is, and each cell that it
    misses is named, with its line, the error and what to write instead. Exits
    with 1 where such marks are left, or something could not be graded for a reason that is not the student's.
    """
    _warm_up(scheduler, jobs, root)
    from closed_doors.cli.autograde_console import Command

    command = Command(find_course(root), assignment, jobs, scheduler, as_json=as_json, grade_the_rest=grade_the_rest)
    command.autograde(students, force, dry_run, yes)


@click.command()
@_assignment
@_jobs
@_scheduler
@_students
@click.option("--dry-run", is_flag=True, help="Show what final marks would become, and write nothing.")
@_yes
@_json
@_rest
@click.pass_obj
def regrade(
    root: Path | None,
    assignment: str,
    jobs: int | None,
    scheduler: str | None,
    students: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    as_json: bool,
    grade_the_rest: bool,
) -> None:
    """Grade everybody's ASSIGNMENT again, after its tests or its exercises have changed.

    Shows whose final marks rise or fall, and why; asks on a terminal where some fall; then records everything in one
    transaction. Exercises may be added, taken out or renamed: marks given by hand are kept, and those of an exercise
    that is taken out come back if it does.
    """
    _warm_up(scheduler, jobs, root)
    from closed_doors.cli.autograde_console import Command

    command = Command(find_course(root), assignment, jobs, scheduler, as_json=as_json, grade_the_rest=grade_the_rest)
    command.regrade(students, dry_run, yes)


def _warm_up(scheduler: str | None, jobs: int | None, root: Path | None) -> None:
    """Have the warm process start while the rest is imported and the class is looked through; a server has its own."""
    folder = find_course(root).root
    if scheduler is None and (jobs or not (folder / SERVER_SOCKET).exists()):
        from closed_doors.grading.processes.zygote_handle import warm_zygote

        warm_zygote(read_profile(folder).packages.warm).wait_for_image()
