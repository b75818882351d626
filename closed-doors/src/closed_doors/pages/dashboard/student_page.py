"""A student's work as the staff reads it: each exercise with the answer, what it displayed, and every criterion.

It is a light reading of the autograded notebook: the lesson is left out, and so are the tests' sources. Nothing that
the student wrote runs or leads anywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from checks.report import Kind
from closed_doors.core.wording import Wording
from closed_doors.grading.verdict.verdict import CellVerdict, Trace
from closed_doors.nbgrader.gradebook_structure import Place
from closed_doors.notebook.cell import cell_of
from closed_doors.notebook.json_files import JsonObject, Notebook
from closed_doors.pages.dashboard.dashboard_content import Content, ItemRow, StudentRow
from closed_doors.pages.html.outputs_as_html import Output, outputs
from closed_doors.pages.html.text_as_html import code, markdown

MOST_OWN = 40


@dataclass(frozen=True, slots=True)
class Written:
    """A cell that the student wrote.

    Attributes:
        kind: code or text.
        html: its source, safe to show.
        outputs: what it displayed.
    """

    kind: str
    html: Markup
    outputs: tuple[Output, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """A criterion and what became of it.

    Attributes:
        trace: where its test failed, in lines.
    """

    number: str
    text: str
    hidden: bool
    passed: bool
    kind: str
    message: str
    trace: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise of one student.

    Attributes:
        hints: the sentences of the misconceptions that were recognised.
        comment: what a person wrote to the student.
        refused: why the cell can't be graded; empty where it can.
    """

    item: ItemRow
    score: float | None
    is_manual: bool
    is_pending: bool
    answers: tuple[Written, ...]
    criteria: tuple[Judged, ...]
    hints: tuple[str, ...]
    comment: str
    refused: str


@dataclass(frozen=True, slots=True)
class Work:
    """All that the page shows.

    Attributes:
        own: cells that the student added.
        files: addresses of the autograded notebooks, by name.
    """

    exercises: tuple[Exercise, ...]
    own: tuple[Written, ...]
    left_out: int
    files: tuple[tuple[str, str], ...]


def student_page(
    content: Content, row: StudentRow, notebooks: Sequence[tuple[str, Notebook | None, str]], words: Wording
) -> Work:
    """Return what the page of one student shows.

    Args:
        content: of the class.
        row: the student.
        notebooks: name, content and address of each autograded notebook.
        words: what the page is written in.
    """
    cells = {
        (name, grade_id): cell
        for name, notebook, _ in notebooks
        for cell in (notebook["cells"] if notebook else ())
        if (grade_id := cell_of(cell).grade_id)
    }
    own = [
        cell
        for _, notebook, _ in notebooks
        for cell in (notebook["cells"] if notebook else ())
        if str(cell.get("id", "")).startswith("own-") and not cell_of(cell).grade_id and cell["source"].strip()
    ]
    exercises = []
    for item, score in zip(content.items, row.scores, strict=True):
        place = item.item.place
        answers = [cells[place[0], answer] for answer in item.item.answers if (place[0], answer) in cells]
        exercises.append(_exercise(row, item, score, answers, words))
    return Work(
        exercises=tuple(exercises),
        own=tuple(_written(cell, words) for cell in own[:MOST_OWN]),
        left_out=max(0, len(own) - MOST_OWN),
        files=tuple((name, address) for name, _, address in notebooks if address),
    )


def _exercise(
    row: StudentRow, item: ItemRow, score: float | None, answers: Sequence[JsonObject], words: Wording
) -> Exercise:
    result, place = row.result, item.item.place
    notebook = result.marks.notebooks.get(place[0]) if result.marks else None
    mark = notebook.cells.get(place[1]) if notebook else None
    comments = notebook.comments if notebook else {}
    said = [comments[name].manual for name in item.item.answers if name in comments]
    verdict = _verdict(row, place)
    traces = {trace.criterion: trace_lines(trace, words) for trace in (verdict.traces if verdict else ())}
    judged = []
    for criterion in item.criteria:
        found = result.outcomes.get((place, criterion.criterion.name))
        kind = found.kind if found else Kind.NOT_WRITTEN
        judged.append(
            Judged(
                criterion.number,
                criterion.criterion.text,
                criterion.criterion.hidden,
                kind is Kind.PASSED,
                kind.value,
                found.message if found else "",
                traces.get(criterion.criterion.name, ()),
            )
        )
    return Exercise(
        item=item,
        score=score,
        is_manual=mark is not None and mark.manual is not None,
        is_pending=mark is not None and mark.pending,
        answers=tuple(_written(cell, words) for cell in answers),
        criteria=tuple(judged) if result.is_graded else (),
        hints=tuple(diagnosis.hint for diagnosis in result.diagnoses.get(place, ())),
        comment="\n".join(filter(None, said)),
        refused=words.say("student.refused", why=verdict.refused) if verdict and verdict.refused else "",
    )


def _verdict(row: StudentRow, place: Place) -> CellVerdict | None:
    whole = row.result.verdicts.get(place[0])
    return next((cell for cell in whole.cells if cell.grade_id == place[1]), None) if whole else None


def trace_lines(trace: Trace, words: Wording) -> tuple[str, ...]:
    """Return a trace in lines."""
    if trace.line:
        lines = [words.say("student.trace", line=trace.line, source=trace.source, error=trace.error)]
    else:
        lines = [words.say("student.trace_only", error=trace.error)]
    if trace.theirs:
        lines.append(words.say("student.trace_theirs", theirs=trace.theirs))
    return tuple(lines)


def _written(cell: JsonObject, words: Wording) -> Written:
    if cell["cell_type"] == "code":
        return Written("code", code(cell["source"]), outputs(cell, words))
    return Written("text", markdown(cell["source"], words, cell.get("attachments")), ())
