"""A small class graded for real, with a student who puts a script into everything that a student controls."""

import json
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook

from closed_doors.classroom.class_run import Options, Run
from closed_doors.classroom.local_pool import local_pool
from closed_doors.grading.verdict.verdict_file import verdict_path
from closed_doors.nbgrader.settings import Settings, read_settings
from support.courses import ASSIGNMENT, ENDLESS, HALF, RIGHT, WRONG, SmallCourse, make_course

SCRIPT = "<script>document.title = 'ran'; alert(1)</script><img src=x onerror=alert(2)>"
HOSTILE = "mallory\" onmouseover='alert(3)'"
LONG = """def double(n):
    total = 0
    for step in range(abs(n)):
        if n > 0:
            total = total + 2
        elif n < 0:
            total = total - 2
    return total"""
RENAMED = """def aide(k):
    # une autre façon
    return k

def double(valeur):
    somme = 0
    for tour in range(abs(valeur)):
        if valeur > 0:
            somme = somme + 2
        elif valeur < 0:
            somme = somme - 2
    return somme"""
HINT = "Multipliez par deux, au lieu d'ajouter deux."
SHOWS = f"""class Shown:
    def _repr_html_(self):
        return {SCRIPT!r}
print({SCRIPT!r})
Shown()"""
DIGITS = (
    "Le double de deux est quatre, car deux et deux font quatre ; multiplier par deux, c'est ajouter un nombre à "
    "lui-même, ce que la boucle fait pas à pas, sans jamais écrire le signe de la multiplication, pour changer."
)


@dataclass(frozen=True)
class GradedClass:
    """A graded course and its settings."""

    course: SmallCourse

    @property
    def settings(self) -> Settings:
        return read_settings(self.course.root)


def graded_class(root: Path) -> GradedClass:
    """Grade nine students' work: right, half, wrong, copied, endless, unreadable, hostile."""
    course = make_course(root)
    course.submit("alice", RIGHT)
    course.submit("bruno", HALF)
    course.submit("chloé d'Arc", WRONG)
    course.submit("damien", LONG, DIGITS)
    course.submit("emma", RENAMED.replace("def aide(k):\n    # une autre façon\n    return k\n\n", ""), DIGITS)
    course.submit("farid", ENDLESS)
    course.submit("gaelle", RIGHT).write_bytes(b"{")
    course.submit("hugo", "import os\n" + RIGHT + "\nos.environ.get('JUPYTER')")
    _hostile(course)
    with Gradebook(read_settings(root).db_url) as gradebook:
        for student in ("alice", HOSTILE, "zoé"):
            gradebook.update_or_create_student(student, first_name="Alice", last_name="Exemple")
        gradebook.update_or_create_student(HOSTILE, first_name=SCRIPT, last_name="=HYPERLINK('x')")
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate="2020-01-01 12:00:00 UTC")
    run = Run(read_settings(root), ASSIGNMENT, Options())
    todo, _ = run.plan()
    run.grade(todo, local_pool(2))
    _diagnose(root, "bruno", "chloé d'Arc")
    with Gradebook(read_settings(root).db_url) as gradebook:
        for student in ("alice", "bruno"):
            grade = gradebook.find_grade("question", ASSIGNMENT, ASSIGNMENT, student)
            grade.manual_score, grade.needs_manual_grade = 1.5, False
            gradebook.find_comment("question", ASSIGNMENT, ASSIGNMENT, student).manual_comment = SCRIPT
        gradebook.db.commit()
    return GradedClass(course)


def _diagnose(root: Path, *students: str) -> None:
    """Write into verdict files what the recognition of misconceptions leaves there."""
    for student in students:
        path = verdict_path(root, ASSIGNMENT, student, ASSIGNMENT)
        record = json.loads(path.read_bytes())
        record["cells"][0]["diagnosis"] = {"id": "not_doubled", "hint": HINT}
        path.write_text(json.dumps(record), encoding="utf-8")


def _hostile(course: SmallCourse) -> None:
    path = course.submit(HOSTILE, f"def double(n):\n    raise ValueError({SCRIPT!r})  # {SCRIPT}", SCRIPT)
    notebook = nbformat.read(path, as_version=4)
    link = f"[ici](javascript:alert(4)) {SCRIPT}\n\n![x](https://example.invalid/x.png)"
    notebook.cells += [
        nbformat.v4.new_markdown_cell(link),
        nbformat.v4.new_code_cell(SHOWS),
        nbformat.v4.new_code_cell(f"raise RuntimeError({SCRIPT!r})"),
    ]
    notebook.cells[2].metadata["tags"] = ["skip-execution"]
    nbformat.write(notebook, path)
