"""Names that a notebook uses by luck: before they are defined, or from cells that are not always there."""

import builtins
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from closed_doors.authoring.doctor.master_rules import Cell
from closed_doors.authoring.leak_scan.finding import Finding
from closed_doors.authoring.leak_scan.readings import parsed
from closed_doors.notebook.global_names import free_names
from closed_doors.notebook.instructor_code import python_of

_GIVEN = frozenset(dir(builtins)) | frozenset(("display", "get_ipython", "__name__", "__file__", "_", "__doc__"))
_SOLUTION = re.compile(r"^[^\n]*BEGIN SOLUTION.*?END SOLUTION[^\n]*$", re.DOTALL | re.MULTILINE)
_HIDDEN = re.compile(r"^[^\n]*BEGIN HIDDEN TESTS.*?END HIDDEN TESTS[^\n]*$", re.DOTALL | re.MULTILINE)


@dataclass(slots=True)
class Definitions:
    """Where names come from, up to a cell of the notebook."""

    everywhere: dict[str, str] = field(default_factory=dict)
    in_demo: dict[str, str] = field(default_factory=dict)
    in_solution: dict[str, str] = field(default_factory=dict)
    in_hidden: dict[str, str] = field(default_factory=dict)


def examine_names(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Yield names that are used before a cell defines them, or that only some readers of the notebook have."""
    code = [(cell, python_of(cell.source)) for cell in cells if cell.is_code and parsed(cell.source) is not None]
    later: dict[str, str] = {}
    for cell, source in reversed(code):
        later |= dict.fromkeys(defined(source), cell.name)
    known = Definitions()
    for cell, source in code:
        visible = _HIDDEN.sub("", source)
        hidden_uses = free_names(source) - free_names(visible) if parsed(visible) else set()
        for name in sorted(free_names(source) - _GIVEN - set(known.everywhere)):
            yield from _unknown(cell, name, known, later, name in hidden_uses)
        _learn(known, cell, source)


def _unknown(cell: Cell, name: str, known: Definitions, later: dict[str, str], hidden: bool) -> Iterator[Finding]:
    if name in known.in_demo:
        if not cell.is_demo:
            where = known.in_demo[name]
            reason = f"{name} is defined in {where}, a demo cell, which grading does not run"
            yield cell.finding(reason, "define it in a cell without the tag")
    elif name in known.in_solution:
        if not cell.is_answer:
            reason = f"{name} is defined inside the solution of {known.in_solution[name]}: another answer may lack it"
            yield cell.finding(reason, "define it outside of the markers, or do without")
    elif name in known.in_hidden:
        if not hidden:
            reason = f"{name} is defined among the hidden tests of {known.in_hidden[name]}, which students do not have"
            yield cell.finding(reason, "define it outside of the markers")
    elif name in later:
        yield cell.finding(f"{name} is used before it is defined, in {later[name]}", "move one of the two cells")
    else:
        yield cell.finding(f"{name} is defined nowhere", "define or import it, or mend its spelling")


def _learn(known: Definitions, cell: Cell, source: str) -> None:
    names = defined(source)
    if cell.is_demo:
        known.in_demo |= dict.fromkeys(names, cell.name)
        return
    pattern, apart = (_SOLUTION, known.in_solution) if cell.is_answer else (_HIDDEN, known.in_hidden)
    without = pattern.sub(lambda found: " " * (len(found[0]) - len(found[0].lstrip())) + "...", source)
    kept = defined(without) if parsed(without) is not None else names
    apart |= dict.fromkeys(names - kept, cell.name)
    known.everywhere |= dict.fromkeys(kept, cell.name)


def defined(source: str) -> set[str]:
    """Return the global names that a cell defines."""
    import symtable

    table = symtable.symtable(source, "cell", "exec")
    found = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported() or s.is_namespace()}
    waiting = list(table.get_children())
    while waiting:  # `global name` inside of a function
        child = waiting.pop()
        found |= {s.get_name() for s in child.get_symbols() if s.is_declared_global() and s.is_assigned()}
        waiting += child.get_children()
    return found
