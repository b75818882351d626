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
# # Tables, dates and arrays
#
# The stations' rain lies in `data/rain.csv`; `stations.py` and the package `units` are there to help.

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
import datetime as dt
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import stations
from units.lengths import inches


# %% nbgrader={"grade": false, "grade_id": "frames", "locked": false, "schema_version": 3, "solution": true, "task": false}
def read_rain():
    """Return the table of data/rain.csv."""
    ### BEGIN SOLUTION
    return pd.read_csv(Path("data") / "rain.csv", parse_dates=["day"])
    ### END SOLUTION


def wettest(rain):
    """Return each station's most rain on a day, by the station's full name."""
    ### BEGIN SOLUTION
    most = rain.groupby("station")["mm"].max()
    return most.rename(index=stations.NAMES).rename_axis("name")
    ### END SOLUTION


def in_inches(rain):
    """Add a column of inches to a copy of the table."""
    ### BEGIN SOLUTION
    return rain.assign(inches=[inches(mm) for mm in rain["mm"]])
    ### END SOLUTION


def drop_dry(rain):
    """Take the column `dry` out of the table itself."""
    ### BEGIN SOLUTION
    rain.pop("dry")
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "frames-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
rain = read_rain()
assert rain.shape == (6, 3) and list(rain.columns) == ["station", "day", "mm"]
assert rain["day"].dt.day.tolist() == [1, 2, 3, 1, 2, 3] and rain.day[0] == pd.Timestamp("2026-03-01")
found = wettest(rain)
assert found["Bern"] == 7.5 and found.index.name == "name"
pd.testing.assert_series_equal(found, pd.Series({"Bern": 7.5, "Genève": 3.0}, name="mm").rename_axis("name"))

# %% nbgrader={"grade": true, "grade_id": "frames-in-inches", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
small = pd.DataFrame({"mm": [25.4, 0.0]}, index=["x", "y"])
pd.testing.assert_frame_equal(
    in_inches(small), pd.DataFrame({"mm": [25.4, 0.0], "inches": [1.0, 0.0]}, index=["x", "y"])
)
assert "inches" not in small, "the table that was given stays as it is"
assert (in_inches(small)["inches"] == [1.0, 0.0]).all()

# %% nbgrader={"grade": true, "grade_id": "frames-changed", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
dry = pd.DataFrame({"mm": [1.0], "dry": [False]})
drop_dry(dry)
assert list(dry.columns) == ["mm"]

# %% nbgrader={"grade": true, "grade_id": "helper-module", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
import stations as theirs

assert set(theirs.NAMES.values()) == set(wettest(read_rain()).index)
assert inches(254) == 10


# %% nbgrader={"grade": false, "grade_id": "moments", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN SOLUTION
def a_week_later(day):
    return day + dt.timedelta(days=7)


def share(part, whole):
    return Fraction(part, whole)


def price(text):
    return Decimal(text).quantize(Decimal("0.05"))


def days(start, n):
    return np.datetime64(start) + np.arange(n)


### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "moments-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
assert a_week_later(dt.date(2024, 2, 26)) == dt.date(2024, 3, 4)
assert isinstance(a_week_later(dt.datetime(2024, 1, 1, 5, 30)), dt.datetime)
assert a_week_later(dt.datetime(2024, 1, 1, 5, 30)).hour == 5
assert share(2, 6) == Fraction(1, 3) and share(2, 6).denominator == 3
assert price("1.02") == Decimal("1.00") or price("1.02") == Decimal("1.02").quantize(Decimal("0.05"))
assert isinstance(price("2"), Decimal)
assert days("2024-02-28", 3)[2] == np.datetime64("2024-03-01")
assert days("2024-02-28", 3).dtype == np.dtype("datetime64[D]")


# %% nbgrader={"grade": false, "grade_id": "arrays", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN SOLUTION
def apply(f, values):
    return f(values)


def noisy(rng, n):
    return rng.normal(loc=1.0, size=n)


def valid(values):
    return np.ma.masked_less(values, 0)


def shifted(values):
    return values + 1


def ragged():
    return np.array([[1], [2, 3]], dtype=object)


def throw():
    return np.random.randint(6, size=3)


### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "arrays-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
np.testing.assert_allclose(apply(np.sin, np.zeros(3)), 0)
np.testing.assert_array_equal(apply(np.cumsum, np.arange(4)), [0, 1, 3, 6])
assert apply(np.add.reduce, np.ones((2, 2))).tolist() == [2.0, 2.0]
np.testing.assert_allclose(noisy(np.random.default_rng(3), 4), np.random.default_rng(3).normal(loc=1.0, size=4))
hidden = valid(np.array([1, -1, 2]))
assert hidden.sum() == 3 and list(hidden.mask) == [False, True, False]
assert ragged().shape == (2,) and ragged()[1] == [2, 3]

# %% nbgrader={"grade": true, "grade_id": "arrays-large", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
big = np.zeros((6, 1000, 1000))
assert big.nbytes == 48_000_000
assert shifted(big).sum() == 6e6
assert big.sum() == 0

# %% nbgrader={"grade": true, "grade_id": "arrays-seed", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
np.random.seed(5)
drawn = throw()
np.random.seed(5)
np.testing.assert_array_equal(throw(), drawn)
np.testing.assert_array_equal(drawn, np.random.RandomState(5).randint(6, size=3))

# %% nbgrader={"grade": false, "grade_id": "figure", "locked": false, "schema_version": 3, "solution": true, "task": false}
import matplotlib.pyplot as plt


def draw(rain):
    """Draw each station's rain, with a title and names of the axes."""
    ### BEGIN SOLUTION
    for station, of_one in rain.groupby("station"):
        plt.plot(of_one["day"], of_one["mm"], label=station)
    plt.title("Rain")
    plt.ylabel("mm")
    plt.legend()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "figure-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
plt.close("all")
draw(read_rain())
ax = plt.gca()
assert ax.get_title() == "Rain" and ax.get_ylabel() == "mm"
assert len(ax.lines) == 2
assert list(ax.lines[0].get_ydata()) == [0.0, 7.5, 1.0]
assert [text.get_text() for text in ax.get_legend().get_texts()] == ["BE", "GE"]
