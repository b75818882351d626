"""Why a master's cell is refused: its author reads the cell, the line, the real error, and what to do about it."""

from closed_doors.grading.clocks.deadlines import Deadlines
from closed_doors.grading.master_proof import refusals
from closed_doors.grading.processes.supervisor import prove
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.notebook.plan import plan
from support.small_notebooks import Small

LESSON = "import numpy as np"


def reason(zygote: Zygote, small: Small) -> str:
    steps = plan(small.master, small.master)
    return next(refusals(steps, prove(zygote, steps, Deadlines(10, 60)))).said()


def test_a_missing_name_is_told_with_the_cell_that_did_not_come_to_define_it(zygote: Zygote) -> None:
    """The first of a row of them, and its error: to define the name once more would mend nothing."""
    small = Small().answer("rows = open('rain.csv').readlines()").answer("first = rows[0]").grading("assert first")
    said = reason(zygote, small)
    assert "cell 3, " in said
    assert "line 1 (assert first): NameError: name 'first' is not defined, as cell 1, " in said
    assert "ended with FileNotFoundError: [Errno 2] No such file or directory: 'rain.csv'. Put the file beside" in said
    assert "Define the name" not in said


def test_a_cell_that_is_no_python_defines_nothing(zygote: Zygote) -> None:
    """The cell that stands for the missing name is told all the same, with Python's error."""
    said = reason(zygote, Small().answer("def hello():\nreturn 1").grading("assert type(hello()) is int"))
    assert "NameError: name 'hello' is not defined, as cell 1, " in said
    assert "ended with IndentationError: expected an indented block" in said
    assert said.endswith("Mend that cell first.")


def test_a_missing_name_is_no_matter_of_idiom(zygote: Zygote) -> None:
    """However else the line may ask."""
    said = reason(zygote, Small().answer("x = 1").grading("assert type(nowhere) == int"))
    assert "name 'nowhere' is not defined. Define the name in a cell of the lesson, or in the solution." in said


def test_what_a_text_says_is_no_idiom(zygote: Zygote) -> None:
    """A message that holds the word `is` asks for no identity."""
    test = "if f() != 1: raise ValueError('it is not 1 but globals()')"
    said = reason(zygote, Small().answer("def f():\n    return 2").grading(test))
    assert "whether two objects" not in said
    assert "name what the student" not in said


def test_a_failed_assertion_is_told_with_what_it_compared(zygote: Zygote) -> None:
    """Of the master's own solution, where it is plain; what is the student's object is not asked again."""
    small = (
        Small().lesson(LESSON).answer("def f(x):\n    return x").grading("got = f(3)\nassert got == 4 and f(2) == 2")
    )
    assert "line 2 (assert got == 4 and f(2) == 2): AssertionError (got is 3). If `course try`" in reason(zygote, small)


def test_an_author_reads_english(zygote: Zygote) -> None:
    """What a student reads in the course's language stands in English in what the staff reads."""
    small = Small().lesson(LESSON).answer("class A: pass\ndef f():\n    return A()").grading("assert abs(f() - 1) < 2")
    said = reason(zygote, small)
    assert "A plain value (number, list, NumPy array or tensor) was expected, and your code gives an object" in said
    assert "valeur" not in said


def test_too_large_a_message_is_named_as_such(zygote: Zygote) -> None:
    """The remedy is to pass less, not to pass something else."""
    small = Small().lesson(LESSON).answer("def f(x):\n    return 1").grading("assert f(np.ones(2 * 10**7)) == 1")
    assert "Pass and return less at a time" in reason(zygote, small)
