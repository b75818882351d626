"""What an assignment asks and a person may mark, read from its masters."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from closed_doors.core.errors import CourseError
from closed_doors.nbgrader.judged_answers import judged_answers
from closed_doors.nbgrader.marking_store import Place
from closed_doors.nbgrader.settings import Settings
from closed_doors.notebook.cell import Cell, Role, cells_of
from closed_doors.notebook.json_files import Notebook, parse
from closed_doors.notebook.mark_scheme import MarkScheme, read_scheme, split_scheme


@dataclass(frozen=True, slots=True)
class Question:
    """A graded cell.

    Attributes:
        place: where it is, and where its comment goes.
        title: the heading above it.
        statement: what students read above their answer, in markdown.
        scheme: how it is marked.
        maximum: what it is worth.
        answers: grade_ids of the cells that hold the answer; none where students add them.
        before: grade_id of the master's cell after which added cells are the answer; empty for others.
        by_person: whether only a person can give the points.
    """

    place: Place
    title: str
    statement: str
    scheme: MarkScheme
    maximum: float
    answers: tuple[str, ...]
    before: str
    by_person: bool

    @property
    def adds_up(self) -> bool:
        """Whether the items that give points make the whole."""
        given = sum(item.points for item in self.scheme.items if item.points > 0)
        return not self.scheme.items or abs(given - self.maximum) < 1e-9


class QuestionShelf:
    """The questions of a course's assignments; an assignment is read again where a master has changed.

    Args:
        settings: the course.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: dict[str, tuple[tuple[tuple[str, int, int], ...], tuple[Question, ...]]] = {}

    def of(self, assignment: str) -> tuple[Question, ...]:
        """Return the questions of an assignment, in the order of its notebooks.

        Raises:
            CourseError: a master can't be read.
        """
        paths = sorted(self._settings.folder("source", ".", assignment).glob("*.ipynb"))
        stamps = tuple((path.name, (stat := path.stat()).st_mtime_ns, stat.st_size) for path in paths)
        known = self._known.get(assignment)
        if known is None or known[0] != stamps:
            found = tuple(question for path in paths for question in self._read(assignment, path))
            known = self._known[assignment] = (stamps, found)
        return known[1]

    def one(self, assignment: str, notebook: str, cell: str) -> Question | None:
        """Return one question; None where there is none of that name."""
        return next((q for q in self.of(assignment) if (q.place.notebook, q.place.cell) == (notebook, cell)), None)

    def _read(self, assignment: str, path: Path) -> Iterator[Question]:
        try:
            master = self._settings.delimiters.normalised(parse(path.read_bytes()))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CourseError(f"{path} can't be read as a notebook: {error}") from error
        return read_questions(assignment, path.stem, master)


def read_questions(assignment: str, notebook: str, master: Notebook) -> Iterator[Question]:
    """Yield the graded cells of a master, each with what stands above it.

    Args:
        assignment: nbgrader's name for it.
        notebook: the notebook's, without its ending.
        master: its content, with nbgrader's own markers.
    """
    judged = judged_answers([(notebook, master)])
    shared = {cell.grade_id for cell in cells_of(master) if not cell.is_graded}  # no person marks these by themselves
    title, above = notebook, list[str]()
    for cell in cells_of(master):
        title, above = _read_on(cell, title, above)
        if (cell.is_graded or cell.is_task) and cell.points > 0:
            answers = judged.get((notebook, cell.grade_id), ())
            answers = answers if cell.is_answer else tuple(filter(shared.__contains__, answers))
            place = Place(assignment, notebook, cell.grade_id, _commented(cell, answers))
            yield _question(place, cell, title, above, answers)
            above = []


def _question(place: Place, cell: Cell, title: str, above: list[str], answers: tuple[str, ...]) -> Question:
    statement, scheme = split_scheme("\n".join(above))
    return Question(
        place=place,
        title=title,
        statement=statement,
        scheme=read_scheme(scheme),
        maximum=cell.points,
        answers=() if cell.is_task else answers,
        before=cell.grade_id if cell.is_task else "",
        by_person=cell.role is not Role.GRADING,
    )


def _read_on(cell: Cell, title: str, above: list[str]) -> tuple[str, list[str]]:
    """Return the heading in force and the text since it, once a cell of the lesson is read; others change neither."""
    if cell.kind != "markdown" or cell.role not in (Role.LESSON, Role.TASK):
        return title, above
    fenced = False
    for line in cell.source.split("\n"):
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        if not fenced and line.startswith("#") and line.lstrip("#").startswith(" "):
            title, above = line.lstrip("# ").strip(), []
        else:
            above = [*above, line] if above else [line]
    return title, [*above, ""]


def _commented(cell: Cell, answers: tuple[str, ...]) -> str:
    """Return the cell whose comment is about a graded cell; nbgrader keeps comments of answers and tasks only."""
    if cell.is_answer or cell.is_task:
        return cell.grade_id
    return answers[-1] if answers else ""
