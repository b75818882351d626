"""La grammaire : des histoires françaises, aussi nombreuses que l'on veut, et dont l'entropie est connue.

Chaque histoire vient d'une suite de choix équiprobables, et deux suites de choix différentes donnent deux histoires
différentes : la probabilité d'une histoire est donc connue, et aucun modèle ne peut, en moyenne, faire mieux qu'elle.

Ce qu'il faut pour bien prédire y est mis exprès :

- deux personnages au nom tiré au hasard, des mots que l'un récite et que l'autre répète : il faut **recopier** ;
- des accords à distance, avec entre les deux un nom qui induit en erreur (« les valises que la voisine porte sont ») ;
- des guillemets et des parenthèses qu'il faut refermer ;
- des objets, une ville et des nombres dont il faut se souvenir.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from . import lexicon
from .lexicon import Adjective, Noun, Verb

T = TypeVar("T")
EDGE = "¶"  # le signe qui ouvre et ferme chaque histoire
MIDDLE = (2, 3, 4)  # le nombre de phrases entre le début et la fin
RECITED = (3, 4, 5, 6)  # le nombre de mots d'une récitation


@dataclass(frozen=True, slots=True)
class Story:
    """Une histoire : ses tokens, sans ceux qui l'encadrent, et sa surprise -ln p, en nats."""

    tokens: tuple[str, ...]
    surprise: float


@dataclass(frozen=True, slots=True)
class Person:
    """Un personnage."""

    name: tuple[str, str]
    feminine: bool


@dataclass(frozen=True, slots=True)
class Thing:
    """Un objet, et sa couleur."""

    noun: Noun
    colour: Adjective
    plural: bool


def stories(seed: int) -> Iterator[Story]:
    """Écrit des histoires sans fin ; la même graine donne les mêmes histoires.

    Args:
        seed: graine du hasard.

    Yields:
        Une histoire après l'autre.
    """
    chance = random.Random(seed)  # noqa: S311  (un hasard reproductible, rien à protéger)
    while True:
        yield _Teller(chance).story()


@dataclass
class _Teller:
    """Écrit une histoire et compte la surprise de ses choix."""

    chance: random.Random
    surprise: float = 0.0
    hero: Person = field(init=False)
    friend: Person = field(init=False)
    things: tuple[Thing, Thing] = field(init=False)
    city: str = field(init=False)

    def story(self) -> Story:
        self.hero, self.city = self._person(()), self._choose(lexicon.CITIES)
        sentences = [self._opening()]
        self.friend = self._person(self.hero.name)
        sentences.append(self._second())
        first, second = self._some(lexicon.THINGS, 2)
        self.things = (self._thing(first), self._thing(second))
        sentences += [self._owning(), self._reciting()]
        sentences += [sentence() for sentence in self._some(self._kinds(), self._choose(MIDDLE))]
        sentences.append(self._ending())
        tokens = [token for sentence in sentences for token in _capital(sentence)]
        return Story(tuple(tokens), self.surprise)

    def _kinds(self) -> tuple[Callable[[], list[str]], ...]:
        return (
            self._relative,
            self._complement,
            self._recall,
            self._aside,
            self._speech,
            self._question,
            self._sharing,
            self._counting,
            self._both,
            self._pronoun,
        )

    # Le début et la fin

    def _opening(self) -> list[str]:
        job = self._choose(lexicon.JOBS)[self.hero.feminine]
        if self._coin():
            return [*self.hero.name, "est", job, "à", self.city, "."]
        return ["à", self.city, "vit", "une" if self.hero.feminine else "un", job, ",", *self.hero.name, "."]

    def _second(self) -> list[str]:
        if self._coin():
            bond = ["sa", "voisine"] if self.friend.feminine else ["son", "voisin"]
        else:
            bond = ["son", "amie"] if self.friend.feminine else ["son", "ami"]
        return [*bond, "s'", "appelle", *self.friend.name, "."]

    def _owning(self) -> list[str]:
        first, second = (_indefinite(thing) for thing in self.things)
        return [*self.hero.name, "a", *first, "et", *second, "."]

    def _reciting(self) -> list[str]:
        """« Clara Vidal récite : lampe, melon, voisin. Paul Joly répète : lampe, melon, voisin. »."""
        first, second = self._some((self.hero, self.friend), 2)
        nouns = self._some((*lexicon.THINGS, *lexicon.FRUIT, *lexicon.PEOPLE), self._choose(RECITED))
        recited = [token for noun in nouns for token in (noun.singular, ",")][:-1]
        return [*first.name, "récite", ":", *recited, ".", *second.name, "répète", ":", *recited, "."]

    def _ending(self) -> list[str]:
        return [*self._choose(lexicon.TIMES), ",", *self._pair(), "quittent", self.city, "."]

    # Le milieu

    def _relative(self) -> list[str]:
        """« Les valises que la voisine du garçon porte sont lourdes. »."""
        noun, plural = self._choose(lexicon.THINGS), self._coin()
        person, many = self._choose(lexicon.PEOPLE), self._coin()
        other = _of(self._choose(lexicon.PEOPLE), self._coin()) if self._coin() else []
        return [
            *_definite(noun, plural),
            "que",
            *_definite(person, many),
            *other,
            self._choose(lexicon.HANDLES)[many],
            *self._being(noun, plural, lexicon.STATES),
            ".",
        ]

    def _complement(self) -> list[str]:
        """« La guitare des voisins est abîmée. »."""
        noun, plural = self._choose(lexicon.THINGS), self._coin()
        person, many = self._choose(lexicon.PEOPLE), self._coin()
        owner = _of(person, many)
        return [*_definite(noun, plural), *owner, *self._being(noun, plural, lexicon.STATES), "."]

    def _recall(self) -> list[str]:
        """« Le vélo rouge est sous la table. »."""
        thing = self._choose(self.things)
        return [*_full(thing), lexicon.IS[thing.plural], *self._choose(lexicon.PLACES), "."]

    def _aside(self) -> list[str]:
        """« La veste (celle de Clara Vidal) est perdue. »."""
        noun, plural = self._choose(lexicon.THINGS), self._coin()
        person = self._choose((self.hero, self.friend))
        that = (("celui", "celle"), ("ceux", "celles"))[plural][noun.feminine]
        owner = ["d'", *person.name] if person.name[0][0] in lexicon.VOWELS else ["de", *person.name]
        return [*_definite(noun, plural), "(", that, *owner, ")", *self._being(noun, plural, lexicon.STATES), "."]

    def _speech(self) -> list[str]:
        """« « Je suis fatiguée », dit Clara Vidal. »."""
        speaker = self._choose((self.hero, self.friend))
        moods = [mood[speaker.feminine] for mood in self._some(lexicon.MOODS, self._choose((1, 2)))]
        said = ["je", "suis", *" et ".join(moods).split()]
        return ["«", *_capital(said), "»", ",", self._choose(("dit", "répond")), *speaker.name, "."]

    def _question(self) -> list[str]:
        """« « Où est ma veste bleue ? » demande Clara Vidal. »."""
        thing = self._choose(self.things)
        asked = ["où", lexicon.IS[thing.plural], *_mine(thing), "?"]
        return ["«", *_capital(asked), "»", "demande", *self.hero.name, "."]

    def _sharing(self) -> list[str]:
        """« Clara Vidal a cinq pommes et en donne deux : il en reste trois. »."""
        fruit = self._choose(lexicon.FRUIT)
        had = self._choose(range(2, 11))
        given = self._choose(range(1, had))
        person = self._choose((self.hero, self.friend))
        return [
            *person.name, "a", _number(had, fruit), fruit.plural,
            "et", "en", "donne", _number(given, fruit), ":",
            "il", "en", "reste", _number(had - given, fruit), ".",
        ]  # fmt: skip

    def _counting(self) -> list[str]:
        """« Clara Vidal compte jusqu'à trois : un, deux, trois. »."""
        last = self._choose(range(3, 8))
        person = self._choose((self.hero, self.friend))
        counted = [token for number in lexicon.NUMBERS[:last] for token in (number, ",")][:-1]
        return [*person.name, "compte", "jusqu'", "à", lexicon.NUMBERS[last - 1], ":", *counted, "."]

    def _both(self) -> list[str]:
        """« Clara Vidal et Paul Joly marchent. Ils sont contents. »."""
        feminine = self.hero.feminine and self.friend.feminine
        mood = self._choose(lexicon.MOODS)[2 + feminine]
        moving = [*self._pair(), self._choose(lexicon.MOVES)[1], *self._choose(lexicon.PLACES), "."]
        return [*moving, "Elles" if feminine else "Ils", "sont", mood, "."]

    def _pronoun(self) -> list[str]:
        """« Clara Vidal chante devant la gare. Elle est heureuse. »."""
        person = self._choose((self.hero, self.friend))
        mood = self._choose(lexicon.MOODS)[person.feminine]
        moving = [*person.name, self._choose(lexicon.MOVES)[0], *self._choose(lexicon.PLACES), "."]
        return [*moving, "Elle" if person.feminine else "Il", "est", mood, "."]

    # Les morceaux

    def _person(self, taken: Sequence[str]) -> Person:
        feminine = self._coin()
        first = self._choose([name for name in (lexicon.WOMEN if feminine else lexicon.MEN) if name not in taken])
        last = self._choose([name for name in lexicon.SURNAMES if name not in taken])
        return Person((first, last), feminine)

    def _thing(self, noun: Noun) -> Thing:
        return Thing(noun, self._choose(lexicon.COLOURS), self._coin())

    def _some(self, options: Sequence[T], number: int) -> list[T]:
        """Choisit, sans remise et dans l'ordre, plusieurs de ces possibilités."""
        left = list(options)
        return [left.pop(left.index(self._choose(left))) for _ in range(number)]

    def _pair(self) -> list[str]:
        return [*self.hero.name, "et", *self.friend.name]

    def _being(self, noun: Noun, plural: bool, adjectives: Sequence[Adjective]) -> list[str]:
        verb: Verb = lexicon.IS
        return [verb[plural], self._choose(adjectives)[2 * plural + noun.feminine]]

    def _coin(self) -> bool:
        return self._choose((False, True))

    def _choose(self, options: Sequence[T]) -> T:
        self.surprise += math.log(len(options))
        return options[int(self.chance.random() * len(options))]


def _capital(sentence: list[str]) -> list[str]:
    return [sentence[0][0].upper() + sentence[0][1:], *sentence[1:]]


def _name(noun: Noun, plural: bool) -> str:
    return noun.plural if plural else noun.singular


def _definite(noun: Noun, plural: bool) -> list[str]:
    """« le vélo », « l'écharpe », « les lampes »."""
    if plural:
        return ["les", noun.plural]
    if noun.singular[0] in lexicon.VOWELS:
        return ["l'", noun.singular]
    return ["la" if noun.feminine else "le", noun.singular]


def _of(noun: Noun, plural: bool) -> list[str]:
    """« du voisin », « de l'amie », « des filles »."""
    if plural:
        return ["des", noun.plural]
    words = _definite(noun, plural)
    return ["du", noun.singular] if words[0] == "le" else ["de", *words]


def _coloured(thing: Thing) -> list[str]:
    return [_name(thing.noun, thing.plural), thing.colour[2 * thing.plural + thing.noun.feminine]]


def _indefinite(thing: Thing) -> list[str]:
    article = "des" if thing.plural else "une" if thing.noun.feminine else "un"
    return [article, *_coloured(thing)]


def _full(thing: Thing) -> list[str]:
    return [*_definite(thing.noun, thing.plural)[:-1], *_coloured(thing)]


def _mine(thing: Thing) -> list[str]:
    """« ma lampe », mais « mon écharpe »."""
    if thing.plural:
        return ["mes", *_coloured(thing)]
    feminine = thing.noun.feminine and thing.noun.singular[0] not in lexicon.VOWELS
    return ["ma" if feminine else "mon", *_coloured(thing)]


def _number(value: int, noun: Noun) -> str:
    return "une" if value == 1 and noun.feminine else lexicon.NUMBERS[value - 1]
