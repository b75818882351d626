"""Explique une comparaison manquée de numpy.testing ou de torch.testing : types, formes, puis valeurs."""

import ast
from typing import TYPE_CHECKING, Any

from .failure import Failure
from .name_of_call import call_of
from .report import Explained, Kind, Masks
from .values_as_text import VISIBLE_GAP, as_array, comparison, is_mask, positional, short, type_name

if TYPE_CHECKING:
    import numpy as np


def compared_masks(error: BaseException, filename: str) -> Masks | None:
    """Renvoie les deux masques que comparait un test visible quand il a échoué ; None s'il comparait autre chose.

    Args:
        error: l'exception sortie du test.
        filename: nom de fichier de la cellule de test.
    """
    compared = compared_values(Failure.of(error, filename))
    got, wanted = map(as_array, compared or (None, None))
    if got is None or wanted is None or got.shape != wanted.shape or not (is_mask(got) and is_mask(wanted)):
        return None
    return Masks(_rows(wanted), _rows(got))


def _rows(mask: "np.ndarray") -> tuple[str, ...]:
    return tuple("".join("1" if value else "0" for value in row) for row in mask.tolist())


def compared_values(failure: Failure) -> tuple[object, object] | None:
    """Renvoie ce que comparait numpy.testing ou torch.testing quand le test a échoué : (obtenu, attendu)."""
    for frame, _ in failure.frames:
        module = frame.f_globals.get("__name__", "")
        values = frame.f_locals
        if module.startswith(("numpy.testing", "torch.testing")) and "actual" in values:
            for other in ("desired", "expected"):
                if other in values:
                    return _unwrapped(values["actual"]), values[other]
    return None


def _unwrapped(value: Any) -> object:
    """Ce que NumPy a mis dans un tableau sans dimension pour le comparer, None ou du texte par exemple."""
    return value.item() if type(value).__name__ == "ndarray" and as_array(value) is None and not value.ndim else value


def explain_comparison(failure: Failure, obtained: object, expected: object) -> Explained:
    """Dit en quoi la valeur obtenue n'est pas celle attendue."""
    call = call_of(failure)
    if obtained is None:
        return no_gradient(failure) if _compares_a_gradient(failure) else returned_none(failure)
    got, wanted = as_array(obtained), as_array(expected)
    if wanted is None:
        return Kind.WRONG_VALUES, f"{call} : attendu {short(expected)}, obtenu {short(obtained)}."
    if got is None:
        return (
            Kind.WRONG_TYPE,
            f"{call} renvoie {type_name(obtained)} ; il faut {_numbers_like(expected)}.",
        )
    if not wanted.ndim and (got != wanted).any():  # pour NumPy, un nombre vaut un tableau plein de ce nombre
        wanted = wanted.repeat(got.size).reshape(got.shape)
    if got.shape != wanted.shape:
        return Kind.WRONG_SHAPE, shapes(call, wanted.shape, got.shape)
    if got.dtype != wanted.dtype and (got == wanted).all():
        types = f"attendu {wanted.dtype}, obtenu {got.dtype}"
        return Kind.WRONG_TYPE, f"{call} : les valeurs sont justes, mais pas le type des nombres : {types}."
    if not wanted.ndim and got == got:
        return Kind.WRONG_VALUES, f"{call} : attendu {short(expected)} ; obtenu {short(obtained)}."
    return Kind.WRONG_VALUES, f"{call} : {_counted(got, wanted)}\n{comparison(got, wanted)}"


def shapes(call: str, wanted: tuple[int, ...], got: tuple[int, ...]) -> str:
    """Dit quelles formes étaient attendue et obtenue, et si elles ne diffèrent que par des dimensions de taille 1."""
    text = f"{call} : forme attendue {wanted}, forme obtenue {got}."
    if [size for size in wanted if size != 1] != [size for size in got if size != 1]:
        return text
    if len(got) > len(wanted):
        return f"{text} Une dimension de taille 1 est en trop (keepdim ou keepdims ?)."
    return f"{text} Il manque une dimension de taille 1." if len(got) < len(wanted) else text


def returned_none(failure: Failure) -> Explained:
    """Dit qu'il manque un return."""
    return Kind.RETURNED_NONE, f"{call_of(failure)} renvoie None : il manque sans doute un return."


def no_gradient(failure: Failure) -> Explained:
    """Dit qu'un gradient manque."""
    return Kind.NO_GRADIENT, (
        f"{call_of(failure)} : un gradient manque. Quelque chose coupe le calcul entre les entrées et le résultat."
    )


def _numbers_like(expected: object) -> str:
    """Ce qui convient là où le test compare avec cette valeur ; une liste y est souvent écrite pour un tableau."""
    name = type_name(expected)
    return f"{name} de nombres" if name == "un tenseur PyTorch" else "un tableau de nombres"


def _counted(got: "np.ndarray", wanted: "np.ndarray") -> str:
    if (got != got).any() and not (wanted != wanted).any():
        return "le résultat contient des nan (« pas un nombre »)."
    differing, gap = got != wanted, ""
    if got.dtype.kind == "f" or wanted.dtype.kind == "f":
        gaps = abs(got.astype(float) - wanted.astype(float))
        if (gaps > VISIBLE_GAP).any():
            differing = gaps > VISIBLE_GAP
        elif (gaps > 0).any():
            gap = f", de {positional(gaps[gaps > 0].max())} au plus"
    count = int(differing.sum())
    values = "1 valeur différente" if count == 1 else f"{count} valeurs différentes"
    return f"{values} sur {differing.size}{gap}."


def _compares_a_gradient(failure: Failure) -> bool:
    """Vrai si la première valeur comparée est le gradient d'un tenseur, comme dans `assert_allclose(x.grad, …)`."""
    calls = [node for node in failure.at_line() if isinstance(node, ast.Call)]
    return any(isinstance(call.args[0], ast.Attribute) and call.args[0].attr == "grad" for call in calls if call.args)
