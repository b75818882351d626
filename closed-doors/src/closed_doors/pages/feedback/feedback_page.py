"""A student's page for one notebook: the mark, each exercise, what to work on next."""

from collections.abc import Mapping
from typing import Any

from closed_doors.nbgrader.gradebook_reader import NotebookMarks
from closed_doors.notebook.ingest import REMEDY
from closed_doors.pages.feedback.advice import advice
from closed_doors.pages.feedback.feedback_content import Work, content
from closed_doors.pages.feedback.mask_drawing import mask_picture
from closed_doors.pages.html.renderer import NBSP, plural, render

SCALE = 20  # French marks are out of 20
_DAY_S, _HOUR_S, _MINUTE_S = 86_400, 3600, 60


def feedback_page(work: Work) -> str:
    """Return the page of a notebook; of one that was not graded, a page that says why."""
    found = content(work)
    return render(
        "feedback.html",
        ("code.css", "feedback.css"),
        work=work,
        content=found,
        steps=advice(found.exercises),
        status=work.verdicts.get("status", "graded"),
        reason=str(work.verdicts.get("reason", "")).removesuffix(REMEDY).rstrip(),  # which speaks to a TA
        remarks=_remarks(work.verdicts),
        marks=work.marks,
        scaled=_scaled(work.marks),
        scale=SCALE,
        late=late(work.late_s),
        mask_picture=mask_picture,
    )


def late(seconds: float) -> str:
    """Write how late work came: « 1 jour 3 h », « 12 min »; nothing where it was in time."""
    if seconds <= 0:
        return ""
    days, rest = divmod(int(seconds), _DAY_S)
    hours, rest = divmod(rest, _HOUR_S)
    minutes = rest // _MINUTE_S
    if days:
        return f"{days}{NBSP}jour{plural(days)}" + (f" {hours}{NBSP}h" if hours else "")
    if hours:
        return f"{hours}{NBSP}h" + (f" {minutes:02}" if minutes else "")
    return f"{max(minutes, 1)}{NBSP}min"


def _scaled(marks: NotebookMarks) -> float:
    """Return the mark out of 20, whatever the notebook is worth."""
    return SCALE * marks.score / marks.maximum if marks.maximum else 0.0


def _remarks(verdicts: Mapping[str, Any]) -> list[str]:
    return [str(remark) for remark in verdicts.get("remarks", ())]
