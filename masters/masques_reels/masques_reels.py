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
# # Les masques du monde réel
#
# **Ce que vous allez construire.** Le triangle du masque causal suffit à une phrase seule. Un vrai modèle en lit des milliers à la fois, de longueurs inégales, collées bout à bout, complétées à gauche, traduites d'une autre langue, trop longues pour être vues en entier. Chaque situation demande un masque à elle, et souvent des **positions** à elle. Vous construirez ces masques, vous les verrez, vous les casserez exprès, et vous mesurerez ce qu'il en coûte. Aucune de ces pannes, ou presque, ne déclenche d'erreur.
#
# | | |
# |---|---|
# | **Durée conseillée** | 4 h, dont 2 h 30 d'exercices |
# | **Prérequis** | les quatre devoirs précédents, surtout le cache de `generation` et les polarités de `multi_tetes` |
# | **Notation** | 20 points : 17 vérifiés automatiquement, 3 pour une question rédigée ; un bonus sans points |
# | **Comment travailler** | exécutez les cellules dans l'ordre ; complétez celles qui contiennent `# VOTRE CODE ICI` ; relancez la cellule de vérification qui suit autant de fois que vous le voulez |
# | **La manière** | libre dans chaque exercice : boucles, opérations sur des tableaux entiers ou fonctions de PyTorch et de NumPy, même celles qui calculent presque ce qui est demandé ; seul compte que le résultat respecte l'énoncé |
#
# Les cellules de cours et de vérification sont verrouillées. Vous pouvez ajouter vos propres cellules où bon vous semble : elles ne gênent pas la correction.

# %% [markdown] nbgrader={"grade": false, "grade_id": "introduction", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 0. Introduction
#
# ### 0.1 La carte du devoir
#
# | Situation | Ce qui change | Partie |
# |---|---|---|
# | des documents collés bout à bout | le masque : pas de regard d'un document à l'autre ; les positions : elles repartent de 0 | 1 |
# | une question, puis sa réponse | le masque : la question se lit dans les deux sens ; la perte : toutes les cibles ne comptent pas | 2 |
# | un lot de questions complétées à gauche, puis un cache | le masque et les positions, à **chaque pas** | 3 |
# | des positions tournantes (RoPE) | ce qu'un décalage des positions change, ou ne change pas | 4 |
# | un texte plus long que ce que l'on peut garder | le masque : une fenêtre, et quelques tokens que l'on n'oublie jamais | 5 |
# | des distances dans les scores (ALiBi) | le masque n'est plus fait de 0 et de 1 | 6 |
# | une traduction | trois masques, dont un rectangulaire, sans triangle | 7 |
# | PyTorch | trois arguments que l'on confond | 8 |
#
# ### 0.2 Objectifs
#
# À la fin de ce notebook, vous saurez :
#
# 1. **isoler** des documents dans une même ligne, positions comprises ;
# 2. écrire un masque de **préfixe**, et ne compter que les cibles qui ont un sens ;
# 3. décoder un lot **complété à gauche** avec un cache, et prouver que chaque phrase est traitée comme si elle était seule ;
# 4. dire ce que les positions **rotatives** et **ALiBi** changent à un masque ;
# 5. écrire une **fenêtre glissante avec puits** ;
# 6. écrire les **trois masques** d'un traducteur ;
# 7. ne plus confondre `attn_mask`, `is_causal` et `key_padding_mask`.
#
# ### 0.3 Une seule méthode : l'expérience de solitude
#
# Presque toutes ces pannes ont le même symptôme : **une phrase n'est plus traitée comme si elle était seule**. D'où une expérience, toujours la même : calculer la sortie d'une phrase seule, puis sa sortie dans le lot ; les deux doivent s'accorder, aux arrondis près. Elle ne demande ni de lire le code, ni d'entraîner quoi que ce soit.

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

ARCHIVE = "masques_reels.zip"
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
import statistics
import time

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn import functional

from attention.figures import canvas, draw_influence, draw_mask, show
from attention.leaks import find_leaks, jacobian_norms
from attention.masking import create_causal_mask
from attention.positions import alibi_slopes, rotate, sinusoidal_positions
from attention.scaled_dot_product import ScaledDotProductAttention
from attention.writing import written
from checks import raises, run_tests, weight


def demonstrate(demonstration):
    """Lance une démonstration faite avec vos fonctions ; si elle échoue, dit pourquoi."""
    try:
        demonstration()
    except NotImplementedError:
        print("Cette démonstration apparaîtra ici quand l'exercice dont elle dépend sera écrit.")
    except Exception as error:
        print("Cette démonstration s'est arrêtée : l'exercice dont elle dépend n'est pas encore juste.")
        print(f"{type(error).__name__} : {error}")


def largest(difference):
    """Le plus grand écart, écrit à la française : « arrondi » s'il est inférieur à un millième."""
    value = difference.abs().max().item()
    return "arrondi" if value < 1e-3 else written(value)


print(f"NumPy {np.__version__}, PyTorch {torch.__version__}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "decodeur-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 0.5 Un décodeur de mesure
#
# Pour les expériences de solitude, il faut un modèle entier : des plongements, des positions, plusieurs couches, un cache. En voici un, de deux couches, **non entraîné** : ses poids sont tirés au hasard. C'est voulu. Une panne de masque se voit sur n'importe quels poids, et un modèle entraîné apprend parfois à vivre avec : elle n'en est que plus difficile à trouver.
#
# `TinyDecoder` reçoit trois choses que personne ne calcule pour vous : les `tokens`, leurs `position_ids`, et le `mask`. Tout ce devoir consiste à les lui donner justes.


# %% nbgrader={"grade": false, "grade_id": "decodeur", "locked": true, "schema_version": 3, "solution": false, "task": false}
class TinyDecoder:
    """Un décodeur de deux couches, aux poids aléatoires : de quoi mesurer l'effet d'un masque et des positions.

    Args:
        rotary: positions rotatives (partie 4) ; sinon, des sinusoïdes s'ajoutent aux plongements.
    """

    def __init__(self, rotary=False, vocab=40, d=32, n_layers=2):
        generator = torch.Generator().manual_seed(42)
        self.rotary, self.d = rotary, d
        self.embedding = torch.randn(vocab, d, generator=generator)
        self.projections = 1.5 * torch.randn(n_layers, 3, d, d, generator=generator) / d**0.5
        self.output = torch.randn(d, vocab, generator=generator) / d**0.5
        self.attention = ScaledDotProductAttention(d)

    def __call__(self, tokens, position_ids, mask, cache=None):
        """Renvoie les logits des tokens donnés, et le cache qui sert au pas suivant.

        Args:
            tokens: numéros des nouveaux tokens (batch, n_new).
            position_ids: leurs positions (batch, n_new).
            mask: masque diffusable en (batch, n_new, n_past + n_new), 1 = a le droit de voir.
            cache: le deuxième résultat de l'appel précédent ; None pour le premier.
        """
        x, kept = self.embedding[tokens], []
        if not self.rotary:
            x = x + sinusoidal_positions(position_ids, self.d)
        for number, (W_q, W_k, W_v) in enumerate(self.projections):
            Q, K, V = x @ W_q, x @ W_k, x @ W_v
            if self.rotary:
                Q, K = rotate(Q, position_ids), rotate(K, position_ids)
            if cache is not None:
                K, V = torch.cat((cache[number][0], K), dim=1), torch.cat((cache[number][1], V), dim=1)
            kept.append((K, V))
            x = x + self.attention(Q, K, V, mask=mask)[0]
        return x @ self.output, kept


decoder = TinyDecoder()
logits, _ = decoder(torch.tensor([[3, 17, 8, 11]]), torch.arange(4)[None], create_causal_mask(4))
print("Logits d'une phrase de 4 tokens :", tuple(logits.shape))

# %% [markdown] nbgrader={"grade": false, "grade_id": "documents-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 1. Des documents empaquetés
#
# ### 1.1 Pourquoi coller des documents ?
#
# Les textes d'un corpus sont de longueurs très inégales. Si l'on complète chacun jusqu'à la longueur du contexte, la plupart des calculs portent sur du remplissage. Alors on les **empaquette** (*packing*) : on les met bout à bout, jusqu'à remplir chaque ligne. Mesurons ce que l'on y gagne, sur des longueurs tirées au hasard.

# %% nbgrader={"grade": false, "grade_id": "documents-gain", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
lengths = np.random.default_rng(42).lognormal(mean=4.5, sigma=0.9, size=2000).astype(int).clip(8, 512)
context = 512
padded_rows = len(lengths)

free = []  # la place libre de chaque ligne : un document va dans la première où il tient
for length in sorted(lengths.tolist(), reverse=True):
    row = next((r for r, room in enumerate(free) if room >= length), None)
    if row is None:
        free.append(context - length)
    else:
        free[row] -= length

for name, rows in (("un document par ligne", padded_rows), ("documents empaquetés", len(free))):
    useful = 100 * lengths.sum() / (rows * context)
    print(f"{name:<22} : {rows:>4} lignes de {context}, dont {written(useful, 1)} % de vrais tokens")

# %% [markdown] nbgrader={"grade": false, "grade_id": "documents-fuite", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Quatre fois moins de lignes, pour les mêmes textes. Mais une ligne contient désormais plusieurs documents, et le masque causal ne connaît que l'avant et l'après : le deuxième document **lit le premier**. Un roman apprend à se souvenir d'une recette de cuisine.
#
# ### 1.2 Une fuite que la carte des fuites ne voit pas
#
# Collons le document A, de 4 tokens, et le document B, de 3. Voici la carte des influences d'une attention causale ordinaire.

# %% nbgrader={"grade": false, "grade_id": "documents-carte", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
tokens_x = torch.randn(7, 8, generator=torch.Generator().manual_seed(42))
one_layer = ScaledDotProductAttention(8)
norms = jacobian_norms(lambda x: one_layer(x, x, x, mask=create_causal_mask(7)), tokens_x)
print("Fuites de l'avenir :", find_leaks(norms))
print("Influence de A sur B, au plus :", written(norms[4:, :4].max().item()))

figure, axes = canvas(1, side=4.6)
draw_influence(axes[0], norms.numpy(), "Masque causal : B (tokens 4 à 6) lit A")
axes[0].add_patch(plt.Rectangle((0, 4), 4, 3, fill=False, edgecolor="#d55e00", linewidth=4, linestyle="--"))
show(
    figure,
    alt="Carte des influences de 7 tokens avec le masque causal : le triangle inférieur est plein. Un cadre en pointillé entoure "
    "le rectangle des lignes 4 à 6 et des colonnes 0 à 3, par où le document A influence le document B.",
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "documents-regle", "locked": true, "schema_version": 3, "solution": false, "task": false}
# `find_leaks` ne trouve rien, et il a raison : **rien ne vient de l'avenir**. L'information vient du passé, mais du passé d'un autre. Un test de causalité, même parfait, ne voit pas cette panne ; l'expérience de solitude la voit.
#
# ### 1.3 La règle
#
# Chaque token porte le numéro de son document. Il voit ce qui le précède **dans son document** :
#
# $$M_{ij} = 1 \iff j \le i \ \text{ et }\ \mathtt{doc}_i = \mathtt{doc}_j.$$
#
# C'est un masque causal **par blocs**, posés sur la diagonale. Pour les documents 7, 7, 7, 2, 2 :
#
# $$M = \begin{pmatrix}
# 1 & 0 & 0 & 0 & 0 \\
# 1 & 1 & 0 & 0 & 0 \\
# 1 & 1 & 1 & 0 & 0 \\
# 0 & 0 & 0 & 1 & 0 \\
# 0 & 0 & 0 & 1 & 1
# \end{pmatrix} \qquad \text{positions} = \begin{pmatrix} 0 & 1 & 2 & 0 & 1 \end{pmatrix}$$
#
# Le masque ne suffit pas : si les positions continuent de compter, le premier mot du document 2 se croit le quatrième d'un texte. Les positions **repartent de 0** à chaque document.

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-1", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Exercice 1. Isoler des documents
#
# **Difficulté** ●●○ · **Temps conseillé** : 20 min · **3 points**
#
# **Prérequis** : la diffusion (*broadcasting*) de PyTorch.
#
# `document_ids` est un tenseur d'entiers (`torch.int64`) de forme `(batch, n)` : le numéro du document de chaque token. Les tokens d'un document se suivent ; deux documents d'une même ligne ont des numéros différents, mais **quelconques** : ni forcément croissants, ni forcément positifs. Écrivez deux fonctions :
#
# | Fonction | Ce qu'elle renvoie |
# |---|---|
# | `create_document_mask(document_ids)` | un tenseur PyTorch de forme `(batch, n, n)` qui vaut 1 si $j \le i$ et si les tokens $i$ et $j$ de la ligne sont du même document, 0 sinon |
# | `document_positions(document_ids)` | un tenseur PyTorch de forme `(batch, n)` : la position de chaque token dans son document, à partir de 0 |
#
# L'exemple est celui de la section 1.3. Le type des nombres des résultats est libre ; `document_ids` n'est pas modifié. La manière est libre : boucles, opérations sur des tableaux entiers ou fonctions de bibliothèque.
#
# <details><summary>Indice 1 : comparer deux à deux</summary>
#
# Un vecteur rangé en colonne, comparé au même vecteur rangé en ligne, donne un tableau : toutes les comparaisons deux à deux. Il y a ici une dimension de plus, celle du lot.
#
# </details>
# <details><summary>Indice 2 : combiner deux règles</summary>
#
# « Et » se calcule avec `&` pour des booléens, avec un produit pour des 0 et des 1. `create_causal_mask(n)` contient des flottants : `.bool()` en fait des booléens.
#
# </details>
# <details><summary>Indice 3 : compter</summary>
#
# Combien de tokens le premier token d'un document voit-il ? Et le deuxième ? Lisez les lignes de l'exemple, puis comparez à ses positions.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "exercice-1-reponse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def create_document_mask(document_ids):
    """Renvoie le masque causal qui isole les documents de chaque ligne.

    Args:
        document_ids: numéros des documents, tenseur d'entiers (batch, n).

    Returns:
        Tenseur de forme (batch, n, n), 1 = a le droit de voir.
    """
    ### BEGIN SOLUTION
    same = document_ids[:, :, None] == document_ids[:, None, :]
    return same & create_causal_mask(document_ids.shape[1]).bool()
    ### END SOLUTION


def document_positions(document_ids):
    """Renvoie la position de chaque token dans son document, à partir de 0.

    Args:
        document_ids: numéros des documents, tenseur d'entiers (batch, n).

    Returns:
        Tenseur de forme (batch, n).
    """
    ### BEGIN SOLUTION
    return create_document_mask(document_ids).sum(dim=-1) - 1
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "exercice-1-verification", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
def check_tensor(result, expected):
    assert isinstance(result, torch.Tensor), "La fonction doit renvoyer un tenseur PyTorch."
    assert tuple(result.shape) == np.shape(expected)
    np.testing.assert_array_equal(result, expected)


def test_mask_example():
    """create_document_mask donne le masque de l'énoncé."""
    expected = [[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 1, 1]]
    check_tensor(create_document_mask(torch.tensor([[7, 7, 7, 2, 2]])), [expected])


def test_positions_example():
    """document_positions donne les positions de l'énoncé."""
    check_tensor(document_positions(torch.tensor([[7, 7, 7, 2, 2]])), [[0, 1, 2, 0, 1]])


### BEGIN HIDDEN TESTS
def rows_of_documents():
    """Yield rows as lists of (number, length) pairs: any order, negative and large numbers, one document, long rows."""
    yield [[(3, 2), (5, 4), (1, 1)], [(0, 7)], [(4, 1), (-4, 1), (9, 5)]]
    yield [[(2, 1), (5, 6)], [(1, 3), (7, 4)], [(8, 5), (6, 2)]]  # of the same shape
    yield [[(1, 1)]]
    yield [[(12, 3), (300, 2), (44, 1), (556, 2)]]
    yield [[(0, 1), (1, 1), (2, 1)], [(2, 1), (0, 2)], [(8, 3)], [(-1, 2), (-2, 1)]]
    yield [[(6, 270), (7, 40)], [(5, 9), (4, 301)]]


def expected_documents(rows):
    """Return the ids, the masks and the positions, one document at a time."""
    n = sum(length for _, length in rows[0])
    ids, masks, positions = [], np.zeros((len(rows), n, n)), []
    for mask, row in zip(masks, rows, strict=True):
        start = 0
        for _, length in row:
            mask[start : start + length, start : start + length] = np.tri(length)
            start += length
        ids.append([number for number, length in row for _ in range(length)])
        positions.append([p for _, length in row for p in range(length)])
    return torch.tensor(ids), masks, positions


@weight(1.5)
def test_any_documents():
    """Le masque est juste pour d'autres documents, quels que soient leurs numéros, d'un appel à l'autre."""
    for _ in range(2):
        for rows in rows_of_documents():
            ids, masks, _ = expected_documents(rows)
            check_tensor(create_document_mask(ids), masks)


@weight(1.5)
def test_any_positions():
    """Les positions sont justes pour d'autres documents, quels que soient leurs numéros, d'un appel à l'autre."""
    for _ in range(2):
        for rows in rows_of_documents():
            ids, _, positions = expected_documents(rows)
            check_tensor(document_positions(ids), positions)


@weight(0.5)
def test_ids_unchanged():
    """Les deux fonctions laissent document_ids comme elles l'ont reçu."""
    ids = expected_documents(next(rows_of_documents()))[0]
    before = ids.clone()
    create_document_mask(ids)
    document_positions(ids)
    assert torch.equal(ids, before)


### END HIDDEN TESTS
run_tests(points=3)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-1-voir", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Votre masque, mis à l'épreuve.** Deux documents, A (4 tokens) et B (5 tokens), dans une même ligne. La cellule suivante fait l'expérience de solitude pour B, avec et sans votre masque, avec et sans vos positions, puis dessine votre masque.


# %% nbgrader={"grade": false, "grade_id": "exercice-1-mesure", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
def show_documents():
    first, second = [3, 17, 8, 11], [5, 1, 30, 22, 9]
    ids = torch.tensor([[7] * 4 + [2] * 5])
    mask, positions = create_document_mask(ids), document_positions(ids)
    alone, _ = decoder(torch.tensor([second]), torch.arange(5)[None], create_causal_mask(5))
    print("Plus grand écart entre les logits de B dans la ligne et ceux de B seul")
    for mask_name, some_mask in (("masque causal", create_causal_mask(9)), ("votre masque", mask)):
        for position_name, some_positions in (("0 à 8", torch.arange(9)[None]), ("les vôtres", positions)):
            packed, _ = decoder(torch.tensor([first + second]), some_positions, some_mask)
            print(f"  {mask_name + ', positions ' + position_name:<36} : {largest(packed[0, 4:] - alone[0])}")
    norms = jacobian_norms(
        lambda x: one_layer(x, x, x, mask=create_document_mask(ids)[0]), torch.cat((tokens_x, tokens_x[:2] + 1))
    )
    figure, axes = canvas(2, side=4.6)
    draw_mask(axes[0], np.asarray(mask[0], dtype=float), "Votre masque")
    draw_influence(axes[1], norms.numpy(), "Qui influence qui")
    show(
        figure,
        alt="À gauche, votre masque des documents A (4 tokens) et B (5 tokens) ; à droite, la carte des influences qu'il laisse passer. "
        "S'il est juste, deux triangles se suivent sur la diagonale, et tout le reste est nul.",
    )


demonstrate(show_documents)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-1-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Ce qu'il faut observer**
#
# - Avec le masque causal, les logits de B changent du tout au tout, **que les positions soient justes ou non**.
# - Avec votre masque mais des positions qui continuent, l'écart reste grand : B ne lit plus A, mais il se croit au milieu d'un texte.
# - Il faut les **deux**. Alors B est traité comme s'il était seul, et l'écart n'est plus que celui des arrondis.

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-1-plus-loin", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Pour aller plus loin.** Avec $k$ documents de longueur $n/k$, combien de couples $(i, j)$ votre masque laisse-t-il voir, et combien en calcule une attention qui forme d'abord les $n^2$ scores ? C'est pourquoi les bibliothèques rapides ne reçoivent pas le masque mais les **débuts** des documents (`cu_seqlens`, dans les noyaux de FlashAttention), et ne calculent que les blocs.

# %% [markdown] nbgrader={"grade": false, "grade_id": "prefixe-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 2. Le préfixe : lire dans les deux sens, écrire dans un seul
#
# ### 2.1 La règle
#
# Une question est connue en entier avant que la réponse commence. Pourquoi l'obliger à se lire mot à mot ? Dans un modèle à **préfixe** (*prefix-LM*), les `p` premiers tokens se voient **tous**, dans les deux sens, comme dans BERT ; les suivants s'écrivent un à un, comme dans GPT :
#
# $$M_{ij} = 1 \iff j \le i \ \text{ ou }\ j < p.$$
#
# Pour 5 tokens, dont 3 de préfixe :
#
# $$M = \begin{pmatrix}
# 1 & 1 & 1 & 0 & 0 \\
# 1 & 1 & 1 & 0 & 0 \\
# 1 & 1 & 1 & 0 & 0 \\
# 1 & 1 & 1 & 1 & 0 \\
# 1 & 1 & 1 & 1 & 1
# \end{pmatrix}$$
#
# Deux cas connus : $p = 0$ redonne le masque causal (et $p = 1$ aussi : pourquoi ?) ; $p = n$ redonne l'attention sans masque.
#
# ### 2.2 Ce que le masque oblige à changer dans la perte
#
# À l'entraînement, la position $i$ prédit le token $i + 1$. Dans le préfixe, la position 0 **voit** le token 1 : elle n'a qu'à le recopier. Ces prédictions-là ne mesurent rien, et la perte ne doit pas les compter. Une position compte si elle ne voit pas sa cible :
#
# $$\text{la position } i \text{ compte} \iff i + 1 \ge p.$$
#
# Attention au bord : la **dernière** position du préfixe, $p - 1$, prédit le premier token de la réponse, qu'elle ne voit pas. Elle compte. Pour l'exemple ci-dessus : $\begin{pmatrix} 0 & 0 & 1 & 1 & 1 \end{pmatrix}$.

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-2", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Exercice 2. Le préfixe et ses cibles
#
# **Difficulté** ●●○ · **Temps conseillé** : 20 min · **2 points**
#
# `prefix_lengths` donne la longueur du préfixe de chaque exemple du lot : c'est une liste d'entiers, ou un tenseur d'entiers à une dimension. `seq_len`, au moins 1, est la longueur commune des exemples. Écrivez deux fonctions :
#
# | Fonction | Ce qu'elle renvoie |
# |---|---|
# | `create_prefix_mask(prefix_lengths, seq_len)` | un tenseur PyTorch de forme `(batch, seq_len, seq_len)` qui vaut 1 si $j \le i$ **ou** si $j$ est dans le préfixe de l'exemple, 0 sinon |
# | `counted_targets(prefix_lengths, seq_len)` | un tenseur PyTorch de forme `(batch, seq_len)` qui vaut 1 si la position $i$ compte, c'est-à-dire si $i + 1 \ge p$, où $p$ est la longueur du préfixe de l'exemple, 0 sinon |
#
# Les deux lèvent une `ValueError` si une longueur n'est pas comprise entre 0 et `seq_len` (bornes permises). Le type des nombres des résultats est libre ; `prefix_lengths` n'est pas modifié. La manière est libre.
#
# <details><summary>Indice 1 : « ou »</summary>
#
# « Ou » se calcule avec `|` pour des booléens, avec un maximum pour des 0 et des 1. Une somme donnerait des 2.
#
# </details>
# <details><summary>Indice 2 : une ligne par exemple</summary>
#
# `torch.as_tensor(prefix_lengths)` accepte une liste comme un tenseur. Rangez-le en colonne, `[:, None]`, et comparez-le aux positions `torch.arange(seq_len)`.
#
# </details>
# <details><summary>Indice 3 : le bord</summary>
#
# Écrivez la réponse à la main pour `seq_len = 5` et pour `p` de 0 à 5. Combien de positions comptent quand `p` vaut 0 ? Quand il vaut 1 ? Quand il vaut 5 ?
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "exercice-2-reponse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def create_prefix_mask(prefix_lengths, seq_len):
    """Renvoie le masque à préfixe de chaque exemple.

    Args:
        prefix_lengths: longueur du préfixe de chaque exemple, liste ou tenseur d'entiers ; de 0 à seq_len.
        seq_len: longueur commune des exemples, au moins 1.

    Returns:
        Tenseur de forme (batch, seq_len, seq_len), 1 = a le droit de voir.

    Raises:
        ValueError: si une longueur n'est pas comprise entre 0 et seq_len.
    """
    ### BEGIN SOLUTION
    lengths = torch.as_tensor(prefix_lengths)
    if ((lengths < 0) | (lengths > seq_len)).any():
        raise ValueError(f"Les préfixes doivent être compris entre 0 et {seq_len} ; reçu : {lengths.tolist()}.")
    in_prefix = torch.arange(seq_len) < lengths[:, None]
    return in_prefix[:, None, :] | create_causal_mask(seq_len).bool()
    ### END SOLUTION


def counted_targets(prefix_lengths, seq_len):
    """Dit quelles positions comptent dans la perte : celles qui ne voient pas le token suivant.

    Args:
        prefix_lengths: longueur du préfixe de chaque exemple, liste ou tenseur d'entiers ; de 0 à seq_len.
        seq_len: longueur commune des exemples, au moins 1.

    Returns:
        Tenseur de forme (batch, seq_len), 1 = la position compte.

    Raises:
        ValueError: si une longueur n'est pas comprise entre 0 et seq_len.
    """
    ### BEGIN SOLUTION
    lengths = torch.as_tensor(prefix_lengths)
    if ((lengths < 0) | (lengths > seq_len)).any():
        raise ValueError(f"Les préfixes doivent être compris entre 0 et {seq_len} ; reçu : {lengths.tolist()}.")
    return torch.arange(seq_len) + 1 >= lengths[:, None]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "exercice-2-verification", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
def test_mask_example():
    """create_prefix_mask donne le masque de l'énoncé."""
    expected = [[1, 1, 1, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 1, 0], [1, 1, 1, 1, 1]]
    check_tensor(create_prefix_mask([3], 5), [expected])


def test_targets_example():
    """counted_targets donne les positions de l'énoncé."""
    check_tensor(counted_targets([3], 5), [[0, 0, 1, 1, 1]])


@weight(0.5)
def test_error():
    """Un préfixe plus long que seq_len lève une ValueError, dans les deux fonctions."""
    with raises(ValueError):
        create_prefix_mask([2, 6], 5)
    with raises(ValueError):
        counted_targets([2, 6], 5)


### BEGIN HIDDEN TESTS
PREFIXES = [
    ([2, 0, 4, 1, 6], 6),
    ([1], 4),
    ([0, 1], 1),
    ([3, 3, 3], 4),
    ([290, 5, 0], 300),
    ([7], 7),
    ([2, 0, 4, 1, 6], 6),
]


def prefix_rows(p, n):
    return [[j < p or j <= i for j in range(n)] for i in range(n)]


def check_prefixes(function, rule):
    for prefixes, seq_len in PREFIXES:
        expected = np.array([rule(p, seq_len) for p in prefixes])
        for given in (list(prefixes), torch.tensor(prefixes)):
            check_tensor(function(given, seq_len), expected)


@weight(1.5)
def test_any_prefix():
    """Le masque est juste pour d'autres préfixes, en liste ou en tenseur, d'un appel à l'autre."""
    check_prefixes(create_prefix_mask, prefix_rows)


@weight(1.5)
def test_any_targets():
    """Les positions qui comptent sont justes pour d'autres préfixes, en liste ou en tenseur."""
    check_prefixes(counted_targets, lambda p, n: [i >= p - 1 for i in range(n)])


@weight(0.5)
def test_all_errors():
    """Toute longueur impossible lève une ValueError, où qu'elle soit dans le lot, et elle seule."""
    for prefixes, seq_len in [([-1, 2], 4), ([3, 5, 1], 4), ([2, -3], 2), ([100], 8)]:
        for function in (create_prefix_mask, counted_targets):
            for given in (list(prefixes), torch.tensor(prefixes)):
                with raises(expected=ValueError):
                    function(given, seq_len)
    for function in (create_prefix_mask, counted_targets):
        function([3, 0], 3)


@weight(0.5)
def test_prefixes_unchanged():
    """Les deux fonctions laissent prefix_lengths comme elles l'ont reçu."""
    for function in (create_prefix_mask, counted_targets):
        for given in ([2, 1, 3], torch.tensor([3, 1, 2])):
            before = list(map(int, given))
            function(given, 4)
            assert list(map(int, given)) == before


### END HIDDEN TESTS
run_tests(points=2)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-2-voir", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Votre masque, entraîné.** Une expérience cruelle : des tokens tirés **au hasard** parmi 8. Rien n'y est prévisible, et aucun modèle honnête ne peut descendre sous $\ln 8 \approx 2{,}08$. La cellule suivante entraîne pourtant un petit modèle d'une couche avec votre masque à préfixe, en comptant **toutes** les positions, puis mesure sa perte sur des tokens nouveaux, position par position.


# %% nbgrader={"grade": false, "grade_id": "exercice-2-mesure", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
def show_prefix_loss():
    vocab, n, p, d = 8, 12, 6, 32
    mask, counted = create_prefix_mask([p], n), torch.as_tensor(counted_targets([p], n)).bool()[0]
    torch.manual_seed(42)
    token_vectors, position_vectors = nn.Embedding(vocab, d), nn.Embedding(n, d)
    projections = nn.ModuleList([nn.Linear(d, d, bias=False) for _ in range(3)])
    head, attention = nn.Linear(d, vocab), ScaledDotProductAttention(d)

    def losses_of(batch):
        text = torch.randint(vocab, (batch, n + 1))
        x = token_vectors(text[:, :-1]) + position_vectors.weight
        Q, K, V = (projection(x) for projection in projections)
        predicted = head(x + attention(Q, K, V, mask=mask)[0])
        return functional.cross_entropy(predicted.transpose(1, 2), text[:, 1:], reduction="none")

    modules = (token_vectors, position_vectors, projections, head)
    optimizer = torch.optim.Adam([q for module in modules for q in module.parameters()], lr=1e-2)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # de si petits produits vont plus vite sur un seul cœur
    for _ in range(300):
        optimizer.zero_grad()
        losses_of(64).mean().backward()
        optimizer.step()
    with torch.no_grad():
        losses = losses_of(4000).mean(dim=0)
    torch.set_num_threads(threads)
    print(f"Perte moyenne sur toutes les positions  : {written(losses.mean().item())}")
    print(f"Perte moyenne sur celles qui comptent   : {written(losses[counted].mean().item())}")
    print(f"Ce que le hasard permet au mieux (ln 8) : {written(np.log(vocab))}")

    figure, ax = plt.subplots(figsize=(8, 4.2), layout="constrained")
    colors = ["#00204d" if c else "#fde737" for c in counted.tolist()]
    ax.bar(range(n), losses.numpy(), color=colors, edgecolor="#00204d")
    ax.axhline(np.log(vocab), linestyle="--", color="#d55e00", label="ln 8 : rien à prévoir")
    ax.set(title="Jaune : positions qui voient leur cible", xlabel="Position", ylabel="Perte (nats)", xticks=range(n))
    ax.yaxis.set_major_formatter(lambda value, _: written(value, 1))
    ax.legend(loc="lower right")
    show(
        figure,
        alt="Perte par position d'un modèle à préfixe de 6 tokens sur 12. Les positions 0 à 4, qui voient leur cible, ont une perte "
        "presque nulle ; à partir de la position 5, la perte est celle du hasard, ln 8.",
    )


demonstrate(show_prefix_loss)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-2-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# La perte moyenne descend bien en dessous de ce que le hasard permet : le modèle a appris à **recopier**, aux positions 0 à 4. Sur celles qui comptent, elle reste à la hauteur de $\ln 8$, et même un peu au-dessus : il n'a rien appris, et il n'y avait rien à apprendre. Une perte qui mélange les deux récompense la copie, et fait croire à un progrès.
#
# ### 2.3 Des fuites voulues
#
# La carte des influences encadre tout ce qui vient de l'avenir. Que dit-elle d'un préfixe de 3 tokens ?


# %% nbgrader={"grade": false, "grade_id": "exercice-2-carte", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
def show_prefix():
    mask = create_prefix_mask([3], 6)[0]
    x = torch.randn(6, 8, generator=torch.Generator().manual_seed(42))
    norms = jacobian_norms(lambda x: one_layer(x, x, x, mask=mask), x)
    print("Fuites de l'avenir :", find_leaks(norms))
    figure, axes = canvas(2, side=4.4)
    draw_mask(axes[0], np.asarray(mask, dtype=float), "Votre masque, préfixe de 3")
    draw_influence(axes[1], norms.numpy(), "Qui influence qui")
    show(
        figure,
        alt="À gauche, votre masque à préfixe de 6 tokens, dont 3 de préfixe. À droite, la carte des influences : le triangle inférieur, et trois "
        "cases encadrées au-dessus de la diagonale, celles du préfixe, par où un token voit ceux qui le suivent.",
    )


demonstrate(show_prefix)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-2-prix", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Trois « fuites », et ce sont exactement celles que l'on voulait : les couples $j > i$ **à l'intérieur** du préfixe. Une quatrième serait une panne. Une mesure ne connaît pas vos intentions : c'est à vous de dire ce qu'elle doit trouver.
#
# Le préfixe a un autre prix. Le masque causal rend le passé **immuable** : c'est ce qui permet de garder un cache. Ici, les tokens du préfixe dépendent de **tout** le préfixe. Allongez-le d'un token, dans une conversation par exemple, et toutes ses clés, dès la deuxième couche, sont à recalculer.

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-2-plus-loin", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Pour aller plus loin.** Combinez les deux premières parties : des documents empaquetés, dont chacun a son préfixe. Quelles cases s'ajoutent au masque de l'exercice 1 ? Pour 6 tokens, deux documents de 3 tokens et des préfixes de 2, dessinez-le d'abord à la main.

# %% [markdown] nbgrader={"grade": false, "grade_id": "gauche-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 3. Le remplissage à gauche, les positions et le cache
#
# ### 3.1 Pourquoi à gauche ?
#
# Pour répondre à plusieurs questions à la fois, on les range dans un lot, complétées à la même longueur. À l'entraînement, le remplissage se met à droite. Pour **générer**, on le met **à gauche** : toutes les questions finissent alors dans la même colonne, et le prochain token de chacune va dans la suivante, à chaque pas.
#
# | colonne | 0 | 1 | 2 | 3 | 4 | 5 | 6 |
# |---|---|---|---|---|---|---|---|
# | phrase 0 | · | · | Le | chat | mange | **?** | |
# | phrase 1 | La | petite | souris | du | voisin | **?** | |
#
# Le devoir `multi_tetes` a montré une première panne : les lignes de remplissage, qui ne voient rien, donnent des `nan`. L'attention du cours leur donne des zéros. Il en reste deux, plus discrètes.
#
# ### 3.2 La colonne n'est pas la position
#
# « Le » est dans la colonne 2, mais c'est le **premier** mot de sa phrase : sa position est 0. Un modèle à qui l'on donne 2 le prend pour le troisième mot d'un texte dont il n'aurait pas vu le début. La position d'un token réel est le **nombre de tokens réels qui le précèdent**. Pour le remplissage, elle n'a pas de sens : nous mettrons 0.
#
# $$\mathtt{real} = \begin{pmatrix} 0 & 0 & 1 & 1 & 1 \\ 1 & 1 & 1 & 1 & 1 \end{pmatrix} \qquad \mathtt{position\_ids} = \begin{pmatrix} 0 & 0 & 0 & 1 & 2 \\ 0 & 1 & 2 & 3 & 4 \end{pmatrix}$$
#
# ### 3.3 Le masque et le cache
#
# Avec un cache, chaque pas ne calcule que les requêtes des `n_new` **dernières** colonnes, mais elles regardent **toutes** les clés, celles du cache comprises : le remplissage y est encore. Il faut donc, à chaque pas, la règle du masque décalé **et** celle du remplissage. Avec $n$ colonnes en tout, la nouvelle requête numéro $i$ est dans la colonne $n - \mathtt{n\_new} + i$ :
#
# $$M_{b,i,j} = 1 \iff j \le n - \mathtt{n\_new} + i \ \text{ et }\ \mathtt{real}_{b,j} = 1.$$
#
# Pour l'exemple ci-dessus, avec `n_new = 2` :
#
# $$M_0 = \begin{pmatrix} 0 & 0 & 1 & 1 & 0 \\ 0 & 0 & 1 & 1 & 1 \end{pmatrix} \qquad M_1 = \begin{pmatrix} 1 & 1 & 1 & 1 & 0 \\ 1 & 1 & 1 & 1 & 1 \end{pmatrix}$$
#
# Au pas de décodage, `n_new = 1` : la ligne du masque n'est plus pleine, comme dans `generation`, mais égale à `real`. L'oublier, c'est laisser chaque nouveau token lire le remplissage.

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-3", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Exercice 3. Décoder un lot complété à gauche
#
# **Difficulté** ●●● · **Temps conseillé** : 30 min · **4 points**
#
# **Prérequis** : le masque décalé du devoir `generation`.
#
# `real` est un tenseur de forme `(batch, n)`, qui vaut 1 (ou `True`) pour un token réel et 0 (ou `False`) pour du remplissage. Il contient des booléens, des entiers ou des flottants. Dans chaque ligne, le remplissage est **à gauche**, et il y a au moins un token réel. Écrivez deux fonctions :
#
# | Fonction | Ce qu'elle renvoie |
# |---|---|
# | `position_ids_of(real)` | un tenseur PyTorch de forme `(batch, n)` : pour un token réel, le nombre de tokens réels qui le précèdent ; pour du remplissage, 0 |
# | `create_decoding_mask(real, n_new)` | un tenseur PyTorch de forme `(batch, n_new, n)`, le masque des `n_new` dernières colonnes : 1 si $j \le n - \mathtt{n\_new} + i$ et si le token de la colonne $j$ est réel, 0 sinon |
#
# Une requête de remplissage ne voit donc rien. `create_decoding_mask` lève une `ValueError` si `n_new` n'est pas compris entre 1 et $n$ (bornes permises). Le type des nombres des résultats est libre ; `real` n'est pas modifié. La manière est libre.
#
# <details><summary>Indice 1 : compter en avançant</summary>
#
# `cumsum(dim=-1)` donne, à chaque colonne, le nombre de tokens réels **jusqu'à elle comprise**. La première position est 0.
#
# </details>
# <details><summary>Indice 2 : prendre les dernières lignes</summary>
#
# Le masque décalé est fait des `n_new` dernières lignes du masque causal de $n$ tokens. Que désigne `[-n_new:]` quand `n_new` vaut 0 ?
#
# </details>
# <details><summary>Indice 3 : la règle du remplissage</summary>
#
# Elle porte sur les **clés**, donc sur les colonnes, et la même règle vaut pour toutes les requêtes d'une phrase : quelle dimension faut-il ajouter à `real`, et où ?
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "exercice-3-reponse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def position_ids_of(real):
    """Renvoie les positions d'un lot complété à gauche.

    Args:
        real: tenseur (batch, n), 1 = token réel, 0 = remplissage ; de type quelconque.

    Returns:
        Tenseur de forme (batch, n) : le nombre de tokens réels qui précèdent, 0 pour le remplissage.
    """
    ### BEGIN SOLUTION
    return (real.cumsum(dim=-1) - 1).clamp(min=0)
    ### END SOLUTION


def create_decoding_mask(real, n_new):
    """Renvoie le masque des n_new dernières colonnes d'un lot complété à gauche.

    Args:
        real: tenseur (batch, n), 1 = token réel, 0 = remplissage ; de type quelconque.
        n_new: nombre de nouveaux tokens, de 1 à n ; les autres sont déjà dans le cache.

    Returns:
        Tenseur de forme (batch, n_new, n), 1 = a le droit de voir.

    Raises:
        ValueError: si n_new n'est pas compris entre 1 et n.
    """
    ### BEGIN SOLUTION
    n = real.shape[1]
    if not 1 <= n_new <= n:
        raise ValueError(f"n_new doit être compris entre 1 et {n}, et vaut {n_new}.")
    return real.bool()[:, None, :] & create_causal_mask(n)[n - n_new :].bool()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "exercice-3-verification", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
def test_positions_example():
    """position_ids_of donne les positions de l'énoncé."""
    real = torch.tensor([[0, 0, 1, 1, 1], [1, 1, 1, 1, 1]])
    check_tensor(position_ids_of(real), [[0, 0, 0, 1, 2], [0, 1, 2, 3, 4]])


def test_decoding_example():
    """create_decoding_mask donne les deux masques de l'énoncé."""
    real = torch.tensor([[0, 0, 1, 1, 1], [1, 1, 1, 1, 1]])
    expected = [[[0, 0, 1, 1, 0], [0, 0, 1, 1, 1]], [[1, 1, 1, 1, 0], [1, 1, 1, 1, 1]]]
    check_tensor(create_decoding_mask(real, 2), expected)


@weight(0.5)
def test_error():
    """Aucun nouveau token, ou plus de nouveaux tokens que de colonnes : ValueError."""
    for n_new in (0, 6):
        with raises(ValueError):
            create_decoding_mask(torch.ones(2, 5), n_new)


### BEGIN HIDDEN TESTS
def left_padded():
    """Yield the lengths of padded sentences and their common length."""
    yield from (([3, 1, 6], 6), ([4], 4), ([2], 7), ([1, 1], 1), ([5, 2, 8, 8], 9), ([299, 3], 310), ([3, 1, 6], 6))


def real_of(lengths, n, dtype=torch.int64):
    return torch.tensor([[0] * (n - length) + [1] * length for length in lengths]).to(dtype)


def decoding_rows(length, n, n_new):
    return [[n - length <= j <= n - n_new + i for j in range(n)] for i in range(n_new)]


def check_decoding(lengths, n):
    for n_new in {1, 2, n // 2, n - 1, n} - {0, 2 * (n < 2)}:
        expected = np.array([decoding_rows(length, n, n_new) for length in lengths])
        check_tensor(create_decoding_mask(real_of(lengths, n), n_new), expected)


@weight(1.5)
def test_any_positions():
    """Les positions sont justes pour d'autres phrases, d'un appel à l'autre."""
    for lengths, n in left_padded():
        expected = [[0] * (n - length) + list(range(length)) for length in lengths]
        check_tensor(position_ids_of(real_of(lengths, n)), expected)


@weight(2)
def test_any_decoding():
    """Le masque est juste pour d'autres phrases et d'autres nombres de nouveaux tokens, d'un appel à l'autre."""
    for lengths, n in left_padded():
        check_decoding(lengths, n)


@weight(0.75)
def test_types():
    """Des booléens ou des flottants dans real donnent les mêmes résultats que des entiers, dans les deux fonctions."""
    for lengths, n in (([4, 2], 5), ([1, 3, 3], 3)):
        positions, mask = position_ids_of(real_of(lengths, n)), create_decoding_mask(real_of(lengths, n), 2)
        for dtype in (torch.bool, torch.float32):
            check_tensor(position_ids_of(real_of(lengths, n, dtype)), np.asarray(positions))
            check_tensor(create_decoding_mask(real_of(lengths, n, dtype), 2), np.asarray(mask))


@weight(0.5)
def test_all_errors():
    """Tout nombre impossible de nouveaux tokens lève une ValueError, et lui seul."""
    for n, n_new in ((4, -1), (4, 5), (1, 0), (3, 40), (6, -6)):
        with raises(expected=ValueError):
            create_decoding_mask(torch.ones(2, n, dtype=torch.int64), n_new)
    create_decoding_mask(torch.ones(1, 1, dtype=torch.int64), 1)


@weight(0.5)
def test_real_unchanged():
    """Les deux fonctions laissent real comme elles l'ont reçu, booléen ou entier."""
    for dtype in (torch.bool, torch.int64):
        real = real_of([2, 4], 5, dtype)
        before = real.clone()
        position_ids_of(real)
        create_decoding_mask(real, 3)
        assert torch.equal(real, before)


### END HIDDEN TESTS
run_tests(points=4)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-3-voir", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Votre lot, contre chaque phrase seule.** Deux questions, de 3 et de 7 tokens, dans un lot complété à gauche. La cellule suivante fait écrire 6 tokens à chacune, avec un cache, de quatre façons : avec vos positions et votre masque, puis en cassant l'une, l'autre, ou les positions du décodage seulement. Elle compare la question courte à ce que `TinyDecoder` écrit quand elle est **seule**. Prédisez d'abord : laquelle des quatre façons trompera un développeur qui ne regarde que le **premier** token écrit ?

# %% nbgrader={"grade": false, "grade_id": "exercice-3-mesure", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
SHORT, LONG = [35, 14, 20], [5, 1, 30, 22, 9, 12, 4]


def columns(real):
    """Les numéros de colonne, donnés à tort pour des positions."""
    return torch.arange(real.shape[1]).expand(len(real), -1)


def generate_in_batch(model, prompts, steps, first_positions, next_positions, mask_of):
    """Écrit steps tokens à la suite de chaque question, en lot et avec un cache ; renvoie aussi leurs logits."""
    longest = max(map(len, prompts))
    new = torch.tensor([[0] * (longest - len(prompt)) + prompt for prompt in prompts])
    real = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    cache, texts, every_logit = None, [], []
    for step in range(steps):
        n_new = len(new[0])
        position_ids = (next_positions if step else first_positions)(real)[:, -n_new:]
        logits, cache = model(new, position_ids, mask_of(real, n_new), cache)
        every_logit.append(logits[:, -1])
        new = logits[:, -1:].argmax(dim=-1)
        texts.append(new)
        real = torch.cat((real, torch.ones_like(new)), dim=1)
    return torch.cat(texts, dim=1), torch.stack(every_logit, dim=1)


def compare_with_solitude(model):
    """Écrit la question courte seule, puis de quatre façons dans le lot, et imprime les écarts."""

    def causal_only(real, n_new):
        return create_causal_mask(real.shape[1])[-n_new:]

    text, alone = generate_in_batch(model, [SHORT], 6, columns, columns, causal_only)
    print(f"{'seule':<46} : {text[0].tolist()}")
    for name, first, following, mask_of in (
        ("vos positions, votre masque", position_ids_of, position_ids_of, create_decoding_mask),
        ("vos positions, sans le remplissage", position_ids_of, position_ids_of, causal_only),
        ("positions = colonnes, votre masque", columns, columns, create_decoding_mask),
        ("colonnes au décodage seulement, votre masque", position_ids_of, columns, create_decoding_mask),
    ):
        text, found = generate_in_batch(model, [SHORT, LONG], 6, first, following, mask_of)
        gap = found[0] - alone[0]
        print(f"{name:<46} : {text[0].tolist()}, écarts : {largest(gap[0])} au premier pas, {largest(gap)} en tout")


demonstrate(lambda: compare_with_solitude(decoder))

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-3-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Ce qu'il faut observer**
#
# - **Vos positions, votre masque** : le même texte que la question seule, aux arrondis près. C'est la preuve.
# - **Sans le remplissage** dans le masque : faux dès le premier token. La question lit des tokens qui n'existent pas.
# - **Positions = colonnes** : aucun remplissage n'est lu, et le texte est faux quand même.
# - **Colonnes au décodage seulement** : le premier token est **parfait**, car le préremplissage est juste. Ensuite, le modèle croit que la réponse commence quatre mots trop loin. C'est la plus sournoise des trois pannes, et la plus tentante : la longueur du cache est là, toute prête, pour numéroter le nouveau token. La phrase la plus longue du lot, elle, n'a pas de remplissage : elle reste juste, et un test à une seule phrase ne voit rien.


# %% nbgrader={"grade": false, "grade_id": "exercice-3-carte", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
def show_left_padding():
    real = torch.tensor([[0, 0, 1, 1, 1]])
    x = torch.randn(5, 8, generator=torch.Generator().manual_seed(3))
    figure, axes = canvas(2, side=4.2)
    for ax, title, mask in (
        (axes[0], "Sans la règle du remplissage", create_causal_mask(5)),
        (axes[1], "Avec votre masque", create_decoding_mask(real, 5)[0]),
    ):
        draw_influence(ax, jacobian_norms(lambda x, mask=mask: one_layer(x, x, x, mask=mask), x).numpy(), title)
    show(
        figure,
        alt="Cartes des influences de 5 tokens dont les 2 premiers sont du remplissage. Sans la règle du remplissage, les colonnes 0 et 1 "
        "influencent les tokens réels ; avec un masque juste, les colonnes et les lignes 0 et 1 sont exactement nulles.",
    )


demonstrate(show_left_padding)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-3-plus-loin", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Pour aller plus loin.** Une question plus courte que les autres finit parfois d'être écrite avant elles : ses tokens suivants sont du remplissage **à droite**, dans le même cache. Votre `position_ids_of` reste-t-elle juste pour les tokens qui comptent ? Et votre masque ?

# %% [markdown] nbgrader={"grade": false, "grade_id": "rotations-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 4. Les positions rotatives, vues par un masque
#
# ### 4.1 La position dans l'angle
#
# Les sinusoïdes s'**ajoutent** au vecteur du token. Les positions **rotatives** (RoPE, *rotary position embedding*) font autrement : elles font **tourner** chaque paire de nombres de la requête et de la clé, d'un angle proportionnel à la position. Pour une paire, vue comme un nombre complexe, et une vitesse $\theta$ :
#
# $$\tilde q_p = q\, e^{\mathrm{i} p \theta} \qquad \tilde k_s = k\, e^{\mathrm{i} s \theta} \qquad \operatorname{Re}\!\left(\tilde q_p\, \overline{\tilde k_s}\right) = \operatorname{Re}\!\left(q\, \overline{k}\; e^{\mathrm{i} (p - s) \theta}\right).$$
#
# Le score ne dépend que de la **distance** $p - s$. Chaque paire a sa vitesse, de 1 radian par token à presque rien ; les valeurs $V$ ne tournent pas. C'est ce que calcule `attention.positions.rotate`.
#
# ### 4.2 Ce que cela change à nos pannes
#
# Si l'on décale **toutes** les positions d'une phrase de la même quantité, aucun score ne change. Le remplissage à gauche décale toutes les positions de la phrase de la même quantité. Alors… Prédisez les quatre lignes **avant** d'exécuter la cellule : c'est l'expérience de la partie 3, avec des positions rotatives.

# %% nbgrader={"grade": false, "grade_id": "rotations-decalage", "locked": true, "schema_version": 3, "solution": false, "task": false}
generator = torch.Generator().manual_seed(42)
q, k = torch.randn(6, 8, generator=generator), torch.randn(6, 8, generator=generator)


def rotary_scores(of_queries, of_keys):
    """Les scores de six requêtes et de six clés, une fois tournées."""
    return rotate(q, of_queries) @ rotate(k, of_keys).T


place = torch.arange(6)
print(
    "Toutes les positions décalées de 100  :",
    largest(rotary_scores(place + 100, place + 100) - rotary_scores(place, place)),
)
print("Celles des requêtes décalées de 4     :", largest(rotary_scores(place + 4, place) - rotary_scores(place, place)))

# %% nbgrader={"grade": false, "grade_id": "rotations-lot", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
demonstrate(lambda: compare_with_solitude(TinyDecoder(rotary=True)))

# %% [markdown] nbgrader={"grade": false, "grade_id": "rotations-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Ce qu'il faut observer**
#
# - **Positions = colonnes** est devenu juste : toute la phrase est décalée, les distances sont bonnes. Un modèle à positions rotatives **pardonne** cette erreur.
# - **Colonnes au décodage seulement** reste faux : les clés du cache ont tourné selon une numérotation, la nouvelle requête tourne selon une autre. La distance entre la question et la réponse est fausse de quatre. Le pardon ne vaut que si l'on se trompe **toujours de la même façon**.
# - Le **masque**, lui, n'a droit à aucun pardon : sans la règle du remplissage, tout reste faux.
#
# Deux conséquences. Des documents empaquetés, à positions rotatives, n'ont pas besoin que les positions repartent de 0, si leur masque est juste. Et, dans `TinyDecoder`, les clés du cache sont rangées **déjà tournées** : renuméroter le cache après coup demanderait de les faire tourner de nouveau.

# %% nbgrader={"grade": false, "grade_id": "rotations-documents", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
packed_tokens = torch.tensor([[3, 17, 8, 11, 5, 1, 30, 22, 9]])
blocks = torch.block_diag(torch.ones(4, 4), torch.ones(5, 5)) * create_causal_mask(9)
for name, model in (("sinusoïdes", decoder), ("rotatives", TinyDecoder(rotary=True))):
    in_the_row, _ = model(packed_tokens, torch.arange(9)[None], blocks)
    by_itself, _ = model(packed_tokens[:, 4:], torch.arange(5)[None], create_causal_mask(5))
    print(
        f"Masque juste, positions de 0 à 8, {name:<10} : écart de B avec B seul : {largest(in_the_row[:, 4:] - by_itself)}"
    )

# %% [markdown] nbgrader={"grade": false, "grade_id": "fenetre-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 5. Une fenêtre, et des puits
#
# ### 5.1 Oublier, mais pas le début
#
# Un texte de 100 000 tokens a un cache de 100 000 clés par tête et par couche. La **fenêtre glissante** n'en garde que les `window_size` dernières. On s'attendrait à perdre un peu de mémoire, et rien d'autre. Or Xiao et ses collègues ont mesuré, en 2024, que de grands modèles, entraînés avec l'attention entière, s'**effondrent** dès que les tout premiers tokens sortent de la fenêtre, même s'ils ne disent rien.
#
# L'explication est dans le softmax : les poids d'une ligne sont de somme 1. Une tête qui n'a rien à chercher doit bien les mettre quelque part. Beaucoup de modèles apprennent à les verser sur les tout premiers tokens, que tout le monde voit : ce sont des **puits** (*attention sinks*). Retirez le puits : le softmax partage la même somme entre les tokens qui restent, que la tête ne cherchait pas.
#
# ### 5.2 Le puits, fabriqué puis retiré
#
# Fabriquons une tête de ce genre : 64 tokens, une clé 0 qui plaît à toutes les requêtes, et une valeur 0 nulle. Regardons la sortie des derniers tokens quand la fenêtre ne contient plus le puits.

# %% nbgrader={"grade": false, "grade_id": "fenetre-puits", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
n, d = 64, 16
generator = torch.Generator().manual_seed(42)
head_Q, head_K, head_V = (torch.randn(n, d, generator=generator) for _ in range(3))
head_Q[:, 0], head_K[:, 0] = 4.0, 0.0
head_K[0], head_V[0] = 0.0, 0.0
head_K[0, 0] = 6.0  # un score de 4 × 6 / √16 = 6 : e^6, soit 400 fois le poids d'un score nul
head = ScaledDotProductAttention(d)


def with_keys(i, kept):
    """Sortie du token i quand le cache ne contient que ces clés, et poids de la première d'entre elles."""
    output, weights = head(head_Q[i : i + 1], head_K[kept], head_V[kept])
    return output.norm().item(), weights[0, 0].item()


last = range(40, n)
whole_size = np.mean([with_keys(i, list(range(i + 1)))[0] for i in last])
to_the_sink = np.mean([with_keys(i, list(range(i + 1)))[1] for i in last])
print(f"Attention entière : {written(100 * to_the_sink, 0)} % du poids va au puits")
for name, first in (("les 16 derniers tokens", []), ("les 16 derniers et le puits", [0])):
    size = np.mean([with_keys(i, first + list(range(i - 15, i + 1)))[0] for i in last])
    print(f"{name:<28} : longueur des sorties multipliée par {written(size / whole_size, 1)}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "fenetre-regle", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Sans le puits, les sorties sont huit fois trop grandes : la tête, qui ne disait presque rien, se met à crier. Avec **une seule** clé de plus, elles redeviennent petites. Elles sont même deux fois plus petites que celles de l'attention entière : le puits a moins de concurrents.
#
# ### 5.3 La règle
#
# On garde donc les `window_size` derniers tokens, soi-même compris, **et** les `n_sinks` premiers du texte, toujours sans voir l'avenir :
#
# $$M_{ij} = 1 \iff j \le i \ \text{ et }\ \left(i - j < \mathtt{window\_size} \ \text{ ou }\ j < \mathtt{n\_sinks}\right).$$
#
# Pour 6 tokens, une fenêtre de 2 et un puits :
#
# $$M = \begin{pmatrix}
# 1 & 0 & 0 & 0 & 0 & 0 \\
# 1 & 1 & 0 & 0 & 0 & 0 \\
# 1 & 1 & 1 & 0 & 0 & 0 \\
# 1 & 0 & 1 & 1 & 0 & 0 \\
# 1 & 0 & 0 & 1 & 1 & 0 \\
# 1 & 0 & 0 & 0 & 1 & 1
# \end{pmatrix}$$

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-4", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Exercice 4. Une fenêtre glissante avec des puits
#
# **Difficulté** ●○○ · **Temps conseillé** : 15 min · **2 points**
#
# Écrivez `create_sink_window_mask(seq_len, window_size, n_sinks)`, qui renvoie le masque de la section 5.3, de forme `(seq_len, seq_len)`, en NumPy ou en PyTorch. `seq_len` et `window_size` valent au moins 1 ; `n_sinks` peut être nul ; la fenêtre et les puits peuvent dépasser la longueur du texte. Le type des nombres est libre, la manière aussi.
#
# <details><summary>Indice 1 : trois cas connus</summary>
#
# Avec `n_sinks = 0`, c'est la fenêtre glissante ordinaire. Avec `window_size = seq_len`, c'est le masque causal. Et avec `n_sinks = seq_len` ?
#
# </details>
# <details><summary>Indice 2 : la distance</summary>
#
# La fenêtre se lit sur la matrice des distances $i - j$ ; les puits se lisent sur le numéro de colonne seul.
#
# </details>
# <details><summary>Indice 3 : l'ordre des opérations</summary>
#
# « A et (B ou C) » n'est pas « (A et B) ou C » : dans le second cas, le token 0 verrait un puits qui est dans son avenir. En Python, `&` passe avant `|`, et les comparaisons passent après les deux : mettez des parenthèses.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "exercice-4-reponse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def create_sink_window_mask(seq_len, window_size, n_sinks):
    """Renvoie le masque causal limité aux window_size derniers tokens et aux n_sinks premiers.

    Args:
        seq_len: nombre de tokens, au moins 1.
        window_size: largeur de la fenêtre, soi-même compris, au moins 1.
        n_sinks: nombre de puits, positif ou nul.

    Returns:
        Masque de forme (seq_len, seq_len), 1 = a le droit de voir.
    """
    ### BEGIN SOLUTION
    j = torch.arange(seq_len)
    distance = j[:, None] - j
    return (distance >= 0) & ((distance < window_size) | (j < n_sinks))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "exercice-4-verification", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
def test_example():
    """Le masque de 6 tokens, d'une fenêtre de 2 et d'un puits est celui de l'énoncé."""
    rows = [[1, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0]]
    rows += [[1, 0, 1, 1, 0, 0], [1, 0, 0, 1, 1, 0], [1, 0, 0, 0, 1, 1]]
    np.testing.assert_array_equal(create_sink_window_mask(6, 2, 1), rows)


def test_no_sink():
    """Sans puits, il ne reste que la fenêtre."""
    np.testing.assert_array_equal(create_sink_window_mask(5, 2, 0), np.eye(5) + np.eye(5, k=-1))


@weight(0.5)
def test_wide_window():
    """Une fenêtre aussi large que le texte redonne le masque causal."""
    np.testing.assert_array_equal(create_sink_window_mask(4, 4, 1), np.tri(4))


### BEGIN HIDDEN TESTS
def window_and_sinks(seq_len, window_size, n_sinks):
    expected = np.tri(seq_len) - np.tri(seq_len, k=-window_size)
    for i in range(seq_len):
        expected[i, : min(n_sinks, i + 1)] = 1
    return expected


@weight(2)
def test_any_window():
    """Le masque est juste pour d'autres longueurs, d'autres fenêtres et d'autres nombres de puits."""
    for sizes in [(9, 3, 2), (7, 1, 1), (8, 2, 4), (10, 4, 3), (300, 7, 5), (9, 3, 0), (12, 5, 1), (9, 3, 2)]:
        result = create_sink_window_mask(*sizes)
        assert tuple(result.shape) == (sizes[0], sizes[0])
        np.testing.assert_array_equal(result, window_and_sinks(*sizes))


@weight(0.5)
def test_extremes():
    """Une fenêtre ou des puits plus nombreux que les tokens, et un seul token, donnent un masque juste."""
    for sizes in [(5, 50, 1), (5, 2, 5), (4, 1, 9), (1, 1, 0), (1, 3, 2), (6, 6, 0)]:
        result = create_sink_window_mask(*sizes)
        assert tuple(result.shape) == (sizes[0], sizes[0])
        np.testing.assert_array_equal(result, window_and_sinks(*sizes))


### END HIDDEN TESTS
run_tests(points=2)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-4-voir", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Votre masque, vu et empilé.** À gauche, votre masque. À droite, la carte des influences de **quatre** couches qui l'utilisent : une couche ne voit que trois tokens en arrière, mais l'information passe de proche en proche.


# %% nbgrader={"grade": false, "grade_id": "exercice-4-carte", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
def show_window():
    mask = create_sink_window_mask(12, 3, 1)

    def four_layers(x):
        for _ in range(4):
            x = (x + one_layer(x / 3, x / 3, x, mask=torch.as_tensor(mask))[0]) / 2
        return x

    x = torch.randn(12, 8, generator=torch.Generator().manual_seed(5))
    figure, axes = canvas(2, side=5.2)
    draw_mask(axes[0], np.asarray(mask, dtype=float), "Votre masque : fenêtre de 3, un puits")
    draw_influence(axes[1], jacobian_norms(four_layers, x).numpy(), "Quatre couches : qui influence qui")
    show(
        figure,
        alt="À gauche, une bande diagonale de 3 cases de large et une première colonne pleine. À droite, l'influence de quatre couches : "
        "une bande de 9 cases de large, la première colonne, et rien au-dessus de la diagonale.",
    )


demonstrate(show_window)

# %% [markdown] nbgrader={"grade": false, "grade_id": "fenetre-cout", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 5.4 Un masque ne fait rien gagner
#
# Donner un masque $n \times n$ à une attention ordinaire ne lui épargne **aucun** calcul : elle forme d'abord les $n^2$ scores, puis en efface presque tous. Pour gagner, il faut ne pas les former. Coupons le texte en blocs de $w$ requêtes : chaque bloc n'a besoin que de ses clés et de celles du bloc précédent, soit $2w$ clés au lieu de $n$.


# %% nbgrader={"grade": false, "grade_id": "fenetre-blocs", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
def windowed_attention(Q, K, V, window_size):
    """Attention à fenêtre glissante, bloc par bloc : jamais plus de window_size × 2·window_size scores à la fois."""
    outputs = []
    for start in range(0, len(Q), window_size):
        stop, first = min(start + window_size, len(Q)), max(start - window_size, 0)
        mask = torch.ones(stop - start, stop - first).tril(start - first).triu(start - first - window_size + 1)
        outputs.append(
            ScaledDotProductAttention(Q.shape[-1])(Q[start:stop], K[first:stop], V[first:stop], mask=mask)[0]
        )
    return torch.cat(outputs)


long_n, long_w = 2048, 128
generator = torch.Generator().manual_seed(42)
long_Q, long_K, long_V = (torch.randn(long_n, 64, generator=generator) for _ in range(3))
long_causal = create_causal_mask(long_n).bool()
long_mask = long_causal.triu(1 - long_w)
masked_output, _ = ScaledDotProductAttention(64)(long_Q, long_K, long_V, mask=long_mask)
block_output = windowed_attention(long_Q, long_K, long_V, long_w)
print("Écart entre les deux sorties :", largest(masked_output - block_output))
print(f"Scores formés avec un masque n × n : {written(long_n * long_n)}")
print(f"Scores formés bloc par bloc        : {written(long_w * long_w * (2 * (long_n // long_w) - 1))}")


# %% [markdown] nbgrader={"grade": false, "grade_id": "fenetre-largeur-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Réglez la largeur.** Sur 16 tokens, voici en clair ce que la fenêtre laisse voir, en gris ce qui est calculé puis effacé, en sombre ce qui n'est jamais calculé. Le curseur se tire à la souris, ou se déplace avec les flèches. **Prédisez** : des scores calculés bloc par bloc, quelle part sert vraiment, pour une fenêtre étroite, puis pour une large ?

# %% nbgrader={"grade": false, "grade_id": "fenetre-largeur", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
from matplotlib.colors import ListedColormap

from attention.figures import ALLOWED, BLOCKED, KEY_LABEL, QUERY_LABEL
from attention.interactive import drag

few = 16


def window_of(width):
    """Dessine ce qu'une fenêtre laisse voir, ce que les blocs calculent en plus, et ce qu'ils ne calculent pas."""
    cells = np.zeros((few, few))
    for start in range(0, few, width):
        cells[start : start + width, max(start - width, 0) : start + width] = 1
    seen = np.triu(np.tri(few), 1 - width)
    formed, useful = int(cells.sum()), int(seen.sum())
    figure, (ax,) = canvas(1, side=4.6)
    colors = ListedColormap([BLOCKED, "#a0a0a0", ALLOWED])
    image = ax.pcolormesh(cells + seen, cmap=colors, vmin=0, vmax=2, edgecolors="white", linewidth=0.5)
    ax.set(title=f"Fenêtre de {width}, bloc par bloc", xlabel=KEY_LABEL, ylabel=QUERY_LABEL, aspect="equal")
    ax.invert_yaxis()
    figure.colorbar(image, ax=ax, shrink=0.8).set_ticks(
        [1 / 3, 1, 5 / 3], labels=["jamais calculé", "effacé", "visible"]
    )
    return figure, (
        f"Fenêtre de {width} : {formed} scores calculés bloc par bloc, au lieu de {few * few} ; "
        f"{useful} servent, soit {written(100 * useful / formed, 0)} %."
    )


drag("Largeur de la fenêtre", range(1, few + 1), 4, window_of)

# %% [markdown] nbgrader={"grade": false, "grade_id": "fenetre-largeur-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Un peu plus de la moitié des scores calculés servent, que la fenêtre soit étroite ou large : le gaspillage des blocs ne dépend presque pas de leur largeur. Ce qui change, c'est leur nombre. À 16, il n'y a plus qu'un bloc, et plus rien à gagner.
#
# Reste à savoir si les scores épargnés se voient aussi sur l'horloge :


# %% nbgrader={"grade": false, "grade_id": "fenetre-temps", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
def median_ms(function, repeats=7):
    """Durée médiane d'un appel, en millisecondes, et l'étendue des mesures."""
    durations = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        function()
        durations.append(1000 * (time.perf_counter() - start))
    durations = sorted(durations[1:])  # le premier appel chauffe la machine
    return statistics.median(durations), durations[0], durations[-1]


for name, call in (
    ("sans fenêtre, causal", lambda: ScaledDotProductAttention(64)(long_Q, long_K, long_V, mask=long_causal)),
    ("fenêtre, masque n × n", lambda: ScaledDotProductAttention(64)(long_Q, long_K, long_V, mask=long_mask)),
    ("fenêtre, bloc par bloc", lambda: windowed_attention(long_Q, long_K, long_V, long_w)),
):
    median, low, high = median_ms(call)
    print(f"{name:<23} : {written(median, 1)} ms (de {written(low, 1)} à {written(high, 1)})")

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-4-plus-loin", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Pour aller plus loin.** Avec $L$ couches et une fenêtre de $w$, jusqu'à quelle distance une information peut-elle voyager ? Vérifiez votre formule sur la carte ci-dessus. Et les puits : que devient cette distance pour l'information qui part d'un puits ?

# %% [markdown] nbgrader={"grade": false, "grade_id": "blocs-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 5.5 Sans fenêtre : l'attention entière, bloc par bloc
#
# La fenêtre épargne des scores parce qu'elle en interdit. L'attention causale **entière** a besoin de tous les siens, environ $n^2/2$. Mais faut-il les **garder** tous ? Le softmax semble l'exiger : pas de poids sans le maximum de la ligne ni sans la somme de ses exponentielles, et l'un et l'autre attendent la dernière clé.
#
# *FlashAttention* (Dao et ses collègues, 2022) lit les clés bloc après bloc, et ne garde pour chaque requête que trois quantités **provisoires** : le plus grand score lu, $m$ ; la somme $\ell = \sum_k e^{s_k - m}$ ; la sortie non divisée, $o = \sum_k e^{s_k - m}\, v_k$. Un nouveau bloc de clés les corrige :
#
# $$m' = \max\left(m, \max_k s_k\right), \qquad \ell' = e^{m - m'}\,\ell + \sum_k e^{s_k - m'}, \qquad o' = e^{m - m'}\,o + \sum_k e^{s_k - m'}\,v_k.$$
#
# Rien n'est approché : multiplier par $e^{m - m'}$, c'est faire comme si l'on avait soustrait $m'$ dès le début. Après le dernier bloc, la sortie est $o / \ell$. Un bloc de clés tout entier dans l'avenir se **saute** : le masque, cette fois, fait gagner.
#
# **Prédisez** : quel écart avec l'attention ordinaire ? Combien de scores calculés, et combien présents en même temps ?


# %% nbgrader={"grade": false, "grade_id": "blocs-calcul", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
def attention_by_blocks(Q, K, V, size):
    """Attention causale, bloc par bloc : la même sortie, et le nombre de scores calculés, size × size à la fois."""
    outputs, formed = [], 0
    for start in range(0, len(Q), size):
        queries = Q[start : start + size]
        highest = torch.full((len(queries), 1), -torch.inf)
        total, output = torch.zeros(len(queries), 1), torch.zeros(len(queries), V.shape[-1])
        for first in range(0, start + size, size):  # les blocs suivants sont dans l'avenir
            scores = queries @ K[first : first + size].T / Q.shape[-1] ** 0.5
            if first == start:  # le seul bloc où passé et avenir se mêlent
                scores = scores.masked_fill(torch.ones_like(scores).triu(1).bool(), -torch.inf)
            raised = torch.maximum(highest, scores.max(dim=-1, keepdim=True).values)
            shrink, shares = torch.exp(highest - raised), torch.exp(scores - raised)
            total = shrink * total + shares.sum(dim=-1, keepdim=True)
            output = shrink * output + shares @ V[first : first + size]
            highest, formed = raised, formed + scores.numel()
        outputs.append(output / total)
    return torch.cat(outputs), formed


causal_output, _ = ScaledDotProductAttention(64)(long_Q, long_K, long_V, mask=long_causal)
for size in (2048, 512, 128, 32):
    flash_output, formed = attention_by_blocks(long_Q, long_K, long_V, size)
    print(
        f"blocs de {size:>4} : écart {largest(flash_output - causal_output)}, {written(formed)} scores calculés, "
        f"{size * size} à la fois, soit {written(4 * size * size / 1024, 0)} Kio"
    )

# %% [markdown] nbgrader={"grade": false, "grade_id": "blocs-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Ce qu'il faut observer**
#
# - **La sortie est la même**, à l'arrondi près, quelle que soit la taille des blocs : seul l'ordre des additions change.
# - **Deux fois moins de scores** avec de petits blocs, puisque l'avenir est sauté ; mais toujours en $n^2$, et le temps aussi.
# - **La mémoire, elle, change d'échelle.** Un seul bloc de 2 048 garde 16 Mio de scores par tête ; des blocs de 128, 64 Kio. Ce qu'il faut garder pour chaque requête, $m$, $\ell$ et $o$, croît comme $n$.
#
# Sur une carte graphique, le temps baisse lui aussi, sans calcul en moins : un bloc tient dans sa petite mémoire rapide, alors que lire et écrire $n^2$ poids dans la grande prend souvent plus de temps que de les calculer. Au retour, les poids dont les gradients ont besoin sont **recalculés** bloc par bloc. Notre boucle n'est là que pour être lue ; `scaled_dot_product_attention` fait ce calcul en code compilé quand ses arguments le permettent. Avec une seule requête et des blocs d'une clé, vous retrouvez le bonus de `noyau_attention`.

# %% [markdown] nbgrader={"grade": false, "grade_id": "alibi-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 6. ALiBi : un masque qui n'est plus fait de 0 et de 1
#
# Un masque additif contient 0 (permis) et $-\infty$ (bloqué). Rien n'interdit les valeurs **entre les deux**. ALiBi (*attention with linear biases*) retire à chaque score un nombre proportionnel à la distance, avec une pente $m_h > 0$ propre à chaque tête :
#
# $$S_{h,i,j} = \frac{q_i \cdot k_j}{\sqrt{d_k}} - m_h\,(i - j) \quad \text{si } j \le i, \qquad -\infty \text{ sinon.}$$
#
# C'est une fenêtre glissante **aux bords flous** : à distance $t$, un poids est multiplié par $e^{-m_h t}$ avant la normalisation. Les pentes forment une suite géométrique : quelques têtes voient tout près, d'autres très loin. Il n'y a plus de position dans les vecteurs : la position **est** dans le masque.

# %% nbgrader={"grade": false, "grade_id": "alibi-figure", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
slopes = alibi_slopes(8)
print("Pentes :", written(slopes, 4))
figure, axes = plt.subplots(1, 2, figsize=(11, 4.4), layout="constrained")
steps = torch.arange(40)
for number in (0, 2, 4, 7):
    axes[0].plot(torch.exp(-slopes[number] * steps), label=f"tête {number}, pente {written(slopes[number].item(), 3)}")
axes[0].set(title="Ce qu'il reste d'un poids, à distance t", xlabel="Distance t", ylabel="exp(-m t)", ylim=(0, 1.05))
axes[0].yaxis.set_major_formatter(lambda value, _: written(value, 1))
axes[0].legend()
distance = torch.arange(10)[:, None] - torch.arange(10)
draw_influence(
    axes[1],
    torch.where(distance >= 0, torch.exp(-slopes[1] * distance), 0.0).numpy(),
    "Tête 1 : facteur de chaque case",
)
axes[1].set(xlabel="Token regardé (clé j)", ylabel="Token qui regarde (requête i)")
show(
    figure,
    alt="À gauche, quatre courbes décroissantes, une par tête : la plus pentue s'annule en quelques tokens, la moins pentue reste presque à 1. "
    "À droite, les facteurs d'une tête : 1 sur la diagonale, décroissants vers la gauche, nuls au-dessus de la diagonale.",
)


# %% nbgrader={"grade": false, "grade_id": "alibi-mesure", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
def alibi_output(x, real, causal=True, slope=0.25):
    """Une attention à biais d'ALiBi sur des tokens dont real dit lesquels existent."""
    behind = torch.arange(len(x))[:, None] - torch.arange(len(x))
    bias = -slope * behind.abs() + torch.zeros(len(x), len(x)).masked_fill(~real, -torch.inf)
    if causal:
        bias = bias + torch.full_like(bias, -torch.inf).triu(1)
    return functional.scaled_dot_product_attention(x, x, x, attn_mask=bias)


x_alone = torch.randn(4, 8, generator=torch.Generator().manual_seed(42))
x_padded = torch.cat((torch.randn(3, 8, generator=torch.Generator().manual_seed(1)), x_alone))
all_real, last_four = torch.ones(4).bool(), torch.arange(7) >= 3
gap = alibi_output(x_padded, last_four)[3:] - alibi_output(x_alone, all_real)
print("Complétée à gauche de 3 tokens, règle du remplissage    :", largest(gap))
gap = alibi_output(x_padded, torch.ones(7).bool())[3:] - alibi_output(x_alone, all_real)
print("Complétée à gauche de 3 tokens, sans cette règle        :", largest(gap))
for name, causal in (("avec -inf pour l'avenir", True), ("en -m |i - j|, sans -inf", False)):
    influence = jacobian_norms(lambda x, causal=causal: alibi_output(x, all_real, causal), x_alone)
    leaks = len(find_leaks(influence))
    print(f"Biais {name:<25}: {leaks} fuite{'s' * (leaks > 1)} de l'avenir, sur 6 possibles")

# %% [markdown] nbgrader={"grade": false, "grade_id": "alibi-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Ce qu'un masque doit savoir d'ALiBi**
#
# - Le biais ne remplace pas le masque : il **contient** la règle causale, par ses $-\infty$, ou s'ajoute à un masque qui la contient. Un biais en $-m\,|i - j|$, sans $-\infty$, laisse voir l'avenir.
# - Il ne dépend que de distances : comme les positions rotatives, il pardonne le décalage du remplissage à gauche. Pas besoin de `position_ids`, mais la règle du remplissage reste à appliquer.
# - Avec un cache, les distances se comptent depuis la position de la requête **dans tout le texte** : c'est le masque décalé, encore. C'est l'objet du bonus.
# - Dans `scaled_dot_product_attention`, il passe par `attn_mask`, en flottants : la fonction l'ajoute aux scores **après** la division par $\sqrt{d_k}$, comme le veut la formule.

# %% [markdown] nbgrader={"grade": false, "grade_id": "croisee-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 7. L'attention croisée : deux textes, trois masques
#
# ### 7.1 Qui regarde qui ?
#
# Un traducteur a deux textes. L'**encodeur** lit la phrase source, en entier ; le **décodeur** écrit la phrase cible, mot à mot, en regardant la source. Il y a trois attentions, donc trois masques :
#
# | Attention | Requêtes | Clés | Règle | Forme du masque |
# |---|---|---|---|---|
# | de l'encodeur | source | source | remplissage de la **source** | `(batch, n_source, n_source)` |
# | du décodeur | cible | cible | **causale**, et remplissage de la **cible** | `(batch, n_target, n_target)` |
# | **croisée** | cible | source | remplissage de la **source** | `(batch, n_target, n_source)` |
#
# Pas de triangle dans l'attention croisée : la source est connue en entier avant que la traduction commence. Et c'est le remplissage des **clés** qui compte : celui de la source, jamais celui de la cible.
#
# ### 7.2 Deux pannes
#
# Une source de 6 tokens, dont 2 de remplissage ; une cible de 4. Qui influence qui, avec le bon masque, et avec deux mauvais ?

# %% nbgrader={"grade": false, "grade_id": "croisee-carte", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
source_x, target_x = (torch.randn(n, 8, generator=torch.Generator().manual_seed(n)) for n in (6, 4))
real_columns = torch.tensor([1, 1, 1, 1, 0, 0]).expand(4, 6)


def cross_influence(mask):
    """Norme de la dérivée de chaque sortie du décodeur par rapport à chaque token de la source : (4, 6)."""
    jacobian = torch.autograd.functional.jacobian(lambda s: one_layer(target_x, s, s, mask=mask)[0], source_x)
    return torch.linalg.vector_norm(jacobian, dim=(1, 3))


figure, axes = plt.subplots(1, 3, figsize=(15, 3.9), layout="constrained")
for ax, title, mask in (
    (axes[0], "Le remplissage de la source", real_columns),
    (axes[1], "Aucun masque : du remplissage est lu", torch.ones(4, 6)),
    (axes[2], "Un triangle en plus : la source est cachée", real_columns * torch.ones(4, 6).tril()),
):
    influence = cross_influence(mask).numpy()
    image = ax.imshow(np.where(influence == 0, np.nan, influence), cmap="cividis", vmin=0)
    ax.set_facecolor("#d9d9d9")
    ax.set(title=title, xlabel="Token de la source (clé j)", ylabel="Token de la cible (requête i)", yticks=range(4))
    print(f"{title:<44} : cases non nulles par ligne : {(influence > 0).sum(axis=1).tolist()}")
show(
    figure,
    alt="Trois cartes des influences de 6 tokens de la source sur 4 tokens de la cible. Juste : les 4 premières colonnes sont pleines, les 2 "
    "dernières nulles. Sans masque : tout est plein. Avec un triangle en plus : le token i de la cible ne voit que les tokens 0 à i de la source.",
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "croisee-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# À droite, le premier mot de la traduction ne voit que le premier mot de la source. Les deux langues ne mettent pas les mots dans le même ordre : « the black cat » donne « le chat noir », et « chat » ne verrait jamais « cat ». Rien ne le signale, pas même une forme qui ne convient pas : un masque rectangulaire peut très bien contenir un triangle. Sans masque, au milieu, la traduction d'une phrase dépend de la longueur des **autres** phrases du lot.

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-5", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Exercice 5. Les trois masques d'un traducteur
#
# **Difficulté** ●●○ · **Temps conseillé** : 20 min · **3 points**
#
# `source_real`, de forme `(batch, n_source)`, et `target_real`, de forme `(batch, n_target)`, valent 1 (ou `True`) pour un token réel et 0 (ou `False`) pour du remplissage, à gauche ou à droite. Ils contiennent des booléens, des entiers ou des flottants. Écrivez `create_translation_masks(source_real, target_real)`, qui renvoie **trois** tenseurs PyTorch, dans cet ordre :
#
# | Masque | Forme | Vaut 1 si et seulement si |
# |---|---|---|
# | `encoder` | `(batch, n_source, n_source)` | le token $j$ de la source est réel |
# | `decoder` | `(batch, n_target, n_target)` | $j \le i$, et le token $j$ de la cible est réel |
# | `cross` | `(batch, n_target, n_source)` | le token $j$ de la source est réel |
#
# Seules les **colonnes** de remplissage sont donc nulles : une requête de remplissage voit encore des tokens réels, et sa sortie ne sert à personne. Pour `source_real = [[1, 1, 0]]` et `target_real = [[1, 1]]` :
#
# $$\text{encoder} = \begin{pmatrix} 1 & 1 & 0 \\ 1 & 1 & 0 \\ 1 & 1 & 0 \end{pmatrix} \qquad \text{decoder} = \begin{pmatrix} 1 & 0 \\ 1 & 1 \end{pmatrix} \qquad \text{cross} = \begin{pmatrix} 1 & 1 & 0 \\ 1 & 1 & 0 \end{pmatrix}$$
#
# Les masques ont exactement ces formes (pas de dimension réduite à 1). Le type de leurs nombres est libre ; les arguments ne sont pas modifiés. La manière est libre.
#
# <details><summary>Indice 1 : une question par axe</summary>
#
# Pour chaque masque : combien de lignes (qui regarde ?), combien de colonnes (qui est regardé ?), et de quel texte vient le remplissage ?
#
# </details>
# <details><summary>Indice 2 : répéter une ligne</summary>
#
# `x[:, None, :]` ajoute la dimension des requêtes ; `expand(-1, n, -1)` répète la ligne `n` fois sans la copier.
#
# </details>
# <details><summary>Indice 3 : où est le triangle ?</summary>
#
# Un seul des trois masques est causal : celui où un token pourrait voir son propre avenir.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "exercice-5-reponse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def create_translation_masks(source_real, target_real):
    """Renvoie les masques de l'encodeur, du décodeur et de l'attention croisée d'un traducteur.

    Args:
        source_real: tenseur (batch, n_source), 1 = token réel, 0 = remplissage ; de type quelconque.
        target_real: tenseur (batch, n_target), de même.

    Returns:
        Trois tenseurs, 1 = a le droit de voir : encoder (batch, n_source, n_source), decoder (batch, n_target, n_target)
        et cross (batch, n_target, n_source).
    """
    ### BEGIN SOLUTION
    n_source, n_target = source_real.shape[1], target_real.shape[1]
    source, target = source_real.bool()[:, None, :], target_real.bool()[:, None, :]
    decoder = target & create_causal_mask(n_target).bool()
    return source.expand(-1, n_source, -1), decoder, source.expand(-1, n_target, -1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "exercice-5-verification", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
def test_example():
    """Les trois masques sont ceux de l'énoncé."""
    encoder, decoder, cross = create_translation_masks(torch.tensor([[1, 1, 0]]), torch.tensor([[1, 1]]))
    check_tensor(encoder, [[[1, 1, 0]] * 3])
    check_tensor(decoder, [[[1, 0], [1, 1]]])
    check_tensor(cross, [[[1, 1, 0]] * 2])


### BEGIN HIDDEN TESTS
def translations():
    """Yield real tokens of sources and targets: padding left or right, as many tokens on both sides, one token."""
    yield [[1, 1, 1, 1, 0], [0, 0, 1, 1, 1]], [[1, 1, 0], [1, 0, 0]]
    yield [[1, 0], [1, 1], [0, 1]], [[0, 1, 1, 1], [1, 1, 1, 1], [0, 0, 0, 1]]
    yield [[1, 1, 0, 0], [1, 1, 1, 1]], [[1, 1, 1, 0], [0, 1, 1, 1]]
    yield [[1]], [[1]]
    yield [[0, 1, 1]], [[1, 1, 1, 1, 1, 1]]
    yield [[1, 0, 0, 0, 0], [0, 1, 1, 1, 1]], [[1, 1, 1], [0, 1, 1]]  # of the first one's shape
    yield [[1, 1, 1, 1, 0], [0, 0, 1, 1, 1]], [[1, 1, 0], [1, 0, 0]]


def check_translation(which, rule):
    for source, target in translations():
        masks = create_translation_masks(torch.tensor(source), torch.tensor(target))
        check_tensor(masks[which], np.array([rule(s, t) for s, t in zip(source, target, strict=True)]))


def causal_rows(real):
    return [[visible * (j <= i) for j, visible in enumerate(real)] for i in range(len(real))]


def test_encoder():
    """Le masque de l'encodeur cache le remplissage de la source, et lui seul."""
    check_translation(0, lambda source, _: [source] * len(source))


@weight(1.5)
def test_decoder():
    """Le masque du décodeur cache l'avenir et le remplissage de la cible."""
    check_translation(1, lambda _, target: causal_rows(target))


@weight(1.5)
def test_cross():
    """Le masque de l'attention croisée cache le remplissage de la source, et lui seul."""
    check_translation(2, lambda source, target: [source] * len(target))


@weight(0.5)
def test_types():
    """Des booléens ou des flottants dans les arguments donnent les mêmes masques que des entiers."""
    source, target = [[1, 0, 0, 0], [1, 1, 1, 0]], [[0, 1, 1], [1, 1, 0]]
    encoder, decoder, cross = create_translation_masks(torch.tensor(source), torch.tensor(target))
    for dtype in (torch.bool, torch.float32):
        same = create_translation_masks(torch.tensor(source).to(dtype), torch.tensor(target).to(dtype))
        check_tensor(same[0], np.asarray(encoder))
        check_tensor(same[1], np.asarray(decoder))
        check_tensor(same[2], np.asarray(cross))


@weight(0.5)
def test_arguments_unchanged():
    """La fonction laisse ses deux arguments comme elle les a reçus, booléens ou entiers."""
    for dtype in (torch.bool, torch.int64):
        given = [torch.tensor([[1, 1, 0, 0], [0, 1, 1, 1]]).to(dtype), torch.tensor([[1, 0], [1, 1]]).to(dtype)]
        before = [x.clone() for x in given]
        create_translation_masks(*given)
        unchanged = all(torch.equal(x, y) for x, y in zip(given, before, strict=True))
        assert unchanged


### END HIDDEN TESTS
run_tests(points=3)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-5-voir", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Vos masques, contre la solitude.** La cellule suivante assemble un traducteur minuscule, aux poids aléatoires : une couche d'encodeur, puis l'attention du décodeur, puis l'attention croisée. Elle traduit une phrase seule, puis dans un lot où une autre phrase, plus longue, lui impose du remplissage.


# %% nbgrader={"grade": false, "grade_id": "exercice-5-mesure", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
def show_translation():
    generator = torch.Generator().manual_seed(42)
    words = torch.randn(30, 16, generator=generator)
    attend = ScaledDotProductAttention(16)

    def translate(source, target, masks):
        encoder, decoder_mask, cross = masks
        memory, written_so_far = words[source], words[target]
        memory = memory + attend(memory, memory, memory, mask=encoder)[0]
        hidden = written_so_far + attend(written_so_far, written_so_far, written_so_far, mask=decoder_mask)[0]
        return hidden + attend(hidden, memory, memory, mask=cross)[0]

    source, target = torch.tensor([[4, 9, 2, 0, 0], [7, 5, 3, 8, 6]]), torch.tensor([[11, 12, 0, 0], [13, 14, 15, 16]])
    source_real, target_real = source > 0, target > 0
    alone = translate(
        source[:1, :3], target[:1, :2], create_translation_masks(source_real[:1, :3], target_real[:1, :2])
    )
    encoder, decoder_mask, cross = create_translation_masks(source_real, target_real)
    for name, masks in (
        ("vos trois masques", (encoder, decoder_mask, cross)),
        ("sans masque dans l'encodeur", (None, decoder_mask, cross)),
        ("sans masque dans l'attention croisée", (encoder, decoder_mask, None)),
        (
            "un triangle dans l'attention croisée",
            (encoder, decoder_mask, torch.as_tensor(cross).bool() & torch.ones(4, 5).tril().bool()),
        ),
    ):
        together = translate(source, target, masks)
        print(f"{name:<37} : écart avec la phrase seule : {largest(together[0, :2] - alone[0])}")


demonstrate(show_translation)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-5-plus-loin", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Pour aller plus loin.** Pendant le décodage, l'attention croisée a aussi son cache : que contient-il, et combien de fois faut-il le calculer ? Comparez avec celui de l'attention du décodeur.

# %% [markdown] nbgrader={"grade": false, "grade_id": "torch-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 8. Trois arguments que l'on confond
#
# ### 8.1 Le tableau
#
# PyTorch a deux portes d'entrée, la fonction `scaled_dot_product_attention` (ci-dessous : SDPA) et le module `nn.MultiheadAttention` (MHA). Elles ont trois arguments de masque à elles deux. Le même nom n'y veut pas toujours dire la même chose.
#
# | Argument | Chez | Forme | Un booléen `True` veut dire |
# |---|---|---|---|
# | `attn_mask` | SDPA | diffusable en `(..., n_q, n_k)` | **a le droit de voir** |
# | `attn_mask` | MHA | `(n_q, n_k)` ou `(batch · n_heads, n_q, n_k)` | **bloqué** |
# | `key_padding_mask` | MHA seulement | `(batch, n_k)` | **bloqué** |
# | `is_causal` | SDPA | un booléen | « fabrique le triangle », aligné en haut à gauche |
# | `is_causal` | MHA | un booléen | « c'est **promis**, `attn_mask` est causal » |
#
# - Un masque de **flottants** n'a pas de polarité : il est **ajouté** aux scores. Un masque de 0 et de 1 en flottants est donc accepté, et ne bloque rien.
# - La documentation de SDPA interdit de donner à la fois `attn_mask` et `is_causal=True`. Selon le programme que PyTorch choisit, c'est une erreur, ou les deux règles s'appliquent : ne comptez ni sur l'une ni sur l'autre.
# - MHA n'accepte qu'un `attn_mask` à deux ou à trois dimensions. À trois, c'est un masque par exemple **et** par tête, rangés ainsi : toutes les têtes de l'exemple 0, puis toutes celles de l'exemple 1…
# - La promesse de `is_causal`, MHA ne la vérifie pas. Selon le programme qu'il choisit, il lit `attn_mask`, ou il croit la promesse et ne le lit pas.
#
# ### 8.2 Six appels, sans ou avec message
#
# La cellule suivante fait six appels que l'on trouve dans de vrais programmes. Pour chacun, **prédisez** : une erreur, ou un résultat faux en silence ?

# %% nbgrader={"grade": false, "grade_id": "torch-pannes", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
torch.manual_seed(42)
x = torch.randn(5, 5, 8)  # cinq exemples de cinq tokens
module = nn.MultiheadAttention(8, 2, batch_first=True)
sees_past = create_causal_mask(5).bool()
sees_two = sees_past & ~sees_past.tril(-2)  # une fenêtre de 2
real = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [1, 1, 1, 1, 0], [1, 0, 0, 0, 0], [1, 1, 0, 0, 0]]).bool()
sdpa = functional.scaled_dot_product_attention


def through_module(**arguments):
    """La sortie du module, sans demander les poids : le chemin rapide."""
    with torch.no_grad():
        return module(x, x, x, need_weights=False, **arguments)[0]


calls = {
    "SDPA, attn_mask en flottants 0 et 1": (
        lambda: sdpa(x, x, x, attn_mask=create_causal_mask(5)),
        lambda: sdpa(x, x, x, attn_mask=sees_past),
    ),
    "SDPA, attn_mask en entiers 0 et 1": (
        lambda: sdpa(x, x, x, attn_mask=sees_past.long()),
        lambda: sdpa(x, x, x, attn_mask=sees_past),
    ),
    "SDPA, attn_mask = real, de forme (batch, n)": (
        lambda: sdpa(x, x, x, attn_mask=real),
        lambda: sdpa(x, x, x, attn_mask=real[:, None, :]),
    ),
    "MHA, is_causal sans attn_mask": (
        lambda: through_module(is_causal=True),
        lambda: through_module(attn_mask=~sees_past),
    ),
    "MHA, is_causal et une fenêtre": (
        lambda: through_module(attn_mask=~sees_two, is_causal=True),
        lambda: through_module(attn_mask=~sees_two),
    ),
    "MHA, key_padding_mask = real": (
        lambda: through_module(attn_mask=~sees_past, key_padding_mask=real),
        lambda: through_module(attn_mask=~sees_past, key_padding_mask=~real),
    ),
}
for name, (call, meant) in calls.items():
    try:
        print(f"{name:<44} : SILENCE, écart avec ce que l'on voulait : {largest(call() - meant())}")
    except Exception as error:
        print(f"{name:<44} : {type(error).__name__}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "torch-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Deux erreurs seulement, pour six appels faux.** Les entiers sont refusés, et `is_causal` sans masque aussi. Les quatre autres calculent autre chose que ce que l'on voulait :
#
# - les 0 et les 1 en flottants sont **ajoutés** aux scores : l'avenir est à peine défavorisé ;
# - `real`, de forme `(batch, n)`, est pris pour un masque `(n_q, n_k)`, **parce que le lot a autant d'exemples que de tokens**. Avec 3 exemples de 5 tokens, il y aurait eu une erreur : l'appel passe ou casse selon la taille du lot ;
# - `is_causal=True` avec une fenêtre : la promesse est fausse, et MHA l'a crue. La fenêtre est **ignorée** ;
# - `key_padding_mask=real` : la polarité de MHA est l'inverse de celle du cours. Le module ne lit que le remplissage, et rien du tout dans les phrases qui n'en ont pas.
#
# ### 8.3 La promesse, vue par la carte des influences
#
# Le même module et la même fenêtre de 2 : d'abord sans promesse, puis avec la promesse fausse. La seule différence entre les deux cartes de droite est de demander ou non les poids.

# %% nbgrader={"grade": false, "grade_id": "torch-carte", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
one_text = torch.randn(6, 8, generator=torch.Generator().manual_seed(1))
window = create_causal_mask(6).bool() & ~create_causal_mask(6).bool().tril(-2)


def module_on(need_weights, **arguments):
    return lambda t: module(t[None], t[None], t[None], attn_mask=~window, need_weights=need_weights, **arguments)[0][0]


figure, axes = plt.subplots(1, 3, figsize=(17, 4.8), layout="constrained")
for ax, title, layer in (
    (axes[0], "attn_mask seul", module_on(False)),
    (axes[1], "et is_causal=True, poids demandés", module_on(True, is_causal=True)),
    (axes[2], "et is_causal=True, poids non demandés", module_on(False, is_causal=True)),
):
    influence = jacobian_norms(layer, one_text)
    draw_influence(ax, influence.numpy(), title)
    print(f"{title:<38} : tokens vus par la dernière ligne : {int((influence[-1] > 0).sum())}")
show(
    figure,
    alt="Trois cartes des influences de nn.MultiheadAttention avec une fenêtre de 2. Avec attn_mask seul, ou si les poids sont demandés : une bande "
    "de deux cases. Avec is_causal=True et sans demander les poids : tout le triangle inférieur, la fenêtre est ignorée.",
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "torch-cout-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 8.4 Alors, pourquoi `is_causal` ?
#
# Parce qu'un triangle que l'on n'a pas besoin de lire permet de **sauter** la moitié du travail : au-dessus de la diagonale, il n'y a rien à calculer, et la fonction le sait d'avance. D'un masque quelconque, elle ne sait rien. Mesurons, sur 2 048 tokens et 4 têtes.

# %% nbgrader={"grade": false, "grade_id": "torch-temps", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
generator = torch.Generator().manual_seed(42)
big_Q, big_K, big_V = (torch.randn(1, 4, 2048, 64, generator=generator) for _ in range(3))
big_mask = create_causal_mask(2048).bool()
gap = sdpa(big_Q, big_K, big_V, is_causal=True) - sdpa(big_Q, big_K, big_V, attn_mask=big_mask)
print("Écart entre is_causal=True et le masque causal :", largest(gap))
for name, call in (
    ("SDPA, sans masque", lambda: sdpa(big_Q, big_K, big_V)),
    ("SDPA, is_causal=True", lambda: sdpa(big_Q, big_K, big_V, is_causal=True)),
    ("SDPA, attn_mask booléen", lambda: sdpa(big_Q, big_K, big_V, attn_mask=big_mask)),
    ("attention du cours", lambda: ScaledDotProductAttention(64)(big_Q, big_K, big_V, mask=big_mask)),
):
    median, low, high = median_ms(call)
    print(f"{name:<24} : {written(median, 1)} ms (de {written(low, 1)} à {written(high, 1)})")

# %% [markdown] nbgrader={"grade": false, "grade_id": "torch-regle", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Chez nous, `is_causal=True` prend de 1,5 à 2 fois moins de temps que l'absence de masque, et le masque booléen en prend plus qu'elle. Vos durées seront différentes ; l'ordre, sans doute pas.
#
# **La règle de ce cours** : garder partout un masque de polarité 1 = « a le droit de voir », et ne le traduire qu'**au moment de l'appel**, par une fonction que l'on a testée. Vous allez écrire ces fonctions.

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-6", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Exercice 6. Traduire un masque pour PyTorch
#
# **Difficulté** ●●○ · **Temps conseillé** : 25 min · **3 points**
#
# Écrivez trois fonctions. Chacune renvoie un **dictionnaire** d'arguments à donner à PyTorch : ses clés sont prises parmi `"attn_mask"`, `"key_padding_mask"` et `"is_causal"`.
#
# | Fonction | Ce que l'on fera du dictionnaire `a` |
# |---|---|
# | `sdpa_arguments(visible)` | `scaled_dot_product_attention(Q, K, V, **a)`, avec `Q` de forme `(batch, n_heads, n_q, d)` et `K`, `V` de forme `(batch, n_heads, n_k, d)`, pour tout `n_heads` |
# | `multihead_arguments(visible, n_heads)` | `layer(query, key, value, **a)`, où `layer = nn.MultiheadAttention(d, n_heads, batch_first=True)`, `query` est de forme `(batch, n_q, d)`, `key` et `value` de forme `(batch, n_k, d)` |
# | `padded_causal_arguments(real)` | `layer(x, x, x, **a)`, avec `x` de forme `(batch, n, d)`, pour **tout** nombre de têtes |
#
# - `visible`, de forme `(batch, n_q, n_k)`, est un masque du cours, un par exemple : 1 (ou `True`) = a le droit de voir. Chaque requête voit au moins une clé. Il vaut pour toutes les têtes.
# - `real`, de forme `(batch, n)`, vaut 1 (ou `True`) pour un token réel, 0 (ou `False`) pour du remplissage, ici **à droite** ; chaque ligne a au moins un token réel. L'attention voulue est causale et ne lit pas le remplissage : 1 si $j \le i$ et si le token $j$ est réel.
# - `visible` et `real` contiennent des booléens, des entiers ou des flottants, et ne sont pas modifiés. Les requêtes, les clés et les valeurs sont en `float32`.
# - Seul compte le résultat de l'attention, que les poids soient demandés ou non à MHA (`need_weights`). La manière est libre.
#
# <details><summary>Indice 1 : booléens ou flottants ?</summary>
#
# Un masque booléen ne peut pas être ajouté par mégarde : `.bool()` traduit tous les types. L'autre voie, un masque de 0 et de $-\infty$, est juste aussi.
#
# </details>
# <details><summary>Indice 2 : une place pour les têtes</summary>
#
# Pour SDPA, les têtes sont une dimension : il faut lui faire une place dans le masque. Pour MHA, elles sont rangées **avec** le lot, toutes celles d'un même exemple à la suite : `repeat` et `repeat_interleave` ne rangent pas pareil.
#
# </details>
# <details><summary>Indice 3 : sans connaître le nombre de têtes</summary>
#
# Un masque de forme `(batch · n_heads, n, n)` est hors de portée de la troisième fonction. Mais la règle causale est la même pour tous, et le remplissage ne dépend que de la clé : il y a un argument pour chacun.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "exercice-6-reponse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sdpa_arguments(visible):
    """Traduit un masque du cours pour torch.nn.functional.scaled_dot_product_attention.

    Args:
        visible: masque (batch, n_q, n_k), 1 = a le droit de voir ; de type quelconque.

    Returns:
        Dictionnaire d'arguments nommés, pour des requêtes (batch, n_heads, n_q, d).
    """
    ### BEGIN SOLUTION
    return {"attn_mask": visible.bool()[:, None]}
    ### END SOLUTION


def multihead_arguments(visible, n_heads):
    """Traduit un masque du cours pour torch.nn.MultiheadAttention.

    Args:
        visible: masque (batch, n_q, n_k), 1 = a le droit de voir ; de type quelconque.
        n_heads: nombre de têtes du module.

    Returns:
        Dictionnaire d'arguments nommés.
    """
    ### BEGIN SOLUTION
    return {"attn_mask": ~visible.bool().repeat_interleave(n_heads, dim=0)}
    ### END SOLUTION


def padded_causal_arguments(real):
    """Donne à torch.nn.MultiheadAttention de quoi être causale sans lire le remplissage.

    Args:
        real: tenseur (batch, n), 1 = token réel, 0 = remplissage, à droite ; de type quelconque.

    Returns:
        Dictionnaire d'arguments nommés.
    """
    ### BEGIN SOLUTION
    return {"attn_mask": ~create_causal_mask(real.shape[1]).bool(), "key_padding_mask": ~real.bool()}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "exercice-6-verification", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
def random_vectors(*shape, seed):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def attention_of_each(layer, query, key, value, visible):
    """Ce que le module calcule de chaque exemple, seul, avec le masque voulu."""
    rows = zip(query, key, value, visible.bool(), strict=True)
    return torch.stack([layer(q[None], k[None], v[None], attn_mask=~seen)[0][0] for q, k, v, seen in rows]).detach()


def check_sdpa(visible, n_heads, seed, d=4):
    batch, n_q, n_k = visible.shape
    Q, K, V = (random_vectors(batch, n_heads, n, d, seed=seed + k) for k, n in enumerate((n_q, n_k, n_k)))
    scores = (Q @ K.transpose(-1, -2) / d**0.5).masked_fill(~visible.bool()[:, None], -torch.inf)
    arguments = sdpa_arguments(visible)
    obtained = functional.scaled_dot_product_attention(Q, K, V, **arguments)
    np.testing.assert_allclose(obtained, torch.softmax(scores, dim=-1) @ V, rtol=0, atol=1e-4)


def check_multihead(arguments, visible, n_heads, seed, of_itself=False):
    """Compare le module, avec ces arguments, à ce qu'il calcule de chaque exemple seul."""
    (batch, n_q, n_k), d = visible.shape, 2 * n_heads
    query = random_vectors(batch, n_q, d, seed=seed)
    key = query if of_itself else random_vectors(batch, n_k, d, seed=seed + 1)
    torch.manual_seed(seed)
    layer = nn.MultiheadAttention(d, n_heads, batch_first=True)
    expected = attention_of_each(layer, query, key, key, visible)
    for need_weights in (True, False):
        obtained, _ = layer(query, key, key, **{**arguments, "need_weights": need_weights})
        np.testing.assert_allclose(obtained.detach(), expected, rtol=0, atol=1e-4)


def test_sdpa_causal():
    """sdpa_arguments rend SDPA causale, pour un lot de deux exemples et trois têtes."""
    check_sdpa(create_causal_mask(4).repeat(2, 1, 1), n_heads=3, seed=1)


def test_multihead_causal():
    """multihead_arguments rend MHA causale, pour un lot de deux exemples et trois têtes."""
    visible = create_causal_mask(4).repeat(2, 1, 1)
    check_multihead(multihead_arguments(visible.clone(), 3), visible, n_heads=3, seed=4)


def test_padded_example():
    """padded_causal_arguments cache l'avenir et le remplissage, pour des phrases de 4 et de 2 tokens."""
    real = torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]])
    visible = create_causal_mask(4).bool() & real.bool()[:, None, :]
    check_multihead(padded_causal_arguments(real), visible, n_heads=2, seed=6, of_itself=True)


### BEGIN HIDDEN TESTS
def random_visible(*shape, seed):
    """Return a boolean mask in which every query sees a key at least."""
    visible = torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) < 0.4
    visible[..., seed % shape[-1]] = True
    return visible


SHAPES = [
    (3, 4, 5, 3),
    (2, 3, 3, 4),
    (4, 5, 2, 1),
    (1, 6, 6, 2),
    (3, 3, 3, 3),
    (2, 1, 4, 2),
    (4, 4, 4, 2),
    (3, 4, 5, 3),
]


def test_any_sdpa():
    """sdpa_arguments est juste pour d'autres masques, un par exemple, et d'autres nombres de têtes."""
    for seed, (batch, n_q, n_k, n_heads) in enumerate(SHAPES):
        check_sdpa(random_visible(batch, n_q, n_k, seed=seed), n_heads, seed=100 + seed)


@weight(1.5)
def test_any_multihead():
    """multihead_arguments est juste pour d'autres masques, un par exemple, et d'autres nombres de têtes."""
    for seed, (batch, n_q, n_k, n_heads) in enumerate(SHAPES):
        visible = random_visible(batch, n_q, n_k, seed=40 + seed)
        check_multihead(multihead_arguments(visible.clone(), n_heads), visible, n_heads, seed=200 + seed)


@weight(1.5)
def test_any_padding():
    """padded_causal_arguments est juste pour d'autres longueurs et d'autres nombres de têtes."""
    for seed, (lengths, n) in enumerate(
        [([3, 5, 1], 5), ([2, 2], 2), ([4, 1, 3, 2], 4), ([6], 6), ([2], 7), ([1, 3, 2], 3), ([1, 1], 1)]
    ):
        real = torch.tensor([[1] * length + [0] * (n - length) for length in lengths])
        visible = torch.ones(n, n).tril().bool() & (real > 0)[:, None]
        for n_heads in (1, 3):
            check_multihead(padded_causal_arguments(real), visible, n_heads, seed=300 + seed, of_itself=True)


def outputs_of(dtype):
    """What PyTorch computes of fixed vectors with the arguments that the three functions give for masks of a type."""
    visible, real = random_visible(2, 4, 4, seed=60).to(dtype), torch.tensor([[1, 1, 1, 0], [1, 1, 1, 1]]).to(dtype)
    x = random_vectors(2, 4, 8, seed=400)
    Q = x.unflatten(-1, (2, 4)).transpose(1, 2)
    torch.manual_seed(401)
    layer = nn.MultiheadAttention(8, 2, batch_first=True)
    yield functional.scaled_dot_product_attention(Q, Q, Q, **sdpa_arguments(visible))
    yield layer(x, x, x, **multihead_arguments(visible, 2))[0].detach()
    yield layer(x, x, x, **padded_causal_arguments(real))[0].detach()


@weight(0.75)
def test_types():
    """Des entiers ou des flottants dans les masques donnent le même résultat que des booléens, dans les trois fonctions."""
    for dtype in (torch.int64, torch.float32):
        for obtained, expected in zip(outputs_of(dtype), outputs_of(torch.bool), strict=True):
            np.testing.assert_allclose(obtained, expected, rtol=0, atol=1e-4)


@weight(0.5)
def test_masks_unchanged():
    """Les trois fonctions laissent leurs masques comme elles les ont reçus, booléens ou entiers."""
    for dtype in (torch.bool, torch.int64):
        visible, given = random_visible(2, 3, 4, seed=70).to(dtype), torch.tensor([[1, 1, 0], [1, 0, 0]]).to(dtype)
        before = visible.clone(), given.clone()
        sdpa_arguments(visible)
        multihead_arguments(visible, 3)
        padded_causal_arguments(given)
        assert torch.equal(visible, before[0])
        assert torch.equal(given, before[1])


### END HIDDEN TESTS
run_tests(points=3)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-6-plus-loin", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Pour aller plus loin.** Un masque du cours qui contient des lignes entièrement bloquées (du remplissage à gauche, par exemple) : que renvoient SDPA, MHA avec les poids, MHA sans les poids ? Essayez-les tous les trois. Puis proposez une modification du masque, avant la traduction, qui rende les trois d'accord sur les lignes qui comptent.

# %% [markdown] nbgrader={"grade": false, "grade_id": "question-6", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Question rédigée. Trois pannes, trois mesures
#
# **Difficulté** ●●● · **Temps conseillé** : 20 min · **3 points**, notés par une personne
#
# Trois collègues vous montrent un modèle qui « marche presque ». En 8 à 15 lignes, à partir des expériences de ce notebook :
#
# 1. **Documents.** Le premier empaquette ses documents avec un masque causal ordinaire. `find_leaks` ne trouve aucune fuite. Pourquoi ? Décrivez une mesure qui montre la panne. S'il corrige seulement le masque, que reste-t-il de faux avec des sinusoïdes ? Et avec des positions rotatives ?
# 2. **Décodage.** Le deuxième génère en lot, avec un remplissage à gauche juste au préremplissage ; mais chaque nouveau token reçoit pour position la longueur du cache. Quel token est encore juste, et pourquoi ? Pour une question de 3 tokens dans un lot où la plus longue en a 7, de combien la position est-elle fausse ? Que changent les positions rotatives ?
# 3. **PyTorch.** Le troisième donne à SDPA `attn_mask=create_causal_mask(n)`, sans `.bool()`. Que calcule-t-elle ? Si deux tokens ont le même score, l'un dans le passé et l'autre dans l'avenir, quel est le rapport de leurs poids ? Quelle mesure l'aurait montré ?
#
# Appuyez chaque réponse sur un nombre ou sur une formule.
#
# <!-- BEGIN MARK SCHEME -->
# **Barème de correction**
#
# - **1 point**, documents : `find_leaks` ne regarde que $j > i$, et la fuite est dans le triangle inférieur (document A, $j \le 3$, vers document B, $i \ge 4$). Mesure : logits de B dans la ligne comparés à B seul, ou influence de A sur B, ou A changé et B qui bouge. Masque corrigé : avec des sinusoïdes, les positions ne repartent pas de 0, l'écart reste grand ; avec des rotatives, rien n'est faux (le score ne dépend que de $p - s$). Un demi-point si les positions ne sont pas traitées.
# - **1 point**, décodage : le premier token écrit est juste (il vient du préremplissage). Ensuite la position est trop grande de $7 - 3 = 4$, le nombre de tokens de remplissage. Les rotatives n'y changent rien : le décalage n'est pas le même pour la requête et pour les clés du cache ; elles ne pardonnent que si tout est décalé de la même façon. Un demi-point si les rotatives sont dites sauver ce cas.
# - **1 point**, PyTorch : les flottants sont ajoutés aux scores, rien n'est bloqué ; rapport passé sur avenir $= e^1 \approx 2{,}72$. Mesure : carte des influences (triangle supérieur non nul), ou changer l'avenir et voir le passé bouger, ou comparer avec `.bool()`. Un demi-point sans le rapport.
#
# L'orthographe n'est pas notée ; une réponse sans aucun nombre ni formule plafonne à 2 points.
# <!-- END MARK SCHEME -->

# %% [markdown] nbgrader={"grade": true, "grade_id": "question-6-reponse", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# <!-- BEGIN SOLUTION -->
# **Documents.** Un document B placé après A lit A : ce sont des cases $j < i$. `find_leaks` n'examine que $j > i$ et ne peut donc rien trouver. Je compare les logits de B dans la ligne à ceux de B seul : l'écart doit être celui des arrondis, et il est ici de plusieurs unités. Le masque par blocs ne suffit pas avec des sinusoïdes : si les positions vont de 0 à 8, B se croit à la position 4, et l'écart reste grand ; il faut les faire repartir de 0. Avec des rotatives, le score ne dépend que de $p - s$ : décaler tout B ne change rien.
#
# **Décodage.** Le premier token écrit est juste : il ne dépend que du préremplissage, dont les positions sont justes. Le suivant reçoit la position 7 au lieu de 3 : $7 - 3 = 4$ de trop, le nombre de tokens de remplissage. Les positions rotatives ne sauvent rien ici : les clés du cache ont tourné selon la bonne numérotation, la requête selon l'autre, et $p - s$ est faux de 4. Elles ne pardonneraient que si **toutes** les positions étaient décalées de 4.
#
# **PyTorch.** Le masque est en flottants : il est ajouté aux scores, le passé gagne 1, l'avenir 0, et rien n'est bloqué. À scores égaux, le rapport des poids est $e^1 / e^0 \approx 2{,}72$ au lieu de l'infini. La carte des influences l'aurait montré : son triangle supérieur n'est pas nul.
# <!-- END SOLUTION -->

# %% [markdown] nbgrader={"grade": false, "grade_id": "bonus", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Bonus. Le biais d'ALiBi, avec un cache
#
# **Difficulté** ●●● · **Temps conseillé** : 15 min · **sans points, pour le plaisir**
#
# Écrivez `create_alibi_bias(n_new, n_past, slopes)`, le biais à **ajouter** aux scores de `n_new` nouvelles requêtes, après `n_past` tokens déjà dans le cache. `slopes` est un tenseur de flottants positifs, de forme `(n_heads,)`. Le résultat est un tenseur PyTorch de flottants, de forme `(n_heads, n_new, n_past + n_new)` :
#
# $$B_{h,i,j} = \begin{cases} -m_h\,(n_\text{past} + i - j) & \text{si } j \le n_\text{past} + i \\ -\infty & \text{sinon.} \end{cases}$$
#
# `n_new` vaut au moins 1, `n_past` peut être nul ; `slopes` n'est pas modifié. Pour `n_new = 2`, `n_past = 1` et une seule pente de 0,5 :
#
# $$B_0 = \begin{pmatrix} -0{,}5 & 0 & -\infty \\ -1 & -0{,}5 & 0 \end{pmatrix}$$
#
# <details><summary>Indice 1 : les distances d'abord</summary>
#
# Les nouvelles requêtes ont les positions `n_past`, `n_past + 1`, … ; les clés vont de 0 à `n_past + n_new - 1`. Écrivez la matrice de leurs différences.
#
# </details>
# <details><summary>Indice 2 : une tête par pente</summary>
#
# `slopes[:, None, None]` a la forme `(n_heads, 1, 1)` : le produit avec une matrice de distances a la forme voulue.
#
# </details>
# <details><summary>Indice 3 : l'avenir</summary>
#
# Là où la distance est négative, le biais ne vaut pas « pente × distance », mais $-\infty$ : `masked_fill`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "bonus-reponse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def create_alibi_bias(n_new, n_past, slopes):
    """Renvoie le biais d'ALiBi des n_new nouveaux tokens après n_past anciens, à ajouter aux scores.

    Args:
        n_new: nombre de nouveaux tokens, au moins 1.
        n_past: nombre de tokens déjà dans le cache, positif ou nul.
        slopes: pentes des têtes, tenseur (n_heads,) de flottants positifs.

    Returns:
        Tenseur de forme (n_heads, n_new, n_past + n_new) : 0 ou moins, et -inf pour l'avenir.
    """
    ### BEGIN SOLUTION
    distance = n_past + torch.arange(n_new)[:, None] - torch.arange(n_past + n_new)
    return (-slopes[:, None, None] * distance).masked_fill(distance < 0, -torch.inf)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bonus-verification", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
def test_bias_example():
    """Le biais de deux nouveaux tokens après un ancien est celui de l'énoncé."""
    bias = create_alibi_bias(2, 1, torch.tensor([0.5]))
    assert isinstance(bias, torch.Tensor), "create_alibi_bias doit renvoyer un tenseur PyTorch."
    np.testing.assert_allclose(bias, [[[-0.5, 0.0, -np.inf], [-1.0, -0.5, 0.0]]], atol=1e-6)


def test_one_token():
    """Un nouveau token voit tout son passé, de moins en moins : -3, -2, -1, 0 fois la pente."""
    bias = create_alibi_bias(1, 3, torch.tensor([0.25, 0.125]))
    np.testing.assert_allclose(bias, [[[-0.75, -0.5, -0.25, 0.0]], [[-0.375, -0.25, -0.125, 0.0]]], atol=1e-6)


### BEGIN HIDDEN TESTS
def test_any_bias():
    """Le biais est juste pour d'autres longueurs et d'autres pentes, avec ou sans cache."""
    for n_new, n_past, values in [
        (4, 0, [0.5, 0.25]),
        (3, 5, [0.1]),
        (1, 0, [0.7]),
        (2, 40, [0.3, 0.2, 0.6]),
        (6, 2, [0.9, 0.1]),
        (4, 0, [0.5, 0.25]),
    ]:
        expected = np.full((len(values), n_new, n_past + n_new), -np.inf)
        for h, slope in enumerate(values):
            for i in range(n_new):
                for j in range(n_past + i + 1):
                    expected[h, i, j] = -slope * (n_past + i - j)
        bias = create_alibi_bias(n_new, n_past, torch.tensor(values))
        assert isinstance(bias, torch.Tensor)
        assert tuple(bias.shape) == expected.shape
        np.testing.assert_allclose(bias, expected, rtol=1e-4, atol=1e-6)


def test_slopes_unchanged():
    """La fonction laisse slopes comme elle l'a reçu."""
    slopes = torch.tensor([0.5, 0.3, 0.2])
    create_alibi_bias(3, 2, slopes)
    np.testing.assert_allclose(slopes, [0.5, 0.3, 0.2], atol=1e-6)


### END HIDDEN TESTS
run_tests()

# %% [markdown] nbgrader={"grade": false, "grade_id": "controle-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Contrôle du module du cours
#
# La cellule suivante ne rapporte pas de points. Elle vérifie que le module `attention` utilisé par ce notebook est bien celui du cours et qu'il calcule juste. Si un critère est manqué ici, redémarrez le noyau, exécutez tout le notebook, et prévenez votre enseignant si cela persiste.


# %% nbgrader={"grade": true, "grade_id": "controle-module", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
def test_module_of_the_course():
    """Les outils utilisés sont ceux du module attention."""
    assert create_causal_mask.__module__ == "attention.masking"
    assert ScaledDotProductAttention.__module__ == "attention.scaled_dot_product"
    assert rotate.__module__ == "attention.positions"


def test_rotations():
    """rotate garde les longueurs, et ne fait dépendre les scores que des distances."""
    q, k = (torch.randn(5, 6, generator=torch.Generator().manual_seed(seed)) for seed in (1, 2))
    place = torch.arange(5)
    np.testing.assert_allclose(rotate(q, place).norm(dim=-1), q.norm(dim=-1), rtol=1e-4)
    shifted = rotate(q, place + 9) @ rotate(k, place + 9).T
    np.testing.assert_allclose(shifted, rotate(q, place) @ rotate(k, place).T, rtol=0, atol=1e-4)


### BEGIN HIDDEN TESTS
def test_masked_attention():
    """ScaledDotProductAttention égale celle de PyTorch pour un masque par exemple."""
    generator = torch.Generator().manual_seed(3)
    Q, K, V = (torch.randn(2, 4, 6, generator=generator) for _ in range(3))
    visible = torch.rand(2, 4, 4, generator=generator) < 0.5
    visible[..., 0] = True
    output, _ = ScaledDotProductAttention(6)(Q, K, V, mask=visible)
    expected = functional.scaled_dot_product_attention(Q, K, V, attn_mask=visible)
    np.testing.assert_allclose(output, expected, rtol=0, atol=1e-5)


### END HIDDEN TESTS
run_tests()

# %% [markdown] nbgrader={"grade": false, "grade_id": "resume", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 9. Résumé
#
# ### Ce que vous avez appris
#
# - **Documents empaquetés** : un masque causal par blocs, et des positions qui repartent de 0. La fuite vient du passé : un test de causalité ne la voit pas.
# - **Préfixe** : $j \le i$ ou $j < p$ ; seules comptent les positions qui ne voient pas leur cible, $i + 1 \ge p$.
# - **Remplissage à gauche** : la position est le nombre de tokens réels qui précèdent, au préremplissage **et** à chaque pas ; le masque porte sur les clés du cache.
# - **Positions rotatives, ALiBi** : seules les distances comptent. Elles pardonnent un décalage commun à tous, jamais un changement de numérotation en cours de route, et jamais un masque faux.
# - **Fenêtre et puits** : garder les derniers tokens ne suffit pas, il faut garder les premiers. Et un masque $n \times n$ ne fait rien gagner.
# - **Attention par blocs** : trois quantités par requête, corrigées à chaque bloc, donnent la même sortie sans garder $n^2$ poids.
# - **Attention croisée** : le remplissage de la source, pas de triangle.
# - **PyTorch** : `True` ne veut pas dire la même chose partout, les flottants s'ajoutent, `is_causal` fabrique un triangle chez SDPA et promet chez MHA.
#
# ### Les formules à retenir
#
# | Situation | $M_{ij} = 1$ si et seulement si |
# |---|---|
# | documents | $j \le i$ et $\mathtt{doc}_i = \mathtt{doc}_j$ |
# | préfixe | $j \le i$ ou $j < p$ |
# | lot complété à gauche, avec cache | $j \le n - \mathtt{n\_new} + i$ et $\mathtt{real}_j = 1$ |
# | fenêtre et puits | $j \le i$ et ($i - j < w$ ou $j < s$) |
# | attention croisée | $\mathtt{source\_real}_j = 1$ |
#
# ### Trois points à garder
#
# 1. Un masque et des positions se vérifient **ensemble**, par l'expérience de solitude : la phrase seule, la phrase dans le lot.
# 2. Cherchez ce que chaque mesure **ne voit pas** : `find_leaks` ne voit pas le passé d'un autre, un test à une phrase ne voit pas le remplissage, le premier token écrit ne voit pas le décodage.
# 3. Ne traduisez un masque pour une bibliothèque qu'**au moment de l'appel**, par une fonction testée.

# %% [markdown] nbgrader={"grade": false, "grade_id": "rendre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Avant de rendre
#
# Enregistrez le notebook (`Ctrl` + `S`), puis exécutez la cellule suivante : elle exécute tout le notebook à neuf, de haut en bas, comme le fera la correction, et dit ce qu'il faut encore regarder. Rendez ensuite ce fichier, sans changer son nom.

# %% nbgrader={"grade": false, "grade_id": "rendre-verification", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
from checks import check_notebook

check_notebook()
