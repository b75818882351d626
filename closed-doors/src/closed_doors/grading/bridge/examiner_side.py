"""The examiner's side of the bridge: what a student wrote, as values and callables that ask the student's process.

A reply is a claim about a value, never a verdict: it is decoded into plain data, and compared on this side. An object
without a plain form is a Remote. It can be called, indexed and iterated, and answers no comparison, no truth value and
no conversion, so it is never equal to what a test expects.
"""

import builtins
import sys
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any, NoReturn, TypeAlias, TypeGuard

from checks.capture import TimeLimitExceeded
from checks.explain import UnusableValueError
from closed_doors.core.wording import say
from closed_doors.grading.bridge.argument_changes import ArgumentChanges
from closed_doors.grading.bridge.asked_inputs import AskedInputs
from closed_doors.grading.bridge.find_autograd import find_autograd
from closed_doors.grading.protocol.channel import Channel, ChannelClosedError, Expected
from closed_doors.grading.protocol.codec import Reference, decode, encode
from closed_doors.grading.protocol.messages import (
    Answer,
    Backward,
    Call,
    ChangedArgument,
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
from closed_doors.grading.protocol.tensor_values import Mark, Take, Tensor
from closed_doors.grading.protocol.wire import CannotCrossError, CodecError
from closed_doors.notebook.plan import CELL_FILENAME

_NAME_LENGTH = 60
ANSWERS: Expected[Answer] = Expected(Value, Missing, Stop, OutOfTime, Raised)
UNLIMITED_S = 600.0
# What a test does with a value of the student's is the test's affair: it knows what it asked for, and no type can.
StudentValue: TypeAlias = Any


class SealedError(Exception):
    """A grading cell calls the student's code while its tests are only being defined."""


class StudentProcessError(RuntimeError):
    """The student's process ended or broke the protocol while it was asked for a value."""

    student_place = None  # for `checks`: the error is the student's, and no line is known


class Bridge:
    """One grading cell's view of the student's process, through forks that its template makes.

    A fork that has died, or that was left in the middle of an answer by a time limit, is replaced at the next request,
    so that one endless function does not cost the criteria of the others. Objects known by reference die with their
    fork.

    Args:
        fork: asks the template for a new fork; returns its channel and a function that ends it.
        show: takes what the student's code printed while it answered.
        changes: takes what calls change in their arguments.
        asked: takes what calls ask.
    """

    def __init__(
        self,
        fork: Callable[[], tuple[Channel, Callable[[], None]]],
        show: Callable[[str], None],
        changes: ArgumentChanges | None = None,
        asked: AskedInputs | None = None,
    ) -> None:
        self._fork = fork
        self._show = show
        self._changes = changes or ArgumentChanges()
        self._asked = asked or AskedInputs(wanted=False)
        self._channel: Channel | None = None
        self._end: Callable[[], None] = lambda: None
        self._busy = False
        self.generation = 0
        self.sealed = False
        self.slow = False  # whether an answer did not come in time
        self.lost = False  # whether a fork has died, or was left in the middle of an answer
        self.seconds_left = UNLIMITED_S  # that the student's code may still use, all answers together

    def value_of(self, name: str) -> StudentValue:
        """Return what the student's namespace holds under a name; what can't be told is Unreadable, and says why.

        Raises:
            NameError: it holds nothing.
        """
        try:
            answer = self._ask(Get(self.seconds_left, name))
            if not isinstance(answer, Missing):
                return self._value(answer, name=name)
        except (Exception, TimeLimitExceeded) as error:  # whatever the student's objects do when they are looked at
            return Unreadable(self, name, str(error) or type(error).__name__)
        raise NameError(f"name {name!r} is not defined", name=name)

    def attribute(self, reference: "Remote", name: str) -> StudentValue:
        """Return an attribute of a remote object."""
        number = self._number(reference)
        return self._value(self._ask(GetAttribute(self.seconds_left, number, name)))

    def set_attribute(self, reference: "Remote", name: str, value: object) -> None:
        """Set an attribute of a remote object."""
        number = self._number(reference)
        self._value(self._ask(SetAttribute(self.seconds_left, number, name, self._encode(value))))

    def item(self, reference: "Remote", key: object) -> StudentValue:
        """Return what a remote object holds at a key."""
        number = self._number(reference)
        return self._value(self._ask(GetItem(self.seconds_left, number, self._encode(key))))

    def length(self, reference: "Remote") -> StudentValue:
        """Return what a remote object says of its length."""
        return self._value(self._ask(Length(self.seconds_left, self._number(reference))))

    def iterator(self, reference: "Remote") -> StudentValue:
        """Return an iterator over a remote object."""
        return self._value(self._ask(Iterate(self.seconds_left, self._number(reference))))

    def next(self, reference: "Remote") -> StudentValue:
        """Return a remote iterator's next element; raise StopIteration at its end."""
        return self._value(self._ask(Next(self.seconds_left, self._number(reference))))

    def call(self, reference: "Remote", args: Sequence[object], kwargs: dict[str, object]) -> StudentValue:
        """Call a remote object with copies of the arguments; what the call changes in them is taken note of."""
        autograd = find_autograd()
        inputs: list[Tensor] = []
        mark = autograd.marker(inputs) if autograd else None
        packed = [self._encode(value, mark) for value in args]
        named = {name: self._encode(value, mark) for name, value in kwargs.items()}
        self._note([*args, *kwargs.values()])
        number = self._number(reference)
        grad = autograd.grad_enabled() if autograd else False
        answer = self._ask(Call(self.seconds_left, number, packed, named, grad))
        result = self._value(answer, inputs=inputs)
        if isinstance(answer, Value):
            for key, data in answer.changes.items():
                original = kwargs.get(key) if isinstance(key, str) else args[key] if 0 <= key < len(args) else None
                self._changes.take(ChangedArgument(*_calling_line(), key), original, self._decode(data))
        return result

    def _note(self, arguments: Sequence[object]) -> None:
        """Take note of what a call asks, where that is wanted."""
        if self._asked.wanted:
            self._asked.note(map(self._encode, arguments))

    def close(self) -> None:
        """End the current fork."""
        if self._channel is not None:
            self._channel.close()
            self._end()
        self._channel, self._busy = None, False

    def _ask(self, question: Question) -> Answer:
        if self.sealed and not isinstance(question, Get):
            raise SealedError
        if self.seconds_left <= 0:
            self.slow = True
            raise TimeLimitExceeded
        if self._busy:
            self.lost = True
            self.close()
        try:
            if self._channel is None:
                self._channel, self._end = self._fork()
                self.generation += 1
            self._busy = True
            self._channel.send(question)
            answer = self._channel.receive(ANSWERS)
            self._busy = False
        except ChannelClosedError as error:
            self.lost = True
            raise StudentProcessError(say("bridge.ended")) from error
        self.seconds_left -= max(0.0, answer.spent_s)
        if answer.printed:
            self._show(answer.printed.encode("utf-8", "replace").decode())
        if isinstance(answer, OutOfTime):
            self.slow = True
            self.close()  # what the code was doing is half done
            raise TimeLimitExceeded
        return answer

    def _value(self, answer: Answer, name: str = "", inputs: Sequence[Tensor] = ()) -> StudentValue:
        match answer:
            case Value(data=data, call=0, gradients=gradients):
                return self._decode(data, name, self._parameters(gradients))
            case Value(data=data, call=call):
                return self._linked(data, call, name, inputs)
            case Stop():
                raise StopIteration
            case Raised():
                raise _exception(answer)
        raise StudentProcessError(say("bridge.unreadable"))

    def _parameters(self, gradients: list[bytes]) -> Take:
        """Return what makes parameters of tensors that require gradients, each with its own."""
        given = iter(gradients)

        def parameter(tensor: Tensor, mark: int) -> object:
            data = next(given, None) if mark else None
            if data is None:
                return _autograd().parameter(tensor, mark)
            return _autograd().parameter_with_gradient(tensor, mark, self._decode(data))

        return parameter

    def _linked(self, data: bytes, call: int, name: str, inputs: Sequence[Tensor]) -> StudentValue:
        """Decode a call's result with its tensors hung into this process's autograd graph."""
        autograd = _autograd()
        found: list[Tensor] = []

        def note(tensor: Tensor, mark: int) -> Tensor:
            if mark:
                found.append(tensor)
            return tensor

        self._decode(data, name, note)

        def ask(grads: "Sequence[Tensor | None]") -> "list[Tensor | None]":
            packed = [None if grad is None else self._encode(grad) for grad in grads]
            answer = self._value(self._ask(Backward(self.seconds_left, call, packed)))
            if type(answer) is not list or len(answer) != len(inputs):
                raise StudentProcessError(say("bridge.gradients_unreadable"))
            return [_fitting(grad, tensor) for grad, tensor in zip(answer, inputs, strict=True)]

        hung = iter(autograd.linked(found, inputs, ask))
        return self._decode(data, name, lambda tensor, mark: next(hung) if mark else tensor)

    def _decode(self, data: bytes, name: str = "", tensor: Take | None = None) -> StudentValue:
        def resolve(reference: Reference) -> Remote:
            return remote(self, reference, name)

        autograd = find_autograd()
        try:
            return decode(data, resolve, tensor or (autograd.parameter if autograd else None))
        except CodecError as error:
            raise StudentProcessError(say("bridge.unreadable")) from error

    def _encode(self, value: object, mark: Mark | None = None) -> bytes:
        try:
            return encode(value, self._refer, mark)
        except CannotCrossError as error:
            raise UnusableValueError(say("bridge.argument", type=error.type_name)) from error

    def _refer(self, value: object) -> Reference:
        if isinstance(value, Remote):
            return Reference(self._number(value))
        raise CannotCrossError(type(value).__name__)

    def _number(self, reference: "Remote") -> int:
        link = object.__getattribute__(reference, "_link")
        if link[0] is not self:
            raise StudentProcessError(say("bridge.foreign_object"))
        if link[2] != self.generation or self._busy:
            if not link[3]:
                raise StudentProcessError(say("bridge.object_gone"))
            fresh = self.value_of(link[3])  # a function of the notebook is found again by its name
            if not isinstance(fresh, Remote):
                raise StudentProcessError(say("bridge.object_gone"))
            link[1:3] = object.__getattribute__(fresh, "_link")[1:3]
        return int(link[1])


class Remote:
    """An object of the student's that has no plain form: a function, a class, an instance, a generator."""

    __checks_student__ = True

    def __init__(self, bridge: Bridge, number: int, name: str) -> None:
        object.__setattr__(self, "_link", [bridge, number, bridge.generation, name])

    def __call__(self, *args: object, **kwargs: object) -> StudentValue:
        """Call the student's object in the student's process."""
        return _bridge(self).call(self, args, kwargs)

    def __getattr__(self, name: str) -> StudentValue:
        if name.startswith("__") and name not in ("__name__", "__doc__"):
            raise AttributeError(name)
        return _bridge(self).attribute(self, name)

    def __setattr__(self, name: str, value: object) -> None:
        _bridge(self).set_attribute(self, name, value)

    def __getitem__(self, key: object) -> StudentValue:
        return _bridge(self).item(self, key)

    def __len__(self) -> int:
        length = _bridge(self).length(self)
        if type(length) is not int or not 0 <= length < 1 << 62:
            raise _unusable(self)
        return length

    def __iter__(self) -> Iterator[StudentValue]:
        iterator = _bridge(self).iterator(self)
        if not isinstance(iterator, Remote):
            raise _unusable(self)
        while True:
            try:
                item = _bridge(self).next(iterator)
            except StopIteration:
                return
            yield item

    def __next__(self) -> StudentValue:
        return _bridge(self).next(self)

    def __enter__(self) -> StudentValue:
        return self.__getattr__("__enter__")()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __hash__(self) -> int:
        return id(self)

    def _refuse(self, *_: object) -> NoReturn:
        raise _unusable(self)

    __bool__ = __int__ = __float__ = __complex__ = __index__ = __array__ = _refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __matmul__ = __rmatmul__ = _refuse
    __truediv__ = __rtruediv__ = __neg__ = __abs__ = __round__ = _refuse


class Unreadable(Remote):
    """A name of the student's whose value can't be told; whatever is done with it says why."""

    def __init__(self, bridge: Bridge, name: str, why: str) -> None:
        super().__init__(bridge, -1, name)
        object.__setattr__(self, "_why", say("bridge.value_unreadable", name=name, why=why))

    def __call__(self, *_: object, **__: object) -> NoReturn:
        """Say why it can't be called."""
        raise UnusableValueError(object.__getattribute__(self, "_why"))

    def __getattr__(self, name: str) -> StudentValue:
        if name.startswith("__"):
            raise AttributeError(name)
        return self()

    __getitem__ = __len__ = __iter__ = __next__ = _refuse = __call__


def remote(bridge: Bridge, reference: Reference, name: str = "") -> Remote:
    """Return the Remote of a reference; its type carries the name of the student's type."""
    type_name = reference.type_name if reference.type_name.isidentifier() else "object"
    kind: type[Remote] = type(type_name[:_NAME_LENGTH], (Remote,), {"__module__": __name__})
    return kind(bridge, reference.number, name)


def _bridge(reference: Remote) -> Bridge:
    bridge: Bridge = object.__getattribute__(reference, "_link")[0]
    return bridge


def _unusable(value: Remote) -> UnusableValueError:
    return UnusableValueError(say("bridge.no_plain_value", type=type(value).__name__))


def _calling_line() -> tuple[str, int]:
    """Return the instructor's cell and its line from which the student's code was called."""
    frame = sys._getframe(1)
    while frame.f_back is not None and not frame.f_code.co_filename.startswith(CELL_FILENAME):
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno


def _autograd() -> ModuleType:
    """Return the part that knows tensors; those that came to a process without it can't be read."""
    autograd = find_autograd()
    if autograd is None:
        raise StudentProcessError(say("bridge.unreadable"))
    return autograd


def _fitting(gradient: object, tensor: Tensor) -> "Tensor | None":
    autograd = _autograd()
    try:
        fitting: Tensor | None = autograd.fitting(gradient, tensor)
        return fitting
    except autograd.UnreadableGradientsError as error:
        raise StudentProcessError(say("bridge.gradients_misshapen")) from error


def _can_be_made(kind: object) -> TypeGuard[type[Exception]]:
    """Whether an error of this type can be made of a text alone; a group of errors can't."""
    return isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, BaseExceptionGroup)


def _exception(raised: Raised) -> Exception:
    """Return the error that the student's code raised, as the nearest built-in type under the student's own name."""
    names = raised.lineage[:20]
    known = (getattr(builtins, name, None) for name in names)
    base = next((kind for kind in known if _can_be_made(kind)), RuntimeError)
    name = names[0] if names and names[0].isidentifier() else base.__name__
    if name != base.__name__:
        base = type(name[:_NAME_LENGTH], (base,), {"__module__": __name__})
    error = base.__new__(base)  # some built-in errors ask for more arguments than a text
    error.args = (raised.text[:1000],)
    error.student_place = _place(raised.place)  # type: ignore[attr-defined]
    return error


def _place(place: Place | None) -> tuple[int, str, str] | None:
    return None if place is None else (place.line, place.source[:200], place.function[:200])
