"""Whoever sends a message does not decide what reading it costs."""

import msgpack
import pytest

from closed_doors.grading.protocol.codec import decode, encode
from closed_doors.grading.protocol.wire import MOST_OBJECTS, CodecError, Ext

COLLIDING = [number * (2**61 - 1) for number in range(1, 60_000)]


COSTLY = {
    "empty lists": b"\xdd" + (900_000).to_bytes(4, "big") + b"\x90" * 900_000,
    "lists of empty lists": b"\xdc\x04\x00" + (b"\xdc\x40\x00" + b"\x90" * 0x4000) * 0x400,
    "empty mappings": b"\xdd" + (900_000).to_bytes(4, "big") + b"\x80" * 900_000,
    "colliding keys in a set": msgpack.packb(msgpack.ExtType(Ext.SET, encode(COLLIDING))),
    "colliding keys in a mapping": b"\xdf"
    + len(COLLIDING).to_bytes(4, "big")
    + b"".join(encode(number) + b"\xc0" for number in COLLIDING),
}


@pytest.mark.parametrize("case", COSTLY)
def test_what_costs_too_much_is_refused(case: str) -> None:
    """Bytes that decode to far more memory or time than they have are an error, and the process goes on."""
    with pytest.raises(CodecError, match=r"objects|takes more than"):
        decode(COSTLY[case])


def test_honest_lists_and_sets_are_read() -> None:
    """Half as many objects as a message may hold, and sets of ordinary numbers, are no matter."""
    numbers = list(range(MOST_OBJECTS // 2))
    assert decode(encode(numbers)) == numbers
    assert decode(encode(set(range(100_000)))) == set(range(100_000))
