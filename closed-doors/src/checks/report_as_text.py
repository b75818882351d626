"""Writes a report as text: a line for each criterion, what they come to, and what is still to be checked."""

from .catalogues import Wording, say
from .catalogues import words as spoken_words
from .report import CellReport, Criterion, Kind
from .values_as_text import INDENT

SAID_ONCE = (Kind.CELL_FAILED, Kind.STALE, Kind.INTERNAL)  # one cause for many criteria
SIGNS = {Kind.PASSED: "✓", Kind.INTERNAL: "!"}
# Where the output's encoding lacks a sign (cp1252 in a Windows terminal), one that every encoding has.
PLAIN_SIGNS: dict[str, str | int | None] = {"■": "#", "▣": "@", "□": "o", "·": "."}


def render(report: CellReport, words: Wording | None = None) -> str:
    """Return the text to show under the grading cell.

    Args:
        report: what the checks found.
        words: the language of the text around it; by default the one that this process speaks.
    """
    words = words or spoken_words()
    if not report.criteria:
        return words.say("report.no_test")
    lines: list[str] = []
    said: set[str] = set()
    for criterion in report.criteria:
        lines += _criterion(criterion, words, again=criterion.message in said)
        if criterion.kind in SAID_ONCE:
            said.add(criterion.message)
    lines.append(_total(report, words))
    if report.points > 0 and not any(criterion.hidden for criterion in report.criteria):
        lines.append(words.say("report.more_later"))
    return "\n".join(lines)


def encodable(text: str, encoding: str | None) -> str:
    """Return a text that this encoding can write: plainer signs, where it lacks ours."""
    encoding = encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        signs = PLAIN_SIGNS | {"✓": say("text.yes"), "✗": say("text.no")}
        return text.translate(str.maketrans(signs)).encode(encoding, "replace").decode(encoding)
    except LookupError:
        return text
    return text


def _criterion(criterion: Criterion, words: Wording, again: bool) -> list[str]:
    lines = [f"{SIGNS.get(criterion.kind, '✗')} {criterion.text}"]
    if criterion.message and not again:
        first, *rest = criterion.message.split("\n")
        lines += [INDENT + first, *rest]
    if criterion.printed:
        lines.append(words.say("report.printed"))
        lines += [f"{INDENT}| {line}" for line in criterion.printed.splitlines()]
    return lines


def _total(report: CellReport, words: Wording) -> str:
    count, passed = len(report.criteria), sum(criterion.passed for criterion in report.criteria)
    broken = sum(criterion.kind is Kind.INTERNAL for criterion in report.criteria)
    text = words.say("report.met", count=passed, total=count)
    if report.points > 0:
        text += words.say("report.points", count=report.earned, points=report.points)
    if broken:
        text += words.say("report.not_counted", count=broken)
    return text + "."
