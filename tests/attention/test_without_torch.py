"""Where PyTorch does not exist: its constants are numbers all the same, and what computes says what is missing."""

import subprocess
import sys

import pytest

PREPARED = "from attention.without_torch import stand_in\nstand_in()\nimport numpy as np\nimport torch\n"


def run(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a Python of its own, from which PyTorch is taken."""
    return subprocess.run([sys.executable, "-c", PREPARED + code], capture_output=True, encoding="utf-8", check=False)


def test_its_constants_are_numbers() -> None:
    """An answer written with NumPy may say -torch.inf, which computes nothing with PyTorch."""
    done = run("print(np.where([True, False], 1.5, -torch.inf), torch.isnan is not None, torch.nan, torch.pi > 3)")
    assert done.stdout.splitlines()[-1:] == ["[ 1.5 -inf] True nan True"], done.stderr


@pytest.mark.parametrize("code", ["torch.ones(3)", "torch.nn.functional.softmax(np.ones(3), -1)", "torch.tensor([1])"])
def test_what_computes_says_what_is_missing(code: str) -> None:
    """The sentence names where to work."""
    done = run(code)
    assert done.returncode == 1
    assert "PyTorch n'est pas installé ici : travaillez sur votre ordinateur" in done.stderr.replace("\u00a0", " ")
