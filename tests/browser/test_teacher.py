"""What a TA sees: formgrader with the mark scheme above the answer."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from rich.console import Console

from grading.demo.play import play
from grading.layout import Layout

from .conftest import jupyter_lab

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def graded(repository: Layout, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course root in which one student's work was autograded, marked by hand and given feedback."""
    root = tmp_path_factory.mktemp("graded") / "demo"
    assert play(repository, "masque_causal", root, ["emma"], Console(quiet=True))
    return root


def test_the_mark_scheme_stands_above_the_answer_in_formgrader(
    graded: Path, tmp_path: Path, page: Page, picture: Callable[[Page, str], None]
) -> None:
    """The TA who marks the free-text answer has the mark scheme in view, and can change the points."""
    with jupyter_lab(graded, tmp_path / "home") as address:
        page.goto(address("lab"))  # formgrader's own pages leave no login cookie
        page.goto(address("formgrader/gradebook/masque_causal/masque_causal"))
        page.get_by_text("Submission #1").click()
        scheme = page.get_by_text("Barème de correction")
        expect(scheme).to_be_visible(timeout=30_000)
        score = page.locator(".score").filter(visible=True)
        answer = page.get_by_text("L'entropie croît avec la position et reste sous ln(i + 1)")
        expect(answer).to_be_visible()
        assert score.count() > 0
        answer.evaluate("element => element.scrollIntoView({block: 'center'})")
        picture(page, "formgrader")
