"""The released notebook gives nothing away and costs nothing; the solved one earns everything."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.utils import determine_grade, is_grade, is_locked, is_solution

from grading.layout import Layout

NOTEBOOK = Path("masque_causal") / "masque_causal.ipynb"
GRADED_BY_HAND = {"question-2-reponse": 3.0}


def cells_of(layout: Layout, folder: str) -> list[Any]:
    return nbformat.read(layout.root / folder / NOTEBOOK, as_version=4).cells


def grade_id(cell: Any) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def automatic_marks(notebook: Any) -> dict[str, tuple[float, float]]:
    """Marks (earned, possible) of the automatically graded cells, as nbgrader reads them."""
    return {
        grade_id(cell): determine_grade(cell) for cell in notebook.cells if is_grade(cell) and not is_solution(cell)
    }


def errors(notebook: Any) -> list[tuple[str, str]]:
    return [
        (grade_id(cell), output.evalue)
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if output.output_type == "error"
    ]


def region_lines(cells: list[Any], name: str) -> set[str]:
    """Lines of the master's solution or hidden-test regions that are long enough to tell."""
    found: set[str] = set()
    for cell in cells:
        inside = False
        for line in cell.source.splitlines():
            if f"BEGIN {name}" in line:
                inside = True
            elif f"END {name}" in line:
                inside = False
            elif inside and len(line.strip()) > 5:
                found.add(line.strip())
    return found


@pytest.mark.parametrize("folder", ["release", "solutions"])
def test_committed_versions_are_what_source_generates(repository: Layout, generated: Layout, folder: str) -> None:
    """release/ and solutions/ in git are, to the byte, what nbgrader generates from source/."""
    committed = (repository.root / folder / NOTEBOOK).read_bytes()
    assert (generated.root / folder / NOTEBOOK).read_bytes() == committed, "run `make release` and commit"


@pytest.mark.parametrize("region", ["SOLUTION", "HIDDEN TESTS", "MARK SCHEME"])
def test_the_release_gives_nothing_away(generated: Layout, region: str) -> None:
    """No line of a solution, a hidden test or a mark scheme stands in the student version."""
    secret = region_lines(cells_of(generated, "source"), region)
    assert secret
    public = {line.strip() for cell in cells_of(generated, "release") for line in cell.source.splitlines()}
    assert secret & public == set()
    assert f"BEGIN {region}" not in (generated.root / "release" / NOTEBOOK).read_text(encoding="utf-8")


def test_points_add_up_to_twenty(generated: Layout) -> None:
    """French marks: the graded cells are worth 20 points, 3 of them marked by hand; the bonus is worth none."""
    points = {grade_id(c): c.metadata.nbgrader.points for c in cells_of(generated, "source") if is_grade(c)}
    assert sum(points.values()) == 20
    assert points["bonus-verification"] == 0
    assert {name: points[name] for name in GRADED_BY_HAND} == GRADED_BY_HAND


def test_only_answers_can_be_edited(generated: Layout) -> None:
    """Every cell of the release is locked, except those that students write in."""
    open_cells = [grade_id(c) for c in cells_of(generated, "release") if not is_locked(c)]
    assert open_cells == [
        "exercice-1-reponse",
        "exercice-2-reponse",
        "question-2-reponse",
        "exercice-3-reponse",
        "bonus-reponse",
    ]


def test_every_exercise_says_what_it_asks_of_the_student(generated: Layout) -> None:
    """Difficulty, time and points are announced, and three hints unfold, before each coding exercise."""
    cells = {grade_id(cell): cell.source for cell in cells_of(generated, "release")}
    for name in ("exercice-1", "exercice-3", "bonus"):
        assert cells[name].count("<details><summary>Indice") == 3, name
    assert cells["exercice-2-enonce"].count("<details><summary>Indice") == 3
    for name in ("exercice-1", "exercice-2", "question-2", "exercice-3", "bonus"):
        assert re.search(r"\*\*Difficulté\*\* [●○]{3} · \*\*Temps conseillé\*\*\s: \d+", cells[name]), name
        assert "points" in cells[name], name


def test_every_figure_has_an_alternative_text(generated: Layout) -> None:
    """Lesson figures are tagged demo and say in words what they show."""
    demos = [cell for cell in cells_of(generated, "source") if "demo" in cell.metadata.get("tags", [])]
    assert len(demos) == 6
    assert all(re.search(r'\balt="[^"]{40,}', cell.source) for cell in demos)
    drawing = [grade_id(c) for c in cells_of(generated, "source") if "plt.subplots" in c.source]
    assert set(drawing) <= {grade_id(cell) for cell in demos}


@pytest.mark.slow
def test_the_untouched_release_runs_and_earns_nothing(executed: Callable[[str], Any]) -> None:
    """A student who opens the notebook and runs it all meets no error, and has no point yet."""
    notebook = executed("release")
    assert errors(notebook) == []
    assert {mark for mark, _ in automatic_marks(notebook).values()} == {0.0}


@pytest.mark.slow
def test_the_untouched_release_says_what_is_missing(executed: Callable[[str], Any]) -> None:
    """The checks of an empty exercise name the function to write, in French, without a traceback."""
    notebook = executed("release")
    cell = next(c for c in notebook.cells if grade_id(c) == "exercice-1-verification")
    text = "".join(output.get("text", "") for output in cell.outputs)
    assert "✗" in text
    assert "create_local_mask" in text
    assert "Traceback" not in text


@pytest.mark.slow
def test_the_solved_notebook_earns_every_automatic_point(executed: Callable[[str], Any]) -> None:
    """The master's own solutions pass every criterion, hidden ones included."""
    notebook = executed("source")
    assert errors(notebook) == []
    marks = automatic_marks(notebook)
    assert all(earned == possible for earned, possible in marks.values()), marks
    assert sum(possible for _, possible in marks.values()) == 17
    text = "".join(o.get("text", "") for c in notebook.cells for o in c.get("outputs", ()))
    assert "✗" not in text


@pytest.mark.slow
def test_the_solved_notebook_runs_without_a_warning(executed: Callable[[str], Any]) -> None:
    """Nothing is written to stderr by any cell of the lesson or of the solutions."""
    noisy = {
        grade_id(cell): output.text
        for cell in executed("source").cells
        for output in cell.get("outputs", ())
        if output.output_type == "stream" and output.name == "stderr"
    }
    assert noisy == {}


@pytest.mark.slow
def test_every_figure_is_shown_once_with_its_alternative_text(executed: Callable[[str], Any]) -> None:
    """Each demo cell shows one picture, and the picture carries its text."""
    for cell in executed("source").cells:
        if "demo" in cell.metadata.get("tags", []):
            pictures = [o for o in cell.outputs if "image/png" in o.get("data", {})]
            assert len(pictures) == 1, grade_id(cell)
            assert len(pictures[0].metadata["image/png"]["alt"]) > 40, grade_id(cell)
