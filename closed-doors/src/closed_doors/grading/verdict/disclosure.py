"""What a student may be told of hidden tests: in a bounded detail, whether hidden criteria are met, and nothing else.

Code that is called by a hidden test learns what it is called with, and decides what becomes of the test. So everything
that a student is shown of it is a channel, and its width is what can be told apart there. Before hidden tests begin,
the examiner says `Sealed`, and from there on:

    what was said of visible criteria, outputs, remarks and hints stays as it was       nothing
    which hidden criteria are met, in the detail that the budget has                    counted (`hidden_bits`)
    of the whole, that its time ran out, and whether there was time for a hint          counted
    one hint and one example, found in sandboxes in which no hidden test runs           nothing

What kind of failure it was, and each criterion, stand in the verdict file and in formgrader's notebook: the staff's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import msgspec

from checks.report import Criterion, Kind
from closed_doors.core.wording import Wording, wording
from closed_doors.grading.verdict.verdict import CellVerdict, Detail, Graded


def told(criteria: Iterable[Criterion], words: Wording | None = None) -> tuple[Criterion, ...]:
    """Return criteria as the notebook shows them: all of the visible ones, of hidden ones whether they are met.

    A test that fails by itself stays one that does: it has no mark, and is never shown.
    """
    missed = (words or wording()).say("notebook.hidden_missed")
    return tuple(_told(criterion, missed) for criterion in criteria)


def told_to_student(verdict: CellVerdict, words: Wording) -> tuple[Criterion, ...]:
    """Return a cell's criteria as its student may read them; hidden ones are one where the budget has no more."""
    criteria = told(verdict.criteria, words)
    if verdict.detail is Detail.EACH:
        return criteria
    shown = tuple(criterion for criterion in criteria if not criterion.hidden)
    hidden = tuple(criterion for criterion in criteria if criterion.hidden)
    return (*shown, _together(hidden, verdict.detail, words)) if hidden and tells_whether(verdict) else shown


def tells_whether(verdict: CellVerdict) -> bool:
    """Whether a student may know that all hidden criteria of a cell are met, or not."""
    return verdict.detail is not Detail.NOTHING


def tells_points(verdict: CellVerdict) -> bool:
    """Whether a student may know a cell's points: all may where these say no more than is said anyway."""
    hidden = [criterion for criterion in verdict.criteria if criterion.hidden]
    if verdict.detail is Detail.WHETHER:
        return verdict.complete and all(criterion.passed for criterion in hidden)
    return tells_whether(verdict)


def after_the_seal(before: CellVerdict | None, now: CellVerdict) -> CellVerdict:
    """Return a verdict that came after the seal, with the visible criteria as they were said before it."""
    known = before.criteria if before is not None else ()
    sealed = {criterion.name: criterion for criterion in known if not criterion.hidden}
    return now.with_criteria(tuple(c if c.hidden else sealed.get(c.name, c) for c in now.criteria))


def asked_again(graded: Graded) -> int | None:
    """Return the position of the first cell that misses hidden criteria only, if its student may know that it does."""
    return next((index for index, one in graded.verdicts.items() if _misses_hidden_only(one, graded.details)), None)


def as_students_may_know(graded: Graded) -> dict[int, CellVerdict]:
    """Return a submission's verdicts with hints and examples, and with the detail in which each may be told."""
    return {
        index: msgspec.structs.replace(verdict, detail=graded.details.get(verdict.grade_id, Detail.EACH))
        .diagnosed(*graded.hints.get(index, ()))
        .witnessed(graded.witnesses.get(index))
        for index, verdict in sorted(graded.verdicts.items())
    }


def _misses_hidden_only(verdict: CellVerdict, details: Mapping[str, Detail]) -> bool:
    missed = {criterion.hidden for criterion in verdict.criteria if not criterion.passed}
    return missed == {True} and details.get(verdict.grade_id) not in (None, Detail.NOTHING)


def _together(hidden: tuple[Criterion, ...], detail: Detail, words: Wording) -> Criterion:
    met = all(criterion.passed for criterion in hidden)
    missed = "feedback.hidden_not_all" if detail is Detail.POINTS else "feedback.hidden_not_all_in_the_whole"
    return Criterion(
        name="hidden",
        text=words.say("feedback.hidden_together", count=len(hidden)),
        weight=sum(criterion.weight for criterion in hidden),
        hidden=True,
        kind=Kind.PASSED if met else Kind.FAILED,
        message="" if met else words.say(missed),
    )


def _told(criterion: Criterion, missed: str) -> Criterion:
    if not criterion.hidden or criterion.kind is Kind.INTERNAL:
        return criterion
    kind, message = (Kind.PASSED, "") if criterion.passed else (Kind.FAILED, missed)
    return replace(criterion, kind=kind, message=message, printed="", masks=None)
