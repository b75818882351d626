"""Les fuites : de quelles entrées chaque sortie dépend-elle vraiment ?

Une couche causale ne laisse pas la sortie i dépendre d'une entrée j > i. La jacobienne le dit sans lire le code :
si ∂sortie_i/∂entrée_j n'est pas exactement nulle pour un j > i, l'avenir a fui, et le modèle triche.

Formes et polarité des masques : voir la légende de ``help("attention")``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from os import PathLike

    from matplotlib.figure import Figure

Layer = Callable[[torch.Tensor], Any]


def jacobian_norms(layer: Layer, inputs: torch.Tensor) -> torch.Tensor:
    """Mesure à quel point chaque sortie dépend de chaque entrée : ‖∂sortie_i/∂entrée_j‖.

    C'est la norme de Frobenius, prise sur les nombres des deux tokens et sur tous les exemples du lot. Elle se mesure
    au point `inputs` : prenez des nombres tirés au hasard, car une dépendance peut s'annuler en un point particulier.
    Le coût est d'une rétropropagation par nombre de la sortie : quelques tokens suffisent.

    Args:
        layer: couche ou fonction (..., n, d) -> (..., n, d_out), ou qui renvoie un tuple dont c'est le premier élément.
        inputs: entrées (..., n, d), en nombres flottants ; elles ne sont pas modifiées.

    Returns:
        Tenseur (n, n), du type des entrées : ligne i = la sortie i, colonne j = l'entrée j ; NaN si un
            gradient vaut NaN.

    Raises:
        ValueError: si les entrées n'ont pas deux dimensions au moins ou ne sont pas des flottants, ou si la sortie
            n'est pas un tenseur (..., n, d_out) relié à l'entrée par autograd.
    """
    _check_inputs(inputs)

    def output_of(tokens: torch.Tensor) -> torch.Tensor:
        output = _output(layer, tokens)
        if not output.requires_grad:
            raise ValueError(
                "La sortie n'est pas reliée à l'entrée par autograd (un detach, un passage par NumPy ?) : "
                "sa jacobienne ne dirait rien. Mesurez-la par perturbation_norms."
            )
        return output

    with torch.enable_grad():  # la mesure se fait aussi à l'intérieur d'un torch.no_grad()
        jacobian = torch.autograd.functional.jacobian(output_of, inputs.detach().clone())  # type: ignore[no-untyped-call]
    # (..., n, d_out, ..., n, d) : seuls les deux axes des tokens restent.
    output_axis, input_axis = jacobian.dim() - inputs.dim() - 2, jacobian.dim() - 2
    others = [axis for axis in range(jacobian.dim()) if axis not in (output_axis, input_axis)]
    norms: torch.Tensor = torch.linalg.vector_norm(jacobian, dim=others)
    return norms.to(inputs.dtype)


def perturbation_norms(layer: Layer, inputs: torch.Tensor, size: float = 1.0) -> torch.Tensor:
    """Mesure de combien chaque sortie bouge quand on change chaque entrée, l'une après l'autre.

    L'entrée j reçoit, dans tous les exemples du lot, un même vecteur de nombres tirés au hasard (toujours les mêmes).
    Aucune dérivée n'est calculée : un ``detach`` ou un passage par NumPy ne cachent rien. Le coût est de n + 1 appels.

    Args:
        layer: couche ou fonction (..., n, d) -> (..., n, d_out), ou qui renvoie un tuple dont c'est le premier élément.
            Elle doit répondre deux fois de suite la même chose : pas de *dropout* actif.
        inputs: entrées (..., n, d), en nombres flottants ; elles ne sont pas modifiées.
        size: écart type des nombres ajoutés, strictement positif.

    Returns:
        Tenseur (n, n), du type des entrées : ligne i = la sortie i, colonne j = l'entrée changée ; à lire par
            ``find_leaks``, comme celui de ``jacobian_norms``.

    Raises:
        ValueError: si une forme ne convient pas (voir ``jacobian_norms``), ou si `size` n'est pas strictement positif.
    """
    _check_inputs(inputs)
    if not size > 0:
        raise ValueError(f"La perturbation doit être strictement positive ; reçu : {size}.")
    added = size * torch.randn(inputs.shape[-1], generator=torch.Generator().manual_seed(0))
    columns = []
    with torch.no_grad():
        before = _output(layer, inputs.clone()).clone()
        for j in range(inputs.shape[-2]):
            changed = inputs.clone()
            changed[..., j, :] += added.to(inputs)
            moved = _output(layer, changed) - before
            columns.append(torch.linalg.vector_norm(moved.movedim(-2, 0).flatten(1), dim=1))
    return torch.stack(columns, dim=1).to(inputs.dtype)


def find_leaks(norms: torch.Tensor, tolerance: float = 0.0) -> list[tuple[int, int]]:
    """Cherche les cases du triangle supérieur qui ne sont pas nulles : celles par où l'avenir fuit.

    Args:
        norms: ce que renvoie ``jacobian_norms``, de forme (n, n).
        tolerance: en dessous ou à cette valeur, une case compte pour nulle. Avec un vrai masque, 0 convient : les
            gradients interdits sont exactement nuls, et les sorties du passé ne bougent pas d'un chiffre.

    Returns:
        Les couples (i, j) avec j > i, dans l'ordre des lignes ; une case NaN compte pour une fuite. Liste vide : cette
        mesure n'a vu aucune fuite, en ce point.

    Raises:
        ValueError: si `norms` n'est pas carrée, ou si `tolerance` est négative.
    """
    if norms.dim() != 2 or norms.shape[0] != norms.shape[1]:
        raise ValueError(f"Les normes doivent être de forme (n, n) ; forme reçue : {tuple(norms.shape)}.")
    if not tolerance >= 0:
        raise ValueError(f"La tolérance doit être positive ou nulle ; reçu : {tolerance}.")
    future = torch.ones_like(norms, dtype=torch.bool).triu(diagonal=1)
    leaking = ~(norms <= tolerance) & future  # un NaN n'est inférieur à rien
    return [(int(i), int(j)) for i, j in leaking.nonzero()]


def visualize_leak(
    layer: Layer,
    inputs: torch.Tensor,
    title: str = "Qui influence qui ?",
    save_path: str | PathLike[str] | None = None,
) -> Figure:
    """Dessine la carte des influences d'une couche et encadre les cases par où l'avenir fuit.

    Les nombres sont ceux de la jacobienne. Les cases encadrées sont celles que la jacobienne ou la perturbation
    accusent : une case encadrée et grise est une fuite sans dérivée, par un ``detach`` par exemple.

    Args:
        layer: couche ou fonction (..., n, d) -> (..., n, d_out), ou qui renvoie un tuple dont c'est le premier élément.
        inputs: entrées (..., n, d), en nombres flottants.
        title: titre ; le nombre de fuites s'écrit en dessous.
        save_path: fichier où enregistrer la figure ; son dossier est créé s'il manque.

    Returns:
        La figure, à montrer avec ``attention.figures.show``.

    Raises:
        ValueError: si une forme ne convient pas (voir ``jacobian_norms``).
    """
    norms = jacobian_norms(layer, inputs)  # avant les figures : une forme qui ne convient pas se dit sans dessiner
    leaks = sorted({*find_leaks(norms), *find_leaks(perturbation_norms(layer, inputs))})
    from . import figures

    figure, axes = figures.canvas(1, side=min(max(3.6, 0.62 * len(norms)), 7.0))
    figures.draw_influence(axes[0], norms.double().cpu().numpy(), f"{title}\n{_verdict(leaks)}", leaks)
    return figures.finished(figure, save_path)


def _check_inputs(inputs: Any) -> None:
    if not isinstance(inputs, torch.Tensor) or not inputs.is_floating_point():
        kind = inputs.dtype if isinstance(inputs, torch.Tensor) else type(inputs).__name__
        raise ValueError(f"Les entrées doivent être un tenseur de nombres flottants ; reçu : {kind}.")
    if inputs.dim() < 2 or inputs.numel() == 0:
        raise ValueError(
            f"Les entrées doivent être de forme (..., n, d), non vides ; forme reçue : {tuple(inputs.shape)}."
        )


def _output(layer: Layer, tokens: torch.Tensor) -> torch.Tensor:
    """La sortie de la couche, seule, et de la forme promise."""
    result = layer(tokens)
    output = result[0] if isinstance(result, tuple) and result else result
    if not isinstance(output, torch.Tensor):
        raise ValueError(f"La couche doit renvoyer un tenseur (..., n, d_out) ; reçu : {type(output).__name__}.")
    n = tokens.shape[-2]
    if output.dim() < 2 or output.shape[-2] != n:
        raise ValueError(
            f"La sortie doit être de forme (..., n, d_out) avec n = {n} ; forme reçue : {tuple(output.shape)}."
        )
    return output


def _verdict(leaks: list[tuple[int, int]]) -> str:
    if not leaks:
        return "Aucune fuite : ni dérivée, ni changement"
    return f"{len(leaks)} fuite{'s' if len(leaks) > 1 else ''} de l'avenir (encadrée{'s' if len(leaks) > 1 else ''})"
