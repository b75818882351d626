"""Small notebooks to grade: an answer cell, a grading cell, and whatever stands around them."""

from dataclasses import dataclass, field
from typing import Any

import nbformat

from closed_doors.core.assignment_files import NO_FILES, AssignmentFiles
from closed_doors.grading.clocks.deadlines import Deadlines
from closed_doors.grading.processes.supervisor import grade
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.verdict.verdict import CellVerdict, Graded
from closed_doors.notebook.plan import plan
from closed_doors.notebook.rebuild import rebuild

SETUP = "import numpy as np\nimport torch\nfrom checks import run_tests, weight"


@dataclass
class Small:
    """A master notebook that is built cell by cell, and a submission of it."""

    master: Any = field(default_factory=nbformat.v4.new_notebook)
    submitted: Any = field(default_factory=nbformat.v4.new_notebook)

    def lesson(self, source: str, tags: tuple[str, ...] = ()) -> "Small":
        return self._both(source, source, {"locked": True, "solution": False, "grade": False}, tags)

    def answer(self, source: str, solution: str = "") -> "Small":
        return self._both(solution or source, source, {"locked": False, "solution": True, "grade": False})

    def grading(self, source: str, points: float = 2) -> "Small":
        marks = {"locked": True, "solution": False, "grade": True, "points": points}
        return self._both(source, "", marks)

    def own(self, source: str) -> "Small":
        self.submitted.cells.append(nbformat.v4.new_code_cell(source))
        return self

    def _both(self, theirs: str, ours: str, marks: dict[str, Any], tags: tuple[str, ...] = ()) -> "Small":
        grade_id = f"cell{len(self.master.cells)}"
        metadata = {"nbgrader": {"grade_id": grade_id, **marks}, "tags": list(tags)}
        self.master.cells.append(nbformat.v4.new_code_cell(theirs, metadata=metadata))
        self.submitted.cells.append(nbformat.v4.new_code_cell(ours, metadata=metadata))
        return self

    def grade(
        self,
        zygote: Zygote,
        cell_s: float = 10,
        submission_s: float = 60,
        diagnosis: bytes = b"",
        prove: bool = False,
        files: AssignmentFiles = NO_FILES,
    ) -> Graded:
        """Grade the submission; with `prove`, the solution shows first what it changes in the tests' arguments."""
        rebuilt = rebuild(self.master, self.submitted).notebook
        steps = plan(self.master, rebuilt)
        solved = plan(self.master, self.master) if prove else ()
        return grade(zygote, steps, Deadlines(cell_s, submission_s), files=files, diagnosis=diagnosis, solved=solved)


def graded(zygote: Zygote, answer: str, tests: str, points: float = 2, prove: bool = False) -> CellVerdict:
    """Grade one answer, the master's own, with one grading cell."""
    small = Small().lesson(SETUP).answer(answer).grading(f"{tests}\nrun_tests(points={points})", points)
    result = small.grade(zygote, prove=prove)
    assert result.complete
    (verdict,) = result.verdicts.values()
    return verdict


def graded_bare(zygote: Zygote, answer: str, solution: str, tests: str, lesson: str = "") -> CellVerdict:
    """Grade one answer, with a cell of bare asserts that is worth two points, by a master that solves it so."""
    small = Small()
    if lesson:
        small.lesson(lesson)
    result = small.answer(answer, solution).grading(tests, 2).grade(zygote, prove=True)
    assert result.complete
    (verdict,) = result.verdicts.values()
    return verdict
