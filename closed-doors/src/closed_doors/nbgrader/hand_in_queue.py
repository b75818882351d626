"""The queue of a grading server, in the gradebook's database: several servers may take from one.

A *job* is one student's content for one assignment, so that the same work is graded once. A *hand-in* is how it came,
and has the secret under which its student finds the page; several may bring the same content. A server leases a job,
and renews the lease as long as it lives. The job is done in the same transaction that enters its marks, and only by
who holds the lease. So wherever a server is killed, a job is either whole in the gradebook or waits for its lease to
run out.
"""

import hashlib
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from closed_doors.core.errors import GradebookError
from closed_doors.nbgrader.gradebook_database import Database
from closed_doors.nbgrader.gradebook_indexes import make_indexes
from closed_doors.nbgrader.gradebook_tables import Condition, one_of
from closed_doors.nbgrader.gradebook_tables import answer as _answer
from closed_doors.nbgrader.gradebook_tables import graded as _graded
from closed_doors.nbgrader.gradebook_tables import hand_in as _hand_in
from closed_doors.nbgrader.gradebook_tables import job as _job

HAND_INS = "hand-ins"  # the folder of a course in which content waits, a folder a job
LEASE_S = 60.0
MOST_ATTEMPTS = 5
LOST = "Another server has taken this work meanwhile; nothing of it was recorded here."
MOST_LOOKS = 3  # at what is next, where other servers have just taken all of it
MOST_CLAIMS = 50  # in a row, after which no server has said anything: it is the work that ends them


class State(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    LEASED = "leased"
    GRADED = "graded"
    FAILED = "failed"  # not for a reason that is the student's: a person has to look
    SUPERSEDED = "superseded"  # beyond the tries of a day, and another one came after it


class Told(StrEnum):
    """How much of a hand-in's feedback its student can read."""

    NOTHING = "nothing"
    VISIBLE = "visible"  # the visible criteria only
    WHOLE = "whole"
    ENDED = "ended"  # no more will come: work that counts came after it


UNFINISHED = (State.WAITING, State.LEASED)


class LeaseLostError(GradebookError):
    """Another server has taken the job meanwhile: what this one found is not recorded."""


@dataclass(frozen=True, slots=True)
class Job:
    """One student's content for one assignment; times in UTC without a zone.

    Attributes:
        attempts: at grading that have failed.
        claims: how often in a row a server has begun and said nothing of it, because it was killed.
    """

    id: str
    assignment: str
    student: str
    content: str
    state: State
    arrived: datetime
    attempts: int
    claims: int
    not_before: datetime | None = None
    graded: datetime | None = None
    counts: bool | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NewHandIn:
    """What has come.

    Attributes:
        name: its own for ever, as `hashed_name` makes it: who handed in is not told by it.
        secret: under which the page is found; None where nobody looks for it in the exchange.
    """

    name: str
    assignment: str
    student: str
    content: str
    arrived: datetime
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class HandIn:
    """One hand-in, with what its student can read."""

    id: str
    job: Job
    secret: str | None
    told: Told


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some of the hand-ins of which more may be told.

    Attributes:
        end: what the next stretch comes after; empty where this was the last.
    """

    hand_ins: tuple[HandIn, ...]
    end: str


def job_id(course: str, assignment: str, student: str, content: str) -> str:
    """Return the id of a job: the same for the same work, whoever makes it."""
    return hashlib.sha256("\0".join((course, assignment, student, content)).encode("utf-8", "replace")).hexdigest()[:32]


def hashed_name(name: str) -> str:
    """Return what stands for a folder's name in the queue."""
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()


def utc_now() -> datetime:
    """Return the time as the tables hold it."""
    return datetime.now(UTC).replace(tzinfo=None)


class HandInQueue:
    """The queue of one course.

    Args:
        url: the gradebook's database.
        course: the course's name, which several courses of one database are told apart by.
        owner: who leases; a new name for each server.
        lease_s: for how long a job is its owner's unless renewed.
    """

    def __init__(self, url: str, course: str, owner: str, lease_s: float = LEASE_S) -> None:
        self._database = Database(url)
        self._course = course
        self._owner = owner
        self._lease = timedelta(seconds=lease_s)

    def prepare(self) -> None:
        """Make the tables and indexes that are missing: a database of an earlier version gets them too."""
        for attempt in (1, 2):  # another server may make them at the same moment
            try:
                with self._database.transaction() as db:
                    for table in (_job, _hand_in, _graded, _answer):  # two servers may write their first work at once
                        table.create(db, checkfirst=True)
                    make_indexes(db)
            except GradebookError:
                if attempt == 2:
                    raise
            else:
                return

    def known_names(self, names: Collection[str] | None = None) -> set[str]:
        """Return the names of hand-ins that were taken: those that are asked about, or all."""
        query = sa.select(_hand_in.c.name).where(_hand_in.c.course == self._course, one_of(_hand_in.c.name, names))
        with self._database.transaction() as db:
            return set(db.execute(query).scalars())

    def add(self, new: NewHandIn) -> Job:
        """Note a hand-in, and have its content graded unless it is what counts already; the same name does nothing.

        Returns:
            Its job.
        """
        for attempt in (1, 2):
            try:
                with self._database.transaction() as db:
                    return self._add(db, new)
            except GradebookError as error:  # another server has entered the same meanwhile
                if attempt == 2 or not isinstance(error.__cause__, IntegrityError):
                    raise
        raise AssertionError  # the loop has returned or raised

    def _add(self, db: sa.Connection, new: NewHandIn) -> Job:
        number = job_id(self._course, new.assignment, new.student, new.content)
        known = sa.select(_hand_in.c.job_id).where(_hand_in.c.course == self._course, _hand_in.c.name == new.name)
        if (earlier := db.execute(known).scalar()) is not None:
            return self._require(db, earlier)
        row = db.execute(sa.select(_job).where(_job.c.id == number)).mappings().first()
        if row is None:
            values = {"id": number, "course": self._course, "assignment": new.assignment, "student_id": new.student}
            started = {"state": State.WAITING, "arrived": new.arrived, "attempts": 0, "claims": 0}
            db.execute(sa.insert(_job).values(**values, **started, content=new.content))
        elif row["state"] in (State.GRADED, State.SUPERSEDED) and self._came_between(db, row):
            db.execute(
                sa.update(_job)
                .where(_job.c.id == number)
                .values(state=State.WAITING, arrived=new.arrived, attempts=0, claims=0, not_before=None)
            )
        db.execute(
            sa.insert(_hand_in).values(
                id=uuid.uuid4().hex,
                course=self._course,
                name=new.name,
                job_id=number,
                arrived=new.arrived,
                secret=new.secret,
                told=Told.NOTHING,
            )
        )
        others = self._of(new.assignment, new.student) & (_job.c.state == State.WAITING) & (_job.c.id != number)
        db.execute(sa.update(_job).where(others).values(not_before=None))  # what is put off is looked at again
        return self._require(db, number)

    def _came_between(self, db: sa.Connection, row: sa.RowMapping) -> bool:
        """Whether other work of the student came after the last time that this content did."""
        mine = self._of(row["assignment"], row["student_id"])
        later = sa.select(_job.c.id).where(mine, _job.c.arrived > row["arrived"], _job.c.id != row["id"])
        return db.execute(later.limit(1)).first() is not None

    def claim(self, most: int) -> list[Job]:
        """Lease jobs in one transaction: of each student and assignment the first that is not done, oldest first.

        On PostgreSQL what another server is just leasing is passed over; on SQLite one of two that lease at the same
        time gets less than it could, and looks again.

        Args:
            most: how many at a time.
        """
        for _ in range(MOST_LOOKS):
            with self._database.transaction() as db:
                found = self._candidates(db, most)
                claimed = self._lease_all(db, [job.id for job in found])
            if claimed or not found:
                return [job for job in found if job.id in claimed]
        return []

    def _candidates(self, db: sa.Connection, most: int) -> list[Job]:
        """Return what may be leased; each of the three ways to it is one stretch of an index."""
        first, now = _job.alias("first"), utc_now()
        earlier = (
            sa.select(first.c.id)
            .where(
                first.c.course == _job.c.course,
                first.c.assignment == _job.c.assignment,
                first.c.student_id == _job.c.student_id,
                first.c.state.in_(UNFINISHED),
                sa.or_(
                    first.c.arrived < _job.c.arrived,
                    sa.and_(first.c.arrived == _job.c.arrived, first.c.id < _job.c.id),
                ),
            )
            .exists()
        )
        waiting, leased = _job.c.state == State.WAITING, _job.c.state == State.LEASED
        found: list[Job] = []
        for free in (
            waiting & _job.c.not_before.is_(None),
            waiting & (_job.c.not_before <= now),
            leased & (_job.c.lease_until < now) & sa.or_(_job.c.not_before.is_(None), _job.c.not_before <= now),
        ):
            query = sa.select(_job).where(_job.c.course == self._course, free, ~earlier)
            oldest = query.order_by(_job.c.not_before, _job.c.arrived, _job.c.id).limit(most)
            found += [_as_job(row) for row in db.execute(oldest.with_for_update(skip_locked=True)).mappings()]
        return sorted(found, key=lambda job: (job.arrived, job.id))[:most]

    def _lease_all(self, db: sa.Connection, ids: Collection[str]) -> set[str]:
        """Lease those of the jobs that nobody has taken since they were looked at, and return which."""
        if not ids:
            return set()
        now = utc_now()
        free = sa.or_(_job.c.state == State.WAITING, (_job.c.state == State.LEASED) & (_job.c.lease_until < now))
        leased = {"state": State.LEASED, "owner": self._owner, "lease_until": now + self._lease}
        query = sa.update(_job).where(_job.c.id.in_(ids), free).values(**leased, claims=_job.c.claims + 1)
        return set(db.execute(query.returning(_job.c.id)).scalars())

    def renew(self, ids: Collection[str]) -> None:
        """Keep the leases of jobs that are at work still."""
        if ids:
            with self._database.transaction() as db:
                where = self._leased(_job.c.id.in_(ids))
                db.execute(sa.update(_job).where(where).values(lease_until=utc_now() + self._lease))

    def let_go(self, at_work: Collection[str]) -> None:
        """Let wait again what is leased to this server, but for the jobs that it is at.

        A lease may stand of which the server knows nothing: the database has noted it, and was gone before it said so.
        """
        where = self._leased(_job.c.id.not_in(at_work))
        with self._database.transaction() as db:
            db.execute(sa.update(_job).where(where).values(state=State.WAITING, owner=None, claims=0))

    def finish_in(self, db: sa.Connection, job: Job, counts: bool) -> None:
        """Say that a job is done, in the transaction that enters its marks.

        Args:
            db: that transaction's connection.
            job: which one.
            counts: whether its marks are those that count.

        Raises:
            LeaseLostError: it is another server's by now; the transaction must not be committed.
        """
        done = {"state": State.GRADED, "graded": utc_now(), "counts": counts, "reason": None, "owner": None}
        if db.execute(sa.update(_job).where(self._leased(_job.c.id == job.id)).values(**done)).rowcount != 1:
            raise LeaseLostError(LOST)

    def require_lease(self, job: Job) -> None:
        """Make sure that a job is this server's still, before something is written.

        Raises:
            LeaseLostError: it is not.
        """
        with self._database.transaction() as db:
            if db.execute(sa.select(_job.c.id).where(self._leased(_job.c.id == job.id))).first() is None:
                raise LeaseLostError(LOST)

    def finish(self, job: Job, counts: bool) -> None:
        """Say that a job is done whose marks are in the gradebook, or do not count."""
        with self._database.transaction() as db:
            self.finish_in(db, job, counts)

    def put_back(self, job: Job, reason: str, not_before: datetime | None, counted: bool = True) -> State:
        """Let a leased job wait again, or give it up after too many attempts.

        Args:
            job: as it was when it was claimed.
            reason: why, for a person.
            not_before: when it may be tried again.
            counted: whether this was an attempt at grading.

        Returns:
            Where it stands now.
        """
        attempts = job.attempts + 1 if counted else job.attempts
        given_up = attempts >= MOST_ATTEMPTS or job.claims >= MOST_CLAIMS
        state = State.FAILED if given_up else State.WAITING
        values = {"state": state, "owner": None, "reason": reason, "not_before": not_before, "attempts": attempts}
        values["claims"] = 0
        with self._database.transaction() as db:
            db.execute(sa.update(_job).where(self._leased(_job.c.id == job.id)).values(**values))
        return state

    def put_off(self, job: Job, until: datetime, reason: str) -> State:
        """Let a leased job wait for another day's tries; where newer work is there, that one waits in its place."""
        with self._database.transaction() as db:
            newer = sa.select(_job.c.id).where(
                self._of(job.assignment, job.student), _job.c.arrived >= job.arrived, _job.c.id != job.id
            )
            superseded = db.execute(newer.where(_job.c.state.in_(UNFINISHED)).limit(1)).first() is not None
            state = State.SUPERSEDED if superseded else State.WAITING
            values = {"state": state, "owner": None, "not_before": until, "reason": reason, "claims": 0}
            db.execute(sa.update(_job).where(self._leased(_job.c.id == job.id)).values(**values))
        return state

    def graded_since(self, job: Job, moment: datetime) -> int:
        """Return how many other works of the student were graded for the assignment since then."""
        mine = self._of(job.assignment, job.student)
        query = sa.select(sa.func.count()).select_from(_job).where(mine, _job.c.graded >= moment, _job.c.id != job.id)
        with self._database.transaction() as db:
            return int(db.execute(query).scalar_one())

    def job(self, number: str) -> Job | None:
        """Return a job; None where there is none of this course."""
        with self._database.transaction() as db:
            where = (_job.c.id == number) & (_job.c.course == self._course)
            row = db.execute(sa.select(_job).where(where)).mappings().first()
        return None if row is None else _as_job(row)

    def untold(self, job: str | None = None) -> list[HandIn]:
        """Return the hand-ins of graded work whose students can't read all of it yet.

        Args:
            job: of this one only.
        """
        open_still = _hand_in.c.told.in_((Told.NOTHING, Told.VISIBLE)) & (_job.c.state == State.GRADED)
        where = (_job.c.course == self._course) & open_still & ((_job.c.id == job) if job else sa.true())
        told = (_hand_in.c.id.label("hand_in"), _hand_in.c.secret, _hand_in.c.told)
        query = sa.select(_job, *told).join_from(_job, _hand_in, _hand_in.c.job_id == _job.c.id).where(where)
        with self._database.transaction() as db:
            rows = list(db.execute(query.order_by(_hand_in.c.arrived)).mappings())
        return [_as_hand_in(row) for row in rows]

    def next_untold(self, told: Told, after: str, most: int) -> "Stretch":
        """Return some of the hand-ins of which so much is told, of those whose work is graded.

        Args:
            told: how much.
            after: the end of the stretch before; empty for the first one.
            most: how many hand-ins are looked at.
        """
        mine = (_hand_in.c.course == self._course) & (_hand_in.c.told == told) & (_hand_in.c.id > after)
        some = sa.select(_hand_in).where(mine).order_by(_hand_in.c.id).limit(most).subquery()
        columns = (some.c.id.label("hand_in"), some.c.secret, some.c.told)
        query = sa.select(_job, *columns).join_from(some, _job, some.c.job_id == _job.c.id).order_by(some.c.id)
        with self._database.transaction() as db:
            rows = list(db.execute(query).mappings())
        found = [_as_hand_in(row) for row in rows]
        graded = tuple(each for each in found if each.job.state is State.GRADED)
        return Stretch(graded, found[-1].id if len(found) == most else "")

    def came_after(self, job: Job) -> bool:
        """Whether other work of the student counts since this was graded."""
        mine = self._of(job.assignment, job.student) & _job.c.counts & (_job.c.state == State.GRADED)
        later = sa.select(_job.c.id).where(mine, _job.c.graded > job.graded, _job.c.id != job.id)
        with self._database.transaction() as db:
            return db.execute(later.limit(1)).first() is not None

    def note_told(self, hand_ins: Sequence[HandIn], told: Told) -> None:
        """Note what students can read now."""
        if hand_ins:
            ids = [hand_in.id for hand_in in hand_ins]
            with self._database.transaction() as db:
                db.execute(sa.update(_hand_in).where(_hand_in.c.id.in_(ids)).values(told=told))

    def told(self, job: str) -> Told:
        """Return the most that was told of a job."""
        with self._database.transaction() as db:
            found = set(db.execute(sa.select(_hand_in.c.told).where(_hand_in.c.job_id == job)).scalars())
        return next((each for each in (Told.WHOLE, Told.VISIBLE, Told.ENDED) if each in found), Told.NOTHING)

    def count(self) -> dict[tuple[str, State], int]:
        """Return how many jobs there are, by assignment and state."""
        query = sa.select(_job.c.assignment, _job.c.state, sa.func.count()).where(_job.c.course == self._course)
        with self._database.transaction() as db:
            rows = db.execute(query.group_by(_job.c.assignment, _job.c.state))
            return {(assignment, State(state)): count for assignment, state, count in rows}

    def troubled(self) -> list[Job]:
        """Return what is not graded, with a reason: given up, or put off."""
        where = (_job.c.course == self._course) & _job.c.reason.is_not(None) & (_job.c.state != State.GRADED)
        with self._database.transaction() as db:
            rows = list(db.execute(sa.select(_job).where(where).order_by(_job.c.arrived)).mappings())
        return [_as_job(row) for row in rows]

    def _require(self, db: sa.Connection, number: str) -> Job:
        return _as_job(db.execute(sa.select(_job).where(_job.c.id == number)).mappings().one())

    def _of(self, assignment: str, student: str) -> Condition:
        return (_job.c.course == self._course) & (_job.c.assignment == assignment) & (_job.c.student_id == student)

    def _leased(self, which: Condition) -> Condition:
        mine = (_job.c.course == self._course) & (_job.c.owner == self._owner)
        return mine & (_job.c.state == State.LEASED) & which


def _as_hand_in(row: sa.RowMapping) -> HandIn:
    return HandIn(row["hand_in"], _as_job(row), row["secret"], Told(row["told"]))


def _as_job(row: sa.RowMapping) -> Job:
    return Job(
        id=row["id"],
        assignment=row["assignment"],
        student=row["student_id"],
        content=row["content"],
        state=State(row["state"]),
        arrived=row["arrived"],
        attempts=row["attempts"],
        claims=row["claims"],
        not_before=row["not_before"],
        graded=row["graded"],
        counts=row["counts"],
        reason=row["reason"] or "",
    )
