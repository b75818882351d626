"""What a page tells of hidden tests has a budget in bits, kept for any master; what is told is decided by it alone."""

import itertools
import random

import pytest

from closed_doors.grading.verdict.hidden_bits import BUDGET_BITS, HiddenCell, details, hidden_cells, most_bits
from closed_doors.grading.verdict.verdict import Detail
from closed_doors.notebook.plan import plan
from closed_doors.notebook.rebuild import rebuild
from support.small_notebooks import Small


def cells_of(*weights: tuple[float, ...], points: float = 4.0) -> tuple[HiddenCell, ...]:
    return tuple(HiddenCell(f"c{n}", points, len(each), each, (1.0,)) for n, each in enumerate(weights))


def bits(cells: tuple[HiddenCell, ...]) -> float:
    return most_bits(cells, details(cells))


def drawn(seed: int) -> tuple[HiddenCell, ...]:
    chance = random.Random(seed)
    weights = [
        tuple(chance.choice((0.25, 0.5, 1.0, 1.3, 2.0)) for _ in range(chance.randint(1, 9)))
        for _ in range(chance.randint(1, 30))
    ]
    return cells_of(*weights, points=chance.choice((0.0, 1.0, 100 / len(weights))))


def test_a_few_criteria_are_told_one_by_one() -> None:
    """One bit each, and what time tells; nothing where nothing is hidden."""
    few = cells_of((1.0,) * 4, (2.0, 0.5, 1.0), (1.0, 1.0))
    assert set(details(few).values()) == {Detail.EACH}
    assert 9 + 1 <= bits(few) <= 9 + 2
    assert bits(()) == 0.0


def test_with_more_criteria_less_is_told_of_each() -> None:
    """First cells' points alone, then whether all is met, then of the first cells only; always in the cells' order."""
    alike, unlike = (1.0,) * 6, (1.0, 2.0, 4.1, 8.3, 16.7)
    assert set(details(cells_of(alike, alike, alike)).values()) == {Detail.POINTS}
    assert set(details(cells_of(unlike, unlike, unlike)).values()) == {Detail.WHETHER}
    found = list(details(cells_of(*[unlike] * 12)).values())
    words = found.count(Detail.WHETHER)
    assert found == [Detail.WHETHER] * words + [Detail.NOTHING] * (12 - words)
    assert 0 < words < 12


@pytest.mark.parametrize("seed", range(30))
def test_no_master_brings_out_more_than_the_budget(seed: int) -> None:
    """Whatever cells, weights and points, to a hundred points; never more than a bit a criterion, but for time."""
    cells = drawn(seed)
    assert bits(cells) <= BUDGET_BITS
    assert bits(cells) <= sum(cell.count for cell in cells) + 1.6


@pytest.mark.parametrize("detail", Detail)
def test_the_bits_are_no_less_than_what_pages_show(detail: Detail) -> None:
    """Counted one by one, over all that hidden criteria can be, pages are no more than the figure says."""
    cells = cells_of((1.0, 0.7, 2.0), (1.0, 1.0, 1.5), (0.5, 3.0))
    pages = set()
    for met in itertools.product(*[itertools.product((0, 1), repeat=cell.count) for cell in cells]):
        earned = [round(4 * (1 + _sum(c, m)) / (1 + sum(c.weights)), 2) for c, m in zip(cells, met, strict=True)]
        whole = round(sum(earned), 2)
        words = tuple(all(each) for each in met)
        pages.add(
            {
                Detail.EACH: met,
                Detail.POINTS: (tuple(earned), words),
                Detail.WHETHER: (whole, words),
                Detail.NOTHING: whole,
            }[detail]
        )
    assert 3 * len(pages) <= 2 ** most_bits(cells, {cell.grade_id: detail for cell in cells}) + 1e-6


def _sum(cell: HiddenCell, met: tuple[int, ...]) -> float:
    return sum(weight for weight, each in zip(cell.weights, met, strict=True) if each)


TESTS = """
def test_shown():
    assert f(3) == 6
### BEGIN HIDDEN TESTS
@weight(2.5)
def test_any():
    assert f(71) == 142
{more}
### END HIDDEN TESTS
run_tests(points=2)
"""


def test_cells_are_read_as_the_instructor_wrote_them() -> None:
    """Hidden criteria, their weights, cells of bare asserts; those that ask nothing of the student cost nothing."""
    small = Small().lesson("import math\nfrom checks import run_tests, weight").answer("def f(x): return 2 * x")
    small.grading(TESTS.format(more=""), 2)
    small.grading(TESTS.format(more="for n in [1]:\n    def test_more(): assert f(n)"), 3)
    small.grading("### BEGIN HIDDEN TESTS\nassert f(9) == 18\n### END HIDDEN TESTS", 1)
    small.grading("### BEGIN HIDDEN TESTS\nassert math.pi > 3\n### END HIDDEN TESTS", 1)
    found = hidden_cells(plan(small.master, rebuild(small.master, small.submitted).notebook))
    assert [(cell.points, cell.count, cell.weights, cell.visible) for cell in found] == [
        (2, 1, (2.5,), (1.0,)),
        (3, 2, (), ()),
        (1, 1, (1.0,), ()),
    ]


HIDDEN = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS\n"
ENDS = {
    "earned = sum(f(n) == 2 * n for n in (5, 7, 9)) / 3\nearned": 101,
    "f(9)": 101,
    "assert f(9) == 18\n'text'": 2,
    "assert f(9) == 18": 2,
    "np.testing.assert_allclose(f(9), 18)": 2,
}


@pytest.mark.parametrize("end", ENDS)
def test_a_cell_that_ends_with_a_number_tells_one_of_many_marks(end: str) -> None:
    """What it earns is any part of its points, and is counted so; an assertion is met or not."""
    small = Small().lesson("import numpy as np").answer("def f(x): return 2 * x").grading(HIDDEN.format(end), 1)
    cells = hidden_cells(plan(small.master, small.master))
    pages = 2 ** most_bits(cells, details(cells))
    assert ENDS[end] <= pages / 4 <= ENDS[end] + 1  # with a hint, too late for one, out of time, no verdict


def test_a_cell_that_runs_inside_says_any_mark() -> None:
    """What the student's process says is believed there, so each mark is one that can be told."""
    small = Small().answer("def f(x): return 2 * x").grading(HIDDEN.format("assert f(9) == 18"), 1)
    cells = hidden_cells(plan(small.master, small.master, ("cell1",)))
    assert 2 ** most_bits(cells, details(cells)) >= 4 * 101


def test_larger_steps_of_points_tell_less() -> None:
    """Marks that are multiples of a point are counted as that; thirds are rounded, and counted one by one."""
    words = [Detail.NOTHING] * 100
    whole = cells_of(*[(1.0, 1.0, 1.0)] * 100, points=4.0)  # a point each
    told = dict(zip((cell.grade_id for cell in whole), words, strict=True))
    assert 2 ** most_bits(whole, told) == pytest.approx(3 * 301)
    thirds = cells_of(*[(1.0, 1.0)] * 100, points=4.0)
    assert most_bits(thirds, told) > BUDGET_BITS
    mixed = (*whole[:-1], *cells_of((0.5,), points=4.0)[:1])
    assert 2 ** most_bits(mixed, {**told, "c0": Detail.NOTHING}) > 3 * 301
