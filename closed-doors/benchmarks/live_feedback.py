"""Prints how long a student waits for feedback where `course serve` runs: from the end of submitting to the page.

    python closed-doors/benchmarks/live_feedback.py [--single N] [--rush N] [--course COURSE]

First hand-ins that come alone, then as many as are said within a minute. Work is the demo class's honest one, each
differing in a comment, so that nothing is graded twice; the server is a process of its own with its defaults. A hand-in
is there when its folder in the exchange is whole, and answered when the page lies where nbgrader looks for it.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import machine
from nbgrader.utils import notebook_hash
from served_class import ASSIGNMENT, COURSE, Students, make_course

LOOK_S = 0.01
LONG_S = 120.0


class Waiting:
    """Who hands in, and waits."""

    def __init__(self, course: Path, exchange: Path) -> None:
        self._students = Students(course, exchange)
        self._pages = exchange / COURSE / "feedback"
        self._lock = threading.Lock()

    def wait(self) -> float:
        """Hand in once, and return the seconds until the page is there."""
        with self._lock:
            secret = self._students.submit()
        begun = time.monotonic()
        page = self._pages / f"{notebook_hash(secret=secret, notebook_id=ASSIGNMENT)}.html"
        while not page.exists():
            if time.monotonic() - begun > LONG_S:
                raise SystemExit("No page came; is something wrong with the server?")
            time.sleep(LOOK_S)
        return time.monotonic() - begun


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    machine.add_course_option(parser)
    parser.add_argument("--single", type=int, default=30)
    parser.add_argument("--rush", type=int, default=60)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root, exchange = Path(folder, "course"), Path(folder, "exchange")
        make_course(arguments.course, root, exchange)
        with _serving(root, Path(folder, "log")) as log:
            students = Waiting(root, exchange)
            students.wait()  # the first one opens the lesson, and has the master prove itself
            print(machine.name())
            print(f"{'':24} {'median':>8} {'p95':>8} {'longest':>8}   seconds")
            _row(f"{arguments.single} alone", [students.wait() for _ in range(arguments.single)])
            _row(f"{arguments.rush} in a minute", _rush(students, arguments.rush))
            ended = [json.loads(line) for line in log.read_text().splitlines() if '"job_ended"' in line]
            print(f"of which in the server, at work: median {statistics.median(e['seconds'] for e in ended):.2f} s")


def _rush(students: Waiting, count: int) -> list[float]:
    """Have students hand in one after another within a minute, and all wait."""
    waits: list[float] = []
    threads = []
    for _ in range(count):
        threads.append(threading.Thread(target=lambda: waits.append(students.wait())))
        threads[-1].start()
        time.sleep(60 / count)
    for thread in threads:
        thread.join()
    return waits


def _row(name: str, waits: list[float]) -> None:
    ordered = sorted(waits)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    print(f"{name:24} {statistics.median(ordered):8.2f} {p95:8.2f} {ordered[-1]:8.2f}", flush=True)


@contextmanager
def _serving(root: Path, log: Path) -> Iterator[Path]:
    command = [Path(sys.executable).with_name("course"), "--root", root, "serve", "--listen", "127.0.0.1:0"]
    with log.open("wb") as stream:
        server = subprocess.Popen(list(map(os.fspath, command)), stdout=stream, stderr=stream)
    try:
        while '"serving"' not in log.read_text():
            if server.poll() is not None:
                raise SystemExit(log.read_text())
            time.sleep(0.1)
        yield log
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


if __name__ == "__main__":
    main()
