"""Figures as French writes them, and the thresholds at which their names change."""

from datetime import datetime, timedelta

import pytest

from closed_doors.pages.dashboard.criterion_wording import (
    KINDS,
    alpha_level,
    arrival,
    decimal,
    difficulty_level,
    discrimination_level,
    duration,
    share,
)

DUE = datetime(2026, 10, 16, 16)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        *((0.844, "0,84\u00a0s"), (59.4, "59,4\u00a0s"), (60, "1\u00a0min"), (3540, "59\u00a0min")),
        *((3599, "1\u00a0h\u00a000"), (27_000, "7\u00a0h\u00a030"), (86_400, "1\u00a0j")),
        (187_200, "2\u00a0j\u00a04\u00a0h"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    """The two largest units, rounded to the smaller."""
    assert duration(seconds) == text


def test_arrivals() -> None:
    """By the deadline, which an extension may have moved; or the time itself."""
    assert arrival(DUE - timedelta(hours=2), DUE, 0) == "2\u00a0h\u00a000 avant"
    assert arrival(DUE + timedelta(hours=2), DUE, 7200) == "2\u00a0h\u00a000 de retard"
    assert arrival(DUE + timedelta(hours=2), DUE, 0) == "avec un délai accordé"
    assert arrival(DUE, None, 0) == "16/10/2026 16:00 UTC"
    assert arrival(None, DUE, 0) == "heure inconnue"


def test_what_has_no_value_says_so() -> None:
    """Never a number that is none."""
    assert share(None) == decimal(None) == "non calculable"
    levels = (difficulty_level(None), discrimination_level(None), alpha_level(None))
    assert {level.word for level in levels} == {"non calculable"}
    assert (share(0.425), decimal(-0.256)) == ("42\u00a0%", "−0,26")


def test_thresholds() -> None:
    """A figure at a threshold has the better name."""
    assert [difficulty_level(x).word for x in (0.29, 0.3, 0.5, 0.85, 0.86)] == [
        *("difficile", "assez difficile", "accessible", "accessible", "facile")
    ]
    assert [discrimination_level(x).word for x in (-0.01, 0.19, 0.2, 0.3)] == ["à relire", "faible", "moyenne", "bonne"]
    assert [alpha_level(x).word for x in (-0.2, 0.69, 0.7, 0.8)] == ["limitée", "limitée", "suffisante", "bonne"]


def test_every_kind_has_a_name() -> None:
    """What checks can find of a criterion has a French name here."""
    from checks.report import Kind

    assert set(KINDS) == {kind.value for kind in Kind}
