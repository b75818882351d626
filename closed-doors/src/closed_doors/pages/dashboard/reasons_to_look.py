"""Whose work a person should look at, and why, the most pressing first."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from closed_doors.classroom.grade_submission import MISSING
from closed_doors.notebook.findings import SENTENCES
from closed_doors.pages.analysis.class_results import ClassResults, Item, Result
from closed_doors.pages.analysis.similarity import Pair
from closed_doors.pages.dashboard.criterion_wording import duration

ALIKE_ENOUGH = 1.5  # weight of a pair from which both are named: a long answer that only two of six have
_CELLS = tuple(re.compile(re.escape(text).replace(r"\{\}", ".*")) for text in (*SENTENCES.values(), MISSING))
_STOPPED = ("n'a pas fini", "a arrêté le programme", "est épuisé")


class Sign(Enum):
    """A reason to look, with its name on the page and how pressing it is."""

    FAILED = ("Correction en échec", 9)
    UNREADABLE = ("Illisible", 8)
    ATTEMPT = ("Code à examiner", 7)
    STOPPED = ("Arrêt ou délai dépassé", 5)
    ALIKE = ("Réponse proche", 5)
    CELLS = ("Cellules manquantes ou en double", 3)
    EXAMPLES = ("Exemples de l'énoncé seulement", 3)
    FLAGGED = ("Autre remarque", 2)
    BLANK = ("Rien d'écrit", 2)
    LATE = ("En retard", 1)

    @property
    def label(self) -> str:
        """Its name on the page."""
        return self.value[0]

    @property
    def weight(self) -> int:
        """How pressing it is."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why to look at one student's work.

    Attributes:
        details: what was seen, in French; may quote the student.
        link: a page that shows it, relative to the dashboard; empty where there is none.
    """

    sign: Sign
    details: tuple[str, ...] = ()
    link: str = ""


def reasons(results: ClassResults, pairs: Sequence[Pair], link: Mapping[Pair, str]) -> dict[str, list[Reason]]:
    """Return the reasons by student, those of each the most pressing first; whoever has none is left out."""
    found: dict[str, list[Reason]] = defaultdict(list)
    names = {result.student: result.name for result in results.students}
    for result in results.students:
        found[result.student] += _of(result, results.items)
    for pair in pairs:
        if pair.weight >= ALIKE_ENOUGH:
            for one, other in (pair.students, pair.students[::-1]):
                found[one].append(Reason(Sign.ALIKE, (f"avec {names.get(other, other)}",), link.get(pair, "")))
    return {
        student: sorted(theirs, key=lambda reason: -reason.sign.weight) for student, theirs in found.items() if theirs
    }


def urgency(theirs: Sequence[Reason]) -> tuple[int, int]:
    """Return what students are ordered by: the most pressing reason, then their sum."""
    weights = [reason.sign.weight for reason in theirs]
    return max(weights, default=0), sum(weights)


def _of(result: Result, items: Sequence[Item]) -> list[Reason]:
    if result.status == "failed":
        return [Reason(Sign.FAILED, (result.reason,))]
    if result.status == "unreadable":
        return [Reason(Sign.UNREADABLE, (result.reason,))]
    if result.status != "graded":
        return []
    found = [Reason(sign, texts) for sign, texts in _remarks(result).items()]
    if result.attempts:
        lines = tuple(f"{attempt.why} : {attempt.line}" for attempt in result.attempts)
        found.append(Reason(Sign.ATTEMPT, lines))
    if examples := tuple(item.title for item in items if _only_examples(result, item)):
        found.append(Reason(Sign.EXAMPLES, examples))
    if result.blank:
        found.append(Reason(Sign.BLANK))
    if result.late_s > 0:
        found.append(Reason(Sign.LATE, (duration(result.late_s),)))
    return found


def _remarks(result: Result) -> dict[Sign, tuple[str, ...]]:
    found: dict[Sign, list[str]] = defaultdict(list)
    for remark in result.remarks:
        if any(text in remark for text in _STOPPED):
            found[Sign.STOPPED].append(remark)
        elif any(pattern.fullmatch(remark) for pattern in _CELLS):
            found[Sign.CELLS].append(remark)
        else:
            found[Sign.FLAGGED].append(remark)
    slow = {place for (place, _), outcome in result.outcomes.items() if outcome.kind == "too_slow"}
    if slow and Sign.STOPPED not in found:
        found[Sign.STOPPED] = [f"Un critère de « {cell} » a dépassé son délai." for _, cell in sorted(slow)]
    return {sign: tuple(texts) for sign, texts in found.items()}


def _only_examples(result: Result, item: Item) -> bool:
    """Whether every visible criterion of a cell is met and no hidden one: the examples may be learnt by heart."""
    outcomes = [(c.hidden, result.outcomes.get((item.place, c.name))) for c in item.criteria]
    visible = [outcome.passed for hidden, outcome in outcomes if outcome and not hidden]
    hidden = [outcome.passed for hidden, outcome in outcomes if outcome and hidden]
    return bool(item.points and len(visible) and len(hidden) and all(visible) and not any(hidden))
