"""A failure seen from near: the exception, the frames that it passed, and what the grading cell was doing then."""

import ast
import linecache
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType, TracebackType

from .cells import only_a_stub, parsed

# The files of grading cells: a function of one is used in another at times, and is no student's.
check_cells: set[str] = set()


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure: the exception, and the frames that it passed, the oldest first.

    Attributes:
        hidden: whether the test is hidden: nothing more is asked of the student's code then.
    """

    error: BaseException
    frames: list[tuple[FrameType, int]]
    filename: str
    hidden: bool = True

    @classmethod
    def of(cls, error: BaseException, filename: str, hidden: bool = True) -> "Failure":
        """Return the failure that an exception out of a test of this cell tells of."""
        return cls(error, _frames(error.__traceback__), filename, hidden)

    @property
    def in_cell(self) -> list[tuple[FrameType, int]]:
        """The frames of the grading cell, and of functions of another one that it uses."""
        return [(frame, line) for frame, line in self.frames if self.is_of_the_tests(frame.f_code.co_filename)]

    def is_of_the_tests(self, filename: str) -> bool:
        """Whether a file is this grading cell's, or another one's."""
        return filename == self.filename or filename in check_cells

    @property
    def raised_by_student(self) -> bool:
        """Whether the error came from the student's code, here or, when graded, in another process."""
        return bool(self.student) or hasattr(self.error, "student_place")

    @property
    def student(self) -> list[tuple[FrameType, int]]:
        """The frames of the student's code: in the cell's namespace, and of another file."""
        if not self.in_cell:
            return []
        namespace = self.in_cell[0][0].f_globals
        return [
            (frame, line)
            for frame, line in self.frames
            if frame.f_globals is namespace and not self.is_of_the_tests(frame.f_code.co_filename)
        ]

    @property
    def place(self) -> tuple[int, str, str] | None:
        """The last line of the student's code that the error passed: its number, its text, its function."""
        if self.student:
            frame, line = self.student[-1]
            return line, linecache.getline(frame.f_code.co_filename, line).strip(), frame.f_code.co_name
        place: tuple[int, str, str] | None = getattr(self.error, "student_place", None)
        return place

    @property
    def is_a_stub(self) -> bool:
        """Whether it is `raise NotImplementedError()` itself, and not PyTorch that lacks an operation."""
        return isinstance(self.error, NotImplementedError) and (
            self.place is None or NotImplementedError.__name__ in self.place[1]
        )

    def is_only_a_stub(self, source: str) -> bool:
        """Whether the function that raised the error holds nothing else.

        Args:
            source: the answer cell's text, where only the caller knows it.
        """
        if self.student:
            source = "".join(linecache.getlines(self.student[-1][0].f_code.co_filename))
        return self.place is None or only_a_stub(source, self.place[0])

    def at_line(self) -> Iterator[ast.stmt | ast.expr]:
        """Yield the statements and expressions of the grading cell that pass through the line where it was."""
        if not self.in_cell:
            return
        frame, line = self.in_cell[-1]
        for node in ast.walk(tree_of(frame.f_code.co_filename)):
            if isinstance(node, ast.stmt | ast.expr) and node.lineno <= line <= (node.end_lineno or node.lineno):
                yield node


def tree_of(filename: str) -> ast.Module:
    """Return the tree of a grading cell; empty where it has IPython's commands."""
    return parsed("".join(linecache.getlines(filename)))


def _frames(traceback: TracebackType | None) -> list[tuple[FrameType, int]]:
    found = []
    while traceback is not None:
        found.append((traceback.tb_frame, traceback.tb_lineno))
        traceback = traceback.tb_next
    return found
