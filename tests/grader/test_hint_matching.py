"""The idea that a student's outputs show: several probes must agree, and doubt gives a general hint or none."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.conftest import ROOT

from closed_doors.authoring.hint_writing.hints_file import is_current
from closed_doors.authoring.hint_writing.misconceptions import read_known
from closed_doors.authoring.hint_writing.self_check import left_out, means
from closed_doors.core.layout import Layout
from closed_doors.core.profile import read_profile
from closed_doors.grading.hints.matching import Exercise, KnownAnswer, Place, Probe, diagnose, read_tables
from closed_doors.grading.student.probe_observation import Catalogue, Observation, Value, value_of

LAYOUT = Layout(ROOT)
ASSIGNMENTS = sorted({path.parent.parent.name for path in LAYOUT.answers.glob("*/*/misconceptions.toml")})
ENOUGH_DIAGNOSED = 0.8


def number(value: float) -> Value:
    return value_of(float(value))


def exercise(known: dict[str, list[float]], covers: dict[str, frozenset[str]] | None = None) -> Exercise:
    """An exercise of four probes to which right answers give 1, 2, 3 and 4."""
    values = [sorted({right, *(row[n] for row in known.values())}) for n, right in enumerate((1.0, 2.0, 3.0, 4.0))]
    probes = tuple(
        Probe(
            "values",
            False,
            Catalogue(map(number, values[n])),
            ("", "number"),
            (frozenset({values[n].index(n + 1.0)}), frozenset({0, 1})),
        )
        for n in range(4)
    )
    answers = tuple(
        KnownAnswer(idea, (tuple(values[n].index(v) for n, v in enumerate(row)), (1,) * 4, (0,) * 4))
        for idea, row in known.items()
    )
    hints = {idea: f"indice {idea}" for idea in (*known, *(covers or {}))}
    return Exercise(b"", probes, answers, hints, covers or {})


def seen(*values: float) -> list[Observation]:
    return [Observation(number(value), "number", False) for value in values]


def idea_of(known: Exercise, observations: list[Observation]) -> str | None:
    found = diagnose(known, observations)
    assert len(found) <= 1
    return found[0].id if found else None


def test_outputs_of_a_known_wrong_answer_get_its_hint() -> None:
    """The same outputs, up to rounding, show the same idea; the hint is the idea's."""
    known = exercise({"negative": [-1, -2, -3, -4], "zero": [0, 0, 0, 0]})
    (found,) = diagnose(known, seen(-1, -2, -3.00001, -4))
    assert (found.id, found.hint) == ("negative", "indice negative")


def test_right_outputs_get_no_hint() -> None:
    """Where nothing is wrong there is nothing to say, whatever wrong answers give."""
    assert idea_of(exercise({"negative": [-1, -2, -3, -4]}), seen(1, 2, 3, 4)) is None


def test_one_probe_is_not_enough() -> None:
    """A single output that a wrong answer shares is chance."""
    assert idea_of(exercise({"last": [1, 2, 3, 0]}), seen(1, 2, 3, 0)) is None
    assert idea_of(exercise({"last": [1, 2, 0, 0]}), seen(1, 2, 0, 0)) == "last"


def test_an_idea_must_explain_most_of_what_is_wrong() -> None:
    """Half of the wrong outputs is not enough for an idea; three of four are."""
    known = exercise({"negative": [-1, -2, -3, -4]})
    assert idea_of(known, seen(-1, -2, 7, 7)) is None
    assert idea_of(known, seen(-1, -2, -3, 7)) == "negative"


def test_an_idea_must_not_expect_what_is_not_there() -> None:
    """Outputs that are right where a wrong answer is wrong speak against its idea."""
    assert idea_of(exercise({"negative": [-1, -2, -3, -4]}), seen(-1, -2, 3, 4)) is None


def test_an_idea_must_not_have_right_what_is_wrong_as_a_whole() -> None:
    """Most of what is wrong is explained, but a part that is wrong as a whole is right in the known answer."""
    known = exercise({"most": [-1, -2, -3, -4], "other": [0, 0, 0, 0]})
    more = Probe("apart", False, Catalogue([number(5)]), ("", "number"), (frozenset({0}), frozenset({0, 1})))
    answers = tuple(KnownAnswer(k.idea, (k.facets[0] + (0, 0), (1,) * 6, (0,) * 6)) for k in known.known)
    wider = replace(known, probes=(*known.probes, more, more), known=answers)
    assert idea_of(wider, seen(-1, -2, -3, -4, 5, 5)) == "most"
    assert idea_of(wider, seen(-1, -2, -3, -4, 5, 7)) == "most"
    assert idea_of(wider, seen(-1, -2, -3, -4, 7, 7)) is None


def test_two_ideas_alike_give_the_general_hint_or_none() -> None:
    """Where two ideas explain the outputs as well, the idea that covers both is named; without one, none is."""
    same = {"a": [0.0, 0, 0, 0], "b": [0.0, 0, 0, 0]}
    assert idea_of(exercise(same), seen(0, 0, 0, 0)) is None
    assert idea_of(exercise(same, {"general": frozenset({"a", "b"})}), seen(0, 0, 0, 0)) == "general"


def test_an_idea_that_explains_more_keeps_another_silent() -> None:
    """What ranks first by its groups is not told where another idea explains more of all that is wrong."""
    known = exercise({"most": [-1, -2, -3, 4], "all": [-1, -2, -3, -4]})
    assert idea_of(known, seen(-1, -2, -3, -4)) == "all"
    assert idea_of(known, seen(-1, -2, -3, 4)) == "most"


def test_each_function_has_its_hint() -> None:
    """Two functions that are wrong for reasons of their own show both; an unknown fault hides no known one."""
    known = {"left": [-1, -2, 3, 4], "right": [1, 2, -3, -4], "both": [0, 0, 0, 0]}
    two = replace(exercise(known), functions={"f": (0, 1), "g": (2, 3)})
    assert [found.id for found in diagnose(two, seen(-1, -2, -3, -4))] == ["left", "right"]
    assert [found.id for found in diagnose(two, seen(-1, -2, 3, 4))] == ["left"]
    assert [found.id for found in diagnose(two, seen(7, 8, -3, -4))] == ["right"]
    assert [found.id for found in diagnose(two, seen(0, 0, 0, 0))] == ["both"]
    uses = {"g": {"helper"}, "helper": {"f"}}  # what is wrong in g may come of f
    assert [found.id for found in diagnose(two, seen(7, 8, -3, -4), uses)] == []
    assert [found.id for found in diagnose(two, seen(1, 2, -3, -4), uses)] == ["right"]
    assert diagnose(two, seen(0, 0, 7, 8)) == ()  # what is wrong in both says nothing of one


def placed(known: Exercise, **places: Place) -> Exercise:
    """The exercise with the parts a, a, b, b, and hints for situations."""
    probes = tuple(replace(p, part=part) for p, part in zip(known.probes, "aabb", strict=True))
    return replace(known, probes=probes, hints={**known.hints, **dict.fromkeys(places, "x")}, places=places)


def test_where_alone_an_answer_is_wrong_is_said_of_any_value() -> None:
    """The narrowest situation that holds all that is wrong; a known idea comes first, and one probe is not enough."""
    known = exercise({"negative": [-1, -2, -3, -4]})
    told = placed(known, at_b=Place(("b",)), at_a=Place(("a",), ("b",)))
    assert idea_of(told, seen(1, 2, 77, 78)) == "at_b"
    assert idea_of(told, seen(1, 76, 77, 78)) == "at_a"
    assert idea_of(told, seen(75, 76, 3, 4)) == "at_a"
    assert idea_of(told, seen(1, 2, 77, 4)) is None
    assert idea_of(told, seen(-1, -2, -3, -4)) == "negative"
    assert idea_of(told, seen(1, 2, 3, 4)) is None
    changing = [Observation(o.value, "number", n == 0) for n, o in enumerate(seen(1, 2, 77, 78))]
    assert idea_of(told, changing) is None  # changed arguments are another fault
    assert idea_of(placed(known, at_b=Place(("b",)), also_b=Place(("b",))), seen(1, 2, 77, 78)) is None
    held = [Observation(o.value, "number" if n < 2 else "list()", False) for n, o in enumerate(seen(1, 2, 77, 78))]
    assert idea_of(told, held) == "at_b"  # whatever holds a wrong value
    both = placed(known, both=Place(("a", "b")))
    assert idea_of(both, seen(75, 2, 77, 4)) == "both"
    assert idea_of(both, seen(1, 2, 77, 78)) is None  # it is right in one of the parts


def test_each_function_may_be_told_where_it_is_wrong() -> None:
    """A function that is wrong in one situation is told so beside another's idea, unless it uses what is wrong."""
    known = placed(exercise({"left": [-1, -2, 3, 4]}), at_b=Place(("b",)))
    two = replace(known, functions={"f": (0, 1), "g": (2, 3)})
    assert [found.id for found in diagnose(two, seen(-1, -2, 77, 78))] == ["left", "at_b"]
    assert [found.id for found in diagnose(two, seen(7, 8, 77, 78), {"g": {"f"}})] == []


def test_containers_and_changes_are_facets_of_their_own() -> None:
    """Right numbers in a list, or right numbers and changed arguments, show ideas that say so."""
    plain = exercise({"list": [1, 2, 3, 4], "in_place": [1, 2, 3, 4]})
    containers = ("", "number", "list()")
    probes = tuple(
        Probe(p.part, p.expects_error, p.values, containers, (p.right[0], frozenset({0, 1}))) for p in plain.probes
    )
    values = plain.known[0].facets[0]
    answers = (
        KnownAnswer("list", (values, (2,) * 4, (0,) * 4)),
        KnownAnswer("in_place", (values, (1,) * 4, (1,) * 4)),
    )
    known = Exercise(b"", probes, answers, plain.hints, {})
    right = [number(value) for value in (1, 2, 3, 4)]
    assert idea_of(known, [Observation(value, "list()", False) for value in right]) == "list"
    assert idea_of(known, [Observation(value, "number", True) for value in right]) == "in_place"
    wrong = [number(value) for value in (7, 8, 9, 7)]
    assert idea_of(known, [Observation(value, "number", value is not wrong[0]) for value in wrong]) == "in_place"
    assert idea_of(known, [Observation(value, "number", value is wrong[0]) for value in wrong]) is None


SAME = {
    "rounding": (1.0, 1.00001),
    "types": ([True, False], np.array([1.0, 0.0])),
    "a tensor": (torch.tensor([1, 2]), [1, 2]),
    "not a number": ([math.nan, math.inf], np.array([math.nan, math.inf])),
    "many": ((1, "a", None), [1.0, "a", None]),
    "nothing": (None, None),
}
DIFFERENT = {
    "numbers": (1.0, 1.01),
    "shapes": ([1.0, 2.0], [[1.0, 2.0]]),
    "signs of infinity": (math.inf, -math.inf),
    "a number and none": (math.nan, 0.0),
    "infinity and a number": (math.inf, 1e300),
    "texts": ("a", "b"),
    "nothing and a number": (None, 0),
    "orders": ([1, "a"], ["a", 1]),
}


@pytest.mark.parametrize("case", SAME)
def test_values_that_say_the_same_are_found_again(case: str) -> None:
    """Up to rounding, and whatever holds them; a value goes through a file unchanged."""
    one, other = map(value_of, SAME[case])
    catalogue = Catalogue([value_of(object()), one])
    assert catalogue.find(other) == 1
    assert Catalogue([Value.of_plain(json.loads(json.dumps(one.plain())))]).find(other) == 0


@pytest.mark.parametrize("case", DIFFERENT)
def test_values_that_say_something_else_are_not(case: str) -> None:
    """Other numbers, shapes, texts and orders."""
    one, other = map(value_of, DIFFERENT[case])
    assert Catalogue([one]).find(other) is None
    assert Catalogue([other]).find(one) is None


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_file_of_an_assignment_is_current(assignment: str) -> None:
    """It was written from the answers, the misconceptions and the notebook that stand there now."""
    assert is_current(LAYOUT, assignment), "run `course hints`"


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_known_answers_show_their_own_idea(assignment: str) -> None:
    """From the outputs that the file holds, at least four in five wrong answers get the hint of their own label."""
    data = LAYOUT.hints(assignment, assignment).read_bytes()
    tables = read_tables(data)
    rows = {row["check"]: row["known"] for row in json.loads(data)["exercises"]}
    wrong, count = [], 0
    for known in read_known(LAYOUT.answers / assignment):
        check = f"{known.name}-verification"
        count += len(known.wrong)
        wrong += [f"{known.name} {name}: {why}" for name, why in known.left_out.items()]
        for answer in rows[check]:
            observations = [
                Observation(probe.values.values[v], probe.containers[c], bool(changes))
                for probe, v, c, changes in zip(tables[check].probes, *answer["facets"], strict=True)
            ]
            found = diagnose(tables[check], observations)
            if not found or not all(means(known, each.id, answer["idea"]) for each in found):
                wrong.append(f"{known.name} {answer['name']}: {[each.id for each in found]}")
    assert len(wrong) <= (1 - ENOUGH_DIAGNOSED) * count, wrong


def test_an_answer_that_nobody_labelled_is_not_misled() -> None:
    """Each labelled answer left out in turn: nine hints in ten are right, and of 200 answers one gets a false one."""
    naming = read_profile(ROOT).naming
    found = [left_out(LAYOUT.hints(name, name).read_bytes(), LAYOUT.answers / name, naming) for name in ASSIGNMENTS]
    right, false = sum(each.right for each in found), [line for each in found for line in each.false]
    assert len(false) <= 0.005 * sum(each.shared + each.alone for each in found), false
    assert right >= 9 * len(false)
    assert right >= 0.2 * sum(each.shared for each in found)  # most of them are variants that nothing else is like


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_hints_are_sentences(assignment: str) -> None:
    """A hint ends as a sentence does, and holds a no-break space where French asks for one."""
    for known in read_known(LAYOUT.answers / assignment):
        for each in known.misconceptions:
            assert each.hint.endswith((".", "?")), each
            assert not any(f" {mark}" in each.hint for mark in ":;!?»"), each
            assert "« " not in each.hint, each
