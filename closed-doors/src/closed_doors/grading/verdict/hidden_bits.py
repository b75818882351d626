"""How much a student's page tells of hidden tests, in bits, and in what detail it may: decided by the master alone.

Whoever hands in chooses which hidden criteria are met, so what can be told apart on the page is what a hand-in can
bring out. It has a budget. Most detail that fits is given, in this order, whatever was handed in:

    EACH      of each hidden criterion, whether it is met
    POINTS    of each grading cell, its points, and whether all its hidden criteria are met
    WHETHER   of the first cells, as many as fit, whether all are met; points for the notebook as a whole
    NOTHING   points for the notebook as a whole

The mark of the whole is always told, so it is counted: with EACH and POINTS it follows from what else is told.
Everything here is an upper bound: points are counted by sums of weights, or by hundredths of a point, or by the larger
steps of which all marks are multiples.
"""

import ast
import builtins
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import combinations

from closed_doors.grading.verdict.verdict import Detail
from closed_doors.notebook.global_names import bound_names, free_names, used_names
from closed_doors.notebook.instructor_code import hidden_names, is_hidden_whole, may_end_with_a_number, runnable
from closed_doors.notebook.plan import Role, Step

BUDGET_BITS = 16.0
MOST_WORDS = 10  # cells of which it is told whether all is met: each doubles the cases that are counted
MOST_SUMS = 1 << 14
IN_TIME_OR_NOT = 3  # with a hint, too late for one, out of time
HUNDREDTHS = 100  # of a point: what marks are rounded to


@dataclass(frozen=True)
class HiddenCell:
    """A grading cell with hidden criteria that may call the student's code.

    Attributes:
        grade_id: its name.
        points: what it is worth.
        count: of hidden criteria.
        weights: of each; empty where they can't be read.
        visible: the weights of the visible criteria.
        late: whether all of it is judged among the hidden tests: out of time, it has no verdict at all.
        in_parts: whether it may earn any part of its points, as one does whose last line is a number.
    """

    grade_id: str
    points: float
    count: int
    weights: tuple[float, ...] = ()
    visible: tuple[float, ...] = ()
    late: bool = False
    in_parts: bool = False

    @cached_property
    def outcomes(self) -> int:
        """How many numbers of points its hidden criteria can make."""
        if self.in_parts:
            return max(self.span, 1 << self.count)
        sums = {0.0}
        for weight in self.weights:
            sums |= {round(before + weight, 9) for before in sums}
            if len(sums) > MOST_SUMS:
                break
        else:
            return len(sums) if self.weights else 1 << self.count
        return 1 << self.count

    @property
    def span(self) -> int:
        """By how many hundredths of a point its mark can differ, visible criteria being what they are."""
        return self._hundredths(sum(self.weights))

    @property
    def span_if_missed(self) -> int:
        """The same, where not all hidden criteria are met."""
        return self.span if self.in_parts else self._hundredths(sum(self.weights) - min(self.weights, default=0.0))

    @cached_property
    def grain(self) -> int:
        """Of how many hundredths of a point all these differences are multiples; 1 where marks are rounded."""
        whole = sum(map(_exact, self.weights + self.visible))
        if self.in_parts or not self.weights or not whole:
            return 1
        shares = [HUNDREDTHS * _exact(self.points) * _exact(weight) / whole for weight in self.weights + self.visible]
        if any(share.denominator > 1 for share in shares):
            return 1
        return math.gcd(*(share.numerator for share in shares[: len(self.weights)])) or 1

    def _hundredths(self, weight: float) -> int:
        if not self.points:
            return 0
        whole = sum(self.weights) + sum(self.visible)
        share = weight / whole if self.weights and whole else 1.0
        value = HUNDREDTHS * self.points * share
        return round(value) if self.grain > 1 else math.ceil(value) + 1


def _exact(number: float) -> Fraction:
    """Return a number as its author wrote it."""
    return Fraction(str(number))


def details(cells: Sequence[HiddenCell]) -> dict[str, Detail]:
    """Return in what detail a page may tell of hidden criteria, by grade_id: the most that the budget has."""
    return {cell.grade_id: told for cell, told in zip(cells, _most_detail(tuple(cells)), strict=True)}


def most_bits(cells: Sequence[HiddenCell], told: Mapping[str, Detail]) -> float:
    """Return how many bits a hand-in can bring out, by what a page tells of each cell."""
    return _bits(cells, [told[cell.grade_id] for cell in cells])


def hidden_cells(steps: Sequence[Step]) -> tuple[HiddenCell, ...]:
    """Return the grading cells of a notebook that have hidden criteria which may call the student's code.

    Only what the instructor wrote is read, so that it is the same for every submission.
    """
    return _hidden_cells(tuple(filter(None, map(_instructors, steps))))


@dataclass(frozen=True, slots=True)
class _Part:
    """A cell as the instructor wrote it; of an answer, what is the instructor's in it."""

    source: str
    grading: bool = False
    grade_id: str = ""
    points: float = 0.0
    student_names: frozenset[str] = frozenset()
    inside: bool = False


def _instructors(step: Step) -> _Part | None:
    match step.role:
        case Role.GRADING:
            return _Part(step.source, True, step.grade_id, step.points, frozenset(step.student_names), step.inside)
        case Role.LESSON:
            return _Part(step.source)
        case Role.ANSWER:
            return _Part(step.public)
        case _:
            return None


@lru_cache(maxsize=64)
def _hidden_cells(parts: tuple[_Part, ...]) -> tuple[HiddenCell, ...]:
    return tuple(_read(parts))


@lru_cache(maxsize=64)
def _most_detail(cells: tuple[HiddenCell, ...]) -> tuple[Detail, ...]:
    for choice in _choices(len(cells)):
        if _bits(cells, choice) <= BUDGET_BITS:
            return choice
    return (Detail.NOTHING,) * len(cells)


def _choices(count: int) -> Iterator[tuple[Detail, ...]]:
    yield (Detail.EACH,) * count
    yield (Detail.POINTS,) * count
    for words in range(min(count, MOST_WORDS), -1, -1):
        yield (Detail.WHETHER,) * words + (Detail.NOTHING,) * (count - words)


def _bits(cells: Sequence[HiddenCell], told: Sequence[Detail]) -> float:
    """Count the pages: with a hint, without one, or out of time, which may be seen where cells have no verdict then."""
    late = sum(cell.late and detail is not Detail.NOTHING for cell, detail in zip(cells, told, strict=True))
    return math.log2((IN_TIME_OR_NOT + late) * _pages(cells, told)) if cells else 0.0


def _pages(cells: Sequence[HiddenCell], told: Sequence[Detail]) -> int:
    by_detail: dict[Detail, list[HiddenCell]] = {detail: [] for detail in Detail}
    for cell, detail in zip(cells, told, strict=True):
        by_detail[detail].append(cell)
    alone = math.prod(cell.outcomes if cell.in_parts else 1 << cell.count for cell in by_detail[Detail.EACH])
    alone *= math.prod(cell.outcomes for cell in by_detail[Detail.POINTS])
    words, silent = by_detail[Detail.WHETHER], by_detail[Detail.NOTHING]
    sizes = range(len(words) + 1)
    return alone * sum(_marks(missed, silent) for size in sizes for missed in combinations(words, size))


def _marks(missed: Sequence[HiddenCell], silent: Sequence[HiddenCell]) -> int:
    """Return how many marks of the whole there are, where some cells are known not to meet all."""
    of_missed = math.prod(cell.outcomes - 1 for cell in missed if cell.points)
    of_silent = math.prod(cell.outcomes for cell in silent if cell.points)
    span = sum(cell.span_if_missed for cell in missed) + sum(cell.span for cell in silent)
    grain = math.gcd(*(cell.grain for cell in (*missed, *silent) if cell.points)) or 1
    return min(of_missed * of_silent, 1 + span // grain)


def _read(parts: Sequence[_Part]) -> Iterator[HiddenCell]:
    hidden, known = frozenset[str](), frozenset(dir(builtins))
    for part in parts:
        source = runnable(part.source)
        late = part.grading and (part.inside or is_hidden_whole(part.source, hidden))
        hidden = bound_names(source) | hidden if late else hidden_names(source, hidden)
        known |= bound_names(source)
        if part.grading and _asks(part, source, known) and (cell := _cell(part, source, hidden, late)):
            yield cell


def _asks(part: _Part, source: str, known: frozenset[str]) -> bool:
    return part.inside or bool(used_names(source) & part.student_names) or not free_names(source) <= known


def _cell(part: _Part, source: str, hidden: frozenset[str], late: bool) -> HiddenCell | None:
    if late:
        return HiddenCell(part.grade_id, part.points, 1, (1.0,), (), True, part.inside or may_end_with_a_number(source))
    tests = {name for name in bound_names(source) if name.startswith("test_")}
    secret = tests & hidden
    if not secret:
        return None
    read = {node.name: _weight(node) for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    weights = {name: weight for name in sorted(tests) if (weight := read.get(name)) is not None}
    if len(weights) < len(tests):
        return HiddenCell(part.grade_id, part.points, len(secret))
    of_hidden = tuple(weight for name, weight in weights.items() if name in secret)
    of_visible = tuple(weight for name, weight in weights.items() if name not in secret)
    return HiddenCell(part.grade_id, part.points, len(secret), of_hidden, of_visible)


def _weight(test: ast.FunctionDef) -> float | None:
    """Return the weight that a test is given; None where it can't be read."""
    match test.decorator_list:
        case []:
            return 1.0
        case [ast.Call(func=ast.Name(id="weight"), args=[ast.Constant(value=int() | float() as weight)])]:
            return float(weight)
        case _:
            return None
