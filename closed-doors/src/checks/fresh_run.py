"""Runs a saved notebook in this new Python, and writes what its checks gave.

It is the program that check_notebook starts.
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
    """What there is to say of a cell.

    Attributes:
        title: what it is called by.
        stopped: what stopped it; empty for a grading cell.
        passed, count: its criteria that are met, and all.
        earned, points: the points earned, and all.
        missed: its criteria that are missed.
    """

    title: str
    stopped: str = ""
    passed: int = 0
    count: int = 0
    earned: float = 0.0
    points: float = 0.0
    missed: tuple[str, ...] = ()


def run_notebook(content: dict[str, Any]) -> Iterator[CellResult]:
    """Run the cells in order, and yield what there is to say of each.

    Args:
        content: the notebook.
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
    """Run a cell; return what stopped it, empty where it comes to its end."""
    before = len(memory.history.runs)
    try:
        with time_limit(CELL_S):
            shell.run_cell(source, store_history=True)
    except BaseException as error:  # SystemExit too: the next cell runs
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
    """Run the notebook that the first argument names; write the results into the file that the second one names."""
    notebook = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    Path(sys.argv[2]).write_text(json.dumps([asdict(result) for result in run_notebook(notebook)]), encoding="utf-8")
