"""A new assignment is whole from the first minute: every command of an author's passes on it."""

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from closed_doors.authoring.leak_scan.approvals import FILE_NAME, approval, approval_unread, read_shown
from closed_doors.authoring.leak_scan.finding import Place
from closed_doors.authoring.leak_scan.master_secrets import Kind, Secret
from closed_doors.cli.main import main
from support.courses import CONFIG


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A course without an assignment, whose names and scale are not the usual ones."""
    root = tmp_path / "course"
    (root / "source").mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    (root / "course.toml").write_text('scale = 10\n[naming]\nanswer = "-r"\ncheck = "-v"\n', encoding="utf-8")
    return root


def run(root: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(root), *words])


def done(root: Path, *words: str) -> str:
    result = run(root, *words)
    assert result.exit_code == 0, result.output
    return result.output


def test_nothing_is_written_over(root: Path) -> None:
    """A dry run writes nothing; a name that is taken, or is none, is refused."""
    files = json.loads(done(root, "new", "essai", "--dry-run", "--json"))["files"]
    assert not [name for name in files if (root / name).exists()]
    done(root, "new", "essai")
    assert all((root / name).is_file() for name in files)
    for name in ("essai", "../x", "Un devoir"):
        assert run(root, "new", name).exit_code == 1


def test_doctor_says_when_the_two_sides_differ(root: Path) -> None:
    """The text and the notebook of a master agree from the start; a change of one is named, with the way out."""
    done(root, "new", "essai", "--title", "Un essai")
    assert "nothing wrong" in done(root, "doctor", "essai", "--no-run")
    path = root / "masters" / "essai" / "essai.py"
    path.write_text(path.read_text(encoding="utf-8").replace("Un essai", "Un autre"), encoding="utf-8")
    found = run(root, "doctor", "essai", "--no-run")
    assert found.exit_code == 1
    assert "`course sync essai` takes masters/" in found.output


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_new_assignment_passes_everything(root: Path) -> None:
    """Doctor, labelled answers, hints, the gate with its trials, and a class that is played to the marks foreseen."""
    done(root, "new", "essai")
    done(root, "quality", "essai")
    done(root, "hints", "essai")
    done(root, "doctor", "essai")
    done(root, "release", "essai")
    assert (root / "dist" / "essai.zip").is_file()
    done(root, "demo", "essai")
    assert "Did you mean" in run(root, "demo", "essay").output


@pytest.mark.parametrize("text", ["return 10000 / 2", "a \"quoted\" 'text' with \\ and é\ttab", "x" * 89 + "…"])
def test_the_entry_that_is_printed_approves(tmp_path: Path, text: str) -> None:
    """With a reason in it, shown.toml lets exactly this through; without one it is refused."""
    secret, place = (
        Secret(Kind.SOLUTION, "exercice-1-r", text),
        Place("release/essai/essai.ipynb", "exercice-1", 4, "source"),
    )
    entries = approval(secret, place) + approval_unread(Place("dist/essai.zip!data/poids.npz"))
    path = tmp_path / "essai" / FILE_NAME
    path.parent.mkdir()
    assert tomllib.loads(entries)["shown"][0]["where"] == "exercice-1"
    path.write_text(entries.replace('why = ""', 'why = "The lesson shows it."'), encoding="utf-8")
    shown = read_shown(tmp_path, "essai")
    assert shown.allows(secret, place)
    assert shown.allows_file(Place("dist/essai.zip!data/poids.npz"))
    assert not shown.allows(secret, Place("release/essai/essai.ipynb", "exercice-2", 6, "source"))
    assert approval(secret, Place("release/essai/essai.ipynb", "exercice-1", 4, "outputs")) == ""
