"""Which of the calls that a sandbox is made of this machine blocks, and what to do about that one.

They are tried in the order in which a sandbox makes them, each in a process of its own, with nothing but the standard
library and the grader's own wrappers: the first that fails is the reason of all that follows.
"""

import ctypes.util
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from closed_doors.grading.sandbox import libc_calls
from closed_doors.grading.sandbox.privileges import is_root

_CONTAINER = (
    "in a container: podman run --security-opt seccomp=unconfined, docker run --security-opt seccomp=unconfined "
    "--security-opt apparmor=unconfined --cap-add SYS_ADMIN, or a pod with hostUsers: false and SYS_ADMIN"
)
_APPARMOR = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
_CLONE = Path("/proc/sys/kernel/unprivileged_userns_clone")
_MOST = Path("/proc/sys/user/max_user_namespaces")


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
            return Blocked(call, error, _remedy(call))
        done.append((call, does))
    return None


def _steps() -> list[tuple[str, Callable[[], None]]]:
    uid, gid = os.getuid(), os.getgid()
    as_user: list[tuple[str, Callable[[], None]]] = [
        ("unshare(CLONE_NEWUSER)", lambda: libc_calls.unshare(libc_calls.NEWUSER)),
        ("writing /proc/self/uid_map", lambda: libc_calls.map_user(uid, gid)),
    ]
    return [
        *([] if is_root() else as_user),
        ("unshare(CLONE_NEWNS)", lambda: libc_calls.unshare(libc_calls.NEWNS)),
        ("unshare(CLONE_NEWPID)", lambda: libc_calls.unshare(libc_calls.NEWPID)),
        ("unshare(CLONE_NEWNET)", lambda: libc_calls.unshare(libc_calls.NEWNET)),
        ("unshare(CLONE_NEWCGROUP)", lambda: libc_calls.unshare(libc_calls.NEWCGROUP)),
        ("mount(tmpfs)", lambda: libc_calls.mount("tmpfs", "/tmp", "tmpfs", 0)),  # noqa: S108  (in its own namespace)
        ("prctl(PR_SET_NO_NEW_PRIVS)", lambda: libc_calls.prctl(libc_calls.PR_SET_NO_NEW_PRIVS, 1)),
        ("seccomp(SECCOMP_SET_MODE_FILTER)", _load_filter),
    ]


def _load_filter() -> None:
    from closed_doors.grading.sandbox import syscall_filter

    libc_calls.load_filter(syscall_filter.program())


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


def _remedy(call: str) -> str:
    if call.startswith(("seccomp", "prctl")):
        return "use a kernel with seccomp filters (CONFIG_SECCOMP_FILTER), as all distributions have"
    if call == "unshare(CLONE_NEWUSER)":
        return _remedy_of_user_namespaces()
    if _read(_APPARMOR) == "1" and not is_root():
        return (
            "AppArmor lets ordinary users make user namespaces in which nothing can be done: "
            "sysctl kernel.apparmor_restrict_unprivileged_userns=0, or a profile for the course's Python"
        )
    if os.geteuid() == 0 and not is_root():
        return f"this root has not the rights of one; {_CONTAINER}"
    return f"let it be made, {_CONTAINER}" + ("" if os.geteuid() == 0 else "; or grade as root")


def _remedy_of_user_namespaces() -> str:
    if _read(_MOST) == "0":
        return "sysctl user.max_user_namespaces=15000"
    if _read(_CLONE) == "0":
        return "sysctl kernel.unprivileged_userns_clone=1"
    if _read(_APPARMOR) == "1":
        return "sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for the course's Python"
    return f"a seccomp filter or a policy around this process blocks it; {_CONTAINER}"


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
