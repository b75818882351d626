"""Looks for a master's secrets in a text."""

import re
from collections.abc import Iterator

from closed_doors.authoring.leak_scan.code_tokens import stream
from closed_doors.authoring.leak_scan.master_secrets import Secret, Secrets, numbers, prose_words, squeezed
from closed_doors.authoring.leak_scan.readings import readings

_LEAD = re.compile(r"^(?:\s*(?:In \[\d*\]:|Out\[\d*\]:|>>>|\.\.\.|[>|+*\-]|\d+[.:)]|#)\s?)+")
_SPAN = re.compile(r"`+([^`]+)`+")


def find_secrets(text: str, secrets: Secrets) -> list[Secret]:
    """Return what of the secrets stands in a text, in any of its readings; each once."""
    found: dict[Secret, None] = {}
    for reading in readings(text):
        for secret in _in_reading(reading, secrets):
            found[secret] = None
    return list(found)


def _in_reading(text: str, secrets: Secrets) -> Iterator[Secret]:
    lines = text.splitlines()
    for line in (*lines, *_SPAN.findall(text)):
        for form in {line, _LEAD.sub("", line)}:
            if (secret := secrets.lines.get(squeezed(form))) is not None:
                yield secret
    for secret, _, _ in secrets.code.find(stream(text, secrets.known)):
        yield secret
    yield from _runs(prose_words(text), secrets.prose)
    yield from _runs(numbers(text), secrets.numbers)


def _runs(words: list[str], known: dict[tuple[str, ...], Secret]) -> Iterator[Secret]:
    lengths = {len(run) for run in known}
    for start in range(len(words)):
        for length in lengths:
            if (secret := known.get(tuple(words[start : start + length]))) is not None:
                yield secret
