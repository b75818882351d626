"""Sandboxes of the tests' own, and the warm process that makes and keeps them."""

import json
import os
import signal
import socket
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from closed_doors.grading.sandbox import jail
from closed_doors.grading.sandbox.keeper import Keeper
from closed_doors.grading.sandbox.limits import Limits
from closed_doors.grading.sandbox.rootfs import Room, interpreter_folders

ORDINARY_USER = 54321
FIRST_UID = 61234


class Hold:
    """A supervisor's hold on one sandbox: its leash, and a pipe on which comes what the function in it returned."""

    def __init__(self, inside: Callable[[], Any]) -> None:
        self.inside = inside
        self.leash, self.keepers_end = socket.socketpair()
        result, self.inner_end = os.pipe()
        self.result = os.fdopen(result, "rb")
        self.lines = self.leash.makefile("rb")

    def report(self) -> None:
        """Run in the sandbox."""
        os.write(self.inner_end, json.dumps(self.inside()).encode())

    def hear(self) -> dict[str, Any]:
        """Return the next thing that is said on the leash; nothing where it has ended."""
        return dict(json.loads(self.lines.readline() or b"{}"))

    def close(self) -> None:
        for end in (self.lines, self.result, self.leash):
            end.close()


class Warm:
    """A process that has made a sandbox for each of these functions, and keeps them until it is let go of."""

    def __init__(
        self,
        insides: Sequence[Callable[[], Any]],
        mode: str,
        mountpoint: Path,
        limits: Limits | None = None,
        room: Room | None = None,
    ) -> None:
        self.holds = [Hold(inside) for inside in insides]
        self.requests, requests = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                ends = [end for hold in self.holds for end in (hold.keepers_end.fileno(), hold.inner_end)]
                jail.close_all_but([requests.fileno(), *ends])
                if mode == "user" and os.geteuid() == 0:
                    os.setgroups([])
                    os.setresgid(ORDINARY_USER, ORDINARY_USER, ORDINARY_USER)
                    os.setresuid(ORDINARY_USER, ORDINARY_USER, ORDINARY_USER)
                self._keep(requests, limits or Limits(), room or Room(()), mountpoint)
            finally:
                os._exit(0)
        requests.close()
        for hold in self.holds:
            hold.keepers_end.close()
            os.close(hold.inner_end)

    def _keep(self, requests: socket.socket, limits: Limits, room: Room, mountpoint: Path) -> None:
        seen = replace(room, read_only=interpreter_folders() + room.read_only)  # as far as this user can see it
        with Keeper() as keeper:
            for uid, hold in enumerate(self.holds, FIRST_UID):
                confinement = jail.Confinement(hold.report, (hold.inner_end,), limits, seen, uid, mountpoint)
                keeper.confine(confinement, hold.keepers_end)
                os.close(hold.inner_end)
            keeper.attend(requests.fileno())

    def let_go(self) -> None:
        """Close all that is held, and wait until the process is gone."""
        for hold in self.holds:
            hold.close()
        self.requests.close()
        os.waitpid(self.pid, 0)

    def kill(self) -> None:
        """Kill the process, and nothing else."""
        os.kill(self.pid, signal.SIGKILL)


class Sandbox(Warm):
    """One sandbox."""

    def __init__(self, inside: Callable[[], Any], mode: str, mountpoint: Path, limits: Limits, room: Room) -> None:
        super().__init__([inside], mode, mountpoint, limits, room)
        self.hold = self.holds[0]
        self.said = self.hold.hear()

    def result(self) -> Any:
        """Return what ran, once all is gone."""
        assert "ready" in self.said, self.said
        value = json.loads(self.hold.result.read() or b"null")
        self.finish()
        return value

    def finish(self) -> dict[str, Any]:
        """Wait for the sandbox's end, and return what was said of it."""
        said = self.hold.hear()
        self.let_go()
        return said


def groups(pid: int) -> list[Path]:
    """Return the control groups that a process has made, and not removed."""
    root = Path("/sys/fs/cgroup")  # not below: the groups of others come and go while one looks
    return [
        group for folder in (root, root / "memory", root / "pids") for group in folder.glob(f"closed-doors-{pid}-*")
    ]
