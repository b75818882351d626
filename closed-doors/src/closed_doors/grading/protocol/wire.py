"""What the bytes of a message may hold: extension types, bounds, errors; shared by the codec and its adapters."""

from enum import IntEnum
from typing import Any, TypeAlias

Foreign: TypeAlias = Any  # what student code or a test made: what is done with it, others know, and no type can

DEEPEST = 32
LARGEST_MESSAGE_BYTES = 80 << 20
MOST_OBJECTS = 1_000_000  # in one message, all lists and mappings together
DECODING_CPU_S = 1.0  # for one message: what its values cost here is the sender's choice
LONGEST_INT_BYTES = 1024


class Ext(IntEnum):
    """Extension types on the wire."""

    TUPLE = 1
    SET = 2
    FROZENSET = 3
    INT = 4
    COMPLEX = 5
    TEXT = 6
    RANGE = 7
    SLICE = 8
    ARRAY = 9
    SCALAR = 10
    TENSOR = 11
    DTYPE = 12
    DEVICE = 13
    REFERENCE = 14
    TYPE = 15
    STANDARD = 16
    NAMED_TUPLE = 17
    OBJECT_ARRAY = 18
    MASKED_ARRAY = 19
    NUMPY_DTYPE = 20
    TABLE = 21
    TEST_OBJECT = 22
    PICKLE = 23
    OWN = 24


class CodecError(Exception):
    """Bytes that are not a message of ours: broken, too large, too deep, or of a type that is not allowed."""


class CannotCrossError(Exception):
    """A value of a type that has no plain form; `type_name` names it."""

    def __init__(self, type_name: str) -> None:
        super().__init__(type_name)
        self.type_name = type_name


def sizes_of(value: object) -> list[int]:
    """Return the sizes of an array's dimensions, or its strides, as they came.

    Raises:
        CodecError: they are something else.
    """
    if type(value) is not list or len(value) > DEEPEST:
        raise CodecError("a list of sizes was expected")
    if any(type(size) is not int or not 0 <= size <= LARGEST_MESSAGE_BYTES for size in value):
        raise CodecError("sizes are integers from 0")
    return value


def fields_of(content: object, count: int) -> list[object]:
    """Return an extension type's content, a list of so many.

    Raises:
        CodecError: it is something else.
    """
    if type(content) is not list or len(content) != count:
        raise CodecError("a list was expected")
    return content
