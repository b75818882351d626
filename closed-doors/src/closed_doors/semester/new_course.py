"""The files of a new course: an nbgrader course, with the lines that close its doors."""

from pathlib import Path

from closed_doors.core.files import replace
from closed_doors.core.layout import CONFIG_NAME
from closed_doors.core.ownership import make_folder
from closed_doors.core.profile import PROFILE_NAME

FOLDERS = ("source", "release", "submitted", "autograded", "feedback")
CONFIG = '''"""The course's nbgrader settings; every folder is nbgrader's default unless named here."""

c = get_config()  # noqa: F821  (nbgrader defines it)
from closed_doors.nbgrader.configuration import close_doors
close_doors(c)

c.CourseDirectory.course_id = {name!r}

# Late work costs nothing here. A point for each day begun after a quarter of an hour would be:
# c.PointsPerDay.points_per_day = 1
# c.PointsPerDay.grace_minutes = 15
'''
PROFILE = """# What the grader knows of this course besides its notebooks. Every key is optional; examples follow.

# Of all that students and TAs read: "en" or "fr".
language = "{language}"

# Points of an assignment; its masters are checked against it.
# scale = 20

# Modules of libraries that are imported once, before the first submission comes: it saves time.
# [packages]
# warm = ["numpy.testing", "pandas"]
# Packages of the course itself, in this folder or in src/; students get what their notebooks import of them.
# own = ["tools"]

# [assignments.ps1]
# closes = 2027-01-15T23:59:00+01:00    # until when its answers are kept out of what other assignments hand out
# inside = ["frames-check"]             # grading cells that run in the student's process: less closed, and said so
# weight = 2                            # in the total of `course marks`
"""
IGNORED = """# The class's data never enters git.
/submitted/
/autograded/
/feedback/
/verdicts/
/timings/
/reports/
/received.csv
/moodle/
/exchange/
/hand-ins/
/dist/
/scratch/
/.autograde.lock
/.feedback.lock
/.serve-tokens
/.serve*.sock
/.cluster/
*.db
*.db-journal
*.db-wal
*.db-shm
/gradebook*
/grades*.csv
roster*.csv
participants*.csv
.nbgrader.log
.ipynb_checkpoints/
__pycache__/
"""


def profile_text(language: str) -> str:
    """Return a course.toml to start from."""
    return PROFILE.format(language=language)


def new_course(root: Path, name: str, language: str) -> tuple[dict[Path, str], list[Path]]:
    """Return the files that a new course lacks, with their content, and the folders.

    Args:
        root: the course's folder; what is there already is left as it is.
        name: nbgrader's id of the course.
        language: of what students and TAs read.
    """
    wanted = {CONFIG_NAME: CONFIG.format(name=name), PROFILE_NAME: profile_text(language), ".gitignore": IGNORED}
    files = {root / file: text for file, text in wanted.items() if not (root / file).exists()}
    return files, [root / folder for folder in FOLDERS if not (root / folder).exists()]


def write_course(files: dict[Path, str], folders: list[Path]) -> None:
    """Write what `new_course` has found to be missing.

    Raises:
        OSError: the folder can't be written to.
    """
    for folder in folders:
        make_folder(folder)
    for path, text in files.items():
        replace(path, text.encode())


def not_ignored(root: Path) -> list[str]:
    """Return what a .gitignore that is there does not name of a class's data."""
    path = root / ".gitignore"
    there = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    return [line for line in IGNORED.splitlines() if line and not line.startswith("#") and line not in there]
