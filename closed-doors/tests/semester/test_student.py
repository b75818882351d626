"""People join, get more time, change their id, and leave without a trace."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from nbgrader.api import Gradebook

from closed_doors.cli.main import main
from closed_doors.nbgrader.api import NbgraderCourse
from closed_doors.nbgrader.final_marks import read_final_marks
from closed_doors.nbgrader.receipts import read_receipts, write_receipts
from closed_doors.nbgrader.settings import read_settings
from closed_doors.pages.feedback.class_pages import ClassFeedback
from support.courses import ASSIGNMENT, RIGHT, SmallCourse, make_course
from support.grading_run import autograde, course_marks

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

DUE = datetime(2026, 10, 24, 22, tzinfo=UTC)
LATE = DUE + timedelta(days=1.5)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> SmallCourse:
    """Two whose right work came two days begun too late, at a point a day, and one who has handed in nothing."""
    course = make_course(tmp_path_factory.mktemp("people") / "course", "\nc.PointsPerDay.points_per_day = 1.0\n")
    for student in ("anna", "bea"):
        course.submit(student, RIGHT)
    write_receipts(course.root, {(student, ASSIGNMENT): LATE for student in ("anna", "bea")})
    stock = NbgraderCourse(course.root)
    stock.set_due_date(ASSIGNMENT, DUE.isoformat())
    for student in ("anna", "bea", "carl"):
        stock.add_student(student, student.title(), "Exemple")
    autograde(course)
    course_marks(course, "question", "anna", 1.5)
    ClassFeedback(read_settings(course.root), ASSIGNMENT).make()
    return course


@pytest.fixture
def people(graded: SmallCourse, tmp_path: Path) -> SmallCourse:
    shutil.copytree(graded.root, tmp_path / "course")
    return SmallCourse(tmp_path / "course")


def run(course: SmallCourse, *words: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(course.root), "student", *words])


def done(course: SmallCourse, *words: str) -> Result:
    result = run(course, *words)
    assert result.exit_code == 0, result.output
    return result


def final(course: SmallCourse) -> dict[str, float]:
    return {name: one.score for name, one in read_final_marks(read_settings(course.root), ASSIGNMENT).items()}


def of_nbgrader(course: SmallCourse, student: str) -> tuple[float, float]:
    """Mark and penalty as formgrader and nbgrader's own commands see them."""
    with Gradebook(read_settings(course.root).db_url) as gradebook:
        found = gradebook.find_submission(ASSIGNMENT, student)
        return found.score, sum(book.late_submission_penalty or 0 for book in found.notebooks)


def named_in(root: Path, text: str) -> list[str]:
    """Files and folders whose names or contents have a text in them."""
    there = [path for path in root.rglob("*") if path.name != "nbgrader_config.py"]
    return [str(p) for p in there if text in p.name or (p.is_file() and text.encode() in p.read_bytes())]


def test_an_extension_counts_at_once_and_moves_with_nothing(people: SmallCourse) -> None:
    """The penalty goes, in nbgrader's own tables too; taken back, it comes again; a dry run only says it."""
    assert final(people) == {"anna": 3.5, "bea": 2}
    until = (DUE + timedelta(days=1)).isoformat()
    shown = json.loads(done(people, "extend", "bea", ASSIGNMENT, until, "--dry-run", "--json").stdout)
    assert (shown["before"], shown["after"], shown["written"]) == (2, 3, False)
    assert final(people)["bea"] == 2
    done(people, "extend", "bea", ASSIGNMENT, until)
    assert final(people) == {"anna": 3.5, "bea": 3}
    assert of_nbgrader(people, "bea") == (4, 1)
    done(people, "extend", "bea", ASSIGNMENT, "--days", "2")
    assert final(people)["bea"] == 4
    done(people, "extend", "bea", ASSIGNMENT, "--none")
    assert (final(people)["bea"], of_nbgrader(people, "bea")) == (2, (4, 2))


def test_an_extension_waits_for_work_that_is_not_there_yet(people: SmallCourse) -> None:
    """Who is granted time before handing in is in time, and nbgrader's own autograde says so too."""
    done(people, "extend", "carl", ASSIGNMENT, (LATE + timedelta(hours=1)).isoformat())
    people.submit("carl", RIGHT)
    write_receipts(people.root, {("carl", ASSIGNMENT): LATE})
    assert autograde(people).graded == 1
    assert final(people)["carl"] == 4
    assert NbgraderCourse(people.root).autograde(ASSIGNMENT, "carl") is None
    assert of_nbgrader(people, "carl") == (4, 0)


def test_a_person_is_removed_without_a_trace(people: SmallCourse) -> None:
    """A preview and no yes change nothing; with it, no row, folder, line or page has the name, and others stay."""
    assert run(people, "remove", "bea").exit_code == 1
    shown = json.loads(done(people, "remove", "bea", "--dry-run", "--json").stdout)
    assert shown["folders"] == ["submitted/bea", "autograded/bea", "feedback/bea", "verdicts/bea"]
    assert sorted(shown["files"]) == ["received.csv", f"timings/{ASSIGNMENT}.csv"]
    assert final(people).keys() == {"anna", "bea"}
    done(people, "remove", "bea", "--yes")
    assert named_in(people.root, "bea") == []
    assert people.rows("PRAGMA foreign_key_check") == []
    assert final(people) == {"anna": 3.5}
    assert read_receipts(people.root).keys() == {("anna", ASSIGNMENT)}
    assert named_in(people.root / "submitted", "anna")


def test_marks_may_stay_without_a_name(people: SmallCourse) -> None:
    """The class's figures are as they were; who it was is gone."""
    done(people, "remove", "anna", "--keep-marks", "--yes")
    assert named_in(people.root, "anna") == []
    assert people.rows("PRAGMA foreign_key_check") == []
    assert people.rows("SELECT id, first_name FROM student WHERE id LIKE 'anonyme%'") == [("anonyme-001", None)]
    assert final(people)["anonyme-001"] == 3.5


def test_a_new_id_takes_everything_along(people: SmallCourse) -> None:
    """Marks, work and times are the new id's; nothing is graded again, and the old id is nowhere."""
    before = final(people)
    done(people, "rename", "anna", "zoe")
    assert named_in(people.root, "anna") == []
    assert final(people) == {"zoe": before["anna"], "bea": before["bea"]}
    assert autograde(people).graded == 0
    assert run(people, "rename", "zoe", "bea").exit_code == 1


def test_people_join_one_by_one_or_by_a_list(people: SmallCourse, tmp_path: Path) -> None:
    """nbgrader's own columns are read; who is there stays; a near name is offered."""
    done(people, "add", "dora", "--first", "Dora")
    file = tmp_path / "class.csv"
    file.write_text("id,first_name,last_name,email\nemil,Emil,Exemple,e@x.fr\nanna,Anna,Autre,\n", encoding="utf-8")
    done(people, "import", str(file))
    listed = {one["id"]: one for one in json.loads(done(people, "list", "--json").stdout)}
    assert set(listed) == {"anna", "bea", "carl", "dora", "emil"}
    assert (listed["emil"]["email"], listed["anna"]["last_name"]) == ("e@x.fr", "Autre")
    assert "Did you mean 'bea'?" in run(people, "extend", "baa", ASSIGNMENT, "--days", "1").output
    assert run(people, "add", "../x").exit_code == 1
