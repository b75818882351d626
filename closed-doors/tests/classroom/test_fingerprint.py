"""What decides whether work is graded again: what the assignment can reach, and nothing else."""

from pathlib import Path

import pytest

from closed_doors.classroom import fingerprint
from closed_doors.classroom.fingerprint import environment, imported_libraries
from closed_doors.classroom.grade_submission import Assignment, Submission
from closed_doors.core.assignment_files import AssignmentFiles
from closed_doors.grading.clocks.deadlines import Deadlines
from support.courses import SmallCourse
from support.grading_run import autograde

LIBRARIES = ("IPython", "numpy")


def test_the_environment_is_the_graders_version_and_the_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version of the grader or of NumPy, or one library more, is another environment; the same is the same."""
    first = environment.__wrapped__(LIBRARIES)
    assert environment.__wrapped__(LIBRARIES) == first
    assert environment.__wrapped__((*LIBRARIES, "pytest")) != first
    with monkeypatch.context() as patch:
        patch.setattr("importlib.metadata.version", lambda _: "0.0")
        assert environment.__wrapped__(LIBRARIES) != first
    monkeypatch.setattr(fingerprint, "GRADING_VERSION", 0)
    assert environment.__wrapped__(LIBRARIES) != first


def test_a_library_is_known_by_what_provides_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a module's name is not its distribution's, the distribution's version counts."""
    first = environment.__wrapped__(("PIL",))
    assert first != environment.__wrapped__(("no_such_library",))


def test_the_libraries_are_those_that_code_imports() -> None:
    """Of the notebook and of its modules; neither Python's own nor the course's."""
    cell = '{"cell_type": "code", "source": "import json, torch.nn\\nfrom outils import f\\n%matplotlib inline"}'
    files = AssignmentFiles(modules=(("outils/__init__.py", b"import pandas as pd"),), packages=("outils",))
    found = imported_libraries([("n", f'{{"cells": [{cell}]}}'.encode())], files)
    assert found == ("IPython", "numpy", "pandas", "torch")


def test_tests_files_and_deadlines_decide() -> None:
    """Each part of an assignment changes its digest; names and contents can't be taken for each other."""
    files = AssignmentFiles(materials=(("d", b"2"),))
    base = Assignment("a", (("n", b"1"),), files, Deadlines(1, 2))
    others = [
        Assignment("a", (("n", b"x"),), files, Deadlines(1, 2)),
        Assignment("a", (("n", b"1"),), AssignmentFiles(materials=(("d", b"x"),)), Deadlines(1, 2)),
        Assignment("a", (("n", b"1"),), AssignmentFiles(modules=(("d", b"2"),)), Deadlines(1, 2)),
        Assignment("a", (("n", b"1"),), AssignmentFiles(reserved=(("d", b"2"),)), Deadlines(1, 2)),
        Assignment("a", (("n", b"1"), ("d", b"2")), AssignmentFiles(), Deadlines(1, 2)),
        Assignment("a", (("n", b"1"),), files, Deadlines(1, 3)),
    ]
    assert len({each.digest for each in (base, *others)}) == 7
    assert Submission("s", (("n", b"1"),)).digest != Submission("s", (), (("n", "1"),)).digest


@pytest.mark.parametrize("kind", ["modules", "materials", "reserved"])
def test_code_counts_by_what_it_says(kind: str) -> None:
    """A comment or a line break changes no digest; another number does. A data file counts to the byte."""

    def digest(path: str, data: bytes) -> str:
        return AssignmentFiles(**{kind: ((path, data),)}).digest

    plain = digest("outils.py", b"def f(x):\n    return 2 * x\n")
    assert digest("outils.py", b"# twice\ndef f(x):\n\n    return 2*x  # really\n") == plain
    assert digest("outils.py", b"def f(x):\n    return 3 * x\n") != plain
    assert digest("x.csv", b"1\n2\n") != digest("x.csv", b"1\r\n2\r\n")
    assert digest("broken.py", b"def f(:") != digest("broken.py", b"def g(:")


@pytest.fixture
def own_package(course: SmallCourse) -> Path:
    """A course whose notebook imports one of its package's two modules, and a graded submission."""
    package = course.root / "outils"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "used.py").write_text("def two():\n    return 2\n")
    (package / "other.py").write_text("def three():\n    return 3\n")
    (course.root / "course.toml").write_text('[packages]\nown = ["outils"]\n')
    from support.courses import master

    notebook = master()
    notebook.cells[0].source += "\nfrom outils.used import two"
    course.set_master(notebook)
    course.submit("alice", "def double(n):\n    return two() * n")
    assert autograde(course).graded == 1
    assert course.grades()["alice", "verification"][0] == 4
    return package


def test_what_the_assignment_cannot_reach_grades_nothing_again(course: SmallCourse, own_package: Path) -> None:
    """A changed module that is not handed out, or a comment in one that is, regrades nothing; a changed value does."""
    before = course.everything()
    (own_package / "other.py").write_text("def three():\n    return 4  # changed\n")
    assert autograde(course).unchanged == 1
    (own_package / "used.py").write_text("# a comment\ndef two():\n    return 2  # another\n")
    assert autograde(course).unchanged == 1
    assert course.everything() == before
    (own_package / "used.py").write_text("def two():\n    return 3\n")
    again = autograde(course)
    assert again.graded == 1
    assert course.grades()["alice", "verification"][0] == 0
