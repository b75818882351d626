"""Plain data as bytes: what may cross the bridge, and nothing that could run.

MessagePack carries the base types. Its extension types, listed in `Ext`, carry the others: exact Python types that it
lacks, arrays, tensors, and references to objects that stay where they are. Decoding never looks a type up by name,
never unpickles, and rebuilds exact base types; subclasses are sent as the base type that they extend.
"""

import math
import sys
from collections.abc import Callable
from enum import IntEnum
from typing import Any, ClassVar

import msgpack

DEEPEST = 32
LONE = "surrogatepass"  # a lone surrogate is text in Python
LONGEST_INT_BYTES = 1024
LARGEST_MESSAGE_BYTES = 32 << 20
LONGEST_LIST = 2_000_000
ARRAY_KINDS = "biufcUS"
LARGEST_ARRAY_ITEM = 4096
FLOATS = ("float16", "bfloat16", "float32", "float64", "complex64", "complex128")
INTEGERS = ("uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64")
TENSOR_DTYPES = frozenset({*FLOATS, *INTEGERS, "bool"})
LARGEST_OBJECT_ARRAY = 100_000


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


class CodecError(Exception):
    """Bytes that are not a message of ours: broken, too large, too deep, or of a type that is not allowed."""


class CannotCrossError(Exception):
    """A value of a type that has no plain form; `type_name` names it."""

    def __init__(self, type_name: str) -> None:
        super().__init__(type_name)
        self.type_name = type_name


class Reference:
    """An object that stays in the process that made it, known by its number there."""

    __slots__ = ("number", "type_name")

    def __init__(self, number: int, type_name: str = "") -> None:
        self.number = number
        self.type_name = type_name


def encode(
    value: Any, refer: Callable[[Any], Reference] | None = None, tensor: Callable[[Any], int] | None = None
) -> bytes:
    """Return the bytes of `value`.

    Args:
        value: plain data, however nested.
        refer: gives a Reference for a value without a plain form; without it such a value is an error.
        tensor: called with each tensor, in order; returns the mark that goes with it (see `decode`).

    Raises:
        CannotCrossError: a value inside has no plain form.
        CodecError: the value is nested too deeply, or contains itself.
    """
    return _Encoder(refer, tensor).pack(value)


def decode(
    data: bytes, resolve: Callable[[Reference], Any] | None = None, tensor: Callable[[Any, int], Any] | None = None
) -> Any:
    """Return the value of bytes that anybody may have written.

    Args:
        data: what `encode` returned, or anything else.
        resolve: turns a Reference into what stands for it here; without it the Reference itself is returned.
        tensor: called with each tensor and its mark, in order; returns the tensor to use.

    Raises:
        CodecError: the bytes are not a message.
    """
    try:
        return _Decoder(resolve, tensor).unpack(data)
    except CodecError:
        raise
    except Exception as error:  # a hostile message may fail anywhere in msgpack, NumPy or torch
        raise CodecError(f"unreadable message: {type(error).__name__}") from error
    except MemoryError as error:
        raise CodecError("message too large for this process") from error


class _Encoder:
    def __init__(self, refer: Callable[[Any], Reference] | None, tensor: Callable[[Any], int] | None) -> None:
        self._refer = refer
        self._tensor = tensor
        self._depth = 0

    def pack(self, value: Any) -> bytes:
        self._depth += 1
        if self._depth > DEEPEST:
            raise CodecError(f"nested more than {DEEPEST} deep")
        try:
            return bytes(msgpack.packb(value, default=self._extension, strict_types=True, unicode_errors=LONE))
        except ValueError as error:  # msgpack's own limit on depth
            raise CodecError("nested too deeply") from error
        finally:
            self._depth -= 1

    def _extension(self, value: Any) -> Any:
        if (special := _library_type(value)) is not None:
            return getattr(self, f"_{special}")(value)
        match value:
            case int():
                return self._integer(int(value))
            case float():
                return float(value)
            case complex():
                return self._ext(Ext.COMPLEX, [value.real, value.imag])
            case str():
                return msgpack.ExtType(Ext.TEXT, str(value).encode("utf-8", LONE))
            case bytes() | bytearray():
                return bytes(value)
            case tuple():
                return self._ext(Ext.TUPLE, list(value))
            case list():
                return list(value)
            case dict():
                return dict(value)
            case frozenset():
                return self._ext(Ext.FROZENSET, list(value))
            case set():
                return self._ext(Ext.SET, list(value))
            case range():
                return self._ext(Ext.RANGE, [value.start, value.stop, value.step])
            case slice():
                return self._ext(Ext.SLICE, [value.start, value.stop, value.step])
            case Reference():
                return self._ext(Ext.REFERENCE, [value.number, value.type_name])
        return self._reference(value)

    def _reference(self, value: Any) -> msgpack.ExtType:
        if self._refer is None:
            raise CannotCrossError(type(value).__name__)
        reference = self._refer(value)
        return self._ext(Ext.REFERENCE, [reference.number, reference.type_name])

    def _ext(self, code: Ext, content: Any) -> msgpack.ExtType:
        return msgpack.ExtType(code, self.pack(content))

    def _integer(self, value: int) -> Any:
        if -(1 << 63) <= value < 1 << 64:
            return value
        size = (value if value >= 0 else ~value).bit_length() // 8 + 1
        if size > LONGEST_INT_BYTES:
            raise CannotCrossError(f"int ({size} octets)")
        return msgpack.ExtType(Ext.INT, value.to_bytes(size, "big", signed=True))

    def _array(self, value: Any) -> msgpack.ExtType:
        np = sys.modules["numpy"]
        if value.dtype.kind == "O" and value.size <= LARGEST_OBJECT_ARRAY:
            value = np.array(value.tolist())  # objects that are plain numbers after all
        if value.dtype.kind not in ARRAY_KINDS or value.dtype.itemsize > LARGEST_ARRAY_ITEM:
            return self._reference(value)
        array = np.asarray(value, dtype=value.dtype.newbyteorder("=")).view(np.ndarray)
        order = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
        return self._ext(Ext.ARRAY, [array.dtype.str, list(array.shape), order, array.tobytes(order)])

    def _scalar(self, value: Any) -> msgpack.ExtType:
        np = sys.modules["numpy"]
        array = np.asarray(value)
        if array.dtype.kind not in ARRAY_KINDS:
            return self._reference(value)
        return self._ext(Ext.SCALAR, [array.dtype.str, array.tobytes()])

    def _tensor_(self, value: Any) -> msgpack.ExtType:
        torch = sys.modules["torch"]
        name = str(value.dtype).removeprefix("torch.")
        if name not in TENSOR_DTYPES or value.layout != torch.strided:
            return self._reference(value)
        mark = self._tensor(value) if self._tensor else 0
        if value.is_meta:  # has no content
            return self._ext(Ext.TENSOR, [name, list(value.shape), None, mark, None])
        data = torch.Tensor.detach(value).as_subclass(torch.Tensor).cpu().resolve_conj().resolve_neg()
        strides, extent = None, data.numel()
        if not data.is_contiguous():
            strides, extent = list(data.stride()), _extent(data.shape, data.stride())
        flat = data.as_strided((extent,), (1,), data.storage_offset())  # a contiguous one may have any stride of size 1
        raw = flat.view(torch.uint8).numpy().tobytes() if extent else b""
        return self._ext(Ext.TENSOR, [name, list(value.shape), strides, mark, raw])

    def _dtype(self, value: Any) -> msgpack.ExtType:
        name = str(value).removeprefix("torch.")
        if name not in TENSOR_DTYPES:
            return self._reference(value)
        return self._ext(Ext.DTYPE, name)

    def _device(self, value: Any) -> msgpack.ExtType:
        return self._ext(Ext.DEVICE, str(value.type))


class _Decoder:
    def __init__(self, resolve: Callable[[Reference], Any] | None, tensor: Callable[[Any, int], Any] | None) -> None:
        self._resolve = resolve
        self._tensor = tensor
        self._depth = 0

    def unpack(self, data: bytes) -> Any:
        self._depth += 1
        if self._depth > DEEPEST:
            raise CodecError(f"nested more than {DEEPEST} deep")
        value = msgpack.unpackb(
            data,
            ext_hook=self._extension,
            strict_map_key=False,
            unicode_errors=LONE,
            max_array_len=LONGEST_LIST,
            max_map_len=LONGEST_LIST,
        )
        self._depth -= 1
        return value

    def _extension(self, code: int, data: bytes) -> Any:
        reader = self._readers.get(code)
        if reader is None:
            raise CodecError(f"unknown type {code}")
        return reader(self, data)

    def _list(self, data: bytes, length: int | None = None) -> list[Any]:
        value = self.unpack(data)
        if type(value) is not list or (length is not None and len(value) != length):
            raise CodecError("a list was expected")
        return value

    def _read_tensor(self, name: Any, shape: Any, strides: Any, mark: Any, raw: Any) -> Any:
        torch = sys.modules["torch"]
        dtype, shape = _read_dtype(name), _sizes(shape)
        if raw is None:
            value = torch.empty(shape, dtype=dtype, device="meta")
            return self._tensor(value, mark) if self._tensor and type(mark) is int else value
        extent = _extent(shape, _sizes(strides)) if strides is not None else math.prod(shape)
        if type(mark) is not int or type(raw) is not bytes or len(raw) != extent * dtype.itemsize:
            raise CodecError("a tensor's bytes do not fit its shape")
        if math.prod(shape) * dtype.itemsize > LARGEST_MESSAGE_BYTES:
            raise CodecError("a tensor is too large")
        flat = torch.frombuffer(bytearray(raw), dtype=dtype) if raw else torch.empty(0, dtype=dtype)
        value = flat.reshape(shape) if strides is None else flat.as_strided(shape, _sizes(strides))
        return self._tensor(value, mark) if self._tensor else value

    def _read_reference(self, number: Any, type_name: Any) -> Any:
        if type(number) is not int or type(type_name) is not str:
            raise CodecError("a reference is a number and a type's name")
        reference = Reference(number, type_name[:100])
        return self._resolve(reference) if self._resolve else reference

    _readers: ClassVar[dict[int, Callable[["_Decoder", bytes], Any]]] = {
        Ext.TUPLE: lambda self, data: tuple(self._list(data)),
        Ext.SET: lambda self, data: set(self._list(data)),
        Ext.FROZENSET: lambda self, data: frozenset(self._list(data)),
        Ext.INT: lambda _, data: _read_integer(data),
        Ext.COMPLEX: lambda self, data: complex(*(float(part) for part in self._list(data, 2))),
        Ext.TEXT: lambda _, data: data.decode("utf-8", LONE),
        Ext.RANGE: lambda self, data: range(*self._list(data, 3)),
        Ext.SLICE: lambda self, data: slice(*self._list(data, 3)),
        Ext.ARRAY: lambda self, data: _read_array(*self._list(data, 4)),
        Ext.SCALAR: lambda self, data: _read_scalar(*self._list(data, 2)),
        Ext.TENSOR: lambda self, data: self._read_tensor(*self._list(data, 5)),
        Ext.DTYPE: lambda self, data: _read_dtype(self.unpack(data)),
        Ext.DEVICE: lambda self, data: sys.modules["torch"].device("cuda" if self.unpack(data) == "cuda" else "cpu"),
        Ext.REFERENCE: lambda self, data: self._read_reference(*self._list(data, 2)),
    }


def _library_type(value: Any) -> str | None:
    """Name the encoder for a value of NumPy's or torch's; neither is imported for it."""
    if np := sys.modules.get("numpy"):
        if isinstance(value, np.ndarray):
            return "array"
        if isinstance(value, np.generic):
            return "scalar"
    if torch := sys.modules.get("torch"):
        if isinstance(value, torch.Tensor):
            return "tensor_"
        if isinstance(value, torch.dtype):
            return "dtype"
        if isinstance(value, torch.device):
            return "device"
    return None


def _extent(shape: Any, strides: Any) -> int:
    """Return how many elements lie between the first and the last of a strided tensor, both included."""
    if len(shape) != len(strides):
        raise CodecError("as many strides as dimensions were expected")
    if not math.prod(shape):
        return 0
    return 1 + sum(int(size - 1) * int(stride) for size, stride in zip(shape, strides, strict=True))


def _sizes(value: Any) -> list[int]:
    if type(value) is not list or len(value) > DEEPEST:
        raise CodecError("a list of sizes was expected")
    if any(type(size) is not int or not 0 <= size <= LARGEST_MESSAGE_BYTES for size in value):
        raise CodecError("sizes are integers from 0")
    return value


def _read_integer(data: bytes) -> int:
    if len(data) > LONGEST_INT_BYTES:
        raise CodecError("an integer is too long")
    return int.from_bytes(data, "big", signed=True)


def _read_array(name: Any, shape: Any, order: Any, raw: Any) -> Any:
    dtype, shape = _array_dtype(name), _sizes(shape)
    if type(raw) is not bytes or order not in ("C", "F") or len(raw) != math.prod(shape) * dtype.itemsize:
        raise CodecError("an array's bytes do not fit its shape")
    array = sys.modules["numpy"].frombuffer(bytearray(raw), dtype=dtype) if raw else _empty(dtype)
    return array.reshape(shape, order=order)


def _empty(dtype: Any) -> Any:
    return sys.modules["numpy"].empty(0, dtype)


def _read_scalar(name: Any, raw: Any) -> Any:
    dtype = _array_dtype(name)
    if type(raw) is not bytes or len(raw) != dtype.itemsize:
        raise CodecError("a number's bytes do not fit its type")
    return sys.modules["numpy"].frombuffer(raw, dtype=dtype)[0] if raw else dtype.type()


def _array_dtype(name: Any) -> Any:
    if type(name) is not str or len(name) > 8 or name[:1] not in "<>|=" or name[1:2] not in tuple(ARRAY_KINDS):
        raise CodecError("an array's type is not allowed")
    dtype = sys.modules["numpy"].dtype(name)
    if dtype.kind not in ARRAY_KINDS or dtype.itemsize > LARGEST_ARRAY_ITEM or dtype.hasobject:
        raise CodecError("an array's type is not allowed")
    return dtype


def _read_dtype(name: Any) -> Any:
    if type(name) is not str or name not in TENSOR_DTYPES:
        raise CodecError("a tensor's type is not allowed")
    return getattr(sys.modules["torch"], name)
