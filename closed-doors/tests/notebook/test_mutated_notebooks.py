"""Valid notebooks as nbgrader hands them out, changed in their structure: refused in a sentence, or rebuilt whole.

FUZZ says how many times as many are tried: `FUZZ=50 pytest …`.
"""

import copy
import json
import os
import resource
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from closed_doors.core.errors import SubmissionError
from closed_doors.grading.one_notebook import remarks_on
from closed_doors.grading.verdict.autograded_notebook import disarm, put_on_top
from closed_doors.notebook.ingest import left_of, parse_submission
from closed_doors.notebook.plan import plan
from closed_doors.notebook.rebuild import rebuild
from support.honest_work import MASTER, STUBS

TIMES = int(os.environ.get("FUZZ", "1"))
MOST_MIB = 256
HANDED_OUT = json.loads(
    json.dumps({**MASTER, "cells": [{**c, "source": STUBS.handed_out(c)} for c in MASTER["cells"]]})
)
ODD: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["\ud800", "\x00"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


def deep(levels: int) -> Any:
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


VALUES = ODD | st.sampled_from([deep(60), 10**400, -0.0, "x" * 100_000, ["\n"] * 2000, {"": {}}])


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a notebook where something stands."""
    found = [path] if path else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        found += places(item, (*path, key))
    return found


def at(notebook: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        notebook = notebook[key]
    return notebook


@st.composite
def mutated(draw: Any) -> Any:
    """A notebook that was handed out, with one to six changes anywhere in its structure."""
    notebook = copy.deepcopy(HANDED_OUT)
    for _ in range(draw(st.integers(1, 6))):
        every = places(notebook)
        if not every:
            break
        path = draw(st.sampled_from(every))
        parent, key = at(notebook, path[:-1]), path[-1]
        match draw(st.sampled_from(["replace", "remove", "twice", "elsewhere", "wrap", "swap", "lines"])):
            case "replace":
                parent[key] = copy.deepcopy(draw(VALUES))  # what is drawn is shared
            case "remove":
                del parent[key]
            case "twice" if isinstance(parent, list):
                parent.insert(draw(st.integers(0, len(parent))), copy.deepcopy(parent[key]))
            case "elsewhere":
                parent[key] = copy.deepcopy(at(notebook, draw(st.sampled_from(every))))
            case "wrap":
                parent[key] = [parent[key]]
            case "swap" if isinstance(parent, list):
                other = draw(st.integers(0, len(parent) - 1))
                parent[key], parent[other] = parent[other], parent[key]
            case "lines" if isinstance(parent[key], str):
                parent[key] = parent[key].splitlines(keepends=True)
    return notebook


def graded_as_far_as_code(data: bytes) -> Any:
    """Take a notebook as far as grading, and its remarks to where people read them."""
    submitted = parse_submission(left_of((data,), "n.ipynb"), "n.ipynb")
    built = rebuild(MASTER, submitted, STUBS)
    plan(MASTER, built.notebook)
    disarm(built.notebook)
    put_on_top(built.notebook, remarks_on(built.findings))
    json.dumps(built.notebook).encode("utf-8", "replace")
    return built


@settings(max_examples=100 * TIMES, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutated())
def test_a_changed_notebook_is_refused_in_a_sentence_or_rebuilt(notebook: Any) -> None:
    """No other error, none of the master's locked cells changed, and no more memory than its bound."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        built = graded_as_far_as_code(json.dumps(notebook).encode())
    except SubmissionError as error:
        refused = str(error)
    else:
        refused = ""
    finally:
        assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10 < MOST_MIB
    if refused:
        assert "n.ipynb" in refused
        return
    locked = [c["source"] for c in built.notebook["cells"] if c["metadata"].get("nbgrader", {}).get("locked")]
    assert locked == [c["source"] for c in MASTER["cells"] if c["metadata"]["nbgrader"]["locked"]]


def test_most_changed_notebooks_reach_grading() -> None:
    """Changes break few of them so much that nothing is left to grade."""
    reached: list[bool] = []

    @settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(mutated())
    def look(notebook: Any) -> None:
        try:
            graded_as_far_as_code(json.dumps(notebook).encode())
            reached.append(True)
        except SubmissionError:
            reached.append(False)

    look()
    assert sum(reached) > len(reached) / 2
