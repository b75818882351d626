"""Les figures du cours : masques, scores et poids, lisibles par tous, avec un texte de remplacement.

Les couleurs (cividis) se distinguent quelle que soit la vision des couleurs, et en noir et blanc.
Rien ici ne change les réglages globaux de Matplotlib.
"""

from __future__ import annotations

import base64
import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.colors import ListedColormap
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.ticker import ScalarFormatter

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PNG, HTML = "image/png", "text/html"
BLOCKED, ALLOWED = "#00204d", "#fde737"  # les deux extrémités de cividis
LARGEST_ANNOTATED = 16
KEY_LABEL = "Token regardé (clé j)"
QUERY_LABEL = "Token qui regarde (requête i)"
NO_INFLUENCE, LEAK = "#d9d9d9", "#d55e00"  # gris et vermillon : absents de cividis
INPUT_LABEL, OUTPUT_LABEL = "Entrée du token j", "Sortie du token i"
_NUMBER = re.compile(r"[-\u2212]?\d+\.\d+(e[-+]?\d+)?")


def show(figure: Figure, alt: str) -> None:
    """Montre une figure dans le notebook, une seule fois, avec un texte pour qui ne la voit pas.

    Les nombres des axes et des cases y sont écrits avec une virgule décimale.

    Args:
        figure: la figure Matplotlib à montrer ; elle est fermée ensuite.
        alt: ce que montre la figure, en une ou deux phrases ; les lecteurs d'écran le lisent.
    """
    from IPython.display import display  # un script peut dessiner sans IPython

    data, metadata = picture(figure, alt)
    if PNG in data:
        display(data, metadata=metadata, raw=True)
    else:
        display(figure, metadata=metadata)


def picture(figure: Figure, alt: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Ce que Jupyter montre d'une figure, avec son texte de remplacement.

    Args:
        figure: la figure Matplotlib ; elle est fermée ensuite.
        alt: ce qu'elle montre.

    Returns:
        Ses formes par type, aucune hors d'un noyau, et leurs métadonnées.
    """
    with_decimal_commas(figure)
    data, metadata = _shown_in_a_notebook(figure)
    plt.close(figure)
    if PNG in data:
        # JupyterLab ne lit le texte que dans du HTML ; les pages de retour le lisent dans les métadonnées.
        width = f' width="{metadata["width"]}"' if "width" in metadata else ""
        data[HTML] = f'<img src="data:{PNG};base64,{data[PNG].strip()}" alt="{escape(alt)}"{width}>'
    return data, {PNG: {**metadata, "alt": alt}}


def _shown_in_a_notebook(figure: Figure) -> tuple[dict[str, Any], dict[str, Any]]:
    """Ce que Jupyter montrerait de la figure : ses formes, et les métadonnées de l'image ; rien hors d'un noyau."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if not hasattr(shell, "kernel"):
        return {}, {}
    data, metadata = shell.display_formatter.format(figure)
    if isinstance(data.get(PNG), bytes):
        data[PNG] = base64.b64encode(data[PNG]).decode("ascii")
    return data, metadata.get(PNG, {})


def canvas(panels: int, side: float) -> tuple[Figure, list[Axes]]:
    """Prépare une figure de `panels` panneaux carrés de `side` pouces, deux par ligne au plus."""
    columns = min(panels, 2)
    rows = -(-panels // columns)
    figure, axes = plt.subplots(
        rows,
        columns,
        figsize=((side + 2.0) * columns, (side + 0.7) * rows),
        layout="constrained",
        squeeze=False,
    )
    return figure, list(axes.flat)


def draw_mask(ax: Axes, mask: npt.NDArray[np.floating[Any]], title: str) -> None:
    """Dessine un masque (n_q, n_k) : 1 = a le droit de voir, 0 = bloqué."""
    _heatmap(ax, mask, title, cmap=ListedColormap([BLOCKED, ALLOWED]), fmt=".0f", vmin=0, vmax=1, cbar=True)
    colorbar = ax.collections[0].colorbar
    if colorbar is not None:
        colorbar.set_ticks([0.25, 0.75], labels=["0 : bloqué", "1 : visible"])


def draw_scores(ax: Axes, scores: npt.NDArray[np.floating[Any]], title: str) -> None:
    """Dessine des scores (n_q, n_k), de signe quelconque."""
    largest = float(np.abs(scores).max())
    _heatmap(ax, scores, title, cmap="cividis", fmt=".1f", vmin=-largest, vmax=largest, cbar=True)


def draw_weights(ax: Axes, weights: npt.NDArray[np.floating[Any]], title: str) -> None:
    """Dessine des poids d'attention (n_q, n_k), entre 0 et 1."""
    _heatmap(ax, weights, title, cmap="cividis", fmt=".2f", vmin=0, vmax=1, cbar=True)


def draw_influence(
    ax: Axes, norms: npt.NDArray[np.floating[Any]], title: str, leaks: Iterable[tuple[int, int]] | None = None
) -> None:
    """Dessine l'influence (n, n) de l'entrée j sur la sortie i : case grise = exactement nulle, encadrée = fuite.

    Args:
        ax: où dessiner.
        norms: les influences ; ligne i = la sortie i, colonne j = l'entrée j.
        title: titre.
        leaks: les cases (i, j) à encadrer ; sans elles, toutes celles du triangle supérieur qui ne sont pas nulles.
    """
    visible = np.where(norms == 0, np.nan, norms)
    largest = float(np.nanmax(visible)) if np.isfinite(visible).any() else 1.0
    ax.set_facecolor(NO_INFLUENCE)
    _heatmap(ax, norms, title, cmap="cividis", fmt=".2f", vmin=0, vmax=largest, cbar=True, mask=np.isnan(visible))
    ax.set(xlabel=INPUT_LABEL, ylabel=OUTPUT_LABEL)
    for i, j in np.argwhere(np.triu(norms != 0, k=1)) if leaks is None else leaks:
        ax.add_patch(Rectangle((j + 0.06, i + 0.06), 0.88, 0.88, fill=False, edgecolor=LEAK, linewidth=2.5))


def with_decimal_commas(figure: Figure) -> None:
    """Écrit avec une virgule décimale les nombres d'une figure : graduations, cases annotées, étiquettes.

    Seuls changent les textes qui ne sont qu'un nombre, et les graduations dont l'auteur n'a pas choisi l'écriture.
    """
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            if type(axis.get_major_formatter()) is ScalarFormatter:
                axis.set_major_formatter(_CommaFormatter())
    for text in figure.findobj(Text):
        if isinstance(text, Text) and _NUMBER.fullmatch(text.get_text()):
            text.set_text(text.get_text().replace(".", ","))


class _CommaFormatter(ScalarFormatter):
    """Les graduations ordinaires de Matplotlib, avec une virgule décimale."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return super().__call__(x, pos).replace(".", ",")

    def get_offset(self) -> str:
        return super().get_offset().replace(".", ",")


def finished(figure: Figure, save_path: str | PathLike[str] | None = None) -> Figure:
    """Enregistre la figure si un fichier est nommé, et la rend sans qu'un notebook la montre deux fois."""
    with_decimal_commas(figure)
    if save_path is not None:
        path = Path(save_path)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=150)
    plt.close(figure)  # reste une figure entière ; seul l'affichage automatique de fin de cellule l'oublie
    return figure


def _heatmap(ax: Axes, values: npt.NDArray[np.floating[Any]], title: str, **style: Any) -> None:
    n = max(values.shape)
    step = 1 if n <= LARGEST_ANNOTATED else -(-n // LARGEST_ANNOTATED)
    sns.heatmap(
        values,
        ax=ax,
        annot=n <= LARGEST_ANNOTATED,
        square=True,
        linewidths=0.5 if n <= LARGEST_ANNOTATED else 0,
        linecolor="white",
        xticklabels=step,
        yticklabels=step,
        cbar_kws={"shrink": 0.8},
        **style,
    )
    ax.set(title=title, xlabel=KEY_LABEL, ylabel=QUERY_LABEL)
    ax.tick_params(axis="y", rotation=0)
