"""What the student's code raised is told by its own name."""

import pytest

from closed_doors.grading.processes.zygote_handle import Zygote
from support.small_notebooks import SETUP, Small

TESTS = '''
def test_double():
    """Le double."""
    assert double(4) == 8
run_tests(points=2)
'''
RIGHT = "def double(x):\n    return 2 * x"
CALLS = {
    "import sys\ndef double(x):\n    sys.exit('fini')": "double(4) a levé SystemExit : fini",
    "def double(x):\n    raise KeyboardInterrupt": "double(4) a levé KeyboardInterrupt",
    "class Mine(BaseException): pass\ndef double(x):\n    raise Mine('moi')": "double(4) a levé Mine : moi",
}


@pytest.mark.parametrize("answer", CALLS)
def test_what_ends_programs_is_told_as_what_it_is(answer: str, zygote: Zygote) -> None:
    """An exit or an interrupt in an answer is no RuntimeError."""
    (verdict,) = Small().lesson(SETUP).answer(answer, RIGHT).grading(TESTS).grade(zygote).verdicts.values()
    assert verdict.criteria[0].message.replace("\u00a0", " ").startswith(CALLS[answer])


@pytest.mark.parametrize("answer", ["def double(x):\n    exit()\n    return 2 * x", f"{RIGHT}\nquit()\nlast = 1"])
def test_exit_ends_nothing(answer: str, zygote: Zygote) -> None:
    """IPython's exit() returns, as in a kernel: neither the function nor the cell fails of it."""
    graded = Small().lesson(SETUP).answer(answer, RIGHT).grading(TESTS).grade(zygote)
    (verdict,) = graded.verdicts.values()
    assert verdict.earned == 2
    assert not any(output["output_type"] == "error" for output in graded.outputs[1])
