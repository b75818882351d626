"""What decides whether work is graded again."""

from pathlib import Path

import pytest

from closed_doors.classroom import fingerprint
from closed_doors.classroom.grade_submission import Assignment, Submission
from closed_doors.grading.processes.supervisor import Deadlines


def test_the_environment_is_the_code_and_the_libraries(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A changed line of the grading code, or another NumPy, is another environment; the same twice is the same."""
    first = fingerprint.environment.__wrapped__()
    assert fingerprint.environment.__wrapped__() == first
    with monkeypatch.context() as patch:
        patch.setattr("importlib.metadata.version", lambda _: "0.0")
        assert fingerprint.environment.__wrapped__() != first
    (tmp_path / "changed.py").write_text("x = 1")
    monkeypatch.setattr(fingerprint, "_folder", lambda _: tmp_path)
    assert fingerprint.environment.__wrapped__() != first


def test_tests_materials_and_deadlines_decide() -> None:
    """Each part of an assignment changes its digest; names and contents can't be taken for each other."""
    base = Assignment("a", (("n", b"1"),), (("d", b"2"),), Deadlines(1, 2))
    others = [
        Assignment("a", (("n", b"x"),), (("d", b"2"),), Deadlines(1, 2)),
        Assignment("a", (("n", b"1"),), (("d", b"x"),), Deadlines(1, 2)),
        Assignment("a", (("n", b"1"), ("d", b"2")), (), Deadlines(1, 2)),
        Assignment("a", (("n", b"1"),), (("d", b"2"),), Deadlines(1, 3)),
    ]
    assert len({each.digest for each in (base, *others)}) == 5
    assert Submission("s", (("n", b"1"),)).digest != Submission("s", (), (("n", "1"),)).digest
