"""What is not as it was handed out in a submission: a code for each kind, and the cells that it is about."""

from collections.abc import Iterable
from dataclasses import dataclass

MOST_NAMES = 6


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a submission lacks, has too much of, or shows in another form.

    Attributes:
        what: recognised, missing, duplicated, unknown, beside, added, overwritten or picture.
        grade_id: the cell that it is about; of a picture, its name.
    """

    what: str
    grade_id: str


def by_kind(findings: Iterable[Finding]) -> dict[str, list[str]]:
    """Return the cells that each kind of finding is about, each named once, in order."""
    found: dict[str, list[str]] = {}
    for finding in findings:
        names = found.setdefault(finding.what, [])
        if finding.grade_id not in names:
            names.append(finding.grade_id)
    return found


def listed(names: list[str]) -> str:
    """Return names as a sentence lists them: the first of them, and how many more there are."""
    shown = ", ".join(names[:MOST_NAMES])
    return shown if len(names) <= MOST_NAMES else f"{shown} (+{len(names) - MOST_NAMES})"
