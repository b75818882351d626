"""From Moodle's archive to Moodle's worksheet, with real grading in between: every student once, marks as graded."""

import os
import shutil
import sqlite3
import zipfile
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner, Result

from closed_doors.cli.main import main
from closed_doors.nbgrader.api import NbgraderCourse
from support import moodle_exports as exports
from support.courses import ASSIGNMENT, HALF, RIGHT, WRONG, SmallCourse, make_course, master
from support.grading_run import autograde
from support.moodle_exports import ENGLISH, FRENCH, WORDS, Member

pytestmark = pytest.mark.slow
NOTEBOOK = f"{ASSIGNMENT}.ipynb"
OUT_OF = 6.0
COMMENT = "=1+1 si i<j & j≤n\nTrès bien"


@pytest.fixture(scope="session")
def registered(tmp_path_factory: pytest.TempPathFactory) -> SmallCourse:
    return make_course(tmp_path_factory.mktemp("moodle") / "course", "\nc.PointsPerDay.points_per_day = 1\n")


@pytest.fixture(scope="session")
def graded(registered: SmallCourse, tmp_path_factory: pytest.TempPathFactory) -> SmallCourse:
    """A class imported in French with its worksheet, graded, and marked by hand but for one."""
    root = tmp_path_factory.mktemp("graded")
    shutil.copytree(registered.root, root / "course")
    course = SmallCourse(root / "course")
    NbgraderCourse(course.root).set_due_date(ASSIGNMENT, "2026-10-12T23:59:00+02:00")
    course_import(course, root, everybody(), FRENCH, worksheet=True)
    autograde(course)
    mark(course)
    return course


@pytest.fixture
def course(graded: SmallCourse, tmp_path: Path) -> SmallCourse:
    shutil.copytree(graded.root, tmp_path / "course")
    return SmallCourse(tmp_path / "course")


def everybody() -> list[Member]:
    """Homonyms, accents, late work, a locked grade, nothing handed in, work that waits, work that is no notebook."""
    return [
        Member(31, "Élodie", "Lefèvre", "e31", "elodie@etu.example", files={NOTEBOOK: work(RIGHT)}),
        Member(32, "Marie", "Martin", "e32", "marie1@etu.example", files={NOTEBOOK: work(HALF)}),
        Member(33, "Marie", "Martin", "e33", "marie2@etu.example", files={NOTEBOOK: work(RIGHT)}),
        Member(34, "Zoé", "O'Brien", "e34", "zoe@etu.example", late=True, files={"devoir (1).ipynb": work(RIGHT)}),
        Member(35, "Léo", "Absent", "e35", "leo@etu.example", grade="3,00", comment="écrit dans Moodle"),
        Member(36, "Ana", "Fermée", "e36", "ana@etu.example", open=False, files={NOTEBOOK: work(WRONG)}),
        Member(37, "Noé", "Attend", "e37", "noe@etu.example", files={NOTEBOOK: work(RIGHT)}),
        Member(38, "Ali", "Cassé", "e38", "ali@etu.example", files={NOTEBOOK: b"{"}),
    ]


LATE = "mercredi 14 octobre 2026, 10:00"
WAITS = "e37"


def work(answer: str) -> bytes:
    notebook = master()
    notebook.cells[1].source, notebook.cells[3].source = answer, "Parce que."
    return nbformat.writes(notebook).encode()


def run(course: SmallCourse, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(course.root), "moodle", *arguments], catch_exceptions=False)


def course_import(course: SmallCourse, folder: Path, people: list[Member], language: str, worksheet: bool) -> Result:
    for person in people:
        if person.late:
            person.time = LATE if language == FRENCH else "Wednesday, 14 October 2026, 10:00 AM"
    arguments = [str(exports.archive(folder / "devoir.zip", people))]
    arguments += ["--roster", str(exports.roster(folder / "participants.csv", people, language))]
    if worksheet:
        arguments += ["--worksheet", str(exports.worksheet(folder / "feuille.csv", people, language))]
    result = run(course, "import", ASSIGNMENT, *arguments)
    assert result.exit_code == 0, result.output
    return result


def mark(course: SmallCourse) -> None:
    host = NbgraderCourse(course.root)
    for student in ("e31", "e32", "e33", "e34", "e36"):
        host.mark_by_hand(ASSIGNMENT, ASSIGNMENT, "question", student, 1.5, COMMENT if student == "e31" else "")


def marks(course: SmallCourse) -> dict[str, float]:
    """What `nbgrader export` calls the score."""
    host = NbgraderCourse(course.root)
    host.export_csv(course.root / "grades.csv")
    rows = exports.read(course.root / "grades.csv")
    return {row["student_id"]: float(row["score"]) for row in rows if row["assignment"] == ASSIGNMENT}


def feedback(course: SmallCourse, *students: str, text: str = "une page") -> None:
    for student in students:
        page = course.root / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(f"{text} de {student}")


def exported(course: SmallCourse) -> dict[str, dict[str, str]]:
    """The lines of the worksheet by the participant's number."""
    rows = exports.read(course.root / "moodle" / ASSIGNMENT / f"notes-{ASSIGNMENT}.csv")
    return {next(iter(row.values())).removeprefix("Participant").strip(): row for row in rows}


def test_marks_come_back_as_graded(course: SmallCourse) -> None:
    """Each mark is the gradebook's, scaled to the maximum, penalty included; each participant is there once."""
    result = run(course, "export", ASSIGNMENT)
    assert result.exit_code == 0, result.output
    lines, graded = exported(course), marks(course)
    assert list(lines) == [str(person.number) for person in everybody()]
    for student in ("e31", "e32", "e33", "e34"):
        mine = float(lines[student[1:]]["Note"].replace(",", "."))
        assert mine == pytest.approx(graded[student] * 20 / OUT_OF, abs=1e-5)
    assert graded["e31"] == 5.5
    assert graded["e34"] == 3.5  # right, and two days late
    assert graded["e32"] < graded["e33"]
    assert "out of 6 here and out of 20 in Moodle" in result.output


def test_lines_without_a_mark_stay_as_they_came(course: SmallCourse) -> None:
    """Nothing handed in, a locked grade, work that waits and work that can't be graded are listed and left alone."""
    output = run(course, "export", ASSIGNMENT).output
    lines = exported(course)
    assert lines["35"]["Note"] == "3,00"
    assert lines["35"]["Feedback par commentaires"] == "écrit dans Moodle"
    for number, reason in (("35", "no work"), ("36", "be changed"), ("37", "waits"), ("38", "wait")):
        assert any(f"({number})" in line and reason in line for line in output.splitlines()), reason
    assert [lines[number]["Note"] for number in ("36", "37", "38")] == ["", "", ""]
    sheet = (course.root / "moodle" / ASSIGNMENT / "worksheet.csv").read_text(encoding="utf-8-sig").splitlines()
    written = (course.root / "moodle" / ASSIGNMENT / f"notes-{ASSIGNMENT}.csv").read_text(encoding="utf-8-sig")
    assert sheet[0] == written.splitlines()[0]
    assert all(line in written.splitlines() for line in sheet[5:])


def test_provisional_marks_are_written_when_asked_for(course: SmallCourse) -> None:
    """With --provisional, work that waits for a person has the mark that it has so far, and is listed."""
    output = run(course, "export", ASSIGNMENT, "--provisional", "--decimal", "point").output
    assert exported(course)["37"]["Note"] == str(round(4 * 20 / OUT_OF, 5))
    assert "Provisional" in output


def test_comments_are_no_formulas(course: SmallCourse) -> None:
    """A TA's comment reaches Moodle as HTML, and a spreadsheet does not take it for a formula."""
    run(course, "export", ASSIGNMENT)
    assert exported(course)["31"]["Feedback par commentaires"] == "'=1+1 si i&lt;j &amp; j≤n<br />Très bien"


def test_feedback_archive(course: SmallCourse) -> None:
    """Pages go out under Moodle's names for those whose mark does; who has none is listed."""
    feedback(course, "e31", "e32", "e34", "e36", WAITS)
    output = run(course, "export", ASSIGNMENT).output
    with zipfile.ZipFile(course.root / "moodle" / ASSIGNMENT / f"retours-{ASSIGNMENT}.zip") as archive:
        pages = {name: archive.read(name).decode() for name in archive.namelist()}
    assert pages == {
        f"Élodie Lefèvre_31_assignfeedback_file_{ASSIGNMENT}.html": "une page de e31",
        f"Marie Martin_32_assignfeedback_file_{ASSIGNMENT}.html": "une page de e32",
        f"Zoé OBrien_34_assignfeedback_file_{ASSIGNMENT}.html": "une page de e34",
    }
    assert "e33: there is no feedback page" in output


def test_a_large_feedback_archive_is_split(course: SmallCourse) -> None:
    """No part exceeds the size asked for, no page is lost, and parts of an earlier export go."""
    feedback(course, "e31", "e32", "e33", text=os.urandom(400_000).hex())
    folder = course.root / "moodle" / ASSIGNMENT
    run(course, "export", ASSIGNMENT, "--max-mib", "1")
    parts = sorted(folder.glob("retours-*.zip"))
    assert [part.name for part in parts] == [f"retours-{ASSIGNMENT}-{n}.zip" for n in (1, 2)]
    assert all(part.stat().st_size <= 1 << 20 for part in parts)
    names = [name for part in parts for name in zipfile.ZipFile(part).namelist()]
    assert len(names) == len(set(names)) == 3
    run(course, "export", ASSIGNMENT)
    assert [part.name for part in folder.glob("retours-*.zip")] == [f"retours-{ASSIGNMENT}.zip"]


@pytest.mark.parametrize("language", [ENGLISH, FRENCH])
def test_without_a_worksheet_one_is_made(registered: SmallCourse, tmp_path: Path, language: str) -> None:
    """A class without homonyms needs no worksheet: the archive's numbers make one that Moodle takes."""
    shutil.copytree(registered.root, tmp_path / "course")
    course = SmallCourse(tmp_path / "course")
    people = [person for person in everybody() if person.number in (31, 34)]
    people[0].first, people[1].files = "=Élodie", {NOTEBOOK: work(HALF)}
    output = course_import(course, tmp_path, people, language, worksheet=False).output
    assert "Nothing says when the work arrived" in output
    autograde(course)
    run(course, "export", ASSIGNMENT, "--provisional", "--language", language)
    lines = exported(course)
    words = WORDS[language]
    identifier, name, _, _, _, grade, maximum, _, _, modified, _ = words["worksheet"]
    assert [line[identifier] for line in lines.values()] == [words["identifier"].format(n) for n in (31, 34)]
    assert lines["31"][name] == "'=Élodie Lefèvre"
    assert [line[grade] for line in lines.values()] == ["4", "2"]
    assert {line[modified] for line in lines.values()} == {"-"}
    assert maximum in lines["31"]


def names(course: SmallCourse) -> dict[str, tuple[str, ...]]:
    return {row[0]: row[1:] for row in course.rows("SELECT id, first_name, last_name, email FROM student")}


def test_names_reach_the_gradebook(course: SmallCourse, tmp_path: Path) -> None:
    """formgrader shows the names of who takes part, corrected by a newer list; a teacher on the list is no student."""
    assert names(course)["e31"] == ("Élodie", "Lefèvre", "elodie@etu.example")
    assert names(course)["e35"][:2] == ("Léo", "Absent")
    people = everybody()
    people[0].last = "Lefèvre-Noël"
    archive = exports.archive(tmp_path / "a.zip", people[:1])
    sheet = exports.worksheet(tmp_path / "w.csv", people)
    teacher = Member(0, "Ada", "Enseigne", "prof", "prof@univ.example")
    listed = exports.roster(tmp_path / "r.csv", [*people, teacher])
    run(course, "import", ASSIGNMENT, str(archive), "--roster", str(listed), "--worksheet", str(sheet))
    assert names(course)["e31"][:2] == ("Élodie", "Lefèvre-Noël")
    assert set(names(course)) == {person.idnumber for person in people}


def test_an_import_makes_the_gradebook(registered: SmallCourse, tmp_path: Path) -> None:
    """In a course without a gradebook, the import makes one with the students' names in it."""
    shutil.copytree(registered.root, tmp_path / "course")
    course = SmallCourse(tmp_path / "course")
    (course.root / "gradebook.db").unlink()
    course_import(course, tmp_path, everybody()[:1], FRENCH, worksheet=False)
    assert names(course) == {"e31": ("Élodie", "Lefèvre", "elodie@etu.example")}


def test_marks_above_the_maximum_and_strangers(course: SmallCourse, tmp_path: Path) -> None:
    """Extra credit that Moodle would refuse, and marks of students who are not in Moodle, are listed."""
    with sqlite3.connect(course.root / "gradebook.db") as db:
        db.execute("UPDATE grade SET extra_credit = 9 WHERE manual_score IS NOT NULL")
    people = [person for person in everybody() if person.number != 33]
    sheet = exports.worksheet(tmp_path / "w.csv", people)
    result = run(course, "export", ASSIGNMENT, "--worksheet", str(sheet))
    assert "above Moodle's maximum of 20" in result.output
    assert any(line.strip().startswith("e33: ") and "no line" in line for line in result.output.splitlines())


def test_dry_run_and_output(course: SmallCourse, tmp_path: Path) -> None:
    """A dry run writes nothing; --output names another folder."""
    before = {path: path.stat().st_mtime_ns for path in course.root.rglob("*")}
    run(course, "export", ASSIGNMENT, "--dry-run")
    assert {path: path.stat().st_mtime_ns for path in course.root.rglob("*")} == before
    run(course, "export", ASSIGNMENT, "--output", str(tmp_path / "out"))
    assert (tmp_path / "out" / f"notes-{ASSIGNMENT}.csv").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "no column Identifier or Identifiant"),
        ("Identifier,Grade\nParticipant 1,\nParticipant 1,\n", "both participant 1"),
        ("Identifier,Grade,Scale\nParticipant 1,,Good\n", "graded with a scale"),
        ("Identifier,Grade\nParticipant one,\n", "such as Participant 123"),
        ("", "is empty"),
    ],
)
def test_what_is_no_worksheet(course: SmallCourse, tmp_path: Path, text: str, message: str) -> None:
    """A file that is not a grading worksheet is one message that says what was expected."""
    path = tmp_path / "w.csv"
    path.write_text(text)
    result = run(course, "export", ASSIGNMENT, "--worksheet", str(path))
    assert result.exit_code == 1
    assert message in result.output
