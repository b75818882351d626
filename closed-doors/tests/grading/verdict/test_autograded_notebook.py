"""The notebook that TAs open: what a student chose in it is text."""

import nbformat

from closed_doors.grading.verdict.autograded_notebook import disarm, put_on_top
from closed_doors.grading.verdict.remark import Remark, RemarkCode

PAYLOAD = "<img src=x onerror=alert(1)>"


def test_a_remark_that_quotes_a_student_is_text() -> None:
    """The id of an unknown cell is the student's; it neither opens a tag nor another line of markdown."""
    notebook = nbformat.v4.new_notebook()
    put_on_top(notebook, [Remark(RemarkCode.MISSING_CELL, f"{PAYLOAD}\n# Titre")])
    lines = notebook.cells[0].source.splitlines()
    assert lines[2:] == ["- La cellule « &lt;img src=x onerror=alert(1)> # Titre » manquait dans le travail rendu."]


def test_raw_cells_are_text_too() -> None:
    """nbconvert shows a raw cell as HTML; an instructor's locked cell keeps its own."""
    locked = nbformat.v4.new_markdown_cell("<b>gras</b>", metadata={"nbgrader": {"locked": True}})
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_raw_cell(PAYLOAD), locked])
    disarm(notebook)
    assert [cell.source for cell in notebook.cells] == ["&lt;img src=x onerror=alert(1)>", "<b>gras</b>"]
