"""What a grading server does for one work, measured with the real code and a class's rows in PostgreSQL, and kept."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import machine
import msgspec
from served_class import ASSIGNMENT, Students, database, fill, graded_once, hand_in, make_course, recorded_pool, serving
from work_clock import Cost, WorkClock, mean, work_clock

from closed_doors.classroom.grade_submission import Submission
from closed_doors.classroom.local_pool import local_pool
from closed_doors.classroom.read_submissions import read_assignment
from closed_doors.nbgrader.final_marks import lateness
from closed_doors.nbgrader.gradebook_writer import Entry, Gradebook
from closed_doors.nbgrader.hand_in_queue import Job
from closed_doors.nbgrader.settings import Settings, read_settings
from closed_doors.serving.live_course import LiveCourse
from closed_doors.serving.live_grading import Found

FILE = Path(__file__).with_name("rush_costs.json")
LONG_AGO = datetime(2026, 1, 1)
BATCH = 50  # submissions that `course autograde` records in a transaction
BATCHES = 6


class Costs(msgspec.Struct, frozen=True):
    """What steps took when they were recorded.

    Attributes:
        rows: students in the gradebook meanwhile, and as many works that waited.
        grading_s: processor time of grading one work, sandbox and all; of each work of the demo class.
        exchange: taking one hand-in from the exchange; the mean of many that had come together.
        by_http: taking one that came by HTTP.
        claim: leasing one work.
        work: all else that is done for a work, from reading it to its page.
        record: the part of it that writes marks and files, and says that the job is done.
        record_batch: writing the marks of fifty in one transaction, as `course autograde` does.
        fsync_s: what the disk makes one wait who wants something kept; the median.
    """

    machine: str
    date: str
    rows: int
    grading_s: list[float]
    exchange: Cost
    by_http: Cost
    claim: Cost
    work: Cost
    record: Cost
    record_batch: Cost
    fsync_s: float


def recorded() -> Costs:
    """Return what was recorded last."""
    return msgspec.json.decode(FILE.read_bytes(), type=Costs)


def record(course: Path, rows: int, repeats: int) -> Costs:
    """Measure, and keep what came out."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name, database("postgresql", Path(name)) as url:
        root, exchange = Path(name, "course"), Path(name, "exchange")
        make_course(course, root, exchange, url)
        students = Students(course, exchange)
        graded = graded_once(serving(root), students)
        grading = _grading(read_settings(root), students)
        fill(root, exchange, range(rows))
        os.sync()  # what was written to fill it is on the disk before anything waits for that
        with work_clock() as clock, recorded_pool(graded) as pool:
            live, found = serving(root), _Recordings(clock)
            found.listen(live)
            taken = _exchange(live, students, clock, repeats)
            by_http = _each(clock, repeats, lambda n: hand_in(live, students, LONG_AGO + timedelta(minutes=n)))
            jobs: list[Job] = []
            claim = _each(clock, repeats, lambda _: jobs.extend(live.claim(1)))
            work = _each(clock, repeats, lambda n: live.work(jobs[n], pool))
            if found.count != repeats:
                raise SystemExit(f"{found.count} of {repeats} works were recorded.")
            batch = _batches(read_settings(root), found.entry, clock)
        where = f"{machine.name()}", f"{datetime.now(UTC):%Y-%m-%d}"
        means = [mean(each) for each in (by_http, claim, work, found.costs)]
        costs = Costs(*where, rows, grading, taken, *means, batch, _fsync_s(Path(name)))
    FILE.write_bytes(msgspec.json.format(msgspec.json.encode(costs), indent=1) + b"\n")
    return costs


def _grading(settings: Settings, students: Students) -> list[float]:
    """Return the processor time of grading each of the works, once all is warm."""
    assignment, found = read_assignment(settings, ASSIGNMENT), []
    with machine.cpu_account() as used, local_pool(1) as pool:
        for number, text in enumerate(students.works * 2):
            before = used()
            pool.submit(assignment, Submission(f"eleve{number}", ((ASSIGNMENT, text.encode()),))).result()
            found.append(round(used() - before, 4))
    return found[len(students.works) :]


def _exchange(live: LiveCourse, students: Students, clock: WorkClock, count: int) -> Cost:
    live.scan()  # what is known of the exchange's folder is remembered from here on
    for _ in range(count):
        students.submit()
    taken, spent = 0, clock.now()
    while taken < count:
        taken += live.scan()
        time.sleep(0.1)
    all_of_it = clock.since(spent)
    return Cost(*(round(getattr(all_of_it, name) / count, 6) for name in Cost.__struct_fields__))


def _each(clock: WorkClock, count: int, call: Callable[[int], object]) -> list[Cost]:
    found: list[Cost] = []
    for number in range(count):
        before = clock.now()
        call(number)
        found.append(clock.since(before))
    return found


class _Recordings:
    """Measures each recording of a server, and remembers what was recorded last."""

    entry: Entry

    def __init__(self, clock: WorkClock) -> None:
        self.costs: list[Cost] = []
        self._clock = clock

    @property
    def count(self) -> int:
        return len(self.costs)

    def listen(self, live: LiveCourse) -> None:
        inner = live._grader.record

        def record(job: object, found: Found) -> None:
            assert found.found is not None
            before, self.entry = self._clock.now(), found.found
            inner(job, found)
            self.costs.append(self._clock.since(before))

        live._grader.record = record


def _batches(settings: Settings, entry: Entry, clock: WorkClock) -> Cost:
    gradebook = Gradebook(settings.db_url, ASSIGNMENT, lateness(settings))
    names = iter(f"neuf{number}" for number in range(BATCH * (BATCHES + 1)))
    some = [[replace(entry, student=next(names)) for _ in range(BATCH)] for _ in range(BATCHES + 1)]
    gradebook.write(some.pop())  # statements are compiled once
    return mean(_each(clock, BATCHES, lambda number: gradebook.write(some[number])))


def _fsync_s(folder: Path) -> float:
    """Return what it takes the disk to keep a page of a database's journal."""
    found = []
    with (folder / "journal").open("wb", buffering=0) as file:
        for _ in range(50):
            file.write(bytes(8192))
            begun = time.monotonic()
            os.fdatasync(file.fileno())
            found.append(time.monotonic() - begun)
    return round(statistics.median(found), 5)
