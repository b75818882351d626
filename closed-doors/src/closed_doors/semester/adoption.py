"""Takes over an nbgrader course that is under way: what it has graded stands, and what is new is graded here.

First everything is looked at and nothing written (`look`), so that whoever adopts a course reads what changes before it
does; then it is done (`adopt`). Doing it again does only what is missing.
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from closed_doors.classroom.class_plan import ClassPlan, Task
from closed_doors.classroom.grade_submission import Assignment
from closed_doors.classroom.kept_proofs import refusals_of
from closed_doors.classroom.read_submissions import read_assignment
from closed_doors.core.errors import CourseError, SubmissionError
from closed_doors.core.files import replace as write
from closed_doors.core.layout import CONFIG_NAME
from closed_doors.core.profile import PROFILE_NAME
from closed_doors.grading.master_proof import Refusal
from closed_doors.grading.verdict.remark import Remark, RemarkCode
from closed_doors.grading.verdict.verdict import Status, Verdict
from closed_doors.grading.verdict.verdict_file import verdict_path, write_verdict
from closed_doors.nbgrader.adopted_grades import (
    GradedWork,
    StandingPenalty,
    note_as_graded,
    require_current,
    standing_penalties,
)
from closed_doors.nbgrader.arrival import Arrival, stands_beside
from closed_doors.nbgrader.config_lines import Notice, closed, notices, with_closed_doors
from closed_doors.nbgrader.final_marks import lateness
from closed_doors.nbgrader.gradebook_writer import Gradebook
from closed_doors.nbgrader.receipts import TIMESTAMP, read_receipts, write_receipts
from closed_doors.nbgrader.settings import Settings, read_settings
from closed_doors.notebook.cell import cells_of
from closed_doors.notebook.ingest import parse_submission
from closed_doors.notebook.json_files import Notebook, parse
from closed_doors.semester.new_course import profile_text


@dataclass(slots=True)
class AdoptedAssignment:
    """What becomes of one assignment.

    Attributes:
        problem: why nothing of it can be graded here; empty where it can.
        refused: cells that can't be graded here, by the name of their notebook, each with the reason.
        kept: works that nbgrader has graded and that are as they were then: they are not graded again.
        verdicts: what is to stand in verdicts/ for them.
        to_grade: whose work is new or has changed since.
        arrivals: when ungraded work came, in UTC without a zone, by student: to be entered into received.csv.
        doubtful: whose ungraded work has a time that a person should enter, with the reason.
        other_cells: how the graded cells of source/ differ from those that work was graded with.
        penalties: that stand as nbgrader gave them, although the rule would give others now.
    """

    name: str
    problem: str = ""
    refused: list[tuple[str, Refusal]] = field(default_factory=list)
    kept: list[GradedWork] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    to_grade: list[str] = field(default_factory=list)
    arrivals: dict[str, datetime] = field(default_factory=dict)
    doubtful: list[tuple[str, str]] = field(default_factory=list)
    other_cells: list[str] = field(default_factory=list)
    penalties: list[StandingPenalty] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Adoption:
    """What adopting a course does.

    Attributes:
        config: its new nbgrader_config.py; None where it stays.
        profile: its new course.toml; None where there is one.
        notices: what its own settings mean.
    """

    settings: Settings
    config: str | None
    profile: str | None
    notices: tuple[Notice, ...]
    assignments: tuple[AdoptedAssignment, ...]

    @property
    def obstacles(self) -> list[str]:
        """What has to be mended first."""
        return [notice.text for notice in self.notices if notice.blocks]


def look(root: Path, language: str, prove: bool = True) -> Adoption:
    """Find out what adopting a course would do; nothing is written.

    Args:
        root: the course's folder.
        language: of what students and TAs read, where the course does not say it yet.
        prove: whether each master's own solution is graded behind closed doors.

    Raises:
        CourseError: it is no nbgrader course, or its settings or its gradebook can't be read.
    """
    root = root.resolve()
    settings = _settings(root)
    text = _text(root / CONFIG_NAME)
    changed = with_closed_doors(text, settings.config)
    found = tuple(notices(root, settings.config))
    known = require_current(settings.db_url)
    has_profile = (root / PROFILE_NAME).exists()
    after = replace(settings, config=closed(settings.config), language=settings.language if has_profile else language)
    names = sorted(path.name for path in (root / "source").glob("*/") if any(path.glob("*.ipynb")))
    return Adoption(
        settings,
        None if changed == text else changed,
        None if has_profile else profile_text(language),
        found,
        tuple(_look_at(after, name, known, prove) for name in names),
    )


def adopt(found: Adoption) -> None:
    """Do what `look` has found.

    Raises:
        CourseError: something has to be mended first, or can't be written.
    """
    if found.obstacles:
        raise CourseError("Nothing was changed. Mend first: " + " ".join(found.obstacles))
    root, url = found.settings.root, found.settings.db_url
    times = {
        (student, one.name): at.replace(tzinfo=UTC) for one in found.assignments for student, at in one.arrivals.items()
    }
    try:
        if times:
            write_receipts(root, times)
        for one in found.assignments:
            for verdict in one.verdicts:
                write_verdict(root, verdict)
            if one.kept or one.penalties:
                note_as_graded(url, one.name, one.kept, one.penalties)
        for name, text in ((PROFILE_NAME, found.profile), (CONFIG_NAME, found.config)):
            if text is not None:
                write(root / name, text.encode())
    except OSError as error:
        raise CourseError(
            f"{error.filename} can't be written: {error.strerror}. No mark was touched; run this again to go on."
        ) from error


def _settings(root: Path) -> Settings:
    if not (root / "source").is_dir():
        raise CourseError(
            f"{root} is no nbgrader course: it has no source/ with masters. Name the course's folder, or begin a new "
            "course with `course init`."
        )
    if not (root / CONFIG_NAME).is_file():
        raise CourseError(
            f"{root} has no {CONFIG_NAME}: move the course's own there, or make an empty one, then run this again."
        )
    try:
        return read_settings(root)
    except CourseError:
        raise
    except Exception as error:  # the file is the course's own code
        raise CourseError(f"{root / CONFIG_NAME} fails: {type(error).__name__}: {error}.") from error


def _text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            return stream.read()
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{path} can't be read: {error}.") from error


def _look_at(settings: Settings, name: str, known: bool, prove: bool) -> AdoptedAssignment:
    found = AdoptedAssignment(name)
    try:
        assignment = read_assignment(settings, name)
        if prove:
            found.refused = list(_refused(settings, assignment))
        gradebook = Gradebook(settings.db_url, name)
        if known:
            found.penalties = list(standing_penalties(lateness(settings), name, gradebook.marks()))
        if any(settings.students(name)):
            _look_at_work(settings, ClassPlan(settings, name, (), gradebook), found)
    except CourseError as error:
        found.problem = str(error)
    except (KeyError, TypeError, ValueError) as error:
        found.problem = f"a notebook of source/{name} can't be read ({type(error).__name__}: {error})"
    return found


def _refused(settings: Settings, assignment: Assignment) -> Iterator[tuple[str, Refusal]]:
    for notebook, _ in assignment.masters:
        for refusal in refusals_of(settings.root, assignment, notebook, record=False):
            yield notebook, refusal


def _look_at_work(settings: Settings, plan: ClassPlan, found: AdoptedAssignment) -> None:
    if plan.marks:
        found.other_cells = plan.differences().sentences({})
    receipts = read_receipts(settings.root)
    for student, folder in plan.folders:
        if plan.is_noted(student):
            continue
        task, books = plan.task(student, folder), _autograded(settings, plan.assignment, student)
        if plan.is_graded_elsewhere(student) and _is_same(plan.assignment, task, books):
            received = plan.marks[student].received
            found.kept.append(GradedWork(student, task.content, task.fingerprint, received))
            found.verdicts += _verdicts(settings, plan.assignment, student, books)
            continue
        found.to_grade.append(student)
        if receipts.of(student, found.name) is None and task.arrival.at is not None:
            if doubt := _doubt(folder, task.arrival):
                found.doubtful.append((student, doubt))
            elif student not in plan.marks:  # else the gradebook and timestamp.txt keep both times
                found.arrivals[student] = task.arrival.at


def _doubt(folder: Path, arrival: Arrival) -> str:
    """Return why a person has to enter the time; empty where a record of the course's gives it."""
    if stands_beside(folder, arrival.at):
        return ""
    if arrival.doubt or not (folder / TIMESTAMP).is_file():
        return arrival.doubt
    return f"it counts as received {arrival.at} UTC, and its timestamp.txt says another time"


def _autograded(settings: Settings, assignment: Assignment, student: str) -> dict[str, Notebook]:
    """Return the notebooks that nbgrader has made of a student's work, by name."""
    found = {}
    for name, _ in assignment.masters:
        path = settings.folder("autograded", student, assignment.name) / f"{name}.ipynb"
        try:
            found[name] = parse(path.read_bytes())
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def _is_same(assignment: Assignment, task: Task, books: dict[str, Notebook]) -> bool:
    """Whether what was handed in is what nbgrader has graded: the same notebooks, and in them the same answers."""
    submission, masters = task.submission, dict(assignment.masters)
    if submission.refused or {name for name, _ in submission.notebooks} != books.keys():
        return False
    try:
        for name, data in submission.notebooks:
            answers = {cell.grade_id for cell in cells_of(parse(masters[name])) if cell.is_answer}
            if _written(parse_submission(data, name), answers) != _written(books[name], answers):
                return False
    except SubmissionError:
        return False
    return True


def _written(notebook: Notebook, answers: Set[str]) -> list[str]:
    """Return what a student has written: answers, and cells that nbgrader knows nothing of."""
    return [cell.source for cell in cells_of(notebook) if not cell.grade_id or cell.grade_id in answers]


def _verdicts(
    settings: Settings, assignment: Assignment, student: str, books: dict[str, Notebook]
) -> Iterator[Verdict]:
    """Yield what stands for work that was graded elsewhere: it is graded, and nothing is known of its criteria."""
    for name, _ in assignment.masters:
        if verdict_path(settings.root, assignment.name, student, name).exists():
            continue
        verdict = Verdict(assignment=assignment.name, student=student, notebook=name)
        if name not in books:
            reason = Remark(RemarkCode.NOTEBOOK_NOT_HANDED_IN, arguments={"notebook": name})
            verdict = Verdict(
                assignment=assignment.name, student=student, notebook=name, status=Status.MISSING, reason=reason
            )
        yield verdict
