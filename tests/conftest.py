"""What every test may ask for."""

import shutil
from pathlib import Path

import pytest

from closed_doors.core.layout import CONFIG_NAME, Layout
from closed_doors.core.profile import PROFILE_NAME

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def repository() -> Layout:
    """The repository's own course, to be read and never written."""
    return Layout(ROOT)


@pytest.fixture
def course_copy(tmp_path: Path, repository: Layout) -> Layout:
    """A course root of the test's own: the masters, the settings and the demo class, nothing generated."""
    return copy_course(repository, tmp_path / "course")


def copy_course(repository: Layout, root: Path) -> Layout:
    root.mkdir(parents=True)
    for name in (CONFIG_NAME, PROFILE_NAME):
        shutil.copy(repository.root / name, root)
    for folder in (repository.masters, repository.source, repository.examples):
        shutil.copytree(folder, root / folder.name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    return Layout(root)
