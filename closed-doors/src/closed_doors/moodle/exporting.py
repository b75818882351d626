"""`course moodle export`: marks and comments into the grading worksheet, feedback pages into an archive.

A mark is the gradebook's, penalty for lateness included, times the worksheet's maximum over the assignment's; it is
written with five decimals at most, as Moodle keeps it. A line that gets no mark stays as it came, but for a name that a
spreadsheet would take for a formula.

Relied on: Moodle skips a grade above its maximum and a line that can't be changed; it reads comments as HTML; its
upload of feedback files takes `Full name_123_assignfeedback_file_page.html`, 123 being the participant (all versions).
"""

import html
import io
import re
import zipfile
import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from closed_doors.core.files import replace
from closed_doors.moodle.csv_files import Table, harmless
from closed_doors.moodle.match_students import People
from closed_doors.moodle.people_names import in_file_name, shown
from closed_doors.moodle.remembered_imports import PRIVATE, Record
from closed_doors.moodle.worksheet import Row, Worksheet, as_worksheet, read_number
from closed_doors.nbgrader.gradebook_reader import StudentMarks
from closed_doors.nbgrader.settings import Settings

HEADERS = {
    "fr": (
        "Identifiant",
        "Nom complet",
        "Note",
        "Note maximale",
        "La note peut être modifiée",
        "Dernière modification (note)",
        "Feedback par commentaires",
    ),
    "en": (
        "Identifier",
        "Full name",
        "Grade",
        "Maximum Grade",
        "Grade can be changed",
        "Last modified (grade)",
        "Feedback comments",
    ),
}
_WORDS = {"fr": ("Participant{}", "Oui"), "en": ("Participant {}", "Yes")}  # English has a blank before the number
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same pages give the same archive
_TOLERANCE = 1e-6


@dataclass(slots=True)
class Marked:
    """A worksheet with marks in it.

    Attributes:
        rows: the lines as they are to be written.
        written: student and line of each mark.
        provisional: students whose mark still waits for a person and is written all the same.
        left: lines that stay as they came, with the reason.
        homeless: students who have a mark and no line, with the reason.
    """

    rows: list[tuple[str, ...]]
    written: list[tuple[StudentMarks, Row]] = field(default_factory=list)
    provisional: list[str] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)
    homeless: list[tuple[str, str]] = field(default_factory=list)


def out_of(marks: Mapping[str, StudentMarks]) -> float:
    """Return the most points that the assignment gives; 0 where nothing is graded."""
    return max((sum(book.maximum for book in one.notebooks.values()) for one in marks.values()), default=0.0)


def blank_worksheet(record: Record, most: float, language: str) -> Worksheet:
    """Return a worksheet of the participants that imports have seen, for want of Moodle's own."""
    identifier, yes = _WORDS[language]
    maximum = number(most, "comma" if language == "fr" else "point")
    rows = (
        (identifier.format(key), harmless(one.name), "", maximum, yes, "-", "")
        for key, one in sorted(record.participants.items(), key=lambda item: int(item[0]))
    )
    return as_worksheet(Table(HEADERS[language], tuple(rows), ",", mark=True), "the worksheet made here")


def decimal_of(worksheet: Worksheet) -> str:
    """Return how a worksheet writes decimals: comma or point."""
    return "comma" if any("," in row.maximum + row.grade for row in worksheet.rows) else "point"


def number(value: float, decimal: str) -> str:
    """Return a mark as Moodle reads it."""
    text = f"{value:.5f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if decimal == "comma" else text


def fill_in(
    worksheet: Worksheet,
    known: People,
    marks: Mapping[str, StudentMarks],
    decimal: str,
    provisional: bool,
    handed_in: Collection[str],
) -> Marked:
    """Write marks and comments into a worksheet.

    Args:
        worksheet: the lines.
        known: the student of each participant's number.
        marks: the gradebook's, by student.
        decimal: comma or point.
        provisional: whether marks that wait for a person are written too.
        handed_in: students whose work is here, graded or not.
    """
    done = Marked([_tame(worksheet, cells) for cells in worksheet.table.rows])
    most = out_of(marks)
    for row in worksheet.rows:
        label = f"{shown(row.name)} ({row.number})"
        student = known.students.get(row.number)
        if student is None:
            done.left.append((label, known.left_out.get(row.number, "no import has seen this participant")))
        elif (mine := marks.get(student.id)) is None:
            waits = "work is here and not graded: run course autograde" if student.id in handed_in else "no work"
            done.left.append((f"{label}, {student.id}", waits))
        elif reason := _fill_line(done, worksheet, row, mine, most, decimal, provisional):
            done.left.append((f"{label}, {student.id}", reason))
    there = {student.id for row in worksheet.rows if (student := known.students.get(row.number))}
    done.homeless = [
        (one.student, f"{number(_mark(one), decimal)} of {number(most, decimal)}, and no line is this student's")
        for one in marks.values()
        if one.student not in there
    ]
    return done


def _fill_line(
    done: Marked, worksheet: Worksheet, row: Row, mine: StudentMarks, most: float, decimal: str, provisional: bool
) -> str:
    """Write one student's mark and comments; return the reason where the line stays as it came."""
    maximum = read_number(row.maximum) or most
    points = _mark(mine) * maximum / most if most else 0.0
    if reason := _refusal(row, mine, points, maximum, decimal, provisional):
        return reason
    if _waiting(mine):
        done.provisional.append(mine.student)
    done.rows[row.place] = _line(worksheet, row, number(points, decimal), _comment(mine))
    done.written.append((mine, row))
    return ""


def write_feedback(
    settings: Settings, marked: Marked, assignment: str, folder: Path, part_mib: int
) -> tuple[list[Path], list[tuple[str, str]]]:
    """Write the archive of feedback pages, in parts where it is large.

    Args:
        settings: the course.
        marked: whose marks are written; only their pages go out.
        assignment: nbgrader's name for it.
        folder: where archives are written; parts of an earlier export are removed.
        part_mib: the size that no part exceeds, unless one page alone does.

    Returns:
        The archives, and students without a page, with the reason.
    """
    pages: list[tuple[str, bytes]] = []
    without = []
    for mine, row in marked.written:
        found = sorted(settings.folder("feedback", mine.student, assignment).glob("*.html"))
        if not found:
            without.append((mine.student, "there is no feedback page"))
        start = f"{in_file_name(row.name) or 'Participant'}_{row.number}_assignfeedback_file_"
        pages += [(start + page.name, page.read_bytes()) for page in found]
    parts = list(_parts(pages, part_mib << 20))
    stem = f"retours-{assignment}"
    names = [f"{stem}.zip"] if len(parts) == 1 else [f"{stem}-{n}.zip" for n in range(1, len(parts) + 1)]
    for old in folder.glob(f"{stem}*.zip"):
        if re.fullmatch(rf"{re.escape(stem)}(-\d+)?\.zip", old.name) and old.name not in names:
            old.unlink()
    for name, part in zip(names, parts, strict=True):
        replace(folder / name, _zipped(part), PRIVATE)
    return [folder / name for name in names], without


def _refusal(row: Row, mine: StudentMarks, points: float, maximum: float, decimal: str, provisional: bool) -> str:
    if not row.open:
        return "Moodle does not let this grade be changed"
    if (waiting := _waiting(mine)) and not provisional:
        cells = "1 answer waits" if waiting == 1 else f"{waiting} answers wait"
        return f"{cells} for a person's mark (--provisional writes it all the same)"
    if points > maximum + _TOLERANCE:
        return f"{number(points, decimal)} is above Moodle's maximum of {number(maximum, decimal)}, which it refuses"
    return ""


def _mark(mine: StudentMarks) -> float:
    """Return the points that count, as `nbgrader export` writes them."""
    return sum(book.score for book in mine.notebooks.values())


def _waiting(mine: StudentMarks) -> int:
    """Return how many answers still wait for a person."""
    return sum(cell.pending for book in mine.notebooks.values() for cell in book.cells.values())


def _line(worksheet: Worksheet, row: Row, grade: str, comment: str) -> tuple[str, ...]:
    cells = list(_tame(worksheet, worksheet.table.rows[row.place]))
    place = worksheet.columns["grade"]
    if place is not None:
        cells[place] = grade
    place = worksheet.columns["comment"]
    if place is not None and comment:
        cells[place] = comment
    return tuple(cells)


def _tame(worksheet: Worksheet, cells: tuple[str, ...]) -> tuple[str, ...]:
    """Return a line whose name, which Moodle does not read, is no formula: students write their names."""
    place = worksheet.columns["name"]
    return tuple(harmless(cell) if at == place else cell for at, cell in enumerate(cells))


def _comment(mine: StudentMarks) -> str:
    """Return what a person wrote to a student, as the HTML that Moodle reads."""
    comments = (comment for book in mine.notebooks.values() for comment in book.comments.values())
    text = "\n\n".join(said for comment in comments if (said := comment.manual.strip()))
    return harmless(html.escape(text, quote=False).replace("\n", "<br />"))


def _parts(pages: Iterable[tuple[str, bytes]], limit: int) -> Iterable[list[tuple[str, bytes]]]:
    part: list[tuple[str, bytes]] = []
    size = 0
    for name, data in pages:
        needed = len(zlib.compress(data)) + 2 * len(name.encode()) + 128
        if part and size + needed > limit:
            yield part
            part, size = [], 0
        part.append((name, data))
        size += needed
    if part:
        yield part


def _zipped(pages: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in pages:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, data)
    return out.getvalue()
