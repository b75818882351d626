"""Sujet 1 : un modèle sans positions peut-il dire quel token est venu le premier ?

Chaque modèle lit 8 tokens tirés au hasard et, à la dernière place, doit nommer le premier.
Lancer : python experience.py
"""

import argparse
import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import nn

from attention.masking import create_causal_mask
from attention.multi_head import MultiHeadAttention
from attention.writing import written

LENGTH, VOCAB, WIDTH, HEADS = 8, 8, 32, 2


@dataclass(frozen=True)
class Setting:
    """Un modèle de la comparaison."""

    name: str
    layers: int
    causal: bool = True
    positions: bool = False


SETTINGS = (
    Setting("1 couche causale, sans positions", 1),
    Setting("2 couches causales, sans positions", 2),
    Setting("2 couches sans masque, sans positions", 2, causal=False),
    Setting("1 couche causale, avec positions", 1, positions=True),
)


class Block(nn.Module):
    """Attention puis réseau, normalisés avant chaque sous-couche."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = MultiHeadAttention(WIDTH, HEADS)
        self.norms = nn.ModuleList((nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)))
        self.network = nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH))

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """(batch, n, WIDTH) -> même forme."""
        normed = self.norms[0](x)
        x = x + self.attention(normed, normed, normed, mask=mask)[0]
        return x + self.network(self.norms[1](x))


class Model(nn.Module):
    """(batch, n) tokens -> (batch, VOCAB) logits, lus à la dernière place."""

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.tokens = nn.Embedding(VOCAB, WIDTH)
        self.positions = nn.Embedding(LENGTH, WIDTH) if setting.positions else None
        self.blocks = nn.ModuleList(Block() for _ in range(setting.layers))
        self.head = nn.Linear(WIDTH, VOCAB)
        self.mask = create_causal_mask(LENGTH) if setting.causal else torch.ones(LENGTH, LENGTH)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Donne les logits du premier token de chaque suite."""
        x = self.tokens(tokens)
        if self.positions is not None:
            x = x + self.positions.weight
        for block in self.blocks:
            x = block(x, self.mask)
        return self.head(x[:, -1])


def batches(number: int, size: int, seed: int) -> Iterator[torch.Tensor]:
    """Des lots de tokens indépendants et équiprobables."""
    generator = torch.Generator().manual_seed(seed)
    for _ in range(number):
        yield torch.randint(VOCAB, (size, LENGTH), generator=generator)


def floor() -> float:
    """La meilleure perte possible sans connaître l'ordre.

    Le dernier token se connaît, puisque c'est lui qui regarde. Le premier est alors l'un quelconque des sept autres.
    """
    (tokens,) = batches(1, 20_000, seed=7)
    same = (tokens[:, :-1] == tokens[:, :1]).sum(dim=1)
    return -(same / (LENGTH - 1)).log().mean().item()


def loss_after(setting: Setting, steps: int, seed: int) -> float:
    """Entraîne un modèle ; renvoie sa perte sur 4 000 phrases jamais vues."""
    torch.manual_seed(seed)
    model = Model(setting)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for tokens in batches(steps, 128, seed=seed + 1):
        loss = nn.functional.cross_entropy(model(tokens), tokens[:, 0])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    (tokens,) = batches(1, 4_000, seed=10_000 + seed)
    with torch.no_grad():
        return nn.functional.cross_entropy(model(tokens), tokens[:, 0]).item()


def main() -> None:
    """Compare les quatre modèles, chacun sur plusieurs tirages."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(f"Au hasard : {written(math.log(VOCAB))}. Sans connaître l'ordre, au mieux : {written(floor())}")
    for setting in SETTINGS:
        losses = sorted(loss_after(setting, options.steps, seed) for seed in range(options.seeds))
        print(f"{setting.name:<38} : {', '.join(written(loss) for loss in losses)}")


if __name__ == "__main__":
    main()
