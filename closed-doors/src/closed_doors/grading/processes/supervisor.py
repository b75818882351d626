"""The supervisor's side: owns a zygote, has one submission graded at a time, and holds every deadline.

    supervisor ── zygote (warm, never runs anything)
        │            ├─ opened zygote (the lesson's opening cells have run)
        │            │    └─ worker         (sandbox: the student's cells, and their forks)
        │            └─ stage ── examiner   (sandbox: the instructor's cells; asks the worker)
        ├─ leash to each sandbox, through whoever made it: letting go of it kills the sandbox
        └─ records from the examiner, on a connection that the worker never held

Nothing here imports a numerical library, and no byte of a student's is decoded here but through the examiner.
"""

import contextlib
import copy
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from closed_doors.core.assignment_files import NO_FILES, AssignmentFiles
from closed_doors.core.errors import ExecutionError
from closed_doors.grading.clocks.deadlines import PLAIN_SUBMISSION_S, Deadlines
from closed_doors.grading.clocks.slot_clock import SlotClock, child_with_number
from closed_doors.grading.processes.file_trees import file_trees
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.protocol.channel import Channel, ChannelClosedError, DeadlineError, Expected
from closed_doors.grading.protocol.messages import (
    EXAMINER_RECORDS,
    Again,
    ArgumentsChanged,
    CellOutputs,
    CellVerdictRecord,
    ChangedArgument,
    Done,
    ExaminerFailed,
    Grade,
    HintFound,
    Judged,
    LessonFailed,
    MasterBroken,
    Message,
    ObjectsUsed,
    ObjectUse,
    RemarkRecord,
    Sealed,
    StepRecord,
    Way,
    WitnessFound,
)
from closed_doors.grading.sandbox.limits import Limits
from closed_doors.grading.sandbox.self_test import require
from closed_doors.grading.verdict.disclosure import after_the_seal, as_students_may_know, asked_again
from closed_doors.grading.verdict.hidden_bits import details, hidden_cells
from closed_doors.grading.verdict.remark import Remark, RemarkCode, remark_from_plain
from closed_doors.grading.verdict.verdict import Diagnosis, Graded, Witness, verdict_from_plain
from closed_doors.notebook.plan import Role, Step

AMONG_OTHERS = 0.5  # of a submission's time; the rest is there when it is graded alone, so that all tries fit in it
HINT_S = 5.0  # the time that a hint on what hidden tests refuse may take
RECORDS: Expected[Message] = Expected(*EXAMINER_RECORDS)
AFTER_THE_SEAL = (CellVerdictRecord, ArgumentsChanged, ObjectsUsed, ExaminerFailed, Judged)


@dataclass(frozen=True, slots=True)
class Proved:
    """What examining the master's own solution has shown.

    Attributes:
        changes: what it changes in the arguments of tests; others may change that too.
        hidden_inputs: digests of what hidden tests alone ask (see `bridge.asked_inputs`); None where unknown.
        uses: where it decides by its own objects.
        graded: whether it has been examined: what fails in the lesson is known then.
    """

    changes: frozenset[ChangedArgument] = frozenset()
    hidden_inputs: frozenset[bytes] | None = None
    uses: frozenset[ObjectUse] = frozenset()
    graded: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """All that decides what grading a submission gives.

    Attributes:
        steps: the rebuilt notebook's code cells (see `notebook.plan`).
        deadlines: how long it may take.
        limits: what each sandbox may use.
        files: what the assignment's code may import and read besides libraries.
        hints: what is known of misconceptions: the content of the notebook's hints file.
        proved: what examining the master's own solution has shown; None while that is found out.
    """

    steps: Sequence[Step]
    deadlines: Deadlines
    limits: Limits
    files: AssignmentFiles
    hints: bytes
    proved: Proved | None


@dataclass(frozen=True, slots=True)
class Slot:
    """How long one try may take, in seconds.

    Attributes:
        limit_s: with what went before.
        used_s: what the tries before it have used.
    """

    limit_s: float
    used_s: float = 0.0


def grade(
    zygote: Zygote,
    steps: Sequence[Step],
    deadlines: Deadlines | None = None,
    limits: Limits | None = None,
    files: AssignmentFiles = NO_FILES,
    diagnosis: bytes = b"",
    solved: Sequence[Step] = (),
) -> Graded:
    """Grade one submission behind closed doors.

    Args:
        zygote: where the sandboxes come from.
        steps: the rebuilt notebook's code cells (see `notebook.plan`).
        deadlines: how long it may take.
        limits: what each sandbox may use.
        files: what the assignment's code may import and read besides libraries.
        diagnosis: what is known of wrong answers: the content of the notebook's diagnosis file.
        solved: the steps of the master with its own solutions in place. What they change in the arguments of tests,
            others may change too; where there are none, nothing may be changed.

    Raises:
        SandboxError: this machine can't close student code in.
        ExecutionError: grading failed for a reason that is not the student's; there is no mark.
    """
    require(zygote.protection)
    zygote.warm(steps, files)
    job = Job(steps, deadlines or Deadlines(), limits or Limits(), files, diagnosis, Proved())
    if solved:
        proof = prove(zygote, solved, job.deadlines, job.limits, files, diagnosis)
        hidden_inputs = proof.hidden_inputs if proof.complete else None
        job = replace(job, proved=Proved(proof.argument_changes, hidden_inputs, proof.object_uses, graded=True))
    return _graded(zygote, job)


def prove(
    zygote: Zygote,
    solved: Sequence[Step],
    deadlines: Deadlines | None = None,
    limits: Limits | None = None,
    files: AssignmentFiles = NO_FILES,
    diagnosis: bytes = b"",
) -> Graded:
    """Return what the master's own solution earns, and what it changes in the arguments of tests: found out once.

    Args:
        zygote: where the sandboxes come from.
        solved: the steps of the master with its own solutions in place.
        deadlines: how long it may take.
        limits: what each sandbox may use.
        files: what the assignment's code may import and read besides libraries.
        diagnosis: as for `grade`: the proof does not depend on it, and leaves the stage to the class that follows.

    Raises:
        SandboxError: this machine can't close student code in.
        ExecutionError: grading failed.
    """
    require(zygote.protection)
    zygote.warm(solved, files)
    job = Job(solved, deadlines or Deadlines(), limits or Limits(), files, diagnosis, None)
    key = _proof_key(solved, files)
    with zygote.proving:
        if key not in zygote.proofs:
            zygote.proofs[key] = _graded(zygote, job)
        return zygote.proofs[key]


def take_as_proved(zygote: Zygote, solved: Sequence[Step], files: AssignmentFiles, proof: Graded) -> None:
    """Let `prove` give what a master has proved before, and not find it out again.

    Args:
        zygote: where the sandboxes come from.
        solved: as for `prove`.
        files: as for `prove`.
        proof: what `prove` has given, by this version of all that it depends on.
    """
    with zygote.proving:
        zygote.proofs.setdefault(_proof_key(solved, files), proof)


def _proof_key(solved: Sequence[Step], files: AssignmentFiles) -> object:
    steps = tuple((step.index, step.source, step.grade_id, step.inside) for step in solved)
    return steps, file_trees(files).instructor


def _graded(zygote: Zygote, job: Job) -> Graded:
    whole_s = job.deadlines.submission_s
    among_others_s = whole_s * AMONG_OTHERS
    graded, last_word = _among_others(zygote, job, Way.PLAIN, Slot(min(among_others_s, PLAIN_SUBMISSION_S)))
    cpu_s, sealed = graded.cpu_s, graded
    if not last_word:
        graded, last_word = _among_others(zygote, job, Way.CAREFUL, Slot(among_others_s, graded.slot_s))
        cpu_s, sealed = cpu_s + graded.cpu_s, sealed if sealed.sealed else graded
    if not last_word:
        with zygote.company.alone():
            graded, _ = _attempt(zygote, job, Way.ALONE, Slot(whole_s, min(graded.slot_s, among_others_s)))
        graded.judged_alone = True
        cpu_s += graded.cpu_s
    if sealed.sealed and sealed is not graded:
        graded = _with_hidden_verdicts(sealed, graded)
    graded.cpu_s = cpu_s
    graded.details = details(hidden_cells(job.steps))
    if job.proved is not None and job.hints and (index := asked_again(graded)) is not None:
        _ask_again(zygote, job, graded, index)
    graded.verdicts = as_students_may_know(graded)
    return graded


def _ask_again(zygote: Zygote, job: Job, graded: Graded, index: int) -> None:
    """Look for a hint where only hidden tests refuse an answer, in new sandboxes in which no hidden test runs.

    How long it may take, and the ways, are the same whatever hidden tests met; a failure costs the hint alone.
    """
    if graded.slot_s + HINT_S > job.deadlines.submission_s:
        return
    with zygote.company.among_others(), contextlib.suppress(ExecutionError):
        found, last_word = _attempt(zygote, job, Way.PLAIN, Slot(HINT_S), probed=index)
        graded.cpu_s += found.cpu_s
        if not last_word:
            found, _ = _attempt(zygote, job, Way.CAREFUL, Slot(HINT_S, found.slot_s), probed=index)
            graded.cpu_s += found.cpu_s
        graded.hints |= found.hints
        graded.witnesses |= found.witnesses
        graded.slot_s += found.slot_s


def _among_others(zygote: Zygote, job: Job, way: Way, slot: Slot) -> tuple[Graded, bool]:
    with zygote.company.among_others():
        return _attempt(zygote, job, way, slot)


def _with_hidden_verdicts(first: Graded, later: Graded) -> Graded:
    """Return what was sealed before hidden tests began, with a later try's hidden verdicts."""
    merged = replace(later, outputs=first.outputs, hints=first.hints, witnesses=first.witnesses)
    merged.remarks = [*first.remarks, *(remark for remark in later.remarks if remark.code is RemarkCode.OUT_OF_TIME)]
    merged.verdicts = {index: after_the_seal(first.verdicts.get(index), v) for index, v in later.verdicts.items()}
    return merged


def _attempt(zygote: Zygote, job: Job, way: Way, slot: Slot, probed: int | None = None) -> tuple[Graded, bool]:
    """Grade a submission in new sandboxes; return whether that is the last word, or to be done again the next way.

    With `probed`, nothing is graded: the answer to the grading cell at that position is asked for hints.
    """
    careful = way is not Way.PLAIN
    stage = zygote.stage(job.steps, job.files, job.hints)
    opened = zygote.opened(job.steps, job.files)
    shown = copy.deepcopy(opened.outputs) if opened is not None else []
    to_examiner, examiner_job = Channel.pair()
    to_worker, worker_end = Channel.pair()
    with contextlib.ExitStack() as cleanup:
        for channel in (to_examiner, examiner_job, to_worker):
            cleanup.callback(channel.close)
        worker = (opened or zygote).forge.spawn("worker", _limits(job, careful), job.files, [worker_end])
        cleanup.callback(worker.end)
        examiner = stage.examine(examiner_job, to_worker)
        cleanup.pop_all()
    graded = Graded(protection=zygote.protection.tier)
    graded.outputs = {step.index: outputs for step, outputs in zip(job.steps, shown, strict=False)}
    try:
        worker.wait_until_ready()
        clock = SlotClock(slot.limit_s, worker.pid, child_with_number(stage.pid, examiner), slot.used_s)
        request = _request(job, way, len(shown), probed)
        to_examiner.send(request, deadline=time.monotonic() + slot.limit_s)
        last_word = _collect(to_examiner, graded, clock)
        graded.slot_s = slot.used_s + clock.used_s
    except DeadlineError:
        graded.slot_s = slot.used_s + clock.used_s
        last_word = graded.complete or way is Way.ALONE
        if not graded.complete and way is Way.ALONE:
            seconds = job.deadlines.submission_s
            graded.remarks.append(Remark(RemarkCode.OUT_OF_TIME, arguments={"seconds": seconds}))
    except ChannelClosedError as error:
        raise ExecutionError("The examiner ended before its last verdict; the submission has no mark.") from error
    finally:
        to_examiner.close()
        worker.end()
        graded.cpu_s = worker.cpu_s + stage.end(examiner)
    return graded, last_word


def _request(job: Job, way: Way, opened: int, probed: int | None) -> Grade:
    common = job.deadlines.cell_s, step_records(job.steps), way.value, opened
    if job.proved is None:
        return Grade(*common, allowed=None, hidden=None)
    hidden = None if job.proved.hidden_inputs is None else tuple(job.proved.hidden_inputs)
    return Grade(*common, tuple(job.proved.changes), hidden, tuple(job.proved.uses), job.proved.graded, probed)


def _limits(job: Job, careful: bool) -> Limits:
    """Return what a worker may use: on the careful way a process waits at every grading cell, however many they are."""
    if not careful:
        return job.limits
    waiting = sum(step.role is Role.GRADING for step in job.steps)
    return replace(job.limits, processes=job.limits.processes + waiting)


def _collect(job: Channel, graded: Graded, clock: SlotClock) -> bool:
    """Take the examiner's records in; return whether they are the last word.

    Raises:
        DeadlineError: the submission's slot is used up.
    """
    while True:
        match _next_record(job, clock):
            case Done():
                return True
            case Again():
                return False
            case record:
                _take(record, graded)


def _next_record(job: Channel, clock: SlotClock) -> Message:
    while (deadline := clock.next_deadline()) is not None:
        if job.has_message(deadline):
            return job.receive(RECORDS)
    raise DeadlineError


def _take(record: Message, graded: Graded) -> None:
    if graded.sealed and not isinstance(record, AFTER_THE_SEAL):
        raise ExecutionError(f"The examiner sent {type(record).__name__} after hidden tests had begun.")
    match record:
        case CellOutputs(index=index, outputs=outputs):
            graded.outputs[index] = outputs
        case CellVerdictRecord(index=index, verdict=data):
            verdict = verdict_from_plain(data)
            graded.verdicts[index] = after_the_seal(graded.verdicts.get(index), verdict) if graded.sealed else verdict
        case RemarkRecord(remark=remark):
            graded.remarks.append(remark_from_plain(remark))
        case MasterBroken(index=index, why=why):
            raise ExecutionError(f"Cell {index + 1} of the master itself fails: {why}")
        case ExaminerFailed(traceback=text):
            raise ExecutionError(f"The examiner failed; the submission has no mark. Its traceback:\n{text}")
        case ArgumentsChanged(changes=changes, hidden=hidden):
            graded.argument_changes, graded.hidden_inputs = frozenset(changes), frozenset(hidden)
        case ObjectsUsed(uses=uses):
            graded.object_uses = frozenset(uses)
        case LessonFailed(index=index, why=why):
            graded.lesson_failures[index] = why
        case HintFound(index=index, id=name, text=hint):
            graded.hints[index] = (*graded.hints.get(index, ()), Diagnosis(name, hint))
        case WitnessFound(index=index, call=call, expected=expected, obtained=obtained):
            graded.witnesses[index] = Witness(call, expected, obtained)
        case Judged():
            graded.complete = True
        case Sealed():
            graded.sealed = True


def step_records(steps: Sequence[Step]) -> tuple[StepRecord, ...]:
    """Return steps as data that can be sent."""
    return tuple(
        StepRecord(
            s.index,
            s.role.value,
            s.source,
            s.grade_id,
            s.points,
            s.public,
            s.student_names,
            s.read_names,
            s.inside,
            s.visible,
        )
        for s in steps
    )
