"""What keeps sandboxes: who ends one, what is said of it, and that nothing stays behind."""

import os
import random
import select
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from closed_doors.grading.sandbox import cgroup, jail, libc_calls
from closed_doors.grading.sandbox.limits import Limits
from closed_doors.grading.sandbox.rootfs import Room
from support.processes import eventually
from support.sandboxes import Hold, Sandbox, Warm, groups


def stay() -> None:
    """Stay, with a daemon, whatever is asked."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if os.fork() == 0:
        os.setsid()
    while True:
        time.sleep(1)


def is_gone(hold: Hold, seconds: float) -> bool:
    """Say whether all of a sandbox has ended in time: each of its processes holds the pipe of its result."""
    return bool(select.select([hold.result], [], [], seconds)[0]) and hold.result.read() == b""


def test_each_inmate_is_held_by_its_own_leash(mode: str, mountpoint: Path) -> None:
    """One is let go of, one ends by itself, one meets a limit: each leash says so and ends, and the last one stays."""

    def leave() -> None:
        os._exit(3)

    def burn() -> None:
        while True:
            pass

    warm = Warm([stay, leave, burn, stay], mode, mountpoint, Limits(cpu_s=1))
    first, second, third, last = warm.holds
    assert all(hold.hear() == {"ready": True} for hold in warm.holds)
    said = second.hear()
    assert (said["exit"], said["signal"]) == (3, None)
    first.leash.shutdown(socket.SHUT_WR)
    assert first.hear()["signal"] == signal.SIGKILL
    said = third.hear()
    assert said["signal"] == signal.SIGKILL
    assert said["cpu_s"] == pytest.approx(1, abs=0.3)
    assert all(hold.hear() == {} for hold in (first, second, third))
    assert is_gone(first, 0)
    assert not is_gone(last, 0.1)
    warm.let_go()


def test_letting_go_of_the_warm_process_ends_its_sandboxes(mode: str, mountpoint: Path) -> None:
    """It ends them, says so, removes their control groups and goes, though all leashes are still held."""
    warm = Warm([stay] * 3, mode, mountpoint)
    assert all(hold.hear() == {"ready": True} for hold in warm.holds)
    assert len(groups(warm.pid)) % 3 == 0
    warm.requests.close()
    assert [hold.hear()["signal"] for hold in warm.holds] == [signal.SIGKILL] * 3
    assert all(is_gone(hold, 0) for hold in warm.holds)
    warm.let_go()
    assert not groups(warm.pid)


def test_killing_the_warm_process_ends_its_sandboxes(mode: str, mountpoint: Path) -> None:
    """Nobody is left to end them but the kernel."""
    warm = Warm([stay] * 3, mode, mountpoint)
    assert all(hold.hear() == {"ready": True} for hold in warm.holds)
    os.kill(warm.pid, signal.SIGKILL)
    assert all(is_gone(hold, 2) for hold in warm.holds)
    warm.let_go()

    def swept() -> bool:
        cgroup.sweep()
        return not groups(warm.pid)

    assert eventually(swept)


def test_an_inmate_whose_warm_process_has_died_runs_nothing(
    mode: str, mountpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The warm process dies before the inmate has asked for its parent's death signal, which so never comes."""
    settled_read, settled_write = os.pipe()
    dead_read, dead_write = os.pipe()
    settle, close = jail._settle, jail.close_all_but

    def settle_late(confinement: jail.Confinement, as_root: bool) -> None:
        settle(confinement, as_root)
        os.write(settled_write, b".")
        os.read(dead_read, 1)

    monkeypatch.setattr(jail, "_settle", settle_late)
    monkeypatch.setattr(jail, "close_all_but", lambda keep: close([*keep, settled_write, dead_read]))
    warm = Warm([lambda: "ran"], mode, mountpoint)
    os.read(settled_read, 1)
    os.kill(warm.pid, signal.SIGKILL)
    os.waitid(os.P_PID, warm.pid, os.WEXITED | os.WNOWAIT)
    os.write(dead_write, b".")
    assert warm.holds[0].result.read() == b""
    assert warm.holds[0].hear() == {}
    warm.let_go()
    for end in (settled_read, settled_write, dead_read, dead_write):
        os.close(end)
    cgroup.sweep()


def test_a_later_inmate_has_nothing_of_an_earlier_ones(mode: str, mountpoint: Path) -> None:
    """Neither leashes, process handles nor requests: its three standard streams, what it was given, and the listing."""
    warm = Warm([stay, lambda: len(os.listdir("/proc/self/fd"))], mode, mountpoint)
    assert warm.holds[1].result.read() == b"5"
    warm.let_go()


def test_an_inmate_that_dies_before_it_is_ready_says_only_that(
    mode: str, mountpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is ever said to be ready that is not."""
    monkeypatch.setattr(jail, "_die_with", lambda _: os._exit(9))
    sandbox = Sandbox(stay, mode, mountpoint, Limits(), Room(()))
    assert sandbox.said["exit"] == 9
    assert sandbox.finish() == {}


def test_a_sandbox_that_cannot_be_made_says_so(mode: str, mountpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the kernel refuses a namespace there is no process and no control group, and the leash says why."""
    monkeypatch.setattr(
        libc_calls, "NEWPID", libc_calls.NEWPID | 0x10000
    )  # a thread can't have a pid namespace of its own
    sandbox = Sandbox(stay, mode, mountpoint, Limits(), Room(()))
    assert "Invalid argument" in sandbox.said["error"]
    assert sandbox.finish() == {}
    assert not groups(sandbox.pid)


class Slow:
    """A control group of nothing that the kernel takes its time over."""

    def __init__(self, gone: int) -> None:
        self.gone, self.tries = gone, 0

    def handle(self) -> None:
        """No process is made in it."""

    def enter(self) -> None:
        """Stay where it is."""

    def remove(self) -> bool:
        self.tries += 1
        if self.tries == 60:
            os.write(self.gone, b".")
        return self.tries >= 60


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes control groups")
def test_a_busy_control_group_stops_nobody(mountpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one sandbox's group can't be removed yet, others are seen to; then it's removed."""
    gone_read, gone_write = os.pipe()
    close = jail.close_all_but
    monkeypatch.setattr(cgroup, "make", lambda _: Slow(gone_write))
    monkeypatch.setattr(jail, "close_all_but", lambda keep: close([*keep, gone_write]))
    warm = Warm([lambda: 1, stay], "root", mountpoint)
    assert all(hold.hear() == {"ready": True} for hold in warm.holds)
    assert warm.holds[0].hear()["exit"] == 0
    warm.holds[1].leash.shutdown(socket.SHUT_WR)
    assert warm.holds[1].hear()["signal"] == signal.SIGKILL
    assert not select.select([gone_read], [], [], 0)[0]
    warm.let_go()
    assert os.read(gone_read, 3) == b".."
    os.close(gone_read)
    os.close(gone_write)


def test_the_first_thread_of_an_inmate_is_known_by_its_number(mode: str, mountpoint: Path) -> None:
    """Another thread can signal it, which the C library does by the number that it noted for it."""

    def signal_the_first() -> int:
        caught: list[int] = []
        signal.signal(signal.SIGUSR1, lambda number, _: caught.append(number))
        main = threading.main_thread().ident
        thread = threading.Thread(target=signal.pthread_kill, args=(main, signal.SIGUSR1))
        thread.start()
        thread.join()
        time.sleep(0.01)
        return len(caught)

    assert Sandbox(signal_the_first, mode, mountpoint, Limits(), Room(())).result() == 1


def test_two_inmates_draw_differently(mode: str, mountpoint: Path) -> None:
    """They were forked as os.fork does it, with what Python and its modules do in a child."""
    warm = Warm([random.random] * 2, mode, mountpoint)
    first, second = (hold.result.read() for hold in warm.holds)
    assert first
    assert first != second
    warm.let_go()
