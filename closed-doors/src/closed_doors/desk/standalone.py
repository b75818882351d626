"""The desk on a server of its own, for one person on this machine: `course desk`.

Whoever opens its address with the token gets a cookie that stands for it; nobody else on the machine reads a page.
"""

import asyncio
import hmac
import secrets
from collections.abc import Callable

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler

from closed_doors.core.errors import CourseError
from closed_doors.desk.class_view import ClassView
from closed_doors.desk.handlers import DESK, PLACES, Chair, DeskHandler
from closed_doors.desk.marking_desk import MarkingDesk

_AT = "/desk"
_HOSTS = r"(127\.0\.0\.1|localhost)"  # a request that names another host, as a rebound name would, finds nothing
_COOKIE = "closed_doors_cookie"
_ENTRY = "closed_doors_entry"


class _Guard(RequestHandler):
    """Lets in who has the token."""

    def prepare(self) -> None:
        """Turn everybody else away."""
        token, name = str(self.settings[_ENTRY]), str(self.settings[_COOKIE])
        given = self.get_query_argument("token", "")
        if given and hmac.compare_digest(given.encode(), token.encode()):
            self.set_cookie(name, token, httponly=True, samesite="Strict", path=_AT)
        elif not hmac.compare_digest((self.get_cookie(name) or "").encode(), token.encode()):
            raise HTTPError(401)
        super().prepare()

    def get_login_url(self) -> str:
        return _AT


class _Entrance(RequestHandler):
    """The server's bare address."""

    def get(self) -> None:
        """Lead to the desk."""
        self.redirect(f"{_AT}/?{self.request.query}" if self.request.query else f"{_AT}/")


def application(desk: MarkingDesk, person: str, token: str, port: int) -> Application:
    """Return the web application.

    Args:
        desk: the desk.
        person: who sits at it.
        token: what lets in.
        port: where it listens; cookies of two desks on one machine are told apart by it.
    """
    places = [(f"{_AT}{place}", _guarded(handler)) for place, handler in PLACES]
    app = Application(
        [],
        xsrf_cookies=True,
        xsrf_cookie_kwargs={"samesite": "Strict", "path": _AT},
        xsrf_cookie_name=f"_xsrf_{port}",
    )
    app.settings.update(
        {DESK: Chair(desk, _AT, person, ClassView(desk)), _ENTRY: token, _COOKIE: f"closed-doors-desk-{port}"}
    )
    app.add_handlers(_HOSTS, [("/", _Entrance), *places])
    return app


def serve(desk: MarkingDesk, person: str, port: int, opened: Callable[[str], None]) -> None:
    """Serve the desk on this machine until it is interrupted.

    Args:
        desk: the desk.
        person: who sits at it.
        port: 0 takes a free one.
        opened: told the address to open, token included.

    Raises:
        CourseError: the port is taken.
    """

    async def main() -> None:
        try:
            sockets = bind_sockets(port, "127.0.0.1")
        except OSError as error:
            raise CourseError(f"Port {port} can't be had ({error.strerror}): name another one with --port.") from error
        number = sockets[0].getsockname()[1]
        token = secrets.token_urlsafe(24)
        server = HTTPServer(application(desk, person, token, number))
        server.add_sockets(sockets)
        opened(f"http://127.0.0.1:{number}{_AT}/?token={token}")
        await asyncio.Event().wait()

    asyncio.run(main())


def _guarded(handler: type[DeskHandler]) -> type[DeskHandler]:
    return type(f"Guarded{handler.__name__}", (_Guard, handler), {})
