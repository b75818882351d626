"""L'attention multi-têtes : plusieurs attentions à produit scalaire, chacune sur sa tranche de colonnes.

Formes et polarité des masques : voir la légende de ``help("attention")``.
Source : Vaswani et al., « Attention Is All You Need », 2017, section 3.2.2.
"""

from __future__ import annotations

import numpy as np
import torch

from .scaled_dot_product import ScaledDotProductAttention, batches_agree


def split_heads(x: torch.Tensor, n_heads: int) -> torch.Tensor:
    """Découpe les colonnes en têtes : la tête h prend les colonnes h·d_head à (h + 1)·d_head - 1.

    Args:
        x: tenseur (..., n, d_model).
        n_heads: nombre de têtes, au moins 1, qui divise d_model.

    Returns:
        Tenseur (..., n_heads, n, d_head), où d_head = d_model / n_heads. Il partage la mémoire de x.

    Raises:
        ValueError: si x a moins de 2 dimensions, ou si n_heads ne divise pas d_model.
    """
    if x.dim() < 2:
        raise ValueError(f"x doit avoir au moins 2 dimensions, (..., n, d_model) ; forme reçue : {tuple(x.shape)}.")
    d_head = _checked_d_head(x.shape[-1], n_heads)
    return x.reshape(*x.shape[:-1], n_heads, d_head).transpose(-3, -2)


def merge_heads(x: torch.Tensor) -> torch.Tensor:
    """Recolle les têtes côte à côte : l'inverse de split_heads.

    Args:
        x: tenseur (..., n_heads, n, d_head).

    Returns:
        Tenseur (..., n, d_model), où d_model = n_heads · d_head.

    Raises:
        ValueError: si x a moins de 3 dimensions.
    """
    if x.dim() < 3:
        raise ValueError(
            f"x doit avoir au moins 3 dimensions, (..., n_heads, n, d_head) ; forme reçue : {tuple(x.shape)}."
        )
    return x.transpose(-3, -2).flatten(-2)


class MultiHeadAttention(torch.nn.Module):
    """Projette, découpe en têtes, applique l'attention à chacune, recolle et projette encore.

    Les quatre projections ``W_q``, ``W_k``, ``W_v`` et ``W_o`` sont des ``torch.nn.Linear(d_model, d_model)`` avec
    biais. Une ligne entièrement bloquée donne des poids nuls et une sortie égale au biais de ``W_o``, jamais de NaN.

    Args:
        d_model: dimension des entrées et des sorties, au moins 1.
        n_heads: nombre de têtes, au moins 1, qui divise d_model.

    Raises:
        ValueError: si d_model est inférieur à 1, ou si n_heads ne le divise pas.
    """

    def __init__(self, d_model: int, n_heads: int) -> None:
        super().__init__()
        if d_model < 1:
            raise ValueError(f"d_model doit valoir au moins 1 ; reçu : {d_model}.")
        self.d_model = d_model
        self.n_heads = n_heads
        self.attention = ScaledDotProductAttention(_checked_d_head(d_model, n_heads))
        self.W_q = torch.nn.Linear(d_model, d_model)
        self.W_k = torch.nn.Linear(d_model, d_model)
        self.W_v = torch.nn.Linear(d_model, d_model)
        self.W_o = torch.nn.Linear(d_model, d_model)

    def forward(
        self, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Applique la couche ; aucune entrée n'est modifiée.

        Args:
            query: tokens qui regardent (..., n_q, d_model). Des entiers sont convertis dans le type des paramètres.
            key: tokens regardés (..., n_k, d_model).
            value: ce que l'on recueille d'eux (..., n_k, d_model).
            mask: masque de type quelconque : 1 ou True = a le droit de voir, 0 ou False = bloqué. Le nombre de
                ses dimensions dit comment il est lu. S'il en a **autant** que les entrées, ou moins, il est diffusé
                en (..., n_q, n_k) et vaut pour toutes les têtes : avec des entrées (batch, n, d_model), un masque
                (batch, n_q, n_k) est donc un masque par exemple, jamais un masque par tête, et un masque
                (n_q, n_k) est commun à tous. S'il en a **une de plus**, il est diffusé en
                (..., n_heads, n_q, n_k). Sans masque, tout est visible.

        Returns:
            La sortie (..., n_q, d_model) et les poids de chaque tête (..., n_heads, n_q, n_k).

        Raises:
            ValueError: si une forme ne convient pas, ou si le masque contient autre chose que des 0 et des 1.
        """
        _check_inputs(query, key, value, self.d_model)
        Q = split_heads(self.W_q(self._typed(query)), self.n_heads)
        K = split_heads(self.W_k(self._typed(key)), self.n_heads)
        V = split_heads(self.W_v(self._typed(value)), self.n_heads)
        if mask is not None:
            batch = np.broadcast_shapes(Q.shape[:-3], K.shape[:-3], V.shape[:-3])  # celle de torch importe SymPy
            mask = _mask_over_heads(mask, (*batch, self.n_heads, Q.shape[-2], K.shape[-2]))
        output, weights = self.attention(Q, K, V, mask)
        return self.W_o(merge_heads(output)), weights

    def extra_repr(self) -> str:
        """Ce que print(module) montre entre parenthèses."""
        return f"d_model={self.d_model}, n_heads={self.n_heads}"

    def _typed(self, tensor: torch.Tensor) -> torch.Tensor:
        return tensor if tensor.is_floating_point() else tensor.to(self.W_q.weight.dtype)


def _checked_d_head(d_model: int, n_heads: int) -> int:
    if n_heads < 1 or d_model % n_heads:
        raise ValueError(
            "n_heads doit valoir au moins 1 et diviser d_model ; "
            f"valeurs reçues : n_heads = {n_heads}, d_model = {d_model}."
        )
    return d_model // n_heads


def _mask_over_heads(mask: torch.Tensor, scores: tuple[int, ...]) -> torch.Tensor:
    """Le masque, avec une dimension de têtes s'il a des dimensions de lot et n'en a pas."""
    mask = torch.as_tensor(mask)
    lacks_heads = mask.dim() < len(scores)
    without_heads = (*scores[:-3], *scores[-2:])
    if not _broadcasts_to(mask.shape, without_heads if lacks_heads else scores):
        raise ValueError(
            f"Le masque doit être diffusable en (..., n_q, n_k) = {without_heads} ou, avec une dimension de plus, "
            f"en (..., n_heads, n_q, n_k) = {scores} ; forme reçue : {tuple(mask.shape)}."
        )
    return mask.unsqueeze(-3) if lacks_heads and mask.dim() > 2 else mask


def _broadcasts_to(shape: torch.Size, target: tuple[int, ...]) -> bool:
    aligned = zip(reversed(shape), reversed(target), strict=False)
    return len(shape) <= len(target) and all(size in (1, wanted) for size, wanted in aligned)


def _check_inputs(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, d_model: int) -> None:
    shapes = query.shape, key.shape, value.shape
    if any(len(shape) < 2 or shape[-1] != d_model for shape in shapes):
        expected = f"query, key et value doivent être de forme (..., n, d_model), avec d_model = {d_model}"
    elif key.shape[-2] != value.shape[-2]:
        expected = "key (..., n_k, d_model) et value (..., n_k, d_model) doivent avoir le même n_k"
    elif not batches_agree(*(shape[:-2] for shape in shapes)):
        expected = "Les dimensions de lot de query, key et value doivent s'accorder"
    else:
        return
    raise ValueError(
        f"{expected} ; formes reçues : query {tuple(query.shape)}, key {tuple(key.shape)}, value {tuple(value.shape)}."
    )
