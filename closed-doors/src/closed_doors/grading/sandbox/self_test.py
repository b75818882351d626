"""Finds out by doing what protects this machine, and says what is missing."""

import json
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from closed_doors.core.errors import SandboxError
from closed_doors.grading.sandbox import cgroup, jail
from closed_doors.grading.sandbox.keeper import Keeper
from closed_doors.grading.sandbox.limits import Limits
from closed_doors.grading.sandbox.privileges import is_root
from closed_doors.grading.sandbox.rootfs import Room, interpreter_folders


@dataclass(frozen=True, slots=True)
class Protection:
    """What a sandbox on this machine is made of.

    Attributes:
        user: whose privileges set it up, "root" or "user"; None where it can't be set up.
        obstacle: why it can't, in English; empty where it can.
        cgroup: "v1" or "v2" where a sandbox's memory is bounded as a whole; None where each process is bounded alone.
    """

    user: str | None
    obstacle: str = ""
    cgroup: str | None = None

    @property
    def tier(self) -> str:
        """One phrase for reports."""
        if self.user is None:
            return "none"
        how = "a user id of its own" if self.user == "root" else "a user namespace"
        group = f"control group {self.cgroup}" if self.cgroup else "no control group"
        return f"namespaces, {how}, a read-only view, seccomp, resource limits, {group}"


def probe() -> Protection:
    """Set up a real sandbox, and try to leave it; the calling process has one thread."""
    mountpoint = jail.make_mountpoint()
    try:
        error = _try(mountpoint)
    finally:
        mountpoint.rmdir()
    if error:
        return Protection(None, error)
    as_root = is_root()
    return Protection("root" if as_root else "user", cgroup=cgroup.version() if as_root else None)


def require(protection: Protection) -> None:
    """Refuse to go on without a sandbox.

    Raises:
        SandboxError: there is none here; the message says what to do.
    """
    if protection.user is None:
        raise SandboxError(
            f"Student code can't be closed in on this machine ({protection.obstacle}), so nothing was graded. "
            "`course doctor` tries one call after another, and names the one that is blocked and what to do about it."
        )


def _try(mountpoint: Path) -> str:
    """Return what went wrong, or an empty text."""
    ours, theirs = socket.socketpair()
    result_read, result_write = os.pipe()
    room = Room(interpreter_folders())
    prober = jail.Confinement(lambda: _report(result_write), (result_write,), Limits(), room, 65533, mountpoint)
    with Keeper() as keeper:
        keeper.confine(prober, theirs)
        os.close(result_write)
        keeper.attend(ours.fileno())
        said = json.loads(ours.makefile("rb").readline() or b"{}")
        with os.fdopen(result_read, "rb") as stream:
            found = json.loads(stream.read() or b"{}")
    ours.close()
    if "ready" not in said:
        return str(said.get("error", "it ended before it was ready"))
    return "; ".join(what for what, escaped in found.items() if escaped)


def _report(descriptor: int) -> None:
    """Try from inside what must not work; runs in the sandbox."""
    tries: dict[str, Callable[[], object]] = {
        "a network socket could be made": lambda: socket.socket(socket.AF_INET),
        "the host's accounts could be read": lambda: Path("/etc/shadow").read_bytes(),
        "a library folder could be written to": lambda: Path("/usr/x").write_bytes(b""),
        "another process could be seen": lambda: Path("/proc/2").stat(),
        "a capability was left": lambda: os.setgroups([]),
    }
    found = {}
    for what, attempt in tries.items():
        try:
            attempt()
            found[what] = True
        except OSError:
            found[what] = False
    os.write(descriptor, json.dumps(found).encode())
