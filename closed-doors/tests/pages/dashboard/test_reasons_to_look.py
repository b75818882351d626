"""Headings of who is to be looked at: by what a remark is, never by what it says."""

import pytest

from closed_doors.core.wording import wording
from closed_doors.grading.verdict.remark import Remark, RemarkCode
from closed_doors.grading.verdict.verdict import Status
from closed_doors.pages.analysis.class_results import ClassResults, Result
from closed_doors.pages.dashboard.reasons_to_look import Sign, reasons


def signs(*remarks: Remark) -> list[Sign]:
    """The headings that one student with these remarks stands under."""
    result = Result("alice", "Alice", status=Status.GRADED, remarks=list(remarks))
    results = ClassResults("petit", None, (), (result,), (), {})
    return [reason.sign for reason in reasons(results, [], {}, wording()).get("alice", [])]


@pytest.mark.parametrize("name", ["x n'a pas fini", "a arrêté le programme", "est épuisé", "{}", "« x » manquait"])
def test_a_cells_name_moves_nobody(name: str) -> None:
    """A student chooses the name of an unknown cell, and it may be any sentence of ours."""
    for code in (RemarkCode.MISSING_CELL, RemarkCode.DUPLICATED_CELL, RemarkCode.UNKNOWN_CELL):
        assert signs(Remark(code, name)) == [Sign.CELLS]
    assert signs(Remark(RemarkCode.EARLIER, None, {"text": name})) == [Sign.FLAGGED]


@pytest.mark.parametrize(
    ("code", "sign"),
    [
        (RemarkCode.CELL_OUT_OF_TIME, Sign.STOPPED),
        (RemarkCode.CELL_ENDED_PROGRAM, Sign.STOPPED),
        (RemarkCode.OUT_OF_TIME, Sign.STOPPED),
        (RemarkCode.NOTEBOOK_NOT_HANDED_IN, Sign.CELLS),
        (RemarkCode.OPEN_DOORS, Sign.FLAGGED),
    ],
)
def test_a_remark_has_its_heading(code: RemarkCode, sign: Sign) -> None:
    """What stopped, what is missing, and all else."""
    assert signs(Remark(code, 3, {"seconds": 10.0, "notebook": "petit"})) == [sign]
