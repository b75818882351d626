"""Messages over a connected Unix socket: a length, then as many bytes; file descriptors may ride along."""

import os
import select
import socket
import struct
import time
from typing import Generic, TypeVar

import msgspec

from closed_doors.grading.protocol.codec import decode, encode
from closed_doors.grading.protocol.messages import Message
from closed_doors.grading.protocol.wire import LARGEST_MESSAGE_BYTES, CodecError

M = TypeVar("M", bound=Message)

_LENGTH = struct.Struct("<I")
_DESCRIPTOR = struct.Struct("i")
_CHUNK = 1 << 20


class ChannelClosedError(Exception):
    """The other side is gone, or what it sent is not a message."""


class DeadlineError(Exception):
    """The other side did not answer in time."""


class Expected(Generic[M]):
    """The messages that may come at some point; any other breaks the protocol.

    Args:
        kinds: their types.
    """

    def __init__(self, *kinds: type[M]) -> None:
        self._kinds = {kind.__name__: kind for kind in kinds}
        for kind in kinds:
            msgspec.msgpack.Decoder(kind)  # looks at its fields once, for all forks

    def read(self, data: object) -> M:
        """Return the message that plain data holds.

        Raises:
            ChannelClosedError: it holds none of those expected.
        """
        try:
            if not isinstance(data, list) or not isinstance(name := data[0], str):
                raise TypeError("it has no name")
            return msgspec.convert(data, self._kinds[name], builtin_types=(bytes,))
        except Exception as error:  # not only ValidationError: a name may be half a character
            expected = ", ".join(self._kinds)
            raise ChannelClosedError(f"another message was expected ({expected}): {error}") from error


class Channel:
    """One end of a socket pair."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection

    @classmethod
    def pair(cls) -> "tuple[Channel, Channel]":
        """Return the two ends of a new connection."""
        ours, theirs = socket.socketpair()
        return cls(ours), cls(theirs)

    @classmethod
    def adopt(cls, descriptor: int) -> "Channel":
        """Return the channel of an inherited or received descriptor."""
        return cls(socket.socket(fileno=descriptor))

    def fileno(self) -> int:
        """Return the socket's descriptor."""
        return self.socket.fileno()

    def close(self) -> None:
        """Close this end; the other one sees the end of the stream."""
        self.socket.close()

    def send(self, message: Message, descriptors: tuple[int, ...] = (), deadline: float | None = None) -> None:
        """Send one message, with descriptors that the receiver gets copies of.

        Args:
            message: its fields hold plain data (see `codec`).
            descriptors: open file descriptors to pass along.
            deadline: on time.monotonic's clock; None waits for ever.

        Raises:
            ChannelClosedError: nobody reads any more.
            DeadlineError: the other side did not read in time.
        """
        data = encode([type(message).__name__, *msgspec.structs.astuple(message)])
        if len(data) > LARGEST_MESSAGE_BYTES:
            raise CodecError(f"a message of {len(data)} bytes; at most {LARGEST_MESSAGE_BYTES} can be sent")
        frame = memoryview(_LENGTH.pack(len(data)) + data)
        try:
            self._until(deadline)
            if descriptors:
                frame = frame[socket.send_fds(self.socket, [frame], list(descriptors)) :]
            while frame:
                self._until(deadline)
                frame = frame[self.socket.send(frame[:_CHUNK]) :]
        except TimeoutError as error:
            raise DeadlineError from error
        except OSError as error:
            raise ChannelClosedError from error

    def has_message(self, deadline: float) -> bool:
        """Wait until there is something to read, or the end of the stream; return False where nothing came in time."""
        watch = select.poll()
        watch.register(self.socket, select.POLLIN)
        return bool(watch.poll(max(0.0, 1000 * (deadline - time.monotonic()))))

    def receive(self, expected: Expected[M], deadline: float | None = None, largest: int = LARGEST_MESSAGE_BYTES) -> M:
        """Return the next message; descriptors that came with it are closed.

        Args:
            expected: what it may be.
            deadline: on time.monotonic's clock; None waits for ever.
            largest: of how many bytes the message may be.

        Raises:
            ChannelClosedError: the other side is gone or does not speak this protocol.
            DeadlineError: no whole message came before the deadline.
        """
        message, descriptors = self.receive_with_descriptors(expected, 0, deadline, largest)
        assert not descriptors
        return message

    def receive_with_descriptors(
        self,
        expected: Expected[M],
        count: int,
        deadline: float | None = None,
        largest: int = LARGEST_MESSAGE_BYTES,
    ) -> tuple[M, list[int]]:
        """Return the next message and at most `count` descriptors that came with it."""
        descriptors: list[int] = []
        try:
            header = b""
            while len(header) < _LENGTH.size:
                self._until(deadline)
                wanted = _LENGTH.size - len(header)
                if count and not header:
                    part, attached, _, _ = self.socket.recvmsg(wanted, socket.CMSG_SPACE(count * _DESCRIPTOR.size))
                    descriptors = _descriptors_of(attached)
                else:
                    part = self.socket.recv(wanted)
                header += self._some(part)
            (length,) = _LENGTH.unpack(header)
            if length > largest:
                raise ChannelClosedError(f"a message of {length} bytes was announced")
            data = decode(self._body(length, deadline))
        except TimeoutError as error:
            raise DeadlineError from error
        except (OSError, CodecError) as error:
            raise ChannelClosedError(str(error)) from error
        return expected.read(data), descriptors

    def _body(self, length: int, deadline: float | None) -> bytes:
        body = bytearray()
        while len(body) < length:
            self._until(deadline)
            body += self._some(self.socket.recv(min(_CHUNK, length - len(body))))
        return bytes(body)

    def _until(self, deadline: float | None) -> None:
        if deadline is None:
            if self.socket.gettimeout() is not None:  # setting it is a system call
                self.socket.settimeout(None)
            return
        left = deadline - time.monotonic()
        if left <= 0:
            raise DeadlineError
        self.socket.settimeout(left)

    @staticmethod
    def _some(part: bytes) -> bytes:
        if not part:
            raise ChannelClosedError("the other side is gone")
        return part


def _descriptors_of(attached: list[tuple[int, int, bytes]]) -> list[int]:
    """Return the descriptors that came with a message."""
    kind = (socket.SOL_SOCKET, socket.SCM_RIGHTS)
    parts = [data[: len(data) - len(data) % _DESCRIPTOR.size] for *found, data in attached if tuple(found) == kind]
    return [number for part in parts for (number,) in _DESCRIPTOR.iter_unpack(part)]


def close_all(descriptors: list[int]) -> None:
    """Close descriptors that nobody wants."""
    for descriptor in descriptors:
        os.close(descriptor)
