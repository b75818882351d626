"""A class's results for one assignment, gathered from the gradebook, verdicts/, autograded/ and timings/."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from checks.report import Criterion
from closed_doors.classroom.grade_submission import Assignment
from closed_doors.classroom.read_submissions import read_assignment
from closed_doors.core.errors import CourseError
from closed_doors.grading.verdict.remark import Remark, RemarkCode
from closed_doors.grading.verdict.timings import Timing, read_timings
from closed_doors.grading.verdict.verdict import CellVerdict, Diagnosis, Status, Verdict
from closed_doors.grading.verdict.verdict_file import read_verdict
from closed_doors.nbgrader.final_marks import read_final_marks
from closed_doors.nbgrader.gradebook_reader import StudentMarks, read_enrolment
from closed_doors.nbgrader.settings import Settings
from closed_doors.notebook.cell import Cell, Role, cells_of
from closed_doors.notebook.json_files import Notebook, parse
from closed_doors.pages.analysis.similarity import Answer

Place = tuple[str, str]  # notebook and grade_id


@dataclass(frozen=True, slots=True)
class AskedCriterion:
    """One test of a grading cell, as its docstring says it: what a class is asked, whoever answers."""

    place: Place
    name: str
    text: str
    hidden: bool
    points: float


@dataclass(frozen=True, slots=True)
class Item:
    """One graded cell.

    Attributes:
        place: notebook and grade_id.
        title: the heading above it in the master.
        points: what it is worth.
        automatic: whether its tests give the points; a person does otherwise.
        answers: grade_ids of the answer cells that it judges, itself where a person marks it.
        criteria: its tests, in order; known once somebody was graded.
    """

    place: Place
    title: str
    points: float
    automatic: bool
    answers: tuple[str, ...]
    criteria: tuple[AskedCriterion, ...] = ()


@dataclass(slots=True)
class Result:
    """One student's work.

    Attributes:
        student: nbgrader's id.
        status: what became of it, of several notebooks what became of the first that was not graded; None where nothing
            was handed in.
        reason: why it is not graded.
        marks: what the gradebook says; None where it says nothing.
        verdicts: what its verdict files hold, by notebook.
        remarks: what grading found that a person should look at.
        outcomes: what became of each criterion, by place and name.
        diagnoses: the misconceptions that were recognised, by place.
        blank: whether no answer differs from the release.
        timing: how long grading took; None where that was not noted.
    """

    student: str
    name: str
    status: Status | None = None
    reason: Remark | None = None
    marks: StudentMarks | None = None
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    outcomes: dict[tuple[Place, str], Criterion] = field(default_factory=dict)
    diagnoses: dict[Place, tuple[Diagnosis, ...]] = field(default_factory=dict)
    blank: bool = False
    timing: Timing | None = None

    @property
    def is_graded(self) -> bool:
        """Whether all its notebooks were graded that were handed in."""
        return self.status is Status.GRADED

    @property
    def mark(self) -> float | None:
        """The points that count; None where there is no mark."""
        if not self.is_graded or self.marks is None:
            return None
        return sum(notebook.score for notebook in self.marks.notebooks.values())

    @property
    def penalty(self) -> float:
        """Points taken off for lateness."""
        return sum(notebook.penalty for notebook in self.marks.notebooks.values()) if self.marks else 0.0

    @property
    def late_s(self) -> float:
        """Lateness in seconds, the student's own extension counted."""
        return self.marks.late_s if self.marks else 0.0

    @property
    def received(self) -> datetime | None:
        """When the work arrived, in UTC."""
        return self.marks.received if self.marks else None

    def score(self, place: Place) -> float:
        """Points for one graded cell."""
        notebook = self.marks.notebooks.get(place[0]) if self.marks else None
        cell = notebook.cells.get(place[1]) if notebook else None
        return cell.score if cell else 0.0

    def is_pending(self, place: Place) -> bool:
        """Whether a person still has to look at a graded cell."""
        notebook = self.marks.notebooks.get(place[0]) if self.marks else None
        cell = notebook.cells.get(place[1]) if notebook else None
        return bool(cell and cell.pending)


@dataclass(frozen=True, slots=True)
class ClassResults:
    """A class's results.

    Attributes:
        due: the deadline, in UTC without a zone; None where there is none.
        items: the graded cells, in the order of the notebooks.
        students: everybody, in alphabetical order of ids, whether or not something was handed in.
        answers: what was written, for comparing it.
        masters: the instructor's notebooks by name.
    """

    assignment: str
    due: datetime | None
    items: tuple[Item, ...]
    students: tuple[Result, ...]
    answers: tuple[Answer, ...]
    masters: Mapping[str, Notebook]

    @property
    def title(self) -> str:
        """The first heading of the first notebook, or the assignment's name."""
        for master in self.masters.values():
            for cell in master["cells"]:
                if cell["cell_type"] == "markdown" and cell["source"].startswith("# "):
                    return str(cell["source"].split("\n")[0].lstrip("# ").replace("*", "").strip())
        return self.assignment

    @property
    def graded(self) -> list[Result]:
        """Those who have a mark."""
        return [result for result in self.students if result.mark is not None]

    @property
    def out_of(self) -> float:
        """The most points that the assignment gives."""
        return sum(item.points for item in self.items)


def read_results(settings: Settings, name: str) -> ClassResults:
    """Gather a class's results.

    Raises:
        CourseError: nothing was graded yet, or something can't be read.
    """
    assignment = read_assignment(settings, name)
    masters = {notebook: parse(data) for notebook, data in assignment.masters}
    enrolment, marks = read_enrolment(settings.db_url, name), read_final_marks(settings, name)
    handed_in, timings = {student for student, _ in settings.students(name)}, read_timings(settings.root, name)
    results, answers = [], []
    for student in sorted({*enrolment.names, *marks, *handed_in}):
        first, last = enrolment.names.get(student, ("", ""))
        result = Result(student, f"{first} {last}".strip() or student, marks=marks.get(student))
        _read_verdicts(settings, assignment, result)
        if result.is_graded:
            result.timing = _time_of(student, masters, timings)
            written = list(_read_answers(settings, name, student, masters))
            result.blank = all(answer.source.strip() == answer.starter.strip() for answer in written)
            answers += written
        results.append(result)
    if not any(result.status for result in results):
        raise CourseError(
            f"Nothing of {name} is graded: there is no verdict file under {settings.root / 'verdicts'}. "
            f"Run `course autograde {name}` first."
        )
    asked = _criteria([result for result in results if result.is_graded])
    return ClassResults(name, enrolment.due, _items(masters, asked), tuple(results), tuple(answers), masters)


def autograded(settings: Settings, assignment: str, student: str, notebook: str) -> Notebook | None:
    """Return an autograded notebook; None where there is none that can be read."""
    path = settings.folder("autograded", student, assignment) / f"{notebook}.ipynb"
    try:
        return parse(path.read_bytes())
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _read_verdicts(settings: Settings, assignment: Assignment, result: Result) -> None:
    """Fill in what the verdict files say; one notebook that could not be graded decides the status of the whole."""
    for notebook, _ in assignment.masters:
        try:
            verdict = read_verdict(settings.root, assignment.name, result.student, notebook)
        except CourseError as error:  # one student's damaged file never stops a class
            result.status = Status.FAILED
            result.reason = Remark(RemarkCode.VERDICT_UNREADABLE, arguments={"error": str(error)})
            continue
        if verdict is not None:
            _take_in(result, verdict)


def _take_in(result: Result, verdict: Verdict) -> None:
    result.verdicts[verdict.notebook] = verdict
    if verdict.status is not Status.MISSING and result.status in (None, Status.GRADED):
        result.status, result.reason = verdict.status, verdict.reason
    result.remarks += verdict.for_staff
    for cell in verdict.cells:
        place = (verdict.notebook, cell.grade_id)
        result.outcomes |= {(place, criterion.name): criterion for criterion in cell.criteria}
        if cell.diagnoses:
            result.diagnoses[place] = cell.diagnoses


def _time_of(student: str, notebooks: Iterable[str], timings: Mapping[Place, Timing]) -> Timing | None:
    """Return how long grading took, all notebooks together."""
    theirs = [timings[student, notebook] for notebook in notebooks if (student, notebook) in timings]
    if not theirs:
        return None
    return Timing(
        max(timing.graded for timing in theirs),
        sum(timing.wall_s for timing in theirs),
        sum(timing.cpu_s for timing in theirs),
    )


def _read_answers(
    settings: Settings, assignment: str, student: str, masters: Mapping[str, Notebook]
) -> Iterator[Answer]:
    for name, master in masters.items():
        starters = _starters(settings, assignment, name, master)
        notebook = autograded(settings, assignment, student, name)
        for cell in cells_of(notebook) if notebook else ():
            if cell.is_answer and cell.grade_id in starters:
                yield Answer(student, (name, cell.grade_id), cell.kind, cell.source, starters[cell.grade_id])


def starters_of(settings: Settings, assignment: str, notebook: str) -> dict[str, str]:
    """Return what the release gives in each answer cell, by grade_id; nothing where it can't be read any more."""
    path = settings.folder("release", ".", assignment) / f"{notebook}.ipynb"
    try:
        return {cell.grade_id: cell.source for cell in cells_of(parse(path.read_bytes())) if cell.is_answer}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


_known_starters: dict[Path, dict[str, str]] = {}


def _starters(settings: Settings, assignment: str, name: str, master: Notebook) -> dict[str, str]:
    """Return what the release gives in each answer cell; nothing where there is no release any more."""
    path = settings.folder("release", ".", assignment) / f"{name}.ipynb"
    if path not in _known_starters:
        found = {cell.grade_id: "" for cell in cells_of(master) if cell.is_answer}
        try:
            for cell in cells_of(parse(path.read_bytes())):
                if cell.grade_id in found:
                    found[cell.grade_id] = cell.source
        except (OSError, ValueError):
            pass
        _known_starters[path] = found
    return _known_starters[path]


def _criteria(graded: Iterable[Result]) -> dict[Place, tuple[AskedCriterion, ...]]:
    """Return the criteria of each grading cell, from the verdict that names most of them."""
    found: dict[Place, tuple[AskedCriterion, ...]] = {}
    for verdict in (verdict for result in graded for verdict in result.verdicts.values()):
        for cell in verdict.cells:
            place = (verdict.notebook, cell.grade_id)
            if len(cell.criteria) > len(found.get(place, ())):
                found[place] = _asked(place, cell)
    return found


def _asked(place: Place, cell: CellVerdict) -> tuple[AskedCriterion, ...]:
    whole = sum(criterion.weight for criterion in cell.criteria) or 1.0
    return tuple(AskedCriterion(place, c.name, c.text, c.hidden, cell.points * c.weight / whole) for c in cell.criteria)


def _items(masters: Mapping[str, Notebook], criteria: Mapping[Place, tuple[AskedCriterion, ...]]) -> tuple[Item, ...]:
    return tuple(item for name, master in masters.items() for item in _items_of(name, master, criteria))


def _items_of(name: str, master: Notebook, criteria: Mapping[Place, tuple[AskedCriterion, ...]]) -> Iterator[Item]:
    title, answers = name, list[str]()
    for cell in cells_of(master):
        title = _last_heading(cell, title)
        if cell.is_answer and not cell.is_graded:
            answers.append(cell.grade_id)
        place = (name, cell.grade_id)
        if cell.role is Role.GRADING:
            yield Item(place, title, cell.points, True, tuple(answers), criteria.get(place, ()))
            answers.clear()
        elif cell.is_graded or cell.is_task:
            yield Item(place, title, cell.points, False, (cell.grade_id,))


def _last_heading(cell: Cell, before: str) -> str:
    """Return the last heading of a cell, or the one before it where it has none."""
    if cell.kind != "markdown":
        return before
    headings = [line.lstrip("#").strip() for line in cell.source.split("\n") if line.startswith("#")]
    return headings[-1] if headings else before
