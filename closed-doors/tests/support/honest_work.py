"""A master of two exercises and a question, and what honest students hand in."""

import copy
from typing import Any

import nbformat

from closed_doors.notebook.hidden_regions import Stubs
from support.courses import cell

STUBS = Stubs("raise NotImplementedError()", "*Écrivez ici.*")
DOUBLE = "def _times(n, factor):\n    return factor * n\n\ndef double(n):\n    return _times(n, 2)"
TRIPLE = "six = double(3)\n\ndef triple(n):\n    return n + double(n)"
CHECK_DOUBLE = '''def test_double():
    """Le double."""
    assert double(4) == 8
### BEGIN HIDDEN TESTS
def test_others():
    """D'autres doubles."""
    assert double(-1) == -2
### END HIDDEN TESTS
run_tests(points=4)'''
CHECK_TRIPLE = '''def test_six():
    """Le double de 3."""
    assert six == 6
def test_triple():
    """Le triple."""
    assert triple(5) == 15
run_tests(points=3)'''


def master() -> Any:
    solution = "### BEGIN SOLUTION\n{}\n### END SOLUTION"
    return nbformat.v4.new_notebook(
        cells=[
            cell("code", "preparation", "from checks import run_tests"),
            cell("markdown", "titre-1", "# Le double"),
            cell("code", "double", solution.format(DOUBLE), solution=True, locked=False),
            cell("code", "double-check", CHECK_DOUBLE, grade=True, points=4),
            cell("markdown", "titre-2", "# Le triple"),
            cell("code", "triple", solution.format(TRIPLE), solution=True, locked=False),
            cell("code", "triple-check", CHECK_TRIPLE, grade=True, points=3),
            cell("markdown", "titre-3", "# Pourquoi ?"),
            cell("markdown", "pourquoi", "Parce que.", grade=True, solution=True, locked=False, points=2),
        ],
    )


MASTER = master()
WHOLE = {one["metadata"]["nbgrader"]["grade_id"]: one for one in MASTER["cells"]}


def handed_in(**answers: str) -> Any:
    """The released notebook with right answers, or those given."""
    notebook = copy.deepcopy(MASTER)
    given = {"double": DOUBLE, "triple": TRIPLE, "pourquoi": "Ma réponse."} | answers
    for one in notebook["cells"]:
        name = one["metadata"]["nbgrader"]["grade_id"]
        one["source"] = given.get(name, STUBS.handed_out(one))
    return notebook
