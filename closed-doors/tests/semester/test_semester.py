"""A semester in one go: its totals are those of an independent calculation, before it is archived and after.

Four assignments; work that is late, extensions, a student who joins and one who is removed, a test that was wrong, an
exercise that is cancelled, an archive that is restored and graded again.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner

from closed_doors.cli.main import main
from closed_doors.nbgrader.api import NbgraderCourse
from closed_doors.nbgrader.receipts import write_receipts
from support.courses import CONFIG, cell

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]

DUE = datetime(2026, 10, 24, 22, tzinfo=UTC)
DOUBLE = {
    "right": "def double(n):\n    return 2 * n",
    "half": "def double(n):\n    return n + 2",
    "wrong": "double = abs",
}
TRIPLE = {"right": "def triple(n):\n    return 3 * n", "wrong": "def triple(n):\n    return n"}
TESTS = '''def test_double():
    """Le double de 2 est 4."""
    assert double(2) == 4
### BEGIN HIDDEN TESTS
def test_others():
    """Le double d'autres nombres."""
    assert [double(n) for n in (5, -3)] == [10, -6]
### END HIDDEN TESTS
run_tests(points=4)'''
TRIPLED = '''def test_triple():
    """Le triple de 2 est 6."""
    assert triple(2) == 6
run_tests(points=2)'''
COURSE = """
[total]
scale = 20
round = 0.5
[[total.groups]]
name = "devoirs"
assignments = ["un", "deux", "trois"]
weight = 2
drop = 1
"""
# By assignment and student: double, triple, points for the question, hours after the due date.
Work = tuple[str, str, float, float]
WORK: Mapping[str, Mapping[str, Work]] = {
    "un": {
        "anna": ("right", "right", 2, -5),
        "bea": ("half", "right", 1.5, 30),  # with a day more: one day begun
        "emil": ("right", "right", 2, -1),
    },
    "deux": {
        "anna": ("right", "wrong", 1.5, -3),
        "bea": ("right", "right", 2, 49),  # three days begun
        "carl": ("wrong", "right", 0, -9),
    },
    "trois": {
        "anna": ("half", "right", 2, -2),
        "carl": ("right", "wrong", 2, -2),
        "dora": ("half", "wrong", 1, 1),
    },
    "quatre": {
        "anna": ("right", "wrong", 1, -2),
        "bea": ("right", "right", 0, 24),
        "carl": ("right", "right", 2, 72),  # with exactly as much time more
        "dora": ("half", "right", 2, -2),
    },
}
EXTENSIONS = {("un", "bea"): 24, ("quatre", "carl"): 72}


def expected(student: str) -> Decimal:
    """A student's total as anybody would work it out on paper."""
    shares = {}
    for name, works in WORK.items():
        maximum = Decimal(6 if name == "trois" else 8)  # its second exercise is cancelled
        shares[name] = Decimal(0)
        if student in works:
            double, triple, by_hand, hours = works[student]
            points = {"right": 4, "half": 2, "wrong": 0}[double] + Decimal(str(by_hand))
            points += 2 if triple == "right" and name != "trois" else 0
            late_h = hours - EXTENSIONS.get((name, student), 0)
            days = -(-late_h // 24) if late_h > 0 else 0
            shares[name] = max(points - Decimal("0.5") * Decimal(int(days)), Decimal(0)) / maximum
    best = sorted((shares[name] for name in ("un", "deux", "trois")), reverse=True)[:2]
    total = 20 * (2 * sum(best) / 2 + shares["quatre"]) / 3
    return (total * 2).quantize(Decimal(1), ROUND_HALF_UP) / 2


def notebook(tests: str = TESTS, with_triple: bool = True) -> Any:
    solution = "### BEGIN SOLUTION\n{}\n### END SOLUTION"
    cells = [
        cell("code", "preparation", "from checks import run_tests"),
        cell("code", "double-reponse", solution.format(DOUBLE["right"]), solution=True, locked=False),
        cell("code", "double-verification", tests, grade=True, points=4),
    ]
    if with_triple:
        cells += [
            cell("code", "triple-reponse", solution.format(TRIPLE["right"]), solution=True, locked=False),
            cell("code", "triple-verification", TRIPLED, grade=True, points=2),
        ]
    cells.append(cell("markdown", "question", "Pourquoi ?", grade=True, solution=True, locked=False, points=2))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(metadata={"kernelspec": kernel}, cells=cells)


def place(root: Path, folder: str, name: str, made: Any) -> None:
    path = root / folder / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, path)


def hand_in(root: Path, name: str, student: str, work: Work) -> None:
    made = notebook()
    made.cells[1].source, made.cells[3].source, made.cells[5].source = DOUBLE[work[0]], TRIPLE[work[1]], "Parce que."
    place(root, f"submitted/{student}", name, made)
    write_receipts(root, {(student, name): DUE + timedelta(hours=work[3])})


def course(root: Path, *words: str) -> str:
    done = CliRunner().invoke(main, ["--root", str(root), *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def totals(root: Path) -> dict[str, Any]:
    return {one["student"]: one for one in json.loads(course(root, "marks", "--json"))["students"]}


def play(root: Path) -> None:
    """Play the semester, as its instructors do."""
    root.mkdir()
    (root / "nbgrader_config.py").write_text(CONFIG + "\nc.PointsPerDay.points_per_day = 0.5\n", encoding="utf-8")
    (root / "course.toml").write_text(COURSE, encoding="utf-8")
    for name in WORK:
        wrong = TESTS.replace("-6", "-7") if name == "deux" else TESTS
        place(root, "source", name, notebook(wrong))
    stock = NbgraderCourse(root)
    for student in ("anna", "bea", "carl", "emil"):
        course(root, "student", "add", student, "--first", student.title())
    for name, works in WORK.items():
        if name == "trois":
            course(root, "student", "add", "dora")
            course(root, "student", "remove", "emil", "--yes")
        if name == "quatre":
            stock.register(name)
            course(root, "student", "extend", "carl", name, (DUE + timedelta(hours=72)).isoformat())
        for student, work in works.items():
            hand_in(root, name, student, work)
        # A wrong key fails the master's own solution: its cell waits for a person until the key is mended.
        rest = ["--grade-the-rest"] if name == "deux" else []
        course(root, "autograde", name, "-j", "2", *rest)
        for student, work in works.items():
            stock.mark_by_hand(name, name, "question", student, work[2], "")
        course(root, "due", name, DUE.isoformat(), "--yes")
    course(root, "student", "extend", "bea", "un", "--days", "1")
    place(root, "source", "deux", notebook())
    course(root, "regrade", "deux", "--yes", "-j", "2")
    place(root, "source", "trois", notebook(with_triple=False))
    course(root, "regrade", "trois", "--yes", "-j", "2")


def test_a_semesters_totals_are_those_of_a_calculator(tmp_path: Path) -> None:
    """To the half point, for everybody; restored elsewhere and graded again, they are the same."""
    root = tmp_path / "course"
    play(root)
    found = totals(root)
    assert {name: one["total"] for name, one in found.items()} == {
        student: float(expected(student)) for student in ("anna", "bea", "carl", "dora")
    }
    assert not any(one["provisional"] for one in found.values())
    assert found["dora"]["marks"]["un"] == {"points": None, "state": "absent", "counts": True}

    course(root, "archive", str(tmp_path / "semester.tar.gz"))
    done = CliRunner().invoke(main, ["restore", str(tmp_path / "semester.tar.gz"), str(tmp_path / "again")])
    assert done.exit_code == 0, done.output
    assert totals(tmp_path / "again") == found
    for name in WORK:
        course(tmp_path / "again", "autograde", name, "--force", "-j", "2")
    assert totals(tmp_path / "again") == found
