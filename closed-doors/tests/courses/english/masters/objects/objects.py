# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] nbgrader={"grade": false, "grade_id": "title", "locked": true, "schema_version": 3, "solution": false, "task": false}
# # Classes
#
# A vector, an account, and what goes wrong with them.

# %% nbgrader={"grade": false, "grade_id": "vector", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Vector:
    """A vector of the plane."""

    ### BEGIN SOLUTION
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __mul__(self, k):
        return Vector(self.x * k, self.y * k)

    __rmul__ = __mul__

    def __neg__(self):
        return -1 * self

    def __eq__(self, other):
        return isinstance(other, Vector) and (self.x, self.y) == (other.x, other.y)

    def __hash__(self):
        return hash((self.x, self.y))

    def __lt__(self, other):
        return abs(self) < abs(other)

    def __abs__(self):
        return (self.x**2 + self.y**2) ** 0.5

    def __bool__(self):
        return bool(self.x or self.y)

    def __len__(self):
        return 2

    def __iter__(self):
        return iter((self.x, self.y))

    def __getitem__(self, place):
        return (self.x, self.y)[place]

    def __contains__(self, value):
        return value in (self.x, self.y)

    def __str__(self):
        return f"({self.x}, {self.y})"

    def __repr__(self):
        return f"Vector({self.x}, {self.y})"

    def __call__(self, k):
        return self * k

    ### END SOLUTION


def longest(vectors):
    """Return the longest of some vectors."""
    ### BEGIN SOLUTION
    return max(vectors, key=abs)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "vector-arithmetic", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
v, w = Vector(1, 2), Vector(3, 4)
assert isinstance(v, Vector) and not isinstance(3.5, Vector)
assert (v + w).x == 4 and (v + w).y == 6
assert v + w == Vector(4, 6) and v != w
assert v * 3 == Vector(3, 6) == 3 * v
assert -v == Vector(-1, -2)
assert abs(w) == 5 and v(2) == Vector(2, 4)
assert not Vector(0, 0) and v

# %% nbgrader={"grade": true, "grade_id": "vector-text", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
assert str(v) == "(1, 2)"
assert repr(v) == "Vector(1, 2)"
assert f"{w}" == "(3, 4)"
assert "%s and %r" % (v, w) == "(1, 2) and Vector(3, 4)"

# %% nbgrader={"grade": true, "grade_id": "vector-sequence", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
assert len(v) == 2 and list(v) == [1, 2] and v[1] == 2 and v[-2] == 1
x, y = w
assert (x, y) == (3, 4)
assert 3 in w and 7 not in w
assert max(w) == 4 and sum(w) == 7 and tuple(reversed(list(w))) == (4, 3)

# %% nbgrader={"grade": true, "grade_id": "vector-order", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
assert v < w
assert sorted([w, v])[0] == v and min(w, v) == v
assert len({Vector(1, 2), Vector(1, 2), Vector(2, 1)}) == 2
assert {v: "short"}[Vector(1, 2)] == "short"

# %% nbgrader={"grade": true, "grade_id": "vector-given-back", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
vectors = [Vector(1, 0), Vector(3, 4), Vector(2, 2)]
assert longest(vectors) == vectors[1]
assert longest(vectors) is vectors[1]
assert type(longest(vectors)).__name__ == "Vector"


# %% nbgrader={"grade": false, "grade_id": "account", "locked": false, "schema_version": 3, "solution": true, "task": false}
class PoorError(ValueError):
    """There is not enough money."""

    ### BEGIN SOLUTION
    def __init__(self, missing):
        super().__init__(f"{missing} missing")
        self.missing = missing

    ### END SOLUTION


class Account:
    """Somebody's money."""

    ### BEGIN SOLUTION
    count = 0

    def __init__(self, owner, balance=0):
        self.owner, self.balance = owner, balance
        Account.count += 1

    def pay(self, amount):
        if amount > self.balance:
            raise PoorError(amount - self.balance)
        self.balance -= amount
        return self

    ### END SOLUTION


class Saving(Account):
    """An account with interest."""

    ### BEGIN SOLUTION
    rate = 2

    @property
    def interest(self):
        return self.balance * self.rate / 100

    @staticmethod
    def bank():
        return "B"

    @classmethod
    def empty(cls):
        return cls("nobody")

    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "account-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
before = Account.count
a = Account("ann", 10)
assert Account.count == before + 1
assert a.pay(3).balance == 7 and a.pay(1).pay(1).balance == 5
a.balance = 20
a.pay(5)
assert a.balance == 15
assert hasattr(a, "owner") and not hasattr(a, "debt") and getattr(a, "owner") == "ann"
assert vars(a) == {"owner": "ann", "balance": 15}

# %% nbgrader={"grade": true, "grade_id": "account-errors", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
import unittest

import pytest

with pytest.raises(PoorError, match="4 missing") as caught:
    Account("bo", 1).pay(5)
assert caught.value.missing == 4 and issubclass(PoorError, ValueError)
try:
    Account("bo", 1).pay(2)
except PoorError as error:
    assert error.args == ("1 missing",)
else:
    raise AssertionError("nothing was raised")
unittest.TestCase().assertRaises(ValueError, Account("bo").pay, 1)

# %% nbgrader={"grade": true, "grade_id": "account-again", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
assert a.owner == "ann" and a.balance == 15
s = Saving("cy", 100)
assert isinstance(s, Account) and issubclass(Saving, Account) and s.interest == 2
assert Saving.bank() == "B" and Saving.empty().owner == "nobody"

# %% nbgrader={"grade": false, "grade_id": "savers", "locked": true, "schema_version": 3, "solution": false, "task": false}
dan, eve = Account("dan", 5), Saving("eve", 50)
savers = [dan, eve]

# %% nbgrader={"grade": false, "grade_id": "fees", "locked": false, "schema_version": 3, "solution": true, "task": false}
# Everybody pays 2, and dan's account is written to eve's as its friend's.
### BEGIN SOLUTION
for each in savers:
    each.pay(2)
savers[1].friend = dan
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "fees-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
assert [each.balance for each in savers] == [3, 48] and dan.balance == 3
assert "friend" in dir(eve) and eve.friend.owner == "dan"
dan.pay(1)
assert savers[0].balance == 2

# %% nbgrader={"grade": false, "grade_id": "values", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections import Counter, deque, namedtuple
from dataclasses import dataclass
from enum import Enum

### BEGIN SOLUTION
Pair = namedtuple("Pair", "left right")


@dataclass
class Place:
    name: str
    height: int = 0


class Colour(Enum):
    RED = 1
    BLUE = 2


class Node:
    def __init__(self, value, rest=None):
        self.value, self.rest = value, rest


def swapped(pair):
    return Pair(pair.right, pair.left)


def letters(text):
    return Counter(text)


def last(numbers, n):
    return deque(numbers, maxlen=n)


### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "values-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
pair = swapped(Pair(1, 2))
assert pair == (2, 1) and pair.left == 2 and isinstance(pair, Pair) and pair._asdict() == {"left": 2, "right": 1}
assert Place("Bern") == Place("Bern", 0) and repr(Place("Bern", 540)) == "Place(name='Bern', height=540)"
assert Colour.RED.value == 1 and Colour(2) is Colour.BLUE and len(Colour) == 2
n = Node(1, Node(2))
n.rest.rest = Node(3)
values = []
while n is not None:
    values.append(n.value)
    n = n.rest
assert values == [1, 2, 3]

# %% nbgrader={"grade": true, "grade_id": "collections-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
assert letters("aab").most_common(1) == [("a", 2)]
queue = last(range(5), 3)
queue.append(9)
assert list(queue) == [3, 4, 9] and queue.maxlen == 3


# %% nbgrader={"grade": false, "grade_id": "meetings", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN SOLUTION
def notify(sender, names):
    for name in names:
        sender.send(name, urgent=True)


def perimeter(shape):
    return sum(shape.sides()) * shape.scale


### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "meetings-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from unittest.mock import Mock, call

m = Mock()
notify(m, ["ann", "bo"])
assert m.send.call_args_list == [call("ann", urgent=True), call("bo", urgent=True)]


class Square:
    scale = 2

    def sides(self):
        return [1, 1, 1, 1]


assert perimeter(Square()) == 8


# %% nbgrader={"grade": false, "grade_id": "records", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN SOLUTION
import os
import random
import sys
import warnings
from enum import IntEnum


@dataclass
class Item:
    name: str
    price: float = 0.0


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Basket(list):
    def total(self):
        return sum(item.price for item in self)


class Ignoring:
    def __init__(self, kind):
        self.kind = kind

    def __enter__(self):
        return self

    def __exit__(self, kind, error, where):
        self.seen = error
        return kind is not None and issubclass(kind, self.kind)


def throw():
    return random.randint(1, 6)


def home():
    return os.environ.get("PLACE", "nowhere")


def root_of(x):
    if x < 0:
        warnings.warn("negative", RuntimeWarning)
    return abs(x) ** 0.5


def complain(text):
    print(text, file=sys.stderr)


### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "records-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
import copy
from dataclasses import asdict

assert asdict(Item("tea", 2.5)) == {"name": "tea", "price": 2.5}
assert Level["LOW"] is Level.LOW and [level.name for level in Level] == ["LOW", "HIGH"] and Level.HIGH > 1
b = Basket([Item("tea", 2.5)])
c = copy.deepcopy(b)
c.append(Item("milk", 1))
assert b.total() == 2.5 and c.total() == 3.5 and len(b) == 1 and isinstance(b, list)
assert type(b) is Basket and b[0].__class__ == Item

# %% nbgrader={"grade": true, "grade_id": "records-left", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with Ignoring(ValueError) as ignoring:
    raise ValueError("odd")
assert str(ignoring.seen) == "odd"

# %% nbgrader={"grade": true, "grade_id": "records-around", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
import io
import os
from contextlib import redirect_stderr
from unittest.mock import patch

with patch("random.randint", return_value=4) as chance:
    assert throw() == 4
chance.assert_called_once_with(1, 6)
with patch.dict(os.environ, {"PLACE": "Bern"}):
    assert home() == "Bern"
with pytest.warns(RuntimeWarning, match="negative"):
    assert root_of(-4) == 2
with redirect_stderr(io.StringIO()) as said:
    complain("late")
assert said.getvalue() == "late\n"
before = throw()

# %% nbgrader={"grade": false, "grade_id": "records-later", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN SOLUTION
twice = 2 * before
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "records-later-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
assert twice in range(2, 13, 2)
