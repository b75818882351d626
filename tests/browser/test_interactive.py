"""The figures that answer, as their lessons have them: a key pressed in JupyterLab changes the figure and its text."""

from collections.abc import Callable, Iterator

import nbformat
import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.conftest import Watch, jupyter_lab

from closed_doors.core.layout import Layout

expect.set_options(timeout=20_000)  # a busy machine is no failure
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

CELLS = {
    "masque_causal": ("preparation", "voir-ligne"),
    "noyau_attention": ("preparation", "piege-additif", "piege-apres-prediction"),
    "masques_reels": ("preparation", "fenetre-largeur"),
}


@pytest.fixture(scope="module")
def lab(repository: Layout, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """A JupyterLab on a notebook that has three lessons' figures, with what they need."""
    folder = tmp_path_factory.mktemp("figures")
    wanted = [(assignment, name) for assignment, names in CELLS.items() for name in names]
    released = {
        (assignment, cell.id): cell
        for assignment in CELLS
        for cell in nbformat.read(repository.release / assignment / f"{assignment}.ipynb", as_version=4).cells
    }
    cells = [nbformat.v4.new_code_cell(released[place].source) for place in wanted]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), folder / "figures.ipynb")
    with jupyter_lab(folder, tmp_path_factory.mktemp("home")) as address:
        yield address


def figure(page: Page, text: str) -> Locator:
    """Return the picture whose alternative text begins so."""
    return page.locator(f'.jp-OutputArea img[alt^="{text}"]')


def test_a_key_changes_the_figure_and_its_text(lab: Callable[[str], str], page: Page, watch: Watch) -> None:
    """By keyboard alone: a button chooses a row, an arrow widens the window, an answer reveals what is hidden."""
    page.goto(lab("lab/tree/figures.ipynb"))
    expect(page.get_by_text("Python 3 (ipykernel) | Inactif")).to_be_visible(timeout=90_000)
    page.get_by_role("menuitem", name="Exécution", exact=True).click()
    page.get_by_text("Exécuter toutes les cellules", exact=True).click()
    expect(figure(page, "Fenêtre de 4")).to_be_visible(timeout=120_000)

    expect(figure(page, "Ligne 3 du masque")).to_be_visible()
    page.get_by_role("button", name="5 dans").focus()
    page.keyboard.press("Enter")
    expect(figure(page, "Ligne 5 du masque")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Ligne 5 du masque")).to_be_visible()
    expect(figure(page, "Ligne 3 du masque")).to_have_count(0)

    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    expect(figure(page, "Fenêtre de 5")).to_be_visible()

    expect(figure(page, "Score bloqué de 3")).to_be_visible()
    page.get_by_role("button", name="tombent vers 0").focus()
    page.keyboard.press("Enter")
    expect(figure(page, "C'est juste")).to_be_visible()
    assert watch.elsewhere == []
    assert watch.errors == []
