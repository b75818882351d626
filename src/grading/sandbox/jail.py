"""Puts a process behind closed doors, and ends it.

Theory of operation. A warm parent forks a child that calls `confine`. That child is the KEEPER: it stays outside,
holds the leash (a socket whose other end the supervisor holds) and nothing else, and forks pid 1 of a new pid
namespace, the INMATE, which builds its view of the files, drops every privilege, loads the filter and calls what it
was given.

    supervisor ──leash── keeper ──forks──> inmate (pid 1 inside) ──> whatever it starts

The supervisor lets go of the leash, or dies: the keeper kills the inmate, and the kernel kills all that is in its
namespace. The keeper dies: the inmate's parent-death signal does the same. The parent dies: so does the keeper, by
its own.

On the leash the keeper writes one JSON object a line: {"ready": true} or {"error": text}, then {"exit": code, "signal":
number or null, "cpu_s": seconds}. An error is always ours: nothing of a student has run yet.
"""

import contextlib
import json
import os
import resource
import select
import signal
import socket
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from grading.sandbox import cgroup, rootfs, syscalls
from grading.sandbox import filter as seccomp
from grading.sandbox.cgroup import Group
from grading.sandbox.limits import Limits
from grading.sandbox.rootfs import Room

NAMESPACES = syscalls.NEWNS | syscalls.NEWNET | syscalls.NEWIPC | syscalls.NEWUTS
INNER_ID = 1000
FAILED_INSIDE = 70


def make_mountpoint() -> Path:
    """Return a new empty folder on which every sandbox mounts its root, each in a mount namespace of its own."""
    path = Path(tempfile.mkdtemp(prefix="root-"))
    path.chmod(0o755)
    return path


def confine(
    inside: Callable[[], None],
    leash: int,
    keep: Sequence[int],
    limits: Limits,
    room: Room,
    uid: int,
    mountpoint: Path,
) -> NoReturn:
    """Turn the calling process, a fresh fork, into a keeper, and run `inside` in a sandbox.

    Args:
        inside: what runs as pid 1 of the sandbox; its return ends the sandbox.
        leash: descriptor of the keeper's end of the leash.
        keep: the descriptors that `inside` may use; all others are closed.
        limits: what the sandbox may use.
        room: what it may see.
        uid: as root, the user id that it runs as, which no other running sandbox should have.
        mountpoint: from `make_mountpoint`.
    """
    parent = os.getppid()
    status = FAILED_INSIDE
    try:
        syscalls.die_with(parent)
        _close_all_but([leash, *keep])
        as_root = os.geteuid() == 0
        group = cgroup.make(limits) if as_root else None
        _unshare(as_root)
        ready_read, ready_write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(ready_read)
            os.close(leash)
            _inmate(inside, ready_write, limits, room, uid if as_root else None, mountpoint, group)
        os.close(ready_write)
        for descriptor in keep:
            os.close(descriptor)
        status = _keep(pid, socket.socket(fileno=leash), ready_read, group)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.write(leash, _line({"error": f"{type(error).__name__}: {error}"}))
    finally:
        os._exit(status)


def _unshare(as_root: bool) -> None:
    """Have the next child be pid 1 of a new namespace; the keeper itself keeps its view of the files."""
    if as_root:
        syscalls.unshare(syscalls.NEWPID)
        return
    uid, gid = os.getuid(), os.getgid()
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 1)  # else /proc/self belongs to root where the process changed its user
    syscalls.unshare(syscalls.NEWPID | syscalls.NEWUSER)
    Path("/proc/self/setgroups").write_text("deny", encoding="utf-8")
    Path("/proc/self/uid_map").write_text(f"{INNER_ID} {uid} 1", encoding="utf-8")
    Path("/proc/self/gid_map").write_text(f"{INNER_ID} {gid} 1", encoding="utf-8")


def _inmate(
    inside: Callable[[], None],
    ready: int,
    limits: Limits,
    room: Room,
    uid: int | None,
    mountpoint: Path,
    group: Group | None,
) -> NoReturn:
    try:
        if group is not None:
            group.enter()
        syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
        _settle(limits, room, uid, mountpoint)
        syscalls.load_filter(seccomp.program())
    except BaseException as error:
        os.write(ready, f"{type(error).__name__}: {error}".encode())
        os._exit(FAILED_INSIDE)
    os.write(ready, b"ready")
    os.close(ready)
    status = 0
    try:
        inside()
    except BaseException:
        status = FAILED_INSIDE
    finally:
        os._exit(status)


def _settle(limits: Limits, room: Room, uid: int | None, mountpoint: Path) -> None:
    """Enter the view and give up every privilege, in the one order that works."""
    syscalls.unshare(NAMESPACES)
    os.setsid()
    os.umask(0o022)
    syscalls.set_hostname("localhost")
    rootfs.build(mountpoint, room, limits)
    _null_standard_streams()
    os.environ.clear()
    os.environ.update(
        HOME=rootfs.HOME,
        USER=rootfs.USER,
        PATH="/usr/local/bin:/usr/bin:/bin",
        LANG="C.UTF-8",
        TMPDIR="/tmp",  # noqa: S108  (the sandbox's own)
        OMP_NUM_THREADS="1",
        MPLCONFIGDIR="/tmp",  # noqa: S108
    )
    syscalls.drop_bounding_capabilities()
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    syscalls.drop_capabilities()
    syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)  # a change of user clears it
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)  # /proc/<pid>/mem of a state is closed to later ones
    limits.apply()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE):
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def _keep(pid: int, leash: socket.socket, ready: int, group: Group | None) -> int:
    """Report on the inmate until it ends, and end it when the leash is let go."""
    said = os.read(ready, 4096)
    os.close(ready)
    if said == b"ready":
        _tell(leash, {"ready": True})
    else:
        _tell(leash, {"error": said.decode("utf-8", "replace") or "the sandbox ended before it was ready"})
    handle = os.pidfd_open(pid)
    watch = select.poll()
    watch.register(handle, select.POLLIN)
    watch.register(leash, select.POLLIN | select.POLLHUP)
    events = dict(watch.poll())
    if handle not in events:
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    _, status, usage = os.wait4(pid, 0)
    if group is not None:
        group.remove()
    code = os.waitstatus_to_exitcode(status)
    _tell(leash, {"exit": max(code, 0), "signal": -code if code < 0 else None, "cpu_s": _cpu_s(usage)})
    return 0


def _cpu_s(usage: resource.struct_rusage) -> float:
    return round(usage.ru_utime + usage.ru_stime, 4)


def _tell(leash: socket.socket, record: dict[str, object]) -> None:
    with contextlib.suppress(OSError):
        leash.send(_line(record), socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)


def _line(record: dict[str, object]) -> bytes:
    return json.dumps(record).encode() + b"\n"


def _close_all_but(keep: Sequence[int]) -> None:
    first = 3
    for descriptor in sorted(keep):
        os.closerange(first, descriptor)
        first = descriptor + 1
    os.closerange(first, 65536)


def _null_standard_streams() -> None:
    null = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    if null > 2:
        os.close(null)
