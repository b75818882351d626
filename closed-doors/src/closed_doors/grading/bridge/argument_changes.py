"""What student code changes in a test's arguments: it is noted, and never written into the test's own objects unasked.

A test computes what it expects from the same objects that it passes. So a change of them must not decide what is
expected: zeroing an argument would make zero the right answer. Three things may happen to a change:

    allowed     the master's own solution changes this argument in this call: it is written, as the exercise asks for it
    noted       nothing is written; the criterion is judged as if nothing had happened
    looked at   a criterion that was met although arguments were changed is judged a second time, with the changes
                written, and is missed where it fails then: so a test that compares an argument with what it was before
                tells. What the second look wrote is undone, and it can only cost.
"""

import copy
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeGuard, TypeVar

from closed_doors.grading.protocol.messages import ChangedArgument
from closed_doors.grading.protocol.tensor_values import Tensor

if TYPE_CHECKING:
    import numpy as np

T = TypeVar("T")


@dataclass(slots=True)
class ArgumentChanges:
    """The changes of one examination.

    Attributes:
        allowed: those that the master's own solution makes; None while that solution itself is examined.
        noted: those that were made, in order.
        writes: whether the rest is written too, for a second look.
    """

    allowed: frozenset[ChangedArgument] | None = frozenset()
    noted: list[ChangedArgument] = field(default_factory=list)
    writes: bool = False
    _undo: list[Callable[[], None]] = field(default_factory=list)

    def take(self, change: ChangedArgument, original: object, content: object) -> None:
        """Take in that a call has changed one of its arguments.

        Args:
            change: which.
            original: the test's own object.
            content: what it holds on the student's side now.
        """
        if self.allowed is None:
            self.noted.append(change)
            write(original, content)
        elif change in self.allowed:
            write(original, content)
        elif self.writes:
            before = _copy(original)
            self._undo.append(lambda: write(original, before))
            write(original, content)
        else:
            self.noted.append(change)

    def second_look(self, judge: Callable[[], T]) -> T:
        """Return what judging once more gives, with every change written; leave the test's objects as they were."""
        self.writes = True
        try:
            return judge()
        finally:
            self.writes = False
            while self._undo:
                self._undo.pop()()


def write(original: object, content: object) -> None:
    """Put the new content of an argument into the caller's object, as far as its type allows."""
    if _is_tensor(original):
        if _is_tensor(content):
            _write_tensor(original, content)
    elif _is_array(original) and hasattr(content, "shape"):
        if original.shape == content.shape and original.flags.writeable:
            original[...] = content
    elif type(original) is type(content):
        _write_same(original, content)


def _write_same(original: object, content: object) -> None:
    match original:
        case list():
            original[:] = content  # type: ignore[call-overload]
        case dict() | set():
            original.clear()
            original.update(content)  # type: ignore[call-overload, arg-type]
        case deque():
            original.clear()
            original.extend(content)  # type: ignore[arg-type]
        case _ if hasattr(original, "_update_inplace"):  # a table of pandas'
            original._update_inplace(content)


def _copy(original: object) -> object:
    if _is_tensor(original):
        return original.detach().clone()
    try:
        return copy.deepcopy(original)
    except RuntimeError:  # a tensor that was computed from others is not copied so
        return copy.copy(original)


def _is_array(value: object) -> TypeGuard["np.ndarray"]:
    return type(value).__module__ == "numpy" and hasattr(value, "shape")


def _is_tensor(value: object) -> TypeGuard[Tensor]:
    return hasattr(value, "requires_grad") and hasattr(value, "detach")


def _write_tensor(original: Tensor, content: Tensor) -> None:
    if original.shape == content.shape and original.dtype == content.dtype:
        original.detach().copy_(content.detach())
    else:
        original.data = content
