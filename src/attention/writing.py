"""Écrire les nombres à la française : avec une virgule décimale, comme dans le texte du cours.

Python, NumPy et PyTorch écrivent 0.25 ; ``written`` écrit 0,25. Les nombres eux-mêmes ne changent pas.
"""

from __future__ import annotations

from typing import Any

import numpy as np

LONGEST_LINE = 100
NBSP = "\u00a0"


def written(value: Any, digits: int = 2) -> str:
    """Écrit un nombre, un tableau ou un tenseur avec une virgule décimale.

    Args:
        value: nombre, liste, tableau NumPy ou tenseur PyTorch, de nombres ou de booléens ; il n'est pas modifié.
        digits: nombre de décimales des nombres qui ne sont pas entiers par leur type.

    Returns:
        Le texte : « 0,25 » pour un nombre, « [0,25 0,75] » pour un tableau,
        « 12 000 » pour un entier. Les entiers d'un tableau et les booléens restent tels quels, nan et inf aussi.
    """
    array = _as_array(value)
    if array.dtype.kind in "iu" and not array.ndim:
        return f"{int(array):,}".replace(",", NBSP)
    if array.dtype.kind != "f":
        return str(array)
    texts = [f"{number:z.{digits}f}".replace(".", ",") for number in array.ravel().tolist()]  # z : pas de -0,00
    if not array.ndim:
        return texts[0]
    width = max(map(len, texts), default=0)
    cells = np.empty(array.size, dtype=object)
    cells[:] = [text.rjust(width) for text in texts]
    cells = cells.reshape(array.shape)
    return np.array2string(cells, max_line_width=LONGEST_LINE, formatter={"all": str}, threshold=cells.size + 1)


def _as_array(value: Any) -> np.ndarray[Any, Any]:
    if hasattr(value, "detach"):  # un tenseur : bfloat16 et les gradients n'existent pas dans NumPy
        value = value.detach().cpu()
        value = (value.double() if value.is_floating_point() else value).numpy()
    return np.asarray(value)
