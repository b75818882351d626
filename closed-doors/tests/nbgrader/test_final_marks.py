"""Final marks follow from what is stored, whatever was stored of them before."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook

from closed_doors.cli.main import main
from closed_doors.nbgrader.api import NbgraderCourse
from closed_doors.nbgrader.final_marks import bring_up_to_date, read_final_marks
from closed_doors.nbgrader.gradebook_reader import read_marks
from closed_doors.nbgrader.receipts import write_receipts
from closed_doors.nbgrader.settings import read_settings
from closed_doors.pages.analysis.class_results import read_results
from closed_doors.pages.feedback.class_pages import ClassFeedback
from support.courses import ASSIGNMENT, RIGHT, WRONG, SmallCourse, make_course
from support.grading_run import autograde, command, course_marks

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

DUE = datetime(2026, 10, 24, 21, 59, tzinfo=UTC)
LATE = DUE + timedelta(days=2.5)
RULE = "\nc.PointsPerDay.points_per_day = 1.0\n"


@pytest.fixture
def late_class(tmp_path: Path) -> SmallCourse:
    """Two whose work is right and one whose work is wrong, all three days late at a point a day."""
    course = make_course(tmp_path / "course", RULE)
    for student, answer in (("anna", RIGHT), ("bea", RIGHT), ("carl", WRONG)):
        course.submit(student, answer)
    write_receipts(course.root, {(student, ASSIGNMENT): LATE for student in ("anna", "bea", "carl")})
    NbgraderCourse(course.root).set_due_date(ASSIGNMENT, DUE.isoformat())
    autograde(course)
    return course


def stored(course: SmallCourse) -> dict[str, float]:
    """What nbgrader itself says: formgrader's and `nbgrader export`'s figures."""
    with Gradebook(read_settings(course.root).db_url) as gradebook:
        found = gradebook.find_assignment(ASSIGNMENT).submissions
        return {one.student_id: max(one.score - one.late_submission_penalty, 0.0) for one in found}


def final(course: SmallCourse) -> dict[str, float]:
    return {name: one.score for name, one in read_final_marks(read_settings(course.root), ASSIGNMENT).items()}


def extend(course: SmallCourse) -> None:
    with Gradebook(read_settings(course.root).db_url) as gradebook:
        gradebook.grant_extension(ASSIGNMENT, "bea", days=7)


def correct_time(course: SmallCourse) -> None:
    write_receipts(course.root, {("anna", ASSIGNMENT): DUE - timedelta(hours=1)})


def move_due(course: SmallCourse) -> None:
    NbgraderCourse(course.root).set_due_date(ASSIGNMENT, (DUE + timedelta(days=60)).isoformat())


def halve_rule(course: SmallCourse) -> None:
    path = course.root / "nbgrader_config.py"
    path.write_text(path.read_text().replace("per_day = 1.0", "per_day = 0.5"))


def name_zero(course: SmallCourse) -> None:
    """A plug-in of nbgrader's own, which takes all there is."""
    path = course.root / "nbgrader_config.py"
    path.write_text(path.read_text() + "c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    path.write_text(path.read_text() + "c.AssignLatePenalties.plugin_class = 'nbgrader.plugins.LateSubmissionPlugin'\n")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda course: course_marks(course, "question", "carl", 2.0), {"anna": 1, "bea": 1, "carl": 0}),
        (extend, {"anna": 1, "bea": 4, "carl": 0}),
        (correct_time, {"anna": 4, "bea": 1, "carl": 0}),
        (move_due, {"anna": 4, "bea": 4, "carl": 0}),
        (halve_rule, {"anna": 2.5, "bea": 2.5, "carl": 0}),
        (name_zero, {"anna": 0, "bea": 0, "carl": 0}),
    ],
)
def test_what_changes_afterwards_counts(
    late_class: SmallCourse, change: Callable[[SmallCourse], None], expected: dict[str, float]
) -> None:
    """Without running any code: marks by hand, extension, time of arrival, due date, rule; nbgrader then agrees."""
    assert final(late_class) == stored(late_class) == {"anna": 1, "bea": 1, "carl": 0}
    change(late_class)
    assert final(late_class) == expected
    settled = bring_up_to_date(read_settings(late_class.root), ASSIGNMENT)
    assert stored(late_class) == expected
    moved = {name for name in expected if expected[name] != {"anna": 1, "bea": 1, "carl": 0}[name]}
    assert moved <= {one.after.student for one in settled}
    assert bring_up_to_date(read_settings(late_class.root), ASSIGNMENT) == []
    assert late_class.rows("SELECT count(*) FROM grade WHERE manual_score IS NOT NULL AND needs_manual_grade") == [(0,)]


def test_all_ways_out_say_the_same(late_class: SmallCourse) -> None:
    """Dashboard, feedback page, nbgrader's own export and its feedback, each the first to run after a change."""
    settings = read_settings(late_class.root)
    course_marks(late_class, "question", "carl", 2.0)
    marks = {result.student: result.mark for result in read_results(settings, ASSIGNMENT).students}
    assert marks == {"anna": 1, "bea": 1, "carl": 0}
    ClassFeedback(settings, ASSIGNMENT).make()
    page = settings.folder("feedback", "carl", ASSIGNMENT) / f"{ASSIGNMENT}.html"
    assert "La pénalité de retard est de 2\u00a0points" in page.read_text(encoding="utf-8").replace("&nbsp;", "\u00a0")
    NbgraderCourse(late_class.root).export_csv(late_class.root / "grades.csv")
    lines = (late_class.root / "grades.csv").read_text().splitlines()
    assert [line.split(",")[-2] for line in sorted(lines[1:], key=lambda line: line.split(",")[3])] == [
        "1.0",
        "1.0",
        "0.0",
    ]
    halve_rule(late_class)
    NbgraderCourse(late_class.root).generate_feedback(ASSIGNMENT, "anna")
    assert stored(late_class)["anna"] == 2.5


def test_autograde_settles_those_whom_it_does_not_grade(late_class: SmallCourse) -> None:
    """Nothing is graded again, and marks follow the due date; the dry run shows it and writes nothing."""
    move_due(late_class)
    before = late_class.everything()
    runner, console = command(late_class)
    runner.autograde((), force=False, dry_run=True)
    said = console.export_text()
    assert "anna" in said
    assert "+3" in said
    assert "in time" in said
    assert late_class.everything() == before
    runner, console = command(late_class)
    runner.autograde((), force=False, dry_run=False)
    assert "0 fall, 2 rise" in console.export_text()
    assert stored(late_class) == {"anna": 4, "bea": 4, "carl": 0}


def test_a_corrected_time_reaches_formgraders_lists(late_class: SmallCourse) -> None:
    """The work stays graded there, by nbgrader's own rule, and timestamp.txt says the corrected time."""
    correct_time(late_class)
    bring_up_to_date(read_settings(late_class.root), ASSIGNMENT)
    api = NbgraderCourse(late_class.root)._api
    assert api.get_autograded_students(ASSIGNMENT) == {"anna", "bea", "carl"}
    said = (late_class.root / "submitted" / "anna" / ASSIGNMENT / "timestamp.txt").read_text()
    assert said == "2026-10-24 20:59:00 UTC\n"
    marks = read_marks(read_settings(late_class.root).db_url, ASSIGNMENT)
    assert marks["anna"].received == (DUE - timedelta(hours=1)).replace(tzinfo=None)


@pytest.mark.parametrize("line", [("due", ASSIGNMENT), ("student", "extend", "anna", ASSIGNMENT, "2026-11-01T00:00Z")])
def test_a_corrected_time_reaches_them_whoever_writes_it(late_class: SmallCourse, line: tuple[str, ...]) -> None:
    """Setting a due date or granting more time settles what received.csv says too; work stays graded in the lists."""
    correct_time(late_class)
    assert CliRunner().invoke(main, ["--root", str(late_class.root), *line]).exit_code == 0
    marks = read_marks(read_settings(late_class.root).db_url, ASSIGNMENT)
    assert marks["anna"].received == (DUE - timedelta(hours=1)).replace(tzinfo=None)
    assert NbgraderCourse(late_class.root)._api.get_autograded_students(ASSIGNMENT) == {"anna", "bea", "carl"}


def test_newer_work_waits_in_formgraders_lists(late_class: SmallCourse) -> None:
    """A folder that was replaced, with a time of its own in received.csv, is not graded because marks were settled."""
    shutil.rmtree(late_class.root / "submitted" / "anna" / ASSIGNMENT)
    late_class.submit("anna", WRONG)
    correct_time(late_class)
    bring_up_to_date(read_settings(late_class.root), ASSIGNMENT)
    api = NbgraderCourse(late_class.root)._api
    assert api.get_autograded_students(ASSIGNMENT) == {"bea", "carl"}
    assert final(late_class)["anna"] == 1  # of the work that was graded, with its own lateness
    autograde(late_class)
    assert api.get_autograded_students(ASSIGNMENT) == {"anna", "bea", "carl"}


def test_a_corrected_time_counts_for_a_folder_that_was_copied(late_class: SmallCourse) -> None:
    """The same work without the note that grading left beside it: `course autograde` knows it, and the time counts."""
    (late_class.root / "submitted" / "anna" / ASSIGNMENT / "timestamp.txt").unlink()
    correct_time(late_class)
    runner, console = command(late_class)
    runner.autograde((), force=False, dry_run=False)
    assert "1 → 4" in next(line for line in console.export_text().splitlines() if "anna" in line)
    assert final(late_class)["anna"] == stored(late_class)["anna"] == 4
