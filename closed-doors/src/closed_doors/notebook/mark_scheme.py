"""The items of a mark scheme, read from the words of the master.

A scheme is a list in the question's hidden region; an item begins with its points, or ends with them in brackets:

    - **1 point**, entropy: it grows with i. Half a point where the bound is missing.
    - The bound is given (0.5 pt)

What is in no such list is a remark, and a scheme without any item leaves the mark free.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from closed_doors.notebook.hidden_regions import MARK_SCHEME

_HALVES = ("½", "un demi", "une demi", "half a", "half", "demi")
_NUMBER = rf"(?P<points>[-−+]?\d+(?:[.,]\d+)?|{'|'.join(_HALVES)})"
_UNIT = r"[\s-]*(?:points?|pts?)\b"
_BULLET = r"^ {0,3}(?:[-*+]|\d+[.)])\s+"
_FIRST = re.compile(rf"{_BULLET}[*_]*{_NUMBER}[*_]*{_UNIT}[*_]*\s*[,:.;–—-]?\s*(?P<text>.*)$", re.IGNORECASE)
_LAST = re.compile(rf"{_BULLET}(?P<text>.+?)[\s:,]*[(\[]\s*{_NUMBER}{_UNIT}\s*[)\]][*_]*\s*[.;]?\s*$", re.IGNORECASE)
_CONTINUED = re.compile(r"^\s+\S")
_HALF = re.compile(r"½|\b(?:demi-point|demi point|half a point|half point|half-point)\b", re.IGNORECASE)
_HEADLINE = re.compile(r"^\s*(?:#+ .*|\*\*[^*]+\*\*|__[^_]+__)\s*:?\s*$")  # the scheme's own title
_LONGEST_LABEL = 70


@dataclass(frozen=True, slots=True)
class SchemeItem:
    """One thing that a mark scheme gives points for.

    Attributes:
        key: names it for as long as its label stays.
        label: what it is about, in a few words.
        text: all that the scheme says of it, in markdown.
        points: what it gives; below 0 where it takes some.
        halves: whether the scheme speaks of half of it.
    """

    key: str
    label: str
    text: str
    points: float
    halves: bool = False


@dataclass(frozen=True, slots=True)
class MarkScheme:
    """A question's scheme.

    Attributes:
        items: in order; none where the scheme is prose, or where there is none.
        remarks: what else it says, in markdown.
    """

    items: tuple[SchemeItem, ...] = ()
    remarks: str = ""


def split_scheme(source: str) -> tuple[str, str]:
    """Return a cell's text without its mark scheme, and the scheme without its markers."""
    outside: list[str] = []
    inside: list[str] = []
    where = outside
    for line in source.split("\n"):
        if MARK_SCHEME[0] in line:
            where = inside
        elif MARK_SCHEME[1] in line:
            where = outside
        else:
            where.append(line)
    return "\n".join(outside).strip(), "\n".join(inside).strip()


def read_scheme(text: str) -> MarkScheme:
    """Return the items of a mark scheme, and what it says besides."""
    found: list[tuple[float, list[str]]] = []
    remarks: list[str] = []
    in_item = False
    for line in text.split("\n"):
        if match := _FIRST.match(line) or _LAST.match(line):
            found.append((_points(match["points"]), [match["text"]]))
            in_item = True
        elif in_item and _CONTINUED.match(line):
            found[-1][1].append(line.strip())
        else:
            in_item = False
            if not _HEADLINE.match(line):
                remarks.append(line)
    return MarkScheme(tuple(_items(found)), "\n".join(remarks).strip())


def _items(found: Iterable[tuple[float, list[str]]]) -> Iterable[SchemeItem]:
    known: set[str] = set()
    for number, (points, lines) in enumerate(found, start=1):
        text = " ".join(lines).strip()
        label = _label(text) or str(number)
        key = _slug(label) or str(number)
        while key in known:
            key += "-"
        known.add(key)
        yield SchemeItem(key, label, text, points, points > 0 and bool(_HALF.search(text)))


def _points(said: str) -> float:
    if said.lower() in _HALVES:
        return 0.5
    return float(said.replace(",", ".").replace("−", "-"))


def _label(text: str) -> str:
    """Return what stands before the colon; where that is long, its first words."""
    head = re.split(r"\s*:(?:\s|$)", text, maxsplit=1)[0].strip(" *_")
    if len(head) <= _LONGEST_LABEL:
        return head
    return head[:_LONGEST_LABEL].rsplit(" ", 1)[0] + "…"


def _slug(label: str) -> str:
    plain = unicodedata.normalize("NFKD", label.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
