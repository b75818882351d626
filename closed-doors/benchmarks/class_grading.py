"""Prints what grading a class costs: `course autograde` against `nbgrader autograde`, whole processes, one run.

    python closed-doors/benchmarks/class_grading.py [--stock N] [--sizes 10 100 1000] [--course COURSE] [--write]

All on the same submissions: copies of the demo class, each made unique. CPU time is that of the whole machine, which
must do nothing else (see `machine.cpu_s`). `--write` puts the table and a figure into ../docs/performance.md.
"""

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import machine
import nbformat
from large_class import ASSIGNMENT, NOTEBOOK, make_course

from closed_doors.grading.processes.zygote import _warm_up
from closed_doors.notebook.ingest import parse_submission
from closed_doors.notebook.plan import plan
from closed_doors.notebook.rebuild import rebuild

LOOK_S = 0.02
COMMANDS = Path(sys.executable).parent
DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = DOCS / "performance.md"
FIGURE = DOCS / "images" / "performance.png"
STOCK_SETTINGS = """c = get_config()
c.CourseDirectory.course_id = "stock"
c.ClearMarkScheme.enforce_metadata = False
"""
ENVIRONMENT = {**os.environ, "PATH": f"{COMMANDS}{os.pathsep}{os.environ['PATH']}"}


@dataclass(frozen=True)
class Cost:
    """What one command took, in seconds, for so many submissions.

    Attributes:
        peak_kib: the largest resident memory of the command's own process, without the processes that it starts.
    """

    submissions: int
    wall_s: float
    cpu_s: float
    peak_kib: int = 0

    @property
    def each_s(self) -> float:
        """Wall time of one submission, in seconds."""
        return self.wall_s / self.submissions


def timed(root: Path, submissions: int, *command: str | Path) -> Cost:
    """Run a command in a course root, from its start to the prompt."""
    before, started, peak = machine.cpu_s(), time.perf_counter(), 0
    arguments = [str(part) for part in command]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(arguments, cwd=root, env=ENVIRONMENT, stdout=said, stderr=said)
        while process.poll() is None:
            peak = max(peak, machine.peak_kib(process.pid))
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(LOOK_S)
        wall = time.perf_counter() - started
        if process.returncode:
            said.seek(0)
            raise SystemExit(f"{' '.join(arguments)} ended with {process.returncode}:\n{said.read().decode()}")
    return Cost(submissions, wall, machine.cpu_s() - before, peak)


def registered(course: Path, folder: Path, students: int, settings: str = "", hostile: int = 0) -> Path:
    """Make a class whose assignment is in the gradebook already, under the course's settings or others."""
    make_course(course, folder, students, hostile)
    if settings:
        (folder / "nbgrader_config.py").write_text(settings, encoding="utf-8")
    command = [COMMANDS / "nbgrader", "generate_assignment", ASSIGNMENT]
    subprocess.run(command, cwd=folder, env=ENVIRONMENT, check=True, capture_output=True)
    return folder


def here(course: Path, folder: Path, students: int, *options: str, hostile: int = 0) -> Cost:
    """Time `course autograde` on a new class."""
    root = registered(course, folder, students, hostile=hostile)
    return timed(root, students, COMMANDS / "course", "autograde", ASSIGNMENT, *options)


def stock(course: Path, folder: Path, students: int) -> Cost:
    """Time `nbgrader autograde` on the same class, with nbgrader's own steps."""
    root = registered(course, folder, students, STOCK_SETTINGS)
    return timed(root, students, COMMANDS / "nbgrader", "autograde", ASSIGNMENT)


@contextmanager
def dask_cluster(workers: int) -> Any:
    """Start a scheduler and so many workers of one thread each on this machine; yields the address."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        log.touch()
        processes = []

        def start(*arguments: str) -> None:
            with log.open("ab") as stream:
                command = [str(COMMANDS / "dask"), *arguments, "--no-dashboard"]
                processes.append(subprocess.Popen(command, cwd=folder, stdout=stream, stderr=stream))

        start("scheduler", "--host", "127.0.0.1", "--port", "0")
        while "Scheduler at:" not in log.read_text():
            time.sleep(0.1)
        address = log.read_text().split("Scheduler at:")[1].split()[0]
        for _ in range(workers):
            start("worker", address, "--nworkers", "1", "--nthreads", "1")
        while log.read_text().count("Registered to:") < workers:
            time.sleep(0.1)
        try:
            yield address
        finally:
            for process in reversed(processes):
                process.terminate()
            for process in processes:
                process.wait()


def bare_cpu_s(course: Path, folder: Path, students: int) -> float:
    """Return the CPU time of the cells alone: each notebook run from top to bottom in a fork of one warm process."""
    make_course(course, folder, students)
    master = nbformat.read(folder / "source" / ASSIGNMENT / NOTEBOOK, as_version=4)
    shell = _warm_up()
    times = []
    for path in sorted(folder.glob(f"submitted/*/{ASSIGNMENT}/{NOTEBOOK}")):
        steps = plan(master, rebuild(master, parse_submission(path.read_bytes(), path.name)).notebook)
        before = machine.cpu_s()
        pid = os.fork()
        if pid == 0:
            for step in steps:
                shell.run(step.source)
            os._exit(0)
        os.waitpid(pid, 0)
        times.append(machine.cpu_s() - before)
    return statistics.mean(times)


def measure(course: Path, stock_count: int, sizes: Sequence[int]) -> list[tuple[str, Cost]]:
    """Run everything, one thing at a time."""
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)

        def note(name: str, cost: Cost) -> None:
            rows.append((name, cost))
            print(f"{name:34} {cost.wall_s:8.1f} s  {cost.cpu_s:8.1f} CPU-s", flush=True)

        note(f"nbgrader autograde, {stock_count}", stock(course, folder / "stock", stock_count))
        note(f"course autograde, {stock_count}", here(course, folder / "same", stock_count))
        for size in sizes:
            note(f"course autograde, {size}", here(course, folder / f"class-{size}", size))
        largest = max(sizes)
        note(f"5 % of {largest} hostile", here(course, folder / "hostile", largest, hostile=largest // 20))
        middle = sorted(sizes)[len(sizes) // 2]
        note(f"one slot, {middle}", here(course, folder / "one", middle, "--jobs", "1"))
        with dask_cluster(2) as address:
            note(f"two Dask workers, {middle}", here(course, folder / "dask", middle, "--scheduler", address))
        note(f"nothing to do, {middle}", timed(folder / "dask", middle, COMMANDS / "course", "autograde", ASSIGNMENT))
        count = min(stock_count, 10)
        note("the cells alone", Cost(count, 0.0, count * bare_cpu_s(course, folder / "bare", count)))
    return rows


def report(rows: list[tuple[str, Cost]], stock_count: int, sizes: Sequence[int]) -> list[str]:
    """Return the sentences that the figures allow."""
    costs = dict(rows)
    middle, largest = sorted(sizes)[len(sizes) // 2], max(sizes)
    theirs, ours = costs[f"nbgrader autograde, {stock_count}"], costs[f"course autograde, {stock_count}"]
    whole, two = costs[f"course autograde, {largest}"], costs[f"course autograde, {middle}"]
    one, dask = costs[f"one slot, {middle}"], costs[f"two Dask workers, {middle}"]
    cells = costs["the cells alone"].cpu_s / costs["the cells alone"].submissions
    outside = 1 - cells * largest / whole.cpu_s
    return [
        f"- The same {stock_count} submissions, whole process: {theirs.wall_s / ours.wall_s:.0f} times faster than "
        f"`nbgrader autograde`, with {theirs.cpu_s / ours.cpu_s:.0f} times less CPU time.",
        f"- {largest} submissions take {whole.wall_s / two.wall_s:.1f} times as long as {middle}.",
        f"- One slot takes {one.wall_s / two.wall_s:.2f} times as long as two.",
        f"- Two Dask workers on the same machine take {dask.wall_s / two.wall_s:.2f} times as long as two local slots; "
        "each starts a warm process of its own.",
        f"- {largest} submissions of which 5 % are hostile or broken (endless, killing themselves, bombs of memory, "
        f"processes and output, no notebook) take {costs[f'5 % of {largest} hostile'].wall_s:.0f} s.",
        f"- The memory of the process that reads and writes grows by "
        f"{(whole.peak_kib - two.peak_kib) / (largest - middle):.1f} KiB for each further submission.",
        f"- A submission costs {whole.cpu_s / largest:.3f} CPU-s. Its cells alone, the student's and the tests, run "
        f"without any protection, cost {cells:.3f}: {outside:.0%} goes into closed doors, recording and starting.",
    ]


def write_page(rows: list[tuple[str, Cost]], lines: list[str]) -> None:
    """Write performance.md and its figure."""
    import matplotlib.pyplot as plt
    import seaborn as sns

    sns.set_theme(style="whitegrid", palette="colorblind")
    figure, ax = plt.subplots(figsize=(8, 4), layout="constrained")
    shown = [(name, cost) for name, cost in rows if cost.wall_s]
    seconds = [cost.each_s for _, cost in shown]
    sns.barplot(x=seconds, y=[name for name, _ in shown], ax=ax, color=sns.color_palette()[0])
    ax.bar_label(ax.containers[0], fmt="%.3g s", padding=4)
    ax.set(xscale="log", xlabel="seconds per submission, whole process (logarithmic)", ylabel="")
    ax.margins(x=0.2)
    figure.savefig(FIGURE, dpi=120)
    table = "\n".join(
        f"| {name} | {cost.wall_s:.1f} | {cost.cpu_s:.1f} | {cost.each_s:.3f} | {cost.cpu_s / cost.submissions:.3f} |"
        for name, cost in shown
    )
    PAGE.write_text(HEAD.format(machine=machine.name(), lines="\n".join(lines), table=table), encoding="utf-8")


HEAD = """# What grading a class costs

Written by `python closed-doors/benchmarks/class_grading.py --write` on {machine}.
`make bench` prints the same on yours.

{lines}

![Seconds per submission: nbgrader autograde against course autograde, by size of class and kind of worker]\
(images/performance.png)

| command, submissions | wall, s | CPU, s | wall each, s | CPU each, s |
|---|---|---|---|---|
{table}

Submissions are copies of the demo class's honest work, each made unique. Wall time runs from the command to the prompt,
with the start of Python, of nbgrader or of the warm process in it. CPU time is that of the whole machine, which did
nothing else.
"""


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    machine.add_course_option(parser)
    parser.add_argument("--stock", type=int, default=8, help="submissions that nbgrader autograde is timed on")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--write", action="store_true", help="write performance.md and its figure")
    arguments = parser.parse_args()
    print(machine.name())
    rows = measure(arguments.course, arguments.stock, arguments.sizes)
    lines = report(rows, arguments.stock, arguments.sizes)
    print("\n".join(lines))
    if arguments.write:
        write_page(rows, lines)


if __name__ == "__main__":
    main()
