"""One answer to one exercise, graded in the master's notebook with every other exercise solved.

The path is the real one: the rebuilt notebook's plan, two sandboxes, the examiner. Only what can't change the verdict
is left out: cells after the exercise's checks, and the tests of earlier checks (what else these define stays). Where
several cells check an answer, their criteria count as those of one, each with its share of the points.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from checks.report import CellReport, Criterion
from closed_doors.core.assignment_files import AssignmentFiles
from closed_doors.core.errors import ExecutionError, LayoutError, QualityError
from closed_doors.core.layout import Layout
from closed_doors.core.profile import Naming, read_profile
from closed_doors.grading.clocks.deadlines import Deadlines
from closed_doors.grading.processes.supervisor import grade
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.verdict.verdict import CellVerdict
from closed_doors.nbgrader.handed_out import handed_out
from closed_doors.nbgrader.settings import read_settings
from closed_doors.notebook.hidden_regions import Stubs
from closed_doors.notebook.imports import module_names
from closed_doors.notebook.json_files import Notebook, parse
from closed_doors.notebook.plan import Role, Step, plan
from closed_doors.notebook.rebuild import rebuild


@dataclass(frozen=True, slots=True)
class Exercise:
    """An answer cell of a master, and the cells that check it: those that stand before the next answer.

    Attributes:
        name: the answer cell's grade_id, without the suffix that says so.
        answer_id: its grade_id.
        check: the position of the first checking cell in the notebook.
        solution: the master's own answer.
        steps: the cells to run, the solution in its place.
        files: what the notebook's code may import and read besides libraries.
        more_checks: the positions of further checking cells.
        handed_out: what students find in the answer cell.
    """

    name: str
    answer_id: str
    check: int
    solution: str
    steps: tuple[Step, ...]
    files: AssignmentFiles
    more_checks: tuple[int, ...] = ()
    handed_out: str = ""

    @property
    def checks(self) -> tuple[int, ...]:
        """The positions of all checking cells."""
        return (self.check, *self.more_checks)

    @property
    def modules(self) -> frozenset[str]:
        """The names that stand for modules where the answer runs."""
        lessons = (step.source for step in self.steps if step.role is not Role.ANSWER)
        return frozenset().union(*map(module_names, lessons))

    @property
    def check_source(self) -> str:
        """The code of the checking cells."""
        return "\n".join(step.source for step in self.steps if step.index in self.checks)

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
    settings = read_settings(layout.root)
    for path in sorted((layout.source / assignment).glob("*.ipynb")):
        notebook = settings.delimiters.normalised(parse(path.read_bytes()))
        found |= {exercise.name: exercise for exercise in _exercises(notebook, files, naming, settings.stubs)}
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
    return together([graded.verdicts.get(check) for check in exercise.checks])


def together(verdicts: Sequence[CellVerdict | None]) -> CellReport | None:
    """Return one report of several cells' criteria, each cell's with its share of the points; None without all."""
    reports = [verdict.report for verdict in verdicts if verdict]
    if len(reports) < len(verdicts):
        return None
    if len(reports) == 1:
        return reports[0]
    points = sum(report.points for report in reports)
    criteria = [each for report in reports for each in (_by_points(report) if points else report.criteria)]
    return CellReport(tuple(criteria), points)


def _by_points(report: CellReport) -> list[Criterion]:
    weight = sum(criterion.weight for criterion in report.criteria)
    share = report.points / weight if weight else 0.0
    return [replace(criterion, weight=criterion.weight * share) for criterion in report.criteria]


def _exercises(notebook: Notebook, files: AssignmentFiles, naming: Naming, stubs: Stubs) -> list[Exercise]:
    steps = plan(notebook, rebuild(notebook, notebook).notebook)
    return [
        Exercise(
            name=answer.grade_id.removesuffix(naming.answer),
            answer_id=answer.grade_id,
            check=checks[0],
            solution=answer.source,
            steps=tuple(_focused(steps, checks)),
            files=files,
            more_checks=tuple(checks[1:]),
            handed_out=stubs.handed_out(notebook["cells"][answer.index]),
        )
        for answer, checks in _checked(steps)
        if checks
    ]


def _checked(steps: Sequence[Step]) -> list[tuple[Step, list[int]]]:
    """Return the answers, each with the grading cells between it and the next one."""
    found: list[tuple[Step, list[int]]] = []
    for step in steps:
        if step.role is Role.ANSWER and step.grade_id:
            found.append((step, []))
        elif found and step.role is Role.GRADING:
            found[-1][1].append(step.index)
    return found


def _focused(steps: list[Step], checks: Sequence[int]) -> list[Step]:
    """Return the steps that the verdicts of some grading cells depend on."""
    return [
        replace(step, source=_without_tests(step.source))
        if step.role is Role.GRADING and step.index not in checks
        else step
        for step in steps
        if step.index <= checks[-1]
    ]


@cache
def _without_tests(source: str) -> str:
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a cell with magics: left as it is
        return source
    kept = [node for node in tree.body if not (isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))]
    return ast.unparse(ast.Module(kept, []))
