"""Se souvient des cellules que le noyau a exécutées : leur texte, ce qu'elles ont défini, ce qui les a arrêtées.

Le noyau ne connaît d'un notebook que cela. Une fonction reste en mémoire quand sa cellule a changé ou échoué depuis ;
seule la suite des exécutions permet de le dire. Sans IPython, il n'y a pas de suite, et rien n'est dit.
"""

import contextlib
import sys
import time
from dataclasses import dataclass, field
from typing import Any, Protocol

from .cells import DefiningCell, below_cell_magic, error_line, error_text, names_defined, probable_names
from .values_as_text import clean

LONGEST_ERROR = 120


class Started(Protocol):
    """Ce qu'IPython dit d'une cellule qui commence."""

    raw_cell: str
    store_history: bool


class Ended(Protocol):
    """Ce qu'IPython dit d'une cellule qui finit."""

    info: Started
    error_before_exec: BaseException | None
    error_in_exec: BaseException | None


@dataclass(frozen=True, slots=True)
class Run:
    """L'exécution d'une cellule.

    Attributes:
        cell_id: ce par quoi l'interface désigne la cellule ; None si elle ne le dit pas.
        source: le texte exécuté, en Python.
        written: le texte de la cellule.
        error, text, line: ce qui l'a arrêtée, comme dans DefiningCell.
        would_define: les noms que son texte définit.
        defined: ceux qu'elle a définis avant de s'arrêter.
        at: l'heure de sa fin, selon time.time.
    """

    cell_id: str | None
    source: str
    written: str
    error: str
    text: str
    line: int
    would_define: frozenset[str]
    defined: frozenset[str]
    at: float

    @property
    def cell(self) -> DefiningCell:
        """La cellule, telle qu'on en parle à l'étudiant."""
        return DefiningCell(self.source, self.error, self.text, self.line)


@dataclass
class History:
    """Les exécutions d'un noyau, de la plus ancienne à la plus récente, et la cellule qui s'exécute."""

    runs: list[Run] = field(default_factory=list)
    current_id: str | None = None
    current_source: str = ""

    def begin(self, info: Started) -> None:
        """Retient quelle cellule commence."""
        with contextlib.suppress(Exception):
            self.current_id, self.current_source = getattr(info, "cell_id", None), info.raw_cell

    def end(self, result: Ended) -> None:
        """Retient ce qu'une cellule a donné ; rien ici ne doit déranger le notebook."""
        with contextlib.suppress(Exception):
            if result.info.store_history:
                self.runs.append(_run(result))

    def defining(self, name: str) -> list[Run]:
        """Renvoie les exécutions dont le texte définit ce nom."""
        return [run for run in self.runs if name in run.would_define]

    def cells(self) -> dict[str, DefiningCell]:
        """Renvoie, pour chaque nom, la cellule dont le texte l'a défini en dernier."""
        return {name: run.cell for run in self.runs for name in run.would_define}

    def latest_of_each_cell(self) -> list[Run]:
        """Renvoie la dernière exécution de chaque cellule que l'interface désigne, et toutes celles des autres."""
        named = {run.cell_id: run for run in self.runs if run.cell_id is not None}
        return [run for run in self.runs if run.cell_id is None or named[run.cell_id] is run]


history = History()


def shell() -> Any:
    """Renvoie l'interpréteur d'IPython où tourne ce code ; None hors d'un notebook."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def remember_cells() -> None:
    """Commence à se souvenir des cellules, une fois pour toutes, s'il y a un notebook."""
    with contextlib.suppress(Exception):
        events = shell().events
        if history.end not in events.callbacks["post_run_cell"]:
            events.register("pre_run_cell", history.begin)
            events.register("post_run_cell", history.end)


def typed_by_a_person() -> bool:
    """Vrai si une interface où quelqu'un peut répondre a demandé l'exécution, et non une correction automatique."""
    with contextlib.suppress(Exception):
        return bool(shell().kernel.get_parent()["content"]["allow_stdin"])
    return False


def _run(result: Ended) -> Run:
    written = result.info.raw_cell
    source = _python(written, getattr(result.info, "transformed_cell", None))
    error = result.error_before_exec or result.error_in_exec
    line = error_line(error, shell().user_global_ns) if error is not None else 0
    would = probable_names(source)
    if error is None:
        defined = would
    else:
        defined = names_defined(source, before_line=line) if result.error_before_exec is None and line else set()
    return Run(
        cell_id=getattr(result.info, "cell_id", None),
        source=source,
        written=written,
        error=type(error).__name__ if error is not None else "",
        text=clean(error_text(error), LONGEST_ERROR) if error is not None else "",
        line=line,
        would_define=frozenset(would),
        defined=frozenset(defined),
        at=time.time(),
    )


def _python(written: str, transformed: str | None) -> str:
    """Le Python d'une cellule ; sous une commande comme %%time, celui qu'elle exécute, à la même ligne."""
    if (below := below_cell_magic(written)) is not None:
        return below
    if transformed is None:
        with contextlib.suppress(Exception):
            transformed = shell().transform_cell(written)
    return transformed or written
