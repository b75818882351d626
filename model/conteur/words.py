"""Du texte aux tokens, et retour : un token est un mot, un signe, ou le début élidé d'un mot (« l' »)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice

from .stories import EDGE, stories

TOKEN = re.compile(r"-?\w+'?|[«»().,:;?!]|" + EDGE)
NO_BREAK = "\N{NO-BREAK SPACE}"
ENOUGH_STORIES = 4000  # chaque mot de la grammaire y est des dizaines de fois


def split(text: str) -> list[str]:
    """Découpe un texte en tokens ; les espaces n'en sont pas.

    Args:
        text: un texte français, où les apostrophes sont droites.

    Returns:
        Les tokens, dans l'ordre.
    """
    return TOKEN.findall(text)


def join(tokens: Iterable[str]) -> str:
    """Recolle des tokens, avec les espaces de la typographie française.

    Args:
        tokens: des mots et des signes.

    Returns:
        Le texte.
    """
    text, before = "", ""
    for token in tokens:
        text += _space(before, token) + token
        before = token
    return text


def _space(before: str, token: str) -> str:
    """L'espace entre deux tokens : aucune, insécable, ou ordinaire."""
    if not before or before.endswith("'") or before == "(" or token in {",", ".", ")"} or token.startswith("-"):
        return ""
    return NO_BREAK if before == "«" or token in {":", ";", "?", "!", "»"} else " "


class Vocabulary:
    """Les tokens que le modèle connaît, et le numéro de chacun.

    Args:
        tokens: les tokens, tous différents ; leur place est leur numéro.
    """

    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens = tuple(tokens)
        self.numbers = {token: number for number, token in enumerate(self.tokens)}

    def __len__(self) -> int:
        return len(self.tokens)

    def encode(self, text: str) -> list[int]:
        """Donne les numéros des tokens d'un texte.

        Args:
            text: un texte dont le modèle connaît tous les mots.

        Returns:
            Un numéro par token.

        Raises:
            ValueError: si un mot est inconnu.
        """
        tokens = split(text)
        unknown = sorted({token for token in tokens if token not in self.numbers})
        if unknown:
            raise ValueError(f"Le modèle ne connaît pas : {', '.join(unknown)}.")
        return [self.numbers[token] for token in tokens]

    def decode(self, numbers: Iterable[int]) -> str:
        """Donne le texte de ces numéros.

        Args:
            numbers: des numéros de tokens.

        Returns:
            Le texte, avec ses espaces.
        """
        return join(self.tokens[number] for number in numbers)


def vocabulary_of_the_grammar() -> Vocabulary:
    """Relève tous les tokens de la grammaire, dans l'ordre alphabétique, après celui qui encadre les histoires.

    Returns:
        Le vocabulaire.
    """
    found = {token for story in islice(stories(seed=0), ENOUGH_STORIES) for token in story.tokens}
    return Vocabulary((EDGE, *sorted(found)))
