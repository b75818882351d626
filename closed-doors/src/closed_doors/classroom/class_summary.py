"""What a run over a class did, for the person who started it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from closed_doors.classroom.class_plan import Task
from closed_doors.classroom.grade_submission import GradedSubmission
from closed_doors.classroom.mark_preview import Move
from closed_doors.core.wording import Wording
from closed_doors.grading.verdict.remark import RemarkCode, explained
from closed_doors.grading.verdict.verdict import CellVerdict, Status, Verdict
from closed_doors.nbgrader.gradebook_structure import Place
from closed_doors.nbgrader.receipts import Line

OF_CELLS = (RemarkCode.CELL_INSIDE, RemarkCode.CELL_REFUSED)  # the same for everybody
ENOUGH = 3  # works in which a cell was missed, before the cell itself is looked at


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
        left_out: cells that the master's own solution misses, with the reason: they are a person's to mark.
        strangers: lines of received.csv that fit nobody.
        misplaced: what lies in submitted/ where no work is looked for, with the place where it is.
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
    misplaced: list[tuple[str, str]] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    seconds: float = 0.0

    _paid: dict[Place, tuple[int, float]] = field(default_factory=dict)
    _tried: dict[tuple[str, str], "_Tried"] = field(default_factory=dict)

    @property
    def missed_by_everybody(self) -> list[tuple[str, str]]:
        """Return the cells that nobody of this run has earned a point in, with where the test failed: it may be odd."""
        return [
            (f"{notebook}.ipynb, {cell}", tried.where)
            for (notebook, cell), tried in sorted(self._tried.items())
            if tried.missed == tried.times >= ENOUGH
        ]

    @property
    def paid_unwritten(self) -> list[tuple[str, str]]:
        """Return the cells that paid for answers that are as they were handed out, with how many works and points."""
        return [
            (f"{notebook}.ipynb, {cell}", f"{count} work{'s' if count > 1 else ''}, up to {points:g} points")
            for (notebook, cell), (count, points) in sorted(self._paid.items())
        ]

    def note_unwritten(self, paid: Iterable[tuple[Place, float]]) -> None:
        """Take in which cells pay one work for answers that nobody has written."""
        for place, points in paid:
            count, most = self._paid.get(place, (0, 0.0))
            self._paid[place] = count + 1, max(most, points)

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
        remarks = [
            remark.said(words) for verdict in verdicts for remark in verdict.for_staff if remark.code not in OF_CELLS
        ]
        for verdict in verdicts:
            self._count(verdict)
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

    def _count(self, verdict: Verdict) -> None:
        for cell in verdict.cells:
            if cell.points and not cell.refused:
                tried = self._tried.setdefault((verdict.notebook, cell.grade_id), _Tried())
                tried.times += 1
                tried.missed += cell.earned <= 0
                tried.where = tried.where or _where(cell)


@dataclass(slots=True)
class _Tried:
    """How often a cell was graded, and how often nothing was earned; and where its test failed once."""

    times: int = 0
    missed: int = 0
    where: str = ""


def _where(cell: CellVerdict) -> str:
    return f"line {cell.traces[0].line} ({cell.traces[0].source}): {cell.traces[0].error}" if cell.traces else ""


def _reasons(verdicts: Iterable[Verdict], status: Status, words: Wording) -> list[str]:
    return [explained(verdict.reason, words) for verdict in verdicts if verdict.status is status and verdict.reason]
