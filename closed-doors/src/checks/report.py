"""Ce que des vérifications ont donné, en données simples, avant tout affichage."""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """Ce qui est arrivé à un critère.

    CELL_FAILED : la cellule qui devait définir la fonction s'est arrêtée avant. STALE : la fonction en mémoire n'est
    plus celle qu'écrit le notebook. INTERNAL : la vérification elle-même a échoué, l'étudiant n'y est pour rien.
    """

    PASSED = "passed"
    NOT_DEFINED = "not_defined"
    NOT_WRITTEN = "not_written"
    RAISED = "raised"
    NOT_RAISED = "not_raised"
    TOO_SLOW = "too_slow"
    RETURNED_NONE = "returned_none"
    WRONG_TYPE = "wrong_type"
    WRONG_SHAPE = "wrong_shape"
    WRONG_VALUES = "wrong_values"
    NO_GRADIENT = "no_gradient"
    CHANGED_INPUT = "changed_input"
    FAILED = "failed"
    CELL_FAILED = "cell_failed"
    STALE = "stale"
    INTERNAL = "internal"


Explained = tuple[Kind, str]  # ce qui est arrivé, et la phrase qui le dit


@dataclass(frozen=True, slots=True)
class Masks:
    """Deux petits masques de même forme, que comparait un test visible. Une ligne est un texte de 0 et de 1."""

    expected: tuple[str, ...]
    obtained: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Criterion:
    """Un critère vérifié.

    Attributes:
        name: nom de la fonction de test.
        text: le critère, en français (docstring du test).
        weight: poids relatif dans la cellule.
        hidden: vrai pour un test caché ; son message ne dit alors rien des valeurs testées.
        kind: ce qui est arrivé.
        message: explication pour l'étudiant, vide si le critère est réussi.
        printed: ce que le code testé a affiché, abrégé ; vide pour un test caché.
        masks: les masques que dessine le message ; None s'il n'en dessine pas, et pour un test caché.
    """

    name: str
    text: str
    weight: float
    hidden: bool
    kind: Kind
    message: str = ""
    printed: str = ""
    masks: Masks | None = None

    @property
    def passed(self) -> bool:
        """Vrai si le critère est réussi."""
        return self.kind is Kind.PASSED


@dataclass(frozen=True, slots=True)
class CellReport:
    """Tous les critères d'une cellule de test, et les points qu'elle vaut."""

    criteria: tuple[Criterion, ...]
    points: float

    @property
    def earned(self) -> float:
        """Points obtenus : part des poids réussis, arrondie au centième ; l'échec d'une vérification ne coûte rien."""
        total = sum(criterion.weight for criterion in self.criteria if criterion.kind is not Kind.INTERNAL)
        passed = sum(criterion.weight for criterion in self.criteria if criterion.passed)
        if not passed:
            return 0.0
        return float(self.points) if passed == total else round(self.points * passed / total, 2)
