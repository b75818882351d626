"""What to work on next: at most three things, the most points first, each with a reason to begin."""

from collections.abc import Sequence
from dataclasses import dataclass

from closed_doors.core.wording import Wording
from closed_doors.pages.feedback.feedback_content import Exercise, summary

MOST = 3
_LEAST = 0.005  # points; below is rounding


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to work on.

    Attributes:
        exercise: where.
        lost: the points that are still to be had, or the most that may be.
        exact: whether the page may say how many these are.
        reason: how to begin, in a sentence or two.
    """

    exercise: Exercise
    lost: float
    reason: str
    exact: bool = True


def advice(exercises: Sequence[Exercise], words: Wording) -> list[Step]:
    """Return what to work on, the most points first; nothing where nothing is lost, or nothing is marked yet."""
    asked = [exercise for exercise in exercises if exercise.maximum > 0]
    if asked and all(exercise.empty for exercise in asked):
        return [Step(asked[0], asked[0].maximum, words.say("advice.nothing_yet"))]
    steps = []
    for exercise in asked:
        exact = exercise.tells_points
        if not exact and not exercise.missed:
            continue
        lost = exercise.maximum - exercise.earned if exact else exercise.maximum
        if lost > _LEAST and not exercise.pending:
            steps.append(Step(exercise, lost, _reason(exercise, words), exact))
    return sorted(steps, key=lambda step: -step.lost)[:MOST]


def _reason(exercise: Exercise, words: Wording) -> str:
    if exercise.empty:
        return words.say("advice.empty") if exercise.criteria else words.say("advice.empty_text")
    hints = [hint for check in exercise.checks for hint in check.hints]
    if hints:
        return words.say("notebook.hint", hint=hints[0])
    if exercise.missed:
        seen = [criterion for criterion in exercise.missed if not criterion.hidden]
        if not seen and any(not criterion.hidden for criterion in exercise.criteria):
            return words.say("advice.general")
        first = (seen or exercise.missed)[0]
        begin = words.say("advice.first", criterion=first.text.rstrip("."))
        return f"{begin} {summary(first)}".rstrip()
    commented = any(answer.comment for answer in exercise.answers)
    return words.say("advice.commented") if commented else words.say("advice.text")
