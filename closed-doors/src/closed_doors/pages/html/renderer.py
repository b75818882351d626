"""What every page of the reports shares: its frame, its style, and numbers as its language writes them.

A page is one HTML file that asks for nothing from elsewhere and runs no script but one of ours, if any, and says so to
the browser in its Content-Security-Policy: even if something slipped through the escaping, it could neither run nor
call out.
"""

import base64
import functools
import hashlib
from pathlib import Path

import jinja2
from markupsafe import Markup

from closed_doors.core.wording import Wording, wording

_FOLDER = Path(__file__).parent
_POLICY = "default-src 'none'; style-src '{}'; script-src {}; img-src data:; base-uri 'none'; form-action 'none'"


def render(template: str, words: Wording, styles: tuple[str, ...] = (), script: str = "", **content: object) -> str:
    """Return a whole page.

    Args:
        template: its name in templates/; it extends base.html.
        words: what the page is written in.
        styles: names of style sheets in styles/, added to base.css.
        script: the name of a script in scripts/; pages for students have none.
        content: what the template shows; text is escaped, Markup is not.
    """
    style = _style("base.css", *styles)
    code = _script(script) if script else ""
    policy = _POLICY.format(_digest(style), f"'{_digest(code)}'" if code else "'none'")
    page = _environment(words.language).get_template(template)
    return page.render(style=Markup(style), script=Markup(code), policy=policy, **content)  # noqa: S704


def render_part(template: str, words: Wording, **content: object) -> str:
    """Return a part of a page, or a page whose styles and scripts a server sends apart.

    Args:
        template: its name in templates/.
        words: what it is written in.
        content: what the template shows; text is escaped, Markup is not.
    """
    return _environment(words.language).get_template(template).render(**content)


def style_sheet(*names: str) -> str:
    """Return style sheets of styles/ as one text, base.css before them."""
    return _style("base.css", *names)


def script_text(name: str) -> str:
    """Return a script of scripts/."""
    return _script(name)


def percent(value: float, maximum: float) -> int:
    """Return the share of a maximum in percent, from 0 to 100."""
    return round(100 * min(max(value / maximum, 0.0), 1.0)) if maximum > 0 else 0


@functools.cache
def _environment(language: str) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    words = wording(language)
    environment.filters |= {"number": words.number, "points": words.points}
    environment.globals |= {"percent": percent, "say": words.say}
    return environment


@functools.cache
def _digest(text: str) -> str:
    """Return what names a style sheet or a script in a policy."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@functools.cache
def _script(name: str) -> str:
    """Return a script of ours; none closes its own element."""
    return (_FOLDER / "scripts" / name).read_text(encoding="utf-8")


@functools.cache
def _style(*names: str) -> str:
    """Return style sheets as one text; no sheet closes its own element."""
    return "\n".join((_FOLDER / "styles" / name).read_text(encoding="utf-8") for name in names)
