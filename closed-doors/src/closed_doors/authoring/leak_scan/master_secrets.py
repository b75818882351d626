"""What a master keeps from its students, in the forms in which it can be recognised elsewhere."""

import ast
import copy
import keyword
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from closed_doors.authoring.leak_scan.code_tokens import INDEX, Search, Stream, joined, stream
from closed_doors.authoring.leak_scan.readings import Canonical, fold, parsed
from closed_doors.notebook.cell import cell_of
from closed_doors.notebook.json_files import Notebook

PROSE_WORDS = 10
_MARKER = re.compile(r"(BEGIN|END)\s+(SOLUTION|HIDDEN\s+TESTS?|MARK\s+SCHEME)")
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


class Kind(Enum):
    """Which region of a master a secret stands in."""

    SOLUTION = "solution"
    HIDDEN_TESTS = "hidden test"
    MARK_SCHEME = "mark scheme"


# How much a statement must say to be recognised alone, and a part of one, by kind: hidden tests are written in the
# idioms of the visible ones.
STATEMENT = {Kind.SOLUTION: 4.0, Kind.HIDDEN_TESTS: 10.0, Kind.MARK_SCHEME: 8.0}
PART = {Kind.SOLUTION: 11.0, Kind.HIDDEN_TESTS: 18.0, Kind.MARK_SCHEME: 12.0}
LINE = 2.0


@dataclass(frozen=True, slots=True)
class Secret:
    """Something that students must not read.

    Attributes:
        kind: what it is.
        cell: the grade_id of the cell that keeps it.
        text: what it says, shortened.
    """

    kind: Kind
    cell: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind.value} of {self.cell}: {self.text!r}"


@dataclass(frozen=True, slots=True)
class Region:
    """The lines between two markers of a cell."""

    kind: Kind
    cell: str
    is_code: bool
    source: str
    first: int
    last: int

    @property
    def lines(self) -> list[str]:
        """The region's own lines."""
        return self.source.splitlines()[self.first - 1 : self.last]


class Secrets:
    """All that an assignment's masters keep, ready to be looked for.

    Attributes:
        lines: squeezed lines, each with what it belongs to.
        code: statements and expressions, under any renaming.
        prose: runs of words.
        numbers: runs of numbers: inputs and expected values of hidden tests.
        known: names that the masters import from modules, which a copyist does not rename.
        regions: where all of this stands.
    """

    def __init__(self, masters: Sequence[Notebook]) -> None:
        self.lines: dict[str, Secret] = {}
        self.code: Search[Secret] = Search()
        self.prose: dict[tuple[str, ...], Secret] = {}
        self.numbers: dict[tuple[str, ...], Secret] = {}
        self.known = frozenset(name for master in masters for name in _imported(master))
        self.regions = [region for master in masters for region in regions(master)]
        for region in self.regions:
            self._add(region)

    def _add(self, region: Region) -> None:
        for line in region.lines:
            secret = Secret(region.kind, region.cell, shortened(line))
            if tellable(line):
                self.lines.setdefault(squeezed(line), secret)
            if not region.is_code:
                self._add_prose(line, secret)
            elif (comment := re.search(r"#\s*(.+)", line)) is not None:
                self._add_prose(comment[1], secret)
        tree = parsed(region.source) if region.is_code else None
        if tree is None:
            texts = region.lines if region.is_code else re.findall(r"`([^`]+)`", "\n".join(region.lines))
            for text in texts:
                secret = Secret(region.kind, region.cell, shortened(text))
                self._add_code(stream(fold(text), self.known), STATEMENT[Kind.MARK_SCHEME], secret)
        else:
            self._add_tree(region, tree)

    def _add_tree(self, region: Region, tree: ast.Module) -> None:
        statements = list(_statements(tree.body, region))
        for node in (node for statement in statements for node in ast.walk(statement)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                self._add_prose(node.value, Secret(region.kind, region.cell, shortened(node.value)))
            elif region.kind is Kind.HIDDEN_TESTS and isinstance(node, ast.List | ast.Tuple | ast.Constant):
                self._add_numbers(node, region)
        for canonical in (True, False):
            self._add_statements(region, statements, canonical)

    def _add_statements(self, region: Region, statements: Sequence[ast.stmt], canonical: bool) -> None:
        pieces = [_head(statement, canonical) for statement in statements]
        streams = [stream(fold(piece), self.known) for piece in pieces]
        for index, statement in enumerate(statements):
            secret = Secret(region.kind, region.cell, shortened(pieces[index]))
            self._add_run(streams[index:], STATEMENT[region.kind], secret)
            for part, needed in _parts(statement, region.kind):
                text = stream(fold(_unparsed(part, canonical)), self.known)
                self._add_code(text, needed, Secret(region.kind, region.cell, shortened(ast.unparse(part))))

    def _add_run(self, streams: Sequence[Stream], needed: float, secret: Secret) -> None:
        """Add the shortest run of statements from here on that says enough."""
        for count in range(1, len(streams) + 1):
            run = joined(streams[:count])
            if run.substance >= needed:
                self._add_code(run, needed, secret)
                return

    def _add_code(self, text: Stream, needed: float, secret: Secret) -> None:
        if text.substance >= needed and len(text) >= INDEX:
            self.code.add(text, secret)

    def _add_prose(self, text: str, secret: Secret) -> None:
        words = prose_words(text)
        if len(words) < PROSE_WORDS:
            if sum(len(word) > 3 for word in words) >= 4:
                self.prose.setdefault(tuple(words), secret)
            return
        for start in range(len(words) - PROSE_WORDS + 1):
            run = words[start : start + PROSE_WORDS]
            if sum(len(word) > 3 for word in run) >= 4:
                self.prose.setdefault(tuple(run), secret)

    def _add_numbers(self, node: ast.AST, region: Region) -> None:
        found = tuple(numbers(ast.unparse(node)))
        digits = [len(re.sub(r"[.\-]|e.*|^0+", "", repr(float(number)).rstrip("0"))) for number in found]
        if (len(found) >= 4 and len(set(found)) >= 4 and sum(digits) >= 8) or (found and min(digits) >= 5):
            self.numbers.setdefault(found, Secret(region.kind, region.cell, shortened(ast.unparse(node))))


def regions(master: Notebook) -> Iterator[Region]:
    """Yield the regions between markers of a master notebook (plain data)."""
    for number, cell in enumerate(master["cells"], start=1):
        name = cell_of(cell).grade_id or f"cell {number}"
        first, kind = 0, Kind.SOLUTION
        for line_number, line in enumerate(cell["source"].splitlines(), start=1):
            marker = _MARKER.search(line)
            if marker is None:
                continue
            if marker[1] == "BEGIN":
                first, kind = line_number + 1, kind_named(marker[2])
            elif first:
                yield Region(kind, name, cell["cell_type"] == "code", cell["source"], first, line_number - 1)
                first = 0


def kind_named(marker: str) -> Kind:
    """Return the kind of region that a marker opens."""
    return Kind.MARK_SCHEME if "MARK" in marker else Kind.HIDDEN_TESTS if "HIDDEN" in marker else Kind.SOLUTION


def squeezed(line: str) -> str:
    """Return a line without spaces, comments and kinds of quotes."""
    line = re.sub(r"\s#\s.*|^\s*#+", "", fold(line))
    return re.sub(r"[\s'\"]+", "", line)


def tellable(line: str) -> bool:
    """Whether a line says something by itself: more than names, keywords and brackets."""
    if line.lstrip().startswith(("@", "import ", "from ")):
        return False
    text = stream(fold(re.sub(r"#.*", "", line)))
    telling = (token for token in text.shape if token is not None and not keyword.iskeyword(token))
    if "self." in line:
        return len(squeezed(line)) >= 10
    return (
        len(squeezed(line)) >= 6
        and text.substance >= LINE
        and any(re.search(r"[\w+\-*/@%<>&|^~\[]", x) for x in telling)
    )


def prose_words(text: str) -> list[str]:
    """Return the words of a text, as they are compared."""
    return [word.casefold() for word in _WORD.findall(fold(text))]


def numbers(text: str) -> list[str]:
    """Return the numbers of a text in order, in one form."""
    return [repr(float(number)) for number in _NUMBER.findall(text)]


def _imported(master: Notebook) -> Iterator[str]:
    """Yield the names that a notebook imports from modules."""
    for cell in master["cells"]:
        tree = parsed(cell["source"]) if cell["cell_type"] == "code" else None
        for node in tree.body if tree else ():
            if isinstance(node, ast.ImportFrom):
                yield from (alias.asname or alias.name for alias in node.names)


def _statements(body: Sequence[ast.stmt], region: Region) -> Iterator[ast.stmt]:
    """Yield the statements of a region, those inside of others too."""
    for node in body:
        if region.first <= node.lineno <= region.last and not isinstance(node, ast.Import | ast.ImportFrom | ast.Pass):
            yield node
        for name in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(node, name, ()), region)
        for handler in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            yield from _statements(handler.body, region)


def _head(statement: ast.stmt, canonical: bool) -> str:
    """Return a statement, or the first line of one that holds others."""
    text = _unparsed(statement, canonical)
    if not hasattr(statement, "body"):
        return text
    lines = text.splitlines()
    return next((line for line in lines if not line.lstrip().startswith("@")), "")


def _unparsed(node: ast.AST, canonical: bool) -> str:
    if not canonical:
        return ast.unparse(node)
    return ast.unparse(ast.fix_missing_locations(Canonical().visit(copy.deepcopy(node))))


def _parts(statement: ast.stmt, kind: Kind) -> Iterator[tuple[ast.expr, float]]:
    """Yield the value of a statement, and the expressions inside it, with what each must say to be recognised."""
    value = getattr(statement, "value", None)
    if isinstance(value, ast.expr):
        yield value, STATEMENT[kind]
    if hasattr(statement, "body"):
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.expr) and node is not value and not isinstance(node, ast.Constant | ast.Name):
            yield node, PART[kind]


def shortened(text: str) -> str:
    """Return a text as messages quote it."""
    text = " ".join(text.split())
    return text if len(text) <= 90 else f"{text[:89]}…"
