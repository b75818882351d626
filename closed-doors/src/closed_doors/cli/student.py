"""`course student`: who joins, who gets more time, who leaves."""

from pathlib import Path

import click

from closed_doors.cli.console import FullHelpGroup
from closed_doors.core.layout import find_course

_dry_run = click.option("--dry-run", is_flag=True, help="Show what would happen, and write nothing.")
_yes = click.option("--yes", "-y", is_flag=True, help="Do it without asking.")
_json = click.option("--json", "as_json", is_flag=True, help="Print it as JSON, and nothing else.")


@click.group(cls=FullHelpGroup)
def student() -> None:
    """Add, rename, extend or remove students."""


@student.command("list")
@_json
@click.pass_obj
def list_(root: Path | None, as_json: bool) -> None:
    """List the class, and who was granted more time."""
    from closed_doors.cli.student_console import StudentCommand

    StudentCommand(find_course(root), as_json).show_class()


@student.command()
@click.argument("student_id", metavar="STUDENT")
@click.option("--first", default="", help="First name.")
@click.option("--last", default="", help="Last name.")
@click.option("--email", default="", help="E-mail address.")
@_dry_run
@_json
@click.pass_obj
def add(root: Path | None, student_id: str, first: str, last: str, email: str, dry_run: bool, as_json: bool) -> None:
    """Enter STUDENT into the class, or change the name of one who is there."""
    from closed_doors.cli.student_console import StudentCommand

    StudentCommand(find_course(root), as_json, dry_run).add(student_id, first, last, email)


@student.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--id",
    "source",
    type=click.Choice(["idnumber", "username", "email"]),
    help="The column that names students. Default: the first of these that the list has.",
)
@_dry_run
@_json
@click.pass_obj
def import_(root: Path | None, file: Path, source: str | None, dry_run: bool, as_json: bool) -> None:
    """Enter everybody of FILE: Moodle's list of participants, or a CSV file as nbgrader reads it.

    nbgrader's has the columns id, first_name, last_name and email. Nobody is taken out.
    """
    from closed_doors.cli.student_console import StudentCommand

    StudentCommand(find_course(root), as_json, dry_run).take_in(file, source)


@student.command()
@click.argument("old")
@click.argument("new")
@_dry_run
@_json
@click.pass_obj
def rename(root: Path | None, old: str, new: str, dry_run: bool, as_json: bool) -> None:
    """Give the student OLD the id NEW, in the gradebook and in every folder."""
    from closed_doors.cli.student_console import StudentCommand

    StudentCommand(find_course(root), as_json, dry_run).rename(old, new)


@student.command()
@click.argument("student_id", metavar="STUDENT")
@click.argument("assignment")
@click.argument("time", required=False)
@click.option(
    "--days", type=click.FloatRange(0, min_open=True), help="So many days after the due date, in place of TIME."
)
@click.option("--none", "no_extension", is_flag=True, help="Take the extension back.")
@_dry_run
@_json
@click.pass_obj
def extend(
    root: Path | None,
    student_id: str,
    assignment: str,
    time: str | None,
    days: float | None,
    no_extension: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Let STUDENT hand in ASSIGNMENT until TIME, such as 2026-10-20T18:00+02:00.

    It counts at once in every command, for work that is here and for work that comes; a due date that is later goes
    before it. Extensions that Moodle grants are entered by `course moodle import`.
    """
    from closed_doors.cli.date_options import moment
    from closed_doors.cli.student_console import StudentCommand

    if sum((time is not None, days is not None, no_extension)) != 1:
        raise click.UsageError("Give one of TIME, --days or --none.")
    until = moment(time) if time else None
    StudentCommand(find_course(root), as_json, dry_run).extend(student_id, assignment, until, days)


@student.command()
@click.argument("student_id", metavar="STUDENT")
@click.option("--keep-marks", is_flag=True, help="Keep the marks, under a made-up id; the work goes.")
@_dry_run
@_yes
@_json
@click.pass_obj
def remove(root: Path | None, student_id: str, keep_marks: bool, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Remove STUDENT: rows of the gradebook, every folder, every line of a file that names the student.

    Shows what goes, and asks. What was made of the whole class (reports/, files for Moodle, grades.csv) goes as well:
    its command makes it again. So does what lies in nbgrader's exchange, where this account may remove it; what it may
    not is listed. Archives made before keep the student.
    """
    from closed_doors.cli.student_console import StudentCommand

    StudentCommand(find_course(root), as_json, dry_run).remove(student_id, keep_marks, yes)
