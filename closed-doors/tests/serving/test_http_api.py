"""The HTTP interface of a real server: what it takes, from whom, and that its description says all of it."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import nbformat
import pytest

from closed_doors.core.errors import CourseError
from closed_doors.serving.api_description import ROUTES, openapi
from closed_doors.serving.api_tokens import TOKENS_NAME, add_token, read_tokens, whose
from closed_doors.serving.http_api import HANDLERS
from closed_doors.serving.run_server import Listening
from support.courses import ASSIGNMENT, HALF, SmallCourse, master
from support.served import COURSE, Served, ask, wait_for

HAND_IN = f"/v1/courses/{COURSE}/assignments/{{}}/students/{{}}/hand-ins"


@dataclass
class Asked:
    served: Served
    address: str
    token: str

    def job(self, path: str) -> dict[str, object]:
        status, body, _ = ask(self.address, path, self.token)
        assert status == 200, body
        return json.loads(body)


@pytest.fixture(scope="module")
def asked(registered: SmallCourse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    folder = tmp_path_factory.mktemp("http")
    shutil.copytree(registered.root, folder / "course")
    with (folder / "course" / "nbgrader_config.py").open("a") as config:
        config.write(f'\nc.Exchange.root = "{folder}"\n')
    served = Served(SmallCourse(folder / "course"), folder, folder / "serve.log")
    token = add_token(served.root, "platform")
    yield Asked(served, served.start(), token)
    served.kill()


def work() -> bytes:
    notebook = master()
    notebook.cells[1].source = HALF
    return nbformat.writes(notebook).encode()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_work_goes_in_and_its_page_comes_out(asked: Asked) -> None:
    """A platform hands in, asks until the page may be read, and reads it; the same work again is the same job."""
    path = HAND_IN.format(ASSIGNMENT, "zoe")
    status, body, kind = ask(asked.address, path + "?received=2026-10-12T23:58:03%2B02:00", asked.token, work())
    assert (status, kind) == (202, "application/json"), body
    first = json.loads(body)
    place = f"/v1/courses/{COURSE}/jobs/{first['id']}"
    found = wait_for(lambda: ((job := asked.job(place))["told"] == "whole" and job) or None, asked.served.log)
    assert found["arrived"] == "2026-10-12T21:58:03Z"
    status, page, kind = ask(asked.address, str(found["pages"][ASSIGNMENT]), asked.token)  # type: ignore[index]
    assert (status, kind) == (200, "text/html")
    assert "zoe" in page.decode()
    assert json.loads(ask(asked.address, path, asked.token, work())[1])["id"] == first["id"]
    status, body, _ = ask(asked.address, f"/v1/courses/{COURSE}/queue", asked.token)
    assert json.loads(body)["jobs"][ASSIGNMENT] == {"graded": 1}
    metrics = ask(asked.address, "/metrics")[1].decode()
    assert f'closed_doors_handed_in_total{{assignment="{ASSIGNMENT}",course="{COURSE}"}} 2.0' in metrics
    assert "zoe" not in metrics + asked.served.log.read_text()


@pytest.mark.slow
def test_without_a_token_nothing_but_health_is_told(asked: Asked) -> None:
    """Every route that is not open says 401 without a token, with a wrong one, and for another course."""
    for route in ROUTES:
        path = route.path.format(course=COURSE, assignment=ASSIGNMENT, student="x", job="0", notebook="n")
        data = work() if route.method == "post" else None
        for token in ("", "wrong", asked.token[:-1]):
            status, body, _ = ask(asked.address, path, token, data)
            assert status == (200 if route.open else 401), (route.name, body)
        if not route.open:
            assert ask(asked.address, path.replace(COURSE, "another"), asked.token, data)[0] == 401


@pytest.mark.slow
def test_what_is_not_as_described_is_refused_in_a_sentence(asked: Asked) -> None:
    """Unknown assignments, paths for names, other types, empty bodies, times without a zone; never a traceback."""
    good = HAND_IN.format(ASSIGNMENT, "zoe")
    for path, data, kind, wanted in (
        (HAND_IN.format("nothing", "zoe"), work(), "application/x-ipynb+json", 404),
        (HAND_IN.format(ASSIGNMENT, "..%2Fzoe"), work(), "application/x-ipynb+json", 404),
        (HAND_IN.format(ASSIGNMENT, ".."), work(), "application/x-ipynb+json", 404),
        (good, work(), "text/plain", 415),
        (good, b"", "application/x-ipynb+json", 400),
        (f"{good}?received=2026-10-12", work(), "application/x-ipynb+json", 400),
        (f"/v1/courses/{COURSE}/jobs/none", None, "", 404),
        ("/v1/elsewhere", None, "", 404),
    ):
        status, body, _ = ask(asked.address, path, asked.token, data, kind)
        assert status == wanted, (path, body)
        assert "Traceback" not in body.decode()


@pytest.mark.slow
def test_replies_are_what_the_description_says(asked: Asked) -> None:
    """What is served as OpenAPI is the description of today, and replies have the form that it gives."""
    described = json.loads(ask(asked.address, "/v1/openapi.json")[1])
    assert described["paths"] == json.loads(json.dumps(openapi("0")))["paths"]
    for path, name in (("/healthz", "Health"), (f"/v1/courses/{COURSE}/queue", "QueueReply")):
        schema = {"$ref": f"#/components/schemas/{name}", "components": described["components"]}
        jsonschema.validate(json.loads(ask(asked.address, path, asked.token)[1]), schema)
    assert json.loads(ask(asked.address, "/healthz")[1]) == {"status": "ok", "reasons": []}


def test_every_route_is_described_and_served() -> None:
    """One table makes both, and each parameter of a path is described."""
    assert {route.name for route in ROUTES} == HANDLERS.keys()
    paths = openapi("0")["paths"]
    assert isinstance(paths, dict)
    for route in ROUTES:
        operation = paths[route.path][route.method]
        named = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
        assert named == {part[1:-1] for part in route.path.split("/") if part.startswith("{")}


def test_tokens_are_their_owners_alone(tmp_path: Path) -> None:
    """The file holds hashes and is private, or it is refused; a second token of a name ends the first."""
    first, second = add_token(tmp_path, "platform"), add_token(tmp_path, "platform")
    path = tmp_path / TOKENS_NAME
    assert path.stat().st_mode & 0o777 == 0o600
    assert second not in path.read_text()
    tokens = read_tokens(tmp_path)
    assert whose(tokens, f"Bearer {second}") == "platform"
    assert whose(tokens, f"Bearer {first}") is None
    assert whose(tokens, second) is None
    path.chmod(0o640)
    with pytest.raises(CourseError, match="chmod 600"):
        read_tokens(tmp_path)


def test_plain_http_does_not_leave_the_machine() -> None:
    """Beyond loopback a certificate is needed."""
    for host in ("127.0.0.1", "::1", "localhost"):
        assert Listening(host).context() is None
    for host in ("0.0.0.0", "10.0.0.5", "example.org", "::"):
        with pytest.raises(CourseError, match="unencrypted"):
            Listening(host).context()
