"""What an author got wrong in a master, found by running it from top to bottom in an ordinary kernel."""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from closed_doors.authoring.doctor.master_rules import SHORTEST_TEXT, Cell
from closed_doors.authoring.leak_scan.finding import Finding
from closed_doors.authoring.publish.plain_kernel import run_notebook
from closed_doors.notebook.json_files import JsonObject, joined

PICTURES = ("image/png", "image/jpeg", "image/svg+xml")


def examine_run(path: Path, cells: Sequence[Cell]) -> Iterator[Finding]:
    """Yield the cells of a solved notebook that fail, print to stderr, or show a figure without saying what it shows.

    Args:
        path: the master notebook; it runs in a copy of its folder.
        cells: its cells.
    """
    with tempfile.TemporaryDirectory(prefix="doctor-") as folder:
        work = Path(folder) / path.parent.name
        shutil.copytree(path.parent, work, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
        notebook = run_notebook(work / path.name, Path(sys.executable), Path(folder))
    for cell, executed in zip(cells, notebook["cells"], strict=True):
        for output in executed.get("outputs", ()):
            yield from _judged(cell, output)


def _judged(cell: Cell, output: JsonObject) -> Iterator[Finding]:
    if output["output_type"] == "error":
        yield cell.finding(f"the cell fails in the solved notebook: {output['ename']}: {output['evalue']}", "mend it")
    elif output["output_type"] == "stream" and output["name"] == "stderr":
        said = " ".join(joined(output["text"]).split())[:150]
        yield cell.finding(f"the cell prints to stderr: {said!r}", "mend what it warns of; students would worry")
    elif any(kind in output.get("data", {}) for kind in PICTURES):
        texts = [about.get("alt", "") for about in output["metadata"].values() if isinstance(about, dict)]
        if not any(len(text) >= SHORTEST_TEXT for text in texts):
            yield cell.finding("the figure has no alternative text", 'show it with show(figure, alt="what it shows")')
