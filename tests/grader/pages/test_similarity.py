"""Answers of the same form are found, however renamed or moved; what everybody writes is no likeness."""

import itertools
import random
import re

import pytest
from tests.answers.answers import all_answers

from closed_doors.pages.analysis.answer_form import LONGEST, code_form, text_form
from closed_doors.pages.analysis.similarity import RARE_STUDENTS, SHORTEST, Answer, compare
from closed_doors.pages.dashboard.side_by_side import side_by_side

PLACE = ("petit", "reponse")
STARTER = '''def moyenne(poids):
    """La moyenne."""
    # VOTRE CODE ICI
    raise NotImplementedError()


def variance(poids):
    """La variance."""
    raise NotImplementedError()
'''
ONE = '''def moyenne(poids):
    """La moyenne."""
    total = 0
    for valeur in poids:
        total += valeur
    return total / len(poids)


def variance(poids):
    centre = moyenne(poids)
    return carres(poids, centre) / len(poids)


def carres(poids, centre):
    if not len(poids):
        raise ValueError("vide")
    return sum((valeur - centre) ** 2 for valeur in poids)
'''
DISGUISED = """def aide(xs: list, m: float) -> float:
    if not len(xs):
        raise ValueError(f"rien dans {xs}")
    return sum((x - m) ** 2 for x in xs)

def moyenne(w):
    # je calcule la somme
    s = 0
    for x in w:
        s += x
    return s / len(w)

def variance(w):
    mu = moyenne(w)   # le centre
    return aide(w, mu) / len(w)
"""
OTHER = """def moyenne(poids):
    return poids.sum() / poids.shape[0]


def variance(poids):
    ecarts = poids - poids.sum() / poids.shape[0]
    return (ecarts * ecarts).sum() / poids.shape[0]
"""


def answer(student: str, source: str, kind: str = "code", starter: str = STARTER) -> Answer:
    return Answer(student, PLACE, kind, source, starter)


def test_names_comments_order_and_texts_change_nothing() -> None:
    """The form of a disguised copy is that of the original; another solution has another."""
    assert code_form(ONE, STARTER) == code_form(DISGUISED, STARTER)
    assert code_form(ONE, STARTER) != code_form(OTHER, STARTER)


def test_what_the_release_gives_is_not_the_students() -> None:
    """An untouched answer has no form, and of a given function only the body counts."""
    assert code_form(STARTER, STARTER) == ()
    half = STARTER.replace("raise NotImplementedError()", "return 1", 1)
    assert "raise" not in code_form(half, STARTER)
    assert text_form("*Écrivez votre réponse ici.*", "*Écrivez votre réponse ici.*") == ()


def test_what_differs_stays_different() -> None:
    """Another library function, constant or operator is another form: those are not names of the student's."""
    forms = {
        code_form(f"def f(x):\n    y = {expression}\n    return y", "")
        for expression in (
            "np.tril(x)",
            "np.triu(x)",
            "np.tril(x, 1)",
            "np.tril(x, -1)",
            "-np.tril(x)",
            "x @ x",
            "x * x",
        )
    }
    assert len(forms) == 7


@pytest.mark.parametrize(
    "source", ["def f(:\n  pass", "\x00", "(" * 3000, "x = " + "-" * 50_000 + "1", "f(" * 900, "%%time\n!ls", "'\\d'"]
)
def test_any_source_has_a_form(source: str) -> None:
    """What is not Python, or too deep for Python's own parser, is compared by its words and never fails."""
    assert len(code_form(source, STARTER)) <= LONGEST


def test_a_disguised_copy_is_found_among_a_class() -> None:
    """Two of twelve share a form that nobody else has; the others, who all wrote the same, are not named."""
    others = [answer(f"autre-{number}", OTHER) for number in range(10)]
    found = compare([answer("alice", ONE), *others, answer("bruno", DISGUISED)])
    assert [pair.students for pair in found.pairs] == [("alice", "bruno")]
    (likeness,) = found.pairs[0].likenesses
    assert (likeness.ratio, likeness.shared_by, likeness.among, likeness.verbatim) == (1.0, 2, 12, False)
    assert [(each.count, each.among) for each in found.common] == [(10, 12)]


def test_a_form_of_many_is_no_likeness() -> None:
    """As soon as more than a few share an answer, it is the class's."""
    for count, pairs in ((RARE_STUDENTS, RARE_STUDENTS * (RARE_STUDENTS - 1) // 2), (RARE_STUDENTS + 1, 0)):
        copies = [answer(f"etudiant-{number}", ONE) for number in range(count)]
        assert len(compare([*copies, *(answer(f"a{n}", OTHER) for n in range(20))]).pairs) == pairs


def test_a_short_answer_is_no_likeness() -> None:
    """Two who write one natural line have nothing to explain."""
    line = "def moyenne(poids):\n    return sum(poids) / len(poids)"
    assert len(code_form(line, STARTER)) < SHORTEST
    assert compare([answer("a", line), answer("b", line), answer("c", ONE)]).pairs == ()


def test_rarer_and_longer_weighs_more() -> None:
    """The same two answers weigh more in a larger class, and less where they are only near."""
    near = DISGUISED.replace("return s / len(w)", "return float(s) / max(len(w), 1)")

    def weight(second: str, others: int) -> float:
        rest = [answer(f"autre-{number}", OTHER) for number in range(others)]
        return compare([answer("alice", ONE), answer("bruno", second), *rest]).pairs[0].weight

    assert weight(DISGUISED, 100) > weight(DISGUISED, 10) > weight(near, 10) > 0


def test_written_answers_are_compared_too() -> None:
    """Case, accents and punctuation do not hide a copied text."""
    text = "L'entropie croît avec la position, car le token i partage son attention entre i + 1 tokens ; " * 3
    copy = text.upper().replace(" ;", ".").replace("Î", "I")
    found = compare([answer("a", text, "markdown", "…"), answer("b", copy, "markdown", "…")])
    assert found.pairs[0].weight == 0, "two of two is the whole class"
    others = [answer(f"c{n}", f"Réponse numéro {n} " + "bien à moi " * n, "markdown", "…") for n in range(9, 14)]
    found = compare([answer("a", text, "markdown", "…"), answer("b", copy, "markdown", "…"), *others])
    assert found.pairs[0].students == ("a", "b")
    assert found.pairs[0].weight > 0.5


def test_honest_answers_of_one_style_each_are_seldom_alike() -> None:
    """Of the collection's right answers, written in different styles, few pairs are named in any exercise."""
    by_exercise = itertools.groupby(
        (one for one in all_answers() if one.right), key=lambda one: (one.assignment, one.exercise)
    )
    pairs = named = 0
    for place, answers in by_exercise:
        theirs = [Answer(one.name, place, "code", one.source, "") for one in answers]
        pairs += len(theirs) * (len(theirs) - 1) // 2
        named += len(compare(theirs).pairs)
    assert pairs > 300
    assert named / pairs < 0.03


def test_a_class_of_different_answers_is_compared_whole() -> None:
    """Three hundred different answers, one disguised copy: it comes first."""
    draw = random.Random(1)
    operations = (
        "v = v + {}",
        "v = np.tril(v, {})",
        "if v.sum() > {}:\n        v = v * 2",
        "v = v[{}:]",
        "v = h(v, {})",
    )

    def source() -> str:
        lines = [draw.choice(operations).format(draw.randrange(50)) for _ in range(12)]
        return "def f(v):\n    " + "\n    ".join(lines) + "\n    return v\n"

    answers = [Answer(f"e{number}", PLACE, "code", source(), "") for number in range(299)]
    copied = "# à moi\n" + re.sub(r"\bv\b", "mon_resultat", answers[17].source)
    assert compare([*answers, Answer("copie", PLACE, "code", copied, "")]).pairs[0].students == ("copie", "e17")


def test_lines_are_marked_by_what_they_share() -> None:
    """Same to the letter, same but for names, or other; an added line stands alone."""
    left = "def f(a):\n    total = 0\n    return total"
    right = "def f(a):\n    somme = 0  # zéro\n    print(1)\n    return somme"
    assert [(line.left, line.right, line.how) for line in side_by_side(left, right)] == [
        ("def f(a):", "def f(a):", "same"),
        ("    total = 0", "    somme = 0  # zéro", "form"),
        (None, "    print(1)", "other"),
        ("    return total", "    return somme", "form"),
    ]
