"""Lists, dictionaries, sets and arrays that are the same ones on both sides of the bridge.

What crosses is a copy. In a notebook it is the object itself: a test that changes what a function gave, and then looks
at what it was made from, asks whether it was a copy. So in a cell that changes something in place, or asks whether two
things are the same, the student's process says which containers of its values are which. What it says counts only
where both hold the same: then the test has one object in both places. What the test then changes in one of them is
written into the student's before the next question; nothing is ever written here.
"""

import sys
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


def gives_the_same(value: object, given: object) -> bool:
    """Whether a value holds a container of what was given, a part of one's memory, or the same one twice."""
    known = {id(container): container for _, container in containers_of(given)}
    for _, container in containers_of(value):
        if id(container) in known or place_within(container, list(known.items())):
            return True
        known[id(container)] = container
    return False


def place_within(value: Foreign, others: Sequence[tuple[int, Foreign]]) -> tuple[int, ...]:
    """Return of which other array an array shows a part, and where; nothing where it has memory of its own.

    Args:
        value: a container.
        others: containers with their numbers; one that is met twice is no part of itself.
    """
    if not _is_array(value) or value.base is None or any(other is value for _, other in others):
        return ()
    for number, other in others:
        if _is_array(other) and other.flags.c_contiguous and sys.modules["numpy"].may_share_memory(value, other):
            start = value.__array_interface__["data"][0] - other.__array_interface__["data"][0]
            return (number, start, *value.strides)
    return ()


def _part_of(whole: Foreign, here: Foreign, within: Sequence[int]) -> Foreign:
    """Return the part of an array that an array is said to be; nothing where there is no such part of it."""
    if not (_is_array(whole) and _is_array(here)) or whole.dtype != here.dtype or whole.dtype.hasobject:
        return _NOWHERE
    if not whole.flags.c_contiguous or len(within) != here.ndim + 2:
        return _NOWHERE
    try:
        return type(whole)(here.shape, here.dtype, whole, within[1], tuple(within[2:]))
    except (TypeError, ValueError, OverflowError):
        return _NOWHERE


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
        ours: list[tuple[int, ...]] = []  # places that hold the test's own objects by now: nothing is put into these
        for part in parts[: 10 * MOST_PARTS]:
            root = found if part.argument is None else arguments.get(part.argument)
            here = _at(root, part.path)
            if self._work < 0 or not _is_container(here) or len(part.path) > DEEPEST:
                continue
            same = self._ours(part, here)
            if same is not here and not any(part.path[: len(place)] == place for place in ours):
                found = _with(found, part.path, same)
                ours.append(part.path)
        return found

    def _ours(self, part: Part, here: Foreign) -> Foreign:
        """Return the test's own object for a container that came, or that itself, which is known from now on."""
        known, whole = self._known.get(part.number), self._known.get(part.within[0]) if part.within else None
        if whole is not None and part.argument is None:
            shown = _part_of(whole.value, here, part.within)
            return shown if shown is not _NOWHERE and self._holds_the_same(shown, here) else here
        if part.argument is None and known is not None and self._holds_the_same(known.value, here):
            return known.value
        self._share(part.number, here)
        return here

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


def _is_array(value: object) -> bool:
    return (type(value).__module__.partition(".")[0], type(value).__name__) == _OF_LIBRARIES[0]


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
