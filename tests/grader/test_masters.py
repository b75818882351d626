"""Masters as text and masters as notebooks stay the same."""

import os
from pathlib import Path

import nbformat
import pytest

from closed_doors.authoring.publish.masters import Newer, Pair, differences, pairs, synchronise
from closed_doors.core.errors import MasterError
from closed_doors.core.layout import Layout


@pytest.fixture
def pair(course_copy: Layout) -> Pair:
    """The pair of masque_causal, in a course of the test's own."""
    return next(pair for pair in pairs(course_copy) if pair.text.stem == "masque_causal")


def make_newer(path: Path, other: Path) -> None:
    later = other.stat().st_mtime + 10
    os.utime(path, (later, later))


def replace_text(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_committed_pairs_agree_cell_by_cell(repository: Layout) -> None:
    """Every master of the repository says the same as its notebook."""
    found = {pair.notebook.stem: differences(pair) for pair in pairs(repository)}
    assert found == {name: [] for name in repository.assignments()}
    assert "masque_causal" in found


def test_the_committed_notebook_is_what_its_text_writes(pair: Pair) -> None:
    """A notebook written anew from its text is the committed one, to the byte."""
    committed = pair.notebook.read_bytes()
    pair.notebook.unlink()
    synchronise(pair)
    assert pair.notebook.read_bytes() == committed


def test_a_change_of_the_text_reaches_the_notebook(pair: Pair) -> None:
    """An edit in the text, saved last, is found in the notebook after a sync."""
    replace_text(pair.text, "## 10. Résumé", "## 10. En bref")
    make_newer(pair.text, pair.notebook)
    assert differences(pair)
    assert synchronise(pair) is Newer.TEXT
    assert "## 10. En bref" in pair.notebook.read_text(encoding="utf-8")
    assert differences(pair) == []


def test_a_change_of_the_notebook_reaches_the_text(pair: Pair) -> None:
    """An edit made in JupyterLab, saved last, is found in the text, and survives the way back."""
    replace_text(pair.notebook, "## 10. Résumé", "## 10. En bref")
    make_newer(pair.notebook, pair.text)
    assert synchronise(pair) is Newer.NOTEBOOK
    assert "## 10. En bref" in pair.text.read_text(encoding="utf-8")
    notebook = pair.notebook.read_bytes()
    pair.notebook.unlink()
    synchronise(pair)
    assert pair.notebook.read_bytes() == notebook


def test_changed_points_are_a_difference(pair: Pair) -> None:
    """nbgrader's metadata is compared, not the sources alone."""
    replace_text(pair.text, '"points": 4', '"points": 5')
    assert len(differences(pair)) == 1


def test_the_named_side_wins_over_the_newer_one(pair: Pair) -> None:
    """`--from source` brings the text back to the notebook, even when the text was saved last."""
    replace_text(pair.text, "## 10. Résumé", "## 10. En bref")
    make_newer(pair.text, pair.notebook)
    assert synchronise(pair, Newer.NOTEBOOK) is Newer.NOTEBOOK
    assert "## 10. Résumé" in pair.text.read_text(encoding="utf-8")


def test_an_unreadable_notebook_is_named(pair: Pair) -> None:
    """A broken master is reported with its path."""
    pair.notebook.write_text("pas du JSON", encoding="utf-8")
    with pytest.raises(MasterError, match=r"masque_causal\.ipynb can't be read"):
        differences(pair)


def test_notebooks_hold_no_output(repository: Layout) -> None:
    """No notebook that git tracks carries outputs or execution counts."""
    for folder in ("source", "release", "solutions"):
        for path in (repository.root / folder).glob("*/*.ipynb"):
            cells = nbformat.read(path, as_version=4).cells
            assert not [cell.id for cell in cells if cell.get("outputs") or cell.get("execution_count")], path


def test_each_master_says_that_the_manner_is_free(repository: Layout) -> None:
    """Whether PyTorch's own function may be the answer is said, before the exercises and for all of them."""
    texts = {pair.text.stem: pair.text.read_text(encoding="utf-8") for pair in pairs(repository)}
    said = {name: text.partition("**La manière")[2].partition("\n")[0] for name, text in texts.items()}
    assert [name for name, line in said.items() if "libre" not in line or "PyTorch" not in line] == []
    assert [name for name, text in texts.items() if text.find("**La manière") > text.find("### Exercice 1.")] == []
