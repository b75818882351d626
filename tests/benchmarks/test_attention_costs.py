"""The course page's figure of costs: what is measured is the attention that it says, and the script draws it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

SCRIPT = ROOT / "benchmarks" / "attention_costs.py"


@pytest.mark.slow
def test_the_script_compares_measures_and_draws(tmp_path: Path) -> None:
    """For small lengths: all four ways agree with the plain result, each has its line, and the figure is a picture."""
    figure = tmp_path / "costs.png"
    command = [sys.executable, SCRIPT, "--lengths", "128", "256", "--repeats", "2", "--figure", figure]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 8
    assert figure.read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_a_wrong_window_is_not_measured(tmp_path: Path) -> None:
    """A window whose first block reads what is not there differs from the plain result, and the script stops there."""
    text = SCRIPT.read_text(encoding="utf-8")
    wrong = text.replace("mask[0, :, :WINDOW] = False", "pass")
    assert wrong != text
    script = tmp_path / "attention_costs.py"
    script.write_text(wrong, encoding="utf-8")
    command = [sys.executable, script, "--lengths", "128", "--figure", tmp_path / "costs.png"]
    environment = {"PYTHONPATH": str(SCRIPT.parent)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode != 0
    assert "Tensor-likes are not close" in done.stderr


@pytest.mark.slow
def test_blocks_that_forget_to_shrink_are_found_out(tmp_path: Path) -> None:
    """Blocks that add up exponentials of different origins differ from the plain result, and the script stops there."""
    text = SCRIPT.read_text(encoding="utf-8")
    wrong = text.replace("shrink * output + shares @ values", "output + shares @ values")
    assert wrong != text
    script = tmp_path / "attention_costs.py"
    script.write_text(wrong, encoding="utf-8")
    command = [sys.executable, script, "--lengths", "128", "--figure", tmp_path / "costs.png"]
    done = subprocess.run(command, capture_output=True, text=True, env={"PYTHONPATH": str(SCRIPT.parent)})
    assert done.returncode != 0
    assert "Tensor-likes are not close" in done.stderr
