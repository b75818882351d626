"""Which system calls a sandbox may make.

The filter denies what a notebook never needs and what would reach beyond the sandbox, and allows the rest: Python,
libraries and the programs that a student may start use some two hundred calls, and a list of them would break with each
release. What stays allowed acts inside namespaces that hold nothing of anybody else's. The interpreter's files are
the exception: sandboxes share them, so what tells one process of another's use of a file is denied too, and file locks
do nothing. So is what tells of the whole machine: its load and memory, and the numbers that it gives to sockets, mounts
and process handles, one after the other whoever asks, since whoever comes next would hear of one who asks for many.
libseccomp writes the program, for the machine's own architecture; calls of any other architecture, x32 included, are
killed.
"""

import errno
import functools
import socket
import struct
import tempfile

import pyseccomp

from closed_doors.grading.sandbox import libc_calls

DENIED = """
ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd pidfd_send_signal process_madvise process_mrelease
sysinfo pidfd_open
inotify_init inotify_init1 inotify_add_watch mincore fadvise64 readahead cachestat statmount listmount
io_uring_setup io_uring_enter io_uring_register bpf perf_event_open userfaultfd
add_key request_key keyctl
mount umount umount2 pivot_root chroot move_mount open_tree fsopen fsconfig fsmount fspick mount_setattr
unshare setns open_by_handle_at name_to_handle_at
memfd_create memfd_secret shmget shmat shmctl msgget msgsnd msgrcv msgctl semget semop semctl semtimedop mq_open
mq_unlink kexec_load kexec_file_load init_module finit_module delete_module create_module reboot swapon swapoff acct
quotactl quotactl_fd settimeofday clock_settime clock_adjtime adjtimex sethostname setdomainname iopl ioperm
modify_ldt syslog fanotify_init fanotify_mark lookup_dcookie vhangup nfsservctl personality landlock_create_ruleset
mbind set_mempolicy migrate_pages move_pages vm86 vm86old uselib ustat sysfs _sysctl
""".split()  # noqa: SIM905  (a list of quoted words would be a page long)
NAMESPACE_FLAGS = (
    libc_calls.NEWNS,
    libc_calls.NEWCGROUP,
    libc_calls.NEWUTS,
    libc_calls.NEWIPC,
    libc_calls.NEWUSER,
    libc_calls.NEWPID,
    libc_calls.NEWNET,
)
F_SETOWN, F_SETSIG, F_SETOWN_EX = 8, 10, 15
LOCK_COMMANDS = (5, 6, 7, 36, 37, 38)  # F_GETLK, F_SETLK, F_SETLKW, and the same for open file descriptions
F_SETLEASE, F_NOTIFY = 1024, 1026
NEWER = {"cachestat": 451, "statmount": 457, "listmount": 458}  # than the oldest libseccomp; one number everywhere
TIOCSTI, TIOCLINUX, FIOSETOWN, SIOCSPGRP = 0x5412, 0x541C, 0x8901, 0x8902
RWF_NOWAIT = 8
CLONE_PIDFD = 0x1000
STATX_MNT_ID_UNIQUE = 0x4000
SO_COOKIE, SO_NETNS_COOKIE = 57, 71
LOW_WORD = 0xFFFFFFFF  # the kernel reads these arguments as 32 bits, whatever stands above

_LOAD, _EQUAL, _GREATER, _AT_LEAST, _RETURN = 0x20, 0x15, 0x25, 0x35, 0x06
_NUMBER, _FIRST_ARGUMENT = 0, 16  # offsets in the kernel's seccomp_data, on a little-endian machine
_ALLOW, _DENY = 0x7FFF0000, 0x00050000 | errno.EPERM
AIMED = (
    "kill",
    "tkill",
    "tgkill",
    "rt_sigqueueinfo",
    "rt_tgsigqueueinfo",
    "pidfd_open",
    "prlimit64",
    "sched_setaffinity",
)


@functools.cache
def program() -> bytes:
    """Return the sandbox's filter, ready to load; compiled once in the parent of all sandboxes."""
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    denied = pyseccomp.ERRNO(errno.EPERM)
    for name in DENIED:
        if (number := _number(name)) is not None:
            rules.add_rule(denied, number)
    nothing = pyseccomp.ERRNO(0)  # says that it was done
    rules.add_rule(nothing, "flock")
    for command in LOCK_COMMANDS:
        rules.add_rule(nothing, "fcntl", pyseccomp.Arg(1, pyseccomp.MASKED_EQ, LOW_WORD, command))
    rules.add_rule(denied, "preadv2", pyseccomp.Arg(5, pyseccomp.MASKED_EQ, RWF_NOWAIT, RWF_NOWAIT))
    unique = pyseccomp.Arg(3, pyseccomp.MASKED_EQ, STATX_MNT_ID_UNIQUE, STATX_MNT_ID_UNIQUE)
    rules.add_rule(denied, "statx", unique)
    for option in (SO_COOKIE, SO_NETNS_COOKIE):
        rules.add_rule(denied, "getsockopt", pyseccomp.Arg(2, pyseccomp.MASKED_EQ, LOW_WORD, option))
    for flag in (*NAMESPACE_FLAGS, CLONE_PIDFD):
        rules.add_rule(denied, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag))
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")  # its flags lie in memory; callers fall back to clone
    unix_only = pyseccomp.Arg(0, pyseccomp.NE, int(socket.AF_UNIX))
    rules.add_rule(pyseccomp.ERRNO(errno.EAFNOSUPPORT), "socket", unix_only)
    for command in (F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY):
        rules.add_rule(denied, "fcntl", pyseccomp.Arg(1, pyseccomp.MASKED_EQ, LOW_WORD, command))
    for command in (TIOCSTI, TIOCLINUX, FIOSETOWN, SIOCSPGRP):
        rules.add_rule(denied, "ioctl", pyseccomp.Arg(1, pyseccomp.MASKED_EQ, LOW_WORD, command))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def protect_elders(pid: int) -> None:
    """Keep the calling process, and all that it starts, from aiming at processes older than `pid`.

    The states of a notebook share one user, so the kernel would let a later cell kill the process of an earlier one.
    Signals, limits and handles may be aimed at process numbers from `pid` upwards, at groups of such, and at oneself.
    """
    checks = [
        _instruction(_LOAD, _FIRST_ARGUMENT),
        _instruction(_EQUAL, 0, 3, 0),  # oneself, or one's own group (a session of its own)
        _instruction(_AT_LEAST, 0x80000000, 0, 1),  # a negative number: a group
        _instruction(_GREATER, (1 << 32) - pid, 2, 1),  # -1 means everybody, and is the largest of these
        _instruction(_AT_LEAST, pid, 0, 1),
        _instruction(_RETURN, _ALLOW),
        _instruction(_RETURN, _DENY),
    ]
    numbers = [number for name in AIMED if (number := _number(name)) is not None]
    head = [_instruction(_LOAD, _NUMBER)]
    head += [_instruction(_EQUAL, number, len(numbers) - place, 0) for place, number in enumerate(numbers)]
    head.append(_instruction(_RETURN, _ALLOW))
    libc_calls.load_filter(b"".join(head + checks))


@functools.cache
def _number(name: str) -> int | None:
    """Return a system call's number here; None where this architecture has no such call."""
    number: int = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)
    return number if number >= 0 else NEWER.get(name)


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
