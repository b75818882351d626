"""`course marks`: the class over all assignments."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from closed_doors.core.layout import find_course

if TYPE_CHECKING:
    from closed_doors.core.wording import Wording
    from closed_doors.semester.class_totals import ClassTotals, StudentTotal

KINDS = (".csv", ".xlsx", ".json")
_SIGNS = {"provisional": "*", "ungraded": "?", "absent": "ABS", "open": "…"}


@click.command()
@click.option(
    "--to",
    "files",
    type=click.Path(dir_okay=False, path_type=Path),
    multiple=True,
    help="Write a file too: FILE.csv, FILE.xlsx or FILE.json (may be repeated).",
)
@click.option(
    "--decimal",
    type=click.Choice(["comma", "point"]),
    help="How decimals are written in CSV; with commas, semicolons separate. Default: point.",
)
@click.option(
    "--sort", type=click.Choice(["name", "id", "total"]), default="name", show_default=True, help="What comes first."
)
@click.option("--json", "as_json", is_flag=True, help="Print all as JSON, and nothing else.")
@click.pass_obj
def marks(root: Path | None, files: tuple[Path, ...], decimal: str | None, sort: str, as_json: bool) -> None:
    """Show everybody's marks for all assignments, and their totals.

    Marks are final marks: penalties, extensions and marks by hand included. Weights, best-of and drop rules stand in
    course.toml. Provisional marks are flagged; absent is not zero, though it counts as nothing. Nothing is changed but
    the files that are asked for.
    """
    from closed_doors.cli.console import echo_json
    from closed_doors.core.errors import CourseError
    from closed_doors.core.files import replace
    from closed_doors.core.wording import wording
    from closed_doors.nbgrader.settings import read_settings
    from closed_doors.semester.class_totals import read_totals
    from closed_doors.semester.totals_files import as_plain

    if strange := [path for path in files if path.suffix.lower() not in KINDS]:
        raise click.UsageError(f"{strange[0]}: a file that ends in {', '.join(KINDS)} was expected.")
    settings = read_settings(find_course(root).root)
    totals, words = _sorted(read_totals(settings), sort), wording(settings.language)
    for path in files:
        try:
            replace(path.absolute(), _written(path, totals, words, decimal == "comma"), 0o600)
        except OSError as error:
            raise CourseError(f"{path} can't be written: {error.strerror}.") from error
    if as_json:
        echo_json(as_plain(totals))
    else:
        _show(totals, words)


def _written(path: Path, totals: "ClassTotals", words: "Wording", comma: bool) -> bytes:
    import json

    from closed_doors.semester.totals_files import as_csv, as_plain, as_workbook

    kind = path.suffix.lower()
    if kind == ".csv":
        return as_csv(totals, words, comma)
    if kind == ".xlsx":
        return as_workbook(totals, words)
    return f"{json.dumps(as_plain(totals), ensure_ascii=False, indent=1)}\n".encode()


def _sorted(totals: "ClassTotals", by: str) -> "ClassTotals":
    from dataclasses import replace

    if by == "name":
        return totals
    students = sorted(totals.students, key=lambda one: one.student)
    if by == "total":
        students.sort(key=lambda one: (one.total is None, -(one.total or 0)))
    return replace(totals, students=tuple(students))


def _show(totals: "ClassTotals", words: "Wording") -> None:
    from rich.table import Table

    from closed_doors.cli.console import PlainConsole

    comma = words.number(0.5) == "0,5"
    table = Table()
    for name in ("student", "last_name", "first_name"):
        table.add_column(words.say(f"marks.{name}"))
    for name, maximum in totals.assignments.items():
        table.add_column(words.say("marks.out_of", name=name, maximum=float(maximum)), justify="right")
    total = words.say("marks.total")
    table.add_column(words.say("marks.out_of", name=total, maximum=float(totals.scale)), justify="right")
    for one in totals.students:
        table.add_row(*_row(one, comma))
    console = PlainConsole(highlight=False)
    console.print(table)
    console.print(words.say("marks.legend"))


def _row(one: "StudentTotal", comma: bool) -> tuple[str, ...]:
    from closed_doors.semester.totals_files import as_text

    cells = []
    for result in one.results.values():
        sign = _SIGNS.get(result.state.value, "")
        text = sign if result.points is None else as_text(result.points, comma) + sign
        cells.append(text if result.counts or result.points is None else f"({text})")
    total = "" if one.total is None else as_text(one.total, comma) + ("*" if one.provisional else "")
    return one.student, one.last, one.first, *cells, total
