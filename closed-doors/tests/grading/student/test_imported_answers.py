"""An answer may be an import from a module beside the notebook: it is the student's, with all that the module holds."""

from closed_doors.core.assignment_files import AssignmentFiles
from closed_doors.grading.processes.zygote_handle import Zygote
from support.small_notebooks import Small

PEGS = b"counted = set()\ndef mark(i): counted.add(i)\ndef is_marked(i): return i in counted\n"
FILES = AssignmentFiles(materials=(("pegs.py", PEGS),))
IMPORT = "from pegs import is_marked, mark"


def _earned(zygote: Zygote, imported: str, marked: str) -> list[float]:
    small = Small().answer(imported, IMPORT).grading("mark(8)\nassert is_marked(8)")
    small = small.answer(marked, "for i in (1, 3): mark(i)").grading("assert is_marked(3) and not is_marked(2)")
    graded = small.grade(zygote, prove=True, files=FILES)
    return [verdict.earned for verdict in graded.verdicts.values()]


def test_what_is_imported_is_the_students(zygote: Zygote) -> None:
    """What the student's cells do with the module is seen; who imports nothing earns nothing, as in a notebook."""
    assert _earned(zygote, IMPORT, "for i in (1, 3): mark(i)") == [2, 2]
    assert _earned(zygote, IMPORT, "mark(2)") == [2, 0]
    assert _earned(zygote, "pass", "pass") == [0, 0]


def test_libraries_stay_the_tests_own(zygote: Zygote) -> None:
    """A solution's import of a library serves the tests after it, whatever the student puts in its place."""
    small = Small().answer(
        "class math:\n    pi = 3\n    isclose = lambda *_: True\nhalf = 9", "import math\nhalf = 1.5"
    )
    assert small.grading("assert math.isclose(half, 1.5)").grade(zygote, prove=True).verdicts[1].earned == 0
