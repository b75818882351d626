"""`course feedback`: a page for each student."""

import sys
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

import click

from closed_doors.cli.console import PlainConsole, echo, echo_json
from closed_doors.core.layout import find_course


@click.command()
@click.argument("assignment")
@click.option("--student", "students", multiple=True, metavar="ID", help="Only this one (may be repeated).")
@click.option("--force", is_flag=True, help="Write the pages that are unchanged, too.")
@click.option("--dry-run", is_flag=True, help="Say whose page would be written, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON on standard output, and nothing else there.")
@click.pass_obj
def feedback(
    root: Path | None, assignment: str, students: tuple[str, ...], force: bool, dry_run: bool, as_json: bool
) -> None:
    """Write a feedback page for each student's graded ASSIGNMENT.

    The pages are feedback/<student>/ASSIGNMENT/<notebook>.html, where formgrader shows them and `nbgrader
    release_feedback` hands them out. They hold neither hidden tests nor other students' work, and run no script. A page
    that would be the same is left as it is. Exits with 1 where a page could not be made.
    """
    from closed_doors.cli.progress_bar import progress_bar
    from closed_doors.cli.settled_marks_console import settle_marks
    from closed_doors.core.locks import only_one
    from closed_doors.nbgrader.settings import read_settings
    from closed_doors.pages.feedback.class_pages import LOCK, ClassFeedback

    layout = find_course(root)
    settings, console = read_settings(layout.root), PlainConsole(highlight=False, stderr=as_json)
    layout.require(assignment)
    settle_marks(settings, assignment, console, dry_run)
    pages = ClassFeedback(settings, assignment, students)
    busy = "Another command is writing feedback pages of this course; waiting for it to end."
    alone = nullcontext() if dry_run else only_one(settings.root / LOCK, busy, console.print)
    with alone, progress_bar(console, "Writing pages") as progress:
        summary = pages.make(progress, force, dry_run)
    if as_json:
        echo_json({"assignment": assignment, "recorded": not dry_run, **asdict(summary)})
    if dry_run and not as_json:
        for name in summary.written:
            echo(f"would write the page of {name}")
    counts = f"{len(summary.written)} {'to write' if dry_run else 'written'}, {len(summary.unchanged)} unchanged"
    echo(f"{assignment}: {counts}." + (" Nothing was written." if dry_run else ""), err=as_json)
    if summary.provisional:
        echo(f"{len(summary.provisional)} of them say that their mark is provisional: not all is marked.", err=as_json)
    for name, why in summary.left_out:
        echo(f"no page for {name}: {why}", err=True)
    if summary.left_out:
        sys.exit(1)
