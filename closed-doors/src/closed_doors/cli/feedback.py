"""`course feedback`: a page for each student."""

import sys
from contextlib import nullcontext
from pathlib import Path

import click

from closed_doors.core.layout import find_course

LOCK = ".feedback.lock"


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
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from closed_doors.cli.settled_marks_console import settle_marks
    from closed_doors.core.locks import only_one
    from closed_doors.nbgrader.settings import read_settings
    from closed_doors.pages.feedback.class_pages import ClassFeedback

    layout = find_course(root)
    settings, console = read_settings(layout.root), Console(highlight=False)
    layout.require(assignment)
    settle_marks(settings, assignment, console, dry_run)
    pages = ClassFeedback(settings, assignment, students)
    columns = (TextColumn("Writing pages"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    busy = "Another command is writing feedback pages of this course; waiting for it to end."
    alone = nullcontext() if dry_run else only_one(settings.root / LOCK, busy, console.print)
    with alone, Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("")
        summary = pages.make(lambda done, total: bar.update(task, completed=done, total=total), force, dry_run)
    if dry_run:
        for name in summary.written:
            click.echo(f"would write the page of {name}")
    counts = f"{len(summary.written)} {'to write' if dry_run else 'written'}, {len(summary.unchanged)} unchanged"
    click.echo(f"{assignment}: {counts}." + (" Nothing was written." if dry_run else ""))
    if summary.provisional:
        click.echo(
            f"{len(summary.provisional)} of them say that their mark is provisional: manual grading is not finished."
        )
    for name, why in summary.left_out:
        click.echo(f"no page for {name}: {why}", err=True)
    if summary.left_out:
        sys.exit(1)
