"""Which file of a hand-in is which notebook: known by the cells that are in it, whatever its name.

Browsers add suffixes, learning platforms add numbers, and students rename. A file belongs to the master with which it
shares most grade_ids, if these are most of its own. Where masters name their cells alike, or a file has lost all names,
it belongs to the master most of whose cells are known in it by what they say; where that is none, by its name.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

SUFFIX = ".ipynb"
HEAD = 4096  # bytes in which a JSON object begins
_GRADE_ID = re.compile(rb'"grade_id"\s*:\s*("(?:[^"\\]|\\.){1,500}")')
_MARKS = re.compile(rb'"(cells|nbformat)"\s*:')
_ADDED = re.compile(r"(?:[ _-]*\(\d+\)|[ _-]+(?:copie|copy|final|bis|v?\d+))+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that may be a notebook.

    Attributes:
        path: where it lies below the student's folder.
        data: its content; saved outputs may be left out.
        ids: the grade_ids of its cells.
    """

    path: tuple[str, ...]
    data: bytes
    ids: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Its path as a text."""
        return "/".join(self.path)


@dataclass(slots=True)
class Choice:
    """Which file is graded as which notebook, all by the master's name.

    Attributes:
        chosen: the file that is graded.
        others: files that are the same notebook again, and are not graded.
        unclear: files of which none is more the notebook than another.
        strays: notebooks that are none of the assignment's.
    """

    chosen: dict[str, Candidate] = field(default_factory=dict)
    others: dict[str, list[Candidate]] = field(default_factory=dict)
    unclear: dict[str, list[Candidate]] = field(default_factory=dict)
    strays: list[Candidate] = field(default_factory=list)


class Reader(Protocol):
    """Reads a file where its grade_ids do not say enough."""

    def is_blank(self, name: str, file: Candidate) -> bool:
        """Whether a file is the notebook of that name as it was handed out."""
        ...

    def known_cells(self, name: str, file: Candidate) -> int:
        """Return how many cells of the notebook of that name are in a file, by what they say."""
        ...


class NoReader:
    """Leaves all files unread."""

    def is_blank(self, name: str, file: Candidate) -> bool:  # noqa: ARG002
        """Return that it is not known to be."""
        return False

    def known_cells(self, name: str, file: Candidate) -> int:  # noqa: ARG002
        """Return that none is known."""
        return 0


def candidate(path: tuple[str, ...], data: bytes) -> Candidate | None:
    """Return a file as a candidate; None where it is no notebook, neither by its name nor by what it holds."""
    if is_named_as_one(path[-1]) or (begins_as_one(data) and len(set(_MARKS.findall(data))) > 1):
        return Candidate(path, data, grade_ids(data))
    return None


def is_named_as_one(name: str) -> bool:
    """Whether a file's name is a notebook's."""
    return name.casefold().endswith(SUFFIX)


def begins_as_one(data: bytes) -> bool:
    """Whether a file begins as a JSON object does."""
    return data[:HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def grade_ids(data: bytes) -> frozenset[str]:
    """Return the grade_ids in a notebook's bytes, which need not be a notebook."""
    found = set()
    for text in set(_GRADE_ID.findall(data)):
        try:
            found.add(str(json.loads(text)))
        except ValueError:
            continue
    return frozenset(found)


def choose(
    masters: Mapping[str, frozenset[str]],
    candidates: Iterable[Candidate],
    reader: Reader | None = None,
) -> Choice:
    """Choose the notebooks to grade.

    Args:
        masters: the grade_ids of each master, by its name without suffix.
        candidates: the files handed in.
        reader: asked about files without grade_ids, and about blank ones where there are several; by default, nobody.

    Returns:
        For each master the file with the master's name, or else the only one, or one of several that are the same, or
        else the only one whose name is like the master's. Files with cells of the master come before others, and files
        in which something was written before blank ones.
    """
    choice, reader = Choice(), reader or NoReader()
    theirs: dict[str, list[Candidate]] = {name: [] for name in masters}
    for one in sorted(candidates, key=lambda one: (len(one.path), one.path)):
        owner = _owner(one, masters, reader)
        (choice.strays if owner is None else theirs[owner]).append(one)
    for name, files in theirs.items():
        if files:
            _choose_one(choice, name, files, _likely(name, files, masters[name], reader))
    return choice


def _likely(name: str, files: list[Candidate], ids: frozenset[str], reader: Reader) -> list[Candidate]:
    """Return the files with cells of the master, if there are any; and of these those that were written in."""
    if len(files) == 1:
        return files
    with_cells = [one for one in files if one.ids & ids or (not one.ids and reader.known_cells(name, one))] or files
    written = [one for one in with_cells if len(with_cells) == 1 or not reader.is_blank(name, one)]
    return written or with_cells


def _choose_one(choice: Choice, name: str, files: list[Candidate], likely: list[Candidate]) -> None:
    picked = _picked(name, likely)
    if picked is None:
        choice.unclear[name] = files
        return
    choice.chosen[name] = picked
    if len(files) > 1:
        choice.others[name] = [one for one in files if one is not picked and one.data != picked.data]


def _owner(one: Candidate, masters: Mapping[str, frozenset[str]], reader: Reader) -> str | None:
    most, near = _most({name: _shared(one, ids) for name, ids in masters.items()})
    if not one.ids or (most and len(near) > 1):
        known, near = _most({name: reader.known_cells(name, one) for name in near})
        most = most or known
    if len(near) == 1 and (most or (is_named_as_one(one.path[-1]) and not one.ids)):
        return near[0]
    alike = [name for name in near if _key(one.path[-1]) == _key(name)]
    return alike[0] if len(alike) == 1 else None


def _shared(one: Candidate, ids: frozenset[str]) -> int:
    """Return how many grade_ids a file shares with a master; none where most of its own are another notebook's.

    Exercises of a course are numbered alike, so another assignment's notebook has some of them too.
    """
    shared = len(one.ids & ids)
    return shared if 2 * shared >= len(one.ids) else 0


def _most(counts: Mapping[str, int]) -> tuple[int, list[str]]:
    """Return the largest number, and whose it is."""
    most = max(counts.values(), default=0)
    return most, [name for name, count in counts.items() if count == most]


def _picked(name: str, files: Sequence[Candidate]) -> Candidate | None:
    """Return the file whose name is most like the master's; None where several are, and differ."""
    likenesses: tuple[Callable[[Candidate], bool], ...] = (
        lambda one: one.path == (name + SUFFIX,),
        lambda one: _composed(one.name) == _composed(name + SUFFIX),
        lambda one: _plain(one.path[-1]) == _plain(name),
        lambda one: _key(one.path[-1]) == _key(name),
        lambda _: True,
    )
    most_like = next(filter(None, ([*filter(is_like, files)] for is_like in likenesses)))
    return most_like[0] if all(one.data == most_like[0].data for one in most_like) else None


def _composed(name: str) -> str:
    """Return a name in the one of its spellings in which an accent and its letter are one character."""
    return unicodedata.normalize("NFC", name)


def _plain(name: str) -> str:
    """Return a name without suffixes, in one spelling."""
    return unicodedata.normalize("NFKC", name).casefold().partition(SUFFIX)[0].removesuffix(".json")


def _key(name: str) -> str:
    """Return a name without what browsers, platforms and students add to it."""
    return _ADDED.sub("", _plain(name)).replace(" ", "_")
