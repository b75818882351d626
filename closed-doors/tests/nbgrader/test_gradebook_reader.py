"""Marks read without nbgrader, held against nbgrader's own arithmetic."""

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from closed_doors.core.errors import GradebookError
from closed_doors.nbgrader.gradebook_reader import read_enrolment, read_marks

# nbgrader's own models warn of the order in which they are filled.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

DUE = "2026-10-16 18:00:00 UTC"


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A gradebook in which one student was marked in every way there is, and another not at all."""
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)  # nbgrader starts alembic by name
    url = f"sqlite:///{tmp_path / 'gradebook.db'}"
    with Gradebook(url) as gradebook:
        gradebook.add_assignment("petit", duedate=DUE)
        gradebook.add_notebook("petit", "petit")
        for name, points in (("code", 4), ("texte", 3), ("autre", 2)):
            gradebook.add_grade_cell(name, "petit", "petit", max_score=points, cell_type="code")
            gradebook.add_solution_cell(f"{name}-reponse", "petit", "petit")
        gradebook.add_task_cell("tache", "petit", "petit", max_score=1, cell_type="markdown")
        gradebook.add_student("alice", first_name="Alice", last_name="Exemple")
        gradebook.add_student("bruno")
        gradebook.add_submission("petit", "alice", timestamp="2026-10-16 20:30:00 UTC", extension=timedelta(hours=1))
        gradebook.add_submission("petit", "bruno")
        given = {"code": (4.0, 2.5, None), "texte": (None, None, 1.0), "autre": (1.0, None, 0.5), "tache": (0, 0.5, 0)}
        for name, (automatic, manual, extra) in given.items():
            grade = gradebook.find_grade(name, "petit", "petit", "alice")
            grade.auto_score, grade.manual_score, grade.extra_credit = automatic, manual, extra
            grade.needs_manual_grade = name == "texte"
        gradebook.find_comment("code-reponse", "petit", "petit", "alice").auto_comment = "No response."
        gradebook.find_comment("texte-reponse", "petit", "petit", "alice").manual_comment = "Bien."
        gradebook.find_submission_notebook("petit", "petit", "alice").late_submission_penalty = 1.5
        gradebook.db.commit()
    return url


def test_scores_are_nbgraders(url: str) -> None:
    """Manual points, extra credit, tasks and the penalty count as nbgrader counts them."""
    marks = read_marks(url, "petit")["alice"].notebooks["petit"]
    with Gradebook(url) as gradebook:
        theirs = gradebook.find_submission_notebook("petit", "petit", "alice")
        assert marks.before_penalty == theirs.score
        assert marks.maximum == theirs.max_score
        assert marks.score == theirs.score - theirs.late_submission_penalty
        for name, cell in marks.cells.items():
            assert cell.score == gradebook.find_grade(name, "petit", "petit", "alice").score
    assert marks.pending
    assert [name for name, cell in marks.cells.items() if cell.pending] == ["texte"]


def test_names_comments_and_lateness(url: str) -> None:
    """An extension is counted in; who has no name is called by the id."""
    alice, bruno = read_marks(url, "petit").values()
    assert (alice.name, bruno.name) == ("Alice Exemple", "bruno")
    assert alice.late_s == 1.5 * 3600
    assert bruno.late_s == 0
    comments = alice.notebooks["petit"].comments
    assert comments["code-reponse"].automatic == "No response."
    assert comments["texte-reponse"].manual == "Bien."


def test_one_student_is_read_alone(url: str) -> None:
    """Asked for one, nobody else's marks are read; what is unknown has none."""
    assert list(read_marks(url, "petit", "bruno")) == ["bruno"]
    assert read_marks(url, "petit", "zoe") == {}
    assert read_marks(url, "autre") == {}
    assert read_marks("sqlite://", "petit") == {}


def test_an_unreachable_gradebook_is_one_sentence() -> None:
    """The reader's failure names the database, not a writing that never was."""
    with pytest.raises(GradebookError, match=r"could not be used: .*\.$") as raised:
        read_marks("sqlite:////nowhere/at/all.db", "petit")
    assert "next run" not in str(raised.value)


def test_the_class_and_its_deadline(url: str) -> None:
    """Everybody whom the gradebook knows is in the class, and times are in UTC."""
    found = read_enrolment(url, "petit")
    assert found.names == {"alice": ("Alice", "Exemple"), "bruno": ("", "")}
    assert found.due == datetime(2026, 10, 16, 18)
    assert read_marks(url, "petit")["alice"].received == datetime(2026, 10, 16, 20, 30)
    assert read_enrolment(url, "grand").due is None
    assert read_enrolment("sqlite://", "petit").names == {}
