"""Warnings of the student's code come to the test, and cost what they cost in an ordinary kernel."""

import linecache
import warnings

import pytest

from closed_doors.grading.bridge.told_warnings import show_again
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.protocol.messages import Warned
from support.small_notebooks import SETUP, Small

PARTS = ("message", "category", "filename", "lineno", "line")
QUIET = "def f(x): return 2 * x"
WARNS = "import warnings\ndef f(x):\n    warnings.warn('doubled')\n    return 2 * x"
WRITES = "import sys\ndef f(x):\n    print('doubled', file=sys.stderr)\n    return 2 * x"


@pytest.mark.parametrize("answer", [WARNS, WRITES])
def test_what_is_written_on_stderr_costs_what_nbgrader_takes(zygote: Zygote, answer: str) -> None:
    """A cell of bare asserts that lets something through to stderr earns nothing, each time, and it is said why."""
    small = Small().lesson(SETUP).answer(answer, QUIET).grading("assert f(1) == 2").grading("assert f(2) == 4")
    verdicts = list(small.grade(zygote, prove=True).verdicts.values())
    assert [verdict.earned for verdict in verdicts] == [0, 0]
    assert all("doubled" in verdict.criteria[0].message for verdict in verdicts)


def test_a_warning_shows_no_line_of_a_file_here() -> None:
    """A student's process names a file; a line of a hidden test must not come out so."""
    linecache.cache["<cell hidden>"] = (1, None, ["assert secret == 7\n"], "<cell hidden>")
    with warnings.catch_warnings(record=True) as caught:
        show_again(Warned(b"", "text", "<cell hidden>", 1), UserWarning)
    assert "text" in str(caught[0])
    assert "secret" not in warnings.formatwarning(*(getattr(caught[0], name) for name in PARTS))
