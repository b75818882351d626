"""Prints what a server does for one work, but for grading it, with many rows in the gradebook and as many that wait.

    python closed-doors/benchmarks/live_rows.py [--rows 100 1000 …] [--database sqlite postgresql] [--json]

The class is graded, each of its students has handed in once more, received.csv has a line and the exchange
folders for everybody. Then a few more hand in, and each step of the real server is measured: processor time, so that
other programs on the machine matter little, in milliseconds, medians. PostgreSQL's own processes are in one column for
all steps of a work together. What grading gives is recorded from one real submission.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import machine
from served_class import Students, database, fill, graded_once, hand_in, make_course, recorded_pool, serving

from closed_doors.serving.live_course import LiveCourse

Result = TypeVar("Result")
REPEATS = 7
STILL_S, TICKS = 0.3, os.sysconf("SC_CLK_TCK")
LONG_AGO = datetime(2026, 1, 1)


class Stopwatch:
    """Measures the processor time of calls, by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}

    def time(self, name: str, call: Callable[[], Result]) -> Result:
        """Do something, and note how long it took."""
        begun = time.process_time()
        try:
            return call()
        finally:
            self.seconds.setdefault(name, []).append(time.process_time() - begun)

    def wrap(self, thing: object, method: str, name: str) -> None:
        """Time a method whenever it is called."""
        inner = getattr(thing, method)
        setattr(thing, method, lambda *given: self.time(name, lambda: inner(*given)))


def measure(live: LiveCourse, students: Students, watch: Stopwatch, repeats: int, pool: object) -> None:
    """Have some hand in, and time what the server does for each."""
    live.scan()  # what is known of the exchange's folder is remembered from here on
    for number in range(repeats):
        students.submit()
        time.sleep(STILL_S)
        while not watch.time("exchange", live.scan):
            watch.seconds["exchange"].pop()
            time.sleep(STILL_S)
        at = LONG_AGO + timedelta(minutes=number)  # so that it is before all that wait
        watch.time("hand in", lambda at=at: hand_in(live, students, at))
        (job,) = watch.time("claim", lambda: live.claim(1))
        if job.arrived != at:
            raise SystemExit("The oldest work was not the first.")
        outcome = live.work(job, pool)
        if outcome != "graded":
            raise SystemExit(f"{outcome}: {live.queue.job(job.id)}")
        watch.time("look for pages", live.tell)


def measured(course: Path, kind: str, rows: list[int], repeats: int) -> dict[int, dict[str, list[float]]]:
    """Return the seconds of each step, by rows."""
    found = {}
    with tempfile.TemporaryDirectory(dir="/tmp") as name, database(kind, Path(name)) as url:
        root, exchange = Path(name, "course"), Path(name, "exchange")
        make_course(course, root, exchange, url)
        live, students, filled = serving(root), Students(course, exchange), 0
        graded = graded_once(live, students)
        for count in rows:
            fill(root, exchange, range(filled, count))
            filled, live, watch = count, serving(root), Stopwatch()
            watch.wrap(live._grader, "grade", "read")
            watch.wrap(live._grader, "record", "record")
            watch.wrap(live._teller, "tell", "page")
            before = database_s()
            with recorded_pool(graded) as pool:
                measure(live, students, watch, repeats, pool)
            watch.seconds["database"] = [(database_s() - before) / repeats]
            found[count] = watch.seconds
    return found


def database_s() -> float:
    """Return the processor time of PostgreSQL's processes on this machine, those that have ended included."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().partition(" (")[2].rpartition(") ")
        except OSError:
            continue
        if name.startswith("postgres"):
            ticks += sum(map(int, rest.split()[11:15]))
    return ticks / TICKS


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    machine.add_course_option(parser)
    parser.add_argument("--rows", type=int, nargs="+", default=[100, 1_000, 10_000, 50_000])
    parser.add_argument("--database", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--json", action="store_true", help="all times in seconds")
    arguments = parser.parse_args()
    found = {
        kind: measured(arguments.course, kind, sorted(arguments.rows), arguments.repeats) for kind in arguments.database
    }
    if arguments.json:
        print(json.dumps({"machine": machine.name(), "seconds": found}, indent=1))
        return
    print(machine.name())
    for kind, by_rows in found.items():
        steps = list(next(iter(by_rows.values())))
        print(f"{kind:>10} {'rows':>7} " + " ".join(f"{step:>14}" for step in steps) + "   ms")
        for count, seconds in by_rows.items():
            print(f"{'':>10} {count:7} " + " ".join(f"{1000 * statistics.median(seconds[s]):14.1f}" for s in steps))


if __name__ == "__main__":
    main()
