"""The staff's site of a small class that was graded for real."""

import csv
import html
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from checks.report import Kind
from closed_doors.core.errors import CourseError
from closed_doors.grading.verdict.verdict import Status
from closed_doors.pages.analysis.class_results import read_results
from closed_doors.pages.dashboard.site import MARKER, page_name, write_dashboard
from closed_doors.pages.feedback.class_pages import ClassFeedback
from support.classes import HINT, HOSTILE, GradedClass, graded_class
from support.courses import ASSIGNMENT, RIGHT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),  # nbgrader's own queries
]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> GradedClass:
    return graded_class(tmp_path_factory.mktemp("class") / "course")


@pytest.fixture(scope="module")
def site(graded: GradedClass) -> Path:
    return write_dashboard(graded.settings, ASSIGNMENT, graded.course.root / "reports" / ASSIGNMENT).index.parent


def text_of(page: Path) -> str:
    """Return what a page says, without its elements, blanks made one."""
    said = html.unescape(re.sub(r"<(style|script)>.*?</\1>|<[^>]*>", " ", page.read_text("utf-8"), flags=re.DOTALL))
    return re.sub(r"\s+", " ", said)


def test_results_are_those_of_the_gradebook(graded: GradedClass) -> None:
    """Marks, remarks, criteria and times of grading are there for each student."""
    results = {result.student: result for result in read_results(graded.settings, ASSIGNMENT).students}
    assert results["alice"].mark == 5.5
    assert results["bruno"].mark == 3.5
    assert results["gaelle"].status is Status.UNREADABLE
    assert results["gaelle"].mark is None
    assert results["zoé"].status is None
    place = (ASSIGNMENT, "verification")
    assert results["bruno"].outcomes[place, "test_double"].passed
    assert results["bruno"].outcomes[place, "test_others"].kind is Kind.FAILED
    assert all(r.timing and r.timing.cpu_s > 0 for r in results.values() if r.is_graded)
    assert results["alice"].late_s > 0


def test_students_come_first(site: Path) -> None:
    """The table of the class stands before the figures about it, and the page's first link leads there."""
    page = (site / "index.html").read_text("utf-8")
    assert re.findall(r'<section[^>]* id="(\w+)"', page)[0] == "etudiants"
    assert re.findall(r'href="#(\w+)"', page[page.index("<nav") :])[0] == "etudiants"


def test_the_staff_sees_where_a_test_failed_and_the_student_does_not(graded: GradedClass, site: Path) -> None:
    """Line, source and error, of hidden tests too; on a student's page nothing of it."""
    said = text_of(site / "etudiants" / page_name("bruno"))
    assert "Où le test a échoué" in said
    assert "assert [double(n) for n in (5, -3)] == [10, -6]" in said
    folder = graded.settings.folder("feedback", "bruno", ASSIGNMENT)
    ClassFeedback(graded.settings, ASSIGNMENT, ["bruno"]).make()
    (page,) = folder.glob("*.html")
    assert "double(n) for n in (5, -3)" not in page.read_text("utf-8")


def test_each_verdict_file_is_read_once(graded: GradedClass, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many pages a class's report has."""
    read: Counter[Path] = Counter()
    read_bytes = Path.read_bytes

    def counted(path: Path) -> bytes:
        read[path] += 1
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", counted)
    write_dashboard(graded.settings, ASSIGNMENT, tmp_path / "site")
    files = set((graded.course.root / "verdicts").rglob("*.json"))
    assert len(files) == 9
    assert {path: read[path] for path in files} == dict.fromkeys(files, 1)


def test_a_damaged_verdict_file_is_said_and_stops_nobody(graded: GradedClass, tmp_path: Path) -> None:
    """The work stands without a mark under its own heading, with the command that renews the file."""
    path = graded.course.root / "verdicts" / "alice" / ASSIGNMENT / f"{ASSIGNMENT}.json"
    before = path.read_bytes()
    path.write_bytes(b"{")
    try:
        site = write_dashboard(graded.settings, ASSIGNMENT, tmp_path / "site").index.parent
    finally:
        path.write_bytes(before)
    rows = {row["student_id"]: row for row in read_csv(site / "marks.csv")}
    assert (rows["alice"]["mark"], rows["alice"]["reasons_to_look"]) == ("", "Correction en échec")
    assert "course autograde petit" in text_of(site / "etudiants" / "alice.html")
    assert rows["bruno"]["mark"] == "3.5"


def test_who_is_to_be_looked_at(graded: GradedClass, site: Path) -> None:
    """The unreadable, the stopped and the alike are named, each with the reason; the rest only late."""
    rows = {row["student_id"]: row for row in read_csv(site / "marks.csv")}
    assert "Illisible" in rows["gaelle"]["reasons_to_look"]
    assert "Arrêt ou délai dépassé" in rows["farid"]["reasons_to_look"]
    assert "Exemples de l'énoncé seulement" in rows["bruno"]["reasons_to_look"]
    assert "Réponse proche" in rows["damien"]["reasons_to_look"]
    assert "Réponse proche" in rows["emma"]["reasons_to_look"]
    assert rows["alice"]["reasons_to_look"] == "En retard"


def test_each_student_has_a_page_with_all_criteria(site: Path) -> None:
    """The page names hidden criteria too, and quotes what a person wrote."""
    said = text_of(site / "etudiants" / "bruno.html")
    assert "✓ Réussi Le double de 2 est 4." in said
    assert "✗ Manqué Le double d'autres nombres. caché autre échec" in said
    assert "noté à la main" in said
    assert "3,5 sur 6" in said
    pages = sorted(path.name for path in (site / "etudiants").iterdir())
    assert pages == sorted(page_name(student) for student in handed_in(site))


def test_the_overview_says_how_the_class_did(site: Path) -> None:
    """Counts, statistics and their limits stand in French, with decimal commas."""
    said = text_of(site / "index.html")
    assert "9 travaux rendus sur 10 inscrits" in said
    assert "1 sans travail rendu" in said
    assert "note médiane sur 6" in said
    assert re.search(r"alpha.{0,40}non calculable", said), "one exercise that is settled for all has no alpha"
    assert "nan" not in said.split()


def test_misconceptions_are_counted(site: Path) -> None:
    """What was recognised stands with its hint, how many share it and who; on the student's page, too."""
    said = text_of(site / "index.html")
    assert f"{HINT} (not_doubled) 2 bruno , chloé d'Arc" in said
    assert HINT in text_of(site / "etudiants" / "bruno.html")
    assert HINT not in text_of(site / "etudiants" / "alice.html")
    named = {row["student_id"] for row in read_csv(site / "criteria.csv") if row["misconception"] == "not_doubled"}
    assert named == {"bruno", "chloé d'Arc"}


def test_two_alike_stand_side_by_side(site: Path) -> None:
    """A copy with other names is found, and shown as the same but for them."""
    page = next((site / "paires").glob("*.html"))
    said = text_of(page)
    assert "damien et emma" in said
    assert "jamais une preuve" in said
    assert 'class="form"' in page.read_text("utf-8")


def test_sheets_hold_everything(site: Path) -> None:
    """A line a student, a line a student and criterion; no text begins as a formula."""
    marks, criteria = read_csv(site / "marks.csv"), read_csv(site / "criteria.csv")
    assert len(marks) == 9
    assert {row["criterion"] for row in criteria} == {"test_double", "test_others"}
    assert {row["hidden"] for row in criteria} == {"0", "1"}
    assert len(criteria) == 2 * 8, sorted({row["student_id"] for row in criteria})
    assert {row["last_name"][:1] for row in marks if row["student_id"] == HOSTILE} == {"'"}


def test_what_a_student_wrote_is_text(site: Path) -> None:
    """No page has an element, an attribute or an address of a student's making."""
    for page in site.rglob("*.html"):
        source = re.sub(r"<(style|script)>.*?</\1>", "", page.read_text("utf-8"), flags=re.DOTALL)
        assert "<script" not in source.lower(), page
        assert not re.search(r"<[^>]*\son\w+=", re.sub(r'"[^"]*"', '""', source)), page
        assert 'javascript:alert(4)"' not in source
        assert not re.search(r"""(src|href)=["']?https?:""", source), page


def test_a_second_run_takes_the_place_of_the_first(graded: GradedClass, tmp_path: Path) -> None:
    """Pages of an earlier run are gone; a folder of somebody else's is refused and left alone."""
    target = tmp_path / "site"
    write_dashboard(graded.settings, ASSIGNMENT, target)
    (target / "etudiants" / "parti.html").write_text("old")
    write_dashboard(graded.settings, ASSIGNMENT, target)
    assert not (target / "etudiants" / "parti.html").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"site", ".site.lock"}
    (target / MARKER).unlink()
    with pytest.raises(CourseError, match="--to"):
        write_dashboard(graded.settings, ASSIGNMENT, target)
    assert (target / "index.html").exists()


def test_an_english_course_has_an_english_dashboard(graded: GradedClass, tmp_path: Path) -> None:
    """All that is ours is English, on every page; what the small course and its students wrote is French."""
    settings = replace(graded.settings, language="en")
    site = write_dashboard(settings, ASSIGNMENT, tmp_path / "site").index.parent
    overview = text_of(site / "index.html")
    assert "9 works handed in out of 10 enrolled" in overview
    assert re.search(r"alpha.{0,40}not computable", overview)
    rows = {row["student_id"]: row for row in read_csv(site / "marks.csv")}
    assert rows["alice"]["reasons_to_look"] == "Late"
    ours = re.compile(r"\b(?:étudiants?|réponses?|critères?|réussite|note|noté|sur|avec|dans|Tableau)\b")
    for page in (site / "index.html", site / "ressemblances.html", site / "etudiants" / "alice.html"):
        assert not ours.findall(text_of(page)), page


def test_nothing_graded_is_said(graded: GradedClass, tmp_path: Path) -> None:
    """The message says what to run."""
    course = graded.course
    course_root = tmp_path / "course"
    course_root.mkdir()
    for name in ("nbgrader_config.py", "gradebook.db"):
        (course_root / name).write_bytes((course.root / name).read_bytes())
    type(course)(course_root).submit("alice", RIGHT)
    source = course_root / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    master = course.root / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    (source / master.name).write_bytes(master.read_bytes())
    with pytest.raises(CourseError, match="course autograde petit"):
        write_dashboard(GradedClass(type(course)(course_root)).settings, ASSIGNMENT, tmp_path / "site")


@pytest.mark.parametrize("student", ["..", "a/b", "é" * 128, HOSTILE, "a b"])
def test_a_page_name_is_a_plain_file_name(student: str) -> None:
    """Whatever the id, the page stands in its folder, and two ids have two pages."""
    name = page_name(student)
    assert re.fullmatch(r"[A-Za-z0-9_-]+\.html", name)
    assert name != page_name(student + "x")


def handed_in(site: Path) -> list[str]:
    return [row["student_id"] for row in read_csv(site / "marks.csv")]


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))
