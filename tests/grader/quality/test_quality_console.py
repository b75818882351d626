"""`course quality` and `course mutate`, through the real grading path."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from closed_doors.cli.main import main
from closed_doors.core.layout import Layout

EQUIVALENT = """[[mutant]]
exercise = "bonus"
where = "create_sliding_window_mask"
before = "return ((distance >= 0) & (distance < window_size)).astype(int)"
after = "{}"
reason = "Floats in place of integers."
"""
FLOATS = "return ((distance >= 0) & (distance < window_size)).astype(None)"


def course(layout: Layout, *words: object) -> Result:
    return CliRunner().invoke(main, ["--root", str(layout.root), *map(str, words)])


def collection(folder: Path, right: str, wrong: str) -> Path:
    """Write one right and one wrong answer to exercise 1 of masque_causal, without labels."""
    for kind, source in (("right", right), ("wrong", wrong)):
        path = folder / "masque_causal" / "exercice-1" / kind / "answer.py"
        path.parent.mkdir(parents=True)
        path.write_text(f"import numpy as np\n\ndef create_local_mask(n):\n    return {source}\n", encoding="utf-8")
    return folder


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_private_collection_is_measured(course_copy: Layout, tmp_path: Path) -> None:
    """Accepted and rejected as the folders say: exit code 0, a table, and the figure asked for."""
    answers = collection(tmp_path / "mine", "np.eye(n) + np.eye(n, k=-1)", "np.eye(n) + np.eye(n, k=1)")
    figure = tmp_path / "q.svg"
    result = course(course_copy, "quality", "masque_causal", "--answers", answers, "--figure", figure)
    assert result.exit_code == 0, result.output
    assert result.output.count("1 of 1") == 2
    assert "exercice-1: test_example, test_any_length" in result.output  # they catch it together
    assert figure.read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_is_not_as_labelled_is_an_error(course_copy: Layout, tmp_path: Path) -> None:
    """A right answer that loses points and a wrong one that loses none are named: exit code 1."""
    answers = collection(tmp_path / "mine", "np.tri(n)", "np.eye(n) + np.eye(n, k=-1)")
    result = course(course_copy, "quality", "masque_causal", "--answers", answers, "--exercise", "exercice-1")
    assert result.exit_code == 1
    assert "exercice-1/right/answer: right, but misses test_example, test_any_length" in result.output
    assert "exercice-1/wrong/answer: wrong, but every criterion is met" in result.output


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_survivors_and_stale_explanations_are_errors(course_copy: Layout, tmp_path: Path) -> None:
    """A mutant that survives needs a reason, and a reason needs a mutant that survives."""
    listed = tmp_path / "masque_causal" / "equivalent.toml"
    listed.parent.mkdir()
    command = ("mutate", "masque_causal", "--exercise", "bonus", "--answers", tmp_path)
    alone = course(course_copy, *command)
    assert alone.exit_code == 1
    assert f"+ {FLOATS}" in alone.output
    listed.write_text(EQUIVALENT.format(FLOATS), encoding="utf-8")
    explained = course(course_copy, *command)
    assert explained.exit_code == 0, explained.output
    assert "100.0 %" in explained.output
    listed.write_text(
        EQUIVALENT.format(FLOATS)
        + EQUIVALENT.format("return 0")
        + EQUIVALENT.format(FLOATS.replace("astype(None)", "astype(int)").replace("< window", "<= window")),
        encoding="utf-8",
    )
    stale = course(course_copy, *command)
    assert stale.exit_code == 1
    assert "no such mutant: bonus" in stale.output
    assert "the tests kill it: bonus" in stale.output


def test_a_dry_run_lists_mutants_and_grades_none(course_copy: Layout) -> None:
    """The list says what would be tried."""
    result = course(course_copy, "mutate", "masque_causal", "--exercise", "exercice-3", "--dry-run")
    assert result.exit_code == 0, result.output
    assert "Nothing was graded." in result.output
    assert "+ raise RuntimeError" in result.output


def test_names_that_are_not_there_are_refused(course_copy: Layout, tmp_path: Path) -> None:
    """The nearest names are offered; nothing is graded."""
    wrong_assignment = course(course_copy, "quality", "masque_causa")
    assert wrong_assignment.exit_code == 1
    assert "Did you mean 'masque_causal'?" in wrong_assignment.output
    wrong_exercise = course(course_copy, "mutate", "masque_causal", "--exercise", "exercice-9")
    assert wrong_exercise.exit_code == 1
    assert "Known exercises: exercice-1" in wrong_exercise.output
    shutil.copytree(collection(tmp_path / "mine", "1", "2"), tmp_path / "other")
    nothing = course(course_copy, "quality", "masque_causal", "--answers", tmp_path / "other", "--exercise", "bonus")
    assert "no answer to bonus" in nothing.output
