"""What a server does for the command line of its own course, over a socket that is its account's alone."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import msgspec
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_unix_socket
from tornado.web import Application, HTTPError, RequestHandler

from closed_doors.classroom.fingerprint import environment
from closed_doors.classroom.grade_submission import Assignment
from closed_doors.classroom.kept_proofs import refusals_of
from closed_doors.classroom.local_pool import Pool
from closed_doors.classroom.running_server import SOCKET, GradeRequest, ProofRequest, Versions
from closed_doors.core.local_sockets import private_place
from closed_doors.serving.grading_server import GradingServer

LARGEST = 1 << 30
MOST_ASSIGNMENTS = 8
Kind = TypeVar("Kind")


class LocalApi:
    """Grades for the command line of one course.

    Args:
        root: the course's folder.
        server: whose threads wait.
        pool: where grading happens.
    """

    def __init__(self, root: Path, server: GradingServer, pool: Pool) -> None:
        self._root = root
        self._server = server
        self._pool = pool
        self._known: OrderedDict[str, Assignment] = OrderedDict()
        self.calls: dict[str, Callable[[bytes], Awaitable[object]]] = {
            "versions": self._versions,
            "assignment": self._assignment,
            "refusals": self._refusals,
            "grade": self._grade,
        }

    def listen(self) -> HTTPServer:
        """Listen on the socket in the course's folder, in place of one that a dead server has left."""
        http = HTTPServer(
            Application([(r"/(\w+)", _Call, {"api": self})], log_function=lambda _: None),
            max_body_size=LARGEST,
            max_buffer_size=LARGEST,
        )
        with private_place(self._root, SOCKET) as place:
            http.add_socket(bind_unix_socket(place, mode=0o600))
        return http

    async def _versions(self, body: bytes) -> object:
        libraries = msgspec.msgpack.decode(body, type=tuple[str, ...])
        found = await self._server.in_thread(lambda: environment(libraries))
        return Versions(found, self._pool.slots)

    async def _assignment(self, body: bytes) -> object:
        assignment = await self._server.in_thread(lambda: msgspec.msgpack.decode(body, type=Assignment))
        digest = await self._server.in_thread(lambda: assignment.digest)
        self._known[digest] = assignment
        while len(self._known) > MOST_ASSIGNMENTS:
            self._known.popitem(last=False)
        return digest

    async def _refusals(self, body: bytes) -> object:
        asked = msgspec.msgpack.decode(body, type=ProofRequest)
        assignment = self._require(asked.assignment)
        return await self._server.in_thread(lambda: refusals_of(self._root, assignment, asked.notebook))

    async def _grade(self, body: bytes) -> object:
        asked = msgspec.msgpack.decode(body, type=GradeRequest)
        assignment = self._require(asked.assignment)
        return await self._server.in_thread(lambda: self._pool.submit(assignment, asked.submission).result())

    def _require(self, digest: str) -> Assignment:
        if digest not in self._known:
            raise HTTPError(404)
        return self._known[digest]


class _Call(RequestHandler):
    def initialize(self, api: LocalApi) -> None:
        self._api = api

    async def post(self, name: str) -> None:
        call = self._api.calls.get(name)
        if call is None:
            raise HTTPError(404)
        self.finish(msgspec.msgpack.encode(await call(self.request.body)))

    def log_exception(self, typ: object, value: object, tb: object) -> None:
        """Keep paths, which name students, out of the log."""
