"""What a course asks of its own masters (`[house]` in course.toml), found by reading them."""

import ast
import itertools
import re
from collections.abc import Iterator, Sequence

from closed_doors.authoring.doctor.master_rules import Cell
from closed_doors.authoring.leak_scan.finding import Finding, Place
from closed_doors.authoring.leak_scan.readings import parsed
from closed_doors.core.profile import House, HouseExercises, Profile

_HEADING = re.compile(r"^(#+) ", re.MULTILINE)
_FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


def examine_house(cells: Sequence[Cell], profile: Profile) -> Iterator[Finding]:
    """Yield where a master is not as its course wants its masters to be; nothing where the course wants nothing.

    Args:
        cells: the master's cells.
        profile: what the course says of itself.
    """
    house, answer = profile.house, profile.naming.answer
    yield from _length(cells, house)
    if house.headings:
        yield from _headings(cells)
    if house.figure_text is not None:
        yield from _figures(cells, house.figure_text)
    for kind in house.exercises:
        yield from _exercises(cells, kind, answer)
    if house.exercises:
        yield from _answers(cells, house, answer)


def _length(cells: Sequence[Cell], house: House) -> Iterator[Finding]:
    if house.cells is not None and len(cells) > house.cells:
        place = Place(cells[0].place.file)
        yield Finding(place, f"it has {len(cells)} cells, and at most {house.cells} are wanted", "shorten or split it")


def _headings(cells: Sequence[Cell]) -> Iterator[Finding]:
    found = list(_levels(cells))
    if not found or found[0][1] != 1:
        where = found[0][0].place if found else Place(cells[0].place.file if cells else "")
        yield Finding(where, "it does not begin with a title", "let the first heading be one with a single #")
    for (_, before), (cell, level) in itertools.pairwise(found):
        if level == 1:
            yield cell.finding("a second title", "give this heading two #")
        elif level > before + 1:
            yield cell.finding(
                f"a heading of level {level} follows one of level {before}", "skip none: screen readers go by them"
            )


def _levels(cells: Sequence[Cell]) -> Iterator[tuple[Cell, int]]:
    for cell in cells:
        if cell.kind == "markdown":
            yield from ((cell, len(found[1])) for found in _HEADING.finditer(_FENCED.sub("", cell.source)))


def _figures(cells: Sequence[Cell], least: int) -> Iterator[Finding]:
    for cell in cells:
        calls = _calls(cell)
        shown = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "show"]
        if not cell.is_demo and (shown or any(map(_is_subplots, calls))):
            yield cell.finding("a figure in a cell that is graded with the rest", "tag the cell demo")
        for length in filter(None, map(_length_of_text, shown)):
            if length < least:
                reason = f"the figure's alternative text has {length} characters, and {least} are wanted"
                yield cell.finding(reason, "say what the figure shows, for somebody who does not see it")


def _calls(cell: Cell) -> list[ast.Call]:
    tree = parsed(cell.source) if cell.is_code else None
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)] if tree else []


def _is_subplots(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "subplots"


def _length_of_text(call: ast.Call) -> int | None:
    """Return how long a figure's text is at least; None where it is made elsewhere, or missing altogether."""
    given = [*call.args[1:2], *(word.value for word in call.keywords if word.arg == "alt")]
    if not given or not isinstance(given[0], ast.Constant | ast.JoinedStr):
        return None
    parts = [node.value for node in ast.walk(given[0]) if isinstance(node, ast.Constant)]
    return sum(len(part) for part in parts if isinstance(part, str))


def _exercises(cells: Sequence[Cell], kind: HouseExercises, answer: str) -> Iterator[Finding]:
    """Look at what the statement of each exercise of a kind says, and what comes after its answer."""
    for at, cell in enumerate(cells):
        if not re.fullmatch(kind.cells, cell.name):
            continue
        end = next((i for i in range(at + 1, len(cells)) if cells[i].name == cell.name + answer), None)
        if end is None:
            yield cell.finding(f"no answer cell {cell.name + answer!r} follows this statement", "add it, or rename one")
            continue
        after = itertools.takewhile(lambda one: not re.fullmatch(kind.cells, one.name), cells[end + 1 :])
        yield from _wanted(cell, "the statement lacks", kind.says, cells[at:end])
        yield from _wanted(cell, "what follows the answer lacks", kind.then, after)


def _wanted(
    cell: Cell, lacks: str, wanted: dict[str, str], where: Sequence[Cell] | Iterator[Cell]
) -> Iterator[Finding]:
    text = "\n".join(each.source for each in where if each.kind == "markdown")
    for what, pattern in wanted.items():
        if not re.search(pattern, text):
            yield cell.finding(f"{lacks} {what}", f"[house] in course.toml wants something like {pattern}")


def _answers(cells: Sequence[Cell], house: House, answer: str) -> Iterator[Finding]:
    """Look for answers that belong to no statement."""
    for cell in (cell for cell in cells if cell.is_answer):
        statement = cell.name.removesuffix(answer)
        if statement == cell.name or not any(re.fullmatch(kind.cells, statement) for kind in house.exercises):
            yield cell.finding("an answer to no exercise that [house] in course.toml knows", "rename it")
        elif statement not in {one.name for one in cells}:
            yield cell.finding(f"an answer without its statement {statement!r}", "add it, or rename one")
