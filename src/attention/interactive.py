"""Des figures qui répondent : un choix fait au clavier ou à la souris change la figure, et le texte qui la dit.

Là où les commandes ne peuvent pas marcher (ipywidgets absent, page imprimée, site du cours), la figure de départ et son
texte restent. Dans toutes ces fonctions, ``draw`` reçoit le choix et renvoie la figure et son texte.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from attention.figures import PNG, picture, show

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

    from matplotlib.figure import Figure

    Drawing = tuple[Figure, str]

ASLEEP = "Pour que cette figure réponde à vos choix, exécutez la cellule dans JupyterLab."
WITHOUT = (
    "Cette figure répond à vos choix quand la bibliothèque ipywidgets est installée (voir LISEZMOI.txt) ; "
    "sans elle, la voici telle qu'elle commence."
)
_LABELLED = {"description_width": "initial"}


def choose(label: str, options: Sequence[str], start: int, draw: Callable[[int], Drawing]) -> None:
    """Montre une figure et un bouton par option ; un bouton choisi la redessine.

    Args:
        label: ce que l'on choisit.
        options: les noms des boutons.
        start: le numéro de l'option montrée d'abord.
        draw: reçoit le numéro d'une option.
    """
    _answering(draw, start, lambda widgets: _buttons(widgets, label, options, start))


def drag(label: str, values: range, start: int, draw: Callable[[int], Drawing]) -> None:
    """Montre une figure et un curseur, que l'on tire ou que l'on déplace avec les flèches.

    Args:
        label: ce que règle le curseur.
        values: les nombres qu'il parcourt.
        start: le nombre montré d'abord.
        draw: reçoit un nombre.
    """
    style = {"description": label, "style": _LABELLED, "layout": {"width": "30em"}}
    bounds = {"min": values[0], "max": values[-1], "step": values.step}
    _answering(draw, start, lambda widgets: widgets.IntSlider(value=start, **bounds, **style))


def predict(label: str, answers: Sequence[str], draw: Callable[[int | None], Drawing]) -> None:
    """Montre une figure incomplète et les réponses possibles ; celle que l'on choisit, juste ou fausse, la complète.

    Args:
        label: ce qu'il faut prédire.
        answers: les réponses proposées.
        draw: reçoit None avant la réponse, puis le numéro de celle qui est choisie.
    """
    _answering(draw, None, lambda widgets: _buttons(widgets, label, answers, None))


def _buttons(widgets: ModuleType, label: str, options: Sequence[str], start: int | None) -> Any:
    return widgets.ToggleButtons(
        options=[(option, number) for number, option in enumerate(options)],
        value=start,
        description=label,
        style={**_LABELLED, "button_width": "auto"},
        layout={"width": "auto"},
    )


def _answering(draw: Callable[[Any], Drawing], start: int | None, control: Callable[[ModuleType], Any]) -> None:
    """Montre la figure de départ, sous les commandes qui la changent s'il peut y en avoir."""
    from IPython.display import display  # un script peut dessiner sans IPython

    figure, text = draw(start)
    data, metadata = picture(figure, text)
    widgets = _widgets()
    if PNG not in data:
        show(figure, text)
    elif widgets is None:
        print(WITHOUT)  # noqa: T201  (c'est le notebook qui appelle)
        display(data, metadata=metadata, raw=True)
    else:
        chooser, said = control(widgets), widgets.HTML(_status(text))
        # Ce texte est tout ce que montre un lecteur qui ne sait pas dessiner de commandes.
        display({**widgets.VBox([chooser, said])._repr_mimebundle_(), "text/plain": ASLEEP}, raw=True)
        place = display(data, metadata=metadata, raw=True, display_id=True)

        def redraw(change: dict[str, Any]) -> None:
            figure, text = draw(change["new"])
            data, metadata = picture(figure, text)
            place.update(data, metadata=metadata, raw=True)
            said.value = _status(text)

        chooser.observe(redraw, names="value")


def _widgets() -> ModuleType | None:
    try:
        import ipywidgets
    except ImportError:
        return None
    return ipywidgets  # type: ignore[no-any-return]


def _status(text: str) -> str:
    return f'<p role="status">{escape(text)}</p>'
