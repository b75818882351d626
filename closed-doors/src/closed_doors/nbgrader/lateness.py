"""Steps of the course in nbgrader's own autograding that concern lateness; nbgrader_config.py names them."""

from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Float

from closed_doors.nbgrader.arrival import Noted, find_arrival, put_timestamp, stands_beside
from closed_doors.nbgrader.gradebook_database import Database
from closed_doors.nbgrader.gradebook_reader import Earlier, earlier_in, granted_in
from closed_doors.nbgrader.penalty_rules import PointsADay
from closed_doors.nbgrader.receipts import as_nbgrader_keeps_it, read_receipts
from closed_doors.nbgrader.submission_paths import course_directory
from closed_doors.notebook.json_files import JsonObject


class PointsPerDay(LateSubmissionPlugin):  # type: ignore[misc]
    """Takes points off for each day begun after a grace period."""

    points_per_day = Float(0.0, help="Points taken off for each day begun; 0 takes none off.").tag(config=True)
    grace_minutes = Float(0.0, help="Lateness that is forgiven, in minutes.").tag(config=True)
    most_points = Float(float("inf"), help="The largest penalty, in points.").tag(config=True)

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """Return the points to take off, or None; nbgrader calls it for each late notebook."""
        rule = PointsADay(self.points_per_day, self.grace_minutes, self.most_points)
        return rule(student_id, score, total_seconds_late)


class TrustReceipts(NbGraderPreprocessor):  # type: ignore[misc]
    """Put the time at which the server received the work in place of the one that its timestamp.txt claims.

    It stands before AssignLatePenalties in `nbgrader autograde`. nbgrader has by then put what timestamp.txt says into
    the gradebook, so that is no record here.
    """

    def preprocess(self, nb: NotebookNode, resources: JsonObject) -> tuple[NotebookNode, JsonObject]:
        """Correct the submission's time in the gradebook; the notebook is left as it is."""
        names, coursedir = resources["nbgrader"], course_directory(self)
        student, assignment = names["student"], names["assignment"]
        folder = Path(coursedir.root, coursedir.format_path(coursedir.submitted_directory, student, assignment))
        with Database(names["db_url"]).transaction() as db:
            earlier = earlier_in(db, assignment, (student,)).get(student, Earlier())
            extension = granted_in(db, assignment, student)
        unchanged = earlier.received if stands_beside(folder, earlier.received) else None
        listed = as_nbgrader_keeps_it(read_receipts(Path(coursedir.root)).of(student, assignment))
        arrival = find_arrival(Noted(listed, unchanged), folder, folder.glob("*.ipynb"), earlier.deadline)
        if arrival.doubt:
            self.log.warning("%s: %s", student, arrival.doubt)
        with Gradebook(names["db_url"], coursedir.course_id) as gradebook:
            known = {} if extension is None else {"extension": extension}
            gradebook.update_or_create_submission(assignment, student, timestamp=arrival.at, **known)
        put_timestamp(folder, arrival.at)
        return nb, resources
