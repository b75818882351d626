"""When work arrived, after copies, moves, restored backups and in a course that another tool began."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from closed_doors.nbgrader.api import NbgraderCourse
from closed_doors.nbgrader.arrival import SECRET, Noted, find_arrival, put_timestamp
from closed_doors.nbgrader.gradebook_reader import read_marks
from closed_doors.nbgrader.settings import read_settings
from support.courses import ASSIGNMENT, HALF, RIGHT, SmallCourse
from support.grading_run import autograde, command

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

EARLY = datetime(2020, 1, 1)
DUE = datetime(2020, 1, 2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Work that came here just now."""
    (tmp_path / "petit.ipynb").write_text("{}")
    return tmp_path


def test_a_record_goes_before_the_files_own_time(folder: Path) -> None:
    """What is listed or was noted is sure; another record counts, and is said where the file would be late."""
    for sure in (Noted(listed=EARLY), Noted(same_content=EARLY)):
        assert find_arrival(sure, folder, [folder / "petit.ipynb"], DUE).at == EARLY
        assert not find_arrival(sure, folder, [folder / "petit.ipynb"], DUE).doubt
    recorded = find_arrival(Noted(recorded=EARLY), folder, [folder / "petit.ipynb"], DUE)
    assert recorded.at == EARLY
    assert "by an earlier record" in recorded.doubt
    tomorrow = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1)
    assert not find_arrival(Noted(recorded=EARLY), folder, [folder / "petit.ipynb"], tomorrow).doubt


def test_collected_work_brings_its_time(folder: Path) -> None:
    """timestamp.txt is believed beside the exchange's secret, or where it makes work later than the record."""
    put_timestamp(folder, EARLY)
    alone = find_arrival(Noted(), folder, [folder / "petit.ipynb"], DUE)
    assert alone.at is not None
    assert alone.at > DUE
    assert "which the student may have written, says 2020-01-01" in alone.doubt
    (folder / SECRET).write_text("0123")
    assert find_arrival(Noted(), folder, [folder / "petit.ipynb"], DUE).at == EARLY
    put_timestamp(folder, EARLY + timedelta(days=3))
    assert find_arrival(Noted(recorded=EARLY), folder, [folder / "petit.ipynb"], DUE).at == EARLY + timedelta(days=3)


def test_lateness_by_the_file_alone_is_said(folder: Path) -> None:
    """Nobody is late in silence because a folder was copied."""
    assert "by nothing else" in find_arrival(Noted(), folder, [folder / "petit.ipynb"], DUE).doubt
    assert not find_arrival(Noted(), folder, [folder / "petit.ipynb"], None).doubt


@pytest.mark.parametrize("way", ["copy", "move"])
def test_a_graded_course_may_be_copied_or_moved(course: SmallCourse, tmp_path: Path, way: str) -> None:
    """The same work has the same time of arrival in another place, for these tools and for nbgrader's own."""
    course.submit("alice", RIGHT)
    autograde(course)
    with Gradebook(read_settings(course.root).db_url) as gradebook:
        gradebook.find_submission(ASSIGNMENT, "alice").timestamp = EARLY
        gradebook.db.commit()
    for table in ("closed_door_grading",):
        import sqlite3

        with sqlite3.connect(course.root / "gradebook.db") as db:
            db.execute(f"UPDATE {table} SET received = '2020-01-01 00:00:00.000000'")
    put_timestamp(course.root / "submitted" / "alice" / ASSIGNMENT, EARLY)
    other = SmallCourse(tmp_path / "other")
    if way == "copy":
        shutil.copytree(course.root, other.root, copy_function=shutil.copyfile)
    else:
        shutil.move(course.root, other.root)
    for path in (other.root / "submitted").rglob("*"):
        path.touch()
    NbgraderCourse(other.root).set_due_date(ASSIGNMENT, DUE.isoformat() + " UTC")
    assert NbgraderCourse(other.root).autograde(ASSIGNMENT, "alice") is None
    settings = read_settings(other.root)
    assert read_marks(settings.db_url, ASSIGNMENT)["alice"].received == EARLY
    from closed_doors.classroom.class_run import Options

    autograde(other, Options(force=True))
    assert read_marks(settings.db_url, ASSIGNMENT)["alice"].late_s == 0


def test_a_course_of_nbgraders_own_is_adopted(course: SmallCourse) -> None:
    """Its gradebook says when graded work came, timestamp.txt of collected work says it of the rest; all is listed."""
    graded = course.submit("alice", RIGHT)
    assert NbgraderCourse(course.root).autograde(ASSIGNMENT, "alice") is None
    with Gradebook(read_settings(course.root).db_url) as gradebook:
        gradebook.find_submission(ASSIGNMENT, "alice").timestamp = EARLY
        gradebook.db.commit()
    (graded.parent / "timestamp.txt").unlink()
    collected = course.submit("bruno", HALF).parent
    put_timestamp(collected, EARLY)
    (collected / SECRET).write_text("0123")
    course.submit("chloe", HALF)
    NbgraderCourse(course.root).set_due_date(ASSIGNMENT, DUE.isoformat() + " UTC")
    runner, console = command(course)
    runner.autograde((), force=False, dry_run=False)
    marks = read_marks(read_settings(course.root).db_url, ASSIGNMENT)
    assert {name: one.late_s > 0 for name, one in marks.items()} == {"alice": False, "bruno": False, "chloe": True}
    said = console.export_text().partition("Times of arrival")[2]
    assert all(name in said for name in ("alice", "bruno", "chloe"))
    again = autograde(course)
    assert again.unchanged == 3
