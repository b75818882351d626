"""`course sync`: masters as text and as notebooks."""

import sys
from pathlib import Path

import click

from closed_doors.cli.console import echo
from closed_doors.core.layout import find_course


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
    from closed_doors.authoring.publish.masters import Newer, differences, pairs, synchronise

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
            echo(f"{name}: in sync")
        elif check:
            disagree = True
            echo(f"{name}: " + "\n  ".join(["masters/ and source/ disagree", *found]), err=True)
        else:
            taken = synchronise(pair, Newer(side) if side else None)
            echo(f"{name}: written from {taken.value if taken else 'neither'}/")
    if disagree:
        sys.exit(1)
