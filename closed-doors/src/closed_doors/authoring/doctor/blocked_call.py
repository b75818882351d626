"""Which of the calls that a sandbox is made of this machine blocks, and what to do about that one.

They are tried in the order in which a sandbox makes them, each in a process of its own, with nothing but the standard
library and the grader's own wrappers: the first that fails is the reason of all that follows.
"""

import ctypes.util
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from closed_doors.authoring.doctor.call_remedies import MAP_USER, NEW_USER, PRIVATE, PROC, remedy
from closed_doors.grading.sandbox import libc_calls, rootfs
from closed_doors.grading.sandbox.privileges import is_root

_ROOT = "/tmp"  # noqa: S108  (of what is mounted there, nobody else sees anything)


@dataclass(frozen=True, slots=True)
class Blocked:
    """A call that this machine blocks.

    Attributes:
        call: the call itself.
        error: what the kernel said.
        remedy: what lets it through.
    """

    call: str
    error: str
    remedy: str


def blocked_call() -> Blocked | None:
    """Return the first call of a sandbox's that fails here; None where all go through."""
    if ctypes.util.find_library("seccomp") is None:
        return Blocked("loading libseccomp", "it is not installed", "install it (Debian and Ubuntu: libseccomp2)")
    done: list[tuple[str, Callable[[], None]]] = []
    for call, does in _steps():
        error = _fails([*(each for _, each in done), does])
        if error:
            return Blocked(call, error, remedy(call))
        done.append((call, does))
    return None


def _steps() -> list[tuple[str, Callable[[], None]]]:
    from closed_doors.grading.sandbox import syscall_filter  # it loads libseccomp

    uid, gid, program = os.getuid(), os.getgid(), syscall_filter.program()
    as_user: list[tuple[str, Callable[[], None]]] = [
        (NEW_USER, lambda: libc_calls.unshare(libc_calls.NEWUSER)),
        (MAP_USER, lambda: libc_calls.map_user(uid, gid)),
    ]
    private = libc_calls.MS_REC | libc_calls.MS_PRIVATE
    return [
        *([] if is_root() else as_user),
        ("unshare(CLONE_NEWNS)", lambda: libc_calls.unshare(libc_calls.NEWNS)),
        (PRIVATE, lambda: libc_calls.mount(None, "/", None, private)),
        ("unshare(CLONE_NEWPID)", lambda: libc_calls.unshare(libc_calls.NEWPID)),
        ("unshare(CLONE_NEWNET)", lambda: libc_calls.unshare(libc_calls.NEWNET)),
        ("unshare(CLONE_NEWCGROUP)", lambda: libc_calls.unshare(libc_calls.NEWCGROUP)),
        ("mount(tmpfs)", lambda: libc_calls.mount("tmpfs", _ROOT, "tmpfs", 0)),  # in its own namespace
        (PROC, _own_processes),
        ("pivot_root", lambda: libc_calls.pivot_root(_ROOT)),
        ("prctl(PR_SET_NO_NEW_PRIVS)", lambda: libc_calls.prctl(libc_calls.PR_SET_NO_NEW_PRIVS, 1)),
        ("seccomp(SECCOMP_SET_MODE_FILTER)", lambda: libc_calls.load_filter(program)),
    ]


def _own_processes() -> None:
    """Mount what shows the processes of a namespace, which its first process can, and go on as that."""
    pid = os.fork()
    if pid:
        _, status = os.waitpid(pid, 0)
        os.kill(os.getpid(), status & 127)  # 0 is no signal
        os._exit(0)
    rootfs.own_processes(Path(_ROOT, "proc"))


def _fails(calls: list[Callable[[], None]]) -> str:
    """Make calls in a process of its own, and return what the kernel said of the first that failed."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            for call in calls:
                call()
        except OSError as error:
            os.write(write, str(error.strerror or error).encode())
        except BaseException as error:
            os.write(write, f"{type(error).__name__}: {error}".encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as stream:
        said = stream.read().decode()
    _, status = os.waitpid(pid, 0)
    return said or ("" if status == 0 else f"its process was ended by signal {status & 127}")
