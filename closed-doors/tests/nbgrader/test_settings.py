"""Who has handed in, as the course's folders say it."""

import shutil

import pytest

from closed_doors.classroom.class_run import Options, Run
from closed_doors.grading.clocks.deadlines import Deadlines
from closed_doors.nbgrader.api import NbgraderCourse
from closed_doors.nbgrader.settings import read_settings
from support.courses import ASSIGNMENT, RIGHT, SmallCourse


def test_a_file_beside_the_students_is_nobodys_work(course: SmallCourse) -> None:
    """submitted/README.md and autograded/README.md are neither students nor work, for the course nor for nbgrader."""
    course.submit("alice", RIGHT)
    shutil.copytree(course.root / "submitted" / "alice", course.root / "autograded" / "alice")
    for folder in ("submitted", "autograded"):
        (course.root / folder / "README.md").write_text("Ici arrivent les travaux.", encoding="utf-8")
    settings = read_settings(course.root)
    assert [student for student, _ in settings.students(ASSIGNMENT)] == ["alice"]
    todo, unchanged = Run(settings, ASSIGNMENT, Options()).plan()
    assert ([student for student, _ in todo], unchanged) == (["alice"], 0)
    api = NbgraderCourse(course.root)._api
    assert api.get_submitted_students(ASSIGNMENT) == {"alice"}
    assert api.get_autograded_students(ASSIGNMENT) <= {"alice"}
    assert [row["name"] for row in api.get_submissions(ASSIGNMENT)] == [ASSIGNMENT]
    assert [row["id"] for row in api.get_students()] == ["alice"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("", Deadlines()),
        ("c.ExecutePreprocessor.timeout = 60", Deadlines(60, 120)),
        ("c.Execute.timeout = 5", Deadlines(5, 30)),
        ("c.ExecutePreprocessor.timeout = -1", Deadlines(600, 1200)),
        ("c.ExecutePreprocessor.timeout = 60\nc.ClosedDoors.cell_timeout_s = 3.0", Deadlines(3, 30)),
    ],
)
def test_nbgraders_own_time_limit_counts(course: SmallCourse, lines: str, expected: Deadlines) -> None:
    """A course that gives its cells a minute has it here too, unless it says otherwise of closed doors."""
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(lines)
    assert read_settings(course.root).deadlines == expected
