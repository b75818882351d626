"""Whose work a person should look at, and why, the most pressing first."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from closed_doors.core.wording import Wording
from closed_doors.grading.verdict.remark import RemarkCode, explained
from closed_doors.grading.verdict.verdict import Status
from closed_doors.pages.analysis.class_results import ClassResults, Item, Result
from closed_doors.pages.analysis.similarity import Pair
from closed_doors.pages.dashboard.words_and_thresholds import FigureWording

ALIKE_ENOUGH = 1.5  # weight of a pair from which both are named: a long answer that only two of six have


class Sign(Enum):
    """A reason to look, by its code in the wording, and how pressing it is."""

    FAILED = ("failed", 9)
    UNREADABLE = ("unreadable", 8)
    STOPPED = ("stopped", 5)
    ALIKE = ("alike", 5)
    CELLS = ("cells", 3)
    EXAMPLES = ("examples", 3)
    FLAGGED = ("flagged", 2)
    BLANK = ("blank", 2)
    LATE = ("late", 1)

    @property
    def code(self) -> str:
        """Its name in the wording, under sign."""
        return self.value[0]

    @property
    def weight(self) -> int:
        """How pressing it is."""
        return self.value[1]


_SIGNS = {
    RemarkCode.MISSING_CELL: Sign.CELLS,
    RemarkCode.DUPLICATED_CELL: Sign.CELLS,
    RemarkCode.UNKNOWN_CELL: Sign.CELLS,
    RemarkCode.MISSING_CELLS: Sign.CELLS,
    RemarkCode.DUPLICATED_CELLS: Sign.CELLS,
    RemarkCode.UNKNOWN_CELLS: Sign.CELLS,
    RemarkCode.RECOGNISED_CELLS: Sign.CELLS,
    RemarkCode.TEXT_BESIDE: Sign.CELLS,
    RemarkCode.NOTEBOOK_NOT_HANDED_IN: Sign.CELLS,
    RemarkCode.CELL_OUT_OF_TIME: Sign.STOPPED,
    RemarkCode.CELL_ENDED_PROGRAM: Sign.STOPPED,
    RemarkCode.CRITERION_TOO_SLOW: Sign.STOPPED,
    RemarkCode.OUT_OF_TIME: Sign.STOPPED,
}  # all others are flagged


@dataclass(frozen=True, slots=True)
class Reason:
    """Why to look at one student's work.

    Attributes:
        details: what was seen; may quote the student.
        link: a page that shows it, relative to the dashboard; empty where there is none.
    """

    sign: Sign
    details: tuple[str, ...] = ()
    link: str = ""


def reasons(
    results: ClassResults, pairs: Sequence[Pair], link: Mapping[Pair, str], words: Wording
) -> dict[str, list[Reason]]:
    """Return the reasons by student, those of each the most pressing first; whoever has none is left out."""
    found: dict[str, list[Reason]] = defaultdict(list)
    names = {result.student: result.name for result in results.students}
    for result in results.students:
        found[result.student] += _of(result, results.items, words)
    for pair in pairs:
        if pair.weight >= ALIKE_ENOUGH:
            for one, other in (pair.students, pair.students[::-1]):
                said = words.say("sign.with", name=names.get(other, other))
                found[one].append(Reason(Sign.ALIKE, (said,), link.get(pair, "")))
    return {
        student: sorted(theirs, key=lambda reason: -reason.sign.weight) for student, theirs in found.items() if theirs
    }


def urgency(theirs: Sequence[Reason]) -> tuple[int, int]:
    """Return what students are ordered by: the most pressing reason, then their sum."""
    weights = [reason.sign.weight for reason in theirs]
    return max(weights, default=0), sum(weights)


def _of(result: Result, items: Sequence[Item], words: Wording) -> list[Reason]:
    if result.status in (Status.FAILED, Status.UNREADABLE):
        sign = Sign.FAILED if result.status is Status.FAILED else Sign.UNREADABLE
        return [Reason(sign, (explained(result.reason, words),) if result.reason else ())]
    if not result.is_graded:
        return []
    found = [Reason(sign, texts) for sign, texts in _remarks(result, words).items()]
    if examples := tuple(item.title for item in items if _only_examples(result, item)):
        found.append(Reason(Sign.EXAMPLES, examples))
    if result.blank:
        found.append(Reason(Sign.BLANK))
    if result.late_s > 0:
        found.append(Reason(Sign.LATE, (FigureWording(words).duration(result.late_s),)))
    return found


def _remarks(result: Result, words: Wording) -> dict[Sign, tuple[str, ...]]:
    found: dict[Sign, list[str]] = defaultdict(list)
    for remark in result.remarks:
        if remark.code is RemarkCode.CELL_INSIDE:  # the same for everybody
            continue
        found[_SIGNS.get(remark.code, Sign.FLAGGED)].append(remark.said(words))
    return {sign: tuple(texts) for sign, texts in found.items()}


def _only_examples(result: Result, item: Item) -> bool:
    """Whether every visible criterion of a cell is met and no hidden one: the examples may be learnt by heart."""
    outcomes = [(c.hidden, result.outcomes.get((item.place, c.name))) for c in item.criteria]
    visible = [outcome.passed for hidden, outcome in outcomes if outcome and not hidden]
    hidden = [outcome.passed for hidden, outcome in outcomes if outcome and hidden]
    return bool(item.points and len(visible) and len(hidden) and all(visible) and not any(hidden))
