"""What grading found that a person should know of: a code, a cell, and what else its sentence needs.

Nothing decides by the sentence, which the wording of the course's language gives when somebody reads it.
"""

from collections.abc import Iterable
from enum import Enum

import msgspec

from closed_doors.core.errors import SubmissionError
from closed_doors.core.wording import Wording, wording


class RemarkCode(Enum):
    """What can be remarked on; each has its sentence in every catalogue, under remark or submission."""

    # What was mended in the submission.
    MISSING_CELL = "remark.missing_cell"
    DUPLICATED_CELL = "remark.duplicated_cell"
    UNKNOWN_CELL = "remark.unknown_cell"
    MISSING_CELLS = "remark.missing_cells"
    DUPLICATED_CELLS = "remark.duplicated_cells"
    UNKNOWN_CELLS = "remark.unknown_cells"
    RECOGNISED_CELLS = "remark.recognised_cells"
    TEXT_BESIDE = "remark.text_beside"
    WRITTEN_IN_LESSON = "remark.written_in_lesson"
    LESSON_CHANGED = "remark.lesson_changed"
    PICTURE_NOT_SHOWN = "remark.picture_not_shown"
    # Which files were taken, and what became of the others.
    TAKEN_AS = "remark.taken_as"
    SAME_NOTEBOOK_AGAIN = "remark.same_notebook_again"
    STRAY_NOTEBOOKS = "remark.stray_notebooks"
    OTHER_FILES = "remark.other_files"
    UNREAD_FILES = "remark.unread_files"
    # What happened when its code ran.
    CELL_OUT_OF_TIME = "remark.cell_out_of_time"
    CELL_ENDED_PROGRAM = "remark.cell_ended_program"
    CRITERION_TOO_SLOW = "remark.criterion_too_slow"
    OUT_OF_TIME = "remark.out_of_time"
    JUDGED_ALONE = "remark.judged_alone"
    CELL_INSIDE = "remark.cell_inside"
    CELL_REFUSED = "remark.cell_refused"
    OPEN_DOORS = "remark.open_doors"
    # Why a notebook has no mark.
    NOTEBOOK_NOT_HANDED_IN = "remark.notebook_not_handed_in"
    GRADING_FAILED = "remark.grading_failed"
    VERDICT_UNREADABLE = "remark.verdict_unreadable"
    LINK = "submission.link"
    NOT_A_FILE = "submission.not_a_file"
    TOO_LARGE = "submission.too_large"
    NOT_A_NOTEBOOK = "submission.not_a_notebook"
    TOO_MANY_CELLS = "submission.too_many_cells"
    NOT_UTF8 = "submission.not_utf8"
    TOO_DEEP = "submission.too_deep"
    NOT_JSON = "submission.not_json"
    NOT_A_CELL = "submission.not_a_cell"
    NOT_A_TEXT = "submission.not_a_text"
    SOURCE_TOO_LONG = "submission.source_too_long"
    NO_NOTEBOOK = "submission.no_notebook"
    OTHER_NOTEBOOKS = "submission.other_notebooks"
    SEVERAL_NOTEBOOKS = "submission.several_notebooks"
    TOO_LARGE_WITHOUT_OUTPUTS = "submission.too_large_without_outputs"
    TOO_MANY_VALUES = "submission.too_many_values"
    NONE_OF_ITS_CELLS = "submission.none_of_its_cells"
    # Of a verdict file of an earlier version, which held sentences.
    EARLIER = "remark.earlier"


class Remark(msgspec.Struct, frozen=True):
    """One remark.

    Attributes:
        code: what is remarked.
        cell: the grade_id of the cell that it is about, or its number in the rebuilt notebook, from 1; None where it is
            about the whole.
        arguments: what else its sentence says.
    """

    code: RemarkCode
    cell: str | int | None = None
    arguments: dict[str, str | int | float] = {}

    def said(self, words: Wording | None = None) -> str:
        """Return the remark as a sentence."""
        return (words or wording()).say(self.code.value, cell=self.cell, **self.arguments)

    @property
    def speaks_of_the_file(self) -> bool:
        """Whether the student has to hand something else in."""
        return self.code.value.startswith("submission.")


def refusal(error: SubmissionError) -> Remark:
    """Return why a submission can't be graded."""
    return Remark(RemarkCode(f"submission.{error.code}"), None, dict(error.arguments))


def explained(remark: Remark, words: Wording | None = None) -> str:
    """Return a remark as the staff reads it: what can't be graded, with what to do about it."""
    words = words or wording()
    remedy = f" {words.say('submission.remedy')}" if remark.speaks_of_the_file else ""
    return remark.said(words) + remedy


def remark_from_plain(data: dict[str, object]) -> Remark:
    """Return the remark that came as plain data.

    Raises:
        msgspec.ValidationError: it is none.
    """
    return msgspec.convert(data, Remark)


def sentences(remarks: Iterable[Remark], words: Wording | None = None) -> list[str]:
    """Return remarks as sentences."""
    return [remark.said(words) for remark in remarks]
