"""`course status`: every assignment in one screen."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from closed_doors.core.layout import find_course

if TYPE_CHECKING:
    from datetime import datetime

    from closed_doors.semester.course_status import AssignmentStatus

_COUNTS = ("received", "graded", "to_grade", "to_mark", "to_look_at", "stale_pages")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON, and nothing else.")
@click.pass_obj
def status(root: Path | None, as_json: bool) -> None:
    """Show where every assignment stands, and what to do next with which command.

    Released, due, received, graded, to be graded, answers to mark by hand, works to look at, feedback pages that are
    out of date. Nothing is written, and no student's code is run.
    """
    from datetime import UTC, datetime

    from closed_doors.cli.console import echo_json
    from closed_doors.nbgrader.settings import read_settings
    from closed_doors.semester.course_status import read_status

    settings = read_settings(find_course(root).root)
    found, now = read_status(settings), datetime.now(UTC)
    if as_json:
        echo_json([_plain(one, now) for one in found])
    else:
        _show(found, now, settings.language)


def _plain(one: "AssignmentStatus", now: "datetime") -> dict[str, object]:
    step = one.next(now)
    return {
        "assignment": one.name,
        "released": one.released and one.released.isoformat(),
        "due": one.due and one.due.isoformat(),
        **{count: getattr(one, count) for count in _COUNTS},
        "works_to_mark": one.to_mark_works,
        "problem": one.problem or None,
        "next": step.code,
        "command": one.command(step) or None,
    }


def _show(found: "list[AssignmentStatus]", now: "datetime", language: str) -> None:
    from rich.box import SIMPLE
    from rich.table import Table

    from closed_doors.cli.console import PlainConsole
    from closed_doors.core.wording import wording

    words, console = wording(language), PlainConsole(highlight=False)
    table = Table(box=SIMPLE, padding=(0, 1, 0, 0))
    for name in ("assignment", "released", "due", *_COUNTS):
        table.add_column(
            words.say(f"status.{name}"), justify="right" if name in _COUNTS else "left", no_wrap=name == "assignment"
        )
    for one in found:
        counts = [str(getattr(one, count) or "") for count in _COUNTS]
        dates = [f"{moment.astimezone():%d/%m}" if moment else "" for moment in (one.released, one.due)]
        table.add_row(one.name, *dates, *counts)
    console.print(table)
    for one in found:
        if one.problem:
            console.print(f"{one.name}: {one.problem}", soft_wrap=True)
        step = one.next(now)
        said = words.say("status.next", name=one.name, step=words.say(f"status.do.{step.code}"))
        command = one.command(step)
        console.print(f"{said}  ({command})" if command else said, soft_wrap=True)
