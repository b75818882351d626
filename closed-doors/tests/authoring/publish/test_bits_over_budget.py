"""A master whose marks alone tell more of hidden tests than is promised is named, with the figure and what to do."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from closed_doors.authoring.publish.bits_over_budget import bits_over_budget
from closed_doors.cli.main import main
from support.courses import ASSIGNMENT, CONFIG, SmallCourse
from support.small_notebooks import SETUP, Small

THIRDS = """
def test_shown():
    assert f(1) == 2
### BEGIN HIDDEN TESTS
def test_five():
    assert f(5) == 10
def test_seven():
    assert f(7) == 14
### END HIDDEN TESTS
run_tests(points={points})
"""


def small(points: float, exercises: int = 20) -> Small:
    notebook = Small().lesson(SETUP).answer("def f(x):\n    return 2 * x")
    for _ in range(exercises):
        notebook.grading(THIRDS.format(points=points), points)
    return notebook


def found(points: float) -> list[str]:
    return list(map(str, bits_over_budget(small(points).master, "m.ipynb")))


def test_many_points_in_small_steps_are_named() -> None:
    """The file, the figure, what is promised, the points and both remedies are said."""
    (line,) = found(20)
    for part in ("m.ipynb: ", "16.3 bits", "16 are promised", "share 400 points", "fewer points", "whole or half"):
        assert part in line, line


@pytest.mark.parametrize("points", [1, 7, 21, 300])
def test_what_the_remedies_say_helps(points: float) -> None:
    """A small scale fits however it is shared, and a large one where each criterion is worth whole points."""
    assert found(points) == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize("command", [["doctor", ASSIGNMENT, "--no-run"], ["try", ASSIGNMENT], ["release", ASSIGNMENT]])
def test_authors_hear_of_it(tmp_path: Path, command: list[str]) -> None:
    """`course doctor`, `course try` and `course release` name the master and end with 1."""
    root = tmp_path / "course"
    root.mkdir()
    (root / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    master = small(20).master
    for each in master.cells:
        each.metadata["nbgrader"].update(schema_version=3, cell_type="code", task=False)
    master.cells[1].source = f"### BEGIN SOLUTION\n{master.cells[1].source}\n### END SOLUTION"
    SmallCourse(root).set_master(master)
    CliRunner().invoke(main, ["--root", str(root), "sync", ASSIGNMENT])
    result = CliRunner().invoke(main, ["--root", str(root), *command])
    assert result.exit_code == 1
    assert "16.3 bits of the hidden tests off the mark alone" in result.output, result.output
