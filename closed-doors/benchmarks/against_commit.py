"""Prints what this checkout's `course autograde` costs against another commit's: the same class, in turns, one run.

    python closed-doors/benchmarks/against_commit.py COMMIT [--submissions 40] [--rounds 3] [--course COURSE]

Each side grades with its own code and its own masters, in an environment of its own that shares the installed
libraries. The class is the demo class's honest submissions, each made unique. Whole processes are timed, and all
processes that they start; the least of the rounds counts, as what else the machine does only ever adds.
"""

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import machine
from large_class import ASSIGNMENT

ENVIRONMENT = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


@dataclass(frozen=True)
class Side:
    """One of the two that are compared.

    Attributes:
        name: as printed.
        tree: its checkout.
        python: an interpreter that imports the packages of that checkout.
    """

    name: str
    tree: Path
    python: Path

    def run(self, *arguments: str | Path, cwd: Path) -> None:
        """Run its interpreter.

        Raises:
            SystemExit: where it fails; with what it said.
        """
        command = [str(self.python), *map(str, arguments)]
        done = subprocess.run(command, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(
                f"{self.name}: {' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
            )

    def grade(self, root: Path) -> None:
        """Run its `course autograde` in a course root."""
        module, function = self._entry()
        self.run(
            "-c",
            f"import sys; from {module} import {function} as main; sys.exit(main())",
            *("autograde", ASSIGNMENT),
            cwd=root,
        )

    def _entry(self) -> tuple[str, str]:
        """Return the module and the function of its `course`."""
        for project in (self.tree / "closed-doors", self.tree):
            file = project / "pyproject.toml"
            scripts = tomllib.loads(file.read_text())["project"].get("scripts", {}) if file.exists() else {}
            if "course" in scripts:
                module, _, function = scripts["course"].partition(":")
                return module, function
        raise SystemExit(f"{self.name}: no `course` among the scripts of its pyproject.toml")

    def benchmark(self, name: str) -> Path:
        """Return the path of its benchmark of that name."""
        folders = (self.tree / "closed-doors", self.tree)
        return next(path for folder in folders if (path := folder / "benchmarks" / f"{name}.py").exists())


@contextmanager
def checkout(commit: str, folder: Path) -> Iterator[Path]:
    """Check a commit of this repository out into a new folder, and forget it afterwards."""
    git = ["git", "-C", str(machine.COURSE), "worktree"]
    subprocess.run([*git, "add", "--detach", "--quiet", str(folder), commit], check=True)
    try:
        yield folder
    finally:
        subprocess.run([*git, "remove", "--force", str(folder)], check=True)


def environment(tree: Path, folder: Path) -> Path:
    """Copy this environment, by hard links, for the packages of a checkout; returns its interpreter.

    A copy, as a sandbox holds the environment's folder and no other.
    """
    shutil.copytree(sys.prefix, folder, symlinks=True, copy_function=os.link)
    site = folder / Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
    for ours in site.glob("__editable__*.pth"):
        ours.unlink()
    sources = (tree / "src", tree / "closed-doors" / "src")
    (site / "checkout.pth").write_text("".join(f"{path}\n" for path in sources if path.exists()))
    return folder / "bin" / "python"


def cost(side: Side, root: Path, submissions: int) -> tuple[float, float]:
    """Grade a new class; returns the wall time and the CPU time of all its processes, in seconds."""
    side.run(side.benchmark("large_class"), root, "--students", str(submissions), cwd=side.tree)
    side.run("-m", "nbgrader", "generate_assignment", ASSIGNMENT, cwd=root)
    with machine.cpu_account() as spent:
        started = time.perf_counter()
        side.grade(root)
        return time.perf_counter() - started, spent()


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commit", help="what to compare with")
    parser.add_argument("--submissions", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(dir=Path(sys.prefix).parent, prefix=".bench-") as scratch,
        checkout(arguments.commit, Path(scratch, "checkout")) as old_tree,
    ):
        folder = Path(scratch)
        sides = [
            Side(arguments.commit, old_tree, environment(old_tree, folder / "old-environment")),
            Side("this checkout", machine.COURSE, environment(machine.COURSE, folder / "new-environment")),
        ]
        costs: dict[str, list[tuple[float, float]]] = {side.name: [] for side in sides}
        for number in range(arguments.rounds):
            for side in sides if number % 2 == 0 else reversed(sides):
                root = folder / f"class-{number}-{sides.index(side)}"
                wall, cpu = cost(side, root, arguments.submissions)
                costs[side.name].append((wall, cpu))
                print(f"{side.name:20} {wall:8.2f} s  {cpu:8.2f} CPU-s", flush=True)
        best = [tuple(map(min, zip(*costs[side.name], strict=True))) for side in sides]
        (old_wall, old_cpu), (new_wall, new_cpu) = best
        print(f"{machine.name()}; {os.getloadavg()[0]:.1f} processes ready to run at the end")
        print(f"new to old: {new_wall / old_wall:.2f} of the wall time, {new_cpu / old_cpu:.2f} of the CPU time")


if __name__ == "__main__":
    main()
