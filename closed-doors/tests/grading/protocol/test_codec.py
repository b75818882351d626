"""Plain data crosses whole; anything else is refused, whatever the bytes."""

import math
from typing import Any

import msgpack
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from closed_doors.grading.protocol.codec import CannotCrossError, CodecError, Ext, Reference, decode, encode

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
KEYS = st.booleans() | st.integers() | st.text()
PLAIN = st.recursive(
    SCALARS | st.complex_numbers(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.frozensets(KEYS, max_size=4)
        | st.sets(KEYS, max_size=4)
    ),
    max_leaves=12,
)
ARRAYS = hnp.arrays(
    hnp.boolean_dtypes() | hnp.integer_dtypes() | hnp.floating_dtypes(sizes=(16, 32, 64)) | hnp.unicode_string_dtypes(),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)


def types(value: Any) -> Any:
    """Return a value's exact types, nested as it is."""
    if isinstance(value, list | tuple):
        return type(value), [types(item) for item in value]
    if isinstance(value, dict):
        return dict, [(types(key), types(item)) for key, item in value.items()]
    return type(value)


@given(PLAIN)
def test_plain_data_crosses_whole(value: Any) -> None:
    """Values and exact types are the same on the other side."""
    result = decode(encode(value))
    assert result == value
    assert types(result) == types(value)


@given(ARRAYS)
def test_arrays_cross_whole(array: np.ndarray[Any, Any]) -> None:
    """Shape, type and content of an array are kept, and the copy can be written to."""
    result = decode(encode(array))
    assert type(result) is np.ndarray
    assert result.dtype == array.dtype.newbyteorder("=")
    np.testing.assert_array_equal(result, array)
    assert result.flags.writeable or not result.size


@pytest.mark.parametrize(
    "tensor",
    [
        torch.arange(6.0).reshape(2, 3).T,
        torch.ones(1, 3).expand(4, 3),
        torch.arange(10)[2:8:2],
        torch.empty(0, 3),
        torch.tensor(2, dtype=torch.bfloat16),
        torch.tensor([1 + 2j]).conj(),
        torch.nn.Parameter(torch.ones(2)),
    ],
)
def test_tensors_keep_their_layout(tensor: torch.Tensor) -> None:
    """A transposed or expanded tensor arrives with the same strides, without its storage blown up."""
    result = decode(encode(tensor))
    assert type(result) is torch.Tensor
    assert result.dtype == tensor.dtype
    assert result.stride() == tensor.stride()
    assert torch.equal(result, tensor.detach())


@pytest.mark.parametrize("tensor", [torch.arange(6.0).reshape(3, 2)[:1, 1], torch.arange(6.0).reshape(2, 3).T[1:2, :1]])
def test_a_single_element_crosses_whatever_its_strides(tensor: torch.Tensor) -> None:
    """A tensor of one element counts as contiguous, even with the strides of the matrix that it was cut from."""
    assert torch.equal(decode(encode(tensor)), tensor)


def test_subclasses_arrive_as_what_they_extend() -> None:
    """A subclass's own behaviour stays where it was made."""

    class Liar(int):
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = int.__hash__

    class Loud(np.ndarray[Any, Any]):
        def __array_function__(self, *_: Any, **__: Any) -> bool:
            return True

    assert decode(encode(Liar(3))) != 4
    assert type(decode(encode(np.ones(2).view(Loud)))) is np.ndarray


@pytest.mark.parametrize("value", [object(), lambda: None, np.zeros(1, "i4,f8"), 10**3000, [object()]])
def test_what_has_no_plain_form_is_named(value: Any) -> None:
    """The error carries the type's name; with `refer` the value is a reference instead."""
    with pytest.raises(CannotCrossError):
        encode(value)
    if not isinstance(value, int):
        assert "Reference" in str(types(decode(encode(value, lambda _: Reference(7, "objet")))))


def test_cycles_and_depth_are_refused() -> None:
    """A list that contains itself, or a thousand lists in each other, is an error on the way out."""
    cycle: list[Any] = []
    cycle.append(cycle)
    deep: Any = ()
    for _ in range(100):
        deep = (deep,)
    for value in (cycle, deep):
        with pytest.raises(CodecError):
            encode(value)


def hostile() -> list[bytes]:
    """Messages that nobody honest sends."""

    def ext(code: int, content: Any) -> bytes:
        return msgpack.packb(msgpack.ExtType(code, msgpack.packb(content)))

    nested = msgpack.packb([])
    for _ in range(100):
        nested = msgpack.packb(
            msgpack.ExtType(Ext.TUPLE, msgpack.packb([msgpack.unpackb(nested, ext_hook=msgpack.ExtType)]))
        )
    return [
        b"",
        b"\xc1",
        nested,
        ext(99, []),
        ext(Ext.ARRAY, ["|O", [1], "C", b"12345678"]),
        ext(Ext.ARRAY, ["<f8", [1 << 40], "C", b""]),
        ext(Ext.ARRAY, ["<f8", [-1], "C", b""]),
        ext(Ext.ARRAY, ["f8,O", [1], "C", b"0" * 16]),
        ext(Ext.TENSOR, ["float32", [2, 2], [1 << 30, 1], 0, b"0" * 16]),
        ext(Ext.TENSOR, ["float32", [1 << 20, 1 << 20], [0, 0], 0, b"0" * 4]),
        ext(Ext.TENSOR, ["load", [1], None, 0, b"0"]),
        ext(Ext.TENSOR, ["float32", [2], [-1], 0, b"0" * 8]),
        ext(Ext.DTYPE, "nn"),
        ext(Ext.SET, [[1]]),
        ext(Ext.REFERENCE, ["a", 1]),
        msgpack.packb(msgpack.ExtType(Ext.INT, b"1" * 5000)),
        b"\xdd\xff\xff\xff\xff",
        b"\x91" * 5000,
    ]


@pytest.mark.parametrize("data", hostile())
def test_hostile_messages_are_refused(data: bytes) -> None:
    """No message allocates what it has not sent, or does anything but fail."""
    with pytest.raises(CodecError):
        decode(data)


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_no_bytes_do_anything_but_decode_or_fail(data: bytes) -> None:
    """Random bytes are a value or a CodecError."""
    try:
        decode(data)
    except CodecError:
        return


def test_nan_crosses() -> None:
    """Not a number stays not a number."""
    assert math.isnan(decode(encode(math.nan)))
