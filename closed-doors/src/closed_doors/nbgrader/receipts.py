"""When work was received, by the server's word and never by the student's.

nbgrader reads timestamp.txt in the folder handed in, which is the student's to write. Here the time comes from
received.csv in the course's folder, where whoever takes work in (the course's own commands, a script, an instructor)
enters it; for work that is not listed, it is the kernel's own note of when the file came into submitted/ (its ctime,
which no program can set back).

    student_id,assignment_id,received
    alice,masque_causal,2026-10-12T23:58:03+02:00
"""

import csv
import io
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from closed_doors.core.errors import LayoutError
from closed_doors.core.files import replace

NAME = "received.csv"
TIMESTAMP = "timestamp.txt"  # nbgrader's own note of it, beside the work
COLUMNS = ("student_id", "assignment_id", "received")

Receipts = Mapping[tuple[str, str], datetime]


def read_receipts(root: Path) -> dict[tuple[str, str], datetime]:
    """Return the times listed in received.csv by student and assignment, in UTC; none where there is no such file.

    Raises:
        LayoutError: a line can't be read.
    """
    path = root / NAME
    if not path.exists():
        return {}
    found = {}
    with path.open(newline="", encoding="utf-8-sig") as stream:
        rows = csv.DictReader(stream)
        if not set(COLUMNS) <= set(rows.fieldnames or ()):
            raise LayoutError(f"{path} must begin with the line {','.join(COLUMNS)!r}.")
        for number, row in enumerate(rows, start=2):
            try:
                moment = datetime.fromisoformat(row["received"])
                if moment.tzinfo is None:
                    raise ValueError("it has no UTC offset")
            except (ValueError, TypeError) as error:
                raise LayoutError(
                    f"{path}, line {number}: {row['received']!r} is not a time such as 2026-10-12T23:58:03+02:00 "
                    f"({error})."
                ) from error
            found[row["student_id"], row["assignment_id"]] = moment.astimezone(UTC)
    return found


def write_receipts(root: Path, receipts: Receipts) -> None:
    """Enter times into received.csv; what it holds of others stays."""
    merged = read_receipts(root) | dict(receipts)
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    rows.writerows((*key, moment.astimezone(UTC).isoformat()) for key, moment in sorted(merged.items()))
    replace(root / NAME, text.getvalue().encode())


def arrival(files: Iterable[Path]) -> datetime | None:
    """Return when the last of these files came to this machine, in UTC; None where there is no file."""
    moments = []
    for path in files:
        try:
            moments.append(os.lstat(path).st_ctime)
        except OSError:
            continue
    return datetime.fromtimestamp(max(moments), UTC).replace(microsecond=0) if moments else None


def as_timestamp(moment: datetime) -> bytes:
    """Return the content of nbgrader's timestamp.txt."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC\n".encode()


def as_nbgrader_keeps_it(moment: datetime | None) -> datetime | None:
    """Return a time in UTC without its zone, as the gradebook holds it."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None
