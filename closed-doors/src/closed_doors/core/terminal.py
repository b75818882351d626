"""The one way from a text that anybody may have written to a console: what a terminal would obey is taken out."""

import re

LONGEST_LINE = 2000
# Control characters but tabs and ends of lines; marks that turn the direction of text; halves of characters.
_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def plain_text(text: str) -> str:
    """Return a text with a sign in place of all that a terminal would obey; its lines stay lines."""
    return _OBEYED.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n"))


def plain_line(text: str, limit: int = LONGEST_LINE) -> str:
    """Return a text on one line, without what a terminal would obey."""
    clean = " ".join(plain_text(text).split())
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"
