"""How long grading may take: a cell, a submission, and both on the plain way."""

from dataclasses import dataclass

PLAIN_CELL_S = 3.0  # the plain way's limit for a cell and for a criterion (see `examiner.examination`)
PLAIN_SUBMISSION_S = 12.0  # of a slot, after which the careful way begins


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long grading may take, in seconds (see `slot_clock` for what counts)."""

    cell_s: float = 10.0
    submission_s: float = 30.0
