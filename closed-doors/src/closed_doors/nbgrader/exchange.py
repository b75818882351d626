"""nbgrader's exchange, taken in by what the server saw: `nbgrader collect` and formgrader's button use this step.

Students write their own folders in the exchange, and nbgrader believes three things that they write: whose work it is
and when it came (the folder's name, timestamp.txt), and that a file is a file (it follows links, with the instructor's
rights). Here a folder has to belong to the account that it names, the time is the kernel's (the last change of anything
in it, which no program can set back), and only ordinary files are taken. The time goes to received.csv and into the
collected timestamp.txt. nbgrader_config.py names the step.
"""

import os
import pwd
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TypedDict

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.exchange.default.collect import ExchangeCollect
from nbgrader.utils import check_mode, ignore_patterns, parse_utc

from closed_doors.core.errors import SubmissionError
from closed_doors.core.ownership import give_tree_to_folder, make_folder
from closed_doors.core.terminal import plain_line
from closed_doors.nbgrader.receipts import TIMESTAMP, as_timestamp, came_here, write_receipts
from closed_doors.notebook.ingest import read_bytes

MOST_FILES = 1000
GROUP_FOLDER, GROUP_FILE = 0o2770, 0o660


class Record(TypedDict):
    """One hand-in, in ExchangeCollect's form, and when it arrived."""

    username: str
    filename: str
    timestamp: datetime
    arrived: datetime


class CollectByArrival(ExchangeCollect):  # type: ignore[misc]
    """Collect each student's last work, by the time at which the server had it.

    `check_owner = False` trusts the names of folders, for a server on which all students share one account.
    """

    def init_src(self) -> None:
        """Find what is to be collected; the exchange calls it first."""
        if self.coursedir.course_id == "":
            self.fail("No course id specified. Re-run with --course flag.")
        self.course_path = os.path.join(self.root, self.coursedir.course_id)  # noqa: PTH118  (nbgrader's attribute)
        self.inbound_path = os.path.join(self.course_path, "inbound")  # noqa: PTH118
        inbound = Path(self.inbound_path)
        if not inbound.is_dir():
            self.fail(f"Course not found: {inbound}")
        if not check_mode(self.inbound_path, read=True, execute=True):
            self.fail(f"You don't have read permissions for the directory: {inbound}")
        self._arrived: dict[tuple[str, str], datetime] = {}
        by_student: dict[str, list[Record]] = {}
        for record in self._records(inbound):
            by_student.setdefault(record["username"], []).append(record)
        due = self._due() if self.before_duedate else None
        self.src_records = [_last(records, due) for _, records in sorted(by_student.items())]

    def copy_files(self) -> None:
        """Copy, and enter when the work arrived."""
        try:
            super().copy_files()
        finally:
            if self._arrived:
                write_receipts(Path(self.coursedir.root), self._arrived)

    def do_copy(self, src: str, dest: str, log: object = None) -> None:  # noqa: ARG002
        """Copy the ordinary files of one student's folder; ExchangeCollect calls it for each."""
        record = next(one for one in self.src_records if one["filename"] == Path(src).name)
        self.take(Path(src), Path(dest), record)
        self._arrived[record["username"], self.coursedir.assignment_id] = record["arrived"]

    def take(self, source: Path, dest: Path, record: Record) -> None:
        """Copy the ordinary files of one student's folder, and note when it arrived."""
        room = 1000 * self.coursedir.max_dir_size
        for number, path in enumerate(self._ordinary(source)):
            if room < 0 or number >= MOST_FILES:
                self.log.warning(
                    "Not collected whole, it holds too much (CourseDirectory.max_dir_size): %s", plain_line(str(source))
                )
                break
            try:
                data = read_bytes(path, source.parent)
            except SubmissionError as error:
                self.log.warning("Not collected: %s", plain_line(str(error)))
                continue
            room -= len(data)
            target = Path(dest, path.relative_to(source))
            make_folder(target.parent)
            target.write_bytes(data)
        make_folder(dest)
        Path(dest, TIMESTAMP).write_bytes(as_timestamp(record["arrived"]))
        give_tree_to_folder(dest)
        if self.coursedir.groupshared:
            _share(dest)

    def _records(self, inbound: Path) -> Iterator[Record]:
        """Yield the folders of the assignment that are whose they say; others are named in the log."""
        wanted = self.coursedir.student_id or "*"
        for path in sorted(inbound.iterdir()):
            student, *rest = path.name.split(f"+{self.coursedir.assignment_id}+", 1)
            if rest and student and wanted in ("*", student) and (record := self.record(path, student)) is not None:
                yield record

    def record(self, path: Path, student: str) -> Record | None:
        """Return what the server saw of a folder that names a student; None, and the reason in the log, otherwise."""
        about = path.lstat()
        if not stat.S_ISDIR(about.st_mode):
            self.log.warning("Not collected, it is no folder: %s", plain_line(str(path)))
        elif self.check_owner and _name(about.st_uid) != student:
            self.log.warning(
                "Not collected: %s claims to be submitted by %s but is owned by %s. Where all students share one "
                "account, set c.ExchangeCollect.check_owner = False.",
                plain_line(str(path)),
                plain_line(student),
                _name(about.st_uid),
            )
        elif (arrived := came_here([path, *path.rglob("*")])) is None:
            self.log.warning("Not collected, it was taken away meanwhile: %s", plain_line(str(path)))
        else:
            timestamp = arrived.replace(tzinfo=None)  # nbgrader's are in UTC, and don't say so
            return {"username": student, "filename": path.name, "timestamp": timestamp, "arrived": arrived}
        return None

    def _ordinary(self, folder: Path) -> Iterator[Path]:
        """Yield what is to be copied; links to folders are not walked into."""
        skip = ignore_patterns(
            exclude=self.coursedir.ignore,
            include=self.coursedir.include,
            max_file_size=self.coursedir.max_file_size,
            log=self.log,
        )
        for place, folders, names in os.walk(folder, followlinks=False):
            skipped = set(skip(place, [*folders, *names]))
            folders[:] = [name for name in folders if name not in skipped]
            for name in names:
                if name not in skipped and name != TIMESTAMP:
                    yield Path(place, name)

    def _due(self) -> datetime | None:
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            try:
                return parse_utc(gradebook.find_assignment(self.coursedir.assignment_id).duedate)  # type: ignore[no-any-return]
            except MissingEntry:
                return None


def _last(records: list[Record], due: datetime | None) -> Record:
    """Return the last work that arrived, in time where some did."""
    in_time = [one for one in records if due is not None and one["timestamp"] <= due]
    return max(in_time or records, key=lambda one: (one["arrived"], one["filename"]))


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"an unknown account ({uid})"


def _share(folder: Path) -> None:
    """Let the instructors' group write, as nbgrader does in a course that a group shares."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(path.stat().st_mode | (GROUP_FOLDER if path.is_dir() else GROUP_FILE))
