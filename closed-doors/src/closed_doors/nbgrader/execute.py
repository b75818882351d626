"""`nbgrader autograde` and formgrader's button, behind closed doors: a preprocessor that nbgrader_config.py names.

It takes the place of nbgrader's Execute, after the submission was rebuilt on its master, and writes what Execute
would have left (see `closed_doors.grading.verdict.autograded_notebook`).
"""

import time
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from traitlets import Bool, Float

from closed_doors.core.files import replace
from closed_doors.core.terminal import plain_line
from closed_doors.grading.processes.supervisor import Deadlines, grade
from closed_doors.grading.processes.zygote_handle import warm_zygote
from closed_doors.grading.verdict.autograded_notebook import disarm, fill, put_on_top
from closed_doors.grading.verdict.timings import note_timing
from closed_doors.grading.verdict.verdict_file import Verdicts, verdict_file, verdict_path, verdict_record
from closed_doors.nbgrader.preprocessors import REMARKS_KEY
from closed_doors.nbgrader.settings import read_delimiters
from closed_doors.nbgrader.source_folder import course_directory, known_wrong, master_path, materials
from closed_doors.notebook.plan import plan
from closed_doors.notebook.sanitise import clean_output

OPEN_DOORS = "Corrigé portes ouvertes : le code de l'étudiant et les tests cachés ont partagé un même processus."


class ClosedDoors(NbGraderPreprocessor):  # type: ignore[misc]
    """Run a rebuilt submission in sandboxes, student code in one and grading cells in another."""

    cell_timeout_s = Float(10.0, help="Time that one cell of a student may take, in seconds.").tag(config=True)
    submission_timeout_s = Float(60.0, help="Time that one submission may take, in seconds.").tag(config=True)
    open_doors = Bool(
        False,
        help="Run student code and hidden tests in one kernel, as nbgrader does; each autograded notebook says so.",
    ).tag(config=True)

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Grade the notebook; nbgrader calls it once per submission, after RebuildOnMaster.

        Raises:
            CourseError: the sandbox or the grading itself failed; nbgrader then records no mark.
        """
        found = [str(remark) for remark in nb.metadata.pop(REMARKS_KEY, [])]
        nb = read_delimiters(self.config).normalised(nb)  # OverwriteCells brought the gradebook's texts back
        if self.open_doors:
            nb, resources = Execute(parent=self.parent).preprocess(nb, resources)
            for cell in nb.cells:
                if cell.cell_type == "code":
                    cell.outputs = [nbformat.from_dict(clean_output(output)) for output in cell.outputs]
            remarks = [OPEN_DOORS]
        else:
            remarks = self._grade(nb, resources, found)
        for remark in remarks:
            self.log.warning("%s: %s", plain_line(resources["nbgrader"]["student"]), plain_line(remark))
        disarm(nb)
        put_on_top(nb, [*found, *remarks])
        return nbformat.from_dict(nb), resources

    def _grade(self, nb: Any, resources: dict[str, Any], found: list[str]) -> list[str]:
        path = master_path(self, resources)
        master = read_delimiters(self.config).normalised(nbformat.read(path, as_version=4))
        deadlines = Deadlines(self.cell_timeout_s, self.submission_timeout_s)
        names, root = resources["nbgrader"], Path(course_directory(self).root)
        diagnosis = known_wrong(root, names["assignment"], names["notebook"])
        started = time.monotonic()
        graded = grade(
            warm_zygote(),
            plan(master, nb),
            deadlines,
            files=materials(path),
            diagnosis=diagnosis,
            solved=plan(master, master),
        )
        wall_s = time.monotonic() - started
        verdicts = Verdicts(
            names["assignment"],
            names["student"],
            names["notebook"],
            verdict_record(nb, graded),
            [*found, *graded.remarks],
        )
        path = verdict_path(root, verdicts.assignment, verdicts.student, verdicts.notebook)
        replace(path, verdict_file(verdicts))
        note_timing(root, verdicts.assignment, verdicts.student, verdicts.notebook, wall_s, graded.cpu_s)
        fill(nb, graded)
        return graded.remarks
