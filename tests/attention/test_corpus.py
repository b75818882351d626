"""The generated French corpus: reproducible, correct, and of a known entropy."""

import itertools
import math
import re
from collections import Counter

import pytest

from attention import corpus
from attention.corpus import french_corpus, source_entropy

TEXT = french_corpus(3000, seed=5)
NOUNS = corpus.PEOPLE + corpus.ANIMALS + corpus.FOOD + corpus.READINGS
ADJECTIVES = corpus.BEFORE_THE_NOUN + corpus.AFTER_A_LIVING + corpus.AFTER_FOOD + corpus.AFTER_A_READING
VERBS = corpus.MOVES + corpus.EATS + corpus.READS + corpus.SEES


def test_the_same_seed_gives_the_same_text() -> None:
    """A text is a function of its seed, and of nothing else."""
    assert french_corpus(50, seed=3) == french_corpus(50, seed=3)
    assert french_corpus(50, seed=3) != french_corpus(50, seed=4)
    assert french_corpus(50, seed=3).startswith(french_corpus(20, seed=3))


@pytest.mark.parametrize("n_sentences", [0, 1, 17])
def test_one_sentence_a_line(n_sentences: int) -> None:
    """As many sentences as asked, each with a capital, a full stop and a line of its own."""
    lines = french_corpus(n_sentences, seed=0).splitlines(keepends=True)
    assert len(lines) == n_sentences
    assert all(re.fullmatch(r"[A-ZÉ][^.\n]+\.\n", line) for line in lines)


def test_a_negative_number_of_sentences_is_an_error() -> None:
    """The message says what came."""
    with pytest.raises(ValueError, match="-1"):
        french_corpus(-1, seed=0)


def test_articles_are_elided_before_vowels_only() -> None:
    """« L'oiseau », « le petit oiseau », « les oiseaux »; never « le oiseau » nor « l'chat »."""
    vowel = f"[{corpus.VOWELS}]"
    assert not re.search(rf"\b([Ll][ea]|[Dd]e) {vowel}", TEXT.replace("à côté de", ""))
    assert set(re.findall(r"\b[Ll]'(.)", TEXT)) <= set(corpus.VOWELS)
    assert re.search(r"\b[Ll]'oiseau", TEXT)


def test_des_becomes_de_before_an_adjective() -> None:
    """« Des chats noirs », but « de petits chats »."""
    before = "|".join(form for adjective in corpus.BEFORE_THE_NOUN for form in adjective[2:])
    assert not re.search(rf"\b[Dd]es ({before})\b", TEXT)
    assert re.search(rf"\b[Dd]e ({before})\b", TEXT)


Forms = dict[str, set[tuple[bool, bool]]]


def _noun_forms() -> Forms:
    """Return the genders and numbers of each form of a noun."""
    forms: Forms = {}
    for noun, plural in itertools.product(NOUNS, (False, True)):
        forms.setdefault(noun.plural if plural else noun.singular, set()).add((noun.feminine, plural))
    return forms


def _adjective_forms() -> Forms:
    forms: Forms = {}
    for adjective in ADJECTIVES:
        for form, (plural, feminine) in zip(adjective, itertools.product((False, True), (False, True)), strict=True):
            forms.setdefault(form, set()).add((feminine, plural))
    return forms


def test_groups_and_verbs_agree() -> None:
    """In every sentence, articles, adjectives and nouns share gender and number, and the verb that of its subject."""
    articles = {
        "le": {(False, False)},
        "la": {(True, False)},
        "un": {(False, False)},
        "une": {(True, False)},
        "l": {(False, False), (True, False)},
        "les": {(False, True), (True, True)},
        "des": {(False, True), (True, True)},
        "de": {(False, True), (True, True)},
    }
    forms = _adjective_forms() | _noun_forms() | articles
    number_of_verb = {form: plural for verb in VERBS for plural, form in enumerate(verb)}
    places = "|".join(map(re.escape, corpus.PLACES))
    openings = "|".join(f"{opening}, " for opening in corpus.OPENINGS)
    for line in TEXT.splitlines():
        sentence = re.sub(rf"^({openings})| ({places})?\.$|\.$", "", line).lower()
        words = re.split(r"[ ']", sentence)
        (place,) = (i for i, word in enumerate(words) if word in number_of_verb)
        for group in filter(None, (words[:place], words[place + 1 :])):
            assert set.intersection(*(forms[word] for word in group)), line
        subject = set.intersection(*(forms[word] for word in words[:place]))
        assert {bool(number_of_verb[words[place]])} == {plural for _, plural in subject}, line


def test_derivations_are_told_apart_by_their_text() -> None:
    """Two different choices never give the same noun group: the entropy of choices is that of the text."""
    writer = corpus._Writer(0)
    for nouns, after in (
        (corpus.PEOPLE + corpus.ANIMALS, corpus.AFTER_A_LIVING),
        (corpus.FOOD, corpus.AFTER_FOOD),
        (corpus.READINGS, corpus.AFTER_A_READING),
    ):
        found = {writer._noun_phrase(nouns, after, plural) for plural in (False, True) for _ in range(20_000)}
        assert len(found) == 2 * 2 * len(nouns) * (1 + len(corpus.BEFORE_THE_NOUN) + len(after))
    forms = Counter(form for verb in VERBS for form in verb)
    assert set(forms.values()) == {1}


def test_entropy_is_the_mean_surprise_of_a_character() -> None:
    """Far below a uniform guess, alike from one seed to another, and that of the choices made."""
    assert source_entropy(3000, seed=1) == pytest.approx(source_entropy(3000, seed=2), rel=0.01)
    assert 0.1 < source_entropy(500) < 0.5 < math.log(len(set(TEXT)))
    writer = corpus._Writer(0)
    group = writer._noun_phrase(corpus.FOOD[:1], corpus.AFTER_FOOD, plural=False)
    choices = math.log(2) + math.log(3)  # the article, and where an adjective stands
    if "petite" in group or "grande" in group or "jolie" in group:
        choices += math.log(3)
    elif "délicieuse" in group or "parfumée" in group:
        choices += math.log(2)
    assert writer.surprise == pytest.approx(choices)


def test_entropy_needs_a_sentence() -> None:
    """No estimate without a sentence."""
    with pytest.raises(ValueError, match="au moins 1"):
        source_entropy(0)


def test_the_alphabet_is_small() -> None:
    """Few characters, accents among them: a small model can learn them."""
    alphabet = set(TEXT)
    assert len(alphabet) < 45
    assert set("éèàâçôû") <= alphabet
