"""Judges a grading cell: each criterion in its time, with what the student's code did to the test's arguments."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from checks.capture import TimeLimitExceeded, time_limit
from checks.explain import explain, without_details
from checks.report import CellReport, Criterion, Explained, Kind
from checks.runner import CellRun
from closed_doors.core.wording import say
from closed_doors.grading.bridge.argument_changes import ArgumentChanges
from closed_doors.grading.bridge.carried_objects import left_in
from closed_doors.grading.bridge.examiner_side import Bridge
from closed_doors.grading.bridge.remote_objects import remote_of
from closed_doors.grading.bridge.run_as_code import own_code
from closed_doors.grading.bridge.shared_files import SharedFiles, speaks_of_files
from closed_doors.grading.bridge.taught_modules import student_figures
from closed_doors.grading.examiner.grading_cell import GradingCell
from closed_doors.grading.examiner.notebook_names import as_main, notebook_names
from closed_doors.grading.examiner.traces import LONGEST_ERROR, ON_STDERR, read_outputs, trace_of
from closed_doors.grading.protocol.channel import ChannelClosedError, DeadlineError
from closed_doors.grading.student.worker_handle import GUARD, State
from closed_doors.grading.verdict.verdict import Trace
from closed_doors.notebook.global_names import used_names
from closed_doors.notebook.instructor_code import run_cell
from closed_doors.notebook.partial_credit import partial_credit
from closed_doors.notebook.plan import CELL_FILENAME

_NOTHING = object()


@dataclass(frozen=True, slots=True)
class _Shared:
    """What a cell has left under a name, and what the name meant before."""

    value: object
    before: object


class Judge:
    """Judges cells by the rules of one examination.

    Args:
        changes: what calls change in their arguments.
        cell_s: time for a cell of bare asserts, in seconds.
        most_s: the longest time for a criterion, in seconds.
        proved: whether the master's own solution passes every cell: one that fails then does so by the student's work.
        is_solution: whether this is the master's own solution: its author reads what a failed assertion compared.
    """

    def __init__(
        self, changes: ArgumentChanges, cell_s: float, most_s: float, proved: bool, is_solution: bool = False
    ) -> None:
        self._changes = changes
        self._proved = proved
        self._is_solution = is_solution
        self._cell_s = cell_s
        self._most_s = most_s
        self._files: SharedFiles | None = None
        self._shared: dict[str, _Shared] = {}  # what cells of bare asserts have left to those after them

    def tests(self, cell: GradingCell, run: CellRun, hidden: bool) -> CellReport:
        """Judge the visible or the hidden tests of a cell with named criteria, and report on them."""
        run.on_error = partial(self._trace, cell)
        run.timeout_s, run.guard = min(run.timeout_s, self._most_s), GUARD
        run.cells = cell.known
        self._share(cell)
        judged = [test for test in run.tests if test.hidden is hidden]
        with student_figures(cell.source, cell.bridge), own_code(cell.source, cell.filename, cell.bridge):
            cell.bridge.follow(cell.source, cell.namespace, self._files_of(cell))
            run.judge(judged, partial(self._criterion, cell.bridge, run))
        return run.report(judged)

    def asserts(self, cell: GradingCell) -> CellReport:
        """Judge a cell of bare asserts, which is one criterion as a whole."""
        self._share(cell)
        before = dict(cell.namespace)
        del self._changes.noted[:]
        criterion, earned = self._asserts(cell, cell.namespace)
        if criterion.kind is Kind.PASSED and self._changes.noted and not self._is_solution:
            _begin_again(cell, before)
            second, _ = self._changes.second_look(lambda: self._asserts(cell, before))
            criterion = _after_second_look(criterion, second)
        self._keep(cell, before)
        return CellReport(_with_partial_credit(criterion, earned, cell.step.points), cell.step.points)

    def inside(self, cell: GradingCell, state: State) -> CellReport:
        """Run a cell in the student's process, and take its word for what came of it."""
        try:
            outputs = state.run(cell.source, self._cell_s).outputs
        except DeadlineError:
            found = Criterion("cell", _inside(), 1.0, True, Kind.TOO_SLOW, without_details(Kind.TOO_SLOW))
            return CellReport((found,), cell.step.points)
        except ChannelClosedError:
            outputs = [{"output_type": "error", "ename": "SystemExit", "evalue": ""}]
        shown, error = read_outputs(outputs)
        if error:
            cell.traces.append(Trace("cell", 0, "", error))
            missed = Criterion("cell", _inside(), 1.0, True, Kind.FAILED, without_details(Kind.FAILED))
            return CellReport((missed,), cell.step.points)
        met = Criterion("cell", _inside(), 1.0, True, Kind.PASSED)
        earned = partial_credit(shown, cell.step.points)
        return CellReport(_with_partial_credit(met, earned, cell.step.points), cell.step.points)

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

    def _asserts(self, cell: GradingCell, namespace: dict[str, object]) -> tuple[Criterion, float]:
        """Run a cell of bare asserts; return its criterion, and what it earns if that is met."""
        cell.bridge.seconds_left = self._cell_s
        names = notebook_names(cell, namespace)
        written = io.StringIO()
        try:
            with (
                time_limit(GUARD * self._cell_s),
                student_figures(cell.source, cell.bridge),
                own_code(cell.source, cell.filename, cell.bridge),
                as_main(cell.source, namespace if names is None else names),
            ):
                cell.bridge.follow(cell.source, namespace, self._files_of(cell))
                value = run_cell(cell.source, namespace, cell.filename, names, written)
        except BaseException as error:
            return self._missed(cell, error), 0.0
        if said := written.getvalue().strip():  # nbgrader gives nothing then, and what the cell shows says so
            return self._written(cell, said), 0.0
        shown = repr(value) if type(value) in (int, float) else ""
        met = Criterion("cell", _plain(), 1.0, cell.late, Kind.PASSED)
        return met, partial_credit(shown, cell.step.points)

    def _written(self, cell: GradingCell, said: str) -> Criterion:
        """Return the criterion of a cell that went through, and wrote on stderr."""
        cell.traces.append(Trace("cell", 0, "", f"{ON_STDERR}{said.splitlines()[0]}"[:LONGEST_ERROR]))
        kind = Kind.FAILED
        named = said[:LONGEST_ERROR].replace(CELL_FILENAME, f"<{say('run.cell')} ")
        message = without_details(kind) if cell.late else say("run.wrote_on_stderr", text=named)
        return Criterion("cell", _plain(), 1.0, cell.late, kind, message)

    def _missed(self, cell: GradingCell, error: BaseException) -> Criterion:
        self._trace(cell, "cell", error)
        if not cell.wanted and not self._proved:
            return Criterion("cell", _plain(), 1.0, True, Kind.INTERNAL, str(error))
        kind, message = self._explained(cell, error, cell.late)
        return Criterion("cell", _plain(), 1.0, cell.late, kind, message)

    def _trace(self, cell: GradingCell, criterion: str, error: BaseException) -> None:
        try:
            with time_limit(self._cell_s):  # what was compared may be asked for again, and not come
                found = trace_of(criterion, error, cell.filename, compared=self._is_solution)
        except BaseException:
            found = trace_of(criterion, error, cell.filename)
        cell.traces.append(found)

    def _explained(self, cell: GradingCell, error: BaseException, hidden: bool) -> Explained:
        """Explain a failure; what the explanation looks at may be the student's, and do anything."""
        try:
            with time_limit(self._cell_s):
                return explain(error, cell.filename, hidden, self._cell_s, cell.known)
        except BaseException:
            kind = Kind.TOO_SLOW if isinstance(error, TimeLimitExceeded) else Kind.FAILED
            return kind, without_details(kind)

    def _files_of(self, cell: GradingCell) -> SharedFiles | None:
        """Return the files that a cell has in common with the student's code; this process moves to them once."""
        if not speaks_of_files(cell.source):
            return None
        self._files = self._files or SharedFiles()
        return self._files

    def _share(self, cell: GradingCell) -> None:
        """Give a cell what cells of bare asserts before it have left, where nobody has bound the name since."""
        made = dict(cell.left)
        for name, left in self._shared.items():
            here = cell.namespace.get(name, _NOTHING)
            if name not in cell.wanted and (here is left.before or here is _NOTHING):
                cell.namespace[name] = left.value
                made |= left_in((name,), cell.namespace, placed=False)
        if made:
            cell.bridge.meet(made, used_names(cell.source))

    def _keep(self, cell: GradingCell, before: Mapping[str, object]) -> None:
        """Keep what a cell has bound, for those after it."""
        for name, value in cell.namespace.items():
            if name not in cell.wanted and before.get(name, _NOTHING) is not value:
                earlier = self._shared.get(name)
                self._shared[name] = _Shared(value, earlier.before if earlier else before.get(name, _NOTHING))


def _begin_again(cell: GradingCell, names: dict[str, object]) -> None:
    """Let a cell that has changed what came from the student meet it as it was."""
    if cell.bridge.shares:
        cell.bridge.close()
        for name in cell.wanted:
            if name in names and remote_of(names[name]) is None:
                names[name] = cell.bridge.value_of(name)


def _plain() -> str:
    return say("run.plain_criterion")


def _inside() -> str:
    return say("run.inside_criterion")


def _with_partial_credit(criterion: Criterion, earned: float, points: float) -> tuple[Criterion, ...]:
    """Return the criteria of a cell of bare asserts: two where it has earned a part of its points by itself.

    What it has earned is rounded as all marks are: its further digits would tell of what hidden tests pass.
    """
    earned = round(earned, 2)
    if criterion.kind is not Kind.PASSED or earned >= points:
        return (criterion,)
    met = replace(criterion, weight=earned)
    rest = replace(
        criterion, name="rest", weight=points - earned, kind=Kind.FAILED, message=without_details(Kind.FAILED)
    )
    return met, rest


def _after_second_look(first: Criterion, second: Criterion) -> Criterion:
    """Return the criterion of a test that was met, once its arguments were seen to be changed."""
    if second.kind in (Kind.PASSED, Kind.TOO_SLOW):
        return first if second.kind is Kind.PASSED else second
    kind = Kind.CHANGED_INPUT
    return Criterion(first.name, first.text, first.weight, first.hidden, kind, without_details(kind), first.printed)
