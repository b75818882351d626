"""Le modèle : un décodeur causal, fait pour être regardé.

C'est le GPT de ``generation``, à trois détails près : les positions sont rotatives, les couches linéaires n'ont pas de
biais, et la table des tokens sert aussi à la sortie. Trois arguments de ``forward`` servent à l'examiner : garder les
poids d'attention, faire taire des têtes, changer le masque.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional

from attention.masking import create_causal_mask
from attention.positions import rotate

from .words import Vocabulary

WEIGHTS = Path(__file__).with_name("conteur.safetensors")


@dataclass(frozen=True, slots=True)
class Sizes:
    """Les tailles du modèle."""

    vocab: int
    context: int = 160
    width: int = 128
    heads: int = 4
    layers: int = 3


@dataclass
class Cache:
    """Les clés (déjà tournées) et les valeurs des tokens déjà lus, une paire par couche."""

    keys: list[torch.Tensor] = field(default_factory=list)
    values: list[torch.Tensor] = field(default_factory=list)

    def __len__(self) -> int:
        return self.read_by(0)

    def read_by(self, layer: int) -> int:
        """Combien de tokens cette couche a déjà lus."""
        return self.keys[layer].shape[-2] if layer < len(self.keys) else 0

    @property
    def n_bytes(self) -> int:
        """La mémoire que prennent les clés et les valeurs, en octets."""
        return sum(kept.numel() * kept.element_size() for kept in (*self.keys, *self.values))

    def extended(self, layer: int, key: torch.Tensor, value: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Ajoute les clés et les valeurs de nouveaux tokens ; renvoie toutes celles de la couche.

        Args:
            layer: la couche, à partir de 0.
            key: clés (batch, heads, n_new, d_head).
            value: valeurs, de même forme.

        Returns:
            Les clés et les valeurs (batch, heads, n_past + n_new, d_head).
        """
        if layer == len(self.keys):
            self.keys.append(key)
            self.values.append(value)
        else:
            self.keys[layer] = torch.cat((self.keys[layer], key), dim=-2)
            self.values[layer] = torch.cat((self.values[layer], value), dim=-2)
        return self.keys[layer], self.values[layer]


@dataclass
class Look:
    """Ce que l'on veut voir ou changer pendant un passage.

    Args:
        heads: par quoi multiplier la sortie de chaque tête (layers, heads) : 0 la fait taire ; None ne change rien.
        mask: (n_q, n_k), True = a le droit de voir ; None est le masque causal.
        keep: faut-il garder les poids d'attention ?
        weights: les poids gardés, un tenseur (batch, heads, n_q, n_k) par couche.
    """

    heads: torch.Tensor | None = None
    mask: torch.Tensor | None = None
    keep: bool = False
    weights: list[torch.Tensor] = field(default_factory=list)


class Block(nn.Module):
    """Une couche : attention multi-têtes, puis réseau, chacun après une normalisation et ajouté à son entrée."""

    def __init__(self, sizes: Sizes, layer: int) -> None:
        super().__init__()
        self.layer, self.heads = layer, sizes.heads
        self.before_attention = nn.LayerNorm(sizes.width)
        self.queries_keys_values = nn.Linear(sizes.width, 3 * sizes.width, bias=False)
        self.output = nn.Linear(sizes.width, sizes.width, bias=False)
        self.before_network = nn.LayerNorm(sizes.width)
        self.up = nn.Linear(sizes.width, 4 * sizes.width, bias=False)
        self.down = nn.Linear(4 * sizes.width, sizes.width, bias=False)

    def forward(self, x: torch.Tensor, cache: Cache | None, look: Look) -> torch.Tensor:
        """Applique la couche : (batch, n, width) -> même forme."""
        x = x + self._attended(self.before_attention(x), cache, look)
        changed: torch.Tensor = self.down(functional.gelu(self.up(self.before_network(x))))
        return x + changed

    def _attended(self, x: torch.Tensor, cache: Cache | None, look: Look) -> torch.Tensor:
        batch, n, width = x.shape
        n_past = 0 if cache is None else cache.read_by(self.layer)
        parts = self.queries_keys_values(x).view(batch, n, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        query, key, value = parts.unbind()
        positions = torch.arange(n_past, n_past + n)
        query, key = rotate(query, positions), rotate(key, positions)
        if cache is not None:
            key, value = cache.extended(self.layer, key, value)
        mask = create_causal_mask(n_past + n)[n_past:].bool() if look.mask is None else look.mask
        if look.keep:
            scores = (query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])).masked_fill(~mask, -math.inf)
            look.weights.append(scores.softmax(dim=-1))
            attended = look.weights[-1] @ value
        else:
            attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        if look.heads is not None:
            attended = attended * look.heads[self.layer][:, None, None]
        result: torch.Tensor = self.output(attended.transpose(1, 2).reshape(batch, n, width))
        return result


class Decoder(nn.Module):
    """Des numéros de tokens aux logits du token suivant : (batch, n) -> (batch, n, vocab).

    Args:
        sizes: les tailles du modèle.
    """

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.tokens = nn.Embedding(sizes.vocab, sizes.width)
        self.blocks = nn.ModuleList(Block(sizes, layer) for layer in range(sizes.layers))
        self.norm = nn.LayerNorm(sizes.width)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                into_the_sum = name.endswith(("output.weight", "down.weight"))
                nn.init.normal_(parameter, std=0.02 / math.sqrt(2 * sizes.layers) if into_the_sum else 0.02)

    def forward(self, tokens: torch.Tensor, cache: Cache | None = None, look: Look | None = None) -> torch.Tensor:
        """Prédit le token qui suit chacun.

        Args:
            tokens: numéros (batch, n) ; avec un cache, les nouveaux seulement.
            cache: ce qui a déjà été lu ; il est complété sur place.
            look: ce que l'on veut voir ou changer.

        Returns:
            Les logits (batch, n, vocab).

        Raises:
            ValueError: si le texte dépasse le contexte du modèle.
        """
        length = tokens.shape[-1] + (0 if cache is None else len(cache))
        if length > self.sizes.context:
            raise ValueError(f"Le modèle lit au plus {self.sizes.context} tokens ; reçu : {length}.")
        look = Look() if look is None else look
        x = self.tokens(tokens)
        for block in self.blocks:
            x = block(x, cache, look)
        logits: torch.Tensor = functional.linear(self.norm(x), self.tokens.weight)
        return logits


def save(model: Decoder, vocabulary: Vocabulary, path: Path) -> None:
    """Écrit un modèle : ses poids, et dans l'en-tête du même fichier ses tailles et son vocabulaire.

    Args:
        model: le modèle.
        vocabulary: ses tokens.
        path: où l'écrire.
    """
    described = {
        "sizes": json.dumps(asdict(model.sizes)),
        "tokens": json.dumps(vocabulary.tokens, ensure_ascii=False),
    }
    weights = {name: value.contiguous() for name, value in model.state_dict().items()}
    save_file(weights, path, metadata=described)


def load(path: Path = WEIGHTS) -> tuple[Decoder, Vocabulary]:
    """Lit un modèle. Le fichier ne contient que des nombres et du texte : le lire n'exécute rien.

    Args:
        path: le fichier de poids ; par défaut, celui du cours.

    Returns:
        Le modèle, prêt à prédire, et son vocabulaire.
    """
    with safe_open(path, framework="pt") as file:
        described = file.metadata()
        model = Decoder(Sizes(**json.loads(described["sizes"])))
        model.load_state_dict({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
    return model.eval(), Vocabulary(json.loads(described["tokens"]))
