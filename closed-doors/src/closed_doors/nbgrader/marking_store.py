"""Marks, comments and items met, written by a person and kept in the gradebook in one transaction.

nbgrader's own columns hold the mark and the comment, so that formgrader, exports and pages show them; our table beside
them holds what they come from. A token names the state that a person has seen: where the state has moved on, by
another person here or in formgrader, nothing is written and the person is told.
"""

import hashlib
import json
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import sqlalchemy as sa

from closed_doors.nbgrader import desk_tables as ours
from closed_doors.nbgrader import gradebook_tables as tables
from closed_doors.nbgrader.gradebook_restructure import COMMENTED, GRADED

CLOSE = 1e-9
LONGEST_COMMENT = 20_000


@dataclass(frozen=True, slots=True)
class Place:
    """A question: a graded cell of a notebook.

    Attributes:
        commented: the cell that takes the comment; of tests, the answer that they judge. Empty where none does.
    """

    assignment: str
    notebook: str
    cell: str
    commented: str


@dataclass(frozen=True, slots=True)
class ItemPoints:
    """An item of the scheme that is in force."""

    key: str
    label: str
    points: float


@dataclass(frozen=True, slots=True)
class Given:
    """What a person gives an answer.

    Attributes:
        met: the share of each item's points, by the item's key; an item that is missed is not in it.
        free: a mark that goes before the items.
        marked: whether this is a mark; without, only comment and flag count.
    """

    met: Mapping[str, float] = field(default_factory=dict)
    free: float | None = None
    comment: str = ""
    flagged: bool = False
    marked: bool = False

    def points(self, items: Iterable[ItemPoints]) -> float | None:
        """Return the mark; None where there is none. What items take off never leads below 0."""
        if not self.marked:
            return None
        if self.free is not None:
            return self.free
        return max(sum(item.points * self.met.get(item.key, 0.0) for item in items), 0.0)


@dataclass(frozen=True, slots=True)
class Marking:
    """One answer as it stands.

    Attributes:
        answer: the id of the submitted notebook.
        work: the id of the submission.
        maximum: what the question is worth.
        automatic: what its tests gave; None where only a person can tell.
        score: what counts; None where nobody has marked it yet.
        pending: whether a person has still to look.
        state: what a person has seen who has seen this.
        skipped: when it was left for later; None where it was not.
        marker: who marked it here last, and when; empty where nobody did.
    """

    answer: str
    work: str
    student: str
    name: tuple[str, str]
    maximum: float
    automatic: float | None
    score: float | None
    pending: bool
    given: Given
    state: tuple[object, ...]
    skipped: datetime | None = None
    marker: str = ""
    at: datetime | None = None
    automatic_comment: str = ""

    @property
    def token(self) -> str:
        """A name for this state of the answer."""
        return hashlib.sha256(json.dumps(self.state, default=str).encode()).hexdigest()[:16]


class AboveMaximumError(Exception):
    """A mark that the question does not allow."""

    def __init__(self, points: float, maximum: float) -> None:
        super().__init__(f"{points} is above {maximum}")
        self.points = points
        self.maximum = maximum


class MovedOnError(Exception):
    """The answer is not any more what the person has left; `now` says how it stands."""

    def __init__(self, now: Marking) -> None:
        super().__init__(now.answer)
        self.now = now


@dataclass(frozen=True, slots=True)
class Remark:
    """What other points of the items change.

    Attributes:
        changed: answers whose mark becomes another one.
        fixed: answers whose mark a person has set regardless of the items; they stay.
        above: answers whose mark would be above the maximum.
    """

    changed: tuple[str, ...]
    fixed: int
    above: int


def prepare(db: sa.Connection) -> None:
    """Make the desk's tables where they are missing."""
    for table in ours.ALL:
        table.create(db, checkfirst=True)


def markings_in(
    db: sa.Connection, place: Place, items: Sequence[ItemPoints], answers: Collection[str] | None = None
) -> list[Marking]:
    """Return the answers to a question, in the order of the students' ids.

    Args:
        db: the gradebook.
        place: the question.
        items: of the scheme in force.
        answers: only these; all where it is None.
    """
    comments = _comments(db, place, answers)
    known = {row.notebook_id: row for row in db.execute(_ours(place, answers))}
    return [
        _marking(row, comments.get(row.answer, ("", "")), known.get(row.answer), items)
        for row in db.execute(_grades(place, answers))
    ]


def count_pending(db: sa.Connection, places: Iterable[Place]) -> int:
    """Return how many answers to questions a person has still to mark."""
    waiting = sa.select(sa.func.count()).select_from(tables.grade).where(tables.grade.c.needs_manual_grade)
    return sum(
        db.execute(waiting.where(tables.grade.c.cell_id.in_(_cells_of(place, place.cell, GRADED)))).scalar_one()
        for place in places
    )


def save(
    db: sa.Connection,
    place: Place,
    items: Sequence[ItemPoints],
    given: Mapping[str, tuple[str, Given]],
    marker: str,
    visit: str = "",
) -> tuple[list[Marking], list[Marking]]:
    """Write what a person gives one or more answers.

    Args:
        db: the gradebook.
        place: the question.
        items: of the scheme in force.
        given: by answer, the token of what the person has seen and what is given.
        marker: who.
        visit: what is given under one name is taken back at once; by default this call is by itself.

    Returns:
        The answers as they stand now, and those that had moved on, of which nothing is written.

    Raises:
        AboveMaximumError: a mark is too high; nothing is written.
    """
    batch, done, moved = visit or uuid.uuid4().hex, [], []
    _hold(db, given)
    for now in markings_in(db, place, items, given):
        token, wanted = given[now.answer]
        points = wanted.points(items)
        if points is not None and points > now.maximum + CLOSE:
            raise AboveMaximumError(points, now.maximum)
        if token != now.token:
            moved.append(now)
            continue
        _write(db, place, now, wanted, points, _still_pending(now, points), marker)
        _note(db, place, batch, now, wanted, marker)
        done.append(now.answer)
    return (markings_in(db, place, items, done) if done else []), moved


def skip(db: sa.Connection, place: Place, answer: str, marker: str) -> None:
    """Leave an answer for later."""
    _hold(db, [answer])  # it may be marked at the same moment
    table, now = ours.marking, _now()
    mine = _mine(table, place, answer)
    if db.execute(sa.select(table.c.version).where(mine)).first() is None:
        _insert_marking(db, place, answer, marker, {"version": 0, "skipped": now})
    else:
        db.execute(sa.update(table).where(mine).values(skipped=now))


def undo(db: sa.Connection, place: Place, items: Sequence[ItemPoints], marker: str) -> list[Marking]:
    """Take back what a person did last on a question, all that was done at once.

    Returns:
        The answers as they stand now; none where there is nothing to take back.

    Raises:
        MovedOnError: an answer has another state since; nothing is taken back.
    """
    log = ours.log
    theirs = (log.c.cell == place.cell) & (log.c.marker == marker) & ~log.c.undone
    theirs &= log.c.notebook_id.in_(_answers_of(place))
    last = db.execute(sa.select(log.c.batch).where(theirs).order_by(log.c.id.desc()).limit(1)).scalar()
    if last is None:
        return []
    rows = {row.notebook_id: row for row in db.execute(sa.select(log).where(log.c.batch == last))}
    _hold(db, rows)
    for now in markings_in(db, place, items, rows):
        row = rows[now.answer]
        if _plain(now.given) != row.after:
            raise MovedOnError(now)
        before, pending = _given(row.before)
        _write(db, place, now, before, before.points(items), pending, marker)
    db.execute(sa.update(log).where(log.c.batch == last).values(undone=True))
    return markings_in(db, place, items, rows)


def items_in(db: sa.Connection, place: Place) -> list[ItemPoints]:
    """Return the items of a question's scheme that are in force; none where nothing was marked by items yet."""
    table = ours.item
    rows = db.execute(sa.select(table).where(_question(table, place)).order_by(table.c.position))
    return [ItemPoints(row.key, row.label, row.points) for row in rows]


def set_items(db: sa.Connection, place: Place, items: Sequence[ItemPoints]) -> None:
    """Put the items of a scheme into force; marks are not touched."""
    table = ours.item
    db.execute(sa.delete(table).where(_question(table, place)))
    key = {"assignment": place.assignment, "notebook": place.notebook, "cell": place.cell}
    rows = [
        {**key, "key": item.key, "position": position, "label": item.label, "points": item.points}
        for position, item in enumerate(items)
    ]
    if rows:
        db.execute(sa.insert(table), rows)


def remark(
    db: sa.Connection,
    place: Place,
    before: Sequence[ItemPoints],
    items: Sequence[ItemPoints],
    marker: str,
    dry: bool,
) -> Remark:
    """Mark all answers anew by items that have other points.

    Args:
        db: the gradebook.
        place: the question.
        before: the items that are in force.
        items: those that come into force.
        marker: who.
        dry: only say what would change.
    """
    changed, fixed, above, batch = [], 0, 0, uuid.uuid4().hex
    for now in markings_in(db, place, before):
        if not now.given.marked or not now.marker:
            continue
        if now.given.free is not None:
            fixed += 1
            continue
        points = now.given.points(items)
        if points is None or now.score is None or abs(points - now.score) < CLOSE:
            continue
        changed.append(now.answer)
        above += points > now.maximum + CLOSE
        if not dry and points <= now.maximum + CLOSE:
            _write(db, place, now, now.given, points, now.pending, marker)
            _note(db, place, batch, now, now.given, marker)
    if not dry:
        set_items(db, place, items)
    return Remark(tuple(changed), fixed, above)


def _marking(
    row: tables.Row, comments: tuple[str, str], mine: tables.Row | None, items: Sequence[ItemPoints]
) -> Marking:
    maximum = float((row.max_score if row.max_score is not None else row.task_score) or 0.0)
    given = Given(comment=comments[1])
    if mine is not None:
        given = replace(given, met=json.loads(mine.met), free=mine.free, flagged=bool(mine.flagged))
    if row.manual_score is not None:
        given = _as_stored(given, float(row.manual_score), items)
    score = row.auto_score if row.manual_score is None else row.manual_score
    state = (mine.version if mine is not None else 0, row.manual_score, row.auto_score, row.needs_manual_grade)
    marked_here = mine is not None and mine.version > 0
    return Marking(
        answer=row.answer,
        work=row.work,
        student=row.student_id,
        name=(row.first_name or "", row.last_name or ""),
        maximum=maximum,
        automatic=row.auto_score,
        score=score,
        pending=bool(row.needs_manual_grade),
        given=given,
        state=(*state, comments[1]),
        skipped=mine.skipped if mine is not None else None,
        marker=mine.marker if mine is not None and marked_here else "",
        at=mine.at if mine is not None and marked_here else None,
        automatic_comment=comments[0],
    )


def _as_stored(given: Given, score: float, items: Sequence[ItemPoints]) -> Given:
    """Return what was given, so that it makes the gradebook's mark: formgrader may have written another."""
    marked = replace(given, marked=True)
    points = marked.points(items)
    return marked if points is not None and abs(points - score) < CLOSE else replace(marked, free=score)


def _write(
    db: sa.Connection, place: Place, now: Marking, given: Given, points: float | None, pending: bool, marker: str
) -> None:
    grade, comment = tables.grade, tables.comment
    graded = _cells_of(place, place.cell, GRADED)
    this = (grade.c.notebook_id == now.answer) & grade.c.cell_id.in_(graded)
    db.execute(sa.update(grade).where(this).values(manual_score=points, needs_manual_grade=pending))
    said = _cells_of(place, place.commented, COMMENTED)
    that = (comment.c.notebook_id == now.answer) & comment.c.cell_id.in_(said)
    text = given.comment.strip()[:LONGEST_COMMENT] or None
    db.execute(sa.update(comment).where(that).values(manual_comment=text))
    table = ours.marking
    mine = _mine(table, place, now.answer)
    version = db.execute(sa.select(table.c.version).where(mine)).scalar()
    values: dict[str, object] = {
        "version": (version or 0) + 1,
        "met": json.dumps(given.met, sort_keys=True),
        "free": given.free,
        "flagged": given.flagged,
        "skipped": None,
        "marker": marker,
        "at": _now(),
    }
    if version is None:
        _insert_marking(db, place, now.answer, marker, values)
    else:
        db.execute(sa.update(table).where(mine).values(values))


def _still_pending(now: Marking, points: float | None) -> bool:
    """Whether a person has still to look, once this is written: a mark that is taken back leaves the tests', if any."""
    if points is not None:
        return False
    return now.automatic is None if now.given.marked else now.pending


def _hold(db: sa.Connection, answers: Collection[str]) -> None:
    """Let nobody else write these answers' grades until the transaction ends; SQLite holds the whole file."""
    grade = tables.grade
    same = {"needs_manual_grade": grade.c.needs_manual_grade}
    db.execute(sa.update(grade).where(grade.c.notebook_id.in_(answers)).values(same))


def _insert_marking(db: sa.Connection, place: Place, answer: str, marker: str, values: Mapping[str, object]) -> None:
    row = {"met": "{}", "free": None, "flagged": False, "skipped": None, "marker": marker, "at": _now(), **values}
    db.execute(sa.insert(ours.marking).values(notebook_id=answer, cell=place.cell, **row))


def _note(db: sa.Connection, place: Place, batch: str, now: Marking, given: Given, marker: str) -> None:
    row = {"batch": batch, "notebook_id": now.answer, "cell": place.cell, "marker": marker, "at": _now()}
    kept = replace(given, comment=given.comment.strip()[:LONGEST_COMMENT])
    before = json.dumps([_plain(now.given), now.pending])
    log = ours.log
    same = _mine(log, place, now.answer) & (log.c.batch == batch) & (log.c.marker == marker) & ~log.c.undone
    if db.execute(sa.update(log).where(same).values(after=_plain(kept), at=_now())).rowcount:
        return
    row |= {"before": before, "after": _plain(kept), "undone": False}
    db.execute(sa.insert(log).values(row))


def _plain(given: Given) -> str:
    met = {key: float(share) for key, share in given.met.items()}
    free = None if given.free is None else float(given.free)
    return json.dumps([met, free, given.comment, given.flagged, given.marked], sort_keys=True, ensure_ascii=False)


def _given(before: str) -> tuple[Given, bool]:
    """Return what the log says that an answer was given before, and whether a person had still to look."""
    text, pending = json.loads(before)
    met, free, comment, flagged, marked = json.loads(text)
    return Given(met, free, comment, flagged, marked), bool(pending)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _mine(table: sa.Table, place: Place, answer: str) -> tables.Condition:
    return (table.c.notebook_id == answer) & (table.c.cell == place.cell)


def _question(table: sa.Table, place: Place) -> tables.Condition:
    named = (table.c.assignment == place.assignment) & (table.c.notebook == place.notebook)
    return named & (table.c.cell == place.cell)


def _answers_of(place: Place) -> sa.Select[tuple[str]]:
    submitted, notebook, assignment = tables.submitted, tables.notebook, tables.assignment
    return (
        sa.select(submitted.c.id)
        .join(notebook, notebook.c.id == submitted.c.notebook_id)
        .join(assignment, assignment.c.id == notebook.c.assignment_id)
        .where((notebook.c.name == place.notebook) & (assignment.c.name == place.assignment))
    )


def _ours(place: Place, answers: Collection[str] | None) -> tables.Query:
    table = ours.marking
    wanted = table.c.notebook_id.in_(_answers_of(place) if answers is None else answers)
    return sa.select(table).where((table.c.cell == place.cell) & wanted)


def _cells_of(place: Place, name: str, kinds: Collection[str]) -> sa.Select[tuple[str]]:
    cell, notebook, assignment = tables.cell, tables.notebook, tables.assignment
    return (
        sa.select(cell.c.id)
        .join(notebook, notebook.c.id == cell.c.notebook_id)
        .join(assignment, assignment.c.id == notebook.c.assignment_id)
        .where((notebook.c.name == place.notebook) & (assignment.c.name == place.assignment))
        .where((cell.c.name == name) & cell.c.type.in_(kinds))
    )


def _grades(place: Place, answers: Collection[str] | None) -> tables.Query:
    grade, submitted, submission, student = tables.grade, tables.submitted, tables.submission, tables.student
    query: tables.Query = (
        sa.select(
            *(submitted.c.id.label("answer"), submission.c.id.label("work"), submission.c.student_id),
            *(student.c.first_name, student.c.last_name),
            *(grade.c.auto_score, grade.c.manual_score, grade.c.needs_manual_grade),
            *(tables.points.c.max_score, tables.task_points.c.max_score.label("task_score")),
        )
        .join_from(grade, submitted, submitted.c.id == grade.c.notebook_id)
        .join(submission, submission.c.id == submitted.c.assignment_id)
        .join(student, student.c.id == submission.c.student_id)
        .join(tables.points, tables.points.c.id == grade.c.cell_id, isouter=True)
        .join(tables.task_points, tables.task_points.c.id == grade.c.cell_id, isouter=True)
        .where(grade.c.cell_id.in_(_cells_of(place, place.cell, GRADED)))
        .order_by(submission.c.student_id)
    )
    return query if answers is None else query.where(submitted.c.id.in_(answers))


def _comments(db: sa.Connection, place: Place, answers: Collection[str] | None) -> dict[str, tuple[str, str]]:
    comment = tables.comment
    query = sa.select(comment.c.notebook_id, comment.c.auto_comment, comment.c.manual_comment).where(
        comment.c.cell_id.in_(_cells_of(place, place.commented, COMMENTED))
    )
    if answers is not None:
        query = query.where(comment.c.notebook_id.in_(answers))
    return {number: (automatic or "", manual or "") for number, automatic, manual in db.execute(query)}
