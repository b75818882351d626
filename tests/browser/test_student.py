"""What a student sees: the released notebook in JupyterLab, its checks, and the Validate button."""

import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page, expect

from grading.layout import Layout

from .conftest import jupyter_lab

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]

WRONG_ANSWER = """def create_local_mask(seq_len):
    return np.tril(np.ones((seq_len, seq_len)))"""


@pytest.fixture
def homework(repository: Layout, tmp_path: Path) -> Path:
    """A student's folder with the released notebook, exercise 1 answered wrong, the rest untouched."""
    folder = tmp_path / "devoir"
    folder.mkdir()
    shutil.copy(repository.root / "nbgrader_config.py", folder)
    notebook = nbformat.read(repository.root / "release" / "masque_causal" / "masque_causal.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.id == "exercice-1-reponse":
            cell.source = WRONG_ANSWER
    nbformat.write(notebook, folder / "masque_causal.ipynb")
    return folder


def test_a_student_reads_the_checks_and_validates(
    homework: Path, tmp_path: Path, page: Page, picture: Callable[[Page, str], None]
) -> None:
    """A wrong answer gets a ✗ with a drawing in JupyterLab, and Validate names the failing cells."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    with jupyter_lab(homework, tmp_path / "home") as address:
        page.goto(address("lab/tree/masque_causal.ipynb"))
        expect(page.get_by_role("heading", name="Le masque causal et l'attention autorégressive")).to_be_visible(
            timeout=60_000
        )
        picture(page, "etudiant-notebook")
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        failed = page.get_by_text("✗ Le masque de 5 tokens est celui de l'énoncé.")
        expect(failed).to_be_visible(timeout=90_000)
        page.wait_for_timeout(1000)  # the figures above take their place
        failed.evaluate("element => element.scrollIntoView({block: 'center'})")
        expect(page.get_by_text("6 valeurs différentes sur 25").first).to_be_visible()
        picture(page, "etudiant-verifications")
        page.get_by_role("button", name="Validate").first.click()
        dialog = page.locator(".jp-Dialog, .nbgrader-ValidationMessage, dialog").first
        expect(dialog).to_contain_text("create_local_mask", timeout=120_000)
        picture(page, "etudiant-validate")
    assert errors == []
