"""What lateness costs: the rule that nbgrader_config.py names, asked without loading nbgrader where it is our own."""

from collections.abc import Callable
from dataclasses import dataclass

from traitlets import TraitError
from traitlets.config.loader import Config

from closed_doors.core.errors import HostError

DAY_S = 86_400
POINTS_PER_DAY = "closed_doors.nbgrader.lateness.PointsPerDay"

# A rule: student, score before the penalty, seconds late -> points, or None for no penalty.
Penalty = Callable[[str, float, float], float | None]


@dataclass(frozen=True, slots=True)
class PointsADay:
    """Takes points off for each day begun after a grace period.

    Attributes:
        points_per_day: points taken off for each day begun; 0 takes none off.
        grace_minutes: lateness that is forgiven.
        most_points: the largest penalty.
    """

    points_per_day: float = 0.0
    grace_minutes: float = 0.0
    most_points: float = float("inf")

    def __call__(self, student: str, score: float, seconds_late: float) -> float | None:  # noqa: ARG002  (a `Penalty`)
        """Return the points to take off, or None."""
        late_s = seconds_late - 60 * self.grace_minutes
        if late_s <= 0 or not self.points_per_day:
            return None
        return float(min(self.points_per_day * -(-late_s // DAY_S), self.most_points))


def penalty_rule(config: Config) -> Penalty:
    """Return the rule that nbgrader_config.py asks for, whatever plug-in it names.

    Args:
        config: the whole of nbgrader_config.py, as traitlets reads it.
    """
    if config.AssignLatePenalties.get("plugin_class") == POINTS_PER_DAY:
        named, usual = config.PointsPerDay, PointsADay()
        return PointsADay(
            float(named.get("points_per_day", usual.points_per_day)),
            float(named.get("grace_minutes", usual.grace_minutes)),
            float(named.get("most_points", usual.most_points)),
        )
    return _PlugIn(config)


def penalty(rule: Penalty, student: str, score: float, seconds_late: float) -> float | None:
    """Return what is taken off a notebook: never more than it earned, and None where it is in time.

    Args:
        rule: the course's.
        student: nbgrader's id.
        score: the points that count before the penalty, those given by hand included.
        seconds_late: after the due date and the student's extension.
    """
    if seconds_late <= 0:
        return None
    points = rule(student, score, seconds_late)
    return None if points is None else min(max(float(points), 0.0), max(score, 0.0))


class _PlugIn:
    """A plug-in of nbgrader's kind, loaded with the first late work: loading nbgrader takes two seconds."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._rule: Penalty | None = None

    def __call__(self, student: str, score: float, seconds_late: float) -> float | None:
        if self._rule is None:
            from nbgrader.preprocessors import AssignLatePenalties

            try:
                plugin = AssignLatePenalties(config=self._config).plugin_class(config=self._config)
            except TraitError as error:
                raise HostError(
                    f"The plug-in for late work that nbgrader_config.py names can't be loaded: {error}. Install it, or "
                    "put its folder on PYTHONPATH."
                ) from error
            self._rule = plugin.late_submission_penalty
        return self._rule(student, score, seconds_late)
