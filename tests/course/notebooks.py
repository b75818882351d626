"""What the tests of the course ask of a notebook."""

from typing import Any

import nbformat
from nbgrader.utils import determine_grade, is_grade, is_solution

from closed_doors.core.layout import Layout


def cells_of(layout: Layout, folder: str, assignment: str) -> list[Any]:
    """Return the cells of source/, release/ or solutions/ of an assignment."""
    return nbformat.read(layout.root / folder / assignment / f"{assignment}.ipynb", as_version=4).cells


def grade_id(cell: Any) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def automatic_marks(notebook: Any) -> dict[str, tuple[float, float]]:
    """Marks (earned, possible) of the automatically graded cells, as nbgrader reads them."""
    return {
        grade_id(cell): determine_grade(cell) for cell in notebook.cells if is_grade(cell) and not is_solution(cell)
    }


def errors(notebook: Any) -> list[tuple[str, str]]:
    return [
        (grade_id(cell), output.evalue)
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if output.output_type == "error"
    ]


def printed(notebook: Any, stream: str = "stdout") -> dict[str, str]:
    """Return what each cell wrote to a stream, by grade_id."""
    found: dict[str, str] = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if output.output_type == "stream" and output.name == stream:
                found[grade_id(cell)] = found.get(grade_id(cell), "") + output.text
    return found


def is_open(cell: Any) -> bool:
    """Whether a student may write in a cell of a released notebook."""
    return bool(cell.metadata.get("editable", True))
