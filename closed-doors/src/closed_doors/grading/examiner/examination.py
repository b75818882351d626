"""The examiner: drives one submission from its own sandbox, runs the instructor's cells, and judges.

It never runs student code; it asks the worker for values. In order:

1. Every student cell runs in the worker, and its outputs leave for the supervisor. No hidden test has been touched yet,
   so no output can hold anything of one.
2. Each grading cell's visible tests are judged, with messages that may show what came back.
3. For each cell that missed one of them, a fork of the notebook's last state, which no test has called, answers probes
   with fixed public inputs; its outputs choose a hint, or none, from the exercise's list (`hints`). No mark depends on
   it.
4. Each grading cell's hidden tests are judged. Whatever the student's process learns in this phase has no way out but
   which of them are met, and in what detail a page tells that is bounded (`verdict.hidden_bits`).

An answer that misses nothing but hidden tests needs a hint most, and can't be asked for one here any more: what it says
now, hidden tests may have taught it. The supervisor begins a second time in new sandboxes, where only the first phase
runs and then the probes of that one answer.

There are three ways to do it. The careful one runs every student cell in a fork of the state before it, so that a cell
which ends its process or never ends costs itself only. The plain one runs them in one process, as a notebook does, and
only forks what answers a grading cell: half the processes, and the same marks where nothing goes wrong. It is tried
first, with short limits. Where anything does go wrong it says "again", and the supervisor does all of it over,
carefully, in a new sandbox. Hidden tests of the first try may have told student code something, and two sandboxes one
after the other still share a machine's caches; so where they had begun, only hidden verdicts are taken from the second.

What is too slow even so, for whatever limit, may be so because of what else the machine does. It is "again" once more,
and the last way is the careful one while nothing else of the class is graded: what is too slow then counts as it is.

Records leave on a connection to the supervisor that the worker never held.
"""

import builtins
import contextlib
import random
import time
import traceback
from collections.abc import Mapping, Sequence
from functools import partial

from checks.capture import TimeLimitExceeded, time_limit
from checks.cells import DefiningCell
from checks.report import CellReport, Kind
from checks.runner import conductors
from closed_doors.core.wording import say
from closed_doors.grading.bridge.argument_changes import ArgumentChanges
from closed_doors.grading.bridge.asked_inputs import AskedInputs
from closed_doors.grading.bridge.carried_objects import Left, left_in
from closed_doors.grading.bridge.examiner_side import Bridge, SealedError
from closed_doors.grading.bridge.object_uses import ObjectUses
from closed_doors.grading.bridge.remote_objects import remote_of
from closed_doors.grading.bridge.run_as_code import own_code
from closed_doors.grading.bridge.taught_modules import names_for
from closed_doors.grading.clocks.deadlines import PLAIN_CELL_S
from closed_doors.grading.examiner.answer_cells import DefiningCells, names_used
from closed_doors.grading.examiner.grading_cell import GradingCell
from closed_doors.grading.examiner.judging import Judge
from closed_doors.grading.examiner.notebook_names import names_of_main
from closed_doors.grading.examiner.student_side import AgainError, Lost, StudentSide
from closed_doors.grading.hints.ask_probes import observe_student
from closed_doors.grading.hints.matching import Exercise, Tables, diagnose, find_witness
from closed_doors.grading.hints.survey import survey
from closed_doors.grading.protocol import messages
from closed_doors.grading.protocol.channel import Channel, ChannelClosedError, DeadlineError, Expected
from closed_doors.grading.protocol.codec import encode
from closed_doors.grading.protocol.messages import (
    CellOutputs,
    CellVerdictRecord,
    ChangedArgument,
    Grade,
    HintFound,
    MasterBroken,
    ObjectUse,
    RemarkRecord,
    StepRecord,
    Survey,
    Way,
    WitnessFound,
)
from closed_doors.grading.student.probe_observation import Observation
from closed_doors.grading.student.worker_handle import GUARD
from closed_doors.grading.verdict.remark import Remark, RemarkCode
from closed_doors.grading.verdict.verdict import judged, to_plain
from closed_doors.notebook.global_names import (
    bound_names,
    free_names,
    may_tell_copies,
    names_from_before,
    used_names,
)
from closed_doors.notebook.instructor_code import (
    has_named_criteria,
    hidden_names,
    is_hidden_whole,
    python_of,
    run_cell,
    runnable,
    touches_hidden,
)
from closed_doors.notebook.json_files import JsonObject
from closed_doors.notebook.plan import Role, Step
from closed_doors.notebook.sanitise_outputs import clean_output

MOST_OUTPUTS = 1000
LONGEST_TRACEBACK = 4000
LARGEST_OUTPUTS_BYTES = 24 << 20
INPUTS = "In"  # what IPython calls the texts of the cells that have run
PROBING_S, ALL_PROBING_S = 2.0, 4.0  # for the probes of a cell, and of all
REQUESTS: Expected[Grade | Survey] = Expected(Grade, Survey)


class BrokenMasterError(Exception):
    """A cell of the master itself fails; the supervisor has been told."""


class Examination:
    """One submission being graded.

    Args:
        job: the connection to the supervisor.
        worker: the connection to the worker's first process.
        request: what to grade, or to survey.
        trusted: the global names of the instructor's cells; the stage has defined some.
        staged: how many lesson cells the stage has run.
        tables: what is known of wrong answers to the exercises.
    """

    def __init__(
        self,
        job: Channel,
        worker: Channel,
        request: Grade | Survey,
        trusted: dict[str, object],
        staged: int,
        tables: Tables,
    ) -> None:
        way = Way(request.way) if isinstance(request, Grade) else Way.ALONE
        careful = way is not Way.PLAIN
        allowed: tuple[ChangedArgument, ...] | None = ()
        uses: tuple[ObjectUse, ...] = ()
        proved = False
        if isinstance(request, Grade):
            allowed, uses, proved = request.allowed, request.uses, request.proved
        self._job = job
        self._tables = tables
        self._careful = careful
        self._probed = request.probed if isinstance(request, Grade) else None
        self._last = way is Way.ALONE
        self._cell_s = request.cell_s if careful else min(request.cell_s, PLAIN_CELL_S)
        self._changes = ArgumentChanges(None if allowed is None else frozenset(allowed))
        self._changed: set[ChangedArgument] = set()
        self._asked = AskedInputs(wanted=allowed is None)
        self._hidden_inputs = request.hidden if isinstance(request, Grade) else None
        self._uses = ObjectUses(None if allowed is None else frozenset(uses))
        self._student = StudentSide(worker, way, self._cell_s, self._changes, self._asked, self._uses)
        self._texts: list[str] = []  # of the student's cells so far
        self._inputs: list[tuple[int, str]] = []  # the texts of all cells so far, with their places
        self._tolerant = allowed is None or proved
        most_s = request.cell_s if careful else PLAIN_CELL_S
        self._judge = Judge(self._changes, self._cell_s, most_s, proved, is_solution=allowed is None)
        self._defining = DefiningCells(self._cell_s)
        self._trusted = trusted
        self._instructors: set[str] = set()  # names that the instructor's cells have bound so far
        self._left: dict[str, Left] = {}  # objects of the student's that cells of the lesson have made, by name
        self._lent: set[str] = set()  # names that nothing but an import of the master's solutions has bound so far
        self._hidden: frozenset[str] = frozenset()  # those that hidden regions define, or that are made of such
        self._secret: frozenset[str] = frozenset()  # of these, those whose values are known before anything is judged
        self._staged = staged
        self._opened = request.opened
        self._room = LARGEST_OUTPUTS_BYTES
        self._cells: list[GradingCell] = []

    def run(self, steps: list[Step]) -> None:
        """Run all three phases, and look for hints."""
        try:
            self._run(steps)
        except AgainError:
            self._job.send(messages.Again())
        else:
            self._job.send(messages.Done())

    def _run(self, steps: list[Step]) -> None:
        for step in steps:
            self._first_phase(step)
        self._student.catch_up()
        if self._probed is not None:
            self._look_for_hints([cell for cell in self._cells if cell.step.index == self._probed])
            return
        for cell in self._cells:
            self._judge_cell(cell, hidden=False)
        self._look_for_hints([cell for cell in self._cells if cell.may_show_a_misconception])
        self._job.send(messages.Sealed())
        self._asked.hidden = True
        for cell in self._cells:
            self._judge_cell(cell, hidden=True)
        self._job.send(messages.ArgumentsChanged(tuple(self._changed), self._asked.of_hidden_tests()))
        if self._uses.noted:  # by the master's own solution, that is
            self._job.send(messages.ObjectsUsed(tuple(self._uses.noted)))
        self._job.send(messages.Judged())

    def _first_phase(self, step: Step) -> None:
        self._inputs.append((step.index, step.source))
        match step.role:
            case Role.ANSWER:
                self._texts.append(step.source)
                self._run_in_worker(step.index, step.source)
                self._student.later(step.public, partial(self._run_trusted, step, step.public))
            case Role.LESSON:
                if self._opened:
                    self._opened -= 1
                else:
                    self._run_in_worker(step.index, step.source, lesson=True)
                if self._staged:
                    self._staged -= 1
                else:
                    self._student.later(step.source, partial(self._run_trusted, step, step.source))
            case Role.GRADING:
                self._student.settle()
                for shown in filter(None, (step.visible, step.public)):
                    self._student.define_later(shown)
                known = self._defining.known()
                self._student.later(step.source, partial(self._prepare, step, known), asks=True)

    def _run_in_worker(self, index: int, source: str, lesson: bool = False) -> None:
        ended = self._student.run(source, lesson)
        if not lesson:
            self._defining.note(source, ended)
        if not isinstance(ended, Lost):
            self._show(index, ended.outputs)
        elif self._student.pristine:
            self._broken(index, f"it ended or took more than {self._cell_s:g} s")
        elif ended.too_slow:
            self._remark(RemarkCode.CELL_OUT_OF_TIME, index, seconds=self._cell_s)
            text = say("run.cell_out_of_time", seconds=self._cell_s)
            self._show(index, [_error("TimeoutError", text)])
        else:
            self._remark(RemarkCode.CELL_ENDED_PROGRAM, index)
            text = say("run.cell_ended_program")
            self._show(index, [_error("SystemExit", text)])

    def _show(self, index: int, outputs: Sequence[object]) -> None:
        """Send a cell's outputs, made safe, as long as the submission has room for them."""
        kept: list[JsonObject] = []
        for output in outputs[:MOST_OUTPUTS]:
            if (cleaned := _cleaned(output)) is None:
                continue
            self._room -= len(encode(cleaned))
            if self._room < 0:
                kept = [_error(say("run.outputs"), say("run.outputs_too_large"))]
                break
            kept.append(cleaned)
        self._job.send(CellOutputs(index, kept))

    def _run_trusted(self, step: Step, source: str) -> None:
        if not source:
            return
        python = runnable(source)
        if step.role is Role.ANSWER:
            self._lent |= bound_names(python) - self._trusted.keys()
        else:
            self._lent -= bound_names(python)
        wanted = self._wanted(python, step)
        bridge = self._bridge_for(wanted, self._trusted, step)
        bridge.seconds_left = self._cell_s
        bridge.sealed = bool(names_from_before(python) & self._secret)
        try:
            with time_limit(GUARD * self._cell_s), own_code(python, step.filename, bridge):
                run_cell(python, self._trusted, step.filename)
        except SealedError:
            self._broken(step.index, "it calls the student's code with what a hidden test defines")
        except BaseException as error:
            if not wanted:
                self._lesson_failed(step, error)
            if isinstance(error, TimeLimitExceeded):  # the student's code, which the cell calls
                self._require_in_time(slow=True)
                self._remark(RemarkCode.CELL_OUT_OF_TIME, step.index, seconds=self._cell_s)
        bridge.sealed = False
        self._hidden = hidden_names(python, self._hidden)
        self._secret = hidden_names(python, self._secret)
        self._instructors |= bound_names(python)
        self._require_whole(bridge)
        if wanted:
            self._student.keep()
            self._note_left(bound_names(python) | used_names(python), self._trusted, placed=step.role is Role.LESSON)

    def _note_left(self, names: frozenset[str], namespace: Mapping[str, object], placed: bool) -> None:
        """Note which names that a cell speaks of hold objects of the student's now."""
        for name in names:
            self._left.pop(name, None)
        self._left |= left_in(names, namespace, placed)

    def _is_left(self, name: str) -> bool:
        """Whether a name stands for an object of the student's that a cell of the lesson has made."""
        return name in self._left and self._left[name].placed and remote_of(self._left[name].value) is not None

    def _wanted(self, source: str, step: Step) -> list[str]:
        """Return the names in a trusted cell (plain Python) that mean the student's."""
        free = free_names(source)
        return [
            name
            for name in sorted(used_names(source) | names_of_main(source))
            if name in step.student_names or self._is_left(name) or (name in free and not self._is_known(name))
        ]

    def _take_back(self, names: frozenset[str], namespace: dict[str, object], bridge: Bridge) -> None:
        """Leave out the libraries that the solution imports and this student's notebook does not."""
        for name in names & self._lent:
            try:
                bridge.value_of(name)
            except NameError:
                namespace.pop(name, None)

    def _is_known(self, name: str) -> bool:
        return name in self._trusted or name in self._instructors or hasattr(builtins, name)

    def _prepare(self, step: Step, known: Mapping[str, DefiningCell]) -> None:
        """Get a grading cell ready; with named criteria its functions are defined now, and judged later."""
        source = runnable(step.source)
        namespace = dict(self._trusted)
        wanted = self._wanted(source, step)
        if wanted:
            namespace.update(names_for(source))
        bridge = self._bridge_for(wanted, namespace, step)
        self._take_back(free_names(source), namespace, bridge)
        if free_names(source) & self._instructors:
            bridge.begin()
        late = step.inside or is_hidden_whole(step.source, self._hidden)
        cell = GradingCell(step, source, namespace, bridge, wanted, known, late, dict(self._left))
        self._cells.append(cell)
        self._student.keep()
        if step.inside:
            cell.inside = self._student.state.fork()
            self._job.send(RemarkRecord(to_plain(Remark(RemarkCode.CELL_INSIDE, step.grade_id))))
            self._define_imports(cell)
        elif cell.uses_run_tests:
            self._define_tests(cell)
        else:
            self._define_imports(cell)
        self._hidden = bound_names(source) | self._hidden if cell.late else hidden_names(source, self._hidden)
        ran = source if cell.uses_run_tests else runnable(step.public)  # the rest of other cells runs when judged
        all_of_it = cell.uses_run_tests and cell.late
        self._secret = bound_names(ran) | self._secret if all_of_it else hidden_names(ran, self._secret)
        cell.hide(self._hidden)
        self._instructors |= bound_names(source)
        self._lent -= bound_names(source)

    def _define_tests(self, cell: GradingCell) -> None:
        conductors.append(cell.runs.append)
        # Later student cells would still be shown what they learnt.
        cell.bridge.sealed = touches_hidden(cell.step.source, self._hidden)
        cell.bridge.seconds_left = self._cell_s
        try:
            with time_limit(GUARD * self._cell_s), own_code(cell.source, cell.filename, cell.bridge):
                run_cell(cell.source, cell.namespace, cell.filename)
        except SealedError:
            self._broken(cell.step.index, "it has hidden tests, and calls the student's code outside of a test")
        except BaseException as error:
            cell.error = error
        finally:
            cell.bridge.sealed = False
            conductors.clear()
        kept = {name: value for name, value in cell.namespace.items() if name not in cell.wanted}
        self._trusted.update(kept)
        if cell.wanted:
            self._note_left(bound_names(cell.source), kept, placed=False)

    def _define_imports(self, cell: GradingCell) -> None:
        """Give later cells what a cell of bare asserts imports and defines; what it computes comes when judged."""
        with contextlib.suppress(Exception), time_limit(GUARD * self._cell_s):
            run_cell(cell.step.public, self._trusted, cell.filename)

    def _bridge_for(self, wanted: list[str], namespace: dict[str, object], step: Step) -> Bridge:
        """Put the student's values into a trusted cell's namespace, under the names that mean the student's."""
        bridge = self._student.bridge(shared=step.role is Role.GRADING)
        bridge.sources = tuple(self._texts)
        self._uses.classes = frozenset(self._uses.classes) | frozenset(step.student_names)
        bridge.seconds_left = self._cell_s
        python = runnable(step.source)
        looks = step.role is Role.GRADING and may_tell_copies(python, wanted)
        named = looks and has_named_criteria(python)
        if looks:
            bridge.share(kept=not named)
        if self._left:
            bridge.meet(self._left, used_names(python))
        if INPUTS in wanted:  # as they were handed in
            namespace[INPUTS] = ["", *(python_of(text) for index, text in self._inputs if index <= step.index)]
            bridge.begin()
        for name in wanted:
            if name == INPUTS:
                continue
            namespace.pop(name, None)
            with contextlib.suppress(NameError), time_limit(GUARD * self._cell_s):
                namespace[name] = bridge.value_of(name)
        if named and any(isinstance(namespace.get(name), type) for name in wanted):
            bridge.share(kept=True)
        return bridge

    def _require_whole(self, bridge: Bridge, report: CellReport | None = None) -> None:
        """Leave the plain way where a process of the student's was lost, and all but the last where it was too slow."""
        slow = report is not None and any(criterion.kind is Kind.TOO_SLOW for criterion in report.criteria)
        if not self._careful and bridge.lost:
            raise AgainError
        self._require_in_time(bridge.slow or slow)

    def _require_in_time(self, slow: bool) -> None:
        """Leave a way on which the student's code is too slow, if it is not the last."""
        if slow and not self._last:
            raise AgainError

    def _judge_cell(self, cell: GradingCell, hidden: bool) -> None:
        if cell.inside is not None:
            if hidden:
                self._tell(cell, [self._judge.inside(cell, cell.inside)])
        elif cell.error is not None or (cell.uses_run_tests and not cell.runs):
            if not hidden:
                self._tell(cell, [self._judge.failure(cell, cell.error or RuntimeError("run_tests was not reached"))])
        elif cell.uses_run_tests:
            for run in cell.runs:
                self._require_whole(cell.bridge, self._judge.tests(cell, run, hidden))
            self._tell(cell, [run.report() for run in cell.runs])
        elif hidden is cell.late:
            self._tell(cell, [self._judge.asserts(cell)])
        self._changed.update(self._changes.noted)

    def _tell(self, cell: GradingCell, reports: list[CellReport]) -> None:
        """Send a cell's verdict so far; of several reports on one cell, the last one counts, as in a notebook."""
        if not cell.uses_run_tests or not cell.runs:
            self._require_whole(cell.bridge, reports[-1])
        cell.criteria = [criterion for report in reports for criterion in report.criteria]
        verdict = judged(cell.step.grade_id, cell.step.points, reports[-1], cell.traces)
        self._job.send(CellVerdictRecord(cell.step.index, to_plain(verdict)))

    def _look_for_hints(self, cells: list[GradingCell]) -> None:
        """Send what cells' answers show: known misconceptions, an example of what hidden tests refuse."""
        known = ((cell, self._tables.get(cell.step.grade_id)) for cell in cells)
        asked = [(cell, exercise) for cell, exercise in known if exercise is not None]
        if asked and self._careful:
            self._student.sweep()
        left = ALL_PROBING_S
        for cell, exercise in asked:
            started, seconds = time.monotonic(), min(PROBING_S, left)
            if seconds > 0 and (seen := self._observed(exercise, seconds)) is not None:
                self._send_hints(cell, exercise, seen)
            left -= min(time.monotonic() - started, seconds)  # on a busy machine it may take longer than that

    def _send_hints(self, cell: GradingCell, exercise: Exercise, seen: Sequence[Observation]) -> None:
        for found in diagnose(exercise, seen, names_used(cell.known)):
            self._job.send(HintFound(cell.step.index, found.id, found.hint))
        hidden = self._hidden_inputs
        if hidden is not None and (witness := find_witness(exercise, seen, frozenset(hidden))) is not None:
            self._job.send(WitnessFound(cell.step.index, witness.call, witness.expected, witness.obtained))

    def _observed(self, exercise: Exercise, seconds: float) -> Sequence[Observation] | None:
        """Return what an answer gives to probes; a fork is asked, as tests come after it."""
        here, state = self._student.state, None
        try:  # whatever the student's code does, there is just no hint
            state = here.fork()
            return observe_student(state, exercise.program, len(exercise.probes), seconds)
        except (Exception, TimeLimitExceeded):
            return None
        finally:
            if state is not None:
                here.end(state)

    def survey(self, steps: list[Step], request: Survey) -> None:
        """Run the notebook, then probe each of some answers to the exercise that comes next."""
        for step in steps:
            self._first_phase(step)
        self._student.settle()
        survey(self._job, self._student.state, self._cell_s, request.answers, request.setup, request.calls)

    def _lesson_failed(self, step: Step, error: BaseException) -> None:
        """Go on as a notebook does where that is known to be so; a cell that needs what is missing says so."""
        why = f"{type(error).__name__}: {error}"
        if not self._tolerant:
            self._broken(step.index, why)
        self._job.send(messages.LessonFailed(step.index, why))

    def _remark(self, code: RemarkCode, index: int, **arguments: float) -> None:
        self._job.send(RemarkRecord(to_plain(Remark(code, index + 1, {**arguments}))))

    def _broken(self, index: int, why: str) -> None:
        self._job.send(MasterBroken(index, why))
        raise BrokenMasterError(why)


def examine(job: Channel, worker: Channel, trusted: dict[str, object], staged: int, tables: Tables) -> None:
    """Grade the submission that the supervisor sends on `job`, asking the worker on `worker`; or survey known answers.

    Args:
        job: the connection to the supervisor.
        worker: the connection to the worker's first process.
        trusted: global names that the first lesson cells have defined.
        staged: how many lesson cells that were.
        tables: what is known of wrong answers to the exercises.
    """
    random.seed(0)
    request = job.receive(REQUESTS, time.monotonic() + 60)
    steps = list(map(_step, request.steps))
    examination = Examination(job, worker, request, trusted, staged, tables)
    try:
        if isinstance(request, Survey):
            examination.survey(steps, request)
        else:
            examination.run(steps)
    except BrokenMasterError:
        return
    except (ChannelClosedError, DeadlineError):  # the supervisor has let go, or the stage with the worker
        raise
    except BaseException:
        job.send(messages.ExaminerFailed(traceback.format_exc()[-LONGEST_TRACEBACK:]))


def _step(record: StepRecord) -> Step:
    return Step(
        record.index,
        Role(record.role),
        record.source,
        record.grade_id,
        record.points,
        record.public,
        record.student_names,
        record.read_names,
        record.inside,
        record.visible,
    )


def _cleaned(output: object) -> JsonObject | None:
    """Return a worker's output made safe, or None; a worker can send anything."""
    try:
        return clean_output(output)
    except Exception:
        return None


def _error(name: str, text: str) -> JsonObject:
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": [f"{name}: {text}"]}
