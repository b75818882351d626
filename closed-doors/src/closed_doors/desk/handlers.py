"""The desk on the web: what each address answers, on a server of its own as in Jupyter's.

A handler of either server is made of one class here and of the server's own, which says who asks (see `routes`). Work
on the gradebook is done in threads, so that one page never waits for another.
"""

import asyncio
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from tornado.web import HTTPError, RequestHandler

from closed_doors.core.errors import CourseError, GradebookError
from closed_doors.desk.class_view import ClassView, plain_frame
from closed_doors.desk.desk_pages import DeskPages, Frame, given_from, new_nonce, question_address
from closed_doors.desk.marking_desk import MarkingDesk, Person, Pile
from closed_doors.desk.questions import Question
from closed_doors.nbgrader import desk_records as records
from closed_doors.nbgrader.marking_store import AboveMaximumError, Given, Marking, MovedOnError
from closed_doors.pages.html.renderer import script_text, style_sheet

POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
DESK = "closed_doors_desk"  # its name among a server's settings
LONGEST_BODY = 2_000_000
_STYLES = ("code.css", "masks.css", "desk.css")
_SCRIPT = "desk.js"
_WAYS = ("forward", "back", "flag", "second")
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Chair:
    """What a server knows of the desk that it shows.

    Attributes:
        desk: the desk.
        at: its address, without a slash at its end.
        person: who asks where the server itself does not know.
        view: of the whole class.
    """

    desk: MarkingDesk
    at: str
    person: str
    view: ClassView


class DeskHandler(RequestHandler):
    """What all the desk's addresses have in common; `routes` puts a server's own handler before it."""

    @property
    def chair(self) -> Chair:
        """The desk that this server shows."""
        chair = self.settings[DESK]
        assert isinstance(chair, Chair)
        return chair

    @property
    def desk(self) -> MarkingDesk:
        """The desk."""
        return self.chair.desk

    def login(self) -> str:
        """Return under which name somebody asks."""
        return self.chair.person

    def forgery_token(self) -> str:
        """Return what forms send back."""
        token = self.xsrf_token
        return token.decode() if isinstance(token, bytes) else str(token)

    def sit(self) -> Person:
        """Return who asks.

        Raises:
            HTTPError: course.toml names others.
        """
        person = self.desk.person(self.login())
        if person is None:
            raise HTTPError(403, reason="Not named in course.toml")
        return person

    def pages(self) -> DeskPages:
        """Return what makes pages for who asks, and set the policy of the page."""
        return DeskPages(self.desk, self.sit(), self.frame())

    def frame(self) -> Frame:
        """Return what surrounds a page, and set the page's policy."""
        nonce = new_nonce()
        self.set_header("Content-Security-Policy", POLICY.format(nonce=nonce))
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("Cache-Control", "no-store")
        at = self.chair.at
        style, script = (f"{at}/assets/{name}?{asset_digest(name)}" for name in ("desk.css", _SCRIPT))
        return Frame(at, style, script, self.forgery_token(), nonce)

    def page_number(self) -> int:
        """Return which page is asked for, from 1."""
        page = self.get_query_argument("page", "1")
        return int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1

    async def work(self, job: Callable[[], Done]) -> Done:
        """Do something that takes its time, in a thread."""
        return await asyncio.get_running_loop().run_in_executor(None, job)

    def question(self, assignment: str, notebook: str, cell: str) -> Question:
        """Return a question.

        Raises:
            HTTPError: there is none of that name.
        """
        found = self.desk.question(assignment, notebook, cell)
        if found is None:
            raise HTTPError(404)
        return found

    def body(self) -> dict[str, object]:
        """Return what a page sent.

        Raises:
            HTTPError: it is not what our script sends.
        """
        if len(self.request.body) > LONGEST_BODY:
            raise HTTPError(413)
        try:
            found = json.loads(self.request.body)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise HTTPError(400)
        return found

    def tell(self, found: Mapping[str, object], status: int = 200) -> None:
        """Answer with plain data."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(found, ensure_ascii=False))

    def refuse(self, status: int, kind: str, **arguments: str | int | float) -> None:
        """Say in a sentence why nothing was written."""
        said = self.desk.words.say(f"desk.refused_{kind}", **arguments)
        self.tell({"error": said, "kind": kind}, status)

    def write_error(self, status_code: int, **kwargs: object) -> None:
        """Say what went wrong, in the course's language, to a person or to our script."""
        error = (kwargs.get("exc_info") or (None, None))[1]  # type: ignore[index]
        if isinstance(error, GradebookError) and self.request.method == "POST":
            self.refuse(503, "locked")
            return
        code = {401: "session", 403: "forbidden", 404: "not_found"}.get(status_code, "failed")
        if isinstance(error, CourseError):
            self.set_status(503)
        if self.request.method == "POST":
            self.refuse(self.get_status(), code)
            return
        try:
            nonce_person = Person(self.login(), leads=False)
        except HTTPError:
            nonce_person = Person("", leads=False)
        nonce = new_nonce()
        self.set_header("Content-Security-Policy", POLICY.format(nonce=nonce))
        frame = Frame(self.chair.at, f"{self.chair.at}/assets/desk.css", f"{self.chair.at}/assets/{_SCRIPT}", "", nonce)
        shown = "locked" if isinstance(error, GradebookError) else code
        self.finish(DeskPages(self.desk, nonce_person, frame).refused(f"desk.refused_{shown}"))


class Home(DeskHandler):
    """The list of questions."""

    async def get(self) -> None:
        """Show it."""
        self.finish(await self.work(self.pages().home))


class Assets(DeskHandler):
    """Style sheet and script."""

    def get(self, name: str) -> None:
        """Send one of them."""
        if name not in ("desk.css", _SCRIPT):
            raise HTTPError(404)
        kind = "text/css" if name.endswith("css") else "text/javascript"
        self.set_header("Content-Type", f"{kind}; charset=utf-8")
        self.set_header("Cache-Control", "private, max-age=3600")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.finish(asset(name))

    def check_xsrf_cookie(self) -> None:
        """Ask for nothing: a style sheet is nobody's secret."""


class Listing(DeskHandler):
    """The answers to one question."""

    async def get(self, assignment: str, notebook: str, cell: str) -> None:
        """Show a page of them."""
        question, pages = self.question(assignment, notebook, cell), self.pages()
        number = self.page_number()
        only = self.get_query_argument("only", "")
        self.finish(await self.work(lambda: pages.listing(question, number, only)))


class Answer(DeskHandler):
    """One answer."""

    async def get(self, assignment: str, notebook: str, cell: str, answer: str) -> None:
        """Show the page on which it is marked, or the part of it that changes from answer to answer."""
        question, pages = self.question(assignment, notebook, cell), self.pages()
        second = self.get_query_argument("second", "") == "1"
        whole = self.get_query_argument("part", "") != "1"

        def made() -> tuple[Marking | None, str]:
            pile = self.desk.pile(question)
            marking = pile.find(answer)
            if marking is None:
                return None, ""
            make = pages.answer if whole else pages.answer_part
            return marking, make(question, pile, marking, second)

        marking, html = await self.work(made)
        if marking is None:
            raise HTTPError(404)
        if whole:
            self.finish(html)
        else:
            self.tell({"html": html, "id": marking.answer})

    async def post(self, assignment: str, notebook: str, cell: str, answer: str) -> None:
        """Write what a person gives it."""
        question, person, body = self.question(assignment, notebook, cell), self.sit(), self.body()
        token, visit = body.get("token"), body.get("visit", "")

        def written() -> dict[str, object] | str:
            given = given_from(body, self.desk.items(question))
            if given is None or not isinstance(token, str) or not _is_visit(visit):
                return "form"
            done, moved = self.desk.save(question, {answer: (token, given)}, person, str(visit))
            if not done and not moved:
                return "not_found"
            pile = self.desk.pile(question)
            pages = self.pages()
            if moved:
                return {"kind": "moved", "now": pages.state(pile, moved[0])}
            return {"now": pages.state(pile, done[0])}

        try:
            found = await self.work(written)
        except AboveMaximumError as error:
            self.refuse(422, "above", points=error.points, maximum=error.maximum)
            return
        if isinstance(found, str):
            self.refuse(404 if found == "not_found" else 400, found)
        else:
            self.tell(found, 409 if "kind" in found else 200)


class Skip(DeskHandler):
    """An answer that is left for later."""

    async def post(self, assignment: str, notebook: str, cell: str, answer: str) -> None:
        """Leave it."""
        question, person = self.question(assignment, notebook, cell), self.sit()
        if await self.work(lambda: self.desk.pile(question).find(answer)) is None:
            raise HTTPError(404)
        await self.work(lambda: self.desk.skip(question, answer, person))
        self.tell({})


class Second(DeskHandler):
    """A second reading of an answer."""

    async def post(self, assignment: str, notebook: str, cell: str, answer: str) -> None:
        """Keep it."""
        question, person, body = self.question(assignment, notebook, cell), self.sit(), self.body()

        def written() -> str:
            pile = self.desk.pile(question)
            given, marking = given_from(body, pile.items), pile.find(answer)
            if given is None or not given.marked:
                return "form"
            if marking is None:
                return "not_found"
            if marking.marker == person.name:
                return "own"
            self.desk.read_second(question, answer, given, person)
            return ""

        try:
            problem = await self.work(written)
        except AboveMaximumError as error:
            self.refuse(422, "above", points=error.points, maximum=error.maximum)
            return
        if problem:
            self.refuse(404 if problem == "not_found" else 400, problem)
        else:
            self.tell({"now": None})


class Work(DeskHandler):
    """What the same student did elsewhere in the notebook."""

    async def get(self, assignment: str, notebook: str, cell: str, answer: str) -> None:
        """Send it as a part of a page."""
        question, pages = self.question(assignment, notebook, cell), self.pages()

        def made() -> str | None:
            pile = self.desk.pile(question)
            marking = pile.find(answer)
            return None if marking is None else pages.work(question, pile, marking)

        html = await self.work(made)
        if html is None:
            raise HTTPError(404)
        self.tell({"html": html})


class Next(DeskHandler):
    """The next answer, by one of several ways."""

    async def get(self, assignment: str, notebook: str, cell: str) -> None:
        """Send the part of the page that shows it, or go there."""
        question, pages = self.question(assignment, notebook, cell), self.pages()
        person = self.sit()
        after, way = self.get_query_argument("after", ""), self.get_query_argument("way", "")
        part = self.get_query_argument("part", "") == "1"

        def made() -> tuple[Marking | None, str]:
            pile = self.desk.pile(question)
            found = self._find(pile, person, after, way)
            html = pages.answer_part(question, pile, found, way == "second") if found and part else ""
            return found, html

        found, html = await self.work(made)
        at = question_address(self.chair.at, question)
        if not part:
            self.redirect(f"{at}/a/{found.answer}" if found else f"{at}/")
            return
        self.tell({"html": html, "id": found.answer} if found else {"id": ""})

    def _find(self, pile: Pile, person: Person, after: str, way: str) -> Marking | None:
        match way:
            case "forward":
                return pile.beside(after, 1)
            case "back":
                return pile.beside(after, -1)
            case "flag":
                return pile.flagged(after)
            case "second":
                return next((one for one in self.desk.second_pile(pile, person) if one.answer != after), None)
        return pile.to_mark(person, after)


class Undo(DeskHandler):
    """What a person did last."""

    async def post(self, assignment: str, notebook: str, cell: str) -> None:
        """Take it back."""
        question, person, pages = self.question(assignment, notebook, cell), self.sit(), self.pages()
        try:
            back = await self.work(lambda: self.desk.undo(question, person))
        except MovedOnError as error:
            pile = await self.work(lambda: self.desk.pile(question))
            self.tell({"kind": "moved", "now": pages.state(pile, error.now)}, 409)
            return
        self.tell({"id": back[0].answer if back else "", "count": len(back)})


class Items(DeskHandler):
    """The points of a scheme's items."""

    async def post(self, assignment: str, notebook: str, cell: str) -> None:
        """Say what other points change, or change them."""
        question, person, body = self.question(assignment, notebook, cell), self.sit(), self.body()
        if not person.leads:
            raise HTTPError(403)
        points, dry = body.get("points"), body.get("dry") is not False
        keys = {item.key for item in question.scheme.items}
        if not isinstance(points, dict) or not set(points) <= keys or not all(map(_is_points, points.values())):
            self.refuse(400, "form")
            return
        wanted = {str(key): float(value) for key, value in points.items()}
        found = await self.work(lambda: self.desk.change_items(question, wanted, person, dry))
        self.tell({"changed": len(found.changed), "fixed": found.fixed, "above": found.above})


class Comments(DeskHandler):
    """The saved comments of a question."""

    async def post(self, assignment: str, notebook: str, cell: str) -> None:
        """Keep one more, or one less."""
        question, body = self.question(assignment, notebook, cell), self.body()
        self.sit()
        text, item, drop = body.get("text"), body.get("item", ""), body.get("drop")

        def changed() -> list[dict[str, object]]:
            with self.desk.gradebook() as db:
                if isinstance(drop, int):
                    records.drop_comment(db, question.place, drop)
                elif isinstance(text, str) and text.strip() and isinstance(item, str):
                    records.save_comment(db, question.place, item[:128], text.strip()[:4000])
                found = records.saved_comments_in(db, question.place)
            return [{"number": one.number, "item": one.item, "text": one.text} for one in found]

        self.tell({"saved": await self.work(changed)})


class Group(DeskHandler):
    """Like answers, together."""

    async def get(self, assignment: str, notebook: str, cell: str, answer: str) -> None:
        """Show them."""
        question, pages = self.question(assignment, notebook, cell), self.pages()

        def made() -> str | None:
            pile = self.desk.pile(question)
            marking = pile.find(answer)
            return None if marking is None else pages.group(question, pile, marking)

        html = await self.work(made)
        if html is None:
            raise HTTPError(404)
        self.finish(html)

    async def post(self, assignment: str, notebook: str, cell: str, answer: str) -> None:  # noqa: ARG002
        """Mark those that were picked, in one go; those that have moved on are left out and counted."""
        question, person, body = self.question(assignment, notebook, cell), self.sit(), self.body()
        picked = body.get("answers")
        if not isinstance(picked, dict) or not all(isinstance(token, str) for token in picked.values()):
            self.refuse(400, "form")
            return
        tokens = {str(key): str(token) for key, token in picked.items()}

        def written() -> tuple[int, int] | None:
            pile = self.desk.pile(question)
            given = given_from(body, pile.items)
            if given is None or not given.marked:
                return None
            each = {
                one.answer: (tokens[one.answer], _kept(one.given, given))
                for one in pile.markings
                if one.answer in tokens
            }
            done, moved = self.desk.save(question, each, person)
            return len(done), len(moved)

        try:
            found = await self.work(written)
        except AboveMaximumError as error:
            self.refuse(422, "above", points=error.points, maximum=error.maximum)
            return
        if found is None:
            self.refuse(400, "form")
        else:
            self.tell({"done": found[0], "moved": found[1]})


class Shares(DeskHandler):
    """Who marks which part of a class."""

    async def get(self, assignment: str) -> None:
        """Show it."""
        _require(self.desk, assignment)
        pages = self.pages()
        self.finish(await self.work(lambda: pages.shares(assignment)))

    async def post(self, assignment: str) -> None:
        """Deal the class out."""
        _require(self.desk, assignment)
        if not self.sit().leads:
            raise HTTPError(403)
        markers = self.body().get("markers")
        if not isinstance(markers, list) or not all(isinstance(one, str) for one in markers):
            self.refuse(400, "form")
            return
        names = list(dict.fromkeys(one.strip()[:128] for one in markers if one.strip()))

        def dealt() -> dict[str, int]:
            with self.desk.gradebook() as db:
                return records.share_out(db, assignment, names)

        self.tell({"shares": await self.work(dealt)})


class Requests(DeskHandler):
    """Students' requests for another look."""

    async def get(self, assignment: str) -> None:
        """Show them."""
        _require(self.desk, assignment)
        pages = self.pages()
        self.finish(await self.work(lambda: pages.requests(assignment)))


class Request(DeskHandler):
    """One request."""

    async def post(self, assignment: str, number: str) -> None:
        """Answer it."""
        _require(self.desk, assignment)
        person, text = self.sit(), self.body().get("answer")
        if not isinstance(text, str):
            self.refuse(400, "form")
            return

        def answered() -> None:
            with self.desk.gradebook() as db:
                records.answer_request(db, assignment, int(number), text.strip()[:20_000], person.name)

        await self.work(answered)
        self.tell({"when": f"{datetime.now(UTC).astimezone():%d/%m %H:%M}"})


class ClassPage(DeskHandler):
    """The class, or one of it."""

    async def get(self, student: str = "") -> None:
        """Show it, where names may be shown."""
        person, frame = self.sit(), plain_frame(self.frame())
        if await self.work(self.desk.keeps_names):
            self.finish(DeskPages(self.desk, person, frame).refused("desk.class_hidden"))
            return
        if not student:
            page, query = self.page_number(), self.get_query_argument("q", "")[:200]
            self.finish(await self.work(lambda: self.chair.view.listing(frame, person, page, query)))
            return
        assignment = self.get_query_argument("assignment", "")
        html = await self.work(lambda: self.chair.view.student(frame, person, student, assignment))
        if html is None:
            raise HTTPError(404)
        self.finish(html)


class AnswerOf(DeskHandler):
    """A student's answer to a question."""

    async def get(self, assignment: str, notebook: str, cell: str, student: str) -> None:
        """Go there, where names may be known."""
        question = self.question(assignment, notebook, cell)
        self.sit()
        pile = await self.work(lambda: self.desk.pile(question))
        found = next((one for one in pile.markings if one.student == student and pile.named), None)
        if found is None:
            raise HTTPError(404)
        self.redirect(f"{question_address(self.chair.at, question)}/a/{found.answer}")


_QUESTION = r"/q/([^/]+)/([^/]+)/([^/]+)"
_ANSWER = rf"{_QUESTION}/a/([0-9a-f]+)"
PLACES: tuple[tuple[str, type[DeskHandler]], ...] = (
    (r"/?", Home),
    (r"/assets/([a-z.]+)", Assets),
    (rf"{_QUESTION}/", Listing),
    (rf"{_QUESTION}/next", Next),
    (rf"{_QUESTION}/undo", Undo),
    (rf"{_QUESTION}/items", Items),
    (rf"{_QUESTION}/comments", Comments),
    (rf"{_QUESTION}/group/([0-9a-f]+)", Group),
    (_ANSWER, Answer),
    (rf"{_ANSWER}/skip", Skip),
    (rf"{_ANSWER}/second", Second),
    (rf"{_ANSWER}/work", Work),
    (rf"{_QUESTION}/of/([^/]+)", AnswerOf),
    (r"/class/", ClassPage),
    (r"/class/([^/]+)/", ClassPage),
    (r"/shares/([^/]+)", Shares),
    (r"/requests/([^/]+)", Requests),
    (r"/requests/([^/]+)/(\d{1,9})", Request),
)


def asset(name: str) -> str:
    """Return the style sheet or the script."""
    return style_sheet(*_STYLES) if name.endswith(".css") else script_text(_SCRIPT)


def asset_digest(name: str) -> str:
    """Return what changes with an asset, for its address."""
    return hashlib.sha256(asset(name).encode()).hexdigest()[:12]


def _kept(before: Given, given: Given) -> Given:
    """Return what a group is given, with an answer's own comment and flag kept."""
    comment = "\n\n".join(dict.fromkeys(filter(None, (before.comment.strip(), given.comment.strip()))))
    return Given(given.met, given.free, comment, before.flagged, given.marked)


def _is_visit(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{0,32}", value) is not None


def _is_points(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -1000 <= value <= 1000


def _require(desk: MarkingDesk, assignment: str) -> None:
    if not desk.knows(assignment):
        raise HTTPError(404)
