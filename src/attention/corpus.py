"""Un petit corpus de phrases françaises, écrit par une grammaire : de quoi entraîner un modèle en une minute.

Les accords (genre, nombre, verbe), les élisions et les accents sont justes ; le vocabulaire est petit. Chaque phrase
vient d'une suite de choix équiprobables, et deux suites de choix différentes donnent deux phrases différentes :
l'entropie de cette source est donc connue, et aucun modèle ne peut faire mieux qu'elle.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Noun:
    """Un nom, son pluriel et son genre."""

    singular: str
    plural: str
    feminine: bool


# Les quatre formes d'un adjectif : masculin et féminin singuliers, masculin et féminin pluriels.
Adjective = tuple[str, str, str, str]
# Un verbe au présent : troisième personne du singulier, du pluriel.
Verb = tuple[str, str]

PEOPLE = (
    Noun("garçon", "garçons", False),
    Noun("fille", "filles", True),
    Noun("voisin", "voisins", False),
    Noun("étudiante", "étudiantes", True),
    Noun("boulanger", "boulangers", False),
    Noun("musicienne", "musiciennes", True),
    Noun("ouvrier", "ouvriers", False),
    Noun("infirmière", "infirmières", True),
)
ANIMALS = (
    Noun("chat", "chats", False),
    Noun("souris", "souris", True),
    Noun("chien", "chiens", False),
    Noun("tortue", "tortues", True),
    Noun("cheval", "chevaux", False),
    Noun("oiseau", "oiseaux", False),
)
FOOD = (
    Noun("pomme", "pommes", True),
    Noun("gâteau", "gâteaux", False),
    Noun("poire", "poires", True),
    Noun("fromage", "fromages", False),
    Noun("orange", "oranges", True),
)
READINGS = (
    Noun("livre", "livres", False),
    Noun("lettre", "lettres", True),
    Noun("journal", "journaux", False),
    Noun("histoire", "histoires", True),
    Noun("poème", "poèmes", False),
)

BEFORE_THE_NOUN: tuple[Adjective, ...] = (
    ("petit", "petite", "petits", "petites"),
    ("grand", "grande", "grands", "grandes"),
    ("joli", "jolie", "jolis", "jolies"),
)
AFTER_A_LIVING: tuple[Adjective, ...] = (
    ("curieux", "curieuse", "curieux", "curieuses"),
    ("fatigué", "fatiguée", "fatigués", "fatiguées"),
    ("tranquille", "tranquille", "tranquilles", "tranquilles"),
)
AFTER_FOOD: tuple[Adjective, ...] = (
    ("délicieux", "délicieuse", "délicieux", "délicieuses"),
    ("parfumé", "parfumée", "parfumés", "parfumées"),
)
AFTER_A_READING: tuple[Adjective, ...] = (
    ("ancien", "ancienne", "anciens", "anciennes"),
    ("passionnant", "passionnante", "passionnants", "passionnantes"),
)

MOVES: tuple[Verb, ...] = (("dort", "dorment"), ("court", "courent"), ("attend", "attendent"), ("joue", "jouent"))
EATS: tuple[Verb, ...] = (("mange", "mangent"), ("partage", "partagent"), ("goûte", "goûtent"))
READS: tuple[Verb, ...] = (("lit", "lisent"), ("écrit", "écrivent"), ("cherche", "cherchent"))
SEES: tuple[Verb, ...] = (("regarde", "regardent"), ("suit", "suivent"), ("écoute", "écoutent"))

OPENINGS = ("Le matin", "Le soir", "Chaque été", "Souvent")
PLACES = ("dans le jardin", "sous la table", "près de la rivière", "devant l'école", "à côté du pont", "sur le toit")

VOWELS = "aeiouéèêh"  # tous les « h » du vocabulaire sont muets


def french_corpus(n_sentences: int, seed: int) -> str:
    """Écrit des phrases françaises simples, une par ligne.

    Args:
        n_sentences: nombre de phrases, positif ou nul.
        seed: graine du hasard ; la même graine donne le même texte.

    Returns:
        Le texte ; chaque phrase finit par un point et un saut de ligne.

    Raises:
        ValueError: si n_sentences est négatif.
    """
    if n_sentences < 0:
        raise ValueError(f"n_sentences doit être positif ou nul ; reçu : {n_sentences}.")
    writer = _Writer(seed)
    return "".join(writer.sentence() for _ in range(n_sentences))


def source_entropy(n_sentences: int = 4000, seed: int = 0) -> float:
    """Estime l'entropie de la grammaire : ce qu'un caractère apporte d'imprévisible, en moyenne, en nats.

    Une phrase de probabilité p apporte -ln p nats. Aucun modèle ne peut avoir, sur des phrases nouvelles, une perte
    moyenne plus basse que cette valeur.

    Args:
        n_sentences: nombre de phrases de l'estimation, au moins 1.
        seed: graine du hasard.

    Returns:
        L'entropie par caractère, en nats.

    Raises:
        ValueError: si n_sentences est inférieur à 1.
    """
    if n_sentences < 1:
        raise ValueError(f"n_sentences doit valoir au moins 1 ; reçu : {n_sentences}.")
    writer = _Writer(seed)
    length = sum(len(writer.sentence()) for _ in range(n_sentences))
    return writer.surprise / length


@dataclass
class _Writer:
    """Écrit des phrases et compte la surprise (-ln p, en nats) de tous ses choix."""

    seed: int
    surprise: float = 0.0
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311  (un hasard reproductible, rien à protéger)

    def sentence(self) -> str:
        living = self._choose((PEOPLE, ANIMALS))
        plural = self._choose((False, True))
        words = [self._noun_phrase(living, AFTER_A_LIVING, plural)]
        action = self._choose(("move", "eat", "read", "see") if living is PEOPLE else ("move", "eat", "see"))
        if action == "move":
            words += [self._verb(MOVES, plural), self._choose(PLACES)]
        elif action == "eat":
            words += [self._verb(EATS, plural), self._object(FOOD, AFTER_FOOD)]
        elif action == "read":
            words += [self._verb(READS, plural), self._object(READINGS, AFTER_A_READING)]
        else:
            words += [self._verb(SEES, plural), self._object(self._choose((PEOPLE, ANIMALS)), AFTER_A_LIVING)]
        text = " ".join(words)
        if self._choose((False, True)):
            return f"{self._choose(OPENINGS)}, {text}.\n"
        return f"{text[0].upper()}{text[1:]}.\n"

    def _object(self, nouns: tuple[Noun, ...], after: tuple[Adjective, ...]) -> str:
        return self._noun_phrase(nouns, after, self._choose((False, True)))

    def _noun_phrase(self, nouns: tuple[Noun, ...], after: tuple[Adjective, ...], plural: bool) -> str:
        """Un groupe nominal : déterminant, nom, et au plus un adjectif, avant ou après."""
        noun = self._choose(nouns)
        name = noun.plural if plural else noun.singular
        form = 2 * plural + noun.feminine
        definite = self._choose((False, True))
        place = self._choose(("none", "before", "after"))
        before = self._choose(BEFORE_THE_NOUN)[form] if place == "before" else ""
        group = f"{before} {name}" if before else name
        if place == "after":
            group += f" {self._choose(after)[form]}"
        return _determined(group, definite, plural, noun.feminine, adjective_first=bool(before))

    def _verb(self, verbs: tuple[Verb, ...], plural: bool) -> str:
        return self._choose(verbs)[plural]

    def _choose(self, options: Sequence[T]) -> T:
        self.surprise += math.log(len(options))
        return options[int(self._random.random() * len(options))]


def _determined(group: str, definite: bool, plural: bool, feminine: bool, adjective_first: bool) -> str:
    """Ajoute l'article : « l' » devant une voyelle, « de » et non « des » devant un adjectif."""
    if plural:
        return f"{'les' if definite else 'de' if adjective_first else 'des'} {group}"
    if definite and group[0] in VOWELS:
        return f"l'{group}"
    if definite:
        return f"{'la' if feminine else 'le'} {group}"
    return f"{'une' if feminine else 'un'} {group}"
