"""Each attack is a submission with its expected mark beside it, graded in the real sandbox.

`shows` must be among what the student is shown, `hides` must not. Nothing that a case leaves running may be there
after it.
"""

import subprocess
import time

import pytest

from grading.execution.supervisor import Zygote
from tests.attacks.cases import CASES, Case, graded

pytestmark = pytest.mark.timeout(180)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.threat:02}-{case.what}")
def test_an_attack_earns_what_the_plain_answer_earns(case: Case, zygote: Zygote) -> None:
    """The mark is that of the same work without the attack, and the sandboxes are gone afterwards."""
    result = graded(zygote, case)
    assert result.complete, result.remarks
    assert sum(verdict.earned for verdict in result.verdicts.values()) == case.earns
    shown = str(result.outputs)
    assert case.shows in shown
    assert not case.hides or case.hides not in shown
    assert len(shown) < 5_000_000
    assert children_of(zygote) == 0


def children_of(zygote: Zygote) -> int:
    """Count what the zygote's forks have left, once they had a moment to be reaped."""
    for _ in range(20):
        found = subprocess.run(
            ["pgrep", "-c", "-P", str(zygote.pid), "-r", "R,S,D,T"], capture_output=True, check=False
        )
        if (count := int(found.stdout)) == 0:
            return 0
        time.sleep(0.1)
    return count


def test_there_are_enough_cases() -> None:
    """Every row that a notebook's content can try has a case."""
    assert len(CASES) >= 60
    assert {case.threat for case in CASES} >= {*range(1, 15), 17, 18, 19, 20, 21, 22, 27, 28}
