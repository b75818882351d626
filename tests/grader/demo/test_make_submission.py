"""A demo student's answers become the notebook that the student would hand in."""

from pathlib import Path

import nbformat
import pytest

from closed_doors.core.errors import CourseError
from closed_doors.core.layout import Layout
from closed_doors.demo.class_file import DemoClass, read_class
from closed_doors.demo.make_submission import completed, hand_in


@pytest.fixture
def demo(course_copy: Layout) -> DemoClass:
    """The demo class of masque_causal."""
    return read_class(course_copy.examples / "masque_causal")


@pytest.fixture
def release(repository: Layout) -> Path:
    """The released notebook."""
    return repository.root / "release" / "masque_causal" / "masque_causal.ipynb"


def student_of(demo: DemoClass, name: str):
    return next(student for student in demo.students if student.id == name)


def cells_of(demo: DemoClass, name: str, release: Path) -> list:
    notebook = nbformat.read(release, as_version=4)
    return completed(demo, student_of(demo, name), notebook).cells


def ids(cells: list) -> list[str]:
    return [cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in cells]


def test_an_answer_replaces_the_stub(demo: DemoClass, release: Path) -> None:
    """The student's code stands in the cell that its title names."""
    cells = cells_of(demo, "alice", release)
    answer = cells[ids(cells).index("exercice-1-reponse")]
    assert "distance == 1" in answer.source
    assert "VOTRE CODE ICI" not in answer.source


def test_an_added_cell_stands_after_the_named_one(demo: DemoClass, release: Path) -> None:
    """A student's own cell keeps its place in the notebook."""
    cells = cells_of(demo, "chloe", release)
    assert "bande" in cells[ids(cells).index("exercice-1") + 1].source


def test_edits_delete_and_duplicate_cells(demo: DemoClass, release: Path) -> None:
    """The deleted test cell is gone and the duplicated one is there twice."""
    assert "exercice-1-verification" not in ids(cells_of(demo, "marc", release))
    assert ids(cells_of(demo, "lea", release)).count("exercice-3-verification") == 2


def test_a_file_can_be_handed_in_as_it_is(demo: DemoClass, release: Path, tmp_path: Path) -> None:
    """What is not a notebook arrives unchanged, with the time of its arrival."""
    path = hand_in(demo, student_of(demo, "oscar"), release, tmp_path)
    assert path.read_bytes() == (demo.folder / "oscar.txt").read_bytes()
    assert (path.parent / "timestamp.txt").read_text() == "2026-10-16 16:20:00+02:00"


def test_an_answer_to_an_unknown_cell_is_refused(demo: DemoClass, release: Path) -> None:
    """A misspelt grade_id is named, with the file that holds it."""
    demo.answers(student_of(demo, "jules")).write_text("# %% exercice-9-reponse\npass\n", encoding="utf-8")
    with pytest.raises(CourseError, match=r"jules\.py names the cell 'exercice-9-reponse'"):
        cells_of(demo, "jules", release)


def test_a_class_that_is_not_toml_is_refused(course_copy: Layout) -> None:
    """A broken class file is reported with its path and the place of the error."""
    path = course_copy.examples / "masque_causal" / "class.toml"
    path.write_text("[[student]\n", encoding="utf-8")
    with pytest.raises(CourseError, match=r"class\.toml is not a readable demo class"):
        read_class(path.parent)


def test_the_demo_class_is_large_and_varied(demo: DemoClass) -> None:
    """At least fourteen people, every id once, everyone with a mark or a refusal."""
    names = [student.id for student in demo.students]
    assert len(names) >= 14
    assert len(set(names)) == len(names)
    assert all((student.expected is None) == (student.refusal is not None) for student in demo.students)
