"""How long a submission has had its slot: the time that it used, not the time that it waited for a busy machine.

The kernel's accounts are read from outside of the sandbox, so nothing that a student writes changes them. A submission
has used its slot up when the wall clock, less what its processes stood in line for a processor, comes to the limit; or
when they have computed so long together. Two bounds make that honest, as who starts a hundred processes only waits for
itself: what they compute together counts, and no more is taken off than everybody else on the machine has computed.
"""

import contextlib
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

TICKS_S = 1 / os.sysconf("SC_CLK_TCK")
LATEST = 20  # times the limit, whatever the machine is doing
SOONEST_S, LATEST_LOOK_S = 0.05, 1.0  # a process that ends between two looks takes its account with it


@dataclass(frozen=True, slots=True)
class _Account:
    """What the kernel's accounts said at one look, in seconds.

    Attributes:
        waited_s: what the submission's processes stood in line for a processor.
        computed_s: what the worker's processes have computed, and their children that have ended.
        others_s: what everybody else on this machine has computed.
    """

    waited_s: float
    computed_s: float
    others_s: float


class SlotClock:
    """The clock of one submission in one slot.

    Args:
        limit_s: what it may use, in seconds.
        worker: its worker's first process, seen from here.
        examiner: its examiner, seen from here; 0 where there is none.
        used_s: what it has used before.
    """

    def __init__(self, limit_s: float, worker: int, examiner: int = 0, used_s: float = 0.0) -> None:
        self._limit_s = limit_s - used_s
        self._worker = worker
        self._examiner = examiner
        self._started = time.monotonic()
        self._waited: dict[int, float] = {}  # by process; those that have ended count on
        self._computed: dict[int, float] = {}
        self._before = self._look()
        self._next_look = self._started

    @property
    def used_s(self) -> float:
        """What the submission has used of its slot, in seconds."""
        wall = time.monotonic() - self._started
        now = self._look()
        excused = min(now.waited_s - self._before.waited_s, max(now.others_s - self._before.others_s, 0.0))
        return max(wall - excused, min(wall, now.computed_s))

    def next_deadline(self) -> float | None:
        """Return when to look again, on time.monotonic's clock; None where the slot is used up."""
        now = time.monotonic()
        if now < self._next_look:  # less than the limit has passed, however it was spent
            return self._next_look
        left = self._limit_s - self.used_s
        if left <= 0 or now - self._started > LATEST * self._limit_s:
            return None
        self._next_look = now + min(max(left, SOONEST_S), LATEST_LOOK_S)
        return self._next_look

    def _look(self) -> _Account:
        """Return what all processes have waited, what the worker's have computed, and what others here have."""
        family = list(_family(self._worker))
        times = {pid: _times_s(pid) for pid in (self._examiner, *family)}
        for pid, (user, kernel, *_) in times.items():
            self._waited[pid] = max(_waited_s(pid), self._waited.get(pid, 0.0))
            self._computed[pid] = max(user + kernel, self._computed.get(pid, 0.0))
        families_s = sum(sum(times[pid]) for pid in family)
        # Those that ended between two looks are in their parents' accounts only; those nobody waited for, in none.
        own_s = max(sum(self._computed.values()), families_s + sum(times[self._examiner]))
        return _Account(sum(self._waited.values()), families_s, _machines_cpu_s() - own_s)


def child_with_number(parent: int, inner: int) -> int:
    """Return the child of a process that has this number in the innermost pid namespace; 0 where there is none."""
    for pid in _children(parent):
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
            numbers = next((line.split() for line in status.splitlines() if line.startswith("NSpid:")), [])
            if numbers[-1:] == [str(inner)]:
                return pid
    return 0


def _family(pid: int) -> Iterable[int]:
    """Yield a process and all below it; an orphan of the sandbox hangs below its first process."""
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += _children(one)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError, ValueError):
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            found += map(int, children.read_bytes().split())
    return found


def _waited_s(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_bytes().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


def _times_s(pid: int) -> list[float]:
    """Return the processor time of a process, as user and in the kernel, and then of its children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return [0.0] * 4
    return [int(field) * TICKS_S for field in fields[11:15]]


def _machines_cpu_s() -> float:
    """Return what everybody on this machine has computed; all that can have been where the kernel does not say it."""
    try:
        ticks = [int(field) for field in Path("/proc/stat").read_bytes().split(maxsplit=9)[1:9]]
    except (OSError, ValueError):
        ticks = []
    idle = sum(ticks[3:5])
    return (sum(ticks) - idle) * TICKS_S or time.monotonic() * (os.cpu_count() or 1)
