"""Grading in the warm process of a server that runs for the course: no imports to wait for.

A server listens on a socket in the course's folder that is its account's alone, and grades what it is sent there: an
assignment once, then one submission after another. Gradebook and folders stay with who asks. A server of another
version is not asked.
"""

import http.client
import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from closed_doors.classroom.fingerprint import environment
from closed_doors.classroom.grade_submission import Assignment, GradedSubmission, Submission
from closed_doors.classroom.local_pool import Pool
from closed_doors.core.errors import ExecutionError
from closed_doors.core.local_sockets import connected
from closed_doors.grading.master_proof import Refusal

SOCKET = ".serve.sock"
CONNECT_S = 5.0
LONGEST_S = 1200.0  # a submission's slot on the clock, and its wait for one
Reply = TypeVar("Reply")


class Versions(msgspec.Struct, frozen=True):
    """What a server grades with: the hash that decides marks, and how many at a time."""

    environment: str
    slots: int


class GradeRequest(msgspec.Struct, frozen=True):
    """One submission to an assignment that was sent before, by its digest."""

    assignment: str
    submission: Submission


class ProofRequest(msgspec.Struct, frozen=True):
    """A master of an assignment that was sent before."""

    assignment: str
    notebook: str


class RunningServer:
    """A server that runs for a course.

    Args:
        root: the course's folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._sent: dict[str, str] = {}
        self._asking: set[_Connection] = set()

    def fits(self, assignment: Assignment) -> bool:
        """Whether it answers, and grades as this process would."""
        try:
            found = self._ask("versions", assignment.libraries, Versions)
        except ExecutionError:
            return False
        self._slots = found.slots
        return found.environment == environment(assignment.libraries)

    def refusals(self, assignment: Assignment, notebook: str) -> list[Refusal]:
        """Return the cells of a master that its own solution misses there.

        Raises:
            ExecutionError: the server is gone.
        """
        return self._ask("refusals", ProofRequest(self._digest(assignment), notebook), list[Refusal])

    @contextmanager
    def pool(self) -> Iterator[Pool]:
        """Offer its slots."""
        executor = ThreadPoolExecutor(self._slots, thread_name_prefix="asking")
        try:
            yield Pool(executor, self._slots, "the server of this course", grade=self.grade)
        finally:
            executor.shutdown(wait=False, cancel_futures=True)
            for connection in list(self._asking):
                connection.hang_up()  # a run that is interrupted waits for no answer

    def grade(self, assignment: Assignment, submission: Submission) -> GradedSubmission:
        """Have one submission graded there.

        Raises:
            ExecutionError: the server is gone.
        """
        return self._ask("grade", GradeRequest(self._digest(assignment), submission), GradedSubmission)

    def _digest(self, assignment: Assignment) -> str:
        known = self._sent.get(assignment.digest)
        if known is None:
            known = self._sent[assignment.digest] = self._ask("assignment", assignment, str)
        return known

    def _ask(self, what: str, body: object, kind: type[Reply]) -> Reply:
        connection = _Connection(self._root)
        self._asking.add(connection)
        try:
            connection.request("POST", f"/{what}", msgspec.msgpack.encode(body))
            reply = connection.getresponse()
            data = reply.read()
        except (OSError, http.client.HTTPException) as error:
            raise ExecutionError(f"The course's server is gone ({error}).") from error
        finally:
            self._asking.discard(connection)
            connection.close()
        if reply.status != http.client.OK:
            raise ExecutionError(f"The course's server could not do it ({reply.status}); its log says why.")
        return msgspec.msgpack.decode(data, type=kind)


def running_server(root: Path) -> RunningServer | None:
    """Return the server that runs for a course; None where there is none that may be believed."""
    path = root / SOCKET
    try:
        if path.stat().st_uid not in (os.geteuid(), root.stat().st_uid):
            return None
        connected(root, SOCKET, CONNECT_S).close()
    except OSError:
        return None
    return RunningServer(root)


class _Connection(http.client.HTTPConnection):
    def __init__(self, root: Path) -> None:
        super().__init__("course", timeout=LONGEST_S)
        self._root = root

    def connect(self) -> None:
        self.sock = connected(self._root, SOCKET, CONNECT_S)
        self.sock.settimeout(LONGEST_S)

    def hang_up(self) -> None:
        """Let whoever waits for an answer go on without one."""
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)
