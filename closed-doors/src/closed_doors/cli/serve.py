"""`course serve`: work is graded as it arrives."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from closed_doors.cli.console import echo
from closed_doors.core.layout import Layout, find_course

ADDRESS = "127.0.0.1:8710"
COMMAND_HOST = "closed_doors.cli.command_host"  # imports all commands, this one too


@click.command()
@click.argument(
    "folders", nargs=-1, metavar="[COURSE]...", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option("--listen", metavar="HOST:PORT", default=ADDRESS, show_default=True, help="Where the HTTP interface is.")
@click.option(
    "--certificate",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TLS certificate, needed beyond this machine.",
)
@click.option("--key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Its private key.")
@click.option(
    "--jobs", "-j", type=click.IntRange(1), help="Submissions graded at a time. Default: two more than processors."
)
@click.option("--new-token", metavar="NAME", help="Print a token for who hands in over HTTP, and end.")
@click.option("--status", is_flag=True, help="Say what waits and what is wrong, and end.")
@click.option("--lease", type=click.FloatRange(1), default=60, hidden=True, help="Seconds until lost work is taken up.")
@click.pass_obj
def serve(
    root: Path | None,
    folders: tuple[Path, ...],
    listen: str,
    certificate: Path | None,
    key: Path | None,
    jobs: int | None,
    new_token: str | None,
    status: bool,
    lease: float,
) -> None:
    """Grade work of one or several COURSEs as it arrives, until stopped.

    Work comes from nbgrader's exchange, as students submit it, and over HTTP for other platforms
    (/v1/openapi.json says how; /healthz and /metrics are for whoever watches). It is graded in one warm process, marks
    go to the gradebook, and the page to where students look for it, by the policy in course.toml under [serve]: when it
    is handed out, how many tries a day, whether the best or the last work counts, quiet hours. The queue is in the
    gradebook's database: wherever the server is killed, nothing is lost or graded twice, and several may share a queue.
    Standard error has a JSON object for each event, which names no student.
    """
    layouts = [find_course(folder) for folder in folders] or [find_course(root)]
    if new_token is not None:
        from closed_doors.serving.api_tokens import add_token

        for layout in layouts:
            echo(add_token(layout.root, new_token))
        return
    if status:
        from closed_doors.cli.serve_console import show_queue

        for layout in layouts:
            show_queue(layout)
        return
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal():
        raise click.UsageError(f"--listen takes a host and a port, such as {ADDRESS}.")
    from closed_doors.classroom.local_pool import default_slots
    from closed_doors.serving.run_server import Listening, serve

    with _command_host(layouts):
        serve(layouts, jobs or default_slots(), Listening(host.strip("[]"), int(port), certificate, key), lease)


@contextmanager
def _command_host(layouts: Sequence[Layout]) -> Iterator[None]:
    """Keep a process that runs the commands of some courses; it ends when this one does, however that ends."""
    command = [sys.executable, "-P", "-m", COMMAND_HOST, *(str(layout.root) for layout in layouts)]
    quiet = subprocess.DEVNULL
    host = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=quiet, start_new_session=True)  # noqa: S603  (ours)
    try:
        yield
    finally:
        host.communicate()
