"""Writes masters/<assignment>/<notebook>.pistes.json: hints that a student's own notebook can find, offline.

It goes into the student's zip, so it tells nothing that a student could not find out by asking the notebook: public
calls, and for each known wrong answer a salted hash of all that it gives to them, with its hint, which only those
outputs open (see `checks.public_hints`). What could be guessed is left out: a function whose outputs hold too few
numbers has no hints, nor has an answer that gives what a right one may give, or what answers with another hint give.
Calls that hidden tests alone make, and those where a right answer raises, are not in it.
"""

import ast
import builtins
import hashlib
import json
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

import numpy as np

from checks.public_hints import NONE, key_of, sealed, written_error, written_numbers
from closed_doors.grading.hints.examples import Example, is_hidden
from closed_doors.grading.hints.matching import Exercise, KnownAnswer, Probe, diagnose_rows, read_tables
from closed_doors.grading.student.probe_observation import Value
from closed_doors.notebook.global_names import bound_names, free_names

ROOM = 64  # numbers that must be guessed at once, each of them at least a bit


def salt_of(table: bytes) -> bytes:
    """Return the salt of a file that is made from this hints file: another one, another salt."""
    return hashlib.sha256(b"public hints" + table).digest()[:16]


def is_made_from(data: bytes, table: bytes) -> bool:
    """Whether a file was made from this hints file."""
    return bool(json.loads(data)["salt"] == salt_of(table).hex())


def public_hints(table: bytes, hidden: Set[bytes]) -> bytes:
    """Return the content of the file.

    Args:
        table: the content of the notebook's hints file.
        hidden: digests of what hidden tests alone ask of the master's solution.
    """
    salt, tables = salt_of(table), read_tables(table)
    functions = []
    for raw in json.loads(table)["exercises"]:
        for function in _functions(tables[raw["check"]], raw["setup"], hidden):
            if known := dict(sorted(function.sealed(salt))):
                calls = [example.call for example in function.examples]
                row = {"name": function.name, "imports": _imports(raw["setup"]), "calls": calls, "known": known}
                functions.append(row)
    return (json.dumps({"salt": salt.hex(), "functions": functions}, indent=1) + "\n").encode()


@dataclass(frozen=True, slots=True)
class _Function:
    """One function of an exercise, and the calls of it that a student may see."""

    name: str
    exercise: Exercise
    examples: tuple[Example, ...]

    def sealed(self, salt: bytes) -> Iterator[tuple[str, str]]:
        """Yield the hash of what known wrong answers give, with what they are told."""
        told: dict[tuple[str, ...], set[str]] = {}
        for answer in self.exercise.known:
            if (outputs := self._outputs(answer)) is not None:
                told.setdefault(outputs, set()).add(self._told(answer))
        for outputs, ideas in told.items():
            idea = ideas.pop()
            if idea and not ideas:
                tag, key = key_of(salt, self.name, outputs)
                yield tag.hex(), sealed(key, self.exercise.hints[idea])

    def _told(self, answer: KnownAnswer) -> str:
        """Return the one idea that grading names, where it is the answer's own or one that covers it."""
        found = [each.id for each in diagnose_rows(self.exercise, answer.facets)]
        covers = self.exercise.covers.get(found[0], frozenset()) if found else frozenset()
        return found[0] if len(found) == 1 and answer.idea in covers | {found[0]} else ""

    def _outputs(self, answer: KnownAnswer) -> tuple[str, ...] | None:
        """Return what an answer gives to all calls; None where that is right, has no hash, or could be guessed."""
        probes = [self.exercise.probes[example.place] for example in self.examples]
        values = [
            probe.values.values[answer.facets[0][example.place]]
            for probe, example in zip(probes, self.examples, strict=True)
        ]
        written = tuple(text for value in values if (text := _written(value)) is not None)
        if len(written) < len(values) or _numbers(values) < ROOM:
            return None
        if all(text in map(_written, _right(probe)) for probe, text in zip(probes, written, strict=True)):
            return None
        return written


def _functions(exercise: Exercise, setup: str, hidden: Set[bytes]) -> Iterator[_Function]:
    given = bound_names(_imports(setup)) | frozenset(dir(builtins))
    by_name: dict[str, list[Example]] = {}
    for example in exercise.examples:
        asked = sorted(free_names(example.call) - given)
        if len(asked) == 1 and not is_hidden(example, hidden) and not exercise.probes[example.place].expects_error:
            by_name.setdefault(asked[0], []).append(example)
    for name, examples in by_name.items():
        right = [
            min(_right(exercise.probes[example.place]), key=lambda value: value.numbers.size) for example in examples
        ]
        if _numbers(right) >= ROOM:
            yield _Function(name, exercise, tuple(examples))


def _right(probe: Probe) -> list[Value]:
    return [probe.values.values[place] for place in sorted(probe.right[0])]


def _numbers(values: Sequence[Value]) -> int:
    """Return how many numbers values hold that some other answer may give otherwise: nan and inf say little."""
    return sum(int(np.isfinite(value.numbers).sum()) for value in values)


def _imports(setup: str) -> str:
    return "\n".join(
        ast.unparse(node) for node in ast.parse(setup).body if isinstance(node, ast.Import | ast.ImportFrom)
    )


def _written(value: Value) -> str | None:
    """Return a value as a student's notebook writes it; None where it is not made of numbers alone."""
    kind, _, rest = value.form.partition(" ")
    match kind:
        case "none":
            return NONE
        case "error":
            return written_error(rest)
        case "numbers":
            return written_numbers(ast.literal_eval(rest), value.numbers.tolist())
    return None
