"""The course's notebooks, generated and run with nbgrader's own steps."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from tests.conftest import copy_course

from closed_doors.core.layout import Layout
from closed_doors.nbgrader.api import NbgraderCourse


@pytest.fixture(scope="session")
def generated(repository: Layout, tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """A copy of the course whose release/ was generated just now."""
    layout = copy_course(repository, tmp_path_factory.mktemp("generated") / "course")
    course = NbgraderCourse(layout.root)
    for assignment in layout.assignments():
        course.generate_assignment(assignment)
    return layout


def execute(path: Path, folder: Path) -> Any:
    """Run a notebook from top to bottom in a kernel, going on after errors, and return it with its outputs."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=120, allow_errors=True, resources={"metadata": {"path": str(folder)}})
    client.execute()
    return notebook


@pytest.fixture(scope="session")
def executed(generated: Layout, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Any]:
    """Run release/… or source/… of an assignment once and keep the result for every test of the session."""
    done: dict[tuple[str, str], Any] = {}

    def run(folder: str, assignment: str) -> Any:
        if (folder, assignment) not in done:
            path = generated.root / folder / assignment / f"{assignment}.ipynb"
            done[folder, assignment] = execute(path, tmp_path_factory.mktemp(f"run-{folder}"))
        return done[folder, assignment]

    return run
