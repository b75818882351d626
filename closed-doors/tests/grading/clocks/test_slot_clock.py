"""A submission holds its slot for as long as it uses it: sleeping counts, waiting for a busy machine does not."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from closed_doors.grading.clocks.slot_clock import TICKS_S, SlotClock
from support.load import busy, on_one_processor

SLEEPS = "import time\ntime.sleep(30)"
CROWDS = """import os, time
end = time.monotonic() + 20
for _ in range(7):
    if os.fork() == 0:
        break
while time.monotonic() < end: pass"""
WAKES_TOGETHER = """import os, time
for _ in range(60):
    if os.fork() == 0:
        break
while True:
    time.sleep(0.05 - time.time() % 0.05)
    end = time.perf_counter() + 0.0002
    while time.perf_counter() < end: pass"""
ENDS_YOUNG = """import os, time
if os.fork() == 0:
    while True: pass
while True:
    child = os.fork()
    if child == 0:
        end = time.process_time() + 0.02
        while time.process_time() < end: pass
        os._exit(0)
    os.waitpid(child, 0)"""
LITTLE = "import time\nend = time.process_time() + 30\nwhile time.process_time() < end: pass"


def used_by(code: str, wall_s: float) -> float:
    return used_and_computed_by(code, wall_s)[0]


def used_and_computed_by(code: str, wall_s: float) -> tuple[float, float]:
    """Return what a process has used of its slot, and what it has computed itself, without those it started."""
    process = subprocess.Popen([sys.executable, "-S", "-c", code], start_new_session=True)
    try:
        clock = SlotClock(60.0, process.pid)
        time.sleep(wall_s)
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        return clock.used_s, (int(fields[11]) + int(fields[12])) * TICKS_S
    finally:
        subprocess.run(["pkill", "-KILL", "-s", str(process.pid)], check=False)
        process.wait()


def test_a_sleep_uses_the_slot() -> None:
    """A process that does nothing holds its slot like one that computes."""
    assert used_by(SLEEPS, 1.0) > 0.7


def test_waiting_for_others_does_not() -> None:
    """With six others on its processor a computation uses up a fraction of the time that passes."""
    with on_one_processor() as processor, busy(6, processor):
        assert used_by(LITTLE, 3.0) < 1.8


def test_waiting_for_its_own_processes_does() -> None:
    """Who starts seven processes waits for itself: what they compute together counts."""
    with on_one_processor():
        used_s, computed_s = used_and_computed_by(CROWDS, 4.0)
    assert used_s > 4 * computed_s


def test_waiting_in_line_behind_ones_own_is_no_excuse() -> None:
    """Sixty processes that wake together wait long and compute little; no more is excused than others compute."""
    started, before = time.monotonic(), computed_by_all()
    used_s, own_s = used_and_computed_by(WAKES_TOGETHER, 4.0)
    others_s = computed_by_all() - before - own_s
    assert used_s > 4.0 - others_s - 0.2
    assert used_s <= time.monotonic() - started


def test_processes_that_end_between_two_looks_are_ones_own() -> None:
    """What hundreds of short processes have computed is not what others have, and excuses no waiting behind them."""
    with on_one_processor():
        before = computed_by_all()
        process = subprocess.Popen([sys.executable, "-S", "-c", ENDS_YOUNG], start_new_session=True)
        try:
            clock = SlotClock(60.0, process.pid)
            time.sleep(4.0)
            used_s = clock.used_s
            everybodys_s = computed_by_all() - before
            own_s = sum(map(computed_in_all, (process.pid, *started_by(process.pid))))
        finally:
            subprocess.run(["pkill", "-KILL", "-s", str(process.pid)], check=False)
            process.wait()
    assert used_s > 4.0 - (everybodys_s - own_s) - 0.3


def started_by(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def computed_in_all(pid: int) -> float:
    """Return what a process and those of its children that have ended have computed."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) * TICKS_S


def computed_by_all() -> float:
    """Return the processor time that this machine has spent on anybody."""
    user, nice, system, _, _, *rest = map(int, Path("/proc/stat").read_text().split(maxsplit=9)[1:9])
    return (user + nice + system + sum(rest)) * TICKS_S


@pytest.mark.parametrize("limit_s", [0.2])
def test_there_is_an_end(limit_s: float) -> None:
    """A slot that is used up has no next deadline; one that was used before has less left."""
    process = subprocess.Popen([sys.executable, "-S", "-c", SLEEPS])
    try:
        clock = SlotClock(limit_s, process.pid)
        assert clock.next_deadline() is not None
        time.sleep(2 * limit_s)
        assert clock.next_deadline() is None
        assert SlotClock(limit_s, process.pid, used_s=limit_s).next_deadline() is None
    finally:
        process.kill()
        process.wait()
