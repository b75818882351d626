"""`course sync`: masters as text and as notebooks."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from closed_doors.cli.console import echo, echo_json
from closed_doors.core.layout import find_course

if TYPE_CHECKING:
    from closed_doors.authoring.publish.masters import Pair


@click.command()
@click.argument("assignments", nargs=-1, metavar="[ASSIGNMENT]...")
@click.option("--check", "--dry-run", is_flag=True, help="Write nothing; exit with 1 where a pair disagrees.")
@click.option(
    "--from",
    "side",
    type=click.Choice(["masters", "source"]),
    help="Which side wins. Default: the one that was saved last.",
)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON on standard output, and nothing else there.")
@click.pass_obj
def sync(root: Path | None, assignments: tuple[str, ...], check: bool, side: str | None, as_json: bool) -> None:
    """Bring masters/*.py and source/*.ipynb to the same cells."""
    from closed_doors.authoring.publish.masters import pairs

    layout = find_course(root)
    masters = pairs(layout)
    known = sorted({pair.notebook.parent.name for pair in masters})  # a new one may exist as text only
    wanted = [layout.require(name, known) for name in assignments]
    chosen = [pair for pair in masters if not wanted or pair.notebook.parent.name in wanted]
    done = [_brought(pair, pair.notebook.relative_to(layout.source), check, side, as_json) for pair in chosen]
    if as_json:
        echo_json(done)
    if check and any(one["differences"] for one in done):
        sys.exit(1)


def _brought(pair: "Pair", name: Path, check: bool, side: str | None, as_json: bool) -> dict[str, object]:
    """Bring one pair to the same cells, or only compare it, and say it."""
    from closed_doors.authoring.publish.masters import Newer, differences, synchronise

    found, taken = differences(pair), None
    if not found:
        echo(f"{name}: in sync", err=as_json)
    elif check:
        echo(f"{name}: " + "\n  ".join(["masters/ and source/ disagree", *found]), err=True)
    else:
        taken = synchronise(pair, Newer(side) if side else None)
        echo(f"{name}: written from {taken.value if taken else 'neither'}/", err=as_json)
    return {"notebook": str(name), "differences": found, "written_from": taken.value if taken else None}
