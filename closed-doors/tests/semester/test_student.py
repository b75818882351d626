"""People join, get more time, change their id, and leave without a trace."""

import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from nbgrader.api import Gradebook
from nbgrader.utils import notebook_hash

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
    for student in ("anna", "nora"):
        course.submit(student, RIGHT)
    write_receipts(course.root, {(student, ASSIGNMENT): LATE for student in ("anna", "nora")})
    stock = NbgraderCourse(course.root)
    stock.set_due_date(ASSIGNMENT, DUE.isoformat())
    for student in ("anna", "nora", "carl"):
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
    """Files and folders whose names or contents have a text in them; no id or digest may, so it is no hexadecimal."""
    there = [path for path in root.rglob("*") if path.name != "nbgrader_config.py"]
    return [str(p) for p in there if text in p.name or (p.is_file() and text.encode() in p.read_bytes())]


def test_an_extension_counts_at_once_and_moves_with_nothing(people: SmallCourse) -> None:
    """The penalty goes, in nbgrader's own tables too; taken back, it comes again; a dry run only says it."""
    assert final(people) == {"anna": 3.5, "nora": 2}
    until = (DUE + timedelta(days=1)).isoformat()
    shown = json.loads(done(people, "extend", "nora", ASSIGNMENT, until, "--dry-run", "--json").stdout)
    assert (shown["before"], shown["after"], shown["written"]) == (2, 3, False)
    assert final(people)["nora"] == 2
    done(people, "extend", "nora", ASSIGNMENT, until)
    assert final(people) == {"anna": 3.5, "nora": 3}
    assert of_nbgrader(people, "nora") == (4, 1)
    done(people, "extend", "nora", ASSIGNMENT, "--days", "2")
    assert final(people)["nora"] == 4
    done(people, "extend", "nora", ASSIGNMENT, "--none")
    assert (final(people)["nora"], of_nbgrader(people, "nora")) == (2, (4, 2))


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
    assert run(people, "remove", "nora").exit_code == 1
    shown = json.loads(done(people, "remove", "nora", "--dry-run", "--json").stdout)
    assert shown["folders"] == ["submitted/nora", "autograded/nora", "feedback/nora", "verdicts/nora"]
    assert sorted(shown["files"]) == ["received.csv", f"timings/{ASSIGNMENT}.csv"]
    assert final(people).keys() == {"anna", "nora"}
    done(people, "remove", "nora", "--yes")
    assert named_in(people.root, "nora") == []
    assert people.rows("PRAGMA foreign_key_check") == []
    assert final(people) == {"anna": 3.5}
    assert read_receipts(people.root).keys() == {("anna", ASSIGNMENT)}
    assert named_in(people.root / "submitted", "anna")


def with_exchange(people: SmallCourse, exchange: Path) -> list[Path]:
    """Hand in by the exchange, by two students of whom one's name begins as the other's; their folders and a page."""
    with (people.root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(f'\nc.CourseDirectory.course_id = "cours"\nc.Exchange.root = "{exchange}"\n')
    inbound, feedback = exchange / "cours" / "inbound", exchange / "cours" / "feedback"
    feedback.mkdir(parents=True)
    found = []
    for student, letter in (("nora", "a"), ("norabel", "b")):
        folder = inbound / f"{student}+{ASSIGNMENT}+2026-10-24 22:00:00 UTC+x"
        folder.mkdir(parents=True)
        (folder / "submission_secret.txt").write_text(letter * 128)
        page = feedback / f"{notebook_hash(secret=letter * 128, notebook_id=ASSIGNMENT)}.html"
        page.write_text("Retour")
        found += [folder, page]
    return found


def test_what_lies_in_the_exchange_goes_too(people: SmallCourse, tmp_path: Path) -> None:
    """The preview names hand-ins and pages, and says that archives stay; another student's are left alone."""
    nora, page, other, other_page = with_exchange(people, tmp_path / "exchange")
    shown = done(people, "remove", "nora", "--dry-run").output
    assert "Archives made so far" in shown
    assert json.loads(done(people, "remove", "nora", "--dry-run", "--json").stdout)["in_exchange"] == [
        str(nora),
        str(page),
    ]
    assert nora.is_dir()
    assert json.loads(done(people, "remove", "nora", "--yes", "--json").stdout)["left_in_exchange"] == []
    assert [path.exists() for path in (nora, page, other, other_page)] == [False, False, True, True]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may remove everything")
def test_what_may_not_be_removed_is_named(people: SmallCourse, tmp_path: Path) -> None:
    """The rest goes all the same, and the command says what is left and where."""
    nora, *_ = with_exchange(people, tmp_path / "exchange")
    nora.parent.chmod(0o555)
    try:
        said = json.loads(done(people, "remove", "nora", "--yes", "--json").stdout)
    finally:
        nora.parent.chmod(0o755)
    assert said["left_in_exchange"] == [str(nora)]
    assert "nora" not in final(people)


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
    assert final(people) == {"zoe": before["anna"], "nora": before["nora"]}
    assert autograde(people).graded == 0
    assert run(people, "rename", "zoe", "nora").exit_code == 1


def test_people_join_one_by_one_or_by_a_list(people: SmallCourse, tmp_path: Path) -> None:
    """nbgrader's own columns are read; who is there stays; a near name is offered."""
    done(people, "add", "dora", "--first", "Dora")
    file = tmp_path / "class.csv"
    file.write_text("id,first_name,last_name,email\nemil,Emil,Exemple,e@x.fr\nanna,Anna,Autre,\n", encoding="utf-8")
    done(people, "import", str(file))
    listed = {one["id"]: one for one in json.loads(done(people, "list", "--json").stdout)}
    assert set(listed) == {"anna", "nora", "carl", "dora", "emil"}
    assert (listed["emil"]["email"], listed["anna"]["last_name"]) == ("e@x.fr", "Autre")
    assert "Did you mean 'nora'?" in run(people, "extend", "nara", ASSIGNMENT, "--days", "1").output
    assert run(people, "add", "../x").exit_code == 1
