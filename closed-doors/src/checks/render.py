"""Écrit un rapport en français : une ligne par critère, un bilan, et ce qui reste à vérifier."""

from .catalogues import say
from .report import CellReport, Criterion, Kind
from .values_as_text import INDENT

SAID_ONCE = (Kind.CELL_FAILED, Kind.STALE, Kind.INTERNAL)  # one cause for many criteria
SIGNS = {Kind.PASSED: "✓", Kind.INTERNAL: "!"}
# Where the output's encoding lacks a sign (cp1252 in a Windows terminal), one that every encoding has.
PLAIN_SIGNS: dict[str, str | int | None] = {"■": "#", "▣": "@", "□": "o", "·": "."}


def render(report: CellReport) -> str:
    """Renvoie le texte à montrer sous la cellule de test."""
    if not report.criteria:
        return say("report.no_test")
    lines: list[str] = []
    said: set[str] = set()
    for criterion in report.criteria:
        lines += _criterion(criterion, again=criterion.message in said)
        if criterion.kind in SAID_ONCE:
            said.add(criterion.message)
    lines.append(_total(report))
    if report.points > 0 and not any(criterion.hidden for criterion in report.criteria):
        lines.append(say("report.more_later"))
    return "\n".join(lines)


def encodable(text: str, encoding: str | None) -> str:
    """Renvoie un texte que cet encodage peut écrire : des signes plus simples, là où il n'a pas les nôtres."""
    encoding = encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return (
            text.translate(str.maketrans(PLAIN_SIGNS | {"✓": say("text.yes"), "✗": say("text.no")}))
            .encode(encoding, "replace")
            .decode(encoding)
        )
    except LookupError:
        return text
    return text


def _criterion(criterion: Criterion, again: bool) -> list[str]:
    lines = [f"{SIGNS.get(criterion.kind, '✗')} {criterion.text}"]
    if criterion.message and not again:
        first, *rest = criterion.message.split("\n")
        lines += [INDENT + first, *rest]
    if criterion.printed:
        lines.append(say("report.printed"))
        lines += [f"{INDENT}| {line}" for line in criterion.printed.splitlines()]
    return lines


def _total(report: CellReport) -> str:
    count, passed = len(report.criteria), sum(criterion.passed for criterion in report.criteria)
    broken = sum(criterion.kind is Kind.INTERNAL for criterion in report.criteria)
    text = say("report.met", count=passed, total=count)
    if report.points > 0:
        text += say("report.points", count=report.earned, points=report.points)
    if broken:
        text += say("report.not_counted", count=broken)
    return text + "."
