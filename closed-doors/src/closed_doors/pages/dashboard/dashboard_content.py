"""What the dashboard says of a class, as plain data: exercises, criteria, misconceptions, students."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from closed_doors.pages.analysis.class_results import AskedCriterion, ClassResults, Item, Place, Result
from closed_doors.pages.analysis.item_statistics import (
    ItemStatistics,
    Points,
    Reliability,
    Spread,
    item_statistics,
    reliability,
    spread,
)
from closed_doors.pages.dashboard.reasons_to_look import Reason, urgency

EASY = 0.85  # success from which a criterion is not among the worst
WORST = 4


@dataclass(frozen=True, slots=True)
class Cause:
    """A way in which a criterion was missed, as the wording calls it under kind, and by how many."""

    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """One criterion.

    Attributes:
        number: exercise and position, such as 2.3.
        judged: how many were judged on it.
        passed: how many of them met it.
        causes: how the others missed it, the most frequent first.
        message: what the most frequent sentence to those who missed it was; empty where each got another.
    """

    number: str
    criterion: AskedCriterion
    statistics: ItemStatistics
    judged: int
    passed: int
    causes: tuple[Cause, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Misconception:
    """A misconception that was recognised in some answers to an exercise."""

    item: Item
    name: str
    hint: str
    students: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One exercise.

    Attributes:
        short: the first part of its title.
        title: the whole of it.
        statistics: of those whose points are settled.
        full: how many have all points; `part` and `none` are the others.
        pending: how many wait for a person.
        alpha_without: reliability of the assignment without it; None where it can't be computed.
    """

    item: Item
    number: int
    short: str
    title: str
    statistics: ItemStatistics
    full: int
    part: int
    none: int
    pending: int
    alpha_without: float | None
    criteria: tuple[CriterionRow, ...]
    misconceptions: tuple[Misconception, ...]


@dataclass(frozen=True, slots=True)
class StudentRow:
    """One student, with the reasons to look at the work."""

    result: Result
    scores: tuple[float | None, ...]
    pending: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """All that the overview shows.

    Attributes:
        spread: of the marks; None where nobody has one.
        worst: the criteria that fewest met.
        to_look_at: students with a reason, the most pressing first.
        absent: those who handed nothing in.
    """

    results: ClassResults
    spread: Spread | None
    reliability: Reliability
    items: tuple[ItemRow, ...]
    worst: tuple[CriterionRow, ...]
    misconceptions: tuple[Misconception, ...]
    students: tuple[StudentRow, ...]
    to_look_at: tuple[StudentRow, ...]
    absent: tuple[Result, ...]

    @property
    def pending(self) -> int:
        """How many students wait for a mark by hand."""
        return sum(row.pending > 0 for row in self.students)

    @property
    def late(self) -> int:
        """How many handed in late."""
        return sum(row.result.late_s > 0 for row in self.students)

    @property
    def handed_in(self) -> int:
        """How many handed something in."""
        return len(self.students)

    def item_of(self, place: Place) -> ItemRow:
        """Return the row of a graded cell."""
        return next(row for row in self.items if row.item.place == place)


def content(results: ClassResults, reasons: Mapping[str, Sequence[Reason]]) -> Content:
    """Work out what the dashboard shows."""
    graded = results.graded
    settled = [item for item in results.items if item.points > 0 and not _is_pending(item, graded)]
    points = _table(graded, settled)
    totals = points.sum(axis=1)
    whole = reliability(points)
    without = dict(zip((item.place for item in settled), whole.without, strict=True))
    found = _misconceptions(results)
    items = tuple(
        _item(number, item, graded, totals, without.get(item.place), found.get(item.place, ()))
        for number, item in enumerate(results.items, start=1)
    )
    rows = [_student(result, results.items, reasons) for result in results.students if result.status]
    looked = sorted((row for row in rows if row.reasons), key=lambda row: urgency(row.reasons), reverse=True)
    criteria = [row for item in items if item.item.points for row in item.criteria]
    return Content(
        results=results,
        spread=spread([result.mark for result in graded if result.mark is not None]),
        reliability=whole,
        items=items,
        worst=_worst(criteria),
        misconceptions=tuple(
            sorted((each for theirs in found.values() for each in theirs), key=lambda each: -len(each.students))
        ),
        students=tuple(rows),
        to_look_at=tuple(looked),
        absent=tuple(result for result in results.students if not result.status),
    )


def _student(result: Result, items: Sequence[Item], reasons: Mapping[str, Sequence[Reason]]) -> StudentRow:
    settled = result.mark is not None
    return StudentRow(
        result,
        tuple(result.score(item.place) if settled else None for item in items),
        sum(result.is_pending(item.place) for item in items) if settled else 0,
        tuple(reasons.get(result.student, ())),
    )


def plain(title: str) -> str:
    """Return a heading without its markdown."""
    return title.replace("*", "").replace("`", "")


def _is_pending(item: Item, graded: Sequence[Result]) -> bool:
    return any(result.is_pending(item.place) for result in graded)


def _table(graded: Sequence[Result], items: Sequence[Item]) -> Points:
    rows = [[result.score(item.place) for item in items] for result in graded]
    return np.array(rows, dtype=float).reshape(len(graded), len(items))


def _item(
    number: int,
    item: Item,
    graded: Sequence[Result],
    totals: Points,
    alpha_without: float | None,
    misconceptions: Sequence[Misconception],
) -> ItemRow:
    settled = [not result.is_pending(item.place) for result in graded]
    kept = [result for result, is_settled in zip(graded, settled, strict=True) if is_settled]
    scores = _table(kept, [item])
    # Of an item that is not settled for all, no sum holds it: its own points are added, to be taken off again.
    sums = totals[np.array(settled, dtype=bool)] if len(graded) else totals
    sums = sums if len(kept) == len(graded) and item.points > 0 else sums + scores[:, 0]
    statistics = item_statistics(scores, [item.points], sums)[0]
    full = sum(bool(item.points) and score >= item.points - 1e-9 for score in scores[:, 0])
    none = sum(bool(item.points) and score <= 0 for score in scores[:, 0])
    title = plain(item.title)
    return ItemRow(
        item=item,
        number=number,
        short=title.split(". ")[0],
        title=title,
        statistics=statistics,
        full=int(full),
        part=len(kept) - int(full) - int(none),
        none=int(none),
        pending=len(graded) - len(kept),
        alpha_without=alpha_without,
        criteria=tuple(
            _criterion(f"{number}.{place}", criterion, graded, totals)
            for place, criterion in enumerate(item.criteria, start=1)
        ),
        misconceptions=tuple(misconceptions),
    )


def _criterion(number: str, criterion: AskedCriterion, graded: Sequence[Result], totals: Points) -> CriterionRow:
    key = (criterion.place, criterion.name)
    pairs = zip(graded, totals, strict=True)
    judged = [(result.outcomes[key], total) for result, total in pairs if key in result.outcomes]
    passed = np.array([[float(outcome.passed)] for outcome, _ in judged]).reshape(len(judged), 1)
    sums = np.array([total for _, total in judged], dtype=float)
    worth = criterion.points or 1.0
    if not criterion.points:
        sums = sums + passed[:, 0]
    statistics = item_statistics(passed * worth, [worth], sums)[0]
    missed = [outcome for outcome, _ in judged if not outcome.passed]
    causes = Counter(outcome.kind for outcome in missed).most_common()
    said = Counter(outcome.message for outcome in missed if outcome.message).most_common(1)
    return CriterionRow(
        number=number,
        criterion=criterion,
        statistics=statistics,
        judged=len(judged),
        passed=int(passed.sum()),
        causes=tuple(Cause(kind.value, count) for kind, count in causes),
        message=said[0][0] if said and said[0][1] > 1 else "",
    )


def _worst(rows: Sequence[CriterionRow]) -> tuple[CriterionRow, ...]:
    def success(row: CriterionRow) -> float:
        return row.passed / row.judged

    missed = [row for row in rows if row.judged and success(row) < EASY]
    return tuple(sorted(missed, key=success)[:WORST])


def _misconceptions(results: ClassResults) -> dict[Place, tuple[Misconception, ...]]:
    seen: dict[Place, dict[str, list[Result]]] = defaultdict(lambda: defaultdict(list))
    hints: dict[tuple[Place, str], str] = {}
    for result in results.graded:
        for place, found in ((place, each) for place, several in result.diagnoses.items() for each in several):
            seen[place][found.id].append(result)
            hints.setdefault((place, found.id), found.hint)
    items = {item.place: item for item in results.items}
    return {
        place: tuple(
            Misconception(items[place], name, hints[place, name], tuple(theirs))
            for name, theirs in sorted(names.items(), key=lambda entry: -len(entry[1]))
        )
        for place, names in seen.items()
        if place in items
    }
