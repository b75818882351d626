"""The global names of a grading cell, where the cell and the student's code go by the same ones.

In a notebook all cells share one set of names. A test that says `del squares` wants the student's other functions not
to find it; one that says `input = lambda: "3"` wants them to call that. So these names, and no others, are bound and
deleted in the student's process too: those that the master's solutions define, and those that they read. What else a
test computes, above all what it expects, stays here. A value of the student's that a call has changed is read anew.
"""

import re
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from types import ModuleType

from closed_doors.grading.bridge.examiner_side import Bridge
from closed_doors.grading.bridge.remote_objects import remote_of
from closed_doors.grading.examiner.grading_cell import GradingCell
from closed_doors.notebook.global_names import bound_names, deleted_names
from closed_doors.notebook.syntax_trees import texts_in

MAIN = "__main__"
_OF_MAIN = re.compile(r"__main__\.(\w+)")
_LOOKS_AT_MAIN = re.compile(rf"{MAIN}|\bunittest\.main\(|\btestmod\(")
_NAMES_BY_TEXT = re.compile(r"\b(?:eval|exec|globals|locals|vars|dir|timeit|repeat|Timer)\(")
_NAMES = re.compile(r"[^\W\d]\w*")


def notebook_names(cell: GradingCell, namespace: dict[str, object]) -> "MutableMapping[str, object] | None":
    """Return what a cell's statements bind their names in; None where its namespace alone will do."""
    shared = frozenset(cell.wanted) | frozenset(cell.step.read_names)
    changed = bound_names(cell.source) | deleted_names(cell.source) | frozenset(_OF_MAIN.findall(cell.source))
    values = {name for name in cell.wanted if name in namespace and remote_of(namespace[name]) is None}
    live = frozenset(name for name in values if not callable(namespace[name]))
    touched = shared & changed
    return _SharedNames(namespace, touched, live, cell.bridge) if touched or live else None


def names_of_main(source: str) -> frozenset[str]:
    """Return the global names that a cell gives as text, as `patch("__main__.name")` and `"name" in globals()` do."""
    texts = texts_in(source) if _NAMES_BY_TEXT.search(source) else ()
    return frozenset(_OF_MAIN.findall(source)).union(*map(_NAMES.findall, texts))


@contextmanager
def as_main(source: str, names: MutableMapping[str, object]) -> Iterator[None]:
    """Let the module `__main__` hold a cell's names, where the cell speaks of it."""
    if not _LOOKS_AT_MAIN.search(source):
        yield
        return
    before, sys.modules[MAIN] = sys.modules[MAIN], _Main(names)
    try:
        yield
    finally:
        sys.modules[MAIN] = before


class _SharedNames(MutableMapping[str, object]):
    def __init__(
        self, namespace: dict[str, object], shared: frozenset[str], live: frozenset[str], bridge: Bridge
    ) -> None:
        self._namespace = namespace
        self._shared = shared
        self._bridge = bridge
        self._bound: set[str] = set()  # by the test: the student's code changes them where the master's solution does
        self._live = dict.fromkeys(live, bridge.asked)  # the names that are read anew, and when they were read

    def __getitem__(self, name: str) -> object:
        if self._live.get(name, self._bridge.asked) != self._bridge.asked:
            known = self._namespace[name]
            found = self._bridge.read_again(name, known)
            if found is not known and name in self._bound and not self._bridge.may_decide("global", name):
                found = known
            self._live[name], self._namespace[name] = self._bridge.asked, found
        return self._namespace[name]

    def __setitem__(self, name: str, value: object) -> None:
        self._namespace[name] = value
        self._live.pop(name, None)
        if name in self._shared:
            self._bridge.set_name(name, value)
            if remote_of(value) is None and not callable(value):  # the student's code may bind it anew
                self._bound.add(name)
                self._live[name] = self._bridge.asked

    def __delitem__(self, name: str) -> None:
        del self._namespace[name]
        self._live.pop(name, None)
        if name in self._shared:
            self._bridge.delete_name(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._namespace)

    def __len__(self) -> int:
        return len(self._namespace)

    def copy(self) -> dict[str, object]:
        """Return what is bound now, as a library asks the names around a call for it."""
        return dict(self._namespace)


class _Main(ModuleType):
    def __init__(self, names: MutableMapping[str, object]) -> None:
        super().__init__(MAIN)
        self.__dict__["_names"] = names

    def __getattr__(self, name: str) -> object:
        try:
            return self.__dict__["_names"][name]
        except KeyError:
            raise AttributeError(f"module '{MAIN}' has no attribute {name!r}") from None

    def __setattr__(self, name: str, value: object) -> None:
        self.__dict__["_names"][name] = value

    def __dir__(self) -> list[str]:
        return list(self.__dict__["_names"])

    def __delattr__(self, name: str) -> None:
        self.__dict__["_names"].pop(name, None)
