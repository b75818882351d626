"""A submission is its answers on the instructor's notebook, whatever else was done to it."""

import copy
from collections.abc import Callable
from typing import Any

import nbformat
import pytest

from closed_doors.core.layout import Layout
from closed_doors.notebook.rebuild import Finding, rebuild


def load(layout: Layout, folder: str) -> Any:
    return nbformat.read(layout.root / folder / "masque_causal" / "masque_causal.ipynb", as_version=4)


@pytest.fixture
def master(repository: Layout) -> Any:
    """The instructor's notebook."""
    return load(repository, "source")


@pytest.fixture
def submitted(repository: Layout) -> Any:
    """The released notebook with one answer in it."""
    notebook = load(repository, "release")
    find(notebook, "exercice-1-reponse").source = "ma_reponse = 1"
    return notebook


def find(notebook: Any, grade_id: str) -> Any:
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def index(notebook: Any, grade_id: str) -> int:
    return notebook.cells.index(find(notebook, grade_id))


def test_an_untouched_notebook_is_the_master_with_stubs(master: Any, repository: Layout) -> None:
    """Answers come from the submission, stubs included, so no solution of the master is ever graded."""
    rebuilt = rebuild(master, load(repository, "release"))
    assert rebuilt.findings == ()
    assert [cell.metadata for cell in rebuilt.notebook.cells] == [cell.metadata for cell in master.cells]
    assert not any("BEGIN SOLUTION" in cell.source for cell in rebuilt.notebook.cells)
    assert "BEGIN HIDDEN TESTS" in find(rebuilt.notebook, "exercice-1-verification").source


def test_answers_are_the_students(master: Any, submitted: Any) -> None:
    """The source of an answer cell is what was handed in."""
    assert find(rebuild(master, submitted).notebook, "exercice-1-reponse").source == "ma_reponse = 1"


def delete(notebook: Any) -> None:
    del notebook.cells[index(notebook, "exercice-1-verification")]


def change(notebook: Any) -> None:
    find(notebook, "exercice-1-verification").source = "4.0"


def skip(notebook: Any) -> None:
    find(notebook, "exercice-1-verification").metadata["tags"] = ["skip-execution", "raises-exception"]


def inflate(notebook: Any) -> None:
    find(notebook, "exercice-1-verification").metadata["nbgrader"]["points"] = 400


def retype(notebook: Any) -> None:
    find(notebook, "exercice-1-verification").metadata["nbgrader"].update(solution=True, locked=False)


def reverse(notebook: Any) -> None:
    notebook.cells.reverse()


def duplicate(notebook: Any) -> None:
    notebook.cells.append(copy.deepcopy(find(notebook, "exercice-1-verification")))


def forge(notebook: Any) -> None:
    output = nbformat.v4.new_output("execute_result", {"text/plain": "4.0"}, execution_count=1)
    find(notebook, "exercice-1-verification").outputs = [output]


@pytest.mark.parametrize("tamper", [delete, change, skip, inflate, retype, reverse, duplicate, forge])
def test_grading_cells_are_the_masters(tamper: Callable[[Any], None], master: Any, submitted: Any) -> None:
    """However a grading cell was tampered with, what runs is the master's, once, at its place."""
    tamper(submitted)
    cells = rebuild(master, submitted).notebook.cells
    locked = [(cell.source, cell.metadata, cell.get("outputs")) for cell in cells if cell.id != "exercice-1-reponse"]
    wanted = [(c.source, c.metadata, c.get("outputs")) for c in master.cells if c.id != "exercice-1-reponse"]
    answers = {cell.id for cell in master.cells if cell.metadata["nbgrader"].get("solution")}
    assert [
        entry
        for entry, cell in zip(locked, [c for c in cells if c.id != "exercice-1-reponse"], strict=True)
        if cell.id not in answers
    ] == [
        entry
        for entry, cell in zip(wanted, [c for c in master.cells if c.id != "exercice-1-reponse"], strict=True)
        if cell.id not in answers
    ]


def test_a_students_own_cells_keep_their_place_and_lose_their_metadata(master: Any, submitted: Any) -> None:
    """An added cell stands after the same cell as before, without tags, outputs or anything else."""
    own = nbformat.v4.new_code_cell("aide = 2", metadata={"tags": ["skip-execution"], "collapsed": True})
    own.outputs = [nbformat.v4.new_output("stream", text="forgé")]
    submitted.cells.insert(index(submitted, "exercice-1") + 1, own)
    notebook = rebuild(master, submitted).notebook
    kept = notebook.cells[index(notebook, "exercice-1") + 1]
    assert (kept.source, kept.metadata, kept.outputs) == ("aide = 2", {}, [])
    nbformat.validate(notebook)


def test_a_deleted_answer_is_not_the_solution(master: Any, submitted: Any) -> None:
    """Deleting the answer cell brings back a cell that does nothing, and says so."""
    del submitted.cells[index(submitted, "exercice-1-reponse")]
    rebuilt = rebuild(master, submitted)
    answer = find(rebuilt.notebook, "exercice-1-reponse").source
    assert "np.eye" not in answer
    assert "manquait" in answer
    assert Finding("missing", "exercice-1-reponse") in rebuilt.findings


def test_findings_name_what_was_mended(master: Any, submitted: Any) -> None:
    """Missing, duplicated and unknown cells are reported by their grade_id."""
    delete(submitted)
    submitted.cells.append(copy.deepcopy(find(submitted, "exercice-3-reponse")))
    stranger = nbformat.v4.new_code_cell("1", metadata={"nbgrader": {"grade_id": "inconnue", "grade": True}})
    submitted.cells.append(stranger)
    assert set(rebuild(master, submitted).findings) == {
        Finding("missing", "exercice-1-verification"),
        Finding("duplicated", "exercice-3-reponse"),
        Finding("unknown", "inconnue"),
    }


@pytest.mark.parametrize("marks", [None, "texte", [], {"grade_id": 3}, {"grade_id": ""}, {"grade_id": ["x"]}])
def test_malformed_metadata_makes_a_cell_the_students_own(master: Any, submitted: Any, marks: object) -> None:
    """Metadata of another shape is no error: the cell is an ordinary one."""
    odd = nbformat.v4.new_code_cell("drôle = 1")
    odd.metadata["nbgrader"] = marks
    submitted.cells.insert(0, odd)
    assert rebuild(master, submitted).notebook.cells[0].source == "drôle = 1"


def test_neither_argument_is_modified(master: Any, submitted: Any) -> None:
    """The same master serves the whole class."""
    before = copy.deepcopy((master, submitted))
    rebuild(master, submitted)
    assert (master, submitted) == before
