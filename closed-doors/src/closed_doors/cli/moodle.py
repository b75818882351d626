"""`course moodle`: work comes from Moodle, marks and feedback go back."""

import sys
from datetime import datetime
from pathlib import Path

import click

from closed_doors.cli.console import FullHelpGroup, PlainConsole
from closed_doors.core.layout import find_course

_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_roster = click.option("--roster", type=_file, help="Moodle's list of participants, as CSV.")
_worksheet = click.option("--worksheet", type=_file, help="The assignment's grading worksheet, as Moodle gives it.")
_id = click.option(
    "--id",
    "source",
    type=click.Choice(["idnumber", "username", "email", "participant"]),
    help="What names students in nbgrader: their ID number, username, the part of their address before the @, or, "
    "where names are hidden from graders, Moodle's participant number. Default: the first that the list has.",
)


@click.group(cls=FullHelpGroup)
def moodle() -> None:
    """Take work in from Moodle, and give marks and feedback back.

    Files from Moodle are read in English and in French. What can't be matched is listed; nothing is guessed.
    """


@moodle.command("import")
@click.argument("assignment")
@click.argument("archive", type=_file)
@_roster
@_worksheet
@_id
@click.option("--timezone", metavar="ZONE", help="Time zone of the worksheet's times. Default: nbgrader_config.py's.")
@click.option(
    "--received",
    metavar="TIME",
    help="When work arrived whose time the worksheet does not say, such as 2026-10-12T23:59+02:00.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be imported, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON on standard output, and nothing else there.")
@click.pass_obj
def import_(
    root: Path | None,
    assignment: str,
    archive: Path,
    roster: Path | None,
    worksheet: Path | None,
    source: str | None,
    timezone: str | None,
    received: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Take the work for ASSIGNMENT out of ARCHIVE, Moodle's "Download all submissions".

    Each student's notebook goes to submitted/; times of arrival, which only the grading worksheet knows, go to
    received.csv. Importing again is safe: the same work changes nothing, newer work takes the place of older, which is
    kept in moodle/. Exits with 1 where no work at all could be matched.
    """
    from closed_doors.cli.moodle_import_console import import_submissions

    moment = _moment(received)
    layout = find_course(root)
    console = PlainConsole(highlight=False, stderr=True) if as_json else None
    done = import_submissions(
        layout, assignment, archive, roster, worksheet, source, timezone, moment, dry_run, console, as_json
    )
    if not done:
        sys.exit(1)


@moodle.command("export")
@click.argument("assignment")
@_worksheet
@_roster
@_id
@click.option(
    "--decimal",
    type=click.Choice(["comma", "point"]),
    help="How marks are written. Default: as the worksheet has it. Moodle in English reads points only.",
)
@click.option(
    "--language",
    type=click.Choice(["fr", "en"]),
    default="fr",
    show_default=True,
    help="The language of Moodle's pages, where no worksheet was given and one is made from the import.",
)
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), help="Where to write. Default: moodle/.")
@click.option("--provisional", is_flag=True, help="Write marks of work that still waits for a person's marks too.")
@click.option(
    "--max-mib",
    type=click.IntRange(1),
    default=50,
    show_default=True,
    help="The largest feedback archive; a larger one is split.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be exported, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print everybody's marks, before and after, as JSON.")
@click.pass_obj
def export(
    root: Path | None,
    assignment: str,
    worksheet: Path | None,
    roster: Path | None,
    source: str | None,
    decimal: str | None,
    language: str,
    output: Path | None,
    provisional: bool,
    max_mib: int,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Write the marks and the feedback of ASSIGNMENT for Moodle: a grading worksheet, and a zip of feedback pages.

    The worksheet comes back with the same lines and columns; marks are scaled to its maximum. Who has no mark, or one
    that still waits for a person, is listed and the line left as it was. Exits with 1 where no mark is written.
    """
    from closed_doors.cli.moodle_export_console import Export, export_marks

    wanted = Export(worksheet, roster, source, decimal, language, output, provisional, max_mib, dry_run, as_json)
    if not export_marks(find_course(root), assignment, wanted):
        sys.exit(1)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError("it has no UTC offset")
    except ValueError as error:
        raise click.BadParameter(
            f"{text!r} is not a time such as 2026-10-12T23:59+02:00 ({error}).", param_hint="--received"
        ) from error
    return moment
