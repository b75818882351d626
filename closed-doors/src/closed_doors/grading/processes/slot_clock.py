"""How long a submission has had its slot: the time that it used, not the time that it waited for a busy machine.

The kernel's accounts are read from outside of the sandbox, so nothing that a student writes changes them. A submission
has used its slot up when the wall clock, less what its first process stood in line for a processor, comes to the limit;
or when all of its processes together have computed so long. The second bound makes the first one honest: who starts a
hundred processes only waits for itself.
"""

import os
import time
from collections.abc import Iterable
from pathlib import Path

TICKS_S = 1 / os.sysconf("SC_CLK_TCK")
LATEST = 20  # times the limit, whatever the machine is doing
SOONEST_S = 0.05


class SlotClock:
    """The clock of one submission in one slot.

    Args:
        limit_s: what it may use, in seconds.
        pid: its worker's first process, seen from here.
        used_s: what it has used before.
    """

    def __init__(self, limit_s: float, pid: int, used_s: float = 0.0) -> None:
        self._limit_s = limit_s - used_s
        self._pid = pid
        self._started = time.monotonic()
        self._waited = _waited_s(pid)
        self.before_s = used_s

    @property
    def used_s(self) -> float:
        """What the submission has used of its slot, in seconds."""
        wall = time.monotonic() - self._started
        waited = max(0.0, _waited_s(self._pid) - self._waited)
        return max(wall - waited, min(wall, _cpu_s(_family(self._pid))))

    def next_deadline(self) -> float | None:
        """Return when to look again, on time.monotonic's clock; None where the slot is used up."""
        now = time.monotonic()
        left = self._limit_s - self.used_s
        if left <= 0 or now - self._started > LATEST * self._limit_s:
            return None
        return now + max(left, SOONEST_S)


def _family(pid: int) -> Iterable[int]:
    """Yield a process and all below it; an orphan of the sandbox hangs below its first process."""
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        yield one
        try:
            for children in Path(f"/proc/{one}/task").glob("*/children"):
                waiting += map(int, children.read_bytes().split())
        except (OSError, ValueError):
            continue


def _waited_s(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_bytes().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


def _cpu_s(pids: Iterable[int]) -> float:
    """Return the processor time of processes, and of their children that have ended, in seconds."""
    ticks = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, fields[11:15]))  # its own time, then that of its children
    return ticks * TICKS_S
