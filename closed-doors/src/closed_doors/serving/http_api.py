"""A grading server's HTTP interface, by Tornado.

What there is to ask stands in `closed_doors.serving.api_description`.
"""

import json
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import msgspec
from tornado.web import Application, HTTPError, RequestHandler

from closed_doors.core.errors import CourseError, LayoutError
from closed_doors.nbgrader.hand_in_queue import Job, Told
from closed_doors.serving.api_description import (
    NOTEBOOK,
    ROUTES,
    ZIP,
    Health,
    JobReply,
    Problem,
    QueueReply,
    Route,
    openapi,
)
from closed_doors.serving.api_tokens import whose
from closed_doors.serving.grading_server import GradingServer
from closed_doors.serving.live_course import LiveCourse
from closed_doors.serving.server_metrics import ServerMetrics

Result = TypeVar("Result")
JSON = "application/json"
FILES = {NOTEBOOK: "{assignment}.ipynb", JSON: "{assignment}.ipynb", ZIP: "{assignment}.zip"}
AGAIN_S = "5"
GONE = "The course's database or disk can't be used at the moment; try again"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


class Context(msgspec.Struct, frozen=True):
    """What all requests share.

    Attributes:
        tokens: names and hashes, by course.
        version: of the grader.
    """

    server: GradingServer
    metrics: ServerMetrics
    tokens: dict[str, dict[str, str]]
    version: str


class _Handler(RequestHandler):
    """What all of them do: answer in JSON, say no in a sentence, ask for a token."""

    def initialize(self, context: Context, route: Route) -> None:
        self.context = context
        self.route = route

    def set_default_headers(self) -> None:
        self.set_header("Server", "course serve")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")

    def reply(self, found: msgspec.Struct, status: int = 200) -> None:
        self.set_status(status)
        self.set_header("Content-Type", JSON)
        self.finish(msgspec.json.encode(found))

    def write_error(self, status_code: int, **_: object) -> None:
        if status_code == 503:
            self.set_header("Retry-After", AGAIN_S)
        self.reply(Problem(self._reason), status_code)

    def log_exception(self, typ: object, value: object, tb: object) -> None:
        """Keep paths, which name students, out of the log."""

    async def ask(self, call: Callable[[], Result]) -> Result:
        """Do something that waits for a disk or a database; where one is gone, ask to come again."""
        try:
            return await self.context.server.in_thread(call)
        except (CourseError, OSError) as error:
            raise HTTPError(503, reason=GONE) from error

    def course(self, name: str) -> LiveCourse:
        """Return the course that is asked for, if the token is one of its own."""
        known = self.context.tokens.get(name, {})
        if whose(known, self.request.headers.get("Authorization", "")) is None:
            self.set_header("WWW-Authenticate", "Bearer")
            raise HTTPError(401, reason="A token of this course is needed")
        return self.context.server.courses[name]


class _Health(_Handler):
    async def get(self) -> None:
        failing = self.context.server.reasons()
        troubled = [f"{c.name}: {each}" for c in self.context.server.courses.values() for each in c.problems]
        status = "failing" if failing else "degraded" if troubled else "ok"
        self.reply(Health(status, [*failing, *troubled]), 503 if failing else 200)


class _Metrics(_Handler):
    async def get(self) -> None:
        server = self.context.server
        try:
            queues = {name: await server.in_thread(course.queue.count) for name, course in server.courses.items()}
        except CourseError:
            queues = {}
        self.set_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.finish(self.context.metrics.text(queues))


class _Description(_Handler):
    async def get(self) -> None:
        self.set_header("Content-Type", JSON)
        self.finish(json.dumps(openapi(self.context.version)))


class _HandIn(_Handler):
    async def post(self, course: str, assignment: str, student: str) -> None:
        served = self.course(course)
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind not in FILES:
            raise HTTPError(415, reason=f"The work comes as {NOTEBOOK} or {ZIP}")
        if not self.request.body:
            raise HTTPError(400, reason="The work is the body, and it is empty")
        at, file = self._received(), FILES[kind].format(assignment=assignment)
        key = self.get_query_argument("key", None) or uuid.uuid4().hex
        name, body = f"http {student}\0{assignment}\0{key}", self.request.body
        try:
            job = await self.context.server.in_thread(lambda: served.hand_in(assignment, student, file, body, name, at))
        except LayoutError as error:
            raise HTTPError(404, reason="There is no such assignment, or no student can be called so") from error
        except CourseError as error:
            raise HTTPError(503, reason="The work could not be kept; try again") from error
        self.context.server.wake()
        self.reply(await _described(self, served, job), 202)

    def _received(self) -> datetime | None:
        text = self.get_query_argument("received", None)
        if text is None:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise HTTPError(400, reason="received is no time such as 2026-10-12T23:58:03+02:00")
        return moment.astimezone(UTC).replace(tzinfo=None)


class _Job(_Handler):
    async def get(self, course: str, number: str) -> None:
        served = self.course(course)
        self.reply(await _described(self, served, await _require(self, served, number)))


class _Page(_Handler):
    async def get(self, course: str, number: str, notebook: str) -> None:
        served = self.course(course)
        job = await _require(self, served, number)
        told = await self.ask(lambda: served.queue.told(job.id))
        pages = await self.ask(lambda: served.store.pages(job, told))
        if notebook not in pages:
            raise HTTPError(404, reason="There is no such page, or its student can't read it yet")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Security-Policy", POLICY)
        self.finish(pages[notebook])


class _Queue(_Handler):
    async def get(self, course: str) -> None:
        served = self.course(course)
        jobs: dict[str, dict[str, int]] = {}
        for (assignment, state), count in (await self.ask(served.queue.count)).items():
            jobs.setdefault(assignment, {})[state.value] = count
        self.reply(QueueReply(jobs, dict(served.problems)))


HANDLERS: dict[str, type[_Handler]] = {
    "health": _Health,
    "metrics": _Metrics,
    "description": _Description,
    "hand_in": _HandIn,
    "job": _Job,
    "page": _Page,
    "queue": _Queue,
}


def application(context: Context) -> Application:
    """Return the interface, a handler for each route that is described."""
    rules = [
        (re.sub(r"\{\w+\}", "([^/]+)", re.escape(route.path).replace(r"\{", "{").replace(r"\}", "}")), route)
        for route in ROUTES
    ]
    return Application(
        [(pattern, HANDLERS[route.name], {"context": context, "route": route}) for pattern, route in rules],
        default_handler_class=_Missing,
        default_handler_args={"context": context, "route": ROUTES[0]},
        log_function=_silent,
    )


class _Missing(_Handler):
    async def prepare(self) -> None:
        raise HTTPError(404, reason="There is nothing of that name; /v1/openapi.json says what there is")


def _silent(_: RequestHandler) -> None:
    """Log no request: its path names a student."""


async def _require(handler: _Handler, course: LiveCourse, number: str) -> Job:
    job = await handler.ask(lambda: course.queue.job(number))
    if job is None:
        raise HTTPError(404, reason="There is no such job")
    return job


async def _described(handler: _Handler, course: LiveCourse, job: Job) -> JobReply:
    told = await handler.ask(lambda: course.queue.told(job.id))
    pages = await handler.ask(lambda: course.store.pages(job, told)) if told is not Told.NOTHING else {}
    place = f"/v1/courses/{course.name}/jobs/{job.id}/pages/"
    return JobReply(
        job.id,
        job.assignment,
        job.state.value,
        job.arrived.replace(tzinfo=UTC),
        told.value,
        {name: place + name for name in pages},
        job.counts,
        job.reason,
    )
