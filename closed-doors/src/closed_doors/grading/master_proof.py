"""A master proves itself before a class is graded on it: its own solution has to earn every point behind closed doors.

What it does not earn, no student could: the fault is the test's, the solution's, or a limit of this grader. Such a cell
is refused by name, with the line, the real error, and what to write instead, before anybody's work is judged by it.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from closed_doors.core.errors import ExecutionError
from closed_doors.grading.idioms_to_write import GENERAL, UNDEFINED, idiom
from closed_doors.grading.verdict.verdict import Graded
from closed_doors.notebook.global_names import bound_names
from closed_doors.notebook.hidden_regions import line_to_generate
from closed_doors.notebook.plan import Role, Step
from closed_doors.notebook.syntax_trees import tree_of

SAME = 1e-6
LONGEST_CAUSE = 300
_SEEMS_BOUND = re.compile(r"^[ \t]*(?:def|class)[ \t]+(\w+)|^(\w+)[ \t]*=", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A grading cell that no student can be graded on.

    Attributes:
        cell: its grade_id; empty for the whole notebook.
        number: its place in the notebook, from 1; 0 where the whole notebook is refused.
        line: the line of it that failed; 0 where none is known.
        source: that line.
        error: what happened, as it was.
        remedy: what to write instead.
    """

    cell: str
    number: int
    line: int
    source: str
    error: str
    remedy: str

    @property
    def found(self) -> str:
        """Which line it is, and what happened there."""
        place = f", line {self.line} ({self.source})" if self.line else ""
        what = f"cell {self.number}, {self.cell}" if self.cell else "the notebook"
        return f"{what}{place}: {self.error.rstrip('.')}."

    def said(self) -> str:
        """Return the refusal as the author reads it."""
        return f"{self.found} {self.remedy}"


def refusals(steps: Sequence[Step], proof: Graded) -> Iterator[Refusal]:
    """Yield the cells whose points the master's own solution does not earn.

    Args:
        steps: of the master, solved.
        proof: what its solution earned.
    """
    ended = _ended(steps, proof)
    for step in steps:
        if step.role is not Role.GRADING:
            continue
        verdict = proof.verdicts.get(step.index)
        if (line := _generated(step)) is not None:
            yield line
        elif verdict is None:
            yield _refusal(step, 0, "", "there is no verdict: the solution did not get there in its time")
        elif verdict.refused:
            yield _refusal(step, 0, "", verdict.refused)
        elif verdict.earned < step.points - SAME or not all(c.passed for c in verdict.criteria):
            for trace in verdict.traces[:1]:
                yield _refusal(step, trace.line, trace.source, trace.error, _cause(trace.error, ended))
            if not verdict.traces:
                said = f"the solution earns {verdict.earned:g} of {step.points:g} points"
                yield _refusal(step, 0, "", said)


def refused_whole(error: ExecutionError) -> Refusal:
    """Return the refusal of a notebook that can't be graded at all."""
    return Refusal("", 0, 0, "", str(error), "Mend the master.")


def _generated(step: Step) -> Refusal | None:
    """Return the refusal of a cell whose tests are not in the master: without them, everybody would earn its points."""
    found = line_to_generate(step.source)
    if found is None:
        return None
    error = "nbgrader writes this test when it generates the assignment, and the gradebook does not have it yet"
    remedy = "Run `nbgrader generate_assignment`, which enters it there, or write the assert that it stands for."
    return Refusal(step.grade_id, step.index + 1, found[0], found[1].strip(), error, remedy)


def _refusal(step: Step, line: int, source: str, error: str, cause: str = "") -> Refusal:
    remedy = idiom("" if cause else source, cause or error)
    if cause and remedy == GENERAL:
        remedy = "Mend that cell first."
    return Refusal(step.grade_id, step.index + 1, line, source, f"{error}{cause}", remedy)


@dataclass(frozen=True, slots=True)
class _Ended:
    """A cell that an error ended, so that what it should have defined is missing."""

    place: str
    error: str


def _ended(steps: Sequence[Step], proof: Graded) -> dict[str, _Ended]:
    """Return the cells of the lesson and of solutions that failed, by the names that they bind."""
    found: dict[str, _Ended] = {}
    for step in steps:
        errors = [one for one in proof.outputs.get(step.index, ()) if one.get("output_type") == "error"]
        if step.role is not Role.GRADING and errors:
            error = f"{errors[0].get('ename')}: {errors[0].get('evalue')}"[:LONGEST_CAUSE].strip(": ")
            name = f", {step.grade_id}" if step.grade_id else ""
            ended = _Ended(f"cell {step.index + 1}{name}", error)
            found |= dict.fromkeys(_names(step.source), ended)
    return found


def _names(source: str) -> frozenset[str]:
    """Return the names that a cell binds; of one that is no Python, those that it seems to."""
    tree = tree_of(source)
    return bound_names(ast.unparse(tree)) if tree else frozenset(map("".join, _SEEMS_BOUND.findall(source)))


def _cause(error: str, ended: Mapping[str, _Ended]) -> str:
    """Return which cell has not come to define a name that is missing, and why not: the first one of a row of them."""
    first: _Ended | None = None
    seen: set[str] = set()
    while (name := UNDEFINED.search(error)) and name[1] not in seen and name[1] in ended:
        seen.add(name[1])
        first = ended[name[1]]
        error = first.error
    return f", as {first.place} should define it and ended with {first.error}" if first else ""
