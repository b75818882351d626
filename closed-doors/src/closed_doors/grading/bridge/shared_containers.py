"""Lists, dictionaries, sets and arrays that are the same ones on both sides of the bridge.

What crosses is a copy. In a notebook it is the object itself: a test that changes what a function gave, and then looks
at what it was made from, asks whether it was a copy. So in a cell that changes something in place, or asks whether two
things are the same, the student's process says which containers of its values are which. What it says counts only
where both hold the same: then the test has one object in both places. What the test then changes in one of them is
written into the student's before the next question; nothing is ever written here.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from closed_doors.grading.protocol.codec import Reference
from closed_doors.grading.protocol.messages import Part
from closed_doors.grading.protocol.wire import CodecError, Foreign

MOST_PARTS = 200
DEEPEST = 8
LONGEST = 1000  # elements among which others are looked for
LARGEST_BYTES = 32_000  # of one container
MOST_BYTES = 1 << 17  # of all that are shared
MOST_COMPARED = 16 << 20  # encoded to find out whether two hold the same
_KINDS = (list, dict, set, deque)
_OF_LIBRARIES = (("numpy", "ndarray"), ("pandas", "DataFrame"), ("pandas", "Series"))
_NOWHERE = object()
Encode = Callable[[object], bytes]


def containers_of(value: object) -> Iterator[tuple[tuple[int, ...], object]]:
    """Yield a value's containers and their places, outer ones first: by position, in a dictionary by that of values."""
    waiting: deque[tuple[tuple[int, ...], object]] = deque([((), value)])
    for _ in range(MOST_PARTS):
        if not waiting:
            return
        path, here = waiting.popleft()
        if _is_container(here):
            yield path, here
        if len(path) < DEEPEST:
            inside = enumerate(_inside(here))
            waiting += [((*path, at), part) for at, part in inside if type(part) is tuple or _is_container(part)]


@dataclass(slots=True)
class _Shared:
    """A container of the test's that stands for one of the student's, and what it held when both were the same."""

    value: Foreign
    data: bytes


class SharedContainers:
    """The containers that one fork of the student's process and a test have in common.

    Args:
        encode: encodes a value for the student's process.
    """

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._known: dict[int, _Shared] = {}
        self._numbers: dict[int, int] = {}  # by the id of the test's
        self._room = MOST_BYTES
        self._work = MOST_COMPARED

    def forget(self) -> None:
        """Share nothing: the fork is gone."""
        self._known.clear()
        self._numbers.clear()
        self._room, self._work = MOST_BYTES, MOST_COMPARED

    def take(self, parts: Sequence[Part], found: Foreign, arguments: dict[int | str, object]) -> Foreign:
        """Return what came, with the test's own objects where the student's process says so and they hold the same.

        Args:
            parts: which containers there are, from anybody.
            found: what came.
            arguments: what a call was given.
        """
        for part in parts[: 10 * MOST_PARTS]:
            root = found if part.argument is None else arguments.get(part.argument)
            here = _at(root, part.path)
            if self._work < 0 or not _is_container(here) or len(part.path) > DEEPEST:
                continue
            known = self._known.get(part.number)
            if part.argument is not None or known is None or not self._holds_the_same(known.value, here):
                self._share(part.number, here)
            elif known.value is not here:
                found = _with(found, part.path, known.value)
        return found

    def changed(self) -> Iterator[tuple[int, bytes]]:
        """Yield what the test has changed since: the number of each object there, and its encoded content."""
        for number, shared in list(self._known.items()):
            data = self._content(shared.value)
            if data and data != shared.data:
                shared.data = data
                yield number, data

    def _share(self, number: int, value: object) -> None:
        data = self._content(value)
        self._room -= len(data)
        if not data or self._room < 0:
            return
        if (before := self._known.get(number)) is not None:
            self._numbers.pop(id(before.value), None)
        self._known[number] = _Shared(value, data)
        self._numbers[id(value)] = number

    def _holds_the_same(self, known: object, here: object) -> bool:
        if type(known) is not type(here) or _is_large(here):
            return False
        return self._encoded(known) == self._encoded(here) != b""

    def _content(self, value: object) -> bytes:
        """Return a container's content, what it shares itself by number; nothing of one that is too large."""
        data = b"" if _is_large(value) else self._encoded(self._plain(value))
        return data if len(data) <= LARGEST_BYTES else b""

    def _encoded(self, value: object) -> bytes:
        """Return an object's bytes; nothing of one that holds itself."""
        try:
            data = self._encode(value)
        except CodecError:
            return b""
        self._work -= len(data)
        return data

    def _plain(self, value: Foreign) -> object:
        if type(value) is dict:
            return {key: self._by_number(part) for key, part in value.items()}
        return [self._by_number(part) for part in value] if type(value) is list else value

    def _by_number(self, part: object) -> object:
        number = self._numbers.get(id(part)) if _is_container(part) else None
        return part if number is None else Reference(number)


def _is_container(value: object) -> bool:
    kind = type(value)
    return kind in _KINDS or (kind.__module__.partition(".")[0], kind.__name__) in _OF_LIBRARIES


def _is_large(value: Foreign) -> bool:
    size: int = value.size if hasattr(value, "shape") else len(value)
    return size > LARGEST_BYTES // 8


def _inside(value: Foreign) -> Sequence[object]:
    if type(value) not in (list, tuple, dict) or len(value) > LONGEST:
        return ()
    return list(value.values()) if type(value) is dict else value


def _at(root: object, path: Sequence[int]) -> object:
    """Return what stands at a place that came from anybody."""
    here = root
    for place in path[:DEEPEST]:
        inside = _inside(here)
        if not 0 <= place < len(inside):
            return _NOWHERE
        here = inside[place]
    return here


def _with(root: Foreign, path: Sequence[int], value: object) -> Foreign:
    """Return a value with another at a place in it; tuples are made anew."""
    if not path:
        return value
    inner = _with(_inside(root)[path[0]], path[1:], value)
    if type(root) is tuple:
        return (*root[: path[0]], inner, *root[path[0] + 1 :])
    root[list(root)[path[0]] if type(root) is dict else path[0]] = inner
    return root
