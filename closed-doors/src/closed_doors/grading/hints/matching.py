"""Which known wrong idea a student's outputs show.

The course keeps, for each exercise, probes with fixed public inputs and what every known wrong answer gives to them
(masters/<assignment>/<notebook>.hints.json, written by `course hints`). A student's outputs are compared with
those, group by group: the values of a part of the probes, what they are held in, and which arguments were changed. A
group votes for the idea that explains what is wrong in it. No hint is better than a wrong one: an idea needs several
probes that agree, most of what is wrong in its group, and most of what is wrong anywhere, and no part in which it has
all right and the answer nothing; only that arguments are changed is said whatever else is wrong. An error and a nan say
little, as whatever goes wrong may end in one: they speak for an idea only where it explains all that is wrong. Where
another idea explains as much, nothing is said.

Where no idea is found, a place may be: an answer that is wrong in one situation and right in all others is told so, as
the author has put it, whatever it gives there. That is what was seen, and no guess.

An exercise may ask for several functions, and each may be wrong for a reason of its own. What the first idea has
nothing to do with is compared once more, function by function, with what is known of that function alone. Where a
function of the student's uses another that is wrong, whose fault it is stays open.
"""

import ast
import builtins
import functools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import NamedTuple

from closed_doors.grading.hints.ask_probes import program
from closed_doors.grading.hints.examples import Example, examples_of, is_hidden, text_of
from closed_doors.grading.student.probe_observation import Catalogue, Observation, Value
from closed_doors.grading.verdict.verdict import Diagnosis, Witness
from closed_doors.notebook.instructor_code import bound_names, free_names
from closed_doors.notebook.json_files import JsonObject

ENOUGH = 2  # probes that must agree
MOST = 0.7  # of what is wrong in a group, the part that an idea must explain
MOST_OF_ALL = 0.7  # of what is wrong in all groups together
MOST_OF_A_FUNCTION = 0.9  # of what is wrong in one function, where others are wrong for other reasons
MOST_OF_A_PLACE = 0.5  # of each part of a situation, what must be wrong
MOST_OF_CHANGES = 0.5  # of the probes whose arguments are changed: a fact of its own, whatever else is wrong
UNKNOWN = -1
VALUE, CHANGES = 0, 2  # facets
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
class Place:
    """A situation, as parts of the probes.

    Attributes:
        always: where an answer that is wrong in this situation is wrong, in half of each part at least.
        perhaps: where it may be wrong too; everywhere else it is right.
    """

    always: tuple[str, ...]
    perhaps: tuple[str, ...] = ()

    def size_if(self, wrong: Set[int], columns: Mapping[str, Set[int]]) -> int:
        """Return how many probes the situation has, where all that is wrong lies in it as it should; else 0.

        Args:
            wrong: the probes at which an answer is wrong, by position.
            columns: the positions of each part's probes.
        """
        always = [columns[part] for part in self.always if part in columns]
        allowed = set().union(*always, *(columns[part] for part in self.perhaps if part in columns))
        in_each = all(len(wrong & part) >= MOST_OF_A_PLACE * len(part) for part in always)
        return len(allowed) if always and in_each and wrong <= allowed else 0


@dataclass(frozen=True, slots=True)
class Exercise:
    """What is known of one exercise.

    Attributes:
        program: the probes' code (see `closed_doors.grading.hints.ask_probes`).
        hints: in French, by idea.
        covers: ideas that a more general one stands for, where they can't be told apart.
        places: situations by the idea that names them.
        functions: the probes that ask one function of the student's and no other, by position, by its name; none where
            the exercise asks for one only.
        examples: the probes that a student may be shown.
    """

    program: bytes
    probes: tuple[Probe, ...]
    known: tuple[KnownAnswer, ...]
    hints: Mapping[str, str]
    covers: Mapping[str, frozenset[str]]
    places: Mapping[str, "Place"] = field(default_factory=dict)
    functions: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()

    def groups(self) -> Iterator[tuple[int, list[int]]]:
        """Yield each facet with the positions of the probes of each part, values first."""
        parts = dict.fromkeys(probe.part for probe in self.probes)
        for facet in range(3):
            for part in parts:
                yield facet, [number for number, probe in enumerate(self.probes) if probe.part == part]

    @property
    def example_outcomes(self) -> int:
        """How many things an example can tell: which one, and which of the values that are known to come of it."""
        return sum(len(self.probes[example.place].values.values) for example in self.examples)

    def of_function(self, columns: tuple[int, ...], rows: Sequence[tuple[int, ...]]) -> "Exercise":
        """Return what is known of one function: its probes, and the answers that are wrong at them.

        An answer that is wrong at another function as well counts where what was seen there is the same.
        """
        others = [n for theirs in self.functions.values() if theirs != columns for n in theirs]
        known = [a for a in self.known if self._is_part(a, others, rows)]
        probes = tuple(self.probes[n] for n in columns)
        part = (KnownAnswer(a.idea, _at(columns, a.facets)) for a in known)
        return replace(self, probes=probes, known=tuple(a for a in part if _is_wrong(probes, a.facets)), functions={})

    def _is_part(self, answer: KnownAnswer, columns: Iterable[int], rows: Sequence[tuple[int, ...]]) -> bool:
        """Whether all that is wrong in an answer at these probes was seen there."""
        places = [(facet, n) for n in columns for facet in range(len(rows))]
        return all(
            rows[facet][n] == answer.facets[facet][n] or self.probes[n].is_right(facet, answer.facets[facet][n])
            for facet, n in places
        )


Tables = Mapping[str, Exercise]


@functools.lru_cache(maxsize=8)
def read_tables(data: bytes) -> Tables:
    """Return what a diagnosis file holds: exercises, by the grade_id of the cell that checks them."""
    if not data:
        return {}
    return {exercise["check"]: _exercise(exercise) for exercise in json.loads(data)["exercises"]}


def diagnose(
    exercise: Exercise, seen: Iterable[Observation], uses: Mapping[str, Set[str]] = MappingProxyType({})
) -> tuple[Diagnosis, ...]:
    """Return the ideas that a student's outputs show, at most one a function.

    Args:
        exercise: what is known of the exercise.
        seen: what the answer gave to its probes.
        uses: the student's names that each function uses.
    """
    rows = list(zip(*(p.facets(o) for p, o in zip(exercise.probes, seen, strict=True)), strict=True))
    return diagnose_rows(exercise, rows, uses)


def find_witness(exercise: Exercise, seen: Sequence[Observation], hidden: Set[bytes]) -> Witness | None:
    """Return a public example on which the answer is wrong too, and what the course knows that it gives there.

    Args:
        exercise: what is known of the exercise.
        seen: what the answer gave to its probes.
        hidden: digests of what hidden tests alone ask.
    """
    for example in exercise.examples:
        probe = exercise.probes[example.place]
        found, right = probe.facets(seen[example.place])[VALUE], list(probe.right[VALUE])
        if found in right or len(right) != 1 or is_hidden(example, hidden):
            continue
        expected = text_of(probe.values.values[right[0]])
        obtained = text_of(probe.values.values[found]) if found != UNKNOWN else ""
        if expected and expected != obtained:
            return Witness(example.call, expected, obtained)
    return None


def diagnose_rows(
    exercise: Exercise, rows: Sequence[tuple[int, ...]], uses: Mapping[str, Set[str]] = MappingProxyType({})
) -> tuple[Diagnosis, ...]:
    """Return the ideas that the facets of an answer show: a row a facet, a column a probe."""
    names = [name] if (name := _idea(exercise, rows, MOST_OF_ALL)) else []
    wrong = {
        function: columns
        for function, columns in exercise.functions.items()
        if _is_wrong([exercise.probes[n] for n in columns], _at(columns, rows))
    }
    for function, columns in wrong.items():
        part = exercise.of_function(columns, rows)
        if any(known.idea in names for known in part.known) or _reached(function, uses) & wrong.keys():
            continue  # what is wrong there may come of the idea that was found, or of another function
        here = _at(columns, rows)
        if name := _idea(part, here, MOST_OF_A_FUNCTION) or _only_place(part, here):
            names.append(name)
    if not names and (name := _idea_of_changes(exercise, rows) or _only_place(exercise, rows)):
        names.append(name)
    return tuple(Diagnosis(name, exercise.hints[name]) for name in dict.fromkeys(names))


def _idea_of_changes(exercise: Exercise, rows: Sequence[tuple[int, ...]]) -> str | None:
    """Return the one idea whose answers all change arguments, at the same probes or most of them."""
    changed = {n for n, found in enumerate(rows[CHANGES]) if found == CHANGED}
    never: set[str] = set()
    alike: set[str] = set()
    for answer in exercise.known:
        theirs = {n for n, found in enumerate(answer.facets[CHANGES]) if found == CHANGED}
        if not theirs:
            never.add(answer.idea)
        elif len(changed & theirs) >= max(ENOUGH, MOST_OF_CHANGES * len(changed | theirs)):
            alike.add(answer.idea)
    ideas = alike - never
    return ideas.pop() if len(ideas) == 1 else None


def _only_place(exercise: Exercise, rows: Sequence[tuple[int, ...]]) -> str | None:
    """Return what says that all is right but values in one situation; of several, the narrowest one."""
    found = zip(exercise.probes, rows[VALUE], strict=True)
    wrong = {n for n, (probe, value) in enumerate(found) if not probe.is_right(VALUE, value)}
    right = [n for n in range(len(exercise.probes)) if n not in wrong]  # a wrong value's other faults are none apart
    changed = CHANGED in rows[CHANGES]
    if len(wrong) < ENOUGH or changed or _is_wrong([exercise.probes[n] for n in right], _at(right, rows)):
        return None
    columns: dict[str, set[int]] = {}
    for n, probe in enumerate(exercise.probes):
        columns.setdefault(probe.part, set()).add(n)
    sizes = {idea: size for idea, place in exercise.places.items() if (size := place.size_if(wrong, columns))}
    narrowest = [idea for idea in sizes if sizes[idea] == min(sizes.values())]
    return narrowest[0] if len(narrowest) == 1 else None


def _reached(function: str, uses: Mapping[str, Set[str]]) -> set[str]:
    """Return the other names that a function uses, itself or through others."""
    found, waiting = {function}, [function]
    while waiting:
        fresh = uses.get(waiting.pop(), set()) - found
        found |= fresh
        waiting += fresh
    return found - {function}


def _idea(exercise: Exercise, rows: Sequence[tuple[int, ...]], most: float) -> str | None:
    """Return the one idea that explains what is wrong, or at least so much of it."""
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
    convincing = {idea: part for idea, part in overall.items() if part >= (most if says[idea] >= ENOUGH else 1.0)}
    ranks = {idea: (-votes[idea], place[idea], -overall[idea]) for idea in convincing}
    return _first(exercise, convincing, ranks) if convincing else None


def _first(
    exercise: Exercise, overall: Mapping[str, float], ranks: Mapping[str, tuple[int, tuple[bool, int], float]]
) -> str | None:
    """Return the idea that ranks first, or the one that stands for all that do, if no other explains more.

    Args:
        exercise: what is known of it.
        overall: what each idea explains of all that is wrong.
        ranks: what ideas are ordered by.
    """
    chosen = {idea for idea in ranks if ranks[idea] == min(ranks.values())}
    most = max(overall[idea] for idea in chosen)
    chosen |= {idea for idea in overall if overall[idea] > most}
    return chosen.pop() if len(chosen) == 1 else _general(exercise, chosen)


def _at(columns: Iterable[int], rows: Sequence[tuple[int, ...]]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(row[n] for n in columns) for row in rows)


def _is_wrong(probes: Sequence[Probe], rows: Sequence[tuple[int, ...]]) -> bool:
    """Whether anything that was seen at probes is not right."""
    return any(
        not probe.is_right(facet, found)
        for facet, row in enumerate(rows)
        for probe, found in zip(probes, row, strict=True)
    )


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
    known = (answer for answer in exercise.known if answer.idea == idea)
    return max(
        (_agreement(exercise, answer, rows) for answer in known if _is_possible(exercise, answer, rows)), default=0
    )


def _is_possible(exercise: Exercise, answer: KnownAnswer, rows: Sequence[tuple[int, ...]]) -> bool:
    """Whether no part is wrong as a whole that is right in a known answer: there, something else is wrong."""
    for facet, columns in exercise.groups():
        pairs = [(exercise.probes[n], rows[facet][n], answer.facets[facet][n]) for n in columns]
        strange = [not probe.is_right(facet, found) and probe.is_right(facet, known) for probe, found, known in pairs]
        if facet == VALUE and len(strange) >= ENOUGH and all(strange):
            return False
    return True


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
    calls = [probe["call"] for probe in data["probes"]]
    hints = {idea["id"]: idea["hint"] for idea in data["ideas"]}
    setup = data["setup"]
    functions, examples = _functions(setup, calls), examples_of(setup, calls)
    places = {
        idea["id"]: Place(tuple(idea["only_in"]), tuple(idea.get("perhaps_in", ())))
        for idea in data["ideas"]
        if idea.get("only_in")
    }
    return Exercise(program(setup, calls), probes, known, hints, covers, places, functions, examples)


def _functions(setup: str, calls: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Return the probes of each function of the student's, where there are several; the setup may call it for them."""
    through = {
        node.name: free_names(ast.unparse(node)) for node in ast.parse(setup).body if isinstance(node, ast.FunctionDef)
    }
    known = bound_names(setup)
    places: dict[frozenset[str], list[int]] = {}
    for place, call in enumerate(calls):
        asked, waiting = set[str](), set(free_names(call))
        while waiting:
            name = waiting.pop()
            if name not in asked:
                asked.add(name)
                waiting |= through.get(name, frozenset())
        theirs = frozenset(name for name in asked - known if not hasattr(builtins, name))
        places.setdefault(theirs, []).append(place)
    alone = {next(iter(names)): tuple(found) for names, found in places.items() if len(names) == 1}
    return alone if len(alone) > 1 else {}
