"""What honest students do to a notebook costs them nothing: it earns what it earns in an ordinary kernel."""

import copy
import json
from collections.abc import Callable
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from closed_doors.grading.one_notebook import remarks_on
from closed_doors.grading.processes.supervisor import grade
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.notebook.ingest import parse_submission
from closed_doors.notebook.instructor_code import run_cell
from closed_doors.notebook.plan import plan
from closed_doors.notebook.rebuild import rebuild
from closed_doors.notebook.submission_findings import Finding
from support.honest_work import DOUBLE, MASTER, STUBS, WHOLE, handed_in
from support.works import PICTURE


def at(notebook: Any, name: str) -> int:
    return next(n for n, one in enumerate(notebook["cells"]) if name_of(one) == name)


def name_of(one: Any) -> str:
    return str(one["metadata"].get("nbgrader", {}).get("grade_id", ""))


def own(source: str, kind: str = "code") -> Any:
    make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    return make(source)


def twice(notebook: Any, name: str, first: str, second: str) -> None:
    """Split a cell, as editors do: both parts carry its metadata."""
    place = at(notebook, name)
    other = copy.deepcopy(notebook["cells"][place])
    notebook["cells"][place]["source"], other["source"], other["id"] = first, second, "autre"
    notebook["cells"].insert(place + 1, other)


def halves(source: str) -> tuple[str, str]:
    place = source.rindex("\ndef ") + 1
    return source[:place], source[place:]


def marks(zygote: Zygote, notebook: Any) -> dict[str, float]:
    """What the real grader gives, by grading cell."""
    built = rebuild(MASTER, notebook, STUBS).notebook
    verdicts = grade(zygote, plan(MASTER, built)).verdicts
    return {name_of(built["cells"][index]): verdict.earned for index, verdict in verdicts.items()}


def ordinary_marks(notebook: Any, names: list[str] | None = None) -> dict[str, float]:
    """What one process that runs the cells in the student's order gives, grading cells as the master has them."""
    names = names or [name_of(one) for one in notebook["cells"]]
    namespace: dict[str, Any] = {"__name__": "__main__"}
    found = dict.fromkeys(("double-check", "triple-check"), 0.0)
    for number, (one, name) in enumerate(zip(notebook["cells"], names, strict=True)):
        if one["cell_type"] != "code" and name not in found:
            continue
        source = WHOLE[name]["source"] if name in found else one["source"]
        try:
            value = run_cell(source, namespace, f"<ordinaire {number}>")
        except Exception:
            continue
        if name in found:
            found[name] = float(value)
    return found


SHAPES: dict[str, Callable[[Any], None]] = {
    "as handed out": lambda _: None,
    "split": lambda n: twice(n, "double", *halves(DOUBLE)),
    "copied, then emptied": lambda n: twice(n, "double", DOUBLE, ""),
    "copied, then tried": lambda n: twice(n, "double", DOUBLE, "double(5)"),
    "copied, a stub below": lambda n: twice(n, "double", DOUBLE, STUBS.code),
    "a helper in a locked cell": lambda n: n["cells"][0].update(source="from checks import run_tests\nfactor = 2"),
    "the question's cell typed over": lambda n: n["cells"][7].update(source="# Pourquoi ?\nMa réponse, ici."),
    "retyped": lambda n: n["cells"][8].update(cell_type="raw"),
    "locked cells deleted": lambda n: n.update(cells=[one for one in n["cells"] if one["cell_type"] == "code"]),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_earns_what_an_ordinary_kernel_gives(shape: str, zygote: Zygote) -> None:
    """A right answer is a right answer, however its cell was cut, copied or retyped."""
    notebook = handed_in()
    SHAPES[shape](notebook)
    assert marks(zygote, notebook) == ordinary_marks(notebook) == {"double-check": 4.0, "triple-check": 3.0}


def test_a_copy_below_the_check_runs_below_it(zygote: Zygote) -> None:
    """A broken copy that stands after the check takes nothing from it, and what needs it later gets it."""
    notebook = handed_in()
    broken = copy.deepcopy(notebook["cells"][2])
    broken["source"] = "def double(n):\n    return None"
    notebook["cells"].insert(4, broken)
    assert marks(zygote, notebook) == ordinary_marks(notebook) == {"double-check": 4.0, "triple-check": 0.0}


def test_without_metadata_cells_are_known_by_text_and_place(zygote: Zygote) -> None:
    """Where every nbgrader mark is gone, marks stay, one sentence says so, and the text is the question's answer."""
    notebook = handed_in()
    notebook["cells"].insert(2, own("trois = 3"))
    for number, one in enumerate(notebook["cells"]):
        one["metadata"], one["id"] = {}, f"n{number}"
    built = rebuild(MASTER, notebook, STUBS)
    assert marks(zygote, notebook) == {"double-check": 4.0, "triple-check": 3.0}
    assert built.notebook["cells"][-1]["source"] == "Ma réponse."
    assert {finding.what for finding in built.findings} == {"recognised"}
    assert len(remarks_on(built.findings)) == 1


def test_without_metadata_a_cell_is_known_by_its_id_too() -> None:
    """An editor that drops metadata and keeps ids, and a locked cell that was changed, lose no name."""
    notebook = handed_in()
    notebook["cells"][1]["source"] = "# Le double, revu"
    for one in notebook["cells"]:
        one["metadata"] = {}
    built = rebuild(MASTER, notebook, STUBS)
    assert not any(finding.what == "missing" for finding in built.findings)


def test_cells_under_other_names_are_known_by_what_is_in_them(zygote: Zygote) -> None:
    """Names that the master does not have, of another release for example, hide no answer."""
    notebook = handed_in()
    for one in notebook["cells"]:
        one["metadata"]["nbgrader"] = {"grade_id": f"v1-{name_of(one)}"}
        one["id"] = f"v1-{one['id']}"
    assert marks(zygote, notebook) == {"double-check": 4.0, "triple-check": 3.0}
    assert rebuild(MASTER, notebook, STUBS).notebook["cells"][-1]["source"] == "Ma réponse."


@pytest.mark.parametrize("where", [8, 9])
def test_a_text_beside_an_untouched_answer_is_for_a_person(where: int) -> None:
    """The answer of a question that stands in a cell above or below the empty one is named, and no longer blank."""
    notebook = handed_in(pourquoi=STUBS.text)
    notebook["cells"].insert(where, own("Ma démonstration, en trois pages.", "markdown"))
    built = rebuild(MASTER, notebook, STUBS)
    assert Finding("beside", "pourquoi") in built.findings
    answer = built.notebook["cells"][at(built.notebook, "pourquoi")]["source"]
    assert answer.startswith(STUBS.text)
    assert "cellule ajoutée" in answer
    assert any("trois pages" in one["source"] for one in built.notebook["cells"])


@pytest.mark.parametrize("where", [0, 1, 2, 4, 7])
def test_a_text_far_from_an_untouched_answer_is_for_a_person_too(where: int) -> None:
    """All answers in one cell at the top, or before another exercise: no question is blank for sure."""
    notebook = handed_in(pourquoi=STUBS.text)
    notebook["cells"].insert(where, own("Pourquoi : parce que le triple est une somme.", "markdown"))
    if where == 2:
        notebook["cells"][where + 1]["source"] = STUBS.code  # beside code that was not written
    assert Finding("beside", "pourquoi") in rebuild(MASTER, notebook, STUBS).findings


def test_a_note_beside_an_answer_is_its_own() -> None:
    """What a student says of the code just above leaves a question that was left blank blank."""
    notebook = handed_in(pourquoi=STUBS.text)
    notebook["cells"].insert(3, own("Ici, je multiplie par deux.", "markdown"))
    assert rebuild(MASTER, notebook, STUBS).findings == ()


@pytest.mark.parametrize("source", ["print('Parce que le double est linéaire.')", "display(Markdown('**Parce que**'))"])
def test_a_sentence_that_is_printed_is_a_text(source: str) -> None:
    """An answer may come as the output of a cell beside the empty one."""
    notebook = handed_in(pourquoi=STUBS.text)
    notebook["cells"].append(own(source))
    assert Finding("beside", "pourquoi") in rebuild(MASTER, notebook, STUBS).findings


def test_pictures_stay_where_an_answer_became_code() -> None:
    """A slip of the keyboard makes code of a text, and takes none of its pictures."""
    notebook = handed_in(pourquoi="![preuve](attachment:p.png)")
    notebook["cells"][8] |= {"cell_type": "code", "attachments": {"p.png": {"image/png": PICTURE}}}
    answer = rebuild(MASTER, parse_submission(json.dumps(notebook).encode(), "a.ipynb"), STUBS).notebook["cells"][8]
    assert answer["attachments"] == {"image-1.png": {"image/png": PICTURE}}
    assert answer["cell_type"] == "markdown"


@pytest.mark.parametrize("source", ["%pip install x", "double(3)", "print(double(3))", ""])
def test_code_beside_an_untouched_answer_is_no_text(source: str) -> None:
    """Scratch code next to a question that was left blank keeps it blank: nobody is sent to read it."""
    notebook = handed_in(pourquoi=STUBS.text)
    notebook["cells"].append(own(source))
    built = rebuild(MASTER, notebook, STUBS)
    assert built.findings == ()
    assert built.notebook["cells"][at(built.notebook, "pourquoi")]["source"] == STUBS.text


def test_both_halves_of_a_text_are_kept() -> None:
    """Of a written answer that was split, a person reads both parts, in order."""
    notebook = handed_in()
    twice(notebook, "pourquoi", "Premier point.", "Second point.")
    sources = [one["source"] for one in rebuild(MASTER, notebook, STUBS).notebook["cells"]]
    assert sources[-2:] == ["Premier point.", "Second point."]


def test_what_was_written_in_a_locked_cell_is_shown_or_named() -> None:
    """Lines added to a question come below it; a changed test is named where it can't stand alone."""
    notebook = handed_in()
    notebook["cells"][7]["source"] = "# Pourquoi ?\n\nVoici ma réponse."
    check = notebook["cells"][3]
    check["source"] = check["source"].replace("    assert double(4) == 8", "    print('un essai')\n    pass")
    built = rebuild(MASTER, notebook, STUBS)
    assert built.notebook["cells"][8]["source"] == "Voici ma réponse."
    assert set(built.findings) == {Finding("added", "titre-3"), Finding("overwritten", "double-check")}


def test_an_instructors_correction_is_no_students_text() -> None:
    """A class that has an earlier version of a locked text is not named for it."""
    notebook = handed_in()
    notebook["cells"][7]["source"] = "# Pourquoi donc ?"
    assert rebuild(MASTER, notebook, STUBS).findings == ()


def test_the_master_itself_has_nothing_added() -> None:
    """Hidden tests, which students never see, are no text of theirs where an instructor grades the master."""
    built = rebuild(MASTER, MASTER, STUBS)
    assert built.findings == ()
    assert len(built.notebook["cells"]) == len(MASTER["cells"])


def test_many_missing_cells_are_one_sentence() -> None:
    """A notebook that lacks nearly all is said to in one line, with the first names and their number."""
    notebook = handed_in()
    notebook["cells"] = notebook["cells"][2:3]
    (remark,) = remarks_on(rebuild(MASTER, notebook, STUBS).findings)
    assert "(+2)" in remark.said()


# One step of what students do, on cells with the name that the oracle knows them by.
Cells = list[tuple[Any, str]]
OWN = ("_seen = 1", "def helper():\n    return double(1)", "double(2)", "# une note")


def split(cells: Cells, place: int) -> None:
    one, name = cells[place]
    if one["cell_type"] == "code" and "\ndef " in one["source"]:
        first, second = (copy.deepcopy(one) for _ in range(2))
        first["source"], second["source"] = halves(one["source"])
        second["id"] = f"autre-{len(cells)}"
        cells[place : place + 1] = [(first, name), (second, name)]


def copied(cells: Cells, place: int) -> None:
    one, name = cells[place]
    if name in ("double", "triple", "pourquoi"):
        cells.insert(place, (copy.deepcopy(one) | {"id": f"autre-{len(cells)}"}, name))


def merge(cells: Cells, place: int) -> None:
    (one, name), (other, next_name) = cells[place], cells[(place + 1) % len(cells)]
    checks = ("double-check", "triple-check")
    if place + 1 < len(cells) and one["cell_type"] == other["cell_type"] and name not in (*checks, "preparation"):
        if next_name in checks:
            return
        merged = copy.deepcopy(one)
        merged["source"] = f"{one['source']}\n{other['source']}"
        cells[place : place + 2] = [(merged, name)]


def strip(cells: Cells, place: int) -> None:
    one, name = cells[place]
    stripped = copy.deepcopy(one)
    stripped["metadata"] = {}
    cells[place] = (stripped, name)


def add(cells: Cells, place: int) -> None:
    cells.insert(place, (own(OWN[place % len(OWN)]), ""))


def move_own(cells: Cells, place: int) -> None:
    if not cells[place][1]:
        cells.insert((place * 7) % len(cells), cells.pop(place))


STEPS = st.lists(
    st.tuples(st.sampled_from((split, copied, merge, strip, add, move_own)), st.integers(0, 20)), min_size=1, max_size=4
)


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_splitting_copying_merging_and_stripping_cost_nothing(
    zygote: Zygote, steps: list[tuple[Callable[[Cells, int], None], int]]
) -> None:
    """However cells are split, copied, merged, moved or stripped, marks are those of an ordinary kernel."""
    cells: Cells = [(one, name_of(one)) for one in handed_in()["cells"]]
    for step, place in steps:
        step(cells, place % len(cells))
    notebook = handed_in() | {"cells": [copy.deepcopy(one) for one, _ in cells]}
    assert marks(zygote, notebook) == ordinary_marks(notebook, [name for _, name in cells])


@pytest.mark.slow
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.permutations(range(9)))
def test_moving_cells_costs_nothing(zygote: Zygote, order: list[int]) -> None:
    """In whatever order the master's cells were handed in, marks are no lower than in an ordinary kernel."""
    notebook = handed_in()
    notebook["cells"] = [notebook["cells"][place] for place in order]
    here, there = marks(zygote, notebook), ordinary_marks(notebook)
    assert all(here[name] >= there[name] for name in there)
    assert here == {"double-check": 4.0, "triple-check": 3.0}
