"""The one reader of what nbgrader notes of a cell."""

import ast
from pathlib import Path

import nbformat
import pytest
from nbgrader.utils import compute_checksum

import closed_doors
from closed_doors.notebook.cell import Role, cell_of

SOURCES = Path(closed_doors.__file__).parent


def marked(kind: str = "code", **marks: object) -> dict:
    return {"cell_type": kind, "source": "x = 1", "metadata": {"nbgrader": {"grade_id": "c", **marks}}}


@pytest.mark.parametrize(
    ("marks", "role"),
    [
        ({"solution": True}, Role.ANSWER),
        ({"solution": True, "grade": True, "points": 2}, Role.ANSWER),
        ({"grade": True, "locked": True}, Role.GRADING),
        ({"locked": True}, Role.LESSON),
        ({"task": True, "points": 2}, Role.TASK),
    ],
)
def test_a_cell_has_one_role(marks: dict, role: Role) -> None:
    """What a person marks is an answer too; a cell that nbgrader does not know is the instructor's, if not added."""
    assert cell_of(marked(**marks)).role is role
    assert cell_of({"cell_type": "code", "source": "", "metadata": {}, "id": "own-3"}).role is Role.OWN
    assert cell_of({"cell_type": "code", "source": "", "metadata": {}, "id": "setup"}).role is Role.LESSON


@pytest.mark.parametrize(
    "given", [None, 3, "x", [], {"nbgrader": None}, {"nbgrader": []}, {"nbgrader": "x"}, {"tags": 3}]
)
def test_metadata_of_any_shape_are_read(given: object) -> None:
    """A submission may hold anything there; what is not as it should be is not there."""
    cell = cell_of({"cell_type": "code", "source": ["x", " = 1"], "metadata": given})
    assert (cell.role, cell.grade_id, cell.tags, cell.source) == (Role.LESSON, "", (), "x = 1")


@pytest.mark.parametrize(
    ("given", "points"), [(2, 2.0), ("2.5", 2.5), (None, None), (True, None), ("x", None), (1e999, None)]
)
def test_points_are_numbers(given: object, points: float | None) -> None:
    """What is no number is none, and worth nothing."""
    cell = cell_of(marked(points=given))
    assert cell.stated_points == points
    assert cell.points == (points or 0.0)


@pytest.mark.parametrize(
    "marks",
    [
        {"solution": True},
        {"solution": True, "grade": True, "points": 2.0},
        {"grade": True, "points": 3},
        {"locked": True},
    ],
)
@pytest.mark.parametrize("kind", ["code", "markdown"])
def test_the_checksum_is_nbgraders(marks: dict, kind: str) -> None:
    """nbgrader knows by it that nothing was written in an answer."""
    whole = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3, **marks}
    cell = nbformat.from_dict(marked(kind, **whole))
    assert cell_of(cell).checksum == compute_checksum(cell)


def test_nobody_else_reads_them() -> None:
    """No module but this one looks nbgrader's metadata up; `resources["nbgrader"]` is another thing."""
    for path in SOURCES.rglob("*.py"):
        if path.relative_to(SOURCES).as_posix() != "notebook/cell.py":
            assert not list(lookups(ast.parse(path.read_text(encoding="utf-8")))), path


def lookups(tree: ast.AST):
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value, ast.Constant("nbgrader")) if ast.unparse(value) != "resources":
                yield node
            case ast.Call(ast.Attribute(attr="get" | "pop" | "setdefault"), [ast.Constant("nbgrader"), *_]):
                yield node
            case ast.Attribute(ast.Attribute(attr="metadata"), "nbgrader"):
                yield node
