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
# # Le noyau de l'attention
#
# **Ce que vous allez construire.** Les quelques lignes que tout transformer exécute des milliards de fois : un softmax, un produit scalaire, un masque. Vous les dériverez, vous les écrirez en NumPy puis en PyTorch, vous les casserez exprès pour voir ce qui casse, et vous obtiendrez une couche d'attention qui ne fuit pas, ne déborde pas et ne produit jamais de `nan`.
#
# | | |
# |---|---|
# | **Durée conseillée** | 3 h, dont 1 h 35 d'exercices |
# | **Prérequis** | produit matriciel, exponentielle, espérance et variance, dérivées partielles ; notions de Python, de NumPy et de PyTorch |
# | **Notation** | 20 points : 17 vérifiés automatiquement, 3 pour une question rédigée ; un bonus sans points |
# | **Comment travailler** | exécutez les cellules dans l'ordre ; complétez celles qui contiennent `# VOTRE CODE ICI` ; relancez la cellule de vérification qui suit autant de fois que vous le voulez |
#
# Les cellules de cours et de vérification sont verrouillées. Vous pouvez ajouter vos propres cellules où bon vous semble : elles ne gênent pas la correction.

# %% [markdown] nbgrader={"grade": false, "grade_id": "introduction", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 0. Introduction
#
# ### 0.1 Pourquoi écrire le noyau soi-même ?
#
# Une bibliothèque calcule l'attention en un appel. Pourquoi la réécrire ? Parce que ses erreurs sont **silencieuses**. Un softmax instable donne des résultats justes jusqu'au jour où un score dépasse 709 (en `float64` ; 88 en `float32`). Un masque mal posé donne une perte d'entraînement *meilleure* que celle d'un masque juste, car le modèle triche. Une ligne sans rien à voir donne un `nan` qui, en un pas d'entraînement, se répand dans tous les poids. Aucun de ces codes ne lève d'exception : seul quelqu'un qui sait **ce que le calcul doit vérifier** attrape ces erreurs.
#
# ### 0.2 Objectifs
#
# À la fin de ce notebook, vous saurez :
#
# 1. **dériver** le softmax, et l'écrire de façon stable ;
# 2. expliquer l'attention comme un **dictionnaire souple** ;
# 3. **démontrer** d'où vient le facteur $1/\sqrt{d_k}$ ;
# 4. poser un **masque** pour qu'aucune information ne passe, même par un dénominateur ;
# 5. reconnaître quatre **pièges** presque toujours silencieux ;
# 6. **mesurer une fuite** sans lire le code d'un modèle.

# %% [markdown] nbgrader={"grade": false, "grade_id": "parcours", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 0.3 Le parcours
#
# Ce devoir est le premier des cinq du cours. Chacun s'appuie sur le précédent :
#
# | Devoir | Ce que l'on y construit |
# |---|---|
# | **Le noyau de l'attention** (celui-ci) | le softmax, l'attention avec masque, le masque causal |
# | **Le masque causal** | ce que le masque change dans l'attention ; ses variantes : local, avec remplissage |
# | **L'attention multi-têtes** | plusieurs attentions en parallèle, sur une dimension de plus |
# | **La génération** | un cache qui garde les clés et les valeurs, puis un petit GPT qui écrit, un *token* (un mot ou un morceau de mot) à la fois |
# | **Les masques du monde réel** | documents bout à bout, remplissage à gauche, fenêtres, attention croisée : les masques que l'on rencontre en pratique |
#
# Les suivants utilisent le module `attention` du cours, qui contient sa propre version de ce que vous écrivez ici : un exercice non terminé ne vous bloquera donc pas.

# %% [markdown] nbgrader={"grade": false, "grade_id": "preparation-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 0.4 Préparation
#
# La cellule suivante cherche les dossiers du cours. Celle d'après importe les bibliothèques, les figures et les outils de mesure du cours, et les outils de vérification `checks`.

# %% nbgrader={"grade": false, "grade_id": "demarrage", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
# Cette cellule cherche les dossiers du cours, et prend l'archive du devoir s'ils ne sont pas là.
import importlib.util
import io
import sys
import zipfile
from pathlib import Path

ARCHIVE = "noyau_attention.zip"
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
import math

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
import torch

from attention.figures import canvas, draw_influence, draw_mask, show
from attention.leaks import find_leaks, jacobian_norms, perturbation_norms, visualize_leak
from attention.writing import written
from checks import run_tests, weight

np.set_printoptions(precision=4, suppress=True)
torch.set_printoptions(precision=4, sci_mode=False)

print(f"NumPy {np.__version__}, PyTorch {torch.__version__}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "softmax-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 1. Le softmax
#
# ### 1.1 Des scores aux proportions
#
# Partons de $n$ scores $x_1, \dots, x_n$, des nombres réels quelconques : « à quel point chaque token m'intéresse ». On veut en faire des **proportions** $w_1, \dots, w_n$, et l'on exige :
#
# 1. chaque $w_i$ est **positif**, et leur somme vaut **1** ;
# 2. un score plus grand donne une part plus grande ;
# 3. **seuls les écarts comptent** : le rapport $w_i / w_j$ ne dépend que de $x_i - x_j$.
#
# La troisième exigence dit qu'un score n'a pas d'origine absolue, comme une altitude : ajouter 5 à tous les scores ne doit rien changer.
#
# **Pourquoi l'exponentielle ?** Cherchons des parts proportionnelles à une fonction du score, $w_i = f(x_i) \big/ \sum_k f(x_k)$, avec $f > 0$. D'après l'exigence 3, le rapport $f(x + y) / f(y)$ ne dépend que de l'écart $x$ : il est le même pour $y = 0$. Donc
#
# $$\frac{f(x + y)}{f(y)} = \frac{f(x)}{f(0)}, \qquad\text{soit, en posant } g(x) = \frac{f(x)}{f(0)}, \qquad g(x + y) = g(x)\, g(y).$$
#
# Une somme devient un produit : les seules solutions croissantes sont $g(x) = e^{\lambda x}$, avec $\lambda > 0$. Le choix n'en était pas un. Le réel $\lambda$ règle seulement l'échelle des scores ; en le prenant égal à 1, on obtient le **softmax** :
#
# $$\operatorname{softmax}(x)_i = \frac{e^{x_i}}{\sum_k e^{x_k}}.$$

# %% [markdown] nbgrader={"grade": false, "grade_id": "softmax-echelle-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 1.2 L'échelle des scores décide de tout
#
# Voici le softmax des quatre scores $(0, 1, 2, 3)$ multipliés par $\lambda$. Ce n'est qu'une question d'échelle, et pourtant :

# %% nbgrader={"grade": false, "grade_id": "softmax-echelle", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
scales = (0.0, 0.5, 1.0, 4.0)
figure, ax = plt.subplots(figsize=(8, 3.8), layout="constrained")
colors = sns.color_palette("cividis", len(scales))
for k, (scale, color) in enumerate(zip(scales, colors, strict=True)):
    proportions = torch.softmax(scale * torch.arange(4.0), dim=0).numpy()
    positions = np.arange(4) + 0.2 * (k - 1.5)
    label = f"λ = {scale:g}".replace(".", ",")
    ax.bar(positions, proportions, width=0.18, color=color, edgecolor="black", linewidth=0.5, label=label)
ax.set(title="softmax(λx) pour x = (0, 1, 2, 3)", xlabel="Score x", ylabel="Proportion", xticks=range(4), ylim=(0, 1))
ax.legend()
show(
    figure,
    alt="Diagramme en barres du softmax de quatre scores, pour quatre échelles. À l'échelle 0, les quatre proportions valent 0,25. "
    "Plus l'échelle grandit, plus le score le plus élevé prend tout ; à l'échelle 4, il reçoit presque 1.",
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "softmax-echelle-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# - **$\lambda = 0$** : tous les scores sont égaux, et les parts aussi. Le softmax est une **moyenne**.
# - **$\lambda$ grand** : le plus grand score prend tout. Le softmax devient un **maximum**.
#
# Retenez cette figure : elle expliquera le facteur $1/\sqrt{d_k}$.
#
# **Sa dérivée**, qui servira plusieurs fois dans ce notebook. Notons $w = \operatorname{softmax}(x)$. Comme $\ln w_i = x_i - \ln \sum_k e^{x_k}$,
#
# $$\frac{\partial w_i}{\partial x_j} = w_i\,(\delta_{ij} - w_j), \qquad \delta_{ij} = 1 \text{ si } i = j,\ 0 \text{ sinon.}$$
#
# Deux conséquences. Si $w$ se concentre sur un seul token (un poids de 1, les autres de 0), **toutes** ces dérivées sont nulles : le softmax est *saturé*, le gradient ne passe plus. Et si $i \ne j$, la dérivée vaut $-w_i w_j$ : **chaque score influence toutes les proportions**, par le dénominateur.

# %% [markdown] nbgrader={"grade": false, "grade_id": "softmax-debordement-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 1.3 Ce que la formule devient en machine
#
# Un nombre flottant de 64 bits ne dépasse pas $1{,}8 \times 10^{308}$. Or $e^{710} \approx 2{,}2 \times 10^{308}$. (`np.errstate` fait taire les avertissements de NumPy : ici, on casse exprès.)

# %% nbgrader={"grade": false, "grade_id": "softmax-debordement", "locked": true, "schema_version": 3, "solution": false, "task": false}
with np.errstate(over="ignore", invalid="ignore"):
    for exponent in (709.0, 710.0):
        print(f"exp({exponent:.0f}) = {np.exp(exponent):.1e}".replace(".", ","))
    print(f"exp(89) en float32 = {np.exp(np.float32(89))}")
    print(f"exp(12) en float16 = {np.exp(np.float16(12))}")
    print()

    large_scores = np.array([1000.0, 1001.0, 1002.0])
    naive = np.exp(large_scores) / np.exp(large_scores).sum()
    print("softmax([1000, 1001, 1002]) écrit comme la formule :", naive)

    very_negative_scores = np.array([-1000.0, -1001.0, -1002.0])
    naive = np.exp(very_negative_scores) / np.exp(very_negative_scores).sum()
    print("softmax([-1000, -1001, -1002])                     :", naive)

# %% [markdown] nbgrader={"grade": false, "grade_id": "softmax-stable", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Dans le premier softmax, $\infty / \infty$ ; dans le second, $0 / 0$ : deux fois `nan`, sans la moindre erreur.
#
# ### 1.4 Le remède est dans l'exigence 3
#
# Seuls les écarts comptent : pour tout réel $c$,
#
# $$\frac{e^{x_i - c}}{\sum_k e^{x_k - c}} = \frac{e^{-c}\, e^{x_i}}{e^{-c} \sum_k e^{x_k}} = \operatorname{softmax}(x)_i.$$
#
# On peut donc soustraire ce que l'on veut **avant** l'exponentielle. Quel $c$ choisir ? Avec $c = \max_k x_k$ :
#
# - tous les exposants sont **négatifs ou nuls** : les exponentielles sont entre 0 et 1, aucune ne déborde ;
# - celui du maximum est nul, et $e^0 = 1$ : le dénominateur est compris **entre 1 et $n$**, il n'est jamais nul.
#
# Attention au singulier : « le » maximum est celui de **chaque** groupe de scores que l'on normalise. Dans une matrice dont on normalise les lignes, il y en a un par ligne.
#
# ### 1.5 Et si tout est interdit ?
#
# Un score de $-\infty$ dit « interdit » : $e^{-\infty} = 0$. Si **tous** les scores d'un groupe valent $-\infty$, le maximum aussi, et $-\infty - (-\infty)$ vaut `nan`. La formule n'a plus de sens : $0/0$. Il faut donc une **convention**, et le cours choisit : **des proportions toutes nulles**. Rien à voir, rien à prendre.

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercices", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Comment marchent les exercices
#
# Chaque exercice annonce sa **difficulté** (●○○ à ●●●), un **temps conseillé** et ses **points**. Les indices se déplient d'un clic : essayez d'abord sans.
#
# Dans la cellule qui suit chaque exercice, des vérifications vous répondent aussitôt : ✓ pour un critère réussi, ✗ pour un critère manqué, avec ce qui était attendu et ce que votre code a donné. D'autres vérifications, du même genre, seront faites à la correction : une réponse qui ne marche que sur l'exemple ne suffira pas.
#
# **La manière est libre** : boucles, opérations sur des tableaux entiers ou fonctions de bibliothèque, tout ce qui respecte l'énoncé est accepté. C'est vrai aussi des fonctions de NumPy et de PyTorch qui calculent presque ce que l'on vous demande, `torch.softmax` ou `torch.nn.functional.scaled_dot_product_attention` par exemple : vous pouvez les appeler, mais aucune ne remplit l'énoncé à elle seule, et ce qui manque est justement l'exercice.

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-1", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Exercice 1. Un softmax stable
#
# **Difficulté** ●○○ · **Temps conseillé** : 15 min · **3 points**
#
# **Prérequis** : réductions de NumPy le long d'un axe (`max`, `sum`, `keepdims`).
#
# Écrivez `softmax_from_scratch(x, axis=-1)`, qui renvoie un tableau NumPy de **même forme** que `x`, normalisé le long de l'axe `axis`.
#
# - **Stable** : des scores de plusieurs dizaines de milliers, positifs ou négatifs, donnent le bon résultat. Un score fini n'est jamais une interdiction, si bas soit-il : $(-50\,000\,;\ -\infty)$ donne $(1\,;\ 0)$.
# - **Tout axe** : `x` a une dimension ou plus ; `axis` peut être négatif.
# - **Tranche interdite** : un groupe de scores tous égaux à $-\infty$ donne des zéros, jamais `nan`. Un groupe qui n'en contient que quelques-uns est normalisé sur les autres.
# - `x` contient des flottants (`float32` ou `float64`) ou des entiers, et n'est **pas modifié**. Le type du résultat est libre.
# - **Précision** : vous pouvez calculer dans le type de `x`. L'erreur relative permise est de $10^{-5}$, ou de $4\,\varepsilon \max |x|$ si c'est davantage, où $\varepsilon$ est la précision du type de `x` : $1{,}2 \times 10^{-7}$ en `float32`, $2{,}2 \times 10^{-16}$ en `float64`. Près de 3 000, en effet, deux nombres voisins de `float32` sont distants de $2{,}4 \times 10^{-4}$.
#
# Un avertissement de NumPy n'enlève pas de points, mais votre code peut n'en produire aucun : évitez le calcul impossible au lieu de le réparer.
#
# **Un exemple à faire à la main.** $\operatorname{softmax}(0,\ \ln 2,\ \ln 5) = \left(\tfrac18,\ \tfrac28,\ \tfrac58\right)$.
#
# <details><summary>Indice 1 : l'ordre des opérations</summary>
#
# Trois étapes : soustraire le maximum de chaque groupe, prendre l'exponentielle, diviser par la somme de chaque groupe.
#
# </details>
# <details><summary>Indice 2 : des formes qui s'accordent</summary>
#
# `x.max(axis=axis, keepdims=True)` garde une dimension de taille 1 à la place de celle qu'il réduit : le résultat se soustrait directement à `x`, quel que soit l'axe.
#
# </details>
# <details><summary>Indice 3 : la tranche interdite</summary>
#
# Là où le maximum vaut `-np.inf`, remplacez-le par 0 (`np.where`) avant de soustraire : les exponentielles valent alors toutes 0. Il reste à ne pas diviser par une somme nulle ; par quoi pouvez-vous la remplacer sans changer le résultat ?
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "exercice-1-reponse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax_from_scratch(x, axis=-1):
    """Renvoie le softmax de x le long d'un axe, calculé de façon stable.

    Args:
        x: tableau NumPy de scores, d'une dimension ou plus ; -inf = interdit.
        axis: axe le long duquel les proportions sont de somme 1.

    Returns:
        Tableau NumPy de même forme que x. Une tranche entièrement à -inf donne des zéros.
    """
    ### BEGIN SOLUTION
    largest = x.max(axis=axis, keepdims=True)
    largest = np.where(largest == -np.inf, 0, largest)
    exponentials = np.exp(x - largest)
    total = exponentials.sum(axis=axis, keepdims=True)
    return exponentials / np.where(total == 0, 1, total)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "exercice-1-verification", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
def check_softmax(result, expected, rtol=1e-5):
    assert isinstance(result, np.ndarray), "softmax_from_scratch doit renvoyer un tableau NumPy (np.ndarray)."
    np.testing.assert_allclose(result, expected, rtol=rtol, atol=1e-6)


@weight(0.5)
def test_example():
    """Le softmax de (0, ln 2, ln 5) est celui de l'énoncé."""
    check_softmax(softmax_from_scratch(np.log([1.0, 2.0, 5.0])), [1 / 8, 2 / 8, 5 / 8])


@weight(0.5)
def test_axis():
    """L'axe demandé est celui qui est normalisé."""
    scores = np.log([[1.0, 2.0, 5.0], [3.0, 2.0, 15.0]])
    check_softmax(softmax_from_scratch(scores), [[0.125, 0.25, 0.625], [0.15, 0.1, 0.75]])
    check_softmax(softmax_from_scratch(scores, axis=0), [[0.25, 0.5, 0.25], [0.75, 0.5, 0.75]])


@weight(0.5)
def test_large_scores():
    """Des scores de 1000 ou de -1000 ne débordent pas."""
    expected = [0.09003057, 0.24472847, 0.66524096]
    check_softmax(softmax_from_scratch(np.array([1000.0, 1001.0, 1002.0])), expected)
    check_softmax(softmax_from_scratch(np.array([-1002.0, -1001.0, -1000.0])), expected)


@weight(0.5)
def test_blocked_slice():
    """Une tranche entièrement à -inf donne des zéros, et les autres restent justes."""
    scores = np.array([[-np.inf, -np.inf], [0.0, 0.0]])
    check_softmax(softmax_from_scratch(scores), [[0, 0], [0.5, 0.5]])


### BEGIN HIDDEN TESTS
def reference_softmax(x, axis):
    """Compute the softmax slice by slice, in float64, from its definition over the allowed scores."""

    def of_slice(scores):
        proportions = np.zeros(len(scores))
        allowed = scores > -np.inf
        if allowed.any():
            kept = scores[allowed] - scores[allowed].max()
            proportions[allowed] = np.exp(kept) / np.exp(kept).sum()
        return proportions

    return np.apply_along_axis(of_slice, axis, np.asarray(x, dtype=float))


def relative_error_allowed(x):
    """Return what the statement grants: four units in the last place of the largest score, in the type of x."""
    finite = np.abs(x[np.isfinite(x)])
    return max(1e-5, 4 * np.finfo(x.dtype).eps * finite.max(initial=0))


def test_any_axis():
    """Toute forme et tout axe conviennent, négatif ou non, d'un appel à l'autre."""
    rng = np.random.default_rng(11)
    for shape in ((5,), (1,), (3, 4), (4, 1), (2, 3, 4), (2, 1, 3, 5), (5,)):
        scores = 2 * rng.standard_normal(shape)
        for axis in range(-len(shape), len(shape)):
            check_softmax(softmax_from_scratch(scores, axis=axis), reference_softmax(scores, axis))
        check_softmax(softmax_from_scratch(scores), reference_softmax(scores, -1))


def test_each_slice_is_stable():
    """Des tranches d'échelles très différentes sont justes dans un même tableau."""
    scores = np.array([[3000.0, 3001.5, 2999.0], [-4000.0, -4003.0, -3999.0], [0.5, -1.0, 2.0], [80.0, -900.0, 79.0]])
    for dtype in (np.float64, np.float32):
        given = scores.astype(dtype)
        rtol = relative_error_allowed(given)
        check_softmax(softmax_from_scratch(given.copy()), reference_softmax(given, -1), rtol)
        check_softmax(softmax_from_scratch(given.T.copy(), axis=0), reference_softmax(given.T, 0), rtol)


def test_blocked_scores():
    """Les scores à -inf donnent exactement 0, quelques-uns ou toute une tranche, sur tout axe."""
    rng = np.random.default_rng(12)
    scores = 3 * rng.standard_normal((3, 4, 5))
    scores[rng.random(scores.shape) < 0.4] = -np.inf
    scores[0, 1, :], scores[1, :, 2], scores[:, 3, 4] = -np.inf, -np.inf, -np.inf
    for axis in (0, 1, 2, -1):
        result = softmax_from_scratch(scores, axis=axis)
        check_softmax(result, reference_softmax(scores, axis))
        assert not np.any(np.asarray(result)[scores == -np.inf])
    check_softmax(softmax_from_scratch(np.full((2, 3), -np.inf), axis=0), np.zeros((2, 3)))
    apart = np.array([[-np.inf, -np.inf, -np.inf], [1000.0, 1001.0, -np.inf], [-5000.0, -np.inf, -5001.0]])
    check_softmax(softmax_from_scratch(apart), reference_softmax(apart, -1))
    check_softmax(softmax_from_scratch(apart.T, axis=0), reference_softmax(apart.T, 0))
    low = np.array([[-12000.0, -np.inf, -12001.0], [-np.inf, -np.inf, -40000.0], [-np.inf, 30000.0, 29999.5]])
    check_softmax(softmax_from_scratch(low), reference_softmax(low, -1))
    check_softmax(softmax_from_scratch(low.T, axis=0), reference_softmax(low.T, 0))


def test_input_is_left_alone():
    """Le tableau reçu n'est pas modifié ; les entiers et les vues transposées conviennent."""
    floats = np.array([[1.0, -2.0, 0.5], [4.0, 4.0, -np.inf]])
    for scores in (floats, floats.T, np.array([[3, 1, 2], [0, -7, 5]]), np.array([2, 2, 2, 900])):
        before = scores.copy()
        check_softmax(softmax_from_scratch(scores), reference_softmax(before, -1))
        check_softmax(softmax_from_scratch(scores, axis=0), reference_softmax(before, 0))
        np.testing.assert_array_equal(scores, before)


### END HIDDEN TESTS
run_tests(points=3)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-1-plus-loin", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Pour aller plus loin.** La fonction $x \mapsto \ln \sum_k e^{x_k}$ s'appelle *log-sum-exp* ; c'est une version lisse du maximum, et sa dérivée est le softmax (vérifiez-le). Écrivez-la de façon stable avec la même idée : c'est elle que calcule toute fonction de perte qui part de scores, comme `torch.nn.functional.cross_entropy`. On peut même en tirer le softmax, $e^{x_i - \ln \sum_k e^{x_k}}$, juste à la précision que l'énoncé permet : essayez-la en `float32` sur des scores proches de 3 000, puis dites où se sont perdus les chiffres.

# %% [markdown] nbgrader={"grade": false, "grade_id": "attention-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 2. De la ressemblance à l'attention
#
# ### 2.1 Un dictionnaire souple
#
# Un dictionnaire Python répond à une **requête** en cherchant la **clé** qui lui est égale, et rend sa **valeur**. Deux défauts : une requête absente ne donne rien, et « égal ou non » n'a pas de dérivée, donc rien à apprendre.
#
# L'attention est un dictionnaire **souple**. La requête $q$, les clés $k_j$ et les valeurs $v_j$ sont des vecteurs, et la réponse est un **mélange** de toutes les valeurs, chacune pesant d'autant plus que sa clé **ressemble** à la requête :
#
# $$\text{réponse} = \sum_j a_j\, v_j, \qquad a = \operatorname{softmax}\big(\text{ressemblance}(q, k_1), \dots, \text{ressemblance}(q, k_n)\big).$$
#
# Le dictionnaire ordinaire est le cas limite où un seul poids vaut 1. Pour la ressemblance, on prend le **produit scalaire** $q \cdot k_j = \lVert q \rVert\, \lVert k_j \rVert \cos\theta$ : grand si les vecteurs pointent dans la même direction, nul s'ils sont perpendiculaires, négatif s'ils s'opposent. Tous les produits d'un coup ne sont qu'un produit de matrices, ce que les machines font de mieux.

# %% nbgrader={"grade": false, "grade_id": "dictionnaire", "locked": true, "schema_version": 3, "solution": false, "task": false}
names = ["chat", "chien", "camion"]
keys = torch.tensor([[3.0, 0.5], [2.5, 1.5], [-2.0, 2.5]])  # (3 clés, 2 nombres) : animal ? gros ?
values = torch.tensor([[4.0], [20.0], [9000.0]])  # (3 valeurs, 1 nombre) : une masse en kilogrammes
query = torch.tensor([3.0, -0.5])  # un petit animal, absent du dictionnaire

similarities = keys @ query
proportions = torch.softmax(similarities, dim=0)
for name, similarity, proportion in zip(names, similarities, proportions, strict=True):
    print(f"{name:>6} : ressemblance {written(similarity):>6}, poids {written(proportion, 4)}")
print(f"Réponse : {written((proportions @ values)[0], 1)} kg")

# %% nbgrader={"grade": false, "grade_id": "dictionnaire-figure", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
figure, axes = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
colors = sns.color_palette("cividis", 3)
for name, key, color in zip(names, keys, colors, strict=True):
    axes[0].annotate("", xy=key.tolist(), xytext=(0, 0), arrowprops={"arrowstyle": "-|>", "color": color, "lw": 3})
    axes[0].text(key[0].item() + 0.1, key[1].item() + 0.15, name, fontsize=11)
axes[0].annotate("", xy=query.tolist(), xytext=(0, 0), arrowprops={"arrowstyle": "-|>", "ls": "--", "lw": 2})
axes[0].text(query[0].item() + 0.1, query[1].item() - 0.3, "requête", fontsize=11)
axes[0].axhline(0, color="lightgray", zorder=0)
axes[0].axvline(0, color="lightgray", zorder=0)
axes[0].set(title="Trois clés et une requête", xlim=(-3, 4.5), ylim=(-1.5, 3.5), aspect="equal")
axes[0].set(xlabel="← machine · animal →", ylabel="← petit · gros →")
axes[1].bar(names, proportions.numpy(), color=colors, edgecolor="black", linewidth=0.5)
axes[1].bar_label(axes[1].containers[0], [f"{p:.2f}".replace(".", ",") for p in proportions.tolist()])
axes[1].set(title="Le poids de chaque valeur", ylabel="Poids", ylim=(0, 1.1))
show(
    figure,
    alt="À gauche, trois vecteurs clés dans le plan, chat, chien et camion, et une requête presque alignée avec chat. "
    "À droite, le poids de chaque valeur : chat a presque tout, chien un peu, camion rien.",
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "attention-formes", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 2.2 Toutes les requêtes à la fois
#
# Rangeons les requêtes, les clés et les valeurs en lignes. La règle tient en une formule, et ses **formes** disent presque tout le reste :
#
# $$\operatorname{Attention}(Q, K, V) = \underbrace{\operatorname{softmax}\!\left(\frac{Q K^\top}{\sqrt{d_k}}\right)}_{\text{poids } A} V$$
#
# | Objet | Forme | Ce qu'il contient |
# |---|---|---|
# | $Q$ | `(..., n_q, d_k)` | une requête par token qui regarde |
# | $K$ | `(..., n_k, d_k)` | une clé par token regardé |
# | $V$ | `(..., n_k, d_v)` | une valeur par token regardé |
# | scores, poids $A$ | `(..., n_q, n_k)` | ligne $i$ = le token qui regarde, colonne $j$ = le token regardé |
# | sortie $A V$ | `(..., n_q, d_v)` | une réponse par requête |
#
# Les points `...` sont des dimensions de **lot** ou de **têtes**, en nombre quelconque, les mêmes pour $Q$, $K$ et $V$ : chaque élément du lot est calculé à part. Rien n'oblige `n_q` à valoir `n_k` (pendant la génération, une seule requête regarde tout le passé), ni `d_v` à valoir `d_k`. Le softmax se prend sur la **dernière** dimension : ce sont les clés qui se partagent l'attention d'une requête.

# %% [markdown] nbgrader={"grade": false, "grade_id": "racine-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 2.3 Pourquoi $\sqrt{d_k}$ ?
#
# Supposons que les composantes de $q$ et de $k$ soient des variables aléatoires indépendantes, d'espérance 0 et de variance 1 : c'est à peu près le cas au début d'un entraînement. Pour chaque composante $m$, par indépendance,
#
# $$\mathbb{E}[q_m k_m] = \mathbb{E}[q_m]\,\mathbb{E}[k_m] = 0, \qquad \operatorname{Var}(q_m k_m) = \mathbb{E}[q_m^2]\,\mathbb{E}[k_m^2] = 1.$$
#
# Le score $q \cdot k = \sum_m q_m k_m$ est la somme de $d_k$ termes indépendants, donc leurs variances s'ajoutent :
#
# $$\operatorname{Var}(q \cdot k) = d_k, \qquad\text{soit un écart type de } \sqrt{d_k}.$$
#
# Avec $d_k = 256$, les scores sont de l'ordre de $\pm 16$. Revoyez la figure du § 1.2 : à cette échelle, le plus grand score prend presque tout, et les dérivées $w_i(\delta_{ij} - w_j)$ sont presque nulles. La couche n'apprend presque plus. **Diviser par $\sqrt{d_k}$ ramène la variance à 1, quelle que soit la dimension.** Mesurons-le :

# %% nbgrader={"grade": false, "grade_id": "racine-figure", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
generator = torch.Generator().manual_seed(0)
dimensions = [1, 4, 16, 64, 256, 1024]
deviations, largest, slopes = [], {False: [], True: []}, {False: [], True: []}
for dimension in dimensions:
    random_queries = torch.randn(300, 1, dimension, generator=generator)
    random_keys = torch.randn(300, 16, dimension, generator=generator)
    raw_scores = (random_queries @ random_keys.transpose(-1, -2)).squeeze(1)  # (300 tirages, 16 clés)
    deviations.append(raw_scores.std().item())
    for scaled in (False, True):
        w = torch.softmax(raw_scores / (math.sqrt(dimension) if scaled else 1.0), dim=-1)
        softmax_jacobian = torch.diag_embed(w) - w.unsqueeze(-1) * w.unsqueeze(-2)
        largest[scaled].append(w.amax(dim=-1).mean().item())
        slopes[scaled].append(torch.linalg.matrix_norm(softmax_jacobian).mean().item())

figure, axes = plt.subplots(1, 3, figsize=(14, 4.2), layout="constrained")
axes[0].loglog(dimensions, deviations, "o", color="black", label="mesuré")
axes[0].loglog(dimensions, np.sqrt(dimensions), "-", color="gray", label="√d_k")
axes[0].set(title="Écart type des scores q·k", xlabel="d_k")
for scaled, style, label in ((False, "o--", "sans diviser"), (True, "s-", "en divisant par √d_k")):
    color = sns.color_palette("colorblind")[int(scaled)]
    axes[1].semilogx(dimensions, largest[scaled], style, color=color, label=label)
    axes[2].semilogx(dimensions, slopes[scaled], style, color=color, label=label)
axes[1].set(title="Plus grand des 16 poids, en moyenne", xlabel="d_k", ylim=(0, 1.05))
axes[2].set(title="Norme de la dérivée du softmax", xlabel="d_k", ylim=(0, None))
for ax in axes:
    ax.legend()
show(
    figure,
    alt="Trois courbes en fonction de d_k, de 1 à 1024. L'écart type des scores suit √d_k. Sans diviser, le plus grand poids tend vers 1 "
    "et la dérivée du softmax vers 0. En divisant par √d_k, les deux restent à peu près constants.",
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "racine-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# À gauche, la théorie et la mesure coïncident. Au milieu et à droite, **sans** la division, le plus grand poids tend vers 1 et la dérivée vers 0 quand $d_k$ grandit : la couche sature. **Avec** la division, $d_k$ ne joue presque plus.
#
# ### 2.4 Le masque
#
# Un **masque** dit quelles clés chaque requête a le droit de voir. **Convention de tout le cours** : 1 (ou `True`) = « a le droit de voir », 0 (ou `False`) = « bloqué », quel que soit le type des nombres. Sa forme est `(..., n_q, n_k)`, ou toute forme qui s'y **diffuse** (*broadcasting*) : `(n_q, n_k)`, commun à tout le lot ; `(n_k,)`, commun à toutes les requêtes ; `(batch, 1, 1, n_k)`, propre à chaque exemple.
#
# Le masque agit **sur les scores, avant le softmax** : un score bloqué devient $-\infty$. Son poids vaut alors exactement 0, **et** il disparaît du dénominateur. Une ligne **entièrement** bloquée suit la convention du § 1.5 : poids nuls, donc sortie nulle.

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-2", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Exercice 2. L'attention en NumPy
#
# **Difficulté** ●●○ · **Temps conseillé** : 25 min · **5 points**
#
# **Prérequis** : produit matriciel par lots (`@`), diffusion de NumPy, exercice 1.
#
# Écrivez `scaled_dot_product_attention_from_scratch(Q, K, V, mask=None)`, qui renvoie le couple `(output, weights)` de tableaux NumPy :
#
# - les formes sont celles du § 2.2 : zéro, une ou plusieurs dimensions de lot, `n_q` et `n_k` quelconques, `d_v` et `d_k` aussi ;
# - `mask` suit le § 2.4 : polarité, type quelconque (booléens, entiers, flottants), forme qui se diffuse ; sans masque, tout est visible ;
# - une ligne entièrement bloquée donne des poids nuls et une sortie nulle, jamais `nan` ;
# - aucune entrée n'est modifiée ; des entiers conviennent aussi ;
# - **précision** : les poids sont justes à $10^{-5}$ près ou, pour de très grands scores $s$, à $4\,\varepsilon \max |s|$ près, où $\varepsilon = 1{,}2 \times 10^{-7}$ est la précision de `float32`, type dans lequel vous pouvez donc calculer.
#
# Vous pouvez appeler `softmax_from_scratch`. Passer par PyTorch est permis, si les deux résultats sont bien des tableaux NumPy.
#
# **Un exemple à faire à la main**, avec $n_q = 2$, $n_k = 3$, $d_k = 4$ et $d_v = 2$ :
#
# $$Q = \begin{pmatrix} 0 & 0 & 0 & 0 \\ 2 \ln 2 & 0 & 0 & 0 \end{pmatrix} \qquad K = \begin{pmatrix} 0 & 1 & 0 & 2 \\ 1 & 0 & 3 & 0 \\ 2 & 1 & 1 & 1 \end{pmatrix} \qquad V = \begin{pmatrix} 7 & 0 \\ 0 & 7 \\ 7 & 7 \end{pmatrix}$$
#
# Scores : $(0, 0, 0)$ et $(0, \ln 2, 2 \ln 2)$. Poids : $\left(\tfrac13, \tfrac13, \tfrac13\right)$ et $\left(\tfrac17, \tfrac27, \tfrac47\right)$. Sorties : $\left(\tfrac{14}{3}, \tfrac{14}{3}\right)$ et $(5, 6)$. Avec le masque $\begin{pmatrix} 1 & 1 & 0 \\ 1 & 0 & 1 \end{pmatrix}$, les poids deviennent $\left(\tfrac12, \tfrac12, 0\right)$ et $\left(\tfrac15, 0, \tfrac45\right)$, et les sorties $(3{,}5\,;\ 3{,}5)$ et $(7\,;\ 5{,}6)$.
#
# <details><summary>Indice 1 : transposer les deux dernières dimensions</summary>
#
# `K.T` renverse **toutes** les dimensions : avec un lot, ce n'est pas ce que vous voulez. `np.swapaxes(K, -1, -2)` n'échange que les deux dernières.
#
# </details>
# <details><summary>Indice 2 : poser le masque sans rien modifier</summary>
#
# `np.where(condition, a, b)` crée un nouveau tableau et se diffuse tout seul. Quelle condition marche pour un masque de booléens, d'entiers ou de flottants ? (`~mask` ne veut pas dire « non » pour des entiers : `~1` vaut `-2`.)
#
# </details>
# <details><summary>Indice 3 : l'ensemble</summary>
#
# Quatre lignes : les scores, divisés par la racine de la dernière dimension de `Q` ; le masque, s'il y en a un ; les poids, par votre softmax ; la sortie, `weights @ V`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "exercice-2-reponse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    """Calcule softmax(masque(Q Kᵀ / √d_k)) V avec NumPy.

    Args:
        Q: requêtes (..., n_q, d_k).
        K: clés (..., n_k, d_k).
        V: valeurs (..., n_k, d_v).
        mask: masque diffusable en (..., n_q, n_k) : 1 ou True = a le droit de voir, 0 ou False = bloqué.

    Returns:
        Le couple (sortie (..., n_q, d_v), poids (..., n_q, n_k)). Une ligne entièrement bloquée donne des zéros.
    """
    ### BEGIN SOLUTION
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = np.where(mask != 0, scores, -np.inf)
    weights = softmax_from_scratch(scores)
    return weights @ V, weights
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "exercice-2-verification", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
def numpy_example():
    Q = np.array([[0.0, 0.0, 0.0, 0.0], [2 * np.log(2), 0.0, 0.0, 0.0]])
    K = np.array([[0.0, 1.0, 0.0, 2.0], [1.0, 0.0, 3.0, 0.0], [2.0, 1.0, 1.0, 1.0]])
    V = np.array([[7.0, 0.0], [0.0, 7.0], [7.0, 7.0]])
    return Q, K, V


def check_numpy_attention(inputs, mask, expected_output, expected_weights, atol=1e-5):
    output, weights = scaled_dot_product_attention_from_scratch(*inputs, mask=mask)
    for result in (output, weights):
        assert isinstance(result, np.ndarray), "La sortie et les poids doivent être deux tableaux NumPy (np.ndarray)."
    np.testing.assert_allclose(weights, expected_weights, rtol=0, atol=atol)
    np.testing.assert_allclose(output, expected_output, rtol=1e-5, atol=4 * atol)


@weight(0.5)
def test_example():
    """Sans masque, les poids et la sortie sont ceux de l'énoncé."""
    output, weights = scaled_dot_product_attention_from_scratch(*numpy_example())
    np.testing.assert_allclose(weights, [[1 / 3, 1 / 3, 1 / 3], [1 / 7, 2 / 7, 4 / 7]], rtol=0, atol=1e-5)
    np.testing.assert_allclose(output, [[14 / 3, 14 / 3], [5, 6]], rtol=0, atol=1e-5)


@weight(0.5)
def test_masked_example():
    """Avec le masque de l'énoncé, les poids et la sortie sont justes, en entiers comme en booléens."""
    mask = np.array([[1, 1, 0], [1, 0, 1]])
    for same in (mask, mask == 1):
        check_numpy_attention(numpy_example(), same, [[3.5, 3.5], [7, 5.6]], [[0.5, 0.5, 0], [0.2, 0, 0.8]])


@weight(0.5)
def test_batch():
    """Les dimensions de lot et de têtes se conservent."""
    Q, K, V = np.ones((2, 3, 4, 8)), np.ones((2, 3, 5, 8)), np.ones((2, 3, 5, 6))
    check_numpy_attention((Q, K, V), None, np.ones((2, 3, 4, 6)), np.full((2, 3, 4, 5), 0.2))


@weight(0.5)
def test_blocked_row():
    """Une ligne entièrement bloquée donne des poids nuls et une sortie nulle."""
    mask = np.array([[0, 0, 0], [1, 1, 1]])
    check_numpy_attention(numpy_example(), mask, [[0, 0], [5, 6]], [[0, 0, 0], [1 / 7, 2 / 7, 4 / 7]])


### BEGIN HIDDEN TESTS
def numpy_inputs(seed, *batch, n_q=4, n_k=6, d_k=3, d_v=5):
    rng = np.random.default_rng(seed)
    return tuple(rng.standard_normal((*batch, *shape)) for shape in ((n_q, d_k), (n_k, d_k), (n_k, d_v)))


def reference_numpy_attention(Q, K, V, visible=True):
    scores = np.einsum("...id,...jd->...ij", Q, K) / Q.shape[-1] ** 0.5
    visible = np.broadcast_to(visible, scores.shape)
    exponentials = np.where(visible, np.exp(scores - np.where(visible, scores, -np.inf).max(-1, keepdims=True)), 0)
    totals = exponentials.sum(axis=-1, keepdims=True)
    weights = np.divide(exponentials, totals, out=np.zeros_like(scores), where=totals > 0)
    return np.einsum("...ij,...jd->...id", weights, V), weights


def check_numpy_reference(inputs, mask=None, visible=True, atol=1e-5):
    with np.errstate(all="ignore"):
        expected = reference_numpy_attention(*(np.asarray(x, dtype=float) for x in inputs), visible)
    check_numpy_attention(inputs, mask, *expected, atol)


def test_any_shape():
    """Toutes les formes conviennent : avec ou sans lot, n_q ≠ n_k, d_v ≠ d_k, un seul token."""
    sizes = ((4, 6, 3, 5), (6, 4, 5, 2), (1, 7, 2, 3), (5, 1, 4, 1), (3, 3, 1, 4), (1, 1, 9, 2))
    for seed, (n_q, n_k, d_k, d_v) in enumerate(sizes):
        for batch in ((), (2,), (3, 2), (2, 1, 2)):
            check_numpy_reference(numpy_inputs(seed, *batch, n_q=n_q, n_k=n_k, d_k=d_k, d_v=d_v))


def test_any_mask():
    """Tout masque qui se diffuse est respecté, quel que soit son type, propre à chaque exemple ou à chaque tête."""
    rng = np.random.default_rng(21)
    inputs = numpy_inputs(22, 2, 3)
    for shape in ((4, 6), (1, 6), (6,), (4, 1), (2, 1, 4, 6), (2, 1, 1, 6), (3, 4, 6), (2, 3, 4, 6)):
        visible = rng.random(shape) < 0.6
        for dtype in (bool, np.int64, np.uint8, np.float32, np.float64):
            check_numpy_reference(inputs, visible.astype(dtype), visible)
    check_numpy_reference(inputs)
    check_numpy_reference(inputs, np.ones((4, 6), dtype=int))
    for batch in ((3,), (3, 3)):  # where all sizes are equal, only the rules of broadcasting tell the axes apart
        inputs = numpy_inputs(28, *batch, n_q=3, n_k=3, d_k=3, d_v=3)
        check_numpy_reference(inputs)
        for shape in ((3,), (3, 3), (3, 1), (3, 1, 3), (3, 3, 3)):
            visible = rng.random(shape) < 0.6
            check_numpy_reference(inputs, visible.astype(int), visible)


def test_no_leak():
    """Changer l'avenir, même énormément, ne change aucune sortie ni aucun poids du passé."""
    Q, K, V = numpy_inputs(23, 2, n_q=6, n_k=6)
    causal = np.tri(6)
    before = scaled_dot_product_attention_from_scratch(Q, K, V, mask=causal)
    for size in (1.0, 10000.0):
        other_K, other_V = K.copy(), V.copy()
        other_K[:, 3:] += size * np.sign(Q[:, :1])
        other_V[:, 3:] -= size
        after = scaled_dot_product_attention_from_scratch(Q, other_K, other_V, mask=causal)
        for new, old in zip(after, before, strict=True):
            np.testing.assert_allclose(new[:, :3], old[:, :3], rtol=0, atol=1e-7)
            assert np.abs(new[:, 3:] - old[:, 3:]).max() > 1e-3, "L'avenir a changé, et le résultat est resté le même."
    np.testing.assert_allclose(before[1].sum(axis=-1), np.ones((2, 6)), rtol=0, atol=1e-6)


def test_blocked_rows():
    """Les lignes entièrement bloquées donnent des zéros, seules ou toutes, sans gêner les autres."""
    inputs = numpy_inputs(24, 2, 3)
    visible = np.tri(4, 6, k=1) == 1
    visible[0], visible[2] = False, False
    per_example = np.stack([visible, ~visible])[:, None]
    for rows in (visible, per_example, np.zeros((4, 6), dtype=bool), np.zeros(6, dtype=bool)):
        check_numpy_reference(inputs, rows, rows)
        check_numpy_reference(inputs, rows.astype(float), rows)


def test_very_large_scores():
    """De très grands scores ne débordent pas, avec et sans masque."""
    Q, K, V = numpy_inputs(25, 2)
    visible = np.tri(4, 6, k=1) == 1
    one_sided = np.abs(Q), np.abs(K) * np.array([900, 900, 1, 1, 900, 1])[:, None], V
    for inputs in ((900 * Q, 4 * K, V), one_sided):
        largest = np.abs(np.einsum("...id,...jd->...ij", *inputs[:2])).max() / Q.shape[-1] ** 0.5
        atol = max(1e-5, 4 * np.finfo(np.float32).eps * largest)
        check_numpy_reference(inputs, atol=atol)
        check_numpy_reference(inputs, visible, visible, atol=atol)


def test_inputs_are_left_alone():
    """Aucune entrée n'est modifiée ; des entiers et des vues transposées conviennent."""
    rng = np.random.default_rng(26)
    integers = tuple(rng.integers(-3, 4, shape) for shape in ((2, 4, 3), (2, 6, 3), (2, 6, 5)))
    views = tuple(x.swapaxes(-1, -2) for x in (np.ones((2, 3, 4)), rng.random((2, 3, 6)), rng.random((2, 5, 6))))
    for inputs in (numpy_inputs(27, 2), integers, views):
        visible = rng.random((4, 6)) < 0.6
        visible[1] = False
        for mask in (visible.astype(int), visible.astype(float), visible.copy()):
            before = [x.copy() for x in (*inputs, mask)]
            check_numpy_reference(inputs, mask, visible)
            for now, then in zip((*inputs, mask), before, strict=True):
                np.testing.assert_array_equal(now, then)


### END HIDDEN TESTS
run_tests(points=5)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-2-plus-loin", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Pour aller plus loin.** Multipliez toutes vos clés par 10 : que deviennent les poids ? Ajoutez le même vecteur à toutes les clés : que deviennent-ils ? Expliquez les deux résultats par l'exigence 3 du § 1.1, puis dites pourquoi beaucoup de modèles récents **normalisent** les requêtes et les clés avant le produit scalaire.

# %% [markdown] nbgrader={"grade": false, "grade_id": "causal-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 3. Le masque causal
#
# ### 3.1 La règle
#
# Un modèle qui écrit ne connaît que ce qui est déjà écrit. Son masque est donc **causal** : le token $i$ voit le token $j$ si et seulement si $j \le i$, c'est-à-dire lui-même et le passé.
#
# $$M_{ij} = \begin{cases} 1 & \text{si } j \le i \\ 0 & \text{sinon.} \end{cases}$$
#
# Les positions sont numérotées à partir de 0, comme en Python. Avant de l'écrire, dessinez-le sur papier pour 4 tokens, puis comparez à la figure. Ligne $i$ = ce que **voit** le token $i$ ; colonne $j$ = **par qui** le token $j$ est vu.

# %% nbgrader={"grade": false, "grade_id": "causal-figure", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
figure, axes = canvas(1, side=3.6)
draw_mask(axes[0], np.less_equal.outer(-np.arange(6), -np.arange(6)), "Que voit le token i ?")
show(
    figure,
    alt="Masque causal de 6 tokens : la diagonale et tout ce qui est en dessous valent 1, tout ce qui est au-dessus vaut 0.",
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "causal-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Le premier token ne voit que lui-même, le dernier voit tout. Il y a $\tfrac{n(n+1)}{2}$ cases permises : un peu plus de la moitié.
#
# ### 3.2 L'appareil
#
# En PyTorch, un tenseur vit sur un **appareil** (*device*) : le processeur (`"cpu"`), une carte graphique (`"cuda"`)… Un masque resté sur le processeur ne peut pas être appliqué à des scores qui sont sur la carte graphique : il faut le construire là où il servira.
#
# Pour s'exercer sans carte graphique, PyTorch propose l'appareil `"meta"` : ses tenseurs ont une forme et un type, mais **aucun contenu**. Il dit donc si un code respecte l'appareil demandé.

# %% nbgrader={"grade": false, "grade_id": "causal-appareil", "locked": true, "schema_version": 3, "solution": false, "task": false}
ghost = torch.zeros(2, 3, device="meta")
print(ghost)
print(f"Forme : {tuple(ghost.shape)}, appareil : {ghost.device}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-3", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Exercice 3. Le masque causal, deux fois
#
# **Difficulté** ●○○ · **Temps conseillé** : 10 min · **3 points**
#
# **Prérequis** : boucles, création de tableaux et de tenseurs.
#
# Écrivez deux fonctions, pour `seq_len` supérieur ou égal à 1 :
#
# - `create_causal_mask_manual(seq_len)` renvoie un **tableau NumPy** de forme `(seq_len, seq_len)`. L'esprit de l'exercice est d'écrire la définition avec deux boucles, mais toute manière est acceptée.
# - `create_causal_mask(seq_len, device="cpu")` renvoie un **tenseur PyTorch** de même forme, **sur l'appareil demandé**, quel qu'il soit (la correction essaie aussi `"meta"`).
#
# Le type des nombres est libre (booléens, entiers ou flottants). Pour `seq_len = 4` :
#
# $$\begin{pmatrix}
# 1 & 0 & 0 & 0 \\
# 1 & 1 & 0 & 0 \\
# 1 & 1 & 1 & 0 \\
# 1 & 1 & 1 & 1
# \end{pmatrix}$$
#
# <details><summary>Indice 1 : lire la définition mot pour mot</summary>
#
# Partez de zéros. Pour chaque $i$, pour chaque $j$ : si $j \le i$, la case `[i, j]` vaut 1. Jusqu'où `range(i)` va-t-il ?
#
# </details>
# <details><summary>Indice 2 : sans boucle</summary>
#
# « Triangulaire inférieure » se dit *lower triangular*. Cherchez une fonction de PyTorch dont le nom l'abrège, et que vous appliquerez à une matrice de 1.
#
# </details>
# <details><summary>Indice 3 : l'appareil</summary>
#
# Toutes les fonctions de PyTorch qui créent un tenseur acceptent `device=…` ; un tenseur déjà créé se copie ailleurs par `.to(device)`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "exercice-3-reponse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def create_causal_mask_manual(seq_len):
    """Construit le masque causal case par case, comme le dit sa définition.

    Args:
        seq_len: nombre de tokens, au moins 1.

    Returns:
        Tableau NumPy de forme (seq_len, seq_len), 1 = a le droit de voir.
    """
    ### BEGIN SOLUTION
    mask = np.zeros((seq_len, seq_len), dtype=int)
    for i in range(seq_len):  # le token qui regarde
        for j in range(seq_len):  # le token regardé
            if j <= i:
                mask[i, j] = 1
    return mask
    ### END SOLUTION


def create_causal_mask(seq_len, device="cpu"):
    """Construit le masque causal avec PyTorch, sur l'appareil demandé.

    Args:
        seq_len: nombre de tokens, au moins 1.
        device: appareil du tenseur, par exemple "cpu" ou "cuda".

    Returns:
        Tenseur PyTorch de forme (seq_len, seq_len), 1 = a le droit de voir.
    """
    ### BEGIN SOLUTION
    return torch.tril(torch.ones(seq_len, seq_len, device=device))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "exercice-3-verification", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
def check_numpy_mask(mask, expected):
    assert isinstance(mask, np.ndarray), "create_causal_mask_manual doit renvoyer un tableau NumPy (np.ndarray)."
    assert mask.shape == np.shape(expected)
    np.testing.assert_array_equal(mask, expected)


def check_torch_mask(mask, expected):
    assert isinstance(mask, torch.Tensor), "create_causal_mask doit renvoyer un tenseur PyTorch."
    assert mask.device.type == "cpu", "Sans appareil demandé, le masque doit être sur le processeur."
    assert tuple(mask.shape) == np.shape(expected)
    np.testing.assert_array_equal(mask.detach().double().numpy(), expected)


@weight(0.5)
def test_manual_example():
    """create_causal_mask_manual donne le masque de l'énoncé."""
    check_numpy_mask(create_causal_mask_manual(4), [[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1]])


@weight(0.5)
def test_torch_example():
    """create_causal_mask donne le masque de l'énoncé, en tenseur, sur le processeur."""
    check_torch_mask(create_causal_mask(4), [[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1]])


### BEGIN HIDDEN TESTS
import torch._dynamo  # PyTorch loads it for tensors on "meta": grading loads it once, and not once a submission

LENGTHS = (5, 1, 2, 17, 3, 300, 5)


def test_manual_lengths():
    """create_causal_mask_manual est juste pour toutes les longueurs, d'un appel à l'autre."""
    for seq_len in LENGTHS:
        distance = np.arange(seq_len)[:, None] - np.arange(seq_len)
        check_numpy_mask(create_causal_mask_manual(seq_len), distance >= 0)


def test_torch_lengths():
    """create_causal_mask est juste pour toutes les longueurs, d'un appel à l'autre."""
    for seq_len in LENGTHS:
        distance = np.arange(seq_len)[:, None] - np.arange(seq_len)
        check_torch_mask(create_causal_mask(seq_len), distance >= 0)
        check_torch_mask(create_causal_mask(seq_len, device="cpu"), distance >= 0)


def test_device():
    """create_causal_mask construit le masque sur l'appareil demandé."""
    for device in ("meta", "cpu"):
        mask = create_causal_mask(3, device)
        assert isinstance(mask, torch.Tensor)
        assert tuple(mask.shape) == (3, 3)
        assert mask.device.type == device


### END HIDDEN TESTS
run_tests(points=3)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-3-plus-loin", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Pour aller plus loin.** Pendant la génération, une seule requête nouvelle, la position $p$, regarde $p + 1$ clés gardées en mémoire : `n_q = 1` et `n_k = p + 1`. Quelle ligne du masque causal lui faut-il ? Et si les deux derniers tokens arrivent ensemble ? Vous retrouverez ce masque **décalé** dans le devoir sur la génération.

# %% [markdown] nbgrader={"grade": false, "grade_id": "torch-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 4. L'attention en PyTorch, avec ses gradients
#
# ### 4.1 Ce qui change
#
# Le calcul est le même ; trois choses s'ajoutent.
#
# - **Un module.** Les couches de PyTorch sont des classes dérivées de `torch.nn.Module` : `__init__` reçoit les dimensions, `forward` fait le calcul, et l'on appelle l'objet comme une fonction. La nôtre n'a aucun paramètre à apprendre.
# - **Des gradients.** Tout ce que fait `forward` est enregistré, puis parcouru à l'envers par `backward()`. Un code juste à l'aller peut produire des `nan` **au retour**.
# - **Des types plus courts.** Les modèles se calculent souvent en `float16` (plus grand nombre : 65 504) ou en `bfloat16` (même étendue que `float32`, mais trois chiffres significatifs au plus).
#
# Avant d'écrire votre couche, voyez quatre façons de la rater. Toutes se rencontrent dans du vrai code et, à une exception près, **aucune ne lève d'erreur**.

# %% [markdown] nbgrader={"grade": false, "grade_id": "piege-additif-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 4.2 Quatre pièges
#
# **Piège 1. Additionner un masque de 0 et de 1.** On lit parfois « ajouter le masque aux scores ». C'est vrai d'un masque de 0 et de $-\infty$ ; avec notre convention, ce serait ceci :

# %% nbgrader={"grade": false, "grade_id": "piege-additif", "locked": true, "schema_version": 3, "solution": false, "task": false}
row_of_scores = torch.tensor([2.0, 1.0, 3.0])
row_of_mask = torch.tensor([1.0, 1.0, 0.0])  # le troisième token est bloqué

print("Sans masque           :", written(torch.softmax(row_of_scores, dim=0)))
print("Scores + masque       :", written(torch.softmax(row_of_scores + row_of_mask, dim=0)))
print("Scores × masque       :", written(torch.softmax(row_of_scores * row_of_mask, dim=0)))
print("Attendu               :", written(torch.softmax(row_of_scores[:2], dim=0)), "puis 0")

# %% [markdown] nbgrader={"grade": false, "grade_id": "piege-apres-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Le token « bloqué » garde 42 % de l'attention dans le premier cas, 9 % dans le second ($e^0 = 1$, jamais 0). Le masque a seulement **déformé** les scores.
#
# **Piège 2. Masquer après le softmax.** Puisque l'on veut des poids nuls, pourquoi ne pas les annuler à la fin ? Regardons la ligne du même token quand **l'avenir change** : le score du token bloqué passe de 3 à 6, puis à 200. **Prédisez** d'abord, puis choisissez votre réponse : que deviennent les deux poids permis ?

# %% nbgrader={"grade": false, "grade_id": "piege-apres-prediction", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
from attention.interactive import predict

future_scores = (3.0, 6.0, 200.0)
allowed_weights = [torch.softmax(torch.tensor([2.0, 1.0, score]), dim=0)[:2] for score in future_scores]
expected_weights = torch.softmax(row_of_scores[:2], dim=0)


def weights_after(answer):
    """Dessine les poids permis ; sans réponse, seuls ceux du premier score sont montrés."""
    revealed = answer is not None
    figure, ax = plt.subplots(figsize=(7.5, 3.8), layout="constrained")
    for j, color in enumerate(("#00204d", "#bcaf6f")):
        heights = [pair[j].item() if revealed or not k else 0.0 for k, pair in enumerate(allowed_weights)]
        bars = ax.bar([k + 0.4 * j - 0.2 for k in range(3)], heights, 0.36, color=color, label=f"token {j}")
        ax.bar_label(bars, [written(height) if revealed or not k else "?" for k, height in enumerate(heights)])
        if revealed:
            ax.axhline(expected_weights[j].item(), color=color, linestyle="--")
    ax.set(
        title="Poids permis, masqués après le softmax", xlabel="Score du token bloqué", ylabel="Poids", ylim=(0, 0.85)
    )
    ax.set_xticks(range(3), [written(score, 0) for score in future_scores])
    ax.legend(loc="center right")
    first, *others = [" et ".join(written(weight) for weight in pair) for pair in allowed_weights]
    if not revealed:
        return figure, f"Score bloqué de 3 : les poids permis sont {first}. Pour 6 et pour 200, ils sont à prédire."
    verdict = "C'est juste" if answer == 2 else "Ce n'est pas cela"
    return figure, (
        f"{verdict} : les poids permis passent de {first} à {others[0]}, puis à {others[1]}. "
        f"En pointillé, ce qu'ils devraient être, quel que soit l'avenir : {' et '.join(map(written, expected_weights))}."
    )


predict("Les poids permis :", ["ne changent pas", "grandissent", "tombent vers 0"], weights_after)

# %% [markdown] nbgrader={"grade": false, "grade_id": "piege-apres-nombres", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Les mêmes poids en nombres, avec leur somme, puis divisés par cette somme :

# %% nbgrader={"grade": false, "grade_id": "piege-apres", "locked": true, "schema_version": 3, "solution": false, "task": false}
for future_score in (3.0, 6.0, 200.0):
    row_of_scores = torch.tensor([2.0, 1.0, future_score])
    zeroed = torch.softmax(row_of_scores, dim=0) * row_of_mask
    print(f"Score bloqué = {future_score:.0f}")
    print("  masqué après le softmax :", written(zeroed, 4), f"somme = {written(zeroed.sum(), 4)}")
    print("  puis renormalisé        :", written(zeroed / zeroed.sum(), 4))

# %% [markdown] nbgrader={"grade": false, "grade_id": "piege-demi-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Le poids interdit est bien nul, mais **les poids permis changent avec l'avenir** : son score est resté au dénominateur. Le modèle peut y lire quelque chose de ce qu'il n'a pas le droit de voir. Quant aux lignes « puis renormalisé », gardez leurs nombres pour la question rédigée.
#
# **Piège 3. Un grand nombre négatif à la place de $-\infty$.** Beaucoup de codes écrivent $-10^9$. En `float32`, $e^{-10^9}$ vaut bien 0. Mais :

# %% nbgrader={"grade": false, "grade_id": "piege-demi", "locked": true, "schema_version": 3, "solution": false, "task": false}
half_scores = torch.zeros(3, dtype=torch.float16)
half_blocked = torch.tensor([False, True, True])

print("-1e9 en float16 :", written(torch.tensor(-1e9).half()))
try:
    half_scores.masked_fill(half_blocked, -1e9)
except RuntimeError as error:
    print("masked_fill refuse :", error)

lowest = torch.finfo(torch.float16).min
two_masks = torch.full((3,), lowest, dtype=torch.float16) + lowest  # un masque causal et un masque de remplissage
print("Le plus petit float16 :", written(lowest, 0), "; ajouté deux fois :", written(two_masks))
print("Ligne bloquée deux fois      :", written(torch.softmax(half_scores + two_masks, dim=0)))

print("Ligne toute à -1e9 (float32) :", written(torch.softmax(torch.full((3,), -1e9), dim=0)))

# %% [markdown] nbgrader={"grade": false, "grade_id": "piege-retour-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# En `float16`, $-10^9$ n'existe pas : selon la façon de l'écrire, PyTorch refuse, ou met $-\infty$ à la place. Le plus petit nombre représentable ne sauve rien : deux masques qui s'ajoutent débordent, et la ligne devient `nan`. Et même en `float32`, une ligne **entièrement** à $-10^9$ n'est pas nulle : seuls les écarts comptent, donc elle devient **uniforme**, et regarde à parts égales tout ce qui lui est interdit.
#
# **Piège 4. Réparer l'aller sans réparer le retour.** Prenons $-\infty$, et une ligne entièrement bloquée. Son softmax vaut `nan` ; on remplace donc ces poids par 0, juste après. L'aller est propre :

# %% nbgrader={"grade": false, "grade_id": "piege-retour", "locked": true, "schema_version": 3, "solution": false, "task": false}
bias = torch.tensor([[0.0, -torch.inf], [-torch.inf, -torch.inf]])  # le token 1 ne voit rien
sees_something = torch.tensor([[True], [False]])
scores_to_learn = torch.tensor([[0.5, 1.0], [1.5, -0.5]], requires_grad=True)

repaired = torch.where(sees_something, torch.softmax(scores_to_learn + bias, dim=-1), 0.0)
print("Poids réparés :", written(repaired).replace("\n", ""))

repaired.square().sum().backward()
print("Gradient      :", written(scores_to_learn.grad, 4).replace("\n", ""))

# %% [markdown] nbgrader={"grade": false, "grade_id": "piege-retour-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Au retour, `torch.where` envoie bien un gradient nul vers la ligne réparée. Mais il traverse ensuite le softmax, dont la dérivée contient les poids $w_i$ de l'aller, c'est-à-dire `nan` ; et $0 \times \texttt{nan} = \texttt{nan}$. Un seul pas d'entraînement suffit alors à remplir le modèle de `nan`.
#
# La leçon : il ne faut pas **effacer** un `nan`, il faut **ne jamais le calculer**. Si les scores d'une ligne sans rien à voir restent **finis**, son softmax l'est aussi, et ses poids peuvent être annulés ensuite sans danger.
#
# (`masked_fill`, lui, arrête le `nan` au retour : il **remplace** le gradient des cases bloquées au lieu de le multiplier. C'est permis ici, mais c'est compter sur un détail : une addition à la place, et le `nan` passe.)

# %% [markdown] nbgrader={"grade": false, "grade_id": "fuite-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 4.3 Voir une fuite
#
# Comment savoir si une couche triche, sans lire son code ? Une couche causale est une fonction dont la sortie $i$ **ne dépend pas** de l'entrée $j$ dès que $j > i$. « Ne pas dépendre », cela se mesure : la dérivée est nulle. La matrice
#
# $$J_{ij} = \left\lVert \frac{\partial\, \text{sortie}_i}{\partial\, \text{entrée}_j} \right\rVert$$
#
# dit **qui influence qui**. C'est `attention.leaks.jacobian_norms` qui la calcule, par rétropropagation. Dans un sens, le critère est sans appel : **une seule case non nulle au-dessus de la diagonale, et le modèle triche**.
#
# Voici deux couches d'attention où chaque token est à la fois requête, clé et valeur ($Q = K = V$ = l'entrée). La première est celle de PyTorch, avec un masque causal ; la seconde tombe dans le piège 1.

# %% nbgrader={"grade": false, "grade_id": "fuite-figure", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
tokens = torch.randn(6, 4, generator=torch.Generator().manual_seed(3))
past = torch.tensor([[j <= i for j in range(6)] for i in range(6)])


def library_layer(x):
    return torch.nn.functional.scaled_dot_product_attention(x, x, x, attn_mask=past)


def additive_layer(x):
    return torch.softmax(x @ x.T / 2 + past.to(x.dtype), dim=-1) @ x


figure, axes = canvas(2, side=4.2)
for ax, name, layer in zip(axes, ("causale", "qui triche"), (library_layer, additive_layer), strict=True):
    influence = jacobian_norms(layer, tokens)
    draw_influence(ax, influence.numpy(), f"Couche {name}, cases de fuite : {len(find_leaks(influence))}")
show(
    figure,
    alt="Deux cartes des influences de 6 tokens. À gauche, couche causale : le triangle supérieur est gris, donc exactement nul. "
    "À droite, couche qui triche : les 15 cases du triangle supérieur sont non nulles, et encadrées.",
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "fuite-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Comment lire la figure ?** La ligne $i$ dit de quelles entrées dépend la sortie $i$. Gris : dérivée exactement nulle. Encadré : l'avenir a fui.
#
# **Dans l'autre sens, soyez prudent.** Un triangle supérieur nul n'innocente pas la couche, pour deux raisons :
#
# - une dérivée nulle **en un point** ne dit rien des autres points. On mesure donc sur des entrées tirées au hasard, où une vraie dépendance ne s'annule pas par accident ;
# - certaines dépendances **n'ont pas de dérivée**. `detach()` coupe le gradient sans couper l'information ; un arrondi, un `argmax`, une comparaison aussi.
#
# Il faut donc une seconde mesure, plus simple encore : **changer l'avenir, et regarder si le passé bouge**. C'est ce que fait `attention.leaks.perturbation_norms` : elle change les entrées l'une après l'autre, et note de combien bouge chaque sortie. La couche de la cellule suivante ajoute à chaque sortie la somme des tokens à venir, à travers un `detach()`.


# %% nbgrader={"grade": false, "grade_id": "fuite-sans-derivee", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
def detached_layer(x):
    future = 1 - past.to(x.dtype)
    return library_layer(x) + (future @ x).detach()


figure, axes = canvas(2, side=4.2)
for ax, name, measure in zip(axes, ("dérivée", "perturbation"), (jacobian_norms, perturbation_norms), strict=True):
    influence = measure(detached_layer, tokens)
    draw_influence(ax, influence.numpy(), f"Par {name}, cases de fuite : {len(find_leaks(influence))}")
show(
    figure,
    alt="Deux cartes des influences de la même couche. À gauche, par dérivée, le triangle supérieur est gris : aucune fuite n'apparaît. "
    "À droite, par perturbation, les 15 cases du triangle supérieur sont non nulles, et encadrées.",
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "fuite-deux-mesures", "locked": true, "schema_version": 3, "solution": false, "task": false}
# La dérivée ne voit rien, la perturbation voit tout. Pourquoi garder la dérivée, alors ? Parce qu'elle n'arrondit pas : une influence infime, noyée dans les chiffres de la sortie, lui reste visible. **Faites les deux** ; `visualize_leak(couche, entrées)` dessine les dérivées et encadre ce que l'une ou l'autre mesure accuse.
#
# Rien n'oblige à lire le code de la couche, ni même à en disposer : ces mesures valent pour un transformer entier, et pour les couches des devoirs suivants.

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-4", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Exercice 4. La couche d'attention
#
# **Difficulté** ●●● · **Temps conseillé** : 30 min · **6 points** (puis une question rédigée, 3 points)
#
# **Prérequis** : `torch.nn.Module`, exercice 2, les quatre pièges.
#
# Écrivez la classe `ScaledDotProductAttention`, dérivée de `torch.nn.Module`. `ScaledDotProductAttention(d_k)` construit la couche ; l'appeler avec `(Q, K, V, mask=None)` renvoie le couple `(output, weights)`.
#
# - **Formes et masques** : ceux de l'exercice 2, en tenseurs. Un masque peut être de tout type : booléens, entiers, flottants.
# - **Types** : `Q`, `K` et `V` sont de même type, `float16`, `bfloat16`, `float32` ou `float64`. Le type du résultat est libre.
# - **Précision** : vous pouvez calculer dans le type des entrées. Les poids sont justes à $10^{-5}$ près en `float32` et en `float64`, à $10^{-2}$ près en `float16`, à $4 \times 10^{-2}$ près en `bfloat16`, soit cinq à dix fois la précision de ces deux types ; pour de très grands scores $s$, à $4\,\varepsilon \max |s|$ près, avec $\varepsilon = 1{,}2 \times 10^{-7}$. Les sorties le sont à quatre fois cela.
# - **Ligne entièrement bloquée** : poids nuls, sortie nulle, et **gradients finis** ; jamais `nan`, ni à l'aller, ni au retour.
# - **Gradients** : ils remontent de la sortie jusqu'à `Q`, `K` et `V`, et ce sont les bons.
# - Aucune entrée n'est modifiée. Une même couche sert autant de fois que l'on veut, sur des formes différentes et sur des tenseurs transposés ou étendus (*expand*).
#
# `torch.softmax` est permis ; il est stable, mais il renvoie `nan` pour une ligne entièrement à $-\infty$. `torch.nn.functional.scaled_dot_product_attention` l'est aussi ; elle ne renvoie pas les poids, et ne lit pas un masque de flottants comme ce cours : elle l'**ajoute** aux scores.
#
# <details><summary>Indice 1 : transposer, poser le masque</summary>
#
# `K.transpose(-2, -1)` échange les deux dernières dimensions, quel que soit le nombre des autres. `scores.masked_fill(condition, valeur)` renvoie un nouveau tenseur ; la condition est un tenseur de booléens qui se diffuse.
#
# </details>
# <details><summary>Indice 2 : quelle valeur ?</summary>
#
# `-torch.inf` existe dans tous les types flottants, et donne un poids exactement nul. Reste la ligne qui n'a que cela.
#
# </details>
# <details><summary>Indice 3 : la ligne qui ne voit rien</summary>
#
# Repérez les lignes qui voient quelque chose : `visible.any(dim=-1, keepdim=True)`. Dans les autres, laissez les scores finis (n'y mettez pas de $-\infty$), puis annulez leurs poids **après** le softmax : rien d'infini n'est jamais calculé.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "exercice-4-reponse", "locked": false, "schema_version": 3, "solution": true, "task": false}
class ScaledDotProductAttention(torch.nn.Module):
    """Calcule softmax(masque(Q Kᵀ / √d_k)) V.

    Args:
        d_k: dimension des requêtes et des clés.
    """

    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        """Applique l'attention ; aucune entrée n'est modifiée.

        Args:
            Q: requêtes (..., n_q, d_k).
            K: clés (..., n_k, d_k).
            V: valeurs (..., n_k, d_v).
            mask: masque diffusable en (..., n_q, n_k) : 1 ou True = a le droit de voir, 0 ou False = bloqué.

        Returns:
            Le couple (sortie (..., n_q, d_v), poids (..., n_q, n_k)). Une ligne entièrement bloquée donne des zéros.
        """
        ### BEGIN SOLUTION
        scores = Q @ K.transpose(-2, -1) / math.sqrt(self.d_k)
        if mask is None:
            weights = torch.softmax(scores, dim=-1)
            return weights @ V, weights
        visible = mask != 0
        sees_something = visible.any(dim=-1, keepdim=True)
        scores = scores.masked_fill(~visible & sees_something, -torch.inf)
        weights = torch.softmax(scores, dim=-1).masked_fill(~sees_something, 0.0)
        return weights @ V, weights
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "exercice-4-verification", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
def torch_example():
    Q = torch.tensor([[0.0, 0.0, 0.0, 0.0], [2 * math.log(2), 0.0, 0.0, 0.0]])
    K = torch.tensor([[0.0, 1.0, 0.0, 2.0], [1.0, 0.0, 3.0, 0.0], [2.0, 1.0, 1.0, 1.0]])
    V = torch.tensor([[7.0, 0.0], [0.0, 7.0], [7.0, 7.0]])
    return Q, K, V


def plain(tensor):
    assert isinstance(tensor, torch.Tensor), "La couche doit renvoyer deux tenseurs PyTorch, la sortie et les poids."
    return tensor.detach().double().numpy()


def test_is_a_module():
    """La couche dérive de torch.nn.Module, et s'appelle comme une fonction."""
    layer = ScaledDotProductAttention(d_k=4)
    layer(*torch_example())
    assert hasattr(layer, "parameters"), "La couche doit dériver de torch.nn.Module."


@weight(0.25)
def test_example():
    """Sans masque, les poids et la sortie sont ceux de l'énoncé de l'exercice 2."""
    layer = ScaledDotProductAttention(d_k=4)
    output, weights = layer(*torch_example())
    np.testing.assert_allclose(plain(weights), [[1 / 3, 1 / 3, 1 / 3], [1 / 7, 2 / 7, 4 / 7]], rtol=0, atol=1e-5)
    np.testing.assert_allclose(plain(output), [[14 / 3, 14 / 3], [5, 6]], rtol=0, atol=1e-5)


@weight(0.25)
def test_masked_example():
    """Avec le masque de l'énoncé, en flottants comme en booléens, les poids et la sortie sont justes."""
    layer = ScaledDotProductAttention(d_k=4)
    mask = torch.tensor([[1.0, 1.0, 0.0], [1.0, 0.0, 1.0]])
    for same in (mask, mask == 1):
        output, weights = layer(*torch_example(), mask=same)
        np.testing.assert_allclose(plain(weights), [[0.5, 0.5, 0], [0.2, 0, 0.8]], rtol=0, atol=1e-5)
        np.testing.assert_allclose(plain(output), [[3.5, 3.5], [7, 5.6]], rtol=0, atol=1e-5)


@weight(0.25)
def test_blocked_row():
    """Une ligne entièrement bloquée donne des poids nuls et une sortie nulle."""
    layer = ScaledDotProductAttention(d_k=4)
    output, weights = layer(*torch_example(), mask=torch.tensor([[0, 0, 0], [1, 1, 1]]))
    np.testing.assert_allclose(plain(weights), [[0, 0, 0], [1 / 7, 2 / 7, 4 / 7]], rtol=0, atol=1e-5)
    np.testing.assert_allclose(plain(output), [[0, 0], [5, 6]], rtol=0, atol=1e-5)


@weight(0.25)
def test_gradients_flow():
    """Les gradients remontent jusqu'à Q, K et V, finis même si une ligne est entièrement bloquée."""
    Q, K, V = (x.requires_grad_() for x in torch_example())
    layer = ScaledDotProductAttention(d_k=4)
    output, _ = layer(Q, K, V, mask=torch.tensor([[0, 0, 0], [1, 0, 1]]))
    assert output.requires_grad, "La sortie n'est plus reliée à Q, K et V : un detach, ou un passage par NumPy ?"
    output.square().sum().backward()
    for name, tensor in (("Q", Q), ("K", K), ("V", V)):
        reached = tensor.grad is not None and bool(tensor.grad.any())
        assert reached, f"Aucun gradient n'arrive jusqu'à {name}."
        assert bool(torch.isfinite(tensor.grad).all()), f"Le gradient de {name} contient des nan ou des infinis."


### BEGIN HIDDEN TESTS
def torch_inputs(seed, *batch, n_q=4, n_k=6, d_k=3, d_v=5, dtype=torch.float32):
    generator = torch.Generator().manual_seed(seed)
    shapes = ((n_q, d_k), (n_k, d_k), (n_k, d_v))
    return [torch.randn(*batch, *shape, generator=generator, dtype=torch.float64).to(dtype) for shape in shapes]


def reference_attention(Q, K, V, visible=None):
    """Compute the formula in float64; rows that see nothing keep finite scores, and get zero weights."""
    scores = torch.einsum("...id,...jd->...ij", Q.double(), K.double()) / Q.shape[-1] ** 0.5
    if visible is None:
        weights = torch.softmax(scores, dim=-1)
    else:
        visible = visible.broadcast_to(scores.shape)
        blind = ~visible.any(dim=-1, keepdim=True)
        weights = torch.softmax(scores.masked_fill(~visible & ~blind, -torch.inf), dim=-1) * ~blind
    return torch.einsum("...ij,...jd->...id", weights, V.double()), weights


def check_attention(layer, inputs, mask=None, visible=None, atol=1e-5):
    output, weights = layer(*inputs) if mask is None else layer(*inputs, mask=mask)
    expected_output, expected_weights = reference_attention(*(x.detach() for x in inputs), visible)
    np.testing.assert_allclose(plain(weights), expected_weights.numpy(), rtol=0, atol=atol)
    np.testing.assert_allclose(plain(output), expected_output.numpy(), rtol=1e-5, atol=4 * atol)
    if visible is not None:
        hidden = ~visible.broadcast_to(weights.shape)
        assert not bool((weights.detach() * hidden).any())
    return output, weights


def rows_that_see_nothing(seed):
    """Return a mask (2, 1, 4, 6) that blocks whole rows, not the same in both examples."""
    visible = torch.rand(2, 1, 4, 6, generator=torch.Generator().manual_seed(seed)) < 0.6
    visible[..., 0] = True
    visible[0, :, 1], visible[0, :, 3], visible[1, :, 0] = False, False, False
    return visible


def test_any_shape():
    """Toutes les formes conviennent : avec ou sans lot ni têtes, n_q ≠ n_k, d_v ≠ d_k, un seul token."""
    sizes = ((4, 6, 3, 5), (6, 4, 5, 2), (1, 7, 2, 3), (5, 1, 4, 1), (3, 3, 1, 4), (1, 1, 9, 2))
    for seed, (n_q, n_k, d_k, d_v) in enumerate(sizes):
        layer = ScaledDotProductAttention(d_k)
        for batch in ((), (2,), (3, 2), (2, 1, 2)):
            check_attention(layer, torch_inputs(seed, *batch, n_q=n_q, n_k=n_k, d_k=d_k, d_v=d_v))


def test_any_mask():
    """Tout masque qui se diffuse est respecté, quel que soit son type, propre à chaque exemple ou à chaque tête."""
    generator = torch.Generator().manual_seed(41)
    inputs, layer = torch_inputs(42, 2, 3), ScaledDotProductAttention(3)
    for shape in ((4, 6), (1, 6), (6,), (4, 1), (2, 1, 4, 6), (2, 1, 1, 6), (3, 4, 6), (2, 3, 4, 6)):
        visible = torch.rand(shape, generator=generator) < 0.6
        for dtype in (torch.bool, torch.int64, torch.uint8, torch.float32, torch.float64):
            check_attention(layer, inputs, visible.to(dtype), visible)
    check_attention(layer, inputs)
    for batch in ((3,), (3, 3)):  # where all sizes are equal, only the rules of broadcasting tell the axes apart
        inputs = torch_inputs(58, *batch, n_q=3, n_k=3, d_k=3, d_v=3)
        check_attention(layer, inputs)
        for shape in ((3,), (3, 3), (3, 1), (3, 1, 3), (3, 3, 3)):
            visible = torch.rand(shape, generator=generator) < 0.6
            check_attention(layer, inputs, visible.int(), visible)


def test_no_leak():
    """Changer l'avenir, même énormément, ne change aucune sortie ni aucun poids du passé ; chaque ligne est de somme 1."""
    Q, K, V = torch_inputs(43, 2, n_q=6, n_k=6)
    causal, layer = torch.ones(6, 6).tril(), ScaledDotProductAttention(3)
    before = layer(Q, K, V, mask=causal)
    for size in (1.0, 10000.0):
        other_K, other_V = K.clone(), V.clone()
        other_K[:, 3:] += size * torch.sign(Q[:, :1])
        other_V[:, 3:] -= size
        after = layer(Q, other_K, other_V, mask=causal)
        for new, old in zip(after, before, strict=True):
            np.testing.assert_allclose(plain(new)[:, :3], plain(old)[:, :3], rtol=0, atol=1e-6)
            changed = np.abs(plain(new)[:, 3:] - plain(old)[:, 3:]).max()
            assert changed > 1e-3, "L'avenir a changé, et le résultat est resté le même."
    np.testing.assert_allclose(plain(before[1]).sum(axis=-1), np.ones((2, 6)), rtol=0, atol=1e-5)


def test_blocked_rows():
    """Les lignes entièrement bloquées donnent des zéros et des gradients finis, seules ou toutes."""
    layer = ScaledDotProductAttention(3)
    for visible in (rows_that_see_nothing(44), torch.zeros(4, 6, dtype=torch.bool), torch.zeros(6, dtype=torch.bool)):
        for mask in (visible, visible.float()):
            inputs = [x.requires_grad_() for x in torch_inputs(45, 2, 3)]
            output, weights = check_attention(layer, inputs, mask, visible)
            (output.sin().sum() + weights.square().sum()).backward()
            for tensor in inputs:
                assert tensor.grad is None or bool(torch.isfinite(tensor.grad).all())


def test_short_types():
    """En float16, en bfloat16 et en float64, avec un masque, tout est juste, fini, et les gradients aussi."""
    visible = rows_that_see_nothing(46)
    for dtype, atol in ((torch.float16, 1e-2), (torch.bfloat16, 4e-2), (torch.float64, 1e-6)):
        layer = ScaledDotProductAttention(3)
        check_attention(layer, torch_inputs(47, 2, 3, dtype=dtype), atol=atol)
        for mask in (visible, visible.to(dtype), visible.int()):
            inputs = [x.requires_grad_() for x in torch_inputs(47, 2, 3, dtype=dtype)]
            output, _ = check_attention(layer, inputs, mask, visible, atol)
            output.double().square().sum().backward()
            assert all(bool(torch.isfinite(tensor.grad).all()) for tensor in inputs)


def test_gradients():
    """Les gradients de la sortie par rapport à Q, à K et à V sont ceux de la formule."""
    visible = rows_that_see_nothing(48)
    for mask, seen in ((None, None), (visible, visible), (visible.double(), visible)):
        ours, others = ([x.requires_grad_() for x in torch_inputs(49, 2, 3, dtype=torch.float64)] for _ in range(2))
        layer = ScaledDotProductAttention(3)
        obtained = layer(*ours) if mask is None else layer(*ours, mask=mask)
        expected = reference_attention(*others, seen)
        for output, _ in (obtained, expected):
            output.double().sin().sum().backward()
        for mine, other in zip(ours, others, strict=True):
            np.testing.assert_allclose(mine.grad, other.grad.numpy(), rtol=0, atol=1e-4)


def test_very_large_scores():
    """De très grands scores ne débordent pas, avec et sans masque."""
    Q, K, V = torch_inputs(50, 2)
    layer, visible = ScaledDotProductAttention(3), torch.ones(4, 6).tril(diagonal=1) == 1
    for inputs in ((900 * Q, 4 * K, V), (Q.abs(), K.abs() * torch.tensor([900, 1, 900, 1, 900, 1])[:, None], V)):
        largest = (inputs[0].double() @ inputs[1].double().mT).abs().max().item() / 3**0.5
        atol = max(1e-5, 4 * torch.finfo(torch.float32).eps * largest)
        check_attention(layer, inputs, atol=atol)
        check_attention(layer, inputs, visible, visible, atol=atol)


def test_repeated_calls():
    """Aucune entrée n'est modifiée ; une couche sert plusieurs fois, plusieurs couches ensemble, sur toutes sortes de vues."""
    first, second = ScaledDotProductAttention(3), ScaledDotProductAttention(8)
    visible = torch.rand(4, 6, generator=torch.Generator().manual_seed(51)) < 0.6
    visible[1] = False
    transposed = [x.transpose(-1, -2).contiguous().transpose(-1, -2) for x in torch_inputs(52, 2, 3)]
    expanded = [x.expand(2, 3, *x.shape) for x in torch_inputs(53)]
    split_heads = [x.transpose(1, 2).contiguous().transpose(1, 2) for x in torch_inputs(57, 2, 3)]
    for layer, inputs, mask in (
        (first, torch_inputs(54, 2, 3), visible.clone()),
        (second, torch_inputs(55, 2, d_k=8), visible.float()),
        (first, transposed, visible.long()),
        (first, expanded, visible.clone()),
        (first, split_heads, visible.double()),
        (second, torch_inputs(56, d_k=8), visible.clone()),
    ):
        before = [x.clone() for x in (*inputs, mask)]
        check_attention(layer, inputs, mask, visible)
        check_attention(layer, inputs)
        unchanged = all(torch.equal(now, then) for now, then in zip((*inputs, mask), before, strict=True))
        assert unchanged
    one_row = torch.tensor([1.0, 1.0, 0.0, 1.0, 0.0, 1.0])
    check_attention(first, transposed, one_row.expand(4, 6), one_row.expand(4, 6) == 1)
    for n_q, n_k in ((2, 3), (5, 9), (1, 4)):
        inputs, visible = torch_inputs(59, 2, n_q=n_q, n_k=n_k), torch.ones(n_q, n_k).tril() == 1
        check_attention(first, inputs, visible.float(), visible)
        check_attention(first, inputs)


### END HIDDEN TESTS
run_tests(points=6)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-4-epreuve-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Votre couche à l'épreuve.** Une fois la classe et le masque écrits, exécutez la cellule suivante : elle mesure par où passent les influences dans **votre** couche.

# %% nbgrader={"grade": false, "grade_id": "exercice-4-epreuve", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
try:
    my_layer = globals()["ScaledDotProductAttention"](d_k=4)
    my_mask = globals()["create_causal_mask"](6)
    show(
        visualize_leak(lambda x: my_layer(x, x, x, mask=my_mask), tokens, title="Votre couche, votre masque"),
        alt="Carte des influences de votre couche d'attention avec votre masque causal, pour 6 tokens : "
        "une case encadrée au-dessus de la diagonale est une fuite.",
    )
except Exception as error:
    print("La carte apparaîtra ici quand create_causal_mask et ScaledDotProductAttention répondront.")
    print(f"Pour l'instant, Python s'arrête sur : {type(error).__name__}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "question-4", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Question rédigée. Lire une carte des influences
#
# **Difficulté** ●●○ · **Temps conseillé** : 15 min · **3 points**, notés par une personne
#
# La cellule suivante dessine les cartes de trois couches d'attention, A, B et C, que leurs auteurs croient toutes causales. Celui de C l'a même vérifié : dans sa couche, **tous les poids $a_{ij}$ avec $j > i$ sont exactement nuls**.
#
# En 5 à 10 lignes :
#
# 1. Quelles couches trichent ? Citez pour chacune une case qui le prouve. Quelle erreur d'**une position** l'auteur de A a-t-il sans doute commise ?
# 2. Les poids interdits de C sont nuls, et pourtant l'avenir fuit. **Par où ?** Appuyez-vous sur la dérivée du softmax (§ 1.2).
# 3. L'auteur de C propose de **renormaliser** ses lignes, en divisant chacune par sa somme. Est-ce juste sur le papier ? Est-ce une bonne solution en machine ? Appuyez-vous sur les nombres du piège 2.
#
# <!-- BEGIN MARK SCHEME -->
# **Barème de correction**
#
# - **1 point**, lecture : A et C trichent, B est causale. Une case citée par couche : pour A, une case $(i, i + 1)$, par exemple $(0, 1)$ ; pour C, n'importe quelle case au-dessus de la diagonale. A voit un token de trop : son masque autorise $j \le i + 1$ (un `diagonal=1` ou un `range(i + 2)`). Un demi-point si une couche est bien identifiée sans case, ou si l'erreur de A manque.
# - **1 point**, dénominateur : C masque après le softmax, donc $a_{ij} = e^{s_{ij}} / \sum_k e^{s_{ik}}$ où la somme porte sur **toutes** les clés. Pour $j \le i < k$, $\partial a_{ij} / \partial s_{ik} = -a_{ij}\, a_{ik} \ne 0$ (avec les poids d'avant le masque) : les poids **permis** dépendent de l'avenir. Un demi-point si le dénominateur est nommé sans dérivée ni formule.
# - **1 point**, renormalisation : sur le papier, c'est juste, car le dénominateur se simplifie et il reste $e^{s_{ij}} / \sum_{k \le i} e^{s_{ik}}$ (un demi-point). En machine, non : quand un score de l'avenir domine, les poids permis s'annulent par arrondi et $0/0$ donne `nan` (dernière ligne du piège 2) ; de même pour une ligne entièrement bloquée (un demi-point, une raison suffit). Accepter aussi : la précision perdue dépend de l'avenir, donc un peu d'information fuit encore.
#
# L'orthographe n'est pas notée ; une réponse sans aucune case, aucun nombre ni formule plafonne à 2 points.
# <!-- END MARK SCHEME -->


# %% nbgrader={"grade": false, "grade_id": "question-4-figure", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
def one_too_many(x):
    scores = x @ x.T / 2
    return torch.softmax(scores.masked_fill(torch.ones(6, 6).triu(2) == 1, -torch.inf), dim=-1) @ x


def zeroed_at_the_end(x):
    return (torch.softmax(x @ x.T / 2, dim=-1) * past) @ x


figure, axes = plt.subplots(1, 3, figsize=(17, 5), layout="constrained")
for ax, name, layer in zip(axes, "ABC", (one_too_many, library_layer, zeroed_at_the_end), strict=True):
    draw_influence(ax, jacobian_norms(layer, tokens).numpy(), f"Couche {name}")
show(
    figure,
    alt="Trois cartes des influences de 6 tokens. Couche A : en plus du triangle inférieur, les cases (i, i+1) sont non nulles et encadrées. "
    "Couche B : le triangle supérieur est exactement nul. Couche C : les 15 cases du triangle supérieur sont non nulles, mais petites.",
)

# %% [markdown] nbgrader={"grade": true, "grade_id": "question-4-reponse", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# <!-- BEGIN SOLUTION -->
# **Lecture.** A et C trichent, B est causale. Dans A, les cases juste au-dessus de la diagonale sont non nulles, par exemple $(0, 1)$ : chaque token voit le suivant. L'auteur a sans doute autorisé $j \le i + 1$ au lieu de $j \le i$. Dans C, tout le triangle supérieur est non nul, par exemple la case $(0, 5)$.
#
# **Le dénominateur.** La couche C masque après le softmax. Avant ce masque, $a_{ij} = e^{s_{ij}} / \sum_k e^{s_{ik}}$, et la somme porte sur toutes les clés, avenir compris. Pour $j \le i < k$, on a $\partial a_{ij} / \partial s_{ik} = -a_{ij}\, a_{ik} \ne 0$ : les poids permis changent quand l'avenir change, bien que les poids interdits soient nuls.
#
# **La renormalisation.** Sur le papier, c'est juste : diviser par $\sum_{k \le i} a_{ik}$ simplifie l'ancien dénominateur et laisse $e^{s_{ij}} / \sum_{k \le i} e^{s_{ik}}$. En machine, non : avec un score bloqué de 200, les poids permis sont arrondis à 0 et la division donne `nan`, alors que la réponse attendue est $(0{,}73\,;\ 0{,}27)$. Une ligne entièrement bloquée donne aussi $0/0$. Il faut masquer avant le softmax.
# <!-- END SOLUTION -->

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-4-plus-loin", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Pour aller plus loin.** Comparez votre couche à `torch.nn.functional.scaled_dot_product_attention(Q, K, V, attn_mask=…)`, qui prend le même masque de booléens. Avec `is_causal=True` et `n_q` différent de `n_k`, sur quel coin PyTorch aligne-t-il le triangle ? Est-ce celui qu'il faut pendant la génération ?

# %% [markdown] nbgrader={"grade": false, "grade_id": "bonus", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Bonus. L'attention en une seule lecture
#
# **Difficulté** ●●● · **Temps conseillé** : 20 min · **sans points, pour le plaisir**
#
# Le softmax stable lit les scores trois fois : pour le maximum, pour la somme, pour la division. Peut-on tout faire en **une seule lecture**, sans garder les scores en mémoire ? Oui, et c'est le cœur de *FlashAttention*, qui a rendu possibles les longs contextes.
#
# Écrivez `streaming_attention(scores, values)`, pour une requête : `scores` est un tableau NumPy de forme `(n,)` de nombres finis, `values` de forme `(n, d_v)`, avec $n \ge 1$. La fonction renvoie $\operatorname{softmax}(\texttt{scores})\,\texttt{values}$, de forme `(d_v,)`, en ne parcourant les clés qu'**une** fois. La vérification ne juge que le résultat : lire une seule fois est une règle du jeu, que vous êtes seul à pouvoir vérifier.
#
# <details><summary>Indice 1 : trois quantités suffisent</summary>
#
# Après avoir lu $j$ clés, gardez le plus grand score $m$, la somme $\ell = \sum_k e^{s_k - m}$ et le vecteur $o = \sum_k e^{s_k - m}\, v_k$. Que renvoyer à la fin ?
#
# </details>
# <details><summary>Indice 2 : quand le maximum change</summary>
#
# Si $m$ devient $m'$, chaque terme $e^{s_k - m}$ doit devenir $e^{s_k - m'}$. Par quel même facteur les multiplier tous ?
#
# </details>
# <details><summary>Indice 3 : une étape</summary>
#
# $m' = \max(m, s)$, puis $\ell' = e^{m - m'}\,\ell + e^{s - m'}$, et de même pour $o$. On peut partir du premier score, avec $\ell = 1$.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "bonus-reponse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def streaming_attention(scores, values):
    """Renvoie softmax(scores) @ values en lisant chaque score une seule fois.

    Args:
        scores: scores d'une requête, de forme (n,), finis, n au moins 1.
        values: valeurs, de forme (n, d_v).

    Returns:
        Tableau NumPy de forme (d_v,).
    """
    ### BEGIN SOLUTION
    largest, total, output = scores[0], 1.0, np.asarray(values[0], dtype=float)
    for score, value in zip(scores[1:], values[1:], strict=True):
        new_largest = max(largest, score)
        shrink, share = np.exp(largest - new_largest), np.exp(score - new_largest)
        largest, total, output = new_largest, shrink * total + share, shrink * output + share * value
    return output / total
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bonus-verification", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
def check_streaming(scores, values):
    shares = np.exp(np.asarray(scores, dtype=float) - max(scores))
    expected = shares @ values / shares.sum()
    result = streaming_attention(scores, values)
    assert isinstance(result, np.ndarray), "streaming_attention doit renvoyer un tableau NumPy (np.ndarray)."
    assert result.shape == expected.shape
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-6)


def test_two_keys():
    """Deux clés de même score : la moyenne de leurs valeurs."""
    check_streaming(np.array([3.0, 3.0]), np.array([[2.0, 0.0], [4.0, 6.0]]))


def test_one_key():
    """Une seule clé : sa valeur."""
    check_streaming(np.array([-7.0]), np.array([[5.0, 1.0, 2.0]]))


def test_any_order():
    """Le maximum peut arriver au début, au milieu ou à la fin."""
    values = np.arange(12.0).reshape(4, 3)
    for scores in ([4.0, 1.0, 2.0, 0.5], [1.0, 4.0, 2.0, 0.5], [0.5, 1.0, 2.0, 4.0], [1.0, 2.0, -3.0, 2.0]):
        check_streaming(np.array(scores), values)


def test_large():
    """Des scores énormes, positifs ou négatifs, ne débordent pas, et rien de ce qui est reçu n'est modifié."""
    check_streaming(np.array([-3000.0, -3001.0]), np.eye(2))
    scores, values = np.array([-1000.0, 1000.0, 1001.0, -2000.0]), np.eye(4)
    copies = scores.copy(), values.copy()
    check_streaming(scores, values)
    np.testing.assert_array_equal(scores, copies[0])
    np.testing.assert_array_equal(values, copies[1])


### BEGIN HIDDEN TESTS
def test_any_size():
    """Le résultat est juste pour d'autres longueurs et d'autres dimensions, sans rien modifier."""
    rng = np.random.default_rng(61)
    for n, d_v, size in ((1, 1, 1), (2, 5, 1), (7, 3, 2), (30, 1, 3), (64, 4, 1), (40, 2, 500), (3, 8, 1)):
        scores, values = size * rng.standard_normal(n), rng.standard_normal((n, d_v))
        columns = np.asfortranarray(values)
        for given in (
            (scores, values),
            (np.sort(scores), values),
            (np.sort(scores)[::-1], columns),
            (np.repeat(scores, 2)[::2] - 700, values),
            (np.round(scores).astype(int), np.round(10 * values).astype(int)),
        ):
            copies = [x.copy() for x in given]
            check_streaming(*given)
            unchanged = all(np.array_equal(x, copy) for x, copy in zip(given, copies, strict=True))
            assert unchanged


### END HIDDEN TESTS
run_tests()

# %% [markdown] nbgrader={"grade": false, "grade_id": "resume", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 5. Résumé
#
# ### Ce que vous avez appris
#
# - Le **softmax** est, à l'échelle près, la seule façon de rendre des parts proportionnelles à une fonction des scores quand seuls les écarts comptent ; soustraire le maximum de chaque groupe le rend stable sans rien changer au résultat.
# - L'**attention** est un dictionnaire souple : le produit scalaire dit la ressemblance, le softmax en fait des poids, les valeurs se mélangent.
# - La variance d'un produit scalaire vaut $d_k$ ; **diviser par $\sqrt{d_k}$** évite que le softmax sature et que les gradients s'éteignent.
# - Un **masque** se pose sur les scores, **avant** le softmax, par $-\infty$ : ni 0, ni $-10^9$, ni après.
# - Une ligne qui ne voit rien a une **convention** (zéros), et ne doit produire aucun `nan`, **ni à l'aller ni au retour**.
# - Une couche causale se **mesure**, deux fois : sa carte des influences est nulle au-dessus de la diagonale, et changer l'avenir ne fait pas bouger le passé.
#
# ### La formule à retenir
#
# $$\operatorname{Attention}(Q, K, V, M) = \operatorname{softmax}\!\left(\operatorname{masque}\!\left(\frac{Q K^\top}{\sqrt{d_k}}\right)\right) V$$
#
# ### Et ensuite ?
#
# - **Le masque causal** : ce qu'il change dans les poids, et comment il se combine avec d'autres masques.
# - **L'attention multi-têtes** : le code que vous venez d'écrire, avec une dimension de plus, entre deux projections ; voilà pourquoi les formes commencent par `...`.
# - **La génération** : `n_q` vaut 1 et `n_k` grandit ; le masque s'y décale, et les clés s'y gardent en mémoire.
#
# ### Trois points à garder
#
# 1. Un code numérique faux ne lève pas d'erreur : ce sont ses **propriétés** qu'il faut vérifier (sommes, bornes, dépendances).
# 2. Ne réparez pas un `nan` : **ne le calculez pas**.
# 3. Changez l'avenir : si le passé bouge, il y a une **fuite**.

# %% [markdown] nbgrader={"grade": false, "grade_id": "rendre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Avant de rendre
#
# Enregistrez le notebook (`Ctrl` + `S`), puis exécutez la cellule suivante : elle exécute tout le notebook à neuf, de haut en bas, comme le fera la correction, et dit ce qu'il faut encore regarder. Rendez ensuite ce fichier, sans changer son nom.

# %% nbgrader={"grade": false, "grade_id": "rendre-verification", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
from checks import check_notebook

check_notebook()
