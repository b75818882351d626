"""Who has handed in, as the course's folders say it."""

import shutil

from closed_doors.classroom.class_run import Options, Run
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
