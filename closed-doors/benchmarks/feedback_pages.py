"""Prints what feedback pages cost: `course feedback` against `nbgrader generate_feedback`, whole processes, one run.

    python closed-doors/benchmarks/feedback_pages.py [--students 100] [--stock 10] [--course COURSE]

The same class is graded once; nbgrader then makes pages, by its own exporter, of its first students. The CPU time is
the commands' own, so that a machine that does something else spoils the wall times only.
"""

import argparse
import resource
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import machine
from class_grading import COMMANDS, ENVIRONMENT, STOCK_SETTINGS
from large_class import ASSIGNMENT, make_course


@dataclass(frozen=True)
class Cost:
    """What one command took, in seconds, for so many pages."""

    pages: int
    wall_s: float
    cpu_s: float

    def __str__(self) -> str:
        wall_ms, cpu_ms = 1000 * self.wall_s / self.pages, 1000 * self.cpu_s / self.pages
        return f"{self.pages:5} pages in {self.wall_s:6.1f} s: {wall_ms:.0f} ms of wall, {cpu_ms:.0f} ms of CPU a page"


def timed(root: Path, pages: int, *command: str) -> Cost:
    """Run a command in a course root, from its start to the prompt."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    run(root, *command)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(pages, wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def run(root: Path, program: str, *arguments: str) -> None:
    """Run one of the course's commands."""
    command = [str(COMMANDS / program), *arguments, ASSIGNMENT]
    subprocess.run(command, cwd=root, env=ENVIRONMENT, check=True, capture_output=True)


def made(root: Path) -> int:
    """Count the pages, and remove them."""
    count = len(list(root.glob(f"feedback/*/{ASSIGNMENT}/*.html")))
    shutil.rmtree(root / "feedback")
    return count


def main() -> None:
    """Read the command line, grade a class, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    machine.add_course_option(parser)
    parser.add_argument("--students", type=int, default=100, help="in the class")
    parser.add_argument("--stock", type=int, default=10, help="pages that nbgrader's own exporter makes")
    arguments = parser.parse_args()
    print(machine.name())
    with tempfile.TemporaryDirectory() as scratch:
        ours = Path(scratch, "class")
        make_course(arguments.course, ours, arguments.students)
        print(f"Grading a class of {arguments.students} …", flush=True)
        run(ours, "course", "autograde")
        theirs = Path(scratch, "stock")
        shutil.copytree(ours, theirs)
        (theirs / "nbgrader_config.py").write_text(STOCK_SETTINGS, encoding="utf-8")
        for folder in sorted((theirs / "autograded").iterdir())[arguments.stock :]:
            shutil.rmtree(folder)
        here = timed(ours, arguments.students, "course", "feedback")
        stock = timed(theirs, arguments.stock, "nbgrader", "generate_feedback")
        assert (made(ours), made(theirs)) == (here.pages, stock.pages)
    print(f"course feedback             {here}")
    print(f"nbgrader generate_feedback  {stock}")
    wall = (stock.wall_s / stock.pages) / (here.wall_s / here.pages)
    cpu = (stock.cpu_s / stock.pages) / (here.cpu_s / here.pages)
    print(f"- Feedback, a page: {wall:.0f} times faster than nbgrader's, with {cpu:.0f} times less CPU time.")


if __name__ == "__main__":
    main()
