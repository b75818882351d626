"""What to work on next: at most three things, the most points first, each with a reason to begin."""

from collections.abc import Sequence
from dataclasses import dataclass

from closed_doors.pages.feedback.feedback_content import Exercise, summary
from closed_doors.pages.html.renderer import NBSP

MOST = 3
_LEAST = 0.005  # points; below is rounding
NOTHING_YET = (
    f"Rien n'est encore écrit dans ce notebook{NBSP}: commencez par cet exercice et ses indices, une vérification à la"
    " fois."
)
EMPTY = (
    "Vous n'avez pas encore écrit cet exercice. Une réponse, même partielle, rapporte des points"
    f"{NBSP}: commencez par l'exemple de l'énoncé."
)
EMPTY_TEXT = (
    "Vous n'avez pas encore répondu à cette question. Quelques phrases qui s'appuient sur le cours rapportent déjà"
    " des points."
)
GENERAL = (
    "Votre code réussit les exemples de l'énoncé, mais pas d'autres cas. Essayez-le avec d'autres tailles, et avec des"
    " cas limites comme 0 et 1."
)
FIRST = f"À corriger d'abord{NBSP}: «{NBSP}{{}}{NBSP}»."
COMMENTED = "Relisez le commentaire de votre correcteur, puis reprenez votre réponse en vous appuyant sur le cours."
TEXT = "Comparez votre réponse au cours, et appuyez chaque affirmation sur une formule ou un exemple."


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to work on.

    Attributes:
        exercise: where.
        lost: the points that are still to be had.
        reason: how to begin, in a sentence or two.
    """

    exercise: Exercise
    lost: float
    reason: str


def advice(exercises: Sequence[Exercise]) -> list[Step]:
    """Return what to work on, the most points first; nothing where nothing is lost, or nothing is marked yet."""
    asked = [exercise for exercise in exercises if exercise.maximum > 0]
    if asked and all(exercise.empty for exercise in asked):
        return [Step(asked[0], asked[0].maximum, NOTHING_YET)]
    steps = []
    for exercise in asked:
        lost = exercise.maximum - exercise.earned
        if lost > _LEAST and not exercise.pending:
            steps.append(Step(exercise, lost, _reason(exercise)))
    return sorted(steps, key=lambda step: -step.lost)[:MOST]


def _reason(exercise: Exercise) -> str:
    if exercise.empty:
        return EMPTY if exercise.criteria else EMPTY_TEXT
    hints = [check.hint for check in exercise.checks if check.hint]
    if hints:
        return f"Piste : {hints[0]}"
    if exercise.missed:
        seen = [criterion for criterion in exercise.missed if not criterion.hidden]
        if not seen and any(not criterion.hidden for criterion in exercise.criteria):
            return GENERAL
        first = (seen or exercise.missed)[0]
        return f"{FIRST.format(first.text.rstrip('.'))} {summary(first)}".rstrip()
    return COMMENTED if any(answer.comment for answer in exercise.answers) else TEXT
