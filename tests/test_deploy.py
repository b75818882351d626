"""What stands in deploy/ and beside it fits the repository as it is."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.documents import tracked

DEPLOY = ROOT / "deploy"


def version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def test_the_image_copies_what_is_in_git() -> None:
    """Each path that the Containerfile copies is tracked, and what pip builds of is among them."""
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    copied = {name for line in re.findall(r"^COPY (.*) \S+$", text, re.MULTILINE) for name in line.split()}
    assert {"requirements.lock", "pyproject.toml", "src", "closed-doors"} <= copied
    for name in copied:
        assert name in tracked() or any(other.startswith(f"{name}/") for other in tracked()), name
    for path in re.findall(r"install -D -m 644 (\S+)", text):
        assert path in tracked()


@pytest.mark.parametrize(
    "name", ["deploy/ci/github.yml", "deploy/ci/gitlab.yml", ".pre-commit-config.yaml", "CITATION.cff"]
)
def test_yaml_is_yaml_and_names_verbs_that_exist(name: str) -> None:
    """`make` and `course` are called with verbs of theirs."""
    text = (ROOT / name).read_text(encoding="utf-8")
    assert yaml.safe_load(text)
    verbs = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(re.findall(r"^\s*- (?:run: )?make ([a-z-]+)", text, re.MULTILINE)) <= set(verbs)


def test_the_citation_has_todays_version() -> None:
    """Who cites cites what is there."""
    found = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert str(found["version"]) == version()
    assert found["authors"]


def test_the_devcontainer_sets_the_course_up() -> None:
    """It may make namespaces, and installs by the verb that everybody uses."""
    found = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    assert "make setup" in found["postCreateCommand"]
    assert "libseccomp2" in found["onCreateCommand"]
    assert any("SYS_ADMIN" in one for one in found["runArgs"])


def test_hooks_run_commands_of_the_environment() -> None:
    """What pre-commit calls is there, and passes on a file that is clean."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    for hook in hooks:
        if hook["id"].startswith("ruff"):
            command = [*hook["entry"].split(), "tests/test_deploy.py"]
            command[0] = str(ROOT / command[0])
            if not Path(command[0]).is_file():
                pytest.skip("there is no .venv here")
            assert subprocess.run(command, cwd=ROOT, check=False, capture_output=True).returncode == 0
