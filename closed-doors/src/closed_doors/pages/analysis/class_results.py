"""A class's results for one assignment, gathered from the gradebook, verdicts/, autograded/ and timings/."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from closed_doors.classroom.grade_submission import Assignment
from closed_doors.classroom.submitted import read_assignment, read_work
from closed_doors.core.errors import CourseError, SubmissionError
from closed_doors.grading.verdict.autograded_notebook import is_autograded
from closed_doors.grading.verdict.timings import Timing, read_timings
from closed_doors.grading.verdict.verdict_file import verdict_path
from closed_doors.nbgrader.gradebook_reader import StudentMarks, read_enrolment, read_marks
from closed_doors.nbgrader.settings import Settings
from closed_doors.notebook.ingest import parse_submission
from closed_doors.notebook.json_files import Notebook, parse
from closed_doors.pages.analysis.attempts import Attempt, attempts_in, attempts_on_the_file
from closed_doors.pages.analysis.similarity import Answer

Place = tuple[str, str]  # notebook and grade_id


@dataclass(frozen=True, slots=True)
class Criterion:
    """One test of a grading cell, as its docstring says it."""

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
    criteria: tuple[Criterion, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a criterion: a value of checks.report.Kind, and what the student reads of it."""

    kind: str
    message: str

    @property
    def passed(self) -> bool:
        """Whether the criterion is met."""
        return self.kind == "passed"


@dataclass(slots=True)
class Result:
    """One student's work.

    Attributes:
        student: nbgrader's id.
        status: graded, unreadable or failed (see `verdict_file`), or absent where nothing was handed in.
        reason: why it is not graded.
        marks: what the gradebook says; None where it says nothing.
        remarks: what grading found that a person should look at, in French.
        outcomes: by place and name of the criterion.
        diagnoses: id and sentence of the misconception that was recognised, by place.
        attempts: what looks like an attempt on the grading.
        blank: whether no answer differs from the release.
        timing: how long grading took; None where that was not noted.
    """

    student: str
    name: str
    status: str = "absent"
    reason: str = ""
    marks: StudentMarks | None = None
    remarks: list[str] = field(default_factory=list)
    outcomes: dict[tuple[Place, str], Outcome] = field(default_factory=dict)
    diagnoses: dict[Place, tuple[str, str]] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    blank: bool = False
    timing: Timing | None = None

    @property
    def mark(self) -> float | None:
        """The points that count; None where there is no mark."""
        if self.status != "graded" or self.marks is None:
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
    enrolment, marks = read_enrolment(settings.db_url, name), read_marks(settings.db_url, name)
    folders, timings = dict(settings.students(name)), read_timings(settings.root, name)
    results, answers = [], []
    for student in sorted({*enrolment.names, *marks, *folders}):
        first, last = enrolment.names.get(student, ("", ""))
        result = Result(student, f"{first} {last}".strip() or student, marks=marks.get(student))
        _read_verdicts(settings, assignment, result)
        if result.status == "graded":
            result.timing = _sum_of([timings[student, m] for m in masters if (student, m) in timings])
            written = list(_read_answers(settings, name, student, masters))
            result.blank = all(answer.source.strip() == answer.starter.strip() for answer in written)
            answers += written
            result.attempts = _attempts(settings, assignment, masters, student, folders.get(student))
        results.append(result)
    if not any(result.status != "absent" for result in results):
        raise CourseError(
            f"Nothing of {name} is graded: there is no verdict file under {settings.root / 'verdicts'}. "
            f"Run `course autograde {name}` first."
        )
    rows = _criteria(settings, name, masters, [result.student for result in results if result.status == "graded"])
    return ClassResults(name, enrolment.due, _items(masters, rows), tuple(results), tuple(answers), masters)


def autograded(settings: Settings, assignment: str, student: str, notebook: str) -> Notebook | None:
    """Return an autograded notebook; None where there is none that can be read."""
    path = settings.folder("autograded", student, assignment) / f"{notebook}.ipynb"
    try:
        return parse(path.read_bytes())
    except (OSError, ValueError, KeyError, TypeError):
        return None


def verdict(settings: Settings, assignment: str, student: str, notebook: str) -> dict[str, Any] | None:
    """Return a verdict file's content; None where there is none that can be read."""
    try:
        found = json.loads(verdict_path(settings.root, assignment, student, notebook).read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _read_verdicts(settings: Settings, assignment: Assignment, result: Result) -> None:
    """Fill in what the verdict files say; one notebook that could not be graded decides the status of the whole."""
    for notebook, _ in assignment.masters:
        record = verdict(settings, assignment.name, result.student, notebook)
        if record is None:
            continue
        status = record.get("status", "graded")
        if status == "missing":
            result.remarks.append(record.get("reason", ""))
        elif result.status in ("absent", "graded"):
            result.status, result.reason = status, record.get("reason", "")
        result.remarks += record.get("remarks", ())
        for row in record.get("cells", ()):
            place = (notebook, row["grade_id"])
            for criterion in row["criteria"]:
                result.outcomes[place, criterion["name"]] = Outcome(criterion["kind"], criterion["message"])
            if found := row.get("diagnosis"):
                result.diagnoses[place] = (str(found.get("id", "")), str(found.get("hint", "")))


def _sum_of(timings: Sequence[Timing]) -> Timing | None:
    if not timings:
        return None
    return Timing(
        max(timing.graded for timing in timings),
        sum(timing.wall_s for timing in timings),
        sum(timing.cpu_s for timing in timings),
    )


def _read_answers(
    settings: Settings, assignment: str, student: str, masters: Mapping[str, Notebook]
) -> Iterator[Answer]:
    for name, master in masters.items():
        starters = _starters(settings, assignment, name, master)
        notebook = autograded(settings, assignment, student, name)
        for cell in notebook["cells"] if notebook else ():
            marks = cell["metadata"].get("nbgrader", {})
            if marks.get("solution") and (grade_id := marks.get("grade_id")) in starters:
                yield Answer(student, (name, grade_id), cell["cell_type"], cell["source"], starters[grade_id])


_known_starters: dict[Path, dict[str, str]] = {}


def _starters(settings: Settings, assignment: str, name: str, master: Notebook) -> dict[str, str]:
    """Return what the release gives in each answer cell; nothing where there is no release any more."""
    path = settings.folder("release", ".", assignment) / f"{name}.ipynb"
    if path not in _known_starters:
        ids = [cell["metadata"].get("nbgrader", {}) for cell in master["cells"]]
        found = {marks["grade_id"]: "" for marks in ids if marks.get("solution")}
        try:
            for cell in parse(path.read_bytes())["cells"]:
                if (grade_id := cell["metadata"].get("nbgrader", {}).get("grade_id")) in found:
                    found[grade_id] = cell["source"]
        except (OSError, ValueError):
            pass
        _known_starters[path] = found
    return _known_starters[path]


def _attempts(
    settings: Settings, assignment: Assignment, masters: Mapping[str, Notebook], student: str, folder: Path | None
) -> list[Attempt]:
    if folder is None:
        return []
    found = []
    for name, data in read_work(settings, assignment, student, folder).notebooks:
        try:
            cells = parse_submission(data, name)["cells"]
        except SubmissionError:  # changed since it was graded
            continue
        answers = {
            cell["metadata"]["nbgrader"]["grade_id"]
            for cell in masters[name]["cells"]
            if cell["metadata"].get("nbgrader", {}).get("solution")
        }
        theirs = [(cell["cell_type"], cell["source"]) for cell in cells if _is_theirs(cell, answers)]
        found += [*attempts_on_the_file(masters[name], json.loads(data.decode("utf-8-sig"))), *attempts_in(theirs)]
    return found


def _is_theirs(cell: Mapping[str, Any], answers: set[str]) -> bool:
    grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
    return not grade_id or grade_id in answers


def _criteria(
    settings: Settings, assignment: str, masters: Mapping[str, Notebook], graded: Sequence[str]
) -> dict[Place, tuple[Criterion, ...]]:
    """Return the criteria of each grading cell, from the verdict file that names most of them."""
    found: dict[Place, tuple[Criterion, ...]] = {}
    for name in masters:
        for student in graded:
            record = verdict(settings, assignment, student, name) or {}
            for row in record.get("cells", ()):
                place = (name, row["grade_id"])
                if len(row["criteria"]) > len(found.get(place, ())):
                    whole = sum(criterion["weight"] for criterion in row["criteria"]) or 1.0
                    found[place] = tuple(
                        Criterion(place, c["name"], c["text"], c["hidden"], row["points"] * c["weight"] / whole)
                        for c in row["criteria"]
                    )
            if record.get("cells") and all(row["complete"] for row in record["cells"]):
                break
    return found


def _items(masters: Mapping[str, Notebook], criteria: Mapping[Place, tuple[Criterion, ...]]) -> tuple[Item, ...]:
    items = []
    for name, master in masters.items():
        title, answers = name, []
        for cell in master["cells"]:
            marks = cell["metadata"].get("nbgrader", {})
            if cell["cell_type"] == "markdown":
                headings = [line for line in cell["source"].split("\n") if line.startswith("#")]
                title = headings[-1].lstrip("#").strip() if headings else title
            if marks.get("solution") and not marks.get("grade"):
                answers.append(marks["grade_id"])
            if not marks.get("grade") and not marks.get("task"):
                continue
            place, points = (name, marks["grade_id"]), float(marks.get("points", 0))
            if is_autograded(cell):
                items.append(Item(place, title, points, True, tuple(answers), criteria.get(place, ())))
                answers = []
            else:
                items.append(Item(place, title, points, False, (marks["grade_id"],)))
    return tuple(items)
