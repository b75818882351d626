"""Shapes in which honest work really comes: of other editors, split, copied, moved, merged, retyped.

Each notebook holds right answers to the two exercises of `support.honest_work`, and "Ma réponse." to its question; all
were written for this museum. `course autograde` must give each what an ordinary kernel gives right answers.
"""

import json
from pathlib import Path

import pytest

from closed_doors.core.wording import say
from closed_doors.grading.processes.supervisor import grade
from closed_doors.grading.processes.zygote_handle import Zygote
from closed_doors.grading.verdict.autograded_notebook import disarm
from closed_doors.notebook.ingest import parse_submission
from closed_doors.notebook.plan import plan
from closed_doors.notebook.rebuild import rebuild
from support.honest_work import MASTER, STUBS
from support.works import PICTURE

EXHIBITS = sorted((Path(__file__).parent / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", EXHIBITS, ids=lambda path: path.stem)
def test_an_honest_shape_earns_every_point(path: Path, zygote: Zygote) -> None:
    """Both exercises earn all their points, and the question's text is there for a person, in its cell or beside it."""
    built = rebuild(MASTER, parse_submission(path.read_bytes(), path.name), STUBS)
    cells = built.notebook["cells"]
    verdicts = grade(zygote, plan(MASTER, built.notebook), solved=plan(MASTER, MASTER)).verdicts
    assert {cells[index]["id"]: verdict.earned for index, verdict in verdicts.items()} == {
        "double-check": 4.0,
        "triple-check": 3.0,
    }
    disarm(built.notebook)
    question = next(place for place, one in enumerate(cells) if one["id"] == "pourquoi")
    assert any("Ma réponse." in one["source"] for one in cells[question : question + 2])
    assert cells[question]["source"] not in ("", STUBS.text, say("notebook.missing_text"))  # a person has to look


def test_a_pasted_picture_comes_with_its_answer() -> None:
    """A picture hangs on the answer that a person marks."""
    (path,) = (path for path in EXHIBITS if path.stem == "notebook_6_split")
    notebook = rebuild(MASTER, parse_submission(path.read_bytes(), path.name), STUBS).notebook
    disarm(notebook)
    assert notebook["cells"][-1]["attachments"] == {"image-1.png": {"image/png": PICTURE}}
    assert "(attachment:image-1.png)" in notebook["cells"][-1]["source"]


def test_every_exhibit_is_a_notebook_of_its_own() -> None:
    """No two are the same."""
    assert len({json.dumps(json.loads(path.read_bytes())) for path in EXHIBITS}) == len(EXHIBITS) > 15
