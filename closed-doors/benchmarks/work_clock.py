"""What work costs, so that other programs on the machine matter little: processor time, and waits for the disk.

Processor time is this process's, and of PostgreSQL the processes that serve it, by the kernel's own account of them.
"""

import os
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import sqlalchemy as sa


class Cost(msgspec.Struct, frozen=True):
    """What something took, in seconds.

    Attributes:
        own_s: processor time of this process.
        database_s: processor time of the PostgreSQL that answered.
        fsyncs: how often it waited for the disk; the database's own waiting is not in it.
    """

    own_s: float
    database_s: float
    fsyncs: float = 0

    def total_s(self, fsync_s: float) -> float:
        """Return all of it, one after the other, where the disk makes one wait so long each time."""
        return self.own_s + self.database_s + self.fsyncs * fsync_s


def mean(costs: Sequence[Cost]) -> Cost:
    """Return the mean of some costs."""
    each = (statistics.fmean(getattr(cost, name) for cost in costs) for name in Cost.__struct_fields__)
    return Cost(*(round(part, 6) for part in each))


@dataclass
class WorkClock:
    """Measures costs, of one thing at a time."""

    fsyncs: int = 0

    def __post_init__(self) -> None:
        self._serving: dict[int, float] = {}
        sa.event.listen(sa.pool.Pool, "checkout", self._note_server)

    def close(self) -> None:
        """Listen no more."""
        sa.event.remove(sa.pool.Pool, "checkout", self._note_server)

    def now(self) -> Cost:
        """Return what was spent so far."""
        return Cost(time.process_time(), self._database_s(), self.fsyncs)

    def since(self, before: Cost) -> Cost:
        """Return what was spent since."""
        now = self.now()
        return Cost(now.own_s - before.own_s, now.database_s - before.database_s, now.fsyncs - before.fsyncs)

    def _note_server(self, connection: object, *_: object) -> None:
        number = getattr(getattr(connection, "info", None), "backend_pid", None)
        if number is not None:
            self._serving.setdefault(number, 0.0)

    def _database_s(self) -> float:
        for number, known in self._serving.items():
            self._serving[number] = max(known, _busy_s(number))  # of one that has ended, what was seen last
        return sum(self._serving.values())


@contextmanager
def work_clock() -> Iterator[WorkClock]:
    """Yield a clock; meanwhile each wait for the disk is counted."""
    clock, fsync = WorkClock(), os.fsync

    def counted(file: int) -> None:
        fsync(file)
        clock.fsyncs += 1

    os.fsync = counted  # type: ignore[assignment]
    try:
        yield clock
    finally:
        os.fsync = fsync
        clock.close()


def _busy_s(process: int) -> float:
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return 0.0
