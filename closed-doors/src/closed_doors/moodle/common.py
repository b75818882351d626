"""What both commands of `course moodle` share: who is in the class, and lists on the terminal."""

from collections.abc import Iterable
from pathlib import Path

from rich.console import Console

from closed_doors.core.errors import MoodleError
from closed_doors.moodle.participants import Roster, read_roster
from closed_doors.moodle.store import Store

MOST_ROWS = 60


def find_class(store: Store, roster: Path | None, worksheet: Path | None, source: str | None) -> Roster:
    """Return the class: the list that is given, else the worksheet, in what earlier imports knew.

    Raises:
        MoodleError: nothing says who is in the class.
    """
    before = store.roster()
    if source == "participant":
        return store.merged(Roster({}, source))
    origin = roster or (worksheet if before is None else None)
    if origin is not None:
        wanted = source or (before.source if before and before.source != "participant" else None)
        return store.merged(read_roster(origin, wanted))
    if before is None:
        raise MoodleError(
            "Nothing says who is in the class: give Moodle's list of participants with --roster, or the assignment's "
            "grading worksheet with --worksheet."
        )
    return store.merged(Roster({}, source or before.source))


def list_rows(console: Console, title: str, rows: Iterable[tuple[str, str]]) -> None:
    """Print names with the reasons, under a title; nothing where there are none."""
    there = list(rows)
    if not there:
        return
    console.print(f"{title}:")
    for name, why in there[:MOST_ROWS]:
        console.print(f"  {name}: {why}" if why else f"  {name}", markup=False, soft_wrap=True)
    if len(there) > MOST_ROWS:
        console.print(f"  … and {len(there) - MOST_ROWS} more.")


def count(number: int, thing: str) -> str:
    """Return a number with its noun."""
    return f"{number} {thing}{'' if number == 1 else 's'}"
