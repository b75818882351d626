"""What a submission shows is safe to open: rendered with nbconvert's own exporter, nothing in it could run."""

import base64
import functools
from html.parser import HTMLParser
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert import HTMLExporter

from closed_doors.notebook.sanitise_outputs import clean_markdown, clean_output, clean_text
from support.pictures import blank_png
from support.works import PICTURE

SCRIPT = "<script>alert(1)</script>"
PAYLOADS = [
    SCRIPT,
    "<ScRiPt src=//x></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "<object data=x><embed src=x>",
    "<form action=x><input autofocus onfocus=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](javascript&#58;alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x]( javascript:alert(1))",
    r"[x](javascript\:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&#00058;alert(1))",
    "[x](javascript&NewLine;:alert(1))",
    r"[x](java\script:alert(1))",
    r"[x](vbscript\:x)",
    "[a][b]\n\n[b]: javascript\\:alert(1)",
    "> [a][b]\n\n[b]:\n   javascript\\:alert(1)",
    "[x](vbscript:x)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](javascript:alert(1))",
    "![x](attachment:a.svg)",
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "`<script>`" + SCRIPT,
    "``` \n</code></pre>" + SCRIPT + "\n```",
    "~~~\n" + SCRIPT + "\n~~~" + SCRIPT,
    "    " + SCRIPT,
    "> - ```\n" + SCRIPT,
    "$" + SCRIPT + "$",
    "$$\n" + SCRIPT + "\n$$",
    "\\begin{x}" + SCRIPT + "\\end{x}",
    "\\<script>alert(1)\\</script>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[" + SCRIPT + "]]>",
    "<?php " + SCRIPT + "?>",
    "<details open ontoggle=alert(1)>",
    "<math><mtext><script>alert(1)</script>",
    "<style>@import 'javascript:alert(1)'</style>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href='javascript:/'>",
    "<link rel=stylesheet href=//x>",
    "| a |\n|---|\n| " + SCRIPT + " |",
    "<a/onmouseover=alert(1)>x",
]
ACTIVE = {"script", "iframe", "object", "embed", "form", "base", "svg", "math", "input", "frame", "applet", "details"}


class Danger(HTMLParser):
    """Collects what a browser could run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ACTIVE:
            self.found.append(tag)
        for name, value in attrs:
            scheme = "".join((value or "").split()).lower().split(":")[0]
            if name.startswith("on") or (name in ("href", "src", "action") and scheme in ("javascript", "vbscript")):
                self.found.append(f"{tag} {name}={value}")
            if name == "href" and scheme == "data":
                self.found.append(f"{tag} {name}={value}")


def rendered(cell: Any) -> list[str]:
    """Return what could run in a cell's rendering that could not in an empty notebook's."""
    return dangers([cell])[len(dangers([])) :]


def dangers(cells: list[Any]) -> list[str]:
    html, _ = exporter().from_notebook_node(nbformat.v4.new_notebook(cells=cells))
    danger = Danger()
    danger.feed(html)
    return danger.found


@functools.cache
def exporter() -> HTMLExporter:
    """nbconvert's own, made once: it compiles its templates."""
    return HTMLExporter(template_name="basic")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_markdown_runs(payload: str) -> None:
    """Every payload ends as text on the page."""
    assert rendered(nbformat.v4.new_markdown_cell(clean_markdown(payload))) == []


def test_the_danger_would_be_seen() -> None:
    """The same rendering without cleaning does find the payloads."""
    assert rendered(nbformat.v4.new_markdown_cell(PAYLOADS[2])) != []


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("kind", ["html", "plain", "svg", "script", "latex", "stream", "error"])
def test_no_output_runs(payload: str, kind: str) -> None:
    """Whatever the kind of output, nothing of it runs, in the page's text or in its attributes."""
    types = {
        "html": "text/html",
        "plain": "text/plain",
        "svg": "image/svg+xml",
        "script": "application/javascript",
        "latex": "text/latex",
    }
    output: dict[str, Any]
    if kind == "stream":
        output = {"output_type": "stream", "name": payload, "text": payload}
    elif kind == "error":
        output = {"output_type": "error", "ename": payload, "evalue": payload, "traceback": [payload]}
    else:
        output = {"output_type": "display_data", "data": {types[kind]: payload}, "metadata": {types[kind]: payload}}
    cleaned = clean_output(output)
    cell = nbformat.v4.new_code_cell("", outputs=[nbformat.from_dict(cleaned)])
    assert rendered(cell) == []


FRAGMENTS = [
    "`",
    "```\n",
    "~~~",
    "$",
    "<",
    ">",
    '"',
    "\n",
    "\n\n",
    "    ",
    "<b>",
    "<img src=x onerror=alert(1)>",
    SCRIPT,
]
FRAGMENTS += [
    "[a](javascript:x)",
    "[a](javascript\\:x)",
    "&#106;avascript:",
    "](",
    "[x]: ",
    "javascript:",
    "\\",
    "&lt;",
    "- ",
    "> ",
    "<!--",
    "-->",
    "|",
    "#",
]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=14))
def test_no_mixture_of_markdown_runs(fragments: list[str]) -> None:
    """However quotes, fences and tags are mixed, nothing runs."""
    assert rendered(nbformat.v4.new_markdown_cell(clean_markdown("".join(fragments)))) == []


def test_a_picture_from_elsewhere_becomes_a_link() -> None:
    """Who opens the page asks no other machine for anything; the address can still be followed."""
    shown = clean_markdown("![courbe](https://exemple.fr/x.png) et ![b][r]\n\n[r]: https://exemple.fr/y.png")
    html, _ = HTMLExporter(template_name="basic").from_notebook_node(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(shown)])
    )
    assert "<img" not in html
    assert 'href="https://exemple.fr/x.png"' in html


def test_honest_markdown_is_left_alone() -> None:
    """Formulas, comparisons, lists, links and code keep their text."""
    text = "# Titre\n\n$a < b$ et 3 < 4, `x = 1`\n\n- [site](https://exemple.fr)\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    assert clean_markdown(text) == text


def test_text_loses_what_a_terminal_would_obey() -> None:
    """Control and direction characters go, colours stay, a progress bar is at its end."""
    assert (
        clean_text("10 %\r50 %\r100 %\nfin\x07\x1b[2J\u202e\ud800 \x1b[31mrouge\x1b[0m")
        == "100 %\nfin \x1b[31mrouge\x1b[0m"
    )


def test_tables_and_pictures_are_kept() -> None:
    """A data frame's table and a figure are shown, the figure with its alternative text."""
    png = PICTURE
    data = {"text/html": "<table><tr><td colspan='2'>1</td></tr></table>", "image/png": png}
    output = {"output_type": "display_data", "data": data, "metadata": {"image/png": {"alt": 'un "carré"', "x": 1}}}
    cleaned = clean_output(output)
    assert cleaned is not None
    assert "<td" in cleaned["data"]["text/html"]
    assert cleaned["data"]["image/png"] == png
    assert cleaned["metadata"]["image/png"] == {"alt": "un  carré "}


@pytest.mark.parametrize("data", [{"image/png": "PHNjcmlwdD4="}, {"image/png": "@@"}, {"application/x": "1"}, {}, None])
def test_what_cannot_be_shown_is_said(data: object) -> None:
    """A picture that is none and an unknown type leave a sentence."""
    cleaned = clean_output({"output_type": "display_data", "data": data, "metadata": None})
    assert cleaned is not None
    assert "n'est pas affichée" in cleaned["data"]["text/plain"]


@pytest.mark.parametrize("output", [None, 1, [], {}, {"output_type": "update_display_data"}, {"output_type": ["x"]}])
def test_what_is_no_output_is_dropped(output: object) -> None:
    """A worker can send anything in place of an output."""
    assert clean_output(output) is None


def test_links_to_pages_of_the_web_stay() -> None:
    """A student may cite a page, or a heading of the notebook."""
    source = "[a](https://example.org/x) [b](#titre) [c](mailto:a@example.org)"
    assert clean_markdown(source) == source


@pytest.mark.parametrize("width", [float("nan"), float("inf"), -1, 10**9, 10**400])
def test_a_picture_has_a_possible_size(width: float) -> None:
    """A size that no page can show, or that no JSON can hold, is left out."""
    png = PICTURE
    output = {"output_type": "display_data", "data": {"image/png": png}, "metadata": {"image/png": {"width": width}}}
    cleaned = clean_output(output)
    assert cleaned is not None
    assert "image/png" in cleaned["data"]
    assert cleaned["metadata"] == {}


def test_only_pictures_of_ours_stay_in_a_text() -> None:
    """The one form of name that our pictures have is left alone; any other attachment is no link."""
    ours = "![courbe](attachment:image-1.png)"
    assert clean_markdown(ours) == ours
    for other in ("attachment:a.png", "attachment:image-1.svg", "attachment:image-1.png onerror=x"):
        assert f"]({other}" not in clean_markdown(f"![x]({other})")


def test_an_output_of_too_many_pixels_is_not_shown() -> None:
    """A picture that a few bytes blow up in whoever opens the page is judged by its pixels."""
    assert shown_sizes([(4000, 4000), (11_200, 11_200)]) == [(4000, 4000)]


def shown_sizes(sizes: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found = []
    for size in sizes:
        data = {"image/png": base64.b64encode(blank_png(*size)).decode()}
        cleaned = clean_output({"output_type": "display_data", "data": data, "metadata": {}})
        if cleaned and "image/png" in cleaned["data"]:
            found.append(size)
    return found
