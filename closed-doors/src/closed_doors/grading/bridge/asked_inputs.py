"""What tests ask the student's functions, as digests: an example that a student is shown must not be a hidden one."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field


def digest_of(arguments: Iterable[bytes]) -> bytes:
    """Return a digest of a call's encoded arguments, whatever their order and names."""
    found = hashlib.blake2b(digest_size=8)
    for data in sorted(arguments):
        found.update(len(data).to_bytes(8) + data)
    return found.digest()


@dataclass(slots=True)
class AskedInputs:
    """The calls of one examination.

    Attributes:
        wanted: whether they are noted at all.
        hidden: whether hidden tests are being judged.
    """

    wanted: bool
    hidden: bool = False
    _shown: set[bytes] = field(default_factory=set)
    _kept: set[bytes] = field(default_factory=set)

    def note(self, arguments: Iterable[bytes]) -> None:
        """Take in a call."""
        (self._kept if self.hidden else self._shown).add(digest_of(arguments))

    def of_hidden_tests(self) -> tuple[bytes, ...]:
        """Return what hidden tests alone have asked."""
        return tuple(self._kept - self._shown)
