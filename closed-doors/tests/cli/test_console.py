"""What the command line prints of a student's making is only text."""

import errno
import io
import json

import click
import pytest
from click.testing import CliRunner
from rich.table import Table

from closed_doors.cli.autograde_console import Command
from closed_doors.cli.console import PlainConsole, echo
from closed_doors.cli.main import CourseGroup, main
from support.courses import RIGHT, SmallCourse
from support.grading_run import warm_pool

NAME = "[red]zoé[/red] :bomb: \x1b[2J"
SHOWN = "[red]zoé[/red] :bomb: \ufffd[2J"


@pytest.mark.parametrize("where", ["line", "table", "title"])
def test_names_are_text_wherever_they_are_printed(where: str) -> None:
    """Neither markup of rich's nor an escape sequence does anything, in lines, tables and titles."""
    console = PlainConsole(file=io.StringIO(), force_terminal=True, width=100, highlight=False, color_system=None)
    table = Table(title=NAME if where == "title" else None)
    table.add_column()
    table.add_row(NAME if where == "table" else "x" * 60)
    console.print(NAME if where == "line" else table)
    written = console.file.getvalue()  # type: ignore[attr-defined]
    assert SHOWN in written
    assert "\x1b[2J" not in written


def test_a_line_says_no_more_than_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    """What is printed without a console goes the same way."""
    echo(NAME)
    assert capsys.readouterr().out == SHOWN + "\n"


def test_the_summary_of_a_class_prints_ids_as_text(course: SmallCourse, monkeypatch: pytest.MonkeyPatch) -> None:
    """A student's folder and a cell's id that hold escape sequences come out as text."""
    path = course.submit("zoé \x1b[2J[red]", RIGHT)
    notebook = json.loads(path.read_bytes())
    notebook["cells"].append(notebook["cells"][0] | {"metadata": {"nbgrader": {"grade_id": "\x1b[2J[bold]"}}})
    path.write_text(json.dumps(notebook))
    console = PlainConsole(record=True, width=300, file=io.StringIO(), highlight=False)
    command = Command(course.layout, "petit", 2, None, console)
    monkeypatch.setattr(command, "_pool", warm_pool)
    command.autograde((), force=False, dry_run=False)
    said = console.file.getvalue()  # type: ignore[attr-defined]
    assert "zoé \ufffd[2J[red]: " in said
    assert "[2J[bold]" in said
    assert "\x1b" not in said


def test_an_error_says_no_more_than_its_text(course: SmallCourse) -> None:
    """A message that quotes what was typed or found does not reach the terminal as it is."""
    result = CliRunner().invoke(main, ["--root", str(course.root), "autograde", "petit\x1b[2J"])
    assert result.exit_code == 1
    assert "\x1b[2J" not in result.output
    assert "petit" in result.output


@pytest.mark.parametrize(("code", "path"), [(errno.EACCES, "/cours/feedback/x"), (errno.ENOSPC, None)])
def test_what_the_machine_refuses_is_one_message(code: int, path: str | None) -> None:
    """A folder of another account's or a full disk ends no command with a traceback; other faults of ours still do."""
    number = [code]

    @click.command()
    def broken() -> None:
        raise OSError(number[0], "Refused", path)

    found = CliRunner().invoke(CourseGroup(commands={"broken": broken}), ["broken"])
    assert found.exit_code == 1
    assert isinstance(found.exception, SystemExit)
    assert f"Refused{f' ({path})' if path else ''}. What was done before that stays" in found.output
    number[0] = errno.EINVAL
    assert isinstance(CliRunner().invoke(CourseGroup(commands={"broken": broken}), ["broken"]).exception, OSError)
