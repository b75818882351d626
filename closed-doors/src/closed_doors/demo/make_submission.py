"""Turns a demo student's answers into the notebook that the student would hand in."""

import copy
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from closed_doors.core.errors import CourseError
from closed_doors.demo.class_file import DemoClass, DemoStudent
from closed_doors.notebook.cell import cell_of


def hand_in(demo: DemoClass, student: DemoStudent, release: Path, submitted: Path) -> Path:
    """Write submitted/<student>/<assignment>/ with the student's notebook and the time of its arrival.

    Args:
        demo: the class, which knows the assignment and where the answers are.
        student: who hands in.
        release: the released notebook that the student started from.
        submitted: the course's submitted/ folder.

    Returns:
        The file handed in.
    """
    folder = submitted / student.id / demo.assignment
    folder.mkdir(parents=True)
    target = folder / release.name
    if student.hands_in:
        target.write_bytes((demo.folder / student.hands_in).read_bytes())
    else:
        nbformat.write(completed(demo, student, nbformat.read(release, as_version=4)), target)
    (folder / "timestamp.txt").write_text(student.submitted.isoformat(" "), encoding="utf-8")
    return target


def completed(demo: DemoClass, student: DemoStudent, notebook: NotebookNode) -> NotebookNode:
    """Return the released notebook with the student's answers and edits in it.

    Raises:
        CourseError: an answer or an edit names a cell that the notebook lacks.
    """
    notebook = copy.deepcopy(notebook)
    answers = demo.answers(student)
    if answers.exists():
        for cell in jupytext.read(answers, fmt="py:percent").cells:
            _place(notebook, cell, answers)
    for edit in student.edits:
        _edit(notebook, edit, demo.folder / "class.toml")
    return notebook


def _place(notebook: NotebookNode, answer: NotebookNode, origin: Path) -> None:
    """Replace the cell that the answer is titled with, or add it after the one that it names."""
    if grade_id := answer.metadata.get("title"):
        notebook.cells[_index(notebook, grade_id, origin)].source = answer.source
    elif after := answer.metadata.get("after"):
        added = nbformat.v4.new_code_cell(answer.source)
        notebook.cells.insert(_index(notebook, after, origin) + 1, added)
    elif answer.source.strip():
        raise CourseError(f"{origin}: a cell has neither a grade_id as its title nor after=…: {answer.source[:60]!r}")


def _edit(notebook: NotebookNode, edit: dict[str, str], origin: Path) -> None:
    match edit:
        case {"delete": grade_id}:
            del notebook.cells[_index(notebook, grade_id, origin)]
        case {"duplicate": grade_id}:
            index = _index(notebook, grade_id, origin)
            twin = copy.deepcopy(notebook.cells[index])
            twin.id = f"{twin.id}-bis"
            notebook.cells.insert(index + 1, twin)
        case _:
            raise CourseError(f"{origin}: unknown edit {edit}; known ones are delete and duplicate")


def _index(notebook: NotebookNode, grade_id: str, origin: Path) -> int:
    for index, cell in enumerate(notebook.cells):
        if cell_of(cell).grade_id == grade_id:
            return index
    raise CourseError(f"{origin} names the cell {grade_id!r}, and the released notebook has no such cell")
