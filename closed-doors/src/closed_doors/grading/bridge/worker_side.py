"""The worker's side of the bridge: answers the examiner's questions from the student's namespace.

All of it runs beside student code, which can change any of it: nothing here is trusted, and nothing here knows a test.
"""

import io
import linecache
import sys
import traceback
from collections.abc import Callable
from contextlib import nullcontext, redirect_stderr, redirect_stdout
from functools import partial
from typing import TYPE_CHECKING, Any

from closed_doors.core.wording import say
from closed_doors.grading.bridge.find_autograd import find_autograd
from closed_doors.grading.clocks.time_budget import OutOfTimeError, TimeBudget
from closed_doors.grading.protocol.codec import Reference, decode, encode
from closed_doors.grading.protocol.messages import (
    Answer,
    Backward,
    Call,
    Get,
    GetAttribute,
    GetItem,
    Iterate,
    Length,
    Missing,
    Next,
    OutOfTime,
    Place,
    Question,
    Raised,
    SetAttribute,
    Stop,
    Value,
)
from closed_doors.grading.protocol.tensor_values import Mark, Tensor
from closed_doors.grading.protocol.wire import CannotCrossError, CodecError

if TYPE_CHECKING:
    from closed_doors.grading.bridge.autograd import CallTensors

LONGEST_PRINT = 2000
Unfinished = Callable[..., Answer]  # an answer that still lacks what was printed, and the time it took


class Answers:
    """Answers questions about the objects of one namespace.

    Args:
        namespace: the student's global names.
    """

    def __init__(self, namespace: dict[str, object]) -> None:
        self._namespace = namespace
        self._objects: list[Any] = []  # whatever the student made: a question does with it what the test asks
        self._numbers: dict[int, int] = {}
        self._calls: dict[int, CallTensors] = {}

    def answer(self, question: Question) -> Answer:
        """Return the answer to one question; whatever the student's code does becomes part of it."""
        printed = io.StringIO()
        budget = TimeBudget(question.seconds)
        try:
            with redirect_stdout(printed), redirect_stderr(io.StringIO()):
                reply = budget.run(partial(self._reply, question))
        except StopIteration:
            reply = Stop
        except OutOfTimeError:
            reply = OutOfTime
        except BaseException as error:
            reply = _failure(error)
        return reply(printed=printed.getvalue()[:LONGEST_PRINT], spent_s=budget.spent_s)

    def _reply(self, question: Question) -> Unfinished:
        match question:
            case Get(name=name):
                return self._plain(self._namespace[name]) if name in self._namespace else Missing
            case Call():
                return self._call(question)
            case Backward(call=call, grads=grads):
                given: list[Any] = [None if data is None else decode(data, self._resolve) for data in grads]
                return self._plain(self._calls[call].backward(given))
            case GetAttribute(number=number, name=name):
                return self._plain(getattr(self._objects[number], name))
            case SetAttribute(number=number, name=name, value=data):
                setattr(self._objects[number], name, decode(data, self._resolve))
                return self._plain(None)
            case GetItem(number=number, key=data):
                return self._plain(self._objects[number][decode(data, self._resolve)])
            case Length(number=number):
                return self._plain(len(self._objects[number]))
            case Iterate(number=number):
                return partial(Value, data=encode(self._refer(iter(self._objects[number]))))
            case Next(number=number):
                return self._plain(next(self._objects[number]))
        raise TypeError(type(question).__name__)

    def _call(self, question: Call) -> Unfinished:
        autograd = find_autograd()
        tensors = autograd.CallTensors() if autograd else None
        take = tensors.take if tensors else None
        arguments: list[tuple[int | str, bytes]] = [*enumerate(question.args), *question.kwargs.items()]
        values = {key: decode(data, self._resolve, take) for key, data in arguments}
        before = {key: self._encode(value) for key, value in values.items()}
        positional = [values[key] for key in range(len(question.args))]
        with autograd.grad_mode(question.grad) if autograd else nullcontext():
            result = self._objects[question.number](*positional, **{name: values[name] for name in question.kwargs})
        after = {key: self._encode(value) for key, value in values.items()}
        data = self._encode(result, tensors.give if tensors else None)
        call = 0
        if tensors and tensors.outputs:
            call = len(self._calls) + 1
            self._calls[call] = tensors
        changes = {key: after[key] for key in after if after[key] != before[key]}
        return partial(Value, data=data, call=call, changes=changes)

    def _plain(self, value: object) -> Unfinished:
        """Return the reply that gives a value; what it holds of a layer's parameters comes with their gradients."""
        gradients: list[bytes] = []
        autograd = find_autograd()

        def give(tensor: Tensor) -> int:
            if tensor.requires_grad and autograd:
                gradients.append(self._encode(autograd.leaf_gradient(tensor)))
            return int(tensor.requires_grad)

        data = self._encode(value, give)
        return partial(Value, data=data, gradients=gradients)

    def _encode(self, value: object, tensor: Mark | None = None) -> bytes:
        try:
            return encode(value, self._refer, tensor)
        except (CodecError, CannotCrossError):
            raise TypeError(say("bridge.value_too_large", type=type(value).__name__)) from None

    def _refer(self, value: object) -> Reference:
        number = self._numbers.get(id(value))
        if number is None:
            number = len(self._objects)
            self._objects.append(value)
            self._numbers[id(value)] = number
        return Reference(number, type(value).__name__)

    def _resolve(self, reference: Reference) -> object:
        return self._objects[reference.number]


def _failure(error: BaseException) -> Unfinished:
    """Return an error as plain text: the names of its type and of what it extends, its message, and where it rose."""
    lineage = [kind.__name__ for kind in type(error).__mro__]
    try:
        text = str(error.args[0] if isinstance(error, KeyError) and error.args else error)
    except BaseException:
        text = say("run.message_unreadable")
    return partial(Raised, lineage=lineage, text=text[:1000], place=_place(error))


def _place(error: BaseException) -> Place | None:
    """Return the last line of a notebook cell that the error went through."""
    place = None
    main = sys.modules["__main__"].__dict__
    for frame, line in traceback.walk_tb(error.__traceback__):
        if frame.f_globals is main:
            source = linecache.getline(frame.f_code.co_filename, line).strip()
            place = Place(line, source[:200], frame.f_code.co_name[:200])
    return place
