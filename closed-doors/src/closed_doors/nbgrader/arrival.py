"""When one student's work arrived: what the course knows of it, in the order in which it is believed.

1. A line of received.csv.
2. What was noted when this very content was first graded.
3. What another record of the course says: the gradebook of work that nbgrader graded before these tools came, and
   timestamp.txt beside work that the exchange collected (it leaves a secret beside it). The later of the two counts.
4. The kernel's note of when the file came here (its ctime), which no program can set back, but which a copy, a move or
   a restored backup sets anew.

A student can write timestamp.txt, so alone it is no record; and a ctime is no proof of lateness. So wherever the two
disagree about the due date, the choice is said (`Arrival.doubt`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from closed_doors.core.files import replace
from closed_doors.nbgrader.receipts import TIMESTAMP, as_nbgrader_keeps_it, as_timestamp, came_here

SECRET = "submission_secret.txt"  # noqa: S105  (a file's name: nbgrader's exchange leaves it beside collected work)
_COPYING = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Noted:
    """What the course's own records say of when a student's work arrived; all in UTC without a zone.

    Attributes:
        listed: by received.csv.
        same_content: noted when this very content was first graded.
        recorded: by the gradebook, of work that other tools graded.
    """

    listed: datetime | None = None
    same_content: datetime | None = None
    recorded: datetime | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """When work arrived, and what is doubtful about it.

    Attributes:
        at: in UTC without a zone, to the second, as nbgrader keeps time; None where there is nothing to go by.
        doubt: why a person should look, in a sentence; empty where the time is sure or lateness does not hang on it.
    """

    at: datetime | None
    doubt: str = ""


def find_arrival(noted: Noted, folder: Path, files: Iterable[Path], deadline: datetime | None) -> Arrival:
    """Return when the work in a folder arrived.

    Args:
        noted: what the course's records say.
        folder: the work, under submitted/.
        files: what is graded of it.
        deadline: until when this student may hand in, in UTC without a zone; None where there is no due date.
    """
    sure = noted.listed or noted.same_content
    if sure is not None:
        return Arrival(sure.replace(microsecond=0))
    came = as_nbgrader_keeps_it(came_here(files))
    claimed = _claimed(folder / TIMESTAMP)
    collected = claimed if (folder / SECRET).is_file() else None
    record = _latest(noted.recorded, claimed if noted.recorded else collected)
    if record is not None:
        record = record.replace(microsecond=0)
        return Arrival(record, _only_by_its_file(record, came, deadline))
    return Arrival(came, _late_by_its_file(came, claimed, deadline))


def stands_beside(folder: Path, at: datetime | None) -> bool:
    """Whether the timestamp.txt beside the work gives this time: then the folder was not replaced since."""
    return at is not None and _claimed(folder / TIMESTAMP) == at


def put_timestamp(folder: Path, at: datetime | None) -> None:
    """Write the time of arrival beside the work, as the exchange does, and where formgrader compares it.

    formgrader lists work as graded where this file and the gradebook say the same. A folder that can't be written to
    is left as it is: nothing but that list depends on it.
    """
    path = folder / TIMESTAMP
    if at is None or folder.is_symlink() or not folder.is_dir():
        return
    data = as_timestamp(at.replace(tzinfo=UTC))
    try:
        if path.is_symlink() or not path.is_file() or path.read_bytes() != data:
            replace(path, data)
    except OSError:
        return


def _only_by_its_file(record: datetime, came: datetime | None, deadline: datetime | None) -> str:
    """Say so where the file is late and the record is not, or less."""
    if came is None or deadline is None or came <= deadline or came - record < _COPYING:
        return ""
    return f"counts as received {record} UTC by an earlier record; its file came here {came} UTC, after the due date"


def _late_by_its_file(came: datetime | None, claimed: datetime | None, deadline: datetime | None) -> str:
    """Say so where work is late by the time of its file and by nothing else."""
    if came is None or deadline is None or came <= deadline:
        return ""
    said = f"; its timestamp.txt, which the student may have written, says {claimed} UTC" if claimed else ""
    return (
        f"late by the time at which its file came here ({came} UTC) and by nothing else{said}. If it was copied or "
        "moved since it arrived, enter the time in received.csv"
    )


def _claimed(path: Path) -> datetime | None:
    """Return the time that a timestamp.txt gives; None where it can't be read as one."""
    try:
        text = "" if path.is_symlink() else path.read_bytes()[:100].decode("utf-8", "replace").strip()
    except OSError:
        return None
    try:
        moment = datetime.fromisoformat(text.removesuffix("UTC").strip())
    except ValueError:
        return None
    return moment if moment.tzinfo is None else as_nbgrader_keeps_it(moment)


def _latest(*moments: datetime | None) -> datetime | None:
    there: Iterable[datetime] = (moment for moment in moments if moment is not None)
    return max(there, default=None)
