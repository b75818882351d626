"""Code and markdown that somebody else wrote, as HTML that is safe to put into a page."""

import contextlib
import functools
import re
from collections.abc import Callable, Mapping, Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers.python import PythonLexer

from closed_doors.core.wording import Wording, wording
from closed_doors.notebook.sanitise_outputs import PICTURES, clean_text

LONGEST_COLOURED = 20_000
LONGEST_MARKDOWN = 50_000
LONGEST_FORMULA = 600
_MATHML = {
    *("math", "mrow", "mi", "mo", "mn", "ms", "mtext", "mspace", "msup", "msub", "msubsup", "mfrac", "msqrt", "mroot"),
    *("mtable", "mtr", "mtd", "mover", "munder", "munderover", "mstyle"),
}
_TAGS = _MATHML | {
    *("p", "br", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "hr"),
    *("table", "thead", "tbody", "tr", "th", "td", "div", "img"),
}
_ATTRIBUTES = {
    "math": {"display"},
    "mo": {"stretchy", "fence", "form"},
    "ol": {"start"},
    "img": {"src", "alt"},  # of _picture
    "div": {"class", "role", "aria-label", "tabindex"},  # of _box: what is written by hand holds no element
}
Pictures = Mapping[str, Mapping[str, str]]  # as nbformat keeps them: content in base64, by name and kind
_DISARMED = re.compile(r"&lt;(?=[A-Za-z/!?])")  # see closed_doors.notebook.sanitise_outputs.clean_markdown
_COMPARED = {"<": r"\lt ", ">": r"\gt "}


def code(source: str) -> Markup:
    """Return Python code with its parts in `span` elements, for a `pre`; very long code stays plain."""
    text = clean_text(source)
    if len(text) > LONGEST_COLOURED:
        return escape(text)
    return Markup(highlight(text, _lexer(), _formatter()).rstrip("\n"))  # noqa: S704  (Pygments escapes)


def markdown(source: str, words: Wording | None = None, pictures: Pictures | None = None) -> Markup:
    """Return markdown as HTML without raw HTML, links or headings; formulas become MathML.

    A link is written out as its text and its address: what a student wrote leads nowhere from this page.

    Args:
        source: the text.
        words: what is said around it.
        pictures: those that hang on its cell, as they were written anew; no other is shown.
    """
    text = _DISARMED.sub("<", clean_text(source, LONGEST_MARKDOWN))
    return _cleaned(_parser().render(text, {"words": words or wording(), "pictures": pictures or {}}))


def inline(source: str) -> Markup:
    """Return one line of markdown, such as a heading's text, as HTML for the middle of a line."""
    return _cleaned(_parser().renderInline(_DISARMED.sub("<", clean_text(source, 1000).replace("\n", " "))))


def _cleaned(html: str) -> Markup:
    return Markup(nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"data"}))  # noqa: S704


@functools.lru_cache(maxsize=2000)
def formula(tex: str, display: bool = False) -> str:
    """Return a formula as MathML, not cleaned yet; where it can't be read, as its TeX source."""
    if len(tex) <= LONGEST_FORMULA:
        from latex2mathml.converter import convert  # 60 ms, and few pages hold a formula

        safe = "".join(_COMPARED.get(character, character) for character in tex)
        with contextlib.suppress(Exception):  # the library has many errors of its own, and recurses
            return str(convert(safe, display="block" if display else "inline"))
    return f"<code>{escape(tex)}</code>"


@functools.cache
def _lexer() -> PythonLexer:
    return PythonLexer(stripnl=False, ensurenl=False)


@functools.cache
def _formatter() -> HtmlFormatter:
    return HtmlFormatter(nowrap=True, classprefix="c-")


@functools.cache
def _parser() -> MarkdownIt:
    """Return a parser of CommonMark with tables and formulas, in which nothing is raw HTML."""
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
    rules: dict[str, Callable[..., str]] = parser.renderer.rules  # type: ignore[attr-defined]
    ours: dict[str, Callable[..., str]] = {
        "heading_open": lambda *_: "<p><strong>",
        "heading_close": lambda *_: "</strong></p>\n",
        "link_open": lambda *_: "",
        "link_close": _address,
        "image": _picture,
        "math_inline": lambda tokens, place, *_: formula(tokens[place].content),
        "math_inline_double": lambda tokens, place, *_: formula(tokens[place].content, display=True),
        "math_block": lambda tokens, place, _, env: _box(env, "formula", formula(tokens[place].content, display=True)),
        "fence": lambda tokens, place, _, env: _box(env, "code_block", _plain(tokens[place])),
        "code_block": lambda tokens, place, _, env: _box(env, "code_block", _plain(tokens[place])),
        "table_open": lambda _tokens, _place, _, env: _box(env, "table", "<table>\n", end=""),
        "table_close": lambda *_: "</table></div>\n",
    }
    rules |= ours
    return parser


def _plain(token: Token) -> str:
    return f"<pre>{escape(token.content)}</pre>"


def _box(env: Mapping[str, Wording], kind: str, html: str, end: str = "</div>\n") -> str:
    """Return what may be wide in a box that scrolls by itself, which the keyboard reaches."""
    label = env["words"].say(f"page.{kind}")
    return f'<div class="scroll" role="group" aria-label="{label}" tabindex="0">{html}{end}'


def _picture(tokens: Sequence[Token], place: int, _: object, env: Mapping[str, Pictures]) -> str:
    """Show a picture that hangs on the cell; of any other, say what it is."""
    alt = tokens[place].content
    name = str(tokens[place].attrGet("src")).removeprefix("attachment:")
    for kind in PICTURES:
        if content := env.get("pictures", {}).get(name, {}).get(kind):
            return Markup('<img src="data:{};base64,{}" alt="{}">').format(kind, content, alt)
    return str(escape(f"[image : {alt}]"))


def _address(tokens: Sequence[Token], place: int, *_: object) -> str:
    """Write the address of the link that ends here, unless its text is the address."""
    depth = 0
    for at in range(place, -1, -1):
        depth += {"link_close": 1, "link_open": -1}.get(tokens[at].type, 0)
        if depth == 0:
            address = str(tokens[at].attrGet("href"))
            shown = "".join(token.content for token in tokens[at:place])
            return "" if shown == address else str(escape(f" ({address})"))
    return ""
