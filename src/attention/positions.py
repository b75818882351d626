"""Les positions, pour autant qu'un masque en a besoin : sinusoïdes, rotations, pentes d'ALiBi.

Un masque dit qui voit qui ; il ne dit pas où. La position d'un token s'écrit dans son vecteur (sinusoïdes), dans ses
requêtes et ses clés (rotations), ou dans les scores eux-mêmes (ALiBi).

Sources : Vaswani et al., « Attention Is All You Need », 2017, section 3.5 ; Su et al., « RoFormer », 2021 ; Press et
al., « Train Short, Test Long », 2022.
"""

from __future__ import annotations

import torch


def sinusoidal_positions(position_ids: torch.Tensor, d_model: int) -> torch.Tensor:
    """Écrit chaque position en sinus et en cosinus de fréquences décroissantes, à ajouter au vecteur du token.

    Args:
        position_ids: positions (...), entières ou non.
        d_model: dimension des vecteurs, paire, au moins 2.

    Returns:
        Tenseur float32 (..., d_model) : les colonnes 2m et 2m + 1 portent le sinus et le cosinus de la même fréquence.

    Raises:
        ValueError: si d_model n'est pas un nombre pair, au moins égal à 2.
    """
    angles = _angles(position_ids, d_model)
    return torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(-2).float()


def rotate(x: torch.Tensor, position_ids: torch.Tensor) -> torch.Tensor:
    """Fait tourner chaque paire de colonnes (2m, 2m + 1) d'un angle proportionnel à la position du token.

    C'est la position rotative (RoPE), à appliquer aux requêtes et aux clés, jamais aux valeurs : le produit scalaire
    d'une requête de position p et d'une clé de position q ne dépend plus alors que de p - q, aux arrondis près.

    Args:
        x: requêtes ou clés (..., n, d), en nombres flottants, avec d pair ; elles ne sont pas modifiées.
        position_ids: positions diffusables en (..., n), entières ou non.

    Returns:
        Tenseur (..., n, d), du type de x, dont chaque ligne a la même norme que celle de x.

    Raises:
        ValueError: si d est impair, ou si les positions ne sont pas diffusables en (..., n).
    """
    if x.dim() < 2:
        raise ValueError(f"x doit être de forme (..., n, d) ; forme reçue : {tuple(x.shape)}.")
    position_ids = torch.as_tensor(position_ids, device=x.device)
    aligned = zip(reversed(position_ids.shape), reversed(x.shape[:-1]), strict=False)
    if position_ids.dim() > x.dim() - 1 or any(size not in (1, wanted) for size, wanted in aligned):
        raise ValueError(
            f"Les positions doivent être diffusables en (..., n) = {tuple(x.shape[:-1])} ; "
            f"forme reçue : {tuple(position_ids.shape)}."
        )
    angles = _angles(position_ids, x.shape[-1])
    cosine, sine = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x[..., 0::2], x[..., 1::2]
    return torch.stack((first * cosine - second * sine, first * sine + second * cosine), dim=-1).flatten(-2)


def alibi_slopes(n_heads: int) -> torch.Tensor:
    """Donne les pentes d'ALiBi : la tête h, à partir de 0, reçoit 2^(-8 (h + 1) / n_heads).

    Ce sont celles de l'article quand n_heads est une puissance de 2.

    Args:
        n_heads: nombre de têtes, au moins 1.

    Returns:
        Tenseur float32 (n_heads,), strictement décroissant.

    Raises:
        ValueError: si n_heads est inférieur à 1.
    """
    if n_heads < 1:
        raise ValueError(f"n_heads doit valoir au moins 1 ; reçu : {n_heads}.")
    return 2.0 ** (-8.0 * torch.arange(1, n_heads + 1) / n_heads)


def _angles(position_ids: torch.Tensor, d: int) -> torch.Tensor:
    """Les angles (..., d / 2) en double précision : la position, fois 10 000 puissance -2m/d."""
    if d < 2 or d % 2:
        raise ValueError(f"La dimension doit être un nombre pair, au moins égal à 2 ; reçu : {d}.")
    positions = torch.as_tensor(position_ids).double()
    frequencies = 10_000.0 ** (-torch.arange(0, d, 2, device=positions.device, dtype=torch.float64) / d)
    return positions[..., None] * frequencies
