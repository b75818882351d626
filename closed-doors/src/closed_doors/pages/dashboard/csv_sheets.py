"""The dashboard's figures as CSV: marks.csv, a line a student, and criteria.csv, a line a student and criterion."""

import csv
import io
from collections.abc import Iterable, Sequence

from closed_doors.core.wording import Wording
from closed_doors.pages.dashboard.dashboard_content import Content

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def marks_sheet(content: Content, words: Wording) -> bytes:
    """Return marks.csv, its reasons in words."""
    cells = [f"{row.item.place[0]}/{row.item.place[1]}" for row in content.items]
    head = (
        *(
            "student_id",
            "first_name",
            "last_name",
            "status",
            "mark",
            "penalty",
            "out_of",
            "received_utc",
            "seconds_late",
        ),
        *("to_mark", "grading_cpu_s", "reasons_to_look", *cells),
    )
    rows = []
    for row in content.students:
        result, marks = row.result, row.result.marks
        rows.append(
            (
                *(result.student, marks.first_name if marks else "", marks.last_name if marks else ""),
                *(
                    result.status.value if result.status else "",
                    "" if result.mark is None else result.mark,
                    result.penalty,
                    content.results.out_of,
                ),
                *(result.received.isoformat() if result.received else "", round(result.late_s), row.pending),
                result.timing.cpu_s if result.timing else "",
                "; ".join(words.say(f"sign.{reason.sign.code}") for reason in row.reasons),
                *("" if score is None else score for score in row.scores),
            )
        )
    return _csv(head, rows)


def criteria_sheet(content: Content) -> bytes:
    """Return criteria.csv."""
    head = (
        *("student_id", "notebook", "cell", "criterion", "text", "hidden", "points", "outcome", "message"),
        "misconception",
    )
    rows = []
    for row in content.students:
        for item in content.items:
            for criterion in item.item.criteria:
                outcome = row.result.outcomes.get((criterion.place, criterion.name))
                if outcome is None:
                    continue
                shown = " ".join(diagnosis.id for diagnosis in row.result.diagnoses.get(criterion.place, ()))
                rows.append(
                    (
                        *(row.result.student, *criterion.place, criterion.name, criterion.text, int(criterion.hidden)),
                        *(criterion.points, outcome.kind.value, outcome.message, shown),
                    )
                )
    return _csv(head, rows)


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([_harmless(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8", "replace")


def _harmless(value: object) -> object:
    """Keep a spreadsheet from taking a student's text for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULAS) else value
