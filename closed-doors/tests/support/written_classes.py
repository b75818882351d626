"""A class whose written answers wait for a person: entered as graded, without running a cell."""

import contextlib
import copy
import functools
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from closed_doors.core.layout import CONFIG_NAME
from closed_doors.core.profile import PROFILE_NAME
from closed_doors.nbgrader.api import NbgraderCourse
from closed_doors.nbgrader.gradebook_students import enter_students
from closed_doors.nbgrader.gradebook_writer import CellGrade, Entry, Gradebook
from closed_doors.nbgrader.settings import Settings, read_settings
from support.courses import ASSIGNMENT, CONFIG, RIGHT, SmallCourse, cell, master

QUESTION = "question"
SCHEME = """## Pourquoi doubler ?

Expliquez pourquoi $2n = n + n$.

<!-- BEGIN MARK SCHEME -->
**Barème**

- **1 point**, définition : doubler, c'est ajouter un nombre à lui-même. Un demi-point sans la formule.
- **1 point**, exemple : un nombre est donné, par exemple $2 \\times 3 = 6$.
- **1 point**, borne : la réponse dit ce qui vaut pour $n < 0$.

L'orthographe n'est pas notée.
<!-- END MARK SCHEME -->"""


def written_master(scheme: str = SCHEME, points: float = 3) -> Any:
    """The small course's master, with a mark scheme above its question."""
    notebook = master()
    notebook.cells.insert(3, cell("markdown", "enonce", scheme))
    notebook.cells[4].metadata["nbgrader"]["points"] = points
    return notebook


@dataclass(frozen=True)
class WrittenClass:
    """A course and its settings; answers are by student."""

    course: SmallCourse
    answers: Mapping[str, str]

    @property
    def root(self) -> Path:
        return self.course.root

    @property
    def settings(self) -> Settings:
        return read_settings(self.root)

    def hand_in(self, answers: Mapping[str, str]) -> None:
        """Let work be graded (again), with these answers."""
        entries = []
        for student, text in answers.items():
            work = copy.deepcopy(written_master())
            work.cells[1].source, work.cells[4].source = RIGHT, text
            folder = self.root / "autograded" / student / ASSIGNMENT
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{ASSIGNMENT}.ipynb").write_text(json.dumps(work), encoding="utf-8")
            grades = {(ASSIGNMENT, "verification"): CellGrade(4.0)}
            digests = {(ASSIGNMENT, QUESTION): str(hash(text))[:60]}
            entries.append(Entry(student, None, text[:60] or "-", "f", grades, {}, digests))
        Gradebook(self.settings.db_url, ASSIGNMENT).write(entries)

    def mark(self, student: str) -> tuple[float | None, bool, str | None]:
        """What nbgrader's own tables hold: mark by hand, whether a person has to look, comment."""
        grade = {row[:2]: row[3:] for row in self.course.rows(GRADE)}[student, QUESTION]
        said = {row[0]: row[1] for row in self.course.rows(COMMENT)}[student]
        return grade[0], bool(grade[1]), said


JOINED = """FROM {table} x JOIN submitted_notebook n ON n.id = x.notebook_id
JOIN submitted_assignment s ON s.id = n.assignment_id JOIN base_cell c ON c.id = x.cell_id"""
GRADE = "SELECT s.student_id, c.name, x.auto_score, x.manual_score, x.needs_manual_grade " + JOINED.format(
    table="grade"
)
COMMENT = "SELECT s.student_id, x.manual_comment " + JOINED.format(table="comment") + " WHERE c.name = 'question'"


def written_class(root: Path, answers: Mapping[str, str], profile: str = "", notebook: Any = None) -> WrittenClass:
    """Make a course of which everybody has handed in an answer.

    Args:
        root: the course's folder.
        answers: by student.
        profile: course.toml.
        notebook: the master, where it is not `written_master()`.
    """
    root.mkdir(parents=True)
    (root / CONFIG_NAME).write_text(CONFIG, encoding="utf-8")
    (root / PROFILE_NAME).write_text(profile, encoding="utf-8")
    course = SmallCourse(root)
    course.set_master(notebook or written_master())
    (root / "gradebook.db").write_bytes(_registered(nbformat.writes(notebook or written_master())))
    found = WrittenClass(course, answers)
    found.hand_in(answers)
    people = [(student, student.capitalize(), "Exemple", f"{student}@exemple.fr") for student in answers]
    enter_students(found.settings.db_url, people)
    return found


@functools.cache
def _registered(notebook: str) -> bytes:
    """Return a gradebook that knows the master, made once: nbgrader takes its time for it."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / CONFIG_NAME).write_text(CONFIG, encoding="utf-8")
        SmallCourse(Path(folder)).set_master(nbformat.reads(notebook, as_version=4))
        NbgraderCourse(Path(folder)).register(ASSIGNMENT)
        return (Path(folder) / "gradebook.db").read_bytes()


@contextlib.contextmanager
def desk_on(root: Path, person: str = "camille") -> Iterator[str]:
    """Run `course desk` on a course; yields the address to open, token included."""
    command = [sys.executable, "-c", "from closed_doors.cli.main import main; main()", "--root", str(root)]
    with subprocess.Popen([*command, "desk", "--as", person], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.terminate()
