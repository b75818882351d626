"""What a course asks of its own masters is found by reading them, and only where course.toml asks for it."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner, Result

from closed_doors.cli.main import main
from support.courses import ASSIGNMENT, CONFIG, SmallCourse, cell

HOUSE = """
[naming]
answer = "-reponse"
check = "-verification"
[house]
headings = true
cells = 9
figure_text = 20
[[house.exercises]]
cells = 'exercice-\\d+'
says = { "its time" = 'Temps', "two hints" = '(?s)(<summary>.*?){2}' }
then = { "an outlook" = 'Plus loin' }
"""
STATEMENT = "## Exercice 1\n\n**4 points**, Temps : 5 minutes.\n\n<summary>Un</summary>"
CHECK = 'def test_it():\n    """Vrai."""\n    assert True\n\n\nrun_tests(points=4)'


def notebook(**changed: str) -> Any:
    """A master in which nothing is wrong, but for what is changed of its texts."""
    texts = {
        "titre": "# Titre\n\n```\n#### no heading\n```",
        "preparation": "from checks import run_tests\n\n\ndef show(figure, alt): ...",
        "figure": 'show(None, alt="Une droite qui monte de gauche à droite")',
        "exercice-1": STATEMENT,
        "exercice-1-suite": "<summary>Deux</summary>",
        "exercice-1-reponse": "### BEGIN SOLUTION\nx = 1\n### END SOLUTION",
        "exercice-1-verification": CHECK,
        "exercice-1-loin": "Plus loin.",
        **changed,
    }
    code = {"figure", "preparation", "exercice-1-reponse", "exercice-1-verification"}
    marks: dict[str, dict[str, Any]] = {
        "exercice-1-reponse": {"solution": True, "locked": False},
        "exercice-1-verification": {"grade": True, "points": 4},
    }
    cells = [cell("code" if name in code else "markdown", name, texts[name], **marks.get(name, {})) for name in texts]
    cells[2].metadata["tags"] = ["demo"]
    return nbformat.v4.new_notebook(cells=cells)


def doctor(root: Path, master: Any, profile: str = HOUSE) -> Result:
    root.mkdir()
    (root / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    (root / "course.toml").write_text(profile, encoding="utf-8")
    SmallCourse(root).set_master(master)
    return CliRunner().invoke(main, ["--root", str(root), "doctor", ASSIGNMENT, "--no-run"])


def said(result: Result) -> str:
    assert result.exit_code in (0, 1), result.output
    return result.output


FAULTS = {
    "title": ({"titre": "## Titre"}, "(titre): it does not begin with a title"),
    "second title": ({"exercice-1-loin": "# Plus loin"}, "(exercice-1-loin): a second title"),
    "level": ({"exercice-1-loin": "#### Plus loin"}, "(exercice-1-loin): a heading of level 4 follows one of level 2"),
    "figure": ({"figure": 'show(None, alt=f"Une {1}")'}, "(figure): the figure's alternative text has 4 characters"),
    "time": ({"exercice-1": STATEMENT.replace("Temps", "")}, "(exercice-1): the statement lacks its time"),
    "hint": ({"exercice-1-suite": "Rien."}, "(exercice-1): the statement lacks two hints"),
    "outlook": ({"exercice-1-loin": "Fin."}, "(exercice-1): what follows the answer lacks an outlook"),
    "long": ({"a": "", "b": ""}, "it has 10 cells, and at most 9 are wanted"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_named_where_the_course_asks(tmp_path: Path, fault: str) -> None:
    """The place and what is missing are said; a course that asks for nothing hears nothing of it."""
    changed, message = FAULTS[fault]
    assert message in said(doctor(tmp_path / "asks", notebook(**changed)))
    assert message not in said(doctor(tmp_path / "does-not", notebook(**changed), HOUSE.split("[house]")[0]))


def test_a_master_as_wanted_is_clean(tmp_path: Path) -> None:
    """Nothing at all is found in it."""
    result = doctor(tmp_path / "course", notebook())
    assert result.exit_code == 0, result.output
    assert "nothing wrong" in result.output


def test_answers_belong_to_statements(tmp_path: Path) -> None:
    """An answer that no kind of exercise knows, a statement without an answer, a figure that would be graded."""
    master = notebook()
    master.cells[2].metadata["tags"] = []
    master.cells[5].metadata["nbgrader"]["grade_id"] = "autre-reponse"
    found = said(doctor(tmp_path / "course", master))
    for message in (
        "(figure): a figure in a cell that is graded with the rest",
        "(exercice-1): no answer cell 'exercice-1-reponse' follows",
        "(autre-reponse): an answer to no exercise that [house]",
    ):
        assert message in found, found


def test_only_answers_can_be_edited(tmp_path: Path) -> None:
    """In every course: a cell of the lesson that a student may change is named."""
    master = notebook()
    master.cells[0].metadata["nbgrader"]["locked"] = False
    assert "(titre): a cell that students can edit, and no answer cell" in said(doctor(tmp_path / "course", master, ""))
