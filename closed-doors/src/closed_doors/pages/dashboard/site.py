"""The staff's site for one assignment: an overview, a page for each student, a page for each two answers alike.

It names hidden criteria, so it is never for students. It is written beside its place and put there as a whole, so that
nobody opens half a site; what an earlier run left is gone.
"""

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import quote

from closed_doors.core.errors import CourseError
from closed_doors.core.files import replacement
from closed_doors.core.locks import only_one
from closed_doors.core.wording import wording
from closed_doors.grading.verdict.remark import explained
from closed_doors.nbgrader.settings import Settings
from closed_doors.pages.analysis.class_results import autograded, read_results
from closed_doors.pages.analysis.item_statistics import LEAST_STUDENTS, SURE_STUDENTS
from closed_doors.pages.analysis.similarity import Answer, Comparison, Pair, compare
from closed_doors.pages.dashboard import figures
from closed_doors.pages.dashboard.csv_sheets import criteria_sheet, marks_sheet
from closed_doors.pages.dashboard.dashboard_content import Content, StudentRow, content
from closed_doors.pages.dashboard.reasons_to_look import reasons
from closed_doors.pages.dashboard.side_by_side import side_by_side
from closed_doors.pages.dashboard.student_page import student_page
from closed_doors.pages.dashboard.words_and_thresholds import HOW_TO_READ, FigureWording
from closed_doors.pages.html.renderer import render

MARKER = ".course-report"
STUDENTS, PAIRS = "etudiants", "paires"
LEAST_WEIGHT = 0.5  # of a pair that gets a page
_STYLES = ("code.css", "dashboard.css")

_WORDS: dict[str, object] = {
    "how_to_read": HOW_TO_READ,
    "least_students": LEAST_STUDENTS,
    "sure_students": SURE_STUDENTS,
}

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Site:
    """What was written.

    Attributes:
        index: the page to open.
        students: how many have a page.
        to_look_at: how many of them a person should look at.
        pairs: how many pages show two answers side by side.
    """

    index: Path
    students: int
    to_look_at: int
    pairs: int


def write_dashboard(settings: Settings, assignment: str, target: Path, progress: Progress = lambda _: None) -> Site:
    """Write the site.

    Args:
        settings: the course.
        assignment: nbgrader's name for it.
        target: the folder; one that is neither empty nor an earlier report's is refused.
        progress: called with what is being done.

    Raises:
        CourseError: nothing is graded yet, or the folder is somebody else's.
    """
    lock = target.parent / f".{target.name}.lock"
    with only_one(lock, f"Another report is being written to {target}; waiting for it to end", progress):
        _require_ours(target)
        return _write(settings, assignment, target, progress)


def page_name(student: str) -> str:
    """Return the name of a student's page, the same in every run, whatever characters the id has."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "-", student)[:60]
    return f"{plain}.html" if plain == student else f"{plain}-{hashlib.sha256(student.encode()).hexdigest()[:8]}.html"


def _write(settings: Settings, assignment: str, target: Path, progress: Progress) -> Site:
    words = wording(settings.language)
    progress("Reading the class")
    results = read_results(settings, assignment)
    progress(f"Comparing the answers of {len(results.graded)} students")
    comparison = compare(results.answers)
    pairs = [pair for pair in comparison.pairs if pair.weight >= LEAST_WEIGHT]
    pair_links = {pair: f"{PAIRS}/{number:02}.html" for number, pair in enumerate(pairs, start=1)}
    found = content(results, reasons(results, pairs, pair_links, words))
    progress("Drawing the figures")
    pictures = _figures(found, FigureWording(words))
    try:
        with replacement(target) as fresh:
            for folder in (fresh / STUDENTS, fresh / PAIRS):
                folder.mkdir()
            (fresh / MARKER).write_text("Made by `course report`, which replaces this folder when it runs again.\n")
            progress(f"Writing {len(found.students)} students' pages")
            _Writer(settings, found, comparison, pair_links, fresh, target).write(pictures)
    except OSError as error:
        raise CourseError(f"The report can't be written: {error.strerror} ({error.filename}).") from error
    return Site(target / "index.html", len(found.students), len(found.to_look_at), len(pairs))


def _require_ours(target: Path) -> None:
    if target.exists() and (not target.is_dir() or (any(target.iterdir()) and not (target / MARKER).exists())):
        raise CourseError(f"{target} is not an earlier report's folder; empty it, or name another one with --to.")


def _figures(found: Content, said: FigureWording) -> dict[str, figures.Figure | None]:
    graded = found.results.graded
    rows = [(item.short, item.full, item.part, item.none) for item in found.items if item.item.points > 0]
    marks = [result.mark for result in graded if result.mark is not None]
    return {
        "marks": figures.marks_figure(marks, found.results.out_of, found.spread, said) if found.spread else None,
        "exercises": figures.exercises_figure(rows, said) if rows and graded else None,
        "criteria": figures.criteria_figure(_criteria(found), said),
        "arrivals": _arrivals(found, said),
    }


def _criteria(found: Content) -> list[tuple[str, float, float, bool]]:
    """Return number, difficulty and discrimination of the criteria that have both, and whether each is hidden."""
    return [
        (row.number, row.statistics.difficulty, row.statistics.discrimination, row.criterion.hidden)
        for item in found.items
        for row in item.criteria
        if row.statistics.difficulty is not None and row.statistics.discrimination is not None
    ]


def _arrivals(found: Content, said: FigureWording) -> figures.Figure | None:
    due = found.results.due
    if due is None:
        return None
    arrived = [row.result.received for row in found.students if row.result.received is not None]
    return figures.arrivals_figure([(due - at).total_seconds() / 3600 for at in arrived], said)


class _Writer:
    """Writes the pages of one site into a folder that is to be moved to its place."""

    def __init__(
        self,
        settings: Settings,
        found: Content,
        comparison: Comparison,
        pair_links: Mapping[Pair, str],
        folder: Path,
        target: Path,
    ) -> None:
        self._settings = settings
        self._words = wording(settings.language)
        self._content = found
        self._comparison = comparison
        self._pair_links = pair_links
        self._folder = folder
        self._target = target
        self._results = {row.result.student: row for row in found.students}

    def write(self, pictures: Mapping[str, figures.Figure | None]) -> None:
        """Write everything."""
        links = {student: f"{STUDENTS}/{quote(page_name(student))}" for student in self._results}
        shared: dict[str, object] = {"content": self._content, "results": self._content.results, "links": links}
        self._page(
            "index.html",
            "dashboard.html",
            **shared,
            pictures=pictures,
            feedback={student: self._feedback(student, self._target) for student in self._results},
            pair_count=len(self._pair_links),
            made=datetime.now(UTC),
        )
        self._page(
            "ressemblances.html",
            "likenesses.html",
            **shared,
            pairs=self._pair_links,
            common=[(self._answer_title(common.place), common) for common in self._comparison.common],
            left_out=[self._answer_title(place) for place in self._comparison.left_out],
            title_of=self._answer_title,
            name_of=self._name,
        )
        for pair, address in self._pair_links.items():
            self._pair(pair, address)
        for row in self._content.students:
            self._student(row)
        (self._folder / "marks.csv").write_bytes(marks_sheet(self._content, self._words))
        (self._folder / "criteria.csv").write_bytes(criteria_sheet(self._content))

    def _page(self, address: str, template: str, script: str = "tables.js", /, **shown: object) -> None:
        said = FigureWording(self._words)
        levels = {
            "alpha_level": said.alpha_level,
            "difficulty_level": said.difficulty_level,
            "discrimination_level": said.discrimination_level,
            "arrival": said.arrival,
            "duration": said.duration,
            "share": said.share,
            "decimal": said.decimal,
            "explained": partial(explained, words=self._words),
        }
        text = render(template, self._words, _STYLES, script, **_WORDS, **levels, **shown)
        (self._folder / address).write_text(text, encoding="utf-8", errors="replace")

    def _student(self, row: StudentRow) -> None:
        name = page_name(row.result.student)
        here = self._target / STUDENTS
        notebooks = []
        for notebook in self._content.results.masters:
            path = self._settings.folder("autograded", row.result.student, self._content.results.assignment)
            cells = autograded(self._settings, self._content.results.assignment, row.result.student, notebook)
            file = _link(path / f"{notebook}.ipynb", here) if cells else ""
            notebooks.append((notebook, cells, file))
        shown = student_page(self._content, row, notebooks, self._words)
        self._page(
            f"{STUDENTS}/{name}",
            "student.html",
            "",
            content=self._content,
            row=row,
            work=shown,
            feedback=self._feedback(row.result.student, here),
        )

    def _pair(self, pair: Pair, address: str) -> None:
        texts: dict[tuple[str, tuple[str, str]], Answer] = {
            (answer.student, answer.place): answer
            for answer in self._content.results.answers
            if answer.student in pair.students
        }
        left, right = pair.students
        shown = [
            (
                self._answer_title(likeness.place),
                likeness,
                side_by_side(texts[left, likeness.place].source, texts[right, likeness.place].source),
            )
            for likeness in pair.likenesses
        ]
        self._page(
            address,
            "pair.html",
            "",
            results=self._content.results,
            names=(self._name(left), self._name(right)),
            pages=tuple(f"../{STUDENTS}/{quote(page_name(student))}" for student in pair.students),
            shown=shown,
        )

    def _name(self, student: str) -> str:
        row = self._results.get(student)
        return row.result.name if row else student

    def _answer_title(self, place: tuple[str, str]) -> str:
        """Return the title of the exercise that an answer cell belongs to."""
        for row in self._content.items:
            if row.item.place[0] == place[0] and place[1] in row.item.answers:
                return row.title
        return place[1]

    def _feedback(self, student: str, here: Path) -> str:
        """Return the address of the student's own page, where there is one."""
        folder = self._settings.folder("feedback", student, self._content.results.assignment)
        for notebook in self._content.results.masters:
            path = folder / f"{notebook}.html"
            if path.exists():
                return _link(path, here)
        return ""


def _link(path: Path, here: Path) -> str:
    """Return a relative address."""
    return quote(os.path.relpath(path, here))
