"""Where nbgrader keeps what belongs to a submission that it is working on: names, master, what was handed in."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from traitlets.config.loader import Config

from closed_doors.core.errors import HostError
from closed_doors.core.layout import Layout
from closed_doors.nbgrader.generated_tests import with_generated_tests
from closed_doors.nbgrader.gradebook_database import Database
from closed_doors.nbgrader.gradebook_structure import renamed_in
from closed_doors.nbgrader.header_footer import with_header_footer
from closed_doors.nbgrader.renamed_cells import with_new_names
from closed_doors.nbgrader.settings import read_delimiters
from closed_doors.notebook.ingest import parse_submission, read_notebook
from closed_doors.notebook.json_files import JsonObject, Notebook, parse
from closed_doors.notebook.kernel import require_python


class CourseDirectory(Protocol):
    """What is used of nbgrader's CourseDirectory."""

    root: str
    course_id: str
    db_url: str
    source_directory: str
    submitted_directory: str

    def format_path(self, nbgrader_step: str, student_id: str, assignment_id: str) -> str:
        """Return the folder of a step, below the root."""


class _Converter(Protocol):
    coursedir: CourseDirectory


class _Exporter(Protocol):
    parent: _Converter


class Step(Protocol):
    """A preprocessor in one of nbgrader's pipelines: it knows its exporter, and that its converter."""

    parent: _Exporter
    config: Config


@dataclass(frozen=True, slots=True)
class Submitted:
    """The submission that a preprocessor is called for."""

    course: CourseDirectory
    assignment: str
    student: str
    notebook: str
    config: Config

    @property
    def root(self) -> Path:
        """The course's folder."""
        return Path(self.course.root)

    @property
    def master_path(self) -> Path:
        """The master notebook.

        Raises:
            HostError: it is missing.
        """
        folder = self.course.format_path(self.course.source_directory, ".", self.assignment)
        path = Path(self.course.root, folder, f"{self.notebook}.ipynb")
        if not path.is_file():
            raise HostError(
                f"The master {path} is missing, and submissions are graded on it. "
                f"Bring source/{self.assignment} back, then autograde again."
            )
        return path

    def master(self) -> Notebook:
        """Read the master notebook with generated tests, the course's header and footer, and nbgrader's markers.

        Raises:
            HostError: it is missing.
            MasterError: it is written for a kernel that is not Python's.
        """
        master = parse(self.master_path.read_bytes())
        tested = with_generated_tests(master, self.course.db_url, self.assignment, self.notebook)
        whole = with_header_footer(tested, self.config, self.root)
        require_python(whole, self.master_path.name)
        return read_delimiters(self.config).normalised(whole)

    def handed_in(self) -> Notebook:
        """Read the file in submitted/ as one that anybody may have written: nbgrader follows links.

        Raises:
            SubmissionError: it is not a notebook that can be graded.
        """
        root = Path(self.course.root, self.course.submitted_directory).resolve()
        folder = self.course.format_path(self.course.submitted_directory, self.student, self.assignment)
        path = root / Path(self.course.root, folder, f"{self.notebook}.ipynb")
        return parse_submission(with_new_names(read_notebook(path, root), self._new_names()), path.name)

    def _new_names(self) -> dict[str, str]:
        """Return what cells are called that had another name when the work was handed in."""
        with Database(self.course.db_url).transaction() as db:
            renamed = renamed_in(db, self.assignment)
        return {old: new for (notebook, old), new in renamed.items() if notebook == self.notebook}


def course_directory(step: Step) -> CourseDirectory:
    """Return the course directory of a preprocessor: of its exporter's converter."""
    return step.parent.parent.coursedir


def submitted(step: Step, resources: JsonObject) -> Submitted:
    """Return what a preprocessor is working on."""
    names = resources["nbgrader"]
    return Submitted(course_directory(step), names["assignment"], names["student"], names["notebook"], step.config)


def known_wrong(root: Path, assignment: str, notebook: str) -> bytes:
    """Return what the course knows of wrong answers to a notebook; empty where it knows nothing."""
    path = Layout(root).hints(assignment, notebook)
    return path.read_bytes() if path.is_file() else b""
