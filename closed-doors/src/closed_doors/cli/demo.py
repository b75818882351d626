"""`course demo`: a class that is played."""

import sys
from pathlib import Path

import click

from closed_doors.core.layout import find_course


@click.command()
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
    from closed_doors.demo.play import play

    agrees = play(layout, "masque_causal", scratch or layout.root / "scratch" / "demo", students)
    sys.exit(0 if agrees else 1)
