"""A PostgreSQL server, started for the tests that need one."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

BINARIES = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)
NOBODY = 65534  # the server refuses to run as root


def as_anybody(*command: str | Path) -> list[str]:
    prefix = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
    return [*prefix, *map(str, command)]


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on a free port of this machine; yields the address of its one database."""
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
            sa.create_engine(url, poolclass=sa.NullPool).connect().close()
            break
        except sa.exc.OperationalError:
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.2)
    yield url
    process.send_signal(signal.SIGINT)  # at once, whoever is connected
    process.wait(30)
    shutil.rmtree(folder)
