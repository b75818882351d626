"""Students' feedback pages in a real browser: quiet, self-contained, readable, and deaf to what a student plants."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from rich.console import Console
from tests.browser.pages import LAPTOP, PHONE, faults, opened

from checks.report import Masks
from closed_doors.core.layout import Layout
from closed_doors.demo.play import play
from closed_doors.grading.verdict.remark import Remark, RemarkCode
from closed_doors.grading.verdict.verdict import Diagnosis, Status, Verdict
from closed_doors.nbgrader.gradebook_reader import Comment
from closed_doors.pages.feedback.feedback_content import Work
from closed_doors.pages.feedback.feedback_page import feedback_page
from support import works
from support.works import CELLS, PICTURE, cell, criterion, lesson, mark, verdicts, work

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]

PAYLOADS = (
    "<script>window.ran = 1</script>",
    "<img src=x onerror='window.ran = 1'>",
    "<svg onload='window.ran = 1'><style>*{display:none}</style>",
    "<iframe srcdoc='<script>parent.ran = 1</script>'></iframe>",
    '"><script>window.ran = 1</script>',
    "'><b onmouseover=window.ran=1 autofocus onfocus=window.ran=1 tabindex=1>",
    "</pre></title></style><script>window.ran = 1</script>",
    "[x](javascript:window.ran=1) ![x](https://example.org/x.png) <https://example.org>",
    r"$\text{<script>window.ran=1</script>}$ $\href{javascript:window.ran=1}{x}$",
    "<table><tr><td onclick='window.ran=1'><a href='javascript:window.ran=1'>x</a></td></tr></table>",
    "<meta http-equiv=refresh content='0;url=https://example.org'><base href='https://example.org'>",
    "{{ 7 * 7 }}{% for x in y %}\x1b[31m\x00\u202e",
)
WIDE = "x" * 400


def hostile() -> Work:
    """Work with every payload in every field that a student, or a TA's file, can fill."""
    bad = "\n\n".join(PAYLOADS)
    line = " ".join(PAYLOADS)
    data = dict.fromkeys(("text/html", "text/plain", "image/svg+xml", "application/javascript", "text/latex"), bad)
    picture = {"image/png": {"alt": line, "width": line}, "alt": line}
    outputs = (
        {"output_type": "stream", "name": "stdout", "text": bad},
        {"output_type": "display_data", "data": data, "metadata": {}},
        {"output_type": "display_data", "data": {"text/html": f"<table>{bad}</table>"}, "metadata": {}},
        {"output_type": "display_data", "data": {"image/png": PICTURE}, "metadata": picture},
        {"output_type": "display_data", "data": {"image/png": f'{PICTURE}"><script>'}, "metadata": {}},
        {"output_type": "execute_result", "data": {line: bad}, "metadata": {}, "execution_count": line},
        {"output_type": "error", "ename": line, "evalue": line, "traceback": [bad, line]},
    )
    cells = [
        lesson(f"# Devoir {line}"),
        cell("markdown", bad),
        cell("code", bad, outputs=outputs),
        cell("raw", bad),
        lesson(f"### Exercice {line}", "titre"),
        cell("code", bad, "reponse", outputs, solution=True),
        CELLS[4],
        cell("markdown", bad, "question", solution=True, grade=True, points=2),
        cell("markdown", bad),
    ]
    masks = Masks(("10",), (line[:2],))
    missed = [criterion(line, False, f"{line}\n{bad}"), criterion(line, False, line, masks=masks)]
    remark = Remark(RemarkCode.MISSING_CELL, line)
    found = verdicts(*missed, diagnosis=Diagnosis(line, line), remarks=(remark,))
    said = {"reponse": Comment("", bad), "question": Comment("", bad)}
    return work(cells=cells, found=found, comments=said, student=line)


def rich() -> Work:
    """Work with everything that a page can show, some of it wider than a phone."""
    rows = "".join(f"<tr><th>{n}</th>{'<td>0,123456</td>' * 12}</tr>" for n in range(3))
    frame = f"<table><thead><tr><th></th><th>colonne</th></tr></thead><tbody>{rows}</tbody></table>"
    outputs = (
        {"output_type": "stream", "name": "stdout", "text": f"{WIDE}\n"},
        {"output_type": "display_data", "data": {"text/html": frame}, "metadata": {}},
        {"output_type": "display_data", "data": {"image/png": PICTURE}, "metadata": {"image/png": {"width": 900}}},
        {"output_type": "error", "ename": "ValueError", "evalue": WIDE, "traceback": [WIDE, "ligne 2"]},
    )
    code = f"@cache\nclass A:\n    '''Doc.'''\n    x = 'é' + f'{{1}}' if None else 0x1F  # {WIDE}\n%timeit x"
    table = f"| a | b |\n|---|---|\n| {'c ' * 90} | d |"
    text = f"# Titre\n\n$$M_{{ij}} = {'x + ' * 18}1$$\n\n{table}\n\n```\n{WIDE}\n```\n{WIDE}"
    drawn = Masks(("1" * 12,) * 12, ("10" * 6,) * 12)
    missed = [
        criterion("Un masque de 12 tokens.", False, "create(12) : 72 valeurs différentes sur 144.", masks=drawn),
        criterion("Des valeurs.", False, f"f(2) : 1 valeur.\n    attendu : {WIDE}\n    obtenu  : 2"),
        criterion(f"Un critère {WIDE}.", False, WIDE, hidden=True),
        criterion("Un critère réussi."),
    ]
    cells = [
        *CELLS[:3],
        cell("code", code, "reponse", outputs, solution=True),
        CELLS[4],
        cell("code", code, outputs=outputs),
        cell("markdown", text),
        *CELLS[5:6],
        cell("markdown", text, "question", solution=True, grade=True, points=2),
    ]
    said = {"reponse": Comment("", text), "question": Comment("", "Bien vu : $\\ln(i+1)$.")}
    hint = Diagnosis("x", "Votre masque est transposé.")
    return work(
        cells=cells,
        found=verdicts(*missed, diagnosis=hint, remarks=(Remark(RemarkCode.MISSING_CELL, "exercice"),)),
        marks={"verification": mark(4, 1.0, 1.5, extra=0.5), "question": mark(2, None)},
        comments=said,
        penalty=0.5,
        late_s=4000,
    )


UNREADABLE = Verdict(
    assignment="petit",
    student="alice",
    notebook="petit",
    status=Status.UNREADABLE,
    reason=Remark(RemarkCode.NOT_A_NOTEBOOK, arguments={"file": WIDE}),
)
KINDS: dict[str, Callable[[], Work]] = {
    "ordinary": work,
    "rich": rich,
    "hostile": hostile,
    "empty": lambda: work(comments=dict.fromkeys(("reponse", "question"), Comment("No response.", ""))),
    "unreadable": lambda: work(cells=(), found=UNREADABLE),
    "perfect": lambda: work(marks={"verification": mark(4, 4.0), "question": mark(2, None, 2.0)}),
}


def saved(folder: Path, made: Work, change: Callable[[str], str] = str) -> Path:
    path = folder / "page.html"
    path.write_bytes(change(feedback_page(made)).encode("utf-8", "replace"))
    return path


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, LAPTOP])
def test_nothing_is_wrong_with_a_page(browser: Browser, tmp_path: Path, kind: str, scheme: Any, width: int) -> None:
    """No console message, no request, no sideways scrolling, nothing serious from axe, on a phone and on a laptop."""
    assert faults(browser, saved(tmp_path, KINDS[kind]()), width, color_scheme=scheme) == []


def test_a_page_fits_on_paper(browser: Browser, tmp_path: Path) -> None:
    """In print nothing is cut at the right, and what is folded on the screen is there."""
    with opened(browser, saved(tmp_path, rich()), width=700) as (page, found):
        page.emulate_media(media="print")
        assert page.evaluate("document.documentElement.scrollWidth") <= 700
        assert page.get_by_text("ligne 2", exact=False).last.is_visible()
        cut = page.evaluate(
            "[...document.querySelectorAll('pre')].filter(e => e.scrollWidth > e.clientWidth + 1).length"
        )
        assert cut == 0
        assert found == []


def without_policy(page: str) -> str:
    return re.sub(r"<meta http-equiv[^>]+>", "", page)


@pytest.mark.parametrize("change", [str, without_policy], ids=["as it is", "without its policy"])
def test_nothing_that_a_student_plants_runs(browser: Browser, tmp_path: Path, change: Callable[[str], str]) -> None:
    """Scripts, handlers, frames and addresses from every field stay text, with or without the browser's help."""
    with opened(browser, saved(tmp_path, hostile(), change)) as (page, found):
        for summary in page.locator("summary").all():
            summary.click()
        page.mouse.move(100, 300)
        page.wait_for_timeout(300)
        assert page.evaluate("window.ran") is None
        planted = "script, iframe, object, embed, base, form, link:not([href='data:,']), [onclick], [onerror], [onload]"
        assert page.locator(planted).count() == 0
        assert page.locator("style").count() == 1
        assert (
            page.evaluate(
                "[...document.querySelectorAll('[href], [src]')].map(e => e.href || e.src)"
                ".filter(a => !a.startsWith('data:') && !a.startsWith(location.href.split('#')[0]))"
            )
            == []
        )
        expect(page.get_by_text("window.ran = 1").first).to_be_attached()
        assert found == []


def test_the_keyboard_reaches_what_scrolls(browser: Browser, tmp_path: Path) -> None:
    """Every box that is wider than the window can be focused."""
    with opened(browser, saved(tmp_path, rich())) as (page, _):
        lost = page.evaluate("""[...document.querySelectorAll('*')].filter(e => {
            const scrolls = ['auto', 'scroll'].includes(getComputedStyle(e).overflowX);
            return scrolls && e.scrollWidth > e.clientWidth && e.tabIndex < 0;
        }).map(e => e.outerHTML.slice(0, 100))""")
        assert lost == []


@pytest.fixture(scope="module")
def demo(repository: Layout, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course root in which one student's work was graded for real, marked by hand and given feedback."""
    root = tmp_path_factory.mktemp("retour") / "demo"
    assert play(repository, "masque_causal", root, ["emma"], Console(quiet=True))
    return root / "feedback" / "emma" / "masque_causal" / "masque_causal.html"


def test_a_real_page_shows_criteria_masks_and_comment(
    browser: Browser, demo: Path, page: Page, picture: Callable[[Page, str], None]
) -> None:
    """The student reads the mark, the missed criteria with their drawing, and the TA's comment."""
    assert faults(browser, demo) == []
    page.goto(demo.as_uri())
    expect(page.get_by_role("heading", name="Le masque causal et l'attention autorégressive")).to_be_visible()
    expect(page.get_by_text("12,5 / 20")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("^Votre masque, ligne par ligne"))).to_have_count(2)
    expect(page.get_by_text("Bon raisonnement sur l'entropie.")).to_be_visible()
    page.set_viewport_size({"width": 1000, "height": 1400})
    picture(page, "retour")
    hint = page.locator("p.hint", has_text="Piste").first
    expect(hint).to_be_visible()
    page.set_viewport_size({"width": 1000, "height": 700})
    hint.evaluate("element => element.scrollIntoView({block: 'center'})")
    picture(page, "retour-piste")
    assert works.SECRET not in page.content()
