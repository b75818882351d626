"""What nbgrader's own steps give with ours in them: folded code, and marks of work that is not as it was handed out."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from closed_doors.authoring.publish.gate import Gate
from closed_doors.core.profile import read_profile
from closed_doors.core.wording import say
from closed_doors.nbgrader.api import NbgraderCourse
from closed_doors.nbgrader.preprocessors import FoldCode
from closed_doors.notebook.where_feedback_is import where_feedback_is
from support.courses import ASSIGNMENT, HALF, RIGHT, SmallCourse, cell, make_course, master
from support.works import PICTURE

ONLY_OURS = "closed_doors.nbgrader.preprocessors."
OWN_MARKERS = """
c.ClearHiddenTests.begin_test_delimeter = "### CACHE ["
c.ClearHiddenTests.end_test_delimeter = "### ] CACHE"
c.ClearSolutions.begin_solution_delimeter = "DEBUT REPONSE"
c.ClearSolutions.end_solution_delimeter = "FIN REPONSE"
"""


def graded(course: SmallCourse, student: str) -> Any:
    assert NbgraderCourse(course.root).autograde(ASSIGNMENT, student) is None
    return nbformat.read(course.root / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4)


def changed(path: Path, **cells: Any) -> None:
    """Change cells of a submission, by their ids."""
    notebook = json.loads(path.read_bytes())
    for one in notebook["cells"]:
        one |= cells.get(one["id"], {})
    path.write_text(json.dumps(notebook))


def test_code_that_students_need_not_read_is_folded() -> None:
    """Tests and long demonstrations; never answers, a lesson's own code, a short demonstration or a text."""
    notebook = master()
    for name, lines in (("longue", 4), ("courte", 3)):
        demo = cell("code", name, "\n".join("x = 1" for _ in range(lines)))
        demo.metadata["tags"] = ["demo"]
        notebook.cells.append(demo)
    found, _ = FoldCode().preprocess(notebook, {})
    assert {one.id for one in found.cells if one.metadata.get("jupyter", {}).get("source_hidden")} == {
        "verification",
        "longue",
    }


@pytest.mark.slow
def test_split_pictured_and_large_work_is_graded(course: SmallCourse) -> None:
    """A split answer, 25 MB of saved outputs and a pasted picture come through nbgrader's own command too."""
    path = course.submit("alice", "def helper(n):\n    return n")
    notebook = json.loads(path.read_bytes())
    second = notebook["cells"][1] | {"id": "moitie", "source": "def double(n):\n    return 2 * helper(n)"}
    second["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": {"image/png": "A" * 25_000_000}}]
    notebook["cells"].insert(2, second)
    path.write_text(json.dumps(notebook))
    pasted = {"source": "![x](attachment:a.png)", "attachments": {"a.png": {"image/png": PICTURE}}}
    changed(path, question=pasted)
    found = graded(course, "alice")
    assert course.grades()["alice", "verification"][0] == 4.0
    (answer,) = [one for one in found.cells if one.id == "question"]
    assert answer.attachments["image-1.png"]["image/png"] == PICTURE
    assert "plusieurs fois" in found.cells[0].source


@pytest.mark.slow
def test_a_text_beside_an_untouched_answer_waits_for_a_person(course: SmallCourse) -> None:
    """nbgrader's own rule, 0 for an answer that was left alone, does not settle a text that stands below it."""
    path = course.submit("bruno", RIGHT, text="YOUR ANSWER HERE")
    notebook = json.loads(path.read_bytes())
    notebook["cells"].append(nbformat.v4.new_markdown_cell("Ma réponse, en dessous."))
    path.write_text(json.dumps(notebook))
    found = graded(course, "bruno")
    assert course.grades()["bruno", "question"][::2] == (None, 1)
    assert any(say("notebook.beside_text") in one.source for one in found.cells)


@pytest.mark.slow
def test_own_markers_hide_what_they_hide(tmp_path: Path) -> None:
    """A course with markers of its own is graded alike, and a hidden criterion shows no value."""
    course = make_course(tmp_path / "course", OWN_MARKERS)
    tests = master().cells[2].source.replace("### BEGIN HIDDEN TESTS", "### CACHE [")
    notebook = master(tests.replace("### END HIDDEN TESTS", "### ] CACHE"))
    for one in notebook.cells:
        one.source = one.source.replace("BEGIN SOLUTION", "DEBUT REPONSE").replace("END SOLUTION", "FIN REPONSE")
    course.set_master(notebook)
    NbgraderCourse(course.root).register(ASSIGNMENT)
    course.submit("chloe", HALF)
    graded(course, "chloe")
    assert course.grades()["chloe", "verification"][0] == 2.0
    (record,) = [json.loads(data) for data in course.verdicts().values()]
    assert [criterion["hidden"] for criterion in record["cells"][0]["criteria"]] == [False, True]
    record["cells"][0].pop("traces")  # where the test failed, which the staff alone reads
    assert "-6" not in str(record)


@pytest.mark.slow
def test_a_release_says_last_where_its_feedback_is(course: SmallCourse) -> None:
    """In a cell that students can't edit, the leak scan lets out and the gradebook does not know; never of itself."""
    path, before = course.root / "release" / ASSIGNMENT, course.rows("SELECT name FROM base_cell")
    (course.root / "course.toml").write_text('feedback_by = ["exchange"]\n[serve]\nfeedback = "visible until due"\n')
    NbgraderCourse(course.root).generate_assignment(ASSIGNMENT)
    assert Gate(course.layout, lambda _: None).examine(ASSIGNMENT, path, "release") == []
    *others, last = nbformat.read(path / f"{ASSIGNMENT}.ipynb", as_version=4).cells
    assert [one.id for one in others] == [one.id for one in master().cells]
    assert last.source == where_feedback_is(read_profile(course.root), has_exchange=True)
    assert last.metadata == {"deletable": False, "editable": False}
    assert course.rows("SELECT name FROM base_cell") == before
    (course.root / "course.toml").write_text("")
    NbgraderCourse(course.root).generate_assignment(ASSIGNMENT)
    assert nbformat.read(path / f"{ASSIGNMENT}.ipynb", as_version=4).cells == others


def test_without_our_steps_nbgrader_releases_what_it_did(course: SmallCourse) -> None:
    """A master is stock nbgrader's as it was: the last words are one of our steps, and no text of the master's."""
    config = course.root / "nbgrader_config.py"
    lines = "c.GenerateAssignment.preprocessors = [one for one in {0} if not one.startswith({1!r})]\n"
    (course.root / "course.toml").write_text('feedback_by = ["exchange"]\n')
    config.write_text(config.read_text() + lines.format("c.GenerateAssignment.preprocessors", ONLY_OURS))
    NbgraderCourse(course.root).generate_assignment(ASSIGNMENT)
    released = nbformat.read(course.root / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4)
    assert [one.id for one in released.cells] == [one.id for one in master().cells]
