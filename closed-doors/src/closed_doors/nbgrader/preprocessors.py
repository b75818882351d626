"""Steps of the course inside nbgrader's own pipelines; nbgrader_config.py names them."""

from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades

from closed_doors.core.profile import read_profile
from closed_doors.grading.verdict.autograded_notebook import REFUSED_TAG
from closed_doors.nbgrader.settings import course_language, read_delimiters, read_stubs
from closed_doors.nbgrader.submission_paths import course_directory, submitted
from closed_doors.notebook.cell import Role, cell_of, grade_id_of
from closed_doors.notebook.json_files import JsonObject
from closed_doors.notebook.rebuild import rebuild
from closed_doors.notebook.where_feedback_is import where_feedback_is

LAST_WORDS = "where-feedback-is"
WITH_IDS = (4, 5)  # nbformat, from which on cells have one
SHORT_LINES = 3  # of a demonstration: shorter ones say what happens


class RebuildOnMaster(NbGraderPreprocessor):  # type: ignore[misc]
    """Put a submission's answers into the master, first thing in `nbgrader autograde`.

    nbgrader calls it once per submitted notebook, before anything is executed. It stands for DeduplicateIds, which
    leaves cells that nbgrader 0.9.6 itself then refuses, and gives back deleted test cells at their place.
    """

    def preprocess(self, nb: NotebookNode, resources: JsonObject) -> tuple[NotebookNode, JsonObject]:  # noqa: ARG002
        """Return the rebuilt notebook; what was mended is remarked on when it is graded.

        The file is read again from submitted/, as one that anybody may have written: nbgrader follows links.
        """
        work = submitted(self, resources)
        stubs, language = read_stubs(self.config), course_language(work.root)
        return nbformat.from_dict(rebuild(work.master(), work.handed_in(), stubs, language).notebook), resources


class SaveGrades(SaveAutoGrades):  # type: ignore[misc]
    """Save what grading gave; a cell that can't be graded here gets no mark, and is a person's to mark."""

    def _add_score(self, cell: NotebookNode, resources: JsonObject) -> None:
        super()._add_score(cell, resources)
        if REFUSED_TAG not in cell.metadata.get("tags", ()):
            return
        grade = self.gradebook.find_grade(grade_id_of(cell), self.notebook_id, self.assignment_id, self.student_id)
        grade.auto_score, grade.needs_manual_grade = None, True
        self.gradebook.db.commit()


class RemoveSolutionMarkers(NbGraderPreprocessor):  # type: ignore[misc]
    """Take the lines that begin or end a solution out of `nbgrader generate_solution`'s notebooks."""

    def preprocess_cell(
        self,
        cell: NotebookNode,
        resources: JsonObject,
        index: int,  # noqa: ARG002
    ) -> tuple[NotebookNode, JsonObject]:
        """Return the cell without its marker lines; nbconvert calls it for every cell."""
        delimiters, lines = read_delimiters(self.config), cell.source.split("\n")
        markers = delimiters.begin_solution, delimiters.end_solution
        cell.source = "\n".join(line for line in lines if not any(marker in line for marker in markers))
        return cell, resources


class FoldCode(NbGraderPreprocessor):  # type: ignore[misc]
    """Fold the code that students need not read, tests and long demonstrations, in what `generate_assignment` makes.

    JupyterLab and Notebook 7 show a bar to unfold it by, and run it all the same; other front ends show the code.
    """

    def preprocess_cell(
        self,
        cell: NotebookNode,
        resources: JsonObject,
        index: int,  # noqa: ARG002
    ) -> tuple[NotebookNode, JsonObject]:
        """Return the cell, folded where it is one of those; nbconvert calls it for every cell."""
        seen = cell_of(cell)
        long = len(cell.source.splitlines()) > SHORT_LINES
        if seen.is_code and (seen.role is Role.GRADING or (seen.is_demo and long)):
            cell.metadata.setdefault("jupyter", {})["source_hidden"] = True
        return cell, resources


class SayWhereFeedbackIs(NbGraderPreprocessor):  # type: ignore[misc]
    """Say at the end of what `generate_assignment` makes where its feedback will be, as far as course.toml tells.

    The gradebook knows nothing of that cell, and a rebuild leaves it out.
    """

    def preprocess(self, nb: NotebookNode, resources: JsonObject) -> tuple[NotebookNode, JsonObject]:
        """Return the notebook with its last words."""
        course = course_directory(self)
        text = where_feedback_is(read_profile(Path(course.root)), has_exchange=bool(course.course_id))
        if text is not None:
            cell = new_markdown_cell(text, id=LAST_WORDS, metadata={"deletable": False, "editable": False})
            if (nb.nbformat, nb.nbformat_minor) < WITH_IDS:
                del cell["id"]
            nb.cells.append(cell)
        return nb, resources
