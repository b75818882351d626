# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] nbgrader={"grade": false, "grade_id": "titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# # Du masque au texte : générer
#
# **Ce que vous allez construire.** Un GPT minuscule qui apprend, en moins d'une minute et sur un seul cœur de votre processeur, à écrire des phrases françaises correctes, ou presque. L'essentiel y vient de vous : le choix du token suivant, les paires et la perte qui servent à l'entraîner, son bloc, et la boucle qui écrit. Vous construirez aussi un cache qui évite de tout recalculer ; vous y verrez le masque causal changer de forme, et un piège de bibliothèque où un modèle perd la mémoire sans le moindre message d'erreur.
#
# | | |
# |---|---|
# | **Durée conseillée** | 3 h 30, dont 2 h d'exercices |
# | **Prérequis** | les trois devoirs précédents : attention, masque causal, multi-têtes |
# | **Notation** | 20 points : 17 vérifiés automatiquement, 3 pour une question rédigée ; un bonus sans points |
# | **Comment travailler** | exécutez les cellules dans l'ordre ; complétez celles qui contiennent `# VOTRE CODE ICI` ; relancez la cellule de vérification qui suit autant de fois que vous le voulez |
# | **La manière** | libre dans chaque exercice : boucles, opérations sur des tableaux entiers ou fonctions de PyTorch et de NumPy, même celles qui calculent presque ce qui est demandé ; seul compte que le résultat respecte l'énoncé |
#
# Les cellules de cours et de vérification sont verrouillées. Vous pouvez ajouter vos propres cellules où bon vous semble : elles ne gênent pas la correction.

# %% [markdown] nbgrader={"grade": false, "grade_id": "introduction", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 0. Introduction
#
# ### 0.1 D'où l'on part, où l'on va
#
# Vous savez calculer une attention, la rendre causale, la partager entre plusieurs têtes. Il reste une question, la seule que pose un utilisateur : **comment ces matrices écrivent-elles un texte ?**
#
# ### 0.2 La règle de la chaîne
#
# Un modèle de langue donne une probabilité à un texte $x_0, x_1, \dots, x_{n-1}$. La règle de la chaîne la découpe, sans aucune approximation, en une prédiction par token :
#
# $$p(x_0, \dots, x_{n-1}) = \prod_{t=0}^{n-1} p(x_t \mid x_0, \dots, x_{t-1}).$$
#
# Chaque facteur ne dépend que du **passé** : c'est exactement ce que le masque causal garantit. De là viennent deux régimes très différents :
#
# | | **Entraînement** | **Génération** |
# |---|---|---|
# | **Le texte est** | connu en entier | écrit au fur et à mesure |
# | **Les $n$ prédictions se font** | en **une** passe, en parallèle | en $n$ passes, l'une après l'autre |
# | **Pourquoi ?** | le masque cache à chacune son avenir | chacune a besoin du token que la précédente a choisi |
# | **Le contexte vient** | du corpus : c'est le *teacher forcing* (« forçage par le professeur ») | du modèle lui-même |
#
# **Le masque rend l'entraînement parallèle ; la génération, elle, reste séquentielle.** Tout ce devoir tient dans cette phrase.
#
# ### 0.3 Objectifs
#
# À la fin de ce notebook, vous saurez :
#
# 1. passer des **logits** au token : choix glouton, température, *top-k* ;
# 2. générer sans tout recalculer, avec un **cache** et un **masque décalé** ;
# 3. construire les paires **entrée, cible** et la **perte** d'un modèle de langue ;
# 4. assembler le **bloc** d'un GPT ;
# 5. écrire la **boucle de génération**, et dire ce qui la distingue de l'entraînement.

# %% [markdown] nbgrader={"grade": false, "grade_id": "preparation-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 0.4 Préparation
#
# La cellule suivante cherche les dossiers du cours. Celle d'après importe les bibliothèques, le module du cours `attention` et les outils de vérification `checks`. Elle définit aussi `demonstrate`, qui lance les démonstrations faites avec **votre** code : tant qu'un exercice manque, elles vous le disent et le notebook continue.


# %% nbgrader={"grade": false, "grade_id": "demarrage", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
# Cette cellule cherche les dossiers du cours, et prend l'archive du devoir s'ils ne sont pas là.
import importlib.util
import io
import sys
import zipfile
from pathlib import Path

ARCHIVE = "generation.zip"
FOLDERS = ("attention", "checks")


def course_is_here():
    """Vrai si Python trouve les dossiers du cours, et non un logiciel du même nom."""
    try:
        return all(map(importlib.util.find_spec, ("attention.figures", "checks.runner")))
    except ImportError:
        return False


def archive_given():
    """L'archive : à côté du notebook, téléversée dans Colab, ou à l'endroit que vous écrivez."""
    if Path(ARCHIVE).is_file():
        return ARCHIVE
    if "google.colab" in sys.modules:
        return io.BytesIO(next(iter(importlib.import_module("google.colab.files").upload().values()), b""))
    return Path(input(f"Où est {ARCHIVE} ? ").strip(" \"'")).expanduser()


def take_in(archive):
    """Range les dossiers du cours à côté du notebook."""
    with zipfile.ZipFile(archive) as content:
        for entry in content.infolist():
            entry.filename = entry.filename.partition("/")[2]
            if entry.filename.startswith(tuple(f"{folder}/" for folder in FOLDERS)):
                content.extract(entry)
    for name in [name for name in sys.modules if name.split(".")[0] in FOLDERS]:
        del sys.modules[name]
    importlib.invalidate_caches()


if not course_is_here():
    print(
        "Les dossiers attention et checks ne sont pas à côté de ce notebook : donnez ici l'archive qui les contient, "
        f"{ARCHIVE}, ou décompressez-la et ouvrez le notebook qui s'y trouve."
    )
    print("N'installez pas « attention » avec pip : c'est un autre logiciel, qui n'est pas celui du cours.")
    try:
        take_in(archive_given())
        print("Les dossiers du cours sont là : continuez." if course_is_here() else "L'archive ne les contient pas.")
    except (OSError, EOFError, NotImplementedError, zipfile.BadZipFile):
        print("L'archive n'a pas été trouvée : exécutez de nouveau cette cellule.")

try:
    import torch
except (ImportError, OSError):
    if course_is_here():
        from attention.without_torch import stand_in

        stand_in()

# %% nbgrader={"grade": false, "grade_id": "preparation", "locked": true, "schema_version": 3, "solution": false, "task": false}
import itertools
import math

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
import torch
from torch.nn import functional

from attention.corpus import french_corpus, source_entropy
from attention.figures import show
from attention.masking import create_causal_mask
from attention.multi_head import MultiHeadAttention
from attention.scaled_dot_product import ScaledDotProductAttention
from attention.writing import written
from checks import raises, run_tests, weight


def demonstrate(demonstration):
    """Lance une démonstration faite avec vos fonctions et renvoie son résultat ; si elle échoue, dit pourquoi."""
    try:
        return demonstration()
    except NotImplementedError:
        print("Cette démonstration apparaîtra ici quand les exercices dont elle dépend seront écrits.")
    except Exception as error:
        print("Cette démonstration s'est arrêtée : un exercice dont elle dépend est absent ou n'est pas encore juste.")
        print(f"{type(error).__name__} : {error}")


torch.manual_seed(42)
print(f"NumPy {np.__version__}, PyTorch {torch.__version__}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "decoder", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 1. Du logit au token
#
# ### 1.1 Ce que le modèle donne
#
# À chaque position, un modèle de langue donne un **logit** $z_i$ par token $i$ du vocabulaire : un score réel, sans contrainte. Le softmax en fait des probabilités. Il reste à choisir **un** token, et ce choix, le *décodage*, n'est pas appris : c'est vous qui le faites.
#
# ### 1.2 Le choix glouton
#
# Le plus simple est de prendre toujours le plus probable, $\arg\max_i z_i$ : c'est le décodage **glouton** (*greedy*). Il est déterministe, et souvent décevant : un modèle qui repasse par le même contexte refait le même choix, et **tourne en boucle**. Vous le verrez avec votre propre GPT.
#
# ### 1.3 La température
#
# Pour varier, on tire au hasard selon les probabilités. La **température** $T > 0$ règle l'audace du tirage :
#
# $$p_i = \frac{e^{z_i / T}}{\sum_j e^{z_j / T}}.$$
#
# Que fait $T$ ? Regardons le rapport de deux probabilités ; le dénominateur disparaît :
#
# $$\frac{p_i}{p_j} = e^{(z_i - z_j)/T}.$$
#
# - $T = 1$ : les probabilités du modèle, telles quelles.
# - $T \to 0$ : si $z_i > z_j$, le rapport tend vers $+\infty$. Toute la probabilité va au plus grand logit : on retrouve le choix glouton.
# - $T \to +\infty$ : tous les rapports tendent vers 1. Le tirage devient uniforme : le modèle n'est plus écouté.
#
# L'**ordre** des tokens, lui, ne change jamais.
#
# ### 1.4 Le *top-k*
#
# Un vocabulaire réel compte des dizaines de milliers de tokens. Pris un à un, les tokens absurdes sont très improbables ; **tous ensemble**, ils ne le sont plus : à force de tirages, il finit par en sortir un. Le *top-k* ne garde que les $k$ plus grands logits, met les autres probabilités **exactement à 0**, et renormalise. Mettre un logit à $-\infty$ fait les deux à la fois : c'est le geste du masque causal.
#
# ### 1.5 Un exemple à faire à la main
#
# Pour trois tokens de logits $z = (2\,;\ 1\,;\ 0)$ :
#
# | | token 0 | token 1 | token 2 |
# |---|---|---|---|
# | $T = 1$ | 0,665 | 0,245 | 0,090 |
# | $T = 0{,}5$ | 0,867 | 0,117 | 0,016 |
# | $T = 2$ | 0,506 | 0,307 | 0,186 |
# | $T = 1$, $k = 2$ | 0,731 | 0,269 | 0 |
#
# Vérifiez la dernière ligne : $0{,}665 / (0{,}665 + 0{,}245) = 0{,}731$. Renormaliser ne change pas le rapport des deux tokens gardés.

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-1", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Exercice 1. Choisir le token suivant
#
# **Difficulté** ●○○ · **Temps conseillé** : 25 min · **4 points**
#
# **Prérequis** : le softmax et sa version stable.
#
# Écrivez quatre fonctions, de la manière que vous voulez, fonctions de PyTorch comprises (`torch.softmax`, `torch.topk`, `torch.multinomial`…). `logits` est un tenseur de flottants ; ses valeurs sont finies, ou égales à $-\infty$ pour un token interdit (il en reste toujours au moins un de permis).
#
# | Fonction | Ce qu'elle renvoie |
# |---|---|
# | `greedy(logits)` | `logits` de forme `(..., vocab)` : l'indice du plus grand logit, de forme `(...)` ; un entier ou un tenseur sans dimension pour un seul vecteur |
# | `temperature_probabilities(logits, temperature)` | un tenseur de même forme que `logits` : le softmax de $z / T$ sur le dernier axe |
# | `top_k_probabilities(logits, k, temperature=1.0)` | un tenseur de même forme : les `k` plus grands logits de chaque ligne se partagent tout, les autres probabilités valent **exactement** 0. Si `k` dépasse la taille du vocabulaire, tout est gardé |
# | `sample(logits, seed, temperature=1.0, k=None)` | pour `logits` de forme `(vocab,)` : **un** token, entier ou tenseur d'un seul élément, tiré selon ces probabilités (`k=None` : sans *top-k*) |
#
# - Le calcul reste juste pour de très grands logits ($z = 1\,000$ ne donne pas `nan`).
# - `temperature` doit être strictement positive, `k` au moins égal à 1 : sinon, `ValueError`. C'est vrai aussi dans `sample`.
# - `sample` ne dépend **que de ses arguments** : la même graine `seed` (un entier positif ou nul) donne toujours le même token, quels que soient les tirages faits entre-temps. Sur un grand nombre de graines, chaque token sort à une fréquence proche de sa probabilité.
# - `logits` n'est jamais modifié. On suppose qu'il n'y a pas d'égalité entre le plus grand logit et le suivant (pour `greedy`), ni entre le $k$-ième et le suivant (pour le *top-k*).
#
# <details><summary>Indice 1 : les bons outils</summary>
#
# `argmax` et `torch.softmax` acceptent un argument `dim` ; `-1` désigne le dernier axe. `torch.softmax` est déjà stable.
#
# </details>
# <details><summary>Indice 2 : le top-k comme un masque</summary>
#
# `torch.topk(logits, k).values[..., -1:]` donne, pour chaque ligne, le plus petit logit gardé. Ceux qui lui sont strictement inférieurs deviennent $-\infty$ dans une **copie** : `masked_fill` en fait une, `masked_fill_` modifie l'original. Que demander à `topk` si `k` est trop grand ?
#
# </details>
# <details><summary>Indice 3 : un hasard qui se répète</summary>
#
# `torch.Generator().manual_seed(seed)` est un générateur à vous seul. `torch.multinomial(probabilities, 1, generator=…)` tire un indice. Avec NumPy : `np.random.default_rng(seed)`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "exercice-1-reponse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def greedy(logits):
    """Renvoie l'indice du plus grand logit de chaque ligne : (..., vocab) -> (...)."""
    ### BEGIN SOLUTION
    return logits.argmax(dim=-1)
    ### END SOLUTION


def temperature_probabilities(logits, temperature):
    """Renvoie softmax(logits / temperature) sur le dernier axe, de même forme que logits.

    Raises:
        ValueError: si temperature n'est pas strictement positive.
    """
    ### BEGIN SOLUTION
    if not temperature > 0:
        raise ValueError(f"temperature doit être strictement positive, et vaut {temperature}.")
    return torch.softmax(logits / temperature, dim=-1)
    ### END SOLUTION


def top_k_probabilities(logits, k, temperature=1.0):
    """Renvoie les probabilités où seuls les k plus grands logits de chaque ligne sont gardés.

    Raises:
        ValueError: si k est inférieur à 1, ou si temperature n'est pas strictement positive.
    """
    ### BEGIN SOLUTION
    if k < 1:
        raise ValueError(f"k doit valoir au moins 1, et vaut {k}.")
    kept = torch.topk(logits, min(k, logits.shape[-1]), dim=-1).values
    return temperature_probabilities(logits.masked_fill(logits < kept[..., -1:], -torch.inf), temperature)
    ### END SOLUTION


def sample(logits, seed, temperature=1.0, k=None):
    """Tire un token selon les probabilités ; la même graine donne le même token.

    Args:
        logits: tenseur de forme (vocab,).
        seed: graine du tirage, entier positif ou nul.
        temperature: température, strictement positive.
        k: nombre de tokens gardés, au moins 1 ; None les garde tous.

    Returns:
        Le token, entier ou tenseur d'un seul élément.

    Raises:
        ValueError: si temperature ou k ne convient pas.
    """
    ### BEGIN SOLUTION
    if k is None:
        k = len(logits)
    probabilities = top_k_probabilities(logits, k, temperature)
    return int(torch.multinomial(probabilities, 1, generator=torch.Generator().manual_seed(seed)))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "exercice-1-verification", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
def token_of(result):
    """Le token que renvoie sample, comme un entier de Python."""
    return np.asarray(result).item()


@weight(0.5)
def test_example():
    """Les probabilités de trois tokens sont celles de l'énoncé, et le choix glouton est le token 0."""
    logits = torch.tensor([2.0, 1.0, 0.0])
    np.testing.assert_array_equal(greedy(logits), 0)
    for temperature, expected in ((1.0, [0.665, 0.245, 0.090]), (0.5, [0.867, 0.117, 0.016])):
        probabilities = temperature_probabilities(logits, temperature)
        assert isinstance(probabilities, torch.Tensor), "temperature_probabilities doit renvoyer un tenseur PyTorch."
        np.testing.assert_allclose(probabilities, expected, atol=1e-3)
    kept = top_k_probabilities(logits, 2)
    assert isinstance(kept, torch.Tensor), "top_k_probabilities doit renvoyer un tenseur PyTorch."
    np.testing.assert_allclose(kept, [0.731, 0.269, 0.0], atol=1e-3)


@weight(0.25)
def test_errors_shown():
    """Une température nulle ou un k nul lève une ValueError."""
    with raises(ValueError):
        temperature_probabilities(torch.tensor([2.0, 1.0, 0.0]), 0)
    with raises(ValueError):
        top_k_probabilities(torch.tensor([2.0, 1.0, 0.0]), 0)


@weight(0.5)
def test_same_seed():
    """La même graine donne le même token, et toutes les graines ne donnent pas le même."""
    logits = torch.zeros(20)
    first = [token_of(sample(logits, seed)) for seed in range(12)]
    again = [token_of(sample(logits, seed)) for seed in range(12)]
    assert first == again, "Deux tirages avec la même graine ont donné deux tokens différents."
    assert len(set(first)) > 1, "Douze graines différentes ont donné douze fois le même token."


### BEGIN HIDDEN TESTS
def softmax_of(logits, temperature):
    scaled = np.asarray(logits, dtype=float) / temperature
    exponentials = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def top_k_of(logits, k, temperature):
    logits = np.asarray(logits, dtype=float)
    order = np.argsort(-logits, axis=-1).argsort(axis=-1)
    return softmax_of(np.where(order < k, logits, -np.inf), temperature)


def logits_to_try():
    """Yield logits: a vector, batches, a non-contiguous one, one token, forbidden tokens, huge values, float64."""
    generator = torch.Generator().manual_seed(31)
    yield 3 * torch.randn(7, generator=generator)
    yield 3 * torch.randn(4, 9, generator=generator)
    yield torch.randn(2, 3, 5, generator=generator, dtype=torch.float64)
    yield torch.randn(6, 3, generator=generator).T
    yield torch.randn(4, 1, generator=generator)
    yield torch.tensor([[0.5, -torch.inf, 2.0, -1.0, 1.0], [-torch.inf, -3.0, -4.0, -7.0, -5.0]])
    yield torch.tensor([[998.0, 1000.0, 999.0, -1000.0], [0.5, -1.0, 1.5, 0.0]])


@weight(1.25)
def test_greedy():
    """greedy donne l'indice du plus grand logit, sur le dernier axe."""
    for logits in logits_to_try():
        before = logits.clone()
        np.testing.assert_array_equal(greedy(logits), np.asarray(before).argmax(axis=-1))
        assert torch.equal(logits, before)


@weight(1.5)
def test_temperature():
    """temperature_probabilities est juste à toute température, même pour de grands logits, sans modifier logits."""
    for logits in logits_to_try():
        for temperature in (1.0, 0.25, 3.0, 5):
            before = logits.clone()
            result = temperature_probabilities(logits, temperature)
            assert isinstance(result, torch.Tensor)
            expected = softmax_of(before, temperature)
            assert tuple(result.shape) == expected.shape
            np.testing.assert_allclose(result, expected, rtol=2e-3, atol=1e-6)
            assert torch.equal(logits, before)


@weight(2)
def test_top_k():
    """top_k_probabilities garde les k plus grands logits de chaque ligne, et eux seuls, sans modifier logits."""
    for logits in logits_to_try():
        for k, temperature in ((1, 1.0), (2, 0.5), (3, 2.0), (50, 1.5)):
            before = logits.clone()
            probabilities = top_k_probabilities(logits, k, temperature)
            assert isinstance(probabilities, torch.Tensor)
            expected = top_k_of(before, k, temperature)
            assert tuple(probabilities.shape) == expected.shape
            np.testing.assert_allclose(probabilities, expected, rtol=2e-3, atol=1e-6)
            np.testing.assert_array_equal(np.asarray(probabilities)[expected == 0], 0)
            assert torch.equal(logits, before)
    expected = top_k_of([0.3, 2.0, 1.0], 2, 1.0)
    np.testing.assert_allclose(top_k_probabilities(torch.tensor([0.3, 2.0, 1.0]), 2), expected, rtol=1e-3)


@weight(2)
def test_sample_frequencies():
    """sample tire chaque token à la fréquence de sa probabilité, à toute température et pour tout k."""
    for values, temperature, k in (
        ([0.2, -torch.inf, 2.2, 1.4, 0.9], 1.0, None),
        ([0.2, -torch.inf, 3.2, 1.4, 0.9], 4.0, 3),
        ([6.0, -1.0, 0.0], 3.0, 2),
        ([0.0, 8.0, -torch.inf, 0.0], 4.0, None),
    ):
        logits = torch.tensor(values)
        drawn = [token_of(sample(logits, seed, temperature=temperature, k=k)) for seed in range(180)]
        counts = np.array([drawn.count(token) for token in range(len(values))])
        expected = top_k_of(values, k or len(values), temperature)
        assert counts.sum() == 180
        np.testing.assert_allclose(counts / 180, expected, atol=0.17)
        np.testing.assert_array_equal(counts[expected == 0], 0)
        assert logits.tolist() == torch.tensor(values).tolist()


@weight(1.5)
def test_sample_is_reproducible():
    """sample ne dépend que de ses arguments, et ne les modifie pas."""
    logits = torch.linspace(0.0, 1.0, 30)
    before = logits.clone()
    seeds = [1000, 7, 123456789, 0, 42, 41, 2**31 - 1, 3, 99, 5, 77, 2024]
    first = [token_of(sample(logits, seed, 3.0)) for seed in seeds]
    for seed in range(5):
        sample(torch.randn(4, generator=torch.Generator().manual_seed(seed)), seed + 1)
    again = [token_of(sample(logits, seed, 3.0)) for seed in reversed(seeds)]
    assert first == again[::-1]
    assert len(set(first)) > 3
    assert token_of(sample(logits, 6, k=100)) in range(30)
    assert torch.equal(logits, before)
    assert len({token_of(sample(torch.zeros(1000), seed)) for seed in range(60)}) > 45  # 58 by chance
    for seed in range(20):
        by_default = token_of(sample(torch.tensor([1.0, 0.0, 2.0, -1.0]), seed))
        assert by_default == token_of(sample(torch.tensor([1.0, 0.0, 2.0, -1.0]), seed, temperature=1.0, k=None))


@weight(1.25)
def test_all_errors():
    """Une température ou un k impossible lève une ValueError, dans sample aussi."""
    logits = torch.tensor([0.1, 0.7, 0.4])
    for temperature in (0, 0.0, -1.5):
        with raises(expected=ValueError):
            temperature_probabilities(logits, temperature)
        with raises(expected=ValueError):
            top_k_probabilities(logits, 2, temperature)
        with raises(expected=ValueError):
            sample(logits, 3, temperature=temperature)
    for k in (0, -2):
        with raises(expected=ValueError):
            top_k_probabilities(logits, k)
        with raises(expected=ValueError):
            sample(logits, 3, k=k)


### END HIDDEN TESTS
run_tests(points=4, timeout_s=10)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-1-voir", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Vos probabilités, à quatre réglages.** Une fois l'exercice écrit, exécutez la cellule suivante : huit continuations possibles de « Le chat mange la … », avec des logits inventés.


# %% nbgrader={"grade": false, "grade_id": "exercice-1-figure", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
def show_decoding():
    words = ["souris", "pâtée", "salade", "moquette", "porte", "lune", "virgule", "racine"]
    logits = torch.tensor([3.0, 2.4, 1.2, 0.6, 0.1, -0.5, -1.0, -1.4])
    settings = [
        ("T = 0,5 : prudent", temperature_probabilities(logits, 0.5)),
        ("T = 1 : le modèle tel quel", temperature_probabilities(logits, 1.0)),
        ("T = 3 : audacieux", temperature_probabilities(logits, 3.0)),
        ("T = 3 et k = 3 : audacieux, sans folie", top_k_probabilities(logits, 3, 3.0)),
    ]
    figure, axes = plt.subplots(2, 2, figsize=(11, 6.4), layout="constrained", sharex=True, sharey=True)
    colors = sns.color_palette("cividis", len(words))
    for ax, (title, probabilities) in zip(axes.flat, settings, strict=True):
        bars = ax.barh(words, np.asarray(probabilities), color=colors)
        labels = [written(p) if p else "0" for p in np.asarray(probabilities)]
        ax.bar_label(bars, labels=labels, padding=3)
        ax.set(title=title, xlim=(0, 1), xticks=[0, 0.5, 1], xticklabels=["0", "0,5", "1"])
    axes[0, 0].invert_yaxis()
    figure.supxlabel("Probabilité du token suivant")
    show(
        figure,
        alt="Quatre diagrammes en barres des probabilités de huit mots. À T = 0,5 le premier mot domine ; à T = 3 les barres "
        "sont presque égales ; avec k = 3, seuls les trois premiers mots ont une barre, les autres valent exactement 0.",
    )


demonstrate(show_decoding)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-1-plus-loin", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Pour aller plus loin.** Choisir à chaque pas le token le plus probable ne donne **pas** le texte le plus probable : un premier token un peu moins bon peut ouvrir une suite bien meilleure. La **recherche en faisceau** (*beam search*) garde à chaque pas les $b$ meilleurs débuts de texte au lieu d'un seul. Inventez un modèle de textes de deux tokens où $b = 1$ se trompe et où $b = 2$ trouve le meilleur texte.

# %% [markdown] nbgrader={"grade": false, "grade_id": "cache-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 2. Générer sans tout recalculer
#
# ### 2.1 Le coût de la boucle naïve
#
# Pour écrire le token $t$, la boucle naïve repasse **tout** le texte dans le modèle. Comptons les multiplications d'une attention de dimension $d$ sur $t$ tokens : $t^2 d$ pour $QK^\top$, autant pour les poids fois $V$. Pour écrire $n$ tokens :
#
# $$\sum_{t=1}^{n} 2\,t^2 d \;\approx\; \frac{2}{3}\, n^3 d.$$
#
# Un coût **cubique**, pour refaire presque toujours le même travail : au pas $t$, seule la dernière ligne des scores est nouvelle.
#
# ### 2.2 Ce qui ne change pas quand le texte s'allonge
#
# Avec le masque causal, la sortie du token $i$ ne dépend que des tokens $j \le i$. Ajouter un token à la fin ne change donc **rien** à ce qui précède ; et comme c'est vrai à chaque couche, c'est vrai de toutes les clés et de toutes les valeurs du réseau. Sans masque, c'est faux.
#
# Voyons-le sur deux couches empilées. La deuxième tire ses clés et ses valeurs de la sortie de la première : cette sortie change-t-elle, pour les cinq premiers tokens, quand un sixième arrive ?


# %% nbgrader={"grade": false, "grade_id": "cache-experience", "locked": true, "schema_version": 3, "solution": false, "task": false}
generator = torch.Generator().manual_seed(42)
tokens_x = torch.randn(6, 8, generator=generator)  # six tokens ; le sixième vient d'être écrit
layer = ScaledDotProductAttention(d_k=8)


def second_layer_inputs(x, causal):
    """Ce que reçoit la deuxième couche, d'où elle tirera ses clés et ses valeurs."""
    output, _ = layer(x, x, x, mask=create_causal_mask(len(x)) if causal else None)
    return output


for causal in (True, False):
    before, after = second_layer_inputs(tokens_x[:5], causal), second_layer_inputs(tokens_x, causal)[:5]
    change = (after - before).abs().max().item()
    name = "Avec" if causal else "Sans"
    print(f"{name} masque causal : les 5 premiers tokens ont changé de {written(change, 6)} au plus")

# %% [markdown] nbgrader={"grade": false, "grade_id": "cache-idee", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Zéro, ou des arrondis, avec le masque ; de vrais changements sans lui. On peut donc **garder** les clés et les valeurs déjà calculées : c'est le **cache clés-valeurs** (*KV cache*). À chaque pas, on ne calcule que la requête, la clé et la valeur du **nouveau** token ; la clé et la valeur rejoignent le cache, la requête y cherche, puis on l'oublie : aucun token futur n'aura besoin d'elle.
#
# Une requête contre $t$ clés coûte $2\,t\,d$ multiplications, et la génération entière
#
# $$\sum_{t=1}^{n} 2\,t\,d \;\approx\; n^2 d.$$
#
# ### 2.3 Le masque décalé
#
# Un cache reçoit souvent plusieurs tokens à la fois : la question de l'utilisateur arrive en un bloc, et les réponses suivent une à une. Supposons `n_past` tokens dans le cache et `n_new` nouveaux. La nouvelle requête numéro $i$ est celle du token de position $n_\text{past} + i$ du texte. Elle a le droit de voir les positions $j \le n_\text{past} + i$ :
#
# $$M_{ij} = \begin{cases} 1 & \text{si } j \le n_\text{past} + i \\ 0 & \text{sinon} \end{cases} \qquad 0 \le i < n_\text{new}, \quad 0 \le j < n_\text{past} + n_\text{new}.$$
#
# Pour 3 nouveaux tokens après 4 anciens :
#
# $$\begin{pmatrix}
# 1 & 1 & 1 & 1 & 1 & 0 & 0 \\
# 1 & 1 & 1 & 1 & 1 & 1 & 0 \\
# 1 & 1 & 1 & 1 & 1 & 1 & 1
# \end{pmatrix}$$
#
# Ce masque n'est pas carré, et son triangle est aligné **en bas à droite** : le dernier token voit tout. Ce sont les dernières lignes du masque causal entier, celles des tokens que l'on est en train de calculer :


# %% nbgrader={"grade": false, "grade_id": "cache-figure", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
figure, ax = plt.subplots(figsize=(6.6, 5.2), layout="constrained")
sns.heatmap(
    np.tri(7), cmap="cividis", annot=True, fmt=".0f", square=True, linewidths=0.5, linecolor="white", cbar=False, ax=ax
)
ax.add_patch(plt.Rectangle((0, 4), 7, 3, fill=False, edgecolor="#b2182b", linewidth=4, clip_on=False))
ax.axvline(4, color="#b2182b", linestyle="--", linewidth=2)
ax.set(
    title="Encadré : le masque décalé de 3 nouveaux tokens après 4 anciens",
    xlabel="Clés : 4 dans le cache, puis 3 nouvelles",
    ylabel="Requêtes : 4 déjà oubliées, puis 3 nouvelles",
)
ax.tick_params(axis="y", rotation=0)
show(
    figure,
    alt="Le masque causal de 7 tokens, dont les 3 dernières lignes sont encadrées : c'est le masque décalé. Ses 4 premières "
    "colonnes, les clés du cache, sont pleines ; les 3 dernières forment un triangle.",
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "cache-phases", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 2.4 Deux phases : lire la question, écrire la réponse
#
# | | **Préremplissage** (*prefill*) | **Décodage** (*decode*) |
# |---|---|---|
# | **Tokens par passe** | toute la question, $n_\text{new} = n$ | un seul, $n_\text{new} = 1$ |
# | **Cache avant la passe** | vide, $n_\text{past} = 0$ | $n_\text{past} = t - 1$ |
# | **Forme du masque** | carré : le masque causal | une ligne de 1 : plus rien à cacher |
# | **Multiplications, par couche** | $2\,n^2 d$, en une passe | $2\,t\,d$ à chaque pas |
# | **Ce qui limite la vitesse** | le calcul | la **mémoire** : relire tous les poids du modèle, et tout le cache, pour écrire un token |
#
# Lequel pèse le plus ? Un bloc de GPT compte environ $12\,d^2$ paramètres : $4\,d^2$ pour l'attention, $8\,d^2$ pour le MLP. Avec 32 blocs, $d = 4\,096$ et 2 octets par nombre, les poids font $12 \times 32 \times 4\,096^2 \times 2 \approx 12{,}9$ Go ; le cache d'un texte de 4 096 tokens, que vous calculerez dans la question rédigée, bien moins. Pour **un** texte court, ce sont donc les poids qui coûtent. Mais ils sont lus une seule fois pour tous les textes d'un lot, alors que chacun a son cache : avec beaucoup de textes, ou de très longs, le cache l'emporte.
#
# Un cache juste doit traiter ces deux cas, et tous ceux qui sont entre les deux.

# %% [markdown] nbgrader={"grade": false, "grade_id": "piege-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 2.5 Un piège : `is_causal=True` avec un cache
#
# PyTorch a sa propre attention, très rapide, avec un argument `is_causal=True`. Essayons-la comme dans un pas de décodage : **une** requête, et 6 clés. Avec des valeurs égales à la matrice identité, la sortie est la ligne des poids : nous verrons ce que voit la requête.


# %% nbgrader={"grade": false, "grade_id": "piege-is-causal", "locked": true, "schema_version": 3, "solution": false, "task": false}
generator = torch.Generator().manual_seed(7)
last_query = torch.randn(1, 1, 8, generator=generator)
six_keys = torch.randn(1, 6, 8, generator=generator)
read_weights = torch.eye(6)[None]

trapped = functional.scaled_dot_product_attention(last_query, six_keys, read_weights, is_causal=True)
expected, _ = ScaledDotProductAttention(d_k=8)(last_query, six_keys, read_weights)
print("Poids avec is_causal=True :", written(trapped[0, 0]))
print("Poids attendus            :", written(expected[0, 0]))

# %% [markdown] nbgrader={"grade": false, "grade_id": "piege-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Aucune erreur, aucun avertissement : la requête du **dernier** token ne voit que la **première** clé. La documentation le dit pourtant : avec `is_causal=True`, le triangle est aligné **en haut à gauche**, comme si la requête numéro 0 était celle du token numéro 0. C'est sans effet si $n_q = n_k$, donc pendant tout l'entraînement ; c'est faux dès qu'il y a un cache. Un modèle peut ainsi avoir d'excellents résultats à l'entraînement et perdre la mémoire en production.

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-2", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Exercice 2. Le cache et son masque
#
# **Difficulté** ●●● · **Temps conseillé** : 30 min · **5 points** (puis une question rédigée, 3 points)
#
# **Prérequis** : l'attention à produit scalaire et la polarité du masque (1 = « a le droit de voir »).
#
# **1.** Écrivez `create_offset_mask(n_new, n_past)`, le masque décalé de la partie 2.3, de forme `(n_new, n_past + n_new)`. En NumPy ou en PyTorch ; le type des nombres est libre ; `n_new` vaut au moins 1, `n_past` peut être nul.
#
# **2.** Écrivez la classe `CachedAttention(d_k)`, une attention causale qui se souvient :
#
# - `step(Q, K, V)` reçoit les requêtes, les clés et les valeurs des **nouveaux** tokens, de formes `(..., n_new, d_k)`, `(..., n_new, d_k)` et `(..., n_new, d_v)` ; les `...` sont des dimensions de lot ou de têtes, quelconques. La méthode ajoute `K` et `V` à la suite du cache, puis renvoie `(output, weights)` : la sortie des nouveaux tokens, `(..., n_new, d_v)`, et leurs poids, `(..., n_new, n_past + n_new)`, comme le fait `ScaledDotProductAttention` ;
# - `reset()` vide le cache : le prochain appel à `step` commence un nouveau texte, de formes peut-être différentes.
#
# Donnés un à un ou par blocs de tailles quelconques, les tokens ont **les mêmes sorties** qu'en une seule passe avec le masque causal. Deux instances n'ont rien en commun. `Q`, `K` et `V` ne sont jamais modifiés. Vous pouvez utiliser `ScaledDotProductAttention`.
#
# <details><summary>Indice 1 : comparer des indices</summary>
#
# `np.arange(n_past + n_new)` numérote les clés dans tout le texte. Les nouvelles requêtes y ont les positions `n_past`, `n_past + 1`, … La règle reste « $j \le$ position ».
#
# </details>
# <details><summary>Indice 2 : que garder dans l'instance ?</summary>
#
# Deux attributs, créés dans `__init__` (et non dans le corps de la classe, où toutes les instances les partageraient) : les clés et les valeurs, `None` tant que le cache est vide. `torch.cat((ancien, nouveau), dim=-2)` les allonge : l'axe des tokens est l'avant-dernier.
#
# </details>
# <details><summary>Indice 3 : l'ordre des gestes</summary>
#
# Lire `n_past` sur le cache ; allonger le cache ; construire le masque de `n_new` requêtes ; appeler l'attention avec les **nouvelles** requêtes, **toutes** les clés et **toutes** les valeurs.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "exercice-2-reponse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def create_offset_mask(n_new, n_past):
    """Renvoie le masque des n_new nouveaux tokens après n_past anciens.

    Args:
        n_new: nombre de nouveaux tokens, au moins 1.
        n_past: nombre de tokens déjà dans le cache, positif ou nul.

    Returns:
        Masque de forme (n_new, n_past + n_new), 1 = a le droit de voir.
    """
    ### BEGIN SOLUTION
    return create_causal_mask(n_past + n_new)[n_past:]
    ### END SOLUTION


class CachedAttention:
    """Attention causale qui garde les clés et les valeurs des tokens déjà vus.

    Args:
        d_k: dimension des requêtes et des clés.
    """

    def __init__(self, d_k):
        ### BEGIN SOLUTION
        self.attention = ScaledDotProductAttention(d_k)
        self.reset()
        ### END SOLUTION

    def step(self, Q, K, V):
        """Ajoute K et V au cache ; renvoie la sortie (..., n_new, d_v) et les poids (..., n_new, n_past + n_new)."""
        ### BEGIN SOLUTION
        n_past = 0 if self.K is None else self.K.shape[-2]
        self.K = K if self.K is None else torch.cat((self.K, K), dim=-2)
        self.V = V if self.V is None else torch.cat((self.V, V), dim=-2)
        return self.attention(Q, self.K, self.V, mask=create_offset_mask(Q.shape[-2], n_past))
        ### END SOLUTION

    def reset(self):
        """Vide le cache."""
        ### BEGIN SOLUTION
        self.K = self.V = None
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "exercice-2-verification", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
def random_tokens(shape, d_k, d_v, seed):
    """Des requêtes, des clés et des valeurs de formes (*shape, d_k), (*shape, d_k) et (*shape, d_v)."""
    generator = torch.Generator().manual_seed(seed)
    return tuple(torch.randn(*shape, d, generator=generator) for d in (d_k, d_k, d_v))


def check_cache(cache, Q, K, V, sizes):
    """Compare les sorties du cache, bloc par bloc, à l'attention causale en une seule passe."""
    n = Q.shape[-2]
    scores = Q.double() @ K.double().transpose(-1, -2) / Q.shape[-1] ** 0.5
    weights = torch.softmax(scores.masked_fill(torch.ones(n, n).triu(1).bool(), -torch.inf), dim=-1)
    output = weights @ V.double()
    start = 0
    for size in sizes:
        new = slice(start, start + size)
        obtained_output, obtained_weights = cache.step(Q[..., new, :], K[..., new, :], V[..., new, :])
        start += size
        np.testing.assert_allclose(obtained_weights.detach(), weights[..., new, :start], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(obtained_output.detach(), output[..., new, :], rtol=1e-4, atol=1e-5)


@weight(0.5)
def test_mask_example():
    """Le masque de 3 nouveaux tokens après 4 anciens est celui de l'énoncé."""
    expected = [[1, 1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 1, 0], [1, 1, 1, 1, 1, 1, 1]]
    np.testing.assert_array_equal(create_offset_mask(3, 4), expected)


@weight(0.5)
def test_one_by_one():
    """Quatre tokens donnés un à un ont les mêmes sorties qu'en une seule passe."""
    check_cache(CachedAttention(8), *random_tokens((4,), 8, 8, seed=1), [1, 1, 1, 1])


@weight(0.5)
def test_prefill_then_one():
    """Un bloc de trois tokens, puis un seul : mêmes sorties qu'en une seule passe."""
    check_cache(CachedAttention(8), *random_tokens((4,), 8, 8, seed=2), [3, 1])


### BEGIN HIDDEN TESTS
@weight(2)
def test_mask_any_length():
    """create_offset_mask est juste pour toutes les longueurs, d'un appel à l'autre."""
    for n_new, n_past in ((1, 0), (1, 9), (5, 0), (2, 3), (6, 1), (4, 4), (1, 1), (3, 17), (1, 1500), (2, 3)):
        position = n_past + np.arange(n_new)[:, None]
        expected = np.arange(n_past + n_new) <= position
        mask = create_offset_mask(n_new, n_past)
        assert tuple(mask.shape) == expected.shape
        np.testing.assert_array_equal(mask, expected)


@weight(1.5)
def test_any_blocks():
    """Des blocs de toutes tailles donnent les mêmes sorties qu'une seule passe, avec d_k différent de d_v."""
    for seed, sizes in enumerate(([7], [1] * 5, [4, 1, 1], [2, 3, 2], [1, 4, 2], [1])):
        check_cache(CachedAttention(6), *random_tokens((sum(sizes),), 6, 4, seed=50 + seed), sizes)
    check_cache(CachedAttention(2), *random_tokens((1100,), 2, 1, seed=58), [1, 1000, 99])


@weight(1.5)
def test_batch_and_heads():
    """Les dimensions de lot et de têtes sont respectées, même pour des tenseurs transposés."""
    check_cache(CachedAttention(4), *random_tokens((3, 6), 4, 5, seed=60), [3, 1, 2])
    check_cache(CachedAttention(4), *random_tokens((2, 3, 5), 4, 7, seed=61), [2, 1, 1, 1])
    Q, K, V = (x.transpose(1, 2) for x in random_tokens((2, 5, 3), 4, 4, seed=62))
    check_cache(CachedAttention(4), Q, K, V, [4, 1])


@weight(1)
def test_reset():
    """Après reset(), un nouveau texte commence, de formes différentes s'il le faut."""
    cache = CachedAttention(6)
    cache.reset()
    check_cache(cache, *random_tokens((4,), 6, 6, seed=70), [2, 1, 1])
    cache.reset()
    check_cache(cache, *random_tokens((2, 5), 6, 3, seed=71), [1, 3, 1])
    cache.reset()
    check_cache(cache, *random_tokens((3,), 6, 6, seed=72), [3])


@weight(1)
def test_instances():
    """Deux caches remplis en alternance ne se mélangent pas."""
    first, second = CachedAttention(4), CachedAttention(5)
    texts = (first, random_tokens((3,), 4, 4, seed=80)), (second, random_tokens((3,), 5, 2, seed=81))
    for length in (1, 2, 3):
        for cache, (Q, K, V) in texts:
            new = slice(length - 1, length)
            output, weights = cache.step(Q[new], K[new], V[new])
            assert tuple(weights.shape) == (1, length)
            scores = Q[new].double() @ K[:length].double().T / Q.shape[-1] ** 0.5
            np.testing.assert_allclose(output.detach(), torch.softmax(scores, -1) @ V[:length].double(), atol=1e-5)


@weight(1)
def test_inputs_unchanged():
    """step ne modifie ni les requêtes, ni les clés, ni les valeurs."""
    cache = CachedAttention(8)
    for seed in (90, 91):
        given = random_tokens((2, 3), 8, 8, seed)
        before = [x.clone() for x in given]
        cache.step(*given)
        unchanged = all(torch.equal(x, y) for x, y in zip(given, before, strict=True))
        assert unchanged


### END HIDDEN TESTS
run_tests(points=5)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-2-mesure-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Votre cache, mesuré.** PyTorch permet d'observer les fonctions qu'un programme appelle. La cellule suivante s'en sert pour compter les multiplications de tous les produits matriciels : ceux de **votre** `CachedAttention`, token par token, et ceux de la boucle naïve, qui refait toute l'attention à chaque pas.


# %% nbgrader={"grade": false, "grade_id": "exercice-2-mesure", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
class ProductCounter(torch.overrides.TorchFunctionMode):
    """Compte les multiplications des produits matriciels (@, matmul, mm, bmm) faits dans son bloc « with »."""

    def __init__(self):
        super().__init__()
        self.multiplications = 0

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if getattr(function, "__name__", "") in ("matmul", "__matmul__", "mm", "bmm"):
            self.multiplications += args[0].numel() * args[1].shape[-1]
        return function(*args, **(kwargs or {}))


def show_costs():
    lengths, d, costs = (8, 16, 32, 64, 128), 32, {"boucle naïve": [], "avec votre cache": []}
    for n in lengths:
        x = torch.randn(n, d, generator=torch.Generator().manual_seed(n))
        attention, cache = ScaledDotProductAttention(d), CachedAttention(d)
        with ProductCounter() as naive:
            for t in range(1, n + 1):
                attention(x[:t], x[:t], x[:t], mask=create_causal_mask(t))
        with ProductCounter() as cached:
            for t in range(n):
                cache.step(x[t : t + 1], x[t : t + 1], x[t : t + 1])
        costs["boucle naïve"].append(naive.multiplications)
        costs["avec votre cache"].append(cached.multiplications)
    if not all(costs["avec votre cache"]):
        print("Votre cache n'appelle aucun des produits que cette cellule sait compter (@, matmul, mm, bmm).")
        return
    print("tokens | boucle naïve | avec votre cache | rapport")
    for n, naive_cost, cached_cost in zip(lengths, *costs.values(), strict=True):
        print(f"{n:>6} | {naive_cost:>12} | {cached_cost:>16} | {written(naive_cost / cached_cost, 1):>7}")
    figure, ax = plt.subplots(figsize=(7.5, 4.8), layout="constrained")
    for (label, counts), style in zip(costs.items(), ("o--", "s-"), strict=True):
        slope = np.log2(counts[-1] / counts[-2])
        ax.loglog(lengths, counts, style, base=2, label=f"{label} : pente {written(slope, 1)}")
    ax.set(
        title="Multiplications pour écrire n tokens (échelles logarithmiques)",
        xlabel="Tokens écrits, n",
        ylabel="Multiplications",
        xticks=lengths,
        xticklabels=lengths,
    )
    ax.legend()
    show(
        figure,
        alt="Nombre de multiplications pour écrire de 8 à 128 tokens, en échelles logarithmiques : la boucle naïve suit une "
        "droite de pente 3, le cache une droite de pente 2, et l'écart se creuse avec la longueur.",
    )


demonstrate(show_costs)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-2-mesure-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# En échelles logarithmiques, $n^p$ est une droite de pente $p$ : vous lisez $n^3$ pour l'une, $n^2$ pour l'autre. Le rapport est même connu exactement : $\sum t^2 / \sum t = (2n + 1)/3$.

# %% [markdown] nbgrader={"grade": false, "grade_id": "question-2", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Question rédigée. Ce qui rend un cache exact, et ce qu'il coûte
#
# **Difficulté** ●●○ · **Temps conseillé** : 15 min · **3 points**, notés par une personne
#
# En 6 à 12 lignes, à partir des expériences des parties 2.2 et 2.5 et de votre mesure :
#
# 1. Pourquoi peut-on garder les clés et les valeurs du passé dans GPT, et **pas** dans BERT ? Appuyez-vous sur l'expérience de la partie 2.2, et dites ce qu'elle entraîne pour les couches suivantes.
# 2. Avec $n_\text{past}$ tokens dans le cache et un seul nouveau, que voit la requête sous `is_causal=True`, et que devrait-elle voir ? Pourquoi cette erreur ne se voit-elle pas à l'entraînement ?
# 3. Pour $n = 128$, combien de fois moins de multiplications le cache fait-il ? Et que coûte-t-il ? Calculez sa taille en octets pour un texte de 4 096 tokens et un modèle de 32 couches, où chaque token garde, par couche, une clé et une valeur de 4 096 nombres de 2 octets.
#
# <!-- BEGIN MARK SCHEME -->
# **Barème de correction**
#
# - **1 point**, exactitude : avec le masque causal, l'état d'un token ne dépend que des tokens d'indice inférieur ou égal ; un token ajouté à la fin ne change ni les états passés, ni donc leurs clés et leurs valeurs, à toutes les couches (l'expérience donne un changement nul, aux arrondis près). Dans BERT, chaque token voit le nouveau : tous les états changent dès la première couche, et avec eux les clés et les valeurs des couches suivantes. Un demi-point si les couches suivantes ne sont pas évoquées.
# - **1 point**, piège : sous `is_causal=True`, le triangle est aligné en haut à gauche ; la requête 0 ne voit que la clé 0, alors qu'elle devrait voir les $n_\text{past} + 1$ clés. À l'entraînement $n_q = n_k$ : les deux alignements coïncident. Un demi-point par moitié.
# - **1 point**, coûts : environ 86 fois moins ($(2 \times 128 + 1)/3 \approx 85{,}7$), un demi-point ; de la mémoire, $2 \times 32 \times 4\,096 \times 4\,096 \times 2 = 2^{31}$ octets, soit environ 2,1 Go (2 Gio), un demi-point. Un oubli du facteur 2 (clés **et** valeurs) fait perdre un quart de point.
#
# L'orthographe n'est pas notée. Une réponse sans aucun nombre plafonne à 2 points.
# <!-- END MARK SCHEME -->

# %% [markdown] nbgrader={"grade": true, "grade_id": "question-2-reponse", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# <!-- BEGIN SOLUTION -->
# **Exactitude.** Avec le masque causal, l'état du token $i$ ne dépend que des tokens $j \le i$. Ajouter un sixième token laisse les cinq premiers états inchangés (l'expérience affiche 0, aux arrondis près) ; la deuxième couche en tire donc les mêmes clés et les mêmes valeurs, et ainsi de suite jusqu'en haut. Dans BERT, chaque token voit le nouveau : les états changent dès la sortie de la première couche, les clés et les valeurs des couches suivantes aussi. Celles que l'on aurait gardées seraient fausses.
#
# **Le piège.** L'unique requête est celle du dernier token : elle devrait voir les $n_\text{past} + 1$ clés. Sous `is_causal=True`, le triangle est aligné en haut à gauche : la ligne 0 n'autorise que la clé 0. À l'entraînement, on donne toute la phrase, $n_q = n_k$, et les deux alignements sont le même masque.
#
# **Les coûts.** Pour $n = 128$, le rapport est $(2 \times 128 + 1)/3 \approx 85{,}7$. En échange, il faut de la mémoire : $2 \times 32 \times 4\,096 \times 4\,096 \times 2 = 2^{31}$ octets, soit environ 2,1 Go pour un seul texte.
# <!-- END SOLUTION -->

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-2-plus-loin", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Pour aller plus loin.** Les poids du modèle ne sont en mémoire qu'une fois, le cache y est une fois **par texte** : c'est donc lui qui limite le nombre d'utilisateurs qu'un serveur peut accueillir à la fois. D'où deux idées très répandues : partager les clés et les valeurs entre plusieurs têtes (*grouped-query attention*), et ne garder que les derniers tokens (la fenêtre glissante). Avec 32 têtes de requêtes et 8 têtes de clés et de valeurs, que devient la taille calculée à la question rédigée ?

# %% [markdown] nbgrader={"grade": false, "grade_id": "entrainer", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 3. Entraîner : toutes les positions à la fois
#
# ### 3.1 L'entrée et la cible
#
# Pour apprendre à prédire, il faut des exercices corrigés. Un texte en contient autant que de tokens : la **cible** de chaque position est le token **suivant**. Il suffit de décaler le texte d'un cran. Avec le mot « chaton », un token par lettre et un contexte de 5 tokens :
#
# | Position | 0 | 1 | 2 | 3 | 4 |
# |---|---|---|---|---|---|
# | **Entrée** | c | h | a | t | o |
# | **Cible** | h | a | t | o | n |
#
# La position 2 voit « cha » et doit prédire « t ». Elle ne peut pas tricher : le « t » est pourtant là, juste à sa droite dans l'entrée, mais le masque causal le lui cache. **Une seule passe corrige cinq exercices**, et le modèle n'utilise jamais ses propres prédictions : même s'il se trompe à la position 2, la position 3 reçoit le vrai « t ». C'est le *teacher forcing*.
#
# Le décalage doit être fait **une fois, et une seule**. Si on l'oublie, la cible est l'entrée elle-même : le modèle apprend à recopier, et sa perte tombe à 0. Si on le fait deux fois, le modèle apprend à sauter un token sur deux.
#
# ### 3.2 La perte
#
# La règle de la chaîne donne la probabilité d'un texte comme un produit ; son logarithme est une somme. La perte est la **surprise moyenne** par token :
#
# $$L = -\frac{1}{N} \sum_{\text{positions}} \ln p(\text{cible} \mid \text{passé}), \qquad p = \operatorname{softmax}(z).$$
#
# - Un modèle qui ne sait rien **et le sait** donne $1/V$ à chacun des $V$ tokens : $L = \ln V$. Un modèle **avant** tout entraînement devrait en être là. S'il fait *nettement mieux*, quelque chose lui souffle déjà la réponse : des poids qui ont déjà servi, ou des cibles qui ne sont pas décalées (le contraire ne prouve rien : avant l'entraînement, une fuite ne sert encore à personne). S'il fait *moins bien*, ses logits de départ sont trop dispersés : il parie sans rien savoir. Si ce sont des nombres au hasard d'écart type $\sigma$, la perte vaut environ $\ln V + \sigma^2/2$, car $\ln \mathbb{E}[e^z] = \sigma^2/2$ pour un $z$ gaussien centré.
# - La **perplexité** est $e^L$ : le nombre de tokens entre lesquels le modèle hésite, comme s'ils étaient équiprobables. Elle vaut $V$ pour un modèle qui ne sait rien, 1 pour un modèle qui devine tout.
#
# Le logarithme se calcule mieux sans passer par le softmax, qui peut s'annuler : $\ln p_i = z_i - \ln \sum_j e^{z_j}$, ce que fait `log_softmax` de façon stable.

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-3", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Exercice 3. Les paires et la perte
#
# **Difficulté** ●●○ · **Temps conseillé** : 20 min · **3 points**
#
# **Prérequis** : l'indexation des tenseurs, le logarithme du softmax.
#
# **1.** Écrivez `next_token_pairs(tokens, context)`. `tokens` est un tenseur d'entiers de forme `(N,)`. La fonction renvoie `(inputs, targets)`, deux tenseurs d'entiers contenant **toutes** les fenêtres de `context` tokens, dans l'ordre : la ligne $r$ de `inputs` commence au token $r$, et la ligne $r$ de `targets` contient, à chaque position, le token **qui suit** celui de `inputs`. Les fenêtres dont une cible manquerait ne comptent pas : il en reste `N - context`. S'il n'en reste aucune, ou si `context` est inférieur à 1, la fonction lève une `ValueError`.
#
# Pour `tokens = [5, 6, 7, 8, 9]` et `context = 3` :
#
# $$\text{inputs} = \begin{pmatrix} 5 & 6 & 7 \\ 6 & 7 & 8 \end{pmatrix} \qquad \text{targets} = \begin{pmatrix} 6 & 7 & 8 \\ 7 & 8 & 9 \end{pmatrix}$$
#
# **2.** Écrivez `next_token_loss(logits, targets)`, la perte $L$ en nats, moyenne sur toutes les positions de tous les exemples. `logits` est de forme `(batch, n, vocab)`, `targets` de forme `(batch, n)` : les cibles sont **déjà** décalées. Le résultat est un tenseur scalaire, de forme `()`, par lequel le gradient peut remonter jusqu'à `logits`. `torch.nn.functional.cross_entropy` est permise ; à vous d'y mettre les axes à leur place. Le calcul reste juste pour de très grands logits, et pour des tenseurs transposés, donc non contigus, logits ou cibles.
#
# Les entrées ne sont jamais modifiées.
#
# <details><summary>Indice 1 : les fenêtres</summary>
#
# `tokens[r : r + context]` est une ligne de `inputs`. Pour quel `r` la ligne de `targets` touche-t-elle le dernier token ? `torch.stack` empile des lignes ; `tokens.unfold(0, taille, 1)` donne toutes les fenêtres d'un coup.
#
# </details>
# <details><summary>Indice 2 : lire un logit par position</summary>
#
# `gather` lit, sur un axe, l'élément dont on lui donne l'indice : `log_p.gather(-1, targets[..., None])`. L'entropie croisée de `torch.nn.functional` le fait aussi, mais demande les classes sur l'axe 1 : aplatissez le lot et les positions.
#
# </details>
# <details><summary>Indice 3 : garder le gradient</summary>
#
# `.item()`, `float(…)` ou `.detach()` coupent le gradient. Renvoyez le tenseur lui-même, moyenne comprise.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "exercice-3-reponse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def next_token_pairs(tokens, context):
    """Renvoie toutes les fenêtres de context tokens, et leurs cibles.

    Args:
        tokens: tenseur d'entiers de forme (N,).
        context: longueur des fenêtres, au moins 1.

    Returns:
        inputs et targets, deux tenseurs d'entiers de forme (N - context, context).

    Raises:
        ValueError: si context est inférieur à 1, ou s'il ne reste aucune fenêtre.
    """
    ### BEGIN SOLUTION
    if not 1 <= context < len(tokens):
        raise ValueError(f"context doit être compris entre 1 et {len(tokens) - 1}, et vaut {context}.")
    windows = tokens.unfold(0, context + 1, 1)
    return windows[:, :-1], windows[:, 1:]
    ### END SOLUTION


def next_token_loss(logits, targets):
    """Renvoie la surprise moyenne des cibles, en nats : (batch, n, vocab), (batch, n) -> ()."""
    ### BEGIN SOLUTION
    log_p = torch.log_softmax(logits, dim=-1)
    return -log_p.gather(-1, targets[..., None]).mean()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "exercice-3-verification", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
@weight(0.75)
def test_pairs_example():
    """Les paires de cinq tokens sont celles de l'énoncé."""
    inputs, targets = next_token_pairs(torch.tensor([5, 6, 7, 8, 9]), 3)
    assert isinstance(inputs, torch.Tensor), "next_token_pairs doit renvoyer deux tenseurs PyTorch."
    assert isinstance(targets, torch.Tensor), "next_token_pairs doit renvoyer deux tenseurs PyTorch."
    np.testing.assert_array_equal(inputs, [[5, 6, 7], [6, 7, 8]])
    np.testing.assert_array_equal(targets, [[6, 7, 8], [7, 8, 9]])


@weight(0.75)
def test_loss_of_a_guess():
    """Un modèle qui ne sait rien a une perte de ln V ; un modèle sûr et juste, une perte nulle."""
    targets = torch.tensor([[0, 3, 2], [1, 1, 0]])
    loss = next_token_loss(torch.zeros(2, 3, 4), targets)
    assert isinstance(loss, torch.Tensor), "next_token_loss doit renvoyer un tenseur PyTorch."
    assert tuple(loss.shape) == ()
    np.testing.assert_allclose(loss.detach(), math.log(4), rtol=1e-4)
    sure = 50.0 * functional.one_hot(targets, 4)
    np.testing.assert_allclose(next_token_loss(sure, targets).detach(), 0.0, atol=1e-4)


### BEGIN HIDDEN TESTS
@weight(2)
def test_pairs_any_length():
    """next_token_pairs est juste pour d'autres textes et d'autres contextes, sans modifier le texte."""
    generator = torch.Generator().manual_seed(12)
    for length, context in ((9, 4), (6, 1), (6, 5), (2, 1), (30, 7)):
        tokens = torch.randint(0, 50, (2 * length,), generator=generator)[::2]
        before = tokens.numpy().copy()
        inputs, targets = next_token_pairs(tokens, context)
        for result in (inputs, targets):
            assert isinstance(result, torch.Tensor)
            assert not result.is_floating_point()
        expected = np.array([before[row : row + context + 1] for row in range(length - context)])
        assert tuple(inputs.shape) == tuple(targets.shape) == (length - context, context)
        np.testing.assert_array_equal(inputs, expected[:, :-1])
        np.testing.assert_array_equal(targets, expected[:, 1:])
        np.testing.assert_array_equal(tokens, before)


@weight(1)
def test_pairs_errors():
    """Un contexte trop long, nul ou négatif lève une ValueError."""
    for length, context in ((5, 5), (5, 6), (3, 0), (3, -1), (1, 1)):
        with raises(expected=ValueError):
            next_token_pairs(torch.arange(length), context)


def losses_to_try():
    """Yield logits and targets: several shapes with batch, n and vocab different, transposed ones, huge logits."""
    generator = torch.Generator().manual_seed(13)
    for batch, n, vocab in ((2, 3, 5), (1, 1, 4), (4, 6, 3), (3, 2, 11)):
        logits = 2 * torch.randn(batch, n, vocab, generator=generator)
        targets = torch.randint(0, vocab, (batch, n), generator=generator)
        yield logits, targets
        yield (2 * torch.randn(n, batch, vocab, generator=generator)).transpose(0, 1), targets.T.contiguous().T
    yield 1000 * torch.randn(2, 3, 5, generator=generator), torch.randint(0, 5, (2, 3), generator=generator)


def reference_loss(logits, targets):
    z = logits.detach().double().numpy()
    shifted = z - z.max(axis=-1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.take_along_axis(log_p, targets.numpy()[..., None], axis=-1).mean()


@weight(2)
def test_loss_values():
    """next_token_loss est juste pour d'autres formes et de grands logits, sans modifier ses entrées."""
    for logits, targets in losses_to_try():
        before, before_targets = logits.clone(), targets.clone()
        loss = next_token_loss(logits, targets)
        assert isinstance(loss, torch.Tensor)
        assert loss.dim() == 0
        np.testing.assert_allclose(loss.detach(), reference_loss(before, before_targets), rtol=1e-3, atol=1e-5)
        assert torch.equal(logits, before)
        assert torch.equal(targets, before_targets)


@weight(1.5)
def test_loss_gradient():
    """Le gradient remonte jusqu'aux logits, et vaut (softmax - cible) / nombre de positions."""
    generator = torch.Generator().manual_seed(14)
    for batch, n, vocab in ((2, 3, 5), (1, 4, 3)):
        logits = torch.randn(batch, n, vocab, generator=generator, requires_grad=True)
        targets = torch.randint(0, vocab, (batch, n), generator=generator)
        next_token_loss(logits, targets).backward()
        expected = (torch.softmax(logits.detach(), -1) - functional.one_hot(targets, vocab)) / (batch * n)
        np.testing.assert_allclose(logits.grad, expected, rtol=1e-3, atol=1e-5)


### END HIDDEN TESTS
run_tests(points=3)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-3-plus-loin", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Pour aller plus loin.** La position 0 d'une fenêtre prédit avec un seul token de contexte, la dernière avec `context` tokens. Tracez la perte moyenne **par position** d'un modèle entraîné : elle descend, puis se stabilise. Que vous apprend l'endroit où elle se stabilise sur la longueur de contexte utile ?

# %% [markdown] nbgrader={"grade": false, "grade_id": "bloc-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 4. Un GPT minuscule
#
# ### 4.1 Le bloc
#
# Un GPT empile des blocs identiques. Chacun fait deux choses : les tokens **échangent** (l'attention multi-têtes causale), puis chacun **réfléchit** de son côté (un petit réseau, le MLP, appliqué à chaque position). Dans la variante *pre-norm*, celle des GPT depuis GPT-2, on normalise l'**entrée** de chaque étape, et on **ajoute** le résultat à ce qui passait :
#
# $$\begin{aligned}
# h &= x + \operatorname{Attention}\big(\operatorname{norm}_1(x)\big) \\
# y &= h + \operatorname{MLP}\big(\operatorname{norm}_2(h)\big)
# \end{aligned}$$
#
# Les deux additions sont les **connexions résiduelles** : le chemin $x \to h \to y$ traverse le réseau sans aucun obstacle, et le gradient remonte par là jusqu'à la première couche. Remarquez ce qui n'est **pas** normalisé : le terme de gauche des sommes.
#
# Le masque n'agit qu'à un endroit, l'attention : c'est la seule étape où un token en regarde d'autres.

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-4", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Exercice 4. Le bloc d'un GPT
#
# **Difficulté** ●●○ · **Temps conseillé** : 15 min · **2 points**
#
# **Prérequis** : `MultiHeadAttention`, du devoir précédent.
#
# La méthode `__init__` de `Block` vous est donnée : **gardez-la telle quelle**, la vérification s'appuie sur ses quatre modules. Écrivez `forward(x)`, qui calcule $y$ selon les deux formules ci-dessus. `x` est de forme `(batch, n, d_model)`, $y$ aussi ; `n` est quelconque et peut changer d'un appel à l'autre, `x` n'est jamais modifié, et les gradients traversent les deux additions, jusqu'à `x` et jusqu'aux paramètres.
#
# `self.attention(query, key, value, mask=…)` renvoie `(output, weights)`. Son masque est de forme `(n, n)`, avec 1 = « a le droit de voir ».
#
# <details><summary>Indice 1 : trois fois la même</summary>
#
# Dans une auto-attention, requêtes, clés et valeurs viennent du même tenseur. Lequel, ici : `x`, ou `x` normalisé ?
#
# </details>
# <details><summary>Indice 2 : le masque</summary>
#
# `create_causal_mask(n, device=x.device)`, avec `n = x.shape[1]`.
#
# </details>
# <details><summary>Indice 3 : un piège de Python</summary>
#
# `x += …` modifie le tenseur reçu, qui est encore celui de l'appelant. `x = x + …` en crée un nouveau.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "exercice-4-reponse", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Block(torch.nn.Module):
    """Un bloc de GPT, pre-norm : attention causale, puis MLP, avec deux connexions résiduelles.

    Args:
        d_model: dimension des tokens.
        n_heads: nombre de têtes ; d_model en est un multiple.
    """

    def __init__(self, d_model, n_heads):
        super().__init__()
        self.norm_1 = torch.nn.LayerNorm(d_model)
        self.attention = MultiHeadAttention(d_model, n_heads)
        self.norm_2 = torch.nn.LayerNorm(d_model)
        self.mlp = torch.nn.Sequential(
            torch.nn.Linear(d_model, 4 * d_model),
            torch.nn.GELU(),
            torch.nn.Linear(4 * d_model, d_model),
        )

    def forward(self, x):
        """Applique le bloc : (batch, n, d_model) -> (batch, n, d_model)."""
        ### BEGIN SOLUTION
        normalised = self.norm_1(x)
        mask = create_causal_mask(x.shape[1], device=x.device)
        attended, _ = self.attention(normalised, normalised, normalised, mask=mask)
        h = x + attended
        return h + self.mlp(self.norm_2(h))
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "exercice-4-verification", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
def test_shape():
    """La sortie a la forme de l'entrée, quelle que soit la longueur."""
    block = Block(8, 2)
    for batch, n in ((2, 5), (1, 1), (3, 4)):
        output = block(torch.randn(batch, n, 8, generator=torch.Generator().manual_seed(n)))
        assert isinstance(output, torch.Tensor), "forward doit renvoyer un tenseur, et lui seul."
        assert tuple(output.shape) == (batch, n, 8)


def test_no_leak():
    """Changer le dernier token ne change aucune sortie précédente ; changer le premier change la dernière."""
    block = Block(8, 2)
    x = torch.randn(1, 6, 8, generator=torch.Generator().manual_seed(4))
    before = block(x).detach()
    future, past = x.clone(), x.clone()
    future[:, 5] += torch.linspace(-3, 3, 8)
    past[:, 0] += torch.linspace(-3, 3, 8)
    np.testing.assert_allclose(block(future).detach()[:, :5], before[:, :5], atol=1e-6)
    assert not np.allclose(block(past).detach()[:, 5], before[:, 5], atol=1e-4), (
        "Le dernier token ne voit pas le premier."
    )


### BEGIN HIDDEN TESTS
import functools


def block_and_reference(d_model, n_heads, seed):
    """Return a student's block with random parameters, normalisations included, them, and what it should compute."""
    block = Block(d_model, n_heads)
    random = torch.Generator().manual_seed(seed)
    state = {
        name: torch.randn(value.shape, generator=random) * (0.3 if value.dim() > 1 else 0.8)
        for name, value in dict(block.state_dict()).items()
    }
    block.load_state_dict(state)
    attention = MultiHeadAttention(d_model, n_heads)

    def reference(x):
        normalised = functional.layer_norm(x, (d_model,), state["norm_1.weight"], state["norm_1.bias"])
        visible = torch.ones(x.shape[1], x.shape[1]).tril()
        own = {n.removeprefix("attention."): value for n, value in state.items() if n.startswith("attention.")}
        h = x + torch.func.functional_call(attention, own, (normalised, normalised, normalised, visible))[0]
        hidden = functional.layer_norm(h, (d_model,), state["norm_2.weight"], state["norm_2.bias"])
        hidden = functional.gelu(hidden @ state["mlp.0.weight"].T + state["mlp.0.bias"])
        return h + hidden @ state["mlp.2.weight"].T + state["mlp.2.bias"]

    return block, state, reference


@weight(4)
def test_values():
    """Le bloc calcule les deux formules de l'énoncé, pour d'autres longueurs, tailles et paramètres."""
    for seed, (d_model, n_heads, shapes) in enumerate(((8, 2, [(2, 5), (1, 1), (3, 7)]), (12, 3, [(1, 70), (2, 2)]))):
        block, _, reference = block_and_reference(d_model, n_heads, 300 + seed)
        for batch, n in shapes:
            x = torch.randn(batch, n, d_model, generator=torch.Generator().manual_seed(10 * n + batch))
            expected = reference(x)
            output = block(x)
            assert tuple(output.shape) == (batch, n, d_model)
            np.testing.assert_allclose(output.detach(), expected, rtol=1e-3, atol=1e-4)


def test_input_unchanged():
    """x n'est pas modifié, et le gradient remonte jusqu'à lui."""
    block = Block(8, 4)
    x = torch.randn(2, 3, 8, generator=torch.Generator().manual_seed(9))
    before = x.clone()
    block(x)
    assert torch.equal(x, before)
    leaf = before.clone().requires_grad_()
    block(leaf).sum().backward()
    assert leaf.grad is not None
    assert bool(torch.isfinite(leaf.grad).all())
    assert float(leaf.grad.abs().sum()) > 0


def test_gradients():
    """Les gradients de x et des paramètres sont ceux des deux formules : le bloc peut apprendre."""
    block, state, reference = block_and_reference(8, 4, 304)
    x = torch.randn(2, 3, 8, generator=torch.Generator().manual_seed(10))
    ours, theirs = x.clone().requires_grad_(), x.clone().requires_grad_()
    for value in state.values():
        value.requires_grad_()
    slope = torch.linspace(-1, 1, x.numel()).reshape(x.shape)
    (block(ours) * slope).sum().backward()
    (reference(theirs) * slope).sum().backward()
    np.testing.assert_allclose(ours.grad, theirs.grad, rtol=1e-3, atol=1e-4)
    for name, value in state.items():
        if value.grad is not None:
            parameter = functools.reduce(getattr, name.split("."), block)
            np.testing.assert_allclose(parameter.grad, value.grad, rtol=1e-3, atol=1e-4)


### END HIDDEN TESTS
run_tests(points=2)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-4-plus-loin", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Pour aller plus loin.** Le premier transformer (2017) était *post-norm* : $h = \operatorname{norm}\big(x + \operatorname{Attention}(x)\big)$. La normalisation se trouve alors **sur** le chemin direct. Remplacez votre bloc par cette variante, empilez-en douze, et comparez les deux courbes de perte, au même taux d'apprentissage. À notre échelle, la variante apprend seulement moins vite ; avec de grands modèles, il fallait faire monter le taux d'apprentissage très lentement. Xiong et ses collègues (2020) en donnent la raison.

# %% [markdown] nbgrader={"grade": false, "grade_id": "gpt-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 4.2 Le modèle entier
#
# Autour des blocs, il ne manque que trois choses. À l'entrée, deux tables : un vecteur par **token** et un vecteur par **position**, que l'on additionne. À la sortie, une dernière normalisation et une couche linéaire, qui donne un logit par token du vocabulaire.
#
# **Pourquoi des positions ?** Une somme pondérée ne dépend pas de l'ordre de ses termes : pour une attention, le passé est un sac de mots. Mais un GPT n'est pas *une* attention. Mélangeons le passé du dernier token, sans aucune position, et regardons si sa sortie bouge :


# %% nbgrader={"grade": false, "grade_id": "positions-experience", "locked": true, "schema_version": 3, "solution": false, "task": false}
def change_when_the_past_is_shuffled(n_layers, causal):
    """De combien bouge la dernière sortie d'une pile d'attentions sans positions quand on mélange son passé."""
    torch.manual_seed(0)
    layers = [MultiHeadAttention(16, 2) for _ in range(n_layers)]
    text = torch.randn(1, 6, 16)
    shuffled = text[:, [3, 1, 4, 0, 2, 5]]  # le dernier token, lui, reste à sa place
    outputs = []
    for x in (text, shuffled):
        for layer in layers:
            x = x + layer(x, x, x, mask=create_causal_mask(6) if causal else None)[0]
        outputs.append(x[0, -1])
    return (outputs[1] - outputs[0]).abs().max().item()


print("couches | avec masque causal | sans masque")
for n_layers in (1, 2):
    changes = [change_when_the_past_is_shuffled(n_layers, causal) for causal in (True, False)]
    print(f"{n_layers:>7} | {changes[0]:>18.0e} | {changes[1]:>11.0e}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "positions-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Des arrondis (moins de $10^{-6}$) dans trois cas sur quatre, et quelques centièmes dans le quatrième. **Une** couche ne voit pas l'ordre du passé, et sans masque deux couches ne le voient pas davantage. Mais **deux couches causales le voient** : à la sortie de la première, un token n'a mélangé que *son* passé, qui change quand on le déplace ; la deuxième lit cette différence. Le masque donne donc, à lui seul, une idée de l'ordre. Elle est indirecte et difficile à exploiter : les vecteurs de positions la disent en clair, dès la première couche.
#
# La table des positions a une taille fixe, la **fenêtre** (*window*) : le modèle ne sait pas lire un contexte plus long.


# %% nbgrader={"grade": false, "grade_id": "gpt-modele", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
class TinyGPT(torch.nn.Module):
    """Un GPT minuscule : (batch, n) entiers -> (batch, n, vocab) logits, pour n <= window."""

    def __init__(self, vocab, window, d_model, n_heads, n_blocks):
        super().__init__()
        self.window = window
        self.token_table = torch.nn.Embedding(vocab, d_model)
        self.position_table = torch.nn.Embedding(window, d_model)
        self.blocks = torch.nn.Sequential(*(Block(d_model, n_heads) for _ in range(n_blocks)))
        self.norm = torch.nn.LayerNorm(d_model)
        self.head = torch.nn.Linear(d_model, vocab)
        torch.nn.init.normal_(self.head.weight, std=0.02)  # des logits presque égaux : la perte part de ln V
        torch.nn.init.zeros_(self.head.bias)

    def forward(self, tokens):
        n = tokens.shape[-1]
        if n > self.window:
            raise ValueError(f"Le modèle lit au plus {self.window} tokens ; reçu : {n}.")
        x = self.token_table(tokens) + self.position_table(torch.arange(n))
        return self.head(self.norm(self.blocks(x)))


# %% [markdown] nbgrader={"grade": false, "grade_id": "generer-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 5. Générer
#
# ### 5.1 Une seule porte d'entrée
#
# Pour écrire, une seule question compte : **quels logits pour le token suivant ?** La fonction `next_logits(model, context)` y répond, pour deux sortes de modèles :
#
# - un **GPT** : elle lit les logits de la dernière position ;
# - une **table** de forme `(window, vocab, vocab)`, un modèle sans apprentissage qui vous permettra d'essayer votre boucle tout de suite. Le token situé à la distance $r$ de la fin du contexte y vote avec la ligne `table[r, token]`, et les votes s'ajoutent.
#
# Dans les deux cas, la fonction refuse un contexte vide, ou plus long que la fenêtre.


# %% nbgrader={"grade": false, "grade_id": "generer-logits", "locked": true, "schema_version": 3, "solution": false, "task": false}
def next_logits(model, context):
    """Renvoie les logits du token qui suit le contexte, un tenseur de forme (vocab,).

    Args:
        model: un GPT, ou une table de forme (window, vocab, vocab).
        context: liste ou tenseur d'entiers à une dimension, de 1 à window tokens.

    Raises:
        ValueError: si le contexte est vide, trop long, ou n'a pas une dimension.
    """
    context = torch.as_tensor(context)
    window = model.window if isinstance(model, torch.nn.Module) else len(model)
    if context.dim() != 1 or not 1 <= len(context) <= window:
        raise ValueError(
            f"Le contexte doit compter au moins 1 token et au plus {window} ; forme reçue : {tuple(context.shape)}."
        )
    if isinstance(model, torch.nn.Module):
        with torch.no_grad():
            return model(context[None])[0, -1]
    return sum(model[distance, token] for distance, token in enumerate(context.flip(0).tolist()))


alphabet = ["a", "b", "c", "d"]
next_letter = torch.eye(4).roll(1, dims=1)[None]  # après a, b ; après b, c ; après c, d ; après d, a
for letter in "ad":
    logits = next_logits(next_letter, [alphabet.index(letter)])
    print(f"Après {letter} : logits {written(logits, 0)}, donc {alphabet[int(logits.argmax())]}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-5", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Exercice 5. La boucle de génération
#
# **Difficulté** ●●○ · **Temps conseillé** : 20 min · **3 points**
#
# **Prérequis** : l'exercice 1.
#
# Écrivez `generate(model, prompt, n_new, window, seed=None, temperature=1.0, k=None)` :
#
# - `prompt` est une **liste** d'au moins un entier : le début du texte. Elle n'est **pas modifiée** ;
# - à chaque pas, le modèle ne voit que les `window` **derniers** tokens du texte, tokens déjà générés compris (tout le texte, s'il est plus court). Ses logits viennent de `next_logits(model, context)`, et de rien d'autre ;
# - si `seed` vaut `None`, le choix est **glouton** ; sinon, le token est **tiré** avec la température et le *top-k* demandés, comme dans `sample` ;
# - la fonction renvoie le texte entier, `prompt` puis les `n_new` nouveaux tokens : une liste d'entiers, ou un tenseur d'entiers à une dimension. `n_new` peut être nul.
#
# La même graine (0 en est une) donne toujours le même texte. Mais les tirages successifs d'un même texte doivent être **différents** les uns des autres : si chaque pas réutilisait exactement la même graine, un modèle uniforme écrirait toujours le même token.
#
# <details><summary>Indice 1 : le squelette</summary>
#
# Une copie de `prompt`, une boucle de `n_new` pas ; à chaque pas : contexte, logits, choix, ajout à la fin.
#
# </details>
# <details><summary>Indice 2 : les derniers tokens</summary>
#
# `tokens[-window:]` donne les `window` derniers, et toute la liste si elle est plus courte. Et `tokens[:window]` ?
#
# </details>
# <details><summary>Indice 3 : un tirage par pas</summary>
#
# Votre fonction `sample` peut servir, à condition de lui donner une graine qui change à chaque pas et se calcule à partir de `seed`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "exercice-5-reponse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def generate(model, prompt, n_new, window, seed=None, temperature=1.0, k=None):
    """Continue un texte, un token à la fois.

    Args:
        model: ce que next_logits accepte.
        prompt: liste d'entiers, le début du texte ; elle n'est pas modifiée.
        n_new: nombre de tokens à ajouter.
        window: nombre de tokens que le modèle voit, au plus.
        seed: graine des tirages ; None pour le choix glouton.
        temperature: température des tirages.
        k: nombre de tokens gardés par le top-k ; None les garde tous.

    Returns:
        Le texte entier, de len(prompt) + n_new tokens.
    """
    ### BEGIN SOLUTION
    tokens = list(prompt)
    for step in range(n_new):
        logits = next_logits(model, tokens[-window:])
        if seed is None:
            tokens.append(int(greedy(logits)))
        else:
            step_seed = 100_003 * seed + step  # une graine par pas, et d'autres pour un autre texte
            tokens.append(int(sample(logits, step_seed, temperature, k)))
    return tokens
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "exercice-5-verification", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
def as_list(tokens):
    """Le texte généré, comme une liste d'entiers de Python."""
    return np.asarray(tokens).tolist()


@weight(1)
def test_alphabet():
    """La table « lettre suivante » récite l'alphabet, et le début du texte est gardé."""
    text = as_list(generate(next_letter, [0], 5, window=1))
    assert text == [0, 1, 2, 3, 0, 1]
    assert all(isinstance(token, int) for token in text), "Les tokens du texte doivent être des entiers."
    assert as_list(generate(next_letter, [3, 1], 3, window=1)) == [3, 1, 2, 3, 0]


@weight(0.5)
def test_seed():
    """Avec un modèle uniforme, la même graine redonne le même texte, et un texte varié."""
    uniform = torch.zeros(3, 8, 8)
    text = as_list(generate(uniform, [2], 20, window=3, seed=5))
    assert len(text) == 21
    assert text == as_list(generate(uniform, [2], 20, window=3, seed=5))
    assert len(set(text)) > 2, "Les tirages successifs ne sont pas différents les uns des autres."


### BEGIN HIDDEN TESTS
def random_table(window, vocab, seed):
    return 2 * torch.randn(window, vocab, vocab, generator=torch.Generator().manual_seed(seed))


def greedy_text(table, prompt, n_new, window):
    votes, text = table.double().numpy(), list(prompt)
    for _ in range(n_new):
        context = text[-window:]
        text.append(int(sum(votes[r, token] for r, token in enumerate(reversed(context))).argmax()))
    return text


@weight(3)
def test_greedy_text():
    """Sans graine, le texte est celui du choix glouton, pour d'autres modèles, débuts et fenêtres."""
    cases = (
        (4, 9, 4, [1], 12),
        (4, 9, 2, [3, 0, 8], 10),
        (5, 6, 5, [5, 1, 0, 2, 4, 3, 1, 2], 9),
        (1, 12, 1, [7, 3], 8),
        (6, 9, 6, [2], 9),
    )
    for seed, (depth, vocab, window, prompt, n_new) in enumerate(cases):
        table = random_table(depth, vocab, 400 + seed)
        expected = greedy_text(table, prompt, n_new, window)
        for text in (generate(table, prompt, n_new, window), generate(table, prompt, n_new, window=window)):
            assert as_list(text) == expected


@weight(1)
def test_nothing_to_add():
    """Avec n_new nul, le texte est le début, inchangé."""
    assert as_list(generate(random_table(2, 5, 410), [4, 0, 2], 0, window=2)) == [4, 0, 2]


@weight(1)
def test_prompt_unchanged():
    """La liste prompt et le modèle ne sont pas modifiés."""
    table, prompt = random_table(3, 6, 411), [1, 5, 2]
    before = table.clone()
    generate(table, prompt, 4, window=3)
    generate(table, prompt, 4, window=3, seed=8)
    assert prompt == [1, 5, 2]
    assert torch.equal(table, before)


@weight(1.25)
def test_settings():
    """La température et le top-k sont respectés : k = 1 ou une température minuscule redonnent le choix glouton."""
    table, prompt = random_table(3, 7, 412), [6, 2]
    expected = greedy_text(table, prompt, 12, 3)
    assert as_list(generate(table, prompt, 12, window=3, seed=21, k=1)) == expected
    assert as_list(generate(table, prompt, 12, window=3, seed=22, temperature=0.001)) == expected
    favourites = torch.zeros(1, 10, 10)
    favourites[0, :, [2, 5, 7]] = torch.tensor([1.0, 1.2, 0.8])
    text = as_list(generate(favourites, [0], 60, window=1, seed=23, temperature=3.0, k=3))
    assert set(text[1:]) == {2, 5, 7}
    by_default = as_list(generate(table, prompt, 30, window=3, seed=25))
    assert by_default == as_list(generate(table, prompt, 30, window=3, seed=25, temperature=1.0, k=None))
    leaning = torch.full((1, 10, 10), -40.0)
    leaning[0, :, [2, 5, 7]] = torch.tensor([0.0, 8.0, 0.0])
    for k in (3, None):  # 5 is drawn 94 times by chance, 120 without the temperature, 54 with its square
        text = as_list(generate(leaning, [0], 120, window=1, seed=26, temperature=4.0, k=k))
        assert 74 <= text.count(5) <= 114


@weight(1.5)
def test_draws():
    """Les tirages sont reproductibles, varient d'un pas à l'autre et d'une graine à l'autre."""
    uniform = torch.zeros(2, 6, 6)
    texts = [as_list(generate(uniform, [1], 40, window=2, seed=seed)) for seed in (3, 0, 300)]
    assert texts == [as_list(generate(uniform, [1], 40, window=2, seed=seed)) for seed in (3, 0, 300)]
    assert texts[0] != texts[1] != texts[2] != texts[0]
    for text in texts:
        assert text[0] == 1
        assert len(text) == 41
        assert max(text[1:].count(token) for token in range(6)) < 25
        assert len(set(itertools.pairwise(text[1:]))) > 6  # a cycle has 6 at most
        for gap in range(1, 11):  # two draws are equal once in six
            equal = [one == other for one, other in zip(text[1:], text[1 + gap :], strict=False)]
            assert sum(equal) < len(equal) / 2
    single = [as_list(generate(uniform, [1], 1, window=2, seed=seed))[-1] for seed in range(20)]
    assert len(set(single)) > 2


### END HIDDEN TESTS
run_tests(points=3)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-5-plus-loin", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Pour aller plus loin.** Votre boucle repasse tout le contexte dans le modèle à chaque pas. Donnez à `Block` un cache par couche, et comparez les textes : ils doivent être identiques tant que le texte tient dans la fenêtre. Au-delà, nos positions apprises posent un problème : quand la fenêtre glisse, chaque token change de position, et tout le cache devient faux. C'est une des raisons pour lesquelles les modèles récents codent des positions **relatives** (les rotations de RoPE).

# %% [markdown] nbgrader={"grade": false, "grade_id": "corpus-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 5.2 Votre GPT apprend le français
#
# Le module du cours contient une petite **grammaire** : elle tire au hasard un sujet, un verbe, un complément, accorde le tout et met les accents. Un token est ici un **caractère** : votre modèle ne connaît ni les mots, ni les règles. Tout ce qu'il saura de l'orthographe et des accords, il l'aura appris en prédisant le caractère suivant.
#
# Cette grammaire nous offre un luxe que n'a aucun corpus réel : son **entropie** est connue. C'est la perte d'un modèle parfait, que rien ne peut battre.


# %% nbgrader={"grade": false, "grade_id": "corpus-texte", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
corpus = french_corpus(n_sentences=4000, seed=1)
vocabulary = sorted(set(corpus))
number_of = {character: number for number, character in enumerate(vocabulary)}
corpus_tokens = torch.tensor([number_of[character] for character in corpus])
unseen_text = french_corpus(n_sentences=300, seed=2)
unseen_tokens = torch.tensor([number_of[character] for character in unseen_text])


def text_of(tokens):
    """Le texte d'une suite de numéros de caractères."""
    return "".join(vocabulary[int(token)] for token in tokens)


print(corpus[:280])
print(f"{written(len(corpus))} caractères, dont {len(vocabulary)} différents : {''.join(vocabulary)!r}")
print(f"Perte d'un modèle qui ne sait rien : ln({len(vocabulary)}) = {written(math.log(len(vocabulary)))} nats")
print(f"Perte d'un modèle parfait          : environ {written(source_entropy())} nats")

# %% [markdown] nbgrader={"grade": false, "grade_id": "gpt-avant-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Avant l'entraînement.** Deux blocs, quatre têtes, une fenêtre de 32 caractères. La perte doit être proche de $\ln V$, et le texte être du bruit. Pour la perte, l'initialisation compte : celle que `torch.nn.Linear` donne à la dernière couche disperse les logits ($\sigma^2$ proche de 1/3), et la perte part au-dessus de $\ln V$ ; `TinyGPT` tire ces poids plus petits. La cellule affiche les deux :


# %% nbgrader={"grade": false, "grade_id": "gpt-avant", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
WINDOW = 32
# Nos matrices sont minuscules : les partager entre deux cœurs coûterait plus que les multiplier.
torch.set_num_threads(1)


def ready(value):
    """Ce qu'une démonstration précédente a donné, si elle a réussi."""
    if value is None:
        raise NotImplementedError
    return value


def build_gpt():
    torch.manual_seed(0)
    model = TinyGPT(vocab=len(vocabulary), window=WINDOW, d_model=64, n_heads=4, n_blocks=2)
    inputs, targets = next_token_pairs(unseen_tokens[:2000], WINDOW)
    small = model.head
    with torch.no_grad():
        model.head = torch.nn.Linear(64, len(vocabulary))  # telle que PyTorch l'initialise
        usual = next_token_loss(model(inputs[::8]), targets[::8]).item()
        model.head = small
        loss = next_token_loss(model(inputs[::8]), targets[::8]).item()
    print(f"{written(sum(p.numel() for p in model.parameters()))} paramètres")
    print(f"ln V = {written(math.log(len(vocabulary)))} ; dernière couche ordinaire : perte {written(usual)} nats")
    print(f"Perte : {written(loss)} nats, perplexité : {written(math.exp(loss))} pour {len(vocabulary)} caractères")
    print("Texte :", repr(text_of(generate(model, [number_of["\n"]], 60, window=WINDOW, seed=1))))
    return model


gpt = demonstrate(build_gpt)

# %% [markdown] nbgrader={"grade": false, "grade_id": "gpt-entrainement-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **L'entraînement.** À chaque pas, 24 fenêtres tirées au hasard parmi **vos** paires, donc $24 \times 32 = 768$ prédictions corrigées en une passe ; puis le gradient de **votre** perte, et un pas d'Adam. Comptez une vingtaine de secondes sur un ordinateur portable, avec un seul cœur.


# %% nbgrader={"grade": false, "grade_id": "gpt-entrainement", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
def train_gpt(steps=1200, batch=24, rate=8e-3):
    model = ready(gpt)
    inputs, targets = next_token_pairs(corpus_tokens, WINDOW)
    generator = torch.Generator().manual_seed(0)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=rate, total_steps=steps)
    losses = []
    for step in range(steps):
        rows = torch.randint(len(inputs), (batch,), generator=generator)
        loss = next_token_loss(model(inputs[rows]), targets[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if step in (0, 100, 300, 700) or step == steps - 1:
            recent = sum(losses[-20:]) / len(losses[-20:])
            sentence = text_of(generate(model, [number_of["\n"]], 45, window=WINDOW, seed=3)[1:])
            print(f"pas {step:>4} | perte {written(recent)} | {sentence.splitlines()[0] if sentence.strip() else ''}")
    return losses


losses = demonstrate(train_gpt)

# %% [markdown] nbgrader={"grade": false, "grade_id": "gpt-perte-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **La courbe de perte**, entre ses deux bornes : en haut, le modèle qui ne sait rien ; en bas, l'entropie de la grammaire.


# %% nbgrader={"grade": false, "grade_id": "gpt-perte", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
def show_losses():
    values = np.array(ready(losses))
    smooth = np.convolve(values, np.ones(25) / 25, mode="valid")
    inputs, targets = next_token_pairs(unseen_tokens, WINDOW)
    with torch.no_grad():
        unseen_loss = next_token_loss(gpt(inputs[::8]), targets[::8]).item()
    figure, ax = plt.subplots(figsize=(8.5, 4.8), layout="constrained")
    dark, light = sns.color_palette("colorblind")[:2]
    ax.plot(values, color=dark, alpha=0.25)
    ax.plot(np.arange(len(smooth)) + 12, smooth, color=dark, label="votre GPT (moyenne sur 25 pas)")
    ax.axhline(math.log(len(vocabulary)), color="black", linestyle="--", label="ne rien savoir : ln V")
    ax.axhline(source_entropy(), color=light, linestyle="-.", label="ne rien ignorer : l'entropie de la grammaire")
    ax.set(title="La perte pendant l'entraînement", xlabel="Pas", ylabel="Perte (nats par caractère)", ylim=(0, None))
    ax.legend()
    show(
        figure,
        alt="Courbe de la perte : elle part de ln V, environ 3,7 nats, chute en quelques centaines de pas, puis s'approche "
        "lentement de l'entropie de la grammaire, environ 0,3 nat, sans l'atteindre.",
    )
    print(f"Sur des phrases nouvelles : perte {written(unseen_loss)}, perplexité {written(math.exp(unseen_loss))}")


demonstrate(show_losses)

# %% [markdown] nbgrader={"grade": false, "grade_id": "gpt-perte-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# La perplexité finale est proche de 1,5 : devant chaque caractère, votre modèle hésite entre un et deux caractères, au lieu de 39. L'écart qui reste avec l'entropie vient surtout du **début des fenêtres** : elles commencent n'importe où, souvent au milieu d'un mot, et les premières positions n'ont presque rien à lire. La dernière figure de ce notebook le montrera, position par position.
#
# **Après l'entraînement.** Le même modèle, cinq décodages :


# %% nbgrader={"grade": false, "grade_id": "gpt-apres", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
def show_texts():
    model, start = ready(gpt), [number_of["\n"]]
    ready(losses)
    for title, settings in (
        ("Glouton", {}),
        ("T = 0,5", {"seed": 1, "temperature": 0.5}),
        ("T = 1", {"seed": 1}),
        ("T = 1, k = 3", {"seed": 1, "k": 3}),
        ("T = 2", {"seed": 1, "temperature": 2.0}),
    ):
        print(f"--- {title}")
        print(text_of(generate(model, start, 180, window=WINDOW, **settings)).strip())
        print()


demonstrate(show_texts)

# %% [markdown] nbgrader={"grade": false, "grade_id": "gpt-apres-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Ce qu'il faut observer**
#
# - **Glouton** : une ou deux phrases, puis la même, sans fin. Le même contexte donne le même choix : c'est la boucle annoncée en 1.2.
# - **$T = 0{,}5$** : des phrases variées, et correctes le plus souvent. L'accord se fait souvent à distance : « les petites souris curieuses » demande de se souvenir du genre et du nombre pendant vingt caractères. C'est le travail de l'attention.
# - **$T = 1$** : la langue telle que le modèle l'a apprise, avec ses hésitations.
# - **$T = 2$** : l'orthographe elle-même se défait. À chaque pas, un caractère improbable peut sortir ; sur 180 pas, il en sort.

# %% [markdown] nbgrader={"grade": false, "grade_id": "gpt-attention-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 5.3 Ce que voit le modèle
#
# Les poids d'attention de votre GPT, sur le début d'une phrase. Chaque ligne est un caractère qui regarde, et qui s'apprête à prédire le suivant.


# %% nbgrader={"grade": false, "grade_id": "gpt-attention", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
def show_attention():
    model, caught = ready(gpt), []
    ready(losses)
    text = "Les petites filles curie"
    hooks = [
        block.attention.register_forward_hook(lambda _, __, result: caught.append(result[1].detach()))
        for block in model.blocks
    ]
    with torch.no_grad():
        model(torch.tensor([[number_of[character] for character in text]]))
    for hook in hooks:
        hook.remove()
    figure, axes = plt.subplots(1, 2, figsize=(13, 6.2), layout="constrained")
    letters = ["␣" if character == " " else character for character in text]
    for number, (ax, weights) in enumerate(zip(axes, caught, strict=True), start=1):
        sns.heatmap(
            weights[0].mean(dim=0).numpy(),
            cmap="cividis",
            vmin=0,
            vmax=0.6,
            square=True,
            xticklabels=letters,
            yticklabels=letters,
            cbar_kws={"shrink": 0.7, "label": "Poids, moyenne des quatre têtes"},
            ax=ax,
        )
        ax.set(title=f"Bloc {number}", xlabel="Caractère regardé", ylabel="Caractère qui regarde")
        ax.tick_params(axis="both", rotation=0)
    show(
        figure,
        alt="Deux cartes de chaleur triangulaires, une par bloc : les poids d'attention entre les caractères de « Les petites "
        "filles curie ». Aucun caractère ne regarde ceux qui le suivent.",
    )


demonstrate(show_attention)

# %% [markdown] nbgrader={"grade": false, "grade_id": "gpt-attention-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Le triangle est là, dans chaque bloc : c'est le masque causal. À l'intérieur, rien n'a été programmé. Le premier bloc regarde surtout les caractères voisins, de quoi reconnaître le mot en cours ; le second va plus loin en arrière. Chez nous, le dernier « e » de « petites » y regarde surtout le « s » de « Les », et celui de « filles » le « s » de « petites » : la marque du pluriel, au moment de savoir s'il faut l'écrire. Les dernières lignes regardent aussi le « s » de « filles », dont il faudra se souvenir pour accorder « curieuses ».

# %% [markdown] nbgrader={"grade": false, "grade_id": "exposition-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 5.4 Entraîné sur des textes justes, livré à ses propres fautes
#
# À l'entraînement, le passé est toujours celui du corpus. En génération, c'est celui que le modèle a écrit, **fautes comprises**. Il n'a jamais vu de tels contextes : on parle de **biais d'exposition** (*exposure bias*). Mesurons-le : dans des phrases nouvelles, remplaçons **un** caractère, à la position 12, et regardons la surprise du modèle pour les caractères justes qui suivent.


# %% nbgrader={"grade": false, "grade_id": "exposition-figure", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
def show_exposure():
    model, place = ready(gpt), 12
    ready(losses)
    inputs, targets = next_token_pairs(unseen_tokens, WINDOW)
    inputs, targets = inputs[::16].clone(), targets[::16]
    wrong = inputs.clone()
    generator = torch.Generator().manual_seed(3)
    shift = torch.randint(1, len(vocabulary), (len(wrong),), generator=generator)
    wrong[:, place] = (wrong[:, place] + shift) % len(vocabulary)  # toujours un autre caractère
    curves = {}
    with torch.no_grad():
        for label, given in (("texte juste", inputs), ("un caractère faux à la position 12", wrong)):
            surprise = functional.cross_entropy(model(given).transpose(1, 2), targets, reduction="none")
            curves[label] = surprise.mean(dim=0).numpy()
    figure, ax = plt.subplots(figsize=(8.5, 4.6), layout="constrained")
    for (label, curve), style in zip(curves.items(), ("o--", "s-"), strict=True):
        ax.plot(curve, style, label=label)
    ax.set(
        title="Une faute, et ce qu'elle coûte ensuite",
        xlabel="Position dans la fenêtre",
        ylabel="Surprise moyenne (nats)",
        ylim=(0, None),
    )
    ax.legend()
    show(
        figure,
        alt="Surprise moyenne par position. Les deux courbes sont confondues jusqu'à la position 11 ; à la position 12, la "
        "courbe du texte fautif bondit, puis redescend en plusieurs caractères vers celle du texte juste.",
    )


demonstrate(show_exposure)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exposition-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# - **Avant la faute**, les deux courbes sont exactement confondues : le passé ne voit pas l'avenir. C'est encore une preuve de votre masque.
# - **À la faute et juste après**, la surprise est multipliée, chez nous, par plus de vingt, puis par dix : le modèle se croit dans un mot qui n'existe pas. En génération, c'est là qu'une deuxième faute a le plus de chances de suivre la première.
# - **Ensuite**, elle redescend en quelques caractères : le modèle se rattrape au mot suivant. Les grands modèles, entraînés sur des textes pleins de fautes, se rattrapent mieux encore.
# - **Les toutes premières positions** sont difficiles même sans faute : le contexte y est presque vide.

# %% [markdown] nbgrader={"grade": false, "grade_id": "bonus", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Bonus. Le noyau (*top-p*)
#
# **Difficulté** ●●● · **Temps conseillé** : 15 min · **sans points, pour le plaisir**
#
# Le *top-k* garde toujours $k$ tokens, que le modèle soit sûr de lui ou non. L'échantillonnage par **noyau** (*nucleus sampling*, ou *top-p*) s'adapte : il garde le **plus petit** ensemble de tokens, pris du plus probable au moins probable, dont la probabilité totale atteint au moins $p$ ; les autres probabilités sont mises à 0, et le reste renormalisé.
#
# Écrivez `top_p_probabilities(logits, p)`, pour `logits` de forme `(vocab,)` et $0 < p \le 1$. Il reste toujours au moins un token. Pour les probabilités $(0{,}5\,;\ 0{,}3\,;\ 0{,}15\,;\ 0{,}05)$ et $p = 0{,}7$, on garde les deux premiers : $(0{,}625\,;\ 0{,}375\,;\ 0\,;\ 0)$.
#
# <details><summary>Indice 1 : cumuler</summary>
#
# Triez les probabilités en ordre décroissant, puis calculez leur somme cumulée (`cumsum`).
#
# </details>
# <details><summary>Indice 2 : qui garder ?</summary>
#
# Un token est gardé si la somme de ceux qui le **précèdent**, sans lui, est encore inférieure à $p$. Le premier l'est donc toujours.
#
# </details>
# <details><summary>Indice 3 : remettre en place</summary>
#
# Le tri a changé l'ordre. `torch.sort` renvoie aussi les indices d'origine : écrivez les probabilités gardées à ces places, dans un tenseur de zéros.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "bonus-reponse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def top_p_probabilities(logits, p):
    """Renvoie les probabilités du plus petit noyau de tokens dont le total atteint p, les autres à 0.

    Args:
        logits: tenseur de forme (vocab,).
        p: probabilité à atteindre, avec 0 < p <= 1.

    Returns:
        Tenseur de forme (vocab,) et de somme 1.
    """
    ### BEGIN SOLUTION
    probabilities, order = torch.softmax(logits, dim=-1).sort(descending=True)
    kept = torch.where(probabilities.cumsum(-1) - probabilities < p, probabilities, 0.0)
    return torch.zeros_like(kept).scatter(-1, order, kept / kept.sum())
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bonus-verification", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
def test_nucleus_example():
    """Le noyau de l'énoncé, dans l'ordre et dans le désordre."""
    logits = torch.tensor([0.5, 0.3, 0.15, 0.05]).log()
    assert isinstance(top_p_probabilities(logits, 0.7), torch.Tensor), "Le résultat doit être un tenseur PyTorch."
    np.testing.assert_allclose(top_p_probabilities(logits, 0.7), [0.625, 0.375, 0, 0], rtol=1e-4)
    np.testing.assert_allclose(top_p_probabilities(logits.flip(0), 0.7), [0, 0, 0.375, 0.625], rtol=1e-4)


def test_nucleus_extremes():
    """Un p minuscule ne garde que le plus probable ; p = 1 garde tout."""
    logits = torch.tensor([0.1, 2.0, -0.4, 1.1, 0.8])
    np.testing.assert_allclose(top_p_probabilities(logits, 1e-6), [0, 1, 0, 0, 0])
    np.testing.assert_allclose(top_p_probabilities(logits, 1.0), torch.softmax(logits, -1), rtol=1e-4)


def test_nucleus_adapts():
    """Avec le même p, un modèle sûr garde un token, un modèle hésitant en garde plusieurs."""
    sure, unsure = torch.tensor([9.0, 0.0, 0.1, 0.2]), torch.tensor([0.3, 0.0, 0.1, 0.2])
    assert int((np.asarray(top_p_probabilities(sure, 0.8)) > 0).sum()) == 1
    assert int((np.asarray(top_p_probabilities(unsure, 0.8)) > 0).sum()) == 4


### BEGIN HIDDEN TESTS
def nucleus_of(logits, p):
    """Take tokens one at a time, from the most probable on, until their total reaches p; None where p is on the edge."""
    shares = softmax_of(logits, 1.0)
    kept = np.zeros_like(shares)
    for token in np.argsort(-shares):
        if abs(kept.sum() - p) < 1e-3:
            return None
        if kept.sum() < p:
            kept[token] = shares[token]
    return kept / kept.sum()


def test_any_nucleus():
    """Le noyau est juste pour d'autres logits et d'autres p, sans modifier logits."""
    generator = torch.Generator().manual_seed(91)
    tried = 0
    for logits in (
        2 * torch.randn(6, generator=generator),
        torch.randn(40, generator=generator, dtype=torch.float64),
        torch.randn(3, 5, generator=generator)[:, 2],
        torch.tensor([0.5, -torch.inf, 2.0, -1.0, 1.0]),
        torch.tensor([998.0, 1000.0, 999.0, -1000.0]),
        torch.tensor([-1000.0, -1001.5, -1000.7]),
        torch.tensor([0.3]),
        torch.tensor([1.0, 0.9, -20.0]),
    ):
        for p in (0.03, 0.2, 0.41, 0.55, 0.68, 0.83, 0.92):
            before, expected = logits.clone(), nucleus_of(logits, p)
            if expected is None:
                continue
            result = top_p_probabilities(logits, p)
            assert isinstance(result, torch.Tensor)
            assert tuple(result.shape) == expected.shape
            np.testing.assert_allclose(result.detach(), expected, rtol=2e-3, atol=1e-6)
            np.testing.assert_array_equal(np.asarray(result.detach())[expected == 0], 0)
            assert torch.equal(logits, before)
            tried += 1
    assert tried > 30


### END HIDDEN TESTS
run_tests()

# %% [markdown] nbgrader={"grade": false, "grade_id": "controle-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Contrôle du module du cours
#
# La cellule suivante ne rapporte pas de points. Elle vérifie que le module `attention` utilisé par ce notebook est bien celui du cours et qu'il calcule juste. Si un critère est manqué ici, redémarrez le noyau, exécutez tout le notebook, et prévenez votre enseignant si cela persiste.


# %% nbgrader={"grade": true, "grade_id": "controle-module", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
def test_module_of_the_course():
    """Les fonctions et les classes utilisées sont celles du module attention."""
    assert create_causal_mask.__module__ == "attention.masking"
    assert ScaledDotProductAttention.__module__ == "attention.scaled_dot_product"
    assert MultiHeadAttention.__module__ == "attention.multi_head"


def test_next_logits():
    """next_logits ajoute les votes d'une table, et refuse un contexte vide ou trop long."""
    table = torch.arange(18.0).reshape(2, 3, 3)
    np.testing.assert_array_equal(next_logits(table, [1]), table[0, 1])
    np.testing.assert_array_equal(next_logits(table, [2, 1]), table[0, 1] + table[1, 2])
    for context in ([], [0, 1, 2]):
        with raises(ValueError):
            next_logits(table, context)


### BEGIN HIDDEN TESTS
def test_multi_head_no_leak():
    """MultiHeadAttention respecte le masque : changer l'avenir ne change aucune sortie précédente."""
    layer = MultiHeadAttention(8, 2)
    x = torch.randn(1, 5, 8, generator=torch.Generator().manual_seed(1))
    before, weights = layer(x, x, x, mask=create_causal_mask(5))
    changed = x.clone()
    changed[:, 3:] += torch.linspace(-5, 5, 8)
    after, _ = layer(changed, changed, changed, mask=create_causal_mask(5))
    np.testing.assert_allclose(after.detach()[:, :3], before.detach()[:, :3], atol=1e-6)
    np.testing.assert_array_equal(weights.detach().triu(1), torch.zeros(1, 2, 5, 5))


### END HIDDEN TESTS
run_tests()

# %% [markdown] nbgrader={"grade": false, "grade_id": "resume", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 6. Résumé
#
# ### Ce que vous avez appris
#
# - Un modèle de langue donne des **logits** ; le **décodage** en fait un token : glouton, température, *top-k*.
# - Le masque causal rend le passé **immuable** : ses clés et ses valeurs se gardent dans un **cache**, et écrire $n$ tokens coûte $n^2$ au lieu de $n^3$.
# - Avec un cache, le masque est **décalé** : la requête $i$ voit les clés $j \le n_\text{past} + i$.
# - La cible est l'entrée **décalée d'un cran**, une seule fois ; une passe entraîne toutes les positions.
# - Un bloc *pre-norm* **ajoute** : $h = x + \operatorname{Attention}(\operatorname{norm}_1(x))$, puis $y = h + \operatorname{MLP}(\operatorname{norm}_2(h))$.
# - En génération, le modèle lit **ses propres sorties** : une faute en appelle d'autres.
#
# ### Les formules à retenir
#
# $$p_i = \frac{e^{z_i/T}}{\sum_j e^{z_j/T}} \qquad\qquad M_{ij} = 1 \iff j \le n_\text{past} + i \qquad\qquad L = -\frac{1}{N}\sum \ln p(\text{cible} \mid \text{passé}), \quad \text{perplexité} = e^L$$
#
# ### Trois points à garder
#
# 1. Vérifiez qu'un modèle **non entraîné** a une perte proche de $\ln V$ : nettement en dessous, quelque chose lui souffle la réponse ; bien au-dessus, il est mal initialisé. C'est le test le moins cher du monde.
# 2. Vérifiez qu'un cache donne, aux arrondis près, **la même chose** que le calcul sans cache, par blocs de toutes tailles.
# 3. Lisez où une bibliothèque aligne son masque **avant** de lui donner $n_q \ne n_k$.
#
# ### Et ensuite ?
#
# Vous avez écrit, de la première ligne du masque au dernier caractère généré, ce qui fait un GPT. Les grands modèles ont plus de blocs, plus de données, des tokens plus longs ; la boucle est la même.

# %% [markdown] nbgrader={"grade": false, "grade_id": "rendre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Avant de rendre
#
# Enregistrez le notebook (`Ctrl` + `S`), puis exécutez la cellule suivante : elle exécute tout le notebook à neuf, de haut en bas, comme le fera la correction, et dit ce qu'il faut encore regarder. Rendez ensuite ce fichier, sans changer son nom.

# %% nbgrader={"grade": false, "grade_id": "rendre-verification", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
from checks import check_notebook

check_notebook()
