"""`course report`: the staff's dashboard of a class."""

import time
from pathlib import Path

import click

from closed_doors.cli.console import PlainConsole, echo, echo_json
from closed_doors.core.layout import find_course


@click.command()
@click.argument("assignment")
@click.option(
    "--to",
    "target",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of the site. Default: reports/ASSIGNMENT.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be written and whose final mark moves; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON on standard output, and nothing else there.")
@click.pass_obj
def report(root: Path | None, assignment: str, target: Path | None, dry_run: bool, as_json: bool) -> None:
    """Write the staff's dashboard of ASSIGNMENT: marks, exercises, criteria, misconceptions, work to look at.

    A static site that opens from disk: an overview, a page for each student, pairs of answers side by side, and all of
    it as CSV. It names hidden criteria and students: it is for the staff only. Run it again after marking; it replaces
    what it wrote before.
    """
    from closed_doors.cli.settled_marks_console import settle_marks
    from closed_doors.nbgrader.settings import read_settings
    from closed_doors.pages.dashboard.site import write_dashboard

    layout = find_course(root)
    name = layout.require(assignment)
    console = PlainConsole(stderr=True, highlight=False)
    started = time.monotonic()
    with console.status("Starting …") as status:

        def say(what: str) -> None:
            if console.is_terminal:
                status.update(f"{what} …")
            else:
                console.print(f"{what} …")

        settings = read_settings(layout.root)
        moves = settle_marks(settings, name, console, dry_run)
        folder = (target or layout.root / "reports" / name).resolve()
        site = None if dry_run else write_dashboard(settings, name, folder, say)
    if as_json:
        counts = {} if site is None else {"students": site.students, "to_look_at": site.to_look_at, "pairs": site.pairs}
        moved = [move.student for move in moves if move.matters]
        echo_json({"assignment": name, "folder": str(folder), "written": not dry_run, "moved": moved, **counts})
        return
    if site is None:
        echo(f"{name}: {len(moves)} students with marks; the site would be {folder}. Nothing was written.")
        return
    echo(
        f"{name}: {site.students} students, {site.to_look_at} to look at, {site.pairs} pairs of answers alike "
        f"({time.monotonic() - started:.1f} s)"
    )
    echo(site.index.as_uri())
