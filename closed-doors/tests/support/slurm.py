"""A Slurm of two nodes, both on this machine: the real programs, with settings and a state of their own."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.postgresql import NOBODY, as_anybody

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "scontrol", "setpriv")
NODES = ("n0", "n1")
LONG_S = 240.0
SETTINGS = """
ClusterName=tests
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket,cred_expire=5
StateSaveLocation={folder}/state
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdSpoolDir={folder}/spool-%n
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmdParameters=config_overrides
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SwitchType=switch/none
MpiDefault=none
MailProg=/bin/true
KillWait=5
NodeName=n0 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs=2 RealMemory=16000
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} CPUs=2 RealMemory=16000
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


@dataclass(frozen=True)
class Slurm:
    """A cluster that takes jobs.

    Attributes:
        folder: settings, state and logs.
    """

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "SLURM_CONF": str(self.folder / "slurm.conf")}

    def run(self, *command: str, said: str | None = None) -> str:
        """Run one of Slurm's programs and return what it prints."""
        done = subprocess.run(command, input=said, capture_output=True, text=True, env=self.environment, check=False)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def submit(self, script: str, folder: Path) -> str:
        """Hand in a job that logs to a folder, and return its number."""
        return self.run("sbatch", "--parsable", f"--chdir={folder}", said=script)

    def state(self, job: str) -> str:
        """Return Slurm's word for what a job does, such as RUNNING."""
        shown = self.run("scontrol", "--oneliner", "show", "job", job)
        return shown.split("JobState=")[1].split()[0]

    def wait(self, job: str, *states: str) -> str:
        """Wait until a job is in one of these states."""
        deadline = time.monotonic() + LONG_S
        while (state := self.state(job)) not in states:
            assert time.monotonic() < deadline, f"{state}\n{self.logs()}"
            time.sleep(0.5)
        return state

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace")[-2000:] for path in sorted(self.folder.glob("*.log")))


@contextmanager
def running() -> Iterator[Slurm]:
    """A cluster with nothing to do, whose jobs end with it."""
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if missing or os.geteuid() != 0:
        pytest.skip(f"Slurm is not installed ({', '.join(missing)})" if missing else "Slurm's programs need root here")
    with tempfile.TemporaryDirectory(prefix="slurm-", dir="/tmp") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        slurm = Slurm(folder)
        munge = folder / "munge"
        for each in (folder / "state", munge, *(folder / f"spool-{node}" for node in NODES)):
            each.mkdir(mode=0o755)
        (munge / "key").write_bytes(secrets.token_bytes(128))
        (munge / "key").chmod(0o400)
        for path in (munge, munge / "key"):
            os.chown(path, NOBODY, NOBODY)
        settings = SETTINGS.format(host=socket.gethostname().split(".")[0], ports=_free_ports(3), folder=folder)
        (folder / "slurm.conf").write_text(settings, encoding="utf-8")
        files = [f"--{what}-file={munge / what}" for what in ("key", "pid", "seed", "log")]
        start = stack.enter_context(_starter(slurm))
        start("munged", *as_anybody("munged", "--foreground", f"--socket={munge / 'socket'}", *files))
        _until(lambda: (munge / "socket").exists(), slurm)
        start("slurmctld", "slurmctld", "-D")
        for node in NODES:
            start(f"slurmd-{node}", "slurmd", "-D", "-N", node)
        _until(lambda: _idle(slurm) == len(NODES), slurm)
        stack.callback(_end_jobs, slurm)
        yield slurm


@pytest.fixture(scope="module")
def slurm() -> Iterator[Slurm]:
    """The two nodes, for all tests of a file."""
    with running() as started:
        yield started


@contextmanager
def _starter(slurm: Slurm) -> Iterator[Callable[..., None]]:
    processes: list[subprocess.Popen[bytes]] = []

    def start(name: str, *command: str) -> None:
        with (slurm.folder / f"{name}.log").open("wb") as log:
            processes.append(subprocess.Popen(command, stdout=log, stderr=log, env=slurm.environment))

    try:
        yield start
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in reversed(processes):
            with suppress(subprocess.TimeoutExpired):
                process.wait(30)
            process.kill()
            process.wait()


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def _until(holds: Callable[[], object], slurm: Slurm) -> None:
    deadline = time.monotonic() + LONG_S
    while not holds():
        assert time.monotonic() < deadline, slurm.logs()
        time.sleep(0.2)


def _idle(slurm: Slurm) -> int:
    command = ["sinfo", "--noheader", "--Node", "--format=%t"]
    done = subprocess.run(command, capture_output=True, text=True, env=slurm.environment, check=False)
    return done.stdout.split().count("idle")


def _end_jobs(slurm: Slurm) -> None:
    for job in slurm.run("squeue", "--noheader", "--format=%i").split():
        slurm.run("scancel", "--full", job)
    _until(lambda: not slurm.run("squeue", "--noheader", "--format=%i"), slurm)
