"""The ungraded lesson's zip: held back while an assignment is open that its model answers, whole after that."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from closed_doors.authoring.publish.plain_kernel import plain_python
from closed_doors.authoring.publish.student_zip import make_bundle
from closed_doors.core.layout import Layout
from tests.conftest import ROOT, copy_course

LESSON = "regarder_un_modele"
CLOSED = "\n[assignments.generation]\ncloses = 2026-01-01T00:00:00+01:00\n"
OPEN = CLOSED.replace("2026", "9999")


@pytest.fixture
def course(repository: Layout, tmp_path: Path) -> Layout:
    """A copy of the course with what the lesson is packed from, and an older zip of it."""
    layout = copy_course(repository, tmp_path / "course")
    shutil.copytree(ROOT / "model", layout.root / "model", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "src", layout.root / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "LICENSE", "LICENSE-TEXTS"):
        shutil.copy(ROOT / name, layout.root)
    layout.bundles.mkdir()
    lesson_zip(layout).write_bytes(b"older")
    return layout


def lesson_zip(course: Layout) -> Path:
    return course.bundles / f"{LESSON}.zip"


def hand_out(course: Layout, *options: str, dates: str = "") -> str:
    with (course.root / "course.toml").open("a", encoding="utf-8") as file:
        file.write(dates)
    command = [sys.executable, ROOT / "model" / "hand_out.py", "--root", course.root, *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("dates", ["", OPEN], ids=["no date", "open"])
def test_no_zip_while_an_assignment_is_open_that_the_model_answers(course: Layout, dates: str) -> None:
    """Without a closing date too: the module and the assignment are named, and an older zip goes away."""
    said = hand_out(course, dates=dates)
    assert "held back" in said
    assert "conteur/decoder.py defines Block, asked for by generation" in said
    assert not lesson_zip(course).exists()
    assert "defines Block" in hand_out(course, "--early")
    assert zipfile.is_zipfile(lesson_zip(course))


@pytest.mark.slow
def test_once_it_has_closed_the_lesson_works_where_it_is_unpacked(course: Layout, tmp_path: Path) -> None:
    """The notebook has the lesson's cells, and a student's Python finds all that they import, weights included."""
    assert hand_out(course, dates=CLOSED) == f"{lesson_zip(course)}\n"
    with zipfile.ZipFile(lesson_zip(course)) as archive:
        archive.extractall(tmp_path)
    home = tmp_path / LESSON
    cells = nbformat.read(home / f"{LESSON}.ipynb", as_version=4).cells
    prepared = next(cell.source for cell in cells if cell.cell_type == "code")
    assert "model, vocabulary = load()" in prepared
    python = plain_python(tmp_path / "plain")
    program = f"{prepared}\nimport attention, conteur\nprint(attention.__file__, conteur.__file__)"
    command = [python, "-c", program]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    places = done.stdout.splitlines()[-1].split()
    assert [Path(place).parent.parent for place in places] == [home, home]
    lines = (home / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert {"jupyterlab>=4.4", "safetensors>=0.5", "torch>=2.5"} <= set(lines)


def test_no_assignment_hands_the_model_out(repository: Layout) -> None:
    """Whatever the dates, no assignment's zip has a file of the model."""
    for assignment in repository.assignments():
        files = make_bundle(repository.release / assignment, repository.root).files
        assert not [name for name in files if "conteur" in name or LESSON in name], assignment
