"""Expecting an error, where pytest is not installed."""

from types import TracebackType

from .catalogues import say


class NothingRaised(AssertionError):  # noqa: N818  (no error of the program, but a missed criterion)
    """The expected error has not come.

    Attributes:
        expected: the name of the expected error.
    """

    def __init__(self, expected: str) -> None:
        super().__init__(f"DID NOT RAISE {expected}")
        self.expected = expected


class raises:  # noqa: N801  (written as a function, in the manner of pytest.raises)
    """Check that what stands in the block raises the expected error; another error passes through.

    Args:
        expected: the type of the expected error, or several types.
    """

    def __init__(self, expected: type[BaseException] | tuple[type[BaseException], ...]) -> None:
        self._expected = expected

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> bool:
        if kind is None:
            kinds = self._expected if isinstance(self._expected, tuple) else (self._expected,)
            raise NothingRaised(say("text.or").join(each.__name__ for each in kinds))
        return issubclass(kind, self._expected)
