"""The worker's side of the bridge: answers the examiner's requests from the student's namespace.

All of it runs beside student code, which can change any of it: nothing here is trusted, and nothing here knows a test.
"""

import io
import linecache
import sys
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from typing import Any, ClassVar

import torch

from closed_doors.grading.protocol.codec import CannotCrossError, CodecError, Reference, decode, encode

LEAF = 1
LONGEST_PRINT = 2000


class Answers:
    """Answers requests about the objects of one namespace.

    Args:
        namespace: the student's global names.
    """

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._namespace = namespace
        self._objects: list[Any] = []
        self._numbers: dict[int, int] = {}
        self._calls: dict[int, tuple[list[torch.Tensor], list[torch.Tensor]]] = {}

    def answer(self, request: list[Any]) -> list[Any]:
        """Return the reply to one request; whatever the student's code does becomes part of it."""
        printed = io.StringIO()
        kind, *rest = request
        try:
            with redirect_stdout(printed), redirect_stderr(io.StringIO()):
                reply = self._handlers[kind](self, *rest)
        except StopIteration:
            reply = ["stop"]
        except BaseException as error:
            reply = _failure(error)
        return [*reply, printed.getvalue()[:LONGEST_PRINT]]

    def _get(self, name: str) -> list[Any]:
        if name not in self._namespace:
            return ["missing"]
        return self._plain(self._namespace[name])

    def _call(self, number: int, args: list[bytes], kwargs: dict[str, bytes], grad: bool) -> list[Any]:
        leaves: list[torch.Tensor] = []

        def take(tensor: torch.Tensor, mark: int) -> torch.Tensor:
            if not mark:
                return tensor
            leaves.append(tensor.requires_grad_())
            return tensor if mark == LEAF else tensor.clone()  # a leaf could not be changed in place

        arguments: list[tuple[int | str, bytes]] = [*enumerate(args), *kwargs.items()]
        values = {key: decode(data, self._resolve, take) for key, data in arguments}
        before = {key: self._encode(value) for key, value in values.items()}
        positional = [values[key] for key in range(len(args))]
        with torch.set_grad_enabled(grad):
            result = self._objects[number](*positional, **{name: values[name] for name in kwargs})
        after = {key: self._encode(value) for key, value in values.items()}
        outputs: list[torch.Tensor] = []

        def give(tensor: torch.Tensor) -> int:
            if not tensor.requires_grad:
                return 0
            outputs.append(tensor)
            return len(outputs)

        data = self._encode(result, give)
        call = 0
        if outputs:
            call = len(self._calls) + 1
            self._calls[call] = (leaves, outputs)
        return ["value", data, call, {key: after[key] for key in after if after[key] != before[key]}]

    def _backward(self, call: int, grads: list[bytes | None]) -> list[Any]:
        leaves, outputs = self._calls[call]
        given = [
            torch.zeros_like(output) if data is None else decode(data, self._resolve)
            for output, data in zip(outputs, grads, strict=True)
        ]
        for leaf in leaves:
            leaf.grad = None
        torch.autograd.backward(outputs, given, retain_graph=True)
        return self._plain([leaf.grad for leaf in leaves])

    def _attribute(self, number: int, name: str) -> list[Any]:
        return self._plain(getattr(self._objects[number], name))

    def _set(self, number: int, name: str, data: bytes) -> list[Any]:
        setattr(self._objects[number], name, decode(data, self._resolve))
        return self._plain(None)

    def _item(self, number: int, key: bytes) -> list[Any]:
        return self._plain(self._objects[number][decode(key, self._resolve)])

    def _length(self, number: int) -> list[Any]:
        return self._plain(len(self._objects[number]))

    def _iterate(self, number: int) -> list[Any]:
        iterator = iter(self._objects[number])
        return ["value", encode(self._refer(iterator)), 0]

    def _next(self, number: int) -> list[Any]:
        return self._plain(next(self._objects[number]))

    def _plain(self, value: Any) -> list[Any]:
        """Return the reply that gives a value; what it holds of a layer's parameters comes with their gradients."""
        gradients: list[bytes] = []

        def give(tensor: torch.Tensor) -> int:
            if tensor.requires_grad:
                gradients.append(self._encode(tensor.grad if tensor.is_leaf else None))
            return int(tensor.requires_grad)

        return ["value", self._encode(value, give), 0, gradients]

    def _encode(self, value: Any, tensor: Callable[[Any], int] | None = None) -> bytes:
        try:
            return encode(value, self._refer, tensor)
        except (CodecError, CannotCrossError):
            raise TypeError(
                f"une valeur de type {type(value).__name__} est trop grande ou trop imbriquée pour être vérifiée"
            ) from None

    def _refer(self, value: Any) -> Reference:
        number = self._numbers.get(id(value))
        if number is None:
            number = len(self._objects)
            self._objects.append(value)
            self._numbers[id(value)] = number
        return Reference(number, type(value).__name__)

    def _resolve(self, reference: Reference) -> Any:
        return self._objects[reference.number]

    _handlers: ClassVar[dict[str, Callable[..., list[Any]]]] = {
        "get": _get,
        "call": _call,
        "backward": _backward,
        "attribute": _attribute,
        "set": _set,
        "item": _item,
        "length": _length,
        "iterate": _iterate,
        "next": _next,
    }


def _failure(error: BaseException) -> list[Any]:
    """Return an error as plain text: the names of its type and of what it extends, its message, and where it rose."""
    lineage = [kind.__name__ for kind in type(error).__mro__]
    try:
        text = str(error.args[0] if isinstance(error, KeyError) and error.args else error)
    except BaseException:
        text = "(message illisible)"
    return ["error", lineage, text[:1000], _place(error)]


def _place(error: BaseException) -> list[Any] | None:
    """Return the last line of a notebook cell that the error went through."""
    place = None
    main = sys.modules["__main__"].__dict__
    for frame, line in traceback.walk_tb(error.__traceback__):
        if frame.f_globals is main:
            source = linecache.getline(frame.f_code.co_filename, line).strip()
            place = [line, source[:200], frame.f_code.co_name[:200]]
    return place
