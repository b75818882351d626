"""The two changelogs, one a distribution."""

import re
import tomllib

import pytest

from closed_doors.core.layout import Layout


@pytest.mark.parametrize("folder", ["", "closed-doors/"])
def test_changes_stand_under_the_version_that_has_them(repository: Layout, folder: str) -> None:
    """The newest section is the distribution's own version, none is without one, and versions only go down."""
    project = tomllib.loads((repository.root / f"{folder}pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = (repository.root / f"{folder}CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    versions = [re.fullmatch(r"(\d+)\.(\d+)\.(\d+)(?:, \d{4}-\d{2}-\d{2})?", heading) for heading in headings]
    assert all(versions), headings
    numbers = [tuple(map(int, found.groups())) for found in versions if found]
    assert headings[0].split(",")[0] == project["version"]
    assert numbers == sorted(set(numbers), reverse=True)
