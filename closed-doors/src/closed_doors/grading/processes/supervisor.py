"""The supervisor's side: owns a zygote, has one submission graded at a time, and holds every deadline.

    supervisor ── zygote (warm, never runs anything)
        │            ├─ opened zygote (the lesson's opening cells have run)
        │            │    └─ worker         (sandbox: the student's cells, and their forks)
        │            └─ stage ── examiner   (sandbox: the instructor's cells; asks the worker)
        ├─ leash to each sandbox, through whoever made it: letting go of it kills the sandbox
        └─ records from the examiner, on a connection that the worker never held

Nothing here imports NumPy or torch, and no byte of a student's is decoded in this process but through the examiner.
"""

import contextlib
import copy
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from checks.render import render
from checks.report import CellReport
from closed_doors.core.errors import ExecutionError
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.protocol.channel import Channel, ChannelClosedError, DeadlineError
from closed_doors.grading.sandbox.limits import Limits
from closed_doors.grading.sandbox.self_test import require
from closed_doors.grading.verdict.verdict import CellVerdict, Diagnosis, Graded, verdict_from_plain
from closed_doors.notebook.plan import Step

PLAIN_S = 20.0  # time for the plain way of grading (see `examiner`), after which the careful one begins
OUT_OF_TIME = "Le temps accordé au travail ({:g} s) est épuisé : note à revoir."


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long grading may take, in seconds."""

    cell_s: float = 10.0
    submission_s: float = 60.0


def grade(
    zygote: Zygote,
    steps: Sequence[Step],
    deadlines: Deadlines | None = None,
    limits: Limits | None = None,
    files: Sequence[Path] = (),
    diagnosis: bytes = b"",
) -> Graded:
    """Grade one submission behind closed doors.

    Args:
        zygote: where the sandboxes come from.
        steps: the rebuilt notebook's code cells (see `closed_doors.notebook.plan`).
        deadlines: how long it may take.
        limits: what each sandbox may use.
        files: the assignment's own files, which notebooks may read.
        diagnosis: what is known of wrong answers: the content of the notebook's diagnosis file.

    Raises:
        SandboxError: this machine can't close student code in.
        ExecutionError: grading failed for a reason that is not the student's; there is no mark.
    """
    require(zygote.protection)
    zygote.warm(steps)
    deadlines, limits = deadlines or Deadlines(), limits or Limits()
    attempt = partial(_attempt, zygote, steps, deadlines, limits, files, diagnosis)
    graded, last_word = attempt(careful=False)
    if last_word:
        return graded
    again, _ = attempt(careful=True)
    return _with_hidden_verdicts(graded, again) if graded.sealed else again


def _with_hidden_verdicts(first: Graded, second: Graded) -> Graded:
    """Return what was sealed before hidden tests began, with the second try's hidden verdicts."""
    merged = replace(second, outputs=first.outputs, verdicts={}, cpu_s=first.cpu_s + second.cpu_s)
    merged.remarks = first.remarks if second.complete else [*first.remarks, second.remarks[-1]]
    for index, verdict in second.verdicts.items():
        known = first.verdicts[index].report.criteria if index in first.verdicts else ()
        sealed = {criterion.name: criterion for criterion in known if not criterion.hidden}
        criteria = tuple(c if c.hidden else sealed.get(c.name, c) for c in verdict.report.criteria)
        report = CellReport(criteria, verdict.report.points)
        merged.verdicts[index] = CellVerdict(index, report.earned, report, render(report)).diagnosed(verdict.diagnosis)
    return merged


def _attempt(
    zygote: Zygote,
    steps: Sequence[Step],
    deadlines: Deadlines,
    limits: Limits,
    files: Sequence[Path],
    diagnosis: bytes,
    careful: bool,
) -> tuple[Graded, bool]:
    """Grade a submission in new sandboxes; return whether that is the last word, or to be done again carefully."""
    stage = zygote.stage(steps, files, diagnosis)
    opened = zygote.opened(steps, files)
    shown = copy.deepcopy(opened.outputs) if opened is not None else []
    job, examiner_job = Channel.pair()
    to_worker, worker_end = Channel.pair()
    with contextlib.ExitStack() as cleanup:
        for channel in (job, examiner_job, to_worker):
            cleanup.callback(channel.close)
        worker = (opened or zygote).forge.spawn("worker", limits, files, [worker_end])
        cleanup.callback(worker.end)
        examiner = stage.examine(examiner_job, to_worker)
        cleanup.pop_all()
    graded = Graded(protection=zygote.protection.tier)
    graded.outputs = {step.index: outputs for step, outputs in zip(steps, shown, strict=False)}
    try:
        worker.wait_until_ready()
        deadline = time.monotonic() + (deadlines.submission_s if careful else min(deadlines.submission_s, PLAIN_S))
        job.send("grade", deadlines.cell_s, plain_steps(steps), careful, len(shown), deadline=deadline)
        last_word = _collect(job, graded, deadline)
    except DeadlineError:
        last_word = careful or graded.complete
        if not graded.complete and careful:
            graded.remarks.append(OUT_OF_TIME.format(deadlines.submission_s))
    except ChannelClosedError as error:
        raise ExecutionError("The examiner ended before its last verdict; the submission has no mark.") from error
    finally:
        job.close()
        worker.end()
        graded.cpu_s = worker.cpu_s + stage.end(examiner)
    return graded, last_word


def _collect(job: Channel, graded: Graded, deadline: float) -> bool:
    """Take the examiner's records in; return whether they are the last word."""
    while True:
        match job.receive(deadline):
            case ["outputs", int() as index, list() as outputs]:
                graded.outputs[index] = outputs
            case ["verdict", list() as data]:
                verdict = verdict_from_plain(data)
                graded.verdicts[verdict.index] = verdict
            case ["remark", str() as text]:
                graded.remarks.append(text)
            case ["broken", int() as index, str() as text]:
                raise ExecutionError(f"Cell {index + 1} of the master itself fails: {text}")
            case ["judged"]:
                graded.complete = True
            case ["diagnosis", int() as index, str() as name, str() as hint]:
                graded.verdicts[index] = graded.verdicts[index].diagnosed(Diagnosis(name, hint))
            case ["done"]:
                return True
            case ["sealed"]:
                graded.sealed = True
            case ["again"]:
                return False
            case record:
                raise ExecutionError(f"An unknown record came from the examiner: {record[0]!r}")


def plain_steps(steps: Sequence[Step]) -> list[list[Any]]:
    """Return steps as data that can be sent."""
    return [[s.index, s.role.value, s.source, s.grade_id, s.points, s.public, list(s.student_names)] for s in steps]
