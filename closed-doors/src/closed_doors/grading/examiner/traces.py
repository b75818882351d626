"""What really went wrong in a cell of the instructor's, for the staff: the line, its text and the error as it was.

A student is never shown any of it (`checks.explain` says what a student reads): it may hold a hidden test. It is in
English, as all that the staff reads on a terminal, whatever the course's language.
"""

import ast
import linecache
import re
import reprlib
import traceback
from collections.abc import Iterator, Sequence
from types import FrameType

from checks.failure import Failure
from checks.name_of_call import STANDS_FOR_STUDENT, evaluated
from closed_doors.core.wording import Sentence
from closed_doors.grading.verdict.verdict import Trace

LONGEST_LINE, LONGEST_ERROR = 200, 400
ON_STDERR = "it wrote on stderr, for which nbgrader gives nothing: "
STAFF = "en"
_PLAIN = (bool, int, float, complex, str, bytes, list, tuple, set, dict)
_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}")


def trace_of(criterion: str, error: BaseException, filename: str, compared: bool = False) -> Trace:
    """Return where in a cell an error came up.

    Args:
        criterion: the test.
        error: what left it.
        filename: what tracebacks call the cell.
        compared: whether to say what a failed assertion compared: of the master's own solution, for its author.
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
        error=f"{_said(error)}{_values(error, filename) if compared else ''}"[:LONGEST_ERROR],
        theirs="" if place is None else f"{place[2]}, line {place[0]}: {place[1]}"[:LONGEST_LINE],
    )


def read_outputs(outputs: Sequence[object]) -> tuple[str, str]:
    """Return the value that a cell showed, as text, and what ended it; anything may come from a student."""
    for output in outputs:
        if not isinstance(output, dict):
            continue
        if output.get("output_type") == "error":
            return "", _ADDRESS.sub("0x…", f"{output.get('ename')}: {output.get('evalue')}")[:LONGEST_ERROR]
        if output.get("output_type") == "stream" and output.get("name") == "stderr":
            return "", f"{ON_STDERR}{str(output.get('text')).strip()}"[:LONGEST_ERROR]
        data = output.get("data")
        if output.get("output_type") == "execute_result" and isinstance(data, dict):
            return str(data.get("text/plain", ""))[:LONGEST_LINE], ""
    return "", ""


def _said(error: BaseException) -> str:
    """Return an error as Python ends a traceback with; the same in every run."""
    kind = type(error)
    name = kind.__name__ if kind.__module__ in ("builtins", "__main__") or _is_students(kind) else _full_name(kind)
    first = error.args[0] if error.args else None
    try:
        text = first.told(STAFF) if isinstance(first, Sentence) else str(error)
    except BaseException:
        text = "(its message can't be read)"
    return _ADDRESS.sub("0x…", f"{name}: {text}" if text else name)[:LONGEST_ERROR]


def _values(error: BaseException, filename: str) -> str:
    """Return what an assertion without a message of its own compared, where that is plain and calls nobody."""
    failure = Failure.of(error, filename)
    if not isinstance(error, AssertionError) or error.args or not failure.in_cell:
        return ""
    frame = failure.in_cell[-1][0]
    condition = next((node.test for node in failure.at_line() if isinstance(node, ast.Assert)), None)
    parts = ((part, _shown(part, frame)) for part in _compared(condition))
    shown = [f"{ast.unparse(part)} is {value}" for part, value in parts if value]
    return _ADDRESS.sub("0x…", f" ({', '.join(dict.fromkeys(shown))})") if shown else ""


def _compared(condition: ast.expr | None) -> Iterator[ast.expr]:
    for node in ast.walk(condition) if condition else ():
        if isinstance(node, ast.Compare):
            yield from (part for part in (node.left, *node.comparators) if not isinstance(part, ast.Constant))


def _shown(part: ast.expr, frame: FrameType) -> str:
    """Return a short plain value as Python writes it; nothing where it is anything else."""
    value = evaluated(part, frame)
    return reprlib.repr(value) if type(value) in _PLAIN else ""


def _full_name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _is_students(kind: type) -> bool:
    return getattr(kind, STANDS_FOR_STUDENT, False) is True or kind.__module__.startswith(("closed_doors.", "checks."))
