"""`course cluster`: several machines grade, and nobody else gets in."""

import os
import shutil
import sys
from pathlib import Path

import click

from closed_doors.cli.console import FullHelpGroup, echo
from closed_doors.core.errors import CourseError
from closed_doors.core.layout import find_course

_folder = click.option(
    "--certificates",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of certificates. Default: .cluster in the course's folder.",
)


@click.group(cls=FullHelpGroup)
def cluster() -> None:
    """Grade on several machines, which know each other by certificates."""


@cluster.command()
@_folder
@click.option("--days", type=click.IntRange(1), default=400, show_default=True, help="How long they are good for.")
@click.option("--force", is_flag=True, help="Replace certificates that are there.")
@click.pass_obj
def init(root: Path | None, certificates: Path | None, days: int, force: bool) -> None:
    """Make the certificates of a cluster: a folder each for the scheduler, the workers and who grades."""
    from closed_doors.classroom.cluster_certificates import ROLES, make_certificates

    folder = _place(root, certificates)
    if folder.exists() and not force:
        raise CourseError(f"{folder} is there already: --force makes new ones, and copies of the old ones are refused.")
    make_certificates(folder, days)
    for role in ROLES:
        echo(folder / role)
    echo("Each machine needs the folder of its role and no other. Whoever has one of them can run code on all workers.")


@cluster.command()
@_folder
@click.option("--host", default="0.0.0.0", show_default=True, help="Address to listen at.")  # noqa: S104  (TLS only)
@click.option("--port", type=click.IntRange(0, 65535), default=8786, show_default=True, help="Port to listen at.")
@click.pass_obj
def scheduler(root: Path | None, certificates: Path | None, host: str, port: int) -> None:
    """Start the scheduler, until stopped; its address begins with tls://."""
    where = ["--host", f"tls://{host}", "--port", str(port), "--no-dashboard"]
    _become_dask(_place(root, certificates), "scheduler", where)


@cluster.command()
@click.argument("address")
@_folder
@click.option("--threads", type=click.IntRange(1), help="Submissions at a time. Default: one a processor.")
@click.pass_obj
def worker(root: Path | None, address: str, certificates: Path | None, threads: int | None) -> None:
    """Grade on this machine for the scheduler at ADDRESS, until stopped."""
    if not address.startswith("tls://"):
        raise CourseError(f"{address} is not encrypted: the address of `course cluster scheduler` begins with tls://.")
    count = threads or len(os.sched_getaffinity(0))
    alone = ["--nworkers", "1", "--nthreads", str(count), "--no-dashboard", "--no-nanny"]
    _become_dask(_place(root, certificates), "worker", [address, *alone])


@cluster.command()
@click.argument("address")
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="So many.")
@click.option("--seconds", type=click.FloatRange(0), default=300, show_default=True, help="At most so long.")
@click.pass_obj
def wait(root: Path | None, address: str, workers: int, seconds: float) -> None:
    """Wait until the scheduler at ADDRESS has workers."""
    from closed_doors.classroom.dask_pool import wait_for_workers

    wait_for_workers(address, find_course(root).root, workers, seconds)


@cluster.command()
@click.argument("assignment")
@click.option("--nodes", type=click.IntRange(1), default=4, show_default=True, help="Machines that grade.")
@click.option("--processors", type=click.IntRange(1), default=16, show_default=True, help="Of each machine.")
@click.option("--time", "limit", default="02:00:00", show_default=True, help="Slurm's limit of time.")
@click.option("--mem", "memory", help="Of each machine, such as 20G. Default: 4 GiB, and 1 GiB a processor.")
@click.option(
    "--requeue/--no-requeue",
    default=True,
    show_default=True,
    help="Whether Slurm starts the job anew when it loses a node; it goes on where it was.",
)
@click.option("--partition", help="Slurm's partition.")
@click.option("--interface", help="The network that nodes speak over, such as ib0. Default: of a node's first address.")
@click.option("--sbatch", "others", multiple=True, help="A further option of sbatch, such as --sbatch=--account=maths.")
@click.pass_obj
def slurm(
    root: Path | None,
    assignment: str,
    nodes: int,
    processors: int,
    limit: str,
    memory: str | None,
    requeue: bool,
    partition: str | None,
    interface: str | None,
    others: tuple[str, ...],
) -> None:
    """Print a Slurm script that grades ASSIGNMENT on several nodes: course cluster slurm X | sbatch."""
    from closed_doors.classroom.cluster_certificates import FOLDER, ROLES, role_files
    from closed_doors.classroom.slurm_script import SlurmJob, slurm_script

    layout = find_course(root)
    for role in ROLES:  # said now, and not hours later in the job's log
        role_files(layout.root / FOLDER, role)
    job = SlurmJob(
        layout.root,
        layout.require(assignment),
        Path(sys.executable).with_name("course"),
        nodes,
        processors,
        limit,
        memory,
        requeue,
        partition,
        interface,
        others,
    )
    echo(slurm_script(job), nl=False)


def _place(root: Path | None, certificates: Path | None) -> Path:
    from closed_doors.classroom.cluster_certificates import FOLDER

    return certificates or find_course(root).root / FOLDER


def _become_dask(folder: Path, role: str, arguments: list[str]) -> None:
    """Let this process be Dask's, with certificates that it can't do without."""
    from closed_doors.classroom.cluster_certificates import role_files

    files = role_files(folder, role)
    beside = Path(sys.executable).with_name("dask")
    program = str(beside) if beside.is_file() else shutil.which("dask")
    if program is None:
        raise CourseError("A cluster needs Dask: pip install 'closed-doors[cluster]'.")
    tls = ["--tls-ca-file", files.ca, "--tls-cert", files.certificate, "--tls-key", files.key]
    environment = {**os.environ, "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "True"}
    os.execve(program, [program, role, *arguments, *map(str, tls)], environment)  # noqa: S606  (no shell is wanted)
