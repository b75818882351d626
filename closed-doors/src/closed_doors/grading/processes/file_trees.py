"""An assignment's files on disk, as sandboxes are given them: one tree for the student, one for the instructor's cells.

    <tree>/packages/outils/masques.py         in the sandbox: ~/outils/masques.py
    <tree>/materials/data/x.csv               in the sandbox: ~/data/x.csv

A package of the course of which nothing is handed out has an empty folder: where it is installed on this machine,
nothing of it may be seen.
"""

import tempfile
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from closed_doors.core.assignment_files import OWN_PLACE, AssignmentFiles, Files

PACKAGES, MATERIALS = "packages", "materials"
_folders: list[tempfile.TemporaryDirectory[str]] = []  # kept until the process ends
_unpacking = threading.Lock()


@dataclass(frozen=True, slots=True)
class FileTrees:
    """Where an assignment's files lie.

    Attributes:
        student: what a student has.
        instructor: that, and the modules that only the instructor's cells import.
    """

    student: Path
    instructor: Path


def file_trees(files: AssignmentFiles) -> FileTrees:
    """Return an assignment's files on disk, written once a process."""
    with _unpacking:
        return _written(files)


@lru_cache(maxsize=16)
def _written(files: AssignmentFiles) -> FileTrees:
    folder = tempfile.TemporaryDirectory(prefix="course-")
    _folders.append(folder)
    root = Path(folder.name)
    root.chmod(0o755)
    trees = FileTrees(root / "student", root / "instructor")
    for tree, modules in ((trees.student, files.modules), (trees.instructor, files.modules + files.reserved)):
        for package in files.packages:
            (tree / PACKAGES / package).mkdir(parents=True)
        _write(tree / PACKAGES, tuple((path, data) for path, data in modules if not path.startswith(f"{OWN_PLACE}/")))
    _write(trees.student / MATERIALS, files.materials)
    (trees.instructor / MATERIALS).symlink_to(Path("..", trees.student.name, MATERIALS))  # whatever the root is
    return trees


def _write(folder: Path, files: Files) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for inside, data in files:
        path = folder / inside
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(0o644)
    for path in (folder.parent, folder, *(each for each in folder.rglob("*") if each.is_dir())):
        path.chmod(0o755)  # whatever the umask: a sandbox runs as a user of its own
