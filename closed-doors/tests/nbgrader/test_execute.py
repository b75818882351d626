"""nbgrader's own button, where it must be what grading a class is."""

from closed_doors.grading.clocks.deadlines import Deadlines
from closed_doors.nbgrader.execute import ClosedDoors


def test_both_ways_give_a_submission_the_same_time() -> None:
    """A course that sets no limits has the same ones by nbgrader's button and by `course autograde`."""
    button = ClosedDoors()
    assert Deadlines(button.cell_timeout_s, button.submission_timeout_s) == Deadlines()
