"""Who is graded beside whom: what was too slow among others is judged once more, alone on this machine's slots."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Company:
    """The submissions that are being graded by the slots of one process.

    Whoever wants to be alone waits until the others have ended, and nobody begins meanwhile.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running = 0
        self._waiting = 0  # those that want to be alone, and the one that is

    @contextmanager
    def among_others(self) -> Iterator[None]:
        """Grade one submission, with others beside it or not."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting)
            self._running += 1
        try:
            yield
        finally:
            self._leave()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Grade one submission with nothing beside it."""
        with self._changed:
            self._waiting += 1
            try:
                self._changed.wait_for(lambda: not self._running)
                self._running += 1
            except BaseException:
                self._waiting -= 1
                raise
        try:
            yield
        finally:
            self._leave(was_alone=True)

    @property
    def awaited(self) -> bool:
        """Whether somebody waits to be alone, or is."""
        return self._waiting > 0

    def _leave(self, was_alone: bool = False) -> None:
        with self._changed:
            self._running -= 1
            self._waiting -= was_alone
            self._changed.notify_all()
