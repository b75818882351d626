"""What a run over a class did, for the person who started it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from closed_doors.classroom.class_plan import Task
from closed_doors.classroom.grade_submission import GradedSubmission
from closed_doors.classroom.mark_preview import Move
from closed_doors.core.wording import Wording
from closed_doors.grading.verdict.remark import explained
from closed_doors.grading.verdict.verdict import Status, Verdict
from closed_doors.nbgrader.receipts import Line


@dataclass(slots=True)
class Summary:
    """What a run did; only what a person should know of is kept by name, with the reason.

    Attributes:
        graded: submissions that have marks.
        unchanged: submissions that were graded before.
        to_look_at: graded, with a remark.
        refused: not a notebook that can be graded.
        failed: not graded for a reason that is not the student's.
        arrivals: whose time of arrival is doubtful, with what counts.
        moves: final marks as they were and as they are, of everybody whom the run concerns.
        held: who was graded and not recorded, because a mark would fall that the student did not change.
        strangers: lines of received.csv that fit nobody.
        seconds: how long grading took.
    """

    graded: int = 0
    unchanged: int = 0
    to_look_at: list[tuple[str, str]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    arrivals: list[tuple[str, str]] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    strangers: list[Line] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def changes(self) -> list[Move]:
        """Marks that were there before and are others now, or made of other points."""
        return [move for move in self.moves if move.matters]

    @property
    def falls(self) -> list[Move]:
        """Final marks that fall."""
        return [move for move in self.moves if move.change < 0]

    def note(self, task: Task, graded: GradedSubmission, move: Move, words: Wording) -> None:
        """Take in what became of one student's work, and say it in words."""
        verdicts = [notebook.verdict for notebook in graded.notebooks]
        failed, refused = _reasons(verdicts, Status.FAILED, words), _reasons(verdicts, Status.UNREADABLE, words)
        remarks = [remark.said(words) for verdict in verdicts for remark in verdict.for_staff]
        if failed:
            self.failed.append((graded.student, failed[0]))
            return
        self.moves.append(move)
        if refused:
            self.refused.append((graded.student, refused[0]))
        else:
            self.graded += 1
        if remarks:
            more = f" (+{len(remarks) - 1})" if len(remarks) > 1 else ""
            self.to_look_at.append((graded.student, remarks[0] + more))
        if task.arrival.doubt:
            self.arrivals.append((graded.student, task.arrival.doubt))


def _reasons(verdicts: Iterable[Verdict], status: Status, words: Wording) -> list[str]:
    return [explained(verdict.reason, words) for verdict in verdicts if verdict.status is status and verdict.reason]
