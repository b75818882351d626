"""Which known wrong idea a student's outputs show.

The course keeps, for each exercise, probes with fixed public inputs and what every known wrong answer gives to them
(masters/<assignment>/<notebook>.hints.json, written by `course hints`). A student's outputs are compared with
those, group by group: the values of a part of the probes, what they are held in, and which arguments were changed. A
group votes for the idea that explains what is wrong in it. No hint is better than a wrong one: an idea needs several
probes that agree, most of what is wrong in its group, and most of what is wrong anywhere. An error and a nan say
little, as whatever goes wrong may end in one: they speak for an idea only where it explains all that is wrong.
"""

import functools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from closed_doors.grading.hints.ask_probes import program
from closed_doors.grading.student.probe_observation import Catalogue, Observation, Value
from closed_doors.grading.verdict.verdict import Diagnosis
from closed_doors.notebook.json_files import JsonObject

ENOUGH = 2  # probes that must agree
MOST = 0.7  # of what is wrong in a group, the part that an idea must explain
MOST_OF_ALL = 0.7  # of what is wrong in all groups together
UNKNOWN = -1
VALUE = 0
CHANGED = 1


@dataclass(frozen=True, slots=True)
class Probe:
    """One probe, and what it was seen to give.

    Attributes:
        part: the group of probes that it belongs to.
        expects_error: whether a right answer raises.
        values: distinct value facets; others refer to them by position.
        containers: distinct container facets.
        right: positions of the values, and of the containers, that right answers give.
    """

    part: str
    expects_error: bool
    values: Catalogue
    containers: tuple[str, ...]
    right: tuple[frozenset[int], frozenset[int]]

    def facets(self, seen: Observation) -> tuple[int, int, int]:
        """Return an observation's facets as positions; UNKNOWN where nobody was seen to give that."""
        found = self.values.find(seen.value.coarse(self.expects_error))
        container = self.containers.index(seen.container) if seen.container in self.containers else UNKNOWN
        return UNKNOWN if found is None else found, container, int(seen.changes)

    def says_something(self, facet: int, found: int) -> bool:
        """Whether what was found tells one idea from another: numbers and texts do, an error and a nan don't."""
        return facet != VALUE or (found != UNKNOWN and self.values.values[found].says_something)

    def is_right(self, facet: int, found: int) -> bool:
        """Whether a right answer may give this."""
        return found != CHANGED if facet == len(self.right) else found in self.right[facet]


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """A known wrong answer: its idea, and its facets, one row a facet, one column a probe."""

    idea: str
    facets: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Exercise:
    """What is known of one exercise.

    Attributes:
        program: the probes' code (see `closed_doors.grading.hints.ask_probes`).
        hints: in French, by idea.
        covers: ideas that a more general one stands for, where they can't be told apart.
    """

    program: bytes
    probes: tuple[Probe, ...]
    known: tuple[KnownAnswer, ...]
    hints: Mapping[str, str]
    covers: Mapping[str, frozenset[str]]

    def groups(self) -> Iterator[tuple[int, list[int]]]:
        """Yield each facet with the positions of the probes of each part, values first."""
        parts = dict.fromkeys(probe.part for probe in self.probes)
        for facet in range(3):
            for part in parts:
                yield facet, [number for number, probe in enumerate(self.probes) if probe.part == part]


Tables = Mapping[str, Exercise]


@functools.lru_cache(maxsize=8)
def read_tables(data: bytes) -> Tables:
    """Return what a diagnosis file holds: exercises, by the grade_id of the cell that checks them."""
    if not data:
        return {}
    return {exercise["check"]: _exercise(exercise) for exercise in json.loads(data)["exercises"]}


def diagnose(exercise: Exercise, seen: Iterable[Observation]) -> Diagnosis | None:
    """Return the idea that a student's outputs show, if they show one."""
    return diagnose_rows(
        exercise, list(zip(*(p.facets(o) for p, o in zip(exercise.probes, seen, strict=True)), strict=True))
    )


def diagnose_rows(exercise: Exercise, rows: Sequence[tuple[int, ...]]) -> Diagnosis | None:
    """Return the idea that the facets of an answer show: a row a facet, a column a probe."""
    votes: dict[str, int] = {}
    agreeing: dict[str, int] = {}
    says: dict[str, int] = {}
    place: dict[str, tuple[bool, int]] = {}
    for number, (facet, columns) in enumerate(exercise.groups()):
        best = _best(exercise, facet, columns, rows[facet])
        for idea in best.ideas:
            votes[idea] = votes.get(idea, 0) + 1
            agreeing[idea] = agreeing.get(idea, 0) + best.agreeing
            says[idea] = says.get(idea, 0) + best.saying
            place[idea] = min(place.get(idea, (True, number)), (len(best.ideas) > 1, number))
    overall = {idea: _overall(exercise, idea, rows) for idea in votes if agreeing[idea] >= ENOUGH}
    convincing = [idea for idea, part in overall.items() if part >= (MOST_OF_ALL if says[idea] >= ENOUGH else 1.0)]
    if not convincing:
        return None
    ranks = {idea: (-votes[idea], place[idea], -overall[idea]) for idea in convincing}
    chosen = {idea for idea in convincing if ranks[idea] == min(ranks.values())}
    name = chosen.pop() if len(chosen) == 1 else _general(exercise, chosen)
    return Diagnosis(name, exercise.hints[name]) if name else None


class _Best(NamedTuple):
    """The ideas that explain a group best, how many probes agree, and how many of those say more than an error does."""

    ideas: set[str]
    agreeing: int
    saying: int


def _best(exercise: Exercise, facet: int, columns: list[int], found: tuple[int, ...]) -> _Best:
    """Return the ideas that explain a group best, if well enough."""
    wrong = {n for n in columns if not exercise.probes[n].is_right(facet, found[n])}
    best: tuple[float, int] = (MOST, 0)
    ideas: set[str] = set()
    for answer in exercise.known if wrong else ():
        theirs = answer.facets[facet]
        expected = {n for n in columns if not exercise.probes[n].is_right(facet, theirs[n])}
        agreeing = sum(found[n] == theirs[n] for n in expected)
        score = (agreeing / len(wrong | expected), agreeing)
        if not agreeing or score < best:
            continue
        if score > best:
            best, ideas = score, set()
        ideas.add(answer.idea)
    saying = sum(exercise.probes[n].says_something(facet, found[n]) for n in wrong)
    return _Best(ideas, best[1], min(best[1], saying))


def _overall(exercise: Exercise, idea: str, rows: Sequence[tuple[int, ...]]) -> float:
    """Return how well an idea explains all that is wrong, from 0 to 1: it must not expect what is not there."""
    return max(_agreement(exercise, answer, rows) for answer in exercise.known if answer.idea == idea)


def _agreement(exercise: Exercise, answer: KnownAnswer, rows: Sequence[tuple[int, ...]]) -> float:
    agreeing = of = 0
    for facet, (found, theirs) in enumerate(zip(rows, answer.facets, strict=True)):
        for probe, ours, known in zip(exercise.probes, found, theirs, strict=True):
            expected = not probe.is_right(facet, known)
            of += expected or not probe.is_right(facet, ours)
            agreeing += expected and ours == known
    return round(agreeing / of, 6) if of else 0.0


def _general(exercise: Exercise, ideas: set[str]) -> str | None:
    """Return the narrowest idea that covers all of these."""
    covering = [idea for idea, covered in exercise.covers.items() if ideas <= covered | {idea}]
    return min(covering, key=lambda idea: len(exercise.covers[idea]), default=None)


def _exercise(data: JsonObject) -> Exercise:
    probes = tuple(
        Probe(
            probe["part"],
            probe["expects_error"],
            Catalogue(map(Value.of_plain, probe["values"])),
            tuple(probe["containers"]),
            (frozenset(probe["right"][0]), frozenset(probe["right"][1])),
        )
        for probe in data["probes"]
    )
    known = tuple(KnownAnswer(row["idea"], tuple(map(tuple, row["facets"]))) for row in data["known"])
    covers = {idea["id"]: frozenset(idea["covers"]) for idea in data["ideas"] if idea.get("covers")}
    code = program(data["setup"], [probe["call"] for probe in data["probes"]])
    return Exercise(code, probes, known, {idea["id"]: idea["hint"] for idea in data["ideas"]}, covers)
