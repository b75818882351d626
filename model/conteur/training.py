"""La recette : entraîner le modèle, une commande, un fil, une graine.

Lancer : python -m conteur.training [--steps 1500] [--into DOSSIER]

Interrompu, l'entraînement reprend à son dernier point de reprise. Le lot de l'étape s ne dépend que de la graine et de s.
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import torch
from matplotlib.figure import Figure
from safetensors import safe_open
from safetensors.torch import save_file
from torch.nn import functional

from attention.figures import with_decimal_commas

from .decoder import WEIGHTS, Decoder, Sizes, save
from .stories import EDGE, Story, stories
from .words import Vocabulary, vocabulary_of_the_grammar

SEED = 2026
VALIDATION_SEED = 1  # les lots ont d'autres graines : SEED × 1 000 000 + étape
N_VALIDATION = 400
IGNORED = -100
FIELDS = ("step", "training_loss", "validation_loss")


@dataclass(frozen=True, slots=True)
class Recipe:
    """Tout ce dont dépend l'entraînement."""

    steps: int = 1500
    rows: int = 24
    rate: float = 3e-3
    last_rate: float = 1e-4
    warm_up: int = 100
    decay: float = 0.05
    clip: float = 1.0
    every: int = 100  # étapes entre deux mesures

    def rate_at(self, step: int) -> float:
        """Le taux d'apprentissage : une montée, puis un demi-cosinus.

        Args:
            step: l'étape, à partir de 0.

        Returns:
            Le taux.
        """
        if step < self.warm_up:
            return self.rate * (step + 1) / self.warm_up
        done = (step - self.warm_up) / max(1, self.steps - self.warm_up)
        return self.last_rate + (self.rate - self.last_rate) * (1 + math.cos(math.pi * done)) / 2


def batch(step: int, recipe: Recipe, context: int, vocabulary: Vocabulary) -> torch.Tensor:
    """Le lot d'une étape : des histoires mises bout à bout, ¶ devant chacune, coupées au contexte.

    Args:
        step: l'étape.
        recipe: la recette, pour le nombre de lignes.
        context: nombre de tokens d'une entrée.
        vocabulary: les tokens.

    Returns:
        Des numéros (rows, context + 1).
    """
    told = stories(SEED * 1_000_000 + step)
    return torch.tensor([_row(told, context + 1, vocabulary) for _ in range(recipe.rows)])


def _row(told: Iterator[Story], length: int, vocabulary: Vocabulary) -> list[int]:
    row: list[int] = []
    while len(row) < length:
        row += [vocabulary.numbers[token] for token in (EDGE, *next(told).tokens)]
    return row[:length]


def validation_stories(number: int = N_VALIDATION) -> list[Story]:
    """Des histoires que le modèle n'a pas lues.

    Args:
        number: combien.

    Returns:
        Les histoires, toujours les mêmes.
    """
    return list(islice(stories(VALIDATION_SEED), number))


def padded(told: list[Story], vocabulary: Vocabulary) -> tuple[torch.Tensor, torch.Tensor]:
    """Une histoire par ligne, complète, complétée à droite.

    Args:
        told: les histoires.
        vocabulary: les tokens.

    Returns:
        Les entrées (n, longueur) et leurs cibles, où ce qui ne compte pas vaut -100.
    """
    rows = [[vocabulary.numbers[token] for token in (EDGE, *story.tokens, EDGE)] for story in told]
    longest = max(map(len, rows))
    inputs = torch.tensor([row[:-1] + [0] * (longest - len(row)) for row in rows])
    targets = torch.tensor([row[1:] + [IGNORED] * (longest - len(row)) for row in rows])
    return inputs, targets


def floor(told: list[Story]) -> float:
    """La perte du meilleur modèle possible sur ces histoires : celle de qui connaît la grammaire.

    Args:
        told: les histoires.

    Returns:
        Une perte moyenne par token, en nats.
    """
    return sum(story.surprise for story in told) / sum(len(story.tokens) + 1 for story in told)


def loss_on(model: Decoder, inputs: torch.Tensor, targets: torch.Tensor) -> float:
    """La perte moyenne par token, en nats.

    Args:
        model: le modèle.
        inputs: numéros (n, longueur).
        targets: numéros de même forme, -100 où rien ne compte.

    Returns:
        La perte.
    """
    total = 0.0
    with torch.no_grad():
        for some, wanted in zip(torch.split(inputs, 50), torch.split(targets, 50), strict=True):
            logits = model(some).flatten(0, 1)
            total += functional.cross_entropy(logits, wanted.flatten(), ignore_index=IGNORED, reduction="sum").item()
    return total / int((targets != IGNORED).sum())


class Training:
    """Un entraînement en cours, qui peut s'interrompre.

    Args:
        recipe: la recette.
        sizes: les tailles du modèle, sans le vocabulaire qui vient de la grammaire ; None prend celles du cours.
    """

    def __init__(self, recipe: Recipe, sizes: Sizes | None = None) -> None:
        self.recipe, self.step = recipe, 0
        self.vocabulary = vocabulary_of_the_grammar()
        torch.manual_seed(SEED)
        self.model = Decoder(Sizes(vocab=len(self.vocabulary)) if sizes is None else sizes)
        matrices = [parameter for parameter in self.model.parameters() if parameter.dim() == 2]
        others = [parameter for parameter in self.model.parameters() if parameter.dim() != 2]
        groups = [{"params": matrices, "weight_decay": recipe.decay}, {"params": others, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, lr=recipe.rate, betas=(0.9, 0.98))

    def advance(self) -> float:
        """Fait une étape.

        Returns:
            La perte du lot, avant l'étape.
        """
        tokens = batch(self.step, self.recipe, self.model.sizes.context, self.vocabulary)
        logits = self.model(tokens[:, :-1])
        loss = functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.rate_at(self.step)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.clip)
        self.optimizer.step()
        self.step += 1
        return loss.item()

    def keep(self, path: Path) -> None:
        """Écrit un point de reprise : des nombres seulement.

        Args:
            path: où l'écrire.
        """
        kept = {f"model.{name}": value for name, value in self.model.state_dict().items()}
        for name, parameter in self.model.named_parameters():
            for moment in ("exp_avg", "exp_avg_sq"):
                kept[f"{moment}.{name}"] = self.optimizer.state[parameter][moment]
        partial = path.with_suffix(".partial")
        save_file(kept, partial, metadata={"step": str(self.step)})
        partial.replace(path)

    def resume(self, path: Path) -> None:
        """Reprend à un point de reprise.

        Args:
            path: le fichier que keep a écrit.
        """
        with safe_open(path, framework="pt") as file:
            self.step = int(file.metadata()["step"])
            self.model.load_state_dict({name: file.get_tensor(f"model.{name}") for name in self.model.state_dict()})
            for name, parameter in self.model.named_parameters():
                moments = {moment: file.get_tensor(f"{moment}.{name}") for moment in ("exp_avg", "exp_avg_sq")}
                self.optimizer.state[parameter] = {"step": torch.tensor(float(self.step)), **moments}


def train(recipe: Recipe, into: Path) -> None:
    """Entraîne de bout en bout ; écrit le modèle et ses pertes.

    Args:
        recipe: la recette.
        into: le dossier des fichiers écrits.
    """
    into.mkdir(parents=True, exist_ok=True)
    training, checkpoint, losses = Training(recipe), into / "checkpoint.safetensors", into / "losses.csv"
    if checkpoint.is_file():
        training.resume(checkpoint)
    told = validation_stories()
    inputs, targets = padded(told, training.vocabulary)
    sys.stdout.write(f"{sum(p.numel() for p in training.model.parameters())} paramètres ; plancher {floor(told):.4f}\n")
    if not training.step:
        _write(losses, "w", FIELDS)
    while training.step < recipe.steps:
        sums = [training.advance() for _ in range(recipe.every)]
        row = (training.step, sum(sums) / len(sums), loss_on(training.model, inputs, targets))
        training.keep(checkpoint)
        _write(losses, "a", (row[0], f"{row[1]:.4f}", f"{row[2]:.4f}"))
        sys.stdout.write(f"{row[0]} {row[1]:.4f} {row[2]:.4f}\n")
        sys.stdout.flush()
    save(training.model, training.vocabulary, into / WEIGHTS.name)
    draw(losses, floor(told), into / "losses.png")
    checkpoint.unlink()


def draw(losses: Path, lowest: float, path: Path) -> None:
    """Dessine les pertes.

    Args:
        losses: le fichier que train a écrit.
        lowest: le plancher.
        path: où enregistrer la figure.
    """
    with losses.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    steps = [int(row["step"]) for row in rows]
    figure = Figure(figsize=(7.5, 4), layout="constrained")
    ax = figure.subplots()
    for name, label, style in zip(FIELDS[1:], ("lots", "histoires nouvelles"), ("--", "-"), strict=True):
        ax.plot(steps, [float(row[name]) for row in rows], style, label=label)
    ax.axhline(lowest, color="gray", linestyle=":", label="plancher de la grammaire")
    ax.set(xlabel="Étape", ylabel="Perte (nats par token)", ylim=(0.7, 2))
    ax.legend()
    with_decimal_commas(figure)
    figure.savefig(path, dpi=110)


def _write(path: Path, mode: str, row: tuple[object, ...]) -> None:
    with path.open(mode, encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(row)


def main() -> None:
    """Lit la ligne de commande et entraîne."""
    parser = argparse.ArgumentParser(description="Entraîne le petit modèle du cours.")
    parser.add_argument("--steps", type=int, default=Recipe().steps)
    parser.add_argument("--into", type=Path, default=Path("build") / "conteur")
    options = parser.parse_args()
    torch.set_num_threads(1)
    train(Recipe(steps=options.steps), options.into)


if __name__ == "__main__":
    main()
