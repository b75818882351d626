"""What an author got wrong in a master, found by reading it: each finding says where, what, and how to mend it."""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from closed_doors.authoring.leak_scan.finding import Finding, Place
from closed_doors.authoring.leak_scan.readings import parsed
from closed_doors.core.profile import Naming, Profile
from closed_doors.notebook import cell as notebook_cell
from closed_doors.notebook.hidden_regions import Delimiters
from closed_doors.notebook.json_files import parse

SHORTEST_TEXT = 5  # of an alternative text
_MARKER = re.compile(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)\b")
_ALMOST = re.compile(
    r"\b(BEGIN|END)[ _-]*(SOLU\w*|HID\w*(?:[ _-]*TEST\w*)?|MARK\w*(?:[ _-]*SCHEME\w*)?)", re.IGNORECASE
)
_POINTS = re.compile(r"\*\*(\d+(?:[.,]\d+)?)\s+points?\*\*")
_IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)[^)]*\)")
_IMAGE_TAG = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_DRAWS = re.compile(r"\bplt\.show\(|\bdisplay\(\s*(?:fig|figure|plt)\b|\bImage\(")
_STUB = "raise NotImplementedError()"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a master."""

    place: Place
    cell: notebook_cell.Cell

    @property
    def kind(self) -> str:
        """Its type: code, markdown or raw."""
        return self.cell.kind

    @property
    def source(self) -> str:
        """Its text."""
        return self.cell.source

    @property
    def name(self) -> str:
        """Its grade_id, or an empty text."""
        return self.place.cell

    @property
    def is_code(self) -> bool:
        """Whether it is executed."""
        return self.cell.is_code

    @property
    def is_test(self) -> bool:
        """Whether it gives automatic marks."""
        return self.is_code and self.cell.role is notebook_cell.Role.GRADING

    @property
    def is_answer(self) -> bool:
        """Whether students write in it."""
        return self.cell.is_answer

    @property
    def is_demo(self) -> bool:
        """Whether grading leaves it out."""
        return self.cell.is_demo

    @property
    def points(self) -> float:
        """What it is worth; 0 where nothing is said."""
        return self.cell.points

    def finding(self, reason: str, remedy: str) -> Finding:
        """Say what is wrong with this cell."""
        return Finding(self.place, reason, remedy)


Rule = Callable[[Sequence[Cell]], Iterator[Finding]]


def cells_of(path: Path, name: str, delimiters: Delimiters | None = None) -> list[Cell]:
    """Return the cells of a master notebook, which messages call `name`; its markers are nbgrader's or those given."""
    notebook = (delimiters or Delimiters()).normalised(parse(path.read_bytes()))
    cells = enumerate(notebook_cell.cells_of(notebook), start=1)
    return [Cell(Place(name, cell.grade_id, number), cell) for number, cell in cells]


def examine(cells: Sequence[Cell], profile: Profile, known: Sequence[str] = ()) -> list[Finding]:
    """Return what reading a master finds.

    Args:
        cells: the master's cells.
        profile: what the course says of itself.
        known: grade_ids that answers, examples or tests elsewhere in the repository name.
    """
    found = [finding for rule in RULES for finding in rule(cells)]
    found += [*_partners(cells, profile.naming), *_total(cells, profile.scale)]
    here = {cell.name for cell in cells}
    for name in sorted(set(known) - here):
        place = Place(cells[0].place.file if cells else "")
        found.append(
            Finding(place, f"the grade_id {name!r} is used elsewhere and unknown here", "rename one of the two")
        )
    return sorted(found, key=lambda finding: (finding.place.file, finding.place.number))


def _ids(cells: Sequence[Cell]) -> Iterator[Finding]:
    counts = Counter(cell.name for cell in cells if cell.name)
    seen: set[str] = set()
    for cell in cells:
        if not cell.name:
            yield cell.finding("the cell has no grade_id, so a student can delete it", "give it nbgrader's metadata")
        elif cell.name in seen:
            yield cell.finding(f"the grade_id {cell.name!r} is there {counts[cell.name]} times", "name one otherwise")
        seen.add(cell.name)


def _partners(cells: Sequence[Cell], naming: Naming) -> Iterator[Finding]:
    names = {cell.name for cell in cells}
    for cell in cells:
        if cell.is_answer and cell.is_code and cell.name.endswith(naming.answer):
            partner = cell.name.removesuffix(naming.answer) + naming.check
            if partner not in names:
                yield cell.finding(f"no cell {partner!r} checks this answer", "add one, or rename it")
        if cell.is_test and cell.name.endswith(naming.check):
            partner = cell.name.removesuffix(naming.check) + naming.answer
            if partner not in names:
                yield cell.finding(
                    f"it checks {partner!r}, an unknown grade_id", "add that answer, or rename one of the two"
                )


def _total(cells: Sequence[Cell], scale: float | None) -> Iterator[Finding]:
    graded = [cell for cell in cells if cell.cell.is_graded]
    total = sum(cell.cell.points for cell in graded)
    if graded and scale is not None and total != scale:
        place = Place(graded[0].place.file)
        yield Finding(place, f"the points add up to {total:g}, not {scale:g}", "mend the cells' points")


def _points(cells: Sequence[Cell]) -> Iterator[Finding]:
    for cell in (cell for cell in cells if cell.cell.is_graded):
        points = cell.cell.stated_points
        if points is None:
            yield cell.finding("a graded cell without points", "give it points, 0 for a bonus")
            continue
        if cell.name.startswith("bonus") and points:
            yield cell.finding(f"a bonus worth {points:g} points", "a bonus has 0")
        if cell.is_test and (told := _told(cell.source)) is not None and told != points:
            reason = f"run_tests shares {told:g} points, and the metadata say {points:g}"
            yield cell.finding(reason, "write the same number in both")
    yield from _announced(cells)


def _announced(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Compare what a statement announces with what its exercise is worth."""
    worth: dict[str, float] = {}
    for cell in cells:
        if cell.cell.is_graded:
            exercise = re.sub(r"-[a-z]+$", "", cell.name)
            worth[exercise] = worth.get(exercise, 0.0) + cell.points
    for cell in cells:
        if cell.name in worth and cell.kind == "markdown" and (said := _POINTS.search(cell.source)):
            points = float(said[1].replace(",", "."))
            if points != worth[cell.name]:
                reason = f"the statement announces {points:g} points, and its cells are worth {worth[cell.name]:g}"
                yield cell.finding(reason, "write the same number in both")


def _tests(cells: Sequence[Cell]) -> Iterator[Finding]:
    for cell in cells:
        if cell.is_test:
            if not cell.cell.is_locked:
                yield cell.finding("a test cell that students can edit", "set locked to true")
            tree = parsed(cell.source)
            if tree is None:
                yield cell.finding("the test cell is not valid Python", "mend its syntax")
            else:
                yield from _test_functions(cell, tree)


def _test_functions(cell: Cell, tree: ast.Module) -> Iterator[Finding]:
    if _told(cell.source) is None:
        yield cell.finding("the test cell does not end with run_tests(points=…)", "end it so: it returns the points")
    tests = [x for x in ast.walk(tree) if isinstance(x, ast.FunctionDef) and x.name.startswith("test_")]
    if not tests:
        yield cell.finding("the test cell defines no test_… function", "write one a criterion")
    for name, count in Counter(test.name for test in tests).items():
        if count > 1:
            yield cell.finding(f"{name} is defined {count} times; only the last one counts", "rename it")
    for test in tests:
        if not ast.get_docstring(test):
            reason = f"{test.name} has no docstring, which is the criterion that students read"
            yield cell.finding(reason, "say in one sentence what it checks")


def _told(source: str) -> float | None:
    """Return the points that the cell's last line shares; None where it is not a call of run_tests."""
    tree = parsed(source)
    last = tree.body[-1] if tree and tree.body else None
    call = last.value if isinstance(last, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.func.id != "run_tests":
        return None
    given = [*call.args[:1], *(word.value for word in call.keywords if word.arg == "points")]
    if not given:
        return 0.0
    value = given[0].value if isinstance(given[0], ast.Constant) else None
    return float(value) if isinstance(value, int | float) else None


def _markers(cells: Sequence[Cell]) -> Iterator[Finding]:
    for cell in cells:
        markers = [(found[1], found[2]) for line in cell.source.splitlines() if (found := _MARKER.search(line))]
        if problem := _unpaired(markers):
            yield cell.finding(*problem)
        for almost in _ALMOST.finditer(cell.source):
            if not _MARKER.match(almost[0]):
                yield cell.finding(f"{almost[0]!r} is no marker that nbgrader knows", "spell it as in the other cells")
        yield from _misplaced(cell, solves=("BEGIN", "SOLUTION") in markers, hides=("BEGIN", "HIDDEN TESTS") in markers)


def _unpaired(markers: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
    """Return what is wrong with a cell's markers in their order, and how to mend it."""
    opened = ""
    for what, region in markers:
        if (what == "BEGIN") is bool(opened) or (opened and opened != region):
            return f"{what} {region} is not paired", "each BEGIN has its END, and none inside another"
        opened = region if what == "BEGIN" else ""
    return (f"BEGIN {opened} has no END", "add it") if opened else None


def _misplaced(cell: Cell, solves: bool, hides: bool) -> Iterator[Finding]:
    """Compare a cell's markers with its metadata."""
    if cell.is_answer and not solves:
        yield cell.finding("an answer cell without BEGIN SOLUTION and END SOLUTION", "mark what students must write")
    if solves and not cell.is_answer:
        yield cell.finding("a solution in a cell that is no answer cell", "set solution to true")
    if hides and not cell.is_test:
        yield cell.finding("hidden tests in a cell that is no test cell", "set grade to true")
    if cell.name and not (cell.is_answer or cell.is_test or cell.cell.is_locked):
        yield cell.finding("a cell that students can edit, and no answer cell", "set locked to true")
    if cell.is_answer and cell.cell.is_locked:
        yield cell.finding("an answer cell that students can't edit", "set locked to false")


def _stubs(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Look at what is left of an answer for the student to start from."""
    for cell in cells:
        if not (cell.is_answer and cell.is_code and "BEGIN SOLUTION" in cell.source):
            continue
        kept: list[str] = []
        inside = False
        for line in cell.source.splitlines():
            if "BEGIN SOLUTION" in line:
                inside = True
                kept.append(line[: len(line) - len(line.lstrip())] + _STUB)
            elif "END SOLUTION" in line:
                inside = False
            elif not inside:
                kept.append(line)
        if parsed("\n".join(kept)) is None:
            yield cell.finding(
                "without its solution the cell is not valid Python", "let the markers hold whole statements"
            )


def _alternative_texts(cells: Sequence[Cell]) -> Iterator[Finding]:
    for cell in cells:
        yield from _pictures(cell) if cell.kind == "markdown" else _figures(cell)


def _pictures(cell: Cell) -> Iterator[Finding]:
    for alt, target in _IMAGE.findall(cell.source):
        if not _says_something(alt):
            yield cell.finding(f"the picture {target} has no alternative text", "write ![what it shows](…)")
    for tag in _IMAGE_TAG.findall(cell.source):
        if not re.search(r"\balt\s*=\s*[\"'][^\"']{5,}", tag):
            yield cell.finding("an <img> without an alternative text", "add alt='what it shows'")


def _figures(cell: Cell) -> Iterator[Finding]:
    if _DRAWS.search(cell.source):
        yield cell.finding("a figure without an alternative text", 'show it with show(figure, alt="what it shows")')
    for call in (x for x in ast.walk(parsed(cell.source) or ast.Module([], [])) if isinstance(x, ast.Call)):
        if isinstance(call.func, ast.Name) and call.func.id == "show" and not _has_alternative(call):
            yield cell.finding("show() without an alternative text", "add alt='what the figure shows'")


def _has_alternative(call: ast.Call) -> bool:
    """Whether a call of show() says what the figure shows; a text that is made elsewhere is trusted."""
    given = [*call.args[1:2], *(word.value for word in call.keywords if word.arg == "alt")]
    return bool(given) and (not isinstance(given[0], ast.Constant) or _says_something(str(given[0].value)))


def _says_something(text: str) -> bool:
    return len(text.strip()) >= SHORTEST_TEXT


RULES: tuple[Rule, ...] = (_ids, _points, _tests, _markers, _stubs, _alternative_texts)
