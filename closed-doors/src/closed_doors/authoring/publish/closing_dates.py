"""Which answers are not to be handed out yet: those that another assignment, still open, asks students to write."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url

from closed_doors.core.assignment_files import Files
from closed_doors.core.layout import Layout
from closed_doors.core.profile import read_profile
from closed_doors.nbgrader.gradebook_reader import read_enrolment
from closed_doors.nbgrader.handed_out import Given, answers, answers_given
from closed_doors.nbgrader.settings import Settings, read_settings


@dataclass(frozen=True, slots=True)
class TooEarly:
    """A module that holds answers of an assignment which is still open.

    Attributes:
        given: the module, and what it defines.
        closes: until when that assignment is open; None where nobody has said.
    """

    given: Given
    closes: datetime | None

    def __str__(self) -> str:
        until = f"open until {self.closes:%Y-%m-%d %H:%M %z}" if self.closes else "which has no closing date"
        given = self.given
        return f"{given.module} defines {', '.join(given.names)}, asked for by {given.assignment}, {until}"


def too_early(layout: Layout, assignment: str | None, modules: Files) -> list[TooEarly]:
    """Return which modules hold answers of another assignment that is open now.

    An assignment closes when course.toml says, else at its due date in the gradebook. One of which neither is known
    counts as open.

    Args:
        layout: the course.
        assignment: to which the modules belong; its own answers are no question of dates. None where all count.
        modules: what is to be handed out, by path.
    """
    settings, profile = read_settings(layout.root), read_profile(layout.root)
    others = [other for other in layout.assignments() if other != assignment]
    asked = {other: answers(settings, profile, other) for other in others}
    found = []
    for given in answers_given(modules, asked):
        facts = profile.assignments.get(given.assignment)
        closes = facts.closes if facts and facts.closes else _due(settings, given.assignment)
        if closes is None or closes > datetime.now(UTC):
            found.append(TooEarly(given, closes))
    return found


def _due(settings: Settings, assignment: str) -> datetime | None:
    """Return the due date in the gradebook; None where there is none, or no gradebook yet."""
    database = make_url(settings.db_url)
    if database.drivername.startswith("sqlite") and not Path(database.database or "").exists():
        return None  # to ask would make one
    due = read_enrolment(settings.db_url, assignment).due
    return None if due is None else due.replace(tzinfo=UTC)
