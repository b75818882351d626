"""What the benchmarks know of the machine that they run on, and of the course that they measure on."""

import argparse
import contextlib
import os
import platform
from collections.abc import Callable, Iterator
from pathlib import Path

COURSE = Path(__file__).resolve().parents[2]
ACCOUNTS = Path("/sys/fs/cgroup/cpuacct")


def cpu_s() -> float:
    """Return the time in which this machine's processors were busy since it started, in seconds.

    Sandboxes are killed, and what they used is not in their parents' accounts; the machine's own account misses
    nothing, and is the benchmark's as long as the machine does nothing else.
    """
    user, nice, system, _, _, irq, softirq, *_ = Path("/proc/stat").read_text().split()[1:9]
    return sum(map(int, (user, nice, system, irq, softirq))) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def cpu_account() -> Iterator[Callable[[], float]]:
    """Count the CPU time of this process and of all that it starts, the killed ones too.

    The kernel's own account of a control group where one can be made (a root with version 1 of them), which leaves out
    what else the machine does; else the whole machine's.

    Yields:
        A function that returns the seconds spent since.
    """
    group = ACCOUNTS / f"benchmark-{os.getpid()}"
    try:
        group.mkdir()
    except OSError:
        before = cpu_s()
        yield lambda: cpu_s() - before
        return
    (group / "cgroup.procs").write_text(str(os.getpid()))
    started = int((group / "cpuacct.usage").read_text())
    try:
        yield lambda: (int((group / "cpuacct.usage").read_text()) - started) / 1e9
    finally:
        (ACCOUNTS / "cgroup.procs").write_text(str(os.getpid()))
        with contextlib.suppress(OSError):  # something that it started is still about
            group.rmdir()


def peak_kib(pid: int) -> int:
    """Return the largest resident memory that a process has had, in KiB; 0 where it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def name() -> str:
    """Name this machine."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = (line.split(":")[1].strip() for line in lines if "model name" in line)
    cores = len(os.sched_getaffinity(0))
    model = next(models, platform.machine())
    return f"{cores} cores of {model}, Linux {platform.release()}, Python {platform.python_version()}"


def add_course_option(parser: argparse.ArgumentParser) -> None:
    """Let a benchmark be run on another course."""
    parser.add_argument("--course", type=Path, default=COURSE, help="the course to measure on; this repository's")
