"""How long grading took, beside the verdicts, which hold no time: timings/<assignment>.csv, a line a graded notebook.

Lines are added as work is graded, by whichever command grades; of several for a notebook, the last one counts.
"""

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from closed_doors.core.files import replace
from closed_doors.core.ownership import give_to_folder, make_folder

COLUMNS = ("student_id", "notebook", "graded", "wall_s", "cpu_s")


@dataclass(frozen=True, slots=True)
class Timing:
    """What grading one notebook took.

    Attributes:
        graded: when, in UTC.
        wall_s: from its first sandbox to its last verdict, in seconds; longer where others were graded at the time.
        cpu_s: processor time of its sandboxes, in seconds.
    """

    graded: datetime
    wall_s: float
    cpu_s: float


def note_timing(root: Path, assignment: str, student: str, notebook: str, wall_s: float, cpu_s: float) -> None:
    """Add a line.

    Raises:
        OSError: the file can't be written.
    """
    path = _path(root, assignment)
    make_folder(path.parent)
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    if is_new := not path.exists():
        rows.writerow(COLUMNS)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    rows.writerow((student, notebook, now, f"{wall_s:.3f}", f"{cpu_s:.3f}"))
    with path.open("a", encoding="utf-8", newline="") as file:
        file.write(text.getvalue())
    if is_new:
        give_to_folder(path, shared=True)


def read_timings(root: Path, assignment: str) -> dict[tuple[str, str], Timing]:
    """Return what is known, by student and notebook; a line that can't be read is left out."""
    found = {}
    try:
        with _path(root, assignment).open(encoding="utf-8", errors="replace", newline="") as file:
            for row in csv.reader(file):
                try:
                    student, notebook, graded, wall, cpu = row
                    found[student, notebook] = Timing(datetime.fromisoformat(graded), float(wall), float(cpu))
                except ValueError:  # the first line, or one that a killed run left half written
                    continue
    except (OSError, csv.Error):
        return found
    return found


def rename_in_timings(root: Path, student: str, new: str | None) -> None:
    """Give a student's lines another id, or take them out where that is None.

    Raises:
        OSError: a file can't be written.
    """
    for path in timing_files(root, student):
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        for row in _rows(path):
            if row[:1] != [student]:
                writer.writerow(row)
            elif new is not None:
                writer.writerow([new, *row[1:]])
        replace(path, text.getvalue().encode("utf-8", "replace"))


def timing_files(root: Path, student: str) -> list[Path]:
    """Return the files that have a line of a student."""
    return [path for path in sorted((root / "timings").glob("*.csv")) if any(r[:1] == [student] for r in _rows(path))]


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        return list(csv.reader(file))


def _path(root: Path, assignment: str) -> Path:
    return root / "timings" / f"{assignment}.csv"
