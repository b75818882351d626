"""The system calls that Python 3.11 lacks; numbers and constants are those of the Linux headers."""

import ctypes
import os
import signal
import struct
import threading
from pathlib import Path

NEWNS, NEWCGROUP, NEWUTS, NEWIPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000
CHILD_CLEARTID, CHILD_SETTID, INTO_CGROUP = 0x200000, 0x1000000, 0x200000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_NOATIME = 1024
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
MNT_DETACH = 2
MADV_NOHUGEPAGE, MADV_COLLAPSE = 15, 25  # the second since Linux 6.1; where it is unknown pages stay as they are
HUGE = 2 << 20  # bytes
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP = 1, 4, 24, 38, 22
PR_GET_TID_ADDRESS = 40
INNER_ID = 1000
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
SECCOMP_MODE_FILTER = 2
_CAPABILITY_VERSION_3 = 0x20080522
_LAST_CAPABILITY = 63
_CLONE_ARGUMENTS = struct.Struct("=11Q")  # flags, pidfd, child_tid, parent_tid, exit_signal, …, cgroup

_libc = ctypes.CDLL(None, use_errno=True)
_locked = ctypes.PyDLL(None, use_errno=True)  # keeps the interpreter's lock, so that a child of a call has it too
_before_fork = ctypes.pythonapi.PyOS_BeforeFork
_after_fork_in_child = ctypes.pythonapi.PyOS_AfterFork_Child
_after_fork_in_parent = ctypes.pythonapi.PyOS_AfterFork_Parent


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("program", ctypes.c_void_p))


def _check(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Move the calling process into new namespaces."""
    _check(_libc.unshare(flags), f"unshare({flags:#x})")


def join(namespace: int, kind: int) -> None:
    """Move the calling process into an existing namespace, of which it has a handle."""
    _check(_libc.setns(namespace, kind), f"setns({kind:#x})")


def fork_into(flags: int, group: int | None = None) -> int:
    """Fork as os.fork does, from a process with one thread, with the child in new namespaces.

    Args:
        flags: which namespaces.
        group: a handle on the control group of version 2 that the child is made in, where it is another one.

    Whoever unshares a pid namespace has all later children in it, and only root can go back: the child is made in it
    instead, which the C library's own fork can't do. What that does besides is for processes with threads (atfork
    handlers, locks), and to note the child's thread number: here the kernel does, at the same address, where it can.
    """
    import pyseccomp  # it takes a while to look for its library, and not all who mount something fork

    address = ctypes.c_void_p()
    _libc.prctl(PR_GET_TID_ADDRESS, ctypes.byref(address), 0, 0, 0)  # stays NULL where the kernel doesn't tell
    if address.value and ctypes.c_int.from_address(address.value).value == threading.get_native_id():
        flags |= CHILD_SETTID | CHILD_CLEARTID
    arguments: tuple[object, ...]
    if group is None:
        # The address is the fourth argument or the fifth, whatever the architecture; the other one is not read.
        name, arguments = "clone", (ctypes.c_ulong(flags | signal.SIGCHLD), None, None, address, address)
    else:
        values = (flags | INTO_CGROUP, 0, address.value or 0, 0, signal.SIGCHLD, 0, 0, 0, 0, 0, group)
        name, arguments = "clone3", (_CLONE_ARGUMENTS.pack(*values), ctypes.c_size_t(_CLONE_ARGUMENTS.size))
    number = ctypes.c_long(pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name))
    _before_fork()
    pid = int(_locked.syscall(number, *arguments))
    if pid == 0:
        _after_fork_in_child()
        return 0
    _after_fork_in_parent()
    _check(pid, f"{name}({flags:#x})")
    return pid


def mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """Mount a file system, or change a mount."""
    arguments = [os.fsencode(text) if text is not None else None for text in (source, target, kind, data)]
    result = _libc.mount(*arguments[:3], ctypes.c_ulong(flags), arguments[3])
    _check(result, f"mount {source or kind} on {target}")


def pivot_root(new_root: str) -> None:
    """Make `new_root` the root, and let go of the old one."""
    os.chdir(new_root)
    _check(_libc.pivot_root(b".", b"."), "pivot_root")
    _check(_libc.umount2(b".", MNT_DETACH), "umount of the old root")
    os.chdir("/")


def pivot_root_onto(new_root: str, old_root: str) -> None:
    """Make `new_root` the root, and keep the old one visible at `old_root`, a folder in it."""
    os.chdir(new_root)
    _check(_libc.pivot_root(b".", os.fsencode(old_root.lstrip("/"))), "pivot_root")
    os.chdir("/")


def set_hostname(name: str) -> None:
    """Set the host name of the calling process's namespace."""
    _check(_libc.sethostname(name.encode(), len(name)), "sethostname")


def prctl(option: int, first: int, second: int = 0) -> None:
    """Change a property of the calling process."""
    result = _libc.prctl(option, ctypes.c_ulong(first), ctypes.c_ulong(second), ctypes.c_ulong(0), ctypes.c_ulong(0))
    _check(result, f"prctl({option}, {first})")


def map_user(uid: int, gid: int) -> None:
    """Give the calling process an id in its new user namespace: that of whoever made it, outside."""
    prctl(PR_SET_DUMPABLE, 1)  # else /proc/self belongs to root where the process changed its user
    Path("/proc/self/setgroups").write_text("deny", encoding="utf-8")
    Path("/proc/self/uid_map").write_text(f"{INNER_ID} {uid} 1", encoding="utf-8")
    Path("/proc/self/gid_map").write_text(f"{INNER_ID} {gid} 1", encoding="utf-8")


def die_with(parent: int) -> None:
    """Let the calling process be killed when its parent ends, or end it where that has happened."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def keep_huge_pages() -> None:
    """Leave the calling process's heap in the huge pages that it has, and let it grow in small ones.

    Where the heap grew in huge pages (see `zygote_handle.ENVIRONMENT`), forks copy fewer entries; but one that grows
    by a huge page of its own has that filled with zeros first.
    """
    for first, last, _, name in _mappings():
        if name == "[heap]":
            _libc.madvise(ctypes.c_void_p(first), ctypes.c_size_t(last - first), MADV_NOHUGEPAGE)


def collapse_pages() -> None:
    """Put the blocks of Python's own memory into huge pages as well: it takes a while, and each fork a third less."""
    for first, last, rights, name in _mappings():
        start, end = -(-first // HUGE) * HUGE, last // HUGE * HUGE
        if rights == "rw-p" and not name and start < end:
            _libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), MADV_COLLAPSE)


def _mappings() -> list[tuple[int, int, str, str]]:
    """Return where each piece of this process's memory begins and ends, its rights and its name; most have none."""
    found = []
    with open("/proc/self/maps", encoding="utf-8") as maps:  # noqa: PTH123  (of no use as a Path)
        for line in maps.readlines():
            place, rights, _, _, _, *name = line.split(maxsplit=5)
            first, last = (int(address, 16) for address in place.split("-"))
            found.append((first, last, rights, "".join(name).strip()))
    return found


def drop_bounding_capabilities() -> None:
    """Give up every capability that a program started later could get."""
    for capability in range(_LAST_CAPABILITY + 1):
        if _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0:  # beyond the kernel's last one
            break


def drop_capabilities() -> None:
    """Give up every capability that the calling process has."""
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    _check(_libc.capset(header, (ctypes.c_uint32 * 6)()), "capset")


def load_filter(program: bytes) -> None:
    """Install a seccomp filter in the calling thread (8 bytes an instruction); it can never be taken off."""
    buffer = ctypes.create_string_buffer(program, len(program))
    descriptor = _Filter(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    result = _libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(descriptor), 0, 0)
    _check(result, "seccomp filter")
