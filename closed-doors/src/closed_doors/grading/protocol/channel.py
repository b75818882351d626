"""Messages over a connected Unix socket: a length, then as many bytes; a file descriptor may ride along."""

import os
import socket
import struct
import time
from typing import Any

from closed_doors.grading.protocol.codec import LARGEST_MESSAGE_BYTES, CodecError, decode, encode

_LENGTH = struct.Struct("<I")
_CHUNK = 1 << 20


class ChannelClosedError(Exception):
    """The other side is gone, or what it sent is not a message."""


class DeadlineError(Exception):
    """The other side did not answer in time."""


class Channel:
    """One end of a socket pair; messages are lists of plain data."""

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

    def send(self, *message: Any, descriptors: tuple[int, ...] = (), deadline: float | None = None) -> None:
        """Send one message, with descriptors that the receiver gets copies of.

        Args:
            message: plain data (see `codec`); bytes that are encoded already count as plain data.
            descriptors: open file descriptors to pass along.
            deadline: on time.monotonic's clock; None waits for ever.

        Raises:
            ChannelClosedError: nobody reads any more.
            DeadlineError: the other side did not read in time.
        """
        data = encode(list(message))
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

    def receive(self, deadline: float | None = None, largest: int = LARGEST_MESSAGE_BYTES) -> list[Any]:
        """Return the next message; descriptors that came with it are closed.

        Args:
            deadline: on time.monotonic's clock; None waits for ever.
            largest: of how many bytes the message may be.

        Raises:
            ChannelClosedError: the other side is gone or does not speak this protocol.
            DeadlineError: no whole message came before the deadline.
        """
        message, descriptors = self.receive_with_descriptors(0, deadline, largest)
        assert not descriptors
        return message

    def receive_with_descriptors(
        self, count: int, deadline: float | None = None, largest: int = LARGEST_MESSAGE_BYTES
    ) -> tuple[list[Any], list[int]]:
        """Return the next message and at most `count` descriptors that came with it."""
        descriptors: list[int] = []
        try:
            header = b""
            while len(header) < _LENGTH.size:
                self._until(deadline)
                wanted = _LENGTH.size - len(header)
                if count and not header:
                    part, descriptors, _, _ = socket.recv_fds(self.socket, wanted, count)
                else:
                    part = self.socket.recv(wanted)
                header += self._some(part)
            (length,) = _LENGTH.unpack(header)
            if length > largest:
                raise ChannelClosedError(f"a message of {length} bytes was announced")
            message = decode(self._body(length, deadline))
        except TimeoutError as error:
            raise DeadlineError from error
        except (OSError, CodecError) as error:
            raise ChannelClosedError(str(error)) from error
        if type(message) is not list or not message:
            raise ChannelClosedError("a message is a list that is not empty")
        return message, descriptors

    def _body(self, length: int, deadline: float | None) -> bytes:
        body = bytearray()
        while len(body) < length:
            self._until(deadline)
            body += self._some(self.socket.recv(min(_CHUNK, length - len(body))))
        return bytes(body)

    def _until(self, deadline: float | None) -> None:
        if deadline is None:
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


def close_all(descriptors: list[int]) -> None:
    """Close descriptors that nobody wants."""
    for descriptor in descriptors:
        os.close(descriptor)
