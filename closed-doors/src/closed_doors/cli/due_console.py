"""`course due`: what it shows, asks and sets."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import click
from rich.console import Console

from closed_doors.classroom.class_summary import Summary
from closed_doors.classroom.course_lock import only_run
from closed_doors.classroom.mark_preview import compare
from closed_doors.cli.console import PlainConsole
from closed_doors.cli.marks_preview_console import print_json, show_moves
from closed_doors.core.errors import CourseError
from closed_doors.core.layout import Layout
from closed_doors.nbgrader.final_marks import lateness, note_arrivals
from closed_doors.nbgrader.gradebook_reader import read_marks
from closed_doors.nbgrader.gradebook_writer import Gradebook
from closed_doors.nbgrader.penalty_rules import PointsADay
from closed_doors.nbgrader.settings import read_settings


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of `course due`.

    Attributes:
        due: the due date, in UTC without a zone; None leaves the one that there is.
        no_due: take it away.
        rule: parts of a rule of points a day that is only tried.
        dry_run: write nothing.
        yes: don't ask.
        as_json: print marks as JSON.
    """

    due: datetime | None
    no_due: bool
    rule: Mapping[str, float]
    dry_run: bool
    yes: bool
    as_json: bool


def change_due(layout: Layout, assignment: str, wanted: Wanted) -> None:
    """Show what a due date or a rule does to final marks, and set the due date.

    Raises:
        CourseError: the gradebook or received.csv can't be used, or the rule is not one of points a day.
    """
    console = PlainConsole(highlight=False, stderr=wanted.as_json)
    settings = read_settings(layout.root)
    rules = lateness(settings)
    if wanted.rule:
        if not isinstance(rules.rule, PointsADay):
            raise CourseError("The course's rule is a plug-in of its own: change it, then run this with --dry-run.")
        rules = replace(rules, rule=replace(rules.rule, **wanted.rule))
    summary = Summary()
    for marks in read_marks(settings.db_url, assignment).values():
        due = None if wanted.no_due else wanted.due or marks.due
        summary.moves.append(compare(marks, rules.applied(assignment, replace(marks, due=due))))
    show_moves(console, summary.changes, len(summary.moves))
    recorded = not wanted.dry_run and (wanted.yes or _confirmed(console, len(summary.falls)))
    if recorded:
        with only_run(settings):
            gradebook = Gradebook(settings.db_url, assignment, rules)
            changed = gradebook.set_due(None if wanted.no_due else wanted.due or gradebook.due())
            note_arrivals(settings, assignment, changed)
    if wanted.as_json:
        print_json(assignment, summary, recorded)
    if not recorded:
        console.print("Nothing was written.")


def _confirmed(console: Console, falling: int) -> bool:
    if not falling or not console.is_terminal or not sys.stdin.isatty():
        return True
    return click.confirm(f"{falling} final marks fall. Set it?", default=False, err=True)
