"""The `course` command; imports that take time stand inside the commands, so that `--help` is instant."""

import sys
from pathlib import Path

import click

from grading.errors import CourseError
from grading.layout import Layout, find_course


class CourseGroup(click.Group):
    """Prints a CourseError as one message and exits with 1, whatever the command."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command named on the line."""
        try:
            return super().invoke(ctx)
        except CourseError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=CourseGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The course's folder. Default: the one that holds the working directory.",
)
@click.pass_context
def main(ctx: click.Context, root: Path | None) -> None:
    """Edit, release and grade the course's assignments."""
    ctx.obj = root


@main.command()
@click.argument("assignments", nargs=-1, metavar="[ASSIGNMENT]...")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 where a pair disagrees.")
@click.option(
    "--from",
    "side",
    type=click.Choice(["masters", "source"]),
    help="Which side wins. Default: the one that was saved last.",
)
@click.pass_obj
def sync(root: Path | None, assignments: tuple[str, ...], check: bool, side: str | None) -> None:
    """Bring masters/*.py and source/*.ipynb to the same cells."""
    from grading.masters import Newer, differences, pairs, synchronise

    layout = find_course(root)
    masters = pairs(layout)
    known = sorted({pair.notebook.parent.name for pair in masters})  # a new one may exist as text only
    wanted = [layout.require(name, known) for name in assignments]
    disagree = False
    for pair in masters:
        if wanted and pair.notebook.parent.name not in wanted:
            continue
        name = pair.notebook.relative_to(layout.source)
        found = differences(pair)
        if not found:
            click.echo(f"{name}: in sync")
        elif check:
            disagree = True
            click.echo(f"{name}: " + "\n  ".join(["masters/ and source/ disagree", *found]), err=True)
        else:
            taken = synchronise(pair, Newer(side) if side else None)
            click.echo(f"{name}: written from {taken.value if taken else 'neither'}/")
    if disagree:
        sys.exit(1)


@main.command()
@click.argument("assignments", nargs=-1, metavar="[ASSIGNMENT]...")
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@click.pass_obj
def generate(root: Path | None, assignments: tuple[str, ...], dry_run: bool) -> None:
    """Generate release/ and solutions/ from source/ (default: every assignment)."""
    layout = find_course(root)
    names = [layout.require(name) for name in assignments] or layout.assignments()
    if dry_run:
        for name in names:
            click.echo(f"would write release/{name} and solutions/{name}")
        return
    _require_sync(layout, names)
    from grading.host.course import NbgraderCourse

    course = NbgraderCourse(layout.root)
    for name in names:
        click.echo(f"{name}: release/ …", nl=False)
        course.generate_assignment(name)
        click.echo(" solutions/ …", nl=False)
        course.generate_solution(name)
        click.echo(" done")


@main.command()
@click.option(
    "--scratch",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the demo's own course root is made. Default: scratch/demo.",
)
@click.option("--student", "students", multiple=True, metavar="ID", help="Only this student (may be repeated).")
@click.pass_obj
def demo(root: Path | None, scratch: Path | None, students: tuple[str, ...]) -> None:
    """Play a whole class: release, hand in, autograde, mark by hand, feedback, export.

    Works in a scratch course root; the repository's own submissions and gradebook are not touched.
    """
    layout = find_course(root)
    from grading.demo.play import play

    agrees = play(layout, "masque_causal", scratch or layout.root / "scratch" / "demo", students)
    sys.exit(0 if agrees else 1)


@main.command()
def doctor() -> None:
    """Set up a sandbox, try to leave it, and say what protects this machine; exit with 1 where nothing does."""
    from grading.execution.supervisor import Zygote
    from grading.sandbox.probe import probe, require

    protection = probe()
    click.echo(f"closed doors: {protection.tier}")
    require(protection)
    click.echo("starting the warm process …", nl=False)
    with Zygote() as zygote:
        click.echo(f" ready, as {zygote.protection.user}")


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


@main.command()
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
    from grading.driver.command import Command

    Command(find_course(root), assignment, jobs, scheduler).autograde(students, force, dry_run)


@main.command()
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
    from grading.driver.command import Command

    Command(find_course(root), assignment, jobs, scheduler).regrade(students, dry_run)


def _require_sync(layout: Layout, names: list[str]) -> None:
    """Refuse to release a notebook that its reviewed text does not describe."""
    from grading.errors import MasterError
    from grading.masters import differences, pairs

    for pair in pairs(layout):
        if pair.notebook.parent.name in names and (found := differences(pair)):
            raise MasterError(
                f"{pair.notebook} and {pair.text} disagree; run `course sync` first.\n  " + "\n  ".join(found)
            )
