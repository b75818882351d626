"""How a sandbox gets into its control groups: before anything of it runs, and by the shortest way that there is."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from closed_doors.grading.sandbox.cgroup import Group
from closed_doors.grading.sandbox.jail import forked
from closed_doors.grading.sandbox.libc_calls import NEWPID

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root makes control groups")


@contextmanager
def group_of(parent: Path) -> Iterator[Group]:
    """Make a control group, and take it away."""
    folder = parent / f"closed-doors-test-{os.getpid()}"
    folder.mkdir()
    try:
        yield Group((folder,))
    finally:
        folder.rmdir()


def child_in(group: Group) -> tuple[str, Group | None]:
    """Return what a new process says of its control groups at once, and which it still has to enter."""
    read, write = os.pipe()
    pid, still = forked(NEWPID, group)
    if pid == 0:
        os.write(write, Path("/proc/self/cgroup").read_bytes())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as said:
        groups = said.read()
    assert os.waitpid(pid, 0) == (pid, 0)
    return groups, still


def test_a_process_is_made_in_a_group_of_version_2() -> None:
    """It is there from its first instruction on, and has none to enter."""
    found = subprocess.run(["findmnt", "-nt", "cgroup2", "-o", "TARGET"], capture_output=True, text=True, check=False)
    if not found.stdout:
        pytest.skip("this machine has no control groups of version 2")
    with group_of(Path(found.stdout.split()[0])) as group:
        groups, still = child_in(group)
    assert f"0::/{group.folders[0].name}\n" in groups
    assert still is None


def test_where_no_process_can_be_made_in_a_group_it_enters_later(tmp_path: Path) -> None:
    """What an old kernel, or a container's filter, refuses costs time and nothing else."""
    group = Group((tmp_path,))
    assert child_in(group)[1] == group
