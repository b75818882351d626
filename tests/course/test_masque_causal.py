"""What only masque_causal has: its marks by hand, its six figures, its names of cells."""

from collections.abc import Callable
from typing import Any

import pytest
from nbgrader.utils import is_grade
from tests.course.notebooks import automatic_marks, cells_of, grade_id, is_open

from closed_doors.core.layout import Layout

ASSIGNMENT = "masque_causal"
GRADED_BY_HAND = {"question-2-reponse": 3.0}


def test_three_points_are_marked_by_hand(generated: Layout) -> None:
    """The free-text question is worth 3 points, and the bonus none."""
    points = {grade_id(c): c.metadata.nbgrader.points for c in cells_of(generated, "source", ASSIGNMENT) if is_grade(c)}
    assert points["bonus-verification"] == 0
    assert {name: points[name] for name in GRADED_BY_HAND} == GRADED_BY_HAND


def test_students_write_in_five_cells(generated: Layout) -> None:
    """Three exercises, a free-text question and a bonus."""
    open_cells = [grade_id(c) for c in cells_of(generated, "release", ASSIGNMENT) if is_open(c)]
    assert open_cells == [
        "exercice-1-reponse",
        "exercice-2-reponse",
        "question-2-reponse",
        "exercice-3-reponse",
        "bonus-reponse",
    ]


@pytest.mark.slow
def test_the_solved_notebook_earns_seventeen_points(executed: Callable[[str, str], Any]) -> None:
    """All that is not marked by hand."""
    assert sum(possible for _, possible in automatic_marks(executed("source", ASSIGNMENT)).values()) == 17
