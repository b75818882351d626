"""Every assignment that is found here passes what its author is offered: the doctor and the gate. None is named."""

import html
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner
from tests.conftest import ROOT
from tests.course.notebooks import grade_id

from closed_doors.cli.main import main
from closed_doors.core.layout import Layout

ASSIGNMENTS = Layout(ROOT).assignments()

pytestmark = pytest.mark.parametrize("assignment", ASSIGNMENTS)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_assignment_passes_the_release_gate(repository: Layout, assignment: str) -> None:
    """What is committed is generated from source/, leaks nothing, runs in a plain Jupyter, earns 0 or, solved, all."""
    result = CliRunner().invoke(main, ["--root", str(repository.root), "release", "--check", assignment])
    assert result.exit_code == 0, result.output


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_doctor_finds_nothing(repository: Layout, assignment: str) -> None:
    """Its masters are as every course's have to be, and as course.toml wants them here; run, nothing fails or warns."""
    result = CliRunner().invoke(main, ["--root", str(repository.root), "doctor", assignment])
    assert result.exit_code == 0, result.output


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_figure_is_shown_once_with_its_alternative_text(
    executed: Callable[[str, str], Any], assignment: str
) -> None:
    """`show` gives one picture a cell, and its text where JupyterLab reads it."""
    for cell in executed("source", assignment).cells:
        pictures = [o for o in cell.get("outputs", ()) if "image/png" in o.get("data", {})]
        if pictures:
            assert len(pictures) == 1, grade_id(cell)
            assert "demo" in cell.metadata.get("tags", []), grade_id(cell)
            assert len(pictures[0].metadata["image/png"]["alt"]) > 40, grade_id(cell)
            said = f' alt="{html.escape(pictures[0].metadata["image/png"]["alt"])}"'
            assert said in pictures[0].data["text/html"], grade_id(cell)  # where JupyterLab reads it
