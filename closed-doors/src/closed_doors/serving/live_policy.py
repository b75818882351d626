"""What a course's policy says at a moment: may work be graded now, and how much may its student read."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from closed_doors.core.profile import Serve
from closed_doors.nbgrader.hand_in_queue import Told


def quiet_until(hours: Iterable[str], now: datetime) -> datetime | None:
    """Return when the quiet hours end that it is in now; None outside of them.

    Args:
        hours: such as 08:00-09:30, by the clock of `now`; those that end before they begin go over midnight.
        now: a time with its zone.
    """
    for each in hours:
        begin, end = (_minutes(text) for text in each.split("-"))
        minute = 60 * now.hour + now.minute
        inside = begin <= minute < end if begin <= end else minute >= begin or minute < end
        if inside:
            left = timedelta(minutes=(end - minute) % (24 * 60))
            return (now + left).replace(second=0, microsecond=0)
    return None


def day_of(now: datetime) -> tuple[datetime, datetime]:
    """Return when the day of a time with its zone began, and when the next one does, in UTC without a zone."""
    begun = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return _plain(begun), _plain((begun + timedelta(hours=36)).replace(hour=0))


def may_be_told(policy: Serve, now: datetime, deadline: datetime | None, pending: bool) -> Told:
    """Return how much of its feedback the student of a graded work may read.

    Args:
        policy: the course's.
        now: in UTC without a zone.
        deadline: until when this student may hand in, likewise; None where there is no due date.
        pending: whether a person has still to look.
    """
    if policy.feedback == "visible until due":
        return Told.WHOLE if deadline is not None and now > deadline else Told.VISIBLE
    if policy.feedback == "after marking by hand":
        return Told.NOTHING if pending else Told.WHOLE
    return Told.WHOLE


def _plain(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return 60 * int(hours) + int(minutes)
