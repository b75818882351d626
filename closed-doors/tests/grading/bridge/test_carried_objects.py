"""Objects of the student's that cells of the lesson and earlier tests have made are met by later cells as they are."""

import pytest

from closed_doors.grading.bridge.carried_objects import remotes_in
from closed_doors.grading.processes.zygote_handle import Zygote
from support.small_notebooks import SETUP, Small

PERSON = """
class Person:
    def __init__(self, name, age):
        self.name, self.age = name, age
    def win(self, what):
        self.prize = what
    def meet(self, other):
        self.friend = other
        return self
def oldest(people): return max(people, key=lambda each: each.age)
"""
BARREN = PERSON.replace("self.prize = what", "pass").replace("self.friend = other", "pass").replace("max(", "min(")
LESSON = """
ann, bob = Person("Ann", 3), Person("Bob", 4)
team, rooms = [ann, bob], {"a": ann, "b": [bob]}
class Box:
    def __init__(self, inner): self.inner = inner
box = Box(ann)
def prize_of(each, other=bob): return each.prize, other.age
"""
CHANGED = 'ann.win("first")\nteam[1].win("last")'
CASES = {
    "by name": 'assert "prize" in dir(ann) and ann.prize == "first"',
    "in a list": 'assert [each.prize for each in team] == ["first", "last"]',
    "in a dictionary": 'assert rooms["a"].prize == "first" and rooms["b"][0].prize == "last"',
    "in an object of the lesson's": 'assert box.inner.prize == "first"',
    "in a function's defaults": 'assert prize_of(ann) == ("first", 4)',
    "as an argument": 'assert oldest(team).name == "Bob" and oldest([ann, Person("Eve", 99)]).name == "Eve"',
    "given to one another": "assert ann.meet(team[1]).friend.prize == 'last'",
    "the same one twice": "assert team[0] is ann and rooms['a'] is box.inner and ann.prize",
    "set by the test": "ann.age = 50\nassert oldest([ann, bob]) is ann and oldest(team).name == 'Ann'",
}


@pytest.mark.parametrize("name", CASES)
def test_what_the_lesson_has_made_is_met_as_it_is(zygote: Zygote, name: str) -> None:
    """What an answer has changed in the lesson's objects counts, wherever they are held; without it nothing is paid."""
    for answer, changed, points in ((PERSON, CHANGED, 2), (BARREN, CHANGED, 0)):
        small = Small().answer(answer, PERSON).lesson(LESSON).answer(changed, CHANGED)
        (verdict,) = small.grading(CASES[name]).grade(zygote, prove=True).verdicts.values()
        assert verdict.earned == points, verdict.traces


MADE = "zoe = Person('Zoe', 70)\ncrew = [zoe, Person('Yan', 2)]\nzoe.meet(crew[1])\nassert crew[0].age == 70"
USED = "crew[1].age = 90\nassert zoe.friend.age == 90 and oldest(crew).name == 'Yan' and isinstance(zoe, Person)"
BETWEEN = "words = sorted(['b', 'a'])"  # more than a definition: the notebook goes on


@pytest.mark.parametrize("between", ["", BETWEEN])
def test_what_a_test_has_made_is_met_by_the_next(zygote: Zygote, between: str) -> None:
    """Objects that a test has made stay what they are, and hold one another, after an answer too."""
    small = Small().answer(PERSON).grading(MADE)
    if between:
        small.answer(between)
    made, used = small.grading(USED).grade(zygote, prove=True).verdicts.values()
    assert (made.earned, used.earned) == (2, 2), used.traces


def test_tests_go_on_where_those_before_have_stopped(zygote: Zygote) -> None:
    """A cell that ends its process costs itself only: the next tests still meet what the one before has changed."""
    small = Small().answer("class Till:\n    total = 0\n    def pay(self, n): self.total += n\ntill = Till()")
    small.own("import os\nos._exit(1)").grading("till.pay(5)\nassert till.total == 5")
    small.grading("till.pay(2)\nassert till.total == 7")
    assert [each.earned for each in small.grade(zygote, prove=True).verdicts.values()] == [2, 2]


def test_the_lesson_is_counted_once(zygote: Zygote) -> None:
    """However a notebook is gone through, what a cell of the lesson does to a class is done once in the tests below."""
    counted = "class Seat:\n    sold = 0\n    def __init__(self): Seat.sold += 1"
    for own in ("", "import os\nos._exit(1)"):
        small = Small().answer(counted).lesson("a, b = Seat(), Seat()").own(own)
        (verdict,) = (
            small.grading("assert Seat.sold == 2 and isinstance(a, Seat)").grade(zygote, prove=True).verdicts.values()
        )
        assert verdict.earned == 2, verdict.traces


@pytest.mark.parametrize(
    "sent",
    [
        "def __reduce__(self): return (int, (70,))",
        "def __reduce__(self): import os; os._exit(1)",
        "def __reduce__(self): 1/0",
    ],
)
def test_what_an_object_is_sent_as_earns_nothing(zygote: Zygote, sent: str) -> None:
    """An object that goes to the next tests as something else is not found there, and the cell is missed."""
    small = Small().answer(f"class Person:\n    {sent}", "class Person: pass").grading("zoe = Person()")
    small.answer(f"{BETWEEN}\ndef name_of(each): return 'Zoe'").grading("assert name_of(zoe) == 'Zoe'")
    made, used = small.grade(zygote, prove=True).verdicts.values()
    assert (made.earned, used.earned) == (2, 0)


def test_looking_for_objects_ends() -> None:
    """A list that holds itself, or very many, costs no more than any other."""
    endless: list[object] = []
    endless += [endless, [endless], {"a": endless}]
    assert list(remotes_in(endless)) == []
    assert list(remotes_in([[[number] for number in range(900)]] * 900)) == []


def test_an_object_of_a_class_that_another_cell_of_the_lesson_defines_is_the_students(zygote: Zygote) -> None:
    """A method that an answer calls on it has changed it, whichever cell of the lesson has the class."""
    small = Small().lesson("class Age:\n    n = 30\n    def add(self, k): self.n += k").lesson("age = Age()")
    (verdict,) = small.answer("age.add(-1)").grading("assert age.n == 29").grade(zygote, prove=True).verdicts.values()
    assert verdict.earned == 2, verdict.traces


def test_a_function_that_the_lesson_calls_stays_with_the_cell_that_asked_for_it(zygote: Zygote) -> None:
    """A test that deletes a name meets its own fork still, though a cell of the lesson and a test below use it too."""
    deleting = (
        "kept = ef\ndel ef\ntry:\n    acc(1)\nexcept NameError:\n    pass\nelse:\n    raise AssertionError\n"
        "finally:\n    ef = kept"
    )
    small = Small().lesson(SETUP).answer("def ef(x): return x").answer("def acc(x): return ef(x) + 1").grading(deleting)
    small.lesson("shown = acc(1)").answer("two = ef(2)").grading("assert acc(1) == two")
    assert [verdict.earned for verdict in small.grade(zygote, prove=True).verdicts.values()] == [2, 2]
