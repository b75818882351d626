"""Content that waits for a grading server: hand-ins/<job>/<student>/<assignment>/, beside submitted/ and in its form.

A folder is there whole or not at all, and before the queue knows of it. What lies in `.pages` beside it is what the
student may read.
"""

import hashlib
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace as with_values
from pathlib import Path

from closed_doors.classroom.read_submissions import EXCHANGE_NOTE
from closed_doors.core.errors import SubmissionError
from closed_doors.core.files import replace
from closed_doors.core.locks import only_one
from closed_doors.core.ownership import give_tree_to_folder, make_folder
from closed_doors.nbgrader.hand_in_queue import HAND_INS, Job, job_id
from closed_doors.nbgrader.receipts import TIMESTAMP
from closed_doors.nbgrader.settings import Settings
from closed_doors.notebook.ingest import read_bytes

_PAGES = ".pages"
_COMING = ".coming"
_INTAKE = ".intake.lock"
_RECEIPTS = ".received.lock"
_AT_WORK, _LOCKS = ".at-work", 64  # locks, each of which stands for a part of the class
PRIVATE = 0o700


class HandInStore:
    """The waiting content of one course.

    Args:
        settings: the course.
        course: its course_id.
    """

    def __init__(self, settings: Settings, course: str) -> None:
        self._settings = settings
        self._course = course
        self._folder = settings.root / HAND_INS

    @property
    def intake_lock(self) -> Path:
        """What a server holds while it takes work from the exchange."""
        return self._folder / _INTAKE

    @contextmanager
    def alone_with(self, student: str) -> Iterator[None]:
        """Let one server at a time write what is a student's: one that has lost its lease may be at it still.

        Raises:
            CourseError: the folder can't be written to.
        """
        number = int(hashlib.sha256(student.encode("utf-8", "surrogateescape")).hexdigest(), 16) % _LOCKS
        with only_one(self._folder / _AT_WORK / f"{number:02}", "", waiting=lambda _: None):
            yield

    @contextmanager
    def alone_with_receipts(self) -> Iterator[None]:
        """Let one server at a time enter when work came.

        Raises:
            CourseError: the folder can't be written to.
        """
        with only_one(self._folder / _RECEIPTS, "", waiting=lambda _: None):
            yield

    def prepare(self) -> None:
        """Make the folder, which is nobody else's to read."""
        if not self._folder.is_dir():
            make_folder(self._folder)
            self._folder.chmod(PRIVATE)

    def put(self, assignment: str, student: str, fill: Callable[[Path], None]) -> tuple[str, str]:
        """Keep content.

        Args:
            assignment: of the course.
            student: nbgrader's id.
            fill: writes it into a folder that is not there yet.

        Returns:
            The content's hash, and the id of its job.

        Raises:
            OSError: it can't be kept.
        """
        coming = self._folder / _COMING / uuid.uuid4().hex
        inner = coming / self.place("x", student, assignment).relative_to(self._folder / "x")
        make_folder(inner.parent)
        try:
            fill(inner)
            content = _digest(inner)
            number = job_id(self._course, assignment, student, content)
            if not self.place(number, student, assignment).is_dir():
                give_tree_to_folder(coming)
                _settle(coming)
                _put_in_place(inner, self.place(number, student, assignment))
        finally:
            shutil.rmtree(coming, ignore_errors=True)
        return content, number

    def settings(self, job: str) -> Settings:
        """Return the course's settings with this job's content as all that was handed in."""
        config = deepcopy(self._settings.config)
        config.CourseDirectory.submitted_directory = f"{HAND_INS}/{job}"
        return with_values(self._settings, config=config)

    def place(self, job: str, student: str, assignment: str) -> Path:
        """Return the folder of a job's content."""
        return self.settings(job).folder("submitted", student, assignment)

    def drop_work(self, job: Job) -> None:
        """Remove content that lies elsewhere now; pages stay."""
        shutil.rmtree(self.place(job.id, job.student, job.assignment), ignore_errors=True)

    def keep_pages(self, job: Job, pages: Mapping[str, bytes], told: str) -> None:
        """Keep what the student of a job may read."""
        for name, page in pages.items():
            replace(self._pages(job) / told / f"{name}.html", page, 0o600)

    def pages(self, job: Job, told: str) -> dict[str, bytes]:
        """Return the pages that were kept, by notebook."""
        return {path.stem: path.read_bytes() for path in sorted((self._pages(job) / told).glob("*.html"))}

    def _pages(self, job: Job) -> Path:
        return self._folder / job.id / job.student / _PAGES


def _digest(folder: Path) -> str:
    """Return a hash of what a student handed in, times and nbgrader's own notes aside."""
    found = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()):
        name = path.relative_to(folder).as_posix()
        if name in (TIMESTAMP, EXCHANGE_NOTE):
            continue
        try:
            data = read_bytes(path, folder)
        except SubmissionError as error:  # larger than is ever read: its refusal is its content
            data = str(error).encode()
        found.update(f"{len(name.encode('utf-8', 'surrogateescape'))} {len(data)}\0".encode())
        found.update(os.fsencode(name) + data)
    return found.hexdigest()


def _settle(folder: Path) -> None:
    """Have the disk hold what a folder holds: the queue must not know of more."""
    for path in (folder, *folder.rglob("*")):
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _put_in_place(coming: Path, target: Path) -> None:
    """Move a folder to where it belongs; another server may just have put the same there."""
    make_folder(target.parent)
    try:
        coming.rename(target)
    except OSError:
        if not target.is_dir():
            raise
