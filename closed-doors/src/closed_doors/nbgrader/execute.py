"""`nbgrader autograde` and formgrader's button, behind closed doors: a preprocessor that nbgrader_config.py names.

It takes the place of nbgrader's Execute, and grades what was handed in as a class is graded: see
`closed_doors.grading.one_notebook`.
"""

import os

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from traitlets import Bool, Float

from checks.catalogues import VARIABLE
from closed_doors.core.terminal import plain_line
from closed_doors.core.wording import wording
from closed_doors.grading.clocks.deadlines import Deadlines
from closed_doors.grading.one_notebook import Grader, OneGraded, grade_notebook
from closed_doors.grading.verdict.autograded_notebook import disarm, put_on_top
from closed_doors.grading.verdict.remark import Remark, RemarkCode, sentences
from closed_doors.grading.verdict.timings import note_timing
from closed_doors.grading.verdict.verdict import Verdict
from closed_doors.grading.verdict.verdict_file import write_verdict
from closed_doors.nbgrader.handed_out import handed_out
from closed_doors.nbgrader.settings import course_language, inside_cells, read_deadlines, read_delimiters, read_stubs
from closed_doors.nbgrader.submission_paths import Submitted, known_wrong, submitted
from closed_doors.notebook.json_files import JsonObject
from closed_doors.notebook.sanitise_outputs import clean_output

DEFAULTS = Deadlines()


class ClosedDoors(NbGraderPreprocessor):  # type: ignore[misc]
    """Run a submission in sandboxes, student code in one and grading cells in another."""

    cell_timeout_s = Float(DEFAULTS.cell_s, help="Time that one cell of a student may use, in seconds.").tag(
        config=True
    )
    submission_timeout_s = Float(DEFAULTS.submission_s, help="Time that one submission may use, in seconds.").tag(
        config=True
    )
    grade_the_rest = Bool(
        False,
        help="Grade where the master's own solution misses some cells, and leave those to a person.",
    ).tag(config=True)
    open_doors = Bool(
        False,
        help="Run student code and hidden tests in one kernel, as nbgrader does; each autograded notebook says so.",
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: JsonObject) -> tuple[NotebookNode, JsonObject]:
        """Grade the notebook; nbgrader calls it once per submission, after RebuildOnMaster.

        Raises:
            CourseError: the sandbox or the grading itself failed; nbgrader then records no mark.
        """
        work = submitted(self, resources)
        graded, remarks = self._with_open_doors(nb, resources) if self.open_doors else self._graded(work)
        for said in sentences(remarks, wording(course_language(work.root))):
            self.log.warning("%s: %s", plain_line(work.student), plain_line(said))
        return nbformat.from_dict(graded), resources

    def _with_open_doors(self, nb: NotebookNode, resources: JsonObject) -> tuple[NotebookNode, tuple[Remark, ...]]:
        nb = nbformat.from_dict(read_delimiters(self.config).normalised(nb))  # the gradebook's texts are the course's
        words = wording(course_language(submitted(self, resources).root))
        os.environ[VARIABLE] = words.language  # the kernel's checks speak as this course does
        nb, _ = Execute(parent=self.parent).preprocess(nb, resources)
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs = [clean_output(output, words) for output in cell.outputs]
        remarks = (Remark(RemarkCode.OPEN_DOORS),)
        disarm(nb)
        put_on_top(nb, remarks, words)
        return nb, remarks

    def grade(self, work: Submitted) -> OneGraded:
        """Grade what was handed in, in this process.

        Raises:
            CourseError: the sandbox or the grading itself failed; there is no mark.
        """
        grader = Grader(
            work.master(),
            handed_out(work.root, work.assignment),
            known_wrong(work.root, work.assignment, work.notebook),
            read_deadlines(self.config),
            read_stubs(self.config),
            self.grade_the_rest,
            inside_cells(work.root, work.assignment),
        )
        return grade_notebook(grader, work.handed_in())

    def _graded(self, work: Submitted) -> tuple[JsonObject, tuple[Remark, ...]]:
        found = self.grade(work)
        verdict = Verdict(
            assignment=work.assignment,
            student=work.student,
            notebook=work.notebook,
            remarks=found.remarks,
            cells=found.cells,
            judged_alone=found.judged_alone,
        )
        write_verdict(work.root, verdict)
        note_timing(work.root, work.assignment, work.student, work.notebook, found.wall_s, found.cpu_s)
        return found.notebook, found.remarks
