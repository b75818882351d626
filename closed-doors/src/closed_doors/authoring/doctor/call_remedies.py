"""What to do about a call that a machine blocks: what stands around this process is looked at, and the cause named."""

import os
from pathlib import Path

from closed_doors.grading.sandbox.privileges import has_capability, is_root

NEW_USER, MAP_USER, PRIVATE, PROC = (
    "unshare(CLONE_NEWUSER)",
    "writing /proc/self/uid_map",
    "mount(MS_PRIVATE)",
    "mount(proc)",
)
_SETFCAP = 31
_CONTAINER = (
    "in a container: podman run --security-opt seccomp=unconfined, docker run --security-opt seccomp=unconfined "
    "--security-opt apparmor=unconfined --cap-add SYS_ADMIN, or a pod as in deploy/kubernetes"
)
_NSPAWN = "systemd-nspawn -D ROOT makes a root that can"
_APPARMOR = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
_CLONE = Path("/proc/sys/kernel/unprivileged_userns_clone")
_MOST = Path("/proc/sys/user/max_user_namespaces")


def remedy(call: str) -> str:
    """Return what lets a call through that this machine blocks."""
    if call.startswith(("seccomp", "prctl")):
        return "use a kernel with seccomp filters (CONFIG_SECCOMP_FILTER), as all distributions have"
    if call == NEW_USER:
        return _of_user_namespaces()
    if call == MAP_USER and os.geteuid() == 0 and not has_capability(_SETFCAP):
        return (
            "Linux maps user id 0 for nobody who lacks the capability SETFCAP: leave it to this root, or run as "
            "another user id (docker run --user 1000, bwrap --uid 1000, runAsUser: 1000)"
        )
    if call == PRIVATE and not _root_is_mounted():
        return f"this is a chroot, whose root is no mount: mount --bind ROOT ROOT before chroot ROOT; or {_NSPAWN}"
    if call == PROC:
        return (
            "parts of /proc are covered around this process, and Linux lets no user namespace mount one that shows "
            "more: docker run --security-opt systempaths=unconfined, podman run --security-opt unmask=ALL, "
            "procMount: Unmasked in a pod"
        )
    return _of_any_call()


def _of_user_namespaces() -> str:
    if _read(_MOST) == "0":
        return "sysctl user.max_user_namespaces=15000"
    if _read(_CLONE) == "0":
        return "sysctl kernel.unprivileged_userns_clone=1"
    if not _is_mapped(os.geteuid()):
        return "this process's user id has no number in its user namespace: give it one (unshare -r, bwrap --uid 1000)"
    if not _root_is_mounted():
        return f"Linux makes no user namespace in a chroot: grade as root there, or outside of it; or {_NSPAWN}"
    if _read(_APPARMOR) == "1":
        return "sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for the course's Python"
    return f"a seccomp filter, a policy or a chroot around this process blocks it; {_CONTAINER}"


def _of_any_call() -> str:
    if _read(_APPARMOR) == "1" and not is_root():
        return (
            "AppArmor lets ordinary users make user namespaces in which nothing can be done: "
            "sysctl kernel.apparmor_restrict_unprivileged_userns=0, or a profile for the course's Python"
        )
    if os.geteuid() == 0 and not is_root():
        return f"this root has not the rights of one; {_CONTAINER}"
    return f"let it be made, {_CONTAINER}" + ("" if os.geteuid() == 0 else "; or grade as root")


def _is_mapped(user: int) -> bool:
    maps = [[int(number) for number in line.split()] for line in _read(Path("/proc/self/uid_map")).splitlines()]
    return any(first <= user < first + count for first, _, count in maps)


def _root_is_mounted() -> bool:
    """Whether what this process has as its root is a mount; that of a chroot often is none."""
    mounts = _read(Path("/proc/self/mountinfo")).splitlines()
    return not mounts or any(line.split()[4] == "/" for line in mounts)


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
