"""Écrit un rapport en français : une ligne par critère, un bilan, et ce qui reste à vérifier."""

from .draw import INDENT, number
from .report import CellReport, Criterion

NBSP = "\u00a0"


def render(report: CellReport) -> str:
    """Renvoie le texte à montrer sous la cellule de test."""
    if not report.criteria:
        return "Aucun test dans cette cellule : signalez-le à votre enseignant."
    lines = [line for criterion in report.criteria for line in _criterion(criterion)]
    lines.append(_total(report))
    if report.points > 0 and not any(criterion.hidden for criterion in report.criteria):
        lines.append("D'autres vérifications seront faites à la correction.")
    return "\n".join(lines)


def _criterion(criterion: Criterion) -> list[str]:
    lines = [f"{'✓' if criterion.passed else '✗'} {criterion.text}"]
    if criterion.message:
        first, *rest = criterion.message.split("\n")
        lines += [INDENT + first, *rest]
    if criterion.printed:
        lines.append(f"{INDENT}Affiché par votre code{NBSP}:")
        lines += [f"{INDENT}| {line}" for line in criterion.printed.splitlines()]
    return lines


def _total(report: CellReport) -> str:
    count, passed = len(report.criteria), sum(criterion.passed for criterion in report.criteria)
    text = f"{passed} critère{_plural(passed)} réussi{_plural(passed)} sur {count}"
    if report.points > 0:
        text += f"{NBSP}: {number(report.earned)} point{_plural(report.earned)} sur {number(report.points)}"
    return text + "."


def _plural(value: float) -> str:
    return "s" if value >= 2 else ""
