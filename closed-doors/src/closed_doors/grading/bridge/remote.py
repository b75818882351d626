"""The examiner's side of the bridge: what a student wrote, as values and callables that ask the student's process.

A reply is a claim about a value, never a verdict: it is decoded into plain data, and compared on this side. An object
without a plain form is a Remote. It can be called, indexed and iterated, and answers no comparison, no truth value and
no conversion, so it is never equal to what a test expects.
"""

import builtins
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeGuard

import torch

from checks.capture import TimeLimitExceeded
from checks.explain import UnusableValueError
from closed_doors.grading.protocol.channel import Channel, ChannelClosedError
from closed_doors.grading.protocol.codec import CannotCrossError, CodecError, Reference, decode, encode

LEAF, DERIVED = 1, 2
_NAME_LENGTH = 60


class SealedError(Exception):
    """A grading cell calls the student's code while its tests are only being defined."""


class StudentProcessError(RuntimeError):
    """The student's process ended or broke the protocol while it was asked for a value."""


class Asker(Protocol):
    """Sends a request to the student's process and returns its reply."""

    def __call__(self, *request: Any) -> list[Any]:
        """Raise ChannelClosedError where there is no reply."""


class Bridge:
    """One grading cell's view of the student's process, through forks that its template makes.

    A fork that has died, or that was left in the middle of an answer by a time limit, is replaced at the next request,
    so that one endless function does not cost the criteria of the others. Objects known by reference die with their
    fork.

    Args:
        fork: asks the template for a new fork; returns its channel and a function that ends it.
        show: takes what the student's code printed while it answered.
    """

    def __init__(self, fork: Callable[[], tuple[Channel, Callable[[], None]]], show: Callable[[str], None]) -> None:
        self._fork = fork
        self._show = show
        self._channel: Channel | None = None
        self._end: Callable[[], None] = lambda: None
        self._busy = False
        self.generation = 0
        self.sealed = False
        self.lost = False  # whether a fork has died, or was left in the middle of an answer

    def value_of(self, name: str) -> Any:
        """Return what the student's namespace holds under a name; what can't be told is Unreadable, and says why.

        Raises:
            NameError: it holds nothing.
        """
        try:
            reply = self._ask("get", name)
            if reply[0] != "missing":
                return self._value(reply, name=name)
        except (Exception, TimeLimitExceeded) as error:  # whatever the student's objects do when they are looked at
            return Unreadable(self, name, str(error) or type(error).__name__)
        raise NameError(f"name {name!r} is not defined", name=name)

    def request(self, kind: str, reference: "Remote", *rest: Any) -> Any:
        """Ask for something of a remote object: an attribute, an item, its length, its next element."""
        return self._value(self._ask(kind, *self._number(reference), *rest))

    def call(self, reference: "Remote", args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """Call a remote object with copies of the arguments, and restore what the call changed in them."""
        inputs: list[torch.Tensor] = []

        def mark(tensor: torch.Tensor) -> int:
            if not tensor.requires_grad:
                return 0
            inputs.append(tensor)
            return LEAF if tensor.is_leaf else DERIVED

        packed = [self._encode(value, mark) for value in args]
        named = {name: self._encode(value, mark) for name, value in kwargs.items()}
        reply = self._ask("call", *self._number(reference), packed, named, torch.is_grad_enabled())
        result = self._value(reply, inputs=inputs)
        for key, data in _changes(reply):
            original = args[key] if type(key) is int and key < len(args) else kwargs.get(key)
            _restore(original, self._decode(data))
        return result

    def close(self) -> None:
        """End the current fork."""
        if self._channel is not None:
            self._channel.close()
            self._end()
        self._channel, self._busy = None, False

    def _ask(self, *request: Any) -> list[Any]:
        if self.sealed and request[0] != "get":
            raise SealedError
        if self._busy:
            self.lost = True
            self.close()
        try:
            if self._channel is None:
                self._channel, self._end = self._fork()
                self.generation += 1
            self._busy = True
            self._channel.send(*request)
            reply = self._channel.receive()
            self._busy = False
        except ChannelClosedError as error:
            self.lost = True
            raise StudentProcessError(
                "Le programme s'est arrêté pendant l'appel, ou sa réponse est illisible."
            ) from error
        if type(reply[-1]) is str and reply[-1]:
            self._show(reply[-1].encode("utf-8", "replace").decode())
        return reply

    def _value(self, reply: list[Any], name: str = "", inputs: Sequence[torch.Tensor] = ()) -> Any:
        match reply:
            case ["value", bytes() as data, 0, list() as gradients, *_]:
                return self._decode(data, name, self._parameters(gradients))
            case ["value", bytes() as data, int() as call, *_]:
                return self._linked(data, call, name, inputs) if call else self._decode(data, name)
            case ["stop", *_]:
                raise StopIteration
            case ["error", list() as lineage, str() as text, place, *_]:
                raise _exception(lineage, text, place)
        raise StudentProcessError("La réponse du programme est illisible.")

    def _parameters(self, gradients: list[Any]) -> Callable[[torch.Tensor, int], torch.Tensor]:
        """Return what makes parameters of tensors that require gradients, each with its own."""
        given = iter(gradients)

        def parameter(tensor: torch.Tensor, mark: int) -> torch.Tensor:
            tensor = _parameter(tensor, mark)
            if mark and type(data := next(given, None)) is bytes:
                tensor.grad = _fitting(self._decode(data), tensor)
            return tensor

        return parameter

    def _linked(self, data: bytes, call: int, name: str, inputs: Sequence[torch.Tensor]) -> Any:
        """Decode a call's result with its tensors hung into this process's autograd graph."""
        found: list[torch.Tensor] = []

        def note(tensor: torch.Tensor, mark: int) -> torch.Tensor:
            if mark:
                found.append(tensor)
            return tensor

        self._decode(data, name, note)

        def ask(grads: Sequence[torch.Tensor | None]) -> list[torch.Tensor | None]:
            reply = self._ask("backward", call, [None if grad is None else self._encode(grad) for grad in grads])
            answer = self._value(reply)
            if type(answer) is not list or len(answer) != len(inputs):
                raise StudentProcessError("Les gradients reçus sont illisibles.")
            return [_fitting(grad, tensor) for grad, tensor in zip(answer, inputs, strict=True)]

        linked = iter(
            _Answer.apply(  # type: ignore[no-untyped-call]
                ask, found, torch.ones((), requires_grad=True), *inputs
            )
        )
        return self._decode(data, name, lambda tensor, mark: next(linked) if mark else tensor)

    def _decode(self, data: bytes, name: str = "", tensor: Callable[[Any, int], Any] | None = None) -> Any:
        def resolve(reference: Reference) -> Remote:
            return remote(self, reference, name)

        try:
            return decode(data, resolve, tensor or _parameter)
        except CodecError as error:
            raise StudentProcessError("La réponse du programme est illisible.") from error

    def _encode(self, value: Any, mark: Callable[[torch.Tensor], int] | None = None) -> bytes:
        try:
            return encode(value, self._refer, mark)
        except CannotCrossError as error:
            raise UnusableValueError(
                f"Un argument de type {error.type_name} ne peut pas être transmis à votre code pendant la correction."
            ) from error

    def _refer(self, value: Any) -> Reference:
        if isinstance(value, Remote):
            return Reference(*self._number(value))
        raise CannotCrossError(type(value).__name__)

    def _number(self, reference: "Remote") -> tuple[int]:
        link = object.__getattribute__(reference, "_link")
        if link[0] is not self:
            raise StudentProcessError("Cet objet appartient à une autre cellule de vérification.")
        if link[2] != self.generation or self._busy:
            if not link[3]:
                raise StudentProcessError("Le programme s'est arrêté : l'objet n'existe plus.")
            fresh = self.value_of(link[3])  # a function of the notebook is found again by its name
            if not isinstance(fresh, Remote):
                raise StudentProcessError("Le programme s'est arrêté : l'objet n'existe plus.")
            link[1:3] = object.__getattribute__(fresh, "_link")[1:3]
        return (link[1],)


class Remote:
    """An object of the student's that has no plain form: a function, a class, an instance, a generator."""

    def __init__(self, bridge: Bridge, number: int, name: str) -> None:
        object.__setattr__(self, "_link", [bridge, number, bridge.generation, name])

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the student's object in the student's process."""
        return _bridge(self).call(self, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name not in ("__name__", "__doc__"):
            raise AttributeError(name)
        return _bridge(self).request("attribute", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        bridge = _bridge(self)
        bridge.request("set", self, name, bridge._encode(value))

    def __getitem__(self, key: Any) -> Any:
        bridge = _bridge(self)
        return bridge.request("item", self, bridge._encode(key))

    def __len__(self) -> int:
        length = _bridge(self).request("length", self)
        if type(length) is not int or not 0 <= length < 1 << 62:
            raise _unusable(self)
        return length

    def __iter__(self) -> Iterator[Any]:
        iterator = _bridge(self).request("iterate", self)
        if not isinstance(iterator, Remote):
            raise _unusable(self)
        while True:
            try:
                item = _bridge(self).request("next", iterator)
            except StopIteration:
                return
            yield item

    def __next__(self) -> Any:
        return _bridge(self).request("next", self)

    def __enter__(self) -> Any:
        return self.__getattr__("__enter__")()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __hash__(self) -> int:
        return id(self)

    def _refuse(self, *_: Any) -> Any:
        raise _unusable(self)

    __bool__ = __int__ = __float__ = __complex__ = __index__ = __array__ = _refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __matmul__ = __rmatmul__ = _refuse
    __truediv__ = __rtruediv__ = __neg__ = __abs__ = __round__ = _refuse


class Unreadable(Remote):
    """A name of the student's whose value can't be told; whatever is done with it says why."""

    def __init__(self, bridge: Bridge, name: str, why: str) -> None:
        super().__init__(bridge, -1, name)
        object.__setattr__(self, "_why", f"La valeur de {name} ne peut pas être lue : {why}")

    def __call__(self, *_: Any, **__: Any) -> Any:
        """Say why it can't be called."""
        raise UnusableValueError(object.__getattribute__(self, "_why"))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self()

    __getitem__ = __len__ = __iter__ = __next__ = _refuse = __call__


def remote(bridge: Bridge, reference: Reference, name: str = "") -> Remote:
    """Return the Remote of a reference; its type carries the name of the student's type."""
    type_name = reference.type_name if reference.type_name.isidentifier() else "object"
    kind: type[Remote] = type(type_name[:_NAME_LENGTH], (Remote,), {"__module__": __name__})
    return kind(bridge, reference.number, name)


class _Answer(torch.autograd.Function):
    """A call across the bridge as one node of the graph; its backward asks the student's process for the gradients."""

    @staticmethod
    def forward(ctx: Any, ask: Any, outputs: list[torch.Tensor], _: torch.Tensor, *inputs: torch.Tensor) -> Any:
        ctx.ask, ctx.count = ask, len(inputs)
        return tuple(outputs)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *grads: torch.Tensor) -> Any:
        return (None, None, None, *ctx.ask(grads))


def _bridge(reference: Remote) -> Bridge:
    bridge: Bridge = object.__getattribute__(reference, "_link")[0]
    return bridge


def _unusable(value: Remote) -> UnusableValueError:
    return UnusableValueError(
        "Une valeur simple (nombre, liste, tableau NumPy ou tenseur) était attendue, et votre code donne un objet "
        f"de type {type(value).__name__}."
    )


def _parameter(tensor: torch.Tensor, mark: int) -> torch.Tensor:
    return tensor.requires_grad_() if mark and (tensor.is_floating_point() or tensor.is_complex()) else tensor


def _fitting(grad: Any, tensor: torch.Tensor) -> torch.Tensor | None:
    if grad is None:
        return None
    if not isinstance(grad, torch.Tensor) or grad.shape != tensor.shape:
        raise StudentProcessError("Les gradients reçus n'ont pas la forme des arguments.")
    return grad.detach().to(tensor.dtype)


def _changes(reply: list[Any]) -> list[tuple[Any, bytes]]:
    """Return which arguments the call changed, by position or name, with their new content."""
    changes = reply[3] if len(reply) > 3 and reply[0] == "value" else {}
    if type(changes) is not dict or not all(type(data) is bytes for data in changes.values()):
        raise StudentProcessError("La réponse du programme est illisible.")
    return list(changes.items())


def _restore(original: Any, changed: Any) -> None:
    """Put the new content of an argument into the caller's object, as far as its type allows."""
    if isinstance(original, torch.Tensor) and isinstance(changed, torch.Tensor):
        with torch.no_grad():
            if original.shape == changed.shape and original.dtype == changed.dtype:
                original.copy_(changed)
            else:
                original.data = changed
    elif type(original).__module__ == "numpy" and hasattr(original, "shape") and hasattr(changed, "shape"):
        if original.shape == changed.shape and original.flags.writeable:
            original[...] = changed
    elif type(original) is list and type(changed) is list:
        original[:] = changed
    elif type(original) in (dict, set) and type(changed) is type(original):
        original.clear()
        original.update(changed)


def _can_be_made(kind: object) -> TypeGuard[type[Exception]]:
    """Whether an error of this type can be made of a text alone; a group of errors can't."""
    return isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, BaseExceptionGroup)


def _exception(lineage: list[Any], text: str, place: Any) -> Exception:
    """Return the error that the student's code raised, as the nearest built-in type under the student's own name."""
    names = [name for name in lineage[:20] if type(name) is str]
    known = (getattr(builtins, name, None) for name in names)
    base = next((kind for kind in known if _can_be_made(kind)), RuntimeError)
    name = names[0] if names and names[0].isidentifier() else base.__name__
    if name != base.__name__:
        base = type(name[:_NAME_LENGTH], (base,), {"__module__": __name__})
    error = base.__new__(base)  # some built-in errors ask for more arguments than a text
    error.args = (text[:1000],)
    error.student_place = None  # type: ignore[attr-defined]
    match place:
        case [int() as line, str() as source, str() as function]:
            error.student_place = (line, source[:200], function[:200])  # type: ignore[attr-defined]
    return error
