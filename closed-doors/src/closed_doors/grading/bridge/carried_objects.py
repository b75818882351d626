"""Objects of the student's that an earlier cell has left, as the cell that runs now meets them.

Each cell asks a fork of the notebook as it is where the cell stands. What a cell of the lesson has made stands there
under the same name, since the notebook has run that cell too: it is found again by its name, and by its place in lists,
dictionaries and objects. What a test has made is in that test's fork alone: the student's process pickles it there, and
unpickles it where it is asked for. The bytes are never looked at on the way.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from closed_doors.grading.bridge.remote_objects import Remote, remote_of

DEEPEST = 8
LONGEST = 1000  # elements of one container among which objects are looked for
MOST = 10_000  # parts that are looked at under one name
_OF_CELLS = "__main__"
_NOTHING = object()
Attribute = Callable[[Remote, str], object]


class Gives(Protocol):
    """A bridge, as another one asks it for objects."""

    def pickled(self, numbers: Sequence[int], generation: int, seconds: float) -> object:
        """Return bytes for another fork of the student's process; None where the objects are gone."""


@dataclass(frozen=True, slots=True)
class Known:
    """An object of another fork's: which bridge asks that fork, and the object's number and generation there."""

    reference: Remote
    bridge: Gives
    number: int
    generation: int


@dataclass(frozen=True, slots=True)
class Left:
    """What an earlier cell has left under a name.

    Attributes:
        value: as the test knows it.
        placed: whether the student's notebook holds the same under the name: a cell of the lesson has made it.
    """

    value: object
    placed: bool


def left_in(names: Iterable[str], namespace: Mapping[str, object], placed: bool) -> dict[str, Left]:
    """Return which of some names stand for objects of the student's, or hold any."""
    found = ((name, namespace[name]) for name in names if name in namespace)
    return {name: Left(value, placed) for name, value in found if next(remotes_in(value), None) is not None}


def remotes_in(value: object) -> Iterator[Remote]:
    """Yield the objects of the student's that a value is, or holds."""
    for reference, _ in pairs_in(value, _NOTHING, lambda *_: _NOTHING):
        yield reference


def pairs_in(ours: object, theirs: object, attribute: Attribute) -> Iterator[tuple[Remote, object]]:
    """Yield the objects of the student's in a value, each with what stands in the same place of another value.

    Args:
        ours: what the test has.
        theirs: what the student's process gives in its place.
        attribute: asks an object of the student's for an attribute.
    """
    waiting: list[tuple[object, object, int]] = [(ours, theirs, 0)]
    seen: set[int] = set()
    while waiting and len(seen) < MOST:
        here, there, depth = waiting.pop()
        if (reference := remote_of(here)) is not None:
            yield reference, there
        elif depth < DEEPEST and id(here) not in seen:
            seen.add(id(here))
            waiting += [(part, other, depth + 1) for part, other in _parts(here, there, attribute)]


def _parts(here: object, there: object, attribute: Attribute) -> Iterator[tuple[object, object]]:
    """Return what a container or an object of a cell's own class holds, each with its counterpart."""
    if isinstance(here, list | tuple):
        return _elements(here, there)
    if type(here) is dict:
        return _entries(here, there)
    if type(here).__module__ == _OF_CELLS and hasattr(here, "__dict__"):
        return _attributes(here, remote_of(there), attribute)
    return iter(())


def _elements(here: Sequence[object], there: object) -> Iterator[tuple[object, object]]:
    inside = there if isinstance(there, list | tuple) else ()
    if len(here) <= LONGEST:
        yield from ((part, inside[at] if at < len(inside) else _NOTHING) for at, part in enumerate(here))


def _entries(here: dict[object, object], there: object) -> Iterator[tuple[object, object]]:
    known = there if type(there) is dict else {}
    for key, part in here.items() if len(here) <= LONGEST else ():
        yield part, known.get(key, _NOTHING) if remote_of(key) is None else _NOTHING


def _attributes(here: object, there: Remote | None, attribute: Attribute) -> Iterator[tuple[object, object]]:
    for name, part in vars(here).items():
        if remote_of(part) is not None or isinstance(part, list | tuple | dict):
            yield part, _NOTHING if there is None else attribute(there, name)
