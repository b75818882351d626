"""What a test changes around the student's code before it calls it: seeds, patched modules, variables, filters.

`patch("time.sleep")`, `random.random = lambda: 0.1`, `os.environ["HOME"] = "/x"`, `warnings.simplefilter("error")`: in
a notebook the student's code meets them. So each call takes along what a cell has changed since it began, one way only.
"""

import itertools
import os
import re
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType

from closed_doors.grading.bridge.draws import seedings, states
from closed_doors.grading.bridge.test_objects import patched_builtins
from closed_doors.grading.protocol.messages import Surroundings
from closed_doors.grading.protocol.wire import Foreign

Encode = Callable[[object], bytes]

_REPLACES = re.compile(r"patch|setattr|^\s*\w+(?:\.\w+)+\s*=[^=]", re.MULTILINE)
_NAMES = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_OWN = frozenset({"__main__", "builtins", "checks", "closed_doors", "pytest", "unittest", "warnings"})
_OF_SYS = ("argv", "stdin")  # what else is there tells of the process
_ABSENT = object()


@dataclass(slots=True)
class Followed:
    """What one cell may change.

    Attributes:
        draws: how often generators were seeded, the states that the student's process has, its generation; None where
            the cell seeds none.
        modules: what stood in modules when it began.
        environment: the variables of then; None where it does not name them.
        filters: what was done with warnings then; None where it does not speak of them.
    """

    draws: tuple[int, bytes, int] | None = None
    modules: dict[str, dict[str, object]] = field(default_factory=dict)
    environment: dict[str, str] | None = None
    filters: list[Foreign] | None = None
    _fresh: bool = True

    def now(self, encode: Encode, generation: int) -> Surroundings:
        """Return what has been changed until now.

        Args:
            encode: encodes a value for the student's process.
            generation: of that process: a new one knows of nothing.
        """
        replaced = {name: encode(value) for name, value in self._replaced().items()}
        fresh, self._fresh = self._fresh, False
        drawn, filters = self._drawn(encode, generation), self._filtered(encode)
        return Surroundings(patched_builtins(), drawn, replaced, self._variables(), filters, fresh)

    def _drawn(self, encode: Encode, generation: int) -> bytes:
        known = self.draws
        if known is None or (not known[1] and known[0] == seedings()):
            return b""
        now = self.draws = seedings(), encode(states()), generation
        return b"" if now == known else now[1]

    def _replaced(self) -> dict[str, object]:
        return {
            f"{module}:{name}": value
            for module, before in self.modules.items()
            for name, value in _shown(module).items()
            if before.get(name, _ABSENT) is not value
        }

    def _variables(self) -> dict[str, str | None]:
        before, now = self.environment, dict(os.environ)
        if before is None or before == now:
            return {}
        gone: dict[str, str | None] = dict.fromkeys(before.keys() - now.keys())
        return gone | {name: value for name, value in now.items() if before.get(name) != value}

    def _filtered(self, encode: Encode) -> bytes:
        before, now = self.filters, list(warnings.filters)
        if before is None or now == before:
            return b""
        same = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(reversed(before), reversed(now), strict=False))
        known = len(list(same))
        new = [_plain_filter(*each) for each in now[: len(now) - known]]
        return encode([new, known > 0])


def follow(source: str, namespace: Mapping[str, object]) -> Followed:
    """Return what is followed of a cell that begins.

    Args:
        source: its code.
        namespace: its global names.
    """
    found = Followed((seedings(), b"", 0) if "seed" in source else None)
    if _REPLACES.search(source):
        found.modules = {name: dict(_shown(name)) for name in _modules_named(source, namespace)}
    if "env" in source:
        found.environment = dict(os.environ)
    if "warn" in source.lower():
        found.filters = list(warnings.filters)
    return found


def _modules_named(source: str, namespace: Mapping[str, object]) -> set[str]:
    found = set()
    for dotted in set(_NAMES.findall(source)):
        first, *rest = dotted.split(".")
        known = namespace.get(first)
        parts = [known.__name__ if isinstance(known, ModuleType) else first, *rest]
        found |= {name for end in range(1, len(parts) + 1) if (name := ".".join(parts[:end])) in sys.modules}
    return {name for name in found if name.split(".")[0] not in _OWN}


def _shown(module: str) -> dict[str, object]:
    everything = vars(sys.modules[module])
    return {name: everything[name] for name in _OF_SYS if name in everything} if module == "sys" else everything


def _plain_filter(
    action: str, message: "re.Pattern[str] | None", category: object, module: "re.Pattern[str] | None", line: int
) -> list[object]:
    return [action, *(each and each.pattern for each in (message, module)), category, line]
