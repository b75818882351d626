"""How much a student's page tells of hidden tests, in bits, and in what detail it may: decided by the master alone.

Whoever hands in chooses which hidden criteria are met, so what can be told apart on the page is what a hand-in can
bring out. It has a budget. Most detail that fits is given, in this order, whatever was handed in:

    EACH      of each hidden criterion, whether it is met
    POINTS    of each grading cell, its points, and whether all its hidden criteria are met
    WHETHER   of the first cells, as many as fit, whether all are met; points for the notebook as a whole
    NOTHING   points for the notebook as a whole

The mark of the whole is always told, so it is counted: with EACH and POINTS it follows from what else is told.
Everything here is an upper bound: points are counted by sums of weights, or by hundredths of a point.
"""

import ast
import builtins
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations

from checks.collect import hidden_lines
from closed_doors.grading.verdict.verdict import Detail
from closed_doors.notebook.global_names import bound_names, free_names, names_from_before, used_names
from closed_doors.notebook.instructor_code import calls, defined_names, hidden_names, runnable
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
        visible_weight: of all visible criteria together.
        late: whether all of it is judged among the hidden tests: out of time, it has no verdict at all.
    """

    grade_id: str
    points: float
    count: int
    weights: tuple[float, ...] = ()
    visible_weight: float = 0.0
    late: bool = False

    @cached_property
    def outcomes(self) -> int:
        """How many numbers of points its hidden criteria can make."""
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
        return self._hundredths(sum(self.weights) - min(self.weights, default=0.0))

    def _hundredths(self, weight: float) -> int:
        whole = sum(self.weights) + self.visible_weight
        share = weight / whole if self.weights and whole else 1.0
        return math.ceil(HUNDREDTHS * self.points * share) + 1 if self.points else 0


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
    alone = math.prod(1 << cell.count for cell in by_detail[Detail.EACH])
    alone *= math.prod(cell.outcomes for cell in by_detail[Detail.POINTS])
    words, silent = by_detail[Detail.WHETHER], by_detail[Detail.NOTHING]
    sizes = range(len(words) + 1)
    return alone * sum(_marks(missed, silent) for size in sizes for missed in combinations(words, size))


def _marks(missed: Sequence[HiddenCell], silent: Sequence[HiddenCell]) -> int:
    """Return how many marks of the whole there are, where some cells are known not to meet all."""
    of_missed = math.prod(cell.outcomes - 1 for cell in missed if cell.points)
    of_silent = math.prod(cell.outcomes for cell in silent if cell.points)
    span = sum(cell.span_if_missed for cell in missed) + sum(cell.span for cell in silent)
    return min(of_missed * of_silent, 1 + span)


def _read(parts: Sequence[_Part]) -> Iterator[HiddenCell]:
    hidden, known = frozenset[str](), frozenset(dir(builtins))
    for part in parts:
        source = runnable(part.source)
        late = part.grading and _is_late(part, source, hidden)
        hidden = bound_names(source) | hidden if late else hidden_names(source, hidden)
        known |= bound_names(source)
        if part.grading and _asks(part, source, known) and (cell := _cell(part, source, hidden, late)):
            yield cell


def _is_late(part: _Part, source: str, hidden: frozenset[str]) -> bool:
    """Whether all of a cell is judged among the hidden tests."""
    if part.inside:
        return True
    own = bool(hidden_lines(part.source.splitlines(keepends=True)))
    return not (calls(source, "run_tests") and "run_tests" not in defined_names(source)) and (
        own or bool(names_from_before(source) & hidden)
    )


def _asks(part: _Part, source: str, known: frozenset[str]) -> bool:
    return part.inside or bool(used_names(source) & part.student_names) or not free_names(source) <= known


def _cell(part: _Part, source: str, hidden: frozenset[str], late: bool) -> HiddenCell | None:
    if late:
        return HiddenCell(part.grade_id, part.points, 1, (1.0,), late=True)
    tests = {name for name in bound_names(source) if name.startswith("test_")}
    secret = tests & hidden
    if not secret:
        return None
    read = {node.name: _weight(node) for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    weights = {name: weight for name in sorted(tests) if (weight := read.get(name)) is not None}
    if len(weights) < len(tests):
        return HiddenCell(part.grade_id, part.points, len(secret))
    of_hidden = tuple(weight for name, weight in weights.items() if name in secret)
    return HiddenCell(part.grade_id, part.points, len(secret), of_hidden, sum(weights.values()) - sum(of_hidden))


def _weight(test: ast.FunctionDef) -> float | None:
    """Return the weight that a test is given; None where it can't be read."""
    match test.decorator_list:
        case []:
            return 1.0
        case [ast.Call(func=ast.Name(id="weight"), args=[ast.Constant(value=int() | float() as weight)])]:
            return float(weight)
        case _:
            return None
