"""What only noyau_attention has: its marks, its cells, and names that students must write themselves."""

import ast
import re
from collections.abc import Callable
from typing import Any

import pytest
from nbgrader.utils import is_grade, is_solution
from tests.course.notebooks import automatic_marks, cells_of, grade_id, is_open, printed

from closed_doors.core.layout import Layout

ASSIGNMENT = "noyau_attention"
POINTS = {
    "exercice-1-verification": 3,
    "exercice-2-verification": 5,
    "exercice-3-verification": 3,
    "exercice-4-verification": 6,
    "question-4-reponse": 3,
    "bonus-verification": 0,
}
WRITTEN_BY_STUDENTS = {
    "softmax_from_scratch",
    "scaled_dot_product_attention_from_scratch",
    "create_causal_mask_manual",
    "create_causal_mask",
    "ScaledDotProductAttention",
}
FROM_THE_COURSE = {f"attention.{module}" for module in ("figures", "interactive", "leaks", "without_torch", "writing")}


def test_points_of_each_cell(generated: Layout) -> None:
    """Seventeen points are given automatically, three by hand, none for the bonus."""
    cells = cells_of(generated, "source", ASSIGNMENT)
    assert {grade_id(c): c.metadata.nbgrader.points for c in cells if is_grade(c)} == POINTS


def test_students_write_in_six_cells(generated: Layout) -> None:
    """Four exercises, a free-text question and a bonus, in the order of the lesson."""
    open_cells = [grade_id(c) for c in cells_of(generated, "release", ASSIGNMENT) if is_open(c)]
    assert open_cells == [
        *(f"exercice-{n}-reponse" for n in (1, 2, 3, 4)),
        "question-4-reponse",
        "bonus-reponse",
    ]


def imports_of(source: str) -> tuple[set[str], set[str]]:
    """Return the modules that code imports whole, and those that it imports from."""
    nodes = list(ast.walk(ast.parse(source)))
    whole = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    return whole, {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


def test_the_answers_are_not_within_reach(generated: Layout) -> None:
    """The lesson imports figures and measures from the course, and never what the exercises ask for."""
    cells = [cell for cell in cells_of(generated, "source", ASSIGNMENT) if cell.cell_type == "code"]
    for cell in cells:
        whole, parts = imports_of(cell.source)
        assert {name for name in parts if name.startswith("attention")} <= FROM_THE_COURSE
        assert not {name for name in whole if name.startswith("attention")}
    bodies = [node for cell in cells if is_solution(cell) for node in ast.parse(cell.source).body]
    solved = {node.name for node in bodies if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assert solved == WRITTEN_BY_STUDENTS | {"streaming_attention"}


def test_points_are_announced_as_they_are(generated: Layout) -> None:
    """What a statement promises is what its checks are worth."""
    cells = {grade_id(cell): cell.source for cell in cells_of(generated, "release", ASSIGNMENT)}
    for name, points in POINTS.items():
        if points:
            statement = cells[re.sub("-(verification|reponse)$", "", name)]
            assert f"**{points}\N{NO-BREAK SPACE}points**" in statement, name


@pytest.mark.slow
def test_the_solved_notebook_earns_seventeen_points(executed: Callable[[str, str], Any]) -> None:
    """All that is not marked by hand."""
    assert sum(possible for _, possible in automatic_marks(executed("source", ASSIGNMENT)).values()) == 17


@pytest.mark.slow
def test_the_traps_show_what_the_lesson_says(executed: Callable[[str, str], Any]) -> None:
    """The numbers that the text comments on are those that the cells print."""
    said = printed(executed("source", ASSIGNMENT))
    assert said["softmax-debordement"].count("[nan nan nan]") == 2
    assert "exp(710) = inf" in said["softmax-debordement"]
    assert re.findall(r"0,42|0,09\]", said["piege-additif"]) == ["0,42", "0,42", "0,09]"]
    assert said["piege-apres"].count("[0,7311 0,2689 0,0000]") == 2
    assert "[nan nan nan]" in said["piege-apres"]
    assert "-1e9 en float16 : -inf" in said["piege-demi"]
    assert "[0,33 0,33 0,33]" in said["piege-demi"]
    assert "Poids réparés : [[1,00 0,00] [0,00 0,00]]" in said["piege-retour"]
    assert re.search(r"\[ *nan +nan\]", said["piege-retour"])
