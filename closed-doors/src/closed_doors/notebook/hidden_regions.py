"""What a master keeps from its students: the markers of its hidden regions, and what stands in their place.

A course may name markers of its own in nbgrader_config.py (`closed_doors.nbgrader.settings` reads them). Masters are
brought to nbgrader's own markers where they are read, so that all else knows only these. A line that holds a marker
begins or ends a region, as in nbgrader.
"""

import copy
from collections.abc import Iterator
from dataclasses import astuple, dataclass

from checks.collect import BEGIN_HIDDEN, END_HIDDEN
from closed_doors.notebook.cell import cell_of
from closed_doors.notebook.json_files import JsonObject, Notebook

SOLUTION = ("BEGIN SOLUTION", "END SOLUTION")
HIDDEN_TESTS = (BEGIN_HIDDEN, END_HIDDEN)
AUTOTEST = "AUTOTEST"  # in a comment, nbgrader puts tests in its place when it generates the assignment
MARK_SCHEME = ("BEGIN MARK SCHEME", "END MARK SCHEME")


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The markers that begin and end a course's regions; nbgrader's own by default."""

    begin_solution: str = SOLUTION[0]
    end_solution: str = SOLUTION[1]
    begin_test: str = HIDDEN_TESTS[0]
    end_test: str = HIDDEN_TESTS[1]
    begin_mark_scheme: str = MARK_SCHEME[0]
    end_mark_scheme: str = MARK_SCHEME[1]

    @property
    def own(self) -> tuple[str, ...]:
        """The markers that are not nbgrader's, the longest first."""
        return tuple(sorted(self._renamed(), key=len, reverse=True))

    def normalised(self, notebook: Notebook) -> Notebook:
        """Return a notebook with nbgrader's markers in place of the course's own; its lines stay lines."""
        renamed = self._renamed()
        if not renamed:
            return notebook
        found = copy.deepcopy(notebook)
        for cell in found["cells"]:
            is_code = cell["cell_type"] == "code"
            cell["source"] = "\n".join(_renamed(line, renamed, is_code) for line in str(cell["source"]).split("\n"))
        return found

    def _renamed(self) -> dict[str, str]:
        pairs = zip(astuple(self), astuple(Delimiters()), strict=True)
        return {ours: theirs for ours, theirs in pairs if ours != theirs}


@dataclass(frozen=True, slots=True)
class Stubs:
    """What students find where a solution stood; nbgrader's own by default."""

    code: str = "# YOUR CODE HERE\nraise NotImplementedError()"
    text: str = "YOUR ANSWER HERE"

    def handed_out(self, cell: JsonObject) -> str:
        """Return the source of a master's cell as students get it, by nbgrader's rules; its markers are nbgrader's."""
        source = str(cell["source"])
        if cell_of(cell).is_answer:
            stub = self.code if cell["cell_type"] == "code" else self.text
            if SOLUTION[0] not in source:
                return stub
            source = "\n".join(_without(source, SOLUTION, stub))
        for pair in (HIDDEN_TESTS, MARK_SCHEME):
            source = "\n".join(_without(source, pair))
        return source

    def untouched(self, master: Notebook) -> Notebook:
        """Return a master with nothing but stubs where its solutions stand; its tests are whole."""
        cells = []
        for data in master["cells"]:
            changed: JsonObject = {"source": self.handed_out(data)} if cell_of(data).is_answer else {}
            cells.append(type(data)({**data, **changed}))
        return type(master)({**master, "cells": cells})


def line_to_generate(source: str) -> tuple[int, str] | None:
    """Return the first line of a cell in whose place nbgrader puts tests, and its number; None where there is none."""
    lines = enumerate(source.splitlines(), start=1)
    return next(((at, line) for at, line in lines if AUTOTEST in line and line.lstrip().startswith("#")), None)


def _renamed(line: str, renamed: dict[str, str], is_code: bool) -> str:
    """Return a line with nbgrader's marker; in code, one that is no comment yet becomes one."""
    for ours in sorted(renamed, key=len, reverse=True):
        if ours in line:
            is_comment = not is_code or "#" in line[: line.index(ours)]
            return line.replace(ours, renamed[ours] if is_comment else f"# {renamed[ours]}", 1)
    return line


def _without(source: str, pair: tuple[str, str], stub: str = "") -> Iterator[str]:
    """Yield the lines outside of regions, with a stub, if there is one, in the place of each region."""
    begin, end = pair
    inside = False
    for line in source.split("\n"):
        if begin in line:
            inside = True
            indent = line[: len(line) - len(line.lstrip())]
            yield from (indent + text for text in stub.split("\n") if stub)
        elif end in line:
            inside = False
        elif not inside:
            yield line
