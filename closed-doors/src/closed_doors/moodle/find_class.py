"""Who is in the class, from a list of participants, a worksheet, or what earlier imports knew."""

from pathlib import Path

from closed_doors.core.errors import MoodleError
from closed_doors.moodle.participants import Roster, read_roster
from closed_doors.moodle.remembered_imports import Store


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
