"""What a student's page says, as plain data: the executed notebook, its verdicts and its marks, cut into exercises.

Only what is the student's to read is taken: the sources and outputs of the student's own cells, the text and message
of each criterion, and what people gave and wrote. Of the instructor's cells, only headings and what is marked as
further reading are read; a grading cell's source never is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from checks.report import Criterion, Masks
from closed_doors.core.wording import DEFAULT_LANGUAGE, wording
from closed_doors.grading.verdict.autograded_notebook import REMARKS_ID
from closed_doors.grading.verdict.disclosure import tells_points, tells_whether, told_to_student
from closed_doors.grading.verdict.verdict import CellVerdict, Verdict, witness_text
from closed_doors.nbgrader.gradebook_reader import CellMark, Comment, NotebookMarks
from closed_doors.nbgrader.items_met import ItemMark
from closed_doors.notebook.cell import Cell, Role, cell_of
from closed_doors.notebook.json_files import JsonObject
from closed_doors.pages.html.outputs_as_html import Output, outputs
from closed_doors.pages.html.text_as_html import code, inline, markdown

FURTHER = "plus-loin"
_NOTHING = Markup("")
_DEEPEST = 3  # headings that begin an exercise: #, ## or ###
_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*$")


@dataclass(frozen=True, slots=True)
class Work:
    """One student's graded notebook, as it lies in the course's folders and in the gradebook.

    Attributes:
        name: the notebook's, without its ending.
        student: what to call the student.
        cells: of the autograded notebook; none where the work could not be graded.
        verdict: of its verdict file; None where the notebook was graded with open doors.
        marks: of the gradebook.
        late_s: by how many seconds it came late.
        language: what the page is written in.
        notice: what is special about the page, as the wording has it under `notice`; empty where nothing is.
    """

    name: str
    student: str
    cells: Sequence[JsonObject]
    verdict: Verdict | None
    marks: NotebookMarks
    late_s: float = 0.0
    language: str = DEFAULT_LANGUAGE
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """What the tests of one grading cell found.

    Attributes:
        mark: what it earned; None where the gradebook does not know it.
        hints: the misconceptions that the answer shows, a sentence each.
        example: a public input on which it is wrong too, in a sentence; empty where there is none.
        note: what there is to say in place of criteria, or beside them.
        tells_points: whether the page may say what it earned.
    """

    mark: CellMark | None
    criteria: tuple[Criterion, ...] = ()
    hints: tuple[str, ...] = ()
    note: str = ""
    example: str = ""
    tells_points: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the student's cells.

    Attributes:
        kind: code, text, or task, which is done in cells that the student adds.
        html: the cell's source; of a task, nothing.
        outputs: what it displayed.
        comment: what a person says of it.
        empty: whether nothing was written.
        mark: of a text that a person marks.
        items: what the mark comes from, where it was given by items of the scheme.
    """

    kind: str
    html: Markup
    outputs: tuple[Output, ...] = ()
    comment: Markup = _NOTHING
    empty: bool = False
    mark: CellMark | None = None
    items: tuple[ItemMark, ...] = ()


@dataclass(slots=True)
class Exercise:
    """A part of the notebook that asks something of the student.

    Attributes:
        anchor: its id in the page.
        title: its heading.
        answers: the student's cells that the notebook asks for, in order.
        checks: what the tests of its grading cells found.
        own: cells that the student added.
        further: what the course offers to who has finished; empty where it offers nothing.
    """

    anchor: str
    title: Markup
    answers: list[Answer] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    own: list[Answer] = field(default_factory=list)
    further: Markup = _NOTHING

    @property
    def marks(self) -> list[CellMark]:
        """All marks of the exercise, those of tests before those of people."""
        given = [*(check.mark for check in self.checks), *(answer.mark for answer in self.answers)]
        return [mark for mark in given if mark is not None]

    @property
    def maximum(self) -> float:
        """What it is worth, in points."""
        return sum(mark.maximum for mark in self.marks)

    @property
    def earned(self) -> float:
        """What it earned, in points."""
        return sum(mark.score for mark in self.marks)

    @property
    def tells_points(self) -> bool:
        """Whether the page may say what it earned."""
        return all(check.tells_points for check in self.checks)

    @property
    def pending(self) -> bool:
        """Whether a person has still to look at it."""
        return any(mark.pending for mark in self.marks)

    @property
    def missed(self) -> list[Criterion]:
        """The criteria that are not met."""
        return [criterion for criterion in self.criteria if not criterion.passed]

    @property
    def criteria(self) -> list[Criterion]:
        """All its criteria."""
        return [criterion for check in self.checks for criterion in check.criteria]

    @property
    def empty(self) -> bool:
        """Whether the student has written nothing in it."""
        return bool(self.answers) and all(answer.empty for answer in self.answers)

    @property
    def asks(self) -> bool:
        """Whether it is for the page: it asks for something, or a check that stands alone is not met."""
        return bool(self.answers) or self.maximum > 0 or bool(self.missed)


@dataclass(slots=True)
class Content:
    """The whole page's content.

    Attributes:
        title: the notebook's own.
        elsewhere: the student's added cells outside of every exercise.
    """

    title: Markup
    exercises: list[Exercise]
    elsewhere: list[Answer]


def content(work: Work) -> Content:
    """Cut a graded notebook into exercises."""
    reader = _Reader(work)
    for cell in work.cells:
        reader.read(cell)
    exercises = [exercise for exercise in reader.sections if exercise.asks]
    elsewhere = [answer for exercise in reader.sections if not exercise.asks for answer in exercise.own]
    for number, exercise in enumerate(exercises, start=1):
        exercise.anchor = f"exercice-{number}"
    return Content(reader.title or inline(work.name.replace("_", " ").capitalize()), exercises, elsewhere)


class _Reader:
    """Reads a notebook from top to bottom; a heading of an instructor's cell begins a section."""

    def __init__(self, work: Work) -> None:
        self.title = _NOTHING
        self._words = wording(work.language)
        self.sections = [Exercise("", inline(self._words.say("feedback.work")))]
        self._marks = work.marks
        self._verdicts = {found.grade_id: found for found in (work.verdict.cells if work.verdict else ())}

    def read(self, data: JsonObject) -> None:
        cell, section = cell_of(data), self.sections[-1]
        match cell.role:
            case Role.ANSWER | Role.TASK:
                section.answers.append(self._answer(cell, data))
            case Role.OWN:
                if data.get("id") != REMARKS_ID and cell.source.strip():
                    section.own.append(self._own(cell, data))
            case Role.GRADING:
                section.checks.append(self._check(cell, data))
            case Role.LESSON if cell.kind == "markdown":
                self._lesson(cell.source, cell.grade_id)

    def _lesson(self, source: str, grade_id: str) -> None:
        if grade_id.endswith(FURTHER):
            self.sections[-1].further = markdown(source, self._words)
        for depth, text in headings(source):
            if depth == 1 and not self.title:
                self.title = inline(text)
            elif depth <= _DEEPEST:
                self.sections.append(Exercise("", inline(text)))

    def _answer(self, cell: Cell, data: JsonObject) -> Answer:
        comment = self._marks.comments.get(cell.grade_id, Comment("", ""))
        said = markdown(comment.manual, self._words) if comment.manual.strip() else _NOTHING
        mark = self._marks.cells.get(cell.grade_id)
        if cell.role is Role.TASK:  # its source is the instructor's, mark scheme included
            return Answer("task", _NOTHING, comment=said, mark=mark, items=self._items(cell, mark))
        own = self._own(cell, data)
        items = self._items(cell, mark)
        return Answer(own.kind, own.html, own.outputs, said, comment.is_unanswered, mark, items)

    def _items(self, cell: Cell, mark: CellMark | None) -> tuple[ItemMark, ...]:
        """Return what a mark comes from; nothing while it may still change, or where another was given since."""
        marked = self._marks.items.get(cell.grade_id)
        if mark is None or mark.pending or marked is None or not marked.makes(mark.manual):
            return ()
        return marked.items

    def _check(self, cell: Cell, data: JsonObject) -> Check:
        mark, verdict = self._marks.cells.get(cell.grade_id), self._verdicts.get(cell.grade_id)
        if verdict is None:  # graded with open doors: the text that the tests printed is all there is
            return Check(mark, note=self._printed(data))
        hints = tuple(diagnosis.hint for diagnosis in verdict.diagnoses)
        note = self._note(verdict)
        example = witness_text(verdict.witness, self._words) if verdict.witness else ""
        return Check(mark, told_to_student(verdict, self._words), hints, note, example, tells_points(verdict))

    def _note(self, verdict: CellVerdict) -> str:
        if not tells_whether(verdict):
            return self._words.say("feedback.hidden_untold")
        return "" if verdict.complete else self._words.say("notebook.to_review")

    def _own(self, cell: Cell, data: JsonObject) -> Answer:
        if cell.is_code:
            return Answer("code", code(cell.source), outputs(data, self._words))
        return Answer("text", markdown(cell.source, self._words, data.get("attachments")))

    def _printed(self, data: JsonObject) -> str:
        """Return what a grading cell printed; an error's text would show its source, and is left out."""
        shown = [output for output in outputs(data, self._words) if output.kind == "text"]
        return "\n".join(output.html.unescape() for output in shown[:1])


def headings(source: str) -> Iterator[tuple[int, str]]:
    """Yield the headings of a markdown cell, with their depth from 1; those in blocks of code are none."""
    fenced = False
    for line in source.split("\n"):
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        elif not fenced and (found := _HEADING.match(line)):
            yield len(found[1]), found[2]


def drawn(criterion: Criterion) -> Masks | None:
    """Return the masks to draw beside a criterion: those of a public example that was missed."""
    return None if criterion.hidden else criterion.masks


def summary(criterion: Criterion) -> str:
    """Return why a criterion is not met, in a sentence."""
    return criterion.message.partition("\n")[0]


def details(criterion: Criterion) -> str:
    """Return the further lines of a criterion's message, as they were laid out; none where masks are drawn instead."""
    return "" if drawn(criterion) else criterion.message.partition("\n")[2]
