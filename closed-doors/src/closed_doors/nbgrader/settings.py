"""The course's nbgrader settings, read without loading nbgrader (which takes two seconds).

What nbgrader_config.py does not name has nbgrader's own default, given here once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from traitlets.config.loader import Config, PyFileConfigLoader

from closed_doors.core.layout import CONFIG_NAME
from closed_doors.core.profile import read_profile
from closed_doors.core.wording import DEFAULT_LANGUAGE
from closed_doors.grading.clocks.deadlines import Deadlines
from closed_doors.notebook.hidden_regions import Delimiters, Stubs

STRUCTURE = "{nbgrader_step}/{student_id}/{assignment_id}"
NO_LIMIT_S = 600.0  # where a course has taken nbgrader's own limit away
IGNORED = (".", "_")


@dataclass(frozen=True, slots=True)
class Settings:
    """One course directory.

    Attributes:
        root: the course's folder.
        config: the whole of nbgrader_config.py, as traitlets reads it.
        db_url: the gradebook, as a SQLAlchemy URL.
        deadlines: how long a submission may take.
        open_doors: whether the course grades without sandboxes.
        grade_the_rest: whether cells that the master's own solution misses are left to a person.
        language: what students and TAs read.
    """

    root: Path
    config: Config
    db_url: str
    deadlines: Deadlines
    open_doors: bool
    language: str = DEFAULT_LANGUAGE
    grade_the_rest: bool = False

    @property
    def delimiters(self) -> Delimiters:
        """The markers of hidden regions, as nbgrader_config.py names them."""
        return read_delimiters(self.config)

    @property
    def stubs(self) -> Stubs:
        """What students find where a solution stood."""
        return read_stubs(self.config)

    def folder(self, step: str, student: str, assignment: str) -> Path:
        """Return the folder of one submission at one step: source, submitted, autograded or feedback."""
        name: str = self.config.CourseDirectory.get(f"{step}_directory", step)
        structure: str = self.config.CourseDirectory.get("directory_structure", STRUCTURE)
        return self.root / structure.format(nbgrader_step=name, student_id=student, assignment_id=assignment)

    def students(self, assignment: str) -> Iterator[tuple[str, Path]]:
        """Yield who has handed in the assignment, in alphabetical order, with the folder handed in."""
        pattern = str(self.folder("submitted", "*", assignment).relative_to(self.root))
        mark = "\N{OBJECT REPLACEMENT CHARACTER}"
        named = re.escape(str(self.folder("submitted", mark, assignment))).replace(mark, "(?P<student>[^/]+)", 1)
        for path in sorted(self.root.glob(pattern)):
            found = re.fullmatch(named.replace(mark, "(?P=student)"), str(path))
            if found and not found["student"].startswith(IGNORED):
                yield found["student"], path


def read_delimiters(config: Config) -> Delimiters:
    """Return the markers that a course sets; nbgrader spells them "delimeter".

    Args:
        config: traitlets' configuration, of nbgrader_config.py or of a running nbgrader application.
    """
    solutions, default = config.ClearSolutions, Delimiters()
    return Delimiters(
        begin_solution=solutions.get("begin_solution_delimeter", default.begin_solution),
        end_solution=solutions.get("end_solution_delimeter", default.end_solution),
        begin_test=config.ClearHiddenTests.get("begin_test_delimeter", default.begin_test),
        end_test=config.ClearHiddenTests.get("end_test_delimeter", default.end_test),
        begin_mark_scheme=config.ClearMarkScheme.get("begin_mark_scheme_delimeter", default.begin_mark_scheme),
        end_mark_scheme=config.ClearMarkScheme.get("end_mark_scheme_delimeter", default.end_mark_scheme),
    )


def read_stubs(config: Config) -> Stubs:
    """Return the stubs that a course sets; of the code's, which nbgrader keeps by language, Python's."""
    code, default = config.ClearSolutions.get("code_stub", {}), Stubs()
    return Stubs(
        code.get("python", default.code) if isinstance(code, dict) else str(code),
        config.ClearSolutions.get("text_stub", default.text),
    )


def read_deadlines(config: Config) -> Deadlines:
    """Return how long a submission may take: by the course's own limits, else by nbgrader's time for a cell.

    Args:
        config: traitlets' configuration, of nbgrader_config.py or of a running nbgrader application.
    """
    doors, default = config.ClosedDoors, Deadlines()
    stock = config.ExecutePreprocessor.get("timeout", config.Execute.get("timeout", default.cell_s))
    stock_s = float(stock) if isinstance(stock, int | float) and stock > 0 else NO_LIMIT_S
    cell_s = float(doors.get("cell_timeout_s", stock_s))
    return Deadlines(cell_s, float(doors.get("submission_timeout_s", max(default.submission_s, 2 * cell_s))))


def read_settings(root: Path, db_url: str | None = None) -> Settings:
    """Read a course's nbgrader_config.py.

    Args:
        root: the course's folder.
        db_url: the gradebook, where another one is asked for than the configuration names.
    """
    root = root.resolve()
    config = PyFileConfigLoader(CONFIG_NAME, path=str(root)).load_config()
    doors = config.ClosedDoors
    return Settings(
        root=root,
        config=config,
        db_url=db_url or config.CourseDirectory.get("db_url", f"sqlite:///{root / 'gradebook.db'}"),
        deadlines=read_deadlines(config),
        open_doors=doors.get("open_doors", False),
        language=course_language(root),
        grade_the_rest=doors.get("grade_the_rest", False),
    )


def inside_cells(root: Path, assignment: str) -> tuple[str, ...]:
    """Return the grading cells of an assignment that the course lets run in the student's process."""
    facts = read_profile(root).assignments.get(assignment)
    return facts.inside if facts else ()


def course_language(root: Path) -> str:
    """Return the language of what students and TAs read."""
    return read_profile(root).language
