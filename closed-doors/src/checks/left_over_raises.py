"""Trouve les « raise NotImplementedError() » de l'énoncé qui sont restés là où une fonction juste est déjà écrite.

La correction exécute chaque cellule, et la fonction tient ; mais tout exécuter d'un coup s'arrête à cette ligne.
"""

import ast
from collections.abc import Iterator

from .catalogues import say
from .cells import only_a_stub, parsed
from .history import History, Run
from .notebook_file import SavedNotebook


def left_over_advice(history: History, saved: SavedNotebook | None, run: Run, name: str) -> Iterator[str]:
    """Dit où il en est resté, une phrase par endroit.

    Args:
        history: les exécutions.
        saved: le notebook, s'il a été enregistré après la définition.
        run: l'exécution qui a défini la fonction, sans erreur.
        name: la fonction.
    """
    for line in unreachable_raises(run.source):
        yield say("left_over.after_return", name=name, line=line)
    below = _between(saved, run, history.current_id) if saved is not None else ()
    stops = _run_since(history, run) if saved is None else (n for text in below for n in raises_at_top_level(text))
    for line in stops:
        yield say("left_over.stops_a_cell", name=name, line=line)
    for line in (line for text in below for line in _stub_of(text, name)):
        yield say("left_over.defines_again", name=name, line=line)


def raises_at_top_level(source: str) -> list[int]:
    """Renvoie les lignes d'une cellule où il arrête la cellule elle-même."""
    return [node.lineno for node in parsed(source).body if _is_left_over(node)]


def unreachable_raises(source: str) -> list[int]:
    """Renvoie les lignes d'une cellule où il suit un return, que rien n'atteint."""
    blocks = [
        block
        for node in ast.walk(parsed(source))
        for field in ("body", "orelse", "finalbody")
        if isinstance(block := getattr(node, field, None), list)
    ]
    return sorted(
        statement.lineno
        for block in blocks
        for place, statement in enumerate(block)
        if _is_left_over(statement) and any(isinstance(earlier, ast.Return) for earlier in block[:place])
    )


def _run_since(history: History, run: Run) -> Iterator[int]:
    """Les lignes où se sont arrêtées des cellules exécutées depuis, si l'interface les désigne."""
    later = history.runs[history.runs.index(run) + 1 :]
    latest = history.latest_of_each_cell()
    for other in later:
        if other.cell_id not in (None, run.cell_id) and other in latest and other.line in _stops(other):
            yield other.line


def _stops(run: Run) -> list[int]:
    return raises_at_top_level(run.source) if run.error == NotImplementedError.__name__ else []


def _between(saved: SavedNotebook, run: Run, check: str | None) -> tuple[str, ...]:
    """Les textes des cellules du fichier entre la définition et la vérification."""
    start, here = saved.position(run.cell_id), saved.position(check)
    return () if start is None else tuple(cell.source for cell in saved.cells[start + 1 : here])


def _stub_of(source: str, name: str) -> Iterator[int]:
    """La ligne d'une fonction de ce nom qui n'est pas écrite."""
    for node in parsed(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == name and _is_left_over(node.body[-1]):
            line = node.body[-1].lineno
            if only_a_stub(source, line):
                yield line


def _is_left_over(node: ast.stmt) -> bool:
    match node:
        case ast.Raise(exc=ast.Name(id="NotImplementedError") | ast.Call(func=ast.Name(id="NotImplementedError"))):
            return True
    return False
