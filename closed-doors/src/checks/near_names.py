"""Finds a name that somebody has written nearly right: another case, an accent, one letter off."""

import re
import unicodedata
from collections.abc import Iterable

SHORTEST = 4  # of a name in which one letter may be off


def near_name(wanted: str, known: Iterable[str]) -> str:
    """Return the first known name that is nearly the wanted one; empty where none is."""
    return next((name for name in known if name != wanted and _is_near(_plain(name), _plain(wanted))), "")


def _plain(name: str) -> str:
    """Return a name without accents, capitals and underscores."""
    letters = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in letters if letter.isalnum()).casefold()


def _is_near(one: str, other: str) -> bool:
    if one == other:
        return True
    if re.findall(r"\d+", one) != re.findall(r"\d+", other) or min(len(one), len(other)) < SHORTEST - 1:
        return False
    short, long = sorted((one, other), key=len)
    if len(short) < len(long):
        return any(long[:n] + long[n + 1 :] == short for n in range(len(long)))
    differing = [n for n, (left, right) in enumerate(zip(one, other, strict=True)) if left != right]
    return len(differing) == 1 or _are_exchanged(one, other, differing)


def _are_exchanged(one: str, other: str, differing: list[int]) -> bool:
    """Whether two neighbouring letters have changed places."""
    if len(differing) != 2 or differing[1] - differing[0] != 1:
        return False
    left, right = differing
    return one[left] == other[right] and one[right] == other[left]
