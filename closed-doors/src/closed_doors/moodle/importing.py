"""`course moodle import`: from Moodle's archive to submitted/, with the times of arrival in received.csv.

Each student's folder is put in place whole, after everything in it is written beside it. Importing the same archive
again changes nothing. Newer work takes the place of older, which is kept in moodle/<assignment>/earlier/. Work that a
person changed in submitted/ since it was imported is left alone as long as Moodle has nothing newer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from enum import Enum
from pathlib import Path

from closed_doors.core.errors import CourseError
from closed_doors.core.files import replacement
from closed_doors.core.progress import Progress, silent
from closed_doors.moodle.archive import Item, Owner, open_archive
from closed_doors.moodle.match_students import Found, People, owners, people
from closed_doors.moodle.moodle_times import find_order, read_time
from closed_doors.moodle.participants import Roster, Student
from closed_doors.moodle.people_names import in_file_name, shown
from closed_doors.moodle.remembered_imports import Participant, Store, digest
from closed_doors.moodle.student_files import RESERVED, Work, sort_out
from closed_doors.moodle.worksheet import Row, Worksheet
from closed_doors.nbgrader.receipts import read_receipts, write_receipts
from closed_doors.nbgrader.settings import Settings
from closed_doors.notebook.which_notebook import grade_ids

FOLDER_MODE, FILE_MODE = 0o755, 0o644


class Done(Enum):
    """What became of a student's folder."""

    NEW = "new"
    NEWER = "newer work"
    SAME = "unchanged"
    CHANGED_HERE = "changed here"
    OLDER = "older than here"
    NOTHING = "nothing to import"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did for one student.

    Attributes:
        group: the group whose work it is; empty for the student's own.
        received: when Moodle had the work, in UTC; None where it is not known.
        remarks: what a person should know.
    """

    student: Student
    done: Done
    files: tuple[str, ...] = ()
    group: str = ""
    received: datetime | None = None
    remarks: tuple[str, ...] = ()


@dataclass(slots=True)
class Report:
    """What an import did, or would do.

    Attributes:
        outcomes: one for each student whose work is in the archive.
        unmatched: work that is nobody's, with the reason.
        left_out: files that were not taken, by student or owner, with the reason.
        people: members of the class or the worksheet who can't be told, with the reason.
        extensions: until when Moodle lets students hand in, in UTC.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    unmatched: list[tuple[str, str]] = field(default_factory=list)
    left_out: list[tuple[str, str, str]] = field(default_factory=list)
    people: list[tuple[str, str]] = field(default_factory=list)
    extensions: dict[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked of an import.

    Attributes:
        zone: the time zone of the worksheet's times.
        received: when all work arrived whose time the worksheet does not say; None where that is not known.
        dry_run: write nothing.
    """

    zone: tzinfo
    received: datetime | None = None
    dry_run: bool = False


class Import:
    """One call of the command.

    Args:
        settings: the course.
        assignment: nbgrader's name for the assignment.
        notebooks: names of its notebooks, without their suffix.
        roster: the class, earlier imports included.
        worksheet: the grading worksheet, where there is one.
        options: what is asked.
    """

    def __init__(
        self,
        settings: Settings,
        assignment: str,
        notebooks: Sequence[str],
        roster: Roster,
        worksheet: Worksheet | None,
        options: Options,
    ) -> None:
        self._settings = settings
        self._assignment = assignment
        self._masters = {name: _grade_ids(settings, assignment, name) for name in notebooks}
        self._roster = roster
        self._options = options
        self._store = Store(settings.root, assignment)
        self._record = self._store.record()
        self._receipts = read_receipts(settings.root)
        self._entered: dict[tuple[str, str], datetime] = {}
        self._order = find_order(row.submitted for row in worksheet.rows) if worksheet else None
        known = {
            number: student
            for number, one in self._record.participants.items()
            if (student := roster.students.get(one.student))
        }
        self._people: People = people(roster, worksheet, known)
        self._rows = {
            student.id: self._people.rows[number]
            for number, student in self._people.students.items()
            if number in self._people.rows
        }

    def run(self, archive: Path, progress: Progress = silent) -> Report:
        """Take in an archive.

        Raises:
            CourseError: the archive can't be read, or a folder can't be written to; what was taken in before stays.
        """
        report = Report(people=[*self._roster.left_out])
        for number, reason in self._people.left_out.items():
            report.people.append((f"{shown(self._people.rows[number].name)} ({number})", reason))
        try:
            with open_archive(archive) as opened:
                report.unmatched += opened.nobody
                found = owners(opened.owners, self._roster, self._people)
                for done, owner in enumerate(opened.owners, start=1):
                    items, left_out = opened.read(owner)
                    report.left_out += [(str(owner), name, reason) for name, reason in left_out]
                    self._take(owner, items, found[owner], report)
                    progress(done, len(opened.owners))
        except OSError as error:
            raise CourseError(
                f"Work can't be written: {error.strerror} ({error.filename}). What was taken in before stays; mend the "
                "folder or make room, then run again."
            ) from error
        finally:
            if not self._options.dry_run:
                self._store.keep_record(self._record)
                if self._entered:
                    write_receipts(self._settings.root, self._entered)
        self._note_extensions(report)
        report.outcomes.sort(key=lambda outcome: outcome.student.id)
        return report

    def members(self, report: Report) -> list[Student]:
        """Return who takes part, by the worksheet or by work; the list of participants names teachers too."""
        students = [*self._people.students.values(), *(outcome.student for outcome in report.outcomes)]
        return list({student.id: student for student in students}.values())

    def _note_extensions(self, report: Report) -> None:
        """Read until when Moodle lets students hand in, whether or not they have."""
        for student, row in self._rows.items():
            if not row.extension:
                continue
            try:
                moment = read_time(row.extension.partition(" - ")[0], self._options.zone, self._order)
            except ValueError:
                moment = None
            if moment is None:
                reason = (
                    f"Moodle grants until {shown(row.extension)}, which can't be read: course student extend {student}"
                )
                report.people.append((student, f"{reason} {self._assignment} TIME"))
            else:
                report.extensions[student] = moment.astimezone(UTC)

    def _take(self, owner: Owner, items: list[Item], found: Found, report: Report) -> None:
        if not found.students:
            report.unmatched.append((str(owner), found.reason))
            return
        work = sort_out(items, self._masters)
        report.left_out += [(str(owner), name, reason) for name, reason in work.left_out]
        for student in found.students:
            report.outcomes.append(self._place(student, work, found.group))
            row = self._rows.get(student.id)
            number = row.number if row else "" if found.group else owner.number
            if number:
                name = in_file_name(row.name) if row and row.name else owner.name
                self._record.participants[number] = Participant(student.id, name)

    def _place(self, student: Student, work: Work, group: str) -> Outcome:
        """Put one student's work in place, unless what is there is the same, newer, or changed by hand."""
        folder = self._settings.folder("submitted", student.id, self._assignment)
        row = self._rows.get(student.id)
        remarks = list(work.remarks)
        received = self._time(row, remarks)
        content = digest(work.files.items())
        here = _digest_of(folder)
        done = self._judge(student, work, content, here, received)
        if done in (Done.NEW, Done.NEWER):
            if not self._options.dry_run:
                _put(folder, work.files, self._store.folder / "earlier" / student.id)
                self._record.content[student.id] = content
            if done is Done.NEWER:
                remarks.append(f"what was here is in moodle/{self._assignment}/earlier/{student.id}")
        elif done is Done.SAME:
            self._record.content[student.id] = content
        self._enter(student, done, received)
        return Outcome(student, done, tuple(sorted(work.files)), group, received, tuple(remarks))

    def _judge(self, student: Student, work: Work, content: str, here: str | None, received: datetime | None) -> Done:
        if not work.files:
            return Done.NOTHING
        if here is None:
            return Done.NEW
        if here == content:
            return Done.SAME
        if self._record.content.get(student.id) == content:
            return Done.CHANGED_HERE
        before = self._receipts.of(student.id, self._assignment)
        return Done.OLDER if received and before and received < before else Done.NEWER

    def _time(self, row: Row | None, remarks: list[str]) -> datetime | None:
        """Return when Moodle had the work, and remark on what Moodle says of it."""
        if row is None:
            return self._options.received
        if row.late:
            remarks.append(f"Moodle says: {shown(row.late)} late")
        try:
            moment = read_time(row.submitted, self._options.zone, self._order)
        except ValueError:
            remarks.append(f"the time {shown(row.submitted)!r} can't be read")
            moment = None
        return moment.astimezone(UTC) if moment else self._options.received

    def _enter(self, student: Student, done: Done, received: datetime | None) -> None:
        """Note when the work that is in place arrived."""
        key = student.id, self._assignment
        if done in (Done.NEW, Done.NEWER) and received is None and self._receipts.of(*key):
            received = datetime.now(UTC).replace(microsecond=0)  # the time that is listed was other work's
        if done in (Done.NEW, Done.NEWER, Done.SAME) and received is not None:
            self._entered[key] = received


def _grade_ids(settings: Settings, assignment: str, notebook: str) -> frozenset[str]:
    """Return the names of a master's cells; none where there is no master here."""
    path = settings.folder("source", ".", assignment) / f"{notebook}.ipynb"
    return grade_ids(path.read_bytes()) if path.is_file() else frozenset()


def _digest_of(folder: Path) -> str | None:
    """Return the digest of the files in a folder; None where there is none."""
    if not folder.is_dir():
        return None
    files = []
    for path in folder.rglob("*"):
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue  # what Jupyter leaves where somebody only looked
        if path.parent == folder and path.name in RESERVED:
            continue  # grading notes there when the work arrived
        if path.is_symlink():
            files.append((str(path.relative_to(folder)), str(path.readlink()).encode()))
        elif path.is_file():
            files.append((str(path.relative_to(folder)), path.read_bytes()))
    return digest(files)


def _put(folder: Path, files: dict[str, bytes], earlier: Path) -> None:
    """Write a folder beside its place, keep what is there, and put it in place."""
    kept = earlier / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}Z"
    with replacement(folder, kept) as fresh:
        for name, data in files.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            path.chmod(FILE_MODE)
        fresh.chmod(FOLDER_MODE)
