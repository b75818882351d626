"""Checks the whole notebook, as it is saved, as grading will: anew, from top to bottom."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from . import fresh_run
from .catalogues import say
from .fresh_run import CellResult
from .history import History, history, typed_by_a_person
from .notebook_file import SavedNotebook, path_of_this, read
from .report_as_text import encodable
from .runner import conductors

INSIDE = "CHECKS_WHOLE_NOTEBOOK"  # set where the notebook is already being run by check_notebook
LONGEST_S = 600
PROGRAM = f"from {fresh_run.__name__} import main; main()"
CALL = "check_notebook("


def check_notebook(path: str | os.PathLike[str] | None = None) -> None:
    """Check the whole notebook as grading will, and say what is still to be looked at.

    A new Python runs the notebook as it is saved, from the first cell to the last. What is left in the kernel's memory
    only is not there: a function that was deleted, a cell that was run in another order.

    Args:
        path: the notebook's file; by default, the one that the calling cell is in.
    """
    if conductors or os.environ.get(INSIDE):
        return
    _show("\n".join(_lines(None if path is None else Path(path))))


def _lines(path: Path | None) -> list[str]:
    path = path or _this_notebook()
    saved = None if path is None else read(path)
    if saved is None:
        return [say("whole.not_found")]
    if _is_behind(saved, history):
        return [say("whole.not_saved")]
    found = _run(saved.path)
    if found is None:
        return [say("whole.did_not_end", minutes=LONGEST_S // 60)]
    return _written(found)


def _this_notebook() -> Path | None:
    """Return the file that the interface tells, or the only one that calls check_notebook, if a person looks."""
    if not typed_by_a_person():
        return None
    if (told := path_of_this()) is not None:
        return told
    notebooks = [(path, read(path)) for path in sorted(Path.cwd().glob("*.ipynb"))]
    calling = [path for path, saved in notebooks if saved and any(CALL in cell.source for cell in saved.cells)]
    return calling[0] if len(calling) == 1 else None


def _is_behind(saved: SavedNotebook, past: History) -> bool:
    """Whether a cell was run with another text than the file's."""
    texts = {cell.id: cell.source.strip() for cell in saved.cells}
    return any(
        run.cell_id is not None and run.cell_id in texts and texts[run.cell_id] != run.written.strip()
        for run in past.latest_of_each_cell()
    )


def _run(path: Path) -> list[CellResult] | None:
    """Run the notebook in a new Python; None where it does not come to an end."""
    folders = [str(Path(__file__).parent.parent), *(folder for folder in sys.path if folder)]
    environment = {**os.environ, INSIDE: "1", "MPLBACKEND": "agg", "PYTHONPATH": os.pathsep.join(folders)}
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder, "results.json")
        command = [sys.executable, "-c", PROGRAM, str(path.resolve()), str(results)]
        try:
            subprocess.run(  # noqa: S603  (the same Python, and the caller's own notebook)
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
    lines = [say("whole.ran")]
    passed = total = 0
    for cell in found:
        if cell.stopped:
            lines.append(say("whole.cell_stops", cell=cell.title, why=cell.stopped))
            continue
        passed, total = passed + cell.passed, total + cell.count
        sign = "✓" if cell.passed == cell.count else "✗"
        said = {"sign": sign, "cell": cell.title, "met": _criteria(cell.passed, cell.count)}
        if cell.points:
            lines.append(say("whole.cell_met_points", **said, earned=cell.earned, points=cell.points))
        else:
            lines.append(say("whole.cell_met", **said))
        lines += [f"    ✗ {missed}" for missed in cell.missed]
    if not total:
        return [*lines, say("whole.nothing_checked")]
    return [*lines, say("whole.all", met=_criteria(passed, total))]


def _criteria(passed: int, count: int) -> str:
    return say("report.met", count=passed, total=count)


def _show(text: str) -> None:
    print(encodable(text, getattr(sys.stdout, "encoding", None)))  # noqa: T201
