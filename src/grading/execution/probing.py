"""Asks a student's code what it gives to the probes of an exercise."""

import builtins
import contextlib
import io
from collections.abc import Sequence
from typing import Any

from checks.capture import silent_stderr
from grading.bridge.remote import Bridge, StudentProcessError
from grading.execution.diagnosis import Observation
from grading.execution.observation import container_of, copies, error_value, same_inputs, value_of
from grading.execution.trusted import compiled, free_names, new_namespace, run_cell

FILENAME = "<sondes>"


def compile_probes(setup: str, calls: Sequence[str]) -> None:
    """Compile probes ahead of time, for all forks of this process."""
    free_names(_whole(setup, calls))
    compiled(setup, FILENAME)
    for call in calls:
        compiled(call, FILENAME)
        free_names(call)


def observe_student(bridge: Bridge, setup: str, calls: Sequence[str]) -> list[Observation]:
    """Run probes on a student's process; every name that they do not make or import themselves is the student's.

    Args:
        bridge: the connection to it.
        setup: code that makes the probes' inputs; it runs again after a probe that has changed one.
        calls: the expressions.

    Raises:
        StudentProcessError: the process ended; nothing can be said.
    """
    namespace = new_namespace()
    for name in sorted(free_names(_whole(setup, calls))):
        if not hasattr(builtins, name):
            with contextlib.suppress(NameError):
                namespace[name] = bridge.value_of(name)
    return observe(setup, calls, namespace)


def observe(setup: str, calls: Sequence[str], namespace: dict[str, Any]) -> list[Observation]:
    """Run probes in a namespace that holds what they call, and return what each of them gave."""
    found = []
    run_cell(setup, namespace, FILENAME)
    with silent_stderr():
        for call in calls:
            before = copies(namespace, sorted(free_names(call)))
            value, container = _probe(call, namespace)
            changes = not same_inputs(before, namespace)
            found.append(Observation(value, container, changes))
            if changes:
                run_cell(setup, namespace, FILENAME)
    return found


def _probe(call: str, namespace: dict[str, Any]) -> tuple[list[Any], str]:
    _, code = compiled(call, FILENAME)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            assert code is not None
            result = eval(code, namespace)  # noqa: S307  (the instructor's code)
    except StudentProcessError:
        raise
    except Exception as error:
        return error_value(error), ""
    return value_of(result), container_of(result)


def _whole(setup: str, calls: Sequence[str]) -> str:
    return "\n".join([setup, *calls])
