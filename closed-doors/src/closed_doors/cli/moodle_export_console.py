"""`course moodle export`: what it reads, and what it says on the way and at the end."""

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from closed_doors.classroom.class_summary import Summary
from closed_doors.cli.console import PlainConsole
from closed_doors.cli.marks_preview_console import print_json
from closed_doors.cli.row_lists import count, list_rows
from closed_doors.cli.settled_marks_console import settle_marks
from closed_doors.core.errors import MoodleError
from closed_doors.core.files import replace
from closed_doors.core.layout import Layout
from closed_doors.core.locks import only_one
from closed_doors.moodle.exporting import Marked, blank_worksheet, decimal_of, fill_in, number, out_of, write_feedback
from closed_doors.moodle.find_class import find_class
from closed_doors.moodle.match_students import people
from closed_doors.moodle.participants import Student
from closed_doors.moodle.remembered_imports import PRIVATE, Record, Store
from closed_doors.moodle.worksheet import Worksheet, read_number, read_worksheet
from closed_doors.moodle.worksheet_limits import limits
from closed_doors.nbgrader.final_marks import read_final_marks
from closed_doors.nbgrader.settings import read_settings

LOCK = ".export.lock"


@dataclass(frozen=True, slots=True)
class Export:
    """What is asked of an export.

    Attributes:
        worksheet: Moodle's grading worksheet; by default the one that an import kept, or one made of what it saw.
        roster: the list of participants, where no import has read it.
        source: which column names students.
        decimal: comma or point; by default as the worksheet has it.
        language: of a worksheet that is made here, fr or en.
        output: the folder to write to; moodle/<assignment> by default.
        provisional: write marks that still wait for a person.
        part_mib: the largest size of one archive.
        dry_run: write nothing.
        as_json: print everybody's marks as JSON on standard output; the rest goes to standard error.
    """

    worksheet: Path | None = None
    roster: Path | None = None
    source: str | None = None
    decimal: str | None = None
    language: str = "fr"
    output: Path | None = None
    provisional: bool = False
    part_mib: int = 50
    dry_run: bool = False
    as_json: bool = False


def export_marks(layout: Layout, assignment: str, wanted: Export, console: Console | None = None) -> bool:
    """Write the grading worksheet and the feedback archive, and print what is in them; return whether any mark is.

    Raises:
        CourseError: a file can't be read or written, or nothing says who the participants are.
    """
    console = console or PlainConsole(highlight=False, stderr=wanted.as_json)
    layout.require(assignment)
    settings = read_settings(layout.root)
    store = Store(settings.root, assignment)
    moves = settle_marks(settings, assignment, console, wanted.dry_run)
    marks = read_final_marks(settings, assignment)
    record = store.record()
    most = out_of(marks)
    sheet = _worksheet(store, record, wanted, most)
    everybody = find_class(store, wanted.roster, wanted.worksheet, wanted.source)
    before = {
        key: everybody.students.get(one.student, Student(one.student)) for key, one in record.participants.items()
    }
    known = people(everybody, sheet, before)
    decimal = wanted.decimal or decimal_of(sheet)
    here = {student for student, _ in settings.students(assignment)}
    marked = fill_in(sheet, known, marks, decimal, wanted.provisional, here)
    folder = wanted.output or store.folder
    archives: list[Path] = []
    without: list[tuple[str, str]] = []
    if not wanted.dry_run:
        busy = f"Another export is being written to {folder}; waiting for it to end."
        try:
            with only_one(folder / LOCK, busy, console.print):
                replace(folder / f"notes-{assignment}.csv", sheet.table.render(marked.rows), PRIVATE)
                archives, without = write_feedback(settings, marked, assignment, folder, wanted.part_mib)
        except OSError as error:
            raise MoodleError(f"{folder} can't be written to: {error.strerror} ({error.filename}).") from error
    _say_marks(console, assignment, marked, sheet, most, decimal)
    list_rows(console, "Before you upload the worksheet", ((said, "") for said in limits(sheet, record.participants)))
    list_rows(console, "Marked, and without a feedback page in the archive", without)
    if archives:
        console.print(
            "The pages are as `course feedback` last wrote them; run it first where marks have changed since."
        )
    if wanted.dry_run:
        console.print("Nothing was written.")
    else:
        _say_where(console, [folder / f"notes-{assignment}.csv", *archives])
    if wanted.as_json:
        print_json(assignment, Summary(moves=moves), not wanted.dry_run)
    return bool(marked.written)


def _worksheet(store: Store, record: Record, wanted: Export, most: float) -> Worksheet:
    """Return the worksheet to fill in: the one that is given, the one that an import kept, or one made here."""
    if wanted.worksheet:
        return read_worksheet(wanted.worksheet)
    if store.worksheet.exists():
        return read_worksheet(store.worksheet)
    if not record.participants:
        raise MoodleError(
            "Nothing says who Moodle's participants are: give the assignment's grading worksheet with --worksheet, or "
            "import its archive first."
        )
    return blank_worksheet(record, most, wanted.language)


def _say_marks(console: Console, assignment: str, marked: Marked, sheet: Worksheet, most: float, decimal: str) -> None:
    total = count(len(sheet.rows), "participant")
    console.print(f"\n{assignment}: {count(len(marked.written), 'mark')} for {total}, with a decimal {decimal}")
    maxima = {maximum for row in sheet.rows if (maximum := read_number(row.maximum)) is not None}
    if scales := sorted(maxima - {most}):
        said = ", ".join(number(maximum, decimal) for maximum in scales)
        console.print(f"Marks are out of {number(most, decimal)} here and out of {said} in Moodle: scaled.")
    if sheet.columns["comment"] is None:
        console.print("The worksheet has no column for comments: none is written.")
    list_rows(
        console, "Provisional: answers still wait for a person", ((student, "") for student in marked.provisional)
    )
    list_rows(console, "Lines that stay as they are", marked.left)
    list_rows(console, "Marks that go nowhere", marked.homeless)


def _say_where(console: Console, files: list[Path]) -> None:
    console.print("To upload in Moodle, on the assignment's page of submissions:")
    for path in files:
        console.print(f"  {path} ({path.stat().st_size / 1024:.0f} KiB)", markup=False, soft_wrap=True)
