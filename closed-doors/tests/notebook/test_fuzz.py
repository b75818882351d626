"""Notebooks of every shape, made by a grammar: refused in a sentence, or rebuilt with nothing of the student's lost."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import nbformat
from hypothesis import given, settings
from hypothesis import strategies as st

from closed_doors.core.errors import SubmissionError
from closed_doors.grading.one_notebook import remarks_on
from closed_doors.grading.verdict.autograded_notebook import disarm, put_on_top
from closed_doors.notebook.ingest import left_of, parse_submission
from closed_doors.notebook.json_files import JsonObject
from closed_doors.notebook.plan import plan
from closed_doors.notebook.rebuild import rebuild
from closed_doors.notebook.recognise import master_cells, recognise
from closed_doors.notebook.which_notebook import candidate
from support.honest_work import DOUBLE, MASTER, STUBS, WHOLE
from support.pictures import blank_png
from support.works import PICTURE

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from([*WHOLE, "inconnue", "", "double", "pourquoi", "\x1b[2J", "\ud800"])
MARKS = st.fixed_dictionaries({}, optional={"grade_id": NAMES | JUNK, "solution": JUNK, "grade": JUNK, "points": JUNK})
NAMED = st.fixed_dictionaries({"nbgrader": st.fixed_dictionaries({"grade_id": NAMES})})
METADATA = NAMED | NAMED | st.fixed_dictionaries({}, optional={"nbgrader": MARKS | JUNK, "tags": JUNK}) | JUNK
TEXTS = st.sampled_from(
    [
        *(str(one["source"]) for one in MASTER["cells"]),
        *(STUBS.handed_out(one) for one in MASTER["cells"]),
        *(
            DOUBLE,
            "x = (",
            "%pip install x",
            "Ma réponse.",
            "![a](attachment:a)",
            "<img src='attachment:b'>",
            "\r\n\x00",
        ),
        f"![a](data:image/png;base64,{PICTURE}) ![b](data:image/svg+xml;base64,AAAA)",
        *("data:image/png;base64,", "\ud800", "![", "# é\u0301\u202e", "\x1b]0;x\x07", "a" * 2000),
    ]
) | st.text(max_size=20)
SOURCES = TEXTS | st.lists(TEXTS, max_size=3) | JUNK
PICTURES = st.sampled_from([PICTURE, "", "@@", base64.b64encode(blank_png(9000, 9000)).decode()])
BUNDLES = st.dictionaries(
    st.sampled_from(["image/png", "image/jpeg", "image/svg+xml", "x"]), PICTURES | JUNK, max_size=2
)
ATTACHMENTS = st.dictionaries(st.sampled_from(["a", "b", "é )", "\ud800"]), BUNDLES | JUNK, max_size=2) | JUNK
KINDS = st.sampled_from(["code", "markdown", "raw"])
HONEST = st.fixed_dictionaries(
    {"cell_type": KINDS, "source": TEXTS | st.lists(TEXTS, max_size=3), "metadata": METADATA},
    optional={"attachments": ATTACHMENTS, "outputs": JUNK, "id": JUNK | NAMES},
)
CELLS = st.lists(HONEST, max_size=9)
ODD = st.fixed_dictionaries(
    {}, optional={"cell_type": KINDS | JUNK, "source": SOURCES, "metadata": METADATA, "attachments": ATTACHMENTS}
)
NOTEBOOKS = st.fixed_dictionaries(
    {"nbformat": st.just(4), "cells": CELLS},
    optional={"metadata": JUNK, "nbformat_minor": JUNK, "worksheets": JUNK},
)
ODD_NOTEBOOKS = st.fixed_dictionaries(
    {}, optional={"nbformat": st.just(4) | JUNK, "cells": st.lists(ODD | JUNK, max_size=5) | JUNK, "metadata": JUNK}
)


def written(notebook: Any) -> bytes:
    return json.dumps(notebook).encode()


def reached(data: bytes) -> bool:
    """Take bytes as far as they go; whether that is to the end, and a refusal names the file."""
    try:
        through(data)
    except SubmissionError as error:
        return "n.ipynb" in str(error)
    return True


def through(data: bytes) -> Any:
    """Take a notebook as far as grading: read, rebuilt and planned."""
    submitted = parse_submission(left_of((data,), "n.ipynb"), "n.ipynb")
    built = rebuild(MASTER, submitted, STUBS)
    plan(MASTER, built.notebook)
    return submitted, built


def own_texts(submitted: JsonObject) -> Iterator[tuple[str | None, str]]:
    """Return the texts of the cells that are not locked ones of the master's, each with the cell's name."""
    recognised = recognise(master_cells(MASTER, STUBS), submitted["cells"])
    for place, one in enumerate(submitted["cells"]):
        name = recognised.get(place) or one["metadata"].get("nbgrader", {}).get("grade_id")
        if name not in WHOLE or WHOLE[name]["metadata"]["nbgrader"]["solution"]:
            yield name, one["source"]


@settings(max_examples=300, deadline=None)
@given(NOTEBOOKS)
def test_a_notebook_is_rebuilt_and_nothing_is_lost(notebook: dict[str, Any]) -> None:
    """What is the master's stays the master's, and each text of the student's stands in a cell or is named."""
    submitted, built = through(written(notebook))
    cells = built.notebook["cells"]
    locked = [one for one in cells if one["metadata"].get("nbgrader", {}).get("locked")]
    assert [one["source"] for one in locked] == [
        one["source"] for one in MASTER["cells"] if one["metadata"]["nbgrader"]["locked"]
    ]
    everything = "\n".join(one["source"] for one in cells)
    overwritten = {finding.grade_id for finding in built.findings if finding.what == "overwritten"}
    for name, source in own_texts(submitted):
        if "attachment:" not in source and name not in overwritten:
            assert all(line in everything for line in source.splitlines())
    remarks = remarks_on(built.findings)
    disarm(built.notebook)
    put_on_top(built.notebook, remarks)
    json.dumps(built.notebook).encode("utf-8", "replace")
    nbformat.validate(nbformat.from_dict(built.notebook), relax_add_props=False)


@settings(max_examples=300, deadline=None)
@given(ODD_NOTEBOOKS | JUNK)
def test_what_is_no_notebook_is_refused_in_a_sentence(notebook: object) -> None:
    """There is no error but the one that says what is wrong with the file."""
    data = written(notebook)
    candidate(("n.json",), data)
    assert reached(data)


@settings(max_examples=200, deadline=None)
@given(NOTEBOOKS, st.integers(0, 2000), st.binary(max_size=5))
def test_damaged_bytes_are_refused_in_a_sentence(notebook: dict[str, Any], place: int, junk: bytes) -> None:
    """Nor for a file that was cut, or in which some bytes are others."""
    data = written(notebook)
    for damaged in (data[:place], data[:place] + junk + data[place + len(junk) :]):
        assert reached(damaged)


def test_the_grammar_reaches_deep() -> None:
    """The notebooks that are made do reach what they are made for: answers, copies, pictures, texts beside answers."""
    seen: set[str] = set()

    @settings(max_examples=400, deadline=None, database=None)
    @given(NOTEBOOKS)
    def look(notebook: dict[str, Any]) -> None:
        seen.update(finding.what for finding in through(written(notebook))[1].findings)

    look()
    assert seen >= {"missing", "duplicated", "unknown", "recognised", "picture", "added"}, seen
