"""Marks of other people's masters, cell by cell: an ordinary kernel against closed doors.

    python closed-doors/benchmarks/foreign_courses.py FOLDER [--kept FILE] [--json FILE] [--only PART]

FOLDER is any folder of masters: every notebook below it that has autograded cells is graded solved and as it would be
handed out, both ways, with the files beside it. Nothing of it is copied into this repository. The masters run with your
rights: look at them first. What an ordinary kernel gave is kept in FILE, so that a second run takes seconds a master.
"""

import argparse
import contextlib
import hashlib
import json
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path

from closed_doors.authoring.proof.mark_pairs import MarkPair, Relation, mark_pairs
from closed_doors.authoring.proof.stock_marks import StockMark, stock_marks
from closed_doors.classroom.grade_submission import grader_of
from closed_doors.classroom.read_submissions import read_assignment
from closed_doors.core.errors import CourseError
from closed_doors.nbgrader.api import NbgraderCourse
from closed_doors.nbgrader.settings import read_settings
from closed_doors.notebook.cell import Role, cells_of
from closed_doors.notebook.json_files import Notebook, parse, serialise

CONFIG = "c = get_config()\nfrom closed_doors.nbgrader.configuration import close_doors\n\nclose_doors(c)\n"


def main() -> None:
    """Compare, print a line for each cell that differs, and the shares at the end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kept", type=Path, help="where an ordinary kernel's marks are kept")
    parser.add_argument("--json", type=Path, dest="report", help="where to write every cell")
    parser.add_argument("--only", default="", help="masters whose path holds this text")
    options = parser.parse_args()
    kept = json.loads(options.kept.read_text(encoding="utf-8")) if options.kept and options.kept.is_file() else {}
    pairs: list[MarkPair] = []
    for path in masters(options.folder):
        if options.only in str(path):
            found = list(compared(path, kept))
            say(path.relative_to(options.folder), found)
            pairs += found
            if options.kept:
                options.kept.write_text(json.dumps(kept), encoding="utf-8")
    if options.report:
        rows = [{**asdict(pair), "relation": pair.relation.value} for pair in pairs]
        options.report.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    for work in ("solved", "untouched"):
        print(shares([pair for pair in pairs if pair.work == work], work))


def say(path: Path, pairs: list[MarkPair]) -> None:
    """Print the cells that differ."""
    for pair in pairs:
        if pair.relation is not Relation.EQUAL:
            print(f"{pair.relation.value:8} {path} {pair.cell} ({pair.work}) ", end="")
            print(f"{pair.stock:g} / {pair.closed} | {pair.stock_error} | {pair.reason}", flush=True)


def shares(pairs: list[MarkPair], work: str) -> str:
    """Return how many cells are the same, of all and of those that an ordinary kernel gives full marks."""
    counted = Counter(pair.relation.value for pair in pairs)
    full = [pair for pair in pairs if pair.points and pair.stock >= pair.points]
    same = sum(pair.relation is Relation.EQUAL for pair in full)
    return f"{work}: {dict(counted)}; of {len(full)} cells with full marks in an ordinary kernel, {same} the same"


def masters(folder: Path) -> Iterator[Path]:
    """Yield the notebooks below a folder that have autograded cells."""
    for path in sorted(folder.rglob("*.ipynb")):
        if any(part.startswith(".") for part in path.parts):
            continue
        try:
            cells = cells_of(parse(path.read_bytes()))
        except Exception as error:
            print(f"unreadable {path}: {type(error).__name__}", flush=True)
            continue
        if any(cell.is_code and cell.role is Role.GRADING for cell in cells):
            yield path


def compared(path: Path, kept: dict[str, dict[str, list[object]]]) -> Iterator[MarkPair]:
    """Yield a master's cells, graded in a course that holds nothing but its folder."""
    with tempfile.TemporaryDirectory(prefix="foreign-") as scratch:
        root = Path(scratch)
        (root / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
        (root / "source").mkdir()
        (root / "source" / "assignment").symlink_to(path.parent.resolve())
        try:
            if "AUTOTEST" in path.read_text(encoding="utf-8", errors="replace"):
                generate(root, path)
            read = read_assignment(read_settings(root), "assignment")
            yield from mark_pairs(path.parent, path.stem, grader_of(read, path.stem), partial(_stock, kept))
        except CourseError as error:
            print(f"refused  {path}: {str(error).splitlines()[-1]}", flush=True)
        except Exception:
            print(f"failed   {path}:\n{traceback.format_exc()}", file=sys.stderr, flush=True)


def generate(root: Path, path: Path) -> None:
    """Enter the assignment into the gradebook, with the tests that nbgrader generates by a file above the master.

    Where nbgrader can't generate it, the cells with such tests are refused by name.
    """
    for folder in path.parents:
        if (folder / "autotests.yml").is_file():
            (root / "autotests.yml").symlink_to((folder / "autotests.yml").resolve())
            break
    with contextlib.suppress(CourseError), contextlib.chdir(root):  # where nbgrader looks for that file
        NbgraderCourse(root).register("assignment")


def _stock(
    kept: dict[str, dict[str, list[object]]], folder: Path, name: str, notebook: Notebook
) -> dict[str, StockMark]:
    key = hashlib.sha256(serialise(notebook)).hexdigest()
    if key not in kept:
        kept[key] = {cell: [mark.earned, mark.error] for cell, mark in stock_marks(folder, name, notebook).items()}
    return {cell: StockMark(float(str(earned)), str(error)) for cell, (earned, error) in kept[key].items()}


if __name__ == "__main__":
    main()
