"""Starts a grading server for courses, and serves until it is told to stop."""

import asyncio
import signal
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from ipaddress import ip_address
from pathlib import Path

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from closed_doors.classroom.local_pool import MANY, expect, local_pool
from closed_doors.classroom.running_server import SOCKET
from closed_doors.core.errors import CourseError
from closed_doors.core.layout import Layout
from closed_doors.core.profile import read_profile
from closed_doors.grading.processes.zygote_handle import warm_zygote
from closed_doors.nbgrader.hand_in_queue import LEASE_S
from closed_doors.serving.api_description import LARGEST_BODY
from closed_doors.serving.api_tokens import read_tokens
from closed_doors.serving.grading_server import GradingServer
from closed_doors.serving.http_api import Context, application
from closed_doors.serving.live_course import LiveCourse
from closed_doors.serving.local_api import LocalApi
from closed_doors.serving.server_log import ServerLog
from closed_doors.serving.server_metrics import ServerMetrics

HOST, PORT = "127.0.0.1", 8710


@dataclass(frozen=True, slots=True)
class Listening:
    """Where the HTTP interface listens.

    Attributes:
        certificate: file of a TLS certificate; None for plain HTTP, which is for this machine only.
        key: file of its private key, where the certificate's does not hold it.
    """

    host: str = HOST
    port: int = PORT
    certificate: Path | None = None
    key: Path | None = None

    def context(self) -> ssl.SSLContext | None:
        """Return what TLS needs; None for plain HTTP.

        Raises:
            CourseError: plain HTTP would leave this machine, or the certificate can't be used.
        """
        if self.certificate is None:
            if not _is_here(self.host):
                raise CourseError(
                    f"Tokens and students' work would cross the network to {self.host} unencrypted: give --certificate "
                    "and --key, or listen on 127.0.0.1 and let a web server in front of it do TLS."
                )
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError) as error:
            raise CourseError(f"{self.certificate} can't be used as a certificate: {error}.") from error
        return context


def serve(layouts: Sequence[Layout], slots: int, listening: Listening, lease_s: float = LEASE_S) -> None:
    """Grade what arrives until SIGTERM or Ctrl-C; what has begun is ended first.

    Raises:
        CourseError: a course can't be served, two have one name, or the port can't be listened to.
    """
    log, metrics, context = ServerLog(), ServerMetrics(), listening.context()
    warm_zygote([module for layout in layouts for module in read_profile(layout.root).packages.warm])
    expect(MANY)
    courses = [LiveCourse(layout, log, metrics, lease_s) for layout in layouts]
    tokens = {course.name: read_tokens(layout.root) for course, layout in zip(courses, layouts, strict=True)}
    if len(tokens) != len(courses):
        raise CourseError("Two courses have the same name: set c.CourseDirectory.course_id in each.")
    with local_pool(slots) as pool:

        async def main() -> None:
            server = GradingServer(courses, pool, log, lease_s)
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, server.stop)
            shared = Context(server, metrics, tokens, version("closed-doors"))
            http = HTTPServer(
                application(shared),
                ssl_options=context,
                max_body_size=LARGEST_BODY,
                max_buffer_size=LARGEST_BODY + 65536,
            )
            try:
                sockets = bind_sockets(listening.port, listening.host)
            except OSError as error:
                raise CourseError(f"{listening.host}:{listening.port} can't be listened to: {error}.") from error
            http.add_sockets(sockets)
            local = [LocalApi(layout.root, server, pool).listen() for layout in layouts]
            port = sockets[0].getsockname()[1]
            log.say("serving", courses=", ".join(tokens), address=f"{listening.host}:{port}", slots=slots)
            await server.run()
            http.stop()
            for each, layout in zip(local, layouts, strict=True):
                each.stop()
                (layout.root / SOCKET).unlink(missing_ok=True)
            log.say("stopped")

        asyncio.run(main())


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
