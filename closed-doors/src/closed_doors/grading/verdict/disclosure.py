"""What a hand-in may bring out of hidden tests: whether each hidden criterion is met, and nothing else.

Code that is called by a hidden test learns what it is called with, and decides what becomes of the test. So everything
that a student is shown of it is a channel, and its width is what can be told apart there. This module alone says what
that is. Before hidden tests begin, the examiner says `Sealed`, and from there on:

    what was said of visible criteria, outputs, remarks and hints stays as it was       no bit
    of a hidden criterion, what comes is whether it is met                              one bit each
    of the whole, that its time ran out                                                 one bit
    one hint, to the first exercise of which only hidden criteria are missed            log2 of its list of hints
    one public example there, and what is known to come of it                           log2 of its list of examples

Points are a sum over criteria and add nothing. What kind of failure it was stands in the verdict file, for the staff.
A hint is worth its bits: an answer that is right for all examples that are shown is where a student needs one most, and
asking every answer before hidden tests begin would cost half as much again as all the rest of grading.
"""

import math
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from checks.report import Criterion, Kind
from closed_doors.core.wording import Wording, wording
from closed_doors.grading.verdict.verdict import CellVerdict, Graded

HINTS_AFTER_THE_SEAL = 1
OUT_OF_TIME_OR_NOT = 2


def most_bits(hidden_criteria: int, longest_list_of_hints: int = 0, longest_list_of_examples: int = 0) -> float:
    """Return how many bits a hand-in can bring out of hidden tests.

    Args:
        hidden_criteria: those that call the student's code.
        longest_list_of_hints: of an exercise.
        longest_list_of_examples: of an exercise, each with all that is known to come of it.
    """
    hints = HINTS_AFTER_THE_SEAL * (math.log2(longest_list_of_hints + 1) + math.log2(longest_list_of_examples + 1))
    return hidden_criteria + math.log2(OUT_OF_TIME_OR_NOT) + hints if hidden_criteria else 0.0


def told(criteria: Iterable[Criterion], words: Wording | None = None) -> tuple[Criterion, ...]:
    """Return criteria as a student may read them: all of the visible ones, of hidden ones whether they are met.

    A test that fails by itself stays one that does: it has no mark, and is never shown.
    """
    missed = (words or wording()).say("notebook.hidden_missed")
    return tuple(_told(criterion, missed) for criterion in criteria)


def after_the_seal(before: CellVerdict | None, now: CellVerdict) -> CellVerdict:
    """Return a verdict that came after the seal, with the visible criteria as they were said before it."""
    known = before.criteria if before is not None else ()
    sealed = {criterion.name: criterion for criterion in known if not criterion.hidden}
    return now.with_criteria(tuple(c if c.hidden else sealed.get(c.name, c) for c in now.criteria))


def with_hints(graded: Graded) -> dict[int, CellVerdict]:
    """Return a submission's verdicts with hints and examples: of those from after the seal, the first of each."""
    late = dict(islice(graded.late_hints.items(), HINTS_AFTER_THE_SEAL))
    hints = {index: found[:HINTS_AFTER_THE_SEAL] for index, found in late.items()} | graded.hints
    witnesses = dict(islice(graded.late_witnesses.items(), HINTS_AFTER_THE_SEAL)) | graded.witnesses
    return {
        index: verdict.diagnosed(*hints.get(index, ())).witnessed(witnesses.get(index))
        for index, verdict in graded.verdicts.items()
    }


def _told(criterion: Criterion, missed: str) -> Criterion:
    if not criterion.hidden or criterion.kind is Kind.INTERNAL:
        return criterion
    kind, message = (Kind.PASSED, "") if criterion.passed else (Kind.FAILED, missed)
    return replace(criterion, kind=kind, message=message, printed="", masks=None)
