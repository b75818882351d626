"""One answer to one exercise, graded in the master's notebook with every other exercise solved.

The path is the real one: the rebuilt notebook's plan, two sandboxes, the examiner. Only what can't change the verdict
is left out: cells after the exercise's checks, and the tests of earlier checks (what else these define stays).
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from checks.report import CellReport
from closed_doors.core.assignment_files import AssignmentFiles
from closed_doors.core.errors import ExecutionError, LayoutError, QualityError
from closed_doors.core.layout import Layout
from closed_doors.core.profile import Naming, read_profile
from closed_doors.grading.clocks.deadlines import Deadlines
from closed_doors.grading.processes.supervisor import grade
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.nbgrader.handed_out import handed_out
from closed_doors.nbgrader.settings import read_settings
from closed_doors.notebook.imports import module_names
from closed_doors.notebook.json_files import Notebook, parse
from closed_doors.notebook.plan import Role, Step, plan
from closed_doors.notebook.rebuild import rebuild


@dataclass(frozen=True, slots=True)
class Exercise:
    """An answer cell of a master, and the cell that checks it.

    Attributes:
        name: the answer cell's grade_id, without the suffix that says so.
        answer_id: its grade_id.
        check: the position of the checking cell in the notebook.
        solution: the master's own answer.
        steps: the cells to run, the solution in its place.
        files: what the notebook's code may import and read besides libraries.
    """

    name: str
    answer_id: str
    check: int
    solution: str
    steps: tuple[Step, ...]
    files: AssignmentFiles

    @property
    def modules(self) -> frozenset[str]:
        """The names that stand for modules where the answer runs."""
        lessons = (step.source for step in self.steps if step.role is not Role.ANSWER)
        return frozenset().union(*map(module_names, lessons))

    @property
    def check_source(self) -> str:
        """The code of the checking cell."""
        return next(step.source for step in self.steps if step.index == self.check)

    def with_answer(self, source: str) -> list[Step]:
        """Return the cells to run, with another answer."""
        return [replace(step, source=source) if step.grade_id == self.answer_id else step for step in self.steps]


def read_exercises(layout: Layout, assignment: str) -> dict[str, Exercise]:
    """Return the automatically graded exercises of an assignment by name, in order.

    Raises:
        QualityError: it has none.
    """
    found: dict[str, Exercise] = {}
    files, naming = handed_out(layout.root, assignment), read_profile(layout.root).naming
    for path in sorted((layout.source / assignment).glob("*.ipynb")):
        notebook = read_settings(layout.root).delimiters.normalised(parse(path.read_bytes()))
        found |= {exercise.name: exercise for exercise in _exercises(notebook, files, naming)}
    if not found:
        raise QualityError(f"{layout.source / assignment} has no answer cell that a later cell grades automatically.")
    return found


def chosen(exercises: dict[str, Exercise], names: Sequence[str]) -> dict[str, Exercise]:
    """Return the exercises of these names; all, where none is named.

    Raises:
        LayoutError: there is no exercise of a name.
    """
    for name in names:
        if name not in exercises:
            raise LayoutError(f"There is no exercise {name!r} here. Known exercises: {', '.join(exercises)}.")
    return {name: exercise for name, exercise in exercises.items() if not names or name in names}


def grade_answer(zygote: Zygote, exercise: Exercise, source: str, deadlines: Deadlines) -> CellReport | None:
    """Return what an exercise's checks say of an answer; None where the time ran out before they had all spoken.

    Raises:
        SandboxError: this machine can't close student code in.
        ExecutionError: grading failed twice for a reason that is not the answer's.
    """
    steps = exercise.with_answer(source)
    try:
        graded = grade(zygote, steps, deadlines, files=exercise.files, solved=exercise.steps)
    except ExecutionError:  # once more: another exercise's stage may have taken this one's place
        graded = grade(zygote, steps, deadlines, files=exercise.files, solved=exercise.steps)
    verdict = graded.verdicts.get(exercise.check)
    return verdict.report if verdict else None


def _exercises(notebook: Notebook, files: AssignmentFiles, naming: Naming) -> list[Exercise]:
    steps = plan(notebook, rebuild(notebook, notebook).notebook)
    found = []
    answer: Step | None = None
    for step in steps:
        if step.role is Role.ANSWER and step.grade_id:
            answer = step
        elif answer is not None and step.role is Role.GRADING:
            name = answer.grade_id.removesuffix(naming.answer)
            focused = tuple(_focused(steps, step.index))
            found.append(Exercise(name, answer.grade_id, step.index, answer.source, focused, files))
            answer = None
    return found


def _focused(steps: list[Step], check: int) -> list[Step]:
    """Return the steps that the verdict of one grading cell depends on."""
    return [
        replace(step, source=_without_tests(step.source)) if step.role is Role.GRADING and step.index != check else step
        for step in steps
        if step.index <= check
    ]


@cache
def _without_tests(source: str) -> str:
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a cell with magics: left as it is
        return source
    kept = [node for node in tree.body if not (isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))]
    return ast.unparse(ast.Module(kept, []))
