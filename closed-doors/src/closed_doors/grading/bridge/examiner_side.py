"""The examiner's side of the bridge: what a student wrote, as values and callables that ask the student's process.

A reply is a claim about a value, never a verdict: it is decoded into plain data, and compared on this side. An object
without a plain form is a Remote (see `remote_objects`): it says what it is, and decides about nothing of the test's
but where the master's own solution does (see `object_uses`).

What a test passes is copied: plain data, and objects of libraries. What can't be, a function or a generator of the
test's own, stays here and is called back (see `test_objects`).
"""

import contextlib
import inspect
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from types import FrameType, ModuleType
from typing import TYPE_CHECKING, NoReturn

from checks.capture import TimeLimitExceeded
from checks.explain import UnusableValueError
from closed_doors.core.wording import sentence as say
from closed_doors.grading.bridge.argument_changes import ArgumentChanges
from closed_doors.grading.bridge.asked_inputs import AskedInputs
from closed_doors.grading.bridge.carried_objects import Known, Left, pairs_in, remotes_in
from closed_doors.grading.bridge.definitions_text import definition
from closed_doors.grading.bridge.find_autograd import find_autograd
from closed_doors.grading.bridge.followed import Followed, follow
from closed_doors.grading.bridge.object_uses import FILE, MASKED_ARRAY, ObjectUses
from closed_doors.grading.bridge.own_values import own_value
from closed_doors.grading.bridge.pickles import is_of_a_library, pickled
from closed_doors.grading.bridge.remote_objects import Remote, StudentValue, kind_of, remote_of
from closed_doors.grading.bridge.shared_containers import SharedContainers
from closed_doors.grading.bridge.shared_files import SharedFiles
from closed_doors.grading.bridge.student_errors import error_class, error_of
from closed_doors.grading.bridge.test_objects import MOST_CALLS, TestObjects
from closed_doors.grading.bridge.told_warnings import show_again
from closed_doors.grading.protocol.channel import Channel, ChannelClosedError, Expected
from closed_doors.grading.protocol.codec import Pickle, Reference, TestObject, decode, encode
from closed_doors.grading.protocol.messages import (
    Answer,
    Apply,
    Backward,
    Call,
    CallBack,
    CallBackRaised,
    CalledBack,
    ChangedArgument,
    Describe,
    Figure,
    Files,
    Get,
    GetAttribute,
    GetItem,
    Iterate,
    Length,
    Missing,
    Next,
    ObjectUse,
    OutOfTime,
    Printed,
    Question,
    Raised,
    SetAttribute,
    SetName,
    Share,
    Stop,
    Value,
    Write,
)
from closed_doors.grading.protocol.standard_values import TYPES
from closed_doors.grading.protocol.tensor_values import Mark, Take, Tensor
from closed_doors.grading.protocol.wire import CannotCrossError, CodecError
from closed_doors.notebook.plan import CELL_FILENAME

if TYPE_CHECKING:
    import numpy as np

ANSWERS: Expected[Answer | CallBack] = Expected(Value, Missing, Stop, OutOfTime, Raised, CallBack)
UNLIMITED_S = 600.0
NONE: dict[int | str, object] = {}
NEVER = -1  # the generation of what no fork has been asked for
LARGEST_LIVE_BYTES = 100_000  # a larger value of the student's is read once


class SealedError(Exception):
    """A grading cell calls the student's code while its tests are only being defined."""


class StudentProcessError(RuntimeError):
    """The student's process ended or broke the protocol while it was asked for a value."""

    student_place = None  # for `checks`: the error is the student's, and no line is known
    said_to_student = True  # and its text is a sentence for them, its name no word of theirs


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
        uses: knows where objects of the student's may decide.

    Attributes:
        sources: the texts of the student's cells so far, for a test that reads them.
    """

    def __init__(
        self,
        fork: Callable[[], tuple[Channel, Callable[[], None]]],
        show: Callable[[str], None],
        changes: ArgumentChanges | None = None,
        asked: AskedInputs | None = None,
        uses: ObjectUses | None = None,
    ) -> None:
        self._fork = fork
        self._show = show
        self._changes = changes or ArgumentChanges()
        self._asked = asked or AskedInputs(wanted=False)
        self._uses = uses or ObjectUses()
        self._known: dict[int, Remote] = {}  # by number, so that one object is one object here too
        self._left: dict[int, tuple[str, Left]] = {}  # by id, what stands under a name in each fork of the notebook
        self._brought: dict[int, Known] = {}  # by id, what other forks have made
        self._error_classes: dict[type, int] = {}
        self._theirs = TestObjects()
        self._followed = Followed()
        self._shared = SharedContainers(self._encode)
        self._read: dict[str, bytes] = {}  # what small values of names were, when they were read
        self.sources: tuple[str, ...] = ()
        self._channel: Channel | None = None
        self._end: Callable[[], None] = lambda: None
        self._busy = False
        self._called = 0  # how many callbacks are being answered, one in another
        self.generation = 0
        self.asked = 0  # how often something was asked that may have changed something there
        self.sealed = False
        self._files: SharedFiles | None = None
        self.shares = False  # whether a cell could tell a copy of a container from the container
        self.keeps = False  # and one that an object of the student's keeps
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
            if isinstance(answer, Value) and len(answer.data) < LARGEST_LIVE_BYTES:
                self._read[name] = answer.data
            if not isinstance(answer, Missing):
                return self._value(answer, name=name)
        except (Exception, TimeLimitExceeded) as error:  # whatever the student's objects do when they are looked at
            return Unreadable(self, name, str(error) or type(error).__name__)
        raise NameError(f"name {name!r} is not defined", name=name)

    def read_again(self, name: str, known: StudentValue) -> StudentValue:
        """Return what a name of the student's holds by now; what the test knows, where that has not changed."""
        if name not in self._read or self.sealed:
            return known
        answer = self._ask(Get(self.seconds_left, name))
        if not isinstance(answer, Value) or answer.data == self._read[name]:
            return known
        self._read[name] = answer.data
        return self._value(answer, name=name)

    def meet(self, left: Mapping[str, Left], used: Collection[str]) -> None:
        """Let what earlier cells have left be asked for here from now on, in the notebook as it is where this cell is.

        Args:
            left: by name.
            used: the names that the cell uses: those are looked for at once.
        """
        for name, each in sorted(left.items(), key=lambda item: not item[1].placed):
            for reference in remotes_in(each.value):
                self._take_over(reference, (name, each) if each.placed else None)
        for name in left.keys() & set(used):
            for reference in remotes_in(left[name].value):
                with contextlib.suppress(Exception, TimeLimitExceeded):  # whoever uses it is told
                    self._number(reference)

    def _take_over(self, reference: Remote, place: tuple[str, Left] | None) -> None:
        link = object.__getattribute__(reference, "_link")
        if link[0] is self or link[3]:  # what the notebook itself has a name for belongs to each cell anew
            return
        if place is not None:
            self._left[id(reference)] = place
        else:
            earlier = link[0]._brought.get(id(reference)) if link[2] == NEVER else None
            self._brought[id(reference)] = earlier or Known(reference, *link[:3])
        link[0], link[2] = self, NEVER

    def _find(self, reference: Remote) -> None:
        """Find what an earlier cell has left, with all that came along."""
        if (place := self._left.get(id(reference))) is not None:
            name, left = place
            for ours, theirs in pairs_in(left.value, self.value_of(name), self._attribute_of):
                self._is_now(ours, theirs)
        elif (known := self._brought.get(id(reference))) is not None:
            whence = known.bridge, known.generation
            together = [each for each in self._brought.values() if (each.bridge, each.generation) == whence]
            data = known.bridge.pickled([each.number for each in together], known.generation, self.seconds_left)
            found = self._value(self._ask(Apply(self.seconds_left, "unpickled", [encode(data)])))
            for each, theirs in zip(together, found, strict=False):
                self._is_now(each.reference, theirs)

    def _attribute_of(self, reference: Remote, name: str) -> StudentValue:
        with contextlib.suppress(Exception):
            return self.attribute(reference, name)
        return None

    def _is_now(self, ours: Remote, theirs: object) -> None:
        """Note what an object is known as in the current fork."""
        link, found = object.__getattribute__(ours, "_link"), remote_of(theirs)
        if found is not None and link[0] is self:
            link[1:3] = object.__getattribute__(found, "_link")[1:3]
            self._known[link[1]] = ours

    def pickled(self, numbers: Sequence[int], generation: int, seconds: float) -> object:
        """Return bytes for another fork of the student's process, of objects of this one; None where it is gone."""
        if generation != self.generation or self._channel is None or self._busy:
            return None
        operands = [encode(Reference(number)) for number in numbers]
        with contextlib.suppress(ChannelClosedError):
            return self._value(self._exchange(self._channel, Apply(seconds, "pickled", operands)))
        return None

    def begin(self) -> None:
        """Make the fork that will be asked, if there is none: the notebook is about to go on."""
        if self._channel is None:
            with contextlib.suppress(StudentProcessError, TimeLimitExceeded):  # whoever asks next is told
                self._ask(Get(self.seconds_left, "__name__"))

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
        around = self._followed.now(self._encode, self.generation)
        answer = self._ask(Call(self.seconds_left, number, packed, named, grad, around))
        result = self._value(answer, inputs=inputs, arguments=None)
        if isinstance(answer, Value):
            for key, data in answer.changes.items():
                original = kwargs.get(key) if isinstance(key, str) else args[key] if 0 <= key < len(args) else None
                self._changes.take(ChangedArgument(*_calling_line(), key), original, self._decode(data))
            given: list[tuple[int | str, object]] = [*enumerate(args), *kwargs.items()]
            result = self._shared.take(answer.parts, result, dict(given))
        return result

    def _note(self, arguments: Sequence[object]) -> None:
        """Take note of what a call asks, where that is wanted."""
        if self._asked.wanted:
            self._asked.note(map(self._encode, arguments))

    def apply(self, name: str, *operands: object) -> StudentValue:
        """Apply an operation in the student's process."""
        for operand in operands:
            if isinstance(operand, Remote):
                self._number(operand)  # may make the fork
        return self._value(self._ask(Apply(self.seconds_left, name, [self._encode(value) for value in operands])))

    def leave(self, reference: "Remote", error: BaseException) -> bool:
        """Leave a context manager with an error; return whether that ends here: where it does for the solution."""
        known = getattr(error, "student_error", None)
        if known is not None and known[0] is self and known[2] == self.generation:
            what: list[object] = [Reference(known[1])]
        else:
            what = [next(kind for kind in type(error).__mro__ if self._goes(kind)), list(error.args)]
        swallowed = self.apply("__exit__", reference, *what)
        name = f"__exit__ {type(error).__name__}"
        return bool(swallowed) and self.may_decide(name, type(reference).__name__)

    def _goes(self, kind: type) -> bool:
        return kind in self._error_classes or kind in TYPES.values() or is_of_a_library(kind)

    def may_decide(self, name: str, type_name: str) -> bool:
        """Whether an object of a type of the student's may decide about something of the test's, here."""
        cell, line = _calling_line()
        return self._uses.may(ObjectUse(cell, line, _line_of_the_test(), name, type_name))

    def signature(self, reference: "Remote") -> inspect.Signature:
        """Return the parameters of a function of the student's."""
        described = self._value(self._ask(Describe(self.seconds_left, self._number(reference))))
        kinds = list(inspect._ParameterKind)
        empty = inspect.Parameter.empty
        parameters, returns = described
        return inspect.Signature(
            [
                inspect.Parameter(name, kinds[kind], default=default if has else empty, annotation=_note(note))
                for name, kind, has, default, note in parameters
            ],
            return_annotation=_note(returns),
        )

    def source(self, reference: "Remote") -> str:
        """Return the text of a function, a method or a class of the notebook: as it was handed in.

        Raises:
            OSError: it is not defined in the notebook's cells by the name under which the test knows it, or, where it
                is part of something else, by the name that it says.
        """
        name = object.__getattribute__(reference, "_link")[3]
        if not name:
            said = self.attribute(reference, "__qualname__")
            name = said if isinstance(said, str) else ""
        return self.source_named(name)

    def source_named(self, name: str) -> str:
        """Return the text of what a name stands for: a function, a class, or a method with its class's name before it.

        Raises:
            OSError: no cell of the notebook defines it.
        """
        if name and (found := definition(self.sources, name)) is not None:
            return found
        raise OSError("could not get source code")

    def set_name(self, name: str, value: object) -> None:
        """Bind a global name in the student's process: the test has bound it."""
        data = self._read[name] = self._encode(value)
        self._value(self._ask(SetName(self.seconds_left, name, data)))

    def delete_name(self, name: str) -> None:
        """Delete a global name in the student's process: the test has deleted it."""
        self._value(self._ask(SetName(self.seconds_left, name, None)))

    def figure(self, name: str) -> StudentValue:
        """Return what a function of pyplot that takes nothing gives in the student's process."""
        return self._value(self._ask(Figure(self.seconds_left, name)))

    def follow(self, source: str, namespace: Mapping[str, object], files: SharedFiles | None = None) -> None:
        """Let the student's code meet what a cell changes around it, from now on; files, where the cell has any."""
        self._followed = follow(source, namespace)
        self._files = files
        with contextlib.suppress(StudentProcessError, TimeLimitExceeded):  # whoever asks next is told
            self._exchange_files()

    def _exchange_files(self) -> None:
        """Write on each side what the other has written into files."""
        shared, self._files = self._files, None  # asking for them asks for no others
        if shared is not None:
            changes = tuple(shared.changed())
            answer = self._ask(Files(self.seconds_left, str(shared.home), str(shared.room), changes))
            if isinstance(answer, Value):
                shared.take(answer.files, lambda: self.may_decide("file", FILE))
            self._files = shared

    def share(self, kept: bool) -> None:
        """Tell from now on containers from their copies.

        Args:
            kept: those that objects of the student's keep too; else those alone that calls are given and give.
        """
        if not self.shares or (kept and not self.keeps):
            self.shares, self.keeps = True, self.keeps or kept
            if self._channel is not None:
                self._ask(Share(self.seconds_left, self.keeps))

    def close(self) -> None:
        """End the current fork."""
        if self._channel is not None:
            self._channel.close()
            self._end()
        self._channel, self._busy = None, False

    def _ask(self, question: Question) -> Answer:
        if self._files is None or self._busy or self._called:
            return self._asked_alone(question)
        self._exchange_files()
        answer = self._asked_alone(question)
        self._exchange_files()
        return answer

    def _asked_alone(self, question: Question) -> Answer:
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
                self._shared.forget()
                if self.shares:
                    self._exchange(self._channel, Share(self.seconds_left, self.keeps))
            elif self.shares and not self.sealed:
                for number, data in self._shared.changed():
                    self._exchange(self._channel, Write(self.seconds_left, number, data))
            answer = self._exchange(self._channel, question)
        except ChannelClosedError as error:
            self.lost = True
            raise StudentProcessError(say("bridge.ended")) from error
        self.seconds_left -= max(0.0, answer.spent_s)
        self._show_again(answer.printed)
        if isinstance(answer, OutOfTime):
            self.slow = True
            self.close()  # what the code was doing is half done
            raise TimeLimitExceeded
        return answer

    def _show_again(self, printed: Printed) -> None:
        if printed.out:
            self._show(printed.out.encode("utf-8", "replace").decode())
        if printed.err:
            sys.stderr.write(printed.err.encode("utf-8", "replace").decode())
        for warned in printed.warned:
            show_again(warned, self._decode(warned.category))

    def _exchange(self, channel: Channel, question: Question) -> Answer:
        """Send a question, do what the student's code calls back for, and return the answer."""
        self._busy = True
        self.asked += not isinstance(question, Get)
        channel.send(question)
        for _ in range(MOST_CALLS):
            answer = channel.receive(ANSWERS)
            if not isinstance(answer, CallBack):
                self._busy = False
                return answer
            self._busy = False  # what is called back may ask, and is answered
            self._called += 1
            try:
                reply = self._called_back(answer)
            finally:
                self._busy = True
                self._called -= 1
            channel.send(reply)
        raise StudentProcessError(say("bridge.endless_callback"))

    def _called_back(self, asked: CallBack) -> CalledBack | CallBackRaised:
        try:
            args = [self._decode(data) for data in asked.args]
            kwargs = {name: self._decode(data) for name, data in asked.kwargs.items()}
            return CalledBack(self._encode(self._theirs.do(asked, args, kwargs)))
        except Exception as error:  # of the test's own function: it comes to whoever called it
            lineage = [kind.__name__ for kind in type(error).__mro__]
            return CallBackRaised(lineage, str(error)[:1000], self._theirs.keep(error))

    def _value(
        self,
        answer: Answer,
        name: str = "",
        inputs: Sequence[Tensor] = (),
        arguments: dict[int | str, object] | None = NONE,
    ) -> StudentValue:
        match answer:
            case Value(data=data, call=0, gradients=gradients, parts=parts):
                found = self._decode(data, name, self._parameters(gradients))
                return found if arguments is None or not parts else self._shared.take(parts, found, arguments)
            case Value(data=data, call=call):
                return self._linked(data, call, name, inputs)
            case Stop():
                raise StopIteration
            case Raised(token=token) if token and (error := self._theirs.error(token)) is not None:
                raise error
            case Raised(details=details):
                found = error_of(answer, self._decode(details) if details else None)
                found.student_error = self, answer.error, self.generation  # type: ignore[attr-defined]
                raise found
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

    def _with_or_without_mask(self, array: "np.ma.MaskedArray") -> object:
        return array if self.may_decide("mask", MASKED_ARRAY) else array.data

    def _decode(self, data: bytes, name: str = "", tensor: Take | None = None) -> StudentValue:
        def resolve(found: Reference | TestObject | Pickle) -> object:
            match found:
                case TestObject(number=number):
                    return self._theirs.found(number)
                case Reference():
                    return self._remote(found, name)
            raise CodecError("an object of a library's")  # nothing that a student's process sends is unpickled

        autograd = find_autograd()
        try:
            take = tensor or (autograd.parameter if autograd else None)
            return decode(data, resolve, take, masked=self._with_or_without_mask, own=self._own)
        except CodecError as error:
            raise StudentProcessError(say("bridge.unreadable")) from error

    def _encode(self, value: object, mark: Mark | None = None) -> bytes:
        try:
            return encode(value, self._refer, mark, self._extending)
        except CannotCrossError as error:
            raise UnusableValueError(say("bridge.argument", type=error.type_name)) from error

    def _refer(self, value: object) -> Reference | TestObject | Pickle:
        if isinstance(value, Remote):
            return Reference(self._number(value))
        if isinstance(value, type) and value in self._error_classes:
            return Reference(self._error_classes[value])
        if is_of_a_library(value):
            with contextlib.suppress(CannotCrossError):
                return Pickle(pickled(value, self._encode))
        return self._theirs.refer(value)

    def _own(self, plain: StudentValue, theirs: Remote) -> StudentValue:
        """Return what stands for a value that extends a plain one: what it is made of, if its class isn't asked for."""
        return own_value(plain, theirs) if self._uses.asks_for(type(theirs).__name__) else plain

    def _extending(self, value: object) -> Reference | None:
        theirs = None if isinstance(value, Remote) else remote_of(value)
        if theirs is None:
            return None
        with contextlib.suppress(StudentProcessError, NameError):  # what it is made of is there, at least
            return Reference(self._number(theirs))
        return None

    def _remote(self, reference: Reference, name: str) -> object:
        """Return what stands for an object of the student's: the same each time."""
        if reference.lineage:
            found = error_class(reference.lineage)
            self._error_classes[found] = reference.number
            return found
        known = self._known.get(reference.number)
        if known is None or object.__getattribute__(known, "_link")[2] != self.generation:
            kind = kind_of(reference.type_name, reference.able, reference.extends)
            known = self._known[reference.number] = kind(self, reference.number, self.generation, name)
        link = object.__getattribute__(known, "_link")
        link[3] = link[3] or name
        return known

    def _number(self, reference: "Remote") -> int:
        link = object.__getattribute__(reference, "_link")
        self._take_over(reference, None)
        if link[0] is not self:
            return self._named(link[3])[0]
        if self._is_gone(link[2]):
            self._find(reference)
        if self._is_gone(link[2]):
            if not link[3]:
                code = "bridge.object_gone" if link[2] != NEVER else "bridge.foreign_object"
                raise StudentProcessError(say(code))
            link[1:3] = self._named(link[3])
        return int(link[1])

    def _named(self, name: str) -> tuple[int, int]:
        """Return the number and the generation of what the notebook has under a name, such as a function."""
        fresh = self.value_of(name)
        if not isinstance(fresh, Remote):
            raise StudentProcessError(say("bridge.object_gone"))
        _, number, generation, _ = object.__getattribute__(fresh, "_link")
        return int(number), int(generation)

    def _is_gone(self, generation: int) -> bool:
        """Whether the fork that knew an object by its number will not be asked again: another one is made first."""
        return generation != self.generation or self._busy or self._channel is None


class Unreadable(Remote):
    """A name of the student's whose value can't be told; whatever is done with it says why."""

    __slots__ = ("_why",)

    def __init__(self, bridge: Bridge, name: str, why: str) -> None:
        super().__init__(bridge, -1, 0, name)
        object.__setattr__(self, "_why", say("bridge.value_unreadable", name=name, why=why))

    def __call__(self, *_: object, **__: object) -> NoReturn:
        """Say why it can't be called."""
        raise UnusableValueError(object.__getattribute__(self, "_why"))

    def __getattr__(self, name: str) -> StudentValue:
        if name.startswith("__"):
            raise AttributeError(name)
        return self()

    __getitem__ = __len__ = __iter__ = __next__ = __call__
    __bool__ = __int__ = __float__ = __complex__ = __index__ = __array__ = __call__
    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __call__
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __matmul__ = __rmatmul__ = __call__
    __truediv__ = __rtruediv__ = __neg__ = __abs__ = __round__ = __call__


def _calling_line() -> tuple[str, int]:
    """Return the instructor's cell and its line from which the student's code was called."""
    frame = sys._getframe(1)
    while frame.f_back is not None and not frame.f_code.co_filename.startswith(CELL_FILENAME):
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno


def _line_of_the_test() -> int:
    """Return the outermost line of the instructor's cells that leads here."""
    frame: FrameType | None = sys._getframe(1)
    line = 0
    while frame is not None:
        if frame.f_code.co_filename.startswith(CELL_FILENAME):
            line = frame.f_lineno
        frame = frame.f_back
    return line


def _note(annotation: object) -> object:
    return inspect.Parameter.empty if annotation == "" else annotation


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
