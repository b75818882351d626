"""nbgrader's own button and `nbgrader autograde`, in the warm process of a server that runs for the course.

nbgrader_config.py names the preprocessor. Where no server runs, or one of another version, it grades in this process.
"""

from closed_doors.classroom.fingerprint import imported_libraries
from closed_doors.classroom.grade_submission import Assignment, Submission
from closed_doors.classroom.running_server import RunningServer, running_server
from closed_doors.core.errors import ExecutionError
from closed_doors.core.wording import wording
from closed_doors.grading.one_notebook import OneGraded, refused_cells
from closed_doors.grading.verdict.remark import sentences
from closed_doors.grading.verdict.verdict import Status
from closed_doors.nbgrader.execute import ClosedDoors
from closed_doors.nbgrader.handed_out import handed_out
from closed_doors.nbgrader.settings import inside_cells, read_deadlines, read_stubs
from closed_doors.nbgrader.submission_paths import Submitted, known_wrong
from closed_doors.notebook.json_files import parse, serialise


class ServedClosedDoors(ClosedDoors):
    """Have a submission graded by the course's server, which has all that it takes in memory."""

    def grade(self, work: Submitted) -> OneGraded:
        """Grade what was handed in, on the server where there is one.

        Raises:
            CourseError: the sandbox or the grading itself failed, or the server is gone; there is no mark.
        """
        server = running_server(work.root)
        if server is None:
            return super().grade(work)
        assignment = self._assignment(work)
        return _asked(server, assignment, work) if server.fits(assignment) else super().grade(work)

    def _assignment(self, work: Submitted) -> Assignment:
        """Return the assignment with this notebook alone: nbgrader calls for one after the other."""
        masters = ((work.notebook, serialise(work.master())),)
        files = handed_out(work.root, work.assignment)
        known = known_wrong(work.root, work.assignment, work.notebook)
        return Assignment(
            work.assignment,
            masters,
            files,
            read_deadlines(self.config),
            ((work.notebook, known),) if known else (),
            read_stubs(self.config),
            imported_libraries(masters, files),
            self.grade_the_rest,
            inside_cells(work.root, work.assignment),
        )


def _asked(server: RunningServer, assignment: Assignment, work: Submitted) -> OneGraded:
    data = serialise(work.handed_in())
    refused_cells(server.refusals(assignment, work.notebook), assignment.grade_the_rest)
    (graded,) = server.grade(assignment, Submission(work.student, ((work.notebook, data),))).notebooks
    verdict = graded.verdict
    if verdict.status is not Status.GRADED or graded.autograded is None:
        said = sentences((verdict.reason,) if verdict.reason else (), wording(assignment.language))
        raise ExecutionError(" ".join(said) or f"The course's server gave no mark ({verdict.status.value}).")
    return OneGraded(
        parse(graded.autograded),
        verdict.cells,
        verdict.remarks,
        graded.checksums,
        graded.wall_s,
        graded.cpu_s,
        verdict.judged_alone,
    )
