"""Code and markdown from anybody, as parts of a page."""

import re

import pytest

from closed_doors.notebook.sanitise_outputs import clean_markdown
from closed_doors.pages.html.text_as_html import code, formula, inline, markdown

ELEMENTS = re.compile(r"<(\w+)((?:\s[^>]*)?)>")
HARMLESS = {"p", "strong", "em", "code", "pre", "div", "span", "table", "thead", "tbody", "tr", "th", "td", "ul", "li"}
MATHS = {"math", "mrow", "mi", "mo", "mn", "mtext", "mstyle", "mfrac", "msub", "msup", "mspace"}
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](https://example.org/x.png)",
    "[x](javascript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "<a href='https://example.org'>x</a> <https://example.org>",
    r"$\text{<script>alert(1)</script>}$",
    r"$\text{</mtext></math><img src=x onerror=alert(1)>}$",
    r"$\href{javascript:alert(1)}{x}$ $\class{x}{y}$ $\style{position:fixed}{y}$",
    "$$<style>*{display:none}</style>$$",
    "```\n</pre><script>alert(1)</script>\n```",
    "`</code><script>alert(1)</script>`",
    "a | b\n--|--\n<b onclick=alert(1)> | [x](vbscript:x)",
    "<div class='card' role='main' tabindex='0'>",
    "\u202e\x1b[31m<b>\x00",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("disarmed", [False, True])
def test_markdown_gives_harmless_elements_only(text: str, disarmed: bool) -> None:
    """No element that runs, loads or leads anywhere comes out, whether grading had cleaned the text or not."""
    for html in (markdown(clean_markdown(text) if disarmed else text), inline(text)):
        for name, attributes in ELEMENTS.findall(html):
            assert name in HARMLESS | MATHS, html
            assert not re.search(r"\bon|href|src|style|url", attributes), html


def test_raw_html_reads_as_it_was_written() -> None:
    """Even harmless elements are text: what looks like a part of the page is the page's own."""
    assert markdown("<div class='card'>Note : <b>20</b></div>") == (
        "<p>&lt;div class='card'&gt;Note : &lt;b&gt;20&lt;/b&gt;&lt;/div&gt;</p>\n"
    )


def test_code_gives_spans_only() -> None:
    """Whatever the code says, only its colours are elements."""
    html = code("x = '</pre><script>alert(1)</script>'  # <img src=x>\n%timeit <b>")
    assert {name for name, _ in ELEMENTS.findall(html)} == {"span"}
    assert "&lt;script&gt;" in html


def test_very_long_code_stays_whole_and_plain() -> None:
    """A cell of a thousand lines costs no colouring, and is escaped all the same."""
    html = code("x = '<b>'\n" * 3000)
    assert "<" not in html
    assert html.count("&lt;b&gt;") == 3000


def test_formulas_become_mathml() -> None:
    """A formula of the course can be read without a script; one that can't be read is shown as it was written."""
    assert "<msqrt>" in formula(r"\sqrt{d_k}")
    assert markdown(r"Sous $\ln(i+1)$.").startswith("<p>Sous <math")
    assert formula(r"1 < \frac{") == r"<code>1 &lt; \frac{</code>"
    assert formula("{" * 5000) == f"<code>{'{' * 5000}</code>"
    assert "<math" not in markdown("5 $ ou 6 $ : un prix n'est pas une formule.")


def test_links_are_written_out() -> None:
    """The reader sees where a link led; nothing can be clicked."""
    assert markdown("[cours](https://example.org/a) et <https://example.org/b>") == (
        "<p>cours (https://example.org/a) et https://example.org/b</p>\n"
    )


def test_signs_disarmed_by_grading_read_as_written() -> None:
    """What clean_markdown replaced in code spans is shown as the student typed it."""
    assert markdown(clean_markdown("`a <b` et 1 < 2")) == "<p><code>a &lt;b</code> et 1 &lt; 2</p>\n"


def test_only_pictures_of_the_cell_are_shown() -> None:
    """A picture that hangs on the cell is shown with its text; any other is named, wherever it would come from."""
    pictures = {"image-1.png": {"image/png": "AAAA"}}
    shown = str(markdown("![une <courbe>](attachment:image-1.png)", pictures=pictures))
    assert 'src="data:image/png;base64,AAAA"' in shown
    assert "une &lt;courbe&gt;" in shown
    for other in ("attachment:image-2.png", "data:image/png;base64,AAAA", "https://example.org/x.png"):
        assert "<img" not in markdown(f"![x]({other})", pictures=pictures)
    assert "<img" not in markdown("![x](attachment:image-1.png)")
