"""Runs every attack of tests/attacks/cases in an ordinary kernel and behind closed doors, for the table of them.

    python -m tests.attacks.write_table

Run it on a machine that you can throw away: the ordinary kernel does what the attacks ask.
"""

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from nbgrader.utils import determine_grade, is_grade, is_solution
from tests.attacks.cases import CASES, ROOT, Case, graded, notebook_of, submission

from closed_doors.grading.processes.zygote_handle import Zygote

MARK = b"MARK:"  # after whatever the attack has written to its parent's output
PAGE = ROOT / "closed-doors" / "docs" / "attacks.md"
HEAD = """# The attacks, one by one

Automatic points out of 17, written by `python -m tests.attacks.write_table`. "Plain" is what the same submission earns
without the attack; "stock" what nbgrader {nbgrader} gives when it runs it in an ordinary kernel; "here" what closed
doors give. A dash means that the run died or never ended, so that nbgrader gives no mark at all.

The cases stand in `tests/attacks/cases`, and `make test` runs them. Threats 1 to 13 are undeserved marks, 14 to 17
leaks, 18 to 22 harm; 27 and 28 are honest work that looks unusual.

| threat | attack | plain | stock | here |
|---|---|---|---|---|
"""


def stock(number: int) -> float | None:
    """Return the mark that an ordinary kernel gives to a case; None where there is none.

    The kernel's parent is a process of its own, in a home of its own: attacks kill the one and write into the other.
    """
    with tempfile.TemporaryDirectory() as home:
        (folder := Path(home, "work")).mkdir()
        try:
            done = subprocess.run(
                [sys.executable, __file__, str(number)],
                cwd=folder,
                env={**os.environ, "HOME": home, "PYTHONPATH": str(ROOT)},
                capture_output=True,
                timeout=120,
                check=True,
            )
        except subprocess.SubprocessError:
            return None
    return float(done.stdout.rsplit(MARK, 1)[-1])


def run_in_kernel(case: Case) -> float:
    """Run a case in this process's own kernel and return its mark as nbgrader reads it.

    As nbgrader does, the sources of grading cells are put back first, and their tags are left as they came.
    """
    notebook = submission(case)
    sources = {cell.metadata.nbgrader.grade_id: cell.source for cell in notebook_of("source").cells}
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("grade") and cell.cell_type == "code" and not marks.get("solution"):
            cell.source = sources.get(marks.get("grade_id"), cell.source)
    NotebookClient(notebook, timeout=20, allow_errors=True).execute()
    return sum(points(cell) for cell in notebook.cells if _is_graded(cell))


def points(cell: Any) -> float:
    """Return a cell's points; a result that nbgrader can't read earns what nbgrader then gives."""
    try:
        return float(determine_grade(cell)[0] or 0)
    except Exception:
        return 0.0


def _is_graded(cell: Any) -> bool:
    return bool(is_grade(cell)) and not is_solution(cell)


def main() -> None:
    """Run all and write the page."""
    import nbgrader

    rows = []
    with Zygote() as zygote, ThreadPoolExecutor(os.cpu_count()) as pool:
        ordinary = pool.map(stock, range(len(CASES)))
        for number, (case, mark) in enumerate(zip(CASES, ordinary, strict=True), start=1):
            here = sum(verdict.earned for verdict in graded(zygote, case).verdicts.values())
            found = "—" if mark is None else f"{mark:g}"
            rows.append(f"| {case.threat} | {case.what} | {case.earns:g} | {found} | {here:g} |")
            print(f"{number}/{len(CASES)} {rows[-1]}", flush=True)
    PAGE.write_text(HEAD.format(nbgrader=nbgrader.__version__) + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(MARK.decode(), run_in_kernel(CASES[int(sys.argv[1])]))
    else:
        main()
