"""Exécute un notebook enregistré dans ce Python neuf, et écrit ce que ses vérifications ont donné.

C'est le programme que lance check_notebook.
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from . import history as memory
from .catalogues import say
from .cells import reason
from .report import CellReport
from .runner import CellRun, conductors
from .time_limits import TimeLimitExceeded, time_limit

CELL_S = 120
DEMONSTRATION = "demo"  # the tag of cells that grading leaves out
_HEADING = re.compile(r"^#+\s+(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class CellResult:
    """Ce qu'il y a à dire d'une cellule.

    Attributes:
        title: ce par quoi on la désigne.
        stopped: ce qui l'a arrêtée ; vide pour une cellule de test.
        passed, count: ses critères réussis, et tous.
        earned, points: les points obtenus, et tous.
        missed: ses critères manqués.
    """

    title: str
    stopped: str = ""
    passed: int = 0
    count: int = 0
    earned: float = 0.0
    points: float = 0.0
    missed: tuple[str, ...] = ()


def run_notebook(content: dict[str, Any]) -> Iterator[CellResult]:
    """Exécute les cellules dans l'ordre, et donne ce qu'il y a à dire de chacune.

    Args:
        content: le notebook.
    """
    shell = import_module("IPython.core.interactiveshell").InteractiveShell.instance()
    memory.remember_cells()
    reports: list[CellReport] = []

    def judge(run: CellRun) -> None:
        run.cells = memory.history.cells()
        run.judge(run.tests)
        reports.append(run.report())

    conductors.append(judge)
    title, count = "", 0
    for cell in content["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and (headings := _HEADING.findall(source)):
            title = headings[-1].strip()
        if cell["cell_type"] != "code":
            continue
        count += 1
        if DEMONSTRATION in cell["metadata"].get("tags", ()):
            continue
        reports.clear()
        stopped = _run_cell(shell, source)
        name = title or say("whole.cell", number=count)
        for report in reports:
            yield _said(name, report)
        if stopped:
            yield CellResult(say("whole.code_cell", cell=name, number=count), stopped)


def _run_cell(shell: Any, source: str) -> str:
    """Exécute une cellule ; renvoie ce qui l'a arrêtée, vide si elle finit."""
    before = len(memory.history.runs)
    try:
        with time_limit(CELL_S):
            shell.run_cell(source, store_history=True)
    except BaseException as error:  # SystemExit compris : la cellule suivante s'exécute
        return type(error).__name__
    failed = [run for run in memory.history.runs[before:] if run.error]
    if failed and failed[0].error == TimeLimitExceeded.__name__:
        return say("cell.out_of_time", seconds=CELL_S)
    return say("whole.stopped_at", line=failed[0].line, why=reason(failed[0].cell)) if failed else ""


def _said(title: str, report: CellReport) -> CellResult:
    return CellResult(
        title=title,
        passed=sum(criterion.passed for criterion in report.criteria),
        count=len(report.criteria),
        earned=report.earned,
        points=report.points,
        missed=tuple(criterion.text for criterion in report.criteria if not criterion.passed),
    )


def main() -> None:
    """Exécute le notebook que nomme le premier argument ; écrit les résultats dans le fichier que nomme le second."""
    notebook = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    Path(sys.argv[2]).write_text(json.dumps([asdict(result) for result in run_notebook(notebook)]), encoding="utf-8")
