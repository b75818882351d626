"""Figures as French writes them, and the thresholds at which their names change."""

from datetime import datetime, timedelta

import pytest

from closed_doors.core.wording import languages, wording
from closed_doors.pages.dashboard.words_and_thresholds import FigureWording

SAID = FigureWording(wording())
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
    assert SAID.duration(seconds) == text


def test_arrivals() -> None:
    """By the deadline, which an extension may have moved; or the time itself."""
    assert SAID.arrival(DUE - timedelta(hours=2), DUE, 0) == "2\u00a0h\u00a000 avant la limite"
    assert SAID.arrival(DUE + timedelta(hours=2), DUE, 7200) == "2\u00a0h\u00a000 de retard"
    assert SAID.arrival(DUE + timedelta(hours=2), DUE, 0) == "avec un délai accordé"
    assert SAID.arrival(DUE, None, 0) == "16/10/2026 16:00 UTC"
    assert SAID.arrival(None, DUE, 0) == "heure inconnue"


def test_what_has_no_value_says_so() -> None:
    """Never a number that is none."""
    assert SAID.share(None) == SAID.decimal(None) == "non calculable"
    levels = (SAID.difficulty_level(None), SAID.discrimination_level(None), SAID.alpha_level(None))
    assert {level.word for level in levels} == {"non calculable"}
    assert (SAID.share(0.425), SAID.decimal(-0.256)) == ("42\u00a0%", "−0,26")


def test_thresholds() -> None:
    """A figure at a threshold has the better name."""
    assert [SAID.difficulty_level(x).word for x in (0.29, 0.3, 0.5, 0.85, 0.86)] == [
        *("difficile", "assez difficile", "accessible", "accessible", "facile")
    ]
    assert [SAID.discrimination_level(x).word for x in (-0.01, 0.19, 0.2, 0.3)] == [
        "à relire",
        "faible",
        "moyenne",
        "bonne",
    ]
    assert [SAID.alpha_level(x).word for x in (-0.2, 0.69, 0.7, 0.8)] == ["limitée", "limitée", "suffisante", "bonne"]


def test_every_kind_has_a_name() -> None:
    """What checks can find of a criterion is called something in every language."""
    from checks.report import Kind

    assert all(wording(language).knows(f"kind.{kind.value}") for language in languages() for kind in Kind)


def test_english_has_its_own_marks() -> None:
    """A decimal point, no blank before the percent sign, the date begun by the year."""
    said = FigureWording(wording("en"))
    assert (said.share(0.425), said.decimal(-0.256), said.duration(187_200)) == (
        "42%",
        "−0.26",
        "2\u00a0d\u00a04\u00a0h",
    )
    assert said.arrival(DUE, None, 0) == "2026-10-16 16:00 UTC"
