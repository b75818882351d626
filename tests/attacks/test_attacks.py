"""Each attack is a submission with its expected mark beside it, graded in the real sandbox.

`shows` must be among what the student is shown, `hides` must not. Nothing that a case leaves running may be there
after it.
"""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.attacks.cases import CASES, ROOT, Case, graded

from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.verdict.verdict import Graded
from support.processes import eventually, family, runs

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
    assert eventually(lambda: is_alone(zygote))


def test_neighbours_earn_the_same_in_any_order(zygote: Zygote) -> None:
    """Honest work between attackers, before them or after them, earns what it earns alone."""
    honest = next(case for case in CASES if case.earns == 17)
    attackers = [
        case for case in CASES if case.what in ("forks", "memory on the heap", "the bridge's own modules patched")
    ]
    alone = marks(graded(zygote, honest))
    for order in ([honest, *attackers], [*attackers, honest], [attackers[0], honest, *attackers[1:]]):
        results = {case.what: marks(graded(zygote, case)) for case in order}
        assert results[honest.what] == alone


def test_attackers_at_the_same_time_disturb_nobody(zygote: Zygote) -> None:
    """Two threads of the supervisor grade an attacker and an honest student side by side."""
    honest = next(case for case in CASES if case.earns == 17)
    attacker = next(case for case in CASES if case.what == "forks")
    alone = marks(graded(zygote, honest))
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(graded, zygote, case) for case in (attacker, honest, attacker, honest)]
        results = [marks(future.result()) for future in futures]
    assert results[1] == results[3] == alone


def test_course_files_are_the_same_afterwards(zygote: Zygote) -> None:
    """No file of the course, its settings or its packages is changed by any of the writing attacks."""
    before = digest()
    for case in CASES:
        if case.threat in (9, 10):
            graded(zygote, case)
    assert digest() == before


def digest() -> dict[str, str]:
    files = [path for folder in ("source", "release", "src", "masters") for path in (ROOT / folder).rglob("*")]
    files = [path for path in files if path.is_file() and "__pycache__" not in path.parts]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def marks(result: Graded) -> list[float]:
    return [verdict.earned for verdict in result.verdicts.values()]


def is_alone(zygote: Zygote) -> bool:
    """Say whether nobody runs besides what stays between submissions."""
    return len([pid for pid in family(zygote.pid) if runs(pid)]) == 1 + zygote.resident_count


def test_there_are_enough_cases() -> None:
    """Every row that a notebook's content can try has a case."""
    assert len(CASES) >= 60
    assert {case.threat for case in CASES} >= {*range(1, 15), 17, 18, 19, 20, 21, 22, 27, 28}
