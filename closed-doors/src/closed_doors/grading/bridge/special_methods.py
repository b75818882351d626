"""The special methods that an object answers across the bridge, whichever side it lives on.

An object that stays where it is says which of them its type has, as the bits of a number; what stands for it on the
other side has those and no others. So `len`, iteration, arithmetic or a comparison do there what they do here, and
fail where they fail here.

Two kinds: what an object says of itself (its length, its text, its next element) is asked freely. An operation with
something of the test's lets the object decide, and see it: that is allowed only where the master's own solution does
so (see `object_uses`).
"""

import copy
import dataclasses
import inspect
import math
import operator
import typing
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from weakref import WeakKeyDictionary

from closed_doors.grading.protocol.wire import Foreign


def _ended_by(
    error: Foreign = None, args: Sequence[object] = ()
) -> tuple[type[BaseException] | None, BaseException | None, None]:
    """Return what a context manager is left with: nothing, an error, or one that is made of its class and arguments."""
    if isinstance(error, type):
        error = error(*args)
    return (None, None, None) if error is None else (type(error), error, None)


# What an object says of itself.
OF_ITSELF: dict[str, Callable[..., Foreign]] = {
    "__abs__": abs,
    "__array__": lambda value, *_, **__: value.__array__(),
    "__bool__": bool,
    "__ceil__": math.ceil,
    "__complex__": complex,
    "__copy__": copy.copy,
    "__deepcopy__": lambda value, *_: copy.deepcopy(value),
    "__enter__": lambda value: value.__enter__(),
    "__exit__": lambda value, *error: value.__exit__(*_ended_by(*error)),
    "__float__": float,
    "__floor__": math.floor,
    "__format__": format,
    "__getitem__": operator.getitem,
    "__hash__": hash,
    "__index__": operator.index,
    "__int__": int,
    "__invert__": operator.invert,
    "__neg__": operator.neg,
    "__pos__": operator.pos,
    "__repr__": repr,
    "__reversed__": reversed,
    "__round__": round,
    "__str__": str,
    "__trunc__": math.trunc,
    "__setitem__": operator.setitem,
    "__delitem__": operator.delitem,
}
_COMPARISONS = {f"__{name}__": getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge")}
_ARITHMETIC = (
    "add",
    "sub",
    "mul",
    "matmul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "lshift",
    "rshift",
    "and_",
    "or_",
    "xor",
)
_FORWARD = {f"__{name.strip('_')}__": getattr(operator, name) for name in _ARITHMETIC} | {"__divmod__": divmod}


def _swapped(function: Callable[[Foreign, Foreign], Foreign]) -> Callable[[Foreign, Foreign], Foreign]:
    return lambda ours, theirs: function(theirs, ours)


# What an object decides about something else.
WITH_OTHERS: dict[str, Callable[..., Foreign]] = {
    **_COMPARISONS,
    **_FORWARD,
    **{f"__r{name[2:]}": _swapped(function) for name, function in _FORWARD.items()},
    **{f"__i{name.strip('_')}__": getattr(operator, f"i{name.strip('_')}") for name in _ARITHMETIC},
    "__contains__": operator.contains,
}
# What a test asks of Python's modules about an object, by the modules' names.
TOLD_BY: dict[str, tuple[str, ...]] = {
    "dataclasses": ("asdict", "astuple", "fields", "is_dataclass", "replace"),
    "inspect": ("get_annotations", "isabstract", "isasyncgenfunction", "iscoroutinefunction", "isgeneratorfunction"),
    "typing": ("get_type_hints",),
}
_MODULES = {"dataclasses": dataclasses, "inspect": inspect, "typing": typing}
_BY_MODULES = {
    name: partial(lambda asked, value, changes=None: asked(value, **(changes or {})), getattr(_MODULES[module], name))
    for module, names in TOLD_BY.items()
    for name in names
}
OPERATIONS = OF_ITSELF | WITH_OTHERS | _BY_MODULES | {"dir": dir, "isinstance": isinstance, "issubclass": issubclass}
# These are asked by questions of their own.
OTHERS = ("__call__", "__iter__", "__len__", "__next__")
NAMES = (*OTHERS, *OF_ITSELF, *WITH_OTHERS)


_able: "WeakKeyDictionary[type, int]" = WeakKeyDictionary()


def able(kind: type, base: type = object) -> int:
    """Return which special methods a type has of its own, as bits: those that it does not have from another."""
    if base is not object:
        return _look(kind, base)
    if kind not in _able:
        _able[kind] = _look(kind, object)
    return _able[kind]


def _look(kind: type, base: type) -> int:
    found = 0
    for place, name in enumerate(NAMES):
        method = getattr(kind, name, None)
        if method is not None and method is not getattr(base, name, None):
            found |= 1 << place
    return found


@lru_cache(maxsize=1024)
def names_of(bits: int) -> tuple[str, ...]:
    """Return the special methods that bits stand for."""
    return tuple(name for place, name in enumerate(NAMES) if bits >> place & 1)
