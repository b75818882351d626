"""What the student's cells have defined, or would have if nothing had stopped them: for messages, never for marks."""

import ast
from collections.abc import Mapping
from types import MappingProxyType

from checks.cells import DefiningCell, below_cell_magic, cell_magic, cut_off, names_bound, parsed, probable_names
from checks.values_as_text import clean
from closed_doors.grading.examiner.student_side import Lost
from closed_doors.grading.protocol.messages import Ran
from closed_doors.notebook.instructor_code import python_of

LONGEST_NAME, LONGEST_TEXT = 60, 120
MOST_LINES = 100_000


def names_used(known: Mapping[str, DefiningCell]) -> dict[str, frozenset[str]]:
    """Return which of the names that the student's cells define each of them uses."""
    return {name: _names_in(cell.source, name) & known.keys() for name, cell in known.items()}


def _names_in(source: str, defined: str) -> frozenset[str]:
    """Return the names in the statements of a cell that define a name."""
    defining = (node for node in parsed(source).body if defined in names_bound(node))
    return frozenset(part.id for node in defining for part in ast.walk(node) if isinstance(part, ast.Name))


class DefiningCells:
    """The cells that have run so far, by the names that their text defines.

    Args:
        cell_s: time that a cell may use, in seconds.
    """

    def __init__(self, cell_s: float) -> None:
        self._cell_s = cell_s
        self._known: dict[str, DefiningCell] = {}

    def note(self, source: str, ended: Ran | Lost) -> None:
        """Take in how a cell of the student's ended; the worker says it, so it is a claim."""
        python = below_cell_magic(source) or python_of(source)
        cell = self._cell(python, ended, cell_magic(source))
        self._known |= dict.fromkeys(probable_names(python), cell)

    def known(self) -> MappingProxyType[str, DefiningCell]:
        """Return what is known now; what comes later does not change it."""
        return MappingProxyType(dict(self._known))

    def _cell(self, python: str, ended: Ran | Lost, magic: str) -> DefiningCell:
        if isinstance(ended, Lost):
            return cut_off(python, self._cell_s if ended.too_slow else None)
        if not ended.error:
            return DefiningCell(python, magic=magic)
        name = ended.error[:LONGEST_NAME] if ended.error.isidentifier() else "Exception"
        line = ended.line if 0 < ended.line < MOST_LINES else 0
        return DefiningCell(python, name, clean(ended.text, LONGEST_TEXT), line)
