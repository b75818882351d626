"""Makes a course root with a class of any size: copies of the demo class, each made unique.

python closed-doors/benchmarks/large_class.py FOLDER --students 100 [--hostile 5] [--course COURSE]
"""

import argparse
import copy
import itertools
import shutil
from pathlib import Path
from typing import Any

import machine
import nbformat

from closed_doors.demo.class_file import read_class
from closed_doors.demo.make_submission import completed

ASSIGNMENT = "masque_causal"
NOTEBOOK = f"{ASSIGNMENT}.ipynb"
HOSTILE = (
    "while True: pass",
    "import os; os._exit(1)",
    "import os\nfor _ in range(100):\n    if os.fork() == 0:\n        import time; time.sleep(30); os._exit(0)",
    "x = bytearray(3 << 30)",
    "print('x' * 50_000_000)",
    "def create_local_mask(n):\n    while True: pass",
    None,  # not a notebook at all
)


def honest_notebooks(course: Path) -> list[Any]:
    """Return the completed notebooks of a course's demo class, one a student who was graded."""
    demo = read_class(course / "examples" / ASSIGNMENT)
    release = nbformat.read(course / "release" / ASSIGNMENT / NOTEBOOK, as_version=4)
    graded = [s for s in demo.students if s.expected is not None]
    apart = {
        "lea",  # cells twice: stock nbgrader ends at them
        "nina",  # an endless loop costs its time limit: hostile, not honest
    }
    return [completed(demo, student, release) for student in graded if student.id not in apart]


def make_course(course: Path, folder: Path, students: int, hostile: int = 0) -> None:
    """Write a course root.

    Args:
        course: whose assignment and whose demo class.
        folder: a new folder.
        students: how many hand in.
        hostile: how many of them hand in something hostile or broken.
    """
    folder.mkdir(parents=True)
    for settings in ("nbgrader_config.py", "course.toml"):
        if (course / settings).exists():
            shutil.copy(course / settings, folder)
    for room in ("source", "masters"):  # beside the masters lies what hints are made of
        shutil.copytree(course / room / ASSIGNMENT, folder / room / ASSIGNMENT)
    models = itertools.cycle(honest_notebooks(course))
    attacks = itertools.cycle(HOSTILE)
    step = students // hostile if hostile else students + 1
    for number in range(students):
        notebook = copy.deepcopy(next(models))
        place = folder / "submitted" / f"etudiant-{number:05}" / ASSIGNMENT
        place.mkdir(parents=True)
        content = nbformat.writes(_unique(notebook, number))
        if number % step == step - 1:
            attack = next(attacks)
            notebook.cells.append(nbformat.v4.new_code_cell(attack or ""))
            content = nbformat.writes(_unique(notebook, number)) if attack else content[: len(content) // 2]
        (place / NOTEBOOK).write_text(content, encoding="utf-8")


def _unique(notebook: Any, number: int) -> Any:
    notebook.cells.append(nbformat.v4.new_code_cell(f"numero = {number}\nprint('copie', numero)"))
    return notebook


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    machine.add_course_option(parser)
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--hostile", type=int, default=0)
    arguments = parser.parse_args()
    make_course(arguments.course, arguments.folder, arguments.students, arguments.hostile)


if __name__ == "__main__":
    main()
