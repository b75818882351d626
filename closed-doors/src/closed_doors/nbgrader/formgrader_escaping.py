"""A Jupyter server extension that makes formgrader's pages escape what they show.

nbgrader's formgrader writes a student's id into scripts and attributes as it is, and nothing in its settings changes
that; its Jinja environment is in the server's settings, where an extension may reach it.
etc/jupyter/jupyter_server_config.d/closed-doors.json, installed with the package, switches this one on.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the server is an extra
    from jupyter_server.serverapp import ServerApp


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Name the extension; Jupyter calls it to find what the module offers."""
    return [{"module": "closed_doors.nbgrader.formgrader_escaping"}]


def _load_jupyter_server_extension(serverapp: "ServerApp") -> None:
    """Do nothing yet: Jupyter loads extensions in alphabetical order, and nbgrader's comes later."""


async def _start_jupyter_server_extension(serverapp: "ServerApp") -> None:
    """Switch escaping on; Jupyter calls it when all extensions are loaded, before it answers a request."""
    environment = serverapp.web_app.settings.get("nbgrader_jinja2_env")
    if environment is not None:  # absent where formgrader is switched off
        environment.autoescape = True
