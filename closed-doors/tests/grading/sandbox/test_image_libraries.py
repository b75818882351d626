"""Which of this machine's files sandboxes are given."""

import dataclasses
from pathlib import Path

import pytest

from closed_doors.grading.sandbox import image_exclusions, image_libraries
from closed_doors.grading.sandbox.image_exclusions import Contents
from closed_doors.grading.sandbox.kept_image_list import contents


@pytest.fixture(scope="module")
def found() -> Contents:
    return image_libraries.find()


def libraries(found: Contents) -> set[str]:
    return {Path(there).name for _, there in (*found.early, *found.late) if "site-packages" in there}


def test_what_notebooks_import_is_there(found: Contents) -> None:
    """The libraries of the warm process and of the course, and what these need."""
    assert {"numpy", "matplotlib", "IPython", "pandas", "seaborn", "checks", "PIL"} <= libraries(found)


def test_the_grader_and_its_tools_are_not(found: Contents) -> None:
    """Neither the grader's modules nor nbgrader, gradebook drivers or linters."""
    assert not {"closed_doors", "nbgrader", "sqlalchemy", "mypy", "ruff"} & libraries(found)


def test_programs_bring_their_libraries(found: Contents) -> None:
    """A shell, and what the loader needs to start it."""
    there = {Path(place).name for _, place in found.early}
    assert {"sh", "ls", "python3", "libc.so.6"} <= there
    assert any(name.startswith(("ld-linux", "ld64")) for name in there)


def test_the_list_is_kept_between_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second run reads it; a list of another machine's, or a broken one, is made anew."""
    short = Contents((("/bin/sh", "/usr/bin/sh"),), ())
    monkeypatch.setattr(image_libraries, "find", lambda: short)
    assert contents(tmp_path) == short
    monkeypatch.setattr(image_libraries, "find", lambda: dataclasses.replace(short, early=()))
    assert contents(tmp_path) == short
    (kept,) = tmp_path.iterdir()
    kept.write_text("{")
    assert contents(tmp_path).early == ()


def test_only_what_is_no_code_is_left_out(tmp_path: Path) -> None:
    """A package may be called `test` or `include`; tests of a library are not needed."""
    (tmp_path / "include").mkdir()
    assert image_exclusions.is_left_out(str(tmp_path / "include"), "include")
    (tmp_path / "include" / "__init__.py").touch()
    assert not image_exclusions.is_left_out(str(tmp_path / "include"), "include")
    assert image_exclusions.is_left_out(str(tmp_path / "tests"), "tests")


def test_programs_that_test_a_library_are_left_out() -> None:
    """What is called after a test and is no module of Python is read by nobody; what is built from is not either."""
    assert image_exclusions.is_never_read("test_api")
    assert image_exclusions.is_never_read("torch.h")
    assert not image_exclusions.is_never_read("test_this.py")
    assert not image_exclusions.is_never_read("torch_shm_manager")
