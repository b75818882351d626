"""Work that was written in Colab or JupyterLite: what only its host has costs nothing."""

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
    "drive": "from google.colab import drive\ndrive.mount('/content/drive', force_remount=True)",
    "upload": "from google.colab import files\nfor name, data in files.upload().items():\n    print(name, len(data))",
    "plain import": "import google.colab\ngoogle.colab.output.clear()",
    "renamed": "import google.colab.files as files, math\nfiles.download('x.csv')\nmath.pi",
    "patches": "from google.colab.patches import cv2_imshow\ncv2_imshow(None)",
    "secrets": "from google.colab import userdata\nkey = userdata.get('KEY') or 'none'\nassert key == 'none'",
    "in a function": "def fetch():\n    from google.colab import files\n    return files.upload()\nfetch()",
    "guarded": "try:\n    import google.colab\n    raise SystemExit\nexcept ImportError:\n    print('chez moi')",
    "asked for": "import sys\nif 'google.colab' in sys.modules:\n    raise SystemExit",
    "piplite": "import piplite\nawait piplite.install('seaborn')",
    "kaggle": "from kaggle_secrets import UserSecretsClient\nUserSecretsClient().get_secret('x')",
    "extension": "%load_ext google.colab.data_table",
    "unknown magic": "%tensorflow_version 2.x",
    "magic of VS Code": "%matplotlib widget",
}


@pytest.mark.parametrize("case", CELLS)
def test_what_a_host_has_does_nothing(case: str, zygote: Zygote) -> None:
    """Imports, uploads, mounts and commands of a host do nothing, and what follows them in the cell runs."""
    small = Small().lesson(SETUP).answer(f"{CELLS[case]}\nreached = 7", "reached = 7").grading(TESTS)
    graded = small.grade(zygote)
    (verdict,) = graded.verdicts.values()
    assert verdict.earned == 2, graded.outputs[1]


def test_a_cell_of_colab_shell_runs(zygote: Zygote) -> None:
    """%%shell is %%bash."""
    graded = Small().lesson(SETUP).own("%%shell\necho bonjour").answer("reached = 7").grading(TESTS).grade(zygote)
    assert "bonjour" in "".join(output.get("text", "") for output in graded.outputs[1])


def test_other_missing_modules_are_still_missing(zygote: Zygote) -> None:
    """A library that is not installed is the student's to do without: nothing stands in for it."""
    small = Small().lesson(SETUP).answer("import no_such_library\nreached = 7", "reached = 7").grading(TESTS)
    (verdict,) = small.grade(zygote).verdicts.values()
    assert verdict.earned == 0
