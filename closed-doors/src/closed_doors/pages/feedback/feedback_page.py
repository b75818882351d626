"""A student's page for one notebook: the mark, each exercise, what to work on next."""

from functools import partial

from closed_doors.core.wording import Wording, wording
from closed_doors.grading.verdict.remark import sentences
from closed_doors.grading.verdict.verdict import Status
from closed_doors.nbgrader.gradebook_reader import NotebookMarks
from closed_doors.pages.feedback.advice import advice
from closed_doors.pages.feedback.feedback_content import Work, content, details, drawn, summary
from closed_doors.pages.feedback.mask_drawing import mask_picture
from closed_doors.pages.html.renderer import render
from closed_doors.pages.html.text_as_html import inline

SCALE = 20
_DAY_S, _HOUR_S, _MINUTE_S = 86_400, 3600, 60


def feedback_page(work: Work) -> str:
    """Return the page of a notebook; of one that was not graded, a page that says why."""
    words = wording(work.language)
    found, verdict = content(work), work.verdict
    return render(
        "feedback.html",
        words,
        ("code.css", "masks.css", "feedback.css"),
        work=work,
        content=found,
        steps=advice(found.exercises, words),
        status=verdict.status.value if verdict else Status.GRADED.value,
        reason=verdict.reason.said(words) if verdict and verdict.reason else "",
        remarks=sentences(verdict.remarks, words) if verdict else (),
        marks=work.marks,
        scaled=_scaled(work.marks),
        scale=SCALE,
        late=late(work.late_s, words),
        mask_picture=partial(mask_picture, words=words),
        drawn=drawn,
        summary=summary,
        details=details,
        inline=inline,
    )


def late(seconds: float, words: Wording) -> str:
    """Write how late work came: « 1 jour 3 h », « 12 min »; nothing where it was in time."""
    if seconds <= 0:
        return ""
    days, rest = divmod(int(seconds), _DAY_S)
    hours, rest = divmod(rest, _HOUR_S)
    minutes = rest // _MINUTE_S
    if days:
        code = "unit.long_days_hours" if hours else "unit.long_days"
        return words.say(code, count=days, hours=hours)
    if hours:
        code = "unit.long_hours_minutes" if minutes else "unit.hours"
        return words.say(code, value=hours, hours=hours, minutes=f"{minutes:02}")
    return words.say("unit.minutes", value=max(minutes, 1))


def _scaled(marks: NotebookMarks) -> float:
    """Return the mark out of 20, whatever the notebook is worth."""
    return SCALE * marks.score / marks.maximum if marks.maximum else 0.0
