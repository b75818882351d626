"""Code as tokens, compared under any consistent renaming of its variables.

A text is cut into flat tokens: no spaces, line ends, brackets of calls, commas or quotes: layout does not count.
Names are either kept (keywords, builtins, attributes, keyword arguments: they say what is done) or free (variables,
functions, modules: they may be called anything, one name for one name).
"""

import builtins
import keyword
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Shape = tuple[str | None, ...]
T = TypeVar("T")

_TOKEN = re.compile(r"(?<![\w.])\d[\d_]*(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?(?!\w)|\w+|[^\w\s]")
_PREFIX = re.compile(r"\b(?:[rR]?[fFbB]|[fFbB]?[rR]|[uU])(?=[\"'])")
_LAYOUT = frozenset("(),'\"`\\#$;")
_KEPT = frozenset(keyword.kwlist) | frozenset(name for name in dir(builtins) if not name.startswith("_"))
_OPERATORS = frozenset("+-*/@%<>&|^~!")
KEYWORD_ARGUMENTS = frozenset(
    ("axis", "dim", "keepdims", "keepdim", "dtype", "k", "correction", "unbiased", "diagonal", "generator", "device")
) | frozenset(("descending", "bias", "batch_first", "mask", "initial", "where", "out", "reduction"))
INDEX = 4
MOST_OF_NAMES = 1.5


@dataclass(frozen=True, slots=True)
class Stream:
    """Tokens in order; `shape` has None where a free name stands."""

    tokens: tuple[str, ...]
    shape: Shape

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def substance(self) -> float:
        """How much the tokens say: enough of it is no coincidence."""
        free = {token for token, kept in zip(self.tokens, self.shape, strict=True) if kept is None}
        return sum(map(_weight, filter(None, self.shape))) + min(0.5 * len(free), MOST_OF_NAMES)


def stream(text: str, known: frozenset[str] = frozenset()) -> Stream:
    """Cut a folded text into tokens; `known` names are kept too: nobody renames what a library calls so."""
    raw = [token for token in _TOKEN.findall(_PREFIX.sub("", text)) if token not in _LAYOUT]
    raw = [_number(token) if token[0].isdigit() or (token[0] == "." and len(token) > 1) else token for token in raw]
    padded = ["", "", *raw, "", ""]
    shape = tuple(_kept(padded[i : i + 5], known) for i in range(len(raw)))
    tokens = (f"self.{x}" if padded[i : i + 2] == ["self", "."] else x for i, x in enumerate(raw))
    return Stream(tuple(tokens), shape)  # self.K and K are two names


def _number(token: str) -> str:
    try:
        return repr(float(token.replace("_", "")))
    except ValueError:
        return token


def _kept(around: Sequence[str], known: frozenset[str]) -> str | None:
    """Return the token where it says what is done, or None where it is a name that could be another."""
    before, previous, token, following, after = around
    if not (token[0].isalpha() or token[0] == "_"):
        return token
    if token in _KEPT or token in known:
        return token
    if previous == "." and before != "self":
        return f".{token}"
    if token in KEYWORD_ARGUMENTS and following == "=" and after != "=":
        return f"{token}="
    return None


def _weight(word: str) -> float:
    if keyword.iskeyword(word) or word == "print":
        return 0.25
    if word[0].isalpha() or (word[0] == "." and len(word) > 1):
        return 2.0
    if word[0].isdigit():
        return 0.5 if word in ("0.0", "1.0") else 1.0
    return 1.0 if word in _OPERATORS else 0.5 if word == "[" else 0.0


class Search(Generic[T]):
    """Many token sequences, looked for in one pass over a text."""

    def __init__(self) -> None:
        self._units: dict[Shape, list[tuple[Stream, T]]] = {}

    def add(self, unit: Stream, owner: T) -> None:
        """Look for this sequence too; it must have at least INDEX tokens."""
        known = self._units.setdefault(unit.shape[:INDEX], [])
        if (unit, owner) not in known:
            known.append((unit, owner))

    def find(self, text: Stream) -> Iterator[tuple[T, int, int]]:
        """Yield what is found: its owner, and the range of tokens."""
        for start in range(len(text) - INDEX + 1):
            for unit, owner in self._units.get(text.shape[start : start + INDEX], ()):
                end = start + len(unit)
                if text.shape[start:end] == unit.shape and _renamed(unit, text.tokens[start:end]):
                    yield owner, start, end


def _renamed(unit: Stream, tokens: Sequence[str]) -> bool:
    """Whether the free names of both correspond, one for one."""
    there: dict[str, str] = {}
    back: dict[str, str] = {}
    for ours, theirs, kept in zip(unit.tokens, tokens, unit.shape, strict=True):
        if kept is None and (there.setdefault(ours, theirs) != theirs or back.setdefault(theirs, ours) != ours):
            return False
    return True


def joined(streams: Iterable[Stream]) -> Stream:
    """Return several streams as one."""
    parts = list(streams)
    return Stream(
        tuple(token for part in parts for token in part.tokens), tuple(token for part in parts for token in part.shape)
    )
