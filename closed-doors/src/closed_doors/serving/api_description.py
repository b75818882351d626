"""The HTTP interface of a grading server: what it answers with, and its description in OpenAPI 3.1.

The routes of `closed_doors.serving.http_api` are made from this table, so that none is left out of the description.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec

LARGEST_BODY = 64 * 1024 * 1024
PREFIX = "#/components/schemas/{name}"


class Problem(msgspec.Struct, frozen=True):
    """Why something is not done."""

    error: str


class JobReply(msgspec.Struct, frozen=True):
    """A piece of work in the queue.

    Attributes:
        state: waiting, leased (it is being graded), graded, failed or superseded.
        told: what its student can read: nothing, visible, whole or ended.
        pages: where to read it, by notebook.
        counts: whether its marks are those that count; null until it is graded.
    """

    id: str
    assignment: str
    state: str
    arrived: Annotated[datetime, msgspec.Meta(tz=True)]
    told: str
    pages: dict[str, str] = {}
    counts: bool | None = None
    reason: str = ""


class QueueReply(msgspec.Struct, frozen=True):
    """How many jobs there are, by assignment and state, and what a person has to mend, by assignment."""

    jobs: dict[str, dict[str, int]]
    problems: dict[str, str]


class Health(msgspec.Struct, frozen=True):
    """Whether the server does its work.

    Attributes:
        status: ok, degraded (an assignment can't be graded, or pages not written) or failing.
        reasons: what is wrong, without details.
    """

    status: str
    reasons: list[str]


@dataclass(frozen=True, slots=True)
class Route:
    """One thing that can be asked.

    Attributes:
        method: get or post.
        path: with its parameters in braces.
        summary: what it does.
        replies: what comes back, by status: a type, or a media type.
        open: whether it needs no token.
        body: media types that are taken.
        queries: optional parameters after the question mark, with their explanation.
    """

    name: str
    method: str
    path: str
    summary: str
    replies: dict[int, type[msgspec.Struct] | str]
    open: bool = False
    body: tuple[str, ...] = ()
    queries: tuple[tuple[str, str], ...] = ()


NOTEBOOK, ZIP = "application/x-ipynb+json", "application/zip"
ROUTES = (
    Route("health", "get", "/healthz", "Whether work is graded.", {200: Health, 503: Health}, open=True),
    Route("metrics", "get", "/metrics", "Counters for Prometheus.", {200: "text/plain"}, open=True),
    Route("description", "get", "/v1/openapi.json", "This description.", {200: "application/json"}, open=True),
    Route(
        "hand_in",
        "post",
        "/v1/courses/{course}/assignments/{assignment}/students/{student}/hand-ins",
        "Hand in work: a notebook, or an archive that holds one. The same work again is the same job.",
        {202: JobReply, 400: Problem, 401: Problem, 404: Problem, 413: Problem, 415: Problem, 503: Problem},
        body=(NOTEBOOK, ZIP),
        queries=(
            ("received", "When it came, in ISO 8601 with its UTC offset; now by default."),
            ("key", "The hand-in's own name: one that is known already does nothing."),
        ),
    ),
    Route(
        "job",
        "get",
        "/v1/courses/{course}/jobs/{job}",
        "What became of a piece of work.",
        {200: JobReply, 401: Problem, 404: Problem, 503: Problem},
    ),
    Route(
        "page",
        "get",
        "/v1/courses/{course}/jobs/{job}/pages/{notebook}",
        "The page that the work's student may read now.",
        {200: "text/html", 401: Problem, 404: Problem, 503: Problem},
    ),
    Route(
        "queue",
        "get",
        "/v1/courses/{course}/queue",
        "How many jobs there are, and what is wrong. For the staff.",
        {200: QueueReply, 401: Problem, 404: Problem, 503: Problem},
    ),
)


def openapi(version: str) -> dict[str, object]:
    """Return the description.

    Args:
        version: of the grader.
    """
    types = (Problem, JobReply, QueueReply, Health)
    _, schemas = msgspec.json.schema_components(types, ref_template=PREFIX)
    paths: dict[str, dict[str, object]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "course serve", "version": version, "summary": "Grades work as it arrives."},
        "security": [{"token": []}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _operation(route: Route) -> dict[str, object]:
    in_path = [part[1:-1] for part in route.path.split("/") if part.startswith("{")]
    parameters = [_parameter(name, "path", "") for name in in_path]
    parameters += [_parameter(name, "query", text) for name, text in route.queries]
    found: dict[str, object] = {
        "operationId": route.name,
        "summary": route.summary,
        "parameters": parameters,
        "responses": {str(status): _reply(status, kind) for status, kind in route.replies.items()},
    }
    if route.open:
        found["security"] = []
    if route.body:
        binary = {"schema": {"type": "string", "format": "binary"}}
        found["requestBody"] = {"required": True, "content": dict.fromkeys(route.body, binary)}
    return found


def _parameter(name: str, place: str, text: str) -> dict[str, object]:
    said = {"description": text} if text else {}
    return {"name": name, "in": place, "required": place == "path", "schema": {"type": "string"}, **said}


def _reply(status: int, kind: type[msgspec.Struct] | str) -> dict[str, object]:
    if isinstance(kind, str):
        return {"description": "Done.", "content": {kind: {}}}
    schema = {"schema": {"$ref": PREFIX.format(name=kind.__name__)}}
    described = "Done." if status < 300 else "Not done; the body says why."
    return {"description": described, "content": {"application/json": schema}}
