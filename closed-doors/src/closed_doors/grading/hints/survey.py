"""What known answers give to the probes of an exercise: real answers, in a real worker.

The lesson and the solutions run once, up to the exercise; each answer then runs in a fork of that state, and is asked
there. Records on the supervisor's connection, one an answer and in order: seen, observations; or lost, where the
answer's process ended or took too long.
"""

import time
from collections.abc import Sequence

from checks.capture import TimeLimitExceeded
from closed_doors.grading.hints.ask_probes import NoReplyError, observe_student, program
from closed_doors.grading.protocol.channel import Channel, ChannelClosedError, DeadlineError
from closed_doors.grading.protocol.messages import Message, ProbeResult, SurveyLost, SurveySeen
from closed_doors.grading.student.probe_observation import Observation
from closed_doors.grading.student.worker_handle import State

PROBING_S = 10.0
TRIES = 3  # a machine out of breath is no answer


def survey(job: Channel, state: State, cell_s: float, answers: Sequence[str], setup: str, calls: Sequence[str]) -> None:
    """Probe each answer in forks of the state that stands before it."""
    probes = program(setup, calls)
    for source in answers:
        for _ in range(TRIES):
            child = state.fork()
            try:
                child.run(source, cell_s)
                seen = observe_student(child, probes, len(calls), PROBING_S)
                record: Message = SurveySeen(tuple(map(_result, seen)))
                break
            except (ChannelClosedError, DeadlineError, NoReplyError, TimeLimitExceeded):
                record = SurveyLost()
            finally:
                state.end(child)
        job.send(record, deadline=time.monotonic() + 60)


def _result(seen: Observation) -> ProbeResult:
    form, numbers = seen.value.plain()
    return ProbeResult(form, numbers, seen.container, seen.changes)
