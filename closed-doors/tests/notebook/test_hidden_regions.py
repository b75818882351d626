"""A course's own markers of hidden regions are honoured as nbgrader honours them."""

import copy
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearSolutions
from traitlets.config import Config

from checks.collect import hidden_lines
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.nbgrader.settings import read_delimiters, read_stubs
from closed_doors.notebook.hidden_regions import Delimiters, Stubs
from support.courses import cell
from support.small_notebooks import SETUP, Small

OWN = Delimiters("DEBUT SOLUTION", "FIN SOLUTION", "### CACHE [", "### ] CACHE", "DEBUT BAREME", "FIN BAREME")


def config() -> Config:
    c = Config()
    c.ClearSolutions.begin_solution_delimeter, c.ClearSolutions.end_solution_delimeter = (
        OWN.begin_solution,
        OWN.end_solution,
    )
    c.ClearHiddenTests.begin_test_delimeter, c.ClearHiddenTests.end_test_delimeter = OWN.begin_test, OWN.end_test
    c.ClearMarkScheme.begin_mark_scheme_delimeter = OWN.begin_mark_scheme
    c.ClearMarkScheme.end_mark_scheme_delimeter = OWN.end_mark_scheme
    c.ClearMarkScheme.enforce_metadata = False
    c.ClearSolutions.code_stub, c.ClearSolutions.text_stub = {"python": "pass  # ici"}, "*Ici.*"
    return c


def master() -> Any:
    return nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        cells=[
            cell(
                "code",
                "reponse",
                "x = 1\nif x:\n    ### DEBUT SOLUTION\n    x = 2\n    ### FIN SOLUTION",
                solution=True,
            ),
            cell(
                "code",
                "verification",
                "assert x\n### CACHE [\nassert x == 2\n### ] CACHE\nprint(x)",
                grade=True,
                points=1,
            ),
            cell("markdown", "question", "Dites.\n<!-- DEBUT BAREME -->\n2 points\n<!-- FIN BAREME -->"),
            cell("markdown", "texte", "Modèle", solution=True, grade=True, points=1),
        ],
    )


def test_settings_are_nbgraders_own() -> None:
    """They are read by nbgrader's names, as it spells them; what is not named has nbgrader's default."""
    assert read_delimiters(config()) == OWN
    assert read_stubs(config()) == Stubs("pass  # ici", "*Ici.*")
    assert (read_delimiters(Config()), read_stubs(Config())) == (Delimiters(), Stubs())


def test_defaults_are_nbgraders() -> None:
    """What is said here of nbgrader's defaults is what nbgrader has."""
    solutions, tests, schemes, plain = ClearSolutions(), ClearHiddenTests(), ClearMarkScheme(), Delimiters()
    assert (solutions.begin_solution_delimeter, solutions.end_solution_delimeter) == (
        plain.begin_solution,
        plain.end_solution,
    )
    assert (tests.begin_test_delimeter, tests.end_test_delimeter) == (plain.begin_test, plain.end_test)
    assert schemes.begin_mark_scheme_delimeter == plain.begin_mark_scheme
    assert schemes.end_mark_scheme_delimeter == plain.end_mark_scheme
    assert (solutions.code_stub["python"], solutions.text_stub) == (Stubs().code, Stubs().text)


@pytest.mark.parametrize("settings", [Config(), config()])
def test_what_students_get_is_what_nbgrader_gives_them(settings: Config) -> None:
    """Cell by cell, the text that is compared with a student's is the released one."""
    notebook = master()
    released = copy.deepcopy(notebook)
    for step in (ClearSolutions, ClearHiddenTests, ClearMarkScheme):
        released, _ = step(config=settings).preprocess(released, {})
    stubs = read_stubs(settings)
    normalised = read_delimiters(settings).normalised(notebook)
    assert [stubs.handed_out(one) for one in normalised.cells] == [one.source for one in released.cells]


def test_lines_stay_lines_and_code_stays_code() -> None:
    """A marker becomes nbgrader's, a comment where it was none, and the notebook given stays as it was."""
    notebook = master()
    before = copy.deepcopy(notebook)
    sources = [one.source for one in OWN.normalised(notebook).cells]
    assert notebook == before
    assert sources[1].split("\n") == [
        "assert x",
        "# BEGIN HIDDEN TESTS",
        "assert x == 2",
        "# END HIDDEN TESTS",
        "print(x)",
    ]
    assert "    ### BEGIN SOLUTION" in sources[0]
    assert "<!-- BEGIN MARK SCHEME -->" in sources[2]
    assert Delimiters().normalised(notebook) is notebook


@given(st.lists(st.sampled_from(["x = 1", "# CACHE", "# FIN", "y", "  # CACHE y"]), max_size=8))
def test_the_same_lines_are_hidden(lines: list[str]) -> None:
    """The lines that `checks` hides are those between the course's markers."""
    own = Delimiters(begin_test="CACHE", end_test="FIN")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("\n".join(lines))])
    source = own.normalised(notebook).cells[0].source
    inside, wanted = False, set()
    for number, line in enumerate(lines, start=1):
        if "CACHE" in line or "FIN" in line:
            inside = "CACHE" in line
        elif inside:
            wanted.add(number)
    assert hidden_lines(source.splitlines(keepends=True)) == wanted


def test_a_hidden_test_stays_hidden(zygote: Zygote) -> None:
    """With markers of the course's own, a hidden criterion's message shows none of its values."""
    tests = (
        "def test_shown():\n    '''Visible.'''\n    assert f(1) == 1\n### CACHE [\n"
        "def test_kept():\n    '''Caché.'''\n    assert f(7351) == 99887\n### ] CACHE\nrun_tests(points=2)"
    )
    small = Small().lesson(SETUP).answer("def f(x):\n    return x").grading(tests)
    small.master = OWN.normalised(small.master)
    (verdict,) = small.grade(zygote).verdicts.values()
    assert [criterion.hidden for criterion in verdict.criteria] == [False, True]
    for told in verdict.criteria:  # the traces are the staff's
        assert "99887" not in str(told)
        assert "7351" not in str(told)
