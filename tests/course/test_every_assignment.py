"""A released notebook gives nothing away and costs nothing; the solved one earns everything. So for each assignment."""

import html
import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner
from nbgrader.utils import is_grade, is_locked, is_solution
from tests.conftest import ROOT
from tests.course.notebooks import automatic_marks, cells_of, errors, grade_id, printed

from closed_doors.cli.main import main
from closed_doors.core.layout import Layout

ASSIGNMENTS = Layout(ROOT).assignments()
EXERCISE = re.compile(r"(exercice|question)-\d+|bonus")

pytestmark = pytest.mark.parametrize("assignment", ASSIGNMENTS)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_assignment_passes_the_release_gate(repository: Layout, assignment: str) -> None:
    """What is committed is generated from source/, leaks nothing, runs in a plain Jupyter, earns 0 or, solved, all."""
    result = CliRunner().invoke(main, ["--root", str(repository.root), "release", "--check", assignment])
    assert result.exit_code == 0, result.output


def test_points_add_up_to_twenty(generated: Layout, assignment: str) -> None:
    """French marks: the graded cells are worth 20 points in all, and a bonus none."""
    points = {grade_id(c): c.metadata.nbgrader.points for c in cells_of(generated, "source", assignment) if is_grade(c)}
    assert sum(points.values()) == 20
    assert {value for name, value in points.items() if name.startswith("bonus")} <= {0}


def test_only_answers_can_be_edited(generated: Layout, assignment: str) -> None:
    """Every cell of the release is locked, except those that students write in."""
    for cell in cells_of(generated, "release", assignment):
        assert is_locked(cell) is not grade_id(cell).endswith("-reponse"), grade_id(cell)


def test_code_that_students_need_not_read_is_folded(generated: Layout, assignment: str) -> None:
    """In the release, tests and the code of figures are folded; answers, the lesson and the master are not."""
    for cell in cells_of(generated, "release", assignment):
        if cell.cell_type == "code":
            folded = cell.metadata.get("jupyter", {}).get("source_hidden", False)
            long_demo = "demo" in cell.metadata.get("tags", []) and len(cell.source.splitlines()) > 3
            assert folded is ((is_grade(cell) and not is_solution(cell)) or long_demo), grade_id(cell)
    assert not any("jupyter" in cell.metadata for cell in cells_of(generated, "source", assignment))


def test_every_exercise_says_what_it_asks_of_the_student(generated: Layout, assignment: str) -> None:
    """Difficulty, time and points are announced; three hints unfold before a coding exercise, and more follows."""
    cells = {grade_id(cell): cell for cell in cells_of(generated, "release", assignment)}
    exercises = [name for name in cells if EXERCISE.fullmatch(name)]
    assert exercises
    for name in exercises:
        text = cells[name].source
        assert re.search(r"\*\*Difficulté\*\* [●○]{3} · \*\*Temps conseillé\*\*\s: \d+", text), name
        assert "points" in text, name
        if cells[f"{name}-reponse"].cell_type == "code":
            statement = text + (cells[f"{name}-enonce"].source if f"{name}-enonce" in cells else "")
            assert statement.count("<details><summary>Indice") == 3, name
        if name.startswith("exercice"):
            assert "**Pour aller plus loin.**" in cells[f"{name}-plus-loin"].source, name
    answers = [grade_id(cell) for cell in cells.values() if is_solution(cell)]
    assert answers == [f"{name}-reponse" for name in exercises]


def test_every_figure_has_an_alternative_text(generated: Layout, assignment: str) -> None:
    """Lesson figures are tagged demo and say in words what they show."""
    cells = cells_of(generated, "source", assignment)
    figures = [cell for cell in cells if cell.cell_type == "code" and re.search(r"\bshow\(|plt\.subplots", cell.source)]
    assert figures
    for cell in figures:
        assert "demo" in cell.metadata.get("tags", []), grade_id(cell)
        assert re.search(r'\balt=\(?\s*f?"[^"]{40,}', cell.source), grade_id(cell)


def test_headings_are_in_order(generated: Layout, assignment: str) -> None:
    """One title, and no level of heading is skipped; at most 150 cells."""
    cells = cells_of(generated, "release", assignment)
    levels = [
        len(found[1])
        for cell in cells
        if cell.cell_type == "markdown"
        for found in re.finditer(r"^(#+) ", cell.source, re.MULTILINE)
    ]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))
    assert len(cells) <= 150


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_solved_notebook_earns_every_automatic_point(executed: Callable[[str, str], Any], assignment: str) -> None:
    """The master's own solutions pass every criterion, hidden ones included."""
    notebook = executed("source", assignment)
    assert errors(notebook) == []
    marks = automatic_marks(notebook)
    assert all(earned == possible for earned, possible in marks.values()), marks
    assert "✗" not in "".join(printed(notebook).values())


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_solved_notebook_runs_without_a_warning(executed: Callable[[str, str], Any], assignment: str) -> None:
    """Nothing is written to stderr by any cell of the lesson or of the solutions."""
    assert printed(executed("source", assignment), "stderr") == {}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_figure_is_shown_once_with_its_alternative_text(
    executed: Callable[[str, str], Any], assignment: str
) -> None:
    """Each demo cell shows one picture at most, and every picture carries its text."""
    for cell in executed("source", assignment).cells:
        pictures = [o for o in cell.get("outputs", ()) if "image/png" in o.get("data", {})]
        if pictures:
            assert len(pictures) == 1, grade_id(cell)
            assert "demo" in cell.metadata.get("tags", []), grade_id(cell)
            assert len(pictures[0].metadata["image/png"]["alt"]) > 40, grade_id(cell)
            said = f' alt="{html.escape(pictures[0].metadata["image/png"]["alt"])}"'
            assert said in pictures[0].data["text/html"], grade_id(cell)  # where JupyterLab reads it
