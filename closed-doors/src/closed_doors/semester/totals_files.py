"""A class's totals as a CSV file, as a workbook, and as plain data for JSON."""

import csv
import io
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

from closed_doors.core.wording import Wording
from closed_doors.moodle.csv_files import harmless
from closed_doors.semester.class_totals import ClassTotals, Result, State

DECIMALS = 2
_LETTERS_AT_LEAST, _LETTERS_AT_MOST = 10, 40
Cell = str | float


def as_number(value: Fraction) -> float:
    """Return a mark with two decimals at most, halves up, as a number that has no others when it is written."""
    return math.floor(value * 100 + Fraction(1, 2)) / 100


def as_text(value: Fraction, comma: bool) -> str:
    """Return a mark as it is written."""
    text = f"{as_number(value):.{DECIMALS}f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if comma else text


def as_plain(totals: ClassTotals) -> dict[str, object]:
    """Return it all as plain data, for JSON: null where there is no mark, and states beside."""
    return {
        "assignments": {name: as_number(maximum) for name, maximum in totals.assignments.items()},
        "out_of": as_number(totals.scale),
        "students": [
            {
                "student": one.student,
                "first_name": one.first,
                "last_name": one.last,
                "marks": {name: _plain(result) for name, result in one.results.items()},
                "total": None if one.total is None else as_number(one.total),
                "provisional": one.provisional,
            }
            for one in totals.students
        ],
    }


def as_csv(totals: ClassTotals, words: Wording, comma: bool) -> bytes:
    """Return a CSV file: for each assignment the mark and what is to be known of it, then the total.

    Args:
        totals: of the class.
        words: the language of headings and states.
        comma: write decimals with a comma and separate by semicolons, as spreadsheets of such a country do.
    """
    text = io.StringIO(newline="")
    rows = csv.writer(text, delimiter=";" if comma else ",", lineterminator="\n")
    for row in table(totals, words):
        rows.writerow(_written(cell, comma) for cell in row)
    return text.getvalue().encode("utf-8-sig" if comma else "utf-8", "replace")


def as_workbook(totals: ClassTotals, words: Wording) -> bytes:
    """Return an xlsx workbook with the same columns; marks are numbers, which a spreadsheet writes in its own way."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(words.say("marks.sheet"))
    rows = list(table(totals, words))
    sheet.freeze_panes = "D2"
    for place, column in enumerate(zip(*rows, strict=True), start=1):
        width = max(len(str(cell)) for cell in column) + 2
        letters = min(max(width, _LETTERS_AT_LEAST), _LETTERS_AT_MOST)
        sheet.column_dimensions[get_column_letter(place)].width = letters
    for number, row in enumerate(rows):
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=value)
            if isinstance(value, str):
                cell.data_type = "s"  # never a formula
            else:
                cell.number_format = "0.00"
            if number == 0:
                cell.font = Font(bold=True)
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def table(totals: ClassTotals, words: Wording) -> Iterator[Sequence[Cell]]:
    """Yield the heading, then a line for each student."""
    heading: list[Cell] = [words.say(f"marks.{name}") for name in ("student", "last_name", "first_name")]
    for name, maximum in totals.assignments.items():
        heading += [
            words.say("marks.out_of", name=name, maximum=float(maximum)),
            words.say("marks.state_of", name=name),
        ]
    total = words.say("marks.total")
    yield [
        *heading,
        words.say("marks.out_of", name=total, maximum=float(totals.scale)),
        words.say("marks.state_of", name=total),
    ]
    for one in totals.students:
        row: list[Cell] = [_safe(text) for text in (one.student, one.last, one.first)]
        for result in one.results.values():
            row += ["" if result.points is None else as_number(result.points), state(result, words)]
        said = words.say("marks.provisional") if one.provisional else ""
        yield [*row, "" if one.total is None else as_number(one.total), said]


def state(result: Result, words: Wording) -> str:
    """Return what is to be known of a mark; nothing where it is final and counts."""
    if result.state is State.FINAL:
        return "" if result.counts else words.say("marks.left_out")
    return words.say(f"marks.{result.state.value}")


def _plain(result: Result) -> dict[str, object]:
    return {
        "points": None if result.points is None else as_number(result.points),
        "state": result.state.value,
        "counts": result.counts,
    }


def _written(cell: Cell, comma: bool) -> str:
    if isinstance(cell, str):
        return harmless(cell)
    text = f"{cell:.{DECIMALS}f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if comma else text


def _safe(text: str) -> str:
    """Return a text that every file can hold: a workbook refuses control characters."""
    return "".join(sign for sign in text if sign.isprintable())
