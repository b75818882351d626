"""A cell that Python can't read is one failed cell: its author's, and nobody loses more by it."""

import pytest

from closed_doors.grading.clocks.deadlines import Deadlines
from closed_doors.grading.master_proof import refusals
from closed_doors.grading.processes.supervisor import prove
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.notebook.plan import plan
from support.small_notebooks import Small

RIGHT = "def f(x):\n    return x"
ASSERT = "assert f(1) == 1"
BROKEN_INDENTATION = "def f(x):\n        y = x\n    return y"
UNREADABLE = {
    "broken indentation": BROKEN_INDENTATION,
    "tabs and spaces": "def f(x):\n\ty = x\n        return y",
    "an open bracket": "print((1",
    "an open text": "x = '''abc",
    "a null byte": "x = '\0'",
    "a lone surrogate": "x = '\ud800'",
    "typographic quotes": "x = \u201ca\u201d",
    "many signs": "x = " + "-" * 100_000 + "1",
    "a long sum": "x = " + "+".join(["1"] * 1_500),
    "a very long sum": "x = " + "+".join(["1"] * 20_000),
    "many branches": "if 0: pass\n" + "elif 0: pass\n" * 1_500,
}


def test_an_unreadable_cell_of_a_students_own_takes_nothing(zygote: Zygote) -> None:
    """Cells that a student tried out and left behind, in whatever state, cost no mark."""
    small = Small()
    for source in UNREADABLE.values():
        small.own(source)
    graded = small.answer(RIGHT, RIGHT).grading(ASSERT).grade(zygote)
    assert [verdict.earned for verdict in graded.verdicts.values()] == [2]


@pytest.mark.parametrize("name", ["broken indentation", "tabs and spaces", "a lone surrogate", "many signs"])
def test_an_unreadable_answer_loses_its_own_points_only(zygote: Zygote, name: str) -> None:
    """An answer that Python can't read earns nothing, and the one beside it all."""
    small = Small().answer(UNREADABLE[name], RIGHT).grading(ASSERT)
    graded = (
        small.answer("def g(x):\n    return x", "def g(x):\n    return x").grading("assert g(1) == 1").grade(zygote)
    )
    assert [verdict.earned for verdict in graded.verdicts.values()] == [0, 2]


def test_the_student_is_told_the_line_of_a_broken_indentation(zygote: Zygote) -> None:
    """The message names the cell's line and error."""
    graded = Small().answer(BROKEN_INDENTATION, RIGHT).grading(ASSERT).grade(zygote)
    (criterion,) = graded.verdicts[1].criteria
    assert "à la ligne 3" in criterion.message
    assert "IndentationError" in criterion.message


@pytest.mark.parametrize("source", [BROKEN_INDENTATION.replace("f(", "h("), "(a\n b) => c", "     1\n   1 1\n  1 2 1"])
def test_an_unreadable_lesson_cell_takes_nothing(zygote: Zygote, source: str) -> None:
    """A cell of the lesson that is no Python, as one that shows an example, ends as it does in a notebook."""
    small = Small().lesson(source).answer(RIGHT, RIGHT).grading(ASSERT)
    steps = plan(small.master, small.master)
    assert [verdict.earned for verdict in prove(zygote, steps, Deadlines(10, 60)).verdicts.values()] == [2]


def test_an_unreadable_grading_cell_is_refused_alone(zygote: Zygote) -> None:
    """A test that is no Python is refused with its line and error; the cell beside it is graded."""
    small = Small().answer(RIGHT, RIGHT).grading("x = 1\nassert f(1 == 1").grading(ASSERT)
    steps = plan(small.master, small.master)
    (refusal,) = refusals(steps, prove(zygote, steps, Deadlines(10, 60)))
    assert (refusal.number, refusal.line) == (2, 2)
    assert "SyntaxError" in refusal.said()


def test_a_grading_cell_may_define_a_run_tests_of_its_own(zygote: Zygote) -> None:
    """A function of that name, hidden with all that it calls, is the cell's own: the cell is judged as one."""
    tests = "### BEGIN HIDDEN TESTS\ndef run_tests():\n    assert f(1) == 1\n\nrun_tests()\n### END HIDDEN TESTS"
    small = Small().answer(RIGHT, RIGHT).grading(tests)
    assert [v.earned for v in small.grade(zygote).verdicts.values()] == [2]
    small = Small().answer("def f(x):\n    return 2", RIGHT).grading(tests)
    assert [v.earned for v in small.grade(zygote).verdicts.values()] == [0]
