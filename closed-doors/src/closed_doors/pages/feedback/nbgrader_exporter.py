"""`nbgrader generate_feedback` and formgrader's button, with the course's pages: an exporter that they name.

c.GenerateFeedback.exporter_class = "closed_doors.pages.feedback.nbgrader_exporter.FeedbackExporter"
"""

from pathlib import Path

from nbconvert.exporters import Exporter
from nbformat import NotebookNode

from closed_doors.core.errors import CourseError
from closed_doors.grading.verdict.verdict_file import read_verdict
from closed_doors.nbgrader.final_marks import bring_up_to_date, read_final_marks
from closed_doors.nbgrader.settings import read_settings
from closed_doors.notebook.json_files import JsonObject
from closed_doors.pages.feedback.feedback_content import Work
from closed_doors.pages.feedback.feedback_page import feedback_page


class FeedbackExporter(Exporter):  # type: ignore[misc]
    """Makes the page of one autograded notebook."""

    output_mimetype = "text/html"

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(
        self, nb: NotebookNode, resources: JsonObject | None = None, **options: object
    ) -> tuple[str, JsonObject]:
        """Return the page; nbgrader calls it once per autograded notebook, and writes what it returns.

        Raises:
            CourseError: the gradebook has no marks for the work.
        """
        nb, resources = super().from_notebook_node(nb, resources, **options)
        names = resources["nbgrader"]
        assignment, student, notebook = (names[key] for key in ("assignment", "student", "notebook"))
        root = Path(self.parent.coursedir.root)
        settings = read_settings(root, names["db_url"])
        bring_up_to_date(settings, assignment, student)
        found = read_final_marks(settings, assignment, (student,)).get(student)
        if found is None or notebook not in found.notebooks:
            raise CourseError(f"The gradebook has no marks of {student} for {assignment}/{notebook}: autograde first.")
        verdict = read_verdict(root, assignment, student, notebook)
        work = Work(notebook, found.name, nb.cells, verdict, found.notebooks[notebook], found.late_s, settings.language)
        return feedback_page(work), resources
