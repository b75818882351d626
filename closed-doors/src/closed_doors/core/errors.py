"""What can go wrong, as types that a caller tells apart.

CourseError            anything that the command line tells the user in one message, exit code 1
├── LayoutError        the folder is not a course, or an assignment has no such name
├── ProfileError       course.toml, or what a course declares elsewhere, is not as expected
├── MasterError        masters/ and source/ disagree, or a master can't be read
├── HostError          nbgrader refused or failed: its own log is part of the message
├── SubmissionError    a submission can't be graded as it is; the message is for the TA
├── GradebookError     the gradebook can't be read or written; nothing is half written
├── MoodleError        a file from Moodle can't be read, or does not fit the course
├── SandboxError       this machine can't close student code in
├── RefusedMasterError a master's own solution does not earn its points: nobody is graded on it
├── QualityError       labelled answers or the list of equivalent mutants can't be read
└── ExecutionError     grading itself failed: never the student's fault, never a zero
"""

from collections.abc import Sequence
from functools import partial

from closed_doors.core.wording import Argument, say


class CourseError(Exception):
    """A failure that a person can mend: its message says what was expected, what came and what to do."""


class LayoutError(CourseError):
    """The course's folders are not as expected."""


class ProfileError(CourseError):
    """What the course says of itself can't be used."""


class MasterError(CourseError):
    """A master notebook and its text disagree, or one of them can't be read."""


class HostError(CourseError):
    """An nbgrader step failed."""


class SubmissionError(CourseError):
    """What was handed in can't be graded as it is.

    Args:
        code: why, as the wording has it under `submission`.
        arguments: what its sentence says.
    """

    def __init__(self, code: str, /, **arguments: Argument) -> None:
        super().__init__(f"{say(f'submission.{code}', **arguments)} {say('submission.remedy')}")
        self.code = code
        self.arguments = arguments

    def __reduce__(self) -> tuple[object, ...]:
        """Return what pickle makes the error of anew: a worker may be another machine."""
        return partial(SubmissionError, **self.arguments), (self.code,)


class GradebookError(CourseError):
    """The gradebook can't be used."""


class MoodleError(CourseError):
    """A file from Moodle is not as expected."""


class SandboxError(CourseError):
    """Student code can't be closed in here."""


class QualityError(CourseError):
    """What an assignment's grading cells are to be tried on can't be used."""


class RefusedMasterError(CourseError):
    """A master does not earn its own points behind closed doors: nobody is graded on it.

    Args:
        cells: what is wrong, a sentence for each cell.
    """

    def __init__(self, cells: Sequence[str]) -> None:
        listed = "".join(f"\n  - {cell}" for cell in cells)
        super().__init__(
            f"Nobody is graded: the master's own solution does not earn these points behind closed doors.{listed}\n"
            "`course try ASSIGNMENT` compares every cell with an ordinary kernel. `course autograde --grade-the-rest`, "
            "or c.ClosedDoors.grade_the_rest = True, grades all other cells and leaves these to a person."
        )
        self.cells = tuple(cells)

    def __reduce__(self) -> tuple[object, ...]:
        """Return what pickle makes the error of anew: a worker may be another machine."""
        return RefusedMasterError, (self.cells,)


class ExecutionError(CourseError):
    """Grading failed for a reason that is not the student's."""
