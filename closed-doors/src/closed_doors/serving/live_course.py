"""One course that is graded as work arrives: what comes in, what is to be done, what became of it."""

import os
import secrets
import socket
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from closed_doors.classroom.local_pool import Pool
from closed_doors.core.errors import CourseError, GradebookError, LayoutError
from closed_doors.core.layout import Layout
from closed_doors.core.locks import if_free
from closed_doors.core.profile import Serve, read_profile
from closed_doors.nbgrader.hand_in_queue import (
    LEASE_S,
    MOST_CLAIMS,
    HandInQueue,
    Job,
    LeaseLostError,
    NewHandIn,
    State,
    Told,
    hashed_name,
    utc_now,
)
from closed_doors.nbgrader.served_exchange import Arrived, ServedExchange, secret_of
from closed_doors.nbgrader.settings import read_settings
from closed_doors.serving.hand_in_store import HandInStore
from closed_doors.serving.hand_out_pages import Round, Teller
from closed_doors.serving.live_grading import LiveGrader, NotGradedError, TestsMayDifferError
from closed_doors.serving.live_policy import day_of, quiet_until
from closed_doors.serving.server_log import ServerLog
from closed_doors.serving.server_metrics import ServerMetrics

AGAIN_S = 5.0  # before a failed attempt is repeated; twice as long each time
MENDED_S = 30.0  # before an assignment that can't be graded is looked at again
TAKING_S = 1.0  # for so long hand-ins are taken in a round, and then slots are filled
NOT_A_NAME = ("/", "\\", "\0", "+")


class Outcome(StrEnum):
    """What became of a job that was claimed."""

    GRADED = "graded"
    PUT_OFF = "put off"  # for another day's tries
    AGAIN = "again"
    GIVEN_UP = "given up"
    ASSIGNMENT_REFUSED = "assignment refused"
    LOST = "lost"  # to another server


class LiveCourse:
    """A course that is served.

    Args:
        layout: the course.
        log: told what happens.
        metrics: counts it.
        lease_s: see `HandInQueue`.
    """

    def __init__(self, layout: Layout, log: ServerLog, metrics: ServerMetrics, lease_s: float = LEASE_S) -> None:
        settings = read_settings(layout.root)
        if settings.open_doors:
            raise CourseError(
                "nbgrader_config.py sets ClosedDoors.open_doors: a server grades behind closed doors only."
            )
        self.name = str(settings.config.CourseDirectory.get("course_id", "")) or layout.root.name
        self.policy = read_profile(layout.root).serve or Serve()
        self._layout = layout
        self._log = log
        self._metrics = metrics
        owner = f"{socket.gethostname()[:32]}-{os.getpid()}-{secrets.token_hex(4)}"
        self.queue = HandInQueue(settings.db_url, self.name, owner, lease_s)
        self.store = HandInStore(settings, self.name)
        self._exchange = ServedExchange(layout.root, self.name)
        self._grader = LiveGrader(settings, self.store, self.queue, self.policy.counts == "best")
        self._teller = Teller(settings, self.store, self.queue, self.policy, self._publish)
        self._at_work: set[str] = set()
        self._lock = threading.Lock()
        self._unsure = False  # whether there may be leases that this server does not know of
        self.problems: dict[str, str] = {}

    def prepare(self) -> None:
        """Make what is missing, and read what is known.

        Raises:
            CourseError: the database or the folder can't be used.
        """
        self.queue.prepare()
        self.store.prepare()

    def scan(self) -> int:
        """Take what has come to the exchange, as much as there is time for, and return how much that was.

        Of several servers one does so at a time, as each would copy the same.
        """
        if not self._exchange.has_news():
            return 0
        assignments = sorted(self._layout.assignments(), key=len, reverse=True)
        taken, until = 0, time.monotonic() + TAKING_S
        with if_free(self.store.intake_lock) as mine:
            for arrived in self._exchange.arrivals(assignments, self.queue.known_names) if mine else ():
                taken += self._take(arrived)
                if time.monotonic() > until:
                    break
        self._metrics.refused.labels(self.name).set(len(self._exchange.refused))
        return taken

    def _take(self, arrived: Arrived) -> bool:
        name = hashed_name(arrived.path.name)
        secret = secret_of(arrived.path)
        try:
            content, _ = self.store.put(
                arrived.assignment, arrived.student, lambda target: self._exchange.take(arrived, target)
            )
        except OSError as error:
            self._log.say("hand_in_not_taken", "error", course=self.name, error=type(error).__name__)
            return False
        job = self.queue.add(NewHandIn(name, arrived.assignment, arrived.student, content, arrived.at, secret))
        self._exchange.note_taken(arrived.path.name)
        self._note_taken(job)
        return True

    def hand_in(self, assignment: str, student: str, file: str, data: bytes, name: str, at: datetime | None) -> Job:
        """Take work that came by another way than the exchange.

        Args:
            assignment: of the course.
            student: nbgrader's id.
            file: what its file is called.
            data: a notebook, or an archive with one.
            name: the hand-in's own; the same one again does nothing.
            at: when it came, in UTC without a zone; now where nobody says it.

        Returns:
            Its job.

        Raises:
            CourseError: there is no such assignment, the id can't be a name, or it can't be kept.
        """
        self._layout.require(assignment)
        if not student or student.startswith((".", "_")) or any(sign in student for sign in NOT_A_NAME):
            raise LayoutError(
                "A student's id has neither slashes nor plus signs, and begins with no dot or underscore."
            )

        def fill(target: Path) -> None:
            target.mkdir()
            (target / file).write_bytes(data)

        try:
            content, _ = self.store.put(assignment, student, fill)
        except OSError as error:
            raise CourseError(f"The work can't be kept: {error.strerror}.") from error
        job = self.queue.add(NewHandIn(hashed_name(name), assignment, student, content, at or utc_now()))
        self._note_taken(job)
        return job

    def claim(self, most: int) -> list[Job]:
        """Lease what may be graded now."""
        if most < 1 or quiet_until(self.policy.quiet, datetime.now().astimezone()) is not None:
            return []
        try:
            if self._unsure:
                self._let_go()
            jobs = self.queue.claim(most)
        except GradebookError:
            self._unsure = True
            raise
        with self._lock:
            self._at_work |= {job.id for job in jobs}
        return jobs

    def _let_go(self) -> None:
        self._unsure = False  # before it is done: a job that fails meanwhile may set it again
        with self._lock:
            ids = set(self._at_work)
        self.queue.let_go(ids)

    def renew(self) -> None:
        """Keep what is at work."""
        with self._lock:
            ids = set(self._at_work)
        self.queue.renew(ids)

    def work(self, job: Job, pool: Pool) -> Outcome:
        """Do all that there is to do for a claimed job; whatever happens, the queue knows."""
        begun, outcome = utc_now(), Outcome.AGAIN
        try:
            outcome = self._done(job, pool)
        finally:
            with self._lock:
                self._at_work.discard(job.id)
            self._unsure = self._unsure or outcome is Outcome.AGAIN  # it may not have been put back
        self._metrics.ended.labels(self.name, job.assignment, outcome.value).inc()
        level = "error" if outcome in (Outcome.GIVEN_UP, Outcome.ASSIGNMENT_REFUSED) else "info"
        seconds = round((utc_now() - begun).total_seconds(), 3)
        facts = {"course": self.name, "assignment": job.assignment, "job": job.id}
        self._log.say("job_ended", level, outcome=outcome.value, seconds=seconds, **facts)
        return outcome

    def _done(self, job: Job, pool: Pool) -> Outcome:
        try:
            return self._graded(job, pool)
        except LeaseLostError:
            return Outcome.LOST
        except TestsMayDifferError as error:
            return self._again(job, str(error), 0.0, counted=False)
        except GradebookError as error:  # the lease runs out, where not even this can be said
            return self._again(job, str(error), AGAIN_S, counted=False)
        except NotGradedError as error:
            return self._again(job, str(error), AGAIN_S * 2**job.attempts)
        except CourseError as error:
            self.problems[job.assignment] = str(error)
            self._again(job, str(error), MENDED_S, counted=False)
            return Outcome.ASSIGNMENT_REFUSED
        except Exception as error:  # one work never stops a server
            return self._again(job, f"{type(error).__name__}: {error}", AGAIN_S * 2**job.attempts)

    def _graded(self, job: Job, pool: Pool) -> Outcome:
        if job.claims >= MOST_CLAIMS:
            raise NotGradedError("every server that began with it ended before it did")
        begun, ends = day_of(datetime.now().astimezone())
        if self.queue.graded_since(job, begun) >= self.policy.tries_a_day:
            self.queue.put_off(job, ends, "the tries of the day are used up")
            return Outcome.PUT_OFF
        found = self._grader.grade(job, pool)
        self._grader.record(job, found)
        self.problems.pop(job.assignment, None)
        self.tell(job.id)
        return Outcome.GRADED

    def _again(self, job: Job, reason: str, wait_s: float, counted: bool = True) -> Outcome:
        try:
            state = self.queue.put_back(job, reason, utc_now() + timedelta(seconds=wait_s), counted)
            if state is State.FAILED:
                self._grader.put_in_submitted(job)  # so that the next `course autograde` tries it, and names it
                return Outcome.GIVEN_UP
        except (CourseError, OSError) as error:
            self._log.say("queue_not_written", "error", course=self.name, job=job.id, error=type(error).__name__)
        return Outcome.AGAIN

    def tell(self, job: str | None = None) -> int:
        """Hand out what may be read by now; what can't be is tried again later.

        Args:
            job: of this one; by default of some that wait, and the next call goes on from there.

        Returns:
            Of how many hand-ins more can be read than before.
        """
        try:
            found = Round(self._teller.tell(job)) if job else self._teller.tell_next()
        except (CourseError, OSError) as error:
            found = Round(failed=error)
        if found.failed is not None:
            name = type(found.failed).__name__
            self._log.say("page_not_told", "error", course=self.name, job=job or "", error=name)
            self.problems["feedback"] = str(found.failed)
        else:
            self.problems.pop("feedback", None)
        for hand_in in found.told:
            names = (self.name, hand_in.job.assignment)
            self._metrics.told.labels(*names).inc()
            if hand_in.told is Told.NOTHING:
                self._metrics.seconds.labels(*names).observe((utc_now() - hand_in.job.arrived).total_seconds())
        return len(found.told)

    def _publish(self, secret: str, pages: Mapping[str, bytes]) -> None:
        self._exchange.publish(secret, pages)

    def _note_taken(self, job: Job) -> None:
        self._metrics.handed_in.labels(self.name, job.assignment).inc()
        late_s = round((datetime.now(UTC).replace(tzinfo=None) - job.arrived).total_seconds(), 3)
        self._log.say("hand_in_taken", course=self.name, assignment=job.assignment, job=job.id, after_seconds=late_s)
