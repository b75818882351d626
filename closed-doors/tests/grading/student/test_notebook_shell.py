"""A cell is the Python that it is in a kernel, shortcuts or not."""

import json
import subprocess
import sys

CELLS = [
    "x = 1",
    "def f():\n    return 1\n\n\nf()",
    "f = 1\nf?",
    "%time x = 1",
    "!ls",
    ">>> x = 1\n>>> x",
    "In [1]: x = 1",
    "  x = 1",
    "x = 'a\u2028b'  # c",
    "def f(x):\n    '''a\fb'''\n    return x  # c\x85 d",
    "def f(x):\r    return x",
    "x = '''\n>>> 1\n'''",
    "a b c",
]
COMPARES = """
import json, sys
from IPython.core.inputtransformer2 import TransformerManager
from closed_doors.grading.student.notebook_shell import NotebookShell
shell = NotebookShell.start()

def made(transform, cell):
    try:
        return transform(cell)
    except SyntaxError as error:
        return type(error).__name__

ways = shell.transform_cell, TransformerManager().transform_cell
json.dump([[made(way, cell) for way in ways] for cell in json.load(sys.stdin)], sys.stdout)
"""


def test_a_cell_becomes_what_ipython_makes_of_it() -> None:
    """Prompts, magics, pasted signs that end a line for IPython alone: nothing runs here that a kernel refuses."""
    run = subprocess.run(
        [sys.executable, "-c", COMPARES], input=json.dumps(CELLS), capture_output=True, text=True, check=True
    )
    for cell, (ours, theirs) in zip(CELLS, json.loads(run.stdout), strict=True):
        assert ours == theirs, cell
