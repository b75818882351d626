"""How an assignment measured a class: marks, difficulty, discrimination, reliability.

All of it is classical test theory on a table of points, one row a student and one column an item (a graded cell, or a
criterion of one). A figure that the class is too small or too uniform for is None, never a number that looks like one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]

LEAST_STUDENTS = 5  # below, a correlation is noise
SURE_STUDENTS = 30  # below, it is to be read with caution


@dataclass(frozen=True, slots=True)
class Spread:
    """How marks are spread, in points.

    Attributes:
        deviation: standard deviation of the sample (n − 1); None for a single student.
        quartiles: the first and the third.
    """

    count: int
    mean: float
    median: float
    deviation: float | None
    quartiles: tuple[float, float]
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class ItemStatistics:
    """How one item went.

    Attributes:
        difficulty: share of its points that the class earned, from 0 (nobody) to 1 (everybody); None without points or
            students.
        discrimination: correlation between the item and the sum of all others, from −1 to 1; None where the class is
            too small, or everybody earned the same.
    """

    difficulty: float | None
    discrimination: float | None


@dataclass(frozen=True, slots=True)
class Reliability:
    """How far the marks would be the same with other items of the same kind.

    Attributes:
        alpha: Cronbach's; None where it can't be computed.
        without: alpha without each item in turn.
        error: standard error of a mark, in points; None where alpha is None or negative.
        items: how many items it comes from.
        students: how many students it comes from.
    """

    alpha: float | None
    without: tuple[float | None, ...]
    error: float | None
    items: int
    students: int


def spread(marks: Sequence[float]) -> Spread | None:
    """Return how marks are spread; None where there are none."""
    if not len(marks):
        return None
    values = np.asarray(marks, dtype=float)
    first, median, third = np.percentile(values, [25, 50, 75])
    deviation = float(values.std(ddof=1)) if len(values) > 1 else None
    return Spread(
        count=len(values),
        mean=float(values.mean()),
        median=float(median),
        deviation=deviation,
        quartiles=(float(first), float(third)),
        least=float(values.min()),
        most=float(values.max()),
    )


def item_statistics(points: Points, maxima: Sequence[float], totals: Points | None = None) -> list[ItemStatistics]:
    """Return the statistics of each item.

    Args:
        points: (students, items), what each student earned.
        maxima: (items,), what each item is worth.
        totals: (students,), the sums that the items are compared with; by default, the sums of `points`. An item's own
            points are taken off, so that it is not compared with itself.
    """
    students = len(points)
    sums = points.sum(axis=1) if totals is None else totals
    found = []
    for column, most in zip(points.T, maxima, strict=True):
        difficulty = float(column.mean() / most) if students and most > 0 else None
        found.append(ItemStatistics(difficulty, _correlation(column, sums - column)))
    return found


def reliability(points: Points) -> Reliability:
    """Return Cronbach's alpha of a table of points, (students, items)."""
    students, items = points.shape
    alpha = _alpha(points)
    without = tuple(_alpha(np.delete(points, item, axis=1)) for item in range(items))
    error = None
    if alpha is not None and alpha >= 0:
        error = float(points.sum(axis=1).std(ddof=1) * math.sqrt(1 - alpha))
    return Reliability(alpha, without, error, items, students)


def _alpha(points: Points) -> float | None:
    students, items = points.shape
    if students < LEAST_STUDENTS or items < 2:
        return None
    total = points.sum(axis=1).var(ddof=1)
    if _is_zero(total, points):
        return None
    return float(items / (items - 1) * (1 - points.var(axis=0, ddof=1).sum() / total))


def _correlation(one: Points, other: Points) -> float | None:
    """Return Pearson's correlation; of an item that is passed or failed, it is the point-biserial one."""
    if len(one) < LEAST_STUDENTS:
        return None
    deviations = [values - values.mean() for values in (one, other)]
    squares = [float(values @ values) for values in deviations]
    if any(_is_zero(square, values) for square, values in zip(squares, (one, other), strict=True)):
        return None
    return float(np.clip(deviations[0] @ deviations[1] / math.sqrt(squares[0] * squares[1]), -1, 1))


def _is_zero(square: float, values: Points) -> bool:
    """Whether a sum of squares is nothing but what rounding left of values of this size."""
    return bool(square <= 1e-18 * max(1.0, float(np.abs(values).max())) ** 2 * values.size)
