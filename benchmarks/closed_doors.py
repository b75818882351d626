"""Prints what closed doors cost: a sandboxed fork, one submission in a warm process, and in an ordinary kernel.

    python benchmarks/closed_doors.py [--submissions N]

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

from closed_doors.demo.class_file import read_class
from closed_doors.demo.make_submission import completed
from closed_doors.grading.processes.file_trees import file_trees
from closed_doors.grading.processes.supervisor import grade
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.protocol.channel import Channel
from closed_doors.grading.sandbox.limits import Limits
from closed_doors.nbgrader.handed_out import handed_out
from closed_doors.notebook.plan import plan
from closed_doors.notebook.rebuild import rebuild

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = Path("masque_causal") / "masque_causal.ipynb"
FORKS = 30
FILES = handed_out(ROOT, "masque_causal")
ARGUMENTS = ["--HistoryManager.hist_file=:memory:", "--IPKernelApp.log_level=ERROR"]


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return the wall time that `work` took and the CPU time of the whole machine meanwhile, in seconds."""
    before, started = machine.cpu_s(), time.perf_counter()
    work()
    wall = time.perf_counter() - started
    return wall, machine.cpu_s() - before


def submissions(count: int) -> tuple[Any, list[Any]]:
    """Return the master and rebuilt submissions of the demo class."""
    demo = read_class(ROOT / "examples" / "masque_causal")
    master = nbformat.read(ROOT / "source" / NOTEBOOK, as_version=4)
    release = nbformat.read(ROOT / "release" / NOTEBOOK, as_version=4)
    honest = [s for s in demo.students if s.expected is not None and s.id != "nina"]
    return master, [rebuild(master, completed(demo, s, release)).notebook for s in honest[:count]]


def sandboxed_fork(zygote: Zygote) -> float:
    """Return the median time until a sandbox is ready, in seconds."""
    times = []
    for _ in range(FORKS):
        ours, theirs = Channel.pair()
        started = time.perf_counter()
        leash = zygote.forge.spawn("worker", Limits(), file_trees(FILES).student, [theirs])
        leash.wait_until_ready()
        times.append(time.perf_counter() - started)
        leash.end()
        ours.close()
    return statistics.median(times)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=6)
    master, notebooks = submissions(parser.parse_args().submissions)
    with Zygote() as zygote:
        grade(zygote, plan(master, notebooks[0]), files=FILES)
        print(f"sandboxed fork, until ready      {1000 * sandboxed_fork(zygote):7.1f} ms")
        here = [timed(functools.partial(grade, zygote, plan(master, notebook), files=FILES)) for notebook in notebooks]
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
