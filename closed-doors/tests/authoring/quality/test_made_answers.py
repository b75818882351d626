"""Wrong answers are made of a master that nobody has labelled any for; each runs to its end."""

import ast

import pytest

from checks.report import CellReport, Criterion, Kind
from closed_doors.authoring.quality.grade_one_answer import Exercise, read_exercises, together
from closed_doors.authoring.quality.made_answers import as_handed_out, giving_nothing, made_answers
from closed_doors.core.assignment_files import NO_FILES
from closed_doors.core.layout import Layout
from closed_doors.grading.verdict.verdict import judged
from support.courses import ASSIGNMENT, SmallCourse, cell, master

SOLUTION = '''
import math
limit = 3
class Box:
    size = 2
    def area(self):
        return self.size ** 2
def double(x):
    """Twice."""
    return 2 * x
limit += double(1)
'''


def exercise(solution: str, handed_out: str = "") -> Exercise:
    return Exercise("e", "e", 1, solution, (), NO_FILES, (), handed_out)


def test_an_answer_that_gives_nothing_has_every_name() -> None:
    """Functions and methods return None, names are None, and nothing else is left that could fail."""
    namespace: dict[str, object] = {}
    exec(giving_nothing(SOLUTION), namespace)
    assert namespace["limit"] is None
    assert eval("(double(2), Box().area(), Box.size)", namespace) == (None, None, 2)


@pytest.mark.parametrize("stub", ["# YOUR CODE HERE\nraise NotImplementedError()", "%magic", ""])
def test_a_stub_that_would_end_its_cell_is_left_out(stub: str) -> None:
    """An attack below it would never run."""
    assert not as_handed_out(stub)


def test_a_stub_within_a_function_stays() -> None:
    """It ends the function's call only."""
    stub = "def f(x):\n    raise NotImplementedError()"
    assert as_handed_out(stub) == stub


def test_wrong_answers_are_of_three_kinds() -> None:
    """What is handed out, what gives nothing, and small mistakes, all different from the solution."""
    made = made_answers("a", exercise(SOLUTION))
    assert [one.name for one in made] == ["as-handed-out", "gives-nothing", "mutant-1", "mutant-2", "mutant-3"]
    assert len({ast.dump(ast.parse(one.source)) for one in made} | {ast.dump(ast.parse(SOLUTION))}) == 6
    assert not any(one.right for one in made)


def test_of_a_cell_with_magics_what_is_handed_out_is_made() -> None:
    """What is no plain Python is not changed."""
    assert [one.name for one in made_answers("a", exercise("%pip list\nx = 1"))] == ["as-handed-out"]


def test_several_cells_may_check_one_answer(course: SmallCourse) -> None:
    """All that stand before the next answer are the exercise's, and count by their points."""
    notebook = master()
    notebook.cells.append(cell("code", "encore", "assert double(3) == 6", grade=True, points=3))
    course.set_master(notebook)
    (found,) = read_exercises(Layout(course.root), ASSIGNMENT).values()
    assert len(found.checks) == 2
    assert "assert double(3) == 6" in found.check_source
    assert "NotImplementedError" in found.handed_out


def test_a_report_of_several_cells_is_by_points() -> None:
    """A cell's criteria share the cell's points; where one has no verdict, there is none of the whole."""
    met, missed = (Criterion("cell", "", 1.0, True, kind) for kind in (Kind.PASSED, Kind.FAILED))
    one, other = judged("a", 1, CellReport((met, missed), 1)), judged("b", 3, CellReport((met,), 3))
    report = together([one, other])
    assert report is not None
    assert (report.points, report.earned) == (4, 3.5)
    assert together([one]) == one.report
    assert together([one, None]) is None
