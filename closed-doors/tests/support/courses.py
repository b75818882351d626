"""Small courses to grade: one notebook with an exercise of two cells, a question marked by hand, and a class."""

import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from closed_doors.core.layout import Layout
from closed_doors.nbgrader.api import NbgraderCourse

ASSIGNMENT = "petit"
TESTS = '''
def test_double():
    """Le double de 2 est 4."""
    assert double(2) == 4
### BEGIN HIDDEN TESTS
def test_others():
    """Le double d'autres nombres."""
    assert [double(n) for n in (5, -3)] == [10, -6]
### END HIDDEN TESTS
run_tests(points=4)
'''
CONFIG = """from closed_doors.nbgrader.configuration import close_doors

c = get_config()
close_doors(c)
c.CourseDirectory.course_id = "petit-cours"
c.Moodle.timezone = "Europe/Paris"
"""
RIGHT = "def double(n):\n    return 2 * n"
HALF = "def double(n):\n    return n + 2"
WRONG = "def double(n):\n    return n"
ENDLESS = "def double(n):\n    while True: pass"


def cell(kind: str, grade_id: str, source: str, **marks: Any) -> Any:
    metadata = {
        "nbgrader": {
            "grade_id": grade_id,
            "schema_version": 3,
            "grade": False,
            "solution": False,
            "locked": True,
            "task": False,
            **marks,
        }
    }
    make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    return make(source, metadata=metadata, id=grade_id)


def solution_of(tests: str) -> str:
    """Return a function that passes these tests, TESTS with other numbers: a master has to earn its own points."""
    first, others = re.search(r"double\(2\) == (-?\d+)", tests), re.search(r"== \[(-?\d+), (-?\d+)\]", tests)
    known = {2: int(first[1])} if first else {}
    known |= {5: int(others[1]), -3: int(others[2])} if others else {}
    odd = {n: value for n, value in known.items() if value != 2 * n}
    return f"def double(n):\n    return {odd}.get(n, 2 * n)" if odd else RIGHT


def master(tests: str = TESTS, points: float = 4) -> Any:
    solution = "### BEGIN SOLUTION\n{}\n### END SOLUTION"
    return nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        cells=[
            cell("code", "preparation", "from checks import run_tests"),
            cell("code", "reponse", solution.format(solution_of(tests)), solution=True, locked=False),
            cell("code", "verification", tests, grade=True, points=points),
            cell("markdown", "question", "Pourquoi ?", grade=True, solution=True, locked=False, points=2),
        ],
    )


@dataclass(frozen=True)
class SmallCourse:
    """A course root with one assignment, registered in its gradebook."""

    root: Path

    @property
    def layout(self) -> Layout:
        return Layout(self.root)

    def set_master(self, notebook: Any) -> None:
        path = self.root / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)

    def submit(self, student: str, answer: str, text: str = "Parce que.", name: str = f"{ASSIGNMENT}.ipynb") -> Path:
        notebook = master()
        notebook.cells[1].source = answer
        notebook.cells[3].source = text
        path = self.root / "submitted" / student / ASSIGNMENT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
        return path

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.root / "gradebook.db") as db:
            return db.execute(query).fetchall()

    def grades(self) -> dict[tuple[str, str], tuple[Any, ...]]:
        """Return (automatic, manual, needs a person) by student and cell."""
        return {row[:2]: row[2:] for row in self.rows(GRADES)}

    def everything(self) -> list[list[tuple[Any, ...]]]:
        """Return all that the gradebook says of the class, without the random ids."""
        return [sorted(self.rows(query), key=repr) for query in (GRADES, COMMENTS, SUBMISSIONS)]

    def verdicts(self) -> dict[str, bytes]:
        folder = self.root / "verdicts"
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.json")}


JOINED = """FROM {table} x JOIN submitted_notebook n ON n.id = x.notebook_id
JOIN submitted_assignment s ON s.id = n.assignment_id JOIN base_cell c ON c.id = x.cell_id"""
GRADES = "SELECT s.student_id, c.name, x.auto_score, x.manual_score, x.needs_manual_grade " + JOINED.format(
    table="grade"
)
COMMENTS = "SELECT s.student_id, c.name, x.auto_comment, x.manual_comment " + JOINED.format(table="comment")
SUBMISSIONS = """SELECT s.student_id, s.timestamp, s.extension, n.flagged, n.late_submission_penalty
FROM submitted_assignment s JOIN submitted_notebook n ON n.assignment_id = s.id"""


def make_course(root: Path, settings: str = "") -> SmallCourse:
    root.mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(CONFIG + settings, encoding="utf-8")
    course = SmallCourse(root)
    course.set_master(master())
    NbgraderCourse(root).register(ASSIGNMENT)
    return course
