"""The desk's server: who is let in, what it writes, and what it says when it does not."""

import json
import re
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from support.written_classes import WrittenClass, desk_on, written_class

Q = "/desk/q/petit/petit/question"
FULL = {"met": {"definition": 1, "exemple": 1, "borne": 1}, "free": None, "comment": "Bien.", "marked": True}


@dataclass
class Visitor:
    """A browser without a screen."""

    server: str
    opener: urllib.request.OpenerDirector = field(
        default_factory=lambda: urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    )
    token: str = ""

    def get(self, path: str, host: str = "") -> tuple[int, str, Any]:
        headers = {"Host": host} if host else {}
        return self._ask(urllib.request.Request(self.server + path, headers=headers))

    def post(self, path: str, body: object) -> tuple[int, Any]:
        headers = {"X-XSRFToken": self.token, "Content-Type": "application/json"}
        status, text, _ = self._ask(urllib.request.Request(self.server + path, json.dumps(body).encode(), headers))
        return status, json.loads(text)

    def _ask(self, request: urllib.request.Request) -> tuple[int, str, Any]:
        try:
            with self.opener.open(request, timeout=60) as answer:
                return answer.status, answer.read().decode(), answer.headers
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(), error.headers


@pytest.fixture
def written(tmp_path: Path) -> WrittenClass:
    return written_class(tmp_path / "course", {"anna": "Parce que.", "bea": "Car."})


@pytest.fixture
def visitor(written: WrittenClass) -> Iterator[Visitor]:
    """Somebody who has opened the address with its token."""
    with desk_on(written.root) as address:
        split = urlsplit(address)
        visitor = Visitor(f"http://{split.netloc}")
        status, page, _ = visitor.get(f"{split.path}?{split.query}")
        assert status == 200
        visitor.token = re.search(r"token&#34;: &#34;([^&]+)&#34;", page)[1]  # type: ignore[index]
        yield visitor


def first(visitor: Visitor) -> tuple[str, dict[str, Any]]:
    """The path and the state of the first answer to mark."""
    found = json.loads(visitor.get(f"{Q}/next?part=1")[1])
    state = re.search(r'data-state="([^"]+)"', found["html"])[1].replace("&#34;", '"')  # type: ignore[index]
    return f"{Q}/a/{found['id']}", json.loads(state)


def test_only_who_has_the_token_is_let_in(visitor: Visitor) -> None:
    """Neither without it, nor under another host's name; and nothing is written without the page's own token."""
    stranger = Visitor(visitor.server)
    status, said, _ = stranger.get("/desk/")
    assert (status, "l&#39;adresse entière" in said) == (401, True)
    assert stranger.get("/desk/?token=wrong")[0] == 401
    assert visitor.get("/desk/")[0] == 200
    assert visitor.get("/desk/", host="evil.example:80")[0] == 404
    path, state = first(visitor)
    kept, visitor.token = visitor.token, "x"
    assert visitor.post(path, {**FULL, "token": state["token"]})[0] == 403
    visitor.token = kept
    assert visitor.post(path, {**FULL, "token": state["token"]})[0] == 200


def test_pages_allow_no_script_but_ours(visitor: Visitor) -> None:
    """Every page has a policy with a nonce of its own, and no script or style stands in it."""
    nonces = set()
    for path in ("/desk/", f"{Q}/", first(visitor)[0], "/desk/shares/petit", "/desk/requests/petit", "/desk/q/x/y/z/"):
        _, page, headers = visitor.get(path)
        policy = headers["Content-Security-Policy"]
        nonce = re.search(r"script-src 'nonce-([^']+)'", policy)
        assert nonce is not None, path
        nonces.add(nonce[1])
        assert "unsafe" not in policy
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\son\w+=|\sstyle=", page), path
    assert len(nonces) == 6


def test_bad_input_is_said_in_words_and_writes_nothing(visitor: Visitor, written: WrittenClass) -> None:
    """A mark above the maximum, a form that is not ours, an answer that is not there."""
    path, state = first(visitor)
    status, said = visitor.post(path, {**FULL, "free": 4, "token": state["token"]})
    assert (status, said["kind"]) == (422, "above")
    assert "le maximum de la question (3)" in said["error"]
    assert visitor.post(path, {**FULL, "met": {"x": 1}, "token": state["token"]})[0] == 400
    assert visitor.post(f"{Q}/a/{'0' * 32}", {**FULL, "token": "t"})[0] == 404
    assert visitor.get("/desk/q/..%2f..%2fetc/petit/question/")[0] == 404
    assert written.mark("anna") == (None, True, None)
    assert written.mark("bea") == (None, True, None)


def test_a_locked_gradebook_is_said_and_the_mark_goes_in_later(visitor: Visitor, written: WrittenClass) -> None:
    """Nothing is half written; the same request works once the other program is done."""
    path, state = first(visitor)
    with sqlite3.connect(written.root / "gradebook.db", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        status, said = visitor.post(path, {**FULL, "token": state["token"]})
        assert (status, said["kind"]) == (503, "locked")
        assert visitor.get("/desk/")[0] == 503
        other.execute("ROLLBACK")
    assert visitor.post(path, {**FULL, "token": state["token"]})[0] == 200
    assert written.mark("anna") == (3.0, False, "Bien.")


def test_two_people_on_one_answer(visitor: Visitor, written: WrittenClass) -> None:
    """Whoever comes second gets what the first gave, in words, and may put the own mark after all."""
    path, state = first(visitor)
    with desk_on(written.root, "bruno") as address:
        split = urlsplit(address)
        bruno = Visitor(f"http://{split.netloc}")
        page = bruno.get(f"{split.path}?{split.query}")[1]
        bruno.token = re.search(r"token&#34;: &#34;([^&]+)&#34;", page)[1]  # type: ignore[index]
        assert first(bruno)[0] == path
        assert visitor.post(path, {**FULL, "token": state["token"]})[0] == 200
        status, told = bruno.post(path, {**FULL, "met": {}, "token": state["token"]})
        assert (status, told["kind"]) == (409, "moved")
        assert "camille : 3" in told["now"]["said"].replace("\u00a0", " ")
        assert written.mark("anna")[0] == 3
        assert bruno.post(path, {**FULL, "met": {}, "token": told["now"]["token"]})[0] == 200
        assert written.mark("anna")[0] == 0


def test_only_an_instructor_changes_points_and_shares(written: WrittenClass) -> None:
    """An assistant is refused both, and marks all the same; who is not named gets no desk."""
    (written.root / "course.toml").write_text('[[desk.people]]\nname = "camille"\n', encoding="utf-8")
    with desk_on(written.root) as address:
        split = urlsplit(address)
        visitor = Visitor(f"http://{split.netloc}")
        page = visitor.get(f"{split.path}?{split.query}")[1]
        visitor.token = re.search(r"token&#34;: &#34;([^&]+)&#34;", page)[1]  # type: ignore[index]
        assert visitor.post(f"{Q}/items", {"points": {"borne": 2}, "dry": False})[0] == 403
        assert visitor.post("/desk/shares/petit", {"markers": ["camille"]})[0] == 403
        path, state = first(visitor)
        assert visitor.post(path, {**FULL, "token": state["token"]})[0] == 200
    with desk_on(written.root, "zoé") as nothing:
        assert nothing == ""
