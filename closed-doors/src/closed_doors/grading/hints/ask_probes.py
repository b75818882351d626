"""Asks a student's code what it gives to the probes of an exercise.

Probes are public, and what they give can only choose one of the course's own hints. So they all run in the student's
process, a fork that answers nothing else, and one message brings back what they gave. That process is hostile ground:
what comes back may be anything, and is a claim like any other.
"""

import builtins
import marshal
from collections.abc import Sequence

import numpy as np

from checks.capture import time_limit
from closed_doors.grading.protocol.channel import Expected
from closed_doors.grading.protocol.messages import Observe, Observed
from closed_doors.grading.student.probe_observation import (
    LONGEST_FORM,
    MOST_NUMBERS,
    Observation,
    Value,
)
from closed_doors.grading.student.worker_handle import GUARD, State
from closed_doors.notebook.global_names import free_names

FILENAME = "<probes>"
OBSERVED = Expected(Observed)
LARGEST_REPLY_BYTES = 4 << 20


class NoReplyError(Exception):
    """What came back is no list of observations."""


def program(setup: str, calls: Sequence[str]) -> bytes:
    """Return probes as compiled code, which a student's process need not compile again.

    Args:
        setup: code that makes the probes' inputs; one that a probe has changed is put back.
        calls: the expressions.
    """
    names = free_names("\n".join([setup, *calls]))
    wanted = sorted(name for name in names if not hasattr(builtins, name))
    probes = [(compile(call, FILENAME, "eval"), sorted(free_names(call))) for call in calls]
    return marshal.dumps((compile(setup, FILENAME, "exec"), wanted, probes))


def observe_student(state: State, data: bytes, count: int, seconds: float) -> list[Observation]:
    """Have probes run in a student's process, and return what they gave, or what it says that they gave.

    Args:
        state: the process; it's of no use for anything else afterwards.
        data: the probes, from `program`.
        count: how many they are.
        seconds: time for all of them, of which waiting for a busy machine is no part.

    Raises:
        NoReplyError: the reply is something else.
        ChannelClosedError: the process ended, or its reply is unreadable or too large.
        TimeLimitExceeded: there was no reply.
    """
    with time_limit(GUARD * seconds):
        state.channel.send(Observe(data, seconds))
        rows = state.channel.receive(OBSERVED, largest=LARGEST_REPLY_BYTES).rows
    if len(rows) != count:
        raise NoReplyError
    return [_observation(row) for row in rows]


def _observation(row: object) -> Observation:
    match row:
        case [str() as form, np.ndarray() as numbers, str() as container, bool() as changes]:
            short = max(len(form), len(container)) <= LONGEST_FORM and numbers.size <= MOST_NUMBERS
            if short and numbers.ndim == 1 and numbers.dtype == float:
                return Observation(Value(form, numbers), container, changes)
    raise NoReplyError
