"""What a policy says at a moment."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from closed_doors.core.profile import Serve
from closed_doors.nbgrader.hand_in_queue import Told
from closed_doors.serving.live_policy import day_of, may_be_told, quiet_until

NOW = datetime(2026, 11, 3, 12, 0)


@pytest.mark.parametrize(
    ("hours", "time", "until"),
    [
        (("08:00-09:30",), "08:00", "09:30"),
        (("08:00-09:30",), "09:29", "09:30"),
        (("08:00-09:30",), "09:30", None),
        (("22:00-06:00",), "23:15", "06:00"),
        (("22:00-06:00",), "05:59", "06:00"),
        (("22:00-06:00",), "06:00", None),
        (("08:00-09:00", "12:00-13:00"), "12:30", "13:00"),
        ((), "12:30", None),
    ],
)
def test_quiet_hours(hours: tuple[str, ...], time: str, until: str | None) -> None:
    """They begin with their first minute and end before their last, over midnight too."""
    now = datetime.fromisoformat(f"2026-11-03T{time}:20").replace(tzinfo=timezone(timedelta(hours=1)))
    found = quiet_until(hours, now)
    assert (found and f"{found:%H:%M}") == until
    assert found is None or timedelta() < found - now < timedelta(days=1)


def test_a_day_is_the_clocks() -> None:
    """It goes from midnight to midnight of the zone, given in UTC."""
    begun, ends = day_of(datetime(2026, 11, 3, 0, 30, tzinfo=timezone(timedelta(hours=2))))
    assert (begun, ends) == (datetime(2026, 11, 2, 22), datetime(2026, 11, 3, 22))
    assert begun.tzinfo is None
    assert day_of(datetime(2026, 11, 3, 23, 59, tzinfo=UTC))[1] == datetime(2026, 11, 4)


@pytest.mark.parametrize(
    ("feedback", "deadline", "pending", "told"),
    [
        ("at once", None, True, Told.WHOLE),
        ("visible until due", NOW + timedelta(hours=1), False, Told.VISIBLE),
        ("visible until due", NOW - timedelta(hours=1), False, Told.WHOLE),
        ("visible until due", None, False, Told.VISIBLE),
        ("after marking by hand", None, True, Told.NOTHING),
        ("after marking by hand", None, False, Told.WHOLE),
    ],
)
def test_who_may_read_what(feedback: str, deadline: datetime | None, pending: bool, told: Told) -> None:
    """Each policy tells what its name says; without a due date, nothing of hidden tests where they wait for it."""
    assert may_be_told(Serve(feedback=feedback), NOW, deadline, pending) is told  # type: ignore[arg-type]
