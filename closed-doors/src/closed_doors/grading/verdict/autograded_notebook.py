"""The notebook that TAs open.

Under the cells that ran stand their outputs; under each grading cell the text of its criteria and the points earned, as
the partial credit that nbgrader reads.
"""

from collections.abc import Sequence
from typing import Any

from checks.report import Kind
from closed_doors.core.errors import ExecutionError
from closed_doors.grading.verdict.verdict import CellVerdict, Graded
from closed_doors.notebook.json_files import Notebook
from closed_doors.notebook.sanitise import clean_markdown

REMARKS_ID = "remarques"
TO_REVIEW = "À revoir : cette vérification n'a pas pu être menée à son terme."


def is_autograded(cell: dict[str, Any]) -> bool:
    """Whether the cell is one whose points come from its tests."""
    marks = cell["metadata"].get("nbgrader", {})
    return bool(marks.get("grade") and not marks.get("solution"))


def fill(notebook: Notebook, graded: Graded) -> None:
    """Write a submission's outputs and points under its cells.

    Raises:
        ExecutionError: a grading cell of the master itself fails.
    """
    count = 0
    for index, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] != "code":
            continue
        cell["outputs"], cell["execution_count"] = [], None
        if is_autograded(cell):
            grade_id = cell["metadata"]["nbgrader"]["grade_id"]
            cell["outputs"] = _marked(grade_id, graded.verdicts.get(index))
        elif index in graded.outputs:
            cell["outputs"] = graded.outputs[index]
        else:
            continue
        count += 1
        cell["execution_count"] = count
        for output in cell["outputs"]:
            if output["output_type"] == "execute_result":
                output["execution_count"] = count


def disarm(notebook: Notebook) -> None:
    """Make the markdown that a student wrote safe to open, and raw cells, which pages show as HTML.

    The pictures that hang on it were written anew when the notebook was rebuilt.
    """
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code" and not cell["metadata"].get("nbgrader", {}).get("locked"):
            cell["source"] = clean_markdown(cell["source"])
            if cell["cell_type"] != "markdown":
                cell.pop("attachments", None)


def put_on_top(notebook: Notebook, remarks: Sequence[str]) -> None:
    """Begin the notebook with what a TA should look at; a remark may quote what a student chose, as a cell's id."""
    if remarks:
        lines = "\n".join(f"- {clean_markdown(' '.join(remark.split()))}" for remark in remarks)
        source = f"**Remarques de la correction automatique**\n\n{lines}"
        note = {"cell_type": "markdown", "id": REMARKS_ID, "metadata": {}, "source": source}
        notebook["cells"].insert(0, type(notebook)(note))


def _marked(grade_id: str, verdict: CellVerdict | None) -> list[dict[str, Any]]:
    text, earned = TO_REVIEW, 0.0
    if verdict is not None:
        broken = [c.message for c in verdict.report.criteria if c.kind is Kind.INTERNAL]
        if broken:
            raise ExecutionError(f"The grading cell {grade_id!r} of the master itself fails: {broken[0]}")
        text, earned = verdict.text, verdict.earned
    return [
        {"output_type": "stream", "name": "stdout", "text": text + "\n"},
        {
            "output_type": "execute_result",
            "data": {"text/plain": repr(float(earned))},
            "metadata": {},
            "execution_count": None,
        },
    ]
