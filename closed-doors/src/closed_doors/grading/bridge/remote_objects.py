"""What stands in a test for an object of the student's that has no plain form, and asks the student's process.

Its Python type has the special methods that the student's type says it has, and no others. What it says of itself is
asked; whether it may decide about something of the test's is another matter (see `object_uses`).
"""

import linecache
import sys
import types
from collections import deque
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NoReturn, Protocol, TypeAlias

from checks.explain import UnusableValueError
from closed_doors.core.wording import sentence as say
from closed_doors.grading.bridge.object_uses import kind_of_other
from closed_doors.grading.bridge.pickles import loaded_class
from closed_doors.grading.bridge.special_methods import OF_ITSELF, OPERATIONS, WITH_OTHERS, names_of
from closed_doors.grading.protocol.standard_values import EXTENDED
from closed_doors.grading.protocol.tensor_values import SEEDING
from closed_doors.grading.protocol.wire import Foreign
from closed_doors.notebook.plan import CELL_FILENAME

NAME_LENGTH = 60
THEIRS = "_closed_doors_theirs"  # where a value keeps the object of the student's that it stands for
# What a test does with a value of the student's is the test's affair: it knows what it asked for, and no type can.
StudentValue: TypeAlias = Foreign

# Attributes with two underscores that say something of an object, and are no part of what Python itself looks up.
TOLD = frozenset(
    (
        *("__abstractmethods__", "__annotations__", "__base__", "__bases__", "__closure__", "__dataclass_fields__"),
        *(
            "__dataclass_params__",
            "__defaults__",
            "__dict__",
            "__doc__",
            "__func__",
            "__kwdefaults__",
            "__match_args__",
        ),
        *("__members__", "__module__", "__mro__", "__name__", "__qualname__", "__self__", "__slots__"),
        *("__wrapped__",),
    )
)
_LOOKS_LIKE = {
    "function": types.FunctionType,
    "generator": types.GeneratorType,
    "method": types.MethodType,
    "builtin_function_or_method": types.BuiltinFunctionType,
    "type": type,
    "ABCMeta": type,
    "EnumType": type,
    "EnumMeta": type,
    "coroutine": types.CoroutineType,
    "module": types.ModuleType,
    "property": property,
}


class Asks(Protocol):
    """The bridge, as an object of the student's asks it."""

    def attribute(self, reference: "Remote", name: str) -> StudentValue:
        """Return an attribute."""

    def set_attribute(self, reference: "Remote", name: str, value: object) -> None:
        """Set an attribute."""

    def call(self, reference: "Remote", args: tuple[object, ...], kwargs: dict[str, object]) -> StudentValue:
        """Call it."""

    def length(self, reference: "Remote") -> StudentValue:
        """Return its length."""

    def iterator(self, reference: "Remote") -> StudentValue:
        """Return an iterator over it."""

    def next(self, reference: "Remote") -> StudentValue:
        """Return its next element."""

    def apply(self, name: str, *operands: object) -> StudentValue:
        """Apply an operation."""

    def leave(self, reference: "Remote", error: BaseException) -> bool:
        """Leave it as a context manager with an error; return whether that ends here."""

    def may_decide(self, name: str, type_name: str) -> bool:
        """Whether it may decide about something of the test's."""

    def signature(self, reference: "Remote") -> object:
        """Return its signature."""


class Remote:
    """An object of the student's that has no plain form: a function, a class, an instance, a generator."""

    __slots__ = ("_link",)
    __checks_student__ = True
    __array_ufunc__ = None

    def __init__(self, bridge: Asks, number: int, generation: int, name: str) -> None:
        object.__setattr__(self, "_link", [bridge, number, generation, name])

    def __getattr__(self, name: str) -> StudentValue:
        if name == "__signature__":
            return bridge_of(self).signature(self)
        if name.startswith("__") and name.endswith("__") and name not in TOLD:
            raise AttributeError(name)
        return bridge_of(self).attribute(self, name)

    def __setattr__(self, name: str, value: object) -> None:
        bridge_of(self).set_attribute(self, name, value)

    def __delattr__(self, name: str) -> None:
        bridge_of(self).apply("delattr", self, name)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __dir__(self) -> list[str]:
        names = bridge_of(self).apply("dir", self)
        if not isinstance(names, list):
            raise unusable(self)
        return [name for name in names if isinstance(name, str)]

    def __copy__(self) -> StudentValue:
        return bridge_of(self).apply("__copy__", self)

    def __deepcopy__(self, _: object) -> StudentValue:
        return bridge_of(self).apply("__deepcopy__", self)

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        if other is None or isinstance(other, Remote | type):
            return self is other
        raise unusable(self)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __instancecheck__(self, instance: object) -> bool:
        return type(instance) not in _NEVER_THEIRS and self._says("isinstance", instance)

    def __subclasscheck__(self, kind: type) -> bool:
        return self._says("issubclass", kind)

    def _says(self, name: str, other: object) -> bool:
        return bridge_of(self).apply(name, other, self) is True

    def __mro_entries__(self, _: tuple[object, ...]) -> NoReturn:
        raise UnusableValueError("A class of the student's can't be extended from outside of its process.")

    def _refuse(self, *_: object) -> NoReturn:
        raise unusable(self)

    # Where the student's type has none of these, Python would find an answer of its own: none is right.
    __bool__ = __int__ = __float__ = __complex__ = __index__ = __array__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __matmul__ = __rmatmul__ = _refuse
    __truediv__ = __rtruediv__ = __neg__ = __abs__ = __round__ = _refuse


_BY_VALUE = ("numpy", "pandas", SEEDING[0])
_CONTAINERS = (list, dict, set, deque)
_NEVER_THEIRS = (bool, int, type(None), bytes)


def bridge_of(reference: Remote) -> Asks:
    """Return the bridge that an object is asked over."""
    bridge: Asks = object.__getattribute__(reference, "_link")[0]
    return bridge


def remote_of(value: object) -> Remote | None:
    """Return the object of the student's that a value is, or stands for; None where it is one of the test's."""
    if issubclass(type(value), Remote):
        return value  # type: ignore[return-value]
    return vars(value)[THEIRS] if getattr(type(value), THEIRS, False) else None


def unusable(value: object) -> UnusableValueError:
    """Return the error of a test that needs a plain value and got an object."""
    return UnusableValueError(say("bridge.no_plain_value", type=type(value).__name__))


def _call(self: Remote, *args: object, **kwargs: object) -> StudentValue:
    return bridge_of(self).call(self, args, kwargs)


def _length(self: Remote) -> int:
    length = bridge_of(self).length(self)
    if type(length) is not int or not 0 <= length < 1 << 62:
        raise unusable(self)
    return length


def _iterate(self: Remote) -> Iterator[StudentValue]:
    iterator = bridge_of(self).iterator(self)
    if not isinstance(iterator, Remote):
        raise unusable(self)
    return _elements(iterator)


def _elements(iterator: Remote) -> Iterator[StudentValue]:
    while True:
        try:
            item = bridge_of(iterator).next(iterator)
        except StopIteration:
            return
        yield item


def _itself(self: Remote) -> Remote:
    return self


def _next(self: Remote) -> StudentValue:
    return bridge_of(self).next(self)


def _of_itself(name: str) -> Callable[..., StudentValue]:
    def ask(self: Remote, *more: object) -> StudentValue:
        return bridge_of(self).apply(name, self, *(more if "copy" not in name else ()))

    return ask


def _exit(self: Remote, _kind: object = None, error: object = None, *_: object) -> StudentValue:
    if not isinstance(error, BaseException):
        return bridge_of(self).apply("__exit__", self)
    return bridge_of(self).leave(self, error)


def _with_others(name: str) -> Callable[[Remote, object], StudentValue]:
    def ask(self: Remote, other: object) -> StudentValue:
        deciding = decides(self, name, other)
        if name in ("__eq__", "__ne__") and self is other and type(self) is type(other) and not deciding:
            return name == "__eq__"
        if not deciding:
            if not _is_container(self):
                raise unusable(self)
            return OPERATIONS[name](bridge_of(self).apply("plain", self), other)
        return bridge_of(self).apply(name, self, other)

    return ask


def _is_container(value: object) -> bool:
    return value.__class__ in _CONTAINERS


def decides(value: Remote, name: str, *others: object) -> bool:
    """Whether an object may decide about something of the test's, here."""
    is_class = isinstance(value, type)
    known_as = object.__getattribute__(value, "_link")[3] if is_class else ""
    named = " ".join((name, *map(kind_of_other, others)))
    return bridge_of(value).may_decide(named, known_as or type(value).__name__)


_OTHERS = {"__call__": _call, "__exit__": _exit, "__iter__": _iterate, "__len__": _length, "__next__": _next}


@lru_cache(maxsize=1024)
def kind_of(type_name: str, able: int, extends: tuple[str, ...] = ()) -> type[Remote]:
    """Return the type of what stands for objects of a type of the student's.

    Args:
        type_name: what it is called.
        able: its special methods.
        extends: which types of the table it extends.
    """
    name = type_name[:NAME_LENGTH] if type_name.isidentifier() else "object"
    found: dict[str, Foreign] = {"__module__": Remote.__module__, "__slots__": (), "__doc__": property(_docstring)}
    for special in names_of(able):
        if special in _OTHERS:
            found[special] = _OTHERS[special]
        elif special in OF_ITSELF:
            found[special] = _of_itself(special)
        elif special in WITH_OTHERS:
            found[special] = _with_others(special)
    if "__next__" in found:
        found["__iter__"] = _itself
    if "__eq__" in found and "__hash__" not in found:
        found["__hash__"] = Remote.__hash__
    if "__len__" in found and "__bool__" not in found:
        found["__bool__"] = _has_length
    elif "__bool__" not in found:
        found["__bool__"] = _is_there
    like = _LOOKS_LIKE.get(type_name) or next(filter(None, map(_base_of_that_name, extends)), None)
    found["__class__"] = property(lambda self: class_of(self, like))
    kind: type[Remote] = type(name, (Remote,), found)
    type.__setattr__(kind, "__slots__", property(_slots))
    return kind


def _base_of_that_name(name: str) -> type | None:
    by_value = name.partition(".")[0] in _BY_VALUE  # what is theirs crosses, or is none of theirs
    found = EXTENDED.get(name) or (None if by_value else loaded_class(name))
    return found if isinstance(found, type) else None


def class_of(self: Remote, like: type | None) -> StudentValue:
    """Return an object's class: the student's for a line that names it, else what `isinstance` has to know."""
    caller = sys._getframe(2)
    here = caller.f_code.co_filename
    if here.startswith(CELL_FILENAME) and "__class__" in linecache.getline(here, caller.f_lineno):
        return bridge_of(self).attribute(self, "__class__")
    return like or type(self)


def _slots(self: Remote) -> StudentValue:
    return bridge_of(self).attribute(self, "__slots__")


class TypeOf(type):
    """What `type` is in a grading cell: of an object of the student's it gives the student's class."""

    def __call__(cls, *args: Foreign, **more: Foreign) -> StudentValue:
        """Return an object's type, or a new one."""
        theirs = remote_of(args[0]) if len(args) == 1 else None
        if theirs is not None:
            return bridge_of(theirs).attribute(theirs, "__class__")
        return type(*args, **more)

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, type)

    def __subclasscheck__(cls, kind: type) -> bool:
        return issubclass(kind, type)

    def __eq__(cls, other: object) -> bool:
        return other is cls or other is type

    def __hash__(cls) -> int:
        return hash(type)


class StudentType(metaclass=TypeOf):
    """The name `type` of a grading cell that asks for objects' types."""


def _docstring(self: Remote) -> StudentValue:
    return bridge_of(self).attribute(self, "__doc__")


def _has_length(self: Remote) -> bool:
    return _length(self) > 0


def _is_there(_: Remote) -> bool:
    return True
