"""How far two people agree who have marked the same answers."""

from collections import Counter
from collections.abc import Hashable, Sequence


def kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float | None:
    """Return Cohen's kappa of two readers: 1 where they always agree, 0 where they do as by chance.

    Returns:
        None where it says nothing: no answer was read twice, or both gave one and the same mark to all.
    """
    count = len(first)
    if count == 0:
        return None
    agreed = sum(one == other for one, other in zip(first, second, strict=True)) / count
    theirs, others = Counter(first), Counter(second)
    chance = sum(theirs[mark] * others[mark] for mark in theirs) / count**2
    return None if chance >= 1 else (agreed - chance) / (1 - chance)
