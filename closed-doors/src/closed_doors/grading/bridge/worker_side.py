"""The worker's side of the bridge: answers the examiner's questions from the student's namespace.

All of it runs beside student code, which can change any of it: nothing here is trusted, and nothing here knows a test.
"""

import inspect
import io
import linecache
import os
import pickle
import sys
import traceback
from collections import deque, namedtuple
from collections.abc import Callable, Mapping
from contextlib import nullcontext, redirect_stderr, redirect_stdout
from enum import Enum
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from closed_doors.core.wording import say
from closed_doors.grading.bridge.argument_changes import write
from closed_doors.grading.bridge.called_back import TheTests, kind_of, number_of
from closed_doors.grading.bridge.find_autograd import find_autograd
from closed_doors.grading.bridge.folder_changes import Seen, changes_in, files_in, put
from closed_doors.grading.bridge.pickles import is_of_a_library, unpickled
from closed_doors.grading.bridge.shared_containers import containers_of, gives_the_same, place_within
from closed_doors.grading.bridge.special_methods import OPERATIONS, able
from closed_doors.grading.bridge.student_errors import error_class, names_of_errors
from closed_doors.grading.bridge.surrounded import surrounded
from closed_doors.grading.bridge.told_warnings import noted_warnings
from closed_doors.grading.clocks.cell_clock import OutOfTimeError, TimeBudget
from closed_doors.grading.protocol.channel import Channel, Expected
from closed_doors.grading.protocol.codec import Pickle, Reference, TestObject, decode, encode
from closed_doors.grading.protocol.messages import (
    QUESTIONS,
    Answer,
    Apply,
    Backward,
    Call,
    CallBack,
    CallBackRaised,
    CalledBack,
    Describe,
    Figure,
    Files,
    Get,
    GetAttribute,
    GetItem,
    Iterate,
    Length,
    Message,
    Missing,
    Next,
    OutOfTime,
    Part,
    Place,
    Printed,
    Question,
    Raised,
    SetAttribute,
    SetName,
    Share,
    Stop,
    Value,
    Warned,
    Write,
)
from closed_doors.grading.protocol.standard_values import EXTENDED, field_names
from closed_doors.grading.protocol.tensor_values import Mark, Take, Tensor
from closed_doors.grading.protocol.wire import CannotCrossError, CodecError, Foreign

if TYPE_CHECKING:
    from closed_doors.grading.bridge.autograd import CallTensors

LONGEST_PRINT = 20_000
LONGEST_DETAILS = 20_000
MOST_ERRORS = 100
FIGURES = ("gca", "gcf", "get_fignums")
CALLED_BACK = "_closed_doors_error"
MEANWHILE: Expected[Message] = Expected(CalledBack, CallBackRaised, *QUESTIONS)
Unfinished = Callable[..., Answer]  # an answer that still lacks what was printed, and the time it took
PLAIN_TYPES = (bool, int, float, complex, str, bytes, list, tuple, dict, set)
CHANGING = (list, dict, set, deque)
EXTENDABLE = (int, float, complex, str, bytes, tuple, frozenset, *CHANGING)
_OF_ANY_CLASS = frozenset(
    ("__dict__", "__doc__", "__firstlineno__", "__module__", "__static_attributes__", "__weakref__")
)
_OF_NAMED_TUPLES = frozenset((*vars(namedtuple("_Of", "")), "__annotations__", "__orig_bases__", "__parameters__"))
NEVER_CHANGED = frozenset((bool, bytes, complex, float, int, str, type(None)))


class Answers:
    """Answers questions about the objects of one namespace.

    Args:
        namespace: the student's global names.
    """

    def __init__(self, namespace: dict[str, object]) -> None:
        self._namespace = namespace
        self._objects: list[Foreign] = []  # whatever the student made: a question does with it what the test asks
        self._numbers: dict[int, int] = {}
        self._calls: dict[int, CallTensors] = {}
        self._theirs: dict[int, TheTests] = {}
        self._errors: dict[int, BaseException] = {}
        self._raised = 0
        self._shares = False
        self._shares_always = False
        self._seen: Seen = {}
        self._channel: Channel | None = None

    def answer(self, question: Question, channel: Channel | None = None) -> Answer:
        """Return the answer to one question; whatever the student's code does becomes part of it.

        Args:
            question: what is asked.
            channel: where objects of the test's can be called back.
        """
        self._channel = channel
        out, err = io.StringIO(), io.StringIO()
        budget = TimeBudget(question.seconds)
        warned: list[Warned] = []
        try:
            with redirect_stdout(out), redirect_stderr(err), noted_warnings(self._encode) as warned:
                reply = budget.run(partial(self._reply, question))
        except StopIteration:
            reply = Stop
        except OutOfTimeError:
            reply = OutOfTime
        except BaseException as error:
            reply = self._failure(error)
        printed = Printed(out.getvalue()[:LONGEST_PRINT], err.getvalue()[:LONGEST_PRINT], tuple(warned))
        return reply(printed=printed, spent_s=budget.spent_s)

    def _reply(self, question: Question) -> Unfinished:
        match question:
            case Get(name=name):
                return self._plain(self._namespace[name]) if name in self._namespace else Missing
            case Call():
                return self._call(question)
            case Apply(name=name, operands=operands):
                return self._apply(name, [self._decode(data) for data in operands])
            case SetName(name=name, value=data):
                self._set_name(name, data)
                return self._plain(None)
            case Share(kept=kept):
                self._shares, self._shares_always = True, self._shares_always or kept
                return self._plain(None)
            case Files():
                return self._files(question)
            case Write(number=number, value=data):
                write(self._objects[number], self._decode(data))
                return partial(Value, data=encode(None))
            case Describe(number=number):
                return self._plain(_parameters(self._objects[number]))
            case Figure(name=name) if name in FIGURES:
                return self._plain(getattr(sys.modules["matplotlib.pyplot"], name)())
            case Backward(call=call, grads=grads):
                given: list[Foreign] = [None if data is None else self._decode(data) for data in grads]
                return self._plain(self._calls[call].backward(given))
            case GetAttribute(number=number, name=name):
                return self._plain(getattr(self._objects[number], name))
            case SetAttribute(number=number, name=name, value=data):
                setattr(self._objects[number], name, self._decode(data))
                return self._plain(None)
            case GetItem(number=number, key=data):
                return self._plain(self._objects[number][self._decode(data)])
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
        values = {key: self._decode(data, take) for key, data in arguments}
        before = {key: self._encode(value) for key, value in values.items() if type(value) not in NEVER_CHANGED}
        positional = [values[key] for key in range(len(question.args))]
        if question.surroundings.fresh:
            self._namespace.pop("__warningregistry__", None)
        with (
            autograd.grad_mode(question.grad) if autograd else nullcontext(),
            surrounded(question.surroundings, self._decode, self._call_back),
        ):
            result = self._objects[question.number](*positional, **{name: values[name] for name in question.kwargs})
        after = {key: self._encode(values[key]) for key in before}
        data = self._encode(result, tensors.give if tensors else None)
        call = 0
        if tensors and tensors.outputs:
            call = len(self._calls) + 1
            self._calls[call] = tensors
        changes = {key: after[key] for key in after if after[key] != before[key]}
        parts = self._parts(result, values) if self._shares else ()
        return partial(Value, data=data, call=call, changes=changes, parts=parts)

    def _files(self, question: Files) -> Unfinished:
        """Take the test's files; return those that have changed here since the last time."""
        home, room = Path(question.home), Path(question.room)
        if not os.path.lexists(room):
            room.symlink_to(home)
        for content in question.changes:
            put(home, content)
        found, self._seen = self._seen, files_in(home)
        theirs = {content.path for content in question.changes}
        changes = [each for each in changes_in(home, found, self._seen) if each.path not in theirs]
        return partial(Value, data=encode(None), files=tuple(changes))

    def _parts(self, value: object, arguments: Mapping[int | str, object]) -> tuple[Part, ...]:
        """Return the containers of what a call was given, then those of what it gave."""
        if not (self._shares_always or gives_the_same(value, [*arguments.values()])):
            return ()
        found: list[Part] = []
        arrays: list[tuple[int, object]] = []
        for key, whole in (*arguments.items(), (None, value)):
            for path, container in containers_of(whole):
                number = self._refer(container).number
                found.append(Part(key, path, number, place_within(container, arrays)))
                arrays.append((number, container))
        return tuple(found)

    def _plain(self, value: object) -> Unfinished:
        """Return the reply that gives a value; what it holds of a layer's parameters comes with their gradients."""
        gradients: list[bytes] = []
        autograd = find_autograd()

        def give(tensor: Tensor) -> int:
            if tensor.requires_grad and autograd:
                gradients.append(self._encode(autograd.leaf_gradient(tensor)))
            return int(tensor.requires_grad)

        data = self._encode(value, give)
        parts = self._parts(value, {}) if self._shares else ()
        return partial(Value, data=data, gradients=gradients, parts=parts)

    def _encode(self, value: object, tensor: Mark | None = None) -> bytes:
        try:
            return encode(value, self._refer, tensor, self._extending)
        except (CodecError, CannotCrossError):
            raise TypeError(say("bridge.value_too_large", type=type(value).__name__)) from None

    def _decode(self, data: bytes, tensor: Take | None = None) -> Foreign:
        return decode(data, self._resolve, tensor, trusted=True, own=lambda _, theirs: theirs)

    def _apply(self, name: str, operands: list[Foreign]) -> Unfinished:
        if name == "delattr":
            delattr(*operands)
            return self._plain(None)
        if name == "plain":
            return partial(Value, data=encode(operands[0], self._refer))
        if name == "pickled":
            return partial(Value, data=encode(pickle.dumps([each if _goes(each) else None for each in operands])))
        if name == "unpickled":
            return self._plain(pickle.loads(operands[0]) if operands[0] else [])  # noqa: S301  (of this very notebook)
        if name in _OF_TEXTS:
            return self._plain(_OF_TEXTS[name](self._namespace, *operands))
        if name == "isinstance":
            operands[0] = _as_theirs(*operands)
        return self._plain(OPERATIONS[name](*operands))

    def _set_name(self, name: str, data: bytes | None) -> None:
        if data is None:
            self._namespace.pop(name, None)
        else:
            self._namespace[name] = self._decode(data)

    def _call_back(self, number: int, name: str, args: tuple[object, ...], kwargs: dict[str, object]) -> object:
        """Have something done with an object of the test's; what that asks meanwhile is answered."""
        channel = self._channel
        if channel is None:
            raise RuntimeError("the test is not there any more")
        packed = [self._encode(value) for value in args]
        channel.send(CallBack(number, name, packed, {key: self._encode(value) for key, value in kwargs.items()}))
        while True:
            match channel.receive(MEANWHILE):
                case CalledBack(data=data):
                    return self._decode(data)
                case CallBackRaised() as raised:
                    raise self._error_of_the_test(raised)
                case Question() as question:
                    channel.send(self._meanwhile(question))

    def _error_of_the_test(self, raised: CallBackRaised) -> BaseException:
        """Return what a callback raised; of a class of the notebook's, where it is called so there."""
        known = self._namespace.get(raised.lineage[0]) if raised.lineage else None
        own = isinstance(known, type) and issubclass(known, BaseException)
        kind: Foreign = known if own else error_class(tuple(raised.lineage))
        error: BaseException = kind.__new__(kind, raised.text)
        setattr(error, CALLED_BACK, raised.token)
        return error

    def _meanwhile(self, question: Question) -> Answer:
        """Answer within the time of the answer that is being given."""
        try:
            reply = self._reply(question)
        except StopIteration:
            reply = Stop
        except Exception as error:
            reply = self._failure(error)
        return reply(printed=Printed(), spent_s=0.0)

    def _refer(self, value: object) -> Reference | TestObject:
        if isinstance(value, TheTests):
            return TestObject(number_of(value))
        number = self._numbers.get(id(value))
        if number is None:
            number = len(self._objects)
            self._objects.append(value)
            self._numbers[id(value)] = number
        kind = type(value)
        return Reference(number, kind.__name__, able(kind), _lineage(value), _extended(kind))

    def _extending(self, value: object) -> Reference | None:
        """Return the reference of a value whose type is the notebook's own and extends a plain one."""
        kind = type(value)
        if kind.__module__ in ("builtins", "numpy"):
            return None
        base = next((base for base in EXTENDABLE if issubclass(kind, base)), None)
        if base is None or not _is_extended(kind):
            return None
        reference = self._refer(value)
        assert isinstance(reference, Reference)
        bits = able(kind, object if base in CHANGING else base)
        return Reference(reference.number, kind.__name__, bits, (), _extended(kind))

    def _resolve(self, found: Reference | TestObject | Pickle) -> object:
        match found:
            case Pickle(data=data):
                return unpickled(data, self._decode)
            case TestObject(number=number):
                if number not in self._theirs:
                    self._theirs[number] = kind_of(found.able)(self._call_back, found)
                return self._theirs[number]
            case Reference(number=number):
                return self._objects[number] if number >= 0 else self._errors[number]

    def _failure(self, error: BaseException) -> Unfinished:
        """Return an error as plain data: the names of its type and of what it extends, its message, where it rose."""
        lineage = list(names_of_errors(type(error)))
        try:
            text = str(error.args[0] if isinstance(error, KeyError) and error.args else error)
        except BaseException:
            text = say("run.message_unreadable")
        token = getattr(error, CALLED_BACK, 0)
        found = partial(Raised, lineage=lineage, text=text[:1000], place=_place(error))
        details, number = self._details(error), self._keep(error)
        return partial(found, details=details, token=token if type(token) is int else 0, error=number)

    def _keep(self, error: BaseException) -> int:
        """Keep an error for a while, as a test may hand it to a context manager; return its number, below zero."""
        self._raised += 1
        self._errors[-self._raised] = error
        self._errors.pop(MOST_ERRORS - self._raised, None)
        return -self._raised

    def _details(self, error: BaseException) -> bytes:
        """Return an error's arguments and attributes, where they are plain and short."""
        try:
            shown = {name: value for name, value in vars(error).items() if not name.startswith("_")}
            data = encode([error.args, shown, _cause(error)], self._refer)
        except BaseException:
            return b""
        return data if len(data) <= LONGEST_DETAILS else b""


def _lineage(value: object) -> tuple[str, ...]:
    """Return the names of what a class of errors extends, itself first; none of anything else."""
    return names_of_errors(value) if isinstance(value, type) and issubclass(value, BaseException) else ()


def _is_extended(kind: type) -> bool:
    """Whether objects of a type of the notebook's have more than what they are made of: members, methods."""
    own = [each for each in kind.__mro__ if each.__module__ == "__main__"]
    if field_names(kind):
        return bool(own) and any(name not in _OF_NAMED_TUPLES | {*field_names(kind)} for name in vars(kind))
    return bool(own) and (issubclass(kind, Enum) or any(vars(each).keys() - _OF_ANY_CLASS for each in own))


def _extended(kind: type) -> tuple[str, ...]:
    """Return which types of the table of those that classes extend a type does, and the first of a library's."""
    found = [each.__name__ for each in kind.__mro__ if EXTENDED.get(each.__name__) is each]
    library = (f"{each.__module__}.{each.__name__}" for each in kind.__mro__ if is_of_a_library(each))
    return (*found, *islice((name for name in library if not name.startswith("builtins.")), 1))


def _goes(value: object) -> bool:
    """Whether an object of the notebook's can go to another fork of it."""
    try:
        pickle.loads(pickle.dumps(value))  # noqa: S301
    except Exception:
        return False
    return True


def _evaluated(namespace: dict[str, object], text: str, given: dict[str, object] | None = None) -> object:
    names = namespace if given is None else dict(given)
    return eval(text, names)  # noqa: S307  (the student's own text, where student code runs)


def _names_of(_: dict[str, object], text: str, given: dict[str, object]) -> dict[str, object]:
    """Run a text in a namespace of its own, and return what that holds then."""
    scope = {"__name__": "__main__", **given}
    exec(text, scope)  # noqa: S102
    return {name: value for name, value in scope.items() if not name.startswith("__")}


def _run(namespace: dict[str, object], text: str) -> list[str]:
    """Run a text in the notebook, and return which names it has bound."""
    before = dict(namespace)
    exec(text, namespace)  # noqa: S102
    return [name for name, value in namespace.items() if name not in before or before[name] is not value]


_OF_TEXTS: dict[str, Callable[..., object]] = {"eval": _evaluated, "exec": _names_of, "run": _run}


def _cause(error: BaseException) -> list[object]:
    """Return the names and the text of what an error was raised from; nothing where there is no such thing."""
    cause = error.__cause__
    return [] if cause is None else [list(names_of_errors(type(cause))), str(cause)[:1000]]


def _as_theirs(value: Foreign, kind: Foreign) -> object:
    """Return a named tuple, which crosses by its fields, as one of the student's class that it was made from."""
    fields = field_names(type(value))
    known = isinstance(kind, type) and fields and kind.__name__ == type(value).__name__ and field_names(kind) == fields
    return kind(*value) if known else value


def _parameters(value: object) -> tuple[list[tuple[str, int, bool, object, object]], object]:
    """Return the name, kind, default (whether there is one, and which) and annotation of parameters; what is given."""
    signature = inspect.signature(value)  # type: ignore[arg-type]
    kinds = list(inspect._ParameterKind)
    empty = inspect.Parameter.empty
    parameters = [
        (each.name, kinds.index(each.kind), (has := each.default is not empty), each.default if has else None, note)
        for each in signature.parameters.values()
        for note in [_note(each.annotation)]
    ]
    return parameters, _note(signature.return_annotation)


def _note(annotation: object) -> object:
    """Return an annotation: a plain type as it is, another as text, none as an empty text."""
    if annotation is inspect.Parameter.empty:
        return ""
    return annotation if annotation in PLAIN_TYPES or annotation is None else inspect.formatannotation(annotation)


def _place(error: BaseException) -> Place | None:
    """Return the last line of a notebook cell that the error went through."""
    place = None
    main = sys.modules["__main__"].__dict__
    for frame, line in traceback.walk_tb(error.__traceback__):
        if frame.f_globals is main:
            source = linecache.getline(frame.f_code.co_filename, line).strip()
            place = Place(line, source[:200], frame.f_code.co_name[:200])
    return place
