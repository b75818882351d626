"""What grading one notebook gave, in one form from the examiner to the pages: criteria, points, hint, remarks.

A criterion is the `checks.report.Criterion` that `run_tests` made; a verdict holds it as it is.
"""

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Literal

import msgspec

from checks.report import CellReport, Criterion, Kind
from closed_doors.core.wording import Wording, wording
from closed_doors.grading.protocol.messages import ChangedArgument, ObjectUse
from closed_doors.grading.verdict.remark import Remark, RemarkCode
from closed_doors.notebook.json_files import JsonObject

HINT_WIDTH = 100
VERSION: Literal[1] = 1


class Diagnosis(msgspec.Struct, frozen=True):
    """The misconception that a student's outputs show.

    Attributes:
        id: its name in the exercise's misconceptions.toml.
        hint: what the student is told, in the course's language.
    """

    id: str
    hint: str


class Witness(msgspec.Struct, frozen=True):
    """A public input on which an answer that hidden tests refuse is wrong too.

    Attributes:
        call: the expression, which anybody can run.
        expected: what a right answer gives.
        obtained: what this answer gives, where the course has seen it before; empty where it is something else.
    """

    call: str
    expected: str
    obtained: str = ""


class Trace(msgspec.Struct, frozen=True):
    """Where a test failed, as the staff reads it; students never do.

    Attributes:
        criterion: the test's name.
        line: of the cell; 0 where the error came before it.
        source: that line.
        error: the error itself.
        theirs: the last line of a student's cell that it went through, if any.
    """

    criterion: str
    line: int
    source: str
    error: str
    theirs: str = ""


class Detail(Enum):
    """In what detail a student is told of a cell's hidden criteria (see `verdict.hidden_bits`)."""

    EACH = "each"  # of each, whether it is met
    POINTS = "points"  # whether all are met, and the cell's points
    WHETHER = "whether"  # whether all are met
    NOTHING = "nothing"  # they count in the mark of the whole


class CellVerdict(msgspec.Struct, frozen=True):
    """One grading cell's mark.

    Attributes:
        grade_id: nbgrader's name for the cell.
        points: what the cell is worth.
        earned: points, from 0 to what the cell is worth.
        shared: the points that the cell's tests share; not `points` only where the master errs.
        criteria: what became of each test.
        diagnosis: the misconception that follows a failure; None where nothing is known.
        complete: whether the verdict arrived; one that did not earns nothing and is to be looked at.
        further: the misconceptions of other functions of the exercise.
        witness: a public example of what hidden tests refuse; None where none is known.
        traces: where its tests failed, for the staff.
        refused: why the cell can't be graded; it then has no mark, and a person gives one. Empty where it can.
        detail: in what detail its student is told of hidden criteria.
    """

    grade_id: str
    points: float
    earned: float
    shared: float
    criteria: tuple[Criterion, ...] = ()
    diagnosis: Diagnosis | None = None
    complete: bool = True
    further: tuple[Diagnosis, ...] = ()
    witness: Witness | None = None
    traces: tuple[Trace, ...] = ()
    refused: str = ""
    detail: Detail = Detail.EACH

    @property
    def diagnoses(self) -> tuple[Diagnosis, ...]:
        """All misconceptions, at most one a function."""
        return (self.diagnosis, *self.further) if self.diagnosis else ()

    @property
    def report(self) -> CellReport:
        """The criteria, as `checks` reports them."""
        return CellReport(self.criteria, self.shared)

    def diagnosed(self, *diagnoses: Diagnosis) -> "CellVerdict":
        """Return the verdict with hints, the first one the exercise's own."""
        first = diagnoses[0] if diagnoses else None
        return msgspec.structs.replace(self, diagnosis=first, further=diagnoses[1:])

    def witnessed(self, witness: Witness | None) -> "CellVerdict":
        """Return the verdict with a public example, where a hidden criterion is missed."""
        missed = any(criterion.hidden and not criterion.passed for criterion in self.criteria)
        return msgspec.structs.replace(self, witness=witness if missed else None)

    def with_criteria(self, criteria: tuple[Criterion, ...]) -> "CellVerdict":
        """Return the verdict with other criteria, and what these earn."""
        earned = CellReport(criteria, self.shared).earned
        return msgspec.structs.replace(self, criteria=criteria, earned=earned)

    @property
    def on_file(self) -> "CellVerdict":
        """The verdict as it is kept: without what code printed, and without masks of hidden tests."""
        kept = tuple(replace(c, printed="", masks=None if c.hidden else c.masks) for c in self.criteria)
        return msgspec.structs.replace(self, criteria=kept)


def judged(grade_id: str, points: float, report: CellReport, traces: Iterable[Trace] = ()) -> CellVerdict:
    """Return the verdict of a cell whose tests have been run."""
    missed = {criterion.name for criterion in report.criteria if not criterion.passed}
    kept = tuple(trace for trace in traces if trace.criterion in missed)
    return CellVerdict(grade_id, points, report.earned, report.points, report.criteria, traces=kept)


def refused(grade_id: str, points: float, why: str) -> CellVerdict:
    """Return the verdict of a cell that this grader can't grade: a person has to."""
    return CellVerdict(grade_id, points, 0.0, points, refused=why)


def not_judged(grade_id: str, points: float, detail: Detail = Detail.EACH) -> CellVerdict:
    """Return the verdict of a cell that no verdict arrived of."""
    return CellVerdict(grade_id, points, 0.0, points, complete=False, detail=detail)


def hint_text(verdict: CellVerdict, words: Wording | None = None) -> str:
    """Return the lines that stand under a cell's criteria; empty where there is neither hint nor example."""
    words = words or wording()
    said = [words.say("notebook.hint", hint=diagnosis.hint) for diagnosis in verdict.diagnoses]
    lines = [textwrap.fill(hint, HINT_WIDTH, subsequent_indent="  ") for hint in said]
    if verdict.witness is not None:
        lines.append(witness_text(verdict.witness, words))
    return "\n".join(lines)


def witness_text(witness: Witness, words: Wording) -> str:
    """Return what a public example shows, in a sentence."""
    code = "notebook.witness" if witness.obtained else "notebook.witness_unknown"
    return words.say(code, **msgspec.structs.asdict(witness))


class Status(Enum):
    """What became of a notebook."""

    GRADED = "graded"
    MISSING = "missing"  # others of the assignment were handed in
    UNREADABLE = "unreadable"  # not a notebook that can be graded
    FAILED = "failed"  # for a reason of ours: there is no mark


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What grading found in one student's notebook: what stands in its verdict file.

    Attributes:
        version: of this form; it rises when what an earlier reader would take amiss changes.
        status: what became of it.
        reason: why it is not graded; None where it is.
        remarks: what a person should look at.
        cells: the verdicts of its grading cells, in order.
        judged_alone: whether a limit was exceeded, and it was graded a second time, alone, before that counted.
    """

    version: Literal[1] = VERSION
    assignment: str
    student: str
    notebook: str
    status: Status = Status.GRADED
    reason: Remark | None = None
    remarks: tuple[Remark, ...] = ()
    cells: tuple[CellVerdict, ...] = ()
    judged_alone: bool = False

    @property
    def for_staff(self) -> tuple[Remark, ...]:
        """All remarks, and what was too slow: of a hidden criterion, a student is not told why it is missed."""
        slow = ((cell.grade_id, c) for cell in self.cells for c in cell.criteria if c.kind is Kind.TOO_SLOW)
        twice = (Remark(RemarkCode.JUDGED_ALONE),) if self.judged_alone else ()
        return (*self.all_remarks, *(_too_slow(grade_id, criterion) for grade_id, criterion in slow), *twice)

    @property
    def all_remarks(self) -> tuple[Remark, ...]:
        """The remarks, and that the notebook was not handed in where the others were."""
        missing = (self.reason,) if self.status is Status.MISSING and self.reason else ()
        return (*missing, *self.remarks)


def _too_slow(grade_id: str, criterion: Criterion) -> Remark:
    said = {"criterion": criterion.text.rstrip("."), "why": criterion.message.partition("\n")[0]}
    return Remark(RemarkCode.CRITERION_TOO_SLOW, grade_id, {**said})


@dataclass(slots=True)
class Graded:
    """A submission that was graded; one that could not be is an ExecutionError, and has no mark.

    Attributes:
        outputs: sanitised outputs of the cells that ran, by position.
        verdicts: one a grading cell, by position; a cell without one earns nothing and is to be looked at.
        hints: misconceptions that grading cells' answers show, found where no hidden test has run; by position.
        witnesses: public examples on which answers are wrong, found likewise; by position.
        remarks: what a TA should look at.
        sealed: whether hidden tests have begun; what a student is shown must not change from then on.
        details: in what detail a student is told of hidden criteria, by grade_id; all of them where it is not named.
        complete: whether every record arrived; false where the submission's time ran out.
        judged_alone: whether it was graded a second time, alone.
        protection: the tier of the sandbox that it ran in.
        argument_changes: what it changed in the arguments of tests, and the master's own solution does not.
        hidden_inputs: digests of what hidden tests alone ask, where the master's own solution was examined.
        slot_s: how long it had its slot, in seconds (see `clocks.slot_clock`).
        object_uses: where tests let its own objects decide, if it is the master's own solution.
        lesson_failures: which cells of the lesson fail by themselves, and why, by position.
        slot_s: how long it had its slot, in seconds (see `processes.slot_clock`).
        cpu_s: processor time of both sandboxes, in seconds; what was killed before it was waited for is missing.
    """

    outputs: dict[int, list[JsonObject]] = field(default_factory=dict)
    verdicts: dict[int, CellVerdict] = field(default_factory=dict)
    hints: dict[int, tuple[Diagnosis, ...]] = field(default_factory=dict)
    witnesses: dict[int, Witness] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    details: dict[str, Detail] = field(default_factory=dict)
    sealed: bool = False
    complete: bool = False
    judged_alone: bool = False
    protection: str = ""
    argument_changes: frozenset[ChangedArgument] = frozenset()
    hidden_inputs: frozenset[bytes] = frozenset()
    object_uses: frozenset[ObjectUse] = frozenset()
    lesson_failures: dict[int, str] = field(default_factory=dict)
    slot_s: float = 0.0
    cpu_s: float = 0.0


def to_plain(record: CellVerdict | Remark) -> JsonObject:
    """Return a verdict or a remark as data that can be sent."""
    plain: JsonObject = msgspec.to_builtins(record)
    return plain


def verdict_from_plain(data: JsonObject) -> CellVerdict:
    """Return the verdict that `to_plain` wrote.

    Raises:
        msgspec.ValidationError: it is none.
    """
    return msgspec.convert(data, CellVerdict)
