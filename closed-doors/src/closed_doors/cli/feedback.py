"""`course feedback`: a page for each student."""

import sys
from pathlib import Path

import click

from closed_doors.cli.console import PlainConsole, echo
from closed_doors.core.layout import find_course


@click.command()
@click.argument("assignment")
@click.option("--student", "students", multiple=True, metavar="ID", help="Only this one (may be repeated).")
@click.option("--force", is_flag=True, help="Write the pages that are unchanged, too.")
@click.option("--dry-run", is_flag=True, help="Say whose page would be written, and write nothing.")
@click.pass_obj
def feedback(root: Path | None, assignment: str, students: tuple[str, ...], force: bool, dry_run: bool) -> None:
    """Write a feedback page for each student's graded ASSIGNMENT.

    The pages are feedback/<student>/ASSIGNMENT/<notebook>.html, where formgrader shows them and `nbgrader
    release_feedback` hands them out. They hold neither hidden tests nor other students' work, and run no script. A page
    that would be the same is left as it is. Exits with 1 where a page could not be made.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from closed_doors.nbgrader.settings import read_settings
    from closed_doors.pages.feedback.class_pages import ClassFeedback

    layout = find_course(root)
    pages = ClassFeedback(read_settings(layout.root), layout.require(assignment), students)
    console = PlainConsole(highlight=False)
    columns = (TextColumn("Writing pages"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("")
        summary = pages.make(lambda done, total: bar.update(task, completed=done, total=total), force, dry_run)
    if dry_run:
        for name in summary.written:
            echo(f"would write the page of {name}")
    counts = f"{len(summary.written)} {'to write' if dry_run else 'written'}, {len(summary.unchanged)} unchanged"
    echo(f"{assignment}: {counts}." + (" Nothing was written." if dry_run else ""))
    if summary.provisional:
        echo(f"{len(summary.provisional)} of them say that their mark is provisional: manual grading is not finished.")
    for name, why in summary.left_out:
        echo(f"no page for {name}: {why}", err=True)
    if summary.left_out:
        sys.exit(1)
