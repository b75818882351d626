"""The pages of a class: read from autograded/, verdicts/ and the gradebook, written where nbgrader puts feedback.

    feedback/<student>/<assignment>/<notebook>.html

So formgrader shows them and `nbgrader release_feedback` hands them out. A page is made from what lies there and from
nothing else, so it is written only where it would change; one student's damaged file never stops a class.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from difflib import get_close_matches
from pathlib import Path

from closed_doors.classroom.read_submissions import EXCHANGE_NOTE, read_secret
from closed_doors.core.errors import CourseError, LayoutError
from closed_doors.core.files import replace
from closed_doors.core.progress import Progress, silent
from closed_doors.grading.verdict.verdict import Status
from closed_doors.grading.verdict.verdict_file import read_verdict, verdict_path
from closed_doors.grading.version import GRADING_VERSION
from closed_doors.nbgrader.final_marks import read_final_marks
from closed_doors.nbgrader.gradebook_reader import StudentMarks
from closed_doors.nbgrader.receipts import TIMESTAMP, as_timestamp
from closed_doors.nbgrader.settings import Settings
from closed_doors.notebook.json_files import JsonObject, parse
from closed_doors.pages.feedback.feedback_content import Work
from closed_doors.pages.feedback.feedback_page import feedback_page
from closed_doors.pages.feedback.noted_pages import note_pages, noted_pages

LOCK = ".feedback.lock"  # of the course's folder: who writes pages holds it
_MODE, _SHARED = 0o644, 0o664
FAILED = "grading failed for a reason that is not the student's; run `course autograde` again"
NO_NOTEBOOK = "there is no autograded notebook; run `course autograde`, which makes it anew"


@dataclass(slots=True)
class Summary:
    """What became of a class's pages, by student and notebook.

    Attributes:
        written: pages that are new or changed; in a dry run, those that would be.
        unchanged: pages that are as they were.
        provisional: pages of work that a person has still to look at.
        left_out: work without a page, with the reason.
    """

    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    provisional: list[str] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)


class ClassFeedback:
    """The pages of one assignment.

    Args:
        settings: the course.
        assignment: which one.
        wanted: only these students; all when empty.

    Raises:
        CourseError: nobody's work is graded, or a wanted student's is not; the nearest name is offered.
    """

    def __init__(self, settings: Settings, assignment: str, wanted: Sequence[str] = ()) -> None:
        self._settings = settings
        self._assignment = assignment
        marks = read_final_marks(settings, assignment, wanted) if len(wanted) == 1 else {}
        marks = marks or read_final_marks(settings, assignment)
        if not marks:
            raise CourseError(
                f"Nobody's work on {assignment} is in the gradebook: run `course autograde {assignment}` first."
            )
        for student in wanted:
            if student not in marks:
                near = get_close_matches(student, marks, n=1)
                hint = f" Did you mean {near[0]!r}?" if near else ""
                raise LayoutError(f"Student {student!r} has no graded work on {assignment}.{hint}")
        self._marks = [found for student, found in marks.items() if not wanted or student in wanted]

    def make(self, progress: Progress = silent, force: bool = False, dry_run: bool = False) -> Summary:
        """Make every page, and write those that are new or changed.

        Args:
            progress: told how far it is.
            force: write the unchanged ones too.
            dry_run: write nothing.
        """
        summary = Summary()
        work = [(found, notebook) for found in self._marks for notebook in found.notebooks]
        for done, (found, notebook) in enumerate(work, start=1):
            name = _label(found, notebook)
            try:
                self._make(found, notebook, name, summary, force, dry_run)
            except CourseError as error:
                summary.left_out.append((name, str(error)))
            except OSError as error:
                raise CourseError(
                    f"The page of {name} can't be written: {error.strerror} ({error.filename}). Mend the folder or "
                    "make room, then run again."
                ) from error
            progress(done, len(work))
        if not dry_run:
            left_out = {name for name, _ in summary.left_out}
            made = {self._key(f, n): self._made_of(f, n) for f, n in work if _label(f, n) not in left_out}
            note_pages(self._settings, self._assignment, made)
        return summary

    def stale(self) -> list[str]:
        """Return whose page is missing, or made of something else than what is there now, without making any."""
        known = noted_pages(self._settings, self._assignment)
        return [
            _label(found, notebook)
            for found in self._marks
            for notebook in found.notebooks
            if not self._page(found, notebook).is_file()
            or known.get(self._key(found, notebook)) != self._made_of(found, notebook)
        ]

    def _made_of(self, found: StudentMarks, notebook: str) -> str:
        """Return a hash of all that a page is made of."""
        settings, name = self._settings, self._assignment
        graded = settings.folder("autograded", found.student, name) / f"{notebook}.ipynb"
        marks = (found.name, found.late_s, settings.language, found.notebooks[notebook], GRADING_VERSION)
        digest = hashlib.sha256(repr(marks).encode("utf-8", "replace"))
        for path in (graded, verdict_path(settings.root, name, found.student, notebook)):
            digest.update(path.read_bytes() if path.is_file() else b"-")
        return digest.hexdigest()

    def _key(self, found: StudentMarks, notebook: str) -> str:
        return f"{found.student}/{notebook}"

    def _page(self, found: StudentMarks, notebook: str) -> Path:
        return self._settings.folder("feedback", found.student, self._assignment) / f"{notebook}.html"

    def _make(
        self, found: StudentMarks, notebook: str, name: str, summary: Summary, force: bool, dry_run: bool
    ) -> None:
        verdict = read_verdict(self._settings.root, self._assignment, found.student, notebook)
        cells = self._cells(found.student, notebook, verdict.status if verdict else Status.GRADED)
        work = Work(
            notebook, found.name, cells, verdict, found.notebooks[notebook], found.late_s, self._settings.language
        )
        try:
            page = feedback_page(work).encode("utf-8", "replace")
        except Exception as error:  # of a notebook that somebody has edited in autograded/
            raise CourseError(f"its files can't be made a page of ({type(error).__name__}: {error})") from error
        if work.marks.pending:
            summary.provisional.append(name)
        path = self._page(found, notebook)
        same = path.is_file() and path.read_bytes() == page
        (summary.unchanged if same and not force else summary.written).append(name)
        if dry_run:
            return
        if not same or force:
            replace(path, page, self._mode)
        for file, data in self._companions(found):
            if not (path.parent / file).is_file() or (path.parent / file).read_bytes() != data:
                replace(path.parent / file, data, self._mode)

    @property
    def _mode(self) -> int:
        return _SHARED if self._settings.config.CourseDirectory.get("groupshared", False) else _MODE

    def _cells(self, student: str, notebook: str, status: Status) -> Sequence[JsonObject]:
        """Return the cells of the autograded notebook; none of work that could not be graded."""
        if status in (Status.UNREADABLE, Status.MISSING):
            return ()
        path = self._settings.folder("autograded", student, self._assignment) / f"{notebook}.ipynb"
        if status is Status.FAILED or not path.is_file():
            raise CourseError(FAILED if status is Status.FAILED else NO_NOTEBOOK)
        try:
            cells: Sequence[JsonObject] = parse(path.read_bytes())["cells"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CourseError(
                f"{path} can't be read ({error}); remove it, then run `course autograde` again"
            ) from error
        return cells

    def _companions(self, found: StudentMarks) -> Iterator[tuple[str, bytes]]:
        """Yield the files that release_feedback looks for: when the work was received, and the exchange's secret."""
        graded = self._settings.folder("autograded", found.student, self._assignment)
        if (graded / TIMESTAMP).is_file():
            yield TIMESTAMP, (graded / TIMESTAMP).read_bytes()
        elif found.received is not None:
            yield TIMESTAMP, as_timestamp(found.received.replace(tzinfo=UTC))
        if (secret := read_secret(self._settings, self._assignment, found.student)) is not None:
            yield EXCHANGE_NOTE, secret


def _label(found: StudentMarks, notebook: str) -> str:
    return found.student if len(found.notebooks) == 1 else f"{found.student}/{notebook}"
