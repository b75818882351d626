"""What is found in a student's folder, and what is said of the rest."""

import json
import os
import zipfile
from pathlib import Path

import nbformat
import pytest

from closed_doors.classroom.grade_submission import Submission
from closed_doors.classroom.read_submissions import read_assignment, read_work
from closed_doors.nbgrader.settings import read_settings
from closed_doors.notebook.hidden_regions import Stubs
from support.courses import ASSIGNMENT, RIGHT, SmallCourse, master
from support.grading_run import autograde

NOTEBOOK = f"{ASSIGNMENT}.ipynb"


@pytest.fixture
def folder(course: SmallCourse) -> Path:
    return course.submit("alice", RIGHT).parent


def read(course: SmallCourse) -> Submission:
    settings = read_settings(course.root)
    folder = settings.folder("submitted", "alice", ASSIGNMENT)
    return read_work(settings, read_assignment(settings, ASSIGNMENT), "alice", folder)


def test_the_expected_file_alone_needs_no_word(course: SmallCourse, folder: Path) -> None:
    """Work under its own name, with nbgrader's files and what Jupyter leaves, is taken without a remark."""
    (folder / "timestamp.txt").write_text("2026-01-01 00:00:00 UTC\n")
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints" / NOTEBOOK).write_text("{}")
    work = read(course)
    assert [name for name, _ in work.notebooks] == [ASSIGNMENT]
    assert (work.refused, work.remarks) == ((), ())


@pytest.mark.parametrize("name", ["petit.ipynb.json", "petit.IPYNB", "petit.ipynb.txt", "rendu/petit (1).ipynb"])
def test_another_name_is_taken_and_said(course: SmallCourse, folder: Path, name: str) -> None:
    """The only notebook of a folder is graded, and a sentence says under which name it lay."""
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / NOTEBOOK).rename(folder / name)
    work = read(course)
    assert [found for found, _ in work.notebooks] == [ASSIGNMENT]
    assert name in work.remarks[0][1].said()


def test_an_archive_is_opened(course: SmallCourse, folder: Path) -> None:
    """A notebook in a zip, with the folder that the course hands out, is graded."""
    with zipfile.ZipFile(folder / "rendu.zip", "w") as archive:
        archive.write(folder / NOTEBOOK, f"petit/{NOTEBOOK}")
        archive.writestr("petit/notes.txt", "à moi")
    (folder / NOTEBOOK).unlink()
    (row,) = [row for (_, cell), row in graded(course).items() if cell == "verification"]
    assert row[0] == 4.0
    assert [remark for _, remark in read(course).remarks if "rendu.zip/petit/notes.txt" in remark.said()]


def graded(course: SmallCourse) -> dict[tuple[str, str], tuple[object, ...]]:
    autograde(course)
    return course.grades()


def test_what_else_lies_there_is_named(course: SmallCourse, folder: Path) -> None:
    """Files that grading does not use, a second copy and a stray archive are named, each with what became of it."""
    (folder / "photo.jpg").write_bytes(b"x")
    (folder / "petit (1).ipynb").write_bytes((folder / NOTEBOOK).read_bytes().replace(b"Parce", b"Puis"))
    (folder / "rendu.rar").write_bytes(b"Rar!")
    (folder / "rendu.zip").write_bytes(b"PK")
    said = " ".join(remark.said() for _, remark in read(course).remarks)
    for name in ("photo.jpg", "petit (1).ipynb", "rendu.rar", "rendu.zip"):
        assert name in said


def test_where_there_is_no_notebook_the_message_says_what_there_is(course: SmallCourse, folder: Path) -> None:
    """A person who reads the refusal knows what was handed in instead."""
    (folder / NOTEBOOK).unlink()
    (folder / "rapport.pdf").write_bytes(b"%PDF")
    ((_, remark),) = read(course).refused
    reason = remark.said()
    assert reason.startswith(f"Le dossier rendu ne contient pas le notebook {NOTEBOOK}")
    assert "rapport.pdf" in reason


def blank(course: SmallCourse) -> bytes:
    """The notebook as students get it."""
    notebook, stubs = master(), read_settings(course.root).stubs
    for cell in notebook.cells:
        cell.source = stubs.handed_out(cell)
    return nbformat.writes(notebook).encode()


@pytest.mark.parametrize("name", ["petit (1).ipynb", "petit-rempli.ipynb", "à rendre/petit.ipynb"])
def test_the_copy_in_which_something_was_written_counts(course: SmallCourse, folder: Path, name: str) -> None:
    """Who hands in the notebook that was given out, and the own work under another name, is graded for that."""
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / NOTEBOOK).rename(folder / name)
    (folder / NOTEBOOK).write_bytes(blank(course))
    work = read(course)
    assert [remark for _, remark in work.remarks if name in remark.said()]
    assert b"return 2 * n" in dict(work.notebooks)[ASSIGNMENT]


def test_two_blank_copies_are_one_question_less(course: SmallCourse, folder: Path) -> None:
    """Where nothing was written anywhere, the file with the expected name is the one."""
    (folder / NOTEBOOK).write_bytes(blank(course))
    (folder / "petit (1).ipynb").write_bytes(blank(course).replace(b"\n", b" \n"))
    assert [name for name, _ in read(course).notebooks] == [ASSIGNMENT]


@pytest.mark.parametrize("name", [f".ipynb_checkpoints/{NOTEBOOK}", f".{NOTEBOOK}.icloud", f"._{NOTEBOOK}"])
def test_a_folder_of_hidden_files_alone_is_told_from_an_empty_one(course: SmallCourse, folder: Path, name: str) -> None:
    """A checkpoint, or what a cloud leaves of a file that it did not fetch, is named and not graded."""
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / NOTEBOOK).rename(folder / name)
    ((_, why),) = read(course).refused
    assert name in why.said()


def test_two_that_differ_are_refused_by_name(course: SmallCourse, folder: Path) -> None:
    """No file is chosen by chance."""
    data = (folder / NOTEBOOK).read_bytes()
    (folder / NOTEBOOK).unlink()
    (folder / "petit (1).ipynb").write_bytes(data)
    (folder / "petit (2).ipynb").write_bytes(data.replace(b"return", b"return 0 +"))
    work = read(course)
    assert not work.notebooks
    assert "petit (1).ipynb, petit (2).ipynb" in work.refused[0][1].said()


def test_a_link_is_refused_and_a_pipe_waits_for_nobody(course: SmallCourse, folder: Path) -> None:
    """What is no file of its own is named, whatever its name is."""
    (folder / NOTEBOOK).rename(course.root / "ailleurs.ipynb")
    (folder / NOTEBOOK).symlink_to(course.root / "ailleurs.ipynb")
    os.mkfifo(folder / "tube")
    work = read(course)
    assert not work.notebooks
    assert "lien" in work.refused[0][1].said()


def test_the_digest_is_of_the_work_and_not_of_its_outputs(course: SmallCourse, folder: Path) -> None:
    """Running a notebook again before handing it in changes nothing that is graded."""
    before = read(course).digest
    path = folder / NOTEBOOK
    path.write_bytes(
        path.read_bytes().replace(b'"outputs": []', b'"outputs": [{"output_type": "stream", "text": "x"}]')
    )
    assert read(course).digest == before


def test_a_class_that_handed_in_large_outputs_is_graded(course: SmallCourse, folder: Path) -> None:
    """25 MB of saved figures cost nobody a mark."""
    path = folder / NOTEBOOK
    path.write_bytes(path.read_bytes().replace(b'"outputs": []', b'"outputs": ["' + b"A" * 25_000_000 + b'"]'))
    assert graded(course)["alice", "verification"][0] == 4.0


def without_metadata(path: Path, *sources: str) -> None:
    """Write a notebook with nothing but texts: code cells without metadata and ids."""
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in sources]
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 2, "metadata": {}, "cells": cells}))


def test_work_without_metadata_counts_beside_the_blank_notebook(course: SmallCourse) -> None:
    """A student who worked elsewhere, and hands the untouched notebook in as well, gets the marks of the work."""
    path, blank = course.submit("alice", RIGHT), master()
    for cell in blank.cells:
        cell.source = Stubs().handed_out(cell)
    nbformat.write(blank, path)
    without_metadata(path.parent / "Untitled.ipynb", "import math", RIGHT)
    assert graded(course)["alice", "verification"][0] == 4.0


def test_what_cant_be_placed_has_no_mark(course: SmallCourse) -> None:
    """A notebook of which no cell is known is refused by name, whatever it is called; it is no 0."""
    without_metadata(course.submit("alice", RIGHT), "x = 1", "print(x)")
    assert graded(course)["alice", "verification"][0] is None
    (verdict,) = course.verdicts().values()
    assert b"submission.none_of_its_cells" in verdict
