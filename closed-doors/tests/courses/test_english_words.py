"""A course in English to the last word: what its students read under the checks, and on their pages."""

import re
import shutil
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from closed_doors.authoring.publish.masters import pairs, synchronise
from closed_doors.authoring.publish.plain_kernel import plain_python, run_notebook
from closed_doors.authoring.publish.student_zip import make_bundle
from closed_doors.classroom.grade_submission import grader_of
from closed_doors.classroom.read_submissions import read_assignment
from closed_doors.core.layout import Layout
from closed_doors.grading.one_notebook import Grader, OneGraded, grade_notebook
from closed_doors.grading.verdict.verdict import Verdict
from closed_doors.nbgrader.gradebook_reader import NotebookMarks
from closed_doors.nbgrader.settings import read_settings
from closed_doors.notebook.json_files import Notebook, serialise
from closed_doors.pages.feedback.feedback_content import Work
from closed_doors.pages.feedback.feedback_page import feedback_page
from support.languages import french_in
from support.works import mark

COURSE = Path(__file__).with_name("english")
NAME = "functions"
ANSWERS = {  # each goes wrong in a way of its own
    "squares": "def squares(n):\n    return [i**2.5 for i in range(1, n + 1)]",
    "sum-of-squares": "def sum_of_squares(n):\n    return None",
    "with-functions": "def twice(f, x):\n    return undefined",
    "printing": "def greet(name, title):\n    return name\ndef next_age():\n    return input('Your age? ')",
    "dice": "raise NotImplementedError()",
    "area": "def area(width:",
    "in-place": "def sort_in_place(numbers):\n    return 1 / 0",
    "mean": "def mean(numbers):\n    print('here')\n    return sum(numbers) / 2",
}
HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS\n", re.DOTALL)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the course with its masters as notebooks too."""
    there = shutil.copytree(COURSE, tmp_path_factory.mktemp("words") / "course")
    for pair in pairs(Layout(there)):
        synchronise(pair)
    return there


@pytest.fixture(scope="module")
def grader(root: Path) -> Grader:
    return grader_of(read_assignment(read_settings(root), NAME), NAME)


def written(notebook: Notebook) -> Notebook:
    """Return what is handed out with the answers of a student who goes wrong everywhere."""
    cells = [
        {**cell, "source": ANSWERS.get(cell["metadata"].get("nbgrader", {}).get("grade_id", ""), cell["source"])}
        for cell in notebook["cells"]
    ]
    return {**notebook, "cells": cells}


@pytest.fixture(scope="module")
def graded(grader: Grader) -> OneGraded:
    return grade_notebook(grader, written(grader.stubs.untouched(grader.master)))


def page(graded: OneGraded, language: str) -> str:
    """Return what a reader of the feedback page sees."""
    verdict = Verdict(assignment=NAME, student="ann", notebook=NAME, remarks=graded.remarks, cells=graded.cells)
    cells = graded.notebook["cells"]
    marks = {cell.grade_id: mark(cell.points, cell.earned) for cell in graded.cells} | {"why": mark(2, None)}
    html = feedback_page(Work(NAME, "Ann Example", cells, verdict, NotebookMarks(marks), 90_000, language))
    return unescape(re.sub(r"<(style|script).*?</\1>|<[^>]*>", " ", html, flags=re.DOTALL))


def joined(given: Any) -> str:
    """Return a text of an output, or what an output of text or of an error says."""
    if isinstance(given, dict):
        return joined(given.get("text", "")) + "\n".join((given.get("ename", ""), given.get("evalue", "")))
    return given if isinstance(given, str) else "".join(map(str, given))


def texts_under(notebook: Notebook) -> list[str]:
    """Return all that stands under the cells of a notebook, and its cells of text."""
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", ())]
    shown = [said for output in outputs for said in (*map(joined, output.get("data", {}).values()), joined(output))]
    return [*shown, *(str(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown")]


def test_each_criterion_speaks_english(graded: OneGraded) -> None:
    """What the visible tests found, what is said of hidden ones, and what cells of bare asserts say of themselves."""
    criteria = {(cell.grade_id, each.name): each for cell in graded.cells for each in cell.criteria}
    assert criteria["mean-check", "test_one_number"].message == (
        "mean([3]): the condition that is checked does not hold: mean([3]) == 3."
    )
    assert criteria["mean-check", "test_no_number"].message.endswith(
        "was to raise ValueError, and has raised no error."
    )
    assert criteria["mean-check", "test_below_zero"].message == "The condition that is checked does not hold."
    assert len(criteria) > 15
    for place, criterion in criteria.items():
        assert not french_in(criterion.text + criterion.message), place


def test_the_pages_are_english(graded: OneGraded) -> None:
    """The feedback page, and the notebook that its teachers open."""
    text = page(graded, "en")
    assert "mean([3]): the condition that is checked does not hold: mean([3]) == 3." in text
    assert not french_in(text)
    said = texts_under(graded.notebook)
    assert any("1 criterion of 4 met: 1 point of 4." in each for each in said)
    assert not [each for each in said if french_in(each)]


@pytest.mark.slow
def test_what_is_handed_out_speaks_english(root: Path, grader: Grader, tmp_path: Path) -> None:
    """In a student's own Jupyter, with nothing but the zip: the checks, their help, and the files beside them."""
    released = root / "release" / NAME
    released.mkdir(parents=True)
    notebook = written(grader.stubs.untouched(grader.master))
    for cell in notebook["cells"]:
        cell["source"] = HIDDEN.sub("", cell["source"])
    asking = {"cell_type": "code", "id": "asking", "metadata": {}, "outputs": [], "execution_count": None}
    asking["source"] = "import checks\nprint(checks.__doc__, run_tests.__doc__, raises.__doc__)"
    (released / f"{NAME}.ipynb").write_bytes(serialise({**notebook, "cells": [*notebook["cells"], asking]}))
    bundle = make_bundle(released, root)
    assert not [name for name, data in bundle.files.items() if not name.endswith(".py") and french_in(data.decode())]
    assert {"README.txt", "check_installation.py", "checks/languages/en.json"} <= bundle.files.keys()
    folder = bundle.unpack(tmp_path / "unpacked")
    ran = run_notebook(folder / f"{NAME}.ipynb", plain_python(tmp_path / "env"), tmp_path)
    said = "\n".join(texts_under(ran))
    assert "1 criterion of 3 met: 1.33 points of 4.\nGrading will check more." in said
    assert "mean([3]): the condition that is checked does not hold: mean([3]) == 3." in said
    assert "Run the functions test_… of the cell" in said
    assert not french_in(said)
