"""`course moodle import`: what it reads, and what it says on the way and at the end."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rich.console import Console
from rich.table import Table

from closed_doors.classroom.course_lock import only_run
from closed_doors.cli.console import PlainConsole, echo_json
from closed_doors.cli.progress_bar import progress_bar
from closed_doors.cli.row_lists import list_rows
from closed_doors.core.errors import MoodleError
from closed_doors.core.layout import Layout
from closed_doors.moodle.find_class import find_class
from closed_doors.moodle.importing import Done, Import, Options, Outcome, Report
from closed_doors.moodle.participants import SAID, Roster, Student
from closed_doors.moodle.people_names import shown
from closed_doors.moodle.remembered_imports import Store
from closed_doors.moodle.worksheet import read_worksheet
from closed_doors.moodle.worksheet_limits import limits
from closed_doors.nbgrader.final_marks import lateness, note_arrivals
from closed_doors.nbgrader.gradebook_students import enter_students, grant, read_extensions, read_people
from closed_doors.nbgrader.settings import Settings, read_settings
from closed_doors.semester.class_list import enter

ZONE = "Europe/Paris"


def import_submissions(
    layout: Layout,
    assignment: str,
    archive: Path,
    roster: Path | None,
    worksheet: Path | None,
    source: str | None,
    timezone: str | None,
    received: datetime | None,
    dry_run: bool,
    console: Console | None = None,
    as_json: bool = False,
) -> bool:
    """Import an archive and print what became of it; return whether any work could be matched.

    Raises:
        CourseError: a file can't be read, or the course's folder can't be written to.
    """
    console = console or PlainConsole(highlight=False)
    layout.require(assignment)
    settings = read_settings(layout.root)
    store = Store(settings.root, assignment)
    options = Options(_zone(settings, timezone), received, dry_run)
    sheet = read_worksheet(worksheet) if worksheet else None
    everybody = find_class(store, roster, worksheet, source)
    notebooks = [path.stem for path in sorted(settings.folder("source", ".", assignment).glob("*.ipynb"))]
    with only_run(settings):
        work = Import(settings, assignment, notebooks, everybody, sheet, options)
        with progress_bar(console, "Importing") as progress:
            report = work.run(archive, progress)
        if not dry_run:
            store.keep_roster(everybody)
            if worksheet:
                store.keep_worksheet(worksheet.read_bytes())
            _enter(console, settings, work.members(report))
            _grant(settings, assignment, report)
    _say(console, assignment, report, everybody, options, sheet is not None)
    if sheet is not None:
        known = {} if dry_run else store.record().participants
        list_rows(console, "What the worksheet shows of Moodle's limits", ((said, "") for said in limits(sheet, known)))
    if as_json:
        echo_json(_plain(report, dry_run))
    return bool(report.outcomes)


def _zone(settings: Settings, name: str | None) -> tzinfo:
    name = name or settings.config.Moodle.get("timezone", ZONE)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise MoodleError(f"There is no time zone {name!r}; one such as Europe/Paris was expected.") from error


def _enter(console: Console, settings: Settings, members: list[Student]) -> None:
    """Give the gradebook the names of those who take part, which formgrader shows."""
    people = [(one.id, one.first, one.last, one.email) for one in members if one.name]
    if not people or enter_students(settings.db_url, people):
        return
    console.print("Making the gradebook …")
    from closed_doors.nbgrader.api import NbgraderCourse  # loads nbgrader: two seconds, once a course

    NbgraderCourse(settings.root).add_students(people)


def _grant(settings: Settings, assignment: str, report: Report) -> None:
    """Keep the extensions that Moodle grants, unless a longer one is known; final marks follow."""
    if not report.extensions:
        return
    known, before = read_people(settings.db_url), read_extensions(settings.db_url)
    enter(settings, [known.get(student, (student, "", "", "")) for student in report.extensions])
    granted = ((student, until.replace(tzinfo=None)) for student, until in report.extensions.items())
    later = [(student, until) for student, until in granted if until > before.get((assignment, student), datetime.min)]
    note_arrivals(settings, assignment, grant(settings.db_url, assignment, later, lateness(settings)))


def _say(
    console: Console, assignment: str, report: Report, everybody: Roster, options: Options, has_times: bool
) -> None:
    counts = Counter(outcome.done for outcome in report.outcomes)
    console.print(f"\n{assignment}: what the archive holds (students are named by {SAID[everybody.source]})")
    table = Table(show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for done in Done:
        table.add_row(done.value, str(counts[done]))
    table.add_row("not matched", str(len(report.unmatched)))
    table.add_row("files left out", str(len(report.left_out)))
    console.print(table)
    list_rows(console, "Not matched; nothing was imported", report.unmatched)
    list_rows(console, "In the list or the worksheet, and not to be told", report.people)
    granted = sorted(report.extensions.items())
    list_rows(console, "May hand in until, by Moodle", ((who, f"{until:%Y-%m-%d %H:%M} UTC") for who, until in granted))
    list_rows(console, "Files left out", ((owner, f"{name}: {reason}") for owner, name, reason in report.left_out))
    list_rows(console, "Group work, given to each member", _groups(report.outcomes))
    changed = (Done.CHANGED_HERE, Done.OLDER, Done.NOTHING)
    list_rows(
        console, "Left as it is here", ((o.student.id, o.done.value) for o in report.outcomes if o.done in changed)
    )
    list_rows(console, "To look at", ((_who(o.student), "; ".join(o.remarks)) for o in report.outcomes if o.remarks))
    if report.outcomes and not has_times and options.received is None:
        console.print(
            "Nothing says when the work arrived: for who is new, it counts as arriving now. The grading worksheet "
            "(--worksheet) knows, or --received TIME for everybody."
        )
    if options.dry_run:
        console.print("Nothing was written.")
    elif counts[Done.NEW] + counts[Done.NEWER]:
        console.print(f"Next: course autograde {assignment}")


def _plain(report: Report, dry_run: bool) -> dict[str, object]:
    return {
        "recorded": not dry_run,
        "students": [
            {
                "student": one.student.id,
                "done": one.done.value,
                "files": one.files,
                "group": one.group or None,
                "received": one.received and one.received.isoformat(),
                "remarks": one.remarks,
            }
            for one in report.outcomes
        ],
        "not_matched": dict(report.unmatched),
        "files_left_out": report.left_out,
        "people": report.people,
        "extensions": {student: until.isoformat() for student, until in report.extensions.items()},
    }


def _groups(outcomes: Iterable[Outcome]) -> Iterator[tuple[str, str]]:
    members: dict[str, list[str]] = {}
    for outcome in outcomes:
        if outcome.group:
            members.setdefault(outcome.group, []).append(outcome.student.id)
    return ((shown(group), ", ".join(ids)) for group, ids in members.items())


def _who(student: Student) -> str:
    return f"{student.id} ({shown(student.name)})" if student.name else student.id
