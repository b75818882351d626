"""What markers keep and arrange between them: saved comments, shares of the class, second readings, requests."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from closed_doors.nbgrader import desk_tables as ours
from closed_doors.nbgrader import gradebook_tables as tables
from closed_doors.nbgrader.marking_store import Place


@dataclass(frozen=True, slots=True)
class SavedComment:
    """A comment to be used again.

    Attributes:
        item: key of the item that it is suggested for where it is missed; empty where it always is.
    """

    number: int
    item: str
    text: str


@dataclass(frozen=True, slots=True)
class SecondReading:
    """What a second person gave an answer without seeing the first mark."""

    answer: str
    marker: str
    met: Mapping[str, float]
    points: float


@dataclass(frozen=True, slots=True)
class StudentRequest:
    """A student's request for another look, and what was answered.

    Attributes:
        answer: empty where nobody has answered yet.
        marker: who did.
    """

    number: int
    assignment: str
    student: str
    text: str
    received: datetime
    answer: str
    answered: datetime | None
    marker: str


def saved_comments_in(db: sa.Connection, place: Place) -> list[SavedComment]:
    """Return the saved comments of a question, the oldest first."""
    table = ours.saved_comment
    rows = db.execute(sa.select(table).where(_question(table, place)).order_by(table.c.id))
    return [SavedComment(row.id, row.item, row.text) for row in rows]


def save_comment(db: sa.Connection, place: Place, item: str, text: str) -> None:
    """Keep a comment, once."""
    if any(known.text == text for known in saved_comments_in(db, place)):
        return
    row = {"assignment": place.assignment, "notebook": place.notebook, "cell": place.cell, "item": item, "text": text}
    db.execute(sa.insert(ours.saved_comment).values(row))


def drop_comment(db: sa.Connection, place: Place, number: int) -> None:
    """Keep a comment no longer; where it was used it stays."""
    table = ours.saved_comment
    db.execute(sa.delete(table).where(_question(table, place) & (table.c.id == number)))


def shares_in(db: sa.Connection, assignment: str) -> dict[str, str]:
    """Return who marks which work, by the id of the submission; nobody where the class is not shared."""
    table = ours.share
    rows = db.execute(
        sa.select(table.c.submission_id, table.c.marker).where(table.c.submission_id.in_(_works(assignment)))
    )
    return {work: marker for work, marker in rows}  # noqa: C416  (a result is no mapping)


def share_out(db: sa.Connection, assignment: str, markers: Sequence[str]) -> dict[str, int]:
    """Give each marker as many works as any other, by chance; without markers nobody has a share.

    Works keep their marker where that leaves the shares as even; what came since is dealt out too.

    Returns:
        How many works each has.
    """
    table = ours.share
    before = shares_in(db, assignment)
    works: list[str] = sorted(map(str, db.execute(_works(assignment)).scalars()), key=_by_chance)
    db.execute(sa.delete(table).where(table.c.submission_id.in_(_works(assignment))))
    most = -(-len(works) // len(markers)) if markers else 0
    dealt: dict[str, list[str]] = {marker: [] for marker in markers}
    left = []
    for work in works:
        theirs = dealt.get(before.get(work, ""))
        if theirs is not None and len(theirs) < most:
            theirs.append(work)
        else:
            left.append(work)
    for work in left if markers else ():
        min(dealt.values(), key=len).append(work)
    rows = [{"submission_id": work, "marker": marker} for marker, theirs in dealt.items() for work in theirs]
    if rows:
        db.execute(sa.insert(table), rows)
    return {marker: len(theirs) for marker, theirs in dealt.items()}


def second_readings_in(db: sa.Connection, place: Place, answers: Iterable[str]) -> dict[str, SecondReading]:
    """Return the second readings of a question's answers, by answer."""
    table, wanted = ours.second, set(answers)
    rows = db.execute(sa.select(table).where(table.c.cell == place.cell))
    return {
        row.notebook_id: SecondReading(row.notebook_id, row.marker, json.loads(row.met), row.points)
        for row in rows
        if row.notebook_id in wanted
    }


def read_second(db: sa.Connection, place: Place, reading: SecondReading) -> None:
    """Keep a second reading; an earlier one of the same answer goes."""
    table = ours.second
    mine = (table.c.notebook_id == reading.answer) & (table.c.cell == place.cell)
    db.execute(sa.delete(table).where(mine))
    row = {"notebook_id": reading.answer, "cell": place.cell, "marker": reading.marker, "at": _now()}
    row |= {"met": json.dumps(dict(reading.met), sort_keys=True), "points": reading.points}
    db.execute(sa.insert(table).values(row))


def requests_in(db: sa.Connection, assignment: str, student: str | None = None) -> list[StudentRequest]:
    """Return the requests of a class, or of one student, the oldest first."""
    table = ours.request
    query = sa.select(table).where(table.c.assignment == assignment).order_by(table.c.received, table.c.id)
    if student is not None:
        query = query.where(table.c.student_id == student)
    return [
        StudentRequest(
            *(row.id, row.assignment, row.student_id, row.text, row.received),
            *(row.answer or "", row.answered, row.marker or ""),
        )
        for row in db.execute(query)
    ]


def add_request(db: sa.Connection, assignment: str, student: str, text: str, received: datetime) -> bool:
    """Enter a request.

    Returns:
        False where the same one is there already.
    """
    if any(known.text == text for known in requests_in(db, assignment, student)):
        return False
    row = {"assignment": assignment, "student_id": student, "text": text, "received": received}
    db.execute(sa.insert(ours.request).values(row))
    return True


def answer_request(db: sa.Connection, assignment: str, number: int, answer: str, marker: str) -> None:
    """Answer a request; an empty answer opens it again."""
    table = ours.request
    values = {"answer": answer or None, "answered": _now() if answer else None, "marker": marker if answer else None}
    db.execute(sa.update(table).where((table.c.id == number) & (table.c.assignment == assignment)).values(values))


def _by_chance(work: str) -> str:
    return hashlib.sha256(work.encode()).hexdigest()


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _works(assignment: str) -> sa.Select[tuple[str]]:
    submission = tables.submission
    return (
        sa.select(submission.c.id)
        .join(tables.assignment, tables.assignment.c.id == submission.c.assignment_id)
        .where(tables.assignment.c.name == assignment)
    )


def _question(table: sa.Table, place: Place) -> tables.Condition:
    named = (table.c.assignment == place.assignment) & (table.c.notebook == place.notebook)
    return named & (table.c.cell == place.cell)
