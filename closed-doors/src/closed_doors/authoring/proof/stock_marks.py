"""What a notebook's cells earn in an ordinary kernel, as nbgrader alone would grade them."""

import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from closed_doors.authoring.publish.plain_kernel import run_notebook
from closed_doors.notebook.cell import Role, cells_of
from closed_doors.notebook.json_files import JsonObject, Notebook, joined, serialise
from closed_doors.notebook.partial_credit import partial_credit

LONGEST_ERROR = 400
PYTHON = {"name": "python3", "display_name": "Python 3", "language": "python"}  # whatever the author's was called


@dataclass(frozen=True, slots=True)
class StockMark:
    """What one grading cell earned.

    Attributes:
        earned: points.
        error: what ended it, as Python ends a traceback with; empty where nothing did.
    """

    earned: float
    error: str = ""


def stock_marks(folder: Path, name: str, notebook: Notebook) -> dict[str, StockMark]:
    """Run a notebook in an ordinary kernel, and return what its grading cells earn, by grade_id.

    Args:
        folder: the assignment's folder in source/; the notebook runs in a copy of it.
        name: the notebook's.
        notebook: what is run.

    Raises:
        HostError: Jupyter itself failed.
    """
    with tempfile.TemporaryDirectory(prefix="stock-") as scratch:
        work = Path(scratch) / folder.name
        shutil.copytree(folder, work, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
        path = work / f"{name}.ipynb"
        path.write_bytes(serialise(type(notebook)({**notebook, "metadata": {"kernelspec": PYTHON}})))
        executed = run_notebook(path, Path(sys.executable), Path(scratch))
    found = {}
    for cell, data in zip(cells_of(notebook), executed["cells"], strict=True):
        if cell.is_code and cell.role is Role.GRADING:
            found[cell.grade_id] = _mark(data.get("outputs", ()), cell.points)
    return found


def _mark(outputs: Sequence[JsonObject], points: float) -> StockMark:
    """Return what nbgrader's own rule gives: nothing after an error, else the number shown, else everything."""
    for output in outputs:
        if output["output_type"] == "error":
            return StockMark(0.0, f"{output['ename']}: {output['evalue']}"[:LONGEST_ERROR])
        if output["output_type"] == "stream" and output["name"] == "stderr":
            return StockMark(0.0, f"it wrote on stderr: {joined(output['text']).strip()}"[:LONGEST_ERROR])
        if output["output_type"] == "execute_result":
            return StockMark(partial_credit(joined(output["data"].get("text/plain", "")), points))
    return StockMark(points)
