"""A course that nbgrader alone has graded goes on behind closed doors: what was given stands, what is new is graded."""

import json
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook

from closed_doors.cli.main import main
from closed_doors.core.errors import CourseError
from closed_doors.nbgrader.api import NbgraderCourse
from closed_doors.nbgrader.arrival import SECRET, put_timestamp
from closed_doors.nbgrader.final_marks import bring_up_to_date
from closed_doors.nbgrader.receipts import read_receipts
from closed_doors.nbgrader.settings import read_settings
from closed_doors.semester.adoption import look
from support.courses import ASSIGNMENT, HALF, RIGHT, WRONG, SmallCourse, cell, master
from support.grading_run import autograde

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning", "ignore::ResourceWarning")

STOCK = """c = get_config()

c.CourseDirectory.course_id = "their-course"
c.LateSubmissionPlugin.penalty_method = "zero"
"""
DUE = datetime(2026, 3, 1, 12, 0)
IN_TIME, LATE, AGAIN = datetime(2026, 3, 1, 11, 0), datetime(2026, 3, 1, 13, 0), datetime(2026, 3, 1, 11, 30)


def _submit(course: SmallCourse, student: str, answer: str, at: datetime) -> None:
    """Hand in as the exchange leaves it: with nbgrader's own time and secret."""
    folder = course.submit(student, answer).parent
    put_timestamp(folder, at)
    (folder / SECRET).write_text("0123")


@pytest.fixture(scope="module")
def under_way(tmp_path_factory: pytest.TempPathFactory) -> SmallCourse:
    """A course that stock nbgrader has graded: hand marks, a comment, late work, feedback, new work since."""
    root = tmp_path_factory.mktemp("stock") / "course"
    root.mkdir()
    (root / "nbgrader_config.py").write_text(STOCK, encoding="utf-8")
    course = SmallCourse(root)
    course.set_master(master())
    theirs = NbgraderCourse(root)
    theirs.register(ASSIGNMENT)
    theirs.set_due_date(ASSIGNMENT, "2026-03-01 12:00:00 UTC")
    for student, answer, at in (("alice", RIGHT, IN_TIME), ("bruno", HALF, LATE), ("damien", WRONG, IN_TIME)):
        _submit(course, student, answer, at)
        assert theirs.autograde(ASSIGNMENT, student) is None
    for student, points in (("alice", 1.5), ("bruno", 2.0)):
        theirs.mark_by_hand(ASSIGNMENT, ASSIGNMENT, "question", student, points, f"Vu avec {student}.")
    with Gradebook(read_settings(root).db_url) as gradebook:
        grade = gradebook.find_grade("verification", ASSIGNMENT, ASSIGNMENT, "alice")
        grade.extra_credit = 0.5
        gradebook.db.commit()
    theirs.generate_feedback(ASSIGNMENT, "alice")
    _submit(course, "damien", RIGHT, AGAIN)
    _submit(course, "chloé", RIGHT, IN_TIME)
    return course


@pytest.fixture
def theirs(under_way: SmallCourse, tmp_path: Path) -> SmallCourse:
    """A copy of it, as a move to another machine makes one: every file is as old as its copy."""
    shutil.copytree(under_way.root, tmp_path / "course")
    return SmallCourse(tmp_path / "course")


def _adopt(course: SmallCourse, *options: str, code: int = 0) -> str:
    done = CliRunner().invoke(main, ["--root", str(course.root), "adopt", *options], catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.output


def _files(course: SmallCourse, *folders: str) -> dict[str, bytes]:
    found = (path for folder in folders for path in (course.root / folder).rglob("*") if path.is_file())
    return {str(path.relative_to(course.root)): path.read_bytes() for path in found}


def _of(rows: list[list[tuple[object, ...]]], *students: str) -> list[list[tuple[object, ...]]]:
    return [[row for row in table if row[0] in students] for table in rows]


@pytest.mark.slow
def test_what_was_given_stands_and_what_is_new_is_graded(theirs: SmallCourse) -> None:
    """Every mark, hand mark, comment, penalty, time and page is as it was; the next run grades two new works only."""
    before, given = theirs.everything(), _files(theirs, "autograded", "feedback", "submitted", "source")
    said = _adopt(theirs)
    assert f"{ASSIGNMENT}: 2 graded works kept, 2 to be graded (chloé, damien)" in said
    assert "'zero' stays in force" in said
    assert "the penalty of bruno stays what nbgrader gave, 2" in said
    assert theirs.everything() == before
    assert _files(theirs, "autograded", "feedback", "submitted", "source") == given
    summary = autograde(theirs)
    assert (summary.graded, summary.unchanged) == (2, 2)
    after = theirs.everything()
    assert _of(after, "alice", "bruno") == _of(before, "alice", "bruno")
    grades = theirs.grades()
    assert grades["alice", "verification"] == (4.0, None, 0)
    assert grades["chloé", "verification"] == grades["damien", "verification"] == (4.0, None, 0)
    penalties = {row[0]: (row[1], row[4]) for row in after[2]}
    assert penalties["bruno"] == ("2026-03-01 13:00:00.000000", 2.0)  # the rule, 4.0 since the mark by hand, is told
    assert penalties["chloé"] == ("2026-03-01 11:00:00.000000", None)
    assert penalties["damien"] == ("2026-03-01 11:30:00.000000", None)
    assert autograde(theirs).graded == 0
    assert not bring_up_to_date(read_settings(theirs.root), ASSIGNMENT)


def test_a_penalty_stands_while_nothing_changes(theirs: SmallCourse) -> None:
    """Where a person gives other points, the rule decides: lateness costs all that there is."""
    _adopt(theirs)
    NbgraderCourse(theirs.root).mark_by_hand(ASSIGNMENT, ASSIGNMENT, "question", "bruno", 1.0, "Revu.")
    (changed,) = bring_up_to_date(read_settings(theirs.root), ASSIGNMENT)
    assert (changed.after.student, changed.after.score) == ("bruno", 0.0)


def test_nothing_is_written_before_it_is_said(theirs: SmallCourse) -> None:
    """A dry run says the same and leaves every byte; the second adoption has nothing to do."""
    before = _files(theirs, ".")
    told = json.loads(_adopt(theirs, "--dry-run", "--json"))
    assert _files(theirs, ".") == before
    assert not told["written"]
    done = json.loads(_adopt(theirs, "--json"))
    assert done["written"]
    assert {**done, "written": False} == told
    (one,) = done["assignments"]
    assert (one["kept"], one["to_grade"]) == (["alice", "bruno"], ["chloé", "damien"])
    assert one["arrivals"]["chloé"] == "2026-03-01T11:00:00+00:00"
    assert dict(read_receipts(theirs.root)) == {("chloé", ASSIGNMENT): IN_TIME.replace(tzinfo=UTC)}
    config = (theirs.root / "nbgrader_config.py").read_text(encoding="utf-8")
    assert config.startswith(
        "c = get_config()\nfrom closed_doors.nbgrader.configuration import close_doors\nclose_doors(c)\n"
    )
    assert config.endswith(STOCK.partition("\n")[2])
    after = _files(theirs, ".")
    again = json.loads(_adopt(theirs, "--json"))
    assert len(again["changes"]) == 1
    assert _files(theirs, ".") == after


def test_cells_that_cannot_be_graded_are_listed(theirs: SmallCourse) -> None:
    """With line, error and remedy, before a student is graded; another kernel is refused by name."""
    notebook = master()
    notebook.cells.append(cell("code", "identite", "xs = [1]\nassert double(xs) is xs", grade=True, points=3))
    theirs.set_master(notebook)
    other = master()
    other.metadata["kernelspec"] = {"name": "ir", "display_name": "R", "language": "R"}
    path = theirs.root / "source" / "stats" / "stats.ipynb"
    path.parent.mkdir()
    nbformat.write(other, path)
    said = _adopt(theirs, "--dry-run", code=1)
    for part in ("identite", "line 2", "assert double(xs) is xs", "written for a kernel of r", "course regrade petit"):
        assert part in said


@pytest.mark.parametrize(
    ("setting", "said", "blocks"),
    [
        ('c.ClearSolutions.begin_solution_delimeter = "# <BEGIN>"', "Markers of its own", False),
        ('c.Autograde.autograde_preprocessors = ["nbgrader.preprocessors.Execute"]', "take that out", True),
        ('c.CourseDirectory.source_directory = "masters"', "rename the folder", True),
        ('c.Exchange.root = "/srv/exchange"', "Exchange.root", False),
        ('c.AssignLatePenalties.plugin_class = "nbgrader.plugins.LateSubmissionPlugin"', "its own rule goes on", False),
        ("c.ExecutePreprocessor.timeout = 90", "90 s", False),
        ('c.ExchangeFactory.collect = "ngshare_exchange.ExchangeCollect"', "its own exchange", False),
        ('c.ClearSolutions.code_stub = {"python": "# TODO"}', "Stubs of its own", False),
    ],
)
def test_settings_of_its_own_are_named(theirs: SmallCourse, setting: str, said: str, blocks: bool) -> None:
    """What they mean behind closed doors is said; where they would open the doors again, nothing is changed."""
    config = theirs.root / "nbgrader_config.py"
    config.write_text(STOCK + setting + "\n", encoding="utf-8")
    found = look(theirs.root, "en", prove=False)
    (notice,) = (one for one in found.notices if said in one.text)
    assert notice.blocks is blocks
    assert bool(found.obstacles) is blocks
    if blocks:
        before = _files(theirs, ".")
        assert "mend first" in _adopt(theirs, "--no-proof", code=1)
        assert _files(theirs, ".") == before


def test_a_file_whose_clocks_disagree_is_a_persons_to_date(theirs: SmallCourse) -> None:
    """Ungraded work is given no time that could be wrong: without the exchange's secret, two clocks have to agree."""
    (theirs.root / "submitted" / "chloé" / ASSIGNMENT / SECRET).unlink()
    (one,) = look(theirs.root, "en", prove=False).assignments
    assert "chloé" not in one.arrivals
    assert [student for student, _ in one.doubtful] == ["chloé"]


def test_a_rule_that_cannot_be_loaded_is_said(theirs: SmallCourse) -> None:
    """A plug-in for late work that is not on this machine is named, and no mark is touched."""
    with (theirs.root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write('c.AssignLatePenalties.plugin_class = "nowhere.Rule"\n')
    (one,) = look(theirs.root, "en", prove=False).assignments
    assert "nowhere.Rule" in one.problem
    assert "PYTHONPATH" in one.problem


def test_an_old_gradebook_is_refused(theirs: SmallCourse) -> None:
    """It is nbgrader's to bring up to date, and the command for that is named."""
    with sqlite3.connect(theirs.root / "gradebook.db") as db:
        db.execute("ALTER TABLE grade DROP COLUMN extra_credit")
    with pytest.raises(CourseError, match="nbgrader db upgrade"):
        look(theirs.root, "en", prove=False)


def test_what_is_no_course_is_refused(tmp_path: Path) -> None:
    """With what to do instead."""
    with pytest.raises(CourseError, match="course init"):
        look(tmp_path, "en")
