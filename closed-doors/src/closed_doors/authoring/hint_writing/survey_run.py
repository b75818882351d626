"""The supervisor's side of a survey (see `closed_doors.grading.hints.survey`)."""

import time
from collections.abc import Sequence

from closed_doors.core.assignment_files import AssignmentFiles
from closed_doors.core.errors import ExecutionError
from closed_doors.grading.clocks.deadlines import Deadlines
from closed_doors.grading.processes.supervisor import step_records
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.protocol.channel import Channel, ChannelClosedError, DeadlineError, Expected
from closed_doors.grading.protocol.messages import (
    EXAMINER_RECORDS,
    MasterBroken,
    Message,
    ProbeResult,
    Survey,
    SurveyLost,
    SurveySeen,
)
from closed_doors.grading.sandbox.limits import Limits
from closed_doors.grading.sandbox.self_test import require
from closed_doors.notebook.plan import Step

SURVEY_S = 600.0
RECORDS: Expected[Message] = Expected(SurveySeen, SurveyLost, *EXAMINER_RECORDS)


def survey(
    zygote: Zygote,
    steps: Sequence[Step],
    answers: Sequence[str],
    setup: str,
    calls: Sequence[str],
    files: AssignmentFiles,
) -> list[tuple[ProbeResult, ...] | None]:
    """Return what each of some answers gives to probes; None where its process ended or never answered.

    Args:
        zygote: where the sandboxes come from.
        steps: the solved notebook up to the exercise.
        answers: sources for the cell that comes next.
        setup: code that makes the probes' inputs.
        calls: the probes, as expressions.
        files: what the notebook's code may import and read besides libraries.

    Raises:
        ExecutionError: the survey itself failed.
    """
    require(zygote.protection)
    zygote.warm(steps, files)
    job, examiner_job = Channel.pair()
    to_worker, worker_end = Channel.pair()
    stage = zygote.stage(steps, files)
    worker = zygote.forge.spawn("worker", Limits(cpu_s=int(SURVEY_S)), files, [worker_end])
    examiner = stage.examine(examiner_job, to_worker)
    found: list[tuple[ProbeResult, ...] | None] = []
    try:
        worker.wait_until_ready()
        deadline = time.monotonic() + SURVEY_S
        request = Survey(Deadlines().cell_s, step_records(steps), 0, tuple(answers), setup, tuple(calls))
        job.send(request, deadline=deadline)
        while len(found) < len(answers):
            match job.receive(RECORDS, deadline):
                case SurveySeen(rows=rows):
                    found.append(rows)
                case SurveyLost():
                    found.append(None)
                case MasterBroken(index=index, why=why):
                    raise ExecutionError(f"Cell {index + 1} of the master itself fails: {why}")
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
