"""Judges a grading cell: each criterion in its time, with what the student's code did to the test's arguments."""

from collections.abc import Callable
from functools import partial

from checks.capture import time_limit
from checks.explain import WITHOUT_DETAILS, explain
from checks.report import CellReport, Criterion, Kind
from checks.runner import CellRun
from closed_doors.core.wording import say
from closed_doors.grading.bridge.argument_changes import ArgumentChanges
from closed_doors.grading.bridge.examiner_side import Bridge
from closed_doors.grading.examiner.grading_cell import GradingCell
from closed_doors.grading.student.worker_handle import GUARD
from closed_doors.notebook.instructor_code import run_cell

PLAIN_CRITERION = say("run.plain_criterion")


class Judge:
    """Judges cells by the rules of one examination.

    Args:
        changes: what calls change in their arguments.
        cell_s: time for a cell of bare asserts, in seconds.
        most_s: the longest time for a criterion, in seconds.
    """

    def __init__(self, changes: ArgumentChanges, cell_s: float, most_s: float) -> None:
        self._changes = changes
        self._cell_s = cell_s
        self._most_s = most_s
        self._shared: dict[str, object] = {}  # what cells of bare asserts have left to those after them

    def tests(self, cell: GradingCell, run: CellRun, hidden: bool) -> CellReport:
        """Judge the visible or the hidden tests of a cell with named criteria, and report on them."""
        run.timeout_s, run.guard = min(run.timeout_s, self._most_s), GUARD
        run.cells = cell.known
        self._share(cell)
        judged = [test for test in run.tests if test.hidden is hidden]
        run.judge(judged, partial(self._criterion, cell.bridge, run))
        return run.report(judged)

    def asserts(self, cell: GradingCell) -> CellReport:
        """Judge a cell of bare asserts, which is one criterion as a whole."""
        self._share(cell)
        before = dict(cell.namespace)
        del self._changes.noted[:]
        criterion = self._asserts(cell, cell.namespace)
        if criterion.kind is Kind.PASSED and self._changes.noted:
            second = self._changes.second_look(lambda: self._asserts(cell, before))
            criterion = _after_second_look(criterion, second)
        self._shared |= {name: value for name, value in cell.namespace.items() if name not in before}
        return CellReport((criterion,), cell.step.points)

    def failure(self, cell: GradingCell, error: BaseException) -> CellReport:
        """Report on a cell that ended before its tests were known."""
        return CellReport((self._missed(cell, error),), cell.step.points)

    def _criterion(self, bridge: Bridge, run: CellRun, judge: Callable[[], Criterion]) -> Criterion:
        def look() -> Criterion:
            bridge.seconds_left = run.next_limit_s
            return judge()

        del self._changes.noted[:]
        first = look()
        if first.kind is not Kind.PASSED or not self._changes.noted:
            return first
        return _after_second_look(first, self._changes.second_look(look))

    def _asserts(self, cell: GradingCell, namespace: dict[str, object]) -> Criterion:
        cell.bridge.seconds_left = self._cell_s
        try:
            with time_limit(GUARD * self._cell_s):
                run_cell(cell.source, namespace, cell.filename)
        except BaseException as error:
            return self._missed(cell, error)
        return Criterion("cell", PLAIN_CRITERION, 1.0, cell.late, Kind.PASSED)

    def _missed(self, cell: GradingCell, error: BaseException) -> Criterion:
        if not cell.wanted:
            return Criterion("cell", PLAIN_CRITERION, 1.0, True, Kind.INTERNAL, str(error))
        kind, message = explain(error, cell.filename, cell.late, self._cell_s, cell.known)
        return Criterion("cell", PLAIN_CRITERION, 1.0, cell.late, kind, message)

    def _share(self, cell: GradingCell) -> None:
        """Give a cell what cells of bare asserts before it have left, where it has no such name itself."""
        for name, value in self._shared.items():
            cell.namespace.setdefault(name, value)


def _after_second_look(first: Criterion, second: Criterion) -> Criterion:
    """Return the criterion of a test that was met, once its arguments were seen to be changed."""
    if second.kind in (Kind.PASSED, Kind.TOO_SLOW):
        return first if second.kind is Kind.PASSED else second
    kind = Kind.CHANGED_INPUT
    return Criterion(first.name, first.text, first.weight, first.hidden, kind, WITHOUT_DETAILS[kind], first.printed)
