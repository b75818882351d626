"""A PostgreSQL server, started for the tests that need one; some kill it to know what becomes of their work."""

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa

BINARIES = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)
NOBODY = 65534  # the server refuses to run as root
LONG_S = 120.0


def as_anybody(*command: str | Path) -> list[str]:
    prefix = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
    return [*prefix, *map(str, command)]


@dataclass
class PostgreSQL:
    """A server of this machine, with one database.

    Attributes:
        options: settings that differ from PostgreSQL's own, as `name=value`.
    """

    folder: Path
    port: int
    options: tuple[str, ...] = ()
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://course@127.0.0.1:{self.port}/postgres"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def start(self) -> None:
        """Start it, and wait until it answers; what a killed one left may have to go first."""
        assert BINARIES is not None
        place = ["-D", self.folder / "data", "-p", str(self.port), "-h", "127.0.0.1", "-k", self.folder]
        settings = [part for option in self.options for part in ("-c", option)]
        deadline = time.monotonic() + LONG_S
        while not self._answers():
            assert time.monotonic() < deadline, self.log.read_text()
            if self._process is None or self._process.poll() is not None:
                with self.log.open("ab") as log:
                    command = as_anybody(BINARIES / "postgres", *map(str, place), *settings)
                    self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
            time.sleep(0.1)

    def kill(self, draw: random.Random) -> str:
        """SIGKILL the server, one process that serves somebody, or all of them; return what it was."""
        assert self._process is not None
        serving = self._children()
        what = draw.choice(("postmaster", "backend", "all"))
        if what == "backend" and serving:
            _kill(draw.choice(serving))
            return what
        _kill(self._process.pid)
        self._process.wait(LONG_S)
        if what == "all":
            for process in serving:
                _kill(process)
        return what

    def stop(self) -> None:
        """Stop it at once, whoever is connected."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(LONG_S)

    def _answers(self) -> bool:
        try:
            sa.create_engine(self.url, poolclass=sa.NullPool).connect().close()
        except sa.exc.OperationalError:
            return False
        return True

    def _children(self) -> list[int]:
        assert self._process is not None
        path = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [int(number) for number in path.read_text().split()]


@contextmanager
def running(*options: str) -> Iterator[PostgreSQL]:
    """A new server on a free port, in a folder that goes with it."""
    if BINARIES is None or not shutil.which("setpriv"):
        pytest.skip("PostgreSQL is not installed")
    with tempfile.TemporaryDirectory(prefix="postgres-", dir="/tmp") as folder, socket.socket() as probe:
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        initdb = [BINARIES / "initdb", "-D", Path(folder, "data"), "-U", "course", "-A", "trust", "--no-sync"]
        subprocess.run(as_anybody(*initdb, "-E", "UTF8"), check=True, capture_output=True, cwd=folder)
        server = PostgreSQL(Path(folder), port, options)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """The address of a database that the tests of a file share; it need not outlast a power cut."""
    with running("fsync=off") as server:
        yield server.url


@pytest.fixture
def mortal_postgresql() -> Iterator[PostgreSQL]:
    """A server of the test's own, as it is installed: what it has confirmed is on the disk."""
    with running() as server:
        yield server


def _kill(process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
