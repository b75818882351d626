"""Gives cells that have lost nbgrader's metadata their names back, by what they say and where they stand.

Editors and converters drop metadata, and students retype an answer in a cell of their own. Only names that no submitted
cell carries are given: first by the cell's own id where the metadata are gone altogether, then locked cells by their
text, then answers by what they define, then by the gap between their neighbours.
"""

import ast
import functools
import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from closed_doors.notebook.cell import cell_of, grade_id_of
from closed_doors.notebook.global_names import defined_names
from closed_doors.notebook.hidden_regions import Stubs
from closed_doors.notebook.json_files import JsonObject, Notebook
from closed_doors.notebook.placing import counting, longest_rise
from closed_doors.notebook.syntax_trees import tree_of

LONGEST_KEPT = 8192
TEXT_KINDS = ("markdown", "raw")
_DEFINITION = re.compile(r"^\s*(?:async\s+def|def|class)\s+(\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class MasterCell:
    """What is known of a cell of the master.

    Attributes:
        name: its grade_id.
        kind: code, markdown or raw.
        is_answer: whether students write in it.
        text: what students were given in it.
        whole: the same with what is kept from them.
        cell_id: nbformat's own name for it.
        defines: the names that it defines, as the instructor wrote it.
    """

    name: str
    kind: str
    is_answer: bool
    text: str
    whole: str
    cell_id: str
    defines: frozenset[str] = frozenset()


def master_cells(master: Notebook, stubs: Stubs) -> list[MasterCell]:
    """Return the cells of a master that have a grade_id, in order."""
    return [
        MasterCell(
            name,
            cell["cell_type"],
            cell_of(cell).is_answer,
            stubs.handed_out(cell),
            str(cell["source"]),
            str(cell.get("id", "")),
            names_defined(cell),
        )
        for cell in master["cells"]
        if (name := grade_id(cell))
    ]


def recognise(masters: Sequence[MasterCell], cells: Sequence[JsonObject]) -> dict[int, str]:
    """Return the names of submitted cells that carry none, by their position.

    Where no cell is the master's by what is in it, none is by its place either.

    Args:
        masters: the master's cells, in order.
        cells: the submitted cells, as `parse_submission` gives them.
    """
    names = _masters_names(masters, cells)
    if {cell.name for cell in masters} <= set(names):
        return {}
    found = recognised_by_content(masters, cells, names)
    all_names = [found.get(at, name) for at, name in enumerate(names)]
    if not any(all_names):
        return {}
    return found | _by_place(masters, cells, all_names)


def recognised_by_content(
    masters: Sequence[MasterCell], cells: Sequence[JsonObject], names: Sequence[str | None]
) -> dict[int, str]:
    """Return the names of those cells that are known by what is in them; see `recognise`.

    Args:
        masters: the master's cells, in order.
        cells: the submitted cells.
        names: the master's names that they carry.
    """
    missing = [cell for cell in masters if cell.name not in set(names)]
    unnamed = [at for at, name in enumerate(names) if name is None]
    found: dict[int, str] = {}
    if not any(names):
        found |= _by_id(missing, cells, unnamed)
    found |= _by_text(_left(missing, found), cells, unnamed, found)
    return found | _by_definitions(masters, cells, [found.get(at, name) for at, name in enumerate(names)])


def _masters_names(masters: Sequence[MasterCell], cells: Sequence[JsonObject]) -> list[str | None]:
    """Return the grade_id of each cell, None where it is none of the master's."""
    known = {cell.name for cell in masters}
    return [name if (name := grade_id(cell)) in known else None for cell in cells]


def grade_id(cell: JsonObject) -> str | None:
    """Return the id of a cell that nbgrader knows, None for a cell of the student's own."""
    return grade_id_of(cell) or None


def plain(text: str) -> str:
    """Return a text without what editors change by themselves: ends of lines, kinds of blanks, Unicode forms."""
    return _plain_and_kept(text) if len(text) < LONGEST_KEPT else _plain(text)


def _plain(text: str) -> str:
    lines = unicodedata.normalize("NFKC", text).strip().splitlines()
    return "\n".join(line.rstrip() for line in lines)


_plain_and_kept = functools.lru_cache(maxsize=1024)(_plain)  # most cells of a class say the same


def _by_id(missing: Sequence[MasterCell], cells: Sequence[JsonObject], unnamed: Sequence[int]) -> dict[int, str]:
    ids = {cell.cell_id: cell.name for cell in missing if cell.cell_id}
    found: dict[int, str] = {}
    for at in unnamed:
        name = ids.pop(str(cells[at].get("id", "")), None)
        if name is not None:
            found[at] = name
    return found


def _by_text(
    missing: Sequence[MasterCell], cells: Sequence[JsonObject], unnamed: Sequence[int], found: dict[int, str]
) -> dict[int, str]:
    """Name locked cells by their text; of cells that say the same, one after the other."""
    by_text: dict[str, list[str]] = {}
    for cell in missing:
        if not cell.is_answer and (text := plain(cell.text)):
            by_text.setdefault(text, []).append(cell.name)
    named: dict[int, str] = {}
    for at in unnamed:
        if at not in found and (left := by_text.get(plain(str(cells[at]["source"])))):
            named[at] = left.pop(0)
    return named


def _left(missing: Sequence[MasterCell], found: dict[int, str]) -> list[MasterCell]:
    return [cell for cell in missing if cell.name not in found.values()]


def _by_definitions(
    masters: Sequence[MasterCell], cells: Sequence[JsonObject], names: Sequence[str | None]
) -> dict[int, str]:
    """Name answers that are missing by the functions and values that only they define.

    Of several cells, the one counts that would of several copies; the others are cells of the student's own: parts of
    the answer, or what was tried.
    """
    order = {cell.name: rank for rank, cell in enumerate(masters)}
    kept = longest_rise([(at, order[name]) for at, name in enumerate(names) if name in order])
    only_theirs = _only_theirs(masters)
    found: dict[int, str] = {}
    defined = {at: names_defined(cells[at]) for at, name in enumerate(names) if name is None}
    for cell in masters:
        theirs = only_theirs[cell.name]
        defining = [at for at, there in defined.items() if not theirs.isdisjoint(there) and at not in found]
        if cell.is_answer and cell.name not in names and defining:
            found[counting(defining, order[cell.name], kept)] = cell.name
    return found


def _only_theirs(masters: Sequence[MasterCell]) -> dict[str, frozenset[str]]:
    """Return, by grade_id, the names that a cell of the master defines and no other does."""
    how_often = Counter(name for cell in masters for name in cell.defines)
    return {cell.name: frozenset(name for name in cell.defines if how_often[name] == 1) for cell in masters}


def names_defined(cell: JsonObject) -> frozenset[str]:
    """Return the global names that a cell defines; of one that is no Python, those of its functions and classes."""
    if cell["cell_type"] != "code":
        return frozenset()
    source = str(cell["source"])
    tree = tree_of(source)
    return frozenset(_DEFINITION.findall(source)) if tree is None else defined_names(ast.unparse(tree))


def _by_place(
    masters: Sequence[MasterCell], cells: Sequence[JsonObject], names: Sequence[str | None]
) -> dict[int, str]:
    """Name answers that are missing by the unnamed cells between their neighbours, one each, in order."""
    order = {cell.name: rank for rank, cell in enumerate(masters)}
    places = [(at, order[name]) for at, name in enumerate(names) if name in order]
    kept = [(-1, -1), *longest_rise(places), (len(cells), len(masters))]
    there = set(names)
    defined = frozenset().union(*map(names_defined, cells))
    only_theirs = _only_theirs(masters)
    found: dict[int, str] = {}
    for (first, low), (last, high) in itertools.pairwise(kept):
        wanted = [
            cell
            for cell in masters[low + 1 : high]
            if cell.is_answer and cell.name not in there and only_theirs[cell.name].isdisjoint(defined)
        ]
        free = [at for at in range(first + 1, last) if names[at] is None and str(cells[at]["source"]).strip()]
        found |= _in_order(wanted, cells, free)
    return found


def _in_order(wanted: Sequence[MasterCell], cells: Sequence[JsonObject], free: Sequence[int]) -> dict[int, str]:
    """Give each answer that is wanted the next free cell of its kind."""
    given: dict[int, str] = {}
    for kinds in (("code",), TEXT_KINDS):
        theirs = [cell.name for cell in wanted if cell.kind in kinds]
        given |= zip((at for at in free if cells[at]["cell_type"] in kinds), theirs, strict=False)
    return given
