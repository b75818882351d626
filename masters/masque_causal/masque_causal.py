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
# # Le masque causal et l'attention autorégressive
#
# **Ce que vous allez construire.** Un masque triangulaire de quelques lignes : c'est par lui d'abord que GPT, qui écrit un mot après l'autre, se distingue de BERT, qui lit une phrase entière. Vous le dériverez, vous l'écrirez en NumPy puis en PyTorch, vous verrez ce qu'il change dans l'attention, et vous l'adapterez à trois situations réelles.
#
# | | |
# |---|---|
# | **Durée conseillée** | 2 h 30, dont 1 h d'exercices |
# | **Prérequis** | produit matriciel, softmax, notions de Python et de NumPy |
# | **Notation** | 20 points : 17 vérifiés automatiquement, 3 pour une question rédigée ; un bonus sans points |
# | **Comment travailler** | exécutez les cellules dans l'ordre ; complétez celles qui contiennent `# VOTRE CODE ICI` ; relancez la cellule de vérification qui suit autant de fois que vous le voulez |
#
# Les cellules de cours et de vérification sont verrouillées. Vous pouvez ajouter vos propres cellules où bon vous semble : elles ne gênent pas la correction.

# %% [markdown] nbgrader={"grade": false, "grade_id": "introduction", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 0. Introduction
#
# ### 0.1 Qu'est-ce que le masque causal ?
#
# Un transformer laisse chaque *token* (un mot ou un morceau de mot) regarder les autres tokens de la phrase : c'est l'**attention**. Le **masque causal** est la règle qui interdit à un token de regarder ceux qui viennent **après** lui. Il est le premier trait qui sépare deux familles de modèles (leur tâche d'entraînement, que vous verrez en 7.2, en est un autre) :
#
# - **GPT** (avec masque) produit du texte : à chaque position, il ne connaît que le passé ;
# - **BERT** (sans masque) comprend du texte : à chaque position, il voit la phrase entière.
#
# ### 0.2 Objectifs
#
# À la fin de ce notebook, vous saurez :
#
# 1. expliquer pourquoi le masque causal est **triangulaire** ;
# 2. le construire **à partir de zéro avec NumPy** ;
# 3. le construire **avec PyTorch** (`torch.tril`) ;
# 4. lire son **effet sur les poids d'attention** ;
# 5. **comparer** BERT (bidirectionnel) et GPT (causal) ;
# 6. décrire la **génération autorégressive** pas à pas.

# %% [markdown] nbgrader={"grade": false, "grade_id": "analogie", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 0.3 Une analogie : lire mot à mot
#
# Posez une feuille de papier sur cette ligne et découvrez-la de gauche à droite :
#
# > Le chat mange la …
#
# Pour deviner le mot suivant, vous n'avez que ce qui est déjà découvert. Si la feuille laissait voir « souris », deviner n'aurait plus de sens : vous **recopieriez** la réponse. Le masque causal est cette feuille de papier.
#
# À l'inverse, pour remplir un trou (« Le … mange la souris »), il faut lire des deux côtés. Une feuille ne ferait que vous gêner.
#
# ### 0.4 Pourquoi est-ce important ?
#
# - **Générer**, c'est prédire le mot suivant sans voir l'avenir. Un modèle entraîné sans masque apprend à recopier l'avenir, obtient une perte d'entraînement presque nulle, et ne sait rien écrire le jour où l'avenir n'existe pas encore.
# - **Comprendre** (classer un texte, y chercher une réponse) permet de lire toute la phrase : le masque causal y est inutile. **Traduire** demande les deux : l'encodeur lit la phrase de départ en entier, sans masque causal ; le décodeur écrit la traduction mot à mot, avec lui.
# - Le masque rend aussi l'entraînement **rapide** : comme aucune position ne voit la suivante, une seule passe entraîne les $n$ prédictions d'une phrase de $n$ tokens à la fois.

# %% [markdown] nbgrader={"grade": false, "grade_id": "formule", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 1. La formule
#
# ### 1.1 Le masque
#
# Pour une phrase de $n$ tokens, le masque causal est la matrice $M \in \{0, 1\}^{n \times n}$ définie par
#
# $$M_{ij} = \begin{cases} 1 & \text{si } j \le i \\ 0 & \text{sinon.} \end{cases}$$
#
# $M_{ij} = 1$ se lit : **le token $i$ a le droit de voir le token $j$**. Les positions sont numérotées à partir de 0, comme en Python. Pour $n = 5$ :
#
# $$M = \begin{pmatrix}
# 1 & 0 & 0 & 0 & 0 \\
# 1 & 1 & 0 & 0 & 0 \\
# 1 & 1 & 1 & 0 & 0 \\
# 1 & 1 & 1 & 1 & 0 \\
# 1 & 1 & 1 & 1 & 1
# \end{pmatrix}$$
#
# C'est une matrice **triangulaire inférieure** : des 1 sur la diagonale (un token se voit lui-même) et en dessous (le passé), des 0 au-dessus (l'avenir).

# %% [markdown] nbgrader={"grade": false, "grade_id": "formule-scores", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 1.2 Où agit-il ? Sur les scores, **avant** le softmax
#
# Rappel : avec les requêtes $Q$, les clés $K$ et les valeurs $V$, le score $S_{ij}$ mesure à quel point le token $i$ s'intéresse au token $j$ :
#
# $$S = \frac{Q K^\top}{\sqrt{d_k}}.$$
#
# Le masque remplace les scores interdits par $-\infty$ :
#
# $$\operatorname{masque}(S)_{ij} = \begin{cases} S_{ij} & \text{si } M_{ij} = 1 \\ -\infty & \text{si } M_{ij} = 0. \end{cases}$$
#
# ### 1.3 Pourquoi $-\infty$ ?
#
# Le softmax d'une ligne est $\;a_{ij} = e^{S_{ij}} \big/ \sum_k e^{S_{ik}}$. Comme $e^{-\infty} = 0$, un score de $-\infty$ donne un poids **exactement nul** *et* disparaît de la somme du dénominateur : les poids permis se partagent tout et leur somme vaut encore 1.
#
# Deux fausses bonnes idées, que vous rencontrerez un jour :
#
# - **mettre le score à 0** : $e^0 = 1$, le token interdit garde un poids, souvent important ;
# - **mettre le poids à 0 après le softmax** : la somme de la ligne ne vaut plus 1, et le dénominateur contient toujours l'avenir. L'information a fui.
#
# ### 1.4 La formule complète
#
# $$\operatorname{Attention}(Q, K, V, M) = \operatorname{softmax}\!\left(\operatorname{masque}\!\left(\frac{Q K^\top}{\sqrt{d_k}}\right)\right) V$$
#
# **Convention de tout le cours** : dans un masque, 1 (ou `True`) = « a le droit de voir », 0 (ou `False`) = « bloqué ». Certaines bibliothèques utilisent la convention inverse (`torch.nn.MultiheadAttention`, par exemple) : lisez toujours la documentation.

# %% [markdown] nbgrader={"grade": false, "grade_id": "preparation-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 1.5 Préparation
#
# La cellule suivante cherche les dossiers du cours. Celle d'après importe les bibliothèques, le module du cours `attention` et les outils de vérification `checks`, puis fixe les graines aléatoires : vous obtiendrez les mêmes nombres que vos camarades.

# %% nbgrader={"grade": false, "grade_id": "demarrage", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
# Cette cellule cherche les dossiers du cours, et prend l'archive du devoir s'ils ne sont pas là.
import importlib.util
import io
import sys
import zipfile
from pathlib import Path

ARCHIVE = "masque_causal.zip"
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
import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
import torch

from attention.figures import canvas, draw_mask, show
from attention.masking import (
    compare_attention_patterns,
    create_causal_mask,
    create_causal_mask_from_scratch,
    create_causal_mask_manual,
    visualize_causal_mask,
    visualize_mask_effect_on_attention,
)
from attention.scaled_dot_product import ScaledDotProductAttention
from attention.writing import written
from checks import raises, run_tests, weight

np.random.seed(42)
torch.manual_seed(42)

device = "cuda" if torch.cuda.is_available() else "cpu"

print(
    f"NumPy {np.__version__}, PyTorch {torch.__version__}, Matplotlib {matplotlib.__version__}, seaborn {sns.__version__}"
)
print(f"Appareil de cette machine : {device}. Seule la partie 3 s'en sert ; le reste se calcule sur le processeur.")

# %% [markdown] nbgrader={"grade": false, "grade_id": "numpy-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 2. Le masque à partir de zéro, avec NumPy
#
# ### 2.1 En une ligne : `np.tril`
#
# « Triangulaire inférieure » se dit *lower triangular* : `np.tril` garde la diagonale et ce qui est en dessous, et met le reste à zéro. Il suffit de l'appliquer à une matrice de 1.


# %% nbgrader={"grade": false, "grade_id": "numpy-tril", "locked": true, "schema_version": 3, "solution": false, "task": false}
def create_causal_mask_numpy(seq_len):
    """Renvoie le masque causal, de forme (seq_len, seq_len) : 1 = a le droit de voir."""
    return np.tril(np.ones((seq_len, seq_len), dtype=int))


mask_numpy = create_causal_mask_numpy(6)
print(mask_numpy)
print()
for i, row in enumerate(mask_numpy):
    visible = [int(j) for j in np.flatnonzero(row)]
    print(f"Le token {i} voit les positions {visible} (total : {len(visible)} token{'s' if len(visible) > 1 else ''})")

# %% [markdown] nbgrader={"grade": false, "grade_id": "numpy-boucles-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 2.2 Avec des boucles, pour ne rien laisser dans l'ombre
#
# La même matrice, écrite mot pour mot comme la définition : pour chaque token $i$, pour chaque token $j$, mettre 1 si $j \le i$.


# %% nbgrader={"grade": false, "grade_id": "numpy-boucles", "locked": true, "schema_version": 3, "solution": false, "task": false}
def create_causal_mask_manual_demo(seq_len):
    """Construit le masque causal case par case, comme le dit sa définition."""
    mask = np.zeros((seq_len, seq_len), dtype=int)
    for i in range(seq_len):  # le token qui regarde
        for j in range(seq_len):  # le token regardé
            if j <= i:
                mask[i, j] = 1
    return mask


mask_manual = create_causal_mask_manual_demo(6)
print(mask_manual)
print()
print("Les deux constructions donnent-elles le même masque ?", np.array_equal(mask_numpy, mask_manual))
print("Et le module du cours ?", np.array_equal(mask_numpy, create_causal_mask_from_scratch(6)))

# %% [markdown] nbgrader={"grade": false, "grade_id": "pytorch-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 3. Le masque en PyTorch
#
# `torch.tril` fait la même chose sur des tenseurs. Une précaution de plus : le masque doit se trouver **sur le même appareil** (processeur ou carte graphique) que les scores qu'il va masquer.


# %% nbgrader={"grade": false, "grade_id": "pytorch-masque", "locked": true, "schema_version": 3, "solution": false, "task": false}
def create_causal_mask_pytorch(seq_len, device="cpu"):
    """Renvoie le masque causal, tenseur de forme (seq_len, seq_len), sur l'appareil demandé."""
    return torch.tril(torch.ones(seq_len, seq_len, device=device))


mask_pytorch = create_causal_mask_pytorch(6)
print(mask_pytorch)
print(f"Forme : {tuple(mask_pytorch.shape)}, appareil : {mask_pytorch.device}, type : {mask_pytorch.dtype}")
print("Égal au masque NumPy ?", np.array_equal(mask_pytorch.numpy(), mask_numpy))

# %% nbgrader={"grade": false, "grade_id": "pytorch-gpu", "locked": true, "schema_version": 3, "solution": false, "task": false}
if device == "cuda":
    mask_gpu = create_causal_mask_pytorch(6, device=device)
    print(f"Masque construit sur : {mask_gpu.device}")
    print("Même masque sur le processeur et sur la carte graphique ?", torch.equal(mask_gpu.cpu(), mask_pytorch))
else:
    print("Aucune carte graphique ici : tout ce notebook se calcule en quelques secondes sur le processeur.")

# %% [markdown] nbgrader={"grade": false, "grade_id": "voir-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 4. Voir le masque
#
# Une image vaut mieux qu'une matrice. Voici le masque de 8 tokens :

# %% nbgrader={"grade": false, "grade_id": "voir-masque", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
show(
    visualize_causal_mask(seq_len=8),
    alt="Masque causal de 8 tokens : la diagonale et tout ce qui est en dessous valent 1, tout ce qui est au-dessus vaut 0.",
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "voir-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Comment lire cette figure ?
#
# - **La ligne $i$** dit ce que **voit** le token $i$.
# - **La colonne $j$** dit **par qui** le token $j$ **est vu**.
# - **La diagonale** : chaque token se voit lui-même.
#
# Trois lignes à vérifier de vos yeux :
#
# - le **token 0** ne voit que lui-même : il n'a pas de passé ;
# - le **token 3** voit les positions 0, 1, 2 et 3 ; les positions 4 à 7 lui sont cachées ;
# - le **token 7**, le dernier, voit toute la phrase.
#
# Et une colonne : la **colonne 0** est pleine. Le premier token est vu par tous les autres ; le dernier n'est vu que par lui-même.

# %% [markdown] nbgrader={"grade": false, "grade_id": "voir-ligne-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Et maintenant, choisissez la ligne
#
# Choisissez un token, à la souris ou avec les touches Tab et Entrée : la figure ne garde que sa ligne, et le texte dit ce qu'il voit de la phrase. **Prédisez** avant chaque choix.

# %% nbgrader={"grade": false, "grade_id": "voir-ligne", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
from attention.interactive import choose

phrase = ["Le", "chat", "mange", "la", "souris", "dans", "le", "jardin"]
phrase_mask = create_causal_mask_from_scratch(len(phrase))


def row_of_token(i):
    """Dessine la ligne i du masque, et dit ce que le token i voit de la phrase."""
    visible, hidden = phrase[: i + 1], phrase[i + 1 :]
    figure, (ax,) = canvas(1, side=4.6)
    draw_mask(ax, phrase_mask, f"Le token {i} voit {len(visible)} token{'s' if i else ''} sur {len(phrase)}")
    ax.set_xticklabels([word if j <= i else "…" for j, word in enumerate(phrase)], rotation=45)
    ax.set_yticklabels(phrase)
    ax.axhspan(0, i, color="white", alpha=0.8, zorder=4)
    ax.axhspan(i + 1, len(phrase), color="white", alpha=0.8, zorder=4)
    text = f"Ligne {i} du masque : « {phrase[i]} » voit « {' '.join(visible)} »."
    return figure, text + (f" Ce qui lui est caché : « {' '.join(hidden)} »." if hidden else " Rien ne lui est caché.")


choose("Le token qui regarde", [f"{i} {word}" for i, word in enumerate(phrase)], 3, row_of_token)

# %% [markdown] nbgrader={"grade": false, "grade_id": "effet-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 5. L'effet du masque sur l'attention
#
# ### 5.1 Sans masque, avec masque
#
# Prenons une phrase de 5 tokens, avec des vecteurs $Q$, $K$, $V$ de dimension 8 tirés au hasard, de forme `(1, 5, 8)` : un seul exemple, 5 tokens, 8 nombres par token.

# %% nbgrader={"grade": false, "grade_id": "effet-calcul", "locked": true, "schema_version": 3, "solution": false, "task": false}
torch.manual_seed(42)
Q = torch.randn(1, 5, 8)
K = torch.randn(1, 5, 8)
V = torch.randn(1, 5, 8)

causal_attention = ScaledDotProductAttention(d_k=8)
output_without_mask, demo_weights_without = causal_attention(Q, K, V)
output_with_mask, demo_weights_with = causal_attention(Q, K, V, mask=create_causal_mask(5))

print("Poids sans masque :")
print(written(demo_weights_without[0]))
print()
print("Poids avec le masque causal :")
print(written(demo_weights_with[0]))

# %% nbgrader={"grade": false, "grade_id": "effet-figure", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
figure, axes = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained")
panels = [
    ("Sans masque : chacun voit tout", demo_weights_without),
    ("Avec masque causal : le passé seulement", demo_weights_with),
]
for ax, (title, weights) in zip(axes, panels, strict=True):
    sns.heatmap(weights[0].numpy(), annot=True, fmt=".2f", cmap="cividis", vmin=0, vmax=1, square=True, ax=ax)
    ax.set(title=title, xlabel="Token regardé (clé j)", ylabel="Token qui regarde (requête i)")
show(
    figure,
    alt="Deux cartes de chaleur des poids d'attention de 5 tokens. Sans masque, toutes les cases sont positives. "
    "Avec le masque causal, le triangle supérieur vaut exactement 0 et le reste de chaque ligne est plus élevé.",
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "effet-observer", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Ce qu'il faut observer**
#
# - **Chaque ligne est de somme 1**, avec ou sans masque : ce que l'avenir perd, le passé le gagne.
# - **Le triangle supérieur est exactement nul** avec le masque : pas « presque nul », nul.
# - **La première ligne** devient `[1, 0, 0, 0, 0]` : le token 0 n'a qu'un choix, lui-même, quels que soient $Q$ et $K$.
# - **La dernière ligne** ne change pas : le dernier token voyait déjà tout son passé.

# %% [markdown] nbgrader={"grade": false, "grade_id": "effet-table-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 5.2 Combien de positions chaque token voit-il ?

# %% nbgrader={"grade": false, "grade_id": "effet-table", "locked": true, "schema_version": 3, "solution": false, "task": false}
print("Position | poids > 0 sans masque | poids > 0 avec masque | différence")
for i in range(5):
    count_without = int((demo_weights_without[0, i] > 0).sum())
    count_with = int((demo_weights_with[0, i] > 0).sum())
    print(f"{i:>8} | {count_without:>21} | {count_with:>21} | {count_without - count_with:>10}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "effet-table-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Sans masque, chaque token voit les 5 positions. Avec le masque, le token $i$ en voit $i + 1$ (lui-même et les $i$ précédents) : il en perd $4 - i$.

# %% [markdown] nbgrader={"grade": false, "grade_id": "fuite-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 5.3 La preuve par l'expérience : rien ne fuit
#
# Un masque causal est correct si **changer l'avenir ne change pas le présent**. C'est une expérience que l'on peut faire sur n'importe quel modèle, même sans en lire le code : remplaçons le dernier token par autre chose, et comparons les sorties.

# %% nbgrader={"grade": false, "grade_id": "fuite-experience", "locked": true, "schema_version": 3, "solution": false, "task": false}
changed_K, changed_V = K.clone(), V.clone()
changed_K[:, 4] += 100.0  # le dernier token devient tout autre chose
changed_V[:, 4] -= 100.0

changed_without, _ = causal_attention(Q, changed_K, changed_V)
changed_with, _ = causal_attention(Q, changed_K, changed_V, mask=create_causal_mask(5))

print("Sorties des positions 0 à 3 inchangées ?")
print("  sans masque :", torch.equal(changed_without[:, :4], output_without_mask[:, :4]))
print("  avec masque :", torch.equal(changed_with[:, :4], output_with_mask[:, :4]))

# %% [markdown] nbgrader={"grade": false, "grade_id": "quatre-etapes-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 6. Les quatre étapes en une figure
#
# Scores bruts → masque → attention sans masque → attention avec masque :

# %% nbgrader={"grade": false, "grade_id": "quatre-etapes", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
show(
    visualize_mask_effect_on_attention(seq_len=5),
    alt="Quatre panneaux pour 5 tokens : les scores bruts, le masque causal, les poids d'attention sans masque, "
    "et les poids avec masque, nuls au-dessus de la diagonale.",
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "quatre-etapes-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Suivez une même case, par exemple la ligne 1, colonne 3, d'un panneau à l'autre : elle a un **score** comme les autres ; le **masque** la bloque ; **sans masque**, elle recevrait une part d'attention ; **avec masque**, elle reçoit exactement 0, et les cases 0 et 1 de la même ligne se partagent tout.

# %% [markdown] nbgrader={"grade": false, "grade_id": "bert-gpt-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 7. BERT contre GPT
#
# ### 7.1 Deux motifs d'attention

# %% nbgrader={"grade": false, "grade_id": "bert-gpt-figure", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
show(
    compare_attention_patterns(seq_len=6),
    alt="À gauche, l'attention bidirectionnelle de BERT : toutes les cases valent 1. À droite, l'attention causale de GPT : "
    "seules la diagonale et les cases situées en dessous valent 1.",
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "bert-gpt-tableau", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 7.2 Ce qui les distingue
#
# | | **BERT** | **GPT** |
# |---|---|---|
# | **Attention** | bidirectionnelle | causale (unidirectionnelle) |
# | **Masque** | aucun, hors remplissage (*padding*) | triangulaire inférieur |
# | **Ce que voit un token** | toute la phrase | lui-même et le passé |
# | **Tâche d'entraînement** | retrouver des mots cachés | prédire le mot suivant |
# | **Exemples d'usage** | classer, rechercher, extraire une réponse | écrire, dialoguer, compléter du code |
# | **Architecture** | encodeur | décodeur |

# %% [markdown] nbgrader={"grade": false, "grade_id": "bert-gpt-appels-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 7.3 Les deux appels, côte à côte
#
# - **BERT** complète « Le [MASK] mange la souris » : pour retrouver « chat », il lit à gauche *et à droite* du trou.
# - **GPT** continue « Le chat mange … » : il n'a que la gauche.
#
# Attention au vocabulaire : le `[MASK]` de BERT cache un **mot de l'entrée** ; le masque causal de GPT cache des **liens entre positions**. Ces deux « masques » n'ont que le nom en commun. Dans le code, la différence tient en un argument :

# %% nbgrader={"grade": false, "grade_id": "bert-gpt-appels", "locked": true, "schema_version": 3, "solution": false, "task": false}
bert_output, bert_weights = causal_attention(Q, K, V)  # BERT : pas de masque causal
gpt_output, gpt_weights = causal_attention(Q, K, V, mask=create_causal_mask(5))  # GPT : le masque

print("BERT, poids du token 1 :", written(bert_weights[0, 1]))
print("GPT,  poids du token 1 :", written(gpt_weights[0, 1]))

# %% [markdown] nbgrader={"grade": false, "grade_id": "generation-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 8. La génération autorégressive
#
# ### 8.1 Un token à la fois
#
# *Autorégressif* veut dire : **se nourrir de ses propres sorties**. Pour écrire « Le chat mange la souris » :
#
# 1. contexte « Le » → le modèle prédit « chat » ;
# 2. contexte « Le chat » → il prédit « mange » ;
# 3. contexte « Le chat mange » → il prédit « la » ;
# 4. contexte « Le chat mange la » → il prédit « souris » ;
# 5. contexte « Le chat mange la souris » → il prédit le **token de fin**, et s'arrête.
#
# Chaque prédiction rejoint le contexte et sert à la suivante. Le modèle ne connaît que le passé **par nécessité** : l'avenir n'est pas encore écrit. À l'entraînement, en revanche, la phrase entière est connue : c'est là que le masque agit. Il met chaque position dans la situation exacte où elle se trouvera pendant la génération.

# %% [markdown] nbgrader={"grade": false, "grade_id": "generation-simulation-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 8.2 Une simulation


# %% nbgrader={"grade": false, "grade_id": "generation-simulation", "locked": true, "schema_version": 3, "solution": false, "task": false}
def simulate_autoregressive_generation():
    """Montre, pas à pas, le contexte visible et la ligne du masque qui sert à prédire le token suivant."""
    tokens = ["Le", "chat", "mange", "la", "souris", "<fin>"]
    for length in range(1, len(tokens)):
        context = tokens[:length]
        last_row = create_causal_mask_manual(length)[-1].astype(int).tolist()
        print(f"Étape {length}")
        print(f"  contexte visible    : {' '.join(context)}")
        print(f"  longueur            : {length}")
        print(f"  token à prédire     : {tokens[length]}")
        print(f"  dernière ligne de M : {last_row}")
        print()


simulate_autoregressive_generation()

# %% [markdown] nbgrader={"grade": false, "grade_id": "generation-simulation-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# La dernière ligne du masque ne contient que des 1 : le dernier token du contexte voit tout ce qui est écrit. Pourquoi, alors, un masque pendant la génération ? Parce que les tokens **précédents** ne doivent toujours pas voir les suivants : leurs représentations restent celles apprises à l'entraînement, et l'on peut les garder en mémoire d'une étape à l'autre sans les recalculer.

# %% [markdown] nbgrader={"grade": false, "grade_id": "generation-attention-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 8.3 Une attention concrète
#
# Quatre tokens, « Le chat mange la », des vecteurs aléatoires de forme `(1, 4, 8)` : voici leurs poids d'attention avec le masque causal.

# %% nbgrader={"grade": false, "grade_id": "generation-attention", "locked": true, "schema_version": 3, "solution": false, "task": false}
torch.manual_seed(42)
sentence = ["Le", "chat", "mange", "la"]
sentence_Q = torch.randn(1, 4, 8)
sentence_K = torch.randn(1, 4, 8)
sentence_V = torch.randn(1, 4, 8)

_, sentence_weights = causal_attention(sentence_Q, sentence_K, sentence_V, mask=create_causal_mask(4))
print(written(sentence_weights[0]))

# %% nbgrader={"grade": false, "grade_id": "generation-figure", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
figure, ax = plt.subplots(figsize=(6, 5), layout="constrained")
sns.heatmap(
    sentence_weights[0].numpy(),
    annot=True,
    fmt=".2f",
    cmap="cividis",
    vmin=0,
    vmax=1,
    square=True,
    xticklabels=sentence,
    yticklabels=sentence,
    cbar_kws={"label": "Poids d'attention"},
    ax=ax,
)
ax.set(title="Attention causale : « Le chat mange la »", xlabel="Token regardé", ylabel="Token qui regarde")
ax.tick_params(axis="y", rotation=0)
show(
    figure,
    alt="Carte de chaleur des poids d'attention de « Le chat mange la » avec le masque causal : chaque token ne regarde que "
    "lui-même et les tokens qui le précèdent.",
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "generation-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Comment lire chaque ligne ?**
#
# - **« Le »** ne voit que lui-même : tout son poids, 1,00, est sur lui.
# - **« chat »** partage son attention entre « Le » et « chat ».
# - **« mange »** la partage entre les trois premiers tokens ; « la » lui est caché.
# - **« la »** voit toute la phrase : c'est à partir de cette ligne que le modèle prédira « souris ».
#
# Les vecteurs sont ici tirés au hasard : les *valeurs* n'ont pas de sens linguistique, et cette figure ne dit rien de ce que regarderait un modèle entraîné. Ne le devinez pas d'après la grammaire : « mange » y regarderait peut-être « chat », son sujet, peut-être surtout le premier token, comme vous le lirez après l'exercice 2. La **forme triangulaire**, elle, ne dépend pas de l'entraînement.

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercices", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 9. Exercices
#
# Chaque exercice annonce sa **difficulté** (●○○ à ●●●), un **temps conseillé** et ses **points**. Les indices se déplient d'un clic : essayez d'abord sans.
#
# Dans la cellule qui suit chaque exercice, des vérifications vous répondent aussitôt : ✓ pour un critère réussi, ✗ pour un critère manqué, avec ce qui était attendu et ce que votre code a donné. D'autres vérifications, du même genre, seront faites à la correction : une réponse qui ne marche que sur l'exemple ne suffira pas. **La manière est libre** : boucles, opérations sur des tableaux entiers, fonctions de NumPy, de PyTorch ou du module du cours, tout ce qui respecte l'énoncé est accepté.

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-1", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Exercice 1. Le masque local
#
# **Difficulté** ●○○ · **Temps conseillé** : 10 min · **4 points**
#
# Dans certains modèles, un token ne voit que **lui-même et le token précédent**. Écrivez `create_local_mask(seq_len)`, qui renvoie un tableau NumPy de forme `(seq_len, seq_len)` valant 1 si $j = i$ ou $j = i - 1$, et 0 partout ailleurs. Pour `seq_len = 5` :
#
# $$\begin{pmatrix}
# 1 & 0 & 0 & 0 & 0 \\
# 1 & 1 & 0 & 0 & 0 \\
# 0 & 1 & 1 & 0 & 0 \\
# 0 & 0 & 1 & 1 & 0 \\
# 0 & 0 & 0 & 1 & 1
# \end{pmatrix}$$
#
# Le type des nombres est libre (entiers, flottants ou booléens).
#
# <details><summary>Indice 1 : par où commencer ?</summary>
#
# Partez d'une matrice de zéros et demandez-vous, pour chaque ligne $i$, quelles colonnes doivent valoir 1. Il y en a deux, sauf sur une ligne : laquelle ?
#
# </details>
# <details><summary>Indice 2 : un piège de Python</summary>
#
# Pour $i = 0$, le « token précédent » n'existe pas. Or `mask[0, -1]` ne provoque pas d'erreur : en Python, l'indice $-1$ désigne la **dernière** colonne.
#
# </details>
# <details><summary>Indice 3 : sans boucle</summary>
#
# La fonction `np.eye` accepte un argument `k` qui décale la diagonale. Vous pouvez aussi comparer un vecteur colonne d'indices $i$ à un vecteur ligne d'indices $j$.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "exercice-1-reponse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def create_local_mask(seq_len):
    """Renvoie le masque local : 1 si le token i voit le token j (lui-même ou le précédent), 0 sinon.

    Args:
        seq_len: nombre de tokens, au moins 1.

    Returns:
        Tableau NumPy de forme (seq_len, seq_len).
    """
    ### BEGIN SOLUTION
    return np.eye(seq_len, dtype=int) + np.eye(seq_len, k=-1, dtype=int)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "exercice-1-verification", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
def test_example():
    """Le masque de 5 tokens est celui de l'énoncé."""
    expected = [[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [0, 1, 1, 0, 0], [0, 0, 1, 1, 0], [0, 0, 0, 1, 1]]
    np.testing.assert_array_equal(create_local_mask(5), expected)


def test_shape():
    """Le résultat est un tableau NumPy de forme (seq_len, seq_len)."""
    for seq_len in (1, 2, 3, 6):
        mask = create_local_mask(seq_len)
        assert isinstance(mask, np.ndarray), "create_local_mask doit renvoyer un tableau NumPy (np.ndarray)."
        assert mask.shape == (seq_len, seq_len)


### BEGIN HIDDEN TESTS
@weight(2)
def test_any_length():
    """Le masque est juste pour toutes les longueurs, et d'un appel à l'autre."""
    for seq_len in (4, 1, 2, 7, 16, 260, 4):
        result = create_local_mask(seq_len)
        assert isinstance(result, np.ndarray)
        distance = np.arange(seq_len)[:, None] - np.arange(seq_len)
        np.testing.assert_array_equal(result, (distance == 0) | (distance == 1))


### END HIDDEN TESTS
run_tests(points=4)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-1-voir", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Votre masque, dessiné.** Une fois l'exercice écrit, exécutez la cellule suivante, et lisez le masque ligne par ligne : que voit le token $i$ ?

# %% nbgrader={"grade": false, "grade_id": "exercice-1-figure", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
try:
    figure, axes = canvas(1, side=4.2)
    draw_mask(axes[0], np.asarray(globals()["create_local_mask"](8), dtype=float), "Votre masque local (8 tokens)")
    show(
        figure,
        alt="Le masque renvoyé par votre fonction create_local_mask, pour 8 tokens ; jaune : visible, bleu : bloqué.",
    )
except Exception as error:
    plt.close(figure)
    print("Votre masque apparaîtra ici quand create_local_mask répondra.")
    print(f"Pour l'instant, Python s'arrête sur : {type(error).__name__}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-1-plus-loin", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Pour aller plus loin.** En empilant $L$ couches de ce masque, jusqu'où l'information du token 0 peut-elle voyager ? Calculez les puissances successives du masque pour le voir : c'est ainsi que des modèles à fenêtre étroite couvrent malgré tout un long contexte.

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-2", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Exercice 2. L'effet du masque, mesuré
#
# **Difficulté** ●●○ · **Temps conseillé** : 25 min · **8 points** (puis une question rédigée, 3 points)
#
# Un coup d'œil aux poids ne suffit pas à décrire dix phrases. Vous allez écrire quatre statistiques, puis les comparer sans et avec masque.
#
# La cellule suivante calcule des poids d'attention de forme `(10, 8, 8)` : 10 exemples, 8 requêtes, 8 clés. Chaque ligne est de somme 1.

# %% nbgrader={"grade": false, "grade_id": "exercice-2-donnees", "locked": true, "schema_version": 3, "solution": false, "task": false}
torch.manual_seed(42)
batch_Q = torch.randn(10, 8, 16)
batch_K = torch.randn(10, 8, 16)
batch_V = torch.randn(10, 8, 16)

batch_attention = ScaledDotProductAttention(d_k=16)
_, weights_without_mask = batch_attention(batch_Q, batch_K, batch_V)
_, weights_with_mask = batch_attention(batch_Q, batch_K, batch_V, mask=create_causal_mask(8))

print("Forme des poids :", tuple(weights_without_mask.shape))

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-2-enonce", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Chaque fonction reçoit `weights`, un tenseur de forme `(batch, n, n)` où `weights[b, i, j]` est le poids que la requête $i$ donne à la clé $j$ dans l'exemple $b$. Chacune renvoie un **tenseur de forme `(n,)`**, sans modifier `weights`.
#
# | Fonction | Ce qu'elle mesure |
# |---|---|
# | `mean_weight_per_position` | pour chaque **clé** $j$ : le poids moyen qu'elle reçoit, sur tous les exemples et toutes les requêtes |
# | `weight_variance` | pour chaque **requête** $i$ : la variance de ses $n$ poids, puis la moyenne sur les exemples. C'est la variance de population : on divise par $n$ |
# | `attention_entropy` | pour chaque **requête** $i$ : l'entropie $H_i = -\sum_j a_{ij} \ln a_{ij}$ de ses poids, en nats, avec la convention $0 \ln 0 = 0$, puis la moyenne sur les exemples |
# | `count_visible_positions` | pour chaque **requête** $i$ : le nombre de poids strictement positifs, puis la moyenne sur les exemples |
#
# **Un exemple à faire à la main.** Un lot de deux exemples de deux tokens :
#
# $$a^{(0)} = \begin{pmatrix} 1 & 0 \\ 0{,}5 & 0{,}5 \end{pmatrix} \qquad a^{(1)} = \begin{pmatrix} 1 & 0 \\ 0{,}25 & 0{,}75 \end{pmatrix}$$
#
# Poids moyens par clé : $(0{,}6875\,;\ 0{,}3125)$. Variances : $(0{,}25\,;\ 0{,}03125)$. Entropies : $(0\,;\ 0{,}6277)$. Positions visibles : $(1\,;\ 2)$.
#
# <details><summary>Indice 1 : quelles dimensions réduire ?</summary>
#
# Dans `weights`, la dimension 0 est celle des exemples, la dimension 1 celle des requêtes, la dimension 2 celle des clés. Dites en une phrase ce qui doit **rester** : tout le reste est à réduire. `weights.mean(dim=(0, 1))` réduit deux dimensions d'un coup.
#
# </details>
# <details><summary>Indice 2 : variance de population</summary>
#
# Par défaut, `torch.var` divise par $n - 1$. L'argument `correction=0` (ou `unbiased=False`) la fait diviser par $n$. L'ordre compte aussi : la moyenne des variances n'est pas la variance des moyennes.
#
# </details>
# <details><summary>Indice 3 : 0 · ln 0</summary>
#
# `torch.log(torch.tensor(0.))` vaut $-\infty$, et $0 \times (-\infty)$ donne `nan`. Remplacez le produit par 0 là où le poids est nul (`torch.where`), ou cherchez ce que calcule `torch.special.entr`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "exercice-2-reponse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mean_weight_per_position(weights):
    """Poids moyen reçu par chaque clé : (batch, n, n) -> (n,)."""
    ### BEGIN SOLUTION
    return weights.mean(dim=(0, 1))
    ### END SOLUTION


def weight_variance(weights):
    """Variance (de population) des poids de chaque requête, moyennée sur le lot : (batch, n, n) -> (n,)."""
    ### BEGIN SOLUTION
    return weights.var(dim=-1, correction=0).mean(dim=0)
    ### END SOLUTION


def attention_entropy(weights):
    """Entropie (en nats) des poids de chaque requête, moyennée sur le lot : (batch, n, n) -> (n,)."""
    ### BEGIN SOLUTION
    return torch.special.entr(weights).sum(dim=-1).mean(dim=0)
    ### END SOLUTION


def count_visible_positions(weights):
    """Nombre de poids strictement positifs de chaque requête, moyenné sur le lot : (batch, n, n) -> (n,)."""
    ### BEGIN SOLUTION
    return (weights > 0).sum(dim=-1).to(weights.dtype).mean(dim=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "exercice-2-verification", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
def check_example(statistic, expected):
    example = torch.tensor([[[1.0, 0.0], [0.5, 0.5]], [[1.0, 0.0], [0.25, 0.75]]])
    result = statistic(example)
    assert isinstance(result, torch.Tensor), "La fonction doit renvoyer un tenseur PyTorch."
    np.testing.assert_allclose(result.detach(), expected, rtol=1e-3, atol=1e-4)


def test_mean_weight_example():
    """mean_weight_per_position donne le résultat de l'énoncé."""
    check_example(mean_weight_per_position, [0.6875, 0.3125])


def test_variance_example():
    """weight_variance donne le résultat de l'énoncé."""
    check_example(weight_variance, [0.25, 0.03125])


def test_entropy_example():
    """attention_entropy donne le résultat de l'énoncé."""
    check_example(attention_entropy, [0.0, 0.62774])


def test_visible_example():
    """count_visible_positions donne le résultat de l'énoncé."""
    check_example(count_visible_positions, [1.0, 2.0])


### BEGIN HIDDEN TESTS
def weights_to_try():
    """Yield softmax weights (batch, n, n): other sizes, a mask per example, float64, transposed and expanded layouts."""
    generator = torch.Generator().manual_seed(2017)
    for batch, n, dtype in (
        (1, 1, torch.float32),
        (1, 5, torch.float32),
        (4, 6, torch.float64),
        (10, 8, torch.float32),
    ):
        scores = 2 * torch.randn(batch, n, n, generator=generator, dtype=dtype)
        visible = (torch.rand(batch, n, n, generator=generator) < 0.6) | torch.eye(n, dtype=torch.bool)
        yield torch.softmax(scores, dim=-1)
        yield torch.softmax(scores.masked_fill(~visible, -torch.inf), dim=-1)
        yield torch.softmax(scores.masked_fill(~torch.ones(n, n).tril().bool(), -torch.inf), dim=-1)
        yield torch.softmax(scores, dim=-2).transpose(-1, -2)
    sharp = torch.tensor([[60.0, 0.0, -1.0], [0.0, 9.0, -2.0], [1.0, 0.0, 11.0]])
    yield torch.softmax(sharp, dim=-1).expand(3, 3, 3)


def check_statistic(statistic, reference):
    for weights in weights_to_try():
        before = weights.clone()
        result = statistic(weights)
        assert isinstance(result, torch.Tensor)
        assert tuple(result.shape) == (weights.shape[-1],)
        expected = reference(before.double().numpy())
        np.testing.assert_allclose(result.detach().double().numpy(), expected, rtol=1e-3, atol=1e-4)
        assert torch.equal(weights, before)


def entropy(w):
    return -(w * np.log(np.where(w > 0, w, 1.0))).sum(axis=-1).mean(axis=0)


def test_mean_weight_values():
    """mean_weight_per_position est juste sur d'autres poids, sans les modifier."""
    check_statistic(mean_weight_per_position, lambda w: w.mean(axis=(0, 1)))


def test_variance_values():
    """weight_variance est juste sur d'autres poids, sans les modifier."""
    check_statistic(weight_variance, lambda w: w.var(axis=-1).mean(axis=0))


def test_entropy_values():
    """attention_entropy est juste sur d'autres poids, sans les modifier."""
    check_statistic(attention_entropy, entropy)


def test_visible_values():
    """count_visible_positions est juste sur d'autres poids, sans les modifier."""
    check_statistic(count_visible_positions, lambda w: (w > 0).sum(axis=-1).mean(axis=0))


### END HIDDEN TESTS
run_tests(points=8)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-2-comparaison-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Vos statistiques, sans et avec masque.** Une fois les quatre fonctions écrites, exécutez la cellule suivante : son tableau et sa figure vous serviront pour la question rédigée.

# %% nbgrader={"grade": false, "grade_id": "exercice-2-comparaison", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
statistics = {
    "Poids moyen reçu par la clé j": "mean_weight_per_position",
    "Variance des poids de la requête i": "weight_variance",
    "Entropie de la requête i (nats)": "attention_entropy",
    "Positions vues par la requête i": "count_visible_positions",
}
try:
    curves = {
        title: (globals()[name](weights_without_mask), globals()[name](weights_with_mask))
        for title, name in statistics.items()
    }
    figure, axes = plt.subplots(2, 2, figsize=(11, 7), layout="constrained")
    without_color, with_color = sns.color_palette("colorblind")[:2]
    for ax, (title, (without, with_mask)) in zip(axes.flat, curves.items(), strict=True):
        print(title)
        print("  sans masque :", written(without, 3))
        print("  avec masque :", written(with_mask, 3))
        ax.plot(np.asarray(without), "o--", color=without_color, label="sans masque")
        ax.plot(np.asarray(with_mask), "s-", color=with_color, label="avec masque causal")
        ax.set(title=title, xlabel="Position", xticks=range(8))
    axes[0, 0].legend()
    show(
        figure,
        alt="Quatre graphiques comparant, position par position, les statistiques des poids sans masque et avec masque causal.",
    )
except Exception as error:
    print("Le tableau et la figure apparaîtront ici quand les quatre fonctions répondront.")
    print(f"Pour l'instant, Python s'arrête sur : {type(error).__name__}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "question-2", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Question rédigée. Que montrent ces statistiques ?
#
# **Difficulté** ●●○ · **Temps conseillé** : 15 min · **3 points**, notés par une personne
#
# En 5 à 10 lignes, à partir du tableau et de la figure ci-dessus :
#
# 1. Comment le masque change-t-il le **poids moyen** reçu par les premières et les dernières clés ? Pourquoi ?
# 2. Comment l'**entropie** de la requête $i$ évolue-t-elle avec $i$ quand le masque est là ? Quelle valeur ne peut-elle pas dépasser ?
# 3. Qu'en concluez-vous pour les **premiers tokens** d'un texte produit par un modèle comme GPT ?
#
# Appuyez chaque réponse sur un nombre ou sur une formule.
#
# <!-- BEGIN MARK SCHEME -->
# **Barème de correction**
#
# - **1 point**, poids moyen : les premières clés reçoivent plus, les dernières moins. La clé $j$ n'est vue que par les requêtes $i \ge j$, soit $n - j$ requêtes ; la clé 0 par toutes, la dernière par une seule. Un demi-point si le constat est juste mais sans raison.
# - **1 point**, entropie : elle croît avec $i$, part de 0 (le token 0 n'a qu'un choix) et ne dépasse pas $\ln(i + 1)$, atteint quand les $i + 1$ poids sont égaux. Un demi-point si la borne manque. Accepter $\ln 8$ comme borne générale seulement si $\ln(i+1)$ est aussi donné.
# - **1 point**, conclusion : les premiers tokens disposent de peu de contexte (attention concentrée : variance forte, entropie faible), leurs prédictions sont donc moins sûres ; et ils influencent toute la suite. Une autre conclusion est acceptée si elle est étayée par un nombre ou une formule.
#
# L'orthographe n'est pas notée ; une réponse sans aucun nombre ni formule plafonne à 2 points.
# <!-- END MARK SCHEME -->

# %% [markdown] nbgrader={"grade": true, "grade_id": "question-2-reponse", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# <!-- BEGIN SOLUTION -->
# **Poids moyen.** Avec le masque, la clé 0 reçoit bien plus que sans, et la clé 7 bien moins : la clé $j$ n'est visible que des requêtes $i \ge j$, donc de $8 - j$ requêtes. La clé 0 est vue par les 8 requêtes, et elle reçoit tout le poids de la première ; la clé 7 n'est vue que par elle-même.
#
# **Entropie.** Avec le masque, l'entropie croît avec la position, de 0 pour le token 0, qui n'a qu'un choix, jusqu'à la valeur sans masque pour le token 7, qui voit tout. Elle ne peut pas dépasser $\ln(i + 1)$, l'entropie de $i + 1$ poids égaux : 0 ; 0,69 ; 1,10 ; …
#
# **Conclusion.** Les premiers tokens disposent de très peu de contexte : leur attention est concentrée (forte variance, faible entropie) et leurs prédictions sont les moins informées. Comme ils sont vus par tous les suivants, une erreur de départ pèse sur tout le texte.
# <!-- END SOLUTION -->

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-2-plus-loin", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Pour aller plus loin.** Beaucoup de grands modèles donnent au premier token un poids démesuré, même quand il ne porte aucun sens : les chercheurs parlent d'*attention sink* (« puits d'attention »). Laquelle de vos quatre statistiques le révélerait le mieux ?

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-3", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Exercice 3. Masque causal et remplissage
#
# **Difficulté** ●●○ · **Temps conseillé** : 20 min · **5 points**
#
# Pour traiter plusieurs phrases à la fois, on les complète à la même longueur par des tokens de **remplissage** (*padding*), qui n'ont aucun sens. Il faut donc combiner deux règles : ne pas voir l'avenir, **et** ne rien échanger avec le remplissage.
#
# Écrivez `create_combined_mask(seq_len, real_len)`, où les `real_len` premiers tokens sont réels et les autres du remplissage. La fonction renvoie un tenseur PyTorch de forme `(seq_len, seq_len)` valant 1 si et seulement si
#
# $$j \le i \quad\text{et}\quad i < \mathtt{real\_len} \quad\text{et}\quad j < \mathtt{real\_len}.$$
#
# Les **lignes** *et* les **colonnes** de remplissage sont donc entièrement nulles. Pour 5 tokens, dont 3 réels :
#
# $$\begin{pmatrix}
# 1 & 0 & 0 & 0 & 0 \\
# 1 & 1 & 0 & 0 & 0 \\
# 1 & 1 & 1 & 0 & 0 \\
# 0 & 0 & 0 & 0 & 0 \\
# 0 & 0 & 0 & 0 & 0
# \end{pmatrix}$$
#
# Si `real_len` n'est pas compris entre 0 et `seq_len` (bornes permises), la fonction lève une `ValueError`. Le type des nombres est libre.
#
# <details><summary>Indice 1 : combiner deux règles</summary>
#
# « Et » se calcule avec un produit pour des masques de 0 et de 1, avec `&` pour des booléens. Construisez chaque règle séparément, puis combinez-les.
#
# </details>
# <details><summary>Indice 2 : lignes et colonnes</summary>
#
# Un vecteur `real` de longueur `seq_len`, qui vaut 1 pour les tokens réels, donne les colonnes permises avec `real[None, :]` et les lignes permises avec `real[:, None]`.
#
# </details>
# <details><summary>Indice 3 : lever une erreur</summary>
#
# `if not 0 <= real_len <= seq_len:` puis `raise ValueError("…")`, avec une phrase qui dit ce qui était attendu et ce qui a été reçu.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "exercice-3-reponse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def create_combined_mask(seq_len, real_len):
    """Renvoie le masque causal où les tokens de remplissage ne voient rien et ne sont vus de personne.

    Args:
        seq_len: nombre total de tokens.
        real_len: nombre de tokens réels, les premiers ; de 0 à seq_len.

    Returns:
        Tenseur PyTorch de forme (seq_len, seq_len), 1 = a le droit de voir.

    Raises:
        ValueError: si real_len n'est pas compris entre 0 et seq_len.
    """
    ### BEGIN SOLUTION
    if not 0 <= real_len <= seq_len:
        raise ValueError(f"real_len doit être compris entre 0 et {seq_len}, et vaut {real_len}.")
    combined = torch.zeros(seq_len, seq_len)
    combined[:real_len, :real_len] = create_causal_mask(real_len)
    return combined
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "exercice-3-verification", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
def test_example():
    """Le masque de 5 tokens, dont 3 réels, est celui de l'énoncé."""
    mask = create_combined_mask(5, 3)
    assert isinstance(mask, torch.Tensor), "create_combined_mask doit renvoyer un tenseur PyTorch."
    expected = [[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]]
    np.testing.assert_array_equal(mask.double(), expected)


def test_error():
    """Une longueur réelle plus grande que seq_len lève une ValueError."""
    with raises(ValueError):
        create_combined_mask(5, 6)


### BEGIN HIDDEN TESTS
def check_mask(seq_len, real_len):
    result = create_combined_mask(seq_len, real_len)
    assert isinstance(result, torch.Tensor)
    assert tuple(result.shape) == (seq_len, seq_len)
    i, j = np.indices((seq_len, seq_len))
    np.testing.assert_array_equal(result.double(), (j <= i) & (i < real_len) & (j < real_len))


@weight(2)
def test_any_length():
    """Le masque est juste pour d'autres longueurs, d'un appel à l'autre."""
    for seq_len, real_len in [(7, 4), (2, 1), (9, 8), (4, 2), (16, 5), (7, 6), (258, 2), (7, 4)]:
        check_mask(seq_len, real_len)


@weight(0.5)
def test_bounds():
    """Sans remplissage, c'est le masque causal ; sans token réel, un masque nul."""
    for seq_len in (1, 3, 6):
        check_mask(seq_len, seq_len)
        check_mask(seq_len, 0)


@weight(0.5)
def test_all_errors():
    """Toute longueur réelle impossible lève une ValueError, et elle seule."""
    for seq_len, real_len in [(5, -1), (3, 4), (3, -3), (8, 100)]:
        with raises(expected=ValueError):
            create_combined_mask(seq_len, real_len)
    for allowed in (0, 3):  # no error here; what it returns is the business of other criteria
        create_combined_mask(3, allowed)


### END HIDDEN TESTS
run_tests(points=5)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-3-voir", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Votre masque combiné, affiché**, à côté du masque causal des mêmes 5 tokens, pour 3 tokens réels :

# %% nbgrader={"grade": false, "grade_id": "exercice-3-affichage", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
try:
    combined_mask = np.asarray(globals()["create_combined_mask"](5, 3)).astype(int)
    print("Masque causal      Votre masque combiné")
    for causal_row, combined_row in zip(create_causal_mask(5).int().numpy(), combined_mask, strict=True):
        print(f"{causal_row!s:<18} {combined_row}")
    print("Cases que le remplissage a bloquées :", int(create_causal_mask(5).sum()) - int(combined_mask.sum()))
except Exception as error:
    print("Votre masque apparaîtra ici quand create_combined_mask répondra.")
    print(f"Pour l'instant, Python s'arrête sur : {type(error).__name__}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-3-plus-loin", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Pour aller plus loin.** Avec ce masque, les lignes de remplissage sont **entièrement** bloquées : que devient le softmax d'une ligne dont tous les scores valent $-\infty$ ? Essayez `torch.softmax(torch.full((3,), -torch.inf), dim=0)`, puis voyez ce que renvoie `ScaledDotProductAttention` du module du cours. Son choix (des poids nuls, une sortie nulle, des gradients finis) évite qu'un seul `nan` ne contamine tout l'entraînement.

# %% [markdown] nbgrader={"grade": false, "grade_id": "bonus", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Bonus. Une fenêtre glissante
#
# **Difficulté** ●●● · **Temps conseillé** : 15 min · **sans points, pour le plaisir**
#
# Généralisez l'exercice 1 : écrivez `create_sliding_window_mask(seq_len, window_size)`, où chaque token voit les `window_size` derniers tokens, **lui-même compris**, et jamais l'avenir. Le masque est de forme `(seq_len, seq_len)`, en NumPy ou en PyTorch. C'est l'attention à fenêtre glissante de plusieurs grands modèles récents.
#
# **Ce qu'elle coûte.** Avec une largeur $w$, une phrase de $n$ tokens n'a besoin que d'environ $n\,w$ scores au lieu de $n^2$ : pour $n = 4\,096$ et $w = 256$, 1 million au lieu de 17. Mais ce n'est vrai que d'un programme qui **ne calcule pas** les autres. Un masque $n \times n$ comme celui-ci n'économise rien : on calcule les $n^2$ scores, puis on en jette la plupart. Il dit ce que l'on veut ; un programme spécialisé l'obtient à moindre coût.
#
# <details><summary>Indice 1 : deux cas connus</summary>
#
# Quelle largeur redonne le masque local de l'exercice 1 ? Quelle largeur redonne le masque causal ?
#
# </details>
# <details><summary>Indice 2 : la distance</summary>
#
# Tout se lit sur la distance $i - j$ : elle doit être positive ou nulle (pas d'avenir), et strictement inférieure à la largeur.
#
# </details>
# <details><summary>Indice 3 : sans boucle</summary>
#
# `np.arange(n)[:, None] - np.arange(n)` donne la matrice de toutes les distances. Il ne reste qu'à la comparer à deux bornes.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "bonus-reponse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def create_sliding_window_mask(seq_len, window_size):
    """Renvoie le masque causal limité aux window_size derniers tokens, lui-même compris.

    Args:
        seq_len: nombre de tokens.
        window_size: largeur de la fenêtre, au moins 1.

    Returns:
        Masque de forme (seq_len, seq_len), 1 = a le droit de voir.
    """
    ### BEGIN SOLUTION
    distance = np.arange(seq_len)[:, None] - np.arange(seq_len)
    return ((distance >= 0) & (distance < window_size)).astype(int)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bonus-verification", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
def check_window(seq_len, window_size, expected):
    mask = create_sliding_window_mask(seq_len, window_size)
    is_array = isinstance(mask, np.ndarray | torch.Tensor)
    assert is_array, "Le masque doit être un tableau NumPy ou un tenseur PyTorch."
    mask = mask.double() if isinstance(mask, torch.Tensor) else mask
    np.testing.assert_array_equal(mask, expected)


def test_window_of_three():
    """Une fenêtre de 3 sur 5 tokens : lui-même et les deux précédents."""
    check_window(5, 3, [[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1]])


def test_window_of_one():
    """Une fenêtre de 1 : chacun ne voit que lui-même."""
    check_window(4, 1, np.eye(4))


def test_window_of_two():
    """Une fenêtre de 2 redonne le masque local de l'exercice 1."""
    check_window(6, 2, np.eye(6) + np.eye(6, k=-1))


def test_wide_window():
    """Une fenêtre plus large que la phrase redonne le masque causal."""
    for window_size in (6, 7, 50):
        check_window(6, window_size, np.tri(6))


### BEGIN HIDDEN TESTS
def test_any_window():
    """Le masque est juste pour d'autres longueurs et d'autres largeurs, en NumPy ou en PyTorch."""
    for seq_len, window_size in [(9, 4), (1, 1), (260, 5), (3, 8), (9, 7), (9, 4)]:
        result = create_sliding_window_mask(seq_len, window_size)
        assert isinstance(result, np.ndarray | torch.Tensor)
        assert tuple(result.shape) == (seq_len, seq_len)
        check_window(seq_len, window_size, np.tri(seq_len) - np.tri(seq_len, k=-window_size))


### END HIDDEN TESTS
run_tests()

# %% [markdown] nbgrader={"grade": false, "grade_id": "controle-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Contrôle du module du cours
#
# La cellule suivante ne rapporte pas de points. Elle vérifie que le module `attention` utilisé par ce notebook est bien celui du cours et qu'il calcule juste. Si un critère est manqué ici, redémarrez le noyau, exécutez tout le notebook, et prévenez votre enseignant si cela persiste.


# %% nbgrader={"grade": true, "grade_id": "controle-module", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
def test_module_of_the_course():
    """Les fonctions utilisées sont celles du module attention."""
    for function in (create_causal_mask, create_causal_mask_manual, create_causal_mask_from_scratch):
        assert function.__module__ == "attention.masking"
    assert ScaledDotProductAttention.__module__ == "attention.scaled_dot_product"


def test_masks():
    """Les trois constructions du masque causal sont justes et s'accordent."""
    for seq_len in (1, 5, 12):
        for build in (create_causal_mask, create_causal_mask_manual, create_causal_mask_from_scratch):
            np.testing.assert_array_equal(build(seq_len), np.tri(seq_len))


### BEGIN HIDDEN TESTS
def reference_attention(Q, K, V, visible):
    scores = (Q.double() @ K.double().transpose(-1, -2)) / Q.shape[-1] ** 0.5
    weights = torch.softmax(scores.masked_fill(~visible, -torch.inf), dim=-1).nan_to_num()
    return weights @ V.double(), weights


def test_attention_values():
    """ScaledDotProductAttention calcule l'attention de la formule, avec et sans masque."""
    generator = torch.Generator().manual_seed(1)
    for n_q, n_k in ((5, 5), (3, 7)):
        Q = torch.randn(2, n_q, 8, generator=generator)
        K = torch.randn(2, n_k, 8, generator=generator)
        V = torch.randn(2, n_k, 6, generator=generator)
        visible = torch.rand(n_q, n_k, generator=generator) < 0.5
        for mask, seen in ((None, torch.ones(n_q, n_k).bool()), (visible, visible), (visible.int(), visible)):
            output, weights = ScaledDotProductAttention(d_k=8)(Q, K, V, mask=mask)
            expected_output, expected_weights = reference_attention(Q, K, V, seen)
            np.testing.assert_allclose(weights, expected_weights, atol=1e-5)
            np.testing.assert_allclose(output, expected_output, atol=1e-5)


def test_no_leak():
    """Changer l'avenir ne change aucune sortie précédente."""
    Q, K, V = (torch.randn(1, 6, 4, generator=torch.Generator().manual_seed(seed)) for seed in (3, 4, 5))
    attention_4 = ScaledDotProductAttention(d_k=4)
    before, _ = attention_4(Q, K, V, mask=create_causal_mask(6))
    other_K, other_V = K.clone(), V.clone()
    other_K[:, 3:] += 5.0
    other_V[:, 3:] -= 5.0
    after, _ = attention_4(Q, other_K, other_V, mask=create_causal_mask(6))
    np.testing.assert_array_equal(after[:, :3], before[:, :3])


def test_blocked_rows():
    """Une ligne entièrement bloquée donne des poids nuls, une sortie nulle et des gradients finis."""
    Q, K, V = (torch.ones(1, 3, 4, requires_grad=True) for _ in range(3))
    mask = torch.tensor([[1, 0, 0], [0, 0, 0], [1, 1, 1]])
    output, weights = ScaledDotProductAttention(d_k=4)(Q, K, V, mask=mask)
    output.sum().backward()
    np.testing.assert_array_equal(weights.detach()[0, 1], [0, 0, 0])
    np.testing.assert_array_equal(output.detach()[0, 1], [0, 0, 0, 0])
    assert all(bool(torch.isfinite(x.grad).all()) for x in (Q, K, V))


### END HIDDEN TESTS
run_tests()

# %% [markdown] nbgrader={"grade": false, "grade_id": "resume", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 10. Résumé
#
# ### Ce que vous avez appris
#
# - Le masque causal est une matrice **triangulaire inférieure** : le token $i$ voit les tokens $j \le i$.
# - Il agit sur les **scores**, **avant** le softmax, en y mettant $-\infty$ : les poids interdits sont exactement nuls, et la somme des autres vaut 1.
# - Il se construit en une ligne : `np.tril(np.ones((n, n)))` ou `torch.tril(torch.ones(n, n))`.
# - **BERT** n'en a pas et comprend la phrase entière ; **GPT** en a un et l'écrit token après token.
# - Il met l'entraînement dans les **conditions de la génération**, et permet d'entraîner toutes les positions en une passe.
# - Il se **combine** : avec le remplissage, avec une fenêtre.
#
# ### Les formules à retenir
#
# $$M_{ij} = \begin{cases} 1 & \text{si } j \le i \\ 0 & \text{sinon} \end{cases} \qquad\qquad \operatorname{Attention}(Q, K, V, M) = \operatorname{softmax}\!\left(\operatorname{masque}\!\left(\frac{Q K^\top}{\sqrt{d_k}}\right)\right) V$$
#
# ### Et ensuite ?
#
# - L'**attention multi-têtes** : plusieurs attentions en parallèle, chacune avec son point de vue, toutes avec le même masque.
# - Le **transformer complet** : attention, couches linéaires, normalisations et connexions résiduelles, empilées.
#
# ### Trois points à garder
#
# 1. Lisez toujours un masque **ligne par ligne** : « que voit le token $i$ ? »
# 2. Vérifiez toujours sa **polarité** : ici, 1 = « a le droit de voir ».
# 3. Testez un modèle causal **par l'expérience** : changez l'avenir ; si le passé bouge, il y a une fuite.

# %% [markdown] nbgrader={"grade": false, "grade_id": "rendre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Avant de rendre
#
# Enregistrez le notebook (`Ctrl` + `S`), puis exécutez la cellule suivante : elle exécute tout le notebook à neuf, de haut en bas, comme le fera la correction, et dit ce qu'il faut encore regarder. Rendez ensuite ce fichier, sans changer son nom.

# %% nbgrader={"grade": false, "grade_id": "rendre-verification", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
from checks import check_notebook

check_notebook()
