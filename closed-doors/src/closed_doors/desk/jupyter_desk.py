"""A Jupyter server extension that shows the marking desk beside formgrader, under /desk/ of the server.

Who may open it is Jupyter's to say; whoever it lets in is known by the hub's login, or by the account that the server
runs under. course.toml may name who marks (see `closed_doors.core.profile`).
etc/jupyter/jupyter_server_config.d/closed-doors.json, installed with the package, switches this one on.
"""

import getpass
import inspect
import os
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web

from closed_doors.core.errors import CourseError
from closed_doors.core.layout import find_course
from closed_doors.desk.class_view import ClassView
from closed_doors.desk.handlers import DESK, PLACES, Chair, DeskHandler
from closed_doors.desk.marking_desk import MarkingDesk
from closed_doors.nbgrader.settings import read_settings

if TYPE_CHECKING:  # a server is there when this runs
    from jupyter_server.serverapp import ServerApp


class _InJupyter(JupyterHandler):
    """Jupyter's own ways with cookies, logins and the origin of requests."""

    def login(self) -> str:
        """Return the hub's login, else the account that the server runs under."""
        if os.environ.get("JUPYTERHUB_SERVICE_PREFIX") and (user := self.current_user) is not None:
            return str(getattr(user, "username", user))
        return getpass.getuser()

    @property
    def content_security_policy(self) -> str:
        """The strictest; pages of ours set their own."""
        return "default-src 'none'"


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Name the extension; Jupyter calls it to find what the module offers."""
    return [{"module": "closed_doors.desk.jupyter_desk"}]


def _load_jupyter_server_extension(serverapp: "ServerApp") -> None:
    """Add the desk's addresses, where the server's folder is in a course."""
    try:
        layout = find_course(Path(serverapp.root_dir))
        settings = read_settings(layout.root)
        desk = MarkingDesk(settings)
    except CourseError as error:
        serverapp.log.info("closed_doors.desk: no marking desk here: %s", error)
        return
    base = serverapp.base_url
    at = url_path_join(base, "desk")
    serverapp.web_app.settings[DESK] = Chair(desk, at, getpass.getuser(), ClassView(desk))
    places = [(f"{at}{place}", _of_jupyter(handler)) for place, handler in PLACES]
    serverapp.web_app.add_handlers(".*$", places)  # type: ignore[no-untyped-call]  # of tornado, by way of Jupyter


def _of_jupyter(handler: type[DeskHandler]) -> type[DeskHandler]:
    """Return a handler that asks Jupyter for a login before each of its methods."""
    methods: dict[str, object] = {
        name: web.authenticated(method)
        for name in ("get", "post")
        if inspect.isfunction(method := handler.__dict__.get(name))
    }
    methods["write_error"] = DeskHandler.write_error
    return type(f"Jupyter{handler.__name__}", (_InJupyter, handler), methods)
