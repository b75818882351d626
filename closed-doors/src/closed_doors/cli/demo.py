"""`course demo`: a class that is played."""

import sys
from pathlib import Path

import click

from closed_doors.core.errors import LayoutError
from closed_doors.core.layout import Layout, find_course
from closed_doors.core.profile import read_profile


@click.command()
@click.argument("assignment", required=False)
@click.option(
    "--scratch",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the demo's own course root is made. Default: scratch/demo.",
)
@click.option("--student", "students", multiple=True, metavar="ID", help="Only this student (may be repeated).")
@click.pass_obj
def demo(root: Path | None, assignment: str | None, scratch: Path | None, students: tuple[str, ...]) -> None:
    """Play a whole class of ASSIGNMENT: release, hand in, autograde, mark by hand, feedback, export.

    The class stands in examples/ASSIGNMENT/class.toml; by default, the assignment that course.toml names is played.

    Works in a scratch course root; the repository's own submissions and gradebook are not touched.
    """
    layout = find_course(root)
    from closed_doors.demo.play import play

    agrees = play(layout, _assignment(layout, assignment), scratch or layout.root / "scratch" / "demo", students)
    sys.exit(0 if agrees else 1)


def _assignment(layout: Layout, wanted: str | None) -> str:
    """Return the assignment to play: the one that is asked for or that course.toml names, else the only one."""
    if wanted is not None:
        layout.require(wanted)
        if not (layout.examples / wanted / "class.toml").is_file():
            raise LayoutError(f"{wanted} has no demo class: write {layout.examples / wanted / 'class.toml'}.")
        return wanted
    classes = sorted(path.parent.name for path in layout.examples.glob("*/class.toml"))
    chosen = read_profile(layout.root).demo
    if chosen is None and len(classes) != 1:
        raise LayoutError(
            f"{layout.examples} holds {len(classes)} demo classes ({', '.join(classes) or 'none'}); name one in "
            'course.toml: demo = "…".'
        )
    return chosen or classes[0]
