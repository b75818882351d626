"""A class graded into a real PostgreSQL server, started for these tests."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from closed_doors.classroom.class_run import Options
from closed_doors.nbgrader.api import NbgraderCourse
from support.courses import ASSIGNMENT, COMMENTS, GRADES, HALF, RIGHT, WRONG, SmallCourse, make_course, master
from support.grading_run import autograde, command

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
BINARIES = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)
NOBODY = 65534  # the server refuses to run as root


def as_anybody(*command: str | Path) -> list[str]:
    prefix = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
    return [*prefix, *map(str, command)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own on a free port of this machine; yields the address of an empty database."""
    if BINARIES is None or not shutil.which("setpriv"):
        pytest.skip("PostgreSQL is not installed")
    folder = Path("/tmp") / f"postgres-{os.getpid()}"
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = folder / "data"
    initdb = as_anybody(BINARIES / "initdb", "-D", data, "-U", "course", "-A", "trust", "--no-sync", "-E", "UTF8")
    subprocess.run(initdb, check=True, capture_output=True, cwd=folder)
    start = as_anybody(BINARIES / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder, "-F")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(start, stdout=log, stderr=log, cwd=folder)
    url = f"postgresql+psycopg://course@127.0.0.1:{port}/postgres"
    deadline = time.monotonic() + 60
    while True:
        try:
            rows(url, "SELECT 1")
            break
        except sa.exc.OperationalError:
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.2)
    yield url
    process.send_signal(signal.SIGINT)  # at once, whoever is connected
    process.wait(30)
    shutil.rmtree(folder)


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    engine = sa.create_engine(url)
    with engine.connect() as db:
        found = [tuple(row) for row in db.execute(sa.text(query))]
    engine.dispose()
    return sorted(found, key=repr)


def test_grades_are_those_of_sqlite(server: str, tmp_path: Path) -> None:
    """The same class gives the same rows; it is graded once, and nbgrader reads and marks it there."""
    course = make_course(tmp_path / "postgresql", f"\nc.CourseDirectory.db_url = {server!r}\n")
    other = make_course(tmp_path / "sqlite")
    for each in (course, other):
        for student, answer in (("alice", RIGHT), ("bruno", HALF), ("chloé", WRONG)):
            each.submit(student, answer)
    assert autograde(course).graded == 3
    autograde(other)
    for query in (GRADES, COMMENTS):
        ours = [tuple(bool(v) if isinstance(v, bool) else v for v in row) for row in rows(server, query)]
        assert ours == sorted(other.rows(query), key=repr) or ours == sorted(_with_booleans(other, query), key=repr)
    assert autograde(course).unchanged == 3
    stock = NbgraderCourse(course.root)
    stock.mark_by_hand(ASSIGNMENT, ASSIGNMENT, "question", "alice", 2, "Oui.")
    autograde(course, Options(force=True))
    mark = stock.mark(ASSIGNMENT, "alice")
    assert mark is not None
    assert (mark.score, mark.needs_manual_grade) == (6, False)
    assert stock.export_csv(tmp_path / "grades.csv") == 3


def _with_booleans(course: SmallCourse, query: str) -> list[tuple[Any, ...]]:
    """SQLite has no booleans: 0 and 1 stand in the last column of grades."""
    if query != GRADES:
        return course.rows(query)
    return [(*row[:-1], bool(row[-1])) for row in course.rows(query)]


def test_cells_change_after_grading(server: str, tmp_path: Path) -> None:
    """Exercises are taken out and come back there as well, with types that PostgreSQL checks."""
    course = make_course(tmp_path / "course", f"\nc.CourseDirectory.db_url = {server!r}\n")
    course.submit("alice", RIGHT)
    autograde(course, Options(("alice",), force=True))
    stock = NbgraderCourse(course.root)
    stock.mark_by_hand(ASSIGNMENT, ASSIGNMENT, "question", "alice", 2, "Oui.")
    for cells, score in ((slice(3), 4), (slice(None), 6)):
        changed = master()
        changed.cells = changed.cells[cells]
        course.set_master(changed)
        command(course)[0].regrade((), dry_run=False)
        mark = stock.mark(ASSIGNMENT, "alice")
        assert mark is not None
        assert (mark.score, mark.max_score) == (score, score)
