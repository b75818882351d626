"""Puts a process behind closed doors.

Theory of operation. `confine` makes a child of a warm process pid 1 of a new pid namespace: the INMATE. It closes what
is not its own, builds its view of the files, drops every privilege, loads the filter and calls what it was given. The
warm process keeps it (see `keeper`).

    supervisor ──leash── warm process ──forks──> inmate (pid 1 inside) ──> whatever it starts

The inmate ends: the kernel kills all that is in its namespace. The warm process ends: the inmate's parent-death signal
ends it. What goes wrong before `inside` is called is ours, and is told on the leash: nothing of a student has run yet.
"""

import contextlib
import json
import os
import select
import signal
import socket
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from closed_doors.grading.sandbox import libc_calls, rootfs, syscall_filter
from closed_doors.grading.sandbox.cgroup import Group
from closed_doors.grading.sandbox.limits import Limits
from closed_doors.grading.sandbox.privileges import is_root
from closed_doors.grading.sandbox.rootfs import Room

NAMESPACES = libc_calls.NEWNS | libc_calls.NEWNET | libc_calls.NEWIPC | libc_calls.NEWUTS | libc_calls.NEWCGROUP
FAILED_INSIDE = 70


def make_mountpoint() -> Path:
    """Return a new empty folder on which every sandbox mounts its root, each in a mount namespace of its own."""
    path = Path(tempfile.mkdtemp(prefix="root-"))
    path.chmod(0o755)
    return path


@dataclass(frozen=True, slots=True)
class Confinement:
    """What runs in a sandbox, and what it has there.

    Attributes:
        inside: what runs; its return ends the sandbox.
        keep: the descriptors that it may use; the inmate has copies, and closes all others.
        limits: what the sandbox may use.
        room: what it may see.
        uid: as root, the user id that it runs as, which no other running sandbox should have.
        mountpoint: from `make_mountpoint`.
    """

    inside: Callable[[], None]
    keep: tuple[int, ...]
    limits: Limits
    room: Room
    uid: int
    mountpoint: Path


def confine(confinement: Confinement, leash: socket.socket, warm: int, group: Group | None) -> int:
    """Make an inmate and return its process number in the calling, warm process.

    Args:
        confinement: what it is to do.
        leash: where it says that it is ready, or what went wrong.
        warm: a handle on the calling process.
        group: the control group that it enters.

    Raises:
        OSError: there is no inmate.
    """
    owner = None if is_root() else (os.getuid(), os.getgid())
    pid, still = forked(libc_calls.NEWPID if owner is None else libc_calls.NEWPID | libc_calls.NEWUSER, group)
    if pid == 0:
        try:
            _be_inmate(confinement, leash, warm, still, owner)
        finally:
            os._exit(FAILED_INSIDE)
    return pid


def forked(flags: int, group: Group | None) -> tuple[int, Group | None]:
    """Fork into namespaces, and into the group where that can be; return the group that is still to be entered."""
    handle = group.handle() if group is not None else None
    if handle is not None:
        try:
            return libc_calls.fork_into(flags, handle), None
        except OSError:  # a kernel before 5.7, or a container's filter: the longer way
            pass
        finally:
            os.close(handle)
    return libc_calls.fork_into(flags), group


def _be_inmate(
    confinement: Confinement, leash: socket.socket, warm: int, group: Group | None, owner: tuple[int, int] | None
) -> NoReturn:
    try:
        close_all_but([leash.fileno(), warm, *confinement.keep])
        if group is not None:
            group.enter()
        if owner is not None:
            libc_calls.map_user(*owner)
        _settle(confinement, as_root=owner is None)
        _die_with(warm)
        libc_calls.load_filter(syscall_filter.program())
    except BaseException as error:
        tell(leash, {"error": f"{type(error).__name__}: {error}"})
        os._exit(FAILED_INSIDE)
    os.close(warm)
    tell(leash, {"ready": True})
    leash.close()
    confinement.inside()
    os._exit(0)


def tell(leash: socket.socket, record: Mapping[str, object]) -> None:
    """Write one record, unless nobody reads any more."""
    with contextlib.suppress(OSError):
        leash.send(json.dumps(record).encode() + b"\n", socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)


def close_all_but(keep: Sequence[int]) -> None:
    """Close every descriptor but the standard streams and those given."""
    first = 3
    for descriptor in sorted(keep):
        os.closerange(first, descriptor)
        first = descriptor + 1
    os.closerange(first, 65536)


def _settle(confinement: Confinement, as_root: bool) -> None:
    """Enter the view and give up every privilege, in the one order that works."""
    libc_calls.unshare(NAMESPACES)
    os.umask(0o022)
    libc_calls.set_hostname("localhost")
    rootfs.build(confinement.mountpoint, confinement.room, confinement.limits)
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
    libc_calls.drop_bounding_capabilities()
    if as_root:
        os.setgroups([])
        os.setresgid(confinement.uid, confinement.uid, confinement.uid)
        os.setresuid(confinement.uid, confinement.uid, confinement.uid)
    libc_calls.drop_capabilities()
    libc_calls.prctl(libc_calls.PR_SET_NO_NEW_PRIVS, 1)
    libc_calls.prctl(libc_calls.PR_SET_DUMPABLE, 0)  # /proc/<pid>/mem of a state is closed to later ones
    confinement.limits.apply()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE):
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def _die_with(warm: int) -> None:
    """Let the inmate be killed when the warm process ends, or end it where that has happened.

    It comes after the change of user, which would undo it. The warm process has no number in here, so its handle is
    asked. `setsid` stands in between because it waits for the lock under which the kernel ends a process: an end that
    sent no signal because it came too early can be seen on the handle then.
    """
    libc_calls.prctl(libc_calls.PR_SET_PDEATHSIG, signal.SIGKILL)
    os.setsid()
    watch = select.poll()
    watch.register(warm, select.POLLIN)
    if watch.poll(0):
        os._exit(FAILED_INSIDE)


def _null_standard_streams() -> None:
    null = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    if null > 2:
        os.close(null)
