"""The supervisor's side of a survey (see `closed_doors.grading.hints.survey`)."""

import time
from collections.abc import Sequence
from typing import Any

from closed_doors.core.errors import ExecutionError
from closed_doors.grading.processes.supervisor import Deadlines, plain_steps
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.protocol.channel import Channel, ChannelClosedError, DeadlineError
from closed_doors.grading.sandbox.limits import Limits
from closed_doors.grading.sandbox.self_test import require
from closed_doors.notebook.plan import Step

SURVEY_S = 600.0


def survey(
    zygote: Zygote, steps: Sequence[Step], answers: Sequence[str], setup: str, calls: Sequence[str]
) -> list[list[list[Any]] | None]:
    """Return what each of some answers gives to probes; None where its process ended or never answered.

    Args:
        zygote: where the sandboxes come from.
        steps: the solved notebook up to the exercise.
        answers: sources for the cell that comes next.
        setup: code that makes the probes' inputs.
        calls: the probes, as expressions.

    Raises:
        ExecutionError: the survey itself failed.
    """
    require(zygote.protection)
    zygote.warm(steps)
    job, examiner_job = Channel.pair()
    to_worker, worker_end = Channel.pair()
    stage = zygote.stage(steps, ())
    worker = zygote.forge.spawn("worker", Limits(cpu_s=int(SURVEY_S)), (), [worker_end])
    examiner = stage.examine(examiner_job, to_worker)
    found: list[list[list[Any]] | None] = []
    try:
        worker.wait_until_ready()
        deadline = time.monotonic() + SURVEY_S
        request = (Deadlines().cell_s, plain_steps(steps), True, 0, list(answers), setup, list(calls))
        job.send("survey", *request, deadline=deadline)
        while len(found) < len(answers):
            match job.receive(deadline):
                case ["seen", list() as rows]:
                    found.append(rows)
                case ["lost"]:
                    found.append(None)
                case ["broken", int() as index, str() as text]:
                    raise ExecutionError(f"Cell {index + 1} of the master itself fails: {text}")
                case _:
                    pass  # what cells show
    except (ChannelClosedError, DeadlineError) as error:
        raise ExecutionError(
            f"The survey ended after {len(found)} of {len(answers)} answers. Does the probes' setup run?"
        ) from error
    finally:
        job.close()
        worker.end()
        stage.end(examiner)
    return found
