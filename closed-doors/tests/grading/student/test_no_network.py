"""Commands that would fetch something are answered at once, and the rest of the cell runs."""

import pytest

from closed_doors.grading.processes.zygote_handle import Zygote
from support.small_notebooks import SETUP, Small

TESTS = '''
def test_reached():
    """La cellule a été exécutée jusqu'au bout."""
    assert reached == 7
run_tests(points=2)
'''
CELLS = {
    "pip magic": "%pip install --quiet einops",
    "conda magic": "%conda install -y einops",
    "mamba and uv magics": "%mamba install x\n%uv pip install x",
    "shell": "!pip install einops && echo suite",
    "indented": "if True:\n    !pip3 install einops",
    "assigned": "lines = !pip install einops\nprint(*lines)",
    "shell of one version": "import sys\n!pip3.{sys.version_info.minor} install einops",
    "data sets": "!hf download x --repo-type dataset\n!gh release download",
    "module": "import sys\n!{sys.executable} -m pip install einops",
    "subprocess": "import subprocess\nsubprocess.run(['pip', 'install', 'einops'], check=True)",
    "subprocess module": "import subprocess, sys\nsubprocess.check_call([sys.executable, '-m', 'pip', 'install', 'x'])",
    "os.system": "import os\nos.system('pip install einops')",
    "apt": "!sudo apt-get install -y graphviz; apt install x",
    "downloads": "!wget https://exemple.fr/x.csv\n!curl -O https://exemple.fr/x.csv",
    "git": "!git clone https://exemple.fr/x.git\n!git -c a=b pull",
    "pip as a module": "import pip\nif hasattr(pip, 'main'):\n    pip.main(['install', 'einops'])",
    "pip from its inside": """try:
    from pip import main
except ImportError:
    from pip._internal import main
main(['install', 'einops'])""",
    "pip from deep inside": "from pip._internal.cli.main import main\nassert main(['install', 'einops']) == 0",
    "gdown as a module": "import gdown\ngdown.download('https://exemple.fr/x.csv', 'x.csv', quiet=False)",
    "unset path of the shell": "!sh -c 'pip install x'",
}


@pytest.mark.parametrize("case", CELLS)
def test_a_fetching_command_says_so_and_the_cell_goes_on(case: str, zygote: Zygote) -> None:
    """Whatever way it is called, the command prints one French sentence, and what follows it runs."""
    small = Small().lesson(SETUP).answer(f"{CELLS[case]}\nreached = 7", "reached = 7").grading(TESTS)
    graded = small.grade(zygote)
    (verdict,) = graded.verdicts.values()
    said = "".join(output.get("text", "") for output in graded.outputs[1])
    assert verdict.earned == 2, said
    assert "il n'y a pas de réseau ici" in said


def test_a_cell_of_shell_commands_goes_on(zygote: Zygote) -> None:
    """In a cell of %%bash, the commands after it run."""
    small = Small().lesson(SETUP).own("%%bash\npip install einops\necho la suite")
    small = small.answer("reached = 7").grading(TESTS)
    graded = small.grade(zygote)
    said = "".join(output.get("text", "") for output in graded.outputs[1])
    assert "il n'y a pas de réseau ici" in said
    assert "la suite" in said


def test_other_uses_of_git_are_left_alone(zygote: Zygote) -> None:
    """Only what needs the network is answered: anything else reaches the real program, if there is one."""
    small = Small().lesson(SETUP).answer("!git --version\nreached = 7").grading(TESTS)
    said = "".join(output.get("text", "") for output in small.grade(zygote).outputs[1])
    assert "réseau" not in said
    assert "git" in said
