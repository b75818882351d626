"""Verdict files: one writer, one reader, a published form, and a way on from every earlier one."""

import json
from pathlib import Path

import pytest

from checks.report import CellReport, Criterion, Kind, Masks
from closed_doors.core.errors import CourseError
from closed_doors.grading.verdict.remark import Remark, RemarkCode
from closed_doors.grading.verdict.verdict import (
    Diagnosis,
    Status,
    Verdict,
    judged,
    to_plain,
    verdict_from_plain,
)
from closed_doors.grading.verdict.verdict_file import read_verdict, verdict_path, verdict_schema, write_verdict

SCHEMA = Path(__file__).resolve().parents[3] / "docs" / "verdict.schema.json"
WHERE = ("petit", "chloé d'Arc", "petit")
CRITERIA = (
    Criterion(
        "test_a", "Le double de 2.", 1.0, False, Kind.WRONG_VALUES, "f(2) vaut 5.", "un\n", Masks(("1",), ("0",))
    ),
    Criterion("test_h", "D'autres nombres.", 3.0, True, Kind.PASSED),
)
FOUND = judged("verification", 4.0, CellReport(CRITERIA, 4)).diagnosed(Diagnosis("added", "Vous ajoutez."))
VERDICT = Verdict(
    assignment="petit",
    student="chloé d'Arc",
    notebook="petit",
    remarks=(Remark(RemarkCode.CELL_OUT_OF_TIME, 7, {"seconds": 10.0}), Remark(RemarkCode.MISSING_CELL, "x")),
    cells=(FOUND,),
)
# A file as version 0.2.0 wrote it.
EARLIER = {
    "assignment": "petit",
    "student": "chloé d'Arc",
    "notebook": "petit",
    "status": "graded",
    "reason": "",
    "remarks": ["La cellule 7 n'a pas fini en 10 s."],
    "cells": [
        {
            "grade_id": "verification",
            "points": 4.0,
            "earned": 3.0,
            "complete": True,
            "criteria": [
                {
                    "name": "test_a",
                    "text": "Le double de 2.",
                    "weight": 1.0,
                    "hidden": False,
                    "kind": "wrong_values",
                    "message": "f(2) vaut 5.",
                    "masks": {"expected": ["1"], "obtained": ["0"]},
                }
            ],
            "diagnosis": {"id": "added", "hint": "Vous ajoutez."},
        }
    ],
}


def put(root: Path, content: object) -> Path:
    path = verdict_path(root, *WHERE)
    path.parent.mkdir(parents=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """All of a verdict comes back, but for what code printed; the same verdict gives the same bytes."""
    write_verdict(tmp_path, VERDICT)
    found = read_verdict(tmp_path, *WHERE)
    assert found is not None
    assert found.remarks == VERDICT.remarks
    assert found.cells == (FOUND.on_file,)
    assert found.cells[0].criteria[0].masks == Masks(("1",), ("0",))
    before = verdict_path(tmp_path, *WHERE).read_bytes()
    write_verdict(tmp_path, VERDICT)
    assert verdict_path(tmp_path, *WHERE).read_bytes() == before


def test_nothing_is_none(tmp_path: Path) -> None:
    """A notebook that was not graded has no verdict, and that is no error."""
    assert read_verdict(tmp_path, *WHERE) is None


def test_half_a_character_is_no_failure(tmp_path: Path) -> None:
    """What a student's error says may be no whole text; the file is UTF-8 all the same."""
    odd = Criterion("test_a", "a", 1.0, False, Kind.RAISED, "ValueError: \ud800")
    write_verdict(tmp_path, Verdict(**names(), cells=(judged("v", 1.0, CellReport((odd,), 1)),)))
    found = read_verdict(tmp_path, *WHERE)
    assert found is not None
    assert found.cells[0].criteria[0].message == "ValueError: ?"


def test_nothing_of_a_hidden_test_is_kept_but_its_verdict(tmp_path: Path) -> None:
    """Neither masks nor what code printed reach the file."""
    told = Criterion("test_h", "h", 1.0, True, Kind.FAILED, "fixe", "SECRET", Masks(("SECRET",), ("SECRET",)))
    write_verdict(tmp_path, Verdict(**names(), cells=(judged("v", 1.0, CellReport((told,), 1)),)))
    assert "SECRET" not in verdict_path(tmp_path, *WHERE).read_text(encoding="utf-8")


def test_a_file_without_a_version_is_read(tmp_path: Path) -> None:
    """Its sentences stay as they were written, its marks, criteria and hint are there."""
    put(tmp_path, EARLIER)
    found = read_verdict(tmp_path, *WHERE)
    assert found is not None
    assert [remark.said() for remark in found.remarks] == ["La cellule 7 n'a pas fini en 10 s."]
    assert (found.status, found.reason, found.cells[0].earned) == (Status.GRADED, None, 3.0)
    assert found.cells[0].criteria[0].kind is Kind.WRONG_VALUES
    assert found.cells[0].diagnosis == Diagnosis("added", "Vous ajoutez.")
    write_verdict(tmp_path, found)
    assert json.loads(verdict_path(tmp_path, *WHERE).read_bytes())["version"] == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"version": 2}, "of version 2, and this version of the grader knows 1.*course autograde petit --force"),
        ("{", "can't be read .*remove it, then run `course autograde petit`"),
        ("[]", "can't be read"),
        ("[" * 100_000, "can't be read"),
        ({}, "can't be read"),
        (EARLIER | {"remarks": 3}, "can't be read"),
        (EARLIER | {"status": "perdu"}, "can't be read"),
        (EARLIER | {"cells": [{"grade_id": 3}]}, r"can't be read .*cells\[0\]"),
        ({"version": "1"}, "can't be read"),
        ({**EARLIER, "version": 1}, "can't be read"),
    ],
    ids=range(10),
)
def test_another_file_is_refused_with_what_to_do(tmp_path: Path, content: object, said: str) -> None:
    """A damaged file, or one of a later version, is named with the command that renews it."""
    path = put(tmp_path, content)
    with pytest.raises(CourseError, match=f"(?s){path}.*{said}|{said}"):
        read_verdict(tmp_path, *WHERE)


def test_the_published_form_is_the_one_that_is_written() -> None:
    """docs/verdict.schema.json is what the types say; `make schema` renews it."""
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == json.loads(json.dumps(verdict_schema()))


def test_a_verdict_travels_as_plain_data() -> None:
    """Between processes go plain values only, and what arrives is what was sent."""
    assert verdict_from_plain(json.loads(json.dumps(to_plain(FOUND)))) == FOUND


def names() -> dict:
    return {"assignment": WHERE[0], "student": WHERE[1], "notebook": WHERE[2]}
