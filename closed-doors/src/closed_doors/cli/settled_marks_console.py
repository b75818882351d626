"""What every command does that hands marks out: it brings them up to date, and says whose moved."""

from rich.console import Console

from closed_doors.classroom.mark_preview import Move, compare
from closed_doors.cli.marks_preview_console import show_moves
from closed_doors.nbgrader.final_marks import bring_up_to_date, lateness
from closed_doors.nbgrader.gradebook_reader import read_marks
from closed_doors.nbgrader.settings import Settings


def settle_marks(settings: Settings, assignment: str, console: Console, dry_run: bool = False) -> list[Move]:
    """Bring the gradebook's penalties to what due dates, extensions, times of arrival, the rule and marks make them.

    Args:
        settings: the course.
        assignment: nbgrader's name for it.
        console: where to say whose final mark moves.
        dry_run: only say it.

    Returns:
        Everybody's mark, before and after.

    Raises:
        CourseError: the gradebook or received.csv can't be used.
    """
    rules, stored = lateness(settings), read_marks(settings.db_url, assignment)
    moves = [compare(marks, rules.applied(assignment, marks)) for marks in stored.values()]
    if changes := [move for move in moves if move.matters]:
        show_moves(console, changes, len(moves))
    if not dry_run:
        bring_up_to_date(settings, assignment)
    return moves
