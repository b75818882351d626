"""Ce que la leçon mesure : où regardent les têtes, ce que chacune sait faire, ce que coûte d'écrire."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch.nn import functional

from . import lexicon
from .decoder import Cache, Decoder, Look
from .stories import EDGE, Story
from .words import Vocabulary

IS = ("est", "sont")
FIRST_NAMES = frozenset((*lexicon.MEN, *lexicon.WOMEN))
PLURALS = {
    form: plural
    for noun in (*lexicon.THINGS, *lexicon.PEOPLE)
    for plural, form in enumerate((noun.singular, noun.plural))
}


@dataclass(frozen=True, slots=True)
class Case:
    """Une question posée au modèle : après le token `place` de l'histoire `row`, quel token ?

    Attributes:
        row: le numéro de l'histoire.
        place: la position du dernier token lu ; ¶ est à la position 0.
        right: le numéro du bon token.
        wrong: celui du token qu'il ne faut pas préférer ; None : tous les autres.
        sources: les positions des tokens qui donnent la réponse.
    """

    row: int
    place: int
    right: int
    wrong: int | None
    sources: tuple[int, ...]


def name_cases(told: Sequence[Story], vocabulary: Vocabulary) -> list[Case]:
    """Un prénom revient : le nom qui l'a déjà suivi doit suivre encore.

    Args:
        told: les histoires, une par ligne.
        vocabulary: les tokens.

    Returns:
        Un cas par retour d'un prénom ; les sources sont les places du nom, plus tôt dans le texte.
    """
    found = []
    for row, place, tokens in _places(told):
        before = [earlier + 1 for earlier in range(place) if tokens[earlier] == tokens[place]]
        if tokens[place] in FIRST_NAMES and before:
            found.append(Case(row, place, vocabulary.numbers[tokens[place + 1]], None, tuple(before)))
    return found


def recited_cases(told: Sequence[Story], vocabulary: Vocabulary) -> list[Case]:
    """« répète : lampe, melon » : après la virgule, le mot qui suivait dans la récitation.

    Args:
        told: les histoires, une par ligne.
        vocabulary: les tokens.

    Returns:
        Un cas par mot répété, sauf le premier, à lire juste avant lui ; la source est sa place dans la récitation.
    """
    found = []
    for row, place, tokens in _places(told):
        if tokens[place] != "récite":
            continue
        end = tokens.index(".", place)
        again = tokens.index("répète", place)
        for word in range(place + 4, end, 2):
            there = again + word - place
            found.append(Case(row, there - 1, vocabulary.numbers[tokens[word]], None, (word,)))
    return found


def agreement_cases(told: Sequence[Story], vocabulary: Vocabulary) -> list[Case]:
    """« Les valises que la voisine porte » : sont, et non est. Entre le sujet et le verbe, un seul autre nombre.

    Args:
        told: les histoires, une par ligne.
        vocabulary: les tokens.

    Returns:
        Les cas où les noms de la relative n'ont pas le nombre du sujet ; la source est le sujet.
    """
    found = []
    for row, place, tokens in _places(told):
        if tokens[place] != "que":
            continue
        verb = next(later for later in range(place, len(tokens)) if tokens[later] in IS)
        plural = PLURALS[tokens[place - 1]]
        if all(PLURALS[token] != plural for token in tokens[place:verb] if token in PLURALS):
            right, wrong = (vocabulary.numbers[IS[number]] for number in (plural, 1 - plural))
            found.append(Case(row, verb - 1, right, wrong, (place - 1,)))
    return found


def city_cases(told: Sequence[Story], vocabulary: Vocabulary) -> list[Case]:
    """« … quittent » : la ville du début, des dizaines de tokens plus tôt.

    Args:
        told: les histoires, une par ligne.
        vocabulary: les tokens.

    Returns:
        Un cas par histoire ; la source est la ville, dans la première phrase.
    """
    return [
        Case(row, place, vocabulary.numbers[tokens[place + 1]], None, (tokens.index(tokens[place + 1]),))
        for row, place, tokens in _places(told)
        if tokens[place] == "quittent"
    ]


def remainder_cases(told: Sequence[Story], vocabulary: Vocabulary) -> list[Case]:
    """« a cinq pommes et en donne deux : il en reste » : une soustraction.

    Args:
        told: les histoires, une par ligne.
        vocabulary: les tokens.

    Returns:
        Un cas par soustraction ; les sources sont les deux nombres.
    """
    return [
        Case(row, place, vocabulary.numbers[tokens[place + 1]], None, (place - 8, place - 4))
        for row, place, tokens in _places(told)
        if tokens[place] == "reste"
    ]


def closing_cases(told: Sequence[Story], vocabulary: Vocabulary) -> list[Case]:
    """Une parenthèse ouverte : elle doit se fermer après le nom, et non se changer en autre chose.

    Args:
        told: les histoires, une par ligne.
        vocabulary: les tokens.

    Returns:
        Un cas par parenthèse ; la source est celle qui ouvre.
    """
    return [
        Case(row, place, vocabulary.numbers[")"], None, (max(k for k in range(place) if tokens[k] == "("),))
        for row, place, tokens in _places(told)
        if place + 1 < len(tokens) and tokens[place + 1] == ")"
    ]


def _places(told: Sequence[Story]) -> Iterator[tuple[int, int, list[str]]]:
    """Chaque histoire, ¶ compris, et chaque place qu'un token y a."""
    for row, story in enumerate(told):
        tokens = [EDGE, *story.tokens]
        for place in range(len(tokens)):
            yield row, place, tokens


def success(model: Decoder, inputs: torch.Tensor, cases: Sequence[Case], look: Look | None = None) -> float:
    """La part des cas réussis.

    Args:
        model: le modèle.
        inputs: les histoires (n, longueur), comme training.padded les donne.
        cases: les cas.
        look: ce que l'on change au modèle.

    Returns:
        Une proportion, entre 0 et 1.
    """
    rows, places = _where(cases)
    with torch.no_grad():
        logits = model(inputs, look=look)[rows, places]
    right = torch.tensor([case.right for case in cases])
    best = logits.argmax(dim=-1)
    for number, case in enumerate(cases):
        if case.wrong is not None:
            best[number] = max((case.right, case.wrong), key=lambda token: logits[number, token].item())
    share: float = (best == right).double().mean().item()
    return share


def weights_of(model: Decoder, inputs: torch.Tensor) -> torch.Tensor:
    """Les poids d'attention de toutes les têtes.

    Args:
        model: le modèle.
        inputs: numéros (batch, n).

    Returns:
        Tenseur (layers, batch, heads, n, n).
    """
    look = Look(keep=True)
    with torch.no_grad():
        model(inputs, look=look)
    return torch.stack(look.weights)


def weight_on_sources(weights: torch.Tensor, cases: Sequence[Case]) -> torch.Tensor:
    """Ce que chaque tête met, en moyenne, sur les tokens qui donnent la réponse.

    Args:
        weights: les poids (layers, batch, heads, n, n).
        cases: les cas.

    Returns:
        Tenseur (layers, heads).
    """
    each = [weights[:, case.row, :, case.place, list(case.sources)].sum(dim=-1) for case in cases]
    return torch.stack(each).mean(dim=0)


def weight_at_distance(weights: torch.Tensor, distance: int) -> torch.Tensor:
    """Ce que chaque tête met, en moyenne, sur le token situé à cette distance en arrière.

    Args:
        weights: les poids (layers, batch, heads, n, n).
        distance: 0 est le token lui-même, 1 le précédent.

    Returns:
        Tenseur (layers, heads).
    """
    return weights.diagonal(offset=-distance, dim1=-2, dim2=-1).mean(dim=(1, 3))


def weight_on_first(weights: torch.Tensor, after: int = 8) -> torch.Tensor:
    """Ce que chaque tête met, en moyenne, sur le premier token.

    Args:
        weights: les poids (layers, batch, heads, n, n).
        after: la première requête comptée.

    Returns:
        Tenseur (layers, heads).
    """
    return weights[..., after:, 0].mean(dim=(1, 3))


def without(model: Decoder, *silent: tuple[int, int]) -> Look:
    """De quoi faire taire des têtes : leur sortie est multipliée par 0.

    Args:
        model: le modèle.
        silent: des couples (couche, tête), à partir de 0.

    Returns:
        Ce qu'il faut donner au modèle.
    """
    heads = torch.ones(model.sizes.layers, model.sizes.heads)
    for layer, head in silent:
        heads[layer, head] = 0.0
    return Look(heads=heads)


def each_head_silent(model: Decoder, measure: Callable[[Look], float]) -> torch.Tensor:
    """Une mesure, refaite en faisant taire chaque tête à son tour.

    Args:
        model: le modèle.
        measure: ce que l'on mesure.

    Returns:
        Tenseur (layers, heads).
    """
    sizes = model.sizes
    values = [[measure(without(model, (layer, head))) for head in range(sizes.heads)] for layer in range(sizes.layers)]
    return torch.tensor(values)


def loss_with(model: Decoder, inputs: torch.Tensor, targets: torch.Tensor, look: Look | None = None) -> float:
    """La perte moyenne par token, en nats, du modèle que l'on a changé.

    Args:
        model: le modèle.
        inputs: numéros (n, longueur).
        targets: numéros de même forme, -100 où rien ne compte.
        look: ce que l'on change.

    Returns:
        La perte.
    """
    with torch.no_grad():
        return functional.cross_entropy(model(inputs, look=look).flatten(0, 1), targets.flatten()).item()


def next_probabilities(
    model: Decoder, context: Sequence[int], cache: Cache | None = None, temperature: float = 1.0
) -> torch.Tensor:
    """Les probabilités du token suivant.

    Args:
        model: le modèle.
        context: des numéros de tokens ; avec un cache, ceux qu'il n'a pas encore.
        cache: le cache, complété sur place.
        temperature: ce qui divise les logits, strictement positif.

    Returns:
        Tenseur (vocab,), de somme 1.
    """
    with torch.no_grad():
        logits: torch.Tensor = model(torch.tensor([list(context)]), cache)[0, -1]
    return (logits / temperature).softmax(dim=-1)


def kept_by_top_p(probabilities: torch.Tensor, p: float) -> torch.Tensor:
    """Les tokens du plus petit ensemble de probabilité au moins p, du plus probable au moins probable.

    Args:
        probabilities: tenseur (vocab,).
        p: la probabilité à atteindre, entre 0 exclu et 1.

    Returns:
        Des numéros de tokens ; il y en a toujours au moins un.
    """
    ordered, numbers = probabilities.sort(descending=True)
    return numbers[ordered.cumsum(0) - ordered < p]


def tell(
    model: Decoder,
    vocabulary: Vocabulary,
    seed: int,
    temperature: float = 1.0,
    p: float = 1.0,
    start: Sequence[str] = (),
) -> list[str]:
    """Écrit une histoire, mot à mot, avec un cache.

    Args:
        model: le modèle.
        vocabulary: ses tokens.
        seed: graine des tirages.
        temperature: la température ; 0 prend toujours le token le plus probable.
        p: ce que garde le top-p ; 1 garde tout.
        start: les premiers tokens, imposés.

    Returns:
        Les tokens, sans ceux qui encadrent l'histoire ; elle est coupée là où finit le contexte du modèle.
    """
    chance, cache, told = torch.Generator().manual_seed(seed), Cache(), list(start)
    new = [vocabulary.numbers[token] for token in (EDGE, *told)]
    while len(cache) + len(new) <= model.sizes.context:
        probabilities = next_probabilities(model, new, cache, temperature or 1.0)
        if temperature:
            kept = kept_by_top_p(probabilities, p)
            drawn = int(kept[torch.multinomial(probabilities[kept], 1, generator=chance)])
        else:
            drawn = int(probabilities.argmax())
        if vocabulary.tokens[drawn] == EDGE:
            break
        told.append(vocabulary.tokens[drawn])
        new = [drawn]
    return told


def faults(tokens: Sequence[str]) -> list[str]:
    """Ce qu'une histoire a de faux, parmi ce qui se vérifie mécaniquement.

    Args:
        tokens: les tokens d'une histoire.

    Returns:
        Une phrase par faute ; aucune ne dit pas que l'histoire est juste, mais que rien de ceci n'y est faux.
    """
    found = []
    if tokens.count("«") != tokens.count("»") or tokens.count("(") != tokens.count(")"):
        found.append("un signe n'est pas refermé")
    if not tokens or tokens[-1] != ".":
        found.append("elle ne finit pas")
    surnames = _surnames(tokens)
    if any(len(names) > 1 for names in surnames.values()):
        found.append("un personnage change de nom")
    if len(surnames) > 2:
        found.append("un personnage de trop")
    if len({token for token in tokens if token in lexicon.CITIES}) > 1:
        found.append("la ville change")
    if any(_disagrees(tokens, place) for place, word in enumerate(tokens) if word == "que"):
        found.append("un verbe ne s'accorde pas avec son sujet")
    return found


def _surnames(tokens: Sequence[str]) -> dict[str, set[str]]:
    """Ce qui suit chaque prénom."""
    found: dict[str, set[str]] = {}
    for token, following in pairwise(tokens):
        if token in FIRST_NAMES:
            found.setdefault(token, set()).add(following)
    return found


def _disagrees(tokens: Sequence[str], place: int) -> bool:
    verb = next((later for later in range(place, len(tokens)) if tokens[later] in IS), None)
    subject = PLURALS.get(tokens[place - 1])
    return verb is not None and subject is not None and IS[subject] != tokens[verb]


def seconds_to_write(model: Decoder, n_tokens: int, with_cache: bool) -> tuple[float, list[int], int]:
    """Écrit n_tokens au choix glouton, avec ou sans cache.

    Args:
        model: le modèle.
        n_tokens: nombre de tokens à écrire, après un premier.
        with_cache: garder les clés et les valeurs, ou tout relire à chaque pas.

    Returns:
        Les secondes de processeur, les tokens écrits, et les octets du cache (0 sans lui).
    """
    written, cache = [0], Cache() if with_cache else None
    before = time.process_time()
    with torch.no_grad():
        for _ in range(n_tokens):
            new = written[-1:] if with_cache else written
            written.append(int(model(torch.tensor([new]), cache)[0, -1].argmax()))
    return time.process_time() - before, written, 0 if cache is None else cache.n_bytes


def _where(cases: Sequence[Case]) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.tensor([case.row for case in cases]), torch.tensor([case.place for case in cases])
