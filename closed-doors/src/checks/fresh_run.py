"""Exécute un notebook enregistré dans ce Python neuf, et écrit ce que ses vérifications ont donné.

C'est le programme que lance check_notebook.
"""

import json
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from . import history as memory
from .cells import reason
from .report import CellReport
from .runner import CellRun, conductors
from .time_limits import TimeLimitExceeded, time_limit

CELL_S = 120
DEMONSTRATION = "demo"  # the tag of cells that grading leaves out
_HEADING = re.compile(r"^#+\s+(.*)$", re.MULTILINE)


def run_notebook(content: dict[str, Any]) -> Iterator[dict[str, Any]]:
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
        name = title or f"Cellule {count}"
        for report in reports:
            yield _said(name, report)
        if stopped:
            yield {"kind": "error", "title": f"{name}, cellule de code {count}", "reason": stopped}


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
        return f"elle n'a pas fini en {CELL_S} s"
    return f"ligne {failed[0].line}, {reason(failed[0].cell)}" if failed else ""


def _said(title: str, report: CellReport) -> dict[str, Any]:
    return {
        "kind": "report",
        "title": title,
        "passed": sum(criterion.passed for criterion in report.criteria),
        "count": len(report.criteria),
        "earned": report.earned,
        "points": report.points,
        "missed": [criterion.text for criterion in report.criteria if not criterion.passed],
    }


def main() -> None:
    """Exécute le notebook que nomme le premier argument ; écrit les résultats dans le fichier que nomme le second."""
    notebook = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    Path(sys.argv[2]).write_text(json.dumps(list(run_notebook(notebook))), encoding="utf-8")
