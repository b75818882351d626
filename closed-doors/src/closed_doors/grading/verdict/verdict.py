"""What grading one submission gave: marks, what was shown, and what a person should look at."""

import textwrap
from dataclasses import dataclass, field, replace
from typing import Any

from checks.report import CellReport, Criterion, Kind, Masks
from closed_doors.grading.protocol.messages import ChangedArgument

HINT_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The known wrong idea that a student's outputs show.

    Attributes:
        id: its name in the exercise's misconceptions.toml.
        hint: what the student is told, in French.
    """

    id: str
    hint: str


@dataclass(frozen=True, slots=True)
class CellVerdict:
    """One grading cell's mark.

    Attributes:
        index: the cell's position in the rebuilt notebook.
        earned: points, from 0 to what the cell is worth.
        report: its criteria.
        text: what stands under the cell, in French.
        diagnosis: the hint that follows a failure; None where nothing is known.
    """

    index: int
    earned: float
    report: CellReport
    text: str
    diagnosis: Diagnosis | None = None

    def diagnosed(self, diagnosis: Diagnosis | None) -> "CellVerdict":
        """Return the verdict with a hint, which stands under the criteria."""
        if diagnosis is None:
            return self
        hint = textwrap.fill(f"Piste\u00a0: {diagnosis.hint}", HINT_WIDTH, subsequent_indent="  ")
        return replace(self, text=f"{self.text}\n{hint}", diagnosis=diagnosis)


@dataclass(slots=True)
class Graded:
    """A submission that was graded; one that could not be is an ExecutionError, and has no mark.

    Attributes:
        outputs: sanitised outputs of the cells that ran, by position.
        verdicts: one a grading cell, by position; a cell without one earns nothing and is to be looked at.
        remarks: what a TA should look at, in French.
        sealed: whether hidden tests have begun; what a student is shown must not change from then on.
        complete: whether every record arrived; false where the submission's time ran out.
        protection: the tier of the sandbox that it ran in.
        argument_changes: what it changed in the arguments of tests, and the master's own solution does not.
        slot_s: how long it had its slot, in seconds (see `processes.slot_clock`).
        cpu_s: processor time of both sandboxes, in seconds; what was killed before it was waited for is missing.
    """

    outputs: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    verdicts: dict[int, CellVerdict] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    sealed: bool = False
    complete: bool = False
    protection: str = ""
    argument_changes: frozenset[ChangedArgument] = frozenset()
    slot_s: float = 0.0
    cpu_s: float = 0.0


def verdict_to_plain(verdict: CellVerdict) -> list[object]:
    """Return a verdict as data that can be sent."""
    criteria = [
        [c.name, c.text, c.weight, c.hidden, c.kind.value, c.message, c.printed, _rows(c.masks)]
        for c in verdict.report.criteria
    ]
    return [verdict.index, verdict.earned, verdict.report.points, criteria, verdict.text]


def verdict_from_plain(data: list[Any]) -> CellVerdict:
    """Return the verdict that `verdict_to_plain` wrote."""
    index, earned, points, criteria, text = data
    report = CellReport(
        tuple(
            Criterion(name, said, weight, hidden, Kind(kind), message, printed, _masks(rows))
            for name, said, weight, hidden, kind, message, printed, rows in criteria
        ),
        points,
    )
    return CellVerdict(index, earned, report, text)


def _rows(masks: Masks | None) -> list[list[str]] | None:
    return None if masks is None else [list(masks.expected), list(masks.obtained)]


def _masks(rows: list[list[str]] | None) -> Masks | None:
    return None if rows is None else Masks(tuple(rows[0]), tuple(rows[1]))
