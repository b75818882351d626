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
# # L'attention multi-têtes
#
# **Ce que vous allez construire.** Une couche d'attention à plusieurs têtes, celle de tous les transformers, en une trentaine de lignes : découper, regarder, recoller. Vous démontrerez pourquoi une seule tête ne suffit pas, vous écrirez la couche, vous vérifierez qu'elle donne les mêmes nombres que celle de PyTorch, et vous la casserez de quatre façons, exprès, avant que l'une d'elles ne vous arrive sans prévenir.
#
# | | |
# |---|---|
# | **Durée conseillée** | 2 h 30, dont 1 h 30 d'exercices |
# | **Prérequis** | l'attention à produit scalaire (`noyau_attention`), le masque causal (`masque_causal`), `torch.nn.Linear` |
# | **Notation** | 20 points : 17 vérifiés automatiquement, 3 pour une question rédigée ; un bonus sans points |
# | **Comment travailler** | exécutez les cellules dans l'ordre ; complétez celles qui contiennent `# VOTRE CODE ICI` ; relancez la cellule de vérification qui suit autant de fois que vous le voulez |
# | **La manière** | libre dans chaque exercice : boucles, opérations sur des tableaux entiers ou fonctions de PyTorch et de NumPy, même celles qui calculent presque ce qui est demandé ; seul compte que le résultat respecte l'énoncé |
#
# Les cellules de cours et de vérification sont verrouillées. Vous pouvez ajouter vos propres cellules où bon vous semble : elles ne gênent pas la correction.

# %% [markdown] nbgrader={"grade": false, "grade_id": "introduction", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 0. Introduction
#
# ### 0.1 Plusieurs lecteurs pour une même phrase
#
# Confiez une phrase à quatre lecteurs. Le premier relie chaque verbe à son sujet, le deuxième chaque adjectif à son nom, le troisième note ce qui vient juste avant, le quatrième retient le début. Chacun ne remplit qu'un quart de page ; on met les quatre quarts côte à côte, et un rapporteur en tire une page de synthèse.
#
# Ces lecteurs sont les **têtes** (*heads*) ; le quart de page est une **tranche de colonnes** ; le rapporteur est une dernière matrice, $W_o$. L'image a une limite, que vous verrez de vos yeux : personne ne distribue les rôles. C'est l'entraînement qui les fait naître, et ils n'ont pas toujours de nom.
#
# ### 0.2 Objectifs
#
# À la fin de ce notebook, vous saurez :
#
# 1. démontrer qu'**une seule tête ne peut pas recueillir deux choses** à la fois ;
# 2. **découper** et **recoller** les têtes sans mélanger les tokens ;
# 3. écrire `MultiHeadAttention`, **égale à celle de PyTorch** quand on copie les poids ;
# 4. compter ce que les têtes **coûtent** (pas un paramètre de plus) et ce qu'elles changent ;
# 5. donner à un masque la **forme** et la **polarité** que chaque bibliothèque attend ;
# 6. reconnaître **quatre pannes silencieuses**, et l'expérience qui révèle chacune.

# %% [markdown] nbgrader={"grade": false, "grade_id": "preparation-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 0.3 Préparation
#
# La cellule suivante cherche les dossiers du cours. Celle d'après importe les bibliothèques, le module du cours `attention` et les outils de vérification `checks`. Du module du cours, vous pouvez utiliser `ScaledDotProductAttention` et `create_causal_mask`, que vous savez écrire depuis les devoirs précédents.

# %% nbgrader={"grade": false, "grade_id": "demarrage", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
# Cette cellule cherche les dossiers du cours, et prend l'archive du devoir s'ils ne sont pas là.
import importlib.util
import io
import sys
import zipfile
from pathlib import Path

ARCHIVE = "multi_tetes.zip"
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
import torch.nn as nn

from attention.figures import show
from attention.masking import create_causal_mask
from attention.scaled_dot_product import ScaledDotProductAttention
from attention.writing import written
from checks import raises, run_tests, weight

np.random.seed(42)
torch.manual_seed(42)
torch.set_num_threads(1)  # de si petits calculs vont plus vite sur un seul cœur

print(
    f"NumPy {np.__version__}, PyTorch {torch.__version__}, Matplotlib {matplotlib.__version__}, seaborn {sns.__version__}"
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "moyenne", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 1. Pourquoi plusieurs têtes ?
#
# ### 1.1 Un softmax, une moyenne
#
# Pour une requête $i$, une tête calcule des poids $a_{i0}, \dots, a_{i,n-1}$, positifs et de somme 1, puis
#
# $$\text{sortie}_i = \sum_j a_{ij}\, v_j.$$
#
# C'est **une moyenne pondérée**, et une seule. Toutes les colonnes des valeurs, qu'il y en ait 8 ou 8 000, sont mélangées avec **les mêmes poids**. Si le verbe « mange » doit savoir *qui* mange et *ce qui* est mangé, il reçoit un mélange des deux. Avec des poids égaux,
#
# $$\tfrac12\, v_{\text{chat}} + \tfrac12\, v_{\text{souris}} = \tfrac12\, v_{\text{souris}} + \tfrac12\, v_{\text{chat}} :$$
#
# si les valeurs ne portent que le sens des mots, l'échange du chat et de la souris ne change **rien** à la sortie. Qui a mangé l'autre ? L'information est perdue, et aucun calcul fait sur cette sortie ne la retrouvera.

# %% [markdown] nbgrader={"grade": false, "grade_id": "borne", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 1.2 Et avec des poids inégaux ? Une borne
#
# Soyons plus fins : donnons 0,7 au chat et 0,3 à la souris, la somme n'est plus symétrique. Cela suffit-il ? Démontrons que non.
#
# Le token doit recueillir deux nombres, $x$ et $y$, portés par deux autres tokens. Supposons-les indépendants, de moyenne nulle et de variance 1. Une tête lui livre un seul nombre,
#
# $$s = a\,x + b\,y, \qquad a, b \ge 0, \quad a + b = 1.$$
#
# La couche n'a plus, après cette moyenne, que des opérations linéaires. Or la meilleure estimation linéaire de $x$ à partir de $s$ est $\hat x = \dfrac{\operatorname{Cov}(x, s)}{\operatorname{Var}(s)}\, s = \dfrac{a}{a^2 + b^2}\, s$, et son erreur quadratique moyenne vaut
#
# $$\mathbb{E}\,(x - \hat x)^2 = 1 - \frac{a^2}{a^2 + b^2} = \frac{b^2}{a^2 + b^2} \qquad\text{et de même}\qquad \mathbb{E}\,(y - \hat y)^2 = \frac{a^2}{a^2 + b^2}.$$
#
# **La somme des deux erreurs vaut 1, quels que soient $a$ et $b$.** Tout ce que l'on gagne sur $x$, on le perd sur $y$. Par nombre demandé, l'erreur moyenne vaut donc au moins $\tfrac12$ (davantage encore si une partie du poids s'égare sur d'autres tokens). Des vecteurs plus longs n'y changent rien : chaque colonne est mélangée avec le même $a$ et le même $b$. Et si $x$ et $y$ sont gaussiens, aucune autre estimation, même non linéaire, ne fait mieux.
#
# **Avec deux têtes**, la première livre $x$, la seconde livre $y$ : l'erreur tombe à **0**.

# %% [markdown] nbgrader={"grade": false, "grade_id": "experience-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 1.3 L'expérience
#
# Une borne se vérifie. Chaque séquence compte 6 tokens, qui portent chacun 8 nombres tirés au hasard. À partir de la position 2, chaque token doit restituer les 8 nombres du **token précédent** *et* les 8 nombres du **premier token**. Les requêtes et les clés ne reçoivent que les positions, les valeurs ne reçoivent que les nombres : les poids ne dépendent pas du contenu, et nous sommes exactement dans le cas de la démonstration.
#
# Nous entraînons trois fois la couche de PyTorch, avec 1, 2 puis 4 têtes. Elle a **le même nombre de paramètres** dans les trois cas : seul le découpage change.


# %% nbgrader={"grade": false, "grade_id": "experience", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
def train_two_lookups(n_heads, n_tokens=6, size=8, steps=400):
    """Apprend à restituer le token précédent et le premier ; renvoie les erreurs et les poids de chaque tête."""
    torch.manual_seed(0)
    d_model = 2 * size
    positions = torch.randn(n_tokens, d_model).expand(64, n_tokens, d_model)
    layer = nn.MultiheadAttention(d_model, n_heads, batch_first=True)
    optimizer = torch.optim.Adam(layer.parameters(), lr=0.01)
    blocked = ~create_causal_mask(n_tokens).bool()  # ce module veut True = bloqué : section 5
    losses = []
    for _ in range(steps):
        numbers = torch.randn(64, n_tokens, size)
        contents = torch.cat([numbers, torch.zeros_like(numbers)], dim=-1)
        output, weights = layer(positions, positions, contents, attn_mask=blocked, average_attn_weights=False)
        first = numbers[:, :1].expand(64, n_tokens - 2, size)
        target = torch.cat([numbers[:, 1:-1], first], dim=-1)
        loss = ((output[:, 2:] - target) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, weights[0].detach().numpy()


demo_runs = {n_heads: train_two_lookups(n_heads) for n_heads in (1, 2, 4)}

figure, ax = plt.subplots(figsize=(9, 4.2), layout="constrained")
styles = zip(demo_runs.items(), sns.color_palette("colorblind"), ("-", "--", "-."), strict=False)
for (n_heads, (losses, _)), color, line in styles:
    ax.plot(losses, line, color=color, label="1 tête" if n_heads == 1 else f"{n_heads} têtes")
    print(f"{n_heads} tête{'s' * (n_heads > 1)} : erreur des 20 derniers pas = {written(np.mean(losses[-20:]), 4)}")
ax.axhline(0.5, color="0.4", linewidth=1)
ax.annotate("plancher démontré pour une tête : 1/2", (len(losses), 0.4), ha="right", color="0.3")
ax.set(
    title="Deux choses à retrouver", xlabel="Pas d'entraînement", ylabel="Erreur quadratique moyenne", ylim=(0, None)
)
ax.legend()
show(
    figure,
    alt="Trois courbes d'erreur pendant l'entraînement. Avec une tête, l'erreur descend jusqu'au plancher de 0,5 et y reste ; "
    "avec 2 et 4 têtes, elle descend jusqu'à 0.",
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "experience-poids-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Où ces têtes regardent-elles ?** Voici leurs poids après l'entraînement, pour les positions 2 à 5.

# %% nbgrader={"grade": false, "grade_id": "experience-poids", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
figure, axes = plt.subplots(2, 4, figsize=(12, 5), layout="constrained")
panels = [
    (axes[0, 0], 1, 0),
    (axes[0, 2], 2, 0),
    (axes[0, 3], 2, 1),
    *((axes[1, head], 4, head) for head in range(4)),
]
axes[0, 1].axis("off")
for ax, n_heads, head in panels:
    learnt = demo_runs[n_heads][1][head, 2:]
    sns.heatmap(
        learnt, annot=True, fmt=".1f", cmap="cividis", vmin=0, vmax=1, cbar=False, yticklabels=range(2, 6), ax=ax
    )
    ax.set(title="Tête unique" if n_heads == 1 else f"Tête {head} sur {n_heads}", xlabel="Clé j", ylabel="Requête i")
    ax.tick_params(axis="y", rotation=0)
show(
    figure,
    alt="Sept cartes de chaleur des poids appris, pour les positions 2 à 5 : une pour la tête unique, deux pour le modèle "
    "à 2 têtes et quatre pour le modèle à 4 têtes. Les poids ne portent que sur la colonne 0 et sur la diagonale i - 1.",
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "experience-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Ce qu'il faut observer**
#
# - **La tête unique** s'arrête au plancher de ½, comme annoncé. Tous les partages entre les deux tokens se valent, puisque la somme des erreurs est constante : l'entraînement en a choisi un, et n'a aucune raison d'en changer.
# - **Deux têtes** annulent l'erreur, avec autant de paramètres et de calculs. Mais d'abord, leur courbe s'attarde sur le même plancher : tant que les deux têtes lisent le même token, elles n'en valent qu'une. Puis leurs petites différences de départ l'emportent, et les rôles se séparent.
# - **Les têtes ne se partagent pas toujours le travail comme un humain l'aurait fait.** Parmi les quatre têtes, regardez s'il en est une qui mélange les deux tokens. Elle n'est pas perdue pour autant : si les autres livrent déjà le premier token, $W_o$ le retranche du mélange et retrouve le précédent. Deux mélanges *différents* de $x$ et de $y$ forment un système de deux équations à deux inconnues ; $W_o$ le résout.

# %% [markdown] nbgrader={"grade": false, "grade_id": "phrase-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 1.4 Quatre points de vue sur une phrase
#
# Pour fixer les idées, voici quatre têtes sur « Le chat noir mange la petite souris », avec le masque causal. **Ces poids sont fabriqués à la main** : nous avons choisi, pour chaque tête, les liens qui reçoivent un score élevé.

# %% nbgrader={"grade": false, "grade_id": "phrase", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
words = ["Le", "chat", "noir", "mange", "la", "petite", "souris"]
links = {
    "Tête 0 : le token précédent": {i: [i - 1] for i in range(1, 7)},
    "Tête 1 : du verbe à son sujet": {3: [1]} | {i: [i] for i in (0, 1, 2, 4, 5, 6)},
    "Tête 2 : dans le groupe nominal": {1: [0], 2: [1], 5: [4], 6: [4, 5]},
    "Tête 3 : le premier token": {i: [0] for i in range(7)},
}
figure, axes = plt.subplots(1, 4, figsize=(16, 4.6), layout="constrained", sharey=True)
for ax, (title, targets) in zip(axes, links.items(), strict=True):
    handmade_scores = torch.zeros(7, 7)
    for query_index, key_indices in targets.items():
        handmade_scores[query_index, key_indices] = 4.0
    handmade = torch.softmax(handmade_scores.masked_fill(create_causal_mask(7) == 0, -torch.inf), dim=-1)
    sns.heatmap(
        handmade.numpy(),
        cmap="cividis",
        vmin=0,
        vmax=1,
        square=True,
        xticklabels=words,
        yticklabels=words,
        cbar=ax is axes[-1],
        ax=ax,
    )
    ax.set(title=title, xlabel="Token regardé")
    ax.tick_params(axis="x", rotation=60)
axes[0].set_ylabel("Token qui regarde")
axes[0].tick_params(axis="y", rotation=0)
show(
    figure,
    alt="Quatre cartes de chaleur côte à côte sur « Le chat noir mange la petite souris » : le token précédent, le lien du "
    "verbe à son sujet, les liens dans le groupe nominal et le premier token. Poids fabriqués à la main.",
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "phrase-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Suivez la ligne de « mange » d'un panneau à l'autre : au même instant, ce token lit « noir », « chat », un peu tout, et « Le ». Une tête unique n'aurait pu en faire qu'une moyenne.
#
# **Restons honnêtes.** Des motifs comme le token précédent, le premier token ou certains liens grammaticaux ont été observés dans des modèles entraînés. Mais beaucoup de têtes ne se laissent pas nommer, beaucoup peuvent être supprimées sans grand dommage, et un poids élevé dit où une tête *regarde*, pas ce qu'elle *comprend*.

# %% [markdown] nbgrader={"grade": false, "grade_id": "formule", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 2. La formule
#
# ### 2.1 Découper au lieu de multiplier
#
# Notons $H$ le nombre de têtes. On pourrait faire tourner $H$ attentions complètes : ce serait $H$ fois plus cher. L'idée de l'article « Attention Is All You Need » (Vaswani et collègues, 2017) est de **découper** : chaque tête reçoit
#
# $$d_{\text{head}} = \frac{d_{\text{model}}}{H}$$
#
# des $d_{\text{model}}$ colonnes. La tête $h$, avec $0 \le h < H$, travaille sur les colonnes $h \cdot d_{\text{head}}$ à $(h + 1) \cdot d_{\text{head}} - 1$ des requêtes, des clés et des valeurs projetées, et sur rien d'autre :
#
# $$\text{tête}_h = \operatorname{softmax}\!\left(\operatorname{masque}\!\left(\frac{Q_h K_h^\top}{\sqrt{d_{\text{head}}}}\right)\right) V_h \qquad\qquad \operatorname{MHA} = \big[\text{tête}_0 \;\big|\; \cdots \;\big|\; \text{tête}_{H-1}\big]\, W_o^\top + b_o$$
#
# Deux détails qui se perdent souvent :
#
# - on divise par $\sqrt{d_{\text{head}}}$, et **non** par $\sqrt{d_{\text{model}}}$ : le produit scalaire d'une tête ne compte que $d_{\text{head}}$ termes ;
# - **une seule** matrice $W_q$ sert toutes les têtes. Comme `nn.Linear` calcule $x W^\top + b$, la tête $h$ utilise les **lignes** $h \cdot d_{\text{head}}$ à $(h+1) \cdot d_{\text{head}} - 1$ de $W_q$. Ranger $H$ petites matrices l'une sous l'autre ou en écrire une grande, c'est la même chose ; la grande se calcule plus vite.

# %% [markdown] nbgrader={"grade": false, "grade_id": "ordre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 2.2 L'ordre des opérations
#
# | Étape | Opération | Forme |
# |---|---|---|
# | 0 | entrée | `(batch, n, d_model)` |
# | 1 | **projeter** : `W_q`, `W_k`, `W_v` | `(batch, n, d_model)` |
# | 2 | **découper** les colonnes en têtes | `(batch, n_heads, n, d_head)` |
# | 3 | **regarder** : une attention par tête, toutes à la fois | `(batch, n_heads, n, d_head)` |
# | 4 | **recoller** les têtes | `(batch, n, d_model)` |
# | 5 | **mélanger** : `W_o` | `(batch, n, d_model)` |
#
# Pourquoi mettre les têtes en deuxième position ? Parce que l'attention travaille sur les **deux dernières** dimensions. Tout ce qui précède est une dimension de lot : la tête 3 de l'exemple 5 est calculée comme un exemple de plus, et `ScaledDotProductAttention` n'a pas besoin de savoir que les têtes existent.
#
# Pourquoi $W_o$ ? Sans elle, les colonnes de la tête 0 ne rencontreraient jamais celles de la tête 1. C'est elle qui résolvait le système de la section 1.3.

# %% [markdown] nbgrader={"grade": false, "grade_id": "cout", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 2.3 Ce que cela coûte
#
# Comptons les multiplications-additions des produits de matrices, pour $n$ tokens. Le produit d'une matrice $p \times q$ par une matrice $q \times r$ en demande $p\,q\,r$.
#
# | Opération | une tête | $H$ têtes |
# |---|---|---|
# | $W_q$, $W_k$, $W_v$, $W_o$ | $4\, n\, d_{\text{model}}^2$ | $4\, n\, d_{\text{model}}^2$ |
# | scores $Q K^\top$ | $n^2\, d_{\text{model}}$ | $H \cdot n^2\, d_{\text{head}} = n^2\, d_{\text{model}}$ |
# | poids × valeurs | $n^2\, d_{\text{model}}$ | $H \cdot n^2\, d_{\text{head}} = n^2\, d_{\text{model}}$ |
#
# Le total, $4\, n\, d_{\text{model}}^2 + 2\, n^2\, d_{\text{model}}$, **ne dépend pas du nombre de têtes**. Les paramètres non plus : quatre matrices et quatre biais, soit $4\, d_{\text{model}}^2 + 4\, d_{\text{model}}$.
#
# Deux choses changent pourtant. Il y a $H\, n^2$ poids d'attention au lieu de $n^2$ : autant d'exponentielles à calculer dans les softmax, et de nombres à garder. Et chaque tête devient plus étroite : ses scores $Q_h K_h^\top$ forment une matrice de rang $d_{\text{head}}$ au plus, donc de moins en moins souple quand $H$ augmente. Ne nous croyez pas sur parole : PyTorch sait compter ses propres opérations.

# %% nbgrader={"grade": false, "grade_id": "cout-mesure", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
from torch.utils.flop_counter import FlopCounterMode

n_tokens, width = 10, 64
print("têtes | d_head | mult.-add. mesurées | formule | paramètres | formule | poids gardés")
for n_heads in (1, 2, 4, 8, 64):
    layer = nn.MultiheadAttention(width, n_heads, batch_first=True)
    tokens = torch.randn(1, n_tokens, width)
    with FlopCounterMode(display=False) as counter:
        _, kept = layer(tokens, tokens, tokens, average_attn_weights=False)
    measured = counter.get_total_flops() // 2  # le compteur compte 2 opérations par multiplication-addition
    formula = 4 * n_tokens * width**2 + 2 * n_tokens**2 * width
    parameters = sum(parameter.numel() for parameter in layer.parameters())
    print(
        f"{n_heads:>5} | {width // n_heads:>6} | {measured:>19} | {formula:>7} | {parameters:>10} | "
        f"{4 * width**2 + 4 * width:>7} | {kept.numel():>12}"
    )

# %% [markdown] nbgrader={"grade": false, "grade_id": "decouper", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 3. Découper et recoller
#
# ### 3.1 Deux opérations, un piège
#
# Tout se joue dans l'ordre des nombres en mémoire. Prenons 3 tokens de 4 colonnes, où le nombre de la ligne $t$, colonne $c$ vaut $10\,t + c$ : le chiffre des dizaines dit **à quel token** il appartient. PyTorch les range ligne après ligne :
#
# $$x = \begin{pmatrix} 0 & 1 & 2 & 3 \\ 10 & 11 & 12 & 13 \\ 20 & 21 & 22 & 23 \end{pmatrix} \quad\longrightarrow\quad 0,\ 1,\ 2,\ 3,\ 10,\ 11,\ 12,\ 13,\ 20,\ 21,\ 22,\ 23$$
#
# Nous voulons 2 têtes de 2 colonnes, de forme `(2, 3, 2)` :
#
# $$\text{tête}_0 = \begin{pmatrix} 0 & 1 \\ 10 & 11 \\ 20 & 21 \end{pmatrix} \qquad \text{tête}_1 = \begin{pmatrix} 2 & 3 \\ 12 & 13 \\ 22 & 23 \end{pmatrix}$$
#
# Or `reshape` **ne déplace aucun nombre** : il ne fait que couper autrement la même suite. Regardez ce que donne `reshape(2, 3, 2)`, qui rend pourtant la bonne *forme*.

# %% nbgrader={"grade": false, "grade_id": "decouper-piege", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
labelled = torch.tensor([[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]])
wrong_heads = labelled.reshape(2, 3, 2)
for head in range(2):
    print(f"« Tête {head} » d'un reshape seul :")
    print(wrong_heads[head].numpy())

# %% [markdown] nbgrader={"grade": false, "grade_id": "decouper-piege-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# La ligne 1 de cette « tête 0 » contient 2 et 3 : ce sont encore des colonnes du **token 0**. La ligne 2 vient du token 1. Les lignes ne sont plus des tokens, les têtes ne sont plus des tranches de colonnes, et pourtant toutes les formes conviennent : **aucune erreur ne sera levée**, et le modèle s'entraînera, mal.
#
# La règle : on **coupe** la dimension des colonnes en deux dimensions, les têtes et les colonnes d'une tête, *puis* on **échange** deux dimensions. Couper ne suffit pas. À vous.

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-1", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Exercice 1. Découper et recoller les têtes
#
# **Difficulté** ●○○ · **Temps conseillé** : 15 min · **5 points**
#
# **Prérequis** : la section 3.1 ; `reshape` et `transpose` de PyTorch.
#
# Écrivez deux fonctions, inverses l'une de l'autre :
#
# - `split_heads(x, n_heads)` reçoit `x` de forme `(batch, n, d_model)` et renvoie un tenseur PyTorch de forme `(batch, n_heads, n, d_head)`, où `d_head = d_model / n_heads`. La tête $h$ prend les colonnes $h \cdot d_{\text{head}}$ à $(h+1) \cdot d_{\text{head}} - 1$, dans l'ordre. Si `n_heads` ne divise pas `d_model`, la fonction lève une `ValueError` ;
# - `merge_heads(x)` reçoit `x` de forme `(batch, n_heads, n, d_head)` et renvoie un tenseur PyTorch de forme `(batch, n, n_heads * d_head)` : les têtes côte à côte, dans l'ordre.
#
# Les nombres (entiers ou flottants) sont déplacés, jamais changés, et `x` lui-même n'est pas modifié. Les gradients doivent traverser les deux fonctions. L'entrée n'est pas toujours rangée en mémoire dans l'ordre : elle peut être une transposée. Appliquée à l'exemple de la section 3.1, un lot d'une seule phrase, `split_heads` doit donner les deux têtes qui y sont écrites.
#
# <details><summary>Indice 1 : couper, puis échanger</summary>
#
# Pour un token, les colonnes se lisent « tête 0, puis tête 1, … ». Couper la seule dernière dimension donne `(batch, n, n_heads, d_head)`. Quelles dimensions faut-il alors échanger ?
#
# </details>
# <details><summary>Indice 2 : recoller, c'est défaire dans l'ordre inverse</summary>
#
# On met ses chaussettes avant ses chaussures, mais on retire ses chaussures d'abord : échangez, *puis* réunissez. Vérifiez avec `merge_heads(split_heads(x, 2))`.
#
# </details>
# <details><summary>Indice 3 : « view size is not compatible… »</summary>
#
# Après un `transpose`, les nombres ne sont plus rangés dans l'ordre en mémoire, et `view` refuse de les réunir. `reshape` en fait une copie quand il le faut ; `.contiguous().view(…)` aussi.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "exercice-1-reponse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def split_heads(x, n_heads):
    """Découpe les colonnes en têtes : la tête h prend les colonnes h*d_head à (h+1)*d_head - 1.

    Args:
        x: tenseur de forme (batch, n, d_model).
        n_heads: nombre de têtes, au moins 1.

    Returns:
        Tenseur de forme (batch, n_heads, n, d_head).

    Raises:
        ValueError: si n_heads ne divise pas d_model.
    """
    ### BEGIN SOLUTION
    batch, n, d_model = x.shape
    if d_model % n_heads != 0:
        raise ValueError(f"n_heads doit diviser d_model ; reçu : n_heads = {n_heads}, d_model = {d_model}.")
    return x.reshape(batch, n, n_heads, d_model // n_heads).transpose(1, 2)
    ### END SOLUTION


def merge_heads(x):
    """Recolle les têtes côte à côte : l'inverse de split_heads.

    Args:
        x: tenseur de forme (batch, n_heads, n, d_head).

    Returns:
        Tenseur de forme (batch, n, n_heads * d_head).
    """
    ### BEGIN SOLUTION
    batch, n_heads, n, d_head = x.shape
    return x.transpose(1, 2).reshape(batch, n, n_heads * d_head)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "exercice-1-verification", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
@weight(0.5)
def test_split_example():
    """split_heads donne les deux têtes de la section 3.1."""
    x = torch.tensor([[[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]]])
    heads = split_heads(x, 2)
    assert isinstance(heads, torch.Tensor), "split_heads doit renvoyer un tenseur PyTorch."
    expected = [[[[0, 1], [10, 11], [20, 21]], [[2, 3], [12, 13], [22, 23]]]]
    np.testing.assert_array_equal(heads, expected)


@weight(0.5)
def test_merge_example():
    """merge_heads recolle les deux têtes de la section 3.1."""
    heads = torch.tensor([[[[0, 1], [10, 11], [20, 21]], [[2, 3], [12, 13], [22, 23]]]])
    merged = merge_heads(heads)
    assert isinstance(merged, torch.Tensor), "merge_heads doit renvoyer un tenseur PyTorch."
    np.testing.assert_array_equal(merged, [[[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]]])


@weight(0.5)
def test_inverse():
    """Découper puis recoller rend le tenseur de départ."""
    x = torch.arange(2 * 5 * 6.0).reshape(2, 5, 6)
    for n_heads in (1, 2, 3, 6):
        np.testing.assert_array_equal(merge_heads(split_heads(x, n_heads)), x)


@weight(0.25)
def test_error():
    """10 colonnes ne se partagent pas en 3 têtes : ValueError."""
    with raises(ValueError):
        split_heads(torch.zeros(1, 4, 10), 3)


### BEGIN HIDDEN TESTS
HEAD_SHAPES = [(1, 4, 4, 2), (2, 3, 2, 4), (3, 1, 3, 2), (2, 6, 1, 5), (4, 2, 5, 1), (2, 2, 2, 2), (1, 7, 3, 3)]


def labelled_tokens(batch, n, d_model):
    """Yield (batch, n, d_model), each number different, in order in memory and not."""
    count = batch * n * d_model
    yield (2**40 + torch.arange(count)).reshape(batch, n, d_model)  # too large for float32
    yield torch.arange(count).float().reshape(batch, d_model, n).transpose(1, 2)
    yield (torch.arange(count).double() / 7).reshape(n, batch, d_model).transpose(0, 1)  # not whole
    yield torch.arange(n * d_model).reshape(1, n, d_model).expand(batch, n, d_model)


@weight(2)
def test_split_any_shape():
    """split_heads est juste pour d'autres formes et d'autres rangements en mémoire, sans modifier l'entrée."""
    for batch, n, n_heads, d_head in HEAD_SHAPES:
        for x in labelled_tokens(batch, n, n_heads * d_head):
            before = x.clone()
            heads = split_heads(x, n_heads)
            assert isinstance(heads, torch.Tensor)
            expected_heads = np.stack([before[:, :, h * d_head : (h + 1) * d_head] for h in range(n_heads)], axis=1)
            np.testing.assert_array_equal(heads, expected_heads)
            assert torch.equal(x, before)


@weight(2)
def test_merge_any_shape():
    """merge_heads est juste pour d'autres formes et d'autres rangements en mémoire, sans modifier l'entrée."""
    for batch, n, n_heads, d_head in HEAD_SHAPES:
        for flat in labelled_tokens(batch, n_heads * n, d_head):
            x = flat.reshape(batch, n, n_heads, d_head).transpose(1, 2)
            if flat.is_contiguous():
                x = flat.reshape(batch, n_heads, n, d_head)
            before = x.clone()
            merged = merge_heads(x)
            assert isinstance(merged, torch.Tensor)
            expected_merged = np.concatenate([before[:, h] for h in range(n_heads)], axis=-1)
            np.testing.assert_array_equal(merged, expected_merged)
            assert torch.equal(x, before)


@weight(1)
def test_gradients_flow():
    """Les gradients traversent les deux fonctions, chacun à sa place."""
    coefficients = torch.arange(2 * 3 * 4 * 2.0).reshape(2, 3, 4, 2)
    x = torch.ones(2, 4, 6, requires_grad=True)
    (split_heads(x, 3) * coefficients).sum().backward()
    np.testing.assert_array_equal(x.grad, np.concatenate([coefficients[:, h] for h in range(3)], axis=-1))
    heads = torch.ones(2, 3, 4, 2, requires_grad=True)
    merged_coefficients = torch.arange(2 * 4 * 6.0).reshape(2, 4, 6)
    (merge_heads(heads) * merged_coefficients).sum().backward()
    expected = np.stack([merged_coefficients[..., 2 * h : 2 * h + 2] for h in range(3)], axis=1)
    np.testing.assert_array_equal(heads.grad, expected)


@weight(0.75)
def test_all_errors():
    """Tout nombre de têtes qui ne divise pas d_model lève une ValueError, et lui seul."""
    for d_model, n_heads in [(6, 4), (7, 2), (4, 8), (12, 5), (9, 6)]:
        with raises(expected=ValueError):
            split_heads(torch.zeros(2, 12, d_model), n_heads)
    split_heads(torch.zeros(2, 5, 12), 4)  # no error here; what it returns is the business of other criteria


### END HIDDEN TESTS
run_tests(points=5)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-1-casser", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 3.2 Cassons la découpe, pour voir
#
# Une fois l'exercice réussi, exécutez la cellule suivante. Elle fait passer 6 tokens dans 2 têtes d'attention **causale**, avec vos fonctions et avec un `reshape` seul à la place de l'une, de l'autre ou des deux. Puis elle change **un** token et note les sorties qui bougent. Avec une attention causale correcte, changer le token $t$ fait bouger les sorties $t, t+1, \dots, 5$, et aucune autre.


# %% nbgrader={"grade": false, "grade_id": "exercice-1-experience", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
def reshape_split(x, n_heads):
    """La découpe fausse : la bonne forme, les mauvais nombres."""
    return x.reshape(x.shape[0], n_heads, x.shape[1], x.shape[2] // n_heads)


def reshape_merge(x):
    """Le recollage faux."""
    return x.reshape(x.shape[0], x.shape[2], x.shape[1] * x.shape[3])


def causal_heads(x, split, merge):
    """Deux têtes d'attention causale, sans projections."""
    heads = split(x, 2)
    mixed, _ = ScaledDotProductAttention(heads.shape[-1])(heads, heads, heads, mask=create_causal_mask(x.shape[1]))
    return merge(mixed)


def outputs_that_move(split, merge, token):
    """Positions dont la sortie change quand on change un token."""
    x = torch.randn(1, 6, 8, generator=torch.Generator().manual_seed(3))
    changed = x.clone()
    changed[0, token] += 1.0
    moved = (causal_heads(x, split, merge) != causal_heads(changed, split, merge)).any(dim=-1)
    return moved[0].nonzero().flatten().tolist()


try:
    variants = {
        "vos deux fonctions": (split_heads, merge_heads),
        "reshape à la découpe": (reshape_split, merge_heads),
        "reshape au recollage": (split_heads, reshape_merge),
        "reshape aux deux": (reshape_split, reshape_merge),
    }
    print("Si l'on change…        le token 1, bougent     le token 4, bougent")
    for label, (split, merge) in variants.items():
        print(f"{label:<22} {outputs_that_move(split, merge, 1)!s:<23} {outputs_that_move(split, merge, 4)}")
except Exception as error:
    print("Le tableau apparaîtra ici quand split_heads et merge_heads répondront.")
    print(f"Pour l'instant, Python s'arrête sur : {type(error).__name__}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-1-experience-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Ce qu'il faut observer**
#
# - **Une seule des deux fonctions fausse** : changer le token 4 fait bouger la sortie 2. **L'avenir fuit**, malgré un masque parfaitement causal. Ou bien les lignes que voit le masque ne sont plus des tokens, ou bien le recollage range dans la ligne d'un token le résultat d'un autre.
# - **Les deux fausses** : rien ne fuit, les erreurs de rangement se compensent. Mais changer le token 1 ne fait plus bouger les sorties 3, 4 et 5 : elles ont **perdu leur passé**. L'expérience « changer l'avenir » ne voit pas cette panne ; il faut aussi changer le **passé**, et vérifier que l'avenir s'en aperçoit.
# - **Les formes sont justes dans les quatre cas.** Vérifier une forme ne vérifie pas un calcul.

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-1-plus-loin", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Pour aller plus loin.** Expliquez la dernière ligne du tableau : si l'on coupe la suite des nombres en deux moitiés égales, quels tokens se retrouvent dans la première « tête » ? Prédisez ensuite ce que donneraient 4 têtes sur ces mêmes 6 tokens, puis vérifiez.

# %% [markdown] nbgrader={"grade": false, "grade_id": "couche", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 4. La couche
#
# ### 4.1 Comment saurez-vous qu'elle est juste ?
#
# En la comparant à une couche que d'autres ont écrite : `torch.nn.MultiheadAttention`. Deux couches ne donnent les mêmes nombres que si elles ont les mêmes poids ; il faut donc les **copier**. PyTorch range ses paramètres un peu autrement :
#
# | Votre couche | `nn.MultiheadAttention` |
# |---|---|
# | `W_q.weight`, `W_k.weight`, `W_v.weight`, chacune `(d_model, d_model)` | `in_proj_weight`, `(3 * d_model, d_model)` : les trois **empilées**, dans cet ordre |
# | `W_q.bias`, `W_k.bias`, `W_v.bias` | `in_proj_bias`, `(3 * d_model,)` : les trois à la suite |
# | `W_o.weight`, `W_o.bias` | `out_proj.weight`, `out_proj.bias` |
#
# Vérifions cet empilement sur la seule étape que vous connaissez déjà, la projection : les $d_{\text{model}}$ premières lignes de `in_proj_weight` projettent les requêtes.

# %% nbgrader={"grade": false, "grade_id": "couche-empilement", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
torch.manual_seed(42)
torch_layer = nn.MultiheadAttention(12, 3, batch_first=True)
one_query = torch.randn(1, 5, 12)
all_three = one_query @ torch_layer.in_proj_weight.T + torch_layer.in_proj_bias  # Q, K et V d'un seul produit
W_q_rows, _, _ = torch_layer.in_proj_weight.chunk(3)
b_q, _, _ = torch_layer.in_proj_bias.chunk(3)

print("in_proj_weight :", tuple(torch_layer.in_proj_weight.shape))
print("Q, K et V d'un seul produit :", tuple(all_three.shape))
print("Les 12 premières colonnes sont Q ?", torch.allclose(all_three[..., :12], one_query @ W_q_rows.T + b_q))

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-2", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Exercice 2. L'attention multi-têtes
#
# **Difficulté** ●●● · **Temps conseillé** : 35 min · **8 points**
#
# **Prérequis** : la section 2 et l'exercice 1 ; écrire un `nn.Module`.
#
# Écrivez la classe `MultiHeadAttention(d_model, n_heads)`, sous-classe de `nn.Module`.
#
# **À la construction.** Ses seuls paramètres sont quatre couches `nn.Linear(d_model, d_model)` **avec biais**, nommées exactement `W_q`, `W_k`, `W_v` et `W_o`. Son `state_dict()` contient donc exactement les huit clés `W_q.weight`, `W_q.bias`, `W_k.weight`, `W_k.bias`, `W_v.weight`, `W_v.bias`, `W_o.weight` et `W_o.bias` : c'est par elles que les vérifications copient des poids connus dans votre couche (`load_state_dict`). Ni *dropout*, ni normalisation, ni connexion résiduelle : ils viendront autour de la couche. Un paramètre ou un tampon (*buffer*) de trop, ou un biais de moins, coûtent le critère des paramètres, et lui seul si le reste est juste. Si `n_heads` ne divise pas `d_model`, la construction lève une `ValueError`.
#
# **À l'appel.** `layer(query, key, value, mask=None)` reçoit `query` de forme `(batch, n_q, d_model)`, `key` et `value` de forme `(batch, n_k, d_model)`, et renvoie le couple `(output, weights)` :
#
# - `output`, de forme `(batch, n_q, d_model)` ;
# - `weights`, de forme `(batch, n_heads, n_q, n_k)` : les poids de **chaque** tête, sans moyenne.
#
# **Le masque.** 1 ou `True` = a le droit de voir, 0 ou `False` = bloqué ; son type est quelconque. Trois formes sont possibles :
#
# | Forme du masque | Lecture |
# |---|---|
# | `(n_q, n_k)` | le même pour tous les exemples et toutes les têtes |
# | `(batch, n_q, n_k)` | **un masque par exemple**, le même pour toutes ses têtes |
# | `(batch, n_heads, n_q, n_k)`, où chaque dimension peut aussi valoir 1 | diffusé (*broadcast*) tel quel |
#
# Une requête **entièrement bloquée** a des poids nuls ; sa sortie vaut donc le biais de `W_o`. Elle ne donne jamais de `nan`, ni dans la sortie ni dans les gradients. Les entrées et le masque ne sont pas modifiés.
#
# **La manière est libre**, fonctions de PyTorch comprises, `torch.nn.functional.scaled_dot_product_attention` par exemple. Mais `nn.MultiheadAttention` elle-même, renvoyée ou rangée dans votre classe, n'a pas les huit paramètres demandés, ni la polarité du cours : elle ne remplit pas l'énoncé. **Précision** : en `float32`, sorties et poids sont ceux de PyTorch à $10^{-4}$ près.
#
# <details><summary>Indice 1 : suivre le tableau</summary>
#
# Les étapes 1 à 5 du tableau de la section 2.2 s'écrivent dans `forward`, dans cet ordre. `split_heads`, `ScaledDotProductAttention` et `merge_heads` en font trois à elles seules. Notez la forme de chaque tenseur en commentaire.
#
# </details>
# <details><summary>Indice 2 : les lignes entièrement bloquées</summary>
#
# `ScaledDotProductAttention(d_k)` du module du cours les traite déjà, et accepte des dimensions de têtes : `layer(Q, K, V, mask=mask)` renvoie la sortie et les poids. Que vaut `d_k` pour une tête ?
#
# </details>
# <details><summary>Indice 3 : le masque à trois dimensions</summary>
#
# Un masque se diffuse en alignant les formes **par la droite**. Face à `(batch, n_heads, n_q, n_k)`, la première dimension de `(batch, n_q, n_k)` tombe donc en face de… `n_heads`. Il faut lui faire une place : `mask.unsqueeze(1)`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "exercice-2-reponse", "locked": false, "schema_version": 3, "solution": true, "task": false}
class MultiHeadAttention(nn.Module):
    """Attention à plusieurs têtes : projeter, découper, regarder, recoller, mélanger.

    Args:
        d_model: dimension des entrées et des sorties.
        n_heads: nombre de têtes, au moins 1, qui divise d_model.

    Raises:
        ValueError: si n_heads ne divise pas d_model.
    """

    def __init__(self, d_model, n_heads):
        super().__init__()
        ### BEGIN SOLUTION
        if d_model % n_heads != 0:
            raise ValueError(f"n_heads doit diviser d_model ; reçu : n_heads = {n_heads}, d_model = {d_model}.")
        self.n_heads = n_heads
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.attention = ScaledDotProductAttention(d_model // n_heads)
        ### END SOLUTION

    def forward(self, query, key, value, mask=None):
        """Applique la couche.

        Args:
            query: tenseur (batch, n_q, d_model).
            key: tenseur (batch, n_k, d_model).
            value: tenseur (batch, n_k, d_model).
            mask: 1 = a le droit de voir ; (n_q, n_k), (batch, n_q, n_k) ou (batch, n_heads, n_q, n_k).

        Returns:
            La sortie (batch, n_q, d_model) et les poids (batch, n_heads, n_q, n_k).
        """
        ### BEGIN SOLUTION
        Q = split_heads(self.W_q(query), self.n_heads)
        K = split_heads(self.W_k(key), self.n_heads)
        V = split_heads(self.W_v(value), self.n_heads)
        if mask is not None and mask.dim() == 3:
            mask = mask.unsqueeze(1)  # un masque par exemple, le même pour toutes les têtes
        mixed, weights = self.attention(Q, K, V, mask=mask)
        return self.W_o(merge_heads(mixed)), weights
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "exercice-2-verification", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
PARAMETER_NAMES = [f"W_{name}.{part}" for name in "qkvo" for part in ("weight", "bias")]


def some_parameters(d_model, seed):
    """Huit tenseurs de paramètres tirés au hasard, sous leurs noms."""
    generator = torch.Generator().manual_seed(seed)
    shapes = {name: (d_model, d_model) if name.endswith("weight") else (d_model,) for name in PARAMETER_NAMES}
    return {name: torch.randn(shape, generator=generator) / d_model**0.5 for name, shape in shapes.items()}


def some_tokens(batch, n_q, n_k, d_model, seed):
    """Trois tenseurs query, key et value tirés au hasard."""
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(batch, n, d_model, generator=generator) for n in (n_q, n_k, n_k)]


def layer_with(parameters, d_model, n_heads):
    """Votre couche, avec des paramètres connus, et ces paramètres ; un biais qu'elle n'a pas compte pour nul."""
    layer = MultiHeadAttention(d_model, n_heads)
    state = dict(layer.state_dict())
    for name in PARAMETER_NAMES:
        value = parameters[name]
        there = name in state and tuple(state[name].shape) == tuple(value.shape)
        if name.endswith("weight"):
            assert there, f"{name} manque, ou n'a pas la bonne forme : voyez le premier critère."
        if not there:
            parameters = parameters | {name: torch.zeros_like(value)}
    layer.load_state_dict(state | {name: value.clone() for name, value in parameters.items() if name in state})
    return layer, parameters


def torch_answer(parameters, n_heads, tokens, visible=None):
    """La réponse de torch.nn.MultiheadAttention avec les mêmes paramètres ; visible : True = a le droit de voir."""
    batch, n_q, d_model = tokens[0].shape
    theirs = nn.MultiheadAttention(d_model, n_heads, batch_first=True)
    renamed = {
        "in_proj_weight": torch.cat([parameters[f"W_{name}.weight"] for name in "qkv"]),
        "in_proj_bias": torch.cat([parameters[f"W_{name}.bias"] for name in "qkv"]),
        "out_proj.weight": parameters["W_o.weight"],
        "out_proj.bias": parameters["W_o.bias"],
    }
    blocked = None
    if visible is not None:  # ce module veut l'inverse (True = bloqué), avec les têtes rangées dans le lot
        blocked = ~visible.expand(batch, n_heads, n_q, tokens[1].shape[1]).flatten(0, 1)
    options = {"attn_mask": blocked, "average_attn_weights": False}
    return torch.func.functional_call(theirs, renamed, tuple(tokens), options)


def scaled_queries(parameters, ratio):
    """Les mêmes paramètres, avec des scores multipliés par ratio."""
    return {name: ratio * value if name.startswith("W_q") else value for name, value in parameters.items()}


def diagnosis(parameters, n_heads, tokens, visible, weights):
    """Reconnaît une erreur fréquente dans les poids d'attention obtenus."""
    d_model = tokens[0].shape[-1]
    suspects = [
        (
            "Les scores semblent divisés par √d_model : il faut √d_head.",
            scaled_queries(parameters, n_heads**-0.5),
            visible,
        ),
        (
            "Les scores ne semblent pas divisés par √d_head.",
            scaled_queries(parameters, (d_model / n_heads) ** 0.5),
            visible,
        ),
    ]
    if visible is not None:
        suspects.append(("Le masque semble ignoré.", parameters, None))
        suspects.append(("La polarité du masque semble inversée : 1 = a le droit de voir.", parameters, ~visible))
    for sentence, changed, seen in suspects:
        guess = torch_answer(changed, n_heads, tokens, seen)[1].nan_to_num()
        if torch.allclose(weights.nan_to_num(), guess, atol=1e-5):
            return sentence
    if visible is not None:
        return "Si le test sans masque réussit, regardez à quel moment et sous quelle forme le masque agit."
    return "Regardez W_q, W_k, la découpe, l'échelle et l'axe du softmax."


def check_pair(answer):
    pair = isinstance(answer, tuple | list) and len(answer) == 2
    assert pair, "L'appel doit renvoyer le couple (output, weights)."
    for name, part in zip(("output", "weights"), answer, strict=True):
        assert isinstance(part, torch.Tensor), f"{name} doit être un tenseur PyTorch."
    return answer


def compare_with_torch(d_model, n_heads, tokens, seed, mask=None):
    your_layer, parameters = layer_with(some_parameters(d_model, seed), d_model, n_heads)
    visible = None
    if mask is None:
        answer = check_pair(your_layer(*tokens))
    else:
        visible = mask.bool()
        answer = check_pair(your_layer(*tokens, mask=mask.clone()))
    output, weights = (part.float() for part in answer)
    torch_output, torch_weights = torch_answer(parameters, n_heads, tokens, visible)
    for name, mine, theirs in (("weights", weights, torch_weights), ("output", output, torch_output)):
        shapes = tuple(theirs.shape), tuple(mine.shape)
        assert shapes[0] == shapes[1], f"{name} : forme attendue {shapes[0]}, forme obtenue {shapes[1]}."
    if not torch.allclose(weights, torch_weights, rtol=0, atol=1e-4):
        reason = diagnosis(parameters, n_heads, tokens, visible, weights)
        raise AssertionError(f"Les poids d'attention ne sont pas ceux de PyTorch. {reason}")
    same = torch.allclose(output, torch_output, rtol=0, atol=1e-4)
    assert same, "Les poids sont ceux de PyTorch, mais pas la sortie : regardez W_v, le recollage et W_o."


def test_parameters():
    """La couche a exactement les huit paramètres demandés, de la bonne forme."""
    found = MultiHeadAttention(6, 2).state_dict()
    library = any("in_proj_weight" in name for name in found)
    assert not library, "C'est nn.MultiheadAttention elle-même : l'énoncé demande quatre couches nn.Linear à vous."
    missing, extra = (sorted(x) for x in (set(PARAMETER_NAMES) - set(found), set(found) - set(PARAMETER_NAMES)))
    assert not missing, f"Il manque dans le state_dict() : {', '.join(missing)}."
    assert not extra, f"Il y a de trop dans le state_dict() : {', '.join(extra)}."
    for name in PARAMETER_NAMES:
        shape = tuple(found[name].shape)
        expected_shape = (6, 6) if name.endswith("weight") else (6,)
        assert shape == expected_shape, f"{name} : forme attendue {expected_shape}, forme obtenue {shape}."


@weight(0.2)
def test_shapes():
    """La sortie et les poids ont les formes de l'énoncé, avec n_q différent de n_k."""
    layer = MultiHeadAttention(6, 2)
    query, key, value = some_tokens(3, 4, 5, 6, seed=0)
    output, weights = check_pair(layer(query, key, value))
    assert tuple(output.shape) == (3, 4, 6), f"output : forme attendue (3, 4, 6), obtenue {tuple(output.shape)}."
    assert tuple(weights.shape) == (3, 2, 4, 5), (
        f"weights : forme attendue (3, 2, 4, 5), obtenue {tuple(weights.shape)}."
    )


@weight(0.2)
def test_equals_torch():
    """Sans masque, la couche donne les nombres de torch.nn.MultiheadAttention quand on copie les poids."""
    compare_with_torch(6, 2, some_tokens(1, 3, 3, 6, seed=2), seed=1)


@weight(0.2)
def test_equals_torch_with_a_causal_mask():
    """Avec le masque causal (n, n), elle donne encore les nombres de PyTorch."""
    compare_with_torch(6, 3, some_tokens(2, 4, 4, 6, seed=4), seed=3, mask=create_causal_mask(4))


@weight(0.2)
def test_error():
    """10 colonnes ne se partagent pas en 4 têtes : ValueError à la construction."""
    with raises(ValueError):
        MultiHeadAttention(10, 4)


### BEGIN HIDDEN TESTS
LAYER_SHAPES = [(2, 5, 5, 8, 2), (1, 1, 6, 6, 3), (3, 7, 2, 4, 4), (2, 3, 1, 10, 1), (4, 4, 4, 16, 4), (1, 1, 1, 9, 3)]


def check_equal(answer, expected):
    output, weights = answer
    assert isinstance(output, torch.Tensor)
    assert isinstance(weights, torch.Tensor)
    np.testing.assert_allclose(weights.detach(), expected[1].detach(), rtol=0, atol=1e-4)
    np.testing.assert_allclose(output.detach(), expected[0].detach(), rtol=0, atol=1e-4)


def random_mask(shape, seed):
    """Return a boolean mask in which every query sees the first key at least."""
    visible = torch.rand(shape, generator=torch.Generator().manual_seed(seed)) < 0.5
    visible[..., 0] = True
    return visible


@weight(1)
def test_other_sizes():
    """Elle égale celle de PyTorch pour d'autres tailles, en attention croisée aussi, d'un appel à l'autre."""
    for seed, (batch, n_q, n_k, d_model, n_heads) in enumerate(LAYER_SHAPES):
        layer, parameters = layer_with(some_parameters(d_model, seed=100 + seed), d_model, n_heads)
        for n_queries in (n_q, n_q + 2):
            tokens = some_tokens(batch, n_queries, n_k, d_model, seed=200 + seed)
            check_equal(layer(*tokens), torch_answer(parameters, n_heads, tokens))
        key_first = [x.transpose(1, 2).contiguous().transpose(1, 2) for x in tokens]
        check_equal(layer(*key_first), torch_answer(parameters, n_heads, tokens))
        repeated = [x[:1].expand(3, -1, -1) for x in tokens]
        check_equal(layer(*repeated), torch_answer(parameters, n_heads, repeated))


@weight(1)
def test_common_masks():
    """Un masque (n_q, n_k) vaut pour tous les exemples et toutes les têtes, quel que soit son type."""
    for seed, (batch, n_q, n_k, d_model, n_heads) in enumerate(LAYER_SHAPES):
        layer, parameters = layer_with(some_parameters(d_model, seed=300 + seed), d_model, n_heads)
        tokens, visible = some_tokens(batch, n_q, n_k, d_model, seed=seed), random_mask((n_q, n_k), seed)
        expected = torch_answer(parameters, n_heads, tokens, visible)
        for mask in (visible, visible.long(), visible.double()):
            check_equal(layer(*tokens, mask=mask), expected)


@weight(1.25)
def test_masks_of_examples():
    """Un masque (batch, n_q, n_k) est un masque par exemple, même quand il y a autant d'exemples que de têtes."""
    for seed, (batch, n_q, n_k, d_model, n_heads) in enumerate(
        [(3, 4, 4, 6, 3), (2, 4, 5, 8, 4), (4, 3, 3, 8, 4), (3, 2, 5, 6, 1), (1, 5, 2, 8, 2)]
    ):
        layer, parameters = layer_with(some_parameters(d_model, seed=400 + seed), d_model, n_heads)
        tokens, visible = some_tokens(batch, n_q, n_k, d_model, seed=seed), random_mask((batch, n_q, n_k), seed + 10)
        expected = torch_answer(parameters, n_heads, tokens, visible[:, None])
        for mask in (visible.clone(), visible.float()):
            check_equal(layer(*tokens, mask=mask), expected)
            check_equal(layer(*tokens, mask=mask), expected)
            assert torch.equal(mask.bool(), visible)


@weight(1)
def test_masks_of_heads():
    """Un masque à quatre dimensions, diffusable en (batch, n_heads, n_q, n_k), est lu tel quel."""
    layer, parameters = layer_with(some_parameters(6, seed=500), 6, 3)
    tokens = some_tokens(3, 4, 5, 6, seed=501)
    for seed, shape in enumerate([(3, 3, 4, 5), (3, 1, 4, 5), (1, 3, 4, 5), (3, 1, 1, 5), (1, 1, 4, 5), (3, 3, 1, 5)]):
        visible = random_mask(shape, seed + 20)
        check_equal(layer(*tokens, mask=visible), torch_answer(parameters, 3, tokens, visible))
    for visible in (random_mask((3, 3, 4, 5), 30), random_mask((1, 3, 4, 5), 31)):  # one head of a query sees nothing
        visible[0, 1, 2] = False
        expected = torch_answer(parameters, 3, tokens, visible | (visible.sum(dim=-1, keepdim=True) == 0))[1].detach()
        weights = layer(*tokens, visible.long())[1].detach()
        np.testing.assert_allclose(weights, torch.where(visible, expected, 0.0), rtol=0, atol=1e-4)


@weight(1)
def test_blocked_queries():
    """Une requête entièrement bloquée a des poids nuls, le biais de W_o pour sortie, et des gradients finis."""
    layer, parameters = layer_with(some_parameters(8, seed=600), 8, 2)
    tokens = [x.requires_grad_() for x in some_tokens(2, 4, 4, 8, seed=601)]
    mask = create_causal_mask(4).repeat(2, 1, 1)
    mask[0, :, :2] = 0
    output, weights = layer(*tokens, mask=mask)
    np.testing.assert_array_equal(weights.detach()[0, :, :2], np.zeros((2, 2, 4)))
    np.testing.assert_allclose(output.detach()[0, :2], parameters["W_o.bias"].expand(2, 8), rtol=0, atol=1e-5)
    np.testing.assert_allclose(weights.detach()[0, :, 2:].sum(dim=-1), np.ones((2, 2)), rtol=0, atol=1e-5)
    np.testing.assert_allclose(weights.detach()[1].sum(dim=-1), np.ones((2, 4)), rtol=0, atol=1e-5)
    output.square().sum().backward()
    for x in tokens:
        assert x.grad is not None
        assert bool(torch.isfinite(x.grad).all())
    mask[1, 2], mask[1, :, 1] = 0, 0  # a query, and a key
    given = [*(x.detach() for x in tokens), mask]
    before = [x.clone() for x in given]
    for blocked in (mask, mask[1]):
        layer(*given[:3], blocked)
    assert all(torch.equal(x, kept) for x, kept in zip(given, before, strict=True))


@weight(1)
def test_gradients():
    """Les gradients des entrées et des paramètres sont ceux de PyTorch."""
    for visible in (None, random_mask((5, 4), 701)):
        layer, parameters = layer_with(some_parameters(6, seed=700), 6, 2)
        ours, theirs = ([x.requires_grad_() for x in some_tokens(2, 5, 4, 6, seed=702)] for _ in range(2))
        for value in parameters.values():
            value.requires_grad_()
        output, weights = layer(*ours) if visible is None else layer(*ours, mask=visible)
        expected_output, expected_weights = torch_answer(parameters, 2, theirs, visible)
        slope = torch.linspace(-1, 1, output.numel()).reshape(output.shape)
        ((output * slope).sum() + weights.square().sum()).backward()
        ((expected_output * slope).sum() + expected_weights.square().sum()).backward()
        for mine, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(mine.grad, other.grad, rtol=0, atol=1e-4)
        for name, value in parameters.items():
            projection, kind = name.split(".")
            parameter = getattr(getattr(layer, projection), kind, None)
            if parameter is None and kind == "bias":  # the criterion on parameters says so
                continue
            np.testing.assert_allclose(parameter.grad, value.grad, rtol=0, atol=1e-4)


@weight(1)
def test_layers_are_independent():
    """Deux couches ne se gênent pas, un appel ne change pas les suivants, et aucune entrée n'est modifiée."""
    first, small = layer_with(some_parameters(4, seed=800), 4, 2)
    second, large = layer_with(some_parameters(12, seed=801), 12, 3)
    small_tokens, large_tokens = some_tokens(2, 3, 5, 4, seed=802), some_tokens(1, 6, 6, 12, seed=803)
    mask = create_causal_mask(6)
    mask[2] = 0
    mask[2, 1] = 1
    kept = [x.clone() for x in (*small_tokens, *large_tokens, mask)]
    for _ in range(2):
        check_equal(second(*large_tokens, mask=mask), torch_answer(large, 3, large_tokens, kept[-1].bool()))
        check_equal(second(*large_tokens), torch_answer(large, 3, large_tokens))
        check_equal(first(*small_tokens), torch_answer(small, 2, small_tokens))
    same = zip(kept, (*small_tokens, *large_tokens, mask), strict=True)
    assert all(torch.equal(before, after) for before, after in same)
    first.eval()
    check_equal(first(*small_tokens), torch_answer(small, 2, small_tokens))


@weight(0.85)
def test_all_errors():
    """Tout nombre de têtes qui ne divise pas d_model lève une ValueError, et lui seul."""
    for d_model, n_heads in [(6, 4), (7, 2), (4, 8), (9, 6)]:
        with raises(expected=ValueError):
            MultiHeadAttention(d_model, n_heads)
    MultiHeadAttention(9, 9)  # no error here; what it computes is the business of other criteria


### END HIDDEN TESTS
run_tests(points=8)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-2-voir", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 4.2 Ce que voient les têtes de *votre* couche
#
# La cellule suivante montre les poids de votre couche sur la phrase de la section 1.4, avec des vecteurs tirés au hasard et des paramètres fraîchement initialisés, puis compte ses paramètres pour plusieurs nombres de têtes.

# %% nbgrader={"grade": false, "grade_id": "exercice-2-tetes", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
try:
    torch.manual_seed(42)
    fresh_layer = MultiHeadAttention(32, 4)
    sentence = torch.randn(1, 7, 32)
    with torch.no_grad():
        _, fresh_weights = fresh_layer(sentence, sentence, sentence, mask=create_causal_mask(7))
    for n_heads in (1, 2, 4, 8):
        count = sum(parameter.numel() for parameter in MultiHeadAttention(32, n_heads).parameters())
        formula = written(4 * 32**2 + 4 * 32)
        print(f"{n_heads} tête{'s' * (n_heads > 1)} : {written(count)} paramètres ; 4 d² + 4 d = {formula}")
    figure, axes = plt.subplots(1, 4, figsize=(16, 4.6), layout="constrained", sharey=True)
    labels = ["Le", "chat", "noir", "mange", "la", "petite", "souris"]
    for head, ax in enumerate(axes):
        sns.heatmap(
            fresh_weights[0, head].numpy(),
            cmap="cividis",
            vmin=0,
            vmax=1,
            square=True,
            xticklabels=labels,
            yticklabels=labels,
            cbar=head == 3,
            ax=ax,
        )
        ax.set(title=f"Tête {head}, sans entraînement", xlabel="Token regardé")
        ax.tick_params(axis="x", rotation=60)
    axes[0].set_ylabel("Token qui regarde")
    axes[0].tick_params(axis="y", rotation=0)
    show(
        figure,
        alt="Quatre cartes de chaleur des poids de la couche non entraînée, avec le masque causal : les quatre têtes se "
        "ressemblent, chacune étale son attention sur tous les tokens visibles, sans motif.",
    )
except Exception as error:
    print("La figure apparaîtra ici quand MultiHeadAttention répondra.")
    print(f"Pour l'instant, Python s'arrête sur : {type(error).__name__}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-2-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Comparez avec la section 1.4.** Sans entraînement, aucune tête n'a de spécialité : chacune étale son attention sur tout ce que le masque lui laisse voir, sans motif. Les différences entre têtes ne viennent que du hasard de l'initialisation ; ce sont elles que l'entraînement amplifie, comme dans la section 1.3. Seule la forme triangulaire, la même pour toutes les têtes, ne doit rien au hasard.

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-2-plus-loin", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Pour aller plus loin.** Si l'on initialisait **toutes les têtes avec les mêmes poids**, lignes de $W_q$, $W_k$, $W_v$ et colonnes de $W_o$ comprises, l'entraînement pourrait-il un jour les distinguer ? Écrivez le gradient de deux têtes égales pour répondre : c'est l'une des raisons pour lesquelles on tire les poids au hasard.

# %% [markdown] nbgrader={"grade": false, "grade_id": "masques", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 5. Les masques rencontrent les têtes
#
# Trois pannes encore, toutes silencieuses. Exécutez chaque expérience, et prédisez sa sortie **avant** de la lire.
#
# ### 5.1 Le même masque, deux modèles opposés
#
# PyTorch contient deux attentions prêtes à l'emploi. Voici comment chacune lit un masque **booléen** :
#
# | | `True` veut dire | pour le masque causal |
# |---|---|---|
# | `torch.nn.functional.scaled_dot_product_attention(…, attn_mask=…)` | a le droit de voir | `create_causal_mask(n).bool()` |
# | `torch.nn.MultiheadAttention`, arguments `attn_mask` et `key_padding_mask` | **bloqué** | `~create_causal_mask(n).bool()` |
#
# Donnons aux deux exactement le **même** masque. Pour que la comparaison soit juste, le module reçoit des matrices identité et des biais nuls : à part le masque, les deux calculent la même chose.

# %% nbgrader={"grade": false, "grade_id": "polarite", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
torch.manual_seed(42)
x = torch.randn(1, 5, 8)
visible = create_causal_mask(5).bool()

module = nn.MultiheadAttention(8, 1, batch_first=True)
with torch.no_grad():
    module.in_proj_weight.copy_(torch.eye(8).repeat(3, 1))
    module.in_proj_bias.zero_()
    module.out_proj.weight.copy_(torch.eye(8))
    module.out_proj.bias.zero_()
    function_output = nn.functional.scaled_dot_product_attention(x, x, x, attn_mask=visible)
    module_output, module_weights = module(x, x, x, attn_mask=visible)
    inverse_output, inverse_weights = module(x, x, x, attn_mask=~visible)

print("Même masque aux deux : sorties égales ?", torch.allclose(function_output, module_output))
print("Masque inversé pour le module : sorties égales ?", torch.allclose(function_output, inverse_output, atol=1e-6))

figure, axes = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained")
panels = [("attn_mask=~visible : le passé", inverse_weights), ("attn_mask=visible : l'avenir !", module_weights)]
for ax, (title, shown) in zip(axes, panels, strict=True):
    sns.heatmap(shown[0].numpy(), annot=True, fmt=".2f", cmap="cividis", vmin=0, vmax=1, square=True, ax=ax)
    ax.set_facecolor("0.85")  # les nan restent en gris
    ax.set(title=title, xlabel="Token regardé (clé j)", ylabel="Token qui regarde (requête i)")
    ax.tick_params(axis="y", rotation=0)
show(
    figure,
    alt="Poids de nn.MultiheadAttention pour un masque et pour son inverse. À gauche, chaque token voit le passé ; à droite, "
    "chaque token ne voit que l'avenir strict, et la dernière ligne, qui ne voit rien, n'est faite que de nan.",
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "polarite-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Aucune erreur, aucun avertissement. À droite, chaque token ne voit **que l'avenir**, sans se voir lui-même. Le dernier, en gris, ne voit rien du tout, et son softmax donne `nan`. Entraînez avec ce masque un modèle de langue d'une couche : il y a deux issues. Si les poids sont demandés, comme ici, ce `nan` gagne tous les paramètres au premier `backward()`, même si la dernière position, qui n'a pas de cible, ne compte pas dans la perte : $0 \times \texttt{nan} = \texttt{nan}$. C'est une chance, car la panne se voit. S'ils ne le sont pas, le `nan` peut disparaître, comme vous le verrez en 5.3 : le modèle lit alors directement le mot qu'il doit prédire, sa perte d'entraînement s'effondre, et l'on croit avoir réussi.
#
# **La règle du cours ne change pas** : 1 ou `True` = « a le droit de voir ». On inverse au dernier moment, sur la ligne même où l'on appelle `nn.MultiheadAttention`, et l'on vérifie par l'expérience : changez l'avenir, et regardez si le passé bouge.

# %% [markdown] nbgrader={"grade": false, "grade_id": "trois-dimensions-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 5.2 Un masque par exemple, ou un masque par tête ?
#
# Deux phrases, deux têtes, cinq positions. La première phrase est complète ; la seconde n'a que 2 tokens réels. On prépare un masque par phrase, de forme `(2, 5, 5)`, et on le donne tel quel à une attention dont les scores sont de forme `(batch, n_heads, 5, 5)` = `(2, 2, 5, 5)`. Combien de positions chaque tête voit-elle ?

# %% nbgrader={"grade": false, "grade_id": "trois-dimensions", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
torch.manual_seed(42)
heads = torch.randn(2, 2, 5, 4)  # (batch, n_heads, n, d_head)
mask_per_sentence = torch.ones(2, 5, 5)
mask_per_sentence[1, :, 2:] = 0  # la phrase 1 n'a que 2 tokens réels


def show_visible(title, mask):
    """Affiche le nombre de positions vues par la première requête de chaque tête de chaque phrase."""
    _, shared_weights = ScaledDotProductAttention(4)(heads, heads, heads, mask=mask)
    print(title)
    for sentence_index in range(2):
        counts = (shared_weights[sentence_index, :, 0] > 0).sum(dim=-1).tolist()
        print(f"  phrase {sentence_index} : la tête 0 voit {counts[0]} positions, la tête 1 en voit {counts[1]}")


show_visible("Masque (2, 5, 5), donné tel quel :", mask_per_sentence)
show_visible("Masque (2, 1, 5, 5), avec une dimension pour les têtes :", mask_per_sentence.unsqueeze(1))

# %% [markdown] nbgrader={"grade": false, "grade_id": "trois-dimensions-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Les formes se diffusent en s'alignant **par la droite** : la dimension « phrase » du masque est tombée en face de la dimension « tête ». La tête 0 lit donc le remplissage de la phrase 1, et la tête 1 ignore trois tokens réels de la phrase 0.
#
# Avec 3 phrases et 2 têtes, une erreur vous aurait prévenu. Avec **autant de phrases que de têtes** (8 et 8, par exemple, deux valeurs courantes), rien ne vous prévient. C'est pourquoi les deux fonctions de l'exercice 3 renvoient toujours **quatre** dimensions.

# %% [markdown] nbgrader={"grade": false, "grade_id": "gauche-titre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### 5.3 Le remplissage à gauche
#
# Les phrases d'un lot ont des longueurs différentes : on les complète par des tokens de **remplissage** (*padding*). À droite, rien de grave : avec le masque causal, le token 0 se voit toujours lui-même. Mais pour *générer*, on préfère souvent remplir **à gauche**, afin que toutes les phrases finissent à la même position. Que voit alors le token 0, s'il est du remplissage ? Ni l'avenir (causal), ni lui-même (remplissage) : **rien**.
#
# Empilons deux couches de PyTorch sur 6 tokens, dont les 2 premiers sont du remplissage.

# %% nbgrader={"grade": false, "grade_id": "gauche", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
torch.manual_seed(42)
x = torch.randn(1, 6, 8)
real = torch.tensor([[False, False, True, True, True, True]])
causal = create_causal_mask(6).bool()
layers = [nn.MultiheadAttention(8, 2, batch_first=True) for _ in range(2)]

for label, need_weights in (("avec les poids", True), ("sans les poids", False)):
    hidden = x
    print(f"nn.MultiheadAttention, sortie demandée {label} (need_weights={need_weights})")
    for depth, layer in enumerate(layers, start=1):
        hidden, _ = layer(hidden, hidden, hidden, attn_mask=~causal, key_padding_mask=~real, need_weights=need_weights)
        print(
            f"  après la couche {depth}, positions à nan :", hidden.isnan().any(dim=-1)[0].nonzero().flatten().tolist()
        )

hidden = x
print("Attention du module du cours")
for depth in (1, 2):
    hidden, _ = ScaledDotProductAttention(8)(hidden, hidden, hidden, mask=causal & real[:, None, :])
    print(f"  après la couche {depth}, positions à nan :", hidden.isnan().any(dim=-1)[0].nonzero().flatten().tolist())

# %% [markdown] nbgrader={"grade": false, "grade_id": "gauche-lecture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Ce qu'il faut observer**
#
# - Une ligne entièrement bloquée est un softmax de $-\infty$ partout, soit $0/0$ : `nan`. Après la **première** couche, seules les positions de remplissage sont touchées, et l'on se dit que personne ne les regarde.
# - Après la **deuxième**, tout est perdu : leur poids est nul, mais $0 \times \texttt{nan} = \texttt{nan}$. Un masque ne protège pas d'un `nan` dans les valeurs.
# - Selon la version de PyTorch, et selon que l'on demande ou non les poids, le résultat n'est pas le même : le calcul passe alors par deux programmes différents. Ne comptez pas dessus.
# - Le module du cours a choisi : poids nuls, sortie nulle, gradients finis. Votre couche en hérite si elle s'en sert.

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-3", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Exercice 3. Un masque pour un lot et ses têtes
#
# **Difficulté** ●●○ · **Temps conseillé** : 20 min · **4 points**
#
# **Prérequis** : les sections 5.2 et 5.3 ; la diffusion (*broadcasting*) de PyTorch.
#
# Un lot contient des phrases complétées **à droite** jusqu'à la longueur `seq_len`. `lengths` donne le nombre de tokens réels de chaque phrase : c'est une liste d'entiers, ou un tenseur d'entiers à une dimension. Écrivez deux fonctions :
#
# - `create_padding_mask(lengths, seq_len)` renvoie un tenseur PyTorch de forme `(batch, 1, 1, seq_len)`, qui vaut 1 si la clé $j$ de la phrase $b$ est un token réel :
#
# $$P_{b,0,0,j} = 1 \iff j < \texttt{lengths}[b] ;$$
#
# - `create_causal_padding_mask(lengths, seq_len)` renvoie un tenseur PyTorch de forme `(batch, 1, seq_len, seq_len)`, qui ajoute la règle causale :
#
# $$C_{b,0,i,j} = 1 \iff j \le i \ \text{ et }\ j < \texttt{lengths}[b].$$
#
# Seules les **colonnes** de remplissage sont donc nulles : une requête de remplissage voit encore les tokens réels, et sa sortie ne sert à personne. Pour `lengths = [3, 1]` et `seq_len = 3` :
#
# $$P_{0} = \begin{pmatrix} 1 & 1 & 1 \end{pmatrix} \quad P_{1} = \begin{pmatrix} 1 & 0 & 0 \end{pmatrix} \qquad C_{0} = \begin{pmatrix} 1 & 0 & 0 \\ 1 & 1 & 0 \\ 1 & 1 & 1 \end{pmatrix} \quad C_{1} = \begin{pmatrix} 1 & 0 & 0 \\ 1 & 0 & 0 \\ 1 & 0 & 0 \end{pmatrix}$$
#
# Les deux lèvent une `ValueError` si une longueur n'est pas comprise entre 0 et `seq_len` (bornes permises). Le type des nombres est libre ; `lengths` n'est pas modifié.
#
# <details><summary>Indice 1 : une ligne par phrase</summary>
#
# Comparez le vecteur des positions, de forme `(seq_len,)`, aux longueurs rangées en **colonne**, de forme `(batch, 1)` : la diffusion donne un tableau `(batch, seq_len)`.
#
# </details>
# <details><summary>Indice 2 : faire de la place</summary>
#
# `mask[:, None, None, :]` ajoute une dimension pour les têtes et une pour les requêtes. `torch.as_tensor(lengths)` accepte une liste comme un tenseur.
#
# </details>
# <details><summary>Indice 3 : combiner</summary>
#
# « Et » se calcule avec un produit (0 et 1) ou avec `&` (booléens, des deux côtés). Le masque causal est de forme `(seq_len, seq_len)`, l'autre de forme `(batch, 1, 1, seq_len)` : quelle forme donne leur produit ?
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "exercice-3-reponse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def create_padding_mask(lengths, seq_len):
    """Renvoie le masque des tokens réels d'un lot de phrases complétées à droite.

    Args:
        lengths: nombre de tokens réels de chaque phrase, liste ou tenseur d'entiers ; de 0 à seq_len.
        seq_len: longueur commune des phrases.

    Returns:
        Tenseur de forme (batch, 1, 1, seq_len), 1 = a le droit d'être vu.

    Raises:
        ValueError: si une longueur n'est pas comprise entre 0 et seq_len.
    """
    ### BEGIN SOLUTION
    lengths = torch.as_tensor(lengths)
    if ((lengths < 0) | (lengths > seq_len)).any():
        raise ValueError(f"Les longueurs doivent être comprises entre 0 et {seq_len} ; reçu : {lengths.tolist()}.")
    real = torch.arange(seq_len) < lengths[:, None]
    return real[:, None, None, :]
    ### END SOLUTION


def create_causal_padding_mask(lengths, seq_len):
    """Renvoie le masque causal d'un lot de phrases complétées à droite.

    Args:
        lengths: nombre de tokens réels de chaque phrase, liste ou tenseur d'entiers ; de 0 à seq_len.
        seq_len: longueur commune des phrases.

    Returns:
        Tenseur de forme (batch, 1, seq_len, seq_len), 1 = a le droit de voir.

    Raises:
        ValueError: si une longueur n'est pas comprise entre 0 et seq_len.
    """
    ### BEGIN SOLUTION
    return create_padding_mask(lengths, seq_len) & create_causal_mask(seq_len).bool()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "exercice-3-verification", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
def check_mask(mask, expected):
    assert isinstance(mask, torch.Tensor), "La fonction doit renvoyer un tenseur PyTorch."
    np.testing.assert_array_equal(mask, expected)


@weight(0.5)
def test_padding_example():
    """create_padding_mask donne le masque de l'énoncé."""
    check_mask(create_padding_mask([3, 1], 3), [[[[1, 1, 1]]], [[[1, 0, 0]]]])


@weight(0.5)
def test_causal_padding_example():
    """create_causal_padding_mask donne le masque de l'énoncé."""
    expected = [[[[1, 0, 0], [1, 1, 0], [1, 1, 1]]], [[[1, 0, 0], [1, 0, 0], [1, 0, 0]]]]
    check_mask(create_causal_padding_mask([3, 1], 3), expected)


@weight(0.25)
def test_error():
    """Une longueur plus grande que seq_len lève une ValueError, dans les deux fonctions."""
    with raises(ValueError):
        create_padding_mask([2, 6], 5)
    with raises(ValueError):
        create_causal_padding_mask([2, 6], 5)


### BEGIN HIDDEN TESTS
LENGTHS = [
    ([4, 2, 6, 1], 6),
    ([5], 7),
    ([1, 1], 1),
    ([2, 2, 2], 5),
    ([0, 3], 3),
    ([3, 9, 4, 4, 8], 9),
    ([258, 4], 258),  # more than 8 bits hold
    ([4, 2, 6, 1], 6),
]


def expected_padding(lengths, seq_len):
    return np.array([[[[j < length for j in range(seq_len)]]] for length in lengths])


def check_any_lengths(function, rule):
    for lengths, seq_len in LENGTHS:
        for given in (list(lengths), torch.tensor(lengths))[: 1 if seq_len > 100 else 2]:  # loops in Python take long
            check_mask(function(given, seq_len), rule(lengths, seq_len))
            assert list(map(int, given)) == lengths


@weight(1.5)
def test_any_padding():
    """create_padding_mask est juste pour d'autres longueurs, en liste ou en tenseur, sans les modifier."""
    check_any_lengths(create_padding_mask, expected_padding)


@weight(2)
def test_any_causal_padding():
    """create_causal_padding_mask est juste pour d'autres longueurs, en liste ou en tenseur, sans les modifier."""
    check_any_lengths(create_causal_padding_mask, lambda lengths, n: expected_padding(lengths, n) & (np.tri(n) == 1))


@weight(0.75)
def test_no_padding():
    """Sans remplissage, create_causal_padding_mask donne le masque causal de chaque phrase."""
    for batch, seq_len in ((2, 4), (1, 1), (3, 7)):
        mask = create_causal_padding_mask([seq_len] * batch, seq_len)
        check_mask(mask, np.broadcast_to(np.tri(seq_len), (batch, 1, seq_len, seq_len)))


@weight(0.75)
def test_all_errors():
    """Toute longueur impossible lève une ValueError, où qu'elle soit dans le lot, et elle seule."""
    for lengths, seq_len in [([-1, 2], 4), ([3, 5, 1], 4), ([2, -3], 2), ([100], 8)]:
        for function in (create_padding_mask, create_causal_padding_mask):
            for given in (list(lengths), torch.tensor(lengths)):
                with raises(expected=ValueError):
                    function(given, seq_len)
    for function in (create_padding_mask, create_causal_padding_mask):
        function([4, 0], 4)  # no error here; what it returns is the business of other criteria


### END HIDDEN TESTS
run_tests(points=4)

# %% [markdown] nbgrader={"grade": false, "grade_id": "exercice-3-plus-loin", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Pour aller plus loin.** Écrivez la variante qui remplit **à gauche**. Combien de lignes sont alors entièrement bloquées pour une phrase de longueur $\ell$ ? Une astuce courante laisse chaque token de remplissage se voir *lui-même* : pourquoi est-elle sans danger pour les tokens réels, et de quelle panne de la section 5.3 protège-t-elle ?

# %% [markdown] nbgrader={"grade": false, "grade_id": "question-3", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Question rédigée. Trois pannes, trois preuves
#
# **Difficulté** ●●○ · **Temps conseillé** : 20 min · **3 points**, notés par une personne
#
# En 8 à 15 lignes, à partir des expériences de ce notebook :
#
# 1. **Polarité.** Une camarade donne `attn_mask=create_causal_mask(n).bool()` à `nn.MultiheadAttention` et entraîne ainsi un modèle de langue d'une seule couche. Que voit le token $i$ ? Que devient la dernière ligne, et pourquoi ? Que fera la perte d'entraînement, et que saura écrire le modèle ?
# 2. **Preuve.** Vous recevez une couche d'attention causale sans son code. Décrivez les appels et les comparaisons qui détectent *chacune* des trois découpes fausses de la section 3.2. Pourquoi « changer l'avenir » ne suffit-il pas ?
# 3. **Coût.** Avec $d_{\text{model}} = 512$ et $n = 100$, on passe de 8 à 16 têtes. Que deviennent $d_{\text{head}}$, le nombre de paramètres, le nombre de multiplications-additions et le nombre de poids d'attention gardés, pour une phrase ? Citez une raison d'augmenter le nombre de têtes, et une raison de ne pas l'augmenter sans fin.
#
# Appuyez chaque réponse sur un nombre, une formule ou une ligne de tableau.
#
# <!-- BEGIN MARK SCHEME -->
# **Barème de correction**
#
# - **1 point**, polarité : le token $i$ ne voit que les $j > i$, l'avenir strict, sans lui-même ; la dernière ligne, entièrement bloquée, donne `nan` (softmax de $-\infty$ partout, $0/0$). La cible est visible : la perte s'effondre, si ce `nan` disparaît (poids non demandés) ; sinon il gagne les paramètres au retour, et la perte vaut `nan` dès le deuxième pas. Accepter l'une ou l'autre issue, expliquée. Le modèle ne sait rien écrire, car il n'y a pas d'avenir à recopier. Un demi-point si la ligne de `nan` ou la conséquence sur l'entraînement manque.
# - **1 point**, preuve : deux appels qui ne diffèrent que par un token $t$, puis la liste des sorties qui bougent. Une sortie $< t$ bouge : fuite, donc une seule des deux fonctions est fausse (token 4 : la sortie 2 bouge). Rien ne fuit, mais une sortie $\ge t$ ne bouge pas : passé perdu, les deux sont fausses (token 1 : seules les sorties 1 et 2 bougent). « Changer l'avenir » ne voit pas ce dernier cas, qui ne fuit pas. Un demi-point si seul le test de fuite est décrit.
# - **1 point**, coût : $d_{\text{head}}$ passe de 64 à 32 ; paramètres ($4 d^2 + 4 d = 1\,050\,624$) et multiplications-additions ($4 n d^2 + 2 n^2 d = 115\,097\,600$) inchangés ; poids gardés $H n^2$ : de 80 000 à 160 000. Pour : davantage de moyennes indépendantes (la borne de la section 1.2). Contre : scores de rang $d_{\text{head}}$ au plus, têtes trop étroites, ou mémoire des poids. Un demi-point si les nombres sont justes sans les raisons, ou l'inverse.
#
# L'orthographe n'est pas notée ; une réponse sans aucun nombre, formule ni ligne de tableau plafonne à 2 points.
# <!-- END MARK SCHEME -->

# %% [markdown] nbgrader={"grade": true, "grade_id": "question-3-reponse", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# <!-- BEGIN SOLUTION -->
# **Polarité.** Pour ce module, `True` veut dire « bloqué » : le passé et le token lui-même sont bloqués, et le token $i$ ne voit que les $j > i$. Le dernier token ne voit rien : tous ses scores valent $-\infty$, son softmax vaut $0/0$, donc `nan`. Si ce `nan` reste, il gagne tous les paramètres au premier retour, et la perte vaut `nan` ensuite. S'il disparaît (poids non demandés), le mot à prédire, $i + 1$, est visible aux autres positions : la perte s'effondre, parce que le modèle recopie. Pour écrire, il n'a plus d'avenir à recopier, et il ne sait rien faire. Il fallait `attn_mask=~create_causal_mask(n).bool()`.
#
# **Preuve.** J'appelle la couche sur `x`, puis sur une copie où seul le token $t$ a changé, et je note les sorties différentes ; je recommence pour chaque $t$. Une couche causale correcte fait bouger exactement $t, \dots, n-1$. Si une sortie avant $t$ bouge, il y a fuite : c'est le cas quand une seule des deux fonctions est fausse (token 4 : la sortie 2 bouge). Si aucune ne fuit, mais qu'une sortie après $t$ ne bouge pas, le passé est perdu : c'est le cas quand les deux sont fausses (token 1 : seules 1 et 2 bougent, il manque 3, 4 et 5). Cette dernière panne ne fuit pas : changer l'avenir ne la montre jamais.
#
# **Coût.** $d_{\text{head}}$ passe de 64 à 32. Les paramètres, $4 \cdot 512^2 + 4 \cdot 512 = 1\,050\,624$, et les multiplications-additions, $4 \cdot 100 \cdot 512^2 + 2 \cdot 100^2 \cdot 512 = 115\,097\,600$, ne changent pas. Les poids gardés doublent : $8 \cdot 100^2 = 80\,000$, puis $160\,000$. Plus de têtes, ce sont plus de moyennes indépendantes : une seule ne descend pas sous l'erreur $1/2$ de la section 1.2. Mais les scores d'une tête sont de rang 32 au plus au lieu de 64 : une tête trop étroite ne distingue plus grand-chose.
# <!-- END SOLUTION -->

# %% [markdown] nbgrader={"grade": false, "grade_id": "bonus", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Bonus. Des requêtes en groupes
#
# **Difficulté** ●●● · **Temps conseillé** : 15 min · **sans points, pour le plaisir**
#
# Faut-il vraiment autant de clés et de valeurs que de requêtes ? Dans l'**attention à requêtes groupées** (*grouped-query attention*), plusieurs têtes de requêtes voisines partagent une même tête de clés et de valeurs : avec 8 têtes de requêtes et 2 têtes de clés, les têtes 0 à 3 lisent la tête de clés 0, et les têtes 4 à 7 la tête de clés 1. Beaucoup de grands modèles récents font ainsi, car il y a alors moins de clés et de valeurs à garder en mémoire, quatre fois moins dans cet exemple.
#
# Écrivez `expand_kv_heads(x, n_heads)`, qui reçoit les clés (ou les valeurs) `x` de forme `(batch, n_kv_heads, n, d_head)` et renvoie un tenseur PyTorch de forme `(batch, n_heads, n, d_head)` : la tête de requêtes $h$ y trouve la tête de clés $h \mathbin{//} g$, où $g = \mathtt{n\_heads} / \mathtt{n\_kv\_heads}$ est la taille d'un groupe. Si `n_kv_heads` ne divise pas `n_heads`, la fonction lève une `ValueError`.
#
# <details><summary>Indice 1 : deux cas connus</summary>
#
# Avec `n_kv_heads == n_heads`, c'est l'attention multi-têtes ordinaire. Avec une seule tête de clés, toutes les têtes de requêtes la partagent (*multi-query attention*).
#
# </details>
# <details><summary>Indice 2 : répéter, mais comment ?</summary>
#
# Deux têtes de clés A et B, quatre têtes de requêtes : faut-il A, B, A, B ou A, A, B, B ? L'une des deux réponses a la bonne forme et les mauvais nombres.
#
# </details>
# <details><summary>Indice 3 : la bonne fonction</summary>
#
# `torch.repeat_interleave` répète chaque élément avant de passer au suivant ; `torch.Tensor.repeat` répète la suite entière.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "bonus-reponse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def expand_kv_heads(x, n_heads):
    """Répète chaque tête de clés (ou de valeurs) pour toutes les têtes de requêtes de son groupe.

    Args:
        x: tenseur de forme (batch, n_kv_heads, n, d_head).
        n_heads: nombre de têtes de requêtes, un multiple de n_kv_heads.

    Returns:
        Tenseur de forme (batch, n_heads, n, d_head).

    Raises:
        ValueError: si n_kv_heads ne divise pas n_heads.
    """
    ### BEGIN SOLUTION
    n_kv_heads = x.shape[1]
    if n_heads % n_kv_heads != 0:
        raise ValueError(f"n_kv_heads doit diviser n_heads ; reçu : {n_kv_heads} et {n_heads}.")
    return x.repeat_interleave(n_heads // n_kv_heads, dim=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bonus-verification", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
def test_two_groups():
    """Deux têtes de clés pour quatre têtes de requêtes : A, A, B, B."""
    x = torch.tensor([[[[1, 2]], [[3, 4]]]])
    expanded = expand_kv_heads(x, 4)
    assert isinstance(expanded, torch.Tensor), "expand_kv_heads doit renvoyer un tenseur PyTorch."
    np.testing.assert_array_equal(expanded, [[[[1, 2]], [[1, 2]], [[3, 4]], [[3, 4]]]])


def test_known_cases():
    """Autant de têtes : rien ne change. Une seule tête de clés : toutes la partagent."""
    x = torch.arange(2 * 3 * 4 * 2).reshape(2, 3, 4, 2)
    np.testing.assert_array_equal(expand_kv_heads(x, 3), x)
    np.testing.assert_array_equal(expand_kv_heads(x[:, :1], 5), x[:, :1].expand(2, 5, 4, 2))


def test_error():
    """3 têtes de clés ne se partagent pas 4 têtes de requêtes : ValueError."""
    with raises(ValueError):
        expand_kv_heads(torch.zeros(1, 3, 2, 2), 4)


### BEGIN HIDDEN TESTS
def test_any_group():
    """Chaque tête de requêtes trouve la tête de clés de son groupe, pour d'autres formes, sans modifier l'entrée."""
    generator = torch.Generator().manual_seed(900)
    for batch, n_kv_heads, group, n, d_head in [(2, 2, 3, 4, 2), (1, 3, 2, 1, 5), (3, 4, 4, 2, 1), (2, 1, 2, 3, 3)]:
        numbers = torch.randperm(batch * n_kv_heads * n * d_head, generator=generator).double() / 7
        for x in (
            numbers.reshape(batch, n_kv_heads, n, d_head),
            numbers.float().reshape(batch, n, n_kv_heads, d_head).transpose(1, 2),
        ):
            before = x.clone()
            expected = np.stack([before[:, h // group] for h in range(n_kv_heads * group)], axis=1)
            expanded = expand_kv_heads(x, n_kv_heads * group)
            assert isinstance(expanded, torch.Tensor)
            np.testing.assert_array_equal(expanded, expected)
            assert torch.equal(x, before)


def test_all_errors():
    """Tout nombre de têtes de clés qui ne divise pas n_heads lève une ValueError."""
    for n_kv_heads, n_heads in [(3, 5), (4, 2), (4, 6), (2, 7)]:
        with raises(expected=ValueError):
            expand_kv_heads(torch.zeros(1, n_kv_heads, 2, 2), n_heads)


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


def test_attention_with_heads():
    """ScaledDotProductAttention traite chaque tête comme un exemple de plus, avec le masque causal."""
    Q, K, V = (torch.randn(2, 3, 5, 4, generator=torch.Generator().manual_seed(seed)) for seed in (1, 2, 3))
    attention_4 = ScaledDotProductAttention(4)
    together, _ = attention_4(Q, K, V, mask=create_causal_mask(5))
    expected = nn.functional.scaled_dot_product_attention(Q, K, V, is_causal=True)
    np.testing.assert_allclose(together, expected, rtol=0, atol=1e-5)
    one_head, _ = attention_4(Q[1, 2], K[1, 2], V[1, 2], mask=create_causal_mask(5))
    np.testing.assert_allclose(together[1, 2], one_head, rtol=0, atol=1e-5)


### BEGIN HIDDEN TESTS
def test_blocked_rows_of_heads():
    """Une ligne entièrement bloquée d'une seule tête donne des zéros et des gradients finis."""
    Q, K, V = (torch.ones(1, 2, 3, 4, requires_grad=True) for _ in range(3))
    mask = torch.ones(1, 2, 3, 3)
    mask[0, 1, 2] = 0
    output, weights = ScaledDotProductAttention(4)(Q, K, V, mask=mask)
    output.sum().backward()
    np.testing.assert_array_equal(weights.detach()[0, 1, 2], [0, 0, 0])
    np.testing.assert_array_equal(output.detach()[0, 1, 2], [0, 0, 0, 0])
    assert all(bool(torch.isfinite(x.grad).all()) for x in (Q, K, V))


### END HIDDEN TESTS
run_tests()

# %% [markdown] nbgrader={"grade": false, "grade_id": "resume", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 6. Résumé
#
# ### Ce que vous avez appris
#
# - Une tête calcule **une** moyenne pondérée : elle ne peut pas recueillir deux choses à la fois (erreur d'au moins ½, deux têtes suffisent à l'annuler).
# - Les têtes **découpent** les colonnes : $d_{\text{head}} = d_{\text{model}} / H$. Les paramètres et les produits de matrices ne coûtent pas plus ; il y a $H\, n^2$ poids, et chaque tête est plus étroite.
# - L'ordre : **projeter, découper, regarder, recoller, mélanger**. On divise par $\sqrt{d_{\text{head}}}$.
# - Couper ne suffit pas, il faut **échanger** : un `reshape` seul donne la bonne forme et les mauvais nombres.
# - Votre couche **est** celle de PyTorch, à un empilement de matrices près.
#
# ### La formule à retenir
#
# $$\operatorname{MHA}(Q, K, V) = \big[\text{tête}_0 \;\big|\; \cdots \;\big|\; \text{tête}_{H-1}\big]\, W_o^\top + b_o$$
#
# ### Quatre pannes silencieuses, et ce qui les révèle
#
# | Panne | Ce qui la révèle |
# |---|---|
# | `reshape` sans échange de dimensions | changer un token, **passé et avenir**, et voir quelles sorties bougent |
# | polarité inversée du masque | le même essai ; une dernière ligne de `nan` |
# | masque `(batch, n, n)` face à des scores à 4 dimensions | un lot d'autant d'exemples que de têtes, avec des masques différents |
# | lignes entièrement bloquées | du remplissage à gauche, **deux** couches, et chercher les `nan` |
#
# ### Et ensuite ?
#
# Le devoir `generation` empile ces couches en un petit GPT, l'entraîne et le fait écrire.

# %% [markdown] nbgrader={"grade": false, "grade_id": "rendre", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Avant de rendre
#
# Enregistrez le notebook (`Ctrl` + `S`), puis exécutez la cellule suivante : elle exécute tout le notebook à neuf, de haut en bas, comme le fera la correction, et dit ce qu'il faut encore regarder. Rendez ensuite ce fichier, sans changer son nom.

# %% nbgrader={"grade": false, "grade_id": "rendre-verification", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["demo"]
from checks import check_notebook

check_notebook()
