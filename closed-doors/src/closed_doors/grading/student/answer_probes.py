"""Runs the probes of an exercise beside a student's code, in the student's process: what they give is a claim."""

import builtins
import io
import marshal
from contextlib import redirect_stderr, redirect_stdout
from types import CodeType

from closed_doors.grading.clocks.cell_clock import OutOfTimeError
from closed_doors.grading.protocol.messages import ProbeResult
from closed_doors.grading.student.probe_observation import (
    Value,
    container_of,
    copies,
    error_value,
    same_inputs,
    value_of,
)


def run_program(data: bytes, student_names: dict[str, object]) -> list[ProbeResult]:
    """Run probes beside a student's code, in the student's process, and return what each of them gave.

    Args:
        data: the probes; every name that they do not make or import themselves is the student's.
        student_names: the student's global names.

    Raises:
        OutOfTimeError: their time is over.
    """
    setup, wanted, probes = marshal.loads(data)  # noqa: S302  (the examiner's)
    namespace: dict[str, object] = {"__name__": "__main__", "__builtins__": builtins}
    namespace |= {name: student_names[name] for name in wanted if name in student_names}
    rows = []
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        exec(setup, namespace)  # noqa: S102
        for call, names in probes:
            before = copies(namespace, names)
            value, container = _given(call, namespace)
            changes = not same_inputs(before, namespace)
            rows.append(ProbeResult(value.form, value.numbers, container, changes))
            if changes:
                namespace |= before
    return rows


def _given(call: CodeType, namespace: dict[str, object]) -> tuple[Value, str]:
    try:
        result = eval(call, namespace)  # noqa: S307
        return value_of(result), container_of(result)
    except OutOfTimeError:  # no answer of the student's code
        raise
    except BaseException as error:
        return error_value(error), ""
