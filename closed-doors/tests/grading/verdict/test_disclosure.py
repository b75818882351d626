"""What a student is told of hidden tests: whether hidden criteria are met, in the detail that the budget has."""

import builtins
import itertools
import json
from typing import Any

import msgspec
import pytest

from checks.report import Criterion, Kind, Masks
from closed_doors.core.errors import ExecutionError
from closed_doors.grading.processes.supervisor import _take
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.protocol.messages import CellOutputs, CellVerdictRecord, HintFound, RemarkRecord, Sealed
from closed_doors.grading.verdict.autograded_notebook import fill
from closed_doors.grading.verdict.disclosure import (
    after_the_seal,
    as_students_may_know,
    asked_again,
    tells_points,
    told,
)
from closed_doors.grading.verdict.verdict import CellVerdict, Detail, Diagnosis, Graded, Verdict, Witness, to_plain
from closed_doors.grading.verdict.verdict_file import cell_verdicts
from closed_doors.notebook.rebuild import rebuild
from closed_doors.pages.feedback.feedback_page import feedback_page
from support.hints import HINT, known
from support.small_notebooks import SETUP, Small
from support.works import work

SECRET = "secret 4242"
KINDS = [kind for kind in Kind if kind is not Kind.INTERNAL]


def criterion(kind: Kind, hidden: bool = True, name: str = "test_h", message: str = SECRET) -> Criterion:
    masks = Masks(("10",), ("01",))
    return Criterion(name, "Le critère.", 1.0, hidden, kind, message, SECRET, masks)


def cell_verdict(*criteria: Criterion) -> CellVerdict:
    return CellVerdict("verification", 4.0, 0.0, 4.0, criteria).with_criteria(criteria)


def page(verdict: CellVerdict, **more: Any) -> str:
    found = Verdict(assignment="petit", student="alice", notebook="petit", cells=(verdict,), **more)
    return feedback_page(work(found=found))


def notebook_text(verdict: CellVerdict) -> str:
    small = Small().answer("x = 1").grading("assert x", 4)
    graded = Graded(verdicts={1: verdict}, complete=True)
    built = rebuild(small.master, small.submitted).notebook
    fill(built, graded)
    return json.dumps([cell["outputs"] for cell in built["cells"]])


@pytest.mark.parametrize("shown", [page, notebook_text])
def test_a_page_tells_of_a_hidden_criterion_whether_it_is_met(shown: Any) -> None:
    """Over every kind, message, printed text and drawing there are two pages; two criteria have four."""
    pages = {shown(cell_verdict(criterion(kind, message=text))) for kind in KINDS for text in ("", SECRET, "a\nb")}
    assert len(pages) == 2
    assert not any("4242" in text for text in pages)
    both = itertools.product(KINDS, KINDS)
    pairs = {shown(cell_verdict(criterion(a), criterion(b, name="test_i"))) for a, b in both}
    assert len(pairs) == 4


def test_visible_criteria_keep_all_that_was_said() -> None:
    """Kind, message, what was printed and the drawing."""
    seen = criterion(Kind.WRONG_VALUES, hidden=False)
    assert told((seen,)) == (seen,)


def detailed(detail: Detail, *kinds: Kind) -> CellVerdict:
    criteria = [criterion(kind, name=f"test_{place}") for place, kind in enumerate(kinds)]
    seen = criterion(Kind.PASSED, hidden=False, name="test_seen", message="")
    return msgspec.structs.replace(cell_verdict(seen, *criteria), detail=detail)


def test_in_less_detail_a_page_tells_of_a_cell_whether_all_is_met() -> None:
    """Over all kinds of three criteria a page differs by whether all are met, and with NOTHING not at all."""
    for detail, pages in ((Detail.EACH, 8), (Detail.POINTS, 2), (Detail.WHETHER, 2), (Detail.NOTHING, 1)):
        kinds = itertools.product((Kind.PASSED, Kind.RAISED, Kind.WRONG_SHAPE), repeat=3)
        assert len({page(detailed(detail, *each)) for each in kinds}) == pages, detail


def test_points_of_a_cell_are_said_where_they_say_no_more() -> None:
    """With WHETHER they are said where all is met, with NOTHING never, and the next steps give no number away."""
    for detail, when_met, when_missed in (
        (Detail.EACH, True, True),
        (Detail.POINTS, True, True),
        (Detail.WHETHER, True, False),
        (Detail.NOTHING, False, False),
    ):
        for kind, told_them in ((Kind.PASSED, when_met), (Kind.FAILED, when_missed)):
            verdict = detailed(detail, Kind.PASSED, kind)
            assert tells_points(verdict) is told_them


def test_nothing_else_is_taken_after_the_seal() -> None:
    """Visible criteria stay as they were said before it; outputs and remarks that come later are refused."""
    before = cell_verdict(criterion(Kind.PASSED, hidden=False, name="test_v", message="avant"))
    now = cell_verdict(criterion(Kind.RAISED, hidden=False, name="test_v"), criterion(Kind.PASSED))
    kept = after_the_seal(before, now)
    assert (kept.criteria[0].kind, kept.criteria[0].message, kept.earned) == (Kind.PASSED, "avant", 4.0)
    graded = Graded(verdicts={3: before})
    _take(Sealed(), graded)
    _take(CellVerdictRecord(3, to_plain(now)), graded)
    assert graded.verdicts[3] == kept
    for late in (CellOutputs(1, []), RemarkRecord({}), HintFound(1, "a", HINT)):
        with pytest.raises(ExecutionError, match="after hidden tests had begun"):
            _take(late, graded)


HIDDEN = """
def test_shown():
    assert f(3) == 6
### BEGIN HIDDEN TESTS
def test_any():
    assert f(71) == 142
### END HIDDEN TESTS
run_tests(points=2, timeout_s=1)
"""
WAYS = {
    "another value": "0",
    "another type": "'x'",
    "another shape": "np.ones((2, 3))",
    "nothing": "None",
    "an object": "object()",
    "a name that is missing": "missing",
    "not written": "exec('raise NotImplementedError')",
    "slow": "__import__('time').sleep(2)",
    "end of the process": "__import__('os')._exit(1)",
    "printed": "print('x' * x, flush=True)",
}
SOME_ERRORS = ("ValueError", "KeyError", "SystemExit", "KeyboardInterrupt", "RecursionError", "MemoryError")


def adaptive(way: str) -> str:
    """Return an answer that is right for what is shown, and does as it likes where it is asked something else."""
    return f"def f(x):\n    if x > 9:\n        return {way}\n    return 2 * x"


def raising(name: str) -> str:
    return f"exec('raise {name}')"


def everything_shown(zygote: Zygote, answer: str) -> str:
    small = Small().lesson(SETUP).answer(answer).grading(HIDDEN)
    graded = small.grade(zygote)
    built = rebuild(small.master, small.submitted).notebook
    verdict = Verdict(assignment="a", student="b", notebook="c", cells=cell_verdicts(built, graded))
    fill(built, graded)
    outputs = [cell["outputs"] for cell in built["cells"]]
    return json.dumps([outputs, [*map(str, graded.remarks)]]) + feedback_page(work(found=verdict))


def test_however_a_hidden_test_is_missed_the_student_reads_the_same(zygote: Zygote) -> None:
    """Whatever an answer does when a hidden test calls it, notebook, page and remarks are the same to the byte."""
    assert all(hasattr(builtins, name) for name in SOME_ERRORS)
    ways = [*WAYS.values(), *map(raising, SOME_ERRORS)]
    seen = {everything_shown(zygote, adaptive(way)) for way in ways}
    assert len(seen) == 1
    assert everything_shown(zygote, adaptive("2 * x")) not in seen


LEAVES = """
import os
home = os.path.expanduser("~/.x")
def {name}(x):
    if x > 9:
        open(home, "w").close()
        return 0
    return x * (-2 if os.path.exists(home) else 2) + {wrong}
"""


def hinted(zygote: Zygote, answers: dict[str, str]) -> Graded:
    """Grade answers to functions whose tests are alike; an answer that gives the opposite is known."""
    small, exercises = Small().lesson(SETUP), []
    for place, (name, answer) in enumerate(answers.items()):
        small.answer(answer).grading(HIDDEN.replace("f(", f"{name}("))
        calls = [f"{name}({number})" for number in (1, 5, 7)]
        check = f"cell{2 * place + 2}"
        exercises += json.loads(known({"sign": [-2, -10, -14]}, calls, [2, 10, 14], check=check))["exercises"]
    return small.grade(zygote, diagnosis=json.dumps({"sources": "", "exercises": exercises}).encode())


def test_what_hidden_tests_teach_chooses_no_hint(zygote: Zygote) -> None:
    """An answer that leaves in a file that hidden tests have called it, for its hint, gets none by it."""
    graded = hinted(zygote, {name: LEAVES.format(name=name, wrong=0) for name in "fg"})
    assert graded.complete
    assert not any(verdict.diagnosis for verdict in graded.verdicts.values())


def test_an_answer_that_only_hidden_tests_refuse_has_its_hint(zygote: Zygote) -> None:
    """It is right for what is shown, wrong elsewhere in a way that is known: the first such exercise has a hint."""
    answer = "def {0}(x): return 2 * x if x == 3 else -2 * x"
    graded = hinted(zygote, {name: answer.format(name) for name in "fg"})
    assert graded.complete
    assert [bool(verdict.diagnosis) for verdict in graded.verdicts.values()] == [True, False]


def test_what_uses_a_hidden_regions_names_is_hidden_too(zygote: Zygote) -> None:
    """A visible test, or a cell of visible asserts, that passes a hidden cell's values on tells nothing of them."""
    answer = "def f(x): return 1\ndef g(x): raise ValueError(f'vu {x}')"
    region = "### BEGIN HIDDEN TESTS\nsecret = 424242\n{more}\n### END HIDDEN TESTS\n"
    asserts = Small().lesson(SETUP).answer(answer).grading(region.format(more="assert f(secret) == 1"))
    asserts.grading("assert g(secret) == 1").grading("double = 2 * secret\nassert g(double) == 1")
    named = Small().lesson(SETUP).answer(answer).grading(region.format(more="") + "run_tests(points=2)")
    named.grading("other = secret + 1\ndef test_other():\n    assert g(other) == 1\nrun_tests(points=2)")
    for notebook in (asserts, named):
        result = notebook.grade(zygote)
        assert result.complete
        result.verdicts = {
            at: msgspec.structs.replace(verdict, traces=()) for at, verdict in result.verdicts.items()
        }  # the staff's
        assert not any(text in str(result) for text in ("424242", "848484", "424243"))


def test_a_lesson_cell_passes_no_hidden_value_on(zygote: Zygote) -> None:
    """A master in which a lesson's cell would call the student's code with one is refused, and the cell named."""
    region = "### BEGIN HIDDEN TESTS\nsecret = 424242\n### END HIDDEN TESTS\nrun_tests(points=2)"
    notebook = Small().lesson(SETUP).answer("def f(x): return 1").grading(region).lesson("f(secret)")
    with pytest.raises(ExecutionError, match="Cell 4 of the master itself fails: it calls the student's code with"):
        notebook.grade(zygote)


def test_a_helper_of_a_visible_cell_passes_no_hidden_value_on(zygote: Zygote) -> None:
    """Nor one that a cell of bare asserts defines, and that reads a hidden value when it is called."""
    region = "### BEGIN HIDDEN TESTS\nsecret = 424242\n### END HIDDEN TESTS\nrun_tests(points=2)"
    notebook = Small().lesson(SETUP).answer("def f(x): return 1").grading(region)
    notebook.grading("def helper(): return secret\nassert f(3) == 1").lesson("f(helper())")
    with pytest.raises(ExecutionError, match="Cell 5 of the master itself fails: it calls the student's code with"):
        notebook.grade(zygote)


def test_a_lesson_cell_has_its_own_value_of_a_name_that_hidden_asserts_bind(zygote: Zygote) -> None:
    """What a cell of bare asserts computes comes when it is judged: a lesson's cell below passes nothing of it on."""
    hidden = "### BEGIN HIDDEN TESTS\nknown = 424242\nassert f(known) == 1\n### END HIDDEN TESTS\nassert f(3) == 1"
    answer = "seen = []\ndef f(x):\n    seen.append(x)\n    return 1"
    notebook = Small().lesson(SETUP).answer(answer).lesson("known = 7").grading(hidden).lesson("f(known)")
    result = notebook.answer("print(seen)").grading("assert f(4) == 1").grade(zygote)
    assert [verdict.earned for verdict in result.verdicts.values()] == [2, 2]
    assert "424242" not in str(result.outputs)


def test_the_first_that_misses_hidden_criteria_only_is_asked_again() -> None:
    """If its student may know that it does; one that misses a visible criterion too was asked before."""
    hidden = cell_verdict(criterion(Kind.FAILED))
    both = cell_verdict(criterion(Kind.FAILED), criterion(Kind.FAILED, hidden=False, name="test_v"))
    other = msgspec.structs.replace(hidden, grade_id="other")
    graded = Graded(verdicts={1: both, 2: other, 3: hidden, 5: hidden})
    graded.details = {"verification": Detail.EACH, "other": Detail.NOTHING}
    assert asked_again(graded) == 3
    graded.details["other"] = Detail.WHETHER
    assert asked_again(graded) == 2
    assert asked_again(Graded(verdicts={1: both}, details=graded.details)) is None


def test_examples_are_shown_where_hidden_criteria_are_missed() -> None:
    """One is not shown where every hidden criterion is met; each verdict has the detail of its cell."""
    missed, met = cell_verdict(criterion(Kind.FAILED)), cell_verdict(criterion(Kind.PASSED))
    early, hint = Witness("f(3)", "3"), Diagnosis("a", HINT)
    graded = Graded(verdicts={1: missed, 3: missed, 4: met}, witnesses={1: early, 4: early}, hints={3: (hint,)})
    graded.details = {"verification": Detail.POINTS}
    found = as_students_may_know(graded).values()
    assert [v.witness for v in found] == [early, None, None]
    assert [v.diagnosis for v in found] == [None, hint, None]
    assert {v.detail for v in found} == {Detail.POINTS}
