"""The last hour before a deadline in virtual time: a step takes what it took when it was recorded or is measured."""

import heapq
import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from rush_costs import Costs
from rush_queue import Queue

from closed_doors.nbgrader.served_exchange import STILL_S
from closed_doors.serving.grading_server import LOOK_S
from closed_doors.serving.live_course import TAKING_S

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Setup:
    """What is simulated.

    Attributes:
        slots: works that a machine grades at a time, each on a processor of its own.
        rise_s: the time in which the rate of hand-ins grows by a factor of e.
        database_processors: of the machine that PostgreSQL is on.
        by_http: whether work comes by HTTP, to any machine, and not by the exchange.
    """

    students: int
    machines: int
    slots: int
    rise_s: float
    database_processors: int
    by_http: bool
    seed: int = 22


@dataclass(slots=True)
class Outcome:
    """What came of it, by hand-in in the order of arrival, in virtual seconds since the hour began.

    Attributes:
        taken: when it was in the queue.
        told: when its page was there.
        busy_s: of slots, all together.
        longest: how many were not begun with at most.
    """

    arrived: list[float]
    taken: list[float]
    told: list[float]
    busy_s: float = 0.0
    longest: int = 0


@dataclass(slots=True)
class _Machine:
    free: int
    taking_until: float = 0.0


class RushHour:
    """The hour, event by event."""

    def __init__(self, setup: Setup, costs: Costs, arrived: list[float], queue: Queue) -> None:
        self._setup, self._costs, self._queue = setup, costs, queue
        self._draw = random.Random(setup.seed)
        self._machines = [_Machine(setup.slots) for _ in range(setup.machines)]
        self._database = [0.0] * setup.database_processors  # when each is free
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._planned = 0
        self._entered = self._waiting = self._done = 0
        taken = [moment + costs.by_http.total_s(costs.fsync_s) for moment in arrived] if setup.by_http else []
        self._outcome = Outcome(arrived, taken, [math.nan] * len(arrived))

    def run(self) -> Outcome:
        """Go from event to event until every page is there."""
        for number in range(len(self._machines)):
            self._at(self._draw.uniform(0, LOOK_S), lambda now, number=number: self._round(number, now))
        while self._events:
            now, _, happens = heapq.heappop(self._events)
            happens(now)
        return self._outcome

    def _at(self, moment: float, happens: Callable[[float], None]) -> None:
        self._planned += 1  # of two at the same moment, the first that was planned
        heapq.heappush(self._events, (moment, self._planned, happens))

    def _round(self, number: int, now: float) -> None:
        """Do what a server's loop does: take from the exchange where nobody else does, lease, and pause."""
        until = self._machines[number].taking_until = self._take(now)
        self._at(until, lambda now: self._begin(number, now))
        if self._done < self._setup.students:
            self._at(until + LOOK_S, lambda now: self._round(number, now))

    def _take(self, now: float) -> float:
        """Take what is whole, for a second at most, and return when that has ended."""
        arrived, taken, until = self._outcome.arrived, self._outcome.taken, now + TAKING_S
        if any(machine.taking_until > now for machine in self._machines):
            return now
        while len(taken) < len(arrived) and arrived[len(taken)] + STILL_S <= now < until:
            now += self._costs.exchange.total_s(self._costs.fsync_s)
            taken.append(now)
        return now

    def _begin(self, number: int, now: float) -> None:
        """Lease as many works as there are free slots."""
        self._enter(now)
        one = self._machines[number]
        if one.free and self._waiting and one.taking_until <= now:
            found, took = self._queue.claim(number, one.free)
            self._waiting -= len(found)
            one.free -= len(found)
            for work in found:
                self._work(number, work, now, now + took)

    def _enter(self, now: float) -> None:
        """Bring the queue up to this moment."""
        outcome, first = self._outcome, self._entered
        while self._entered < len(outcome.taken) and outcome.taken[self._entered] <= now:
            self._entered += 1
        if self._entered > first:
            self._queue.arrive(range(first, self._entered), outcome.arrived)
            self._waiting += self._entered - first
            outcome.longest = max(outcome.longest, self._waiting)

    def _work(self, number: int, work: int, begun: float, now: float) -> None:
        """Read, grade, record and make the page; then the slot is free, and the machine looks at once."""
        cost = self._costs.work

        def record(now: float) -> None:
            free = max(now, heapq.heappop(self._database)) + cost.database_s
            heapq.heappush(self._database, free)
            self._at(free + cost.fsyncs * self._costs.fsync_s, end)

        def end(now: float) -> None:
            told = now + self._queue.finish(number, work)
            self._done += 1
            self._outcome.told[work] = told
            self._outcome.busy_s += told - begun
            self._at(told, free)

        def free(now: float) -> None:
            self._machines[number].free += 1
            self._begin(number, now)

        self._at(now + cost.own_s + self._draw.choice(self._costs.grading_s), record)


def arrivals(setup: Setup) -> list[float]:
    """Draw when students hand in, in order: at random, at a rate that grows exponentially."""
    draw, whole = random.Random(setup.seed), math.expm1(HOUR_S / setup.rise_s)
    return sorted(setup.rise_s * math.log1p(draw.random() * whole) for _ in range(setup.students))
