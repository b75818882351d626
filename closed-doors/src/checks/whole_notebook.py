"""Vérifie le notebook entier, tel qu'il est enregistré, comme le fera la correction : à neuf, de haut en bas."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from . import fresh_run
from .cells import NBSP, RESTART
from .fresh_run import CellResult
from .history import History, history, typed_by_a_person
from .notebook_file import SavedNotebook, path_of_this, read
from .render import encodable
from .runner import conductors
from .values_as_text import number

INSIDE = "CHECKS_WHOLE_NOTEBOOK"  # set where the notebook is already being run by check_notebook
LONGEST_S = 600
PROGRAM = f"from {fresh_run.__name__} import main; main()"
CALL = "check_notebook("


def check_notebook(path: str | os.PathLike[str] | None = None) -> None:
    """Vérifie le notebook entier comme le fera la correction, et dit ce qu'il faut encore regarder.

    Un Python neuf exécute le notebook enregistré, de la première à la dernière cellule. Ce qui n'est plus que dans la
    mémoire de votre noyau n'y est donc pas : une fonction effacée, une cellule exécutée dans un autre ordre.
    Enregistrez d'abord (Ctrl + S).

    Args:
        path: le fichier du notebook ; par défaut, celui où se trouve la cellule.
    """
    if conductors or os.environ.get(INSIDE):
        return
    _say("\n".join(_lines(None if path is None else Path(path))))


def _lines(path: Path | None) -> list[str]:
    path = path or _this_notebook()
    saved = None if path is None else read(path)
    if saved is None:
        return [
            "Le fichier de ce notebook n'a pas été trouvé. Pour vérifier le notebook entier, passez par le menu Noyau, "
            f"{RESTART}, puis relisez chaque vérification."
        ]
    if _is_behind(saved, history):
        return [
            "Le notebook n'est pas enregistré tel que vous l'avez exécuté. Enregistrez-le (Ctrl + S), puis exécutez de "
            "nouveau cette cellule."
        ]
    found = _run(saved.path)
    if found is None:
        return [
            f"Le notebook n'a pas pu être exécuté jusqu'au bout en {LONGEST_S // 60} minutes{NBSP}: une cellule ne "
            "finit-elle jamais, ou arrête-t-elle le programme ?"
        ]
    return _written(found)


def _this_notebook() -> Path | None:
    """Le fichier que dit l'interface, ou le seul du dossier qui appelle check_notebook, si une personne regarde."""
    if not typed_by_a_person():
        return None
    if (told := path_of_this()) is not None:
        return told
    notebooks = [(path, read(path)) for path in sorted(Path.cwd().glob("*.ipynb"))]
    calling = [path for path, saved in notebooks if saved and any(CALL in cell.source for cell in saved.cells)]
    return calling[0] if len(calling) == 1 else None


def _is_behind(saved: SavedNotebook, past: History) -> bool:
    """Vrai si une cellule a été exécutée avec un autre texte que celui du fichier."""
    texts = {cell.id: cell.source.strip() for cell in saved.cells}
    return any(
        run.cell_id is not None and run.cell_id in texts and texts[run.cell_id] != run.written.strip()
        for run in past.latest_of_each_cell()
    )


def _run(path: Path) -> list[CellResult] | None:
    """Exécute le notebook dans un Python neuf ; None s'il n'en vient pas à bout."""
    folders = [str(Path(__file__).parent.parent), *(folder for folder in sys.path if folder)]
    environment = {**os.environ, INSIDE: "1", "MPLBACKEND": "agg", "PYTHONPATH": os.pathsep.join(folders)}
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder, "results.json")
        command = [sys.executable, "-c", PROGRAM, str(path.resolve()), str(results)]
        try:
            subprocess.run(  # noqa: S603  (le même Python, et le notebook de celui qui appelle)
                command,
                cwd=path.resolve().parent,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=LONGEST_S,
                check=False,
            )
            found = [CellResult(**result) for result in json.loads(results.read_text(encoding="utf-8"))]
        except (OSError, ValueError, TypeError, subprocess.SubprocessError):
            return None
    return found


def _written(found: list[CellResult]) -> list[str]:
    lines = [f"Notebook exécuté à neuf, de la première à la dernière cellule{NBSP}:"]
    passed = total = 0
    for cell in found:
        if cell.stopped:
            lines.append(f"! {cell.title}{NBSP}: la cellule s'arrête, {cell.stopped}.")
            continue
        passed, total = passed + cell.passed, total + cell.count
        sign = "✓" if cell.passed == cell.count else "✗"
        points = f", {number(cell.earned)} sur {number(cell.points)}" if cell.points else ""
        lines.append(f"{sign} {cell.title}{NBSP}: {_criteria(cell.passed, cell.count)}{points}")
        lines += [f"    ✗ {missed}" for missed in cell.missed]
    if not total:
        return [*lines, "Aucune vérification n'a été exécutée."]
    return [*lines, f"En tout{NBSP}: {_criteria(passed, total)}. D'autres vérifications seront faites à la correction."]


def _criteria(passed: int, count: int) -> str:
    plural = "s" if passed >= 2 else ""
    return f"{passed} critère{plural} réussi{plural} sur {count}"


def _say(text: str) -> None:
    print(encodable(text, getattr(sys.stdout, "encoding", None)))  # noqa: T201
