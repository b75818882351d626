"""A Dask cluster as a pool of workers; the one place that speaks to Dask.

Start `dask scheduler` on one machine and, on each machine that grades, `dask worker ADDRESS --nworkers 1`: one
process, so one warm zygote a machine, and one submission a thread.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from closed_doors.classroom.local_pool import Pool
from closed_doors.core.errors import CourseError, ExecutionError

CONNECT_S = 10
ALONE_S = 30


@contextmanager
def dask_pool(address: str) -> Iterator[Pool]:
    """Offer the workers of the Dask scheduler at an address such as tcp://10.0.0.5:8786.

    Raises:
        CourseError: Dask is not installed, nothing answers at the address, or the scheduler has no worker.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise CourseError("Grading on a cluster needs Dask: pip install distributed.") from error
    connect: Any = Client  # Dask has no types
    try:
        client = connect(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise CourseError(
            f"No Dask scheduler answers at {address} ({error}). Start one with `dask scheduler`, or leave --scheduler "
            "out to grade on this machine."
        ) from error
    try:
        workers = _threads(client)
        if not workers:
            raise CourseError(
                f"The Dask scheduler at {address} has no worker. Start one on each machine that grades: "
                f"`dask worker {address} --nworkers 1`."
            )
        alive = _Watch(client)
        yield Pool(
            client.get_executor(pure=False, retries=2),
            sum(workers.values()),
            f"{len(workers)} Dask worker{'s' if len(workers) > 1 else ''} at {address}",
            lambda assignment: client.scatter(assignment, broadcast=True),
            alive.check,
        )
    finally:
        client.close(timeout=CONNECT_S)


class _Cluster(Protocol):
    status: str

    def nthreads(self) -> dict[str, int]: ...


class _Watch:
    """Notices that a cluster has lost all its workers, for which Dask itself would wait for ever."""

    def __init__(self, client: _Cluster) -> None:
        self._client = client
        self._seen = time.monotonic()

    def check(self) -> None:
        if self._client.status != "running":
            raise ExecutionError("The Dask scheduler is gone. What was graded is recorded; run again to go on.")
        if _threads(self._client):
            self._seen = time.monotonic()
        elif time.monotonic() - self._seen > ALONE_S:
            raise ExecutionError(
                f"The Dask scheduler has had no worker for {ALONE_S} s. What was graded is recorded; start workers and "
                "run again to go on."
            )


def _threads(client: _Cluster) -> dict[str, int]:
    """Return the number of threads of each worker."""
    try:
        return dict(client.nthreads())
    except (OSError, TimeoutError):
        return {}
