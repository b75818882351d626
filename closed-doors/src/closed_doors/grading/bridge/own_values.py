"""Values of the student's whose class extends a plain type: `class Stack(list)`, `class Level(IntEnum)`, `NamedTuple`.

What can't change is here as a value, of a class that extends the same type: it compares and counts here, by what came.
What else its class has, and the operations that it has written anew, are asked. What can change stays there.
"""

from collections.abc import Callable
from functools import lru_cache

from closed_doors.grading.bridge.remote_objects import THEIRS, TOLD, Remote, bridge_of, class_of, decides
from closed_doors.grading.bridge.special_methods import OF_ITSELF, WITH_OTHERS
from closed_doors.grading.protocol.wire import Foreign

FIXED = (int, float, complex, str, bytes, tuple, frozenset)
OF_REMOTES = 4  # as many parts a link has
_LEFT = frozenset(("__copy__", "__deepcopy__", "__hash__"))


def own_value(plain: Foreign, theirs: Foreign) -> Foreign:
    """Return what stands for a value whose class extends a plain type.

    Args:
        plain: what it is made of.
        theirs: the object.
    """
    link = object.__getattribute__(theirs, "_link")
    if not isinstance(plain, FIXED):
        return theirs
    if len(link) == OF_REMOTES:
        link.append(_made(plain, theirs))
    return link[OF_REMOTES]


def _made(plain: Foreign, theirs: Remote) -> Foreign:
    base: Foreign = type(plain)
    kind: Foreign = _kind(type(theirs).__name__, base, _able_of(theirs))
    own = kind.__new__(kind, *(plain if hasattr(plain, "_fields") else (plain,)))
    own.__dict__[THEIRS] = theirs
    return own


def _able_of(theirs: Remote) -> tuple[str, ...]:
    return tuple(name for name in (*OF_ITSELF, *WITH_OTHERS) if name in vars(type(theirs)) and name not in _LEFT)


@lru_cache(maxsize=1024)
def _kind(name: str, base: type, anew: tuple[str, ...]) -> type:
    found: dict[str, Foreign] = {each: _asking(each, base) for each in anew}
    found |= {THEIRS: True, "__getattr__": _attribute, "__class__": property(_class), "__module__": __name__}
    if "_replace" in dir(base):
        found["_replace"] = lambda self, **fields: _attribute(self, "_replace")(**fields)
    return type(name, (base,), found)


def _asking(name: str, base: type) -> Callable[..., Foreign]:
    plainly = getattr(base, name, None)

    def ask(self: Foreign, *more: Foreign) -> Foreign:
        theirs = vars(self)[THEIRS]
        if name in WITH_OTHERS and not decides(theirs, name, *more):
            return NotImplemented if plainly is None else plainly(self, *more)
        return bridge_of(theirs).apply(name, theirs, *more)

    return ask


def _attribute(self: Foreign, name: str) -> Foreign:
    if name.startswith("__") and name.endswith("__") and name not in TOLD:
        raise AttributeError(name)
    theirs = vars(self)[THEIRS]
    return bridge_of(theirs).attribute(theirs, name)


def _class(self: Foreign) -> Foreign:
    return class_of(vars(self)[THEIRS], type(self))
