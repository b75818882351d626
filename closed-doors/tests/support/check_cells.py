"""Runs code as notebook cells without a kernel: one namespace, a file name a cell, sources in linecache."""

import contextlib
import io
import itertools
import linecache
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from checks import runner
from checks.report import CellReport
from checks.report_as_text import render

_numbers = itertools.count()
SETUP = "import numpy as np, pytest, torch\nfrom checks import run_tests, weight"


@dataclass
class Notebook:
    """A namespace that cells are run in."""

    namespace: dict[str, Any] = field(default_factory=lambda: {"__name__": "__main__"})

    def __post_init__(self) -> None:
        self.run(SETUP)

    def run(self, source: str) -> str:
        """Run a cell and return what it printed."""
        name = f"<cell {next(_numbers)}>"
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        with contextlib.redirect_stdout(io.StringIO()) as output:
            exec(compile(source, name, "exec"), self.namespace)
        return output.getvalue()


@dataclass
class Result:
    """What a grading cell gave."""

    report: CellReport
    text: str
    points: float


def graded(answer: str, tests: str, points: float = 2, timeout_s: float = 60) -> Result:
    """Run an answer cell, then a grading cell made of `tests` and a call of run_tests."""
    notebook = Notebook()
    notebook.run(answer)
    reports: list[CellReport] = []

    def record(report: CellReport) -> str:
        reports.append(report)
        return render(report)

    with patch.object(runner, "render", record):
        text = notebook.run(f"{tests}\nresult = run_tests(points={points}, timeout_s={timeout_s})")
    return Result(reports[0], text.replace("\u00a0", " "), notebook.namespace["result"])
