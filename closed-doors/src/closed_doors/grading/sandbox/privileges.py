"""Whether this process is root where it counts: able to make namespaces, and to become any user id."""

import functools
import os
from pathlib import Path

_SYS_ADMIN = 21
_ALL_IDS = 1 << 31  # what a namespace that has them all maps at least; a container's often has one id, or 65,536


def is_root() -> bool:
    """Whether sandboxes are made as root makes them.

    Root of a user namespace with few ids, or without the capability that unsharing takes, is not: it makes sandboxes as
    an ordinary user does, in a user namespace each. Forks keep the answer, as long as they are root's.
    """
    return os.geteuid() == 0 and _has_namespaces()


def has_capability(number: int) -> bool:
    """Whether this process may use a capability now; said to be so where the kernel does not tell."""
    try:
        status = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return True
    effective = next((int(line.split()[1], 16) for line in status if line.startswith("CapEff:")), -1)
    return bool(effective >> number & 1)


@functools.cache
def _has_namespaces() -> bool:
    try:
        ids = sum(int(line.split()[2]) for line in Path("/proc/self/uid_map").read_text().splitlines())
    except (OSError, ValueError, IndexError):
        return True
    return ids >= _ALL_IDS and has_capability(_SYS_ADMIN)
