"""The warm process: what it does for an assignment must not keep it from its sandboxes for ever."""

import gc
import sys
from pathlib import Path

import pytest

from closed_doors.grading.processes import zygote


def test_an_import_that_never_ends_is_left_to_its_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given up, as one that fails is, and the process goes on."""
    (tmp_path / "endless.py").write_text("while True: pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(zygote, "IMPORT_S", 0.2)
    monkeypatch.setattr(zygote, "_settle", gc.enable)
    zygote._import(["endless"])
    assert "endless" not in sys.modules
