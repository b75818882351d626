"""Messages made by a grammar and broken field by field: whoever reads one gets a message, or a closed channel.

The grammar is the messages themselves: each is built from the types of its fields, encoded as it is sent, and then
mutated where a sender that lies would: a field of another type, values in values, an array whose header lies, a few
bytes. FUZZ says how many times as many are tried: `FUZZ=50 pytest …`.
"""

import contextlib
import os
import resource
import socket
import struct
import types
import typing
import warnings
from collections.abc import Sequence
from typing import Any, Literal, Union

import msgpack
import msgspec
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from checks.capture import TimeLimitExceeded
from closed_doors.grading.bridge.examiner_side import ANSWERS, Bridge
from closed_doors.grading.hints.ask_probes import observe_student
from closed_doors.grading.protocol import messages
from closed_doors.grading.protocol.channel import Channel, ChannelClosedError, Expected
from closed_doors.grading.protocol.codec import decode, encode
from closed_doors.grading.protocol.messages import Message
from closed_doors.grading.protocol.wire import CodecError, Ext

TIMES = int(os.environ.get("FUZZ", "1"))
MOST_MIB = 256
BASES = (Message, messages.Question, messages.Answer)
KINDS = [kind for kind in vars(messages).values() if isinstance(kind, type) and issubclass(kind, Message)]
KINDS = [kind for kind in KINDS if kind not in BASES]
EVERY: Expected[Any] = Expected(*KINDS)
fuzz = settings(max_examples=80 * TIMES, deadline=None, suppress_health_check=list(HealthCheck))

TEXTS = st.text(max_size=8) | st.sampled_from(["", "\ud800", "\x1b[2J", "__class__", "x" * 5000])
NUMBERS = st.integers() | st.sampled_from([-1, 0, 1 << 31, 1 << 63, -(1 << 70), 1 << 2000])
FLOATS = st.floats() | st.sampled_from([float("nan"), float("inf"), -1e308])
SIZES = st.lists(st.integers(0, 3) | st.sampled_from([1 << 20, 1 << 40, -1]), max_size=4)
DTYPES = st.sampled_from(["<f8", "<f4", "|b1", "<U3", "|O", "<i8", "<M8[s]", "<f8,<f8", "V8", ">f8", "", "<U99999"])
TENSORS = st.sampled_from(["float32", "bool", "bfloat16", "load", "float8_e4m3fn", ""])
BYTES = st.binary(max_size=40) | st.sampled_from([b"\x00" * 64, b"\xff" * 64])
ARRAYS = st.sampled_from([np.arange(6.0).reshape(2, 3), torch.ones(2, 2), np.float32(2), torch.tensor(True), 1 + 2j])
PLAIN: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | FLOATS | TEXTS | BYTES | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(TEXTS | st.integers(), inner, max_size=3)
        | st.sets(st.integers() | TEXTS, max_size=3)
    ),
    max_leaves=8,
)


@st.composite
def lying(draw: Any) -> msgpack.ExtType:
    """An extension type whose content says other than it holds."""
    contents: dict[Ext, st.SearchStrategy[Any]] = {
        Ext.ARRAY: st.tuples(DTYPES, SIZES, st.sampled_from(["C", "F", "A"]), BYTES),
        Ext.SCALAR: st.tuples(DTYPES, BYTES),
        Ext.TENSOR: st.tuples(TENSORS, SIZES, st.none() | SIZES, NUMBERS, BYTES | st.none()),
        Ext.DTYPE: TENSORS,
        Ext.DEVICE: TEXTS,
        Ext.REFERENCE: st.tuples(NUMBERS | TEXTS, TEXTS | NUMBERS),
        Ext.RANGE: st.lists(NUMBERS, max_size=4),
        Ext.SLICE: st.lists(NUMBERS | TEXTS, max_size=4),
        Ext.COMPLEX: st.lists(FLOATS | TEXTS, max_size=3),
        Ext.SET: st.lists(NUMBERS | st.lists(NUMBERS, max_size=1), max_size=3),
        Ext.TUPLE: st.lists(NUMBERS, max_size=3) | NUMBERS,
    }
    code = draw(st.sampled_from([*Ext]))
    content = draw(contents.get(code, BYTES))
    inner = (
        content if isinstance(content, bytes) else msgpack.packb(content, default=str, unicode_errors="surrogatepass")
    )
    return msgpack.ExtType(code, draw(st.just(inner) | BYTES))


def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Return values of a field's type."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        return st.one_of(*map(values_of, inner))
    if origin is Literal:
        return st.sampled_from(inner)
    if origin is list:
        return st.lists(values_of(inner[0]), max_size=2)
    if origin is tuple:
        return st.lists(values_of(inner[0]), max_size=2).map(tuple)
    if origin is dict:
        return st.dictionaries(values_of(inner[0]), values_of(inner[1]), max_size=2)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return fields_of(hint).map(tuple)
    simple = {bool: st.booleans(), int: NUMBERS, float: FLOATS, str: TEXTS, bytes: PLAIN.map(encoded), object: PLAIN}
    return simple.get(hint, st.none())


def encoded(value: Any) -> bytes:
    try:
        return encode(value)
    except Exception:  # what nobody could send is left out
        return b"\xc0"


def fields_of(kind: type[msgspec.Struct]) -> st.SearchStrategy[list[Any]]:
    hints = typing.get_type_hints(kind)
    names = [field.name for field in msgspec.structs.fields(kind)]
    return st.tuples(*(values_of(hints[name]) for name in names)).map(list)


@st.composite
def sent(draw: Any, kinds: Sequence[type[Message]]) -> bytes:
    """The bytes of a message of one of these types, with a few of its fields, or bytes, replaced."""
    kind = draw(st.sampled_from(kinds))
    content = [kind.__name__, *draw(fields_of(kind))]
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(content) - 1))
        match draw(st.sampled_from(["another value", "another type", "lies", "less", "more"])):
            case "another value":
                content[place] = draw(PLAIN)
            case "another type":
                content[place] = [content[place]]
            case "lies":
                content[place] = draw(lying())
            case "less":
                del content[place]
            case "more":
                content.insert(place, draw(PLAIN))
        content = content or [None]
    data = bytearray(packed(content))
    for _ in range(draw(st.integers(0, 2))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data)


def packed(content: list[Any]) -> bytes:
    """Encode as the codec does, what lies left as it is."""
    held = [item if isinstance(item, msgpack.ExtType) else msgpack.unpackb(encoded(item), ext_hook=msgpack.ExtType,
            strict_map_key=False, unicode_errors="surrogatepass") for item in content]  # fmt: skip
    return bytes(msgpack.packb(held, unicode_errors="surrogatepass"))


def received(data: bytes, expected: Expected[Any]) -> Any:
    """Return what a channel makes of bytes that came, or None where it closes."""
    ours, theirs = Channel.pair()
    try:
        theirs.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        theirs.socket.sendall(struct.pack("<I", len(data)) + data)
        theirs.close()
        return ours.receive(expected)
    except ChannelClosedError:
        return None
    finally:
        ours.close()
        theirs.close()


def peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


@fuzz
@given(sent(KINDS))
def test_a_message_is_read_or_the_channel_closes(data: bytes) -> None:
    """There is no other error, and what is read is a message of ours."""
    before = peak_mib()
    message = received(data, EVERY)
    assert message is None or isinstance(message, Message)
    assert peak_mib() - before < MOST_MIB


@fuzz
@given(lying())
def test_a_value_that_lies_is_a_value_or_refused(value: msgpack.ExtType) -> None:
    """Headers of arrays, numbers, sets and references that say other than they hold cost what they have sent."""
    before = peak_mib()
    with contextlib.suppress(CodecError):
        decode(msgpack.packb([value]))
    assert peak_mib() - before < MOST_MIB


class Scripted:
    """A worker's end that answers every question with the same bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def send(self, *_: object, **__: object) -> None:
        return

    def receive(self, expected: Expected[Any], *_: object, **__: object) -> Any:
        if (message := received(self._data, expected)) is None:
            raise ChannelClosedError("closed")
        return message

    def close(self) -> None:
        return


# What a reply that is no error may lead to: of ours, or of the test's own use of the value that came.
DECLARED = (NameError, RuntimeError, TypeError, AttributeError, LookupError, StopIteration, TimeLimitExceeded)
REPLIES = [messages.Value, messages.Raised, messages.Stop, messages.Missing, messages.OutOfTime]


@fuzz
@given(sent(REPLIES), st.booleans())
def test_whatever_answers_a_test_gets_a_value_or_an_error_to_judge(data: bytes, grad: bool) -> None:
    """A name is asked for, called, indexed, measured: each gives a value, or an error to judge."""
    bridge = Bridge(lambda: (Scripted(data), lambda: None), lambda _: None)  # type: ignore[arg-type,return-value]
    array = torch.ones(2, requires_grad=grad)
    for ask in (
        lambda: bridge.value_of("f"),
        lambda: bridge.value_of("f")(array, [1], key={"a": 1}),
        lambda: bridge.value_of("f")[0],
        lambda: len(bridge.value_of("f")),
        lambda: list(zip(range(5), bridge.value_of("f"), strict=False)),
        lambda: repr(bridge.value_of("f")),
    ):
        bridge.seconds_left = 5.0
        with (
            contextlib.suppress(BaseException if b"Raised" in data else DECLARED),
            warnings.catch_warnings(record=True),  # the student's, of any line and any kind
        ):
            ask()


@fuzz
@given(sent([messages.Observed]))
def test_what_probes_give_is_observations_or_no_hint(data: bytes) -> None:
    """Rows of any form are read as observations, or there is no hint for them."""
    from closed_doors.grading.hints.ask_probes import NoReplyError

    class State:
        channel = Scripted(data)

    try:
        rows = observe_student(State(), b"", 1, 5.0)  # type: ignore[arg-type]
    except (NoReplyError, ChannelClosedError):
        return
    assert len(rows) == 1


def test_the_grammar_reaches_deep() -> None:
    """Most messages that are made are read as messages; an answer's value is decoded."""
    read: list[bool] = []
    kinds: set[str] = set()

    @seed(1)
    @settings(max_examples=300, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(sent(REPLIES))
    def look(data: bytes) -> None:
        message = received(data, ANSWERS)
        read.append(message is not None)
        kinds.add(type(message).__name__)

    look()
    assert sum(read) > len(read) / 4
    assert {"Value", "Raised", "Stop"} <= kinds


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_message_is_built_by_the_grammar(kind: type[Message]) -> None:
    """Each type of message can be made, sent and read as itself."""
    found: list[Any] = []

    @settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(fields_of(kind))
    def look(fields: list[Any]) -> None:
        found.append(received(packed([kind.__name__, *fields]), EVERY))

    look()
    assert any(isinstance(message, kind) for message in found)


@pytest.mark.parametrize("name", ["\ud800", "", "Value\x00", 7, None, [], {}])
def test_what_is_no_messages_name_closes_the_channel(name: Any) -> None:
    """Half a character, too, which the library that reads messages takes for an error of its own."""
    assert received(packed([name, "", 0.0]), ANSWERS) is None
