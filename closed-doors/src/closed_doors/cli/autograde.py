"""`course autograde` and `course regrade`: marks for a class."""

from pathlib import Path

import click

from closed_doors.core.layout import find_course
from closed_doors.core.profile import read_profile

_assignment = click.argument("assignment")
_jobs = click.option(
    "--jobs",
    "-j",
    type=click.IntRange(1),
    help="Submissions graded at a time on this machine. Default: two more than processors.",
)
_scheduler = click.option(
    "--scheduler", metavar="ADDRESS", help="Grade on the workers of this Dask scheduler, such as tcp://10.0.0.5:8786."
)
_students = click.option("--student", "students", multiple=True, metavar="ID", help="Only this one (may be repeated).")


@click.command()
@_assignment
@_jobs
@_scheduler
@_students
@click.option("--force", is_flag=True, help="Grade again what is unchanged.")
@click.option("--dry-run", is_flag=True, help="Say whose work would be graded, and grade nothing.")
@click.pass_obj
def autograde(
    root: Path | None,
    assignment: str,
    jobs: int | None,
    scheduler: str | None,
    students: tuple[str, ...],
    force: bool,
    dry_run: bool,
) -> None:
    """Grade a class's submissions of ASSIGNMENT behind closed doors.

    Work that is unchanged since it was graded, under unchanged tests, is not graded again; a run that was interrupted
    is carried on. Manual marks and comments are kept. Exits with 1 where something could not be graded for a reason
    that is not the student's.
    """
    if not dry_run:
        _warm_up(scheduler, root)
    from closed_doors.cli.autograde_console import Command

    Command(find_course(root), assignment, jobs, scheduler).autograde(students, force, dry_run)


@click.command()
@_assignment
@_jobs
@_scheduler
@_students
@click.option("--dry-run", is_flag=True, help="Show whose marks would rise or fall, and write nothing.")
@click.pass_obj
def regrade(
    root: Path | None,
    assignment: str,
    jobs: int | None,
    scheduler: str | None,
    students: tuple[str, ...],
    dry_run: bool,
) -> None:
    """Grade everybody's ASSIGNMENT again, after its tests have changed, and show whose marks rise or fall."""
    _warm_up(scheduler, root)
    from closed_doors.cli.autograde_console import Command

    Command(find_course(root), assignment, jobs, scheduler).regrade(students, dry_run)


def _warm_up(scheduler: str | None, root: Path | None) -> None:
    """Have the warm process start while the rest is imported and the class is looked through."""
    if scheduler is None:
        from closed_doors.grading.processes.zygote_handle import warm_zygote

        warm_zygote(read_profile(find_course(root).root).packages.warm)
