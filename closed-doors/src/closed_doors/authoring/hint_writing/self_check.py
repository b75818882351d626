"""Tries a file of hints on the answers that it was written from: who would get the hint of its own misconception.

Each is tried twice, as the file knows it and left out of it, as a student's answer is that nobody has labelled.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from checks.cells import DefiningCell, probable_names
from closed_doors.authoring.hint_writing.misconceptions import KnownExercise, read_known
from closed_doors.core.profile import Naming

if TYPE_CHECKING:
    from closed_doors.grading.hints.matching import Exercise


@dataclass(slots=True)
class LeftOut:
    """What answers would be told that the file does not know, each tried beside all others of its exercise.

    Attributes:
        shared: how many have a misconception that another answer shows too.
        right: how many of those get its hint.
        alone: how many have one that no other answer shows, so that silence is right.
        placed: how many others would be told where alone they are wrong, which is so of whatever misconception.
        false: those that get another hint, with what they would be told.
    """

    shared: int = 0
    right: int = 0
    alone: int = 0
    placed: int = 0
    false: list[str] = field(default_factory=list)

    def note(self, known: KnownExercise, row: "_Row", told: Sequence[str], is_shared: bool) -> None:
        """Take in what one answer would be told, and whether another answer shows its misconception."""
        self.shared += is_shared
        self.alone += not is_shared
        if not told:
            return
        if not _all_mean(known, told, row.idea):
            self.false.append(f"  {known.name} {row.name} ({row.idea}): {', '.join(told)}")
        elif any(each.id in told and each.only_in for each in known.misconceptions):
            self.placed += 1
        else:
            self.right += 1

    def lines(self) -> Iterator[str]:
        """Yield it in words."""
        told = self.right + len(self.false)
        yield f"left out: {self.shared} answers whose misconception another shows, {self.right} would get its hint"
        yield f"left out: {self.shared + self.alone} in all, {told} would get a hint, {len(self.false)} a false one"
        yield f"left out: {self.placed} more would be told where alone they are wrong"
        yield from self.false


def tried(data: bytes, answers: Path, naming: Naming) -> Iterator[str]:
    """Yield a line an exercise, one for each answer that would get another hint or none, and what `left_out` finds.

    Args:
        data: the content of a diagnosis file.
        answers: the assignment's labelled answers.
        naming: how the cells of an exercise are called.
    """
    for known, exercise, rows in _exercises(data, answers, naming):
        missed = []
        for row in rows:
            found = _told(exercise, row, known)
            if not found or not _all_mean(known, found, row.idea):
                missed.append(f"  {row.name} ({row.idea}): {', '.join(found) or 'no hint'}")
        yield f"{known.name}: {len(rows) - len(missed)} of {len(known.wrong)} wrong answers get their hint"
        yield from missed
    yield from left_out(data, answers, naming).lines()


def left_out(data: bytes, answers: Path, naming: Naming) -> LeftOut:
    """Return what each labelled answer would be told by what is known of the others; see `tried`."""
    found = LeftOut()
    for known, exercise, rows in _exercises(data, answers, naming):
        for place, row in enumerate(rows):
            others = tuple(answer for n, answer in enumerate(exercise.known) if n != place)
            told = _told(replace(exercise, known=others), row, known)
            found.note(known, row, told, any(answer.idea == row.idea for answer in others))
    return found


def means(known: KnownExercise, given: str, own: str) -> bool:
    """Whether the hint given is that of the answer's own misconception, of a more general one, or says only where."""
    return given == own or any(
        each.id == given and (own in each.covers or bool(each.only_in)) for each in known.misconceptions
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """One labelled answer, as the file has it."""

    name: str
    idea: str
    facets: Sequence[tuple[int, ...]]


def _exercises(
    data: bytes, answers: Path, naming: Naming
) -> Iterator[tuple[KnownExercise, "Exercise", Sequence[_Row]]]:
    from closed_doors.grading.hints.matching import read_tables  # NumPy

    tables = read_tables(data)
    rows = {
        exercise["check"]: [_Row(row["name"], row["idea"], [*map(tuple, row["facets"])]) for row in exercise["known"]]
        for exercise in json.loads(data)["exercises"]
    }
    for known in read_known(answers):
        check = f"{known.name}{naming.check}"
        yield known, tables[check], rows[check]


def _told(exercise: "Exercise", row: _Row, known: KnownExercise) -> list[str]:
    from closed_doors.grading.hints.matching import diagnose_rows

    return [found.id for found in diagnose_rows(exercise, row.facets, _uses(known.wrong[row.name]))]


def _uses(source: str) -> Mapping[str, frozenset[str]]:
    """Return which names of an answer each of them uses, as grading finds it out."""
    from closed_doors.grading.examiner.answer_cells import names_used

    return names_used(dict.fromkeys(probable_names(source), DefiningCell(source)))


def _all_mean(known: KnownExercise, told: Collection[str], own: str) -> bool:
    return all(means(known, given, own) for given in told)
