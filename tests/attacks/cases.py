"""The attack cases as data, and the notebooks that they become."""

import copy
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import nbformat

from closed_doors.demo.class_file import read_class
from closed_doors.demo.make_submission import completed
from closed_doors.grading.clocks.deadlines import Deadlines
from closed_doors.grading.processes.supervisor import grade
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.verdict.verdict import Graded
from closed_doors.nbgrader.handed_out import handed_out
from closed_doors.notebook.plan import plan
from closed_doors.notebook.rebuild import rebuild

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = Path("masque_causal") / "masque_causal.ipynb"
DEADLINES = Deadlines(cell_s=5, submission_s=100)


@dataclass(frozen=True, slots=True)
class Case:
    """One attack.

    Attributes:
        threat: its number in closed-doors/docs/attacks.md.
        what: the attack in a few words.
        earns: automatic points that the same submission earns without it.
        solve: exercises that are solved honestly.
        e1, e2, e3: answers in place of the stubs.
        before, after1, end: own cells at the top, after the first answer, at the end.
        edit: Python statements that change the notebook `nb` itself.
    """

    threat: int
    what: str
    earns: float = 0.0
    solve: tuple[int, ...] = ()
    e1: str = ""
    e2: str = ""
    e3: str = ""
    before: str = ""
    after1: str = ""
    end: str = ""
    edit: str = ""
    shows: str = ""
    hides: str = ""


def _read() -> list[Case]:
    paths = sorted((Path(__file__).parent / "cases").glob("*.toml"))
    entries = [entry for path in paths for entry in tomllib.loads(path.read_text(encoding="utf-8"))["case"]]
    return [Case(**{**entry, "solve": tuple(entry.get("solve", ()))}) for entry in entries]


CASES = _read()


@cache
def notebook_of(folder: str) -> Any:
    """Return the course's notebook in source/ or release/; not to be changed."""
    return nbformat.read(ROOT / folder / NOTEBOOK, as_version=4)


@cache
def _solved() -> Any:
    demo = read_class(ROOT / "examples" / "masque_causal")
    return completed(demo, demo.students[0], notebook_of("release"))


def submission(case: Case) -> Any:
    """Return the notebook that the attacker hands in."""
    nb = copy.deepcopy(notebook_of("release"))
    places = {cell.id: number for number, cell in enumerate(nb.cells)}
    for number in (1, 2, 3):
        place = places[f"exercice-{number}-reponse"]
        if number in case.solve:
            nb.cells[place].source = _solved().cells[place].source
        if answer := (case.e1, case.e2, case.e3)[number - 1]:
            nb.cells[place].source = answer.strip()
    if case.end:
        nb.cells.append(nbformat.v4.new_code_cell(case.end.strip()))
    if case.after1:
        nb.cells.insert(places["exercice-1-reponse"] + 1, nbformat.v4.new_code_cell(case.after1.strip()))
    if case.before:
        nb.cells.insert(places["preparation"] + 1, nbformat.v4.new_code_cell(case.before.strip()))
    if case.edit:
        exec(case.edit, {"nb": nb})
    return nb


def graded(zygote: Zygote, case: Case) -> Graded:
    """Grade a case behind closed doors."""
    master = notebook_of("source")
    steps = plan(master, rebuild(master, submission(case)).notebook)
    return grade(zygote, steps, DEADLINES, files=handed_out(ROOT, "masque_causal"), solved=plan(master, master))
