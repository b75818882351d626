"""Whatever way a secret gets out, the scan names the place and the reason; and it leaves honest releases alone."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.grader.release.seeds import SEEDS, Seed, planted

from closed_doors.cli.main import main
from closed_doors.core.layout import Layout


@pytest.mark.parametrize("leak", SEEDS, ids=lambda leak: leak.name)
def test_each_leak_is_found_at_its_place(repository: Layout, tmp_path: Path, leak: Seed) -> None:
    """A planted leak makes `course release --check FOLDER` refuse, with the place and the reason on one line."""
    folder = planted(repository.release / "masque_causal", tmp_path, leak)
    result = CliRunner().invoke(main, ["--root", str(repository.root), "release", "--check", str(folder)])
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert any(leak.place in line and leak.reason in line for line in lines), result.output


def test_the_committed_releases_give_nothing_away(repository: Layout) -> None:
    """No false alarm in the course's own releases."""
    folders = [str(repository.release / name) for name in repository.assignments()]
    result = CliRunner().invoke(main, ["--root", str(repository.root), "release", "--check", *folders])
    assert result.exit_code == 0, result.output
