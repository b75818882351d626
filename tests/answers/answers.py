"""Right and wrong answers as files: tests/answers/<assignment>/<exercise>/{right,wrong}/<name>.py.

A file is what a student writes in the cell <exercise>-reponse. Comments at its top say what it stands for:

    # style: loops                                    of a right answer: how it is written
    # misconception: the mask is transposed           of a wrong one: what its author believes
    # fails: test_example, test_any_length            of a wrong one: criteria that it must miss
"""

import copy
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import nbformat

from checks.report import CellReport
from grading.execution.supervisor import Deadlines, Zygote, grade
from grading.notebook.plan import plan
from grading.notebook.rebuild import rebuild
from tests.conftest import ROOT

FOLDER = Path(__file__).parent
DEADLINES = Deadlines(cell_s=10, submission_s=60)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to one exercise.

    Attributes:
        label: the style of a right answer, the misconception of a wrong one.
        fails: names of the criteria that a wrong one must miss.
    """

    assignment: str
    exercise: str
    right: bool
    name: str
    label: str
    fails: tuple[str, ...]
    source: str

    def __str__(self) -> str:
        return f"{self.assignment}-{self.exercise}-{'right' if self.right else 'wrong'}-{self.name}"


def read_answers() -> list[Answer]:
    """Return every answer of the folder."""
    return [_read(path) for path in sorted(FOLDER.glob("*/*/*/*.py"))]


def _read(path: Path) -> Answer:
    source = path.read_text(encoding="utf-8")
    says = dict(re.findall(r"^# (style|misconception|fails): (.+)$", source, re.MULTILINE))
    right = path.parent.name == "right"
    return Answer(
        assignment=path.parts[-4],
        exercise=path.parts[-3],
        right=right,
        name=path.stem,
        label=says["style" if right else "misconception"],
        fails=() if right else tuple(name.strip() for name in says["fails"].split(",")),
        source=re.sub(r"\A(# \w+: .+\n)+", "", source).strip(),
    )


@cache
def _master(assignment: str) -> Any:
    return nbformat.read(ROOT / "source" / assignment / f"{assignment}.ipynb", as_version=4)


def graded(zygote: Zygote, answer: Answer) -> CellReport:
    """Return what the checks of the exercise say of the answer, the other exercises being solved."""
    master = _master(answer.assignment)
    submitted = copy.deepcopy(master)
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in master.cells]
    submitted.cells[ids.index(f"{answer.exercise}-reponse")].source = answer.source
    steps = plan(master, rebuild(master, submitted).notebook)
    wanted = ids.index(f"{answer.exercise}-verification")
    return grade(zygote, steps, DEADLINES).verdicts[wanted].report
