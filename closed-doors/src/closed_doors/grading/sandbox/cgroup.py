"""Bounds a whole sandbox's memory and processes, where this machine lets us make control groups (as root, mostly).

Without one, every process of a sandbox is bounded by itself only (see `limits`).
"""

import contextlib
import itertools
import os
from dataclasses import dataclass
from pathlib import Path

from closed_doors.grading.sandbox.limits import MIB, Limits

ROOT = Path("/sys/fs/cgroup")
PREFIX = "closed-doors-"
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Group:
    """The control groups of one sandbox: one folder, or one a controller."""

    folders: tuple[Path, ...]

    def handle(self) -> int | None:
        """Return an open handle on a group of version 2, which a child can be made in; the caller closes it."""
        if len(self.folders) > 1:
            return None
        return os.open(self.folders[0], os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def enter(self) -> None:
        """Put the calling process, which has one thread, and what it starts into the group.

        Where a thread can move itself alone, it does: for a whole process the kernel waits until no other one on the
        machine is being forked, which takes ten milliseconds and more.
        """
        for folder in self.folders:
            alone = folder / "tasks"  # of version 1
            (alone if alone.exists() else folder / "cgroup.procs").write_text("0", encoding="utf-8")

    def remove(self) -> bool:
        """Remove the group; return False where the kernel is still taking its last processes apart: try again."""
        gone = True
        for folder in self.folders:
            try:
                folder.rmdir()
            except FileNotFoundError:
                pass
            except OSError:
                gone = False
        return gone


def version() -> str | None:
    """Return "v2" or "v1" where groups with memory and process bounds can be made here, else None."""
    group = make(Limits())
    if group is None:
        return None
    group.remove()
    return "v2" if len(group.folders) == 1 else "v1"


def make(limits: Limits) -> Group | None:
    """Return a new group that bounds a sandbox, or None where none can be made."""
    memory = (2 * limits.memory_mib + 3 * limits.disk_mib) * MIB
    name = f"{PREFIX}{os.getpid()}-{next(_numbers)}"
    for settings in (
        {ROOT: {"memory.max": memory, "memory.swap.max": 0, "pids.max": limits.processes}},
        {ROOT / "memory": {"memory.limit_in_bytes": memory}, ROOT / "pids": {"pids.max": limits.processes}},
    ):
        group = Group(tuple(parent / name for parent in settings))
        try:
            for parent, values in settings.items():
                _make_folder(parent, name, values)
        except OSError:
            group.remove()
        else:
            return group
    return None


def sweep() -> None:
    """Remove empty groups that warm processes killed with SIGKILL have left; the caller has made none yet."""
    for parent in (ROOT, ROOT / "memory", ROOT / "pids"):
        for folder in parent.glob(f"{PREFIX}*"):
            maker = folder.name.removeprefix(PREFIX).split("-")[0]
            if maker == str(os.getpid()) or not Path("/proc", maker).exists():
                with contextlib.suppress(OSError):  # not empty: its last processes are just ending
                    folder.rmdir()


def _make_folder(parent: Path, name: str, values: dict[str, int]) -> None:
    if parent == ROOT:
        if not (parent / "cgroup.controllers").exists():
            raise FileNotFoundError(parent)
        (parent / "cgroup.subtree_control").write_text("+memory +pids", encoding="utf-8")
    (parent / name).mkdir()
    for key, value in values.items():
        path = parent / name / key
        if path.exists():
            path.write_text(str(value), encoding="utf-8")
        elif key != "memory.swap.max":  # absent where the kernel counts no swap
            raise FileNotFoundError(path)
