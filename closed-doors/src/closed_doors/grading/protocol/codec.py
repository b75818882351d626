"""Plain data as bytes: what may cross the bridge, and nothing that could run.

MessagePack carries the base types. Its extension types, listed in `wire.Ext`, carry the others: exact Python types that
it lacks, arrays, tensors, and references to objects that stay where they are. Decoding never looks a type up by name,
never unpickles, and rebuilds exact base types; subclasses are sent as the base type that they extend.

Whoever sends decides what its bytes cost here, so decoding counts: a megabyte of empty lists, or a set of numbers that
collide, is refused before it has taken much memory or time.
"""

import math
import time
from collections.abc import Callable, Iterable
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, TypeVar

import msgpack
import msgspec

from closed_doors.grading.protocol import numpy_values, pandas_values, standard_values, tensor_values
from closed_doors.grading.protocol.tensor_values import Mark, Take
from closed_doors.grading.protocol.wire import (
    DECODING_CPU_S,
    DEEPEST,
    LARGEST_MESSAGE_BYTES,
    LONGEST_INT_BYTES,
    MOST_OBJECTS,
    CannotCrossError,
    CodecError,
    Ext,
    Foreign,
    fields_of,
)

if TYPE_CHECKING:
    import numpy as np

LONE = "surrogatepass"  # a lone surrogate is text in Python
BETWEEN_LOOKS = 2000  # objects read before the time is looked at again
HASHED_AT_ONCE = 256  # as many keys can't take long, whatever they are


class Reference:
    """An object of the student's that stays in the process that made it, known by its number there.

    Attributes:
        number: its number.
        type_name: what its type is called.
        able: which special methods its type has, as `bridge.special_methods` counts them.
        lineage: of a class of errors, the names of what it extends, itself first.
        extends: which types of the table in `standard_values` its type extends, by their names there.
    """

    __slots__ = ("able", "extends", "lineage", "number", "type_name")

    def __init__(
        self,
        number: int,
        type_name: str = "",
        able: int = 0,
        lineage: tuple[str, ...] = (),
        extends: tuple[str, ...] = (),
    ) -> None:
        self.number = number
        self.type_name = type_name
        self.able = able
        self.lineage = lineage
        self.extends = extends


class TestObject:
    """An object of a test's that stays with the test: a function, a generator, an instance of a class of its own.

    Attributes:
        number: its number there.
        name: what it is called.
        able: which special methods its type has.
        parameters: of a function, its parameters' names and kinds; None for what has no signature.
        doc: of a function, its docstring; None where it has none.
    """

    __slots__ = ("able", "doc", "name", "number", "parameters")

    def __init__(
        self,
        number: int,
        name: str = "",
        able: int = 0,
        parameters: list[tuple[str, int]] | None = None,
        doc: str | None = None,
    ) -> None:
        self.number = number
        self.name = name
        self.able = able
        self.parameters = parameters
        self.doc = doc


class Pickle:
    """An object of a library's, for a process that may unpickle: the student's, of what the examiner sends."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


Refer = Callable[[object], Reference | TestObject | Pickle]
Resolve = Callable[[Reference | TestObject | Pickle], object]
Extended = Callable[[object], Reference | None]
Own = Callable[[Foreign, Foreign], object]
Masked = Callable[["np.ma.MaskedArray"], object]
Item = TypeVar("Item")


def encode(
    value: object, refer: Refer | None = None, tensor: Mark | None = None, extended: Extended | None = None
) -> bytes:
    """Return the bytes of `value`.

    Args:
        value: plain data, however nested.
        refer: gives a Reference for a value without a plain form; without it such a value is an error.
        tensor: called with each tensor, in order; returns the mark that goes with it (see `decode`).
        extended: gives a Reference for a value whose type extends a plain one: it crosses with what it is made of.

    Raises:
        CannotCrossError: a value inside has no plain form.
        CodecError: the value is nested too deeply, or contains itself.
    """
    return _Encoder(refer, tensor, extended).pack(value)


def decode(
    data: bytes,
    resolve: Resolve | None = None,
    tensor: Take | None = None,
    trusted: bool = False,
    masked: Masked | None = None,
    own: Own | None = None,
) -> object:
    """Return the value that `data` holds, made of exact base types.

    Args:
        data: bytes from `encode`, or from anybody.
        resolve: gives the object that stands for a Reference; without it, the Reference itself does.
        tensor: called with each tensor and its mark, in order; what it returns takes the tensor's place.
        trusted: whether the bytes come from the examiner: a test may pass a list of millions.
        masked: called with each masked array; what it returns takes its place.
        own: called with what a value is made of and with its object, where its type extends a plain one; what it
            returns takes its place, without it what it is made of.

    Raises:
        CodecError: the bytes are not such a message, or ask for more memory or time than a message may.
    """
    try:
        return _Decoder(resolve, tensor, trusted, masked, own).unpack(data)
    except CodecError:
        raise
    except Exception as error:  # a hostile message may fail anywhere in a library
        raise CodecError(f"unreadable message: {type(error).__name__}") from error
    except MemoryError as error:
        raise CodecError("message too large for this process") from error


class _Encoder:
    def __init__(self, refer: Refer | None, tensor: Mark | None, extended: Extended | None) -> None:
        self._refer = refer
        self._extended = extended
        self._tensor = tensor
        self._depth = 0

    def pack(self, value: object) -> bytes:
        self._depth += 1
        if self._depth > DEEPEST:
            raise CodecError(f"nested more than {DEEPEST} deep")
        try:
            return bytes(msgpack.packb(value, default=self._extension, strict_types=True, unicode_errors=LONE))
        except ValueError as error:  # msgpack's own limit on depth
            raise CodecError("nested too deeply") from error
        finally:
            self._depth -= 1

    def _extension(self, value: object) -> object:
        """Return what stands in place of a value that MessagePack has no type for; it asks for each of them."""
        if self._extended is not None and (reference := self._extended(value)) is not None:
            return self._ext(Ext.OWN, [self._of_any_type(value), reference])
        return self._of_any_type(value)

    def _of_any_type(self, value: object) -> object:
        if isinstance(value, msgspec.Struct) or type(value) in self._plain:
            return self._of_a_plain_type(value)
        if numpy_values.owns(value):
            return self._library(value, numpy_values.content_of(value))
        if pandas_values.owns(value):
            return self._library(value, pandas_values.content_of(value))
        if tensor_values.owns(value):
            return self._library(value, tensor_values.content_of(value, self._tensor))
        if (standard := standard_values.content_of(value)) is not None:
            return self._ext(*standard)
        return self._of_a_plain_type(value)

    def _of_a_plain_type(self, value: object) -> object:
        if isinstance(value, msgspec.Struct):
            return list(msgspec.structs.astuple(value))
        if plain := self._plain.get(type(value)) or self._plain_of_a_base(value):
            found = plain(value)
            return self._ext(*found) if isinstance(found, tuple) else found
        if isinstance(value, int):
            return self._integer(int(value))
        return self._reference(value)

    def _plain_of_a_base(self, value: object) -> Callable[[Foreign], object] | None:
        return next((plain for kind, plain in self._plain.items() if issubclass(type(value), kind)), None)

    _plain: ClassVar[dict[type, Callable[[Foreign], object]]] = {
        float: float,
        complex: lambda value: (Ext.COMPLEX, [value.real, value.imag]),
        str: str.__str__,
        bytes: bytes,
        bytearray: bytes,
        tuple: lambda value: (Ext.TUPLE, list(value)),
        list: list,
        dict: dict,
        MappingProxyType: dict,
        frozenset: lambda value: (Ext.FROZENSET, list(value)),
        set: lambda value: (Ext.SET, list(value)),
        range: lambda value: (Ext.RANGE, [value.start, value.stop, value.step]),
        slice: lambda value: (Ext.SLICE, [value.start, value.stop, value.step]),
        Reference: lambda value: (Ext.REFERENCE, _of_reference(value)),
        TestObject: lambda value: (Ext.TEST_OBJECT, _of_test_object(value)),
    }

    def _library(self, value: object, content: tuple[Ext, object] | None) -> msgpack.ExtType:
        return self._reference(value) if content is None else self._ext(*content)

    def _reference(self, value: object) -> msgpack.ExtType:
        if self._refer is None:
            raise CannotCrossError(type(value).__name__)
        match self._refer(value):
            case Pickle() as pickle:
                return self._ext(Ext.PICKLE, pickle.data)
            case TestObject() as theirs:
                return self._ext(Ext.TEST_OBJECT, _of_test_object(theirs))
            case Reference() as reference:
                return self._ext(Ext.REFERENCE, _of_reference(reference))
        raise CannotCrossError(type(value).__name__)

    def _ext(self, code: Ext, content: object) -> msgpack.ExtType:
        return msgpack.ExtType(code, self.pack(content))

    def _integer(self, value: int) -> object:
        if -(1 << 63) <= value < 1 << 64:
            return value
        size = (value if value >= 0 else ~value).bit_length() // 8 + 1
        if size > LONGEST_INT_BYTES:
            raise CannotCrossError(f"int ({size} octets)")
        return msgpack.ExtType(Ext.INT, value.to_bytes(size, "big", signed=True))


class _Decoder:
    def __init__(
        self, resolve: Resolve | None, tensor: Take | None, trusted: bool, masked: Masked | None, own: Own | None
    ) -> None:
        self._resolve = resolve
        self._own = own
        self._masked = masked
        self._tensor = tensor
        self._depth = 0
        self._most = self._objects = LARGEST_MESSAGE_BYTES if trusted else MOST_OBJECTS
        self._next_look = self._objects - BETWEEN_LOOKS
        self._until: float | None = math.inf if trusted else None  # known from the first look on

    def unpack(self, data: bytes) -> object:
        self._depth += 1
        if self._depth > DEEPEST:
            raise CodecError(f"nested more than {DEEPEST} deep")
        value: object = msgpack.unpackb(
            data,
            ext_hook=self._extension,
            list_hook=self._list,
            object_pairs_hook=self._mapping,
            strict_map_key=False,
            unicode_errors=LONE,
            max_array_len=self._most,
            max_map_len=self._most,
        )
        self._depth -= 1
        return value

    def _spend(self, objects: int) -> None:
        self._objects -= objects + 1
        if self._objects < 0:
            raise CodecError(f"a message of more than {MOST_OBJECTS} objects")
        if self._objects < self._next_look:  # asking for the time is a system call
            self._next_look = self._objects - BETWEEN_LOOKS
            self._require_time()

    def _require_time(self) -> None:
        now = time.process_time()
        if self._until is None:
            self._until = now + DECODING_CPU_S
        if now > self._until:
            raise CodecError(f"a message that takes more than {DECODING_CPU_S:g} s to read")

    def _list(self, items: list[object]) -> list[object]:
        self._spend(len(items))
        return items

    def _mapping(self, pairs: list[tuple[object, object]]) -> dict[object, object]:
        self._spend(2 * len(pairs))
        found: dict[object, object] = {}
        self._hash(pairs, found.update)
        return found

    def _hash(self, items: Iterable[Item], add: Callable[[list[Item]], object]) -> None:
        """Add keys a few at a time: those of one hash take a time that grows as their square, in C."""
        waiting = iter(items)
        while some := list(islice(waiting, HASHED_AT_ONCE)):
            add(some)
            if len(some) == HASHED_AT_ONCE:
                self._require_time()

    def _extension(self, code: int, data: bytes) -> object:
        self._spend(1)
        match code:
            case Ext.INT:
                return _integer(data)
            case Ext.TEXT:
                return data.decode("utf-8", LONE)
        content = self.unpack(data)
        if code in (Ext.SET, Ext.FROZENSET):
            found: set[object] = set()
            self._hash(_items(content), found.update)
            return found if code == Ext.SET else frozenset(found)
        return self._read(code, content)

    def _read(self, code: int, content: object) -> object:
        match code:
            case Ext.TUPLE:
                return tuple(_items(content))
            case Ext.COMPLEX:
                real, imaginary = fields_of(content, 2)
                return complex(float(real), float(imaginary))  # type: ignore[arg-type]
            case Ext.RANGE | Ext.SLICE:
                kind: Callable[..., range | slice] = range if code == Ext.RANGE else slice
                return kind(*fields_of(content, 3))
            case Ext.ARRAY:
                return numpy_values.read_array(content)
            case Ext.SCALAR:
                return numpy_values.read_scalar(content)
            case Ext.OBJECT_ARRAY:
                return numpy_values.read_object_array(content)
            case Ext.MASKED_ARRAY:
                array = numpy_values.read_masked_array(content)
                return self._masked(array) if self._masked else array
            case Ext.NUMPY_DTYPE:
                return numpy_values.read_dtype(content)
            case Ext.TABLE:
                return pandas_values.read_table(content)
            case Ext.STANDARD:
                return standard_values.read_standard(content)
            case Ext.TYPE:
                return standard_values.read_type(content)
            case Ext.NAMED_TUPLE:
                return standard_values.read_named_tuple(content)
            case Ext.TENSOR:
                return tensor_values.read_tensor(content, self._tensor)
            case Ext.DTYPE:
                return tensor_values.read_dtype(content)
            case Ext.DEVICE:
                return tensor_values.read_device(content)
            case Ext.REFERENCE:
                return self._resolved(_reference(*fields_of(content, 5)))
            case Ext.OWN:
                plain, reference = fields_of(content, 2)
                return self._own(plain, reference) if self._own else plain
            case Ext.TEST_OBJECT:
                return self._resolved(_test_object(*fields_of(content, 5)))
            case Ext.PICKLE if type(content) is bytes:
                return self._resolved(Pickle(content))
        raise CodecError(f"unknown type {code}")

    def _resolved(self, found: "Reference | TestObject | Pickle") -> object:
        return self._resolve(found) if self._resolve else found


def _of_reference(reference: Reference) -> list[object]:
    more = list(reference.lineage), list(reference.extends)
    return [reference.number, reference.type_name, reference.able, *more]


def _reference(number: object, type_name: object, able: object, lineage: object, extends: object) -> Reference:
    if type(number) is not int or type(type_name) is not str or type(able) is not int:
        raise CodecError("a reference is a number, a type's name, and what it can do")
    if type(lineage) is not list or type(extends) is not list:
        raise CodecError("what a reference's type extends are names")
    return Reference(number, type_name[:100], able, _names(lineage), _names(extends))


def _of_test_object(theirs: TestObject) -> list[object]:
    parameters = None if theirs.parameters is None else list(theirs.parameters)
    return [theirs.number, theirs.name, theirs.able, parameters, theirs.doc]


def _test_object(number: object, name: object, able: object, parameters: object, doc: object) -> TestObject:
    if type(number) is not int or type(name) is not str or type(able) is not int:
        raise CodecError("an object of a test's is a number, a name, and what it can do")
    known = None if type(parameters) is not list else [(str(each[0]), int(each[1])) for each in parameters]
    return TestObject(number, name[:100], able, known, doc if type(doc) is str else None)


def _names(found: list[object]) -> tuple[str, ...]:
    return tuple(name[:100] for name in found[:20] if type(name) is str)


def _items(content: object) -> list[object]:
    if type(content) is not list:
        raise CodecError("a list was expected")
    return content


def _integer(data: bytes) -> int:
    if len(data) > LONGEST_INT_BYTES:
        raise CodecError("an integer is too long")
    return int.from_bytes(data, "big", signed=True)
