"""A class graded in one run: what it leaves in the gradebook and in the folders, and what the next run does."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat
import pytest

from closed_doors.classroom.class_run import Options, Run
from closed_doors.classroom.course_lock import only_run
from closed_doors.core.errors import CourseError, GradebookError, LayoutError
from closed_doors.core.wording import wording
from closed_doors.nbgrader.api import NbgraderCourse
from closed_doors.nbgrader.receipts import read_receipts, write_receipts
from closed_doors.nbgrader.settings import read_settings
from closed_doors.pages.analysis.class_results import read_results
from closed_doors.pages.dashboard.reasons_to_look import Sign, reasons
from support.courses import ASSIGNMENT, HALF, RIGHT, TESTS, WRONG, SmallCourse, make_course, master
from support.grading_run import autograde, command, course_marks, warm_pool

NOTEBOOK = f"{ASSIGNMENT}.ipynb"


def test_each_student_is_recorded_once(class_of_four: SmallCourse) -> None:
    """Points, what a person has to mark, and the work that is no notebook; nobody is lost."""
    summary = autograde(class_of_four)
    assert summary.graded == 3
    assert [student for student, _ in summary.refused] == ["damien"]
    assert summary.failed == []
    assert class_of_four.grades() == {
        ("alice", "verification"): (4.0, None, 0),
        ("bruno", "verification"): (2.0, None, 0),
        ("chloé d'Arc", "verification"): (0.0, None, 0),
        ("damien", "verification"): (None, None, 1),
        **{(student, "question"): (None, None, 1) for student in ("alice", "bruno", "chloé d'Arc", "damien")},
    }


def test_the_gradebook_is_the_one_that_nbgrader_autograde_writes(
    class_of_four: SmallCourse, registered: SmallCourse, tmp_path: Path
) -> None:
    """Row by row: grades, comments, times, penalties; an untouched answer is no response."""
    class_of_four.submit("emma", master().cells[1].source, text="")
    released = nbformat.read(class_of_four.root / "source" / ASSIGNMENT / NOTEBOOK, as_version=4)
    assert released
    students = ["alice", "bruno", "chloé d'Arc", "emma"]
    write_receipts(
        class_of_four.root, {(student, ASSIGNMENT): datetime(2026, 10, 1, 12, tzinfo=UTC) for student in students}
    )
    stock = NbgraderCourse(class_of_four.root)
    stock.set_due_date(ASSIGNMENT, "2026-10-01 11:00:00 UTC")
    for student in students:
        assert stock.autograde(ASSIGNMENT, student) is None
    theirs = class_of_four.everything()
    (class_of_four.root / "gradebook.db").write_bytes((registered.root / "gradebook.db").read_bytes())
    stock.set_due_date(ASSIGNMENT, "2026-10-01 11:00:00 UTC")
    autograde(class_of_four, Options(tuple(students)))
    assert class_of_four.everything() == theirs


def test_the_class_and_nbgraders_button_leave_the_same(class_of_four: SmallCourse) -> None:
    """The same verdict file and the same notebook for TAs, with the same remarks: missing cells, a cell that stops."""
    path = class_of_four.submit("emma", HALF)
    handed_in = nbformat.read(path, as_version=4)
    del handed_in.cells[2]
    handed_in.cells += [
        nbformat.v4.new_code_cell("1", metadata={"nbgrader": {"grade_id": "inconnue", "grade": True}}),
        nbformat.v4.new_code_cell("import os; os._exit(1)"),
    ]
    nbformat.write(handed_in, path)
    assert NbgraderCourse(class_of_four.root).autograde(ASSIGNMENT, "emma") is None
    theirs, notebook = left(class_of_four, "emma")
    autograde(class_of_four, Options(("emma",), force=True))
    ours, same_notebook = left(class_of_four, "emma")
    assert theirs == ours
    codes = [remark["code"] for remark in json.loads(ours)["remarks"]]
    assert codes == ["remark.missing_cell", "remark.unknown_cell", "remark.cell_ended_program"]
    assert [(c.cell_type, c.source, c.get("outputs")) for c in notebook.cells] == [
        (c.cell_type, c.source, c.get("outputs")) for c in same_notebook.cells
    ]
    assert "La cellule « verification » manquait" in notebook.cells[0].source


def left(course: SmallCourse, student: str) -> tuple[bytes, nbformat.NotebookNode]:
    """What grading left of a student's work: the verdict file, and the notebook for TAs."""
    verdict = course.verdicts()[f"{student}/{ASSIGNMENT}/{ASSIGNMENT}.json"]
    return verdict, nbformat.read(course.root / "autograded" / student / ASSIGNMENT / NOTEBOOK, as_version=4)


@pytest.mark.parametrize("content", ["{", '{"version": 2}'])
def test_a_verdict_file_that_cannot_be_read_is_renewed(class_of_four: SmallCourse, content: str) -> None:
    """`course autograde`, which the reader's message names, grades that work again and no other."""
    autograde(class_of_four)
    path = class_of_four.root / "verdicts" / "alice" / ASSIGNMENT / f"{ASSIGNMENT}.json"
    before = path.read_bytes()
    path.write_text(content, encoding="utf-8")
    assert autograde(class_of_four).graded == 1
    assert path.read_bytes() == before


def test_the_autograded_notebook_and_the_verdicts_are_there(class_of_four: SmallCourse) -> None:
    """TAs find the notebook where nbgrader puts it, reports the verdicts; what is no notebook leaves a reason."""
    autograde(class_of_four)
    notebook = nbformat.read(class_of_four.root / "autograded" / "bruno" / ASSIGNMENT / NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    assert notebook.cells[2].outputs[-1].data["text/plain"] == "2.0"
    verdicts = json.loads(class_of_four.verdicts()[f"bruno/{ASSIGNMENT}/{ASSIGNMENT}.json"])
    assert [criterion["kind"] for criterion in verdicts["cells"][0]["criteria"]] == ["passed", "wrong_values"] or [
        criterion["kind"] for criterion in verdicts["cells"][0]["criteria"]
    ] == ["passed", "failed"]
    refused = json.loads(class_of_four.verdicts()[f"damien/{ASSIGNMENT}/{ASSIGNMENT}.json"])
    assert refused["status"] == "unreadable"
    assert refused["reason"]["code"] == "submission.not_json"
    assert not (class_of_four.root / "autograded" / "damien").exists()


def test_nbgrader_goes_on_from_there(class_of_four: SmallCourse) -> None:
    """nbgrader's own feedback and export work on what the run has left."""
    autograde(class_of_four)
    stock = NbgraderCourse(class_of_four.root)
    stock.generate_feedback(ASSIGNMENT, "alice")
    page = class_of_four.root / "feedback" / "alice" / ASSIGNMENT / f"{ASSIGNMENT}.html"
    assert "Le double de 2 est 4." in page.read_text(encoding="utf-8")
    assert stock.export_csv(class_of_four.root / "grades.csv") == 4
    mark = stock.mark(ASSIGNMENT, "bruno")
    assert mark is not None
    assert (mark.score, mark.max_score) == (2, 6)


def test_two_runs_give_the_same_bytes(class_of_four: SmallCourse) -> None:
    """Marks and verdict files are equal, also where a student's code draws, prints addresses and walks sets."""
    class_of_four.submit(
        "emma",
        "import random\ndef double(n):\n    print(object(), random.random(), np_free())\n    return n\n"
        "def np_free():\n    return list({'a', 'b', 'c', 'd', 'e'})",
    )
    autograde(class_of_four)
    first, grades = class_of_four.verdicts(), class_of_four.everything()
    autograde(class_of_four, Options(force=True))
    assert class_of_four.verdicts() == first
    assert class_of_four.everything() == grades
    notebook = (class_of_four.root / "autograded" / "emma" / ASSIGNMENT / NOTEBOOK).read_text(encoding="utf-8")
    assert "object object at 0x…" in notebook


def test_unchanged_work_is_graded_once(class_of_four: SmallCourse) -> None:
    """The second run grades nobody; then only who has handed in again; then all, under changed tests."""
    assert autograde(class_of_four).graded == 3
    again = autograde(class_of_four)
    assert (again.graded, again.unchanged) == (0, 4)
    class_of_four.submit("bruno", RIGHT)
    third = autograde(class_of_four)
    assert (third.graded, third.unchanged) == (1, 3)
    assert class_of_four.grades()["bruno", "verification"] == (4.0, None, 0)
    class_of_four.set_master(master(TESTS.replace("== 4", "== 5")))
    fourth = autograde(class_of_four)
    assert fourth.graded == 3
    assert {change.student: change.after.automatic for change in fourth.changes} == {"alice": 2, "bruno": 2}


def test_removed_results_are_made_again(class_of_four: SmallCourse) -> None:
    """A verdict or a student's rows that somebody has removed come back with the next run."""
    autograde(class_of_four)
    (class_of_four.root / "verdicts" / "alice" / ASSIGNMENT / f"{ASSIGNMENT}.json").unlink()
    assert autograde(class_of_four).graded == 1
    (class_of_four.root / "autograded" / "alice" / ASSIGNMENT / NOTEBOOK).unlink()
    assert autograde(class_of_four).graded == 1
    with sqlite3.connect(class_of_four.root / "gradebook.db") as db:
        db.execute("DELETE FROM grade")
        db.execute("DELETE FROM submitted_notebook")
        db.execute("DELETE FROM submitted_assignment")
    assert autograde(class_of_four).graded == 3
    assert class_of_four.grades()["alice", "verification"] == (4.0, None, 0)


def test_a_mark_by_hand_stands_as_long_as_its_answer(class_of_four: SmallCourse) -> None:
    """Graded again, it is kept, and asks for its person again only where the answer or the automatic points differ."""
    autograde(class_of_four)
    stock = NbgraderCourse(class_of_four.root)
    stock.mark_by_hand(ASSIGNMENT, ASSIGNMENT, "question", "alice", 1.5, "Bien vu.")
    course_marks(class_of_four, "verification", "bruno", 3)
    stock.mark_by_hand(ASSIGNMENT, ASSIGNMENT, "question", "bruno", 1, "")
    autograde(class_of_four, Options(force=True))
    assert class_of_four.grades()["alice", "question"] == (None, 1.5, 0)
    assert class_of_four.grades()["bruno", "verification"] == (2.0, 3, 0)
    class_of_four.submit("alice", WRONG)  # the question is the same
    class_of_four.submit("bruno", HALF, text="Pour une autre raison.")
    autograde(class_of_four)
    assert class_of_four.grades()["alice", "question"] == (None, 1.5, 0)
    assert class_of_four.grades()["bruno", "question"] == (None, 1, 1)
    assert class_of_four.grades()["bruno", "verification"] == (2.0, 3, 0)
    class_of_four.set_master(master(TESTS.replace("== [10, -6]", "== [7, -1]")))
    autograde(class_of_four)
    assert class_of_four.grades()["bruno", "verification"] == (4.0, 3, 1)
    assert class_of_four.grades()["alice", "question"] == (None, 1.5, 0)
    comments = class_of_four.rows("SELECT manual_comment FROM comment WHERE manual_comment > ''")
    assert comments == [("Bien vu.",)]


def test_an_untouched_question_is_worth_nothing_and_needs_nobody(course: SmallCourse) -> None:
    """As under nbgrader, what was not answered is not shown to a marker."""
    released = course.root / "release"
    NbgraderCourse(course.root).generate_assignment(ASSIGNMENT)
    text = nbformat.read(released / ASSIGNMENT / NOTEBOOK, as_version=4).cells[3].source
    course.submit("alice", RIGHT, text=text)
    autograde(course)
    assert course.grades()["alice", "question"] == (0.0, None, 0)
    assert ("alice", "question", "No response.", None) in course.everything()[1]


@pytest.mark.parametrize("listed", [True, False])
def test_lateness_is_the_servers_word(course: SmallCourse, listed: bool) -> None:
    """A timestamp.txt that the student wrote changes nothing; an extension that was granted counts."""
    for student in ("alice", "bruno"):
        (course.submit(student, RIGHT).parent / "timestamp.txt").write_text("2020-01-01 00:00:00 UTC")
    now = datetime.now(UTC).replace(microsecond=0)
    if listed:
        write_receipts(course.root, {("alice", ASSIGNMENT): now, ("bruno", ASSIGNMENT): now})
    stock = NbgraderCourse(course.root)
    stock.set_due_date(ASSIGNMENT, (now - timedelta(hours=5)).isoformat())
    autograde(course)
    mark = stock.mark(ASSIGNMENT, "alice")
    assert mark is not None
    assert mark.seconds_late == pytest.approx(5 * 3600, abs=60)


def test_the_penalty_is_the_configured_plug_in(tmp_path: Path) -> None:
    """nbgrader_config.py names the policy; it never takes more than there is, and an extension lifts it."""
    course = make_course(tmp_path / "course", "\nc.PointsPerDay.points_per_day = 1.5\n")
    for student, answer in (("alice", RIGHT), ("bruno", WRONG), ("chloe", RIGHT)):
        course.submit(student, answer)
    due = datetime(2026, 10, 1, 12, tzinfo=UTC)
    write_receipts(course.root, {(s, ASSIGNMENT): due + timedelta(days=1.5) for s in ("alice", "bruno", "chloe")})
    NbgraderCourse(course.root).set_due_date(ASSIGNMENT, due.isoformat())
    autograde(course)
    with NbgraderCourse(course.root)._gradebook() as gradebook:
        gradebook.grant_extension(ASSIGNMENT, "chloe", days=2)
    autograde(course, Options(force=True))
    rows = dict(
        course.rows(
            "SELECT s.student_id, n.late_submission_penalty FROM submitted_notebook n "
            "JOIN submitted_assignment s ON s.id = n.assignment_id"
        )
    )
    assert rows == {"alice": 3.0, "bruno": 0.0, "chloe": None}


def test_a_copy_keeps_its_time_of_arrival(course: SmallCourse) -> None:
    """What was noted when the content first came stays, although touching the file gives it a new time."""
    path = course.submit("alice", RIGHT)
    autograde(course)
    before = course.rows("SELECT timestamp FROM submitted_assignment")
    time.sleep(1.1)
    path.chmod(0o600)
    autograde(course, Options(force=True))
    assert course.rows("SELECT timestamp FROM submitted_assignment") == before


def test_regrade_shows_changes_before_anything_is_written(class_of_four: SmallCourse) -> None:
    """--dry-run names whose marks rise or fall under changed tests, and leaves gradebook and files as they are."""
    autograde(class_of_four)
    class_of_four.set_master(master(TESTS.replace("== [10, -6]", "== [7, -1]")))
    before = class_of_four.everything(), class_of_four.verdicts()
    runner, console = command(class_of_four)
    runner.regrade((), dry_run=True)
    shown = console.export_text()
    assert (class_of_four.everything(), class_of_four.verdicts()) == before
    lines = {line.split()[1]: line for line in shown.splitlines() if "verification" in line}
    assert set(lines) == {"alice", "bruno"}
    assert "-2" in lines["alice"]
    assert "+2" in lines["bruno"]
    assert "Nothing was written." in shown


def test_dry_run_grades_nothing(class_of_four: SmallCourse) -> None:
    """It says whose work would be graded."""
    runner, console = command(class_of_four)
    runner.autograde((), force=False, dry_run=True)
    assert "would grade alice" in console.export_text(clear=False)
    assert "4 to grade, 0 unchanged" in console.export_text()
    assert not (class_of_four.root / "verdicts").exists()


def test_an_assignment_that_the_gradebook_lacks_is_entered(tmp_path: Path, class_of_four: SmallCourse) -> None:
    """The first run of a course needs no other command before it, and release/ is not touched."""
    (class_of_four.root / "gradebook.db").unlink()
    runner, console = command(class_of_four)
    runner.autograde((), force=False, dry_run=False)
    assert "into the gradebook" in console.export_text()
    assert class_of_four.grades()["alice", "verification"] == (4.0, None, 0)
    assert not (class_of_four.root / "release").exists()


def test_unknown_names_are_refused_with_the_nearest(class_of_four: SmallCourse) -> None:
    """A student who is not there, and a class that has handed nothing in."""
    settings = read_settings(class_of_four.root)
    with pytest.raises(LayoutError, match="Did you mean 'bruno'"):
        Run(settings, ASSIGNMENT, Options(("brunno",)))
    with pytest.raises(LayoutError, match="Nobody has handed in"):
        Run(read_settings(make_course(class_of_four.root.parent / "other").root), ASSIGNMENT, Options())


def test_open_doors_are_refused(tmp_path: Path) -> None:
    """The driver grades behind closed doors only, and says what to change."""
    course = make_course(tmp_path / "course", "\nc.ClosedDoors.open_doors = True\n")
    course.submit("alice", RIGHT)
    with pytest.raises(CourseError, match="open_doors"):
        Run(read_settings(course.root), ASSIGNMENT, Options())


def test_a_second_run_waits_its_turn(class_of_four: SmallCourse) -> None:
    """Two writers would undo each other's work: the second is refused."""
    settings = read_settings(class_of_four.root)
    with only_run(settings), pytest.raises(CourseError, match="Another run is grading"), only_run(settings):
        pass


def test_a_locked_gradebook_loses_nothing(class_of_four: SmallCourse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody holds the database: a clear message, and the next run carries on."""
    monkeypatch.setattr("closed_doors.nbgrader.gradebook_database.BUSY_S", 0.2)
    settings = read_settings(class_of_four.root)
    run = Run(settings, ASSIGNMENT, Options())
    todo, _ = run.plan()
    holder = sqlite3.connect(class_of_four.root / "gradebook.db")
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(GradebookError, match="another program holds it"):
        run.grade(todo, warm_pool())
    holder.rollback()
    holder.close()
    assert class_of_four.grades() == {}
    assert autograde(class_of_four).graded == 3
    assert len(class_of_four.grades()) == 8


def test_a_folder_that_cannot_be_written_is_named(class_of_four: SmallCourse) -> None:
    """Something stands where autograded/ should be: a clear message, nothing half written, and the next run goes on."""
    blocker = class_of_four.root / "autograded"
    blocker.write_text("")
    with pytest.raises(CourseError, match="can't be written"):
        autograde(class_of_four)
    blocker.unlink()
    autograde(class_of_four)
    assert len(class_of_four.grades()) == 8


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk takes root")
def test_a_full_disk_loses_nothing(class_of_four: SmallCourse) -> None:
    """The command says that the disk is full and exits with 1; with room again, the next run completes the class."""
    for number in range(12):
        class_of_four.submit(f"eleve-{number:02}", f"{RIGHT}\n# {number}\nprint('x' * 90_000)")
    autograded = class_of_four.root / "autograded"
    autograded.mkdir()
    course = Path(sys.executable).with_name("course")
    mount = f"mount -t tmpfs -o size=400k tmpfs {autograded} && {course} --root {class_of_four.root} autograde petit"
    done = subprocess.run(["unshare", "-m", "sh", "-c", mount], capture_output=True, text=True)
    assert done.returncode == 1, done.stdout
    assert "No space left on device" in done.stderr
    before = class_of_four.grades()
    autograde(class_of_four)
    after = class_of_four.grades()
    assert len(after) == 32
    assert before.items() <= after.items()


def test_files_are_found_whatever_their_name(course: SmallCourse) -> None:
    """The only notebook of a folder counts under any name; of two, none is guessed; a link is not followed."""
    course.submit("alice", RIGHT, name="petit (1).ipynb")
    course.submit("bruno", RIGHT, name="a.ipynb")
    course.submit("bruno", HALF, name="b.ipynb")
    secret = course.root / "source" / ASSIGNMENT / NOTEBOOK
    place = course.root / "submitted" / "chloe" / ASSIGNMENT
    place.mkdir(parents=True)
    (place / NOTEBOOK).symlink_to(secret)
    (course.root / "submitted" / "damien" / ASSIGNMENT / NOTEBOOK).mkdir(parents=True)
    (course.root / "submitted" / "emma" / ASSIGNMENT).mkdir(parents=True)
    (course.root / "submitted" / "farid").mkdir()
    (course.root / "submitted" / "farid" / ASSIGNMENT).symlink_to(secret.parent)
    summary = autograde(course)
    assert summary.graded == 1
    why = dict(summary.refused)
    assert "a.ipynb, b.ipynb" in why["bruno"]
    assert "sans suivre de lien" in why["chloe"]
    assert "fichier ordinaire" in why["damien"]
    assert "ne contient pas le notebook" in why["emma"]
    assert "sans suivre de lien" in why["farid"]
    assert course.grades()["alice", "verification"] == (4.0, None, 0)


def test_a_missing_notebook_of_two_is_worth_nothing(course: SmallCourse) -> None:
    """As under nbgrader: 0 for what was not handed in, and the other one counts; nothing is graded twice."""
    second = course.root / "source" / ASSIGNMENT / "autre.ipynb"
    nbformat.write(master(), second)
    NbgraderCourse(course.root).register(ASSIGNMENT)
    course.submit("alice", RIGHT)
    summary = autograde(course)
    assert summary.to_look_at == [("alice", "Le notebook autre.ipynb n'a pas été rendu.")]
    scores = course.rows(
        "SELECT k.name, c.name, g.auto_score, g.needs_manual_grade FROM grade g JOIN base_cell c ON c.id = g.cell_id "
        "JOIN notebook k ON k.id = c.notebook_id"
    )
    assert sorted(scores, key=repr) == [
        ("autre", "question", 0.0, 0),
        ("autre", "verification", 0.0, 0),
        (ASSIGNMENT, "question", None, 1),
        (ASSIGNMENT, "verification", 4.0, 0),
    ]
    assert autograde(course).unchanged == 1


def test_a_receipt_without_a_zone_is_refused(course: SmallCourse) -> None:
    """The line and the form that is expected are named."""
    (course.root / "received.csv").write_text("student_id,assignment_id,received\nalice,petit,2026-10-01T12:00:00\n")
    with pytest.raises(LayoutError, match=r"line 2: .*has no UTC offset"):
        read_receipts(course.root)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_killed_run_is_carried_on(class_of_four: SmallCourse) -> None:
    """SIGKILL at twenty random moments, then a plain run: the end is that of an undisturbed run."""
    for number in range(16):
        class_of_four.submit(f"eleve-{number:02}", f"{(RIGHT, HALF, WRONG)[number % 3]}\n# {number}")
    course = [str(Path(sys.executable).with_name("course")), "--root", str(class_of_four.root), "autograde", ASSIGNMENT]
    started = time.monotonic()
    assert subprocess.run(course, capture_output=True).returncode == 0
    whole = time.monotonic() - started
    wanted = class_of_four.everything(), class_of_four.verdicts()
    root = class_of_four.root
    with sqlite3.connect(root / "gradebook.db") as db:
        for table in ("grade", "comment", "submitted_notebook", "submitted_assignment", "closed_door_grading"):
            db.execute(f"DELETE FROM {table}")
    for path in (*root.rglob("verdicts/**/*.json"), *root.rglob("autograded/**/*.ipynb")):
        path.unlink()
    moments = random.Random(20)
    for number in range(20):
        again = ["--force"] if number % 2 else []  # else there would soon be nothing left to grade
        process = subprocess.Popen([*course, *again], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moments.uniform(0.2, whole))
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert subprocess.run(course, capture_output=True).returncode == 0
    assert (class_of_four.everything(), class_of_four.verdicts()) == wanted
    assert subprocess.run([*course, "--force"], capture_output=True).returncode == 0
    assert not list(root.rglob("*.part"))  # a plain run writes nothing where the marks are there already


@pytest.mark.slow
def test_an_interrupt_records_what_is_done(class_of_four: SmallCourse) -> None:
    """SIGTERM ends a run with 130, what was graded is in the gradebook, and no process stays."""
    for number in range(60):
        class_of_four.submit(f"eleve-{number:02}", f"{RIGHT}\n# {number}")
    course = [str(Path(sys.executable).with_name("course")), "--root", str(class_of_four.root), "autograde", ASSIGNMENT]
    process = subprocess.Popen(course, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not (class_of_four.root / "verdicts").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)
    process.terminate()
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "run again to go on" in said
    done = len(class_of_four.grades()) // 2
    assert 0 < done < 64
    summary = autograde(class_of_four)
    assert summary.unchanged == done


def test_who_is_too_slow_twice_is_named_to_the_staff(course: SmallCourse) -> None:
    """In a class and by nbgrader's button: judged again alone, worth what is right, and to look at with its limit."""
    course.set_master(master(TESTS.replace("points=4", "points=4, timeout_s=0.5")))
    course.submit("alice", RIGHT)
    course.submit("bruno", "def double(n):\n    while n < 0: pass\n    return 2 * n")
    autograde(course)
    assert {student: row[0] for (student, cell), row in course.grades().items() if cell == "verification"} == {
        "alice": 4.0,
        "bruno": 2.0,
    }
    verdict = left(course, "bruno")[0]
    assert json.loads(verdict)["judged_alone"]
    results = read_results(read_settings(course.root), ASSIGNMENT)
    theirs = reasons(results, [], {}, wording())["bruno"]
    assert theirs[0].sign is Sign.STOPPED
    assert "n'a pas répondu en 0,5 s" in theirs[0].details[0].replace("\u00a0", " ")
    assert NbgraderCourse(course.root).autograde(ASSIGNMENT, "bruno") is None
    assert left(course, "bruno")[0] == verdict
