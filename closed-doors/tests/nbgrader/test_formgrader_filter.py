"""formgrader's marking page speaks the course's language."""

from pathlib import Path

import pytest
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from traitlets.config import Config

from closed_doors.nbgrader.configuration import close_doors

ANSWER = {"grade": True, "grade_id": "question", "locked": False, "points": 2.5, "solution": True, "schema_version": 3}
CHECKS = {"grade": True, "grade_id": "test", "locked": True, "points": 4, "solution": False, "schema_version": 3}
SUBMISSION = {
    "assignment_id": "devoir",
    "notebook_id": "a<b",
    "submission_id": "1",
    "index": 1,
    "total": 3,
    "base_url": "",
    "student": "emma",
    "first_name": "",
    "last_name": "",
    "notebook_path": "emma.ipynb",
}


def page(root: Path) -> str:
    """The page of a work with a question, checks and a cell of the student's own, as the server makes it."""
    config = Config()
    close_doors(config)
    config.CourseDirectory.root = str(root)
    config.HTMLExporter.template_name = "formgrade"
    checks = new_code_cell("assert f\nassert g", metadata={"nbgrader": CHECKS})
    checks.outputs = [new_output("stream", text="✗ f\n")]
    cells = [new_markdown_cell("…", metadata={"nbgrader": ANSWER}), checks, new_code_cell("x")]
    html, _ = HTMLExporter(config=config).from_notebook_node(new_notebook(cells=cells), resources=dict(SUBMISSION))
    return str(html)


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        (
            "",
            'lang="fr"|a&lt;b\N{NBSP}: correction|1 avant celui-ci|Travail 2 sur 3|Points enregistrés|/ 2,5<|'
            "tests cachés compris (2 lignes)|Commentaire pour l'étudiant|"
            '["Cours\\u00a0: 1 cellule", "Cours\\u00a0: # cellules"]',
        ),
        (
            'language = "en"',
            'lang="en"|a&lt;b: marking|1 before this one|Work 2 of 3|Points saved|/ 2.5<|'
            'hidden tests included (2 lines)|Comment for the student|["Lesson: 1 cell", "Lesson: # cells"]',
        ),
    ],
)
def test_the_page_speaks_the_courses_language(tmp_path: Path, profile: str, said: str) -> None:
    """Headings, titles and what the scripts say; French where course.toml names no other language."""
    (tmp_path / "course.toml").write_text(profile)
    html = page(tmp_path)
    for text in said.split("|"):
        assert text in html, text
