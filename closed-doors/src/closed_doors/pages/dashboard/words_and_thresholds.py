"""The dashboard's words and thresholds: what a figure means, and from where on it matters."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from closed_doors.core.wording import Wording

HOW_TO_READ = ("difficulty", "discrimination", "alpha", "error", "likeness", "time")


class Level(NamedTuple):
    """A word for a figure, and how much it matters: good, fair, poor or none."""

    word: str
    tone: str


@dataclass(frozen=True, slots=True)
class FigureWording:
    """What the dashboard says of figures, in one language."""

    words: Wording

    def difficulty_level(self, value: float | None) -> Level:
        """Return what a share of points means."""
        if value is None:
            return self._level("not_computable", "none")
        if value < 0.3:
            return self._level("difficult", "poor")
        if value < 0.5:
            return self._level("rather_difficult", "fair")
        return self._level("accessible", "good") if value <= 0.85 else self._level("easy", "good")

    def discrimination_level(self, value: float | None) -> Level:
        """Return what a correlation with the rest means."""
        if value is None:
            return self._level("not_computable", "none")
        if value < 0:
            return self._level("reread", "poor")
        if value < 0.2:
            return self._level("weak", "poor")
        return self._level("medium", "fair") if value < 0.3 else self._level("good", "good")

    def alpha_level(self, value: float | None) -> Level:
        """Return what Cronbach's alpha means."""
        if value is None:
            return self._level("not_computable", "none")
        if value < 0.7:
            return self._level("limited", "poor" if value < 0.5 else "fair")
        return self._level("sufficient", "good") if value < 0.8 else self._level("good", "good")

    def share(self, value: float | None) -> str:
        """Write a share in percent; that it can't be computed where there is none."""
        if value is None:
            return self.words.say("level.not_computable")
        return self.words.say("unit.share", value=round(100 * value))

    def decimal(self, value: float | None) -> str:
        """Write a figure with two decimals; that it can't be computed where there is none."""
        return self.words.say("level.not_computable") if value is None else self.words.decimal(value)

    def duration(self, seconds: float) -> str:
        """Write a length of time: « 2 j 4 h », « 7 h 30 », « 12 min », « 0,8 s »."""
        if seconds < 60:
            return self.words.say("unit.seconds", value=round(float(seconds), 1 if seconds >= 1 else 2))
        minutes = round(seconds / 60)
        days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
        if days and hours:
            return self.words.say("unit.days_hours", days=days, hours=hours)
        if days:
            return self.words.say("unit.days", value=days)
        if hours:
            return self.words.say("unit.hours_minutes", hours=hours, minutes=f"{minutes:02}")
        return self.words.say("unit.minutes", value=minutes)

    def arrival(self, received: datetime | None, due: datetime | None, late_s: float) -> str:
        """Say when work arrived, by the deadline where there is one."""
        if received is None:
            return self.words.say("arrival.unknown")
        if late_s > 0:
            return self.words.say("arrival.late", by=self.duration(late_s))
        if due is None:
            return self._moment(received)
        left = due - received
        if left > timedelta():
            return self.words.say("arrival.early", by=self.duration(left.total_seconds()))
        return self.words.say("arrival.extended")

    def _moment(self, at: datetime) -> str:
        return self.words.say("unit.moment", day=at.day, month=at.month, year=at.year, hour=at.hour, minute=at.minute)

    def _level(self, word: str, tone: str) -> Level:
        return Level(self.words.say(f"level.{word}"), tone)
