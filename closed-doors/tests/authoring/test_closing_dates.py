"""No answer goes out while its assignment is open: neither in a zip nor on a server."""

import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner, Result

from closed_doors.authoring.publish.closing_dates import too_early
from closed_doors.authoring.publish.gate import Gate
from closed_doors.authoring.publish.masters import Newer, pairs, synchronise
from closed_doors.cli.main import main
from support.courses import ASSIGNMENT, SmallCourse, master

OTHER = "suite"
HOUR = timedelta(hours=1)
MODULES = (("outils/maths.py", b"def double(n):\n    return 2 * n\n"),)


@pytest.fixture
def two(course: SmallCourse) -> SmallCourse:
    """A course whose second assignment imports a module with the first one's answer."""
    (course.root / "outils").mkdir()
    (course.root / "outils" / "maths.py").write_bytes(MODULES[0][1])
    (course.root / "outils" / "__init__.py").touch()
    closing(course, None)
    notebook = master()
    for cell in notebook.cells:
        cell.source = cell.source.strip()
        for old, new in (("double", "triple"), ("2 * n", "3 * n"), ("== 4", "== 6"), ("[10, -6]", "[15, -9]")):
            cell.source = cell.source.replace(old, new)
    notebook.cells[0].source += "\nfrom outils.maths import double"
    (course.root / "source" / OTHER).mkdir()
    nbformat.write(notebook, course.root / "source" / OTHER / f"{OTHER}.ipynb")
    return course


def closing(course: SmallCourse, when: datetime | None) -> None:
    """Write the first assignment's closing date, or none, into course.toml."""
    date = f"[assignments.{ASSIGNMENT}]\ncloses = {when.isoformat()}\n" if when else ""
    (course.root / "course.toml").write_text(f'[packages]\nown = ["outils"]\n{date}', encoding="utf-8")


def due(course: SmallCourse, when: datetime) -> None:
    with sqlite3.connect(course.root / "gradebook.db") as db:
        db.execute("UPDATE assignment SET duedate = ?", (f"{when:%Y-%m-%d %H:%M:%S.%f}",))


def test_an_assignment_without_a_date_is_open(two: SmallCourse) -> None:
    """Nobody has said that it is over; the refusal says so, with the module, what it defines and for whom."""
    (found,) = too_early(two.layout, OTHER, MODULES)
    assert str(found) == (f"outils/maths.py defines double, asked for by {ASSIGNMENT}, which has no closing date")
    assert too_early(two.layout, ASSIGNMENT, MODULES) == []


def test_the_date_of_the_profile_comes_before_the_gradebooks(two: SmallCourse) -> None:
    """Open until the one in course.toml; where there is none, until the due date in the gradebook."""
    now = datetime.now(UTC)
    due(two, now + HOUR)
    assert too_early(two.layout, OTHER, MODULES)
    due(two, now - HOUR)
    assert not too_early(two.layout, OTHER, MODULES)
    closing(two, now + HOUR)
    assert too_early(two.layout, OTHER, MODULES)
    due(two, now + HOUR)
    closing(two, now - HOUR)
    assert not too_early(two.layout, OTHER, MODULES)


def test_to_ask_makes_no_gradebook(two: SmallCourse) -> None:
    """A course without a gradebook has none afterwards."""
    path = two.root / "gradebook.db"
    path.unlink()
    assert too_early(two.layout, OTHER, MODULES)
    assert not path.exists()


def server(course: SmallCourse, folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(course.root), "server", str(folder), *arguments])


def test_a_server_gets_what_the_zips_hold(two: SmallCourse, tmp_path: Path) -> None:
    """Refused while it is too early, printed where asked for; what is not handed out any more goes."""
    folder = tmp_path / "server"
    refused = server(two, folder, OTHER)
    assert refused.exit_code == 1
    assert "defines double" in refused.output
    assert not folder.exists()
    assert "early: outils/maths.py" in server(two, folder, OTHER, "--early").output
    assert {path.name for path in folder.rglob("outils/*")} == {"__init__.py", "maths.py"}
    assert server(two, folder, ASSIGNMENT).exit_code == 0
    assert not (folder / "outils" / "maths.py").exists()
    assert (folder / "checks" / "runner.py").is_file()


def test_a_folder_with_something_else_is_left_alone(two: SmallCourse, tmp_path: Path) -> None:
    """Files that the command did not write are never removed."""
    (tmp_path / "mine.py").write_text("x = 1")
    assert "name another" in server(two, tmp_path, ASSIGNMENT).output
    assert (tmp_path / "mine.py").exists()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_zip_is_held_back(two: SmallCourse, tmp_path: Path) -> None:
    """release/ is written and no zip, and an older one goes; --early is the way round. The command says why."""
    for pair in pairs(two.layout):
        synchronise(pair, Newer.NOTEBOOK)
    gate = Gate(two.layout, lambda _: None)
    checked = gate.check(OTHER, tmp_path, run=False)
    assert not checked.findings
    zipped = gate.publish(checked, tmp_path, early=True)
    assert zipped == two.root / "dist" / f"{OTHER}.zip"
    assert zipped.exists()
    shutil.rmtree(two.root / "release" / OTHER)
    assert gate.publish(checked, tmp_path, early=False) is None
    assert not zipped.exists()
    assert (two.root / "release" / OTHER / f"{OTHER}.ipynb").is_file()
    done = CliRunner().invoke(main, ["--root", str(two.root), "release", OTHER, "--dry-run", "--no-run"])
    assert done.exit_code == 0
    assert "held back" in done.output
    assert "outils/maths.py defines double" in done.output


def test_the_first_assignments_master_asks_for_it() -> None:
    """The module of these tests defines what the master asks for."""
    assert "def double" in master().cells[1].source
