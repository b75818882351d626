"""What programs ask their loader for."""

import sys
from pathlib import Path

from closed_doors.grading.sandbox.shared_objects import Needs, closure, needs


def test_a_program_names_its_loader_and_libraries() -> None:
    """This Python's own are read from its file."""
    found = needs(Path(sys.executable).resolve())
    assert Path(found.loader).exists()
    assert any(name.startswith("libc.so") for name in found.libraries)


def test_a_text_asks_for_nothing(tmp_path: Path) -> None:
    """What is no shared object, as an empty file, is none."""
    (tmp_path / "empty").touch()
    assert needs(tmp_path / "empty") == needs(Path(__file__)) == Needs()


def test_libraries_of_libraries_are_found(tmp_path: Path) -> None:
    """Each name is a file of this machine; a folder of the interpreter's own comes first."""
    found = closure([Path(sys.executable).resolve()], tmp_path)
    assert "libc.so.6" in found
    assert all(path.is_file() for path in found.values())
    (tmp_path / "libc.so.6").write_bytes(found["libc.so.6"].read_bytes())
    assert closure([Path("/bin/sh").resolve()], tmp_path)["libc.so.6"].parent == tmp_path
