"""Results that wait for a person's word before they are recorded, on disk: a class of them is too much for memory."""

import pickle
import tempfile
from collections.abc import Iterator
from pathlib import Path

from closed_doors.classroom.class_plan import Task
from closed_doors.classroom.grade_submission import GradedSubmission


class HeldResults:
    """Results of this process's own run; they are gone when it ends."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, task: Task, graded: GradedSubmission) -> None:
        """Keep one student's results."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="held-")  # open to its owner only
        Path(self._folder.name, f"{self._count:06}").write_bytes(pickle.dumps((task, graded)))
        self._count += 1

    def __iter__(self) -> Iterator[tuple[Task, GradedSubmission]]:
        if self._folder is None:
            return
        for number in range(self._count):
            kept: tuple[Task, GradedSubmission] = pickle.loads(  # noqa: S301  (written above, by this process)
                Path(self._folder.name, f"{number:06}").read_bytes()
            )
            yield kept

    def clear(self) -> None:
        """Drop them."""
        if self._folder is not None:
            self._folder.cleanup()
        self._folder, self._count = None, 0
