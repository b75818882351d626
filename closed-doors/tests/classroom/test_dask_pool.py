"""A class graded on a real Dask cluster: a scheduler and workers that are processes of their own."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from closed_doors.classroom import dask_pool as cluster
from closed_doors.classroom.class_run import Options, Run
from closed_doors.classroom.cluster_certificates import FOLDER, make_certificates
from closed_doors.classroom.dask_pool import dask_pool
from closed_doors.core.errors import CourseError, ExecutionError
from closed_doors.nbgrader.settings import read_settings
from support.courses import ASSIGNMENT, RIGHT, TESTS, SmallCourse, master
from support.grading_run import autograde, command

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.filterwarnings("ignore"),  # Dask's own, of unclosed sockets and small chunks
]
DASK = str(Path(sys.executable).with_name("dask"))


class Cluster:
    """A scheduler on a free port of this machine, and its workers."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self.processes: list[subprocess.Popen[bytes]] = []
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        deadline = time.monotonic() + 60
        while not (found := re.search(r"Scheduler at:\s+(tcp://\S+)", log.read_text())):
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        self.address = found[1]

    def add_worker(self, **environment: str) -> subprocess.Popen[bytes]:
        alone = ("--nworkers", "1", "--nthreads", "2", "--no-dashboard", "--no-nanny")
        return self._start("worker", self.address, *alone, **environment)

    def _start(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as stream:
            process = subprocess.Popen(
                [DASK, *arguments],
                stdout=stream,
                stderr=stream,
                cwd=self._log.parent,
                env={**os.environ, **environment},
            )
        self.processes.append(process)
        return process

    def close(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)
            process.kill()
            process.wait()


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[Cluster]:
    (tmp_path / "dask.log").touch()
    started = Cluster(tmp_path / "dask.log")
    yield started
    started.close()


ALERT = b"\x15\x03"  # how TLS says no


def answered(plain: socket.socket) -> bytes:
    """The first two bytes of what comes back; none where the other side hangs up."""
    try:
        return plain.recv(2)
    except ConnectionResetError:
        return b""


@contextlib.contextmanager
def running(root: Path, log: Path, *words: str) -> Iterator[str]:
    """Run a part of `course cluster`; yields the address that it says."""
    with log.open("wb") as stream:
        command = [str(Path(DASK).with_name("course")), "--root", str(root), "cluster", *words]
        process = subprocess.Popen(command, stdout=stream, stderr=stream)
    try:
        deadline = time.monotonic() + 120
        while not (found := re.search(r"(?:Scheduler at|Start worker at):\s+(tls://\S+)", log.read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield found[1]
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(15)
        process.kill()
        process.wait()


def wait_for_some(address: str, root: Path) -> None:
    cluster.wait_for_workers(address, root, 1, 120)


def wait_for_workers(address: str, count: int) -> None:
    from distributed import Client

    with Client(address, timeout=30) as client:
        client.wait_for_workers(count, timeout=60)


def test_a_client_without_a_certificate_gets_nothing(class_of_four: SmallCourse, tmp_path: Path) -> None:
    """A cluster by certificates grades a class; without one, or with another cluster's, nobody connects."""
    root = class_of_four.root
    make_certificates(root / FOLDER)
    make_certificates(tmp_path / "other" / FOLDER)
    with running(root, tmp_path / "log", "scheduler", "--host", "127.0.0.1", "--port", "0") as address:
        assert address.startswith("tls://127.0.0.1:")
        with running(root, tmp_path / "worker.log", "worker", address, "--threads", "2"):
            wait_for_some(address, root)
            assert autograde(class_of_four, Options(), dask_pool(address, root)).graded == 3
        for wrong in (address.replace("tls://", "tcp://"), address):
            with pytest.raises(CourseError, match=r"No Dask scheduler answers|missing"):
                autograde(class_of_four, Options(force=True), dask_pool(wrong, tmp_path / "other"))
        with pytest.raises(CourseError, match="is missing"):
            autograde(class_of_four, Options(force=True), dask_pool(address, tmp_path))
        host, port = address.removeprefix("tls://").split(":")
        with socket.create_connection((host, int(port)), timeout=60) as plain:
            plain.settimeout(60)
            plain.sendall(b"\x01" + bytes(63))
            assert answered(plain) in (b"", ALERT)


def test_nothing_unencrypted_leaves_the_machine(class_of_four: SmallCourse) -> None:
    """Such an address is refused before anything is sent, with what to do."""
    for address in ("tcp://10.0.0.5:8786", "10.0.0.5:8786", "tcp://example.org:8786", "ws://10.0.0.5:80"):
        with pytest.raises(CourseError, match="cluster init"):
            autograde(class_of_four, Options(), dask_pool(address, class_of_four.root))


def test_a_worker_with_other_versions_is_named_and_gets_no_work(
    class_of_four: SmallCourse, dask: Cluster, tmp_path: Path
) -> None:
    """One of two has another version of the grader: the other one grades everybody."""
    shadow = tmp_path / "shadow"
    shadow.mkdir()
    (shadow / "sitecustomize.py").write_text(
        "import importlib.metadata as m\nreal = m.version\n"
        "m.version = lambda name: '0.0.1' if name == 'closed-doors' else real(name)\n"
    )
    dask.add_worker(PYTHONPATH=str(shadow))
    wait_for_workers(dask.address, 1)
    with pytest.raises(CourseError, match=r"closed-doors is 0\.0\.1 and not"):
        autograde(class_of_four, Options(), dask_pool(dask.address))
    dask.add_worker()
    wait_for_workers(dask.address, 2)
    said: list[str] = []
    assert autograde(class_of_four, Options(), dask_pool(dask.address, say=said.append)).graded == 3
    assert len(said) == 1
    assert "gets no work" in said[0]


def test_a_dead_scheduler_is_a_sentence(class_of_four: SmallCourse, dask: Cluster) -> None:
    """It dies in mid-run: the command says so on one line, and prints no traceback."""
    for number in range(12):
        class_of_four.submit(f"eleve-{number:02}", f"{RIGHT}\nimport time; time.sleep(1)\n# {number}")
    dask.add_worker()
    wait_for_workers(dask.address, 1)
    course = [str(Path(sys.executable).with_name("course")), "--root", str(class_of_four.root)]
    command = [*course, "autograde", ASSIGNMENT, "--scheduler", dask.address]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    deadline = time.monotonic() + 120
    while not class_of_four.grades():
        assert run.poll() is None, run.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.2)
    dask.processes[0].send_signal(signal.SIGKILL)
    said, _ = run.communicate(timeout=200)
    assert run.returncode == 1
    assert re.search(r"scheduler is gone|A worker was lost", said)
    assert "Traceback" not in said


def test_marks_are_those_of_this_machine(class_of_four: SmallCourse, dask: Cluster) -> None:
    """From two workers with a zygote each: the same gradebook and the same verdict files, to the byte."""
    autograde(class_of_four)
    wanted = class_of_four.everything(), class_of_four.verdicts()
    for _ in range(2):
        dask.add_worker()
    wait_for_workers(dask.address, 2)
    summary = autograde(class_of_four, Options(force=True), dask_pool(dask.address))
    assert summary.graded == 3
    assert (class_of_four.everything(), class_of_four.verdicts()) == wanted


def test_what_is_too_slow_is_judged_alone_there_and_regrading_works_there(course: SmallCourse, dask: Cluster) -> None:
    """A worker grades the slow one again by itself, and `course regrade` records what a changed test gives there."""
    course.set_master(master(TESTS.replace("points=4", "points=4, timeout_s=0.5")))
    course.submit("alice", RIGHT)
    course.submit("bruno", "def double(n):\n    while n < 0: pass\n    return 2 * n")
    dask.add_worker()
    wait_for_workers(dask.address, 1)
    assert autograde(course, Options(), dask_pool(dask.address)).graded == 2
    assert json.loads(course.verdicts()[f"bruno/{ASSIGNMENT}/{ASSIGNMENT}.json"])["judged_alone"]
    assert automatic(course) == {"alice": 4.0, "bruno": 2.0}
    course.set_master(master(TESTS.replace("points=4", "points=4, timeout_s=0.5").replace("[10, -6]", "[10, -7]")))
    runner, console = command(course, dask.address)
    runner.regrade((), dry_run=True)
    assert automatic(course) == {"alice": 4.0, "bruno": 2.0}
    runner.regrade((), dry_run=False)
    assert automatic(course) == {"alice": 2.0, "bruno": 2.0}
    assert "4 → 2" in console.export_text()


def automatic(course: SmallCourse) -> dict[str, object]:
    return {student: row[0] for (student, cell), row in course.grades().items() if cell == "verification"}


def test_a_lost_worker_costs_nothing(class_of_four: SmallCourse, dask: Cluster) -> None:
    """One of two workers is killed in mid-run: the other does its work, and nobody is lost."""
    for number in range(30):
        class_of_four.submit(f"eleve-{number:02}", f"{RIGHT}\nimport time; time.sleep(0.2)\n# {number}")
    victim = dask.add_worker()
    dask.add_worker()
    wait_for_workers(dask.address, 2)
    killed = []

    def kill_once(done: int, _: int) -> None:
        if done >= 6 and not killed:
            victim.send_signal(signal.SIGKILL)
            killed.append(victim)

    run = Run(read_settings(class_of_four.root), ASSIGNMENT, Options())
    todo, _ = run.plan()
    summary = run.grade(todo, dask_pool(dask.address), kill_once)
    assert killed
    assert summary.graded == 33
    assert summary.failed == []
    assert len(class_of_four.grades()) == 68


def test_a_cluster_without_a_worker_is_said_to_be_one(
    class_of_four: SmallCourse, dask: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the run, and when the last worker goes in the middle of it; the next run carries on."""
    with pytest.raises(CourseError, match="has no worker"):
        autograde(class_of_four, Options(), dask_pool(dask.address))
    monkeypatch.setattr(cluster, "ALONE_S", 2)
    class_of_four.submit("eve", f"{RIGHT}\nimport time; time.sleep(8)")
    only = dask.add_worker()
    wait_for_workers(dask.address, 1)

    def kill(done: int, _: int) -> None:
        if done == 1:
            only.send_signal(signal.SIGKILL)

    run = Run(read_settings(class_of_four.root), ASSIGNMENT, Options())
    todo, _ = run.plan()
    with pytest.raises(ExecutionError, match=r"no worker for 2 s|A worker was lost"):
        run.grade(todo, dask_pool(dask.address), kill)
    assert autograde(class_of_four).unchanged >= 1
    assert len(class_of_four.grades()) == 10


def test_an_address_where_nobody_answers_is_named(class_of_four: SmallCourse, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what to start."""
    monkeypatch.setattr(cluster, "CONNECT_S", 1)
    with pytest.raises(CourseError, match="No Dask scheduler answers"):
        autograde(class_of_four, Options(), dask_pool("tcp://127.0.0.1:9"))
