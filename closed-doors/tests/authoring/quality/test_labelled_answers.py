"""Labelled answers are read from files, with or without labels, and what is not one is refused by name."""

from pathlib import Path

import pytest

from closed_doors.authoring.quality.labelled_answers import read_answers
from closed_doors.core.errors import QualityError

EXERCISES = ["exercice-1", "exercice-2"]


def write(folder: Path, name: str, text: str) -> None:
    path = folder / "devoir" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_labels_are_read_and_left_out_of_the_answer(tmp_path: Path) -> None:
    """The comments at the top say what the file stands for; the student's own comments stay."""
    labels = "# misconception: it is transposed\n# diagnosis: transposed\n# fails: test_a, test_b\n"
    write(tmp_path, "exercice-1/wrong/t.py", f"{labels}\n# boucle\nx = 1\n")
    (answer,) = read_answers(tmp_path, "devoir", EXERCISES)
    assert (answer.right, answer.name, answer.label) == (False, "t", "it is transposed")
    assert answer.fails == ("test_a", "test_b")
    assert answer.source == "# boucle\nx = 1"


def test_files_without_labels_are_right_or_wrong_by_their_folder(tmp_path: Path) -> None:
    """A collection of somebody else's needs no comments."""
    write(tmp_path, "exercice-2/right/a.py", "x = 1\n")
    write(tmp_path, "exercice-2/wrong/b.py", "# a plain remark\nx = 2\n")
    right, wrong = read_answers(tmp_path, "devoir", EXERCISES)
    assert (right.right, right.label, right.fails) == (True, "", ())
    assert (wrong.right, wrong.label, wrong.fails) == (False, "", ())
    assert wrong.source == "# a plain remark\nx = 2"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("exercise-1/right/a.py", "did you mean 'exercice-1'"), ("exercice-1/rigth/a.py", "did you mean 'right'")],
)
def test_a_folder_of_another_name_is_refused(tmp_path: Path, name: str, expected: str) -> None:
    """A misspelt folder would be a collection that nobody reads."""
    write(tmp_path, name, "x = 1\n")
    with pytest.raises(QualityError, match=expected):
        read_answers(tmp_path, "devoir", EXERCISES)


def test_an_empty_collection_is_refused(tmp_path: Path) -> None:
    """Nothing to grade is no success."""
    with pytest.raises(QualityError, match="--answers"):
        read_answers(tmp_path, "devoir", EXERCISES)
    (tmp_path / "devoir" / "exercice-1" / "right").mkdir(parents=True)
    with pytest.raises(QualityError, match="holds no answer"):
        read_answers(tmp_path, "devoir", EXERCISES)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    """The message says which file."""
    write(tmp_path, "exercice-1/right/a.py", "")
    (tmp_path / "devoir/exercice-1/right/a.py").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(QualityError, match=r"a\.py can't be read"):
        read_answers(tmp_path, "devoir", EXERCISES)
