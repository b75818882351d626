"""What only multi_tetes has: its marks by hand, its cells, and what its experiments show."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from nbgrader.utils import is_grade
from tests.course.notebooks import automatic_marks, cells_of, grade_id, is_open, printed

from closed_doors.core.layout import Layout

ASSIGNMENT = "multi_tetes"
WRITTEN_BY_THE_STUDENT = ("MultiHeadAttention", "split_heads", "merge_heads")


def test_points_by_exercise(generated: Layout) -> None:
    """5, 8 and 4 points are checked by the machine, 3 are marked by hand, and the bonus gives none."""
    points = {grade_id(c): c.metadata.nbgrader.points for c in cells_of(generated, "source", ASSIGNMENT) if is_grade(c)}
    assert points == {
        "exercice-1-verification": 5,
        "exercice-2-verification": 8,
        "exercice-3-verification": 4,
        "question-3-reponse": 3,
        "bonus-verification": 0,
        "controle-module": 0,
    }


def test_students_write_in_five_cells(generated: Layout) -> None:
    """Three exercises, a free-text question and a bonus."""
    open_cells = [grade_id(c) for c in cells_of(generated, "release", ASSIGNMENT) if is_open(c)]
    assert open_cells == [
        "exercice-1-reponse",
        "exercice-2-reponse",
        "exercice-3-reponse",
        "question-3-reponse",
        "bonus-reponse",
    ]


def test_the_lesson_does_not_import_what_students_write(generated: Layout) -> None:
    """The course's own multi-head attention stays out of the notebook."""
    for cell in cells_of(generated, "source", ASSIGNMENT):
        if cell.cell_type == "code":
            assert "attention.multi_head" not in cell.source, grade_id(cell)
            for line in cell.source.splitlines():
                if re.match(r"\s*(from|import) ", line):
                    assert not any(name in line for name in WRITTEN_BY_THE_STUDENT), grade_id(cell)


@pytest.mark.slow
def test_the_solved_notebook_earns_seventeen_points(executed: Callable[[str, str], Any]) -> None:
    """All that is not marked by hand."""
    assert sum(possible for _, possible in automatic_marks(executed("source", ASSIGNMENT)).values()) == 17


@pytest.mark.slow
def test_the_experiments_show_what_the_lesson_says(executed: Callable[[str, str], Any]) -> None:
    """One head stops at one half and two do not; wrong splits leak or forget; the same mask gives two models; NaN."""
    said = printed(executed("source", ASSIGNMENT))
    errors = [float(found.replace(",", ".")) for found in re.findall(r"= (\d+,\d+)", said["experience"])]
    assert errors[0] == pytest.approx(0.5, abs=0.03)
    assert max(errors[1:]) < 0.01
    moved = [re.findall(r"\[[\d, ]*\]", line) for line in said["exercice-1-experience"].splitlines()[1:]]
    assert [row for row in moved if row] == [
        ["[1, 2, 3, 4, 5]", "[4, 5]"],
        ["[2, 3, 4, 5]", "[2, 3, 4, 5]"],
        ["[0, 1, 2, 3, 4, 5]", "[2, 5]"],
        ["[1, 2]", "[4, 5]"],
    ]
    assert re.findall(r"\b(True|False)\b", said["polarite"]) == ["False", "True"]
    assert re.findall(r"voit (\d).*voit (\d)", said["trois-dimensions"].replace("en voit", "voit")) == [
        ("5", "2"),
        ("5", "2"),
        ("5", "5"),
        ("2", "2"),
    ]
    with_weights = re.findall(r"\[[\d, ]*\]", said["gauche"])
    assert with_weights[:2] == ["[0, 1]", "[0, 1, 2, 3, 4, 5]"]
    assert with_weights[-2:] == ["[]", "[]"]
    counts = [line.split("|") for line in said["cout-mesure"].splitlines()[1:]]
    assert all(int(row[2]) == int(row[3]) and int(row[4]) == int(row[5]) for row in counts if len(row) > 1)
