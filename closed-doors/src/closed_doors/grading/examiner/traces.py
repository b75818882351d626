"""What really went wrong in a cell of the instructor's, for the staff: the line, its text and the error as it was.

A student is never shown any of it (`checks.explain` says what a student reads): it may hold a hidden test.
"""

import linecache
import re
import traceback
from collections.abc import Sequence

from checks.name_of_call import STANDS_FOR_STUDENT
from closed_doors.grading.verdict.verdict import Trace

LONGEST_LINE, LONGEST_ERROR = 200, 400
_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}")


def trace_of(criterion: str, error: BaseException, filename: str) -> Trace:
    """Return where in a cell an error came up.

    Args:
        criterion: the test.
        error: what left it.
        filename: what tracebacks call the cell.
    """
    line, source = 0, ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename == filename:
            line, source = number, linecache.getline(filename, number).strip()
    place = getattr(error, "student_place", None)
    return Trace(
        criterion=criterion,
        line=line,
        source=source[:LONGEST_LINE],
        error=_said(error),
        theirs="" if place is None else f"{place[2]}, line {place[0]}: {place[1]}"[:LONGEST_LINE],
    )


def read_outputs(outputs: Sequence[object]) -> tuple[str, str]:
    """Return the value that a cell showed, as text, and what ended it; anything may come from a student."""
    for output in outputs:
        if not isinstance(output, dict):
            continue
        if output.get("output_type") == "error":
            return "", _ADDRESS.sub("0x…", f"{output.get('ename')}: {output.get('evalue')}")[:LONGEST_ERROR]
        data = output.get("data")
        if output.get("output_type") == "execute_result" and isinstance(data, dict):
            return str(data.get("text/plain", ""))[:LONGEST_LINE], ""
    return "", ""


def _said(error: BaseException) -> str:
    """Return an error as Python ends a traceback with; the same in every run."""
    kind = type(error)
    name = kind.__name__ if kind.__module__ in ("builtins", "__main__") or _is_students(kind) else _full_name(kind)
    try:
        text = str(error)
    except BaseException:
        text = "(its message can't be read)"
    return _ADDRESS.sub("0x…", f"{name}: {text}" if text else name)[:LONGEST_ERROR]


def _full_name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _is_students(kind: type) -> bool:
    return getattr(kind, STANDS_FOR_STUDENT, False) is True or kind.__module__.startswith("closed_doors.")
