"""`course regrade` and marks that would fall: what is shown, asked and recorded, and what a failure leaves."""

import json
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

from closed_doors.classroom import class_run
from closed_doors.classroom.class_run import Options
from closed_doors.core.errors import CourseError
from closed_doors.nbgrader.api import NbgraderCourse
from closed_doors.nbgrader.settings import read_settings
from support.courses import ASSIGNMENT, HALF, RIGHT, TESTS, SmallCourse, cell, make_course, master
from support.grading_run import autograde, command, course_marks

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

SECOND = TESTS.replace("double", "triple").replace("== 4", "== 6").replace("[10, -6]", "[15, -9]")
TRIPLE = "def triple(n):\n    return 3 * n"


def longer(name: str = "ex2", points: float = 3) -> Any:
    """The master with a second exercise before the question."""
    found = master()
    solution = f"### BEGIN SOLUTION\n{TRIPLE}\n### END SOLUTION"
    found.cells[3:3] = [
        cell("code", f"{name}-reponse", solution, solution=True, locked=False),
        cell(
            "code", f"{name}-verification", SECOND.replace("points=4", f"points={points:g}"), grade=True, points=points
        ),
    ]
    return found


def hand_in(course: SmallCourse, student: str, answer: str, name: str = "ex2") -> None:
    path = course.submit(student, answer)
    notebook = json.loads(path.read_text())
    found = longer(name).cells[3]
    found.source = TRIPLE
    notebook["cells"].insert(3, json.loads(json.dumps(found)))
    path.write_text(json.dumps(notebook))


@pytest.fixture
def two_exercises(tmp_path: Path) -> SmallCourse:
    """Two students of a course with two exercises, whose question is marked by hand."""
    course = make_course(tmp_path / "course")
    course.set_master(longer())
    NbgraderCourse(course.root).register(ASSIGNMENT)
    hand_in(course, "alice", RIGHT)
    hand_in(course, "bruno", HALF)
    autograde(course)
    for student in ("alice", "bruno"):
        course_marks(course, "question", student, 1.5)
    return course


def regraded(course: SmallCourse, dry_run: bool = False) -> str:
    runner, console = command(course)
    runner.regrade((), dry_run)
    return console.export_text()


def totals(course: SmallCourse) -> dict[str, tuple[float, float]]:
    with Gradebook(read_settings(course.root).db_url) as gradebook:
        found = gradebook.find_assignment(ASSIGNMENT).submissions
        return {one.student_id: (one.score, one.max_score) for one in found}


def test_an_exercise_is_taken_out(two_exercises: SmallCourse) -> None:
    """Everybody's mark and the maximum fall, marks by hand stay unflagged, formgrader and export go on."""
    before = two_exercises.everything()
    two_exercises.set_master(master())
    said = regraded(two_exercises, dry_run=True)
    assert "everybody: -3 of 9, maximum 6 (taken out: ex2-verification)" in said
    assert two_exercises.everything() == before
    regraded(two_exercises)
    assert totals(two_exercises) == {"alice": (5.5, 6), "bruno": (3.5, 6)}
    assert two_exercises.grades()["alice", "question"] == (None, 1.5, 0)
    assert NbgraderCourse(two_exercises.root).export_csv(two_exercises.root / "grades.csv") == 2
    assert autograde(two_exercises).unchanged == 2


def test_a_mark_by_hand_comes_back_with_its_exercise(two_exercises: SmallCourse) -> None:
    """What a person gave for an exercise that is taken out is set aside, and waits to be confirmed when it is back."""
    course_marks(two_exercises, "ex2-verification", "bruno", 2.5)
    two_exercises.set_master(master())
    regraded(two_exercises)
    two_exercises.set_master(longer())
    before = totals(two_exercises)["bruno"][0]
    said = next(line for line in regraded(two_exercises).splitlines() if "bruno" in line)
    after = totals(two_exercises)["bruno"][0]
    assert "1.5 → 4 " in said  # by hand, and the whole mark: the preview knows
    assert f"{before:g} → {after:g}" in said
    assert two_exercises.grades()["bruno", "ex2-verification"] == (3.0, 2.5, 1)
    assert two_exercises.grades()["alice", "ex2-verification"] == (3.0, None, 0)


def test_an_exercise_is_added(class_of_four: SmallCourse) -> None:
    """Those who have not written it earn nothing for it; who is not graded again waits for a person."""
    autograde(class_of_four)
    NbgraderCourse(class_of_four.root).mark_by_hand(ASSIGNMENT, ASSIGNMENT, "question", "alice", 1.5, "Bien.")
    class_of_four.set_master(longer())
    assert "added: ex2-verification (3 points)" in regraded(class_of_four)
    assert totals(class_of_four)["alice"] == (5.5, 9)
    assert class_of_four.grades()["alice", "question"] == (None, 1.5, 0)
    assert class_of_four.grades()["alice", "ex2-verification"] == (0.0, None, 0)
    assert class_of_four.grades()["damien", "ex2-verification"] == (None, None, 1)


def test_a_renamed_exercise_keeps_its_answers_and_marks(two_exercises: SmallCourse) -> None:
    """Students' notebooks have the old names, and earn what they earned; nothing counts as taken out or added."""
    course_marks(two_exercises, "ex2-verification", "bruno", 2.5)
    two_exercises.set_master(longer("triple"))
    said = regraded(two_exercises)
    assert "renamed: ex2-verification is now triple-verification" in said
    assert "nobody" in said
    assert two_exercises.grades()["alice", "triple-verification"] == (3.0, None, 0)
    assert two_exercises.grades()["bruno", "triple-verification"] == (3.0, 2.5, 0)
    assert NbgraderCourse(two_exercises.root).autograde(ASSIGNMENT, "alice") is None
    assert two_exercises.grades()["alice", "triple-verification"] == (3.0, None, 0)
    hand_in(two_exercises, "chloe", RIGHT)  # still from the zip of then
    autograde(two_exercises)
    assert two_exercises.grades()["chloe", "triple-verification"] == (3.0, None, 0)


def test_an_exercise_that_was_renamed_and_taken_out_comes_back_by_its_first_name(two_exercises: SmallCourse) -> None:
    """What people gave for it comes back, as the preview says, and students' notebooks are known by that name."""
    course_marks(two_exercises, "ex2-verification", "bruno", 2.5)
    two_exercises.set_master(longer("triple"))
    regraded(two_exercises)
    two_exercises.set_master(master())
    regraded(two_exercises)
    two_exercises.set_master(longer())
    said = next(line for line in regraded(two_exercises).splitlines() if "bruno" in line)
    assert "1.5 → 4 " in said
    assert two_exercises.grades()["bruno", "ex2-verification"] == (3.0, 2.5, 1)
    assert two_exercises.rows("SELECT * FROM closed_door_renamed") == []


def test_an_exercise_has_its_first_name_again_and_another_text(two_exercises: SmallCourse) -> None:
    """It is the exercise that it was: marks by hand follow, and nothing counts as taken out."""
    course_marks(two_exercises, "ex2-verification", "bruno", 2.5)
    two_exercises.set_master(longer("triple"))
    regraded(two_exercises)
    changed = longer()
    changed.cells[4].source += "\n# once more"
    two_exercises.set_master(changed)
    said = regraded(two_exercises)
    assert "renamed: triple-verification is now ex2-verification" in said
    assert "nobody" in said
    assert two_exercises.grades()["bruno", "ex2-verification"] == (3.0, 2.5, 0)


def test_a_text_becomes_code(two_exercises: SmallCourse) -> None:
    """The mark by hand stays, and asks for its person."""
    changed = longer()
    changed.cells[5] = cell("code", "question", "1 + 1", grade=True, solution=True, locked=False, points=2)
    two_exercises.set_master(changed)
    assert "another kind of cell: question" in regraded(two_exercises)
    assert two_exercises.grades()["alice", "question"] == (None, 1.5, 1)
    kinds = two_exercises.rows(
        "SELECT cell_type FROM grade_cells g JOIN base_cell b ON b.id = g.id WHERE name = 'question'"
    )
    assert kinds == [("code",)]


def test_autograde_names_the_way(two_exercises: SmallCourse) -> None:
    """It does not change the cells of graded work; one sentence says what does, and nothing is written."""
    before = two_exercises.everything()
    two_exercises.set_master(master())
    runner, _ = command(two_exercises)
    with pytest.raises(CourseError, match=f"taken out: ex2-verification .*`course regrade {ASSIGNMENT} --dry-run`"):
        runner.autograde((), force=False, dry_run=False)
    assert two_exercises.everything() == before


def test_a_failure_leaves_the_gradebook_as_it_was(two_exercises: SmallCourse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells, grades and comments are changed together or not at all, also where a file can't be written."""
    everything = "SELECT name, type FROM base_cell ORDER BY 1, 2"
    before = two_exercises.everything(), two_exercises.rows(everything)
    two_exercises.set_master(master())
    blocker = two_exercises.root / "verdicts" / "bruno"
    blocker.rename(blocker.with_name("elsewhere"))
    blocker.write_text("")
    with pytest.raises(CourseError, match="can't be written"):
        regraded(two_exercises)
    assert (two_exercises.everything(), two_exercises.rows(everything)) == before
    blocker.unlink()
    regraded(two_exercises)
    assert totals(two_exercises)["bruno"] == (3.5, 6)
    assert class_run.BATCH > 1


def test_a_mark_that_falls_by_a_changed_test_waits_for_a_yes(class_of_four: SmallCourse) -> None:
    """Who rises is recorded; who falls with the same work is named and left, exit code 1, until --yes."""
    autograde(class_of_four)
    class_of_four.set_master(master(TESTS.replace("== [10, -6]", "== [7, -1]")))
    runner, console = command(class_of_four)
    with pytest.raises(SystemExit) as ended:
        runner.autograde((), force=False, dry_run=False)
    assert ended.value.code == 1
    said = console.export_text()
    assert "other points from the tests: verification" in said
    assert said.partition("Not recorded")[2].split()[:20].count("alice") == 1
    assert class_of_four.grades()["alice", "verification"] == (4.0, None, 0)
    assert class_of_four.grades()["bruno", "verification"] == (4.0, None, 0)
    runner, _ = command(class_of_four)
    runner.autograde((), force=False, dry_run=False, yes=True)
    assert class_of_four.grades()["alice", "verification"] == (2.0, None, 0)


def test_new_work_may_earn_less(class_of_four: SmallCourse) -> None:
    """What a student hands in anew counts, without asking the staff; the fall is shown."""
    autograde(class_of_four)
    class_of_four.submit("alice", HALF)
    runner, console = command(class_of_four)
    runner.autograde((), force=False, dry_run=False)
    assert "new work: verification" in console.export_text()
    assert class_of_four.grades()["alice", "verification"] == (2.0, None, 0)


def test_the_preview_is_data_too(class_of_four: SmallCourse, capsys: pytest.CaptureFixture[str]) -> None:
    """--json gives everybody's mark before and after, in its parts, and the reasons."""
    autograde(class_of_four)
    course_marks(class_of_four, "question", "alice", 1.5)
    class_of_four.set_master(master(TESTS.replace("== [10, -6]", "== [7, -1]")))
    runner, _ = command(class_of_four)
    runner._json = True
    runner.regrade((), dry_run=True)
    found = json.loads(capsys.readouterr().out)
    assert found["recorded"] is False
    (alice,) = (one for one in found["marks"] if one["student"] == "alice")
    assert alice["before"] == {"automatic": 4, "by_hand": 1.5, "penalty": 0, "total": 5.5, "maximum": 6}
    assert alice["after"] == {"automatic": 2, "by_hand": 1.5, "penalty": 0, "total": 3.5, "maximum": 6}
    assert alice["change"] == -2
    assert alice["reasons"] == ["other points from the tests: verification"]


def test_points_alone_change(two_exercises: SmallCourse) -> None:
    """An exercise that is worth more or less needs no other command, and is shown before it is done."""
    two_exercises.set_master(longer(points=1))
    assert "points: ex2-verification, 3 before, 1 now" in regraded(two_exercises)
    assert totals(two_exercises) == {"alice": (6.5, 7), "bruno": (4.5, 7)}
    two_exercises.set_master(longer(points=2))
    autograde(two_exercises, Options(force=True))


def worth(points: float, text: str = "Pourquoi ?") -> Any:
    """The master with a question that is worth another number of points."""
    found = master()
    found.cells[3] = cell("markdown", "question", text, grade=True, solution=True, locked=False, points=points)
    return found


@pytest.mark.parametrize("way", ["autograde", "regrade", "generated before", "nbgrader"])
def test_a_mark_by_hand_was_given_out_of_so_many_points(class_of_four: SmallCourse, way: str) -> None:
    """Where a question is worth another number of points now, the mark that a person gave waits to be confirmed."""
    autograde(class_of_four)
    course_marks(class_of_four, "question", "alice", 1.5)
    autograde(class_of_four, Options(force=True))
    assert class_of_four.grades()["alice", "question"] == (None, 1.5, 0)
    class_of_four.set_master(worth(1))
    if way == "regrade":
        said = regraded(class_of_four)
        assert "worth other points now: question" in next(line for line in said.splitlines() if "alice" in line)
    elif way == "nbgrader":
        NbgraderCourse(class_of_four.root).register(ASSIGNMENT)
        assert NbgraderCourse(class_of_four.root).autograde(ASSIGNMENT, "alice") is None
    else:
        if way == "generated before":
            NbgraderCourse(class_of_four.root).register(ASSIGNMENT)
        runner, _ = command(class_of_four)
        runner.autograde((), force=False, dry_run=False, yes=True)
    assert class_of_four.grades()["alice", "question"] == (None, 1.5, 1)
    course_marks(class_of_four, "question", "alice", 1)
    autograde(class_of_four, Options(force=True))
    assert class_of_four.grades()["alice", "question"] == (None, 1.0, 0)


def test_a_task_that_is_handed_in_again_waits_for_its_person(class_of_four: SmallCourse) -> None:
    """The answer to a task may stand in any cell: its mark stands as long as the work does."""
    changed = master()
    changed.cells.append(cell("markdown", "tache", "Dessinez.", task=True, points=3))
    class_of_four.set_master(changed)
    runner, _ = command(class_of_four)
    runner.autograde((), force=False, dry_run=False)
    course_marks(class_of_four, "tache", "alice", 3)
    autograde(class_of_four, Options(force=True))
    assert class_of_four.grades()["alice", "tache"] == (None, 3.0, 0)
    path = class_of_four.submit("alice", RIGHT)
    notebook = json.loads(path.read_text())
    notebook["cells"].append({"cell_type": "markdown", "id": "mine", "metadata": {}, "source": "Autre dessin."})
    path.write_text(json.dumps(notebook))
    autograde(class_of_four)
    assert class_of_four.grades()["alice", "tache"] == (None, 3.0, 1)
