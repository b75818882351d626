"""Values of Python's own library as plain data, and back: dates, exact numbers, collections, named tuples, types.

Each type stands in a table here; none is looked up by a name that came.
"""

import builtins
import keyword
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, Flag, IntEnum, IntFlag, StrEnum
from fractions import Fraction
from functools import lru_cache
from pathlib import Path, PurePosixPath
from types import FunctionType, GeneratorType, MethodType, NoneType

from closed_doors.grading.protocol.wire import CodecError, Ext, Foreign, fields_of

LONGEST_NUMBER = 10_000  # characters
MOST_FIELDS = 100
LONGEST_NAME = 60
_PLAIN_TYPES = (bool, int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset, range, slice)
TYPES: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        *_PLAIN_TYPES,
        object,
        type,
        NoneType,
        FunctionType,
        GeneratorType,
        MethodType,
        date,
        datetime,
        time,
        timedelta,
        Decimal,
        Fraction,
        Counter,
        OrderedDict,
        defaultdict,
        deque,
        property,
        Enum,
        Flag,
        IntEnum,
        IntFlag,
        StrEnum,
        *(kind for kind in vars(builtins).values() if isinstance(kind, type) and issubclass(kind, BaseException)),
    )
}
_NAMES = {kind: name for name, kind in TYPES.items()}
EXTENDED = {
    kind.__name__: kind for kind in (Enum, Flag, IntEnum, IntFlag, StrEnum, list, dict, set, deque)
}  # by classes of notebooks

# Whatever a type's values are made of: what crosses for one, and one from what crossed.
_STANDARD: dict[type, tuple[Callable[[Foreign], object], Callable[[Foreign], object]]] = {
    datetime: (datetime.isoformat, datetime.fromisoformat),
    date: (date.isoformat, date.fromisoformat),
    time: (time.isoformat, time.fromisoformat),
    timedelta: (lambda value: [value.days, value.seconds, value.microseconds], lambda parts: timedelta(*parts)),
    Decimal: (str, lambda text: Decimal(_short(text))),
    Fraction: (lambda value: [value.numerator, value.denominator], lambda parts: Fraction(*parts)),
    Counter: (dict, Counter),
    OrderedDict: (dict, OrderedDict),
    defaultdict: (lambda value: [_NAMES.get(value.default_factory), dict(value)], lambda parts: _default_dict(*parts)),
    deque: (lambda value: [list(value), value.maxlen], lambda parts: deque(*parts)),
    type(Path()): (str, Path),
    PurePosixPath: (str, PurePosixPath),
    type(...): (lambda _: None, lambda _: ...),
    type(NotImplemented): (lambda _: None, lambda _: NotImplemented),
}
_BY_NAME = {kind.__name__: read for kind, (_, read) in _STANDARD.items()}


def content_of(value: object) -> tuple[Ext, object] | None:
    """Return what crosses in a value's place; None where its type stands in no table."""
    kind = type(value)
    if kind in _STANDARD:
        return Ext.STANDARD, [kind.__name__, _STANDARD[kind][0](value)]
    if isinstance(value, type) and value in _NAMES:
        return Ext.TYPE, _NAMES[value]
    if isinstance(value, tuple) and (fields := field_names(kind)):
        return Ext.NAMED_TUPLE, [kind.__name__, list(fields), list(value)]
    return None


def field_names(kind: type) -> tuple[str, ...]:
    """Return the fields of a type of named tuples; none of another type."""
    fields = getattr(kind, "_fields", ())
    named = type(fields) is tuple and all(type(field) is str for field in fields)
    return fields if named and kind.__bases__ == (tuple,) else ()


def read_standard(content: object) -> object:
    """Return the value of an extension type's content.

    Raises:
        CodecError: the content is none.
    """
    name, inside = fields_of(content, 2)
    if type(name) is not str or name not in _BY_NAME:
        raise CodecError("a type is not allowed")
    return _BY_NAME[name](inside)


def read_type(name: object) -> type:
    """Return one of the types in the table.

    Raises:
        CodecError: it is not there.
    """
    if type(name) is not str or name not in TYPES:
        raise CodecError("a type is not allowed")
    return TYPES[name]


def read_named_tuple(content: object) -> object:
    """Return a named tuple of an extension type's content.

    Raises:
        CodecError: the content is none.
    """
    name, fields, values = fields_of(content, 3)
    if type(fields) is not list or type(values) is not list or len(fields) != len(values) or len(fields) > MOST_FIELDS:
        raise CodecError("a named tuple's fields do not fit")
    return named_tuple(_identifier(name), tuple(map(_identifier, fields)))(*values)


@lru_cache(maxsize=256)
def named_tuple(name: str, fields: tuple[str, ...]) -> Callable[..., tuple[object, ...]]:
    """Return the type of named tuples of this name and these fields: the same one each time."""
    from collections import namedtuple

    return namedtuple(name, fields)


def _identifier(name: object) -> str:
    if type(name) is not str or not name.isidentifier() or keyword.iskeyword(name) or len(name) > LONGEST_NAME:
        raise CodecError("a field's name is not allowed")
    return name


def _short(text: object) -> str:
    if type(text) is not str or len(text) > LONGEST_NUMBER:
        raise CodecError("a number is too long")
    return text


def _default_dict(factory: object, content: dict[object, object]) -> "defaultdict[object, object]":
    return defaultdict(TYPES.get(factory) if isinstance(factory, str) else None, content)
