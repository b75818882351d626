"""Holds the inmates of a warm process: reports on each, and ends it when nobody wants it any more.

Theory of operation. A warm process has one keeper, and comes to it whenever it waits for a request. The keeper waits
too, on the leash and on a process handle of every inmate. A leash is a socket whose other end the supervisor holds; the
supervisor lets go of it, or dies: the keeper kills the inmate, and the kernel kills all that is in its namespace. The
warm process dies: the inmates' parent-death signals do the same (see `jail`). No turn of the keeper blocks: a control
group whose last processes the kernel is still taking apart is tried again on a later one.

On the leash stands one JSON object a line: the inmate says {"ready": true} or {"error": text}, and closes its copy
before anything of a student's runs; the keeper then says {"exit": code, "signal": number or null, "cpu_s": seconds}.
"""

import os
import resource
import select
import signal
import socket
import time
from dataclasses import dataclass
from typing import Self

from closed_doors.grading.sandbox import cgroup, jail
from closed_doors.grading.sandbox.cgroup import Group
from closed_doors.grading.sandbox.jail import Confinement
from closed_doors.grading.sandbox.privileges import is_root

FAREWELL_S = 3.0
_GROUP_S, _PAUSE_MS = 1.0, 5


@dataclass(frozen=True, slots=True)
class _Ward:
    """A child of the warm process; one without a leash is not an inmate, and is only waited for."""

    pid: int
    handle: int
    leash: socket.socket | None = None
    group: Group | None = None


class Keeper:
    """What a warm process knows of its children; close it, or use it in a `with` block, to end the inmates."""

    def __init__(self) -> None:
        self._myself = os.pidfd_open(os.getpid())
        self._watch = select.poll()
        self._by_handle: dict[int, _Ward] = {}
        self._by_leash: dict[int, _Ward] = {}
        self._groups: list[tuple[Group, float]] = []

    def confine(self, confinement: Confinement, leash: socket.socket) -> int:
        """Make a sandbox; return its process number, 0 where there is none and the leash says why.

        The leash is the keeper's from then on; it's closed when the inmate has ended.
        """
        group = None
        try:
            group = cgroup.make(confinement.limits) if is_root() else None
            pid = jail.confine(confinement, leash, self._myself, group)
        except OSError as error:
            jail.tell(leash, {"error": f"{type(error).__name__}: {error}"})
            leash.close()
            self._let_go(group)
            return 0
        self._take(_Ward(pid, os.pidfd_open(pid), leash, group))
        return pid

    def watch(self, pid: int) -> None:
        """Wait for a child that is not an inmate when it ends."""
        self._take(_Ward(pid, os.pidfd_open(pid)))

    def attend(self, connection: int) -> None:
        """Look after the inmates until there is something to read from `connection`, or its end."""
        self._watch.register(connection, select.POLLIN)
        while connection not in self._turn(None):
            pass
        self._watch.unregister(connection)

    def close(self) -> None:
        """Kill the inmates, and wait a moment until all children and control groups are gone."""
        for ward in list(self._by_leash.values()):
            self._kill(ward)
        deadline = time.monotonic() + FAREWELL_S
        while (self._by_handle or self._groups) and (left := deadline - time.monotonic()) > 0:
            self._turn(left)
        os.close(self._myself)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take(self, ward: _Ward) -> None:
        self._by_handle[ward.handle] = ward
        self._watch.register(ward.handle, select.POLLIN)
        if ward.leash is not None:
            self._by_leash[ward.leash.fileno()] = ward
            self._watch.register(ward.leash, select.POLLIN)

    def _turn(self, seconds: float | None) -> set[int]:
        """Wait until something happens, and do what it asks for; return the descriptors that have something to say."""
        wait = _PAUSE_MS if self._groups else seconds and 1000 * seconds
        said = {descriptor for descriptor, _ in self._watch.poll(wait)}
        for ward in [self._by_leash[leash] for leash in said & self._by_leash.keys()]:
            self._kill(ward)
        for ward in [self._by_handle[handle] for handle in said & self._by_handle.keys()]:
            self._bury(ward)
        now = time.monotonic()
        self._groups = [(group, end) for group, end in self._groups if not group.remove() and now < end]
        return said

    def _kill(self, ward: _Ward) -> None:
        """Kill an inmate; its leash has nothing more to say, and hears of its end."""
        assert ward.leash is not None
        signal.pidfd_send_signal(ward.handle, signal.SIGKILL)
        self._watch.unregister(ward.leash)
        del self._by_leash[ward.leash.fileno()]

    def _bury(self, ward: _Ward) -> None:
        """Take note of a child's end."""
        _, status, usage = os.wait4(ward.pid, 0)
        self._watch.unregister(ward.handle)
        del self._by_handle[ward.handle]
        os.close(ward.handle)
        if ward.leash is not None:
            if self._by_leash.pop(ward.leash.fileno(), None):
                self._watch.unregister(ward.leash)
            code = os.waitstatus_to_exitcode(status)
            ended = {"exit": max(code, 0), "signal": -code if code < 0 else None, "cpu_s": _cpu_s(usage)}
            jail.tell(ward.leash, ended)
            ward.leash.close()
        self._let_go(ward.group)

    def _let_go(self, group: Group | None) -> None:
        if group is not None:
            self._groups.append((group, time.monotonic() + _GROUP_S))


def _cpu_s(usage: resource.struct_rusage) -> float:
    return round(usage.ru_utime + usage.ru_stime, 4)
