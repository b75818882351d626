"""A grading server as a process of its own, over a small course with an exchange; and students who hand in."""

import base64
import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import nbformat

from closed_doors.nbgrader.hand_in_queue import HandInQueue, State
from closed_doors.nbgrader.settings import read_settings
from support.courses import ASSIGNMENT, SmallCourse, master

Found = TypeVar("Found")
COURSE = "petit-cours"
LONG_S = 240.0
PROGRAM = str(Path(sys.executable).with_name("course"))


@dataclass
class Served:
    """A course with an exchange, and servers over it.

    Attributes:
        log: what all servers have said.
    """

    course: SmallCourse
    exchange: Path
    log: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def root(self) -> Path:
        return self.course.root

    def queue(self) -> HandInQueue:
        found = HandInQueue(read_settings(self.root).db_url, COURSE, "test")
        found.prepare()
        return found

    def start(self, *options: str) -> str:
        """Start a server, and return its address once it serves."""
        before = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as stream:
            command = [PROGRAM, "--root", str(self.root), "serve", "--listen", "127.0.0.1:0", "--lease", "3", *options]
            self.processes.append(subprocess.Popen(command, stdout=stream, stderr=stream, start_new_session=True))

        def address() -> str | None:
            for event in self.events(before):
                if event["event"] == "serving":
                    return f"http://{event['address']}"
            assert self.processes[-1].poll() is None, self.log.read_text()
            return None

        return wait_for(address, self.log)

    def events(self, since: int = 0) -> list[dict[str, object]]:
        found = []
        for line in self.log.read_bytes()[since:].decode().splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                found.append(json.loads(line))
        return found

    def kill(self) -> None:
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGKILL)
            process.wait()
        self.processes.clear()

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            assert process.wait(LONG_S) == 0, self.log.read_text()
        self.processes.clear()

    def submit(self, student: str, answer: str) -> str:
        """Do what `nbgrader submit` does, in its order; return the name of the page that is looked for."""
        notebook = master()
        notebook.cells[1].source = answer
        notebook.cells[3].source = "Parce que."
        secret = secrets.token_hex(64)
        mark = base64.urlsafe_b64encode(os.urandom(9)).decode()
        folder = self.exchange / COURSE / "inbound" / f"{student}+{ASSIGNMENT}+{datetime.now(UTC):%F %T} UTC+{mark}"
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{ASSIGNMENT}.ipynb")
        (folder / "timestamp.txt").write_text(f"{datetime.now(UTC):%F %T} UTC")
        (folder / "submission_secret.txt").write_text(secret)
        from nbgrader.utils import notebook_hash

        return str(notebook_hash(secret=secret, notebook_id=ASSIGNMENT))

    def page(self, name: str) -> str:
        """Wait for a page, and return it."""
        path = self.exchange / COURSE / "feedback" / f"{name}.html"
        return wait_for(lambda: path.read_text(encoding="utf-8") if path.is_file() else None, self.log)

    def wait_until_done(self) -> dict[State, int]:
        def done() -> dict[State, int] | None:
            counts = {state: n for (_, state), n in self.queue().count().items()}
            return None if counts.keys() & {State.WAITING, State.LEASED} or self.queue().untold() else counts

        return wait_for(done, self.log)


def wait_for(look: Callable[[], Found | None], log: Path) -> Found:
    """Return what is found at last."""
    until = time.monotonic() + LONG_S
    while (found := look()) is None:
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.05)
    return found


def ask(
    address: str, path: str, token: str = "", data: bytes | None = None, kind: str = "application/x-ipynb+json"
) -> tuple[int, bytes, str]:
    """Return status, body and media type of what a server answers."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(
        address + path, data, headers | ({"Content-Type": kind} if data is not None else {})
    )
    try:
        with urllib.request.urlopen(request, timeout=LONG_S) as reply:
            return reply.status, reply.read(), reply.headers.get_content_type()
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers.get_content_type()
