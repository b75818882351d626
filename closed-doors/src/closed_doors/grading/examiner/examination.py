"""The examiner: drives one submission from its own sandbox, runs the instructor's cells, and judges.

It never runs student code; it asks the worker for values. In order:

1. Every student cell runs in the worker, and its outputs leave for the supervisor. No hidden test has been touched yet,
   so no output can hold anything of one.
2. Each grading cell's visible tests are judged, with messages that may show what came back.
3. Each grading cell's hidden tests are judged. Their messages are fixed texts, so whatever the student's process learnt
   in this phase has no way out but the verdicts themselves.
4. Where a cell missed a criterion, the notebook's last state, which no test has called, or a fork of it, answers probes
   with fixed public inputs; its outputs choose a hint, or none, from the exercise's list (`diagnosis`). No mark depends
   on it.

There are two ways to do it. The careful one runs every student cell in a fork of the state before it, so that a cell
which ends its process or never ends costs itself only. The plain one runs them in one process, as a notebook does, and
only forks what answers a grading cell: half the processes, and the same marks where nothing goes wrong. It is tried
first, with short limits. Where anything does go wrong it says "again", and the supervisor does all of it over,
carefully, in a new sandbox. Hidden tests of the first try may have told student code something, and two sandboxes one
after the other still share a machine's caches; so where they had begun, only hidden verdicts are taken from the second.

Records leave on a connection to the supervisor that the worker never held.
"""

import builtins
import contextlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from checks.capture import TimeLimitExceeded, time_limit
from checks.collect import hidden_lines
from checks.explain import explain
from checks.render import render
from checks.report import CellReport, Criterion, Kind
from checks.runner import CellRun, conductors
from closed_doors.grading.bridge.remote import Bridge, SealedError
from closed_doors.grading.hints.matching import Exercise, Tables, diagnose
from closed_doors.grading.hints.probing import observe_student
from closed_doors.grading.hints.survey import survey
from closed_doors.grading.protocol.channel import Channel, ChannelClosedError, DeadlineError
from closed_doors.grading.protocol.codec import encode
from closed_doors.grading.student.states import State
from closed_doors.grading.verdict.verdict import CellVerdict, Diagnosis, verdict_to_plain
from closed_doors.notebook.cell_code import calls, free_names, python_of, run_cell
from closed_doors.notebook.plan import Role, Step
from closed_doors.notebook.sanitise import clean_output

RUN_TESTS = "run_tests"
MOST_OUTPUTS = 1000
LARGEST_OUTPUTS_BYTES = 24 << 20
PLAIN_S = 3.0  # the plain way's limit for a cell and for a criterion
PROBING_S = 2.0  # for the probes of a cell that failed
PLAIN_CRITERION = "Les vérifications de la cellule réussissent."


class AgainError(Exception):
    """Something went wrong on the plain way: the submission is to be graded carefully."""


@dataclass
class GradingCell:
    """A grading cell that waits for its turn."""

    step: Step
    source: str
    namespace: dict[str, Any]
    bridge: Bridge
    wanted: list[str]
    runs: list[CellRun] = field(default_factory=list)
    error: BaseException | None = None
    criteria: list[Criterion] = field(default_factory=list)

    @property
    def filename(self) -> str:
        """The name that tracebacks give to the cell."""
        return self.step.filename

    @property
    def uses_run_tests(self) -> bool:
        """Whether the cell has named criteria; a cell of bare asserts is one criterion as a whole."""
        return calls(self.source, RUN_TESTS)

    @property
    def may_show_an_idea(self) -> bool:
        """Whether a criterion was missed by code that is there, and in time."""
        kinds = {criterion.kind for criterion in self.criteria}
        silent = {Kind.PASSED, Kind.NOT_WRITTEN, Kind.NOT_DEFINED}
        return not kinds <= silent and not kinds & {Kind.TOO_SLOW, Kind.INTERNAL}

    @property
    def holds_hidden_tests(self) -> bool:
        """Whether the student version lacks a part of the cell."""
        return bool(hidden_lines(self.step.source.splitlines(keepends=True)))


class Examination:
    """One submission being graded.

    Args:
        job: the connection to the supervisor.
        worker: the connection to the worker's first process.
        cell_s: time that a student's cell may take, in seconds.
        careful: which of the two ways.
        trusted: the global names of the instructor's cells; the stage has defined some.
        staged: how many lesson cells the stage has run.
        opened: how many lesson cells the worker starts with.
        tables: what is known of wrong answers to the exercises.
    """

    def __init__(
        self,
        job: Channel,
        worker: Channel,
        cell_s: float,
        careful: bool,
        trusted: dict[str, Any],
        staged: int,
        opened: int,
        tables: Tables,
    ) -> None:
        self._job = job
        self._tables = tables
        self._careful = careful
        self._cell_s = cell_s if careful else min(cell_s, PLAIN_S)
        self._state = self._first = State(worker, 1, set())
        self._pristine = True
        self._definitions: list[str] = []  # of grading cells passed by, for whatever runs next in the worker
        self._behind: list[Callable[[], None]] = []  # what is still to run on this side, in order
        self._asked: set[str] = set()  # the names that it uses
        self._common: Bridge | None = None  # of all that catches up together
        self._kept: list[State] = [self._state]  # pid 1: its end would be the sandbox's
        self._trusted = trusted
        self._staged = staged
        self._opened = opened
        self._room = LARGEST_OUTPUTS_BYTES
        self._cells: list[GradingCell] = []

    def run(self, steps: list[Step]) -> None:
        """Run all three phases."""
        try:
            self._run(steps)
        except AgainError:
            self._job.send("again")
        else:
            self._job.send("done")

    def _run(self, steps: list[Step]) -> None:
        if not self._careful:
            self._first.host_student_cells()
        for step in steps:
            self._first_phase(step)
        self._catch_up()
        for cell in self._cells:
            self._judge(cell, hidden=False)
        self._job.send("sealed")
        for cell in self._cells:
            self._judge(cell, hidden=True)
        self._job.send("judged")
        self._diagnose()

    def _first_phase(self, step: Step) -> None:
        match step.role:
            case Role.ANSWER:
                self._run_in_worker(step.index, step.source)
                self._on_this_side(step.public, partial(self._run_trusted, step, step.public))
            case Role.LESSON:
                if self._opened:
                    self._opened -= 1
                else:
                    self._run_in_worker(step.index, step.source, lesson=True)
                if self._staged:
                    self._staged -= 1
                else:
                    self._on_this_side(step.source, partial(self._run_trusted, step, step.source))
            case Role.GRADING:
                if self._definitions:
                    self._run_in_worker(None, "")
                if step.public:
                    self._definitions.append(step.public)
                self._on_this_side(step.source, partial(self._prepare, step), asks=True)

    def _on_this_side(self, source: str, action: Callable[[], None], asks: bool = False) -> None:
        """Run a trusted cell, or leave it for later where it asks the student's code: one fork then serves several."""
        if self._careful or not (asks or self._behind):
            action()
        else:
            self._behind.append(action)
            self._asked |= free_names(python_of(source))

    def _catch_up(self) -> None:
        """Run what was left for later: the student's code is about to change, or has come to its end."""
        self._common = self._new_bridge() if self._behind else None
        behind, self._behind = self._behind, []
        for action in behind:
            action()
        self._common = None
        self._asked.clear()

    def _run_in_worker(self, index: int | None, source: str, lesson: bool = False) -> None:
        """Run a cell in a fork of the current state, which becomes the current one if the cell leaves it alive.

        What grading cells before it have defined runs first, in the same fork. Lesson cells that stand before all code
        of the student need no fork: they can't harm. On the plain way no cell has one.
        """
        outputs: list[Any] = []
        state = None
        self._pristine = self._pristine and lesson
        in_place = self._pristine or not self._careful
        try:
            state = self._state if in_place else self._state.fork()
            for definitions in self._definitions:
                self._extend(state, definitions)
            outputs = self._extend(state, source) if source else []
        except (DeadlineError, ChannelClosedError) as error:
            if not self._careful:
                raise AgainError from error
            if self._pristine:  # no code of the student has run yet
                self._job.send("broken", index, f"it ended or took more than {self._cell_s:g} s")
                raise
            outputs = self._lost(index, state, error)
        else:
            self._advance(state)
            self._definitions.clear()
        if not lesson and self._careful:
            self._first.sweep()
        if index is not None:
            self._show(index, outputs)

    def _extend(self, state: State, source: str) -> list[Any]:
        """Run a cell, after this side has caught up, if there is anything in the cell that it could notice."""
        if self._behind and (outputs := state.define(source, self._asked, self._cell_s)) is not None:
            return outputs
        self._catch_up()
        return state.run(source, self._cell_s)

    def _lost(self, index: int | None, state: State | None, error: Exception) -> list[Any]:
        """Note that a cell never ended, or ended its process; return what stands under it."""
        if isinstance(error, DeadlineError):
            self._remark(index, f"n'a pas fini en {self._cell_s:g} s")
            if state is not None:
                self._state.end(state)
            return [_error("TimeoutError", f"La cellule n'a pas fini en {self._cell_s:g} s : elle a été arrêtée.")]
        self._remark(index, "a arrêté le programme")
        return [_error("SystemExit", "La cellule a arrêté le programme : elle est comptée comme non exécutée.")]

    def _show(self, index: int, outputs: list[Any]) -> None:
        """Send a cell's outputs, made safe, as long as the submission has room for them."""
        kept: list[Any] = []
        for output in outputs[:MOST_OUTPUTS]:
            if (cleaned := _cleaned(output)) is None:
                continue
            self._room -= len(encode(cleaned))
            if self._room < 0:
                kept = [
                    _error("Sorties", "Les sorties du notebook sont trop volumineuses : la suite n'est pas gardée.")
                ]
                break
            kept.append(cleaned)
        self._job.send("outputs", index, kept)

    def _advance(self, state: State) -> None:
        if state is self._state:
            return
        if self._state not in self._kept:
            self._state.close()
        self._state = state

    def _run_trusted(self, step: Step, source: str) -> None:
        if not source:
            return
        python = python_of(source)
        wanted = self._wanted(python, step, self._trusted)
        bridge = self._bridge_for(wanted, self._trusted)
        try:
            with time_limit(self._cell_s):
                run_cell(python, self._trusted, step.filename)
        except BaseException as error:
            if not wanted:
                self._job.send("broken", step.index, f"{type(error).__name__}: {error}")
                raise
        self._require_whole(bridge)
        if wanted and self._state not in self._kept:
            self._kept.append(self._state)

    def _wanted(self, source: str, step: Step, namespace: dict[str, Any]) -> list[str]:
        """Return the names in a trusted cell (plain Python) that mean the student's."""
        return [
            name
            for name in sorted(free_names(source))
            if name in step.student_names or (name not in namespace and not hasattr(builtins, name))
        ]

    def _prepare(self, step: Step) -> None:
        """Get a grading cell ready; with named criteria its functions are defined now, and judged later."""
        source = python_of(step.source)
        namespace = dict(self._trusted)
        wanted = self._wanted(source, step, namespace)
        bridge = self._bridge_for(wanted, namespace)
        cell = GradingCell(step, source, namespace, bridge, wanted)
        self._cells.append(cell)
        if self._state not in self._kept:
            self._kept.append(self._state)
        if not cell.uses_run_tests:
            return
        conductors.append(cell.runs.append)
        bridge.sealed = cell.holds_hidden_tests  # later cells of the student's would still be shown what they learnt
        try:
            with time_limit(self._cell_s):
                run_cell(source, namespace, cell.filename)
        except SealedError:
            self._job.send("broken", step.index, "it has hidden tests, and calls the student's code outside of a test")
            raise
        except BaseException as error:
            cell.error = error
        finally:
            bridge.sealed = False
            conductors.clear()
        own = {name: value for name, value in namespace.items() if name not in wanted}
        self._trusted.update(own)

    def _bridge_for(self, wanted: list[str], namespace: dict[str, Any]) -> Bridge:
        """Put the student's values into a trusted cell's namespace, under the names that mean the student's."""
        bridge = self._common or self._new_bridge()
        for name in wanted:
            namespace.pop(name, None)
            with contextlib.suppress(NameError), time_limit(self._cell_s):
                namespace[name] = bridge.value_of(name)
        return bridge

    def _new_bridge(self) -> Bridge:
        """Return a bridge to the student's code as it is now; its fork is made when it is first asked."""
        state, made = self._state, False

        def fork() -> tuple[Channel, Callable[[], None]]:
            nonlocal made
            if made and not self._careful:
                raise ChannelClosedError("the state that stood at this cell has gone on")
            made = True
            return self._fork(state)

        return Bridge(fork, lambda text: print(text, end=""))  # noqa: T201  (run_tests keeps it)

    def _fork(self, state: State) -> tuple[Channel, Callable[[], None]]:
        """Make a fork that answers; what an earlier one has left running does not stand in its way."""
        if self._careful:
            self._first.sweep()
        child = state.fork()
        return child.channel, lambda: state.end(child)

    def _require_whole(self, bridge: Bridge, report: CellReport | None = None) -> None:
        """Leave the plain way where a process of the student's was lost, or ran out of its short time."""
        slow = report is not None and any(criterion.kind is Kind.TOO_SLOW for criterion in report.criteria)
        if not self._careful and (bridge.lost or slow):
            raise AgainError

    def _judge(self, cell: GradingCell, hidden: bool) -> None:
        if not cell.uses_run_tests:
            if hidden is cell.holds_hidden_tests:
                self._tell(cell, self._judge_asserts(cell))
            return
        if cell.error is not None or not cell.runs:
            if hidden:
                return  # told already
            error = cell.error or RuntimeError("run_tests was not reached")
            self._tell(cell, CellReport((self._criterion(cell, error),), cell.step.points))
            return
        for run in cell.runs:
            if not self._careful:
                run.timeout_s = min(run.timeout_s, PLAIN_S)
            judged = [test for test in run.tests if test.hidden is hidden]
            run.judge(judged)
            self._require_whole(cell.bridge, run.report(judged))
        self._tell(cell, cell.runs[-1].report(), [run.report() for run in cell.runs[:-1]])

    def _judge_asserts(self, cell: GradingCell) -> CellReport:
        try:
            with time_limit(self._cell_s):
                run_cell(cell.source, cell.namespace, cell.filename)
        except BaseException as error:
            return CellReport((self._criterion(cell, error),), cell.step.points)
        passed = Criterion("cell", PLAIN_CRITERION, 1.0, True, Kind.PASSED)
        return CellReport((passed,), cell.step.points)

    def _criterion(self, cell: GradingCell, error: BaseException) -> Criterion:
        if not cell.wanted:
            return Criterion("cell", PLAIN_CRITERION, 1.0, True, Kind.INTERNAL, str(error))
        hidden = cell.holds_hidden_tests
        kind, message = explain(error, cell.filename, hidden, self._cell_s)
        return Criterion("cell", PLAIN_CRITERION, 1.0, hidden, kind, message)

    def _tell(self, cell: GradingCell, report: CellReport, others: list[CellReport] | None = None) -> None:
        if not cell.uses_run_tests or not cell.runs:
            self._require_whole(cell.bridge, report)
        cell.criteria = [criterion for each in [*(others or []), report] for criterion in each.criteria]
        text = "\n".join(render(each) for each in [*(others or []), report])
        verdict = CellVerdict(cell.step.index, report.earned, report, text)
        self._job.send("verdict", verdict_to_plain(verdict))

    def _diagnose(self) -> None:
        """Send the hints that failed cells' answers deserve, where their outputs show a known wrong idea."""
        asked = [
            (cell.step.index, exercise)
            for cell in self._cells
            if cell.may_show_an_idea and (exercise := self._tables.get(cell.step.grade_id)) is not None
        ]
        if asked and self._careful:
            self._first.sweep()
        for place, (index, exercise) in enumerate(asked, start=1):
            if (found := self._shown_idea(exercise, last=place == len(asked))) is not None:
                self._job.send("diagnosis", index, found.id, found.hint)

    def _shown_idea(self, exercise: Exercise, last: bool) -> Diagnosis | None:
        """Return the idea that an answer's outputs show; the last one needs no fork, as nothing is asked after it."""
        state = self._state
        try:  # whatever the student's code does, there is just no hint
            if not last:
                state = state.fork()
            return diagnose(exercise, observe_student(state, exercise.program, len(exercise.probes), PROBING_S))
        except (Exception, TimeLimitExceeded):
            return None
        finally:
            if state is not self._state:
                self._state.end(state)

    def survey(self, steps: list[Step], answers: list[str], setup: str, calls: list[str]) -> None:
        """Run the notebook, then probe each of some answers to the exercise that comes next."""
        for step in steps:
            self._first_phase(step)
        if self._definitions:
            self._run_in_worker(None, "")
        survey(self._job, self._state, self._cell_s, answers, setup, calls)

    def _remark(self, index: int | None, what: str) -> None:
        if index is not None:
            self._job.send("remark", f"La cellule {index + 1} {what}.")


def examine(job: Channel, worker: Channel, trusted: dict[str, Any], staged: int, tables: Tables) -> None:
    """Grade the submission that the supervisor sends on `job`, asking the worker on `worker`; or survey known answers.

    Args:
        job: the connection to the supervisor.
        worker: the connection to the worker's first process.
        trusted: global names that the first lesson cells have defined.
        staged: how many lesson cells that were.
        tables: what is known of wrong answers to the exercises.
    """
    random.seed(0)
    request = job.receive(time.monotonic() + 60)
    cell_s, rows, careful, opened = request[1:5]
    steps = [
        Step(index, Role(role), source, grade_id, points, public, tuple(names))
        for index, role, source, grade_id, points, public, names in rows
    ]
    examination = Examination(job, worker, cell_s, careful, trusted, staged, opened, tables)
    match request:
        case ["survey", *_, answers, setup, calls]:
            examination.survey(steps, answers, setup, calls)
        case _:
            examination.run(steps)


def _cleaned(output: Any) -> Any:
    """Return a worker's output made safe, or None; a worker can send anything."""
    try:
        return clean_output(output)
    except Exception:
        return None


def _error(name: str, text: str) -> dict[str, Any]:
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": [f"{name}: {text}"]}
