"""Le masque causal : trois façons de le construire, trois figures pour le comprendre.

Formes et polarité des masques : voir la légende de ``help("attention")``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from os import PathLike

    import torch
    from matplotlib.figure import Figure


def create_causal_mask_from_scratch(seq_len: int) -> npt.NDArray[np.float64]:
    """Construit le masque causal avec NumPy, sans boucle.

    Args:
        seq_len: nombre de tokens n, positif ou nul (0 donne un masque vide).

    Returns:
        Tableau (n, n) qui vaut 1 si j <= i et 0 sinon : 1 = a le droit de voir.

    Raises:
        ValueError: si seq_len est négatif.
        TypeError: si seq_len n'est pas un entier.
    """
    return np.tri(_checked_length(seq_len))


def create_causal_mask_manual(seq_len: int) -> npt.NDArray[np.float64]:
    """Construit le masque causal case par case, comme le dit sa définition.

    Args:
        seq_len: nombre de tokens n, positif ou nul (0 donne un masque vide).

    Returns:
        Tableau (n, n) qui vaut 1 si j <= i et 0 sinon : 1 = a le droit de voir.

    Raises:
        ValueError: si seq_len est négatif.
        TypeError: si seq_len n'est pas un entier.
    """
    n = _checked_length(seq_len)
    mask = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            mask[i, j] = 1
    return mask


def create_causal_mask(seq_len: int, device: torch.device | str = "cpu") -> torch.Tensor:
    """Construit le masque causal avec PyTorch, sur l'appareil demandé.

    Args:
        seq_len: nombre de tokens n, positif ou nul (0 donne un masque vide).
        device: appareil du tenseur, par exemple "cpu" ou "cuda".

    Returns:
        Tenseur float32 (n, n) qui vaut 1 si j <= i et 0 sinon : 1 = a le droit de voir.

    Raises:
        ValueError: si seq_len est négatif.
        TypeError: si seq_len n'est pas un entier.
        RuntimeError: si l'appareil n'existe pas sur cette machine (levée par PyTorch).
    """
    import torch  # les masques NumPy s'en passent, et torch met une seconde à s'importer

    n = _checked_length(seq_len)
    return torch.ones(n, n, device=device).tril_()


def visualize_causal_mask(seq_len: int = 8, save_path: str | PathLike[str] | None = None) -> Figure:
    """Dessine le masque causal : ligne i = ce que voit le token i.

    Args:
        seq_len: nombre de tokens, au moins 1.
        save_path: fichier où enregistrer la figure ; son dossier est créé s'il manque.

    Returns:
        La figure, à montrer avec ``attention.figures.show`` ou comme dernière ligne d'une cellule.

    Raises:
        ValueError: si seq_len est inférieur à 1.
        TypeError: si seq_len n'est pas un entier.
    """
    from . import figures

    mask = create_causal_mask_from_scratch(_drawable_length(seq_len))
    figure, axes = figures.canvas(1, side=_side(seq_len))
    figures.draw_mask(axes[0], mask, f"Masque causal ({seq_len} tokens)")
    return figures.finished(figure, save_path)


def compare_attention_patterns(seq_len: int = 6) -> Figure:
    """Dessine côte à côte ce que voit chaque token dans BERT (tout) et dans GPT (le passé).

    Args:
        seq_len: nombre de tokens, au moins 1.

    Returns:
        La figure.

    Raises:
        ValueError: si seq_len est inférieur à 1.
        TypeError: si seq_len n'est pas un entier.
    """
    from . import figures

    n = _drawable_length(seq_len)
    figure, axes = figures.canvas(2, side=_side(n))
    figures.draw_mask(axes[0], np.ones((n, n)), "BERT : attention bidirectionnelle")
    figures.draw_mask(axes[1], create_causal_mask_from_scratch(n), "GPT : attention causale")
    return figures.finished(figure)


def visualize_mask_effect_on_attention(seq_len: int = 5) -> Figure:
    """Dessine les quatre étapes : scores bruts, masque, attention sans masque, attention avec masque.

    Les requêtes et les clés sont tirées au hasard, toujours les mêmes pour une même longueur.

    Args:
        seq_len: nombre de tokens, au moins 1.

    Returns:
        La figure.

    Raises:
        ValueError: si seq_len est inférieur à 1.
        TypeError: si seq_len n'est pas un entier.
    """
    from . import figures

    n = _drawable_length(seq_len)
    d_k = 8
    queries, keys = np.random.default_rng(42).standard_normal((2, n, d_k))
    scores = queries @ keys.T / np.sqrt(d_k)
    mask = create_causal_mask_from_scratch(n)
    figure, axes = figures.canvas(4, side=_side(n))
    figures.draw_scores(axes[0], scores, "1. Scores bruts : Q Kᵀ / √d_k")
    figures.draw_mask(axes[1], mask, "2. Masque causal")
    figures.draw_weights(axes[2], _softmax(scores), "3. Attention sans masque")
    figures.draw_weights(axes[3], _softmax(np.where(mask == 1, scores, -np.inf)), "4. Attention avec masque")
    return figures.finished(figure)


def _softmax(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Softmax stable de chaque ligne ; chaque ligne a au moins un score fini."""
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    result: npt.NDArray[np.float64] = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return result


def _side(seq_len: int) -> float:
    """Côté d'un panneau en pouces : assez pour lire le nombre écrit dans chaque case."""
    return min(max(3.6, 0.62 * seq_len), 7.0)


def _drawable_length(seq_len: Any) -> int:
    n = _checked_length(seq_len)
    if n < 1:
        raise ValueError("seq_len doit valoir au moins 1 pour être dessiné ; reçu : 0.")
    return n


def _checked_length(seq_len: Any) -> int:
    try:
        n = seq_len.__index__()
    except AttributeError:
        raise TypeError(f"seq_len doit être un entier ; reçu : {seq_len!r} ({type(seq_len).__name__}).") from None
    if n < 0:
        raise ValueError(f"seq_len doit être positif ou nul ; reçu : {n}.")
    return int(n)
