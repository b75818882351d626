"""The global names of a grading cell, where the cell binds or deletes some that the student's code goes by.

In a notebook all cells share one set of names. A test that says `del squares` wants the student's other functions not
to find it; one that says `input = lambda: "3"` wants them to call that. So these names, and no others, are bound and
deleted in the student's process too: those that the master's solutions define, and those that they read. What else a
test computes, above all what it expects, stays here.
"""

from collections.abc import Iterator, MutableMapping

from closed_doors.grading.bridge.examiner_side import Bridge
from closed_doors.grading.examiner.grading_cell import GradingCell
from closed_doors.notebook.global_names import bound_names, deleted_names


def notebook_names(cell: GradingCell, namespace: dict[str, object]) -> "MutableMapping[str, object] | None":
    """Return what a cell's statements bind their names in; None where its namespace alone will do."""
    shared = frozenset(cell.wanted) | frozenset(cell.step.read_names)
    touched = shared & (bound_names(cell.source) | deleted_names(cell.source))
    return _SharedNames(namespace, touched, cell.bridge) if touched else None


class _SharedNames(MutableMapping[str, object]):
    def __init__(self, namespace: dict[str, object], shared: frozenset[str], bridge: Bridge) -> None:
        self._namespace = namespace
        self._shared = shared
        self._bridge = bridge

    def __getitem__(self, name: str) -> object:
        return self._namespace[name]

    def __setitem__(self, name: str, value: object) -> None:
        self._namespace[name] = value
        if name in self._shared:
            self._bridge.set_name(name, value)

    def __delitem__(self, name: str) -> None:
        del self._namespace[name]
        if name in self._shared:
            self._bridge.delete_name(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._namespace)

    def __len__(self) -> int:
        return len(self._namespace)
