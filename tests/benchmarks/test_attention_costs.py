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
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        pytest.param("mask[0, :, :WINDOW] = False", "pass", id="the window's first block reads what is not there"),
        pytest.param("shrink * output + shares @ values", "output + shares @ values", id="blocks forget to shrink"),
    ],
)
def test_what_is_wrong_is_not_measured(right: str, wrong: str, tmp_path: Path) -> None:
    """A way that differs from the plain result stops the script there."""
    text = SCRIPT.read_text(encoding="utf-8")
    assert right in text
    script = tmp_path / "attention_costs.py"
    script.write_text(text.replace(right, wrong), encoding="utf-8")
    command = [sys.executable, script, "--lengths", "128", "--figure", tmp_path / "costs.png"]
    done = subprocess.run(command, capture_output=True, text=True, env={"PYTHONPATH": str(SCRIPT.parent)})
    assert done.returncode != 0
    assert "Tensor-likes are not close" in done.stderr
