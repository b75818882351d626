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

# %% [markdown]
# # Regarder un vrai modèle
#
# Une leçon sans note, à faire après `generation`. **Conteur** est un petit GPT que le cours a entraîné : trois couches de quatre têtes, sur des histoires françaises écrites par une grammaire. Rien n'y a été programmé ; tout ce que vous allez voir, il l'a appris en devinant le mot suivant.
#
# Avant chaque cellule, **prédisez** ce qu'elle va montrer. Comptez une heure de lecture ; les calculs prennent une minute ou deux.

# %%
from collections import Counter

import matplotlib.pyplot as plt
import seaborn as sns
import torch

from attention.figures import show
from attention.writing import written
from conteur import looking
from conteur.decoder import Look, load
from conteur.training import floor, padded, validation_stories
from conteur.words import join

torch.set_num_threads(2)
model, vocabulary = load()
told = validation_stories(100)
inputs, targets = padded(told, vocabulary)
weights = looking.weights_of(model, inputs)
print(
    f"{written(sum(p.numel() for p in model.parameters()))} paramètres, {len(vocabulary)} tokens. Une histoire qu'il n'a pas lue :"
)
print(join(told[0].tokens))

# %% [markdown]
# ## 1. Ce qu'il sait
#
# La grammaire tire au sort les noms, les objets, les adjectifs : même qui la connaîtrait par cœur garderait une surprise. C'est le **plancher** de la perte. Tout le reste peut se deviner : à condition de se souvenir.

# %%
kinds = {
    "le nom qui suit un prénom déjà vu": looking.name_cases(told, vocabulary),
    "le mot suivant d'une récitation": looking.recited_cases(told, vocabulary),
    "est ou sont, malgré un autre nombre": looking.agreement_cases(told, vocabulary),
    "la ville du début, à la fin": looking.city_cases(told, vocabulary),
    "le reste d'une soustraction": looking.remainder_cases(told, vocabulary),
    "la parenthèse à fermer": looking.closing_cases(told, vocabulary),
}
print(f"perte {written(looking.loss_with(model, inputs, targets))}, plancher {written(floor(told))} (nats par token)")
for kind, cases in kinds.items():
    print(f"{kind:<37} : {written(100 * looking.success(model, inputs, cases), 0)} % de {len(cases)} cas")

# %% [markdown]
# Lisez les lignes les plus basses comme des limites : un modèle ne fait bien que ce qui lui a été souvent utile.
#
# ## 2. Une tête d'induction
#
# Victor récite une liste, Théa la répète. Pour deviner le mot suivant, un moyen : retrouver le même mot plus haut, et regarder celui qui le **suit**. Une tête qui fait cela s'appelle une **tête d'induction**. Cherchons-la : où chaque tête regarde-t-elle, à la virgule qui précède un mot répété ?

# %%
recited = kinds["le mot suivant d'une récitation"]
on_source = looking.weight_on_sources(weights, recited)
layer, head = divmod(int(on_source.argmax()), model.sizes.heads)
print(f"La tête {head} de la couche {layer} met {written(on_source[layer, head])} de son poids sur le mot à recopier.")


def cards(values, titles, label, alt):
    """Une carte de chaleur (couches, têtes) par mesure."""
    figure, axes = plt.subplots(1, len(values), figsize=(4.6 * len(values), 3.4), layout="constrained")
    for ax, value, title in zip(axes, values, titles, strict=True):
        sns.heatmap(
            value.numpy(), annot=True, fmt=".2f", cmap="cividis", vmin=0, vmax=1, cbar_kws={"label": label}, ax=ax
        )
        ax.set(title=title, xlabel="Tête", ylabel="Couche")
    show(figure, alt=alt)


silent = looking.each_head_silent(model, lambda look: looking.success(model, inputs, recited, look))
cards(
    [on_source, silent],
    ["Poids sur le mot à recopier", "Mots justes sans cette tête"],
    "Proportion",
    "Deux cartes, trois couches et quatre têtes. À gauche, une case est proche de 1 : la tête d'induction. À droite, la même case est la "
    "plus basse : sans elle, le modèle ne sait plus répéter.",
)

# %% [markdown]
# Les deux cartes posent deux questions différentes. À gauche, **où l'on regarde** ; à droite, ce que l'on **perd** quand la tête se tait (une **ablation** : sa sortie est multipliée par 0). Seule la seconde dit à quoi une tête sert. Des têtes de la couche 0 comptent aussi : elles préparent ce que la tête d'induction cherche.
#
# Suivons-la dans une histoire.

# %%
case = recited[0]
tokens = ["¶", *told[case.row].tokens]
again = max(place for place in range(case.place + 1) if tokens[place] == "répète")
start, stop = tokens.index("récite"), tokens.index(".", again) + 1
shown = weights[layer, case.row, head, again:stop, start:stop]
figure, ax = plt.subplots(figsize=(11, 5), layout="constrained")
sns.heatmap(
    shown.numpy(), cmap="cividis", vmin=0, vmax=1, xticklabels=tokens[start:stop], yticklabels=tokens[again:stop], ax=ax
)
ax.set(title=f"Couche {layer}, tête {head}", xlabel="Token regardé", ylabel="Token qui regarde")
show(
    figure,
    alt="Poids de la tête d'induction pendant que le second personnage répète la liste : une diagonale claire, un mot plus loin à chaque "
    "virgule, sur les mots de la première récitation.",
)

# %% [markdown]
# ## 3. Un puits ?
#
# De grands modèles posent une bonne part de leur attention sur le tout premier token, quoi qu'il dise : c'est un **puits**. Le nôtre en a-t-il un ? Comparons le poids mis sur le premier token à ce que donnerait une attention **uniforme**.

# %%
first = looking.weight_on_first(weights)
lengths = torch.arange(9, inputs.shape[1] + 1)
even = (1 / lengths).mean().item()
print("poids sur le premier token, par couche et par tête :")
print(written(first))
print(
    f"attention uniforme : {written(even)} ; la tête qui s'en sert le plus y met {written(first.max().item() / even, 1)} fois cela."
)
hidden_first = torch.ones(inputs.shape[1], inputs.shape[1]).tril().bool()
hidden_first[1:, 0] = False
without_first = looking.loss_with(model, inputs, targets, Look(mask=hidden_first))
print(
    f"perte : {written(looking.loss_with(model, inputs, targets), 3)} ; sans la clé du premier token : {written(without_first, 3)}"
)

# %% [markdown]
# Aucune tête n'y met un dixième de son poids : **pas de puits** dans ce modèle. Sa clé compte pourtant : sans elle, la perte monte. Regarder peu n'est pas se passer de regarder. On ne conclut donc pas d'un article à un modèle : on mesure.
#
# ## 4. Ce que le masque empêche
#
# Deux questions. Que devient le modèle si on lui retire son masque ? Et l'avenir changeait-il ses prédictions ?

# %%
n = inputs.shape[1]
everything = torch.ones(n, n).bool()
for name, look in (("avec son masque", None), ("sans masque", Look(mask=everything))):
    print(f"perte {name} : {written(looking.loss_with(model, inputs, targets, look))}")
changed = inputs[:1].clone()
changed[0, 40] = (changed[0, 40] + 1) % len(vocabulary)
for name, mask in (("avec son masque", None), ("sans masque", everything)):
    with torch.no_grad():
        gap = model(inputs[:1], look=Look(mask=mask)) - model(changed, look=Look(mask=mask))
    print(
        f"changer le token 40 déplace les logits d'avant, {name}, de {written(gap[0, :40].abs().max().item(), 5)} au plus"
    )

# %% [markdown]
# Sans son masque, le modèle devient **moins bon** : il reçoit de l'avenir qu'il n'a jamais appris à lire. Laissons-le apprendre : entraînons une copie, quarante étapes, **sans masque**.

# %%
cheating, _ = load()
rows = inputs[:, :48]
wanted = targets[:, :48]
optimizer = torch.optim.AdamW(cheating.parameters(), lr=2e-3)
open_mask = Look(mask=torch.ones(48, 48).bool())
losses = []
for step in range(40):
    some = slice(20 * (step % 4), 20 * (step % 4) + 20)
    loss = torch.nn.functional.cross_entropy(cheating(rows[some], look=open_mask).flatten(0, 1), wanted[some].flatten())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
unseen = slice(80, 100)
print(f"perte sans masque : {written(losses[0])} à la première étape, {written(losses[-1])} à la dernière")
opened = looking.loss_with(cheating, rows[unseen], wanted[unseen], open_mask)
print(f"histoires nouvelles, avec l'avenir : {written(opened)}")
closed = looking.loss_with(cheating, rows[unseen], wanted[unseen])
print(
    f"les mêmes, sans l'avenir, comme pour écrire : {written(closed)} ; le modèle du cours : {written(looking.loss_with(model, rows[unseen], wanted[unseen]))}"
)

# %% [markdown]
# La perte baisse vite : la réponse est dans l'entrée, il suffit de la lire. Mais pour **écrire**, l'avenir n'existe pas, et la copie y est devenue plus mauvaise que l'original. Une perte trop belle est un signe de fuite.
#
# ## 5. Le cache, en temps et en mémoire

# %%
print("tokens | secondes sans cache | avec cache | cache (Kio)")
for length in (40, 80, 140):
    slow, plain, _ = looking.seconds_to_write(model, length, with_cache=False)
    fast, cached, size = looking.seconds_to_write(model, length, with_cache=True)
    assert plain == cached
    print(f"{length:>6} | {written(slow):>19} | {written(fast):>10} | {written(size / 1024, 0):>11}")

# %% [markdown]
# Les textes sont identiques. La mémoire du cache est exactement proportionnelle au nombre de tokens : 2 × 3 couches × 128 nombres de 4 octets, soit 3 Kio par token. Les temps, sur un modèle si petit, varient d'une exécution à l'autre : lisez leur ordre de grandeur, et relancez la cellule.
#
# ## 6. Température et *top-p*, sur de vraies distributions
#
# Deux contextes : un prénom déjà vu, dont le nom suit ; le début d'une histoire.

# %%
sure = ["¶", *told[case.row].tokens][: case.place + 1]
contexts = {"dans une récitation": sure, "au début d'une histoire": ["¶"]}
for name, context in contexts.items():
    numbers = [vocabulary.numbers[token] for token in context]
    print(name)
    for temperature in (0.5, 1.0, 2.0):
        probabilities = looking.next_probabilities(model, numbers, temperature=temperature)
        kept = [len(looking.kept_by_top_p(probabilities, p)) for p in (0.5, 0.9, 0.99)]
        print(
            f"  T = {written(temperature, 1)} : le plus probable {written(probabilities.max().item())} ; top-p 0,5 / 0,9 / 0,99 garde {kept}"
        )

# %% [markdown]
# Le même *p* garde peu de tokens où le modèle est sûr, beaucoup où il hésite ; un *top-k* en garderait autant dans les deux cas. Faisons écrire, et comptons les histoires qui ont au moins une faute parmi celles qu'un programme reconnaît (un personnage change de nom, la ville change, un signe reste ouvert, un verbe ne s'accorde pas, l'histoire ne finit pas).

# %%
for temperature, p in ((0.5, 1.0), (1.0, 1.0), (1.0, 0.9), (1.5, 1.0), (1.5, 0.9)):
    told_wrong = [looking.faults(looking.tell(model, vocabulary, seed, temperature, p)) for seed in range(12)]
    kinds_of_faults = Counter(fault for faults in told_wrong for fault in faults)
    print(
        f"T = {written(temperature, 1)}, p = {written(p, 1)} : {sum(map(bool, told_wrong))} histoires fautives sur 12 ;",
        ", ".join(f"{fault} ({count})" for fault, count in kinds_of_faults.most_common()),
    )
print(join(looking.tell(model, vocabulary, seed=1, temperature=0.5)))

# %% [markdown]
# La plupart sont fautives, et presque toujours pour la même raison : il suffit d'un personnage qui change de nom une fois, et la section 1 a montré que c'est ce que ce modèle fait le moins bien. Des distributions presque justes, tirées cent fois de suite, ne font pas un texte juste.
#
# ## À vous
#
# 1. Faites taire **deux** têtes à la fois (`looking.without(model, (0, 0), (0, 1))`). L'effet est-il la somme des deux ?
# 2. Quelle tête regarde le sujet au moment d'accorder le verbe ? La faire taire suffit-il à casser l'accord ?
# 3. La fiche du modèle dit ce qu'il ne sait pas faire. Trouvez-en une autre preuve.
