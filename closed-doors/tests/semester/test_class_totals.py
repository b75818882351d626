"""The class over all assignments: what counts, what is left out, what is said beside a mark, and how it is written."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook
from openpyxl import load_workbook

from closed_doors.cli.main import main
from closed_doors.core.errors import ProfileError
from closed_doors.core.wording import wording
from closed_doors.nbgrader.api import NbgraderCourse
from closed_doors.nbgrader.settings import read_settings
from closed_doors.semester.class_totals import ClassTotals, State, read_totals, rounded
from closed_doors.semester.totals_files import as_csv
from support.courses import CONFIG

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

PAST, FUTURE = (datetime.now(UTC) + timedelta(days=days) for days in (-9, 9))
NAMES = {"anna": "Zoé", "emil": "Éric", "bea": "Abel", "fred": "=1+1"}  # last names
# Points by assignment, of 10, 20, 7 and 10; a mark with a star waits for a person.
MARKS = {
    "un": {"anna": 1.06 + 0.02 - 0.02, "bea": 10, "emil": 5},
    "deux": {"anna": 20, "bea": 13, "emil": 0},
    "trois": {"anna": 7, "bea": "3*"},
    "quatre": {},
}
MAXIMA = {"un": 10, "deux": 20, "trois": 7, "quatre": 10}
TOTAL = """
[assignments.deux]
weight = 2
[assignments.quatre]
weight = 3
[total]
scale = 20
[[total.groups]]
name = "devoirs"
assignments = ["un", "deux", "trois"]
weight = 4
drop = 1
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four assignments: two are over, one waits for a person's marks, one is open still."""
    root = tmp_path_factory.mktemp("totals")
    (root / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    NbgraderCourse(root)  # it lets nbgrader find what makes a gradebook
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        for student, last in NAMES.items():
            book.add_student(student, first_name=student.title(), last_name=last)
        for name, marks in MARKS.items():
            folder = root / "source" / name
            folder.mkdir(parents=True)
            (folder / f"{name}.ipynb").write_text("{}")
            book.add_assignment(name, duedate=FUTURE if name == "quatre" else PAST)
            book.add_notebook(name, name)
            book.add_grade_cell("c", name, name, max_score=MAXIMA[name], cell_type="code")
            for student, mark in marks.items():
                book.add_submission(name, student, timestamp=PAST)
                grade = book.find_grade("c", name, name, student)
                grade.auto_score = float(str(mark).rstrip("*"))
                grade.needs_manual_grade = str(mark).endswith("*")
        book.db.commit()
    return root


def totals(root: Path, profile: str = TOTAL) -> ClassTotals:
    (root / "course.toml").write_text(profile, encoding="utf-8")
    return read_totals(read_settings(root))


def test_the_worst_is_left_out_and_weights_count(root: Path) -> None:
    """Each total is what a calculator gives; who is absent has nothing there, and it is not said to be a zero."""
    found = {one.student: one for one in totals(root).students}
    assert list(found) == ["fred", "bea", "emil", "anna"]  # by last name, without accents
    assert found["anna"].total == Fraction(20)  # 20/20 twice and 7/7
    assert found["bea"].total == 20 * (1 + 2 * Fraction(13, 20)) / 3  # 3/7 is the lowest
    assert found["emil"].total == 20 * Fraction(1, 2) * Fraction(1, 2)  # 5/10, and of two nothings the heavier goes
    assert found["fred"].total == 0
    assert {name: one.state for name, one in found["emil"].results.items()} == {
        "un": State.FINAL, "deux": State.FINAL, "trois": State.ABSENT, "quatre": State.OPEN,
    }  # fmt: skip
    assert not found["anna"].results["un"].counts
    assert all(one.provisional for one in found.values())  # one is open still


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("", {"anna": Fraction("1.06") / 10 + 2, "bea": 1 + Fraction(13, 20) + Fraction(3, 7), "emil": Fraction(1, 2)}),
        ("[assignments.trois]\nweight = 0\n", {"anna": Fraction("1.06") / 10 + 1, "emil": Fraction(1, 2)}),
    ],
)
def test_without_rules_all_count_alike(root: Path, profile: str, expected: dict[str, Fraction]) -> None:
    """The mean of shares; a weight of nothing takes an assignment out."""
    found = {one.student: one.total for one in totals(root, profile).students}
    for student, shares in expected.items():
        assert found[student] == 20 * shares / (2 if profile else 3)


def test_totals_are_rounded_halves_up(root: Path) -> None:
    """To half points where course.toml says so, and never by what a float makes of a third."""
    assert [rounded(Fraction(n, 100), 0.5) for n in (1224, 1225, 1274, 1275)] == [
        12,
        Fraction("12.5"),
        Fraction("12.5"),
        13,
    ]
    assert all(one.total is None or one.total * 2 % 1 == 0 for one in totals(root, "[total]\nround = 0.5\n").students)


def test_files_are_what_spreadsheets_read(root: Path, tmp_path: Path) -> None:
    """No float noise, numbers as numbers, French decimals where asked, no formula of a name; absent is no zero."""
    (root / "course.toml").write_text(TOTAL, encoding="utf-8")
    names = [str(tmp_path / f"marks{kind}") for kind in (".csv", ".xlsx", ".json")]
    words = ["--root", str(root), "marks", "--decimal", "comma", *(word for name in names for word in ("--to", name))]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    assert "ABS" in done.output
    rows = list(csv.DictReader(io.StringIO(Path(names[0]).read_text(encoding="utf-8-sig")), delimiter=";"))
    anna = next(row for row in rows if row["étudiant"] == "anna")
    assert anna["un (/10)"] == "1,06"
    assert (anna["un\u00a0: état"], anna["quatre\u00a0: état"]) == ("ne compte pas", "délai en cours")
    assert rows[0]["nom"] == "'=1+1"
    assert (rows[0]["trois (/7)"], rows[0]["trois\u00a0: état"]) == ("", "absent")
    sheet = load_workbook(names[1]).active
    assert sheet is not None
    assert [(cell.value, cell.data_type) for cell in sheet[2][:2]] == [("fred", "s"), ("=1+1", "s")]
    assert sheet[5][9].value == 1.06
    plain = json.loads(Path(names[2]).read_text(encoding="utf-8"))
    assert plain == json.loads(CliRunner().invoke(main, ["--root", str(root), "marks", "--json"]).stdout)
    assert plain["students"][1]["total"] == 15.33
    assert Path(names[0]).stat().st_mode & 0o077 == 0
    assert CliRunner().invoke(main, ["--root", str(root), "marks", "--to", "marks.ods"]).exit_code == 2


def test_points_are_written_with_points(root: Path) -> None:
    """Where nobody asks for commas, a program reads the file."""
    rows = list(csv.DictReader(io.StringIO(as_csv(totals(root), wording("en"), comma=False).decode())))
    assert rows[1]["total (/20)"] == "15.33"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[total.groups]]\nname = "a"\nassignments = ["nulle"]\n', "got nulle"),
        ('[[total.groups]]\nname = "a"\nassignments = ["un"]\ndrop = 1\n', "groups[0].drop: expected less than"),
        ('[[total.groups]]\nname = "a"\nassignments = ["un"]\nbest = 0\n', "groups[0].best: expected a whole number"),
        (
            '[[total.groups]]\nname = "a"\nassignments = ["un"]\nwait = 1\n',
            "one of name, assignments, weight, best, drop",
        ),
        ("[total]\nround = -1\n", "total.round: expected a number above 0, such as 0.5, got -1"),
        ("[total]\nstep = 1\n", "expected one of scale, round, groups"),
    ],
)
def test_rules_that_cannot_be_meant_are_named(root: Path, text: str, said: str) -> None:
    """The message has the key, what was expected and what came."""
    with pytest.raises(ProfileError) as error:
        totals(root, text)
    assert said in str(error.value)
