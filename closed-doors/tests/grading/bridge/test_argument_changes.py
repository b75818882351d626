"""Student code may not decide what a test expects: what it changes in the test's arguments can only cost."""

import pytest

from checks.report import Kind
from checks.report_as_text import render
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.verdict.verdict import CellVerdict
from support.small_notebooks import SETUP, Small

MEAN = "def mean(values):\n    return sum(values) / len(values)"
# Each test computes what it expects from what it has passed, after the call.
FROM_ARGUMENTS = '''
DATA = [1.0, 2.0, 6.0]
def test_value():
    """La moyenne."""
    given = list(DATA)
    assert mean(given) == sum(given) / len(given)
def test_array():
    """La moyenne d'un tableau."""
    given = np.array([1.0, 2.0, 6.0])
    assert float(mean(given)) == float(given.mean())
def test_inputs():
    """La liste reste comme elle était."""
    given = [1.0, 2.0, 6.0]
    mean(given)
    assert given == [1.0, 2.0, 6.0]
def test_shared():
    """La moyenne d'une liste que d'autres tests passent aussi."""
    assert mean(DATA) == 3.0
run_tests(points=4)'''
ZEROING = "def mean(values):\n    for place in range(len(values)):\n        values[place] = 0.0\n    return 0.0"


def judged(zygote: Zygote, answer: str, solution: str = MEAN, tests: str = FROM_ARGUMENTS) -> CellVerdict:
    small = Small().lesson(SETUP).answer(answer, solution).grading(tests, 4)
    (verdict,) = small.grade(zygote, prove=True).verdicts.values()
    return verdict


def test_zeroing_the_arguments_pays_nothing(zygote: Zygote) -> None:
    """A wrong answer that changes what it gets earns no more than the same answer that leaves it alone."""
    assert judged(zygote, "def mean(values):\n    return 0.0").earned == 1.0  # the inputs are left alone
    assert judged(zygote, ZEROING).earned == 0.0


def test_a_changed_argument_costs_where_a_test_compares(zygote: Zygote) -> None:
    """A right value from code that changes its argument misses the criterion that says inputs stay, and says why."""
    moving = (
        "def mean(values):\n    m = sum(values) / len(values)\n    values[0] += 1\n    values[1] -= 1\n    return m"
    )
    verdict = judged(zygote, moving)
    kinds = {criterion.name: criterion.kind for criterion in verdict.criteria}
    assert kinds["test_inputs"] is Kind.CHANGED_INPUT
    assert kinds["test_value"] is Kind.PASSED
    assert kinds["test_shared"] is Kind.PASSED
    assert "modifie les valeurs" in render(verdict.report)


def test_what_the_solution_changes_others_may_change(zygote: Zygote) -> None:
    """Where the exercise asks for a change in place, the test sees it; a change elsewhere is not excused by it."""
    doubles = "def double(values):\n    for place in range(len(values)):\n        values[place] *= 2"
    tests = '''
def test_in_place():
    """Chaque nombre est doublé sur place."""
    given = [1, 2]
    double(given)
    assert given == [2, 4]
run_tests(points=4)'''
    assert judged(zygote, doubles, doubles, tests).earned == 4
    other = "def double(values):\n    values[:] = [2 * value for value in values]"
    assert judged(zygote, other, doubles, tests).earned == 4
    assert judged(zygote, "def double(values):\n    return [2 * value for value in values]", doubles, tests).earned == 0


@pytest.mark.parametrize("setup", ["import torch"])
def test_a_state_dict_that_is_zeroed_decides_nothing(zygote: Zygote, setup: str) -> None:
    """Zeroing the parameters that a test hands over does not make zero the right answer."""
    tests = f'''
{setup}
def test_copied():
    """La couche donne ce que donne celle de torch, poids copiés."""
    torch.manual_seed(0)
    reference = torch.nn.Linear(3, 2)
    layer = Layer()
    layer.load_state_dict(reference.state_dict())
    x = torch.ones(1, 3)
    torch.testing.assert_close(layer(x), reference(x))
run_tests(points=4)'''
    solution = "import torch\nclass Layer(torch.nn.Linear):\n    def __init__(self):\n        super().__init__(3, 2)"
    attack = """import torch
class Layer(torch.nn.Linear):
    def __init__(self):
        super().__init__(3, 2)
    def load_state_dict(self, state, *a, **k):
        for value in state.values():
            value.zero_()
    def forward(self, x):
        return torch.zeros(1, 2)"""
    assert judged(zygote, solution, solution, tests).earned == 4
    assert judged(zygote, attack, solution, tests).earned == 0
