"""A student's page for one try, while it is not, or not yet, what the class's pages say.

Two cases: before the due date a course may tell of visible criteria only; and a try that does not count because an
earlier one is better has a page of its own, while the earlier one's stays what it is.
"""

import msgspec

from checks.report import Kind
from closed_doors.core.wording import DEFAULT_LANGUAGE
from closed_doors.grading.verdict.remark import RemarkCode
from closed_doors.grading.verdict.verdict import CellVerdict, Verdict
from closed_doors.nbgrader.gradebook_reader import NotebookMarks, StudentMarks
from closed_doors.notebook.json_files import parse
from closed_doors.pages.feedback.feedback_content import Work
from closed_doors.pages.feedback.feedback_page import feedback_page

VISIBLE, NOT_COUNTED = "visible", "not_counted"


def visible_page(
    verdict: Verdict, autograded: bytes | None, marks: StudentMarks, language: str = DEFAULT_LANGUAGE
) -> bytes:
    """Return a page that is the same whatever became of hidden tests: neither they nor points are on it.

    Args:
        verdict: of one notebook.
        autograded: the executed notebook; None where it could not be graded.
        marks: whose it is; the points are left out.
        language: what the page is written in.
    """
    remarks = tuple(one for one in verdict.remarks if one.code is not RemarkCode.OUT_OF_TIME)
    cells = tuple(_visible(cell) for cell in verdict.cells)
    shown = msgspec.structs.replace(verdict, cells=cells, remarks=remarks)
    return _page(shown, autograded, marks, NotebookMarks(), language, VISIBLE)


def uncounted_page(
    verdict: Verdict, autograded: bytes | None, marks: StudentMarks, language: str = DEFAULT_LANGUAGE
) -> bytes:
    """Return the whole page of a try that does not count.

    Args:
        verdict: of one notebook.
        autograded: the executed notebook; None where it could not be graded.
        marks: what the try would have earned.
        language: what the page is written in.
    """
    return _page(verdict, autograded, marks, marks.notebooks[verdict.notebook], language, NOT_COUNTED)


def _page(
    verdict: Verdict, autograded: bytes | None, whose: StudentMarks, marks: NotebookMarks, language: str, notice: str
) -> bytes:
    cells = parse(autograded)["cells"] if autograded is not None else ()
    work = Work(verdict.notebook, whose.name, cells, verdict, marks, whose.late_s, language, notice)
    return feedback_page(work).encode("utf-8", "replace")


def _visible(cell: CellVerdict) -> CellVerdict:
    """Return a verdict without what was found after hidden tests began.

    Hints and examples were looked for before where a visible criterion is missed, and after where only hidden ones are.
    """
    criteria = tuple(one for one in cell.criteria if not one.hidden)
    before = any(one.kind not in (Kind.PASSED, Kind.INTERNAL) for one in criteria)
    shown = msgspec.structs.replace(cell, criteria=criteria, earned=0.0, witness=None, traces=(), complete=True)
    return shown if before else shown.diagnosed()
