"""`course sync` and `course generate`: from masters to what students get."""

import sys
from pathlib import Path

import click

from grading.layout import Layout, find_course


@click.command()
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


@click.command()
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


def _require_sync(layout: Layout, names: list[str]) -> None:
    """Refuse to release a notebook that its reviewed text does not describe."""
    from grading.errors import MasterError
    from grading.masters import differences, pairs

    for pair in pairs(layout):
        if pair.notebook.parent.name in names and (found := differences(pair)):
            raise MasterError(
                f"{pair.notebook} and {pair.text} disagree; run `course sync` first.\n  " + "\n  ".join(found)
            )
