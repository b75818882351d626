"""Tries a file of hints on the answers that it was written from: who would get the hint of its own misconception."""

import json
from collections.abc import Iterator
from pathlib import Path

from closed_doors.authoring.hint_writing.misconceptions import KnownExercise, read_known
from closed_doors.core.profile import Naming


def tried(data: bytes, answers: Path, naming: Naming) -> Iterator[str]:
    """Yield a line an exercise, and one for each answer that would get another hint or none.

    Args:
        data: the content of a diagnosis file.
        answers: the assignment's labelled answers.
        naming: how the cells of an exercise are called.
    """
    from closed_doors.grading.hints.matching import diagnose, read_tables  # NumPy
    from closed_doors.grading.student.probe_observation import Observation

    tables = read_tables(data)
    rows = {exercise["check"]: exercise["known"] for exercise in json.loads(data)["exercises"]}
    for known in read_known(answers):
        check = f"{known.name}{naming.check}"
        exercise = tables[check]
        missed = []
        for answer in rows[check]:
            seen = [
                Observation(probe.values.values[v], probe.containers[c], bool(changes))
                for probe, v, c, changes in zip(exercise.probes, *answer["facets"], strict=True)
            ]
            found = diagnose(exercise, seen)
            if not found or not all(means(known, each.id, answer["idea"]) for each in found):
                given = ", ".join(each.id for each in found)
                missed.append(f"  {answer['name']} ({answer['idea']}): {given or 'no hint'}")
        yield f"{known.name}: {len(rows[check]) - len(missed)} of {len(known.wrong)} wrong answers get their hint"
        yield from missed


def means(known: KnownExercise, given: str, own: str) -> bool:
    """Whether the hint given is that of the answer's own misconception, or of a more general one."""
    return given == own or any(each.id == given and own in each.covers for each in known.misconceptions)
