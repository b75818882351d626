"""Runs the tests of the cell that calls, and shows what they gave."""

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from functools import partial

from .capture import Interruption, figures_closed, silent_stderr, standard_output
from .cells import DefiningCell
from .collect import CollectedTest, collect
from .explain import UNKNOWN_CELLS, explain, without_details
from .failure import check_cells
from .history import history, remember_cells
from .missed_comparison import compared_masks
from .points import Points
from .public_hints import hints_for
from .report import CellReport, Criterion, Kind, Masks
from .report_as_text import encodable, render
from .stale_cells import names_used, state_of
from .time_limits import TimeLimitExceeded, call_within
from .values_as_text import clean

Each = Callable[[Callable[[], Criterion]], Criterion]
LONGEST_OUTPUT = 1000
AFTER_A_TIMEOUT_S = 1.0
# Criteria that are missed by what the function returns, and not for want of a function.
WRONG = (
    Kind.RAISED,
    Kind.NOT_RAISED,
    Kind.RETURNED_NONE,
    Kind.WRONG_TYPE,
    Kind.WRONG_SHAPE,
    Kind.WRONG_VALUES,
    Kind.FAILED,
)

# Closed-door grading registers itself here: it judges the visible tests of every cell before any hidden one.
conductors: list[Callable[["CellRun"], None]] = []


def run_tests(points: float = 0, timeout_s: float = 5) -> float:
    """Run the functions test_… of the cell, show ✓ or ✗ for each and return the points earned.

    What a student has written can't make it fail: an error, an endless loop or a function that is not there gives a
    criterion that is missed, and an explanation.

    Args:
        points: the cell's points, shared between the criteria by their weight; 0 for a bonus.
        timeout_s: time for each criterion, in seconds. Once one has exceeded it, those after it have one second.

    Returns:
        The points earned, from 0 to `points`: the partial credit that nbgrader reads.
    """
    frame = sys._getframe(1)
    run = CellRun(frame.f_globals, frame.f_code.co_filename, points, timeout_s)
    if conductors:
        for conductor in conductors:
            conductor(run)
        return 0.0
    advice = run.judge_as_written()
    report = run.report()
    # The button Validate (which sets this variable) shows of a failure only what is written on stderr.
    validating = "NBGRADER_VALIDATING" in os.environ and report.earned < report.points
    stream = sys.stderr if validating else sys.stdout
    text = "\n".join([render(report), *advice])
    print(encodable(text, getattr(stream, "encoding", None)), file=stream)
    return Points(report.earned)


class CellRun:
    """A cell's tests, and what those gave that were judged.

    Args:
        namespace: the cell's names, its functions test_… among them.
        filename: the cell's file name.
        points: the cell's points.
        timeout_s: time for each criterion, in seconds.

    Attributes:
        guard: by how much to multiply that time before interrupting, where whoever has it judged counts it himself.
        cells: what is known of the cells that define the student's functions, for the messages.
        on_error: is told the name of a missed test and the error itself, for whoever grades.
    """

    def __init__(self, namespace: dict[str, object], filename: str, points: float, timeout_s: float) -> None:
        check_cells.add(filename)
        self.tests = collect(namespace, filename)
        self._filename = filename
        self._points = float(points)
        self.timeout_s = timeout_s
        self.guard = 1.0
        self.cells: Mapping[str, DefiningCell] = UNKNOWN_CELLS
        self.on_error: Callable[[str, BaseException], None] = _nobody_asks
        self._namespace = namespace
        self._judged: dict[str, Criterion] = {}

    def judge_as_written(self) -> tuple[str, ...]:
        """Run the tests whose functions are those that the notebook writes, and return advice to show.

        The others are missed criteria: that they pass would say nothing of the notebook that will be handed in.
        """
        used = {test.name: names_used(test.function, self._namespace) for test in self.tests}
        state = state_of(history, set().union(*used.values()))
        self.cells = state.cells
        for test in self.tests:
            if message := state.message(used[test.name]):
                self._judged[test.name] = Criterion(test.name, test.text, test.weight, test.hidden, Kind.STALE, message)
        self.judge([test for test in self.tests if test.name not in self._judged])
        wrong = [used[test.name] for test in self.tests if self._judged[test.name].kind in WRONG]
        return (*state.advice, *self._hints(set().union(*wrong)))

    def _hints(self, names: set[str]) -> tuple[str, ...]:
        """Return the hints that these functions show, which missed tests use; nothing here changes a criterion."""
        if not names:
            return ()
        found: list[tuple[str, ...]] = []
        try:
            with silent_stderr(), figures_closed(), standard_output(0):
                call_within(lambda: found.append(hints_for(self._namespace, names)), self.timeout_s)
        except BaseException:  # the function is called once more, and may raise anything; the report is what counts
            return ()
        return found[0]

    def judge(self, tests: Iterable[CollectedTest], each: Each | None = None) -> None:
        """Run these tests, in the order given.

        Args:
            tests: of this cell.
            each: judges a test with the help of what runs it, and returns the criterion; without it, it is run once.
        """
        interruption = Interruption()
        with ExitStack() as stack:
            for context in (silent_stderr(), figures_closed(), interruption.watch()):
                stack.enter_context(context)
            for test in tests:
                once = partial(self._judgement, test, self.next_limit_s, interruption)
                self._judged[test.name] = each(once) if each else once()

    @property
    def next_limit_s(self) -> float:
        """Time for the next criterion, in seconds."""
        slow = any(criterion.kind is Kind.TOO_SLOW for criterion in self._judged.values())
        return min(self.timeout_s, AFTER_A_TIMEOUT_S) if slow else self.timeout_s

    def verdict_of(self, test: CollectedTest) -> Criterion:
        """Return what a test gave; one that was not judged is a missed criterion."""
        return self._judged.get(test.name) or _unjudged(test)

    def _judgement(self, test: CollectedTest, limit_s: float, interruption: Interruption) -> Criterion:
        def run_cases() -> None:
            for arguments in test.cases:
                test.function(**arguments)

        kind, message, masks = Kind.PASSED, "", None
        with standard_output(LONGEST_OUTPUT) as output:
            try:
                call_within(run_cases, self.guard * limit_s)
            except BaseException as error:  # SystemExit too: nothing of the student's stops grading
                if interruption.happened and not isinstance(error, TimeLimitExceeded):
                    raise
                self.on_error(test.name, error)
                kind, message, masks = self._explained(error, test.hidden, limit_s, interruption)
        printed = "" if test.hidden else clean(output.getvalue().strip(), LONGEST_OUTPUT)
        return Criterion(test.name, test.text, test.weight, test.hidden, kind, message, printed, masks)

    def _explained(
        self, error: BaseException, hidden: bool, limit_s: float, interruption: Interruption
    ) -> tuple[Kind, str, Masks | None]:
        """Explain a failure; an object of the student's that the explanation looks at may still do anything."""
        found: list[tuple[Kind, str, Masks | None]] = []

        def look() -> None:
            masks = None if hidden else compared_masks(error, self._filename)
            with standard_output(0):  # the code may be called once more
                found.append((*explain(error, self._filename, hidden, limit_s, self.cells), masks))

        try:
            call_within(look, limit_s)
        except BaseException as another:
            if interruption.happened and not isinstance(another, TimeLimitExceeded):
                raise
            return Kind.FAILED, without_details(Kind.FAILED), None
        return found[0]

    def report(self, tests: Iterable[CollectedTest] | None = None) -> CellReport:
        """Return the report of the cell, or of these tests; a test that was not judged is a missed criterion."""
        return CellReport(tuple(map(self.verdict_of, self.tests if tests is None else tests)), self._points)


def _nobody_asks(_name: str, _error: BaseException) -> None:
    """Do nothing with an error that nobody asks to see."""


def _unjudged(test: CollectedTest) -> Criterion:
    return Criterion(test.name, test.text, test.weight, test.hidden, Kind.TOO_SLOW, without_details(Kind.TOO_SLOW))


remember_cells()
