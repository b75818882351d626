"""nbgrader in process: starting its command line costs four seconds, calling its converters nothing."""

import csv
import os
import re
import sys
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGraderAPI
from nbgrader.converters import GenerateSolution
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import capture_log, temp_attrs
from sqlalchemy.exc import SAWarning
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from closed_doors.core.errors import HostError
from closed_doors.core.layout import CONFIG_NAME
from closed_doors.nbgrader.export import UpToDateCsv
from closed_doors.nbgrader.gradebook_database import Database
from closed_doors.nbgrader.gradebook_indexes import make_indexes
from closed_doors.nbgrader.gradebook_structure import Structure, structure_in
from closed_doors.notebook.json_files import JsonObject


@dataclass(frozen=True, slots=True)
class Mark:
    """What the gradebook holds for one submission, in points."""

    score: float
    max_score: float
    needs_manual_grade: bool
    seconds_late: float


class NbgraderCourse:
    """One course directory, with the settings of its nbgrader_config.py."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        _put_environment_on_path()
        config: Config = PyFileConfigLoader(CONFIG_NAME, path=str(self.root)).load_config()
        config.CourseDirectory.root = str(self.root)
        self._api = NbGraderAPI(coursedir=CourseDirectory(config=config), config=config)
        self._api.log_level = "INFO"

    def generate_assignment(self, assignment: str) -> None:
        """Write release/<assignment> and the assignment's cells into the gradebook."""
        self._require_success(self._api.generate_assignment(assignment), f"generate_assignment {assignment}")

    def stage(self, assignment: str, folder: Path) -> None:
        """Write release/ and solutions/ of an assignment under a folder, and touch nothing else of the course."""
        places = {
            "release_directory": str(folder / "release"),
            "solution_directory": str(folder / "solutions"),
            "db_url": f"sqlite:///{folder / 'gradebook.db'}",
        }
        with temp_attrs(self._api.coursedir, **places):
            self.generate_assignment(assignment)
            self.generate_solution(assignment)

    def register(self, assignment: str) -> None:
        """Write the assignment's cells into the gradebook, and nothing else."""
        with tempfile.TemporaryDirectory() as folder, temp_attrs(self._api.coursedir, release_directory=folder):
            self.generate_assignment(assignment)
        with Database(self._api.coursedir.db_url).transaction() as db:
            make_indexes(db)

    def structure(self, assignment: str) -> Structure:
        """Return the assignment's notebooks and cells as source/ has them now; nothing of the course is touched."""
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{Path(folder, 'gradebook.db')}"
            with temp_attrs(self._api.coursedir, release_directory=str(Path(folder, "release")), db_url=url):
                self.generate_assignment(assignment)
            with Database(url).transaction() as db:
                return structure_in(db, assignment)

    def generate_solution(self, assignment: str) -> None:
        """Write solutions/<assignment>; the assignment must be in the gradebook already."""
        with temp_attrs(self._api.coursedir, assignment_id=assignment):
            app = GenerateSolution(coursedir=self._api.coursedir, parent=self._api)
            app.force = True
            self._require_success(capture_log(app), f"generate_solution {assignment}")

    def autograde(self, assignment: str, student: str) -> str | None:
        """Autograde one submission; return None, or the reason why nbgrader could not."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # nbgrader's own queries, harmless and not ours to mend
            result = self._api.autograde(assignment, student)
        return None if result["success"] else _reason(result)

    def generate_feedback(self, assignment: str, student: str) -> None:
        """Write feedback/<student>/<assignment>."""
        result = self._api.generate_feedback(assignment, student)
        self._require_success(result, f"generate_feedback {assignment} for {student}")

    def add_student(self, student: str, first_name: str, last_name: str) -> None:
        """Enter a student into the gradebook."""
        with self._gradebook() as gradebook:
            gradebook.update_or_create_student(student, first_name=first_name, last_name=last_name)

    def add_students(self, students: Iterable[tuple[str, str, str, str]]) -> None:
        """Enter students into the gradebook: id, first name, last name and address of each."""
        with self._gradebook() as gradebook:
            for student, first_name, last_name, email in students:
                gradebook.update_or_create_student(student, first_name=first_name, last_name=last_name, email=email)

    def set_due_date(self, assignment: str, due: str) -> None:
        """Set the due date, in ISO 8601 with its UTC offset."""
        with self._gradebook() as gradebook:
            gradebook.update_or_create_assignment(assignment, duedate=due)

    def mark_by_hand(
        self, assignment: str, notebook: str, cell: str, student: str, points: float, comment: str
    ) -> None:
        """Record what a TA would enter in formgrader for one manually graded cell."""
        with self._gradebook() as gradebook:
            grade = gradebook.find_grade(cell, notebook, assignment, student)
            grade.manual_score = points
            grade.needs_manual_grade = False
            gradebook.find_comment(cell, notebook, assignment, student).manual_comment = comment
            gradebook.db.commit()

    def mark(self, assignment: str, student: str) -> Mark | None:
        """Return the student's mark, or None where the gradebook has no submission."""
        with self._gradebook() as gradebook:
            try:
                found = gradebook.find_submission(assignment, student)
            except MissingEntry:
                return None
            return Mark(found.score, found.max_score, found.needs_manual_grade, found.total_seconds_late)

    def export_csv(self, path: Path) -> int:
        """Write all marks as CSV, as `nbgrader export` does; return the number of rows."""
        with self._gradebook() as gradebook:
            UpToDateCsv(parent=self._api, to=str(path)).export(gradebook)
        with path.open(newline="", encoding="utf-8") as stream:
            return sum(1 for _ in csv.DictReader(stream))

    @contextmanager
    def _gradebook(self) -> Iterator[Gradebook]:
        directory = self._api.coursedir
        with Gradebook(directory.db_url, directory.course_id) as gradebook:
            yield gradebook

    @staticmethod
    def _require_success(result: JsonObject, step: str) -> None:
        if not result["success"]:
            raise HostError(f"nbgrader {step} failed: {_reason(result)}\n{result.get('log', '')}".rstrip())


def _put_environment_on_path() -> None:
    """Let nbgrader find `alembic`, started by name to create a gradebook, in an environment not activated."""
    commands = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", os.defpath)
    if commands not in path.split(os.pathsep):
        os.environ["PATH"] = commands + os.pathsep + path


def _reason(result: JsonObject) -> str:
    """Return the exception's own line in nbgrader's log; its last words only say to look above."""
    text = result.get("error", "") + "\n" + result.get("log", "")
    lines = [line.strip() for line in text.splitlines()]
    named = [line for line in lines if re.match(r"(\w+\.)*\w*(Error|Exception)\b", line)]
    named = [line.split(".", line.split(":")[0].count("."))[-1] for line in named if "NbGraderException" not in line]
    return named[-1] if named else next((line for line in reversed(lines) if line), "no reason given")
