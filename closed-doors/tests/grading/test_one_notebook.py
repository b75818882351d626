"""One notebook graded as a class and as nbgrader's button do it."""

import nbformat
import pytest

from closed_doors.core.assignment_files import AssignmentFiles
from closed_doors.core.errors import ExecutionError
from closed_doors.grading import one_notebook
from closed_doors.grading.one_notebook import Grader, grade_notebook
from closed_doors.grading.verdict.remark import RemarkCode
from closed_doors.notebook.json_files import Notebook, parse
from support.courses import HALF, master


def handed_in() -> Notebook:
    notebook = master()
    notebook.cells[1].source = HALF
    del notebook.cells[0]
    return parse(nbformat.writes(notebook).encode())


def grader() -> Grader:
    return Grader(parse(nbformat.writes(master()).encode()))


def test_what_comes_out_is_whole() -> None:
    """Verdicts, remarks on what was mended, checksums of the answers, and the notebook that says all of it."""
    found = grade_notebook(grader(), handed_in())
    assert [(cell.grade_id, cell.points, cell.earned, cell.complete) for cell in found.cells] == [
        ("verification", 4.0, 2.0, True)
    ]
    assert [(remark.code, remark.cell) for remark in found.remarks] == [(RemarkCode.MISSING_CELL, "preparation")]
    assert set(found.checksums) == {"reponse", "question"}
    assert "preparation" in found.notebook["cells"][0]["source"]
    assert found.notebook["cells"][3]["outputs"][-1]["data"]["text/plain"] == "2.0"


@pytest.mark.parametrize(("failures", "marked"), [(1, True), (2, False)])
def test_a_failure_of_ours_is_tried_once_more(monkeypatch: pytest.MonkeyPatch, failures: int, marked: bool) -> None:
    """A machine out of breath costs nobody a mark; one that stays so gives none, never a zero."""
    grade, calls = one_notebook.grade, []

    def out_of_breath(*args, **kwargs):
        calls.append(1)
        if len(calls) <= failures:
            raise ExecutionError("out of breath")
        return grade(*args, **kwargs)

    monkeypatch.setattr(one_notebook, "grade", out_of_breath)
    if marked:
        assert grade_notebook(grader(), handed_in()).cells[0].earned == 2
        return
    with pytest.raises(ExecutionError, match="out of breath"):
        grade_notebook(grader(), handed_in())


def test_the_notebook_speaks_the_courses_language() -> None:
    """Its heading and remarks are in English where the course is."""
    english = Grader(grader().master, AssignmentFiles(language="en"))
    assert "was missing from the work handed in" in grade_notebook(english, handed_in()).notebook["cells"][0]["source"]
