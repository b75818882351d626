"""A grading cell that waits for its turn."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from checks.cells import DefiningCell
from checks.report import Criterion, Kind
from checks.runner import CellRun
from closed_doors.grading.bridge.carried_objects import Left
from closed_doors.grading.bridge.examiner_side import Bridge
from closed_doors.grading.student.worker_handle import State
from closed_doors.grading.verdict.verdict import Trace
from closed_doors.notebook.instructor_code import has_named_criteria
from closed_doors.notebook.plan import Step


@dataclass
class GradingCell:
    """A grading cell, and what is known of it so far.

    Attributes:
        step: the cell.
        source: its code as plain Python.
        namespace: its global names.
        bridge: to the student's code as it is where the cell stands.
        wanted: the names in it that mean the student's.
        known: how the student's cells above it ended, by the names that they define.
        late: whether all of it is judged among the hidden tests.
        left: what cells of the lesson before it have made of the student's, by name.
        runs: its calls of run_tests.
        error: what ended it before its tests were known.
        criteria: what it has told.
        traces: where its tests failed, for the staff.
        inside: the fork of the student's process in which it runs, where the course says so; None elsewhere.
    """

    step: Step
    source: str
    namespace: dict[str, object]
    bridge: Bridge
    wanted: list[str]
    known: Mapping[str, DefiningCell]
    late: bool
    left: Mapping[str, Left] = field(default_factory=dict)
    runs: list[CellRun] = field(default_factory=list)
    error: BaseException | None = None
    criteria: list[Criterion] = field(default_factory=list)
    traces: list[Trace] = field(default_factory=list)
    inside: State | None = None

    @property
    def filename(self) -> str:
        """The name that tracebacks give to the cell."""
        return self.step.filename

    @property
    def uses_run_tests(self) -> bool:
        """Whether the cell has named criteria."""
        return has_named_criteria(self.source)

    @property
    def may_show_a_misconception(self) -> bool:
        """Whether a visible criterion is missed by code that is there, and in time."""
        kinds = {criterion.kind for criterion in self.criteria if not criterion.hidden}
        silent = {Kind.PASSED, Kind.NOT_WRITTEN, Kind.NOT_DEFINED, Kind.CELL_FAILED}
        return not kinds <= silent and not kinds & {Kind.TOO_SLOW, Kind.INTERNAL}

    def hide(self, names: frozenset[str]) -> None:
        """Count tests of these names among the hidden ones: they use what hidden regions define."""
        for run in self.runs:
            run.tests = [replace(test, hidden=test.hidden or test.name in names) for test in run.tests]
