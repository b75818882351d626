"""`course serve` as a process, from hand-ins in a real exchange to pages where nbgrader looks for them."""

import contextlib
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from closed_doors.classroom.running_server import SOCKET, running_server
from closed_doors.nbgrader.gradebook_reader import read_marks
from closed_doors.nbgrader.hand_in_queue import State
from closed_doors.nbgrader.settings import read_settings
from support.courses import ASSIGNMENT, HALF, RIGHT, WRONG, SmallCourse
from support.grading_run import autograde
from support.served import PROGRAM, Served

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


WITHOUT_SANDBOX = """
import errno, sys
import pyseccomp
rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
rules.add_rule(pyseccomp.ERRNO(errno.EPERM), "unshare")
rules.load()
{program}
"""
COMMAND = "from closed_doors.cli.main import main; main()"
JUPYTER = "from jupyter_server.serverapp import main; main()"
LONG_S = 120.0


@pytest.fixture
def served(registered: SmallCourse, tmp_path: Path) -> Iterator[Served]:
    shutil.copytree(registered.root, tmp_path / "course")
    exchange = tmp_path / "exchange"
    (exchange / "petit-cours" / "inbound").mkdir(parents=True)
    with (tmp_path / "course" / "nbgrader_config.py").open("a") as config:
        config.write(f'\nc.Exchange.root = "{exchange}"\nc.ExchangeCollect.check_owner = False\n')
    found = Served(SmallCourse(tmp_path / "course"), exchange, tmp_path / "serve.log")
    yield found
    found.kill()


def scores(served: Served) -> dict[str, float]:
    marks = read_marks(read_settings(served.root).db_url, ASSIGNMENT)
    return {name: one.notebooks[ASSIGNMENT].score for name, one in marks.items()}


def test_work_is_graded_as_it_arrives(served: Served) -> None:
    """Each hand-in has its page under its own secret; `course autograde` finds nothing to do after it."""
    served.start()
    pages = {student: served.submit(student, answer) for student, answer in (("alice", RIGHT), ("bruno", HALF))}
    assert "alice" in served.page(pages["alice"])
    assert "bruno" in served.page(pages["bruno"])
    again = served.submit("bruno", RIGHT)
    served.page(again)
    assert scores(served) == {"alice": 4, "bruno": 4}
    assert served.wait_until_done() == {State.GRADED: 3}
    served.stop()
    assert autograde(served.course).unchanged == 2
    assert "alice" not in served.log.read_text()


@contextlib.contextmanager
def formgrader(served: Served, tmp_path: Path) -> Iterator[str]:
    """A Jupyter server in the course's folder, which can make no sandbox: the address of formgrader's interface."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {
        "ip": "127.0.0.1",
        "port": port,
        "port_retries": 0,
        "allow_root": True,
        "open_browser": False,
        "root_dir": served.root,
        "disable_check_xsrf": True,
        "jpserver_extensions": {"nbgrader.server_extensions.formgrader": True},
    }
    command = [sys.executable, "-c", WITHOUT_SANDBOX.format(program=JUPYTER), "--IdentityProvider.token=secret"]
    command += [f"--ServerApp.{name}={value}" for name, value in options.items()]
    own = {"JUPYTER_CONFIG_DIR": str(tmp_path / "config"), "JUPYTER_DATA_DIR": str(tmp_path / "data")}
    with (tmp_path / "jupyter.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=served.root, env={**os.environ, **own}, stdout=log, stderr=log)
    try:
        until = time.monotonic() + LONG_S
        while time.monotonic() < until and process.poll() is None:
            with contextlib.suppress(requests.ConnectionError):
                requests.get(f"http://127.0.0.1:{port}/api", timeout=LONG_S)
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/formgrader/api"
    finally:
        process.terminate()
        process.wait(60)


def test_formgraders_button_grades_in_the_servers_process(served: Served, tmp_path: Path) -> None:
    """The button gives what it gives without a server, where no sandbox can be made: marks, notebook and verdict."""
    work = served.course.submit("bruno", HALF)
    alone = [sys.executable, "-m", "nbgrader", "autograde", ASSIGNMENT, "--student", "bruno"]
    assert subprocess.run(alone, cwd=served.root, capture_output=True, check=False).returncode == 0
    wanted = served.course.everything(), served.course.verdicts()
    served.start()
    with formgrader(served, tmp_path) as address:

        def press() -> dict[str, object]:
            place = f"{address}/submission/{ASSIGNMENT}/bruno/autograde"
            answer = requests.post(place, headers={"Authorization": "token secret"}, timeout=LONG_S)
            assert answer.status_code == 200, answer.text
            return dict(answer.json())

        assert press()["success"], (tmp_path / "jupyter.log").read_text()
        assert (served.course.everything(), served.course.verdicts()) == wanted
        os.utime(work)
        served.kill()
        assert not press()["success"]


def test_killed_at_any_moment_nothing_is_lost_or_graded_twice(served: Served) -> None:
    """A server is killed while work comes (KILLS says how often): each hand-in has its one mark, and its page."""
    draw = random.Random(7)
    pages = {}
    for number in range(int(os.environ.get("KILLS", "3"))):
        served.start()
        for student in (f"eleve-{number}-{n}" for n in range(4)):
            pages[student] = served.submit(student, f"{draw.choice((RIGHT, HALF, WRONG))}\n# {student}")
        time.sleep(draw.uniform(0.2, 2.5))
        served.kill()
    served.start()
    for page in pages.values():
        served.page(page)
    counts = served.wait_until_done()
    assert counts == {State.GRADED: len(pages)}
    assert len(scores(served)) == len(pages)
    assert len(served.course.rows("SELECT * FROM closed_door_hand_in")) == len(pages)


def test_the_command_line_grades_in_the_servers_process(served: Served) -> None:
    """`course autograde` gives the same marks and files there, although it could make no sandbox of its own."""
    for student, answer in (("alice", RIGHT), ("bruno", HALF), ("chloé", WRONG)):
        served.course.submit(student, answer)
    autograde(served.course)
    wanted = served.course.everything(), served.course.verdicts()
    served.start()
    assert (served.root / SOCKET).stat().st_mode & 0o777 == 0o600
    command = [PROGRAM, "--root", str(served.root), "autograde", ASSIGNMENT, "--force"]
    alone = [sys.executable, "-c", WITHOUT_SANDBOX.format(program=COMMAND), *command[1:]]
    done = subprocess.run(alone, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (served.course.everything(), served.course.verdicts()) == wanted
    assert running_server(served.root) is not None
    served.kill()
    assert running_server(served.root) is None  # its socket is left, and answers nobody
    assert subprocess.run(alone, capture_output=True, check=False).returncode == 1
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert (served.course.everything(), served.course.verdicts()) == wanted
