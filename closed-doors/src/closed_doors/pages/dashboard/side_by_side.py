"""Two answers side by side, with what is the same and what is not."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from closed_doors.pages.analysis.answer_form import line_forms

MOST_LINES = 400


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the two columns.

    Attributes:
        left: a line of the first answer; None where it has none here.
        right: a line of the second.
        how: same (to the letter), form (but for names, texts or comments), or other.
    """

    left: str | None
    right: str | None
    how: str


def side_by_side(left: str, right: str) -> list[Line]:
    """Return the rows of two answers, aligned by the form of their lines."""
    ones, others = left.split("\n")[:MOST_LINES], right.split("\n")[:MOST_LINES]
    forms = line_forms("\n".join(ones)), line_forms("\n".join(others))
    matcher = SequenceMatcher(None, *forms, autojunk=False)
    return list(_rows(matcher, ones, others))


def _rows(matcher: "SequenceMatcher[str]", ones: list[str], others: list[str]) -> Iterator[Line]:
    for tag, start, end, begin, finish in matcher.get_opcodes():
        left, right = ones[start:end], others[begin:finish]
        if tag == "equal":
            for one, other in zip(left, right, strict=True):
                yield Line(one, other, "same" if one.strip() == other.strip() else "form")
            continue
        for place in range(max(len(left), len(right))):
            left_line = left[place] if place < len(left) else None
            right_line = right[place] if place < len(right) else None
            yield Line(left_line, right_line, "other")
