"""What of a class may stand in the repository: nothing but the pages that say where its data come."""

import subprocess

import pytest

from closed_doors.core.layout import Layout

FOLDERS = ("submitted", "autograded")


def git(repository: Layout, *words: str) -> list[str]:
    done = subprocess.run(["git", *words], cwd=repository.root, capture_output=True, text=True, check=False)
    return done.stdout.splitlines()


@pytest.mark.parametrize("folder", FOLDERS)
def test_only_the_readme_of_a_folder_of_class_data_is_in_git(repository: Layout, folder: str) -> None:
    """A fresh clone has the folder, with a README; git takes in nothing else of it, whatever it is called."""
    assert git(repository, "ls-files", "--cached", "--others", "--exclude-standard", folder) == [f"{folder}/README.md"]
    others = [f"{folder}/{name}" for name in ("alice/devoir/devoir.ipynb", "notes.csv", "a/README.md", ".gitkeep")]
    assert git(repository, "check-ignore", "--no-index", *others) == others


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_readme_says_that_nothing_enters_git(repository: Layout, folder: str) -> None:
    """A short page in French, that names the command which fills the folder."""
    text = (repository.root / folder / "README.md").read_text(encoding="utf-8")
    assert "Rien de ce dossier n'entre dans git" in text
    assert "course autograde" in text
    assert len(text.splitlines()) < 12
