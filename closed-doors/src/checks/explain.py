"""Traduit l'échec d'un test en une phrase pour l'étudiant : quelle fonction, ce qui était attendu, ce qui est venu.

Une exception est un indice, jamais la phrase : celle que la vérification a levée d'elle-même n'est pas à l'étudiant.
"""

import ast
import re
import sys
from collections.abc import Mapping
from types import FrameType, MappingProxyType

from .cells import DefiningCell, first_cause, source_with, why_it_failed
from .expected_errors import NothingRaised
from .failure import Failure
from .missed_comparison import compared_masks, compared_values, explain_comparison, no_gradient, returned_none, shapes
from .name_of_call import call_of, called_again, evaluated, function_of, is_simple
from .report import Explained, Kind
from .time_limits import TimeLimitExceeded
from .unusable_results import unpacked, unusable_result, uses_none, wrong_arguments
from .values_as_text import clean, number, short, type_name

__all__ = ["WITHOUT_DETAILS", "DefiningCell", "UnusableValueError", "compared_masks", "explain"]

WITHOUT_DETAILS = {
    Kind.NOT_DEFINED: "Une fonction demandée n'existe pas encore.",
    Kind.NOT_WRITTEN: "Une fonction demandée n'est pas encore écrite.",
    Kind.NOT_RAISED: "Une erreur était attendue, et votre code n'en a levé aucune.",
    Kind.TOO_SLOW: "Votre code n'a pas répondu à temps.",
    Kind.RETURNED_NONE: "Votre fonction renvoie None : il manque sans doute un return.",
    Kind.WRONG_TYPE: "Le résultat n'est pas du type demandé.",
    Kind.WRONG_SHAPE: "La forme du résultat n'est pas celle demandée.",
    Kind.WRONG_VALUES: "Le résultat n'est pas celui attendu sur d'autres exemples que ceux de l'énoncé.",
    Kind.NO_GRADIENT: "Un gradient manque : quelque chose coupe le calcul.",
    Kind.FAILED: "La condition vérifiée n'est pas remplie.",
    Kind.CHANGED_INPUT: "Votre code modifie les valeurs qu'il reçoit : elles doivent rester comme elles étaient.",
    Kind.CELL_FAILED: "La cellule d'une fonction demandée s'est arrêtée avant de l'avoir définie.",
    Kind.STALE: "Une fonction demandée n'est plus celle qu'écrit le notebook.",
    Kind.INTERNAL: (
        "La vérification elle-même a échoué, ce n'est pas votre code : signalez-le à votre enseignant. "
        "Ce critère n'est pas compté."
    ),
}
UNKNOWN_CELLS: Mapping[str, DefiningCell] = MappingProxyType({})
_SIZES = re.compile(r"\bshape\b|\.(ndim|size)\b|\.(dim|numel|size)\(")
MOST_VALUES = 3


class UnusableValueError(TypeError):
    """Une valeur que la vérification ne peut ni lire ni comparer ; le message le dit à l'étudiant."""


def explain(
    error: BaseException,
    filename: str,
    hidden: bool,
    limit_s: float,
    cells: Mapping[str, DefiningCell] = UNKNOWN_CELLS,
) -> Explained:
    """Dit ce qui est arrivé à un test qui a échoué.

    Args:
        error: l'exception sortie du test.
        filename: nom de fichier de la cellule de test.
        hidden: pour un test caché, le message ne contient aucune valeur, aucun argument, aucun texte d'erreur.
        limit_s: temps accordé au test, en secondes.
        cells: les cellules qui définissent les fonctions de l'étudiant, par nom, et ce qui les a arrêtées ; ce que
            l'appelant en sait avant tout test caché.

    Returns:
        Le genre d'échec et le message.
    """
    failure = Failure.of(error, filename, hidden)
    kind, message = _explained(failure, limit_s, cells)
    if not hidden or kind is Kind.INTERNAL:
        return kind, message
    if kind is Kind.CELL_FAILED and not failure.raised_by_student:
        return kind, message  # what stopped a cell was known before any hidden test ran
    if kind in (Kind.RAISED, Kind.CELL_FAILED):
        return Kind.RAISED, f"Votre code a levé une erreur {_builtin_name(error)}."
    if kind is Kind.TOO_SLOW:
        return kind, f"Votre code n'a pas répondu en {number(limit_s)} s."
    return kind, WITHOUT_DETAILS[kind]


def _explained(failure: Failure, limit_s: float, cells: Mapping[str, DefiningCell]) -> Explained:
    error = failure.error
    if isinstance(error, TimeLimitExceeded):
        return Kind.TOO_SLOW, (
            f"{call_of(failure)} ne répond pas en {number(limit_s)} s : une boucle ne finit-elle jamais ?"
            f"{_place(failure)}"
        )
    if not failure.in_cell:  # it never came to the test's own code, let alone to the student's
        return Kind.INTERNAL, WITHOUT_DETAILS[Kind.INTERNAL]
    if isinstance(error, UnusableValueError):
        return Kind.WRONG_TYPE, f"{call_of(failure)} : {error}"
    if isinstance(error, ModuleNotFoundError) and _is_a_stand_in(error.name):
        return Kind.INTERNAL, f"{_message(error)} Ce critère n'est pas compté."
    if isinstance(error, NameError) and (missing := _missing(failure, cells)):
        return missing
    if failure.is_a_stub:
        return _unfinished(failure, cells)
    if failure.raised_by_student:
        return _raised(failure)
    return _of_the_test(failure)


def _of_the_test(failure: Failure) -> Explained:
    """Explique une exception née dans la cellule de test : une comparaison manquée, ou un résultat inutilisable."""
    error = failure.error
    if isinstance(error, NothingRaised) or any(base.__name__ == "OutcomeException" for base in type(error).__mro__):
        return _not_raised(failure)  # raises, pytest.raises
    if compared := compared_values(failure):
        return explain_comparison(failure, *compared)
    if isinstance(error, AssertionError):
        return _assertion(failure)
    if isinstance(error, RuntimeError) and re.search("not require grad|inplace operation", str(error)):
        return no_gradient(failure)
    if isinstance(error, ImportError):
        return Kind.INTERNAL, WITHOUT_DETAILS[Kind.INTERNAL]
    return unpacked(failure) or wrong_arguments(failure) or unusable_result(failure)


def _missing(failure: Failure, cells: Mapping[str, DefiningCell]) -> Explained | None:
    """Dit pourquoi un nom manque : la cellule qui le définit s'est arrêtée, ou il n'est pas encore écrit."""
    quoted = re.search(r"name '(\w+)' is not defined", _message(failure.error))
    name = getattr(failure.error, "name", None) or (quoted[1] if quoted else "")
    cell = cells.get(name)
    if cell is not None and cell.error:
        cause, asked = first_cause(cells, name)
        if _lacks_what_stands_in(cause):
            return Kind.INTERNAL, f"{cause.text} Ce critère n'est pas compté."
        return Kind.CELL_FAILED, why_it_failed(cause, asked)
    if failure.raised_by_student:
        return None
    return (
        Kind.NOT_DEFINED,
        f"La fonction {name or 'demandée'} n'existe pas encore : écrivez-la, puis exécutez sa cellule.",
    )


def _unfinished(failure: Failure, cells: Mapping[str, DefiningCell]) -> Explained:
    """Dit qu'une fonction n'est pas encore écrite, ou qu'il reste à effacer ce qui le disait."""
    name = function_of(failure)
    line, source, function = failure.place or (0, "", name)
    likely = [cells[known] for known in (function, name) if known in cells]
    if failure.is_only_a_stub(source_with((*likely, *cells.values()), line, source)):
        return Kind.NOT_WRITTEN, f"{name} n'est pas encore écrite (raise NotImplementedError)."
    return Kind.RAISED, (
        f"{call_of(failure)} arrive à la ligne {line} de sa cellule, où « raise NotImplementedError() » est resté : "
        "effacez cette ligne, ou renvoyez le résultat avant elle."
    )


def _not_raised(failure: Failure) -> Explained:
    expected = re.search(r"DID NOT RAISE (?:<class ')?(?:\w+\.)*(\w+)", str(failure.error))
    name = expected[1] if expected else "une erreur"
    if isinstance(failure.error, NothingRaised):
        name = failure.error.expected
    return Kind.NOT_RAISED, f"{call_of(failure)} devait lever {name}, et n'a levé aucune erreur."


def _assertion(failure: Failure) -> Explained:
    text = str(failure.error)
    frame = failure.in_cell[-1][0]
    condition = next((node.test for node in failure.at_line() if isinstance(node, ast.Assert)), None)
    kind = Kind.FAILED
    match condition:
        case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), *_]):
            value = frame.f_locals.get(name)
            if value is None:
                return returned_none(failure)
            return Kind.WRONG_TYPE, f"{text or call_of(failure)} Obtenu : {type_name(value)}."
        case ast.Compare(left=ast.Attribute(attr="grad"), ops=[ast.IsNot()]) if not text:
            return no_gradient(failure)
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
            kind = Kind.WRONG_SHAPE if _SIZES.search(ast.unparse(left)) else kind
            if not text and (said := _both_sides(failure, left, right)):
                return kind, said
    if text:
        return kind, clean(text, 400)
    if uses_none(failure):
        return returned_none(failure)
    said = f" : {ast.unparse(condition)}" if condition is not None else ""
    values = _values(condition, frame) if condition is not None else ""
    return kind, f"{call_of(failure)} : la condition vérifiée n'est pas remplie{said}.{values}"


def _both_sides(failure: Failure, left: ast.expr, right: ast.expr) -> str:
    """Les deux côtés d'une égalité manquée, s'ils tiennent en peu de caractères."""
    frame, call = failure.in_cell[-1][0], call_of(failure)
    again = called_again(left, failure)
    obtained, wanted = evaluated(left, frame) if again is None else again, evaluated(right, frame)
    if isinstance(obtained, tuple) and isinstance(wanted, tuple) and "shape" in ast.unparse(left):
        return shapes(call, tuple(wanted), tuple(obtained))
    if not (is_simple(obtained) and is_simple(wanted)) or obtained == wanted:
        return ""
    if isinstance(obtained, float) or isinstance(wanted, float):
        return f"{call} : attendu {short(wanted)} ; obtenu {short(obtained)}."
    return f"{call} : attendu {wanted!r}, obtenu {obtained!r}."


def _values(condition: ast.expr, frame: FrameType) -> str:
    """Ce que valaient les parties de la condition, si elles sont simples : la gauche d'une comparaison, et les noms."""
    parts: list[ast.expr] = [node for node in ast.walk(condition) if isinstance(node, ast.Name)]
    if isinstance(condition, ast.Compare) and not isinstance(condition.left, ast.Name):
        parts.insert(0, condition.left)
    shown: dict[str, object] = {}
    for part in parts:
        value = evaluated(part, frame)
        if value is not None and not callable(value) and not hasattr(value, "__path__"):
            shown.setdefault(ast.unparse(part), value)
    return "".join(f"\n    {clean(name, 60)} vaut {short(value)}" for name, value in list(shown.items())[:MOST_VALUES])


def _raised(failure: Failure) -> Explained:
    error = failure.error
    name = clean(type(error).__name__, 60)
    if isinstance(error, RecursionError):
        return (
            Kind.RAISED,
            f"{call_of(failure)} s'appelle elle-même sans fin (RecursionError).{_place(failure)}",
        )
    return Kind.RAISED, f"{call_of(failure)} a levé {name} : {_message(error)}{_place(failure)}"


def _is_a_stand_in(name: str | None) -> bool:
    """Vrai pour une bibliothèque qui manque ici, et à la place de laquelle un module le dit (JupyterLite)."""
    return getattr(sys.modules.get(name or ""), "__stand_in__", False) is True


def _lacks_what_stands_in(cell: DefiningCell) -> bool:
    """Vrai si une cellule s'est arrêtée faute d'une telle bibliothèque, et non d'un module qui n'existe nulle part."""
    missing = cell.error == ModuleNotFoundError.__name__ and not cell.text.startswith("No module named")
    return missing and any(getattr(type(one), "__stand_in__", False) is True for one in list(sys.modules.values()))


def _builtin_name(error: BaseException) -> str:
    """Le type d'erreur de Python dont celui de l'étudiant dérive : un nom libre pourrait porter un secret."""
    return next((kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"), "Exception")


def _message(error: BaseException) -> str:
    try:
        return clean(" ".join(str(error).split()), 300) or "(sans message)"
    except Exception:  # le __str__ d'une exception écrite par l'étudiant peut tout faire
        return "(message illisible)"


def _place(failure: Failure) -> str:
    """La ligne du code de l'étudiant où l'erreur est née, avec son texte."""
    line, source, function = failure.place or (0, "", "")
    elsewhere = "" if not function.isidentifier() or function in call_of(failure) else f", dans {clean(function, 60)}"
    return f"\n    ligne {line} de la cellule{elsewhere} : {clean(source, 100)}" if source else ""
