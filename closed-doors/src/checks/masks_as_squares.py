"""Draws small masks in text, a square for each element: the expected one beside the obtained one."""

import math
import sys
from typing import TYPE_CHECKING

from .catalogues import say

if TYPE_CHECKING:
    import numpy as np

LARGEST_GRID = 12
MOST_GRIDS = 4
SQUARES = {(True, True): "■", (False, True): "·", (True, False): "▣", (False, False): "□"}  # value, in its place


def is_mask(array: "np.ndarray") -> bool:
    """Whether it is a small array of 0 and 1 with two dimensions, or a few of them, which can be drawn."""
    if array.ndim < 2 or not array.size or max(array.shape[-2:]) > LARGEST_GRID:
        return False
    return math.prod(array.shape[:-2]) <= MOST_GRIDS and bool(((array == 0) | (array == 1)).all())


def one_grid(array: "np.ndarray") -> "np.ndarray | None":
    """Return the two dimensions of a mask, where it has no others but of size 1."""
    return array.reshape(array.shape[-2:]) if is_mask(array) and math.prod(array.shape[:-2]) == 1 else None


def side_by_side(obtained: "np.ndarray", expected: "np.ndarray") -> list[str]:
    """Return the lines of a drawing of two masks of one shape, below their headings."""
    rows, several = [(say("compared.expected"), say("compared.obtained"))], math.prod(expected.shape[:-2]) > 1
    for place in sys.modules["numpy"].ndindex(expected.shape[:-2]):
        if several:
            rows.append((str(list(place)), ""))
        rows += _grid(obtained[place].tolist(), expected[place].tolist())
    width = max(len(left) for left, _ in rows)
    return [f"{left:<{width}}    {right}".rstrip() for left, right in rows]


def _grid(obtained: list[list[float]], expected: list[list[float]]) -> list[tuple[str, str]]:
    pairs = zip(expected, obtained, strict=True)
    return [(_squares(wanted, wanted), _squares(got, wanted)) for wanted, got in pairs]


def _squares(got: list[float], wanted: list[float]) -> str:
    return " ".join(SQUARES[bool(value), value == want] for value, want in zip(got, wanted, strict=True))
