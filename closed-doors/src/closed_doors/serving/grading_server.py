"""The loop of a grading server: looks for work, leases as much as there are slots, grades, tells; until it is stopped.

Everything that waits for a disk, a database or a sandbox runs in threads; the loop itself only decides what is next.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from closed_doors.classroom.local_pool import Pool
from closed_doors.core.errors import CourseError
from closed_doors.nbgrader.hand_in_queue import LEASE_S, Job
from closed_doors.serving.live_course import LiveCourse
from closed_doors.serving.server_log import ServerLog

Result = TypeVar("Result")
LOOK_S = 0.25
TELL_S = 5.0  # how often what may be told by now is looked for
SLOW_S = 60.0  # a loop that has not gone round for so long does not do its work
PAUSE_S, LONGEST_PAUSE_S = 0.5, 8.0  # after a database or a disk was not there: twice as long each time


@dataclass(slots=True)
class _Pulse:
    """When the loop last went round for each course, and why it did not."""

    seen: dict[str, float] = field(default_factory=dict)
    failing: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Lost:
    """How long a course's database or disk has been gone, and how often that was seen in a row."""

    since: float = 0.0
    rounds: int = 0

    def next_pause(self) -> float:
        """Return for how long to leave it alone, after one more round that failed."""
        self.since = self.since or time.monotonic()
        self.rounds += 1
        return min(PAUSE_S * 2.0 ** (self.rounds - 1), LONGEST_PAUSE_S)


class GradingServer:
    """Serves courses until it is stopped.

    Args:
        courses: which.
        pool: where grading happens.
        log: told what happens.
        lease_s: see `HandInQueue`.
    """

    def __init__(self, courses: Sequence[LiveCourse], pool: Pool, log: ServerLog, lease_s: float = LEASE_S) -> None:
        self.courses = {course.name: course for course in courses}
        self._pool = pool
        self._log = log
        self._lease_s = lease_s
        self._threads = ThreadPoolExecutor(pool.slots + 4 * len(courses) + 4, thread_name_prefix="serving")
        self._free = pool.slots
        self._pulse = _Pulse()
        self._stop = asyncio.Event()
        self._woken = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve until `stop`; what has begun is ended first."""
        for course in self.courses.values():
            await self.in_thread(course.prepare)
        helpers = [asyncio.create_task(self._look_after(course)) for course in self.courses.values()]
        helpers.append(asyncio.create_task(self._renew()))
        await self._stop.wait()
        if self._running:
            await asyncio.wait(self._running)
        for helper in helpers:
            helper.cancel()
        await asyncio.gather(*helpers, return_exceptions=True)
        self._threads.shutdown()

    def stop(self) -> None:
        """Let what has begun end, and begin nothing more."""
        self._stop.set()
        self._woken.set()

    def wake(self) -> None:
        """Look for work at once."""
        self._woken.set()

    async def in_thread(self, call: Callable[[], Result]) -> Result:
        """Do something that waits for a disk or a database."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def reasons(self) -> list[str]:
        """Return what keeps the server from its work."""
        now = time.monotonic()
        late = [name for name in self.courses if now - self._pulse.seen.get(name, now) > SLOW_S]
        return [*(f"{name}: no round for {SLOW_S:g} s" for name in late), *self._pulse.failing.values()]

    async def _look_after(self, course: LiveCourse) -> None:
        """Go round for one course; where its database or a disk is gone, wait until it is back."""
        told, lost = 0.0, _Lost()
        while not self._stop.is_set():
            try:
                await self.in_thread(course.scan)
                await self._begin(course)
                if time.monotonic() - told > TELL_S:
                    more = await self.in_thread(course.tell)
                    told = 0.0 if more else time.monotonic()
                self._pulse.seen[course.name] = time.monotonic()
                self._pulse.failing.pop(course.name, None)
                lost = self._found_again(course, lost)
                await self._pause(LOOK_S)
            except (CourseError, OSError) as error:
                name, pause_s = type(error).__name__, lost.next_pause()
                self._pulse.failing[course.name] = f"{course.name}: {name}"
                self._log.say("round_failed", "error", course=course.name, error=name, again_in_seconds=pause_s)
                await asyncio.sleep(pause_s)

    def _found_again(self, course: LiveCourse, lost: "_Lost") -> "_Lost":
        if not lost.rounds:
            return lost
        seconds = round(time.monotonic() - lost.since, 1)
        self._log.say("working_again", course=course.name, after_seconds=seconds)
        return _Lost()

    async def _begin(self, course: LiveCourse) -> None:
        """Lease as much as there are free slots, and grade it."""
        most, self._free = self._free, 0  # nobody else takes them meanwhile
        jobs: list[Job] = []
        try:
            jobs = await self.in_thread(lambda: course.claim(most)) if most else []
        finally:
            self._free += most - len(jobs)
        for job in jobs:
            task = asyncio.create_task(self._work(course, job))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _work(self, course: LiveCourse, job: Job) -> None:
        try:
            await self.in_thread(lambda: course.work(job, self._pool))
        except Exception as error:  # the job's lease runs out, and it is graded then
            self._log.say("job_lost", "error", course=course.name, job=job.id, error=type(error).__name__)
        finally:
            self._free += 1
            self._woken.set()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._lease_s / 3)
            for course in self.courses.values():
                with contextlib.suppress(CourseError):  # the next time, before the lease has run out
                    await self.in_thread(course.renew)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), seconds)
        self._woken.clear()
