"""How much of the machine one sandbox may use."""

import resource
from dataclasses import dataclass
from pathlib import Path

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one sandbox.

    Attributes:
        memory_mib: growth of each process's address space over what it has when the bound is set.
        processes: processes and threads of the sandbox's user.
        open_files: descriptors of one process.
        disk_mib: each of the private temporary file systems, and the largest file.
        cpu_s: processor time of each process, in seconds.
    """

    memory_mib: int = 1024
    processes: int = 96
    open_files: int = 256
    disk_mib: int = 64
    cpu_s: int = 60

    def apply(self) -> None:
        """Bind the calling process and its future children."""
        bound_memory(self.memory_mib)
        for what, bound in (
            (resource.RLIMIT_NPROC, self.processes),
            (resource.RLIMIT_NOFILE, self.open_files),
            (resource.RLIMIT_FSIZE, self.disk_mib * MIB),
            (resource.RLIMIT_CPU, self.cpu_s),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_MEMLOCK, 0),
            (resource.RLIMIT_MSGQUEUE, 0),
        ):
            _bound(what, bound)


def bound_memory(growth_mib: int) -> None:
    """Let the calling process's address space grow by so much, and no more."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0])
    _bound(resource.RLIMIT_AS, pages * resource.getpagesize() + growth_mib * MIB)


def _bound(what: int, bound: int) -> None:
    hard = resource.getrlimit(what)[1]
    value = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
    resource.setrlimit(what, (value, value))
