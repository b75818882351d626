"""A Dask cluster as a pool of workers; the one place that speaks to Dask.

`course cluster init` makes certificates, `course cluster scheduler` and `course cluster worker ADDRESS` start what
needs them: one process a machine, so one warm zygote, and one submission a thread. Nothing unencrypted leaves this
machine. A worker proves its versions before it gets work; one that differs is named and gets none.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from closed_doors.classroom import worker_versions
from closed_doors.classroom.cluster_certificates import FOLDER, role_files
from closed_doors.classroom.grade_submission import Assignment
from closed_doors.classroom.local_pool import Pool
from closed_doors.classroom.worker_versions import difference, versions_here
from closed_doors.core.errors import CourseError, ExecutionError

CONNECT_S = 10
ALONE_S = 30
PROVE_S = 60
LIBRARIES = ("numpy", "ipython", "closed-doors")
LOGGERS = (
    *("distributed", "distributed.client", "distributed.core", "distributed.utils", "distributed.utils_comm"),
    *("tornado", "tornado.application", "asyncio"),
)
Say = Callable[[str], None]


class _Client(Protocol):
    """What is used of Dask's client, which has no types."""

    status: str

    def nthreads(self) -> dict[str, int]: ...
    def get_versions(self) -> Mapping[str, Mapping[str, Mapping[str, Mapping[str, str]]]]: ...
    def run(
        self, function: object, *args: object, workers: Sequence[str], on_error: str
    ) -> Mapping[str, Mapping[str, str] | BaseException]: ...
    def get_executor(self, *, pure: bool, retries: int, workers: Sequence[str]) -> Executor: ...
    def scatter(self, data: Assignment, *, workers: Sequence[str], broadcast: bool) -> Assignment: ...
    def wait_for_workers(self, n_workers: int, timeout: float) -> None: ...
    def close(self, timeout: float) -> None: ...


def _silent(_: str) -> None:
    return None


@contextmanager
def dask_pool(address: str, root: Path | None = None, say: Say = _silent) -> Iterator[Pool]:
    """Offer the workers of the Dask scheduler at an address such as tls://10.0.0.5:8786.

    Args:
        address: of the scheduler; tcp:// on this machine only.
        root: the folder that holds the cluster's certificates; where there are none, only tcp:// is spoken.
        say: told of workers that get no work, and why.

    Raises:
        CourseError: Dask is not installed, the address would be reached unencrypted, nothing answers there, or no
            worker is fit.
    """
    client = _connected(address, root)
    try:
        threads = _threads(client)
        if not threads:
            raise CourseError(
                f"The Dask scheduler at {address} has no worker. Start one on each machine that grades: "
                f"`course cluster worker {address}`."
            )
        unfit = _unfit(client, list(threads))
        for worker, why in sorted(unfit.items()):
            say(f"The worker {worker} gets no work, its marks could differ: {why}.")
        fit = {worker: count for worker, count in threads.items() if worker not in unfit}
        if not fit:
            reasons = "".join(f"\n  {worker}: {why}" for worker, why in sorted(unfit.items()))
            raise CourseError(
                f"No worker at {address} is fit to grade:{reasons}\nInstall the same requirements.lock everywhere."
            )
        workers = sorted(fit)
        alive = _Watch(client, workers)

        def share(assignment: Assignment) -> Assignment:
            return client.scatter(assignment, workers=workers, broadcast=True)

        yield Pool(
            client.get_executor(pure=False, retries=2, workers=workers),
            sum(fit.values()),
            f"{len(fit)} Dask worker{'s' if len(fit) > 1 else ''} at {address}",
            share,
            alive.check,
        )
    finally:
        client.close(timeout=CONNECT_S)


def wait_for_workers(address: str, root: Path, count: int, seconds: float) -> None:
    """Wait until a cluster has so many workers, and until its scheduler is there at all.

    Raises:
        CourseError: it has not, after this time.
    """
    end = time.monotonic() + seconds
    client = _connected(address, root, seconds)
    try:
        client.wait_for_workers(count, timeout=max(end - time.monotonic(), 0.1))
    except TimeoutError as error:
        found = len(_threads(client))
        raise CourseError(f"{address} has {found} of {count} workers after {seconds:g} s.") from error
    finally:
        client.close(timeout=CONNECT_S)


def _connected(address: str, root: Path | None, seconds: float | None = None) -> _Client:
    timeout = CONNECT_S if seconds is None else seconds
    try:
        from distributed import Client
        from distributed.security import Security
    except ImportError as error:
        raise CourseError("Grading on a cluster needs Dask: pip install 'closed-doors[cluster]'.") from error
    for name in LOGGERS:  # of what goes wrong, this module says a sentence
        logging.getLogger(name).setLevel(logging.CRITICAL)
    security = Security()
    encrypted = address.startswith("tls://")
    if encrypted:
        files = role_files((root or Path.cwd()) / FOLDER, "client")
        security = Security(
            tls_ca_file=str(files.ca),
            tls_client_cert=str(files.certificate),
            tls_client_key=str(files.key),
            require_encryption=True,
        )
    elif not _is_here(address):
        raise CourseError(
            f"{address} would be reached unencrypted, and whoever reaches such a scheduler runs code as the workers' "
            "account and reads hidden tests. `course cluster init` makes certificates; start scheduler and workers by "
            "`course cluster scheduler` and `course cluster worker`, and give their address, which begins with tls://."
        )
    try:
        client: _Client = Client(address, timeout=timeout, set_as_default=False, security=security)
    except (OSError, ValueError, TypeError) as error:
        refused = "; or its certificates are another cluster's" if encrypted else ""
        raise CourseError(
            f"No Dask scheduler answers at {address} ({error}){refused}. Start one with `course cluster scheduler`, or "
            "leave --scheduler out to grade on this machine."
        ) from error
    return client


def _is_here(address: str) -> bool:
    host = urlsplit(address if "://" in address else f"tcp://{address}").hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or address.startswith("inproc://")


def _unfit(client: _Client, workers: Sequence[str]) -> dict[str, str]:
    """Return why workers would not grade as this machine does, by worker."""
    import cloudpickle

    wanted = versions_here(LIBRARIES)
    said = client.get_versions()["workers"]
    other = {w: str(said[w]["host"]["python"]).split(".final")[0] for w in workers if w in said}
    unfit = {w: difference(_python(wanted), {"Python": v}) for w, v in other.items() if v != wanted["Python"]}
    cloudpickle.register_pickle_by_value(worker_versions)
    try:
        same = [worker for worker in workers if worker not in unfit]
        answers = client.run(versions_here, LIBRARIES, workers=same, on_error="return") if same else {}
    finally:
        cloudpickle.unregister_pickle_by_value(worker_versions)
    for worker, answer in answers.items():
        why = (
            f"it could not say its versions ({type(answer).__name__}: {answer})"
            if isinstance(answer, BaseException)
            else difference(wanted, answer)
        )
        if why:
            unfit[worker] = why
    return unfit


def _python(versions: Mapping[str, str]) -> dict[str, str]:
    return {"Python": versions["Python"]}


class _Watch:
    """Notices that a cluster has lost all its workers, for which Dask itself would wait for ever."""

    def __init__(self, client: _Client, workers: Sequence[str]) -> None:
        self._client = client
        self._workers = frozenset(workers)
        self._seen = time.monotonic()

    def check(self) -> None:
        if self._client.status != "running":
            raise ExecutionError("The Dask scheduler is gone. What was graded is recorded; run again to go on.")
        if self._workers.intersection(_threads(self._client)):
            self._seen = time.monotonic()
        elif time.monotonic() - self._seen > ALONE_S:
            raise ExecutionError(
                f"The Dask scheduler has had no worker for {ALONE_S} s. What was graded is recorded; start workers and "
                "run again to go on."
            )


def _threads(client: _Client) -> dict[str, int]:
    """Return the number of threads of each worker."""
    try:
        return dict(client.nthreads())
    except (OSError, TimeoutError):
        return {}
