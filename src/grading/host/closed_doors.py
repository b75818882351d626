"""`nbgrader autograde` and formgrader's button, behind closed doors: a preprocessor that nbgrader_config.py names.

It takes the place of nbgrader's Execute, after the submission was rebuilt on its master, and writes what Execute
would have
left: outputs under the cells that ran, and under each grading cell the text of its criteria and the points earned, as
the partial credit that nbgrader reads.
"""

import atexit
import functools
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from traitlets import Bool, Float

from checks.report import Kind
from grading.errors import ExecutionError
from grading.execution.supervisor import Deadlines, Zygote, grade
from grading.execution.verdict import CellVerdict, Graded
from grading.host.master import master_path
from grading.notebook.plan import plan
from grading.notebook.sanitise import clean_markdown

TO_REVIEW = "À revoir : cette vérification n'a pas pu être menée à son terme."
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
        if self.open_doors:
            nb, resources = Execute(parent=self.parent).preprocess(nb, resources)
            remarks = [OPEN_DOORS]
        else:
            remarks = self._grade(nb, resources)
        for cell in nb.cells:
            if cell.cell_type == "markdown" and not cell.metadata.get("nbgrader", {}).get("locked"):
                cell.source = clean_markdown(cell.source)
                cell.pop("attachments", None)
        for remark in remarks:
            self.log.warning("%s: %s", resources["nbgrader"]["student"], remark)
        if remarks:
            lines = "\n".join(f"- {remark}" for remark in remarks)
            note = nbformat.v4.new_markdown_cell(
                f"**Remarques de la correction automatique**\n\n{lines}", id="remarques"
            )
            nb.cells.insert(0, note)
        return nb, resources

    def _grade(self, nb: Any, resources: dict[str, Any]) -> list[str]:
        path = master_path(self, resources)
        master = nbformat.read(path, as_version=4)
        deadlines = Deadlines(self.cell_timeout_s, self.submission_timeout_s)
        graded = grade(zygote(), plan(master, nb), deadlines, files=_materials(path))
        _fill(nb, graded)
        return graded.remarks


@functools.cache
def zygote() -> Zygote:
    """Return this process's zygote; the first call starts it, and it ends with the process."""
    warm = Zygote()
    atexit.register(warm.close)
    return warm


def _materials(master: Path) -> list[Path]:
    """Return the files that the assignment hands out beside its notebooks."""
    return sorted(path for path in master.parent.iterdir() if path.is_file() and path.suffix not in (".ipynb", ".py"))


def _fill(nb: Any, graded: Graded) -> None:
    """Write outputs and points where nbgrader looks for them."""
    count = 0
    for index, cell in enumerate(nb.cells):
        if cell.cell_type != "code":
            continue
        marks = cell.metadata.get("nbgrader", {})
        cell.outputs, cell.execution_count = [], None
        if marks.get("grade") and not marks.get("solution"):
            cell.outputs = _marked(marks["grade_id"], graded.verdicts.get(index))
        elif index in graded.outputs:
            cell.outputs = [nbformat.from_dict(output) for output in graded.outputs[index]]
        else:
            continue
        count += 1
        cell.execution_count = count
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count


def _marked(grade_id: str, verdict: CellVerdict | None) -> list[Any]:
    text, earned = TO_REVIEW, 0.0
    if verdict is not None:
        broken = [c.message for c in verdict.report.criteria if c.kind is Kind.INTERNAL]
        if broken:
            raise ExecutionError(f"The grading cell {grade_id!r} of the master itself fails: {broken[0]}")
        text, earned = verdict.text, verdict.earned
    return [
        nbformat.v4.new_output("stream", name="stdout", text=text + "\n"),
        nbformat.v4.new_output("execute_result", data={"text/plain": repr(float(earned))}),
    ]
