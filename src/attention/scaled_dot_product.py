"""L'attention à produit scalaire, avec un masque facultatif.

Formes et polarité des masques : voir la légende de ``help("attention")``.
Source : Vaswani et al., « Attention Is All You Need », 2017, équation 1.
"""

from __future__ import annotations

import math

import torch


class ScaledDotProductAttention(torch.nn.Module):
    """Calcule softmax(masque(Q Kᵀ / √d_k)) V.

    Une ligne entièrement bloquée donne des poids nuls, une sortie nulle et des gradients finis, jamais de NaN.

    Args:
        d_k: dimension des requêtes et des clés, au moins 1.

    Raises:
        ValueError: si d_k est inférieur à 1.
    """

    def __init__(self, d_k: int) -> None:
        super().__init__()
        if d_k < 1:
            raise ValueError(f"d_k doit valoir au moins 1 ; reçu : {d_k}.")
        self.d_k = d_k

    def forward(
        self, Q: torch.Tensor, K: torch.Tensor, V: torch.Tensor, mask: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Applique l'attention ; aucune entrée n'est modifiée.

        Args:
            Q: requêtes (..., n_q, d_k). Des entiers sont convertis en flottants.
            K: clés (..., n_k, d_k).
            V: valeurs (..., n_k, d_v).
            mask: masque diffusable en (..., n_q, n_k), de type quelconque : 1 ou True = a le droit de voir,
                0 ou False = bloqué. Sans masque, tout est visible.

        Returns:
            La sortie (..., n_q, d_v) et les poids (..., n_q, n_k).

        Raises:
            ValueError: si une forme ne convient pas, ou si le masque contient autre chose que des 0 et des 1.
        """
        Q, K, V = _floating(Q), _floating(K), _floating(V)
        _check_inputs(Q, K, V, self.d_k)
        # Sur place : aucun calcul du gradient n'a besoin des scores avant le masque.
        scores = (Q @ K.transpose(-2, -1)).div_(math.sqrt(self.d_k))
        if mask is None:
            weights = torch.softmax(scores, dim=-1)
            return weights @ V, weights
        mask = _checked_mask(mask, scores)
        blocked = mask == 0
        sees_nothing = _rows_that_see_nothing(mask)
        if sees_nothing is None:
            weights = torch.softmax(scores.masked_fill_(blocked, -math.inf), dim=-1)
        else:
            # Le softmax d'une ligne de -inf vaut NaN, et son gradient aussi : ces lignes gardent leurs
            # scores finis, et leurs poids sont annulés après.
            scores.masked_fill_(blocked & ~sees_nothing, -math.inf)
            weights = torch.softmax(scores, dim=-1).masked_fill(sees_nothing, 0.0)
        return weights @ V, weights

    def extra_repr(self) -> str:
        """Ce que print(module) montre entre parenthèses."""
        return f"d_k={self.d_k}"


def _floating(tensor: torch.Tensor) -> torch.Tensor:
    return tensor if tensor.is_floating_point() else tensor.to(torch.get_default_dtype())


def _checked_mask(mask: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
    """Le masque reçu (non diffusé : il reste petit), sur l'appareil des scores, une fois vérifié."""
    if not isinstance(mask, torch.Tensor) or mask.device != scores.device:
        mask = torch.as_tensor(mask, device=scores.device)
    if mask.shape != scores.shape[scores.dim() - mask.dim() :] and not _broadcasts_to(mask.shape, scores.shape):
        raise ValueError(
            f"Le masque doit être diffusable en (..., n_q, n_k) = {tuple(scores.shape)} ; "
            f"forme reçue : {tuple(mask.shape)}."
        )
    if mask.dtype != torch.bool and mask.numel():
        low, high = (bound.item() for bound in torch.aminmax(mask))
        if not (low >= 0 and high <= 1):
            raise ValueError(
                "Le masque doit contenir des 1 (a le droit de voir) et des 0 (bloqué) ; "
                f"valeurs reçues : de {low} à {high}. Un masque additif (0 et -inf) s'écrit ici mask == 0."
            )
    return mask


def _rows_that_see_nothing(mask: torch.Tensor) -> torch.Tensor | None:
    """True sur les lignes (..., n_q, 1) entièrement bloquées, ou None s'il n'y en a aucune."""
    if mask.numel() == 0:
        return None
    best = mask.amax(dim=-1, keepdim=True)  # plus rapide que all(), surtout sur des flottants
    return None if best.all() else best == 0


def _check_inputs(Q: torch.Tensor, K: torch.Tensor, V: torch.Tensor, d_k: int) -> None:
    q, k, v = Q.shape, K.shape, V.shape
    if len(q) < 2 or len(k) < 2 or len(v) < 2:
        expected = "Q, K et V doivent avoir au moins 2 dimensions, (..., n, d)"
    elif q[-1] != d_k or k[-1] != d_k:
        expected = f"Q (..., n_q, d_k) et K (..., n_k, d_k) doivent finir par d_k = {d_k}"
    elif k[-2] != v[-2]:
        expected = "K (..., n_k, d_k) et V (..., n_k, d_v) doivent avoir le même n_k"
    elif not batches_agree(q[:-2], k[:-2], v[:-2]):
        expected = "Les dimensions de lot de Q, K et V doivent s'accorder"
    else:
        return
    raise ValueError(f"{expected} ; formes reçues : Q {tuple(q)}, K {tuple(k)}, V {tuple(v)}.")


def batches_agree(*shapes: torch.Size) -> bool:
    """Dit si ces dimensions de lot se diffusent ensemble."""
    if shapes[0] == shapes[1] == shapes[2]:  # le cas courant : broadcast_shapes importe SymPy à son premier appel
        return True
    try:
        torch.broadcast_shapes(*shapes)  # type: ignore[no-untyped-call]
    except RuntimeError:
        return False
    return True


def _broadcasts_to(shape: torch.Size, target: torch.Size) -> bool:
    """Dit si `shape` se diffuse en `target` sans l'agrandir."""
    if len(shape) > len(target):
        return False
    aligned = zip(reversed(shape), reversed(target), strict=False)
    return all(size in (1, wanted) for size, wanted in aligned)
