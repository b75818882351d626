"""What checks have given, as plain data, before anything is shown."""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What happened to a criterion.

    CELL_FAILED: the cell that was to define the function stopped before. STALE: the function in memory is no longer the
    one that the notebook writes. INTERNAL: the check itself has failed, and the student has no part in it.
    """

    PASSED = "passed"
    NOT_DEFINED = "not_defined"
    NOT_WRITTEN = "not_written"
    RAISED = "raised"
    NOT_RAISED = "not_raised"
    TOO_SLOW = "too_slow"
    RETURNED_NONE = "returned_none"
    WRONG_TYPE = "wrong_type"
    WRONG_SHAPE = "wrong_shape"
    WRONG_VALUES = "wrong_values"
    NO_GRADIENT = "no_gradient"
    CHANGED_INPUT = "changed_input"
    FAILED = "failed"
    CELL_FAILED = "cell_failed"
    STALE = "stale"
    INTERNAL = "internal"


Explained = tuple[Kind, str]  # what happened, and the sentence that says it


@dataclass(frozen=True, slots=True)
class Masks:
    """Two small masks of one shape, which a visible test compared. A row is a text of 0 and 1."""

    expected: tuple[str, ...]
    obtained: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion that was checked.

    Attributes:
        name: the test function's.
        text: the criterion, in the course's language (the test's docstring).
        weight: its relative weight in the cell.
        hidden: whether the test is hidden; its message then says nothing of the values tested.
        kind: what happened.
        message: explains it to the student, empty where the criterion is met.
        printed: what the tested code has shown, shortened; empty for a hidden test.
        masks: the masks that the message draws; None where it draws none, and for a hidden test.
    """

    name: str
    text: str
    weight: float
    hidden: bool
    kind: Kind
    message: str = ""
    printed: str = ""
    masks: Masks | None = None

    @property
    def passed(self) -> bool:
        """Whether the criterion is met."""
        return self.kind is Kind.PASSED


@dataclass(frozen=True, slots=True)
class CellReport:
    """All criteria of a grading cell, and the points that it is worth."""

    criteria: tuple[Criterion, ...]
    points: float

    @property
    def earned(self) -> float:
        """Points earned: the share of weights that are met, to the hundredth; a check's own failure costs nothing."""
        total = sum(criterion.weight for criterion in self.criteria if criterion.kind is not Kind.INTERNAL)
        passed = sum(criterion.weight for criterion in self.criteria if criterion.passed)
        if not passed:
            return 0.0
        return float(self.points) if passed == total else round(self.points * passed / total, 2)
