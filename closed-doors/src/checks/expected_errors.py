"""Attendre une erreur, sans que pytest soit installé."""

from types import TracebackType

from .catalogues import say


class NothingRaised(AssertionError):  # noqa: N818  (ce n'est pas une erreur du programme, mais un critère manqué)
    """L'erreur attendue n'est pas venue.

    Attributes:
        expected: le nom de l'erreur attendue.
    """

    def __init__(self, expected: str) -> None:
        super().__init__(f"DID NOT RAISE {expected}")
        self.expected = expected


class raises:  # noqa: N801  (s'écrit comme une fonction, à la manière de pytest.raises)
    """Vérifie que ce qui est écrit dans le bloc lève l'erreur attendue ; une autre erreur passe telle quelle.

    >>> with raises(ValueError):
    ...     int("x")

    Args:
        expected: le type de l'erreur attendue, ou plusieurs types.
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
