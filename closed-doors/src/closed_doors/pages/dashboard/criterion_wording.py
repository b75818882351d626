"""The dashboard's words and thresholds, in French: what a figure means, and from where on it matters."""

from datetime import datetime, timedelta
from typing import NamedTuple

from checks.draw import number

NBSP = "\u00a0"
THIN = "\u202f"
NOT_COMPUTABLE = "non calculable"


class Level(NamedTuple):
    """A word for a figure, and how much it matters: good, fair, poor or none."""

    word: str
    tone: str


KINDS = {
    "passed": "réussi",
    "not_defined": "nom absent",
    "not_written": "pas écrit",
    "raised": "erreur levée",
    "not_raised": "erreur attendue, non levée",
    "too_slow": "trop lent",
    "returned_none": "rien n'est renvoyé",
    "wrong_type": "mauvais type",
    "wrong_shape": "mauvaise forme",
    "wrong_values": "mauvaises valeurs",
    "no_gradient": "gradient coupé",
    "failed": "autre échec",
    "internal": "erreur du test",
}

HOW_TO_READ = {
    "difficulty": (
        "Réussite\u00a0: part des points que la classe a obtenus, de 0\u00a0% (personne) à 100\u00a0% (tout le monde). "
        "Sous 30\u00a0%, l'exercice est difficile pour cette classe\u00a0; au-dessus de 85\u00a0%, il est facile et "
        "distingue peu."
    ),
    "discrimination": (
        "Discrimination\u00a0: corrélation entre l'exercice (ou le critère) et le reste du devoir, de −1 à 1. À partir "
        "de 0,30, elle est bonne\u00a0; sous 0,20, l'exercice dit peu de chose du niveau\u00a0; négative, les "
        "meilleurs le manquent plus que les autres\u00a0: relisez l'énoncé et le test."
    ),
    "alpha": (
        "Fiabilité (alpha de Cronbach)\u00a0: à quel point les exercices mesurent la même chose, de 0 à 1. À partir de "
        "0,80, elle est bonne\u00a0; dès 0,70, suffisante pour un devoir\u00a0; en dessous, une note isolée est "
        "incertaine. Peu d'exercices donnent un alpha bas, même quand ils sont bons."
    ),
    "error": (
        "Erreur type\u00a0: avec d'autres exercices du même genre, environ deux notes sur trois resteraient à moins de "
        "cet écart."
    ),
    "likeness": (
        "Une ressemblance est une raison de regarder, jamais une preuve. Un exercice court a peu de solutions "
        "naturelles, et des réponses honnêtes y sont souvent identiques\u00a0: seules comptent ici les réponses assez "
        "longues, que presque personne d'autre n'a écrites."
    ),
    "attempts": (
        "«\u00a0Code à examiner\u00a0» signale une construction dont une réponse honnête n'a pas besoin. La correction "
        "à portes closes ne lui donne aucun point\u00a0; ce n'est pas une preuve d'intention."
    ),
    "time": (
        "Le temps de correction est celui du processeur, noté quand le travail est corrigé. Le temps passé par "
        "l'étudiant n'est pas affiché\u00a0: rien d'honnête ne le mesure."
    ),
}


def difficulty_level(value: float | None) -> Level:
    """Return what a share of points means."""
    if value is None:
        return Level(NOT_COMPUTABLE, "none")
    if value < 0.3:
        return Level("difficile", "poor")
    if value < 0.5:
        return Level("assez difficile", "fair")
    return Level("accessible", "good") if value <= 0.85 else Level("facile", "good")


def discrimination_level(value: float | None) -> Level:
    """Return what a correlation with the rest means."""
    if value is None:
        return Level(NOT_COMPUTABLE, "none")
    if value < 0:
        return Level("à relire", "poor")
    if value < 0.2:
        return Level("faible", "poor")
    return Level("moyenne", "fair") if value < 0.3 else Level("bonne", "good")


def alpha_level(value: float | None) -> Level:
    """Return what Cronbach's alpha means."""
    if value is None:
        return Level(NOT_COMPUTABLE, "none")
    if value < 0.7:
        return Level("limitée", "poor" if value < 0.5 else "fair")
    return Level("suffisante", "good") if value < 0.8 else Level("bonne", "good")


def share(value: float | None) -> str:
    """Write a share in percent; « non calculable » where there is none."""
    return NOT_COMPUTABLE if value is None else f"{round(100 * value)}{NBSP}%"


def decimal(value: float | None) -> str:
    """Write a figure with two decimals; « non calculable » where there is none."""
    return NOT_COMPUTABLE if value is None else f"{value:.2f}".replace(".", ",").replace("-", "−")


def duration(seconds: float) -> str:
    """Write a length of time: « 2 j 4 h », « 7 h 30 », « 12 min », « 0,8 s »."""
    if seconds < 60:
        return f"{number(round(seconds, 1 if seconds >= 1 else 2))}{NBSP}s"
    minutes = round(seconds / 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days}{NBSP}j{NBSP}{hours}{NBSP}h" if hours else f"{days}{NBSP}j"
    return f"{hours}{NBSP}h{NBSP}{minutes:02}" if hours else f"{minutes}{NBSP}min"


def arrival(received: datetime | None, due: datetime | None, late_s: float) -> str:
    """Say when work arrived, by the deadline where there is one."""
    if received is None:
        return "heure inconnue"
    if late_s > 0:
        return f"{duration(late_s)} de retard"
    if due is None:
        return f"{received:%d/%m/%Y %H:%M} UTC"
    left = due - received
    return f"{duration(left.total_seconds())} avant" if left > timedelta() else "avec un délai accordé"


def some(count: int, noun: str, plural: str = "") -> str:
    """Write a count and its noun, whose plural begins at 2."""
    return f"{count}{NBSP}{noun if count < 2 else plural or noun + 's'}"
