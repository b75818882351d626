"""What is too slow is judged again, alone, before it counts; nothing else runs beside it, and nobody waits for ever."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from checks.report import Kind
from closed_doors.core.assignment_files import AssignmentFiles
from closed_doors.grading.processes.alone_or_among_others import Company
from closed_doors.grading.processes.file_trees import PACKAGES, file_trees
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.sandbox.image import HELD
from closed_doors.grading.verdict.remark import RemarkCode
from closed_doors.grading.verdict.verdict import Graded, Verdict
from support.processes import eventually
from support.small_notebooks import SETUP, Small

WAIT = "import time\nfrom pathlib import Path\nwhile Path('outils/beside').exists():\n    time.sleep(0.01)"
INSIDE = WAIT.replace("\n", "\n    ")
TESTS = """
def test_shown():
    assert f(3) == 6
### BEGIN HIDDEN TESTS
def test_others():
    assert f(5) == 10
### END HIDDEN TESTS
run_tests(points=2, timeout_s=0.5)"""
LONG_S = 100.0


def slow_beside(answer: str, lesson: str = "") -> Small:
    small = Small().lesson(SETUP).answer(answer, "def f(x): return 2 * x")
    if lesson:
        small.lesson(lesson)
    return small.grading(TESTS)


@pytest.mark.parametrize(
    ("answer", "lesson"),
    [
        (f"def f(x):\n    {INSIDE}\n    return 2 * x", ""),  # a visible criterion, and a hidden one
        (f"def f(x):\n    if x == 5:\n        {INSIDE}\n    return 2 * x".replace("\n    while", "\n        while")
         .replace("\n    from", "\n        from").replace("\n        time", "\n            time"), ""),
        (f"{WAIT}\ndef f(x): return 2 * x", ""),  # a cell
        (f"def g():\n    {INSIDE}\n    return 2\ndef f(x): return 2 * x", "k = g()"),  # a lesson cell that calls it
    ],
    ids=["visible", "hidden", "cell", "lesson"],
)  # fmt: skip
def test_what_is_slow_beside_others_only_is_right(zygote: Zygote, answer: str, lesson: str) -> None:
    """An answer that needs more than its time while another submission runs earns all its points, and says why."""
    files = AssignmentFiles((("outils/__init__.py", f"# {hash(answer)}".encode()),), packages=("outils",))
    beside = file_trees(files).student / PACKAGES / "outils" / "beside"
    beside.touch()
    in_memory = Path(f"/proc/{zygote.pid}/root{HELD}", str(file_trees(files).student).strip("/").replace("/", "-"))
    other = Small().lesson(SETUP).answer(f"{WAIT}\nf = abs").grading("assert f(-3) == 3")
    with ThreadPoolExecutor(2) as slots:
        neighbour = slots.submit(other.grade, zygote, LONG_S, LONG_S, files=files)
        slow = slots.submit(slow_beside(answer, lesson).grade, zygote, 0.5, files=files)
        try:
            assert eventually(lambda: zygote.company.awaited or slow.done(), LONG_S)
        finally:
            beside.unlink()
            (in_memory / PACKAGES / "outils" / "beside").unlink()  # sandboxes see a copy, made before they began
        found, beside_it = slow.result(), neighbour.result()
    (verdict,) = found.verdicts.values()
    assert [criterion.kind for criterion in verdict.criteria] == [Kind.PASSED] * 2
    assert found.judged_alone
    assert found.remarks == []  # which a student reads
    assert earned(beside_it) == 2
    assert beside_it.remarks == []


def test_what_is_always_slow_is_named_with_its_limit(zygote: Zygote) -> None:
    """It earns nothing, and a person is told which cell, how long it had, and that it was judged twice."""
    found = slow_beside("def f(x):\n    while x == 5: pass\n    return 2 * x").grade(zygote)
    (verdict,) = found.verdicts.values()
    assert [criterion.kind for criterion in verdict.criteria] == [Kind.PASSED, Kind.TOO_SLOW]
    assert found.remarks == []
    kept = Verdict(assignment="a", student="s", notebook="n", cells=(verdict,), judged_alone=found.judged_alone)
    staff = kept.for_staff
    assert [(remark.code, remark.cell) for remark in staff] == [
        (RemarkCode.CRITERION_TOO_SLOW, "cell2"),
        (RemarkCode.JUDGED_ALONE, None),
    ]
    assert "répondu en 0,5 s" in staff[0].said().replace("\u00a0", " ")


def test_a_whole_slot_is_judged_again_too(zygote: Zygote) -> None:
    """Who uses up the time that there is among others gets as much alone, and no more."""
    small = Small().lesson(SETUP).answer("def f(x): return 2 * x")
    for _ in range(8):
        small.own("import time; time.sleep(0.8)")
    found = small.grading(TESTS).grade(zygote, cell_s=1, submission_s=4)
    assert [remark.code for remark in found.remarks] == [RemarkCode.OUT_OF_TIME]
    assert found.judged_alone
    assert not found.complete
    assert 4 <= found.slot_s < 6


def test_nothing_runs_beside_who_is_alone() -> None:
    """Among many that come and go, some want to be alone: each gets its turn, and has nobody beside it."""
    company, counting = Company(), threading.Lock()
    running, seen_alone, seen_beside = [0], list[int](), list[int]()

    def one(number: int) -> None:
        alone = number % 5 == 0
        with company.alone() if alone else company.among_others():
            with counting:
                running[0] += 1
            (seen_alone if alone else seen_beside).append(running[0])
            threading.Event().wait(0.001)
            with counting:
                running[0] -= 1

    with ThreadPoolExecutor(8) as slots:
        list(slots.map(one, range(100)))
    assert seen_alone == [1] * 20
    assert len(seen_beside) == 80


def test_a_failure_leaves_its_place() -> None:
    """Neither an error among others nor one alone keeps anybody waiting."""
    company = Company()
    for place in (company.among_others, company.alone, company.among_others):
        with pytest.raises(OSError, match="gone"), place():
            raise OSError("gone")
    assert not company.awaited


def earned(found: Graded) -> float:
    return sum(verdict.earned for verdict in found.verdicts.values())
