"""The statistics of a class, held against pingouin 0.7 and SciPy, against arithmetic by hand, and at their limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from closed_doors.pages.analysis.item_statistics import LEAST_STUDENTS, item_statistics, reliability, spread

# Ten students, four exercises worth 4, 8, 3 and 5 points.
MAXIMA = (4, 8, 3, 5)
CLASS = np.array(
    [
        *([4, 8, 3, 5], [4, 6, 2, 5], [2, 4, 1, 2.5], [0, 1, 0, 0], [4, 7, 2.5, 3]),
        *([1, 2, 2, 1], [3, 5, 0, 4], [4, 8, 3, 4.5], [2, 0, 1, 2], [0, 3, 1.5, 0]),
    ]
)


def test_alpha_is_that_of_pingouin() -> None:
    """pingouin.cronbach_alpha gives these values on the same table, whole and without each exercise."""
    found = reliability(CLASS)
    assert found.alpha == pytest.approx(0.8847147217656726)
    assert found.without == pytest.approx(
        (0.8063010501750292, 0.8584729981378025, 0.9124260355029586, 0.8112180828798661)
    )
    assert (found.items, found.students) == (4, 10)


def test_the_error_of_a_mark_is_the_deviation_times_what_alpha_leaves() -> None:
    """With a deviation of 2 points and an alpha of 0.75, a mark is known to a point."""
    found = reliability(CLASS)
    assert found.alpha is not None
    assert found.error == pytest.approx(CLASS.sum(axis=1).std(ddof=1) * (1 - found.alpha) ** 0.5)


def test_discrimination_leaves_the_item_itself_out() -> None:
    """pandas gives these correlations between each exercise and the sum of the three others."""
    found = [item.discrimination for item in item_statistics(CLASS, MAXIMA)]
    assert found == pytest.approx([0.9115725651033358, 0.8695663201411261, 0.6342918488387537, 0.8560865036525991])


def test_a_criterion_is_correlated_point_biserially() -> None:
    """scipy.stats.pointbiserialr gives this value for a criterion against the sum without it."""
    criterion = np.array([[1, 1, 1, 0, 1, 0, 1, 1, 0, 0]], dtype=float).T
    found = item_statistics(criterion, [1], CLASS.sum(axis=1))
    assert found[0].discrimination == pytest.approx(0.8528475791655801)
    assert found[0].difficulty == 0.6


def test_difficulty_is_the_share_of_points() -> None:
    """Two and four points out of eight are three eighths."""
    assert item_statistics(np.array([[2.0], [4.0]]), [8])[0].difficulty == 0.375


def test_marks_are_spread_as_by_hand() -> None:
    """Mean 4, median 3.5, quartiles 2.75 and 4.75, deviation √(20/3)."""
    found = spread([2, 3, 4, 7])
    assert found is not None
    assert (found.count, found.mean, found.median, found.quartiles) == (4, 4, 3.5, (2.75, 4.75))
    assert found.deviation == pytest.approx((14 / 3) ** 0.5)
    assert (found.least, found.most) == (2, 7)


@pytest.mark.parametrize("students", range(LEAST_STUDENTS))
def test_a_tiny_class_has_no_correlations(students: int) -> None:
    """Four students give no discrimination and no alpha, and none at all gives no difficulty either."""
    found = item_statistics(CLASS[:students], MAXIMA)
    assert {item.discrimination for item in found} == {None}
    assert all((item.difficulty is None) == (students == 0) for item in found)
    assert reliability(CLASS[:students]).alpha is None
    assert (spread(CLASS[:students].sum(axis=1)) is None) == (students == 0)


def test_a_uniform_class_has_no_correlations() -> None:
    """Where everybody earned the same, in tenths that do not add up exactly, nothing is divided by rounding."""
    same = np.full((12, 3), 0.1) + 0.2
    assert {item.discrimination for item in item_statistics(same, (1, 1, 1))} == {None}
    assert reliability(same).alpha is None
    assert reliability(same).error is None
    one = same.copy()
    one[:6, 0] = 1
    assert item_statistics(one, (1, 1, 1))[0].discrimination is None, "the others do not vary"


def test_one_item_has_no_alpha() -> None:
    """Alpha compares items with each other."""
    assert reliability(CLASS[:, :1]).alpha is None
    assert reliability(CLASS[:, :2]).without == (None, None)


def test_items_that_contradict_each_other_have_a_negative_alpha() -> None:
    """It is said as it is, and no standard error is drawn from it."""
    found = reliability(np.array([[1, 0], [0, 1], [1, 0.1], [0, 1], [1, 0], [0, 1.0]]))
    assert found.alpha is not None
    assert found.alpha < 0
    assert found.error is None


@given(st.lists(st.lists(st.sampled_from([0, 0.5, 1.0]), min_size=3, max_size=3), min_size=5, max_size=30))
def test_statistics_stay_in_their_ranges(rows: list[list[float]]) -> None:
    """Whatever the class, difficulties are shares, correlations between −1 and 1, and alpha at most 1."""
    points = np.array(rows)
    for item in item_statistics(points, (1, 1, 1)):
        assert item.difficulty is not None
        assert 0 <= item.difficulty <= 1
        assert item.discrimination is None or -1 <= item.discrimination <= 1
    alpha = reliability(points).alpha
    assert alpha is None or alpha <= 1 + 1e-9
