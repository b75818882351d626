"""What a student sees: the released notebook in JupyterLab, in French, its checks, and the Validate button."""

import shutil
from collections.abc import Callable, Iterator

import nbformat
import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.conftest import Watch, jupyter_lab
from tests.browser.pages import pictures_without_text

from closed_doors.core.layout import Layout

expect.set_options(timeout=20_000)  # a busy machine is no failure
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

WRONG_ANSWER = """def create_local_mask(seq_len):
    return np.tril(np.ones((seq_len, seq_len)))"""
# What a student may write, and what the check answers.
WRONG_ANSWERS = {
    "    return np.eye(seq_len)": "4 valeurs différentes sur 25",
    "    np.eye(seq_len)": "create_local_mask(5) renvoie None",
    "    return np.ones((2, 2))": "forme obtenue (2, 2)",
}
RIGHT_ANSWER = """def create_local_mask(seq_len):
    return np.eye(seq_len) + np.eye(seq_len, k=-1)"""


@pytest.fixture(scope="module")
def lab(repository: Layout, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """A student's JupyterLab on the released notebook, exercise 1 answered wrong, the rest untouched."""
    folder = tmp_path_factory.mktemp("devoir")
    notebook = nbformat.read(repository.root / "release" / "masque_causal" / "masque_causal.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.id == "exercice-1-reponse":
            cell.source = WRONG_ANSWER
    nbformat.write(notebook, folder / "masque_causal.ipynb")
    for copy in ("copie", "textes"):
        (folder / copy).mkdir()
        shutil.copy(folder / "masque_causal.ipynb", folder / copy)
    with jupyter_lab(folder, tmp_path_factory.mktemp("home")) as address:
        yield address


def test_a_first_hour(
    lab: Callable[[str], str], page: Page, watch: Watch, picture: Callable[[Page, str], None]
) -> None:
    """A wrong answer gets a ✗ with a drawing, the right one its ✓, a broken one no old ✓; Validate speaks French."""
    page.goto(lab("lab/tree/masque_causal.ipynb"))
    title = page.get_by_role("heading", name="Le masque causal et l'attention autorégressive")
    expect(title).to_be_visible(timeout=90_000)
    picture(page, "etudiant-notebook")
    expect(page.get_by_text("Python 3 (ipykernel) | Inactif")).to_be_visible(timeout=90_000)  # or cells are lost
    page.get_by_role("menuitem", name="Exécution", exact=True).click()
    page.get_by_text("Exécuter toutes les cellules", exact=True).click()
    failed = page.get_by_text("✗ Le masque de 5 tokens est celui de l'énoncé.")
    expect(failed).to_be_visible(timeout=120_000)
    expect(page.get_by_text("n'est pas encore écrite").last).to_be_visible(timeout=60_000)
    page.wait_for_timeout(1000)  # the figures above take their place
    answer = page.locator(".jp-CodeCell").filter(has_text="def create_local_mask(seq_len)")
    answer.evaluate("element => element.scrollIntoView({block: 'start'})")
    expect(page.get_by_text("6 valeurs différentes sur 25").first).to_be_visible()
    picture(page, "etudiant-verifications")

    answer.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(RIGHT_ANSWER)
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    passed = page.get_by_text("✓ Le masque de 5 tokens est celui de l'énoncé.")
    expect(passed).to_be_visible(timeout=30_000)
    expect(page.get_by_text("2 critères réussis sur 2 : 4 points sur 4.")).to_be_visible()
    passed.evaluate("element => element.scrollIntoView({block: 'center'})")
    picture(page, "etudiant-reussi")
    expect(page.get_by_text("4.0", exact=True)).to_have_count(0)  # the sentence above says it already

    answer.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(RIGHT_ANSWER.replace(":", ""))
    page.keyboard.press("Shift+Enter")
    expect(page.get_by_text("SyntaxError").first).to_be_visible(timeout=30_000)
    page.keyboard.press("Shift+Enter")
    stale = page.get_by_text("La dernière exécution de la cellule qui définit create_local_mask a échoué, ligne 1")
    expect(stale).to_be_visible(timeout=30_000)
    expect(passed).to_have_count(0)

    answer.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(RIGHT_ANSWER)
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    expect(passed).to_be_visible(timeout=30_000)

    page.get_by_role("button", name="Validate").first.click()
    dialog = page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("n'est pas encore écrite", timeout=120_000)
    expect(dialog).not_to_contain_text("Partial credit")
    expect(dialog).not_to_contain_text("create_local_mask(5)")
    dialog.get_by_text("n'est pas encore écrite").first.evaluate("e => e.scrollIntoView({block: 'center'})")
    picture(page, "etudiant-validate")
    assert watch.elsewhere == []
    assert watch.errors == []


def test_notebook_validates_too(lab: Callable[[str], str], page: Page) -> None:
    """The Validate button of Jupyter Notebook tells the same, with the drawing of a wrong answer."""
    page.goto(lab("notebooks/copie/masque_causal.ipynb"))
    page.get_by_role("button", name="Validate").first.click(timeout=90_000)
    expect(page.locator(".jp-Dialog")).to_contain_text("6 valeurs différentes sur 25", timeout=120_000)


def test_figures_have_texts_and_answers_their_words(
    lab: Callable[[str], str], page: Page, picture: Callable[[Page, str], None]
) -> None:
    """Every picture has a text that a screen reader says; three wrong answers and a left-over raise are explained."""
    page.goto(lab("lab/tree/textes/masque_causal.ipynb") + "&reset")  # or the test before's notebook lies open too
    expect(page.get_by_text("Python 3 (ipykernel) | Inactif")).to_be_visible(timeout=90_000)
    page.get_by_role("menuitem", name="Exécution", exact=True).click()
    page.get_by_text("Exécuter toutes les cellules", exact=True).click()
    expect(
        page.get_by_text("Le notebook n'est pas enregistré tel que vous l'avez exécuté").or_(
            page.get_by_text("Notebook exécuté à neuf")
        )
    ).to_be_visible(timeout=240_000)
    figures = page.locator(".jp-RenderedHTMLCommon img[alt]")
    assert figures.count() >= 6
    assert page.locator(".jp-OutputArea img:not([alt]), .jp-OutputArea img[alt='']").count() == 0
    assert pictures_without_text(page) == []
    answer = page.locator(".jp-CodeCell").filter(has_text="def create_local_mask(seq_len)")
    for text, said in WRONG_ANSWERS.items():
        write(page, answer, f"def create_local_mask(seq_len):\n{text}")
        page.keyboard.press("Shift+Enter")
        expect(page.get_by_text(said).first).to_be_visible(timeout=60_000)
    write(page, answer, f"{RIGHT_ANSWER}\nraise NotImplementedError()")
    expect(answer.locator(".jp-OutputArea").get_by_text("NotImplementedError").first).to_be_visible(timeout=60_000)
    page.keyboard.press("Shift+Enter")
    expect(page.get_by_text("create_local_mask s'arrête ensuite, ligne 3").first).to_be_visible(timeout=60_000)
    answer.evaluate("element => element.scrollIntoView({block: 'start'})")
    picture(page, "etudiant-raise")


def write(page: Page, cell: Locator, text: str) -> None:
    """Write a cell anew, and run it."""
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)
    page.keyboard.press("Shift+Enter")
