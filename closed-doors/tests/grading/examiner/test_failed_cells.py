"""What graded work is told where the cell of an answer failed when it ran: the cause, once, and its line."""

import pytest

from checks.report import Kind
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.verdict.verdict import CellVerdict
from support.small_notebooks import SETUP, Small

TESTS = """
def test_shown():
    'Le double de 3.'
    assert f(3) == 6
### BEGIN HIDDEN TESTS
def test_others():
    'Le double de 4711.'
    assert f(4711) == 9422
### END HIDDEN TESTS
run_tests(points=2)"""
RIGHT = "def f(x):\n    return 2 * x"
STUB = "def f(x):\n    # VOTRE CODE ICI\n    raise NotImplementedError()"
STOPPED = {
    "a name": ("class A(nn.Module):\n    pass\n" + RIGHT, "à la ligne 1", "NameError, name 'nn' is not defined"),
    "an import": ("x = 1\nimport absent_from_here\n" + RIGHT, "à la ligne 2", "un import échoue (ModuleNotFoundError"),
    "syntax": ("def f(x)\n    return 2 * x", "à la ligne 1", "erreur de syntaxe"),
    "syntax further down": (RIGHT + "\nprint('a'", "à la ligne 3", "erreur de syntaxe"),
    "a raise left behind": ("raise NotImplementedError()\n" + RIGHT, "à la ligne 1", "effacez cette ligne"),
    "under a magic": ("%%time\nimport absent_from_here\n" + RIGHT, "", "un import échoue"),
    "its own check": ("assert 1 == 2, 'aïe'\n" + RIGHT, "à la ligne 1", "AssertionError, aïe"),
    "an end": ("import os\nos._exit(0)\n" + RIGHT, "", "elle a arrêté le programme"),
    "no end": ("while True: pass\n" + RIGHT, "", "elle n'a pas fini en 1 s"),
    "a text that cannot be sent": ("raise ValueError('\\ud800')\n" + RIGHT, "à la ligne 1", "ValueError"),
}


def verdict(zygote: Zygote, *cells: str, tests: str = TESTS) -> CellVerdict:
    small = Small().lesson(SETUP)
    for cell in cells[:-1]:
        small.own(cell)
    result = small.answer(cells[-1], RIGHT).grading(tests).grade(zygote, cell_s=1)
    (found,) = result.verdicts.values()
    return found


@pytest.mark.parametrize("case", STOPPED)
def test_a_cell_that_failed_says_so_first(zygote: Zygote, case: str) -> None:
    """All criteria, hidden ones too, name what stopped the cell and its line, and none calls the function unwritten."""
    answer, line, why = STOPPED[case]
    found = verdict(zygote, answer)
    assert [criterion.kind for criterion in found.criteria] == [Kind.CELL_FAILED] * 2
    messages = {criterion.message.replace("\u00a0", " ") for criterion in found.criteria}
    assert len(messages) == 1
    (message,) = messages
    assert message.startswith(f"La cellule qui définit f s'est arrêtée {line}".rstrip())
    assert why in message
    assert found.diagnosis is None


def test_a_cell_of_asserts_says_so_too(zygote: Zygote) -> None:
    """nbgrader's own style of test knows how the answer's cell ended."""
    found = verdict(zygote, "import absent_from_here\n" + RIGHT, tests="assert f(3) == 6")
    assert [criterion.kind for criterion in found.criteria] == [Kind.CELL_FAILED]


def test_the_first_cause_is_told(zygote: Zygote) -> None:
    """A cell that fails for want of what another should have defined names the other."""
    found = verdict(zygote, "import absent_from_here\nclass Base: pass", "class Mine(Base): pass\n" + RIGHT)
    assert found.criteria[0].message.startswith("La cellule qui définit Base s'est arrêtée à la ligne 1")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (STUB, Kind.NOT_WRITTEN),
        ("# VOTRE CODE ICI\nraise NotImplementedError()", Kind.NOT_DEFINED),
        (RIGHT.replace("return", "y =") + "\n\n\n\n    raise NotImplementedError()\n    return y", Kind.RAISED),
        ("class Inner:\n    def g(self):\n        y = 1\n        raise NotImplementedError()\n"
         "def f(x):\n    return Inner().g()", Kind.RAISED),
    ],
)  # fmt: skip
def test_only_an_untouched_stub_is_unwritten(zygote: Zygote, answer: str, kind: Kind) -> None:
    """A raise that was left behind in a function with work in it is an error with a line, in a class too."""
    assert verdict(zygote, answer).criteria[0].kind is kind


def test_a_cell_that_fails_after_the_definition_costs_nothing(zygote: Zygote) -> None:
    """What the cell has defined before it failed is judged as it is."""
    assert verdict(zygote, RIGHT + "\nimport absent_from_here").earned == 2


def test_a_later_cell_is_no_excuse(zygote: Zygote) -> None:
    """How a cell below the tests ended says nothing of what they judged."""
    small = Small().lesson(SETUP).answer("g = 1", RIGHT).grading(TESTS).own("import absent_from_here\n" + RIGHT)
    (found,) = small.grade(zygote).verdicts.values()
    assert found.criteria[0].kind is Kind.NOT_DEFINED


def test_a_program_that_ends_during_a_call_says_so(zygote: Zygote) -> None:
    """In a sentence, and not by the name that the grader gives to it."""
    found = verdict(zygote, "import os\ndef f(x):\n    os._exit(0)")
    shown, hidden = (criterion.message.replace("\u00a0", " ") for criterion in found.criteria)
    assert shown.startswith("f(3) : Le programme s'est arrêté pendant l'appel")
    assert "StudentProcessError" not in shown
    assert "RuntimeError" not in hidden


@pytest.mark.parametrize("magic", ["%%timeit -n 1 -r 1", "%%writefile f.py"])
def test_a_magic_that_keeps_the_function_is_named(zygote: Zygote, magic: str) -> None:
    """The function below it exists for the command alone."""
    found = verdict(zygote, f"{magic}\n{RIGHT}")
    assert found.criteria[0].kind is Kind.NOT_DEFINED
    assert magic.split()[0] in found.criteria[0].message


def test_a_name_that_is_nearly_right_is_pointed_out(zygote: Zygote) -> None:
    """What the student's cells define is compared with what the test asks for."""
    tests = TESTS.replace("f(", "double(")
    small = Small().lesson(SETUP).answer("def doublé(x):\n    return 2 * x", "def double(x):\n    return 2 * x")
    (found,) = small.grading(tests).grade(zygote).verdicts.values()
    assert "Une de vos cellules définit doublé" in found.criteria[0].message
