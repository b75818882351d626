"""`course due`: the due date of an assignment, and what it does to marks."""

from pathlib import Path

import click

from closed_doors.cli.date_options import moment
from closed_doors.core.layout import find_course


@click.command()
@click.argument("assignment")
@click.argument("time", required=False)
@click.option("--none", "no_due", is_flag=True, help="Take the due date away.")
@click.option("--points-per-day", type=float, help="With --dry-run: try this rule; nbgrader_config.py sets it.")
@click.option("--grace-minutes", type=float, help="The same, for lateness that is forgiven.")
@click.option("--most-points", type=float, help="The same, for the largest penalty.")
@click.option("--dry-run", is_flag=True, help="Show what final marks would become, and write nothing.")
@click.option("--yes", "-y", is_flag=True, help="Set it without asking where marks fall.")
@click.option("--json", "as_json", is_flag=True, help="Print everybody's marks before and after as JSON.")
@click.pass_obj
def due(
    root: Path | None,
    assignment: str,
    time: str | None,
    no_due: bool,
    points_per_day: float | None,
    grace_minutes: float | None,
    most_points: float | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Set the due date of ASSIGNMENT to TIME, such as 2026-10-16T18:00+02:00, and show whose final marks move.

    Without TIME, shows what marks are with the due date that there is. No student's code is run.
    """
    from closed_doors.cli.due_console import Wanted, change_due

    layout = find_course(root)
    rule = {"points_per_day": points_per_day, "grace_minutes": grace_minutes, "most_points": most_points}
    given = {name: value for name, value in rule.items() if value is not None}
    if given and not dry_run:
        raise click.UsageError("A rule is set in nbgrader_config.py; here it can be tried with --dry-run.")
    if time and no_due:
        raise click.UsageError("Give a time or --none.")
    wanted = Wanted(moment(time) if time else None, no_due, given, dry_run, yes, as_json)
    change_due(layout, layout.require(assignment), wanted)
