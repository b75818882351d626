"""What machines take work from, and how long each call takes: a server's queue in a database, or only its costs."""

import uuid
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

import sqlalchemy as sa
from served_class import ASSIGNMENT, COURSE
from work_clock import Cost, WorkClock

from closed_doors.nbgrader import gradebook_tables as tables
from closed_doors.nbgrader.hand_in_queue import HandInQueue, Job, State, Told, job_id

BEGUN = datetime(2026, 11, 29, 22, 0)
DAY_S = 24 * 3600.0
AT_ONCE = 5000


class Queue(Protocol):
    """What machines take work from; students are numbers, and times seconds of the hour."""

    def arrive(self, numbers: range, moments: Sequence[float]) -> None:
        """Let the hand-ins of students be there; of all students, the moments are given."""

    def claim(self, machine: int, most: int) -> tuple[list[int], float]:
        """Return whose works a machine has leased, and the seconds that this took."""

    def finish(self, machine: int, number: int) -> float:
        """Say that a work is done, and return the seconds that this took."""


class PaperQueue:
    """No database, only what its answers take: for other classes and machines, in seconds instead of minutes."""

    def __init__(self, claim_s: float) -> None:
        self._waiting: deque[int] = deque()
        self._claim_s = claim_s

    def arrive(self, numbers: range, moments: Sequence[float]) -> None:  # noqa: D102, ARG002
        self._waiting.extend(numbers)

    def claim(self, machine: int, most: int) -> tuple[list[int], float]:  # noqa: D102, ARG002
        return [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))], self._claim_s

    def finish(self, machine: int, number: int) -> float:  # noqa: D102, ARG002
        return 0.0  # it is part of the work


class RushQueue:
    """The real queue of a course, with an owner a machine; each student has a work from the week before in it.

    Args:
        url: of an empty database.
        arrived: when each student hands in.
        first: from which student on the queue is asked; who came before is in its tables, graded.
        machines: how many claim.
        clock: measures.
        paper: who came before waits there.
        fsync_s: what the disk makes a transaction wait.
    """

    def __init__(
        self,
        url: str,
        arrived: Sequence[float],
        first: int,
        machines: int,
        clock: WorkClock,
        paper: PaperQueue,
        fsync_s: float,
    ) -> None:
        self._queues = [HandInQueue(url, COURSE, f"machine-{number}", DAY_S) for number in range(machines)]
        self._queues[0].prepare()
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        self._db, everybody = engine.connect(), range(len(arrived))
        self._enter(everybody, [-7 * DAY_S] * len(arrived), State.GRADED)
        self._enter(everybody[:first], arrived, State.GRADED)
        if engine.dialect.name == "postgresql":
            self._db.execute(sa.text("ANALYZE"))
            self._db.commit()
        self._clock, self._paper, self._first, self._fsync_s = clock, paper, first, fsync_s
        self._jobs: dict[int, Job] = {}
        self.costs: dict[str, list[Cost]] = {"claim": [], "finish": []}

    def arrive(self, numbers: range, moments: Sequence[float]) -> None:  # noqa: D102
        before = range(numbers.start, min(self._first, numbers.stop))
        self._paper.arrive(before, moments)
        self._enter(numbers[len(before) :], moments, State.WAITING)

    def claim(self, machine: int, most: int) -> tuple[list[int], float]:  # noqa: D102
        earlier = self._paper.claim(machine, most)
        if earlier[0]:
            return earlier
        before = self._clock.now()
        found = self._queues[machine].claim(most)
        self.costs["claim"].append(self._clock.since(before))
        jobs = {int(job.student.removeprefix("eleve")): job for job in found}
        self._jobs |= jobs
        return list(jobs), self.costs["claim"][-1].total_s(0) + self._fsync_s

    def finish(self, machine: int, number: int) -> float:  # noqa: D102
        if number < self._first:
            return self._paper.finish(machine, number)
        before = self._clock.now()
        self._queues[machine].finish(self._jobs.pop(number), counts=True)
        self.costs["finish"].append(self._clock.since(before))
        return self.costs["finish"][-1].total_s(0) + self._fsync_s

    def close(self) -> dict[str, int]:
        """Let the database go, and return how many works of the hour are in it, by state and number of claims."""
        with self._db as db:
            kind = (tables.job.c.state, tables.job.c.claims)
            query = sa.select(*kind, sa.func.count()).where(tables.job.c.arrived >= BEGUN).group_by(*kind)
            return {f"{state}, claimed {claims} times": count for state, claims, count in db.execute(query)}

    def _enter(self, numbers: range, moments: Sequence[float], state: State) -> None:
        """Enter works with their hand-ins, many at a time."""
        for some in (numbers[first : first + AT_ONCE] for first in range(0, len(numbers), AT_ONCE)):
            jobs = [_job(number, moments[number], state) for number in some]
            self._db.execute(sa.insert(tables.job), jobs)
            self._db.execute(sa.insert(tables.hand_in), [_hand_in(job) for job in jobs])
            self._db.commit()


def _job(number: int, moment: float, state: State) -> dict[str, object]:
    student, content = f"eleve{number:06}", uuid.uuid4().hex
    names = {"course": COURSE, "assignment": ASSIGNMENT, "student_id": student, "content": content}
    arrived = BEGUN + timedelta(seconds=moment)
    return names | {"id": job_id(*names.values()), "state": state, "arrived": arrived, "attempts": 0, "claims": 0}


def _hand_in(job: dict[str, object]) -> dict[str, object]:
    told = Told.WHOLE if job["state"] is State.GRADED else Told.NOTHING
    names = {"id": uuid.uuid4().hex, "course": COURSE, "name": uuid.uuid4().hex, "job_id": job["id"]}
    return names | {"arrived": job["arrived"], "told": told}
