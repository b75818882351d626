"""What a master keeps from its students: the markers of its hidden regions, and what stands in their place.

The values are the course's (`closed_doors.nbgrader.settings` reads them); nbgrader's own are the defaults. A line that
holds a marker begins or ends a region, as in nbgrader.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from checks.collect import BEGIN_HIDDEN, END_HIDDEN


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The markers of a course, and the stubs that students find where a solution stood."""

    begin_solution: str = "BEGIN SOLUTION"
    end_solution: str = "END SOLUTION"
    begin_test: str = BEGIN_HIDDEN
    end_test: str = END_HIDDEN
    begin_mark_scheme: str = "BEGIN MARK SCHEME"
    end_mark_scheme: str = "END MARK SCHEME"
    code_stub: str = "# YOUR CODE HERE\nraise NotImplementedError()"
    text_stub: str = "YOUR ANSWER HERE"

    @property
    def solution(self) -> tuple[str, str]:
        """What begins and ends a solution."""
        return self.begin_solution, self.end_solution

    @property
    def test(self) -> tuple[str, str]:
        """What begins and ends hidden tests."""
        return self.begin_test, self.end_test

    @property
    def mark_scheme(self) -> tuple[str, str]:
        """What begins and ends a mark scheme."""
        return self.begin_mark_scheme, self.end_mark_scheme

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """What begins and ends each kind of region: solutions, hidden tests, mark schemes."""
        return self.solution, self.test, self.mark_scheme

    def with_own_test_markers(self, source: str) -> str:
        """Return a grading cell with the markers that `checks` knows in place of the course's; lines stay lines."""
        if self.test == (BEGIN_HIDDEN, END_HIDDEN):
            return source
        return "\n".join(self._own_marker(line) for line in source.split("\n"))

    def _own_marker(self, line: str) -> str:
        """Return a line with the marker that `checks` knows; in which way a comment begins is the line's own."""
        if self.begin_test in line:
            return line.replace(
                self.begin_test, f"# {BEGIN_HIDDEN}" if _is_bare(line, self.begin_test) else BEGIN_HIDDEN
            )
        if self.end_test in line:
            return line.replace(self.end_test, f"# {END_HIDDEN}" if _is_bare(line, self.end_test) else END_HIDDEN)
        return line

    def handed_out(self, cell: Any) -> str:
        """Return the source of a master's cell as students get it, by nbgrader's rules."""
        source = str(cell["source"])
        marks = cell["metadata"].get("nbgrader") or {}
        if marks.get("solution"):
            stub = self.code_stub if cell["cell_type"] == "code" else self.text_stub
            if self.begin_solution not in source:
                return stub
            source = "\n".join(_without(source, self.solution, stub))
        for pair in (self.test, self.mark_scheme):
            source = "\n".join(_without(source, pair))
        return source


def _is_bare(line: str, marker: str) -> bool:
    """Whether nothing before or in a marker makes the line a comment."""
    return "#" not in line[: line.index(marker) + len(marker)]


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
