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
# # Functions
#
# Write the functions below; run the cell under each to check it.

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math
import random


# %% nbgrader={"grade": false, "grade_id": "squares", "locked": false, "schema_version": 3, "solution": true, "task": false}
def squares(n):
    """Return the squares of the numbers from 1 to n; ValueError where n is below 1."""
    ### BEGIN SOLUTION
    if n < 1:
        raise ValueError("n must be at least 1")
    return [i**2 for i in range(1, n + 1)]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "squares-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
assert squares(1) == [1]
assert squares(2) == [1, 4]
for length in (3, 5, 11):
    assert len(squares(length)) == length, "one square for each number"
assert squares(10)[-1] == 100

# %% nbgrader={"grade": true, "grade_id": "squares-error-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
try:
    squares(0)
except ValueError:
    pass
else:
    raise AssertionError("did not raise")


# %% nbgrader={"grade": false, "grade_id": "sum-of-squares", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sum_of_squares(n):
    """Return the sum of the squares of the numbers from 1 to n, by means of squares."""
    ### BEGIN SOLUTION
    return sum(squares(n))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "sum-of-squares-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
assert sum_of_squares(1) == 1
assert sum_of_squares(10) == 385
### BEGIN HIDDEN TESTS
assert sum_of_squares(100) == 338350
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "sum-of-squares-uses-squares", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
kept_squares = squares
del squares
try:
    sum_of_squares(1)
except NameError:
    pass
else:
    raise AssertionError("sum_of_squares does not use squares")
finally:
    squares = kept_squares
assert sum_of_squares(3) == 14

# %% nbgrader={"grade": true, "grade_id": "squares-replaced", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
kept_squares, asked = squares, []


def squares(n):
    asked.append(n)
    return [1] * n


assert sum_of_squares(4) == 4
assert asked == [4]
squares = kept_squares

# %% nbgrader={"grade": true, "grade_id": "shared-table", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
expected_table = {n: n * (n + 1) * (2 * n + 1) // 6 for n in range(1, 8)}
assert sum_of_squares(7) == expected_table[7]

# %% nbgrader={"grade": true, "grade_id": "shared-table-again", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
expected_table = {n: value for n, value in expected_table.items() if n > 2}
for n, value in expected_table.items():
    assert sum_of_squares(n) == value
assert sorted(expected_table) == [3, 4, 5, 6, 7]


# %% nbgrader={"grade": false, "grade_id": "with-functions", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN SOLUTION
def twice(f, x):
    return f(f(x))


def integrate(f, a, b, n=1000):
    step = (b - a) / n
    return sum(f(a + (i + 0.5) * step) for i in range(n)) * step


def by(items, key):
    return sorted(items, key=key)


def counted(f):
    def wrapper(*args):
        wrapper.calls += 1
        return f(*args)

    wrapper.calls = 0
    return wrapper


def careful(f, otherwise):
    try:
        return f()
    except ValueError:
        return otherwise


def running(numbers):
    total = 0
    for number in numbers:
        total += number
        yield total


def first(n, numbers):
    return [next(numbers) for _ in range(n)]


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "functions-as-arguments", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
def add3(x):
    return x + 3


assert twice(add3, 1) == 7
assert twice(lambda text: text + "!", "hi") == "hi!!"
assert math.isclose(integrate(lambda x: x**2, 0, 1), 1 / 3, rel_tol=1e-5)
assert abs(integrate(math.sin, 0, math.pi) - 2) < 1e-5
assert by(["ccc", "a", "bb"], key=len) == ["a", "bb", "ccc"]
assert by([3, -5, 1], lambda n: -abs(n)) == [-5, 3, 1]


# %% nbgrader={"grade": true, "grade_id": "functions-that-fail", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def bad():
    raise ValueError("not today")


class Elsewhere(Exception):
    pass


def worse():
    raise Elsewhere("not caught")


assert careful(bad, 0) == 0
assert careful(lambda: 5, 0) == 5
try:
    careful(worse, 0)
except Elsewhere as error:
    assert str(error) == "not caught"
else:
    raise AssertionError


# %% nbgrader={"grade": true, "grade_id": "decorated", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
@counted
def doubled(x):
    return 2 * x


assert doubled(2) == 4
assert [doubled(n) for n in range(3)] == [0, 2, 4]
assert doubled.calls == 4

# %% nbgrader={"grade": true, "grade_id": "generators", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
import itertools
import types

assert isinstance(running([1]), types.GeneratorType)
assert list(running(n for n in (1, 2, 3))) == [1, 3, 6]
assert list(itertools.islice(running(itertools.count(1)), 4)) == [1, 3, 6, 10]
assert first(3, itertools.count(5)) == [5, 6, 7]

# %% nbgrader={"grade": true, "grade_id": "partial-credit", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
score = 0
if twice(abs, -2) == 2:
    score += 1
if list(running([])) == []:
    score += 2
score


# %% nbgrader={"grade": false, "grade_id": "printing", "locked": false, "schema_version": 3, "solution": true, "task": false}
def greet(name):
    """Print Hello and the name."""
    ### BEGIN SOLUTION
    print("Hello,", name)
    ### END SOLUTION


def next_age():
    """Ask for an age, and return the next one."""
    ### BEGIN SOLUTION
    return int(input("Your age? ")) + 1
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "printing-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
import io
import sys
from contextlib import redirect_stdout

out = io.StringIO()
with redirect_stdout(out):
    greet("Ann")
assert out.getvalue() == "Hello, Ann\n"
kept, sys.stdout = sys.stdout, io.StringIO()
greet("Bo")
said, sys.stdout = sys.stdout.getvalue(), kept
assert said.strip().endswith("Bo")

# %% nbgrader={"grade": true, "grade_id": "input-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from unittest.mock import patch

with patch("builtins.input", return_value="41"):
    assert next_age() == 42
with patch("builtins.input", side_effect=["1", "2"]) as asking:
    assert next_age() + next_age() == 5
    assert asking.call_count == 2
with patch("builtins.print") as printed:
    greet("Cy")
printed.assert_called_once_with("Hello,", "Cy")


# %% nbgrader={"grade": false, "grade_id": "dice", "locked": false, "schema_version": 3, "solution": true, "task": false}
def roll(times):
    """Return as many throws of a die, by random.randint."""
    ### BEGIN SOLUTION
    return [random.randint(1, 6) for _ in range(times)]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "dice-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
random.seed(7)
throws = roll(5)
random.seed(7)
assert roll(5) == throws
dice = random.Random(7)
assert throws == [dice.randint(1, 6) for _ in range(5)]
assert set(roll(200)) == {1, 2, 3, 4, 5, 6}


# %% nbgrader={"grade": false, "grade_id": "area", "locked": false, "schema_version": 3, "solution": true, "task": false}
def area(width, height=2):
    """Return the area of a rectangle."""
    ### BEGIN SOLUTION
    total = 0
    for _ in range(height):
        total += width
    return total
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "area-text", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
import inspect

signature = inspect.signature(area)
assert list(signature.parameters) == ["width", "height"]
assert signature.parameters["height"].default == 2
assert "for " in inspect.getsource(area), "with a loop"
assert "*" not in inspect.getsource(area).split('"""')[2]
assert area.__doc__.startswith("Return") and area.__name__ == "area" and callable(area)
assert area(3) == 6 and area(3, 4) == 12


# %% nbgrader={"grade": false, "grade_id": "in-place", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sort_in_place(numbers):
    """Sort a list, and return that same list."""
    ### BEGIN SOLUTION
    numbers.sort()
    return numbers
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "in-place-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
numbers = [3, 1, 2]
assert sort_in_place(numbers) == [1, 2, 3]
assert numbers == [1, 2, 3]

# %% nbgrader={"grade": true, "grade_id": "in-place-identity", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
numbers = [2, 1]
assert sort_in_place(numbers) is numbers
assert sort_in_place.__code__.co_argcount == 1


# %% nbgrader={"grade": false, "grade_id": "mean", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mean(numbers):
    """Return the mean of some numbers; ValueError where there is none."""
    ### BEGIN SOLUTION
    if not numbers:
        raise ValueError("no numbers")
    return sum(numbers) / len(numbers)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "mean-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from checks import raises, run_tests


def test_two_numbers():
    """The mean of 1 and 2 is 1.5."""
    assert mean([1, 2]) == 1.5


def test_one_number():
    """The mean of one number is the number."""
    assert mean([3]) == 3


def test_no_number():
    """There is no mean of nothing: ValueError."""
    with raises(ValueError):
        mean([])


### BEGIN HIDDEN TESTS
def test_below_zero():
    """The mean of numbers below zero is below zero."""
    assert mean([-1, -2, -6]) == -3


### END HIDDEN TESTS
run_tests(points=4)

# %% [markdown] nbgrader={"grade": true, "grade_id": "why", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# Why can `sort_in_place` return nothing useful for a tuple?
