"""Prints what closed doors cost: a sandboxed fork, one submission in a warm process, and in an ordinary kernel.

    python closed-doors/benchmarks/one_submission.py [--submissions N] [--course COURSE]

All in one run, on the same notebooks: the demo class's honest submissions, one after another. CPU time is that of the
whole machine, which must do nothing else. The ordinary kernel is nbgrader's Execute step by itself: what nbgrader does
around it is the same on both sides and is left out.
"""

import argparse
import copy
import functools
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import machine
import nbformat
from nbgrader.preprocessors import Execute
from traitlets.config import Config

from closed_doors.core.assignment_files import AssignmentFiles
from closed_doors.demo.class_file import read_class
from closed_doors.demo.make_submission import completed
from closed_doors.grading.processes.supervisor import grade
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.protocol.channel import Channel
from closed_doors.grading.sandbox.limits import Limits
from closed_doors.nbgrader.handed_out import handed_out
from closed_doors.notebook.plan import plan
from closed_doors.notebook.rebuild import rebuild

NOTEBOOK = Path("masque_causal") / "masque_causal.ipynb"
FORKS = 30
ARGUMENTS = ["--HistoryManager.hist_file=:memory:", "--IPKernelApp.log_level=ERROR"]


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return the wall time that `work` took and the CPU time of the whole machine meanwhile, in seconds."""
    before, started = machine.cpu_s(), time.perf_counter()
    work()
    wall = time.perf_counter() - started
    return wall, machine.cpu_s() - before


def submissions(course: Path, count: int) -> tuple[Any, list[Any]]:
    """Return the master and rebuilt submissions of the demo class."""
    demo = read_class(course / "examples" / "masque_causal")
    master = nbformat.read(course / "source" / NOTEBOOK, as_version=4)
    release = nbformat.read(course / "release" / NOTEBOOK, as_version=4)
    honest = [s for s in demo.students if s.expected is not None and s.id != "nina"]
    return master, [rebuild(master, completed(demo, s, release)).notebook for s in honest[:count]]


def sandboxed_fork(zygote: Zygote, files: AssignmentFiles) -> float:
    """Return the median time until a sandbox is ready, in seconds."""
    times = []
    for _ in range(FORKS):
        ours, theirs = Channel.pair()
        started = time.perf_counter()
        leash = zygote.forge.spawn("worker", Limits(), files, [theirs])
        leash.wait_until_ready()
        times.append(time.perf_counter() - started)
        leash.end()
        ours.close()
    return statistics.median(times)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    machine.add_course_option(parser)
    parser.add_argument("--submissions", type=int, default=6)
    arguments = parser.parse_args()
    files = handed_out(arguments.course, "masque_causal")
    master, notebooks = submissions(arguments.course, arguments.submissions)
    with Zygote() as zygote:
        grade(zygote, plan(master, notebooks[0]), files=files)
        print(f"sandboxed fork, until ready      {1000 * sandboxed_fork(zygote, files):7.1f} ms")
        here = [timed(functools.partial(grade, zygote, plan(master, notebook), files=files)) for notebook in notebooks]
    stock = []
    for notebook in notebooks:
        with tempfile.TemporaryDirectory() as folder:
            resources = {"metadata": {"path": folder}, "nbgrader": {}}
            step = Execute(config=Config({"Execute": {"extra_arguments": ARGUMENTS}}))
            work = functools.partial(step.preprocess, copy.deepcopy(notebook), resources)
            stock.append(timed(work))
    our_walls, our_cpus = (statistics.median(column) for column in zip(*here, strict=True))
    walls, cpus = (statistics.median(column) for column in zip(*stock, strict=True))
    print(f"one submission, closed doors     {our_walls:7.2f} s wall  {our_cpus:5.2f} s CPU")
    print(f"one submission, nbgrader Execute {walls:7.2f} s wall  {cpus:5.2f} s CPU")
    print(f"ratio (Execute / closed doors)   {walls / our_walls:7.1f}        {cpus / our_cpus:7.1f}")


if __name__ == "__main__":
    main()
