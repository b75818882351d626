"""Steps of the course in nbgrader's own autograding that concern lateness; nbgrader_config.py names them."""

from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties, NbGraderPreprocessor
from traitlets import Float

from closed_doors.nbgrader.gradebook_writer import Penalty
from closed_doors.nbgrader.receipts import arrival, as_nbgrader_keeps_it, read_receipts
from closed_doors.nbgrader.source_folder import course_directory

DAY_S = 86_400


class PointsPerDay(LateSubmissionPlugin):  # type: ignore[misc]
    """Takes points off for each day begun after a grace period."""

    points_per_day = Float(0.0, help="Points taken off for each day begun; 0 takes none off.").tag(config=True)
    grace_minutes = Float(0.0, help="Lateness that is forgiven, in minutes.").tag(config=True)
    most_points = Float(float("inf"), help="The largest penalty, in points.").tag(config=True)

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:  # noqa: ARG002
        """Return the points to take off, or None; nbgrader calls it for each late notebook."""
        late_s = total_seconds_late - 60 * self.grace_minutes
        if late_s <= 0 or not self.points_per_day:
            return None
        return float(min(self.points_per_day * -(-late_s // DAY_S), self.most_points))


class TrustReceipts(NbGraderPreprocessor):  # type: ignore[misc]
    """Put the time at which the server received the work in place of the one that its timestamp.txt claims.

    It stands before AssignLatePenalties in `nbgrader autograde`.
    """

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Correct the submission's time in the gradebook; the notebook is left as it is."""
        names, coursedir = resources["nbgrader"], course_directory(self)
        student, assignment = names["student"], names["assignment"]
        folder = Path(coursedir.root, coursedir.format_path(coursedir.submitted_directory, student, assignment))
        received = read_receipts(Path(coursedir.root)).get((student, assignment))
        received = received or arrival([folder / f"{names['notebook']}.ipynb"])
        with Gradebook(names["db_url"], coursedir.course_id) as gradebook:
            gradebook.update_or_create_submission(assignment, student, timestamp=as_nbgrader_keeps_it(received))
        return nb, resources


def configured_penalty(config: Any) -> Penalty:
    """Return the penalty that nbgrader_config.py asks for, whatever plug-in it names."""
    plugin = AssignLatePenalties(config=config).plugin_class(config=config)
    penalty: Penalty = plugin.late_submission_penalty
    return penalty
