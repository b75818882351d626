"""Versions are declared once, and this machine is compared with them."""

import platform
from pathlib import Path

import numpy as np
import pytest

from closed_doors.core.declared_versions import declared_versions, distributions_of, require_declared
from closed_doors.core.errors import ProfileError


def test_the_profile_or_the_project_declares(tmp_path: Path) -> None:
    """pyproject.toml where course.toml says nothing; nothing at all is no bound."""
    nothing = declared_versions(tmp_path)
    assert list(nothing.unmet()) == []
    assert nothing.line("numpy") == "numpy"
    (tmp_path / "pyproject.toml").write_text('[project]\nrequires-python = ">=3.9"\ndependencies = ["NumPy>=1"]\n')
    declared = declared_versions(tmp_path)
    assert (str(declared.python), declared.line("numpy"), declared.file) == (">=3.9", "NumPy>=1", "pyproject.toml")
    (tmp_path / "course.toml").write_text('[requires]\nlibraries = ["numpy>=1.2"]\n')
    assert declared_versions(tmp_path).line("numpy") == "numpy>=1.2"


def test_what_is_not_as_declared_is_said(tmp_path: Path) -> None:
    """Another Python, another library, one that is missing: a sentence each, with what is declared and found."""
    lines = '["numpy>=99", "no-such-library-here>=1", "pytest", "nothing>=1; python_version < \'3\'"]'
    (tmp_path / "course.toml").write_text(f'[requires]\npython = ">=9"\nlibraries = {lines}\n')
    python, old, missing = declared_versions(tmp_path).unmet()
    assert python == f"course.toml declares Python >=9, and this is Python {platform.python_version()}."
    assert old == f"course.toml declares numpy>=99, and {np.__version__} is installed here."
    assert missing == "course.toml declares no-such-library-here>=1, which is not installed here."


@pytest.mark.parametrize("line", ['python = "3"', 'libraries = ["numpy > two"]'])
def test_a_bound_that_pip_could_not_read_is_named(line: str, tmp_path: Path) -> None:
    """The message names the file, the key, what was expected and what came."""
    (tmp_path / "course.toml").write_text(f"[requires]\n{line}\n")
    with pytest.raises(ProfileError, match=rf"course\.toml, key {line.split()[0]}: expected .* as pip reads it"):
        declared_versions(tmp_path)


def test_nothing_is_graded_with_another_library(tmp_path: Path) -> None:
    """Only what the assignment imports counts; the name of a module may be another than its distribution's."""
    (tmp_path / "course.toml").write_text('[requires]\nlibraries = ["numpy>=99", "pillow>=1"]\n')
    require_declared(tmp_path, ["PIL", "torch"])
    with pytest.raises(ProfileError, match="numpy>=99"):
        require_declared(tmp_path, ["numpy"])
    assert distributions_of(["PIL", "numpy", "no_such_module"]) == {"pillow", "numpy"}
