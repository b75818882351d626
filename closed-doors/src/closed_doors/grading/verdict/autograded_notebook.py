"""The notebook that TAs open.

Under the cells that ran stand their outputs; under each grading cell the text of its criteria and the points earned, as
the partial credit that nbgrader reads.
"""

from collections.abc import Sequence

from checks.catalogues import CATALOGUES
from checks.report import CellReport
from checks.report_as_text import render
from closed_doors.core.wording import Wording, wording
from closed_doors.grading.verdict.disclosure import told
from closed_doors.grading.verdict.remark import Remark, sentences
from closed_doors.grading.verdict.verdict import CellVerdict, Graded, hint_text
from closed_doors.notebook.cell import Cell, Role, cell_of
from closed_doors.notebook.json_files import JsonObject, Notebook
from closed_doors.notebook.sanitise_outputs import clean_markdown

REMARKS_ID = "remarques"
REFUSED_TAG = "refused"  # of a cell that has no mark: nbgrader would take one without an error for met


def fill(notebook: Notebook, graded: Graded, words: Wording | None = None) -> None:
    """Write a submission's outputs and points under its cells."""
    count = 0
    for index, data in enumerate(notebook["cells"]):
        if data["cell_type"] != "code":
            continue
        cell = cell_of(data)
        data["outputs"], data["execution_count"] = [], None
        if cell.role is Role.GRADING:
            data["outputs"] = _marked(index, graded, words or wording())
            data["metadata"] |= _tags(cell, graded.verdicts.get(index))
        elif index in graded.outputs:
            data["outputs"] = graded.outputs[index]
        else:
            continue
        count += 1
        data["execution_count"] = count
        for output in data["outputs"]:
            if output["output_type"] == "execute_result":
                output["execution_count"] = count


def disarm(notebook: Notebook) -> None:
    """Make the markdown that a student wrote safe to open, and raw cells, which pages show as HTML.

    The pictures that hang on it were written anew when the notebook was rebuilt.
    """
    for data in notebook["cells"]:
        if data["cell_type"] == "code":
            continue
        cell = cell_of(data)
        if not cell.is_locked:
            data["source"] = clean_markdown(cell.source)
            if cell.kind != "markdown":
                data.pop("attachments", None)


def put_on_top(notebook: Notebook, remarks: Sequence[Remark], words: Wording | None = None) -> None:
    """Begin the notebook with what a TA should look at; a remark may quote what a student chose, as a cell's id."""
    if remarks:
        words = words or wording()
        lines = "\n".join(f"- {clean_markdown(' '.join(said.split()))}" for said in sentences(remarks, words))
        source = f"**{words.say('remark.heading')}**\n\n{lines}"
        note = {"cell_type": "markdown", "id": REMARKS_ID, "metadata": {}, "source": source}
        notebook["cells"].insert(0, type(notebook)(note))


def _tags(cell: Cell, verdict: CellVerdict | None) -> JsonObject:
    """Return what is added to the metadata of a cell that has no mark."""
    return {"tags": [*cell.tags, REFUSED_TAG]} if verdict is not None and verdict.refused else {}


def _marked(index: int, graded: Graded, words: Wording) -> list[JsonObject]:
    verdict = graded.verdicts.get(index)
    text, earned = words.say("notebook.to_review"), 0.0
    if verdict is not None:
        if verdict.refused:
            return [{"output_type": "stream", "name": "stdout", "text": words.say("notebook.refused") + "\n"}]
        report = CellReport(told(verdict.criteria, words), verdict.shared)
        shown = render(report, CATALOGUES.wording(words.language))
        text = "\n".join(filter(None, (shown, hint_text(verdict, words))))
        earned = verdict.earned
    return [
        {"output_type": "stream", "name": "stdout", "text": text + "\n"},
        {
            "output_type": "execute_result",
            "data": {"text/plain": repr(float(earned))},
            "metadata": {},
            "execution_count": None,
        },
    ]
