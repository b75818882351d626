"""A course in English, whose tests are written as people write them: an ordinary kernel and closed doors agree."""

import shutil
import tomllib
from pathlib import Path

import pytest

from closed_doors.authoring.proof.stock_marks import stock_marks
from closed_doors.authoring.publish.bits_over_budget import bits_over_budget
from closed_doors.authoring.publish.masters import pairs, synchronise
from closed_doors.authoring.quality.attacks import attacks
from closed_doors.classroom.grade_submission import grader_of
from closed_doors.classroom.read_submissions import read_assignment
from closed_doors.cli.attack_console import Choice, try_attacks
from closed_doors.cli.console import PlainConsole
from closed_doors.core.layout import Layout
from closed_doors.grading.one_notebook import Grader, grade_cells, proof_of
from closed_doors.nbgrader.settings import inside_cells, read_settings
from closed_doors.notebook.cell import cells_of
from closed_doors.notebook.json_files import Notebook, parse

COURSE = Path(__file__).with_name("english")
COURSES = sorted(path.parent for path in Path(__file__).parent.glob("*/course.toml"))
NOTEBOOKS = ("functions", "objects", "tables")
LEAST = {"functions": 17, "objects": 16, "tables": 9}  # graded cells


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the course with its masters as notebooks too."""
    there = tmp_path_factory.mktemp("english") / "course"
    shutil.copytree(COURSE, there)
    for pair in pairs(Layout(there)):
        synchronise(pair)
    return there


def _grader(root: Path, name: str) -> Grader:
    return grader_of(read_assignment(read_settings(root), name), name)


def _wrong(master: Notebook, name: str) -> Notebook:
    answers = tomllib.loads((COURSE / "wrong.toml").read_text(encoding="utf-8"))[name]
    cells = []
    for data, cell in zip(master["cells"], cells_of(master), strict=True):
        cells.append({**data, "source": answers[cell.grade_id].strip()} if cell.grade_id in answers else data)
    assert answers.keys() <= {cell.grade_id for cell in cells_of(master) if cell.is_answer}
    return {**master, "cells": cells}


def _both_ways(root: Path, name: str, notebook: Notebook) -> dict[str, tuple[float, float]]:
    stock = stock_marks(root / "source" / name, name, notebook)
    closed = {cell.grade_id: cell.earned for cell in grade_cells(_grader(root, name), notebook)}
    return {cell: (stock[cell].earned, closed[cell]) for cell in stock}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "work"),
    [("functions", "untouched"), *((name, work) for name in NOTEBOOKS for work in ("solved", "wrong"))],
)
def test_each_cell_earns_what_an_ordinary_kernel_gives(root: Path, name: str, work: str) -> None:
    """The master's solution everything, what is handed out and wrong answers what they earn there, cell by cell."""
    grader = _grader(root, name)
    notebook = {
        "solved": lambda: grader.master,
        "untouched": lambda: grader.stubs.untouched(grader.master),
        "wrong": lambda: _wrong(grader.master, name),
    }[work]()
    marks = _both_ways(root, name, notebook)
    assert len(marks) >= LEAST[name]
    assert {cell: pair for cell, pair in marks.items() if pair[0] != pair[1]} == {}
    points = {cell.grade_id: cell.points for cell in cells_of(grader.master)}
    full = [cell for cell, (_, closed) in marks.items() if closed >= points[cell] - 0.5]
    assert len(full) == (len(marks) if work == "solved" else 0), full


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_masters_prove_themselves(root: Path, name: str) -> None:
    """None of their cells is refused."""
    assert proof_of(_grader(root, name)) == ()


@pytest.mark.parametrize("course", COURSES, ids=lambda course: course.name)
def test_no_assignment_tells_more_than_the_budget(course: Path, tmp_path: Path) -> None:
    """Of any course here, from its masters alone: a hand-in brings out no more bits than is promised."""
    layout = Layout(shutil.copytree(course, tmp_path / "course"))
    for pair in pairs(layout):
        synchronise(pair)
    masters = sorted(layout.source.glob("*/*.ipynb"))
    assert masters
    for path in masters:
        inside = inside_cells(layout.root, path.parent.name)
        assert not list(bits_over_budget(parse(path.read_bytes()), path.name, inside))


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_no_attack_pays_where_nobody_has_labelled_answers(root: Path) -> None:
    """A sample of pairs, of wrong answers that are made of the master: each attack comes once, and none earns more."""
    choice = Choice("objects", sample=len(attacks()), seed=1, jobs=2)
    tried = try_attacks(Layout(root), choice, attacks(), PlainConsole(quiet=True))
    assert [f"{each.pair}: {each.problem}" for each in tried if each.problem] == []
    assert {each.pair.attack.name for each in tried} == {each.name for each in attacks()}
    assert {each.pair.answer.name.split("-")[0] for each in tried} == {"as", "gives", "mutant"}
    assert min(each.plain.report.earned for each in tried if each.plain.report) == 0
